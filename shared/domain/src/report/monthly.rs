//! The monthly audit: what should be known of each account, and what is.

use std::{collections::BTreeMap, fmt, str::FromStr};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{FOLLOWERS, Followers};
use crate::{
    AccountId, Days, EpisodeId, Granularity, Ledger, PlatformId,
    health::episode::Episode,
    series::{Completeness, Growth, Missing},
};

/// A calendar month, `2026-11`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(Date);

/// The text is no month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a month: four digits, a hyphen and two digits")]
pub struct NoMonth;

impl Month {
    /// The month of a day.
    pub fn of(day: Date) -> Self {
        Self(day.first_of_month())
    }

    /// The one before.
    #[must_use]
    pub fn before(self) -> Self {
        Self::of(self.0.yesterday().unwrap_or(self.0))
    }

    /// Its days.
    pub fn days(self) -> Days {
        Granularity::Month.around(self.0)
    }
}

impl FromStr for Month {
    type Err = NoMonth;

    fn from_str(text: &str) -> Result<Self, NoMonth> {
        let first: Date = format!("{text}-01").parse().map_err(|_| NoMonth)?;
        // One spelling only.
        if Self(first).to_string() == text { Ok(Self(first)) } else { Err(NoMonth) }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.strftime("%Y-%m"))
    }
}

/// What a month of one account is judged by.
#[derive(Debug, Clone, Copy)]
pub struct Audited<'a> {
    /// The account.
    pub account: AccountId,
    /// What people call it.
    pub name: &'a str,
    /// Its platform.
    pub platform: &'a PlatformId,
    /// What is known of its figures.
    pub ledger: &'a Ledger,
    /// All its troubles.
    pub episodes: &'a [Episode],
}

/// A month of one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountMonth {
    /// The account.
    pub account: AccountId,
    /// What people call it.
    pub name: String,
    /// Its platform.
    pub platform: PlatformId,
    /// Days on which it was connected and something of it should be known by now, and those of which something is.
    pub days: Completeness,
    /// The same of each figure that the platform tells, all together.
    pub figures: Completeness,
    /// Days of which nothing is known.
    pub gaps: Vec<Missing>,
    /// Troubles that began in the month.
    pub opened: Vec<EpisodeId>,
    /// Troubles that were over in the month.
    pub resolved: Vec<EpisodeId>,
    /// Its followers, when they were first and last known in the month.
    pub followers: Growth,
    /// Whether they should be known of two days at least: of one day alone nothing can be said.
    pub can_grow: bool,
}

/// Several accounts together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// How many.
    pub accounts: u32,
    /// Their days.
    pub days: Completeness,
    /// Their figures.
    pub figures: Completeness,
    /// Troubles that began.
    pub opened: u32,
    /// Troubles that were over.
    pub resolved: u32,
    /// Their followers.
    pub followers: Followers,
}

/// A month of all accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Monthly {
    /// Which one.
    pub month: Month,
    /// Those that were connected in it, in the order in which they came.
    pub accounts: Vec<AccountMonth>,
    /// The same by platform.
    pub platforms: BTreeMap<PlatformId, Totals>,
    /// All together.
    pub all: Totals,
}

/// What a month was like. An account that was not connected in it is not in the report.
pub fn monthly(month: Month, accounts: &[Audited<'_>]) -> Monthly {
    Monthly::of(month, accounts.iter().filter_map(|audited| audited.in_month(month)))
}

impl Monthly {
    /// What a month was like, from what it was like of each account.
    pub fn of(month: Month, accounts: impl IntoIterator<Item = AccountMonth>) -> Self {
        let mut report = Self { month, accounts: Vec::new(), platforms: BTreeMap::new(), all: Totals::default() };
        for of in accounts {
            report.all.add(&of);
            report.platforms.entry(of.platform.clone()).or_default().add(&of);
            report.accounts.push(of);
        }
        report
    }
}

fn was_connected(ledger: &Ledger, days: Days) -> bool {
    let so_far = Days { last: days.last.min(ledger.today), ..days };
    ledger.connected.iter().any(|connected| connected.within(so_far).count() > 0)
}

impl Audited<'_> {
    /// A month of it; none if it was not connected in it.
    pub fn in_month(&self, month: Month) -> Option<AccountMonth> {
        was_connected(self.ledger, month.days()).then(|| self.over(month.days()))
    }

    fn over(&self, days: Days) -> AccountMonth {
        let Self { account, name, platform, ledger, episodes } = *self;
        let is_within = |at| days.contains(ledger.zone.day(at));
        let ids = |what: &dyn Fn(&&Episode) -> bool| episodes.iter().filter(what).map(|e| e.id).collect();
        AccountMonth {
            account,
            name: name.to_owned(),
            platform: platform.clone(),
            days: ledger.kept(days),
            figures: ledger.kept_figures(days),
            gaps: ledger.nothing_known(days),
            opened: ids(&|episode| is_within(episode.opened_at)),
            resolved: ids(&|episode| episode.resolved_at.is_some_and(is_within)),
            followers: ledger.growth(FOLLOWERS, days),
            can_grow: ledger.completeness(FOLLOWERS, days).expected > 1,
        }
    }
}

impl Totals {
    fn add(&mut self, of: &AccountMonth) {
        let many = |ids: &[EpisodeId]| u32::try_from(ids.len()).unwrap_or(u32::MAX);
        self.accounts += 1;
        self.days = self.days.and(of.days);
        self.figures = self.figures.and(of.figures);
        self.opened += many(&of.opened);
        self.resolved += many(&of.resolved);
        match (&of.followers, of.followers.absolute) {
            (Growth { from: Some(from), to: Some(to), .. }, Some(_)) => self.followers.count(from.value, to.value),
            _ => self.followers.left_out += u32::from(of.can_grow),
        }
    }
}
