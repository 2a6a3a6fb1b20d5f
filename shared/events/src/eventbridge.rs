//! Amazon EventBridge: one entry an event, `detail-type` its type.

use async_trait::async_trait;
use aws_sdk_eventbridge::{Client, types::PutEventsRequestEntry};
use domain::{Event, Fault};

use crate::EventBus;

/// `PutEvents` takes ten entries a call.
const ENTRIES: usize = 10;

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
}

#[async_trait]
impl EventBus for EventBridge {
    async fn publish(&self, events: &[Event]) -> Result<(), Fault> {
        for chunk in events.chunks(ENTRIES) {
            let mut call = self.client.put_events();
            for event in chunk {
                let detail = serde_json::to_string(event).map_err(|e| Fault::Bus(e.to_string()))?;
                call = call.entries(
                    PutEventsRequestEntry::builder()
                        .event_bus_name(&self.bus)
                        .source("mooring")
                        .detail_type(&event.kind)
                        .detail(detail)
                        .build(),
                );
            }
            let answer = call.send().await.map_err(|e| Fault::Bus(e.into_service_error().to_string()))?;
            if answer.failed_entry_count() > 0 {
                return Err(Fault::Bus(format!("{} entries were refused", answer.failed_entry_count())));
            }
        }
        Ok(())
    }
}
