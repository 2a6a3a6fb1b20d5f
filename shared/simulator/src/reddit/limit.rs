//! Calls of an app in ten minutes, and the headers that tell of them.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::answer::Answer;

const WINDOW: i64 = 600;
/// A hundred a minute, averaged over the window.
const CALLS: u64 = 1_000;

/// Calls made, by app.
#[derive(Default)]
pub(super) struct Limits(BTreeMap<String, (i64, u64)>);

/// What is left after a call.
pub(super) struct Left {
    used: u64,
    /// Seconds from now.
    reset: i64,
    pub(super) over: bool,
}

impl Limits {
    pub(super) fn count(&mut self, now: Timestamp, app: &str) -> Left {
        let this = now.as_second().div_euclid(WINDOW);
        let (window, used) = self.0.entry(app.to_owned()).or_insert((this, 0));
        if *window != this {
            (*window, *used) = (this, 0);
        }
        let over = *used >= CALLS;
        *used = (*used + 1).min(CALLS);
        Left { used: *used, reset: until_reset(now), over }
    }

    /// Leaves so many calls in this window.
    pub(super) fn leave(&mut self, now: Timestamp, app: &str, left: u64) {
        self.0.insert(app.to_owned(), (now.as_second().div_euclid(WINDOW), CALLS.saturating_sub(left)));
    }
}

fn until_reset(now: Timestamp) -> i64 {
    WINDOW - now.as_second().rem_euclid(WINDOW)
}

impl Left {
    /// As if all calls were used up now.
    pub(super) fn none(now: Timestamp) -> Self {
        Self { used: CALLS, reset: until_reset(now), over: true }
    }

    pub(super) fn headers(&self, answer: Answer) -> Answer {
        answer
            .header("x-ratelimit-used", self.used.to_string())
            .header("x-ratelimit-remaining", format!("{}.0", CALLS - self.used))
            .header("x-ratelimit-reset", self.reset.to_string())
    }
}
