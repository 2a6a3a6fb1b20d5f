//! What we tell the rest of the product.

#[cfg(feature = "eventbridge")]
mod eventbridge;
mod local;

use async_trait::async_trait;
use domain::{Event, Fault};

#[cfg(feature = "eventbridge")]
pub use eventbridge::EventBridge;
pub use local::LocalBus;

/// Where events go. At least once each; consumers drop an id that they have seen.
#[async_trait]
pub trait EventBus: Send + Sync {
    /// Hands all of them over, or fails; a failure may have handed over some.
    async fn publish(&self, events: &[Event]) -> Result<(), Fault>;
}
