//! What we tell the rest of the product.

#[cfg(feature = "eventbridge")]
mod eventbridge;
mod local;

use async_trait::async_trait;
use domain::{Event, EventId, Fault};

#[cfg(feature = "eventbridge")]
pub use eventbridge::EventBridge;
pub use local::LocalBus;

/// What became of events that were handed over.
#[derive(Debug, Default)]
pub struct Published {
    /// The bus has taken these. It may have taken others too, whose answer got lost.
    pub taken: Vec<EventId>,
    /// Why it has not taken the rest.
    pub fault: Option<Fault>,
}

/// Where events go. At least once each; consumers drop an id that they have seen.
#[async_trait]
pub trait EventBus: Send + Sync {
    /// Hands events over, each for itself: one that is refused keeps no other back.
    async fn publish(&self, events: &[Event]) -> Published;
}
