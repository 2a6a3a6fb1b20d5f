//! What a platform's answer means to us.

use domain::{DeadReason, Secret, Timestamp};

/// A call that did not succeed, classified from status and body by the catalogue's rules.
#[derive(Debug, thiserror::Error)]
pub enum PlatformError {
    /// The grant (or code) is no good; only a person can help.
    #[error("grant gone: {0:?}")]
    GrantGone(DeadReason),
    /// The request never left: connecting failed.
    #[error("not sent: {0}")]
    NotSent(String),
    /// It may have happened: timeout after sending, 5xx, a cut or unreadable answer.
    #[error("outcome unknown: {0}")]
    Unknown(String),
    /// A renewal was answered with success and nothing that can be used as tokens: the body may hold the only ones that
    /// still work.
    #[error("an answer without readable tokens")]
    Unreadable(Secret),
    /// Too many calls, or too early.
    #[error("rate limited")]
    RateLimited {
        /// When calls are welcome again, where the platform tells.
        until: Option<Timestamp>,
    },
    /// A scope is missing.
    #[error("permission missing")]
    PermissionMissing,
    /// The person lost the role on the page.
    #[error("role lost")]
    RoleLost,
    /// The account is gone.
    #[error("account gone")]
    AccountGone,
    /// The platform suspended or blocked the account.
    #[error("account restricted")]
    AccountRestricted,
    /// The platform does not let apps work with this kind of account.
    #[error("account type unsupported")]
    AccountTypeUnsupported,
    /// Our app, its secret or its redirect address is wrong.
    #[error("app misconfigured: {0}")]
    Misconfigured(String),
    /// An answer that the platform's own contract does not allow.
    #[error("broken contract: {0}")]
    Contract(String),
}
