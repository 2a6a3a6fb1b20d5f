//! Reading and cancelling an attempt.

use std::time::Duration;

use domain::{
    Account, AccountId, Actor, Allowed, Code, ConnectSession, ConnectSessionId, Error,
    actor::permit,
    connect::{Stage, Status},
};
use store::{Committed, IdempotencyKey};

use super::{abandoned, not_at_this_step};
use crate::{
    Once, Services,
    account::seen,
    idempotency::{borrowed, once},
};

/// The longest that a caller can wait for an attempt to move on.
pub const MOST_PATIENCE: Duration = Duration::from_secs(10);
/// How often one looks meanwhile: each look reads one item.
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);

/// The caller's attempt, or `not_found` for one that is absent or foreign.
pub(crate) async fn find(services: &Services, actor: &Actor, id: ConnectSessionId) -> Result<ConnectSession, Error> {
    let session = services.store.find_session(id).await?;
    session.filter(|s| s.workspace == actor.workspace).ok_or_else(|| Code::NotFound.into())
}

/// How far an attempt is; with `patience`, as soon as it has moved on, or as it is when that is over.
pub async fn get(
    services: &Services,
    actor: &Allowed<permit::AccountsConnect>,
    id: ConnectSessionId,
    patience: Duration,
) -> Result<ConnectSession, Error> {
    let mut session = find(services, actor, id).await?;
    let seen = session.version;
    let is_open = |session: &ConnectSession| is_open(session.status(services.now()));
    let mut left = patience.min(MOST_PATIENCE);
    while !left.is_zero() && is_open(&session) && session.version == seen {
        let pause = left.min(BETWEEN_LOOKS);
        tokio::time::sleep(pause).await;
        left = left.saturating_sub(pause);
        session = find(services, actor, id).await?;
    }
    hide(services, actor, &mut session).await?;
    Ok(session)
}

/// Takes away the accounts that the caller does not see: others may have connected and named them.
async fn hide(services: &Services, actor: &Actor, session: &mut ConnectSession) -> Result<(), Error> {
    let named = session.gaps.iter().flat_map(|gap| &gap.accounts).chain(&session.siblings_lost);
    let mut ids: Vec<AccountId> = named.filter_map(|named| named.account).collect();
    ids.extend(session.accounts());
    let seen = seen(services, actor, ids).await?;
    for list in session.gaps.iter_mut().map(|gap| &mut gap.accounts).chain([&mut session.siblings_lost]) {
        list.retain(|named| named.account.is_none_or(|id| seen.contains(&id)));
    }
    if let Stage::AwaitingSelection { accounts, .. } | Stage::Completed { accounts } = &mut session.stage {
        accounts.retain(|id| seen.contains(id));
    }
    Ok(())
}

/// Whether an attempt in this status can still go on.
fn is_open(status: Status) -> bool {
    use Status::{AwaitingConfirmation, AwaitingSelection, Consenting, Created};
    matches!(status, Created | Consenting | AwaitingConfirmation | AwaitingSelection)
}

/// The accounts that an attempt connected, as they are now.
pub async fn connected(services: &Services, session: &ConnectSession) -> Result<Vec<Account>, Error> {
    let mut accounts = Vec::new();
    for id in session.accounts() {
        accounts.extend(services.store.find_account(&session.workspace, *id).await?);
    }
    Ok(accounts)
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
        if !is_open(session.status(now)) {
            return Err(not_at_this_step(&session, now).into());
        }
        let held = match session.stage {
            Stage::AwaitingSelection { .. } => services.store.find_held(id).await?,
            _ => None,
        };
        let next = ConnectSession { stage: Stage::Cancelled, version: session.version + 1, ..session };
        let finish = ending.with(&())?;
        match services.store.end_session(&next, &[], borrowed(finish.as_ref()), now).await? {
            Committed::Done => {
                if let Some(held) = held {
                    abandoned::forget_after(services, &next, &held).await;
                }
                Ok(())
            }
            Committed::Refused(_) | Committed::Busy => Err(Code::Busy.into()),
        }
    })
    .await
}
