//! Consents that nobody has chosen from in time: their tokens are destroyed, and what was chosen is told.

use domain::{
    ConnectSession, ConnectSessionId, Fault,
    connect::{Held, Stage},
};
use store::{Committed, Due, DueItem};
use tokio::time::Instant;

use super::commit;
use crate::{Services, deliver};

/// How many are read at a time.
const PAGE: usize = 100;

/// Destroys what is due to be; says how many.
pub(crate) async fn purge(services: &Services, until: Instant) -> Result<usize, Fault> {
    let mut destroyed = 0;
    while Instant::now() < until {
        let found = services.store.list_due(Due::Purge, services.now(), PAGE).await?;
        let before = destroyed;
        for item in found {
            let DueItem::Held(id) = item else { continue };
            match end(services, id).await {
                Ok(()) => destroyed += 1,
                Err(fault) => tracing::error!(%fault, session = %id, "an abandoned consent"),
            }
        }
        if destroyed == before {
            break;
        }
    }
    Ok(destroyed)
}

/// Destroys what a consent gave, and tells what was chosen from it.
pub(crate) async fn end(services: &Services, id: ConnectSessionId) -> Result<(), Fault> {
    let (Some(session), Some(held)) = (services.store.find_session(id).await?, services.store.find_held(id).await?)
    else {
        // Only a consent without its attempt can be left, which nobody can choose from.
        return services.store.delete_held(id).await;
    };
    forget(services, &session, &held).await?;
    match &session.stage {
        Stage::AwaitingSelection { accounts, .. } if !accounts.is_empty() => {
            let now = services.now();
            let events = [commit::completed(services, &session, accounts)];
            let stage = Stage::Completed { accounts: accounts.clone() };
            let next = ConnectSession { stage, version: session.version + 1, ..session };
            match services.store.end_session(&next, &events, None, now).await? {
                Committed::Done => deliver::publish(services, &events).await,
                Committed::Refused(_) | Committed::Busy => return Err(Fault::Store("it goes on meanwhile".to_owned())),
            }
            Ok(())
        }
        _ => services.store.delete_held(id).await,
    }
}

/// Destroys what a consent gave, where the vault keeps it apart from its row.
async fn forget(services: &Services, session: &ConnectSession, held: &Held) -> Result<(), Fault> {
    services.vault.forget(&session.sealed_for(), &held.envelope).await
}

/// The same after its row is gone: what is left of it then belongs to nobody, and is found by the pass over such.
pub(super) async fn forget_after(services: &Services, session: &ConnectSession, held: &Held) {
    if let Err(fault) = forget(services, session, held).await {
        tracing::warn!(%fault, session = %session.id, "what a consent gave is destroyed later");
    }
}
