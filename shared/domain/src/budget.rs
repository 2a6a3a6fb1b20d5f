//! What may be asked of a platform, how often, and at what price.

use std::{collections::BTreeMap, str::FromStr};

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::PlatformId;

/// California's time, by the rule of its law; it needs no list of zones on the machine.
const PACIFIC: &str = "PST8PDT,M3.2.0,M11.1.0";
/// How long nobody calls where nothing says for how long.
pub const UNKNOWN_STOP: SignedDuration = SignedDuration::from_mins(15);
/// Millionths of a US dollar in one.
pub const MICROS: u64 = 1_000_000;

/// What an account is looked at for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Its profile, with what it counts as now.
    Profile,
    /// What was measured of it, day by day.
    Metrics,
    /// Who follows it.
    Audience,
}

impl Class {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Profile, Self::Metrics, Self::Audience];

    /// The word used in the catalogue and in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Profile => "profile",
            Self::Metrics => "metrics",
            Self::Audience => "audience",
        }
    }
}

/// Whose a budget is, and who waits when it is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// Our app's, for all customers together.
    App,
    /// Each account's own.
    Account,
}

impl Per {
    /// The word used in the catalogue and in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Account => "account",
        }
    }
}

/// Over how long a budget is counted. Each begins at a round moment, for all processes at the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// A minute.
    Minute,
    /// Fifteen minutes.
    QuarterHour,
    /// An hour.
    Hour,
    /// A day of UTC.
    UtcDay,
    /// A day of California.
    PacificDay,
    /// The platform counts by itself and tells how many percent are used; we count by the hour, to show it.
    Percent,
}

impl Window {
    /// The word used in the catalogue and in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::QuarterHour => "quarter_hour",
            Self::Hour => "hour",
            Self::UtcDay => "utc_day",
            Self::PacificDay => "pacific_day",
            Self::Percent => "percent",
        }
    }

    /// When the window of a moment began.
    pub fn start(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Minute => rounded(now, 60),
            Self::QuarterHour => rounded(now, 900),
            Self::Hour | Self::Percent => rounded(now, 3600),
            Self::UtcDay => rounded(now, 86_400),
            Self::PacificDay => midnights(now).map_or_else(|| rounded(now, 86_400), |[start, _]| start),
        }
    }

    /// When it ends, which is when the next one begins.
    pub fn end(self, now: Timestamp) -> Timestamp {
        let after = |seconds| self.start(now) + SignedDuration::from_secs(seconds);
        match self {
            Self::Minute => after(60),
            Self::QuarterHour => after(900),
            Self::Hour | Self::Percent => after(3600),
            Self::UtcDay => after(86_400),
            Self::PacificDay => midnights(now).map_or_else(|| after(86_400), |[_, end]| end),
        }
    }

    /// When calls are welcome again after a refusal that does not say it.
    pub fn reopens(self, now: Timestamp) -> Timestamp {
        if self == Self::Percent { now + UNKNOWN_STOP } else { self.end(now) }
    }
}

/// The latest moment that is a whole number of so many seconds.
fn rounded(now: Timestamp, seconds: i64) -> Timestamp {
    Timestamp::from_second(now.as_second() - now.as_second().rem_euclid(seconds)).unwrap_or(now)
}

/// The midnights in California before and after a moment. Days of the change have 23 and 25 hours.
fn midnights(now: Timestamp) -> Option<[Timestamp; 2]> {
    let zone = TimeZone::posix(PACIFIC).ok()?;
    let today = now.to_zoned(zone.clone()).date();
    let begins = |day: Date| Some(day.to_zoned(zone.clone()).ok()?.timestamp());
    Some([begins(today)?, begins(today.tomorrow().ok()?)?])
}

/// So many calls in so much time. What has the same name has the same rule, and is one budget of each of our apps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// Its name in the table and in answers.
    pub name: String,
    /// What it is for.
    pub classes: Vec<Class>,
    /// Whose it is.
    pub per: Per,
    /// Over how long it is counted.
    pub window: Window,
    /// How many units there are in a window; none where the platform tells no number.
    pub limit: Option<u64>,
    /// How many units a look at an account takes at most.
    #[serde(default = "one")]
    pub cost: u64,
    /// How much of the limit may be used for looking; the rest is for people and for publishing.
    pub share_percent: Option<u64>,
    /// Nobody looks from that use on, where the platform tells it in percent.
    pub stop_percent: Option<u64>,
}

