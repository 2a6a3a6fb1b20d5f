//! Telling the platform that a grant has ended, and destroying its tokens.

use domain::{
    DeadReason, Fault, Grant, GrantId,
    grant::{Due, GrantState, Work},
};
use jiff::SignedDuration;
use platforms::{Blast, PlatformError};
use serde::{Deserialize, Serialize};

use crate::Services;

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
    let Some(grant) = services.store.hold(id, None, services.now()).await? else { return Ok(Some(Revoked::Pending)) };
    let GrantState::Revoking { since, attempts } = grant.state else {
        services.store.let_go(&grant).await?;
        return Ok(None);
    };
    let outcome = match attempt(services, &grant, attempts).await {
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
    let state = GrantState::Revoking { since, attempts: attempts + 1 };
    let due = Some(Due { work: Work::Revoke, at: now + wait(attempts) });
    let hold = grant.hold.release(None);
    let next = Grant { state, due, hold, revision: grant.revision + 1, ..grant };
    services.store.postpone_revocation(&next).await?;
    Ok(Some(Revoked::Pending))
}

/// One minute, doubled by each attempt, six hours at most.
fn wait(attempts: u32) -> SignedDuration {
    SignedDuration::from_mins(1i64 << attempts.min(9)).min(SignedDuration::from_hours(6))
}

async fn attempt(services: &Services, grant: &Grant, attempts: u32) -> Result<Revoked, Fault> {
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
    let spent = attempts > 0 || grant.hold.is_doubtful(grant.version) || grant.upkeep.uncertain_since.is_some();
    let spent = spent && !entry.renewal.replay_is_harmless();
    Ok(match connector.client.revoke(&grant.person, &tokens, services.now()).await {
        Ok(platforms::Revocation::Revoked | platforms::Revocation::AlreadyGone) => Revoked::Revoked,
        Err(PlatformError::GrantGone(reason)) if shows_an_end(reason, spent) => Revoked::Revoked,
        Ok(platforms::Revocation::Unsupported) => Revoked::Unsupported,
        Err(error) => {
            tracing::warn!(grant = %grant.id, platform = %grant.platform, %error, "revocation is tried again later");
            Revoked::Pending
        }
    })
}

/// Whether a refusal shows that what the person gave has ended. That an access token has ended says nothing of it, nor
/// does the refusal of a refresh token that may be spent: by an earlier attempt, or by whoever died renewing it.
fn shows_an_end(reason: DeadReason, spent: bool) -> bool {
    match reason {
        DeadReason::Expired => false,
        DeadReason::InvalidGrant => !spent,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_shows_an_end_unless_it_may_be_of_a_spent_token() {
        use DeadReason::{Expired, InvalidGrant, PasswordChanged, Revoked};
        for (reason, fresh, spent) in
            [(Revoked, true, true), (PasswordChanged, true, true), (InvalidGrant, true, false), (Expired, false, false)]
        {
            assert_eq!((shows_an_end(reason, false), shows_an_end(reason, true)), (fresh, spent), "{reason:?}");
        }
    }

    #[test]
    fn attempts_back_off_from_a_minute_to_six_hours() {
        assert_eq!(wait(0), SignedDuration::from_mins(1));
        assert_eq!(wait(3), SignedDuration::from_mins(8));
        assert_eq!(wait(40), SignedDuration::from_hours(6));
    }
}
