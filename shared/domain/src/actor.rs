//! Who calls, and what they may do. One policy table decides.

use std::{collections::BTreeMap, marker::PhantomData};

use serde::{Deserialize, Serialize};

use crate::{AccountId, Code, OrgId, Refusal, WorkspaceId};

/// What a member is in a workspace; each role may do what the one before it may, and more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads.
    Viewer,
    /// Reads metrics and exports too.
    Analyst,
    /// Publishes.
    Editor,
    /// Connects and disconnects.
    Manager,
    /// Removes and configures.
    Admin,
    /// Everything.
    Owner,
}

impl Role {
    /// All roles, least first.
    pub const ALL: [Self; 6] = [Self::Viewer, Self::Analyst, Self::Editor, Self::Manager, Self::Admin, Self::Owner];

    /// The word used in tokens and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Analyst => "analyst",
            Self::Editor => "editor",
            Self::Manager => "manager",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }
}

macro_rules! permissions {
    (@least nobody) => { None };
    (@least $role:ident) => { Some(Role::$role) };
    ($($name:ident $slug:literal from $least:ident: $what:literal;)*) => {
        /// One thing that a caller may or may not do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Permission {
            $(#[doc = $what] $name,)*
        }

        impl Permission {
            /// The policy table, in its order.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The word used in answers and in the claim `perms`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $slug,)* }
            }

            /// The least role that has it; none where no role does and only the operator's key gives it.
            pub fn least(self) -> Option<Role> {
                match self { $(Self::$name => permissions!(@least $least),)* }
            }

            /// What it lets one do.
            pub fn what(self) -> &'static str {
                match self { $(Self::$name => $what,)* }
            }
        }

        /// The permissions as types, so that a use case can ask for one in its signature.
        pub mod permit {
            use super::{Permission, Permit};
            $(
                #[doc = $what]
                #[derive(Debug, Clone, Copy)]
                pub struct $name;
                impl Permit for $name {
                    const PERMISSION: Permission = Permission::$name;
                }
            )*
        }
    };
}

permissions! {
    WorkspaceRead "workspace.read" from Viewer: "See the workspace's platforms and limits";
    WorkspaceConfigure "workspace.configure" from Admin: "Change the workspace's policies";
    AccountsRead "accounts.read" from Viewer: "See connected accounts";
    AccountsConnect "accounts.connect" from Manager: "Connect and reconnect accounts";
    AccountsMain "accounts.main" from Manager: "Choose the main account of a platform";
    AccountsRefresh "accounts.refresh" from Manager: "Renew an account's access before its time";
    AccountsSync "accounts.sync" from Manager: "Have an account's data fetched now";
    MetricsRead "metrics.read" from Analyst: "Read figures, audiences and reports";
    AccountsSignal "accounts.signal" from Editor: "Report what a platform answered to a publisher";
    ScheduleEdit "schedule.edit" from Editor: "Decide when an account's queue publishes";
    CredentialsLease "credentials.lease" from Editor: "Get an account's access token for a while";
    AccountsDisconnect "accounts.disconnect" from Manager: "Disconnect accounts";
    AccountsRemove "accounts.remove" from Admin: "Remove accounts and what is known of them";
    AccountsConfigure "accounts.configure" from Editor: "Name, tag and place accounts, and set what publishing needs";
    AccessEdit "access.edit" from Admin: "Decide which members see and use an account";
    AccountsCopy "accounts.copy" from Admin: "Copy accounts to another workspace";
    UsageReport "usage.report" from Editor: "Report what is planned with an account";
    DevicesEdit "devices.edit" from Editor: "Register and remove the devices of an account";
    HealthAnnotate "health.annotate" from Editor: "Acknowledge a trouble and write a note about it";
    WorkspaceLockdown "workspace.lockdown" from Admin: "Disconnect everything at once, and lift that again";
    WorkspaceExport "workspace.export" from Admin: "Export what is known of the workspace";
    WorkspacePlan "workspace.plan" from Owner: "Set the workspace's plan and its limits";
    WorkspaceErase "workspace.erase" from Owner: "Erase the workspace";
    ApiKeysManage "api_keys.manage" from Admin: "Make, rotate and revoke API keys";
    AuditRead "audit.read" from Admin: "Read who did what, and who may do what";
    LinksRead "links.read" from Viewer: "See the links by which clients connect, and how far they came";
    LinksManage "links.manage" from Manager: "Make, change and end links by which clients connect";
    EventsRead "events.read" from Viewer: "Read what happened in the workspace";
    OpsRead "ops.read" from nobody: "See what of the platforms' budgets is used, over all workspaces";
}

/// A permission as a type.
pub trait Permit {
    /// Which one.
    const PERMISSION: Permission;
}

/// What a caller proved to be who they are with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Credential {
    /// A token that the SaaS made for a person.
    #[default]
    Token,
    /// A key that a program holds.
    ApiKey {
        /// Whether that program is an AI.
        is_ai: bool,
    },
    /// A link's secret that a client holds. It is no role: only the link's own visit makes such a caller.
    Link,
}

