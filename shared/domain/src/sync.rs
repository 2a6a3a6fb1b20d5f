//! Fetching what platforms tell of an account: when, what of it, for whom, and what came of it.
//!
//! What lists and health need is in the account's row ([`Fetched`]); the rest is beside it ([`Sync`]), with the hold by
//! which one run at a time is at an account.

use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{AccountId, Code, Digest, RunId, health::most_age, renewal::MARGIN};

/// How long one run may be at an account: a renewal, and a few calls with a deadline of ten seconds each.
pub const HOLD: SignedDuration = SignedDuration::from_mins(2);
/// How long after somebody asked for a run nobody may ask for the next one.
pub const COOLDOWN: SignedDuration = SignedDuration::from_secs(60);
/// How often data is fetched where nothing else is said.
pub const INTERVAL: SignedDuration = SignedDuration::from_hours(6);
/// How many runs are remembered.
pub const REMEMBERED: usize = 10;
/// How often in a row fetching fails before it is told.
pub const FAILURES: u32 = 3;
/// An audience is looked at once a week.
pub const AUDIENCE_EVERY: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Figures of the past are asked for so many days back, and no further.
pub const MOST_DAYS: i32 = 30;
/// What failed is tried again after this, doubled each time up to the interval.
const FIRST_WAIT: SignedDuration = SignedDuration::from_mins(5);

/// Why a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// The account was just connected, or connected again.
    Initial,
    /// Its time has come.
    Scheduled,
    /// Somebody asked for it.
    Manual,
}

impl Trigger {
    /// The word used in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Initial => "initial",
            Self::Scheduled => "scheduled",
            Self::Manual => "manual",
        }
    }
}

/// What can be fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Name, handle, picture, type, badge, role.
    Profile,
    /// Followers and what else comes with the profile.
    Followers,
    /// What the platform measures by day.
    Metrics,
    /// Who follows, in totals.
    Audience,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Profile, Self::Followers, Self::Metrics, Self::Audience];

    /// The word used in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Profile => "profile",
            Self::Followers => "followers",
            Self::Metrics => "metrics",
            Self::Audience => "audience",
        }
    }
}

/// How fetching stands, in an account's row; short, as 25 of them are read at a time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fetched {
    /// When it last succeeded.
    #[serde(
        rename = "o",
        with = "jiff::fmt::serde::timestamp::millisecond::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub last_ok_at: Option<Timestamp>,
    /// Since when a run is under way that is the first one, or that somebody asked for.
    #[serde(
        rename = "r",
        with = "jiff::fmt::serde::timestamp::millisecond::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub in_flight_since: Option<Timestamp>,
    /// How often it failed since, as far as that is told.
    #[serde(rename = "n", skip_serializing_if = "is_none")]
    pub failures: u32,
    /// Since when it fails although it works for others.
    #[serde(
        rename = "b",
        with = "jiff::fmt::serde::timestamp::millisecond::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub failing_since: Option<Timestamp>,
    /// Since when the platform limits calls.
    #[serde(
        rename = "l",
        with = "jiff::fmt::serde::timestamp::millisecond::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub limited_since: Option<Timestamp>,
    /// How many followed when it last succeeded.
    #[serde(rename = "f", skip_serializing_if = "Option::is_none")]
    pub followers: Option<u64>,
    /// Whether the platform has too little of the account to measure it.
    #[serde(rename = "t", skip_serializing_if = "std::ops::Not::not")]
    pub is_thin: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_none(count: &u32) -> bool {
    *count == 0
}

impl Fetched {
    /// Whether nothing is known of it.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether health is judged alike by both: that a run succeeded again changes nothing for it while the data was not
    /// old.
    pub fn is_like(&self, before: &Self, interval: SignedDuration) -> bool {
        let plain = |fetched: &Self| Self { last_ok_at: None, followers: None, is_thin: false, ..*fetched };
        let apart = before.last_ok_at.zip(self.last_ok_at).map(|(before, now)| now.duration_since(before));
        let was_fresh = apart.is_some_and(|apart| apart <= most_age(interval));
        plain(self) == plain(before) && (self.last_ok_at == before.last_ok_at || was_fresh)
    }
}

/// What came of a run that did not get everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncError {
    /// Why, in the registry's words.
    pub code: Code,
    /// What of it was not got.
    pub scope: Scope,
    /// When that was.
    pub at: Timestamp,
    /// When it is tried again, or can be.
    #[serde(default)]
    pub retry_at: Option<Timestamp>,
}

/// A run that somebody waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Its id.
    pub run: RunId,
    /// Why it is.
    pub trigger: Trigger,
    /// What is to be fetched; whatever is due if nothing is named.
    #[serde(default)]
    pub scope: Vec<Scope>,
    /// When it was asked for.
    pub at: Timestamp,
}

