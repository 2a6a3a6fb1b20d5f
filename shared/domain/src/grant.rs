//! A grant: what one person gave to one of our apps. Tokens belong to it.

mod holders;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    AccountId, Code, GrantId, MethodId, PlatformId, Secret, WorkspaceId,
    renewal::{self, Hold, Renewal, Rules},
};

/// The tokens of a grant: the person's, and those of its connected children (pages).
#[derive(Debug, Clone)]
pub struct TokenSet {
    /// What calls are made with.
    pub access: Secret,
    /// What a new access token is got with, where the platform gives one.
    pub refresh: Option<Secret>,
    /// Tokens of children by their platform account id.
    pub children: BTreeMap<String, Secret>,
}

/// Sealed tokens: what the table holds instead of them. Opaque to all but the vault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Envelope(pub String);

/// What an envelope is bound to: it opens for this grant, platform and version only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedFor {
    /// The grant.
    pub grant: GrantId,
    /// Its platform.
    pub platform: PlatformId,
    /// The version of its tokens, counting up.
    pub version: u64,
}

impl SealedFor {
    /// What an answer is sealed for that could not be read when that version was renewed: no version of the tokens.
    #[must_use]
    pub fn beside(&self) -> Self {
        Self { version: self.version | 1 << 63, ..self.clone() }
    }
}

/// A person at a platform, as it tells our app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The platform's stable id of the person (app-scoped on Facebook).
    pub id: String,
    /// What to call them.
    pub name: String,
}

/// When a grant's parts end; `None` is unknown or never.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Expiry {
    /// The access token.
    pub access: Option<Timestamp>,
    /// The refresh token.
    pub refresh: Option<Timestamp>,
    /// The platform's leave to read data (Facebook: 90 days).
    pub data_access: Option<Timestamp>,
}

/// What a grant is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum GrantState {
    /// Accounts hang on it.
    Live,
    /// Its last account went; the platform is still to be told.
    Revoking {
        /// Since when; after seven days it is given up.
        since: Timestamp,
        /// How often it was tried.
        attempts: u32,
        /// Whether the platform knows already: it told us, and is not told.
        #[serde(default)]
        quietly: bool,
    },
}

/// Why a grant is dead; only what a platform's own rules say for certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeadReason {
    /// Its time is over and nothing can renew it.
    Expired,
    /// The person or the platform took it back.
    Revoked,
    /// The person's password changed.
    PasswordChanged,
    /// The person must clear something with the platform.
    TwoFactor,
    /// The code or refresh token is not good: used, rotated away, too old.
    InvalidGrant,
    /// A new refresh token was issued, and its answer never arrived.
    RotationLost,
}

impl DeadReason {
    /// The word used in answers and events.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::PasswordChanged => "password_changed",
            Self::TwoFactor => "two_factor",
            Self::InvalidGrant => "invalid_grant",
            Self::RotationLost => "rotation_lost",
        }
    }
}

/// When a grant died, and of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dead {
    /// When.
    pub at: Timestamp,
    /// Of what.
    pub reason: DeadReason,
}

/// Renewals that failed one after the other, by no fault of the grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failures {
    /// Since when.
    pub since: Timestamp,
    /// The last one.
    pub last_at: Timestamp,
    /// How many.
    pub count: u32,
    /// What the last one was, in the registry's words.
    pub code: Code,
}

