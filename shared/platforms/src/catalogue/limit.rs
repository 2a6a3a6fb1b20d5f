//! How a platform limits calls, and when they are welcome again.

use domain::{Timestamp, budget::Window};
use jiff::{SignedDuration, fmt::rfc2822};
use reqwest::header::HeaderMap;
use serde::Deserialize;

use crate::usage::regain;

/// Longest wait that a platform may ask for.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(31 * 24);

/// How calls are limited.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// With these statuses an answer that no rule knows is a limit; with 429 it always is.
    #[serde(default)]
    pub status: Vec<u16>,
    /// How it is told when calls are welcome again.
    pub reset: Reset,
    /// In which header, where it is told in one.
    pub header: Option<String>,
    /// In a sentence.
    pub text: String,
}

/// How it is told when calls are welcome again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reset {
    /// By a header in unix seconds.
    HeaderUnix,
    /// By a header in seconds from now.
    HeaderSeconds,
    /// At the next midnight in UTC.
    UtcMidnight,
    /// At the next midnight in California.
    PacificMidnight,
    /// Not at all.
    #[default]
    Unknown,
}

impl Reset {
    /// The word used in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::HeaderUnix => "header_unix",
            Self::HeaderSeconds => "header_seconds",
            Self::UtcMidnight => "utc_midnight",
            Self::PacificMidnight => "pacific_midnight",
            Self::Unknown => "unknown",
        }
    }
}

impl RateLimit {
    /// When a used-up limit is filled again: as the answer tells, else by `Retry-After`, else at its midnight.
    pub(crate) fn until(&self, headers: &HeaderMap, now: Timestamp) -> Option<Timestamp> {
        let midnight = || match self.reset {
            Reset::UtcMidnight => Some(Window::UtcDay.end(now)),
            Reset::PacificMidnight => Some(Window::PacificDay.end(now)),
            _ => None,
        };
        self.until_told(headers, now).or_else(|| retry_after(headers, now)).or_else(midnight)
    }

    /// The same as the platform's own header tells it, or Meta's of pages and accounts.
    pub(crate) fn until_told(&self, headers: &HeaderMap, now: Timestamp) -> Option<Timestamp> {
        let told = self.header.as_deref().and_then(|name| value(headers, name)).and_then(|told| match self.reset {
            Reset::HeaderUnix => Timestamp::from_second(told.parse().ok()?).ok(),
            Reset::HeaderSeconds => after(told.parse().ok()?, now),
            _ => None,
        });
        sane(told.or_else(|| regain(headers, now)), now)
    }
}

/// When an answer says that it may be tried again (RFC 9110 section 10.2.3: seconds or a date).
pub(crate) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Timestamp> {
    let told = value(headers, "retry-after")?;
    let until = match told.parse::<i64>() {
        Ok(seconds) => now.checked_add(SignedDuration::from_secs(seconds)).ok(),
        Err(_) => rfc2822::parse(told).ok().map(|z| z.timestamp()),
    };
    sane(until, now)
}

fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|v| v.to_str().ok()).map(str::trim)
}

/// So many seconds later, rounded up; some platforms tell parts of them.
fn after(seconds: f64, now: Timestamp) -> Option<Timestamp> {
    now.checked_add(SignedDuration::try_from_secs_f64(seconds.ceil()).ok()?).ok()
}

/// Neither in the past nor beyond all reason.
fn sane(until: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    until.filter(|until| *until <= now + LONGEST_WAIT).map(|until| until.max(now))
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn limit(reset: Reset, header: Option<&str>) -> RateLimit {
        RateLimit { reset, header: header.map(str::to_owned), ..RateLimit::default() }
    }

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        [(name.parse().expect("legal"), HeaderValue::from_str(value).expect("legal"))].into_iter().collect()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn a_header_tells_the_moment_or_the_seconds_until_it() {
        let now = Timestamp::from_second(1_795_000_000).expect("legal");
        let until = |reset, told: &str| {
            let of = limit(reset, Some("x-reset"));
            of.until(&headers("x-reset", told), now).map(|until| until.as_second() - now.as_second())
        };
        for (reset, told, wanted) in [
            (Reset::HeaderUnix, "1795000900", Some(900)),
            (Reset::HeaderUnix, "1", Some(0)),
            (Reset::HeaderUnix, "99999999999", None),
            (Reset::HeaderUnix, "soon", None),
            (Reset::HeaderSeconds, "212", Some(212)),
            (Reset::HeaderSeconds, "212.1", Some(213)),
            (Reset::HeaderSeconds, "-5", Some(0)),
            (Reset::HeaderSeconds, "1795000900", None),
            (Reset::HeaderSeconds, "1e300", None),
            (Reset::HeaderSeconds, "NaN", None),
            (Reset::HeaderSeconds, "inf", None),
            (Reset::HeaderSeconds, "", None),
        ] {
            assert_eq!(until(reset, told), wanted, "{reset:?} {told}");
        }
        let seconds = limit(Reset::HeaderSeconds, Some("x-reset"));
        assert_eq!(seconds.until(&headers("retry-after", "60"), now), Some(now + SignedDuration::from_secs(60)));
        assert_eq!(limit(Reset::Unknown, None).until(&HeaderMap::new(), now), None);
    }

    #[test]
    fn a_daily_limit_is_filled_at_its_own_midnight() {
        for (reset, now, wanted) in [
            (Reset::UtcMidnight, "2026-11-22T23:59:59Z", "2026-11-23T00:00:00Z"),
            (Reset::UtcMidnight, "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z"),
            (Reset::UtcMidnight, "2026-12-31T10:00:00Z", "2027-01-01T00:00:00Z"),
            // Eight hours behind in winter, seven in summer; the days of the change have 23 and 25 hours.
            (Reset::PacificMidnight, "2026-11-22T07:59:59Z", "2026-11-22T08:00:00Z"),
            (Reset::PacificMidnight, "2026-11-22T08:00:00Z", "2026-11-23T08:00:00Z"),
            (Reset::PacificMidnight, "2026-07-01T10:00:00Z", "2026-07-02T07:00:00Z"),
            (Reset::PacificMidnight, "2026-03-08T08:00:00Z", "2026-03-09T07:00:00Z"),
            (Reset::PacificMidnight, "2026-11-01T07:00:00Z", "2026-11-02T08:00:00Z"),
        ] {
            assert_eq!(limit(reset, None).until(&HeaderMap::new(), at(now)), Some(at(wanted)), "{reset:?} {now}");
        }
        // Whoever tells it is believed.
        let until = limit(Reset::UtcMidnight, None).until(&headers("retry-after", "30"), at("2026-11-22T10:00:00Z"));
        assert_eq!(until, Some(at("2026-11-22T10:00:30Z")));
    }
}
