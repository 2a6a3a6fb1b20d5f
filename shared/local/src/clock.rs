//! A clock that can be moved.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use domain::{Clock, Timestamp};
use jiff::SignedDuration;

/// Where the time comes from before it is moved.
pub type Wall = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The system's time.
pub fn system() -> Wall {
    #[expect(clippy::disallowed_methods, reason = "this is the door through which time comes in")]
    Arc::new(Timestamp::now)
}

/// The product's clock: the wall's time and an offset.
pub struct MovableClock {
    wall: Wall,
    offset_ms: AtomicI64,
}

impl MovableClock {
    /// Unmoved.
    pub fn new(wall: Wall) -> Self {
        Self { wall, offset_ms: AtomicI64::new(0) }
    }

    /// Moves it so that it is `to` now, and says by how much it moved.
    pub fn set(&self, to: Timestamp) -> SignedDuration {
        let by = to.duration_since(self.now());
        self.offset_ms.fetch_add(i64::try_from(by.as_millis()).unwrap_or(0), Ordering::SeqCst);
        by
    }
}

impl Clock for MovableClock {
    fn now(&self) -> Timestamp {
        let offset = SignedDuration::from_millis(self.offset_ms.load(Ordering::SeqCst));
        let now = (self.wall)();
        let now = now.checked_add(offset).unwrap_or(now);
        // Milliseconds are as fine as ids are, and as anybody reads.
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }
}
