//! How much more or less it became, how much of it is known, and what is known last.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Days, Key, Ledger, Percent, change, earlier};
use crate::{EpisodeId, Metric};

/// A figure and its days: one of a level, all that were summed of what is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amount {
    /// The days.
    pub days: Days,
    /// The figure.
    pub value: u64,
}

/// Days that are not known, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// The days.
    #[serde(flatten)]
    pub days: Days,
    /// The trouble that held then, if there was one.
    pub episode: Option<EpisodeId>,
}

impl Missing {
    pub(super) fn on(day: Date, episode: Option<EpisodeId>) -> Self {
        Self { days: Days::one(day), episode }
    }
}

/// How much more it became. Whoever tells it tells its gaps too.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Growth {
    /// The first level that is known, or the sum of as many days before.
    pub from: Option<Amount>,
    /// The last level that is known, or the sum of the days.
    pub to: Option<Amount>,
    /// How much more; none unless two days, or all days of both sums, are known.
    pub absolute: Option<i64>,
    /// How much more of what it was; none of nothing.
    #[serde(default, with = "exact")]
    pub percent: Option<Percent>,
    /// What is not known between the two days of a level, and of the days of both sums.
    pub gaps: Vec<Missing>,
}

/// How much of what should be known is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completeness {
    /// So many days should be.
    pub expected: u32,
    /// So many are.
    pub known: u32,
}

impl Completeness {
    /// How many of a thousand, rounded down, so that a thousand is all; none where nothing should be known.
    pub fn per_mille(self) -> Option<u16> {
        let of = (u64::from(self.known) * 1_000).checked_div(u64::from(self.expected))?;
        u16::try_from(of).ok()
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { expected: self.expected + other.expected, known: self.known + other.known }
    }
}

/// What is known last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Latest {
    /// Its day.
    pub date: Date,
    /// The figure.
    pub value: u64,
    /// How much more than a week before: a level than on the day, the sum of seven days than the one of the seven
    /// before. None where a day that it takes is not known.
    pub delta_7d: Option<i64>,
    /// The same of thirty days.
    pub delta_30d: Option<i64>,
}

impl Ledger {
    /// How much more a figure became over some days. A level is compared between the first and the last day that is
    /// known of them; what is measured with as many days before, if all are known. Days that cannot be known yet are
    /// left off.
    pub fn growth(&self, key: Key, days: Days) -> Growth {
        if key.is_level() { self.level_growth(key, days) } else { self.sum_growth(key, days) }
    }

    fn level_growth(&self, key: Key, days: Days) -> Growth {
        let known = |day| Some(Amount { days: Days::one(day), value: self.value(key, day)? });
        let mut all = self.clip(days).iter().filter_map(known);
        let Some(from) = all.next() else { return Growth::default() };
        let to = all.last().unwrap_or(from);
        let between = Days { first: from.days.first, last: to.days.last };
        Growth { gaps: self.missing(key, between), ..compare(from, to) }
    }

    fn sum_growth(&self, key: Key, days: Days) -> Growth {
        let yesterday = earlier(self.today, 1);
        let last = if self.value(key, yesterday).is_some() { yesterday } else { self.settled(key) };
        let days = Days { last: days.last.min(last), ..days };
        if days.count() == 0 || !self.supports(key) && self.clip(days).iter().all(|d| self.value(key, d).is_none()) {
            return Growth::default();
        }
        match (self.sum(key, days.before()), self.sum(key, days)) {
            (Some(from), Some(to)) => compare(from, to),
            (from, to) => {
                let both = Days { first: days.before().first, last: days.last };
                Growth { from, to, gaps: self.missing(key, both), ..Growth::default() }
            }
        }
    }

    /// What all the days come to; none if one is not known.
    fn sum(&self, key: Key, days: Days) -> Option<Amount> {
        let known = self.clip(days);
        let values: Option<Vec<u64>> = known.iter().map(|day| self.value(key, day)).collect();
        let value = key.total(&values?)?;
        (known == days).then_some(Amount { days, value })
    }

