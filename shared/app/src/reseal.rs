//! A pass over all grants, once a day and a little at a time: what is not sealed as it would be now (an older root key,
//! another vault) is sealed anew, and what a vault keeps for nobody is destroyed. It goes on where it stopped.

use domain::{ConnectSessionId, Fault, Grant, grant::GrantState};
use jiff::SignedDuration;
use serde::Serialize;
use store::{Pass, Settled};
use tokio::time::Instant;
use vault::Kept;

use crate::{Services, renew::seal_next};

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
    if services.vault.is_current(&seen.envelope) || seen.state != GrantState::Live {
        return Ok(false);
    }
    let now = services.now();
    let Some(mut grant) = services.store.hold(seen.id, None, now).await? else { return Ok(false) };
    let (found, before) = (grant.version, grant.sealed_for());
    if services.vault.is_current(&grant.envelope) || grant.state != GrantState::Live {
        services.store.let_go(&grant).await?;
        return Ok(false);
    }
    let doubtful = grant.hold.is_doubtful(found);
    let old = grant.envelope.clone();
    let tokens = services.vault.unseal(&before, &old).await?;
    seal_next(services, &mut grant, &tokens).await?;
    // What may have been spent still may.
    grant.hold = grant.hold.release(doubtful.then_some(grant.version));
    match services.store.settle(&grant, found).await? {
        Settled::Done => {
            services.vault.forget(&before, &old).await?;
            Ok(true)
        }
        Settled::Refused(_) => Ok(false),
    }
}

/// Destroys tokens that no grant and no attempt names; `false` if one does.
async fn orphan(services: &Services, tokens: &Kept) -> Result<bool, Fault> {
    let young = services.now().duration_since(tokens.changed_at) < ORPHANED;
    let attempt = ConnectSessionId::from(tokens.grant);
    if young
        || services.store.find_grant(tokens.grant).await?.is_some()
        || services.store.find_held(attempt).await?.is_some()
    {
        return Ok(false);
    }
    services.vault.destroy(tokens).await?;
    Ok(true)
}
