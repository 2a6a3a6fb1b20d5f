//! What is known of an account's figures, read day by day. What is not known is told as a gap, and never as a number.
//!
//! **When a missing day is a gap.** A figure that is not known for a day is a gap if the account was connected on that
//! day and the figure should be known by now: a level up to and including yesterday, what is measured by the day up to
//! and including the day before yesterday, as platforms tell a day when it is over and some of them a day later.
//! Today's level, and what was measured yesterday, are told if they are known and are missing from the series if they
//! are not; what was measured today never is told, as the day is not over. On days on which the account was not
//! connected nothing is a gap: they are in the series only where the platform told them afterwards.

mod csv;
mod growth;
mod kept;
mod point;

#[cfg(test)]
mod laws;
#[cfg(test)]
pub(crate) mod tests;

use std::{collections::BTreeMap, fmt};

use jiff::{Timestamp, ToSpan as _, civil::Date};
use serde::{Deserialize, Serialize, Serializer};

pub use self::{
    csv::csv,
    growth::{Amount, Completeness, Growth, Latest, Missing},
    point::{Bucket, Granularity, Point, Quality, Series},
};
use crate::{
    Capability, EpisodeId, Metric, Snapshot, Tells,
    health::{Rule, episode::Episode},
    schedule::Zone,
};

/// What can be asked for as a series: what platforms count, and what follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// A number that platforms tell.
    Metric(Metric),
    /// Likes, comments, shares and saves of a day, as far as they are known, of the followers of that day. Amounts of
    /// it are thousandths of a per cent.
    EngagementRate,
}

impl Key {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 12] = [
        Self::Metric(Metric::Followers),
        Self::Metric(Metric::Following),
        Self::Metric(Metric::Posts),
        Self::Metric(Metric::Likes),
        Self::Metric(Metric::Saves),
        Self::Metric(Metric::Clicks),
        Self::Metric(Metric::Comments),
        Self::Metric(Metric::Shares),
        Self::Metric(Metric::Impressions),
        Self::Metric(Metric::Views),
        Self::Metric(Metric::Reach),
        Self::EngagementRate,
    ];

    /// The word used in requests and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Metric(metric) => metric.as_str(),
            Self::EngagementRate => "engagement_rate",
        }
    }

    /// The key of a word, if it is one.
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.as_str() == word)
    }

    /// Whether it is how much there is at a moment, and not how much there was on a day.
    pub fn is_level(self) -> bool {
        matches!(self, Self::Metric(metric) if metric.is_level())
    }

    /// An amount of it as answers tell it: a whole number, or a per cent.
    pub fn number(self, amount: impl Into<i128>) -> serde_json::Value {
        let amount = clamp(amount.into());
        match self {
            Self::Metric(_) => amount.into(),
            Self::EngagementRate => Percent(amount).as_f64().into(),
        }
    }

    /// The same as text.
    fn text(self, amount: u64) -> String {
        match self {
            Self::Metric(_) => amount.to_string(),
            Self::EngagementRate => Percent(clamp(amount.into())).to_string(),
        }
    }

    /// What several days come to: the last level, the sum of what was measured, the mean of rates.
    fn total(self, days: &[u64]) -> Option<u64> {
        let last = *days.last()?;
        let sum = || days.iter().fold(0_u64, |sum, day| sum.saturating_add(*day));
        match self {
            level if level.is_level() => Some(last),
            Self::Metric(_) => Some(sum()),
            Self::EngagementRate => {
                let many = days.len() as u64;
                Some(sum().saturating_add(many / 2) / many)
            }
        }
    }
}

/// A share, in thousandths of a per cent; answers tell it as a number of per cent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(pub i64);

impl Percent {
    /// How many per cent a part is, rounded to the nearest; none of nothing.
    pub fn of(part: impl Into<i128>, whole: u64) -> Option<Self> {
        let (part, whole) = (part.into(), i128::from(whole));
        let half = if part < 0 { -whole / 2 } else { whole / 2 };
        part.saturating_mul(100_000).saturating_add(half).checked_div(whole).map(|share| Self(clamp(share)))
    }