    /// The days that are not known, whether they should be or not.
    fn missing(&self, key: Key, days: Days) -> Vec<Missing> {
        let of = |day| Missing::on(day, self.trouble_on(day));
        // Of what is long before all that is known one gap tells, and not each of its days.
        let can_be = self.clip(days);
        let before = Days { last: days.last.min(earlier(can_be.first, 1)), ..days };
        let long_before = (before.count() > 0).then_some(Missing { days: before, episode: None });
        let unknown = can_be.iter().filter(|day| self.value(key, *day).is_none()).map(of);
        runs(long_before.into_iter().chain(unknown))
    }

    /// How much of a figure is known of some days. A day that may be known already counts only if it is.
    pub fn completeness(&self, key: Key, days: Days) -> Completeness {
        let mut of = Completeness::default();
        for day in self.clip(days).iter().filter(|day| self.is_expected(key, *day)) {
            of.expected += 1;
            of.known += u32::from(self.value(key, day).is_some());
        }
        of
    }

    /// What is known last of each figure; of what never was known there is nothing.
    pub fn latest(&self) -> BTreeMap<Key, Latest> {
        Key::ALL.into_iter().filter_map(|key| Some((key, self.latest_of(key)?))).collect()
    }

    /// What is known last of one figure.
    pub fn latest_of(&self, key: Key) -> Option<Latest> {
        let (date, value) = self.snapshots.keys().rev().find_map(|day| Some((*day, self.value(key, *day)?)))?;
        let delta = |many| self.delta(key, date, many);
        Some(Latest { date, value, delta_7d: delta(7), delta_30d: delta(30) })
    }

    fn delta(&self, key: Key, date: Date, many: u32) -> Option<i64> {
        let (from, to) = if key.is_level() {
            (self.value(key, earlier(date, many.into()))?, self.value(key, date)?)
        } else {
            let days = Days::until(date, many);
            (self.sum(key, days.before())?.value, self.sum(key, days)?.value)
        };
        Some(change(from, to))
    }

    /// What platforms tell in total of what is no level here, like the views of a channel over all time: the last that
    /// is known, and no series.
    pub fn totals(&self) -> BTreeMap<Metric, Amount> {
        let days = self.snapshots.range(..=self.today);
        let all = days.flat_map(|(day, snapshot)| snapshot.level.iter().map(|(metric, value)| (*metric, *day, *value)));
        all.filter(|(metric, ..)| !metric.is_level())
            .map(|(metric, day, value)| (metric, Amount { days: Days::one(day), value }))
            .collect()
    }
}

/// Thousandths, as a share is kept; answers tell it as a number of per cent.
mod exact {
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    use super::Percent;

    #[expect(clippy::ref_option, reason = "the form that serde asks for")]
    pub(super) fn serialize<S: Serializer>(share: &Option<Percent>, serializer: S) -> Result<S::Ok, S::Error> {
        share.map(|Percent(thousandths)| thousandths).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Percent>, D::Error> {
        Ok(Option::<i64>::deserialize(deserializer)?.map(Percent))
    }
}

fn compare(from: Amount, to: Amount) -> Growth {
    let absolute = (from.days != to.days).then(|| change(from.value, to.value));
    let percent = absolute.and_then(|more| Percent::of(more, from.value));
    Growth { from: Some(from), to: Some(to), absolute, percent, gaps: Vec::new() }
}

/// Days that follow each other under the same trouble, as one.
pub(super) fn runs(missing: impl IntoIterator<Item = Missing>) -> Vec<Missing> {
    let mut runs: Vec<Missing> = Vec::new();
    for next in missing {
        match runs.last_mut() {
            Some(run) if run.episode == next.episode && earlier(next.days.first, 1) == run.days.last => {
                run.days.last = next.days.last;
            }
            _ => runs.push(next),
        }
    }
    runs
}
