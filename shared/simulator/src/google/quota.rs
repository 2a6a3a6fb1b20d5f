//! What a project may ask: units of YouTube a day, and calls of Business Profile a minute.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::error::{cloud, youtube};
use crate::answer::Answer;

/// YouTube docs: ten thousand units a day for all users of a project; a listing costs one.
const DAY_UNITS: u64 = 10_000;
/// Business Profile's default.
const MINUTE_CALLS: u64 = 300;

/// What each project has used.
#[derive(Default)]
pub(super) struct Quotas {
    days: BTreeMap<String, (Date, u64)>,
    minutes: BTreeMap<String, (i64, u64)>,
}

impl Quotas {
    /// Takes a unit of the project's day.
    pub(super) fn unit(&mut self, now: Timestamp, app: &str) -> Result<(), Answer> {
        let today = pacific_day(now);
        let (day, used) = self.days.entry(app.to_owned()).or_insert((today, 0));
        if *day != today {
            (*day, *used) = (today, 0);
        }
        if *used >= DAY_UNITS {
            let message = "The request cannot be completed because you have exceeded your quota.";
            return Err(youtube(403, "youtube.quota", "quotaExceeded", message));
        }
        *used += 1;
        Ok(())
    }

    /// Leaves so many units for today.
    pub(super) fn leave(&mut self, now: Timestamp, app: &str, left: u64) {
        self.days.insert(app.to_owned(), (pacific_day(now), DAY_UNITS.saturating_sub(left)));
    }

    /// Takes a call of the project's minute.
    pub(super) fn call(&mut self, now: Timestamp, app: &str) -> Result<(), Answer> {
        let this = now.as_second().div_euclid(60);
        let (minute, used) = self.minutes.entry(app.to_owned()).or_insert((this, 0));
        if *minute != this {
            (*minute, *used) = (this, 0);
        }
        *used += 1;
        if *used > MINUTE_CALLS { Err(too_many()) } else { Ok(()) }
    }
}

pub(super) fn too_many() -> Answer {
    let message = "Quota exceeded for quota metric 'Requests' and limit 'Requests per minute'.";
    cloud(429, "RESOURCE_EXHAUSTED", message).outcome("refused:rate_limited")
}

/// The day in California, by which YouTube counts.
pub(super) fn pacific_day(now: Timestamp) -> Date {
    let zone = TimeZone::posix("PST8PDT,M3.2.0,M11.1.0").unwrap_or(TimeZone::UTC);
    now.to_zoned(zone).date()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_has_ten_thousand_units_a_day() {
        let mut quotas = Quotas::default();
        let noon: Timestamp = "2026-11-22T20:00:00Z".parse().unwrap_or_default();
        let took = (0..12_000).filter(|_| quotas.unit(noon, "app").is_ok()).count();
        assert_eq!(took, 10_000);
        assert!(quotas.unit(noon, "other").is_ok(), "each project has its own");
    }
}
