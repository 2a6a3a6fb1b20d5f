//! The system's clock and randomness, as a function sees them.

use domain::{Clock, Entropy, Timestamp};

/// The system's time, to the millisecond.
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "this is the door through which time comes in")]
        let now = Timestamp::now();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }
}

/// The system's random bytes.
pub(crate) struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        #[expect(clippy::expect_used, reason = "without random bytes nothing here is safe")]
        aws_lc_rs::rand::fill(bytes).expect("the system gives random bytes");
    }
}
