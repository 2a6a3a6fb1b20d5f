//! Looking at a grant that needs no renewal: whether a person must be warned, whether its time is over, and what the
//! platform says of it where that costs nothing.

use domain::{
    Code, Fault, Grant, Timestamp,
    grant::{Dead, DeadReason},
    incident::EndpointClass,
    renewal::Renewal,
};
use jiff::SignedDuration;
use platforms::{Connector, PlatformError, Probe};
use tokio::time::Instant;

use super::{
    Did, Held, Kept, Want, call, can_renew,
    write::{finish, finish_with},
};
use crate::{Services, guard::Door};

/// When it is looked at again that could not be looked at.
const AGAIN: SignedDuration = SignedDuration::from_hours(1);

/// Does what is due but a renewal.
pub(super) async fn look(mut held: Held<'_>, connector: &Connector, want: Want) -> Result<Option<Kept>, Fault> {
    let services = held.services;
    let now = services.now();
    if held.doubtful && !connector.entry.renewal.replay_is_harmless() {
        held.grant.upkeep.uncertain_since.get_or_insert(now);
    }
    let mut shared = None;
    let mut did = Did::Nothing;
    if connector.entry.free_probe && (want.is_curious() || wants_a_look(&held.grant, now)) {
        match probe(&held, connector).await? {
            Looked::Is(mut probe) => {
                shared = probe.shared.take();
                take(&mut held.grant, probe, now);
                did = Did::Looked;
            }
            Looked::Gone(reason) if held.grant.renewal != Renewal::Silent => {
                return call::bury(held, reason, now).await;
            }
            // Only its refresh token decides.
            Looked::Gone(_) if can_renew(&connector.entry.renewal, &held.grant, now) => {
                return Box::pin(call::renew(held, connector, Want::Token)).await;
            }
            Looked::AppRefused => {
                held.grant.upkeep.misconfigured_since.get_or_insert(now);
                held.grant.upkeep.look_at = Some(now + AGAIN);
            }
            Looked::Gone(_) | Looked::Unknown => held.grant.upkeep.look_at = Some(now + AGAIN),
        }
    } else if !connector.entry.free_probe {
        held.grant.upkeep.suspected_at = None;
    }
    warn(&mut held.grant, now);
    // What renews itself is left to the platform's word; what is extended while it lives cannot be once it has ended.
    let ends = held.grant.reauth_due_at().into_iter().chain(held.grant.expiry.access);
    let ended = ends.filter(|ends| *ends <= now && held.grant.renewal != Renewal::Silent).min();
    if let Some(ends) = ended {
        held.grant.upkeep.dead = Some(Dead { at: ends, reason: DeadReason::Expired });
        return finish(held, None, Did::Died).await;
    }
    finish_with(held, None, did, shared.as_deref()).await
}

/// Looks at a grant that was just renewed for somebody who wants to know everything.
pub(super) async fn again(services: &Services, kept: Kept, connector: &Connector) -> Result<Option<Kept>, Fault> {
    let since = Instant::now();
    let Some(grant) = services.store.hold(kept.grant.id, None, services.now()).await? else { return Ok(Some(kept)) };
    let found = grant.version;
    let held = Held { services, grant, found, doubtful: false, since };
    let looked = Box::pin(look(held, connector, Want::Now)).await?;
    Ok(looked.map(|looked| match looked.did {
        Did::Looked | Did::Nothing => Kept { did: Did::Renewed, tokens: kept.tokens, ..looked },
        _ => looked,
    }))
}

/// The warning whose time has come is given.
pub(super) fn warn(grant: &mut Grant, now: Timestamp) {
    if let Some(days) = grant.warning(now) {
        grant.upkeep.warned = Some(days);
    }
}

fn wants_a_look(grant: &Grant, now: Timestamp) -> bool {
    let due = grant.upkeep.look_at.unwrap_or_else(|| grant.look_after(grant.issued_at));
    due <= now
        || grant.upkeep.suspected_at.is_some()
        // The platform may have another date by now.
        || grant.expiry.data_access.is_some_and(|ends| ends <= now)
}

enum Looked {
    Is(Probe),
    Gone(DeadReason),
    /// The platform refuses our app, whatever the token.
    AppRefused,
    Unknown,
}

/// Asks the platform; a refusal is believed when it is said twice. A token that is not fresh is not shown to a
/// platform that would only call it expired.
async fn probe(held: &Held<'_>, connector: &Connector) -> Result<Looked, Fault> {
    let (services, grant) = (held.services, &held.grant);
    if grant.renewal == Renewal::Silent && !grant.access_lives(services.now()) {
        return Ok(Looked::Unknown);
    }
    let Some(tokens) = services.tokens(grant).await? else { return Ok(Looked::Unknown) };
    let mut refused = false;
    loop {
        let admitted = services.guard.admit(services, &grant.platform, EndpointClass::Api, grant.id).await?;
        let Door::Open(pass) = admitted else { return Ok(Looked::Unknown) };
        let answer = connector.client.probe(&tokens, services.now()).await;
        let failed = matches!(answer, Err(PlatformError::NotSent(_) | PlatformError::Unknown(_)));
        services.guard.note(services, pass, failed).await?;
        match answer {
            Ok(probe) => return Ok(Looked::Is(probe)),
            Err(PlatformError::GrantGone(reason)) if refused => return Ok(Looked::Gone(reason)),
            Err(PlatformError::GrantGone(_)) => refused = true,
            Err(error) => {
                tracing::warn!(grant = %grant.id, %error, "a grant could not be looked at");
                let of_app = matches!(error, PlatformError::Misconfigured(_));
                return Ok(if of_app { Looked::AppRefused } else { Looked::Unknown });
            }
        }
    }
}

/// What the platform says of it now.
fn take(grant: &mut Grant, probe: Probe, now: Timestamp) {
    let before = grant.reauth_due_at();
    if let Some(granted) = probe.granted {
        call::take_scopes(grant, granted, now);
    }
    grant.expiry.data_access = probe.data_access.or(grant.expiry.data_access);
    if grant.reauth_due_at() != before {
        grant.upkeep.warned = None;
    }
    // What a renewal was refused for stands until one is answered otherwise.
    if grant.upkeep.failures.is_none_or(|failures| failures.code != Code::PlatformNotConfigured) {
        grant.upkeep.misconfigured_since = None;
    }
    grant.upkeep.suspected_at = None;
    grant.upkeep.checked_at = Some(now);
    grant.upkeep.look_at = Some(grant.look_after(now));
}
