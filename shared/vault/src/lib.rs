//! Where tokens are sealed, and nowhere else.

mod sealed;

use async_trait::async_trait;
use domain::{Envelope, Fault, SealedFor, TokenSet};

pub use sealed::{RootKeys, Sealed};

/// Seals the tokens of a grant. An envelope opens only for what it was sealed for: another grant,
/// platform or version is an error, so that swapped or rolled-back rows are noticed.
#[async_trait]
pub trait TokenVault: Send + Sync {
    /// Seals tokens. A version is written once: nothing, if others were sealed for it before.
    async fn seal(&self, of: &SealedFor, tokens: &TokenSet) -> Result<Option<Envelope>, Fault>;

    /// Opens an envelope.
    async fn unseal(&self, of: &SealedFor, envelope: &Envelope) -> Result<TokenSet, Fault>;

    /// Destroys what an envelope stands for, where it is more than the envelope itself.
    async fn forget(&self, of: &SealedFor, envelope: &Envelope) -> Result<(), Fault>;

    /// What was sealed for a version that no row names: whoever sealed it died before it could be written.
    async fn find(&self, of: &SealedFor) -> Result<Option<Envelope>, Fault>;

    /// Whether an envelope is as it would be sealed now; else it is to be sealed anew.
    fn is_current(&self, envelope: &Envelope) -> bool;
}
