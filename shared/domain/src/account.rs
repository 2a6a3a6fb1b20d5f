//! A connected account.

mod access;
mod settings;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

pub use self::{
    access::{AclEntry, Reach, Right, Visibility},
    settings::MOST_TAGS,
    settings::{Contact, Location, Preferences, Settings, TOLD, knows_places, tied_platform},
};
use crate::{
    Access, AccountId, Fetched, GrantFacts, GrantId, MethodId, Person, PlatformId, WorkspaceId,
    health::{Suspended, Suspender},
};

/// How many handles of the past are kept.
const FORMER_HANDLES: usize = 10;

/// Where an account is in its life. A removed one has no record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lifecycle {
    /// Connected.
    Active,
    /// Disconnected: id and history are kept, and reconnecting brings it back.
    Disconnected,
}

impl Lifecycle {
    /// The word used in answers and filters.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disconnected => "disconnected",
        }
    }
}

/// Who did something to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectedBy {
    /// `user`, or `api` for a program; later `easyconnect`, `copy`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The caller's id at the SaaS; a program's is its key's.
    pub id: String,
    /// Their name, where the SaaS tells it.
    pub name: Option<String>,
}

/// How an account came to be disconnected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Departure {
    /// Who did it.
    pub by: ConnectedBy,
    /// Why, in their words: often `unused`, `switching`, `cleanup`, `security`, `other`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whether it was the main account of its platform.
    #[serde(default)]
    pub was_main: bool,
}

/// What a platform says of an account; replaced by each consent and sync.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The platform's stable id; a rename does not change it.
    pub platform_account_id: String,
    /// `page`, `profile` …
    pub kind: String,
    /// What people call it.
    pub name: String,
    /// Handle without `@`.
    pub handle: Option<String>,
    /// https address of its picture.
    pub picture_url: Option<String>,
    /// https address of its public page.
    pub profile_url: Option<String>,
    /// The platform's own word for its type.
    pub account_type: Option<String>,
    /// The platform's own word for what is paid for it (X).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// Whether the platform has verified it.
    pub verified: Option<bool>,
    /// `admin`, `editor`, `moderator`, `analyst` where the platform has roles.
    pub role: Option<String>,
    /// The page that it is linked to (Instagram through Facebook).
    pub linked_page_id: Option<String>,
    /// What people call that page.
    #[serde(default)]
    pub linked_page_name: Option<String>,
}

/// What stands against an account at its platform, whatever its grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// What it is.
    pub what: Against,
    /// Since when, as far as is known.
    pub since: Timestamp,
}

/// What can stand against an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Against {
    /// The platform suspended or blocked it.
    Restricted,
    /// It is gone, or the person may no longer see it.
    Gone,
    /// The person lost the role that it takes.
    RoleLost,
    /// It is no longer among what the person shares with us.
    NotShared,
    /// A publisher was refused for want of a permission.
    Refused,
}

/// What an account's health is judged by, apart from time and the platform: what is kept of it, and of its past.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountFacts {
    /// Where it is in its life.
    pub lifecycle: Lifecycle,
    /// How it was connected.
    pub method: MethodId,
    /// What was asked for and what is missing.
    pub access: Access,
    /// What its grant was known to be.
    pub grant: GrantFacts,
    /// What stands against it.
    #[serde(default)]
    pub standing: Option<Standing>,
    /// What holds it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspended: Option<Suspended>,
    /// How fetching stood.
    #[serde(default, skip_serializing_if = "Fetched::is_empty")]
    pub fetched: Fetched,
    /// How often it was to be fetched, where somebody decided that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sync_interval_minutes: Option<u32>,
    /// When the account was first connected.
    pub connected_at: Timestamp,
    /// Since when all of this is so.
    pub since: Timestamp,
}

