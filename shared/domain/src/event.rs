//! What the rest of the product is told, in the past tense.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{AccountId, EventId, WorkspaceId};

/// One thing that happened. Holds ids and facts, never a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its id; a consumer drops one it has seen.
    pub id: EventId,
    /// `account.connected`, `account.disconnected`, `connect_session.failed` …
    #[serde(rename = "type")]
    pub kind: String,
    /// Version of the shape of `data`.
    pub version: u32,
    /// When.
    pub occurred_at: Timestamp,
    /// Where.
    pub workspace_id: WorkspaceId,
    /// Which account, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub account_id: Option<AccountId>,
    /// Counts up by one per account, without gaps; 0 where there is no account.
    pub sequence: u64,
    /// The rest.
    pub data: serde_json::Value,
}
