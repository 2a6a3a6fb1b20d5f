//! Accounts over a month and over a week, counted.

mod monthly;
mod weekly;

#[cfg(test)]
mod tests;

pub use self::{
    monthly::{AccountMonth, Audited, Month, Monthly, NoMonth, Totals, monthly},
    weekly::{Reviewed, TroubleTold, Weekly, weekly},
};
use crate::{
    Key, Metric,
    series::{Percent, change},
};

/// The figure that portfolios are compared by.
const FOLLOWERS: Key = Key::Metric(Metric::Followers);

/// Followers of several accounts, at two times.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Followers {
    /// So many accounts are counted: those of which both are known.
    pub accounts: u32,
    /// So many are left out, of which they should be known and are not.
    pub left_out: u32,
    /// How many there were.
    pub from: u64,
    /// How many there are.
    pub to: u64,
}

impl Followers {
    /// How many more; none if no account is counted.
    pub fn change(self) -> Option<i64> {
        (self.accounts > 0).then(|| change(self.from, self.to))
    }

    /// How many more of those that there were; none of nothing.
    pub fn percent(self) -> Option<Percent> {
        Percent::of(self.change()?, self.from)
    }

    fn count(&mut self, from: u64, to: u64) {
        self.accounts += 1;
        self.from = self.from.saturating_add(from);
        self.to = self.to.saturating_add(to);
    }
}