/// How an account's data is fetched; kept in the workspace's claim on the account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sync {
    /// The run that somebody waits for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked: Option<Asked>,
    /// When somebody last asked for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked_at: Option<Timestamp>,
    /// When it was last tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_attempt_at: Option<Timestamp>,
    /// What the last try did not get.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<SyncError>,
    /// How often in a row the whole of it failed.
    #[serde(skip_serializing_if = "is_none")]
    pub tries: u32,
    /// When it is fetched next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_at: Option<Timestamp>,
    /// The last day of which figures were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measured_until: Option<Date>,
    /// When the audience was last looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audience_at: Option<Timestamp>,
    /// The picture that the platform had, in short.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    /// The runs before, the last one first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub runs: Vec<RunId>,
}

/// One account's place among what is fetched, in its holder's hands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldSync {
    /// Whose.
    pub account: AccountId,
    /// How it is fetched.
    pub sync: Sync,
    /// Counts everybody who was at it.
    pub fence: u64,
    /// Until when somebody is at it, in epoch milliseconds.
    pub lease_until: Option<i64>,
}

impl HeldSync {
    /// Whether somebody is at it.
    pub fn is_held(&self, now: Timestamp) -> bool {
        self.lease_until.is_some_and(|until| until >= (now - MARGIN).as_millisecond())
    }
}

impl Sync {
    /// One that is fetched for the first time at once.
    pub fn first(run: RunId, at: Timestamp) -> Self {
        let asked = Asked { run, trigger: Trigger::Initial, scope: Vec::new(), at };
        Self { asked: Some(asked), next_at: Some(at), ..Self::default() }
    }

    /// A run has ended; answers with the one that is forgotten for it.
    pub fn remember(&mut self, run: RunId) -> Option<RunId> {
        self.runs.insert(0, run);
        if self.runs.len() > REMEMBERED { self.runs.pop() } else { None }
    }

    /// All runs that are on record: the one that somebody waits for, and those that are remembered.
    pub fn on_record(&self) -> Vec<RunId> {
        self.asked.iter().map(|asked| asked.run).chain(self.runs.iter().copied()).collect()
    }

    /// When somebody may ask for the next run.
    pub fn free_at(&self) -> Option<Timestamp> {
        self.asked_at.map(|at| at + COOLDOWN)
    }
}

/// How long what failed so often in a row waits.
pub fn wait(tries: u32, interval: SignedDuration) -> SignedDuration {
    let doubled = FIRST_WAIT.checked_mul(1 << tries.saturating_sub(1).min(10)).unwrap_or(interval);
    doubled.min(interval)
}

/// When an account is fetched next that was fetched now: a little before its interval is over, each account a little
/// elsewhere and each time alike, so that not all come at once.
pub fn next(account: AccountId, interval: SignedDuration, now: Timestamp) -> Timestamp {
    now + interval - spread(account, interval / 10)
}

/// A part of a while, drawn by an account's id.
pub fn spread(account: AccountId, over: SignedDuration) -> SignedDuration {
    let seconds = u64::try_from(over.as_secs()).unwrap_or(0);
    let drawn = Digest::of(&account.to_string());
    let drawn = drawn.as_str().bytes().fold(0u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
    SignedDuration::from_secs(i64::try_from(drawn % seconds.max(1)).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn what_failed_waits_twice_as_long_each_time_up_to_its_interval() {
        let minutes = |tries| wait(tries, INTERVAL).as_mins();
        assert_eq!([1, 2, 3, 4, 7, 40].map(minutes), [5, 10, 20, 40, 320, 360]);
    }

    #[test]
    fn accounts_are_spread_over_the_last_tenth_of_their_interval_and_each_stays_where_it_is() {
        let now = at("2026-11-22T10:00:00Z");
        let mut all = Vec::new();
        for place in 0..200u8 {
            let id = AccountId::new(now, [place; 16]);
            let next = next(id, INTERVAL, now);
            assert_eq!(next, super::next(id, INTERVAL, now));
            assert!(next > now + SignedDuration::from_mins(324) && next <= now + INTERVAL, "{next}");
            all.push(next);
        }
        all.sort_unstable();
        all.dedup();
        assert!(all.len() > 150, "{} of 200 moments", all.len());
    }

    #[test]
    fn a_success_changes_nothing_for_health_while_the_data_was_not_old() {
        let then = |hours| Some(at("2026-11-22T10:00:00Z") - SignedDuration::from_hours(hours));
        let before = Fetched { last_ok_at: then(6), followers: Some(1), ..Fetched::default() };
        let after = Fetched { last_ok_at: then(0), followers: Some(2), ..before };
        assert!(after.is_like(&before, INTERVAL));
        let old = Fetched { last_ok_at: then(25), ..before };
        assert!(!after.is_like(&old, INTERVAL), "it was stale for an hour");
        assert!(!after.is_like(&Fetched { last_ok_at: None, ..before }, INTERVAL));
        assert!(!Fetched { failures: 1, ..after }.is_like(&before, INTERVAL));
    }
}
