//! Telling the platform that a grant has ended, and destroying its tokens.

use domain::{
    DeadReason, Fault, Grant, GrantId,
    grant::{Due, GrantState, Work},
};
use jiff::SignedDuration;
use platforms::{Blast, PlatformError, Renewed};
use serde::{Deserialize, Serialize};

use crate::{Services, renew::seal_next};

/// After this long without success it is given up, and the tokens are destroyed.
const GIVE_UP: SignedDuration = SignedDuration::from_hours(24 * 7);

/// What became of a revocation. Never claims more than happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Revoked {
    /// It is still to be done; the tokens are kept for it, for seven days at most.
    Pending,
    /// The platform confirmed.
    Revoked,
    /// The platform has no such call.
    Unsupported,
    /// The platform could not be told in seven days.
    Failed,
    /// Other accounts live on the same grant, or on another one that the call would end too.
    SkippedSharedGrant,
}

/// Works off the obligation of one grant; nothing if it is done or not owed.
pub(crate) async fn revoke(services: &Services, id: GrantId) -> Result<Option<Revoked>, Fault> {
    let found = services.store.find_grant(id).await?;
    if !found.is_some_and(|grant| matches!(grant.state, GrantState::Revoking { .. })) {
        return Ok(None);
    }
    // A renewal that is on its way brings newer tokens: those are what is to be ended.
    let Some(mut grant) = services.store.hold(id, None, services.now()).await? else {
        return Ok(Some(Revoked::Pending));
    };
    let GrantState::Revoking { since, attempts, quietly } = grant.state else {
        services.store.let_go(&grant).await?;
        return Ok(None);
    };
    let mut doubtful = grant.hold.is_doubtful(grant.version) || grant.upkeep.uncertain_since.is_some();
    let outcome = match attempt(services, &mut grant, &mut doubtful).await {
        // What never opens must not be due for ever: it is tried again, and given up like the rest.
        Err(Fault::Vault(_)) => Revoked::Pending,
        other => other?,
    };
    if outcome != Revoked::Pending {
        services.vault.forget(&grant.sealed_for(), &grant.envelope).await?;
        services.store.delete_grant(&grant).await?;
        return Ok(Some(outcome));
    }
    let now = services.now();
    if now.duration_since(since) >= GIVE_UP {
        tracing::error!(grant = %grant.id, platform = %grant.platform, "revocation given up after seven days");
        services.vault.forget(&grant.sealed_for(), &grant.envelope).await?;
        services.store.delete_grant(&grant).await?;
        return Ok(Some(Revoked::Failed));
    }
    let state = GrantState::Revoking { since, attempts: attempts + 1, quietly };
    let due = Some(Due { work: Work::Revoke, at: now + wait(attempts) });
    let hold = grant.hold.release(doubtful.then_some(grant.version));
    let next = Grant { state, due, hold, revision: grant.revision + 1, ..grant };
    services.store.postpone_revocation(&next).await?;
    Ok(Some(Revoked::Pending))
}

/// One minute, doubled by each attempt, six hours at most.
fn wait(attempts: u32) -> SignedDuration {
    SignedDuration::from_mins(1i64 << attempts.min(9)).min(SignedDuration::from_hours(6))
}

async fn attempt(services: &Services, grant: &mut Grant, doubtful: &mut bool) -> Result<Revoked, Fault> {
    if let GrantState::Revoking { quietly: true, .. } = grant.state {
        return Ok(Revoked::Revoked);
    }
    let Some(entry) = services.platforms.entry(&grant.platform, Some(&grant.method)) else {
        return Ok(Revoked::Unsupported);
    };
    match entry.blast {
        Blast::Unsupported => return Ok(Revoked::Unsupported),
        Blast::PersonApp => {
            // The call would end every grant of this person and app, in every workspace and by every method: what is
            // signed in to is the same.
            if services.store.subject_lives(&grant.app, &grant.person.id).await? {
                return Ok(Revoked::SkippedSharedGrant);
            }
        }
        Blast::Token => {}
    }
    let Some(connector) = services.platforms.connector(&grant.platform, &grant.method) else {
        return Ok(Revoked::Pending);
    };
    let tokens = services.vault.unseal(&grant.sealed_for(), &grant.envelope).await?;
    let mut answer = connector.client.revoke(&grant.person, &tokens, services.now()).await;
    if matches!(answer, Err(PlatformError::GrantGone(DeadReason::Expired))) && tokens.refresh.is_some() {
        let renewed = match connector.client.renew(&tokens, services.now()).await {
            Ok(renewed) => renewed,
            // A token that may have been spent is refused for that, too.
            Err(PlatformError::GrantGone(_)) if *doubtful => {
                tracing::error!(grant = %grant.id, platform = %grant.platform,
                    "revocation given up: its refresh token may be spent");
                return Ok(Revoked::Failed);
            }
            Err(PlatformError::GrantGone(_)) => return Ok(Revoked::Revoked),
            Err(error) => {
                let spent = matches!(error, PlatformError::Unknown(_) | PlatformError::Unreadable(_));
                *doubtful |= spent && !connector.entry.renewal.replay_is_harmless();
                return Ok(later(grant, &error));
            }
        };
        // Kept before it is used: the old refresh token may be spent.
        keep(services, grant, &renewed).await?;
        *doubtful = false;
        answer = connector.client.revoke(&grant.person, &renewed.tokens, services.now()).await;
    }
    Ok(match answer {
        Ok(platforms::Revocation::Revoked | platforms::Revocation::AlreadyGone) => Revoked::Revoked,
        // That an access token has ended says nothing of what the person gave.
        Err(PlatformError::GrantGone(reason)) if reason != DeadReason::Expired => Revoked::Revoked,
        Ok(platforms::Revocation::Unsupported) => Revoked::Unsupported,
        Err(error) => later(grant, &error),
    })
}

fn later(grant: &Grant, error: &PlatformError) -> Revoked {
    tracing::warn!(grant = %grant.id, platform = %grant.platform, %error, "revocation is tried again later");
    Revoked::Pending
}

/// The tokens with which a grant is to be ended become its next version; it stays held.
async fn keep(services: &Services, grant: &mut Grant, renewed: &Renewed) -> Result<(), Fault> {
    seal_next(services, grant, &renewed.tokens).await?;
    grant.issued_at = services.now();
    grant.expiry = renewed.expiry;
    grant.revision += 1;
    if services.store.postpone_revocation(grant).await? {
        return Ok(());
    }
    Err(Fault::Inconsistent(format!("{} changed although it is held", grant.id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_back_off_from_a_minute_to_six_hours() {
        assert_eq!(wait(0), SignedDuration::from_mins(1));
        assert_eq!(wait(3), SignedDuration::from_mins(8));
        assert_eq!(wait(40), SignedDuration::from_hours(6));
    }
}
