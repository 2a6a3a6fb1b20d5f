//! Which members may do what with one account. The role decides first; this only takes away.

use serde::{Deserialize, Serialize};

use super::Account;
use crate::{Actor, Capability, Permission, Role, actor::Credential};

/// To whom an account is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Everybody in the workspace sees it, and does with it what their role allows.
    #[default]
    Workspace,
    /// Everybody sees it; only administrators and those on its list do something with it.
    Restricted,
    /// Only administrators and those on its list see it.
    Private,
}

/// What somebody on an account's list may do with it, if their role allows it too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// Publish: its credentials, its queue, what a publisher reports.
    Publish,
    /// See its figures.
    Analytics,
    /// Change its settings.
    Settings,
    /// Connect, renew and disconnect it.
    Manage,
}

/// One member on an account's list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AclEntry {
    /// Their id at the SaaS.
    pub user: String,
    /// What they may do beside seeing it.
    pub rights: Vec<Right>,
}

/// Whether a caller may do something with an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// They may.
    Open,
    /// They see it, and may not do this.
    Denied,
    /// For them it is not there.
    Hidden,
}

impl Visibility {
    /// The word used in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Workspace => "workspace",
            Self::Restricted => "restricted",
            Self::Private => "private",
        }
    }
}

impl Right {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Publish, Self::Analytics, Self::Settings, Self::Manage];

    /// The word used in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Publish => "publish",
            Self::Analytics => "analytics",
            Self::Settings => "settings",
            Self::Manage => "manage",
        }
    }

    /// The right that a permission takes; none for what everybody may do who sees the account.
    pub fn for_permission(permission: Permission) -> Option<Self> {
        match permission {
            Permission::CredentialsLease
            | Permission::ScheduleEdit
            | Permission::AccountsSignal
            | Permission::UsageReport => Some(Self::Publish),
            Permission::AccountsConfigure | Permission::DevicesEdit | Permission::HealthAnnotate => {
                Some(Self::Settings)
            }
            Permission::AccountsConnect
            | Permission::LinksManage
            | Permission::AccountsRefresh
            | Permission::AccountsSync
            | Permission::AccountsMain
            | Permission::AccountsDisconnect
            | Permission::AccountsRemove
            | Permission::AccountsCopy => Some(Self::Manage),
            Permission::MetricsRead => Some(Self::Analytics),
            _ => None,
        }
    }

    /// The right that it takes to use an account for a purpose.
    pub fn for_purpose(purpose: Capability) -> Self {
        match purpose {
            Capability::Publish | Capability::Messages => Self::Publish,
            Capability::Analytics | Capability::Audience => Self::Analytics,
        }
    }
}

impl Actor {
    /// Whether no account's settings hide it from the caller: nothing needs to be looked up then.
    pub fn sees_private(&self) -> bool {
        self.role >= Role::Admin && self.credential != Credential::ApiKey { is_ai: true }
    }
}

impl Account {
    /// Whether a caller who has a permission may use it on this account.
    pub fn reach(&self, actor: &Actor, permission: Permission) -> Reach {
        self.reach_by(actor, Right::for_permission(permission))
    }

    /// The same, by the right that it takes here.
    pub fn reach_by(&self, actor: &Actor, right: Option<Right>) -> Reach {
        if !actor.sees(self.id) {
            return Reach::Hidden;
        }
        let settings = &self.settings;
        if settings.hidden_from_ai && actor.is_ai() {
            return Reach::Hidden;
        }
        if actor.role >= Role::Admin {
            return Reach::Open;
        }
        let is_withheld = right == Some(Right::Analytics) && settings.analytics_withheld;
        let listed = settings.acl.iter().find(|entry| entry.user == actor.sub);
        match (listed, settings.visibility, right) {
            (None, Visibility::Private, _) => Reach::Hidden,
            (_, _, None) => Reach::Open,
            (_, Visibility::Workspace, Some(_)) if !is_withheld => Reach::Open,
            (Some(entry), _, Some(right)) if entry.rights.contains(&right) => Reach::Open,
            (_, _, Some(_)) => Reach::Denied,
        }
    }

    /// Whether a caller sees it.
    pub fn is_seen_by(&self, actor: &Actor) -> bool {
        self.reach(actor, Permission::AccountsRead) != Reach::Hidden
    }
}
