//! When each recommendation holds.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{Advice, Month, Portfolio, Portrait, Recommendation, UNUSED, Used};
use crate::{PlatformId, health::State, series::Percent, series::change};

/// From here on most followers are on one platform, in thousandths of a per cent.
const MOST: i64 = 80_000;
/// From here on followers come or leave, in thousandths of a per cent.
const MUCH: i64 = 5_000;
/// Fewer days are too little.
const ENOUGH: u32 = 7;
/// So many accounts are named; of the others it is told how many there are.
const NAMED: usize = 3;

/// What a rule finds: at most one recommendation for all accounts, or one for each platform.
pub(super) fn found(advice: Advice, portfolio: &Portfolio, now: Timestamp) -> Vec<Recommendation> {
    // What is not chosen yet, or not connected any more, is nobody's concern.
    let is_here = |of: &&Portrait| !matches!(of.state, State::Disconnected | State::Pending);
    let accounts: Vec<&Portrait> = portfolio.accounts.iter().filter(is_here).collect();
    match advice {
        Advice::OnePlatformOnly => one_platform_only(&accounts).into_iter().collect(),
        Advice::NoMainAccount => by_platform(&accounts).filter_map(|(of, all)| no_main_account(of, &all)).collect(),
        Advice::UnverifiedBesideVerified => {
            by_platform(&accounts).filter_map(|(of, all)| unverified_beside_verified(of, &all)).collect()
        }
        Advice::IdentityNotConfigured => {
            let is_not = portfolio.identity_configured == Some(false);
            is_not.then(|| advice.about(&[], json!({ "identity_configured": false }))).into_iter().collect()
        }
        _ => of_each(advice, &accounts, now).into_iter().collect(),
    }
}

/// What one account's facts lead to.
fn of_each(advice: Advice, accounts: &[&Portrait], now: Timestamp) -> Option<Recommendation> {
    let found = accounts.iter().filter_map(|of| Some((*of, facts(advice, of, now)?)));
    let (about, facts): (Vec<&Portrait>, Vec<(&Portrait, Value)>) = found.map(|found| (found.0, found)).unzip();
    let by_account: Map<String, Value> = facts.into_iter().map(|(of, facts)| (of.account.to_string(), facts)).collect();
    (!about.is_empty()).then(|| advice.about(&about, json!({ "accounts": by_account })))
}

/// The facts by which a rule holds of an account; none if it does not, or if that is not known.
fn facts(advice: Advice, of: &Portrait, now: Timestamp) -> Option<Value> {
    let has_ended = of.state == State::Expired || of.due_at.is_some_and(|at| at <= now);
    match advice {
        Advice::ReconnectNow => has_ended.then(|| json!({ "state": of.state.as_str(), "due_at": of.due_at })),
        Advice::ReconnectSoon => {
            let due_at = of.due_at.filter(|at| !has_ended && at.duration_since(now) <= of.policy.expiring_window)?;
            Some(json!({ "due_at": due_at, "window_days": of.policy.expiring_window.as_hours() / 24 }))
        }
        Advice::RestrictedAccount => of.restricted_since.map(|since| json!({ "restricted_since": since })),
        Advice::PermissionsMissing => (!of.missing.is_empty()).then(|| json!({ "missing": of.missing })),
        Advice::StaleData => (of.is_stale == Some(true)).then(|| json!({ "is_stale": true })),
        Advice::FallingFollowers => growth(of.month?, |share| share <= -MUCH),
        Advice::GrowingFollowers => growth(of.month?, |share| share >= MUCH),
        Advice::UnusedAccount => unused(of, now),
        Advice::InsufficientData => {
            let figures = of.figures.filter(|figures| figures.expected > 0 && figures.known < ENOUGH)?;
            Some(json!({ "expected_days": figures.expected, "known_days": figures.known, "needed_days": ENOUGH }))
        }
        Advice::OnePlatformOnly
        | Advice::NoMainAccount
        | Advice::UnverifiedBesideVerified
        | Advice::IdentityNotConfigured => None,
    }
}

