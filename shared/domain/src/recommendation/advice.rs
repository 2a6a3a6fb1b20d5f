//! The recommendations that there are, in the words of people.

use serde::{Deserialize, Serialize};

use super::Severity;

/// A rule, by its stable code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Advice {
    /// A consent has ended.
    ReconnectNow,
    /// A consent ends soon.
    ReconnectSoon,
    /// A platform restricts an account.
    RestrictedAccount,
    /// What was asked for was not given.
    PermissionsMissing,
    /// The data of an account is old.
    StaleData,
    /// Fewer follow it than a month ago.
    FallingFollowers,
    /// More follow it than a month ago.
    GrowingFollowers,
    /// Nobody uses it.
    UnusedAccount,
    /// Most followers are on one platform.
    OnePlatformOnly,
    /// A platform has no main account.
    NoMainAccount,
    /// An account is verified, and others of its platform are not.
    UnverifiedBesideVerified,
    /// Too little is known to say anything.
    InsufficientData,
    /// The brand's identity is not set up.
    IdentityNotConfigured,
}

impl Advice {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 13] = [
        Self::ReconnectNow,
        Self::ReconnectSoon,
        Self::RestrictedAccount,
        Self::PermissionsMissing,
        Self::StaleData,
        Self::FallingFollowers,
        Self::GrowingFollowers,
        Self::UnusedAccount,
        Self::OnePlatformOnly,
        Self::NoMainAccount,
        Self::UnverifiedBesideVerified,
        Self::InsufficientData,
        Self::IdentityNotConfigured,
    ];

    /// The word used in answers.
    pub fn as_str(self) -> &'static str {
        self.words()[0]
    }

    /// A short title.
    pub fn title(self) -> &'static str {
        self.words()[1]
    }

    /// What was found, in a sentence.
    pub fn text(self) -> &'static str {
        self.words()[2]
    }

    /// What to do next.
    pub fn next_step(self) -> &'static str {
        self.words()[3]
    }

    /// How much it matters.
    pub fn severity(self) -> Severity {
        match self {
            Self::ReconnectNow
            | Self::ReconnectSoon
            | Self::RestrictedAccount
            | Self::PermissionsMissing
            | Self::StaleData
            | Self::FallingFollowers => Severity::Warning,
            Self::GrowingFollowers
            | Self::UnusedAccount
            | Self::OnePlatformOnly
            | Self::NoMainAccount
            | Self::UnverifiedBesideVerified
            | Self::InsufficientData
            | Self::IdentityNotConfigured => Severity::Info,
        }
    }

    fn words(self) -> [&'static str; 4] {
        match self {
            Self::ReconnectNow => [
                "reconnect_now",
                "Somebody must sign in again",
                "What was allowed has ended, so nothing can be published or fetched.",
                "Reconnect now.",
            ],
            Self::ReconnectSoon => [
                "reconnect_soon",
                "Somebody must sign in again soon",
                "What was allowed runs out soon, and it cannot be renewed without a person.",
                "Reconnect before the day on which it ends.",
            ],
            Self::RestrictedAccount => [
                "restricted_account",
                "The platform restricts an account",
                "The platform suspended or blocked it.",
                "Sign in at the platform, and do what it asks.",
            ],
            Self::PermissionsMissing => [
                "permissions_missing",
                "Permissions are missing",
                "Not everything that was asked for was allowed, so some of it does not work.",
                "Reconnect, and allow all that is asked.",
            ],
            Self::StaleData => [
                "stale_data",
                "Data is old",
                "The data was last fetched longer ago than it should be.",
                "Start a sync, and look at what the account's health says.",
            ],
            Self::FallingFollowers => [
                "falling_followers",
                "Followers are leaving",
                "In thirty days it lost five per cent of its followers or more.",
                "Look at what was published in that time, and compare it with the time before.",
            ],
            Self::GrowingFollowers => [
                "growing_followers",
                "Followers are coming",
                "In thirty days it gained five per cent of its followers or more.",
                "Do more of what was published in that time.",
            ],
            Self::UnusedAccount => [
                "unused_account",
                "An account is not used",
                "It is connected, and nothing has used it for thirty days or more.",
                "Use it, or disconnect it: what is not connected cannot be misused.",
            ],
            Self::OnePlatformOnly => [
                "one_platform_only",
                "Most followers are on one platform",
                "Eighty per cent of all followers or more are on one platform, and would be lost with it.",
                "Publish more on the other platforms, or connect an account of another one.",
            ],
            Self::NoMainAccount => [
                "no_main_account",
                "A platform has no main account",
                "There are accounts of this platform, and none of them is the main one.",
                "Choose the main account.",
            ],
            Self::UnverifiedBesideVerified => [
                "unverified_beside_verified",
                "Not all accounts of a platform are verified",
                "Another account of the same platform is verified, and people may take this one for a false one.",
                "Ask the platform to verify it.",
            ],
            Self::InsufficientData => [
                "insufficient_data",
                "Too little is known",
                "Of the last thirty days fewer than seven are known, which is too little to say how it does.",
                "Wait for more days, and see that the account stays connected.",
            ],
            Self::IdentityNotConfigured => [
                "identity_not_configured",
                "The identity is not set up",
                "The workspace says that its identity is not set up, so what an AI writes is less like you.",
                "Set up the identity.",
            ],
        }
    }
}
