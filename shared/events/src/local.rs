//! The bus of one process: it remembers what was published.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use domain::{Event, EventId};
use tokio::sync::Notify;

use crate::{EventBus, Published};

/// How many events are remembered.
const REMEMBERED: usize = 10_000;

/// Keeps the latest events for `GET /v1/dev/events`.
#[derive(Default)]
pub struct LocalBus {
    events: Mutex<VecDeque<Event>>,
    published: Notify,
}

impl LocalBus {
    /// Waits until an event of one of these types is published behind the one that was heard last; answers with the
    /// latest. For one listener.
    pub async fn heard(&self, types: &[&str], mut last: Option<EventId>) -> Option<EventId> {
        loop {
            let news = self.after(last);
            last = news.last().map(|event| event.id).or(last);
            if news.iter().any(|event| types.contains(&event.kind.as_str())) {
                return last;
            }
            self.published.notified().await;
        }
    }

    /// The events published after one, oldest first; all if that one is not known.
    pub fn after(&self, id: Option<EventId>) -> Vec<Event> {
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let start = id.and_then(|id| events.iter().position(|e| e.id == id)).map_or(0, |at| at + 1);
        events.iter().skip(start).cloned().collect()
    }
}

#[async_trait]
impl EventBus for LocalBus {
    async fn publish(&self, events: &[Event]) -> Published {
        let mut kept = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend(events.iter().cloned());
        let surplus = kept.len().saturating_sub(REMEMBERED);
        kept.drain(..surplus);
        drop(kept);
        self.published.notify_one();
        Published { taken: events.iter().map(|event| event.id).collect(), fault: None }
    }
}
