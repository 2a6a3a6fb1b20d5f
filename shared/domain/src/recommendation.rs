//! What is worth doing about a workspace's accounts, by rule. Each recommendation tells the facts that led to it, and
//! what is not known leads to none.

mod advice;
mod rule;

#[cfg(test)]
mod tests;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::advice::Advice;
use crate::{
    AccountId, Days, Key, Ledger, Metric, PlatformId,
    health::{Policy, State},
    series::{Completeness, Growth, earlier},
};

/// So long nobody has used what is unused.
pub const UNUSED: SignedDuration = SignedDuration::from_hours(24 * 30);

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Something does not work, or will not.
    Warning,
    /// Something could be better.
    Info,
}

impl Severity {
    /// The word used in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

/// Whether somebody uses an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Used {
    /// It is not known.
    Unknown,
    /// Nobody has leased its credentials since it was connected.
    Never,
    /// They were leased last then.
    At(Timestamp),
}

/// What is known of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portrait {
    /// The account.
    pub account: AccountId,
    /// What people call it.
    pub name: String,
    /// Its platform.
    pub platform: PlatformId,
    /// How it is.
    pub state: State,
    /// When a person must act; none is never, as far as is known. Of a dead grant it is when it died.
    pub due_at: Option<Timestamp>,
    /// When that is told ahead of time.
    pub policy: Policy,
    /// When it was last connected.
    pub connected_at: Timestamp,
    /// Whether somebody uses it.
    pub used: Used,
    /// Since when its platform restricts it; none if it does not, or if that is not known.
    pub restricted_since: Option<Timestamp>,
    /// Scopes that were asked for and that the platform says it did not give.
    pub missing: Vec<String>,
    /// Whether its data is old; none where nothing is fetched.
    pub is_stale: Option<bool>,
    /// How many follow it.
    pub followers: Option<u64>,
    /// How many did and do, see [`month_of_followers`].
    pub month: Option<Month>,
    /// How much is known of the last thirty days, where the platform tells anything.
    pub figures: Option<Completeness>,
    /// Whether it is the main account of its platform.
    pub is_main: bool,
    /// Whether its platform has verified it.
    pub verified: Option<bool>,
}

/// Followers thirty days apart, with all days between known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Month {
    /// How many there were.
    pub from: u64,
    /// How many there are.
    pub to: u64,
}

/// What is known of a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portfolio {
    /// Its accounts.
    pub accounts: Vec<Portrait>,
    /// Whether it says that its brand's identity is set up; none if nobody said.
    pub identity_configured: Option<bool>,
}

/// One thing that is worth doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recommendation {
    /// Its stable code.
    pub code: Advice,
    /// How much it matters.
    pub severity: Severity,
    /// The accounts that it is about; none if it is about the workspace.
    pub accounts: Vec<AccountId>,
    /// The facts that led to it.
    pub facts: Value,
    /// A short title in the words of people.
    pub title: &'static str,
    /// What was found.
    pub text: String,
    /// What to do next.
    pub next_step: &'static str,
}

/// How many followed an account thirty days before yesterday or today, and then; none if a day between is not known.
pub fn month_of_followers(ledger: &Ledger) -> Option<Month> {
    let followers = Key::Metric(Metric::Followers);
    let last = ledger.latest_of(followers)?.date;
    let Growth { from, to, gaps, .. } = ledger.growth(followers, Days::until(last, 31));
    let (from, to) = (from?, to?);
    let is_whole = gaps.is_empty() && from.days.first == earlier(last, 30);
    (is_whole && last >= earlier(ledger.today, 1)).then_some(Month { from: from.value, to: to.value })
}

/// What is worth doing, what matters more first.
pub fn recommendations(portfolio: &Portfolio, now: Timestamp) -> Vec<Recommendation> {
    let mut all: Vec<Recommendation> =
        Advice::ALL.into_iter().flat_map(|advice| rule::found(advice, portfolio, now)).collect();
    all.sort_by_key(|found| (found.severity, found.code));
    all
}
