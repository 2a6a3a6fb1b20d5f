//! Believing a platform that says by itself what became of a person: under the same hold and by the same rules as a
//! refusal that a renewal finds.

use std::time::Duration;

use domain::{
    DeadReason, Fault, Grant, GrantId,
    grant::GrantState,
    notice::{Happened, Told},
    renewal::MARGIN,
};
use store::Settled;
use tokio::time::Instant;

use super::{Held, call, write::due};
use crate::Services;

/// How often, and how far apart, a grant is asked for that somebody holds; after that it is left for later.
const LOOKS: u32 = 10;
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// What became of telling a grant.
pub(crate) enum Heard {
    /// Somebody holds it: it is told later.
    Later,
    /// It is not about this consent, or it is looked into before it is believed.
    Passed,
    /// It was believed; this is the grant as it was found.
    Believed(Box<Grant>),
}

/// Tells a grant what its platform says. What is older than the consent is about an earlier one, so it ends nothing;
/// neither does what may be the echo of our own doing. Either is looked into, for clocks differ.
pub(crate) async fn hear(services: &Services, id: GrantId, told: &Told, is_sure: bool) -> Result<Heard, Fault> {
    for look in 0..LOOKS {
        if look > 0 {
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        let (now, since) = (services.now(), Instant::now());
        let Some(mut grant) = services.store.hold(id, None, now).await? else {
            if services.store.find_grant(id).await?.is_none() {
                return Ok(Heard::Passed);
            }
            continue;
        };
        let is_about_it = told.at >= grant.consented_at() + MARGIN;
        let is_newest = grant.upkeep.heard_at.is_none_or(|heard| heard <= told.at);
        if grant.state != GrantState::Live {
            services.store.let_go(&grant).await?;
            return Ok(Heard::Passed);
        }
        if grant.upkeep.dead.is_some() {
            services.store.let_go(&grant).await?;
            return Ok(if is_about_it && is_newest { Heard::Believed(Box::new(grant)) } else { Heard::Passed });
        }
        let found = grant.version;
        match told.what {
            what if what.ends_grants() && is_about_it && is_sure => {
                let as_found = Box::new(grant.clone());
                grant.upkeep.heard_at = Some(told.at);
                let doubtful = grant.hold.is_doubtful(found);
                let held = Held { services, grant, found, doubtful, since };
                call::bury(held, DeadReason::Revoked, told.at.min(now)).await?;
                return Ok(Heard::Believed(as_found));
            }
            Happened::Disabled | Happened::Enabled if is_about_it && is_newest => {
                grant.upkeep.heard_at = Some(told.at);
                if give_back(services, &mut grant).await? {
                    return Ok(Heard::Believed(Box::new(grant)));
                }
            }
            Happened::Disabled | Happened::Enabled => {
                services.store.let_go(&grant).await?;
                return Ok(Heard::Passed);
            }
            _ => {
                if suspect(services, grant).await? {
                    return Ok(Heard::Passed);
                }
            }
        }
    }
    Ok(Heard::Later)
}

/// A held grant is given back to be looked into at once; `false` if it is no longer as it was found.
pub(crate) async fn suspect(services: &Services, mut grant: Grant) -> Result<bool, Fault> {
    grant.upkeep.suspected_at = Some(services.now());
    give_back(services, &mut grant).await
}

/// Writes what is known of a held grant, and gives it back.
async fn give_back(services: &Services, grant: &mut Grant) -> Result<bool, Fault> {
    let found = grant.version;
    let doubtful = grant.hold.is_doubtful(found);
    grant.hold = grant.hold.release(doubtful.then_some(found));
    grant.due = due(services, grant);
    Ok(services.store.settle(grant, found).await? == Settled::Done)
}
