//! The call that renews, and what each end of it means.

use domain::{
    Code, Fault, Timestamp, TokenSet,
    grant::{Dead, DeadReason, Failures},
    incident::EndpointClass,
    renewal::{self, CALL, LEASE, Next, Outcome, Renewal, Rules, draw, end},
};
use jiff::SignedDuration;
use platforms::{Connector, PlatformError, Renewed};

use super::{
    Did, Held, Kept, Want, look,
    write::{finish, seal_next},
};
use crate::guard::Door;

/// An answer that could not be read is kept up to this many bytes.
const MOST_BESIDE: usize = 16 * 1024;

/// Calls the platform under the lease, and writes what came of it.
pub(super) async fn renew(mut held: Held<'_>, connector: &Connector, want: Want) -> Result<Option<Kept>, Fault> {
    let services = held.services;
    let Some(tokens) = services.tokens(&held.grant).await? else {
        return fail(held, None, Code::Internal, None).await;
    };
    let harmless = connector.entry.renewal.replay_is_harmless();
    let mut calls = 0;
    loop {
        let (platform, id) = (&held.grant.platform, held.grant.id);
        let pass = match services.guard.admit(services, platform, EndpointClass::Token, id).await? {
            Door::Open(pass) => pass,
            Door::Shut(until) => return postpone(held, until).await,
        };
        if !has_time(&held) {
            services.store.let_go(&held.grant).await?;
            return Ok(Some(Kept { grant: held.grant, tokens: None, did: Did::Postponed { until: None } }));
        }
        calls += 1;
        let error = match connector.client.renew(&tokens, services.now()).await {
            Ok(renewed) => {
                // Written before anything else happens.
                let kept = Box::pin(commit(held, renewed, &connector.entry.renewal)).await?;
                services.guard.note(services, pass, false).await?;
                return match kept {
                    Some(kept) if want.is_curious() && connector.entry.free_probe => {
                        look::again(services, kept, connector).await
                    }
                    kept => Ok(kept),
                };
            }
            Err(error) => error,
        };
        tracing::warn!(grant = %held.grant.id, platform = %held.grant.platform, %error, "a renewal did not succeed");
        let (outcome, code) = meaning(&error);
        let next = end(outcome, calls, held.doubtful, harmless);
        held.doubtful |= outcome == Outcome::Unknown;
        if let PlatformError::Unreadable(raw) = &error {
            keep_beside(&mut held, raw).await?;
        }
        let failed = outcome == Outcome::Unknown || matches!(error, PlatformError::NotSent(_));
        let until = match error {
            PlatformError::RateLimited { until } => until,
            // It tried for all of them: that is not its own failure, and it does not wait longer than they.
            _ if failed => pass.next_probe(),
            _ => None,
        };
        services.guard.note(services, pass, failed).await?;
        match next {
            Next::Again => {}
            Next::Bury(reason) => return bury(held, reason, services.now()).await,
            Next::Release { doubtful } => {
                held.doubtful = doubtful;
                if doubtful && !harmless {
                    held.grant.upkeep.uncertain_since.get_or_insert(services.now());
                }
                return fail(held, Some(tokens), code, until).await;
            }
            Next::Commit => return Err(Fault::Inconsistent("tokens without tokens".to_owned())),
        }
    }
}

/// Whether the lease outlasts a call, by a clock that nobody moves.
fn has_time(held: &Held<'_>) -> bool {
    let left = LEASE.unsigned_abs().checked_sub(held.since.elapsed());
    left.is_some_and(|left| left >= CALL.unsigned_abs())
}

/// What a failed call means to the rules, and to people.
fn meaning(error: &PlatformError) -> (Outcome, Code) {
    match error {
        PlatformError::GrantGone(reason) => (Outcome::Gone(*reason), Code::ConnectionExpired),
        PlatformError::NotSent(_) => (Outcome::Unspent, Code::PlatformUnreachable),
        PlatformError::Unknown(_) => (Outcome::Unknown, Code::PlatformUnavailable),
        PlatformError::Unreadable(_) | PlatformError::Contract(_) => (Outcome::Unknown, Code::PlatformError),
        PlatformError::RateLimited { .. } => (Outcome::Unspent, Code::PlatformRateLimited),
        PlatformError::Misconfigured(_) => (Outcome::Unspent, Code::PlatformNotConfigured),
        PlatformError::PermissionMissing => (Outcome::Unspent, Code::InsufficientPermissions),
        PlatformError::RoleLost => (Outcome::Unspent, Code::InsufficientPlatformRole),
        PlatformError::AccountGone => (Outcome::Unspent, Code::AccountNotFound),
        PlatformError::AccountRestricted => (Outcome::Unspent, Code::AccountRestricted),
        PlatformError::AccountTypeUnsupported => (Outcome::Unspent, Code::AccountTypeUnsupported),
    }
}

/// New tokens are sealed and written: nothing comes between the answer and this.
async fn commit(mut held: Held<'_>, renewed: Renewed, rules: &Rules) -> Result<Option<Kept>, Fault> {
    let services = held.services;
    let Renewed { tokens, expiry, granted } = renewed;
    let grant = &mut held.grant;
    seal_next(services, grant, &tokens).await?;
    let now = services.now();
    let due_before = grant.reauth_due_at();
    grant.issue(now);
    grant.expiry.access = expiry.access;
    grant.expiry.refresh = rules.refresh_end(grant.expiry.refresh, expiry.refresh);
    grant.expiry.data_access = expiry.data_access.or(grant.expiry.data_access);
    if let Some(granted) = granted {
        take_scopes(grant, granted, now);
    }
    settled(grant);
    if grant.reauth_due_at() != due_before {
        grant.upkeep.warned = None;
    }
    finish(held, Some(tokens), Did::Renewed).await
}

