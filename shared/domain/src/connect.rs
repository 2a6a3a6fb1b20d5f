//! One attempt to connect, and what a consent offers.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    AccountId, CandidateId, Capability, Code, ConnectSessionId, ConnectedBy, Digest, Envelope, Gap, GrantId, MethodId,
    OrgId, Person, PlatformId, Renewal, SealedFor, WorkspaceId, account::Profile, easyconnect::Through, gap::Named,
    grant::Expiry,
};

/// How long an attempt lives until the consent returns.
pub const SESSION_LIFETIME: SignedDuration = SignedDuration::from_mins(30);
/// How long candidates can be chosen from.
pub const SELECTION_LIFETIME: SignedDuration = SignedDuration::from_hours(24);
/// How long a state is good for.
pub const STATE_LIFETIME: SignedDuration = SignedDuration::from_mins(10);
/// How many wrong codes a hand-off forgives.
pub const HANDOFF_TRIES: u8 = 3;
/// How long the exchange may run before its attempt counts as failed.
pub const EXCHANGE_DEADLINE: SignedDuration = SignedDuration::from_secs(120);
/// Most candidates chosen at once: their records fit one transaction.
pub const MOST_SELECTED: usize = 25;

/// The browser that pressed Continue, and the one state made for it. Digests only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// Of the cookie's value.
    pub cookie: Digest,
    /// Of the state.
    pub state: Digest,
    /// When the state ends.
    pub state_expires_at: Timestamp,
    /// When the state was taken; it is taken once.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub used_at: Option<Timestamp>,
}

/// An attempt that goes on on another device: only the one that names the code may continue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handoff {
    /// Of the code.
    pub code: Digest,
    /// How many wrong codes are still forgiven.
    pub tries_left: u8,
    /// Of the other device's cookie, once it named the code.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub device: Option<Digest>,
}

/// How an attempt ended badly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionError {
    /// The stable code.
    pub code: Code,
    /// This case, for people.
    pub detail: String,
    /// `account_mismatch`: who was expected.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expected: Option<String>,
    /// `account_mismatch`: who came.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub got: Option<String>,
}

/// How far an attempt is, as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "stage")]
pub enum Stage {
    /// Nobody has pressed Continue.
    Created,
    /// A browser is at the platform, or its answer is being worked on.
    Consenting,
    /// Candidates wait for a choice.
    AwaitingSelection {
        /// Until when.
        until: Timestamp,
        /// The candidates chosen so far.
        chosen: Vec<CandidateId>,
        /// The accounts that they became.
        accounts: Vec<AccountId>,
    },
    /// Done.
    Completed {
        /// What was connected.
        accounts: Vec<AccountId>,
    },
    /// Ended badly.
    Failed {
        /// Why.
        error: SessionError,
    },
    /// Ended by the caller.
    Cancelled,
}

/// How far an attempt is, as told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Nobody has pressed Continue.
    Created,
    /// A browser is at the platform.
    Consenting,
    /// Another device is to name the code.
    AwaitingConfirmation,
    /// Candidates wait for a choice.
    AwaitingSelection,
    /// Done.
    Completed,
    /// Ended badly.
    Failed,
    /// Too late.
    Expired,
    /// Ended by the caller.
    Cancelled,
}

impl Status {
    /// The word used in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Consenting => "consenting",
            Self::AwaitingConfirmation => "awaiting_confirmation",
            Self::AwaitingSelection => "awaiting_selection",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
        }
    }
}

/// One attempt to connect, from the API call to the accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectSession {
    /// Its id.
    pub id: ConnectSessionId,
    /// For which workspace.
    pub workspace: WorkspaceId,
    /// Of which organisation.
    pub org: OrgId,
    /// The plan that the caller's token named.
    pub plan: Option<String>,
    /// Where.
    pub platform: PlatformId,
    /// How.
    pub method: MethodId,
    /// The path segment of the callback that may answer it.
    pub issuer: String,
    /// Who asked.
    pub asked_by: ConnectedBy,
    /// For what.
    pub capabilities: Vec<Capability>,
    /// Only this handle is welcome.
    pub expected_handle: Option<String>,
    /// Only this platform account is welcome.
    pub expected_platform_account_id: Option<String>,
    /// The account to reconnect; no other identity is welcome.
    pub account: Option<AccountId>,
    /// Whether that account is to live on a consent of its own workspace from then on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub detach: bool,
    /// Ask the platform to ask again even if it remembers a consent.
    pub fresh_consent: bool,
    /// Where the browser goes at the end.
    pub return_url: Option<String>,
    /// What the SaaS calls it; carried to the accounts.
    pub external_id: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends if no consent returns.
    pub expires_at: Timestamp,
    /// Platforms of the same sign-in whose scopes are asked for along, by the workspace's policy.
    #[serde(default)]
    pub also: Vec<PlatformId>,
    /// The living grant to choose from, without a new consent.
    #[serde(default)]
    pub reuse: Option<GrantId>,
    /// The other device, if the attempt was handed over.
    #[serde(default)]
    pub handoff: Option<Handoff>,
    /// The link through which a client began it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub through: Option<Through>,
    /// The browser, once bound.
    pub binding: Option<Binding>,
    /// How far it is.
    pub stage: Stage,
    /// Why something may be missing from what its consent offered.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub gaps: Vec<Gap>,
    /// The accounts that its consent no longer shares with us, and that were shared before.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub siblings_lost: Vec<Named>,
    /// Counts every change.
    pub version: u64,
}

