//! A series: its days, and the weeks and months that they make.

use jiff::{ToSpan as _, civil::Date};
use serde::{Deserialize, Serialize};

use super::{Days, Key, Ledger, Trouble, earlier, worst_first};
use crate::EpisodeId;

/// How a figure came to be known, or why it is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quality {
    /// It was seen when it was, or measured and told in time.
    Observed,
    /// The platform told it afterwards, more than two days after its day.
    Backfilled,
    /// It should be known and is not.
    Gap {
        /// The trouble that held then, if there was one.
        episode: Option<EpisodeId>,
    },
    /// The platform does not tell it.
    Unsupported,
}

impl Quality {
    /// The word used in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Observed => "observed",
            Self::Backfilled => "backfilled",
            Self::Gap { .. } => "gap",
            Self::Unsupported => "unsupported",
        }
    }

    /// The trouble by which it is not known.
    pub fn episode(self) -> Option<EpisodeId> {
        match self {
            Self::Gap { episode } => episode,
            _ => None,
        }
    }
}

/// One day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// The day.
    pub date: Date,
    /// The figure; none of a gap, and of what the platform does not tell.
    pub value: Option<u64>,
    /// How it came to be known.
    pub quality: Quality,
}

/// One figure over some days, of which not all need be known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// Which figure.
    pub key: Key,
    /// Its days, in their order.
    pub points: Vec<Point>,
    /// The troubles, worst first.
    worst: Vec<EpisodeId>,
}

/// How long the pieces are that a series is told in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Granularity {
    /// Days.
    Day,
    /// Weeks, from Monday.
    Week,
    /// Calendar months.
    Month,
}

impl Granularity {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Day, Self::Week, Self::Month];

    /// The word used in requests and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// The piece of the calendar that a day lies in.
    pub fn around(self, day: Date) -> Days {
        match self {
            Self::Day => Days::one(day),
            Self::Week => {
                let first = earlier(day, i64::from(day.weekday().to_monday_zero_offset()));
                Days { first, last: first.saturating_add(6.days()) }
            }
            Self::Month => Days { first: day.first_of_month(), last: day.last_of_month() },
        }
    }
}

/// One piece of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    /// The days of the calendar that it stands for, also those that are not in the series.
    pub of: Days,
    /// The last level that is known in it, the sum of what was measured on its known days, or the mean of their rates.
    pub value: Option<u64>,
    /// A gap if nothing of it is known, backfilled if some of it is.
    pub quality: Quality,
    /// How many days of it are in the series.
    pub days: u32,
    /// How many of these are known.
    pub known_days: u32,
    /// The worst trouble by which days of it are not known.
    pub episode: Option<EpisodeId>,
}

impl Series {
    /// It in pieces.
    pub fn by(&self, granularity: Granularity) -> Vec<Bucket> {
        let pieces = self.points.chunk_by(|one, next| granularity.around(one.date).contains(next.date));
        pieces.filter_map(|points| self.bucket(granularity.around(points.first()?.date), points)).collect()
    }

    fn bucket(&self, of: Days, points: &[Point]) -> Option<Bucket> {
        let known: Vec<u64> = points.iter().filter_map(|point| point.value).collect();
        let is = |quality| points.iter().any(|point| point.quality == quality);
        let named: Vec<EpisodeId> = points.iter().filter_map(|point| point.quality.episode()).collect();
        let episode = self.worst.iter().find(|episode| named.contains(episode)).copied();
        let quality = if known.is_empty() {
            let all_unsupported = points.iter().all(|point| point.quality == Quality::Unsupported);
            if all_unsupported { Quality::Unsupported } else { Quality::Gap { episode } }
        } else if is(Quality::Backfilled) {
            Quality::Backfilled
        } else {
            Quality::Observed
        };
        let value = self.key.total(&known);
        let (days, known_days) = (u32::try_from(points.len()).ok()?, u32::try_from(known.len()).ok()?);
        Some(Bucket { of, value, quality, days, known_days, episode })
    }
}

impl Ledger {
    /// What is known of a figure on some days, and what is missing.
    pub fn series(&self, key: Key, days: Days) -> Series {
        let mut troubles: Vec<&Trouble> = self.troubles.iter().collect();
        troubles.sort_by_key(|trouble| worst_first(trouble));
        let points = self.clip(days).iter().filter_map(|day| self.point(key, day)).collect();
        Series { key, points, worst: troubles.iter().map(|trouble| trouble.episode).collect() }
    }

    fn point(&self, key: Key, date: Date) -> Option<Point> {
        if let Some(known) = self.known(key, date) {
            let quality = if known.late { Quality::Backfilled } else { Quality::Observed };
            return Some(Point { date, value: Some(known.value), quality });
        }
        let missing = || Quality::Gap { episode: self.trouble_on(date) };
        let quality = if self.supports(key) { missing() } else { Quality::Unsupported };
        (self.is_connected(date) && date <= self.settled(key)).then_some(Point { date, value: None, quality })
    }
}
