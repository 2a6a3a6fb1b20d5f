//! Reading and cancelling an attempt.

use domain::{
    Account, Actor, Allowed, Code, ConnectSession, ConnectSessionId, Error,
    actor::permit,
    connect::{Stage, Status},
};
use store::{Committed, IdempotencyKey};

use super::not_at_this_step;
use crate::{
    Once, Services,
    idempotency::{borrowed, once},
};

/// The caller's attempt, or `not_found` for one that is absent or foreign.
pub(crate) async fn find(services: &Services, actor: &Actor, id: ConnectSessionId) -> Result<ConnectSession, Error> {
    let session = services.store.find_session(id).await?;
    session.filter(|s| s.workspace == actor.workspace).ok_or_else(|| Code::NotFound.into())
}

/// How far an attempt is.
pub async fn get(
    services: &Services,
    actor: &Allowed<permit::AccountsConnect>,
    id: ConnectSessionId,
) -> Result<ConnectSession, Error> {
    find(services, actor, id).await
}

/// The accounts that an attempt has connected so far.
pub async fn connected(services: &Services, session: &ConnectSession) -> Result<Vec<Account>, Error> {
    let mut accounts = Vec::new();
    for id in session.accounts() {
        accounts.extend(services.store.find_account(&session.workspace, *id).await?);
    }
    Ok(accounts)
}

/// How many accounts an attempt's consent offers that can be chosen.
pub async fn offered(services: &Services, session: &ConnectSession) -> Result<usize, Error> {
    let held = services.store.find_held(session.id).await?;
    Ok(held.map_or(0, |h| h.candidates.iter().filter(|c| c.barrier.is_none()).count()))
}

/// Ends an attempt and destroys what its consent gave. What it connected stays.
pub async fn cancel(
    services: &Services,
    actor: &Allowed<permit::AccountsConnect>,
    id: ConnectSessionId,
    key: Option<IdempotencyKey>,
) -> Result<Once<()>, Error> {
    once(services, key, |ending| async move {
        let session = find(services, actor, id).await?;
        let now = services.now();
        let open = matches!(session.status(now), Status::Created | Status::Consenting | Status::AwaitingSelection);
        if !open {
            return Err(not_at_this_step(&session, now).into());
        }
        let next = ConnectSession { stage: Stage::Cancelled, version: session.version + 1, ..session };
        let finish = ending.with(&())?;
        match services.store.end_session(&next, &[], borrowed(finish.as_ref()), now).await? {
            Committed::Done => Ok(()),
            Committed::Refused(_) | Committed::Busy => Err(Code::Busy.into()),
        }
    })
    .await
}