/// What is known of keeping a grant alive.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Upkeep {
    /// Failures since the last success.
    #[serde(default)]
    pub failures: Option<Failures>,
    /// Not before this is it tried again.
    #[serde(default)]
    pub retry_at: Option<Timestamp>,
    /// Since when it is not known whether the refresh token was spent.
    #[serde(default)]
    pub uncertain_since: Option<Timestamp>,
    /// Dead since when, and of what.
    #[serde(default)]
    pub dead: Option<Dead>,
    /// Since when the platform refuses our app.
    #[serde(default)]
    pub misconfigured_since: Option<Timestamp>,
    /// A publisher was refused then: it is to be looked at.
    #[serde(default)]
    pub suspected_at: Option<Timestamp>,
    /// When the person last consented; none if the present tokens are those that they gave.
    #[serde(default)]
    pub consented_at: Option<Timestamp>,
    /// When that happened which the platform told of last by itself.
    #[serde(default)]
    pub heard_at: Option<Timestamp>,
    /// When it was last looked at without being renewed.
    #[serde(default)]
    pub checked_at: Option<Timestamp>,
    /// When it is to be looked at again; none is a day after its tokens were issued.
    #[serde(default)]
    pub look_at: Option<Timestamp>,
    /// Since when it has other scopes than the consent gave.
    #[serde(default)]
    pub scopes_since: Option<Timestamp>,
    /// The days before a person must act that were warned of last.
    #[serde(default)]
    pub warned: Option<u8>,
    /// An answer that could not be read, sealed: it may hold the only token.
    #[serde(default)]
    pub beside: Option<Envelope>,
}

impl Upkeep {
    /// Whether nothing is known.
    fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// What a grant's accounts are told of it, and keep a copy of: it changes with its state, never by an ordinary
/// renewal.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct GrantFacts {
    /// How it is kept alive.
    #[serde(default)]
    pub renewal: Renewal,
    /// When a person must act; none is never, as far as is known.
    #[serde(default)]
    pub reauth_due_at: Option<Timestamp>,
    /// The days before that were warned of last.
    #[serde(default)]
    pub warned: Option<u8>,
    /// Dead since when, and of what.
    #[serde(default)]
    pub dead: Option<Dead>,
    /// Since when it is not known whether the refresh token was spent.
    #[serde(default)]
    pub uncertain_since: Option<Timestamp>,
    /// Since when renewals fail, and with what.
    #[serde(default)]
    pub failing: Option<Failing>,
    /// Since when it is tried but once a day.
    #[serde(default)]
    pub quarantined_since: Option<Timestamp>,
    /// Since when the platform refuses our app.
    #[serde(default)]
    pub misconfigured_since: Option<Timestamp>,
    /// Since when it has other scopes than the consent gave.
    #[serde(default)]
    pub scopes_since: Option<Timestamp>,
    /// When the access token ends; only while it cannot be renewed, so that an ordinary renewal changes nothing here.
    #[serde(default)]
    pub access_ends: Option<Timestamp>,
    /// Whether it serves more than one workspace.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shared: bool,
}

impl GrantFacts {
    /// The worst that is known of it: the word for it, and since when.
    pub fn trouble(&self) -> Option<(&'static str, Timestamp)> {
        let dead = self.dead.map(|dead| (dead.reason.as_str(), dead.at));
        let misconfigured = self.misconfigured_since.map(|since| ("platform_not_configured", since));
        let failing = self.failing.map(|failing| ("renewal_failing", failing.since));
        let uncertain = self.uncertain_since.map(|since| ("rotation_uncertain", since));
        dead.or(misconfigured).or(failing).or(uncertain)
    }
}

/// Renewals that fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failing {
    /// Since when.
    pub since: Timestamp,
    /// With what, in the registry's words.
    pub code: Code,
}

/// What is to be done about a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// Keep it alive, or say that it is not: what cannot wait.
    Renew,
    /// Tell the platform that it has ended.
    Revoke,
    /// Warn, and look whether it is as it was.
    Check,
}

/// What is to be done next, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// What.
    pub work: Work,
    /// When.
    pub at: Timestamp,
}

/// A person is warned so many days before they must act.
pub const WARNINGS: [u8; 4] = [30, 7, 3, 1];
/// How far an end may move before it is told, while it is so distant that nobody is warned of it soon.
const LITTLE: SignedDuration = SignedDuration::from_hours(24 * 7);
const DISTANT: SignedDuration = SignedDuration::from_hours(24 * 37);
/// How often a grant is looked at that needs nothing.
const CHECK_EVERY: SignedDuration = SignedDuration::from_hours(24);

