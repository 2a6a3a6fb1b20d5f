//! Seconds of calls per app and account, and the headers that tell of them.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::answer::Answer;
use crate::call::Call;

/// Calls in a second, across all categories.
const CALLS: u32 = 100;

/// Calls made in the last second that had any, per app and account.
#[derive(Default)]
pub(super) struct Limits(BTreeMap<(String, String), (i64, u32)>);

/// What is left after a call.
#[derive(Clone, Copy)]
pub(super) struct Left {
    remaining: u32,
    pub(super) over: bool,
}

impl Limits {
    pub(super) fn count(&mut self, now: Timestamp, app: &str, account: &str) -> Left {
        let (second, calls) = self.0.entry((app.to_owned(), account.to_owned())).or_default();
        if *second != now.as_second() {
            (*second, *calls) = (now.as_second(), 0);
        }
        let over = *calls >= CALLS;
        *calls = (*calls + 1).min(CALLS);
        Left { remaining: CALLS - *calls, over }
    }
}

impl Left {
    /// As if the budget were used up now.
    pub(super) fn none() -> Self {
        Self { remaining: 0, over: true }
    }

    /// The values may list their windows, as the fault `listed_windows` has it.
    pub(super) fn headers(self, call: &Call, category: &str, answer: Answer) -> Answer {
        let limit = if call.own_fault("listed_windows") { format!("{CALLS}, {CALLS};w=1") } else { CALLS.to_string() };
        answer
            .header("x-ratelimit-limit", limit)
            .header("x-ratelimit-remaining", self.remaining.to_string())
            .header("x-ratelimit-reset", "1")
            .header("x-ratelimit-category", category)
    }
}
