//! The rules, in their order.

use serde::{Deserialize, Serialize};

use super::{Severity, State};

/// One rule; the first that holds decides. A vocabulary has a word for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// It is disconnected.
    Disconnected,
    /// It is not chosen yet.
    Pending,
    /// Its consent has ended.
    Expired,
    /// It is broken.
    Error,
    /// It is held back.
    Suspended,
    /// Publishing, which was asked for, does not work.
    LimitedPublish,
    /// Something else that was asked for does not work.
    Limited,
    /// A person must act soon.
    Expiring,
    /// Something fails that may come right by itself.
    Degraded,
    /// Its data is being fetched.
    Processing,
    /// Its data is old.
    Stale,
    /// None of these.
    Healthy,
}

impl Rule {
    /// All of them, in their order.
    pub const ALL: [Self; 12] = [
        Self::Disconnected,
        Self::Pending,
        Self::Expired,
        Self::Error,
        Self::Suspended,
        Self::LimitedPublish,
        Self::Limited,
        Self::Expiring,
        Self::Degraded,
        Self::Processing,
        Self::Stale,
        Self::Healthy,
    ];

    /// The word used in answers and vocabularies.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LimitedPublish => "limited_publish",
            other => other.state().as_str(),
        }
    }

    /// The state that it means.
    pub fn state(self) -> State {
        match self {
            Self::Disconnected => State::Disconnected,
            Self::Pending => State::Pending,
            Self::Expired => State::Expired,
            Self::Error => State::Error,
            Self::Suspended => State::Suspended,
            Self::LimitedPublish | Self::Limited => State::Limited,
            Self::Expiring => State::Expiring,
            Self::Degraded => State::Degraded,
            Self::Processing => State::Processing,
            Self::Stale => State::Stale,
            Self::Healthy => State::Healthy,
        }
    }

    /// How bad that is.
    pub fn severity(self) -> Severity {
        match self {
            Self::Disconnected | Self::Expired | Self::Error | Self::Suspended | Self::LimitedPublish => {
                Severity::Error
            }
            Self::Pending | Self::Limited | Self::Expiring | Self::Degraded | Self::Stale => Severity::Warning,
            Self::Processing | Self::Healthy => Severity::Ok,
        }
    }

    /// When it holds, in the words of people.
    pub fn condition(self) -> &'static str {
        match self {
            Self::Disconnected => "The account is disconnected.",
            Self::Pending => "The account came back from a sign-in and is not chosen yet.",
            Self::Expired => "The consent has ended: it was taken back, it ran out, or nothing can renew it.",
            Self::Error => {
                "The platform restricted the account, lost it or no longer shows it to us, it refuses our app, renewing \
                 has failed for seven days, or fetching has failed for this account alone for more than a day."
            }
            Self::Suspended => "The plan has no room for the account, or somebody paused it.",
            Self::LimitedPublish => "Publishing was asked for and does not work.",
            Self::Limited => "Analytics, messages or audience were asked for and do not work.",
            Self::Expiring => "A person must sign in again within the window, which is 30 days by default.",
            Self::Degraded => {
                "Renewing fails or had an unknown end, fetching failed three times in a row, the platform has limited \
                 calls for more than an hour, or it has an outage."
            }
            Self::Processing => "The account's data is being fetched for the first time, or because somebody asked.",
            Self::Stale => "The data was never fetched, or not for twice as long as it should take, a day at least.",
            Self::Healthy => "None of the other rules holds.",
        }
    }
}