/// Nothing is wrong with a grant that has just been renewed.
fn settled(grant: &mut domain::Grant) {
    let upkeep = &mut grant.upkeep;
    (upkeep.failures, upkeep.retry_at, upkeep.uncertain_since) = (None, None, None);
    (upkeep.misconfigured_since, upkeep.suspected_at, upkeep.beside) = (None, None, None);
}

/// The scopes that the platform says a grant has now.
pub(super) fn take_scopes(grant: &mut domain::Grant, granted: Vec<String>, now: Timestamp) {
    let sorted = |scopes: &[String]| {
        let mut sorted = scopes.to_vec();
        sorted.sort_unstable();
        sorted
    };
    if grant.granted.as_deref().map(sorted) != Some(sorted(&granted)) {
        grant.upkeep.scopes_since = Some(now);
        grant.granted = Some(granted);
    }
    grant.scopes_checked_at = Some(now);
}

/// What a dead holder sealed and did not live to write is taken, where the vault still has it.
pub(super) async fn adopt(held: &Held<'_>) -> Result<Option<Kept>, Fault> {
    if !held.doubtful {
        return Ok(None);
    }
    let services = held.services;
    let next = domain::SealedFor { version: held.found + 1, ..held.grant.sealed_for() };
    let Some(envelope) = services.vault.find(&next).await? else { return Ok(None) };
    let Ok(tokens) = services.vault.unseal(&next, &envelope).await else { return Ok(None) };
    tracing::info!(grant = %held.grant.id, "tokens of a holder that died are taken");
    let (now, mut grant) = (services.now(), held.grant.clone());
    (grant.version, grant.envelope) = (next.version, envelope);
    // How long they live was not written: they are renewed at their next use.
    grant.issue(now);
    grant.expiry.access = grant.expiry.access.map(|_| now);
    settled(&mut grant);
    let adopted = Held { services, grant, found: held.found, doubtful: false, since: held.since };
    finish(adopted, Some(tokens), Did::Renewed).await
}

/// Not now: it is tried again later, and whether its token was spent stays noted.
pub(super) async fn fail(
    mut held: Held<'_>,
    tokens: Option<TokenSet>,
    code: Code,
    until: Option<Timestamp>,
) -> Result<Option<Kept>, Fault> {
    let now = held.services.now();
    let grant = &mut held.grant;
    let before = grant.upkeep.failures;
    let failures = Failures {
        since: before.map_or(now, |f| f.since),
        last_at: now,
        count: before.map_or(1, |f| f.count.saturating_add(1)),
        code,
    };
    let retry_at = until.unwrap_or_else(|| now + renewal::wait(grant.id, failures.count, failures.since, now));
    grant.upkeep.failures = Some(failures);
    grant.upkeep.retry_at = Some(retry_at);
    // Somebody was refused, and now it is being looked into.
    grant.upkeep.suspected_at = None;
    grant.upkeep.misconfigured_since = match code {
        Code::PlatformNotConfigured => grant.upkeep.misconfigured_since.or(Some(now)),
        _ => None,
    };
    look::warn(grant, now);
    let ended = grant.reauth_due_at().filter(|ends| *ends <= now);
    if let Some(ends) = ended {
        grant.upkeep.dead = Some(Dead { at: ends, reason: DeadReason::Expired });
        return finish(held, None, Did::Died).await;
    }
    let kept = finish(held, None, Did::Failed { code, until: Some(retry_at) }).await?;
    Ok(kept.map(|kept| Kept { tokens, ..kept }))
}

/// It was not even tried: its platform is in trouble, which is nobody's failure.
async fn postpone(mut held: Held<'_>, until: Timestamp) -> Result<Option<Kept>, Fault> {
    let grant = &mut held.grant;
    #[expect(clippy::cast_possible_truncation, reason = "seconds of a minute")]
    let apart = SignedDuration::from_secs((60.0 * draw(grant.id, "postpone")) as i64);
    grant.upkeep.retry_at = Some(until + apart);
    look::warn(grant, held.services.now());
    finish(held, None, Did::Postponed { until: Some(until) }).await
}

/// The platform said twice that the token is no good, and nobody has written a newer one.
pub(super) async fn bury(mut held: Held<'_>, reason: DeadReason, now: Timestamp) -> Result<Option<Kept>, Fault> {
    let reason = match (reason, held.grant.renewal) {
        (DeadReason::InvalidGrant, Renewal::Extend | Renewal::None) => DeadReason::Revoked,
        (reason, _) => reason,
    };
    tracing::warn!(grant = %held.grant.id, platform = %held.grant.platform, reason = reason.as_str(), "grant_died");
    held.doubtful = false;
    held.grant.upkeep.dead = Some(Dead { at: now, reason });
    finish(held, None, Did::Died).await
}

/// An answer that could not be read may hold the only token: it is sealed beside the old ones.
async fn keep_beside(held: &mut Held<'_>, raw: &domain::Secret) -> Result<(), Fault> {
    if raw.expose().len() > MOST_BESIDE {
        return Ok(());
    }
    let tokens = TokenSet { access: raw.clone(), refresh: None, children: [].into() };
    let beside = held.grant.sealed_for().beside();
    if let Some(envelope) = held.services.vault.seal(&beside, &tokens).await? {
        held.grant.upkeep.beside = Some(envelope);
    }
    Ok(())
}
