//! How an account is: a pure function of what is known of it, the time and a policy. The first rule that holds
//! decides; what the others found is told too.
//!
//! What does not exist yet is absent from the facts and degrades nothing; nor does what was never asked for, or what a
//! platform does not tell.

pub mod episode;
mod find;
mod reason;
mod rule;
mod token;
pub mod vocabulary;

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

pub use self::{
    reason::{Cause, Reason},
    rule::Rule,
    token::{Token, TokenStatus},
};
use crate::{AccountFacts, Capability, Fetched, capability::Availability};

/// Data is never old before this.
const FRESH: SignedDuration = SignedDuration::from_hours(24);

/// What is known of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// What is kept of it.
    pub account: AccountFacts,
    /// What its consent lets it be used for.
    pub capabilities: BTreeMap<Capability, Availability>,
    /// Since when it waits to be chosen.
    pub pending_since: Option<Timestamp>,
    /// Since when its platform has an outage.
    pub outage_since: Option<Timestamp>,
    /// How its data is fetched; none where nothing is.
    pub sync: Option<SyncFacts>,
}

/// What holds an account back that could be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspended {
    /// Who.
    pub by: Suspender,
    /// Since when.
    pub since: Timestamp,
}

/// Who holds an account back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Suspender {
    /// The plan.
    Plan,
    /// Somebody.
    Person,
}

/// What is known of fetching an account's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SyncFacts {
    /// Since when a run is under way that is the first one, or that somebody asked for.
    pub in_flight_since: Option<Timestamp>,
    /// When it last succeeded.
    pub last_ok_at: Option<Timestamp>,
    /// How often it failed since.
    pub failures: u32,
    /// Since when it fails although it works for others.
    pub failing_since: Option<Timestamp>,
    /// Since when the platform limits calls.
    pub rate_limited_since: Option<Timestamp>,
    /// How often it is to be done.
    pub interval: SignedDuration,
}

/// What is a matter of taste.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// How long before a person must act it is told.
    pub expiring_window: SignedDuration,
}

impl Policy {
    /// It is told so many days before.
    pub fn with_window(days: u16) -> Self {
        Self { expiring_window: SignedDuration::from_hours(24 * i64::from(days)) }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self { expiring_window: SignedDuration::from_hours(24 * 30) }
    }
}

/// The state of an account, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Everything that was asked for works, as far as is known.
    Healthy,
    /// Its data is old.
    Stale,
    /// Its data is being fetched.
    Processing,
    /// Something fails that may come right by itself.
    Degraded,
    /// A person must act soon.
    Expiring,
    /// Something that was asked for does not work.
    Limited,
    /// It is held back.
    Suspended,
    /// It is broken.
    Error,
    /// Its consent has ended.
    Expired,
    /// It is not chosen yet.
    Pending,
    /// It is disconnected.
    Disconnected,
}

impl State {
    /// All of them, the best first.
    pub const ALL: [Self; 11] = [
        Self::Healthy,
        Self::Stale,
        Self::Processing,
        Self::Degraded,
        Self::Expiring,
        Self::Limited,
        Self::Suspended,
        Self::Error,
        Self::Expired,
        Self::Pending,
        Self::Disconnected,
    ];
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing to do.
    Ok,
    /// Something does not work, or will not.
    Warning,
    /// What it is there for does not work.
    Error,
}

/// What can be done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// Connect it again, and allow all that is asked.
    Reconnect,
    /// Nothing: it comes right by itself.
    Wait,
    /// Finish choosing.
    Choose,
    /// Take a larger plan.
    Upgrade,
    /// Resume it.
    Resume,
    /// Fetch its data.
    Sync,
    /// Clear it with the platform.
    OpenPlatform,
    /// Tell whoever runs this service.
    AskOperator,
}

