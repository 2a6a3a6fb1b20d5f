//! The outbox: the events of a change are written with it, and published after it. Published or not, they can be
//! read for 30 days.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Event, EventId, Fault, Timestamp, WorkspaceId, event};
use jiff::SignedDuration;

use crate::{
    Store,
    due::{self, Due},
    item::{Item, fault, n, number, s, ttl},
    key::{self, Key},
    transaction::{Expression, Transaction},
};

/// How long events are kept.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);

/// The events of one change that are still to be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unpublished {
    /// Its events, those left out that the bus has taken.
    pub events: Vec<Event>,
    /// How often a run has tried.
    pub tries: u32,
}

/// One page of events.
#[derive(Debug, Clone)]
pub struct EventPage {
    /// The events, oldest first.
    pub events: Vec<Event>,
    /// Whether there are more behind the last one.
    pub more: bool,
}

/// One item for all events of a change; they share the first one's workspace.
pub(crate) fn add<L: Clone>(
    store: &Store,
    transaction: &mut Transaction<L>,
    label: L,
    events: &[Event],
    now: Timestamp,
) -> Result<(), Fault> {
    let Some(first) = events.first() else { return Ok(()) };
    if events.len() > event::MOST {
        return Err(Fault::Inconsistent(format!("{} events of one change", events.len())));
    }
    let mut item: Item = key::outbox(first.workspace_id.as_ref(), first.id).item();
    let text = serde_json::to_string(&event::numbered(events)).map_err(|e| Fault::Inconsistent(e.to_string()))?;
    item.insert("events".to_owned(), s(text));
    due::schedule(store, &mut item, Due::Deliver, now, &first.id.to_string(), None);
    transaction.put(store, label, item, &Expression::condition("attribute_not_exists(pk)"))
}

fn events(item: &Item) -> Result<Vec<Event>, Fault> {
    let text = item.get("events").and_then(|v| v.as_s().ok());
    let text = text.ok_or_else(|| Fault::Inconsistent(format!("{:?} without events", Key::of(item))))?;
    serde_json::from_str(text).map_err(|e| Fault::Inconsistent(e.to_string()))
}

impl Store {
    /// What of one change is still to be published, read consistently.
    pub async fn find_unpublished(
        &self,
        ws: Option<&WorkspaceId>,
        first: EventId,
    ) -> Result<Option<Unpublished>, Fault> {
        let item = self.read(&key::outbox(ws, first)).await?.unwrap_or_default();
        if !item.contains_key("dp") {
            return Ok(None);
        }
        let taken = item.get("taken").and_then(|v| v.as_ss().ok()).map(Vec::as_slice).unwrap_or_default();
        let mut events = events(&item)?;
        events.retain(|event| !taken.contains(&event.id.to_string()));
        let tries = number(&item, "tries").and_then(|tries| tries.try_into().ok()).unwrap_or(0);
        Ok(Some(Unpublished { events, tries }))
    }

    /// The events of one change are published: out of the index, kept for a while.
    pub async fn mark_published(&self, ws: Option<&WorkspaceId>, first: EventId, now: Timestamp) -> Result<(), Fault> {
        self.client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key::outbox(ws, first).item()))
            .update_expression("REMOVE dp, ds, taken, tries SET #ttl = :ttl")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":ttl", ttl(now + KEPT))
            .send()
            .await
            .map_err(fault)?;
        Ok(())
    }

    /// The bus has taken some of a change's events; the others are due at a later time. What somebody else has
    /// published meanwhile stays published: each adds to what is taken, and none takes away.
    pub async fn postpone_publishing(
        &self,
        ws: Option<&WorkspaceId>,
        first: EventId,
        taken: &[EventId],
        tries: u32,
        at: Timestamp,
    ) -> Result<(), Fault> {
        let (partition, sort) = due::entry(self, Due::Deliver, at, &first.to_string(), None);
        let set = "SET dp = :dp, ds = :ds, tries = :tries";
        let with = if taken.is_empty() {
            Expression::update(set)
        } else {
            let taken = AttributeValue::Ss(taken.iter().map(ToString::to_string).collect());
            Expression::update(&format!("{set} ADD taken :taken")).value(":taken", taken)
        };
        let with = with.when("attribute_exists(dp)").value(":dp", partition).value(":ds", sort);
        let mut transaction = Transaction::new();
        transaction.update(self, (), &key::outbox(ws, first), &with.value(":tries", n(tries)))?;
        // A condition that fails says that somebody else has published all of them.
        transaction.commit(self).await.map(|_| ())
    }

    /// At most `limit` events of a workspace behind `after`, of changes before `until`, oldest first. One query.
    pub async fn list_events(
        &self,
        ws: &WorkspaceId,
        after: Option<EventId>,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<EventPage, Fault> {
        let oldest = EventId::at(now - KEPT);
        // The change that `after` belongs to may have more events behind it.
        let from = after.map_or(oldest, |id| id.before(event::MOST).max(oldest));
        if from >= EventId::at(until) {
            return Ok(EventPage { events: Vec::new(), more: false });
        }
        let sort = |id| s(key::outbox(Some(ws), id).sk);
        // That change may have none; each other one has one at least, and one more tells that there are more.
        let changes = i32::try_from(limit.saturating_add(2)).unwrap_or(i32::MAX);
        let page = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :until")
            .expression_attribute_values(":pk", s(key::events_partition(Some(ws))))
            .expression_attribute_values(":from", sort(from))
            .expression_attribute_values(":until", sort(EventId::at(until)))
            .limit(changes)
            .send()
            .await
            .map_err(fault)?;
        let mut events = Vec::new();
        for item in page.items.unwrap_or_default() {
            events.extend(self::events(&item)?.into_iter().filter(|event| Some(event.id) > after));
        }
        let more = events.len() > limit || page.last_evaluated_key.is_some();
        events.truncate(limit);
        Ok(EventPage { events, more })
    }
}
