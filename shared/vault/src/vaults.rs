//! The vault of a deployment: one seals, and each opens what it has sealed, so that tokens can move from one to the other.

use std::str::FromStr;

use async_trait::async_trait;
use domain::{Envelope, Fault, SealedFor, TokenSet};

use crate::{Kept, Sealed, SecretsManager, TokenVault};

/// Which vault seals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// In the row itself, under a root key.
    Sealed,
    /// In a secret of its own for each grant.
    SecretsManager,
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "sealed" => Ok(Self::Sealed),
            "secretsmanager" => Ok(Self::SecretsManager),
            other => Err(format!("{other} is neither sealed nor secretsmanager")),
        }
    }
}

/// Both vaults.
pub struct Vaults {
    seals: Kind,
    sealed: Sealed,
    secrets: SecretsManager,
}

impl Vaults {
    /// Both, of which one seals.
    pub fn new(seals: Kind, sealed: Sealed, secrets: SecretsManager) -> Self {
        Self { seals, sealed, secrets }
    }

    fn vault(&self, kind: Kind) -> &dyn TokenVault {
        match kind {
            Kind::Sealed => &self.sealed,
            Kind::SecretsManager => &self.secrets,
        }
    }

    /// The one whose envelope it is. What nobody has sealed is refused by the first.
    fn sealer(envelope: &Envelope) -> Kind {
        if SecretsManager::has_sealed(envelope) { Kind::SecretsManager } else { Kind::Sealed }
    }
}

#[async_trait]
impl TokenVault for Vaults {
    async fn seal(&self, of: &SealedFor, tokens: &TokenSet) -> Result<Option<Envelope>, Fault> {
        self.vault(self.seals).seal(of, tokens).await
    }

    async fn unseal(&self, of: &SealedFor, envelope: &Envelope) -> Result<TokenSet, Fault> {
        self.vault(Self::sealer(envelope)).unseal(of, envelope).await
    }

    async fn forget(&self, of: &SealedFor, envelope: &Envelope) -> Result<(), Fault> {
        self.vault(Self::sealer(envelope)).forget(of, envelope).await
    }

    async fn find(&self, of: &SealedFor) -> Result<Option<Envelope>, Fault> {
        // Whoever died may have sealed by the other one; only this one keeps what no row names.
        self.secrets.find(of).await
    }

    async fn list(&self, after: Option<String>) -> Result<(Vec<Kept>, Option<String>), Fault> {
        self.secrets.list(after).await
    }

    async fn destroy(&self, kept: &Kept) -> Result<(), Fault> {
        self.secrets.destroy(kept).await
    }

    fn keeps(&self, envelope: &Envelope) -> bool {
        self.secrets.keeps(envelope)
    }

    fn is_current(&self, envelope: &Envelope) -> bool {
        self.vault(self.seals).is_current(envelope)
    }
}