/// A verified caller, in one workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The caller's id at the SaaS; of a program, its key's.
    pub sub: String,
    /// What it was proved with.
    pub credential: Credential,
    /// The caller's name, for people to read.
    pub name: Option<String>,
    /// The active workspace.
    pub workspace: WorkspaceId,
    /// Its organisation.
    pub org: OrgId,
    /// The role there.
    pub role: Role,
    /// The plan that the SaaS says the workspace has.
    pub plan: Option<String>,
    /// Narrows the role's permissions to these, by their words.
    pub perms: Option<Vec<String>>,
    /// Narrows the accounts in reach to these.
    pub accounts: Option<Vec<AccountId>>,
    /// Further workspaces that the caller belongs to, with the role there.
    pub workspaces: BTreeMap<WorkspaceId, Role>,
}

impl Actor {
    /// Whether the caller has a permission.
    pub fn may(&self, permission: Permission) -> bool {
        let named = |perms: &Vec<String>| perms.iter().any(|word| word == permission.as_str());
        match permission.least() {
            Some(least) => self.role >= least && self.perms.as_ref().is_none_or(named),
            None => matches!(self.credential, Credential::ApiKey { .. }) && self.perms.as_ref().is_some_and(named),
        }
    }

    /// The witness that a use case asks for, or the refusal `permission_denied`.
    pub fn allow<P: Permit>(self) -> Result<Allowed<P>, Refusal> {
        if self.may(P::PERMISSION) {
            return Ok(Allowed { actor: self, permit: PhantomData });
        }
        let (role, word) = (self.role.as_str(), P::PERMISSION.as_str());
        let detail = match P::PERMISSION.least() {
            Some(least) => format!("Your role {role} does not include {word}; it takes {} or higher.", least.as_str()),
            None => format!("No role includes {word}; it takes the operator's key."),
        };
        Err(Refusal::new(Code::PermissionDenied, detail))
    }

    /// Whether the caller may know what another workspace is called and holds.
    pub fn belongs_to(&self, workspace: &WorkspaceId) -> bool {
        self.workspace == *workspace || self.workspaces.contains_key(workspace)
    }

    /// Whether it is a program that is an AI.
    pub fn is_ai(&self) -> bool {
        matches!(self.credential, Credential::ApiKey { is_ai: true })
    }

    /// Whether it may be that some of the workspace's accounts are not there for the caller.
    pub fn is_kept_from_some(&self) -> bool {
        self.role < Role::Admin || self.is_ai() || self.accounts.is_some()
    }

    /// A person for whom a program acts, with the person's own role and no more than the program's permissions.
    #[must_use]
    pub fn on_behalf_of(&self, sub: String, role: Role) -> Self {
        Self { sub, role, name: None, ..self.clone() }
    }

    /// Whether an account is among those in reach.
    pub fn sees(&self, account: AccountId) -> bool {
        self.accounts.as_ref().is_none_or(|these| these.contains(&account))
    }
}

/// Proof that `actor` has the permission `P`; made only by [`Actor::allow`].
#[derive(Debug, Clone)]
pub struct Allowed<P> {
    actor: Actor,
    permit: PhantomData<P>,
}

impl<P> std::ops::Deref for Allowed<P> {
    type Target = Actor;

    fn deref(&self) -> &Actor {
        &self.actor
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actor(role: Role) -> Actor {
        let workspace: WorkspaceId = "ws_1".parse().expect("legal");
        let org = OrgId::from(&workspace);
        let workspaces = BTreeMap::new();
        Actor {
            sub: "u".into(),
            credential: Credential::Token,
            name: None,
            workspace,
            org,
            role,
            plan: None,
            perms: None,
            accounts: None,
            workspaces,
        }
    }

    #[test]
    fn each_role_may_do_what_the_one_before_may() {
        for pair in Role::ALL.windows(2) {
            for permission in Permission::ALL {
                assert!(!actor(pair[0]).may(*permission) || actor(pair[1]).may(*permission));
            }
        }
        assert!(!actor(Role::Viewer).may(Permission::AccountsConnect));
        assert!(actor(Role::Manager).may(Permission::AccountsConnect));
        assert!(!actor(Role::Manager).may(Permission::AccountsRemove));
    }

    #[test]
    fn only_a_key_that_names_it_has_what_no_role_has() {
        let mut owner = actor(Role::Owner);
        assert!(!owner.may(Permission::OpsRead));
        owner.perms = Some(vec!["ops.read".into()]);
        assert!(!owner.may(Permission::OpsRead), "a token's claim gives nothing");
        owner.credential = Credential::ApiKey { is_ai: false };
        assert!(owner.may(Permission::OpsRead));
        owner.perms = None;
        assert!(!owner.may(Permission::OpsRead));
    }

    #[test]
    fn the_claim_perms_only_narrows() {
        let mut viewer = actor(Role::Viewer);
        viewer.perms = Some(vec!["accounts.connect".into()]);
        assert!(!viewer.may(Permission::AccountsConnect));
        assert!(!viewer.may(Permission::AccountsRead));
    }
}
