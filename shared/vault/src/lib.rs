//! Where tokens are sealed, and nowhere else.

#[cfg(feature = "secretsmanager")]
mod bucket;
mod plain;
mod sealed;
#[cfg(feature = "secretsmanager")]
mod secrets_manager;
#[cfg(feature = "secretsmanager")]
mod vaults;

use async_trait::async_trait;
use domain::{Envelope, Fault, GrantId, SealedFor, Timestamp, TokenSet};

pub use sealed::{RootKeys, Sealed};
#[cfg(feature = "secretsmanager")]
pub use {
    secrets_manager::SecretsManager,
    vaults::{Kind, Vaults},
};

/// Seals the tokens of a grant. An envelope opens only for what it was sealed for: another grant,
/// platform or version is an error, so that swapped or rolled-back rows are noticed.
#[async_trait]
pub trait TokenVault: Send + Sync {
    /// Seals tokens. A version is written once: nothing, if others were sealed for it before. The same ones again are the
    /// same envelope, where the vault keeps more than the envelope.
    async fn seal(&self, of: &SealedFor, tokens: &TokenSet) -> Result<Option<Envelope>, Fault>;

    /// Opens an envelope.
    async fn unseal(&self, of: &SealedFor, envelope: &Envelope) -> Result<TokenSet, Fault>;

    /// Destroys what an envelope stands for, where it is more than the envelope itself: every version of that grant's
    /// tokens that the envelope's vault keeps. What is gone already is no fault.
    async fn forget(&self, of: &SealedFor, envelope: &Envelope) -> Result<(), Fault>;

    /// What was sealed for a version that no row names: whoever sealed it died before it could be written.
    async fn find(&self, of: &SealedFor) -> Result<Option<Envelope>, Fault>;

    /// What the vault keeps apart from the rows, a page at a time; a page may be empty and not the last. The text leads
    /// to the next one. Attempts' tokens are among them, under the ids that they are sealed for.
    async fn list(&self, after: Option<String>) -> Result<(Vec<Kept>, Option<String>), Fault>;

    /// Destroys what was found by `list`.
    async fn destroy(&self, kept: &Kept) -> Result<(), Fault>;

    /// Whether an envelope stands for something that `list` finds.
    fn keeps(&self, envelope: &Envelope) -> bool;

    /// Whether an envelope is as it would be sealed now; else it is to be sealed anew.
    fn is_current(&self, envelope: &Envelope) -> bool;
}

/// Tokens that a vault keeps apart from the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Whose.
    pub grant: GrantId,
    /// When a version was written last.
    pub changed_at: Timestamp,
}
