//! Signals: a publisher tells what a platform answered it. What it says of the grant is looked into before it is
//! believed; what it says of the account stands until it works again.

use std::time::Duration;

use domain::{
    Account, AccountId, Allowed, Code, Error, GrantId, Lifecycle, Refusal,
    account::{Against, Standing},
    actor::permit,
    grant::GrantState,
};
use serde::{Deserialize, Serialize};
use store::{Committed, IdempotencyKey};

use crate::{Once, Services, account, deliver, idempotency::once, renew, tell};

/// How often a change is judged again when others change the same records.
const TRIES: u32 = 8;
/// How often, and how far apart, a grant is asked for that somebody holds.
const LOOKS: u32 = 20;
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// What a platform answered a publisher.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// It did not accept the token.
    Unauthorized,
    /// It missed a permission.
    PermissionDenied,
    /// It has blocked or suspended the account.
    Restricted,
    /// It does not have the account.
    NotFound,
    /// It did what was asked.
    Works,
}

/// Takes a signal; whatever it leads to, it is kept when this returns.
pub async fn report(
    services: &Services,
    actor: &Allowed<permit::AccountsSignal>,
    id: AccountId,
    signal: Signal,
    key: Option<IdempotencyKey>,
) -> Result<Once<()>, Error> {
    Box::pin(once(services, key, |ending| async move {
        let account = account::find(services, actor, id).await?;
        let Some(grant) = account.grant.filter(|_| account.lifecycle == Lifecycle::Active) else {
            return Err(Refusal::plain(Code::AccountDisconnected).into());
        };
        match signal {
            Signal::Unauthorized => suspect(services, grant).await?,
            Signal::PermissionDenied => {
                Box::pin(stand(services, account, Some(Against::Refused))).await?;
                suspect(services, grant).await?;
            }
            Signal::Restricted => Box::pin(stand(services, account, Some(Against::Restricted))).await?,
            Signal::NotFound => Box::pin(stand(services, account, Some(Against::Gone))).await?,
            Signal::Works => Box::pin(stand(services, account, None)).await?,
        }
        ending.amend(services, &()).await.map_err(Error::from)
    }))
    .await
}

/// The grant is looked into at once.
async fn suspect(services: &Services, id: GrantId) -> Result<(), Error> {
    for _ in 0..LOOKS {
        let Some(grant) = services.store.hold(id, None, services.now()).await? else {
            if services.store.find_grant(id).await?.is_none() {
                return Ok(());
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
            continue;
        };
        if grant.state != GrantState::Live || grant.upkeep.dead.is_some() {
            services.store.let_go(&grant).await?;
            return Ok(());
        }
        if renew::suspect(services, grant).await? {
            return Ok(());
        }
    }
    Err(Code::Busy.into())
}

/// What stands against the account, or that nothing does.
pub(crate) async fn stand(services: &Services, account: Account, what: Option<Against>) -> Result<(), Error> {
    let mut before = account;
    for _ in 0..TRIES {
        let now = services.now();
        if before.standing.map(|standing| standing.what) == what {
            return Ok(());
        }
        let mut after = Account { standing: what.map(|what| Standing { what, since: now }), ..before.clone() };
        after.known_since(&before, now);
        after.version += 1;
        let events = tell::troubles(services, &before, &mut after, None, now);
        match services.store.tell(&[(before.clone(), after)], &events, now).await? {
            Committed::Done => {
                deliver::publish(services, &events).await;
                return Ok(());
            }
            Committed::Refused(_) | Committed::Busy => {
                let found = services.store.find_account(&before.workspace, before.id).await?;
                before = found.filter(|a| a.lifecycle == Lifecycle::Active).ok_or(Code::AccountDisconnected)?;
            }
        }
    }
    Err(Code::Busy.into())
}