fn one() -> u64 {
    1
}

impl Budget {
    /// Whether it is for that.
    pub fn serves(&self, class: Class) -> bool {
        self.classes.contains(&class)
    }

    /// How many units looking may use in a window; without end where the platform tells no number.
    pub fn share(&self) -> Option<u64> {
        self.limit.map(|limit| limit.saturating_mul(self.share_percent.unwrap_or(100)) / 100)
    }

    /// How many looks still go where so many units are used, of those that are wanted.
    pub fn fits(&self, used: u64, wanted: u64) -> u64 {
        let Some(share) = self.share() else { return wanted };
        wanted.min(share.saturating_sub(used) / self.cost.max(1))
    }
}

/// How much more than that may be spent where so much was; what costs nothing always may.
pub fn affordable(cap: Option<u64>, spent: u64, price: u64, wanted: u64) -> u64 {
    match cap {
        Some(cap) if price > 0 => wanted.min(cap.saturating_sub(spent) / price),
        _ => wanted,
    }
}

/// The day of UTC that a moment is in: money is counted by it.
pub fn day(now: Timestamp) -> Date {
    now.to_zoned(TimeZone::UTC).date()
}

/// Why somebody has to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The platform said that it is enough.
    Stopped,
    /// The calls of the window are used up.
    Calls,
    /// The money of the day is used up.
    Money,
}

impl Why {
    /// The word used in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::Calls => "calls",
            Self::Money => "money",
        }
    }
}

/// What may be spent at each platform in a day of UTC, in millionths of a US dollar; what is not named has no end.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spend(BTreeMap<PlatformId, u64>);

impl Spend {
    /// What may be spent at a platform.
    pub fn at(&self, platform: &PlatformId) -> Option<u64> {
        self.0.get(platform).copied()
    }
}

/// The text is not `platform=dollars,…`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not like x=100: a platform and whole US dollars a day, several separated by commas")]
pub struct BadSpend;

impl FromStr for Spend {
    type Err = BadSpend;

    /// `x=100`: whole US dollars a day; nothing at all is no cap.
    fn from_str(text: &str) -> Result<Self, BadSpend> {
        let mut caps = BTreeMap::new();
        for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            let (platform, dollars) = entry.split_once('=').ok_or(BadSpend)?;
            let platform: PlatformId = platform.trim().parse().map_err(|_| BadSpend)?;
            let dollars: u32 = dollars.trim().parse().map_err(|_| BadSpend)?;
            if caps.insert(platform, u64::from(dollars) * MICROS).is_some() {
                return Err(BadSpend);
            }
        }
        Ok(Self(caps))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn budget(limit: Option<u64>, share_percent: Option<u64>, cost: u64) -> Budget {
        Budget {
            name: "calls".to_owned(),
            classes: vec![Class::Profile],
            per: Per::App,
            window: Window::Minute,
            limit,
            cost,
            share_percent,
            stop_percent: None,
        }
    }

    #[test]
    fn a_window_is_from_one_round_moment_to_the_next() {
        for (window, now, start, end) in [
            (Window::Minute, "2026-11-22T10:07:59.9Z", "2026-11-22T10:07:00Z", "2026-11-22T10:08:00Z"),
            (Window::QuarterHour, "2026-11-22T10:14:59Z", "2026-11-22T10:00:00Z", "2026-11-22T10:15:00Z"),
            (Window::QuarterHour, "2026-11-22T10:15:00Z", "2026-11-22T10:15:00Z", "2026-11-22T10:30:00Z"),
            (Window::Hour, "2026-11-22T10:59:59Z", "2026-11-22T10:00:00Z", "2026-11-22T11:00:00Z"),
            (Window::Percent, "2026-11-22T10:59:59Z", "2026-11-22T10:00:00Z", "2026-11-22T11:00:00Z"),
            (Window::UtcDay, "2026-12-31T23:59:59Z", "2026-12-31T00:00:00Z", "2027-01-01T00:00:00Z"),
            (Window::UtcDay, "2027-01-01T00:00:00Z", "2027-01-01T00:00:00Z", "2027-01-02T00:00:00Z"),
        ] {
            assert_eq!((window.start(at(now)), window.end(at(now))), (at(start), at(end)), "{window:?} {now}");
        }
    }