    /// As a number of per cent.
    pub fn as_f64(self) -> f64 {
        self.to_string().parse().unwrap_or_default()
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, of) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        let text = format!("{sign}{}.{:03}", of / 1_000, of % 1_000);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.as_f64())
    }
}

fn clamp(amount: i128) -> i64 {
    i64::try_from(amount).unwrap_or(if amount < 0 { i64::MIN } else { i64::MAX })
}

/// How much more the second is.
pub(crate) fn change(from: u64, to: u64) -> i64 {
    clamp(i128::from(to) - i128::from(from))
}

/// Days from a first to a last one, both counted; none if the last is before the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Days {
    /// The first.
    pub first: Date,
    /// The last.
    pub last: Date,
}

impl Days {
    /// One day.
    pub fn one(day: Date) -> Self {
        Self { first: day, last: day }
    }

    /// So many days, of which the last is `last`.
    pub fn until(last: Date, many: u32) -> Self {
        Self { first: earlier(last, i64::from(many) - 1), last }
    }

    /// The days on which something was that began at a moment, and that ended at one or has not.
    pub fn of(from: Timestamp, until: Option<Timestamp>, zone: &Zone, today: Date) -> Self {
        Self { first: zone.day(from), last: until.map_or(today, |until| zone.day(until)) }
    }

    /// Whether a day is one of them.
    pub fn contains(self, day: Date) -> bool {
        self.first <= day && day <= self.last
    }

    /// One after the other.
    pub fn iter(self) -> impl Iterator<Item = Date> {
        self.first.series(1.day()).take_while(move |day| *day <= self.last)
    }

    /// How many.
    pub fn count(self) -> u32 {
        let days = self.first.until(self.last).map_or(0, |span| i64::from(span.get_days()));
        u32::try_from(days + 1).unwrap_or(0)
    }

    /// As many days, right before these.
    #[must_use]
    pub fn before(self) -> Self {
        Self::until(earlier(self.first, 1), self.count())
    }

    /// Those of them that are also among the others.
    #[must_use]
    pub fn within(self, others: Self) -> Self {
        Self { first: self.first.max(others.first), last: self.last.min(others.last) }
    }
}

/// So many days before a day, or after it if there are fewer than none.
pub fn earlier(day: Date, many: i64) -> Date {
    jiff::Span::new().try_days(many).map_or(Date::MIN, |days| day.saturating_sub(days))
}

/// A trouble that can have kept figures from being known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trouble {
    /// Which one.
    pub episode: EpisodeId,
    /// The rule that found it; the first one is the worst.
    pub rule: Rule,
    /// Since when.
    pub opened_at: Timestamp,
    /// When it was over; none if it is not.
    pub resolved_at: Option<Timestamp>,
}

impl Trouble {
    /// What a trouble can have kept from being known: nothing, if a person must only act soon, or if it is publishing
    /// or messages alone that do not work.
    pub fn of(episode: &Episode) -> Option<Self> {
        let Episode { id, reason, opened_at, resolved_at } = episode;
        let is_other = matches!(reason.capability, Some(Capability::Publish | Capability::Messages));
        let of = Self { episode: *id, rule: reason.rule, opened_at: *opened_at, resolved_at: *resolved_at };
        (reason.rule != Rule::Expiring && !is_other).then_some(of)
    }
}

/// What is known of the figures of one account.
#[derive(Debug, Clone, PartialEq)]
pub struct Ledger {
    /// What was kept, by its day.
    pub snapshots: BTreeMap<Date, Snapshot>,
    /// What the platform can tell of such an account.
    pub tells: Tells,
    /// When it was connected; a day on which it was for a part of it counts.
    pub connected: Vec<Days>,
    /// What can have kept figures from being known.
    pub troubles: Vec<Trouble>,
    /// The workspace's zone.
    pub zone: Zone,
    /// Which day it is there.
    pub today: Date,
}

