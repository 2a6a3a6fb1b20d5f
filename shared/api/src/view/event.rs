//! What happened, as it is told.

use app::event::Page;
use domain::{Event, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One thing that happened. `infra/events` has a JSON Schema of each type.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Event)]
pub struct EventView {
    /// `evt_…`; the same wherever the event is told.
    pub id: String,
    /// `account.connected`, `account.disconnected`, `connect_session.failed` …
    #[serde(rename = "type")]
    pub kind: String,
    /// Version of the shape of `data`.
    pub version: u32,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub occurred_at: Timestamp,
    /// The workspace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workspace_id: Option<String>,
    /// The account, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// The trouble that it belongs to, from its beginning to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub episode_id: Option<String>,
    /// True where only administrators and those on its list see the account that it is about.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub private: bool,
    /// Counts up by one per account; 0 where there is no account.
    pub sequence: u64,
    /// The rest, by type.
    pub data: serde_json::Value,
}

/// One page of events.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = EventPage)]
pub struct EventPageView {
    /// Oldest first, each account's in its sequence; may be empty although there are more.
    pub data: Vec<EventView>,
    /// Where the next page begins.
    pub page: EventPageInfo,
}

/// Where the next page begins.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EventPageInfo {
    /// Send it as `after`, now or later: the id of the last event. Null if there was none yet.
    pub next_cursor: Option<String>,
    /// Whether there is a next page already.
    pub has_more: bool,
}

impl From<Event> for EventView {
    fn from(event: Event) -> Self {
        Self {
            id: event.id.to_string(),
            kind: event.kind,
            version: event.version,
            occurred_at: event.occurred_at,
            workspace_id: event.workspace_id.map(|id| id.to_string()),
            account_id: event.account_id.map(|id| id.to_string()),
            episode_id: event.episode_id.map(|id| id.to_string()),
            private: event.private,
            sequence: event.sequence,
            data: event.data,
        }
    }
}

impl From<Page> for EventPageView {
    fn from(page: Page) -> Self {
        Self {
            data: page.events.into_iter().map(EventView::from).collect(),
            page: EventPageInfo { next_cursor: page.next.map(|id| id.to_string()), has_more: page.more },
        }
    }
}
