//! Keys by which programs call: what each is for, and which texts prove it.

use std::collections::BTreeSet;

use jiff::{Timestamp, fmt::serde::timestamp::second};
use serde::{Deserialize, Serialize};

use crate::{AccountId, Actor, ApiKeyId, Digest, OrgId, Permission, Role, WorkspaceId, actor::Credential};

/// What every key begins with.
pub const MARK: &str = "mrk_";
/// How much of a key is shown to people, the mark included.
pub const SHOWN: usize = 12;

macro_rules! scopes {
    ($($name:ident $word:literal: $what:literal, [$($permission:ident),*];)*) => {
        /// What a key is for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Scope {
            $(#[doc = $what] #[serde(rename = $word)] $name,)*
        }

        impl Scope {
            /// The table, in its order.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The word used in requests and answers.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// What it lets a program do.
            pub fn what(self) -> &'static str {
                match self { $(Self::$name => $what,)* }
            }

            /// The permissions that it gives.
            pub fn permissions(self) -> &'static [Permission] {
                match self { $(Self::$name => &[$(Permission::$permission),*],)* }
            }
        }
    };
}

scopes! {
    AccountsRead "accounts:read": "Read accounts, their health, and what happened to them",
        [WorkspaceRead, AccountsRead, EventsRead];
    AccountsWrite "accounts:write": "Change, copy, disconnect and remove accounts",
        [AccountsMain, AccountsRefresh, AccountsSync, AccountsSignal, ScheduleEdit, AccountsDisconnect, AccountsRemove,
         AccountsConfigure, AccessEdit, AccountsCopy, UsageReport, DevicesEdit, HealthAnnotate];
    ConnectWrite "connect:write": "Connect and reconnect accounts", [AccountsConnect];
    CredentialsLease "credentials:lease": "Get accounts' access tokens for a while", [CredentialsLease];
    Links "links:*": "Make and end links by which clients connect", [LinksRead, LinksManage];
    MetricsRead "metrics:read": "Read figures, audiences and reports", [MetricsRead];
    Webhooks "webhooks:*": "Decide where events are sent", [];
    AuditRead "audit:read": "Read who did what, and who may do what", [AuditRead];
    WorkspaceWrite "workspace:write": "Set the workspace's policies and plan, and export it",
        [WorkspaceConfigure, WorkspacePlan, WorkspaceExport];
    AiRead "ai:read": "Read as an AI: nothing but the workspace and those accounts that an AI may see, whatever else \
                       the key is for",
        [WorkspaceRead, AccountsRead];
    Ops "ops:*": "Operate the product; no member of a workspace can give it", [OpsRead];
}

/// What the scopes of a key give together; beside `ai:read` no other gives anything more.
pub fn permissions(scopes: &BTreeSet<Scope>) -> BTreeSet<&'static str> {
    let is_ai = scopes.contains(&Scope::AiRead);
    let giving = scopes.iter().filter(|scope| !is_ai || **scope == Scope::AiRead);
    giving.flat_map(|scope| scope.permissions()).map(|permission| permission.as_str()).collect()
}

/// A key as its workspace keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// Its id, which is who calls by it.
    pub id: ApiKeyId,
    /// The workspace that keeps it.
    pub workspace: WorkspaceId,
    /// Its organisation.
    pub org: OrgId,
    /// What people call it.
    pub name: String,
    /// What it is for.
    pub scopes: BTreeSet<Scope>,
    /// Where it is good; its own workspace is among them.
    pub workspaces: BTreeSet<WorkspaceId>,
    /// The only accounts that it reaches, where its maker reaches no others.
    pub accounts: Option<Vec<AccountId>>,
    /// Who made it: their id at the SaaS.
    pub created_by: String,
    /// Their name, where the SaaS tells it.
    pub created_by_name: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// When somebody ended it.
    pub revoked_at: Option<Timestamp>,
    /// The texts that prove it: the newest first, and behind it one that it takes the place of.
    pub proofs: Vec<Proof>,
    /// When it was last used, to the minute.
    #[serde(default, with = "second::optional", skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<Timestamp>,
    /// Counts every change; the `ETag`.
    pub version: u64,
}