/// What is known of one day.
#[derive(Debug, Clone, Copy)]
struct Known {
    value: u64,
    /// Whether it was told so late that the platform gave it afterwards.
    late: bool,
}

impl Ledger {
    /// Whether the platform tells it of such an account.
    pub fn supports(&self, key: Key) -> bool {
        match key {
            Key::Metric(metric) if metric.is_level() => self.tells.level.contains(&metric),
            Key::Metric(metric) => self.tells.measured.contains(&metric),
            Key::EngagementRate => {
                self.tells.level.contains(&Metric::Followers)
                    && ENGAGEMENT.iter().any(|metric| self.tells.measured.contains(metric))
            }
        }
    }

    /// The last day of which it must be known by now.
    fn settled(&self, key: Key) -> Date {
        earlier(self.today, if key.is_level() { 1 } else { 2 })
    }

    /// Whether it was connected on a day, or a part of it.
    pub fn is_connected(&self, day: Date) -> bool {
        self.connected.iter().any(|days| days.contains(day))
    }

    /// Whether an account that was connected on that day must be known of by now, or is.
    fn is_expected(&self, key: Key, day: Date) -> bool {
        let known = self.known(key, day).is_some();
        self.is_connected(day) && (known || (self.supports(key) && day <= self.settled(key)))
    }

    fn known(&self, key: Key, day: Date) -> Option<Known> {
        if day > self.today || (day == self.today && !key.is_level()) {
            return None;
        }
        let snapshot = self.snapshots.get(&day)?;
        let late = snapshot.measured_at.is_some_and(|at| earlier(self.zone.day(at), 2) > day);
        match key {
            Key::Metric(metric) if metric.is_level() => {
                snapshot.level.get(&metric).map(|value| Known { value: *value, late: false })
            }
            Key::Metric(metric) => snapshot.measured.get(&metric).map(|value| Known { value: *value, late }),
            Key::EngagementRate => engagement_rate(snapshot).map(|value| Known { value, late }),
        }
    }

    /// What is known of a figure and a day.
    pub fn value(&self, key: Key, day: Date) -> Option<u64> {
        self.known(key, day).map(|known| known.value)
    }

    /// The worst trouble that held on a day.
    fn trouble_on(&self, day: Date) -> Option<EpisodeId> {
        let held =
            |trouble: &&Trouble| Days::of(trouble.opened_at, trouble.resolved_at, &self.zone, self.today).contains(day);
        self.troubles.iter().filter(held).min_by_key(|trouble| worst_first(trouble)).map(|trouble| trouble.episode)
    }

    /// Those of some days of which anything can be known.
    fn clip(&self, days: Days) -> Days {
        let connected = self.connected.iter().map(|days| days.first);
        let first = self.snapshots.keys().next().copied().into_iter().chain(connected).min();
        days.within(Days { first: first.unwrap_or(Date::MAX), last: self.today })
    }
}

fn worst_first(trouble: &Trouble) -> (Rule, Timestamp, EpisodeId) {
    (trouble.rule, trouble.opened_at, trouble.episode)
}

/// What counts as engagement.
const ENGAGEMENT: [Metric; 4] = [Metric::Likes, Metric::Comments, Metric::Shares, Metric::Saves];

fn engagement_rate(snapshot: &Snapshot) -> Option<u64> {
    let known = ENGAGEMENT.iter().filter_map(|metric| snapshot.measured.get(metric));
    let sum = known.fold(None, |sum: Option<u64>, more| Some(sum.unwrap_or(0).saturating_add(*more)))?;
    let Percent(rate) = Percent::of(sum, *snapshot.level.get(&Metric::Followers)?)?;
    u64::try_from(rate).ok()
}