/// How an account is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// In one word.
    pub state: State,
    /// The rule that decided.
    pub rule: Rule,
    /// How bad it is.
    pub severity: Severity,
    /// Since when, as far as is known.
    pub since: Timestamp,
    /// Why, worst first.
    pub reasons: Vec<Reason>,
    /// What can be done about the worst.
    pub remedy: Option<Remedy>,
    /// How its token stands.
    pub token: Token,
    /// Whether its data is old, whatever else is the matter.
    pub is_stale: bool,
    /// Whether its data is fetched at all.
    pub is_fetched: bool,
}

impl State {
    /// The word used in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Stale => "stale",
            Self::Processing => "processing",
            Self::Degraded => "degraded",
            Self::Expiring => "expiring",
            Self::Limited => "limited",
            Self::Suspended => "suspended",
            Self::Error => "error",
            Self::Expired => "expired",
            Self::Pending => "pending",
            Self::Disconnected => "disconnected",
        }
    }
}

impl Severity {
    /// The word used in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl Remedy {
    /// The word used in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reconnect => "reconnect",
            Self::Wait => "wait",
            Self::Choose => "choose",
            Self::Upgrade => "upgrade",
            Self::Resume => "resume",
            Self::Sync => "sync",
            Self::OpenPlatform => "open_platform",
            Self::AskOperator => "ask_operator",
        }
    }
}

impl Facts {
    /// What is known of an account: what is kept of it, and what its consent lets it be used for. `interval` is how often
    /// its data is fetched where nobody has decided that; none where nothing is fetched.
    pub fn of(
        account: AccountFacts,
        capabilities: BTreeMap<Capability, Availability>,
        interval: Option<SignedDuration>,
    ) -> Self {
        let sync = interval.map(|usual| SyncFacts::of(&account, usual));
        Self { account, capabilities, pending_since: None, outage_since: None, sync }
    }
}

/// How old data may be that is fetched at an interval.
pub fn most_age(interval: SignedDuration) -> SignedDuration {
    interval.checked_mul(2).unwrap_or(SignedDuration::MAX).max(FRESH)
}

impl SyncFacts {
    /// What an account's row tells of it.
    fn of(account: &AccountFacts, usual: SignedDuration) -> Self {
        let Fetched { in_flight_since, last_ok_at, failures, failing_since, limited_since, .. } = account.fetched;
        let interval = account.sync_interval_minutes.map(|minutes| SignedDuration::from_mins(minutes.into()));
        Self {
            in_flight_since,
            last_ok_at,
            failures,
            failing_since,
            rate_limited_since: limited_since,
            interval: interval.unwrap_or(usual),
        }
    }

    /// How old the data may be.
    fn most(&self) -> SignedDuration {
        most_age(self.interval)
    }

    fn is_stale(&self, now: Timestamp) -> bool {
        match self.last_ok_at {
            None => self.in_flight_since.is_none(),
            Some(at) => now.duration_since(at) > self.most(),
        }
    }
}

impl Health {
    /// Whether an account can be used for something, where its consent says `found`.
    pub fn availability(&self, capability: Capability, found: Availability) -> Availability {
        let taken = self.reasons.iter().find_map(|reason| reason.takes(capability));
        match (found, taken) {
            (Availability::Available | Availability::Unknown, Some(code)) => Availability::Unavailable(code),
            _ => found,
        }
    }
}

/// How an account is, by what is known of it at a moment.
pub fn health(facts: &Facts, now: Timestamp, policy: &Policy) -> Health {
    let reasons = find::reasons(facts, now, policy);
    let rule = reasons.first().map_or(Rule::Healthy, |reason| reason.rule);
    let since = reasons.iter().filter(|reason| reason.rule == rule).map(|reason| reason.since).min();
    Health {
        state: rule.state(),
        rule,
        severity: rule.severity(),
        since: since.unwrap_or(facts.account.since).max(facts.account.connected_at),
        remedy: reasons.first().map(Reason::remedy),
        token: Token::of(facts, rule, now, policy),
        is_fetched: facts.sync.is_some(),
        is_stale: facts.sync.as_ref().is_some_and(|sync| sync.is_stale(now)),
        reasons,
    }
}