/// A text that proves a key, without the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// Its beginning, by which people know it.
    pub prefix: String,
    /// Its digest.
    pub digest: Digest,
    /// When it ends, before the key does.
    pub ends_at: Option<Timestamp>,
}

impl Proof {
    /// Of this text.
    pub fn of(text: &str) -> Self {
        Self { prefix: text.chars().take(SHOWN).collect(), digest: Digest::of(text), ends_at: None }
    }
}

impl ApiKey {
    /// Whether it can still be used and changed.
    pub fn lives(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|ends| now < ends)
    }

    /// The texts that prove it now or later.
    pub fn living(&self, now: Timestamp) -> impl Iterator<Item = &Proof> {
        let lives = self.lives(now);
        self.proofs.iter().filter(move |proof| lives && proof.ends_at.is_none_or(|ends| now < ends))
    }

    /// A new text takes the place of the newest one, which goes on for a while. One that was on its way out already is
    /// gone at once, so that two are good at most.
    pub fn rotate(&mut self, text: &str, until: Timestamp, now: Timestamp) {
        self.proofs.truncate(1);
        for old in &mut self.proofs {
            old.ends_at = Some(until);
        }
        self.proofs.retain(|old| old.ends_at.is_some_and(|ends| now < ends));
        self.proofs.insert(0, Proof::of(text));
        self.version += 1;
    }

    /// It ends now.
    pub fn revoke(&mut self, now: Timestamp) {
        self.revoked_at = Some(now);
        self.version += 1;
    }

    /// What is kept by a text's digest.
    pub fn badge(&self, proof: &Proof) -> Badge {
        Badge {
            key: self.id,
            workspace: self.workspace.clone(),
            org: self.org.clone(),
            name: self.name.clone(),
            scopes: self.scopes.clone(),
            workspaces: self.workspaces.clone(),
            accounts: self.accounts.clone(),
            ends_at: [self.expires_at, proof.ends_at].into_iter().flatten().min(),
            used_at: self.last_used_at,
        }
    }
}

/// All that is needed of a key to let a program in, found by the digest of the text that it sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Badge {
    /// Which key.
    pub key: ApiKeyId,
    /// The workspace that keeps it.
    pub workspace: WorkspaceId,
    /// Its organisation.
    pub org: OrgId,
    /// What people call the key.
    pub name: String,
    /// What it is for.
    pub scopes: BTreeSet<Scope>,
    /// Where it is good.
    pub workspaces: BTreeSet<WorkspaceId>,
    /// The only accounts that it reaches.
    pub accounts: Option<Vec<AccountId>>,
    /// When it is no longer good.
    #[serde(default, with = "second::optional", skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    #[serde(default, with = "second::optional", skip_serializing_if = "Option::is_none")]
    pub used_at: Option<Timestamp>,
}

