//! A connected account.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Access, AccountId, GrantId, MethodId, Person, PlatformId, Renewal, WorkspaceId};

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

/// Who connected it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectedBy {
    /// `user`; later `easyconnect`, `api`, `copy`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The caller's id at the SaaS.
    pub id: String,
    /// Their name, where the SaaS tells it.
    pub name: Option<String>,
}

/// What a platform says of an account; replaced by each consent and sync.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// What the platform says of it.
    pub profile: Profile,
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
    /// Copied from the grant when it changes.
    pub renewal: Renewal,
    /// When a person must act, if that is known.
    pub reauth_due_at: Option<Timestamp>,
    /// Who connected it.
    pub connected_by: ConnectedBy,
    /// When it was first connected.
    pub connected_at: Timestamp,
    /// When it was last connected again.
    pub reconnected_at: Option<Timestamp>,
    /// When it was disconnected.
    pub disconnected_at: Option<Timestamp>,
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
}
