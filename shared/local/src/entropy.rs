//! Random bytes: the system's, or seeded ones.

use std::sync::{Mutex, PoisonError};

use domain::Entropy;
use rand::{RngCore as _, SeedableRng as _, rngs::StdRng};

/// The system's.
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        // The only failure is a system without entropy, in which nothing must go on.
        #[expect(clippy::expect_used, reason = "without random bytes nothing here is safe")]
        aws_lc_rs::rand::fill(bytes).expect("the system gives random bytes");
    }
}

/// Seeded: the same seed gives the same bytes. Only where nothing is kept.
pub struct SeededEntropy(Mutex<StdRng>);

impl SeededEntropy {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(StdRng::seed_from_u64(seed)))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(bytes);
    }
}
