//! A pass over all grants, once a day and a little at a time: what is not sealed as it would be now (an older root key,
//! another vault) is sealed anew, and what a vault keeps for nobody is destroyed. It goes on where it stopped.

use domain::{ConnectSessionId, Fault, Grant, grant::GrantState};
use jiff::SignedDuration;
use serde::Serialize;
use store::{Pass, Settled};
use tokio::time::Instant;
use vault::Kept;

use crate::{Services, platform, renew::seal_next};

/// From the end of one pass to the beginning of the next.
const EVERY: SignedDuration = SignedDuration::from_hours(24);
/// How many items of the table are read at a time.
const ITEMS: i32 = 500;
/// What was written a moment ago may belong to a row that is being written.
const ORPHANED: SignedDuration = SignedDuration::from_hours(1);

/// What a part of the pass did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Resealed {
    /// Grants that were looked at.
    pub seen: usize,
    /// They were sealed anew.
    pub resealed: usize,
    /// Tokens that belonged to nobody, destroyed.
    pub orphans: usize,
    /// What could not be done now.
    pub failed: usize,
}

/// Goes on with the pass until it is through or the time is over.
pub(crate) async fn reseal(services: &Services, until: Instant) -> Result<Resealed, Fault> {
    let mut report = Resealed::default();
    let mut pass = services.store.find_pass().await?;
    while services.now() >= pass.next_at && Instant::now() < until {
        let mut next = Pass { version: pass.version + 1, ..pass.clone() };
        if pass.grants_done {
            let (kept, after) = services.vault.list(pass.kept.clone()).await?;
            for tokens in kept {
                report.count(orphan(services, &tokens).await, |r| &mut r.orphans);
            }
            if after.is_none() {
                (next.next_at, next.grants_done) = (services.now() + EVERY, false);
            }
            next.kept = after;
        } else {
            let (grants, place) = services.store.scan_grants(pass.grants.as_ref(), ITEMS).await?;
            for grant in grants {
                report.seen += 1;
                report.count(anew(services, &grant).await, |r| &mut r.resealed);
            }
            next.grants_done = place.is_none();
            next.grants = place;
        }
        if !services.store.put_pass(&pass, &next).await? {
            break;
        }
        if next.next_at > pass.next_at {
            platform::warn(services);
        }
        pass = next;
    }
    Ok(report)
}

impl Resealed {
    fn count(&mut self, done: Result<bool, Fault>, what: impl Fn(&mut Self) -> &mut usize) {
        match done {
            Ok(true) => *what(self) += 1,
            Ok(false) => {}
            Err(fault) => {
                tracing::error!(%fault, "the pass over all grants");
                self.failed += 1;
            }
        }
    }
}

/// Seals a grant's tokens anew, under the lease; `false` if that is not needed, or not possible now.
async fn anew(services: &Services, seen: &Grant) -> Result<bool, Fault> {
    if !is_old(services, seen) {
        return Ok(false);
    }
    let Some(grant) = services.store.hold(seen.id, None, services.now()).await? else { return Ok(false) };
    let done = if is_old(services, &grant) { held(services, &grant).await } else { Ok(false) };
    if !matches!(done, Ok(true)) {
        services.store.let_go(&grant).await?;
    }
    done
}

/// Whether a living grant's tokens are not sealed as they would be now.
fn is_old(services: &Services, grant: &Grant) -> bool {
    grant.state == GrantState::Live && !services.vault.is_current(&grant.envelope)
}

async fn held(services: &Services, found: &Grant) -> Result<bool, Fault> {
    let tokens = services.vault.unseal(&found.sealed_for(), &found.envelope).await?;
    let mut grant = found.clone();
    seal_next(services, &mut grant, &tokens).await?;
    // What may have been spent still may.
    let spent = found.hold.is_doubtful(found.version).then_some(grant.version);
    let released = grant.hold.release(spent);
    let moves_out = services.vault.keeps(&found.envelope);
    if moves_out {
        grant.hold.intent = released.intent;
    } else {
        grant.hold = released;
    }
    if services.store.settle(&grant, found.version).await? != Settled::Done {
        return Ok(false);
    }
    if moves_out {
        // Nobody may bring the grant back there before the old tokens are gone.
        services.vault.forget(&found.sealed_for(), &found.envelope).await?;
        grant.hold = released;
        services.store.settle(&grant, grant.version).await?;
    }
    Ok(true)
}

/// Destroys tokens that no grant and no attempt has there; `false` if one does.
async fn orphan(services: &Services, tokens: &Kept) -> Result<bool, Fault> {
    if services.now().duration_since(tokens.changed_at) < ORPHANED {
        return Ok(false);
    }
    let grant = services.store.find_grant(tokens.grant).await?;
    let held = services.store.find_held(ConnectSessionId::from(tokens.grant)).await?;
    let envelope = grant.map(|grant| grant.envelope).or(held.map(|held| held.envelope));
    if envelope.is_some_and(|envelope| services.vault.keeps(&envelope)) {
        return Ok(false);
    }
    services.vault.destroy(tokens).await?;
    Ok(true)
}
