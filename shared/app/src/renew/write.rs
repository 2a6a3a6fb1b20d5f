//! Writing what a holder made of a grant, and telling its accounts.

use std::time::Duration;

use domain::{
    Fault, Grant, TokenSet,
    grant::{Due, GrantState},
};
use store::Settled;

use super::{Did, Held, Kept};
use crate::{Services, tell};

/// How often new tokens are written that a table in trouble did not take: nobody else has them.
const TRIES: u32 = 6;
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// Seals tokens as a grant's next version, and puts them into it. A version that somebody has sealed who died before
/// it was written is passed over.
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

/// Ends a hold: what is known now is written, the accounts hear of what has changed, the grant is given back.
/// `tokens` are new ones that are in the grant's envelope.
pub(super) async fn finish(held: Held<'_>, tokens: Option<TokenSet>, did: Did) -> Result<Option<Kept>, Fault> {
    Box::pin(finish_with(held, tokens, did, None)).await
}

/// The same, with the accounts that the person was just seen to share.
pub(super) async fn finish_with(
    held: Held<'_>,
    tokens: Option<TokenSet>,
    did: Did,
    shared: Option<&[String]>,
) -> Result<Option<Kept>, Fault> {
    let Held { services, mut grant, found, doubtful, .. } = held;
    let spent = (doubtful && tokens.is_none()).then_some(grant.version);
    let released = grant.hold.release(spent);
    let must_tell = grant.has_news(services.now()) || shared.is_some();
    grant.hold.intent = released.intent;
    if !must_tell {
        grant.hold = released;
    }
    grant.due = due(services, &grant);
    if let Some(there) = settle(services, &grant, found, tokens.is_some()).await? {
        return Ok(Some(Kept { grant: there, tokens: None, did: Did::Nothing }));
    }
    if must_tell {
        tell::tell(services, &grant, shared).await?;
        grant.told = grant.facts();
        grant.hold = released;
        grant.due = due(services, &grant);
        let version = grant.version;
        settle(services, &grant, version, false).await?;
    }
    Ok(Some(Kept { grant, tokens, did }))
}

/// Writes a holder's grant. Answers with what is there if the grant has moved on; new tokens are written then too,
/// unless somebody wrote newer ones.
async fn settle(services: &Services, grant: &Grant, found: u64, new_tokens: bool) -> Result<Option<Grant>, Fault> {
    let mut pause = FIRST_PAUSE;
    let mut tries = 0;
    let settled = loop {
        match services.store.settle(grant, found).await {
            // Whether it was written is not known: it is written again, and refused if it was.
            Err(fault) if new_tokens && tries < TRIES => {
                tracing::error!(%fault, grant = %grant.id, "new tokens are written again");
                tries += 1;
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
            other => break other?,
        }
    };
    let Settled::Refused(there) = settled else { return Ok(None) };
    let Some(there) = there else {
        return Err(Fault::Inconsistent(format!("{} is gone although it is held", grant.id)));
    };
    if there.version == grant.version && there.envelope == grant.envelope && new_tokens {
        return Ok(None);
    }
    let mut there = *there;
    if new_tokens && there.version == found {
        let mut newest =
            Grant { envelope: grant.envelope.clone(), version: grant.version, expiry: grant.expiry, ..there.clone() };
        newest.issue(grant.issued_at);
        // Whoever buried it could not know of these tokens.
        let lives = there.upkeep.dead.is_some() && there.state == GrantState::Live;
        let saved = if lives {
            (newest.upkeep.dead, newest.upkeep.uncertain_since) = (None, None);
            newest.due = due(services, &newest);
            services.store.settle(&newest, found).await? == Settled::Done
        } else {
            services.store.save_tokens(grant, found).await?
        };
        if saved {
            tracing::warn!(grant = %grant.id, lives, "new tokens were written after the lease");
            there = newest;
        }
    }
    if there.hold.fence == grant.hold.fence && matches!(there.state, GrantState::Revoking { .. }) {
        services.store.let_go(&there).await?;
    }
    Ok(Some(there))
}
