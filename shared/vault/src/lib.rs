//! Where tokens are sealed, and nowhere else.

mod sealed;

use async_trait::async_trait;
use domain::{Envelope, Fault, SealedFor, TokenSet};

pub use sealed::{RootKeys, Sealed};

/// Seals the tokens of a grant. An envelope opens only for what it was sealed for: another grant,
/// platform or version is an error, so that swapped or rolled-back rows are noticed.
#[async_trait]
pub trait TokenVault: Send + Sync {
    /// Seals tokens.
    async fn seal(&self, of: &SealedFor, tokens: &TokenSet) -> Result<Envelope, Fault>;

    /// Opens an envelope.
    async fn unseal(&self, of: &SealedFor, envelope: &Envelope) -> Result<TokenSet, Fault>;

    /// Destroys what an envelope stands for, where it is more than the envelope itself.
    async fn forget(&self, of: &SealedFor, envelope: &Envelope) -> Result<(), Fault>;
}
