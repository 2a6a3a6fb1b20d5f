//! What is kept of an account's days, whatever figure.

use jiff::civil::Date;

use super::{Completeness, Days, Key, Ledger, Missing, earlier, growth::runs};
use crate::Metric;

impl Ledger {
    /// On how many days something should be known, and on how many it is: of a platform that tells levels up to
    /// yesterday, of one that only measures up to the day before, and of one that tells nothing on none. A later day
    /// counts if something is known of it.
    pub fn kept(&self, days: Days) -> Completeness {
        let mut of = Completeness::default();
        for day in self.clip(days).iter().filter(|day| self.is_due(*day)) {
            of.expected += 1;
            of.known += u32::from(self.is_kept(day));
        }
        of
    }

    /// How much is known of each figure that the platform tells, all together; rates follow from the others.
    pub fn kept_figures(&self, days: Days) -> Completeness {
        let keys = Metric::ALL.into_iter().map(Key::Metric).filter(|key| self.supports(*key));
        keys.fold(Completeness::default(), |sum, key| sum.and(self.completeness(key, days)))
    }

    /// The days on which something should be known and nothing is.
    pub fn nothing_known(&self, days: Days) -> Vec<Missing> {
        let lost = self.clip(days).iter().filter(|day| self.is_due(*day) && !self.is_kept(*day));
        runs(lost.map(|day| Missing::on(day, self.trouble_on(day))))
    }

    fn is_due(&self, day: Date) -> bool {
        let settled = match (self.tells.level.is_empty(), self.tells.measured.is_empty()) {
            (false, _) => Some(earlier(self.today, 1)),
            (true, false) => Some(earlier(self.today, 2)),
            (true, true) => None,
        };
        self.is_connected(day) && (settled.is_some_and(|settled| day <= settled) || self.is_kept(day))
    }

    fn is_kept(&self, day: Date) -> bool {
        let has = |snapshot: &crate::Snapshot| {
            !snapshot.level.is_empty() || (day < self.today && !snapshot.measured.is_empty())
        };
        day <= self.today && self.snapshots.get(&day).is_some_and(has)
    }
}
