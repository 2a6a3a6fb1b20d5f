//! The outbox: the events of a change are written with it, and published after it.

use domain::{Event, EventId, Fault, Timestamp, WorkspaceId};
use jiff::SignedDuration;

use crate::{
    Store,
    due::{self, Due},
    item::{Item, fault, s, ttl},
    key,
    transaction::{Expression, Transaction},
};

/// How long published events are kept.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);

/// One item for all events of a change; they share the first one's workspace.
pub(crate) fn add<L: Clone>(
    store: &Store,
    transaction: &mut Transaction<L>,
    label: L,
    events: &[Event],
    now: Timestamp,
) -> Result<(), Fault> {
    let Some(first) = events.first() else { return Ok(()) };
    let mut item: Item = key::outbox(first.workspace_id.as_ref(), first.id).item();
    let text = serde_json::to_string(events).map_err(|e| Fault::Inconsistent(e.to_string()))?;
    item.insert("events".to_owned(), s(text));
    due::schedule(store, &mut item, Due::Deliver, now, &first.id.to_string(), None);
    transaction.put(store, label, item, &Expression::condition("attribute_not_exists(pk)"))
}

impl Store {
    /// The events of one change, if they are still to be published.
    pub async fn find_unpublished(&self, ws: Option<&WorkspaceId>, first: EventId) -> Result<Vec<Event>, Fault> {
        let item = self.read(&key::outbox(ws, first)).await?.unwrap_or_default();
        if !item.contains_key("dp") {
            return Ok(Vec::new());
        }
        let text = item.get("events").and_then(|v| v.as_s().ok());
        let text = text.ok_or_else(|| Fault::Inconsistent(format!("outbox item {first} without events")))?;
        serde_json::from_str(text).map_err(|e| Fault::Inconsistent(e.to_string()))
    }

    /// The events of one change are published: out of the index, kept for a while.
    pub async fn mark_published(&self, ws: Option<&WorkspaceId>, first: EventId, now: Timestamp) -> Result<(), Fault> {
        self.client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key::outbox(ws, first).item()))
            .update_expression("REMOVE dp, ds SET #ttl = :ttl")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":ttl", ttl(now + KEPT))
            .send()
            .await
            .map_err(fault)?;
        Ok(())
    }
}