    /// Eight hours behind in winter, seven in summer; the days of the change have 23 and 25 hours.
    #[test]
    fn californias_day_follows_its_clocks() {
        for (now, start, end) in [
            ("2026-11-22T07:59:59Z", "2026-11-21T08:00:00Z", "2026-11-22T08:00:00Z"),
            ("2026-11-22T08:00:00Z", "2026-11-22T08:00:00Z", "2026-11-23T08:00:00Z"),
            ("2026-07-01T10:00:00Z", "2026-07-01T07:00:00Z", "2026-07-02T07:00:00Z"),
            ("2026-03-08T08:00:00Z", "2026-03-08T08:00:00Z", "2026-03-09T07:00:00Z"),
            ("2026-03-09T06:59:59Z", "2026-03-08T08:00:00Z", "2026-03-09T07:00:00Z"),
            ("2026-11-01T07:00:00Z", "2026-11-01T07:00:00Z", "2026-11-02T08:00:00Z"),
            ("2026-11-02T07:59:59Z", "2026-11-01T07:00:00Z", "2026-11-02T08:00:00Z"),
        ] {
            let window = Window::PacificDay;
            assert_eq!((window.start(at(now)), window.end(at(now))), (at(start), at(end)), "{now}");
        }
    }

    #[test]
    fn what_fits_is_what_is_left_of_the_share_in_whole_looks() {
        let half = budget(Some(10_000), Some(50), 3);
        assert_eq!(half.share(), Some(5_000));
        assert_eq!([half.fits(0, 9), half.fits(4_990, 9), half.fits(4_998, 9)], [9, 3, 0]);
        assert_eq!([half.fits(5_000, 1), half.fits(u64::MAX, 1)], [0, 0]);
        assert_eq!(budget(Some(7), None, 1).share(), Some(7), "all of it where nobody else needs any");
        assert_eq!(budget(None, Some(50), 1).fits(u64::MAX, 9), 9, "no number, no end");
    }

    #[test]
    fn nothing_is_spent_beyond_the_cap() {
        let cent = 10_000;
        assert_eq!(affordable(Some(25_000), 0, cent, 9), 2);
        assert_eq!(affordable(Some(25_000), 5_001, cent, 9), 1);
        assert_eq!(affordable(Some(25_000), 30_000, cent, 9), 0);
        assert_eq!(affordable(Some(0), 0, 0, 9), 9, "what costs nothing");
        assert_eq!(affordable(None, u64::MAX, cent, 9), 9);
    }

    #[test]
    fn a_refusal_without_a_time_lasts_to_the_windows_end_or_a_quarter_of_an_hour() {
        let now = at("2026-11-22T10:07:30Z");
        assert_eq!(Window::UtcDay.reopens(now), at("2026-11-23T00:00:00Z"));
        assert_eq!(Window::Minute.reopens(now), at("2026-11-22T10:08:00Z"));
        assert_eq!(Window::Percent.reopens(now), at("2026-11-22T10:22:30Z"));
    }

    #[test]
    fn a_cap_is_in_whole_dollars_by_platform() {
        let spend: Spend = "x=100, youtube=0".parse().expect("good");
        let at = |platform: &str| spend.at(&platform.parse().expect("legal"));
        assert_eq!([at("x"), at("youtube"), at("facebook")], [Some(100 * MICROS), Some(0), None]);
        assert_eq!("".parse(), Ok(Spend::default()));
        for odd in ["x", "x=", "x=-1", "x=1.5", "X=1", "=1", "x=1,x=2", "x=1;y=2"] {
            assert_eq!(odd.parse::<Spend>(), Err(BadSpend), "{odd}");
        }
    }
}
