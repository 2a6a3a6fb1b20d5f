//! Why an account is as it is: what was found, by which rule, and from which facts.

use jiff::Timestamp;
use serde_json::Value;

use super::{Remedy, Rule};
use crate::{Capability, Code};

/// One thing that is found of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// By which rule.
    pub rule: Rule,
    /// What it is.
    pub cause: Cause,
    /// Since when.
    pub since: Timestamp,
    /// What does not work because of it, where it is one thing.
    pub capability: Option<Capability>,
    /// The facts that it was found from, by their names.
    pub facts: Value,
    /// The word and the moment that its events name it by, where those are not the cause and `since`.
    pub named: Option<(&'static str, Timestamp)>,
}

/// What can be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// One of the registry's codes.
    Registered(Code),
    /// It was not chosen yet.
    SelectionPending,
    /// The grant was taken back.
    Revoked,
    /// The person's password changed.
    PasswordChanged,
    /// The person must clear something with the platform.
    TwoFactor,
    /// The newest token never arrived.
    RotationLost,
    /// Renewing has failed for a week.
    RenewalQuarantined,
    /// Renewing fails.
    RenewalFailing,
    /// Renewing had an unknown end.
    RotationUncertain,
    /// A person must act soon.
    ReauthorizationDue,
    /// The plan has no room.
    SuspendedByPlan,
    /// Somebody paused it.
    PausedByUser,
    /// Fetching fails.
    SyncFailing,
    /// Fetching is under way.
    SyncRunning,
    /// Nothing was fetched yet.
    NeverSynced,
    /// The data is old.
    SyncOverdue,
}

impl Cause {
    /// Those that are not in the registry.
    pub const OWN: [Self; 15] = [
        Self::SelectionPending,
        Self::Revoked,
        Self::PasswordChanged,
        Self::TwoFactor,
        Self::RotationLost,
        Self::RenewalQuarantined,
        Self::RenewalFailing,
        Self::RotationUncertain,
        Self::ReauthorizationDue,
        Self::SuspendedByPlan,
        Self::PausedByUser,
        Self::SyncFailing,
        Self::SyncRunning,
        Self::NeverSynced,
        Self::SyncOverdue,
    ];

    /// The stable word.
    pub fn as_str(self) -> &'static str {
        self.words()[0]
    }

    /// A short title in the words of people.
    pub fn title(self) -> &'static str {
        self.words()[1]
    }

    /// What happened, in a sentence.
    pub fn detail(self) -> &'static str {
        self.words()[2]
    }

    /// What to do next.
    pub fn next_step(self) -> &'static str {
        self.words()[3]
    }

    fn words(self) -> [&'static str; 4] {
        match self {
            Self::Registered(code) => [code.as_str(), code.title(), code.cause(), code.next_step()],
            Self::SelectionPending => [
                "selection_pending",
                "The account is not chosen yet",
                "It came back from a sign-in, and nobody has chosen it.",
                "Finish choosing the accounts.",
            ],
            Self::Revoked => [
                "revoked",
                "The permission was taken back",
                "The person or the platform took back what had been allowed.",
                "Reconnect the account.",
            ],
            Self::PasswordChanged => [
                "password_changed",
                "The password was changed",
                "The person changed their password at the platform, and that ended what they had allowed.",
                "Reconnect the account.",
            ],
            Self::TwoFactor => [
                "two_factor",
                "The platform wants to see the person",
                "The platform asks the person to confirm who they are before it works with us again.",
                "Sign in at the platform, do what it asks, and reconnect the account.",
            ],
            Self::RotationLost => [
                "rotation_lost",
                "The token got lost on its way",
                "The platform replaced the token, and its answer never reached us, so the old one is of no use.",
                "Reconnect the account.",
            ],
            Self::RenewalQuarantined => [
                "renewal_quarantined",
                "The token could not be renewed for a week",
                "Every try for seven days failed, through no fault of the account. It is tried once a day now.",
                "Reconnect the account.",
            ],
            Self::RenewalFailing => [
                "renewal_failing",
                "The token cannot be renewed at the moment",
                "Several tries in a row failed, through no fault of the account.",
                "There is nothing to do: it is tried again by itself.",
            ],
            Self::RotationUncertain => [
                "rotation_uncertain",
                "It is not certain that the token can be renewed",
                "The platform's answer to a renewal never reached us. The present token is used as long as it lives.",
                "There is nothing to do yet: it is tried again by itself.",
            ],
            Self::ReauthorizationDue => [
                "reauthorization_due",
                "Somebody must sign in again soon",
                "What the person allowed runs out, and it cannot be renewed without them.",
                "Reconnect the account before then.",
            ],
            Self::SuspendedByPlan => [
                "suspended_by_plan",
                "The plan has no room for this account",
                "The plan allows fewer accounts than there are, so this one is suspended.",
                "Upgrade the plan, or disconnect an account that is not needed.",
            ],
            Self::PausedByUser => [
                "paused_by_user",
                "The account is paused",
                "Somebody paused it, so nothing is published and nothing is fetched.",
                "Resume the account.",
            ],
            Self::SyncFailing => [
                "sync_failing",
                "The data cannot be fetched",
                "Several tries in a row to fetch this account's data failed.",
                "Wait for the next try; if it goes on, reconnect the account.",
            ],
            Self::SyncRunning => [
                "sync_running",
                "The data is being fetched",
                "The account's data is on its way.",
                "There is nothing to do.",
            ],
            Self::NeverSynced => [
                "never_synced",
                "No data was fetched yet",
                "This account's data has never been fetched.",
                "Start a sync.",
            ],
            Self::SyncOverdue => [
                "sync_overdue",
                "The data is old",
                "This account's data was last fetched longer ago than it should be.",
                "Start a sync.",
            ],
        }
    }
}

