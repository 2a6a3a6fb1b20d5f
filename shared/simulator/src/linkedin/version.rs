//! `LinkedIn-Version: YYYYMM`, which every call below `/rest` needs.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::error::coded;
use crate::answer::Answer;
use crate::call::Call;

/// LinkedIn docs, versioning: the day from which a version is no longer served. The others end alike, on the 15th a year
/// after they came.
const SUNSET: [(&str, &str); 5] = [
    ("202510", "2026-10-15"),
    ("202511", "2026-11-16"),
    ("202601", "2027-01-15"),
    ("202602", "2027-02-15"),
    ("202603", "2027-03-16"),
];

/// The versions that were ended ahead of time.
#[derive(Default)]
pub(super) struct Versions {
    ended: BTreeSet<String>,
}

impl Versions {
    pub(super) fn serve(&self, now: Timestamp, call: &Call) -> Result<(), Answer> {
        let asked = call.header("linkedin-version");
        if asked.is_empty() {
            return Err(coded(
                400,
                "VERSION_MISSING",
                "A version must be present. Please specify a version by adding the LinkedIn-Version header.",
            ));
        }
        if self.is_served(now, asked) {
            return Ok(());
        }
        let message = format!("Requested version {asked}01 is not active");
        Err(coded(426, "NONEXISTENT_VERSION", &message))
    }

    fn is_served(&self, now: Timestamp, version: &str) -> bool {
        let Some((begins, ends)) = life(version) else { return false };
        let today = now.to_zoned(TimeZone::UTC).date();
        (begins..ends).contains(&today) && !self.ended.contains(version)
    }

    /// Ends a version now; `false` if it never was one.
    pub(super) fn end(&mut self, version: &str) -> bool {
        let known = life(version).is_some();
        if known {
            self.ended.insert(version.to_owned());
        }
        known
    }
}

/// The first day on which a version is served, and the first on which it is no longer.
fn life(version: &str) -> Option<(Date, Date)> {
    if version.len() != 6 || !version.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let (year, month) = (version[..4].parse::<i16>().ok()?, version[4..].parse::<i8>().ok()?);
    let begins = Date::new(year, month, 1).ok()?;
    let ends = match SUNSET.iter().find(|(known, _)| *known == version) {
        Some((_, day)) => day.parse().ok()?,
        None => Date::new(year + 1, month, 15).ok()?,
    };
    Some((begins, ends))
}
