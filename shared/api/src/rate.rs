//! How often a caller may call. Each process counts for itself, by the product's clock.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderName, HeaderValue, Method},
};
use domain::{Actor, LinkId, Timestamp, WorkspaceId, actor::Credential};
use jiff::SignedDuration;

/// Calls a minute, where nothing else is said.
pub const USUAL: u32 = 600;
/// Of a minute's calls the part that may come at once.
const AT_ONCE: i64 = 6;
/// Of all calls the part that may be costly.
const COSTLY: i64 = 10;
/// How many callers are remembered: so many, and as many again that were before them.
const REMEMBERED: usize = 5_000;
const MICROSECONDS: i64 = 1_000_000;

/// The ends of addresses whose POST makes what is kept or calls a platform.
const COSTLY_ENDS: [&str; 6] = ["/connect-sessions", "/api-keys", "/rotate", "/syncs", "/easyconnect-links", "/send"];

/// What the callers of this process have left.
pub struct Rates {
    /// Microseconds until another call is free.
    every: i64,
    seen: Mutex<Seen>,
}

/// When each caller has all calls free again, in microseconds since the epoch. When there are too many, those are
/// forgotten that have not called for longest.
#[derive(Default)]
struct Seen {
    latest: HashMap<(String, bool), i64>,
    before: HashMap<(String, bool), i64>,
}

/// What a call has left behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Quota {
    limit: i64,
    remaining: i64,
    /// Seconds until all calls are free again.
    reset: i64,
    /// When there is another call, where this one was too much.
    pub(crate) again: Option<Timestamp>,
}

impl Rates {
    /// So many calls a minute for each caller, and a tenth of them costly ones; a sixth of either may come at once.
    pub fn new(per_minute: u32) -> Self {
        Self { every: 60 * MICROSECONDS / i64::from(per_minute.max(1)), seen: Mutex::default() }
    }

    /// Takes one call of the caller's.
    pub(crate) fn take(&self, actor: &Actor, request: &Request, now: Timestamp) -> Quota {
        let caller = match actor.credential {
            Credential::ApiKey { .. } | Credential::Link => actor.sub.clone(),
            Credential::Token => format!("{}|{}", actor.workspace, actor.sub),
        };
        let quota = self.count(&caller, false, now);
        if quota.again.is_some() || !is_costly(request) { quota } else { self.count(&caller, true, now) }
    }

    /// Takes one call of a link's clients.
    pub(crate) fn take_visit(&self, link: LinkId, now: Timestamp) -> Quota {
        self.count(&link.to_string(), false, now)
    }

    /// Takes one call of a workspace's calendars.
    pub(crate) fn take_feed(&self, workspace: &WorkspaceId, now: Timestamp) -> Quota {
        self.count(&format!("feed|{workspace}"), false, now)
    }

    fn count(&self, caller: &str, costly: bool, now: Timestamp) -> Quota {
        let every = if costly { self.every * COSTLY } else { self.every };
        let limit = (60 * MICROSECONDS / every / AT_ONCE).max(1);
        let (begins, most) = (now.as_microsecond(), every * limit);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (caller.to_owned(), costly);
        // A clock that was moved back makes nobody wait longer.
        let free = seen.find(&key).map_or(begins, |free| free.clamp(begins, begins + most));
        let over = free + every - begins - most;
        let free = if over > 0 { free } else { free + every };
        seen.note(key, free);
        let used = free - begins;
        let again = (over > 0).then(|| now + SignedDuration::from_secs(seconds(over)));
        Quota { limit, remaining: (most - used) / every, reset: seconds(used), again }
    }
}

impl Seen {
    fn find(&self, key: &(String, bool)) -> Option<i64> {
        self.latest.get(key).or_else(|| self.before.get(key)).copied()
    }

    fn note(&mut self, key: (String, bool), free: i64) {
        if self.latest.len() >= REMEMBERED && !self.latest.contains_key(&key) {
            self.before = std::mem::take(&mut self.latest);
        }
        self.latest.insert(key, free);
    }
}

impl Quota {
    /// As the headers of an answer.
    pub(crate) fn headers(&self) -> [(HeaderName, HeaderValue); 3] {
        [("ratelimit-limit", self.limit), ("ratelimit-remaining", self.remaining), ("ratelimit-reset", self.reset)]
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from(value)))
    }
}

/// Whole seconds, the last one begun.
fn seconds(microseconds: i64) -> i64 {
    (microseconds + MICROSECONDS - 1) / MICROSECONDS
}

fn is_costly(request: &Request) -> bool {
    let path = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    request.method() == Method::POST && COSTLY_ENDS.iter().any(|end| path.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millisecond: i64) -> Timestamp {
        Timestamp::from_millisecond(millisecond).expect("in range")
    }

    /// CHK-P21
    #[test]
    fn a_burst_is_let_through_and_then_ten_a_second() {
        let rates = Rates::new(USUAL);
        for left in (0..100).rev() {
            let quota = rates.count("a", false, at(0));
            assert_eq!((quota.limit, quota.remaining, quota.again), (100, left, None));
        }
        let over = rates.count("a", false, at(0));
        assert_eq!((over.remaining, over.reset, over.again), (0, 10, Some(at(1000))));
        assert_eq!(rates.count("b", false, at(0)).remaining, 99, "each caller has their own");
        assert_eq!(rates.count("a", true, at(0)).limit, 10, "and costly calls are counted apart");
        assert!(rates.count("a", false, at(99)).again.is_some());
        assert!(rates.count("a", false, at(100)).again.is_none());
        assert!(rates.count("a", false, at(100)).again.is_some());
        assert_eq!(rates.count("a", false, at(60_000)).remaining, 99);
    }

    #[test]
    fn a_clock_that_is_moved_back_makes_nobody_wait_longer() {
        let rates = Rates::new(USUAL);
        for _ in 0..100 {
            rates.count("a", false, at(10_000_000));
        }
        assert!(rates.count("a", false, at(0)).again.is_some());
        assert!(rates.count("a", false, at(100)).again.is_none());
    }

    #[test]
    fn no_more_callers_are_remembered_than_there_is_room_for() {
        let rates = Rates::new(1);
        for n in 0..3 * REMEMBERED {
            rates.count(&n.to_string(), false, at(0));
        }
        let seen = rates.seen.lock().expect("unpoisoned");
        assert!(seen.latest.len() + seen.before.len() <= 2 * REMEMBERED);
        assert_eq!((seen.find(&("0".to_owned(), false)), seen.latest.len()), (None, REMEMBERED));
    }
}