impl Reason {
    /// Whether something is wrong: that somebody disconnected an account, or that its data is on its way, is no trouble.
    pub fn is_trouble(&self) -> bool {
        !matches!(self.rule, Rule::Disconnected | Rule::Processing)
    }

    /// What can be done about it.
    pub fn remedy(&self) -> Remedy {
        match self.cause {
            Cause::SelectionPending => Remedy::Choose,
            Cause::SuspendedByPlan => Remedy::Upgrade,
            Cause::PausedByUser => Remedy::Resume,
            Cause::Registered(
                Code::AccountRestricted
                | Code::AccountNotFound
                | Code::InsufficientPlatformRole
                | Code::AccountTypeUnsupported,
            ) => Remedy::OpenPlatform,
            Cause::Registered(Code::PlatformNotConfigured | Code::AppUnaudited) => Remedy::AskOperator,
            Cause::NeverSynced | Cause::SyncOverdue => Remedy::Sync,
            // What is found so bad that it does not come right by itself takes a person.
            Cause::SyncFailing if self.rule == Rule::Error => Remedy::Reconnect,
            Cause::Registered(Code::PlatformUnavailable | Code::PlatformRateLimited)
            | Cause::RenewalFailing
            | Cause::RotationUncertain
            | Cause::SyncFailing
            | Cause::SyncRunning => Remedy::Wait,
            Cause::Registered(_)
            | Cause::Revoked
            | Cause::PasswordChanged
            | Cause::TwoFactor
            | Cause::RotationLost
            | Cause::RenewalQuarantined
            | Cause::ReauthorizationDue => Remedy::Reconnect,
        }
    }
    /// Why an account cannot be used for something because of it.
    pub(super) fn takes(&self, capability: Capability) -> Option<Code> {
        match (self.rule, self.cause) {
            (Rule::Disconnected, _) => Some(Code::AccountDisconnected),
            (Rule::Pending | Rule::Suspended, _) => Some(Code::AccountNotUsable),
            (Rule::Expired, _) => Some(Code::ConnectionExpired),
            // It keeps a token from being renewed, not from being used.
            (Rule::Error, Cause::Registered(Code::PlatformNotConfigured)) => None,
            (Rule::Error | Rule::LimitedPublish | Rule::Limited, Cause::Registered(code)) => {
                self.capability.is_none_or(|own| own == capability).then_some(code)
            }
            _ => None,
        }
    }
}
