//! Amazon EventBridge: one entry an event, `detail-type` its type.

use async_trait::async_trait;
use aws_sdk_eventbridge::{
    Client,
    error::DisplayErrorContext,
    types::{PutEventsRequestEntry, PutEventsResultEntry},
};
use domain::{Event, EventId, Fault};

use crate::{EventBus, Published};

/// `PutEvents` takes ten entries a call …
const ENTRIES: usize = 10;
/// … of so many bytes together.
const BYTES: usize = 256 * 1024;
/// Who tells.
const SOURCE: &str = "mooring";

/// A bus on EventBridge.
pub struct EventBridge {
    client: Client,
    bus: String,
}

impl EventBridge {
    /// The bus of that name.
    pub fn new(client: Client, bus: String) -> Self {
        Self { client, bus }
    }

    /// One call. Its answer speaks of each entry in its place.
    async fn put(&self, call: &[Entry<'_>]) -> Result<Vec<PutEventsResultEntry>, Fault> {
        let entry = |entry: &Entry| {
            PutEventsRequestEntry::builder()
                .event_bus_name(&self.bus)
                .source(SOURCE)
                .detail_type(entry.kind)
                .detail(&entry.detail)
                .build()
        };
        let sent = self.client.put_events().set_entries(Some(call.iter().map(entry).collect())).send().await;
        let answer = sent.map_err(|error| Fault::Bus(DisplayErrorContext(error).to_string()))?;
        Ok(answer.entries.unwrap_or_default())
    }
}

/// An event as the call has it.
struct Entry<'a> {
    id: EventId,
    kind: &'a str,
    detail: String,
}

impl Entry<'_> {
    /// Its size, as EventBridge counts it.
    fn bytes(&self) -> usize {
        SOURCE.len() + self.kind.len() + self.detail.len()
    }
}

/// Divides events among calls. One that no call takes is left out, and said.
fn calls(events: &[Event]) -> (Vec<Vec<Entry<'_>>>, Option<Fault>) {
    let (mut calls, mut fault): (Vec<Vec<Entry>>, _) = (Vec::new(), None);
    let mut room = 0;
    for event in events {
        // Every event is JSON; the bus would refuse an empty text.
        let detail = serde_json::to_string(event).unwrap_or_default();
        let entry = Entry { id: event.id, kind: &event.kind, detail };
        if entry.bytes() > BYTES {
            fault = Some(Fault::Bus(format!("{}: {} bytes", event.id, entry.bytes())));
            continue;
        }
        if let Some(call) = calls.last_mut().filter(|call| call.len() < ENTRIES && entry.bytes() <= room) {
            room -= entry.bytes();
            call.push(entry);
        } else {
            room = BYTES - entry.bytes();
            calls.push(vec![entry]);
        }
    }
    (calls, fault)
}

#[async_trait]
impl EventBus for EventBridge {
    async fn publish(&self, events: &[Event]) -> Published {
        let (calls, fault) = calls(events);
        let mut published = Published { taken: Vec::new(), fault };
        for call in calls {
            let told = match self.put(&call).await {
                Ok(told) => told,
                Err(fault) => {
                    // Whoever waits for us need not wait for as many failures as there are calls.
                    published.fault = Some(fault);
                    break;
                }
            };
            for (entry, told) in call.iter().zip(told) {
                if told.event_id.is_some() {
                    published.taken.push(entry.id);
                } else {
                    let why = told.error_code.unwrap_or_default();
                    published.fault = Some(Fault::Bus(format!("{}: {why}", entry.id)));
                }
            }
        }
        published
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(place: usize, bytes: usize) -> Event {
        Event {
            id: EventId::at(domain::Timestamp::UNIX_EPOCH).after(place),
            kind: "account.disconnected".to_owned(),
            version: 1,
            occurred_at: domain::Timestamp::UNIX_EPOCH,
            workspace_id: None,
            episode_id: None,
            account_id: None,
            private: false,
            sequence: 0,
            data: serde_json::json!({"reason": "x".repeat(bytes)}),
        }
    }

    /// How many events each call has.
    fn divided(events: &[Event]) -> Vec<usize> {
        let (calls, _) = calls(events);
        let bytes = |call: &Vec<Entry>| call.iter().map(Entry::bytes).sum::<usize>();
        assert!(calls.iter().all(|call| call.len() <= 10 && bytes(call) <= 262_144));
        calls.iter().map(Vec::len).collect()
    }

    #[test]
    fn a_call_has_ten_events_and_256_kilobytes_at_most() {
        let small: Vec<Event> = (0..25).map(|place| event(place, 1)).collect();
        assert_eq!(divided(&small), [10, 10, 5]);
        let large: Vec<Event> = (0..7).map(|place| event(place, 100_000)).collect();
        assert_eq!(divided(&large), [2, 2, 2, 1]);
        let around = event(0, 0);
        let (calls, _) = calls(std::slice::from_ref(&around));
        let exact = BYTES - calls[0][0].bytes();
        assert_eq!(divided(&[event(0, exact), event(1, 0)]), [1, 1]);
    }

    /// What is larger than any call would be refused with all that is sent along.
    #[test]
    fn what_no_call_takes_keeps_nothing_else_back() {
        let events = [event(0, 1), event(1, BYTES), event(2, 1)];
        let (calls, fault) = calls(&events);
        let ids: Vec<EventId> = calls.iter().flatten().map(|entry| entry.id).collect();
        assert_eq!(ids, [events[0].id, events[2].id]);
        assert!(fault.is_some_and(|fault| fault.to_string().contains(&events[1].id.to_string())));
    }
}
