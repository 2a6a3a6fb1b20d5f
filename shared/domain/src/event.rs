//! What the rest of the product is told, in the past tense.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{AccountId, EpisodeId, EventId, WorkspaceId};

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
    /// Where; nowhere if it is about a platform.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub workspace_id: Option<WorkspaceId>,
    /// The trouble that it belongs to, from its beginning to its end.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub episode_id: Option<EpisodeId>,
    /// Which account, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub account_id: Option<AccountId>,
    /// Whether it is about an account that only administrators and those on its list see.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub private: bool,
    /// Counts up by one per account, without gaps; 0 where there is no account.
    pub sequence: u64,
    /// The rest.
    pub data: Value,
}

impl Event {
    /// The accounts that it names: the one that it is about, and those in its data.
    pub fn names(&self) -> BTreeSet<AccountId> {
        let mut names = self.account_id.into_iter().collect();
        named_in(&self.data, &mut names);
        names
    }
}

fn named_in(value: &Value, names: &mut BTreeSet<AccountId>) {
    match value {
        Value::String(text) => names.extend(text.parse::<AccountId>()),
        Value::Array(list) => list.iter().for_each(|value| named_in(value, names)),
        Value::Object(members) => members.values().for_each(|value| named_in(value, names)),
        _ => {}
    }
}

/// The most events of one change.
pub const MOST: usize = 1000;

/// The events of one change, numbered from the first one's id on: whoever has the id of one knows where
/// the others lie. The outbox and the bus get them so.
pub fn numbered(events: &[Event]) -> Vec<Event> {
    let Some(first) = events.first() else { return Vec::new() };
    let number = |(place, event): (usize, &Event)| Event { id: first.id.after(place), ..event.clone() };
    events.iter().enumerate().map(number).collect()
}
