//! The one path by which tokens are renewed: the sweep, a person's refresh, and whoever needs a token take it.

use domain::{Fault, Grant, TokenSet, grant::Due};

use crate::Services;

/// Seals tokens as a grant's next version, and puts them into it. A version that a dead holder has sealed is passed over.
pub(crate) async fn seal_next(services: &Services, grant: &mut Grant, tokens: &TokenSet) -> Result<(), Fault> {
    loop {
        grant.version += 1;
        if let Some(envelope) = services.vault.seal(&grant.sealed_for(), tokens).await? {
            grant.envelope = envelope;
            return Ok(());
        }
    }
}

/// What is to be done about a living grant next, and when.
pub(crate) fn due(services: &Services, grant: &Grant) -> Option<Due> {
    let entry = services.platforms.entry(&grant.platform, Some(&grant.method))?;
    grant.next_due(&entry.renewal, entry.free_probe, services.now())
}
