//! Windows of calls per person, and the headers that tell of them.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::answer::Answer;

const WINDOW: i64 = 900;

/// A budget by X docs, rate limits: calls per person in 15 minutes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Budget {
    Me,
    User,
    Posts,
}

impl Budget {
    fn calls(self) -> u64 {
        match self {
            Self::Me => 75,
            Self::User | Self::Posts => 900,
        }
    }
}

/// Calls made, per budget, app and person.
#[derive(Default)]
pub(super) struct Limits(BTreeMap<(Budget, String, String), (Timestamp, u64)>);

/// What is left after a call.
pub(super) struct Left {
    limit: u64,
    remaining: u64,
    reset: i64,
    pub(super) over: bool,
}

impl Limits {
    pub(super) fn count(&mut self, now: Timestamp, budget: Budget, app: &str, who: &str) -> Left {
        let key = (budget, app.to_owned(), who.to_owned());
        let (start, calls) = self.0.entry(key).or_insert((now, 0));
        let age = now.as_second() - start.as_second();
        if !(0..WINDOW).contains(&age) {
            (*start, *calls) = (now, 0);
        }
        let limit = budget.calls();
        let over = *calls >= limit;
        *calls = (*calls + 1).min(limit);
        Left { limit, remaining: limit - *calls, reset: start.as_second() + WINDOW, over }
    }
}

impl Left {
    /// As if the budget were used up now.
    pub(super) fn none(now: Timestamp) -> Self {
        Self { limit: Budget::Me.calls(), remaining: 0, reset: now.as_second() + WINDOW, over: true }
    }

    pub(super) fn headers(&self, answer: Answer) -> Answer {
        answer
            .header("x-rate-limit-limit", self.limit.to_string())
            .header("x-rate-limit-remaining", self.remaining.to_string())
            .header("x-rate-limit-reset", self.reset.to_string())
    }
}
