//! The weekly digest: how the accounts are, what got worse and better, and what is to be done.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{FOLLOWERS, Followers};
use crate::{
    AccountId, Days, EpisodeId, Ledger, PlatformId,
    health::{Severity, State, episode::Episode},
    schedule::Zone,
    series::earlier,
};

/// What a week of one account is judged by.
#[derive(Debug, Clone, Copy)]
pub struct Reviewed<'a> {
    /// The account.
    pub account: AccountId,
    /// Its platform.
    pub platform: &'a PlatformId,
    /// How it is.
    pub state: State,
    /// When a person must act; none is never, as far as is known.
    pub due_at: Option<Timestamp>,
    /// Whether it is known that nobody uses it.
    pub is_unused: bool,
    /// All its troubles.
    pub episodes: &'a [Episode],
    /// What is known of its figures; none where nothing is fetched.
    pub ledger: Option<&'a Ledger>,
}

/// One trouble, as the digest tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TroubleTold {
    /// Of which account.
    pub account: AccountId,
    /// Which one.
    pub episode: EpisodeId,
    /// What it is.
    pub cause: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Since when.
    pub opened_at: Timestamp,
    /// When it was over.
    pub resolved_at: Option<Timestamp>,
}

/// A week of all accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weekly {
    /// Its days.
    pub week: Days,
    /// How many accounts there are.
    pub accounts: u32,
    /// How many of them are in each state, best first.
    pub states: BTreeMap<State, u32>,
    /// The same by platform.
    pub platforms: BTreeMap<PlatformId, BTreeMap<State, u32>>,
    /// Troubles that began in the week, the worst and oldest first; also those that are over.
    pub opened: Vec<TroubleTold>,
    /// Troubles that were over in the week.
    pub resolved: Vec<TroubleTold>,
    /// Troubles that were not over at its end, whenever they began.
    pub still_open: Vec<TroubleTold>,
    /// Accounts for which a person must act within seven days, and should have acted, the earliest first.
    pub due_7d: Vec<AccountId>,
    /// Within thirty days; those within seven are among them.
    pub due_30d: Vec<AccountId>,
    /// Accounts that nobody uses.
    pub unused: Vec<AccountId>,
    /// Followers on the day before the week and on its last day.
    pub followers: Followers,
}

/// What a week was like. What is due and unused is told of now; of an account that is disconnected neither is.
pub fn weekly(week: Days, accounts: &[Reviewed<'_>], now: Timestamp, zone: &Zone) -> Weekly {
    let connected = || accounts.iter().filter(|account| account.state != State::Disconnected);
    let due = |days: i64| {
        let until = now.saturating_add(SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::MAX);
        let due = connected().filter_map(|of| Some((of.due_at.filter(|at| *at <= until)?, of.account)));
        let mut due: Vec<(Timestamp, AccountId)> = due.collect();
        due.sort_unstable();
        due.into_iter().map(|(_, account)| account).collect()
    };
    let (mut states, mut platforms) = (BTreeMap::new(), BTreeMap::<PlatformId, BTreeMap<State, u32>>::new());
    for account in accounts {
        *states.entry(account.state).or_default() += 1;
        *platforms.entry(account.platform.clone()).or_default().entry(account.state).or_default() += 1;
    }
    let is_within = |at| week.contains(zone.day(at));
    let is_over = |episode: &Episode| episode.resolved_at.is_some_and(|at| zone.day(at) <= week.last);
    Weekly {
        week,
        accounts: u32::try_from(accounts.len()).unwrap_or(u32::MAX),
        states,
        platforms,
        opened: troubles(accounts, |episode| is_within(episode.opened_at)),
        resolved: troubles(accounts, |episode| episode.resolved_at.is_some_and(is_within)),
        still_open: troubles(accounts, |episode| zone.day(episode.opened_at) <= week.last && !is_over(episode)),
        due_7d: due(7),
        due_30d: due(30),
        unused: connected().filter(|account| account.is_unused).map(|account| account.account).collect(),
        followers: followers(week, accounts),
    }
}

fn troubles(accounts: &[Reviewed<'_>], which: impl Fn(&Episode) -> bool) -> Vec<TroubleTold> {
    let all = accounts.iter().flat_map(|of| of.episodes.iter().map(|episode| (of.account, episode)));
    let mut told: Vec<TroubleTold> = all
        .filter(|(_, episode)| which(episode))
        .map(|(account, Episode { id, reason, opened_at, resolved_at })| TroubleTold {
            account,
            episode: *id,
            cause: reason.cause.as_str(),
            severity: reason.rule.severity(),
            opened_at: *opened_at,
            resolved_at: *resolved_at,
        })
        .collect();
    told.sort_by_key(|told| (std::cmp::Reverse(told.severity), told.opened_at, told.episode));
    told
}

/// An account that was connected on both days and of which one is not known is left out; one that was not connected on
/// one of them is neither counted nor left out, as nothing could be known.
fn followers(week: Days, accounts: &[Reviewed<'_>]) -> Followers {
    let mut sum = Followers::default();
    let (before, last) = (earlier(week.first, 1), week.last);
    for ledger in accounts.iter().filter_map(|account| account.ledger).filter(|ledger| ledger.supports(FOLLOWERS)) {
        match (ledger.value(FOLLOWERS, before), ledger.value(FOLLOWERS, last)) {
            (Some(from), Some(to)) => sum.count(from, to),
            _ => sum.left_out += u32::from(ledger.is_connected(before) && ledger.is_connected(last)),
        }
    }
    sum
}