/// A grant's record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// The workspace it was given to.
    pub workspace: WorkspaceId,
    /// The platform.
    pub platform: PlatformId,
    /// The method.
    pub method: MethodId,
    /// Client id of our app there.
    pub app: String,
    /// Who gave it.
    pub person: Person,
    /// The platform's id of the account that it is for, where a consent is for one that is not the person: for another
    /// one of the same person there is another grant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<String>,
    /// The accounts of that workspace that hang on it; the last one out, here or of the copies, ends it.
    pub accounts: BTreeSet<AccountId>,
    /// Accounts of other workspaces of the organisation that live on it too.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub copies: BTreeSet<(WorkspaceId, AccountId)>,
    /// The sealed tokens.
    pub envelope: Envelope,
    /// Version of the tokens, counting up.
    pub version: u64,
    /// Who may change the tokens.
    #[serde(flatten)]
    pub hold: Hold,
    /// How it is kept alive.
    pub renewal: Renewal,
    /// When its present tokens were issued.
    #[serde(default)]
    pub issued_at: Timestamp,
    /// When its parts end.
    pub expiry: Expiry,
    /// What is known of keeping it alive.
    #[serde(default, skip_serializing_if = "Upkeep::is_nothing")]
    pub upkeep: Upkeep,
    /// What its accounts were told of it.
    #[serde(default)]
    pub told: GrantFacts,
    /// What is to be done next, and when.
    #[serde(default)]
    pub due: Option<Due>,
    /// When the platform was last asked which scopes it gives.
    #[serde(default)]
    pub scopes_checked_at: Option<Timestamp>,
    /// The scopes that were asked for.
    pub requested: Vec<String>,
    /// The scopes that were given, where the platform tells.
    pub granted: Option<Vec<String>>,
    /// What it is doing.
    pub state: GrantState,
    /// Counts every change of the record.
    pub revision: u64,
}

impl Grant {
    /// What its present envelope is bound to.
    pub fn sealed_for(&self) -> SealedFor {
        SealedFor { grant: self.id, platform: self.platform.clone(), version: self.version }
    }

    /// When the person last consented.
    pub fn consented_at(&self) -> Timestamp {
        self.upkeep.consented_at.unwrap_or(self.issued_at)
    }

    /// Its tokens are others from now on, and the consent is the same.
    pub fn issue(&mut self, at: Timestamp) {
        self.upkeep.consented_at = Some(self.consented_at());
        self.issued_at = at;
    }

    /// When a person must act: the earliest end that nothing else can move.
    pub fn reauth_due_at(&self) -> Option<Timestamp> {
        let failed = |f: &Failures| f.last_at.duration_since(f.since) >= renewal::EXTENSION_FAILED;
        let own = match self.renewal {
            Renewal::Silent => self.expiry.refresh,
            Renewal::Extend => self.expiry.access.filter(|_| self.upkeep.failures.as_ref().is_some_and(failed)),
            Renewal::None => self.expiry.access,
        };
        own.into_iter().chain(self.expiry.data_access).min()
    }

    /// What its accounts are to be told of it now.
    pub fn facts(&self) -> GrantFacts {
        let Upkeep { failures, uncertain_since, dead, misconfigured_since, warned, scopes_since, .. } = &self.upkeep;
        let told = failures.as_ref().filter(|f| f.count >= renewal::FAILING);
        let quarantined = told.filter(|f| f.last_at.duration_since(f.since) >= renewal::GIVE_UP);
        GrantFacts {
            renewal: self.renewal,
            reauth_due_at: self.reauth_due_at(),
            warned: *warned,
            dead: *dead,
            uncertain_since: *uncertain_since,
            failing: told.map(|f| Failing { since: f.since, code: f.code }),
            quarantined_since: quarantined.map(|f| f.since + renewal::GIVE_UP),
            misconfigured_since: *misconfigured_since,
            scopes_since: *scopes_since,
            access_ends: self.expiry.access.filter(|_| told.is_some() || misconfigured_since.is_some()),
            shared: self.is_shared(),
        }
    }