/// One social account in one workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its id; kept over every reconnect.
    pub id: AccountId,
    /// Where it is.
    pub workspace: WorkspaceId,
    /// The platform.
    pub platform: PlatformId,
    /// How it was connected.
    pub method: MethodId,
    /// What the platform says of it, without the address of its picture: lists do not read what ends after days.
    pub profile: Profile,
    /// Whether the platform shows a picture of it. Short in the row, as 25 of them are read at a time.
    #[serde(rename = "pic", default, skip_serializing_if = "std::ops::Not::not")]
    pub has_picture: bool,
    /// Where it is in its life.
    pub lifecycle: Lifecycle,
    /// The grant it hangs on; none once disconnected.
    pub grant: Option<GrantId>,
    /// The grant that ended with it; while that one has a record, the platform is still to be told.
    pub ended_grant: Option<GrantId>,
    /// The grant's person.
    pub authorized_by: Person,
    /// What was asked for and what is missing, copied from the grant when it changes.
    #[serde(default)]
    pub access: Access,
    /// What its grant was last known to be.
    #[serde(rename = "gf", default)]
    pub grant_facts: GrantFacts,
    /// What stands against the account itself.
    #[serde(default)]
    pub standing: Option<Standing>,
    /// What holds it back, though it could be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspended: Option<Suspended>,
    /// What its workspace decided about it and lists show. The rest is [`Preferences`], beside its row.
    #[serde(default, skip_serializing_if = "Settings::is_empty")]
    pub settings: Settings,
    /// How fetching its data stands.
    #[serde(rename = "sy", default, skip_serializing_if = "Fetched::is_empty")]
    pub fetched: Fetched,
    /// Handles that it had before, the last one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former_handles: Vec<String>,
    /// The Instagram account that a Threads account is tied to, and the other way round.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub linked: Option<AccountId>,
    /// Since when what is known of it, health's facts, is as it is.
    #[serde(rename = "fs", default)]
    pub facts_since: Timestamp,
    /// Who connected it.
    pub connected_by: ConnectedBy,
    /// When it was first connected.
    pub connected_at: Timestamp,
    /// When it was last connected again.
    pub reconnected_at: Option<Timestamp>,
    /// When it was disconnected.
    pub disconnected_at: Option<Timestamp>,
    /// Who disconnected it, and why; none once it is connected again. Apart, as most accounts have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub departure: Option<Box<Departure>>,
    /// What the SaaS calls it.
    pub external_id: Option<String>,
    /// Counts every change; the `ETag`.
    pub version: u64,
    /// Sequence of its last event.
    pub sequence: u64,
}

impl Account {
    /// Whether the record says something that can be: an account is active exactly while it hangs on a grant.
    pub fn is_consistent(&self) -> bool {
        (self.lifecycle == Lifecycle::Active) == self.grant.is_some()
    }

    /// Whether it is connected and nothing that is known keeps it from being used.
    pub fn is_usable(&self) -> bool {
        let held_back = self.suspended.is_some() || self.standing.is_some() || self.grant_facts.dead.is_some();
        self.lifecycle == Lifecycle::Active && !held_back
    }

    /// Notes since when it is known as it is: from `now` on if that differs from what was known `before`.
    pub fn known_since(&mut self, before: &Self, now: Timestamp) {
        self.facts_since = before.facts_since;
        if !self.is_known_like(before) {
            // Clocks differ; what is known never ends before it began.
            self.facts_since = now.max(before.facts_since);
        }
    }

    /// Keeps a handle that it has no more, so that it can still be found by it.
    pub fn remember_handle(&mut self, old: String) {
        self.former_handles.retain(|handle| *handle != old);
        self.former_handles.insert(0, old);
        self.former_handles.truncate(FORMER_HANDLES);
    }

    /// Whether its health is judged by the same as it was `before`.
    pub fn is_known_like(&self, before: &Self) -> bool {
        let usual = self.settings.sync_interval_minutes.map(|minutes| SignedDuration::from_mins(minutes.into()));
        let interval = usual.unwrap_or(crate::sync::INTERVAL);
        let facts = AccountFacts { fetched: before.facts().fetched, ..self.facts() };
        facts == before.facts() && self.fetched.is_like(&before.fetched, interval)
    }

    /// Whether the plan holds it back.
    pub fn is_over_plan(&self) -> bool {
        self.suspended.is_some_and(|suspended| suspended.by == Suspender::Plan)
    }

    /// What people call it: the workspace's name for it, else the platform's.
    pub fn display_name(&self) -> &str {
        self.settings.label.as_deref().unwrap_or(&self.profile.name)
    }

    /// What its health is judged by.
    pub fn facts(&self) -> AccountFacts {
        AccountFacts {
            lifecycle: self.lifecycle,
            method: self.method.clone(),
            access: self.access.clone(),
            grant: self.grant_facts.clone(),
            standing: self.standing,
            suspended: self.suspended,
            fetched: Fetched { followers: None, is_thin: false, ..self.fetched },
            sync_interval_minutes: self.settings.sync_interval_minutes,
            connected_at: self.connected_at,
            since: self.facts_since,
        }
    }
}
