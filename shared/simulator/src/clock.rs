//! The simulator's clock: the wall's time plus an offset.

use std::sync::Arc;

use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};

/// Tells the time by which every lifetime is judged.
pub(crate) struct Clock {
    wall: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    offset: SignedDuration,
}

impl Clock {
    pub(crate) fn new(wall: Arc<dyn Fn() -> Timestamp + Send + Sync>) -> Self {
        Self { wall, offset: SignedDuration::ZERO }
    }

    /// The same wall without an offset.
    pub(crate) fn fresh(&self) -> Self {
        Self::new(Arc::clone(&self.wall))
    }

    pub(crate) fn now(&self) -> Timestamp {
        let wall = (self.wall)();
        wall.checked_add(self.offset).unwrap_or(wall)
    }

    pub(crate) fn advance(&mut self, by: SignedDuration) {
        self.offset = self.offset.saturating_add(by);
    }

    pub(crate) fn set(&mut self, to: Timestamp) {
        self.offset = to.duration_since((self.wall)());
    }
}

/// Reads an ISO 8601 duration; days have 24 hours, months and years have no
/// fixed length and are refused.
pub(crate) fn duration(text: &str) -> Result<SignedDuration, String> {
    let span: Span = text.parse().map_err(|_| format!("`{text}` is not an ISO 8601 duration such as P59D or PT30S"))?;
    span.to_duration(SpanRelativeTo::days_are_24_hours())
        .map_err(|_| format!("`{text}` has no fixed length: use weeks, days, hours or less"))
}