impl ConnectSession {
    /// How far it is at a moment.
    pub fn status(&self, now: Timestamp) -> Status {
        match &self.stage {
            Stage::Created if now >= self.expires_at => Status::Expired,
            Stage::Created if self.handoff.as_ref().is_some_and(|h| h.device.is_none()) => Status::AwaitingConfirmation,
            Stage::Created => Status::Created,
            Stage::Consenting => match self.binding.as_ref().and_then(|b| b.used_at) {
                Some(used_at) if now >= used_at + EXCHANGE_DEADLINE => Status::Failed,
                None if now >= self.expires_at => Status::Expired,
                _ => Status::Consenting,
            },
            Stage::AwaitingSelection { until, accounts, .. } if now >= *until => {
                if accounts.is_empty() {
                    Status::Expired
                } else {
                    Status::Completed
                }
            }
            Stage::AwaitingSelection { .. } => Status::AwaitingSelection,
            Stage::Completed { .. } => Status::Completed,
            Stage::Failed { .. } => Status::Failed,
            Stage::Cancelled => Status::Cancelled,
        }
    }

    /// The accounts that it connected so far.
    pub fn accounts(&self) -> &[AccountId] {
        match &self.stage {
            Stage::AwaitingSelection { accounts, .. } | Stage::Completed { accounts } => accounts,
            _ => &[],
        }
    }

    /// Why it failed, if it did.
    pub fn error(&self, now: Timestamp) -> Option<SessionError> {
        match &self.stage {
            Stage::Failed { error } => Some(error.clone()),
            Stage::Consenting if self.status(now) == Status::Failed => Some(SessionError {
                code: Code::AuthenticationFailed,
                detail: "The sign-in was interrupted before it finished.".to_owned(),
                expected: None,
                got: None,
            }),
            _ => None,
        }
    }

    /// What the envelope of its consent is bound to until the tokens belong to a grant.
    pub fn sealed_for(&self) -> SealedFor {
        SealedFor { grant: self.id.into(), platform: self.platform.clone(), version: 0 }
    }

    /// When the status it has now ends by itself.
    pub fn ends_at(&self) -> Timestamp {
        match &self.stage {
            Stage::AwaitingSelection { until, .. } => *until,
            _ => self.expires_at,
        }
    }
}

/// Why an account that the platform offered cannot be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Barrier {
    /// The stable code.
    pub code: Code,
    /// Where a person can fix it.
    pub fix_url: Option<String>,
}

/// One account that a consent offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Its id within the attempt.
    pub id: CandidateId,
    /// What the platform says of it.
    pub profile: Profile,
    /// Why it cannot be chosen, if it cannot.
    pub barrier: Option<Barrier>,
    /// The account of this workspace that it is, connected or disconnected; found when candidates are
    /// read, never stored.
    #[serde(skip)]
    pub existing: Option<AccountId>,
}

/// What a consent gave, kept beside the attempt until the choice is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Who consented.
    pub person: Person,
    /// Client id of our app.
    pub app: String,
    /// When the tokens end.
    pub expiry: Expiry,
    /// How they are kept alive.
    pub renewal: Renewal,
    /// The scopes that were asked for.
    pub requested: Vec<String>,
    /// The scopes that were given, where the platform tells.
    pub granted: Option<Vec<String>>,
    /// What is offered.
    pub candidates: Vec<Candidate>,
    /// The tokens of the person and of every candidate, sealed for the attempt ([`ConnectSession::sealed_for`]).
    pub envelope: Envelope,
    /// The living grant that it was read from without a new consent.
    #[serde(default)]
    pub reused: Option<GrantId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(stage: Stage) -> ConnectSession {
        let workspace: WorkspaceId = "ws_1".parse().expect("legal");
        let t0 = Timestamp::UNIX_EPOCH;
        ConnectSession {
            id: ConnectSessionId::new(t0, [1; 16]),
            org: (&workspace).into(),
            workspace,
            plan: None,
            platform: "x".parse().expect("legal"),
            method: "x_login".parse().expect("legal"),
            issuer: "x".into(),
            asked_by: ConnectedBy { kind: "user".into(), id: "u".into(), name: None },
            capabilities: vec![],
            expected_handle: None,
            expected_platform_account_id: None,
            account: None,
            detach: false,
            fresh_consent: false,
            return_url: None,
            external_id: None,
            created_at: t0,
            expires_at: t0 + SESSION_LIFETIME,
            also: vec![],
            reuse: None,
            handoff: None,
            through: None,
            binding: None,
            stage,
            gaps: vec![],
            siblings_lost: vec![],
            version: 0,
        }
    }

    #[test]
    fn an_attempt_expires_by_itself_and_an_interrupted_exchange_fails() {
        let t0 = Timestamp::UNIX_EPOCH;
        let created = session(Stage::Created);
        assert_eq!(created.status(t0), Status::Created);
        assert_eq!(created.status(t0 + SESSION_LIFETIME), Status::Expired);

        let mut consenting = session(Stage::Consenting);
        let digest = Digest::of("x");
        consenting.binding = Some(Binding {
            cookie: digest.clone(),
            state: digest,
            state_expires_at: t0 + STATE_LIFETIME,
            used_at: Some(t0),
        });
        assert_eq!(consenting.status(t0), Status::Consenting);
        assert_eq!(consenting.status(t0 + EXCHANGE_DEADLINE), Status::Failed);
        assert!(consenting.error(t0 + EXCHANGE_DEADLINE).is_some());

        let until = t0 + SELECTION_LIFETIME;
        let waiting = session(Stage::AwaitingSelection { until, chosen: vec![], accounts: vec![] });
        assert_eq!(waiting.status(until), Status::Expired);
        let some = vec![AccountId::new(t0, [2; 16])];
        let partly = session(Stage::AwaitingSelection { until, chosen: vec![], accounts: some });
        assert_eq!(partly.status(until), Status::Completed);
    }
}