fn growth(Month { from, to }: Month, is_much: impl Fn(i64) -> bool) -> Option<Value> {
    let percent = Percent::of(change(from, to), from).filter(|percent| is_much(percent.0))?;
    Some(json!({ "followers_before": from, "followers": to, "percent": percent, "days": 30 }))
}

fn unused(of: &Portrait, now: Timestamp) -> Option<Value> {
    let last_used_at = match of.used {
        Used::Unknown => return None,
        Used::Never => None,
        Used::At(at) => Some(at),
    };
    let idle_since = last_used_at.map_or(of.connected_at, |at| at.max(of.connected_at));
    let is_unused = of.state != State::Suspended && now.duration_since(idle_since) >= UNUSED;
    is_unused.then(|| json!({ "connected_at": of.connected_at, "last_used_at": last_used_at }))
}

/// Where the followers of one connected account are not known, neither is their share.
fn one_platform_only(accounts: &[&Portrait]) -> Option<Recommendation> {
    let mut platforms: BTreeMap<&PlatformId, u64> = BTreeMap::new();
    for of in accounts {
        let sum = platforms.entry(&of.platform).or_default();
        *sum = sum.saturating_add(of.followers?);
    }
    let all = platforms.values().fold(0_u64, |all, more| all.saturating_add(*more));
    let (platform, most) = platforms.into_iter().max_by_key(|(_, followers)| *followers)?;
    let share = Percent::of(most, all).filter(|share| share.0 >= MOST)?;
    let about: Vec<&Portrait> = accounts.iter().copied().filter(|of| of.platform == *platform).collect();
    let facts = json!({ "platform": platform, "followers": most, "followers_of_all": all, "percent": share });
    Some(Advice::OnePlatformOnly.about(&about, facts))
}

fn no_main_account(platform: &PlatformId, accounts: &[&Portrait]) -> Option<Recommendation> {
    let has_none = accounts.iter().all(|of| !of.is_main);
    let facts = || json!({ "platform": platform, "accounts": accounts.len() });
    has_none.then(|| Advice::NoMainAccount.about(accounts, facts()))
}

fn unverified_beside_verified(platform: &PlatformId, accounts: &[&Portrait]) -> Option<Recommendation> {
    let which = |verified| accounts.iter().copied().filter(|of| of.verified == Some(verified)).collect();
    let (with, without): (Vec<&Portrait>, Vec<&Portrait>) = (which(true), which(false));
    let facts = || json!({ "platform": platform, "verified": with.len(), "unverified": without.len() });
    (!with.is_empty() && !without.is_empty()).then(|| Advice::UnverifiedBesideVerified.about(&without, facts()))
}

fn by_platform<'a>(accounts: &[&'a Portrait]) -> impl Iterator<Item = (&'a PlatformId, Vec<&'a Portrait>)> {
    let mut platforms: BTreeMap<&PlatformId, Vec<&Portrait>> = BTreeMap::new();
    for of in accounts {
        platforms.entry(&of.platform).or_default().push(of);
    }
    platforms.into_iter()
}

impl Advice {
    /// It, of some accounts.
    fn about(self, accounts: &[&Portrait], facts: Value) -> Recommendation {
        let names: Vec<&str> = accounts.iter().take(NAMED).map(|of| of.name.as_str()).collect();
        let about = match accounts.len().saturating_sub(NAMED) {
            0 if names.is_empty() => String::new(),
            0 => format!(" It is about {}.", names.join(", ")),
            more => format!(" It is about {} and {more} more.", names.join(", ")),
        };
        Recommendation {
            code: self,
            severity: self.severity(),
            accounts: accounts.iter().map(|of| of.account).collect(),
            facts,
            title: self.title(),
            text: format!("{}{about}", self.text()),
            next_step: self.next_step(),
        }
    }
}