impl Badge {
    /// Who calls, in the workspace that the request names; the only one needs no name.
    pub fn actor(&self, named: Option<&str>, now: Timestamp) -> Option<Actor> {
        if self.ends_at.is_some_and(|ends| ends <= now) {
            return None;
        }
        let mut good = self.workspaces.iter();
        let workspace = match (named, good.next(), good.next()) {
            (Some(named), ..) => self.workspaces.iter().find(|workspace| workspace.as_str() == named)?,
            (None, Some(only), None) => only,
            (None, ..) => return None,
        };
        // A workspace without an organisation is its own, and so are the others.
        let alone = self.org == OrgId::from(&self.workspace);
        let others = self.workspaces.iter().filter(|other| *other != workspace);
        Some(Actor {
            sub: self.key.to_string(),
            credential: Credential::ApiKey { is_ai: self.scopes.contains(&Scope::AiRead) },
            name: Some(self.name.clone()),
            workspace: workspace.clone(),
            org: if alone { OrgId::from(workspace) } else { self.org.clone() },
            role: Role::Owner,
            plan: None,
            perms: Some(permissions(&self.scopes).into_iter().map(str::to_owned).collect()),
            accounts: self.accounts.clone(),
            workspaces: others.map(|other| (other.clone(), Role::Owner)).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    fn key(scopes: &[Scope], workspaces: &[&str]) -> ApiKey {
        let workspace: WorkspaceId = workspaces[0].parse().expect("legal");
        ApiKey {
            id: ApiKeyId::new(at(0), [1; 16]),
            org: OrgId::from(&workspace),
            workspace,
            name: "a program".to_owned(),
            scopes: scopes.iter().copied().collect(),
            workspaces: workspaces.iter().map(|w| w.parse().expect("legal")).collect(),
            accounts: None,
            created_by: "user-1".to_owned(),
            created_by_name: None,
            created_at: at(0),
            expires_at: None,
            revoked_at: None,
            proofs: vec![Proof::of("mrk_first-text")],
            last_used_at: None,
            version: 1,
        }
    }

    fn actor(key: &ApiKey, named: Option<&str>) -> Option<Actor> {
        key.badge(&key.proofs[0]).actor(named, at(10))
    }

    /// CHK-P2: no scope lets a program make keys, erase the workspace, or disconnect all of it.
    #[test]
    fn each_permission_but_three_is_given_by_a_scope() {
        let given = permissions(&Scope::ALL.iter().copied().filter(|s| *s != Scope::AiRead).collect());
        let never: Vec<&str> =
            Permission::ALL.iter().map(|p| p.as_str()).filter(|word| !given.contains(word)).collect();
        assert_eq!(never, ["workspace.lockdown", "workspace.erase", "api_keys.manage"]);
    }

    #[test]
    fn an_ai_reads_and_does_nothing_else_whatever_its_key_is_for() {
        let caller = actor(&key(Scope::ALL, &["ws_1"]), None).expect("let in");
        let may: Vec<&str> = Permission::ALL.iter().filter(|p| caller.may(**p)).map(|p| p.as_str()).collect();
        assert_eq!(may, ["workspace.read", "accounts.read"]);
        assert_eq!(caller.credential, Credential::ApiKey { is_ai: true });
    }

    #[test]
    fn a_key_for_several_workspaces_must_be_told_which() {
        let one = key(&[Scope::AccountsRead], &["ws_1"]);
        assert!(actor(&one, None).is_some() && actor(&one, Some("ws_1")).is_some());
        assert!(actor(&one, Some("ws_2")).is_none() && actor(&one, Some("")).is_none());
        let two = key(&[Scope::AccountsRead], &["ws_1", "ws_2"]);
        assert!(actor(&two, None).is_none() && actor(&two, Some("ws_3")).is_none());
        let caller = actor(&two, Some("ws_2")).expect("let in");
        assert_eq!((caller.workspace.as_str(), caller.org.as_str()), ("ws_2", "ws_2"));
        assert!(caller.belongs_to(&"ws_1".parse().expect("legal")));
    }

    #[test]
    fn two_texts_are_good_at_most_and_the_older_one_for_a_while() {
        let mut key = key(&[Scope::AccountsRead], &["ws_1"]);
        key.rotate("mrk_second-text", at(60), at(10));
        let ends: Vec<_> = key.living(at(10)).map(|p| (p.prefix.as_str(), p.ends_at)).collect();
        assert_eq!(ends, [("mrk_second-t", None), ("mrk_first-te", Some(at(60)))]);
        assert_eq!(key.living(at(60)).count(), 1);
        key.rotate("mrk_third-text", at(70), at(20));
        let prefixes: Vec<_> = key.living(at(20)).map(|p| p.prefix.as_str()).collect();
        assert_eq!(prefixes, ["mrk_third-te", "mrk_second-t"]);
        key.rotate("mrk_fourth-text", at(20), at(20));
        assert_eq!(key.proofs.len(), 1, "no overlap");
        key.revoke(at(30));
        assert_eq!(key.living(at(30)).count(), 0);
    }

    #[test]
    fn a_badge_ends_with_its_text_and_with_its_key() {
        let mut key = key(&[Scope::AccountsRead], &["ws_1"]);
        key.expires_at = Some(at(50));
        key.proofs[0].ends_at = Some(at(40));
        let badge = key.badge(&key.proofs[0]);
        assert_eq!(badge.ends_at, Some(at(40)));
        assert!(badge.actor(None, at(39)).is_some() && badge.actor(None, at(40)).is_none());
        assert!(key.lives(at(49)) && !key.lives(at(50)));
    }
}