    /// Whether its accounts are to hear of it. An ordinary renewal moves a distant end a little: that is told once a
    /// week.
    pub fn has_news(&self, now: Timestamp) -> bool {
        let (is, was) = (self.facts(), &self.told);
        let moved_a_little = |(is, was): (Timestamp, Timestamp)| {
            (SignedDuration::ZERO..LITTLE).contains(&is.duration_since(was)) && was.duration_since(now) > DISTANT
        };
        let little = is.reauth_due_at.zip(was.reauth_due_at).is_some_and(moved_a_little);
        is != if little { GrantFacts { reauth_due_at: is.reauth_due_at, ..was.clone() } } else { was.clone() }
    }

    /// Whether its access token's time is not over.
    pub fn access_lives(&self, now: Timestamp) -> bool {
        self.expiry.access.is_none_or(|ends| now < ends)
    }

    /// Whether its access token can be used as it is.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        self.expiry.access.is_none_or(|ends| {
            let least = match self.renewal {
                Renewal::None => SignedDuration::ZERO,
                Renewal::Silent | Renewal::Extend => renewal::least_left(self.issued_at, ends),
            };
            ends.duration_since(now) > least
        })
    }

    /// The warning whose time has come and that was not given: the days before a person must act.
    pub fn warning(&self, now: Timestamp) -> Option<u8> {
        let left = self.reauth_due_at()?.duration_since(now);
        let passed = |days: &&u8| left <= SignedDuration::from_hours(24 * i64::from(**days));
        let days = WARNINGS.iter().rev().find(passed)?;
        self.upkeep.warned.is_none_or(|warned| *days < warned).then_some(*days)
    }

    /// When it is looked at again that was looked at now: within the hour before a day has passed.
    pub fn look_after(&self, now: Timestamp) -> Timestamp {
        #[expect(clippy::cast_possible_truncation, reason = "minutes of an hour")]
        let earlier = SignedDuration::from_mins((60.0 * renewal::draw(self.id, "check")) as i64);
        now + CHECK_EVERY - earlier
    }

    /// What is to be done next and when, while it lives. `looks` is whether looking at it costs nothing.
    pub fn next_due(&self, rules: &Rules, looks: bool, now: Timestamp) -> Option<Due> {
        if let GrantState::Revoking { .. } = self.state {
            return self.due;
        }
        let renew = |at| Due { work: Work::Renew, at };
        if self.has_news(now) {
            return Some(renew(now));
        }
        let Upkeep { dead: None, retry_at, uncertain_since, suspected_at, look_at, warned, .. } = &self.upkeep else {
            return None;
        };
        let mut due = Vec::new();
        let not_before = |at: Timestamp| retry_at.map_or(at, |retry| at.max(retry));
        match uncertain_since {
            // The last try waits until the access token is of no use any more.
            Some(since) if !rules.replay_is_harmless() => {
                due.push(renew(not_before(self.expiry.access.unwrap_or(*since))));
            }
            _ => {
                let at = rules.renew_at(self.id, self.renewal, self.issued_at, &self.expiry);
                due.extend(at.map(|at| renew(not_before(at))));
                // What was tried before its time, for somebody, is tried again.
                due.extend(retry_at.map(renew));
            }
        }
        due.extend(suspected_at.map(|at| renew(not_before(at))));
        if let Some(ends) = self.reauth_due_at() {
            // Only the platform's word ends what renews itself: that waits for the next try.
            due.push(renew(if self.renewal == Renewal::Silent { not_before(ends) } else { ends }));
            let next = WARNINGS.iter().find(|days| warned.is_none_or(|warned| **days < warned));
            let before =
                |days: &u8| ends.checked_sub(SignedDuration::from_hours(24 * i64::from(*days))).unwrap_or(ends);
            due.extend(next.map(|days| Due { work: Work::Check, at: before(days) }));
        }
        if looks {
            let at = look_at.unwrap_or_else(|| self.look_after(self.issued_at));
            due.push(Due { work: Work::Check, at });
        }
        due.into_iter().min_by_key(|due| (due.at, due.work))
    }
}

#[cfg(test)]
mod tests;
