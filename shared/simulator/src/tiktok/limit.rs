//! Sliding minutes of calls per app.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;

use super::errors::{ApiError, MANY};

/// TikTok docs, rate limits: calls of each API in a minute.
const CALLS: usize = 600;
const MINUTE: i64 = 60;

/// When the last calls were made, per API and app.
#[derive(Default)]
pub(super) struct Limits(BTreeMap<(&'static str, String), VecDeque<i64>>);

impl Limits {
    pub(super) fn count(&mut self, now: Timestamp, api: &'static str, app: &str) -> Result<(), ApiError> {
        let now = now.as_second();
        let calls = self.0.entry((api, app.to_owned())).or_default();
        calls.retain(|at| (now - MINUTE + 1..=now).contains(at));
        match calls.front() {
            Some(first) if calls.len() >= CALLS => Err(MANY.until(first + MINUTE)),
            _ => {
                calls.push_back(now);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_slides_and_the_first_call_that_leaves_it_makes_room() {
        let mut limits = Limits::default();
        let at = |second| Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_secs(second);
        let mut call = |second, api, app| limits.count(at(second), api, app).map_err(|error| error.reset);
        assert!((0..300).all(|_| call(0, "info", "a").is_ok()));
        assert!((0..300).all(|_| call(30, "info", "a").is_ok()));
        assert_eq!(call(59, "info", "a"), Err(Some(60)));
        assert_eq!((call(59, "list", "a"), call(59, "info", "b")), (Ok(()), Ok(())));
        assert!((0..300).all(|_| call(60, "info", "a").is_ok()), "a refused call is not counted");
        assert_eq!(call(89, "info", "a"), Err(Some(90)));
    }
}
