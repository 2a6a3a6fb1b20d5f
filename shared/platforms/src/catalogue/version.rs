//! The version of a platform's API that is spoken, and how long it is served.

use domain::Timestamp;
use jiff::{ToSpan as _, civil::Date, tz::TimeZone};
use serde::Deserialize;

/// So many days before the end it is told.
const TOLD: i32 = 60;
/// So many days before, it is urgent.
const URGENT: i32 = 14;

/// The version of a platform's API that is spoken.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiVersion {
    /// As the platform writes it: `v26.0`.
    pub value: String,
    /// The first day of it, where that is known.
    pub released_on: Option<Date>,
    /// The first day on which it is no longer served, where the platform has announced it.
    pub ends_on: Option<Date>,
    /// Those that are not spoken, as far as their ends are known.
    #[serde(default)]
    pub others: Vec<OtherVersion>,
}

/// A version that is not spoken here.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherVersion {
    /// As the platform writes it.
    pub value: String,
    /// The first day on which it is no longer served.
    pub ends_on: Date,
}

/// How pressing the end of the spoken version is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// There are weeks left.
    Info,
    /// There are days left.
    Warning,
    /// It is over.
    Error,
}

impl Urgency {
    /// The word used in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl ApiVersion {
    /// Whether its end must be told of, from 60 days before it on, and how urgent that is; its days are UTC's.
    pub fn ending(&self, now: Timestamp) -> Option<(Date, Urgency)> {
        let ends = self.ends_on?;
        let today = now.to_zoned(TimeZone::UTC).date();
        let within = |days: i32| ends.checked_sub(days.days()).is_ok_and(|first| first <= today);
        let urgency = match () {
            () if ends <= today => Urgency::Error,
            () if within(URGENT) => Urgency::Warning,
            () if within(TOLD) => Urgency::Info,
            () => return None,
        };
        Some((ends, urgency))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_told_sixty_days_before_and_more_urgently_as_it_comes() {
        let ends_on = Some("2027-03-01".parse().expect("a day"));
        let version = ApiVersion { value: "v1".to_owned(), released_on: None, ends_on, others: Vec::new() };
        let at = |now: &str| version.ending(now.parse().expect("a time")).map(|(_, urgency)| urgency);
        for (now, wanted) in [
            ("2026-11-22T00:00:00Z", None),
            ("2026-12-30T23:59:59Z", None),
            ("2026-12-31T00:00:00Z", Some(Urgency::Info)),
            ("2027-02-14T23:59:59Z", Some(Urgency::Info)),
            ("2027-02-15T00:00:00Z", Some(Urgency::Warning)),
            ("2027-02-28T23:59:59Z", Some(Urgency::Warning)),
            ("2027-03-01T00:00:00Z", Some(Urgency::Error)),
            ("2030-01-01T00:00:00Z", Some(Urgency::Error)),
        ] {
            assert_eq!(at(now), wanted, "{now}");
        }
        let endless = ApiVersion { ends_on: None, ..version.clone() };
        assert_eq!(endless.ending("2030-01-01T00:00:00Z".parse().expect("a time")), None);
    }
}
