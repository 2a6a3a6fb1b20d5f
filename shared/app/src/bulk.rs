//! One thing done to many accounts: each is judged and answered by itself, and one's failure is its own.

use std::collections::BTreeMap;

use domain::{
    Account, AccountId, Allowed, Code, Error, Fault, GrantId, Lifecycle, Refusal, RunId, Timestamp, WorkspaceId,
    actor::{Permit, permit},
    error::More,
    health::{State, TokenStatus},
};
use futures::{StreamExt as _, stream};
use serde::{Deserialize, Serialize};
use store::IdempotencyKey;
use tokio::time::{Duration, Instant};

use crate::{
    Once, Services, account,
    disconnect::{self, Leave, Receipt},
    health,
    idempotency::once,
    refresh::{Refreshed, came_of},
    renew::{self, Want},
    sync,
    workspace::own,
};

/// At most so many at a time.
const MOST: usize = 100;
/// So many are worked on at once.
const AT_ONCE: usize = 8;
/// Nothing is begun later than this: what has begun may wait twelve seconds for somebody else.
const TIME: Duration = Duration::from_secs(8);
/// An account's id is no longer.
const ID: usize = 64;

/// What became of one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome<T> {
    /// Its id, as it was sent.
    pub account: String,
    /// What was done.
    pub done: Option<T>,
    /// Or why not.
    pub problem: Option<Failed>,
}

/// Why nothing was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    /// The stable code.
    pub code: Code,
    /// This case.
    pub detail: String,
    /// When to try again, where that is known.
    pub later: Option<Timestamp>,
}

/// An account that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    /// What was done about its consent.
    pub refreshed: Refreshed,
    /// How it is now: health's word.
    pub state: String,
    /// How its token stands.
    pub token_status: String,
    /// When a person must act, if that is known.
    pub reauth_due_at: Option<Timestamp>,
}

/// Asks the platforms how accounts are, and renews nothing that a look tells of.
pub async fn verify(
    services: &Services,
    actor: &Allowed<permit::AccountsRefresh>,
    workspace: &WorkspaceId,
    ids: &[String],
    key: Option<IdempotencyKey>,
) -> Result<Once<Vec<Outcome<Checked>>>, Error> {
    look_after(services, actor, workspace, ids, Want::Look, key).await
}

/// Renews the access to accounts before its time. Accounts on one consent are renewed together.
pub async fn refresh(
    services: &Services,
    actor: &Allowed<permit::AccountsRefresh>,
    workspace: &WorkspaceId,
    ids: &[String],
    key: Option<IdempotencyKey>,
) -> Result<Once<Vec<Outcome<Checked>>>, Error> {
    look_after(services, actor, workspace, ids, Want::Now, key).await
}

/// Has accounts' data fetched, each as if it were the only one.
pub async fn sync(
    services: &Services,
    actor: &Allowed<permit::AccountsSync>,
    workspace: &WorkspaceId,
    ids: &[String],
    key: Option<IdempotencyKey>,
) -> Result<Once<Vec<Outcome<RunId>>>, Error> {
    own(actor, workspace)?;
    check(ids)?;
    Box::pin(once(services, key, |ending| async move {
        let until = Instant::now() + TIME;
        let one = |id: &String| {
            let id = id.clone();
            async move {
                let done = match id.parse() {
                    _ if Instant::now() >= until => Err(Code::Busy.into()),
                    Ok(account) => {
                        sync::ask::ask(services, actor, account, Vec::new(), None).await.map(|run| *run.outcome())
                    }
                    Err(_) => Err(Code::NotFound.into()),
                };
                outcome(&id, done)
            }
        };
        let outcomes: Vec<Outcome<RunId>> = stream::iter(ids).map(one).buffered(AT_ONCE).collect().await;
        ending.amend(services, &outcomes).await?;
        Ok(outcomes)
    }))
    .await
}

/// Disconnects accounts.
pub async fn disconnect(
    services: &Services,
    actor: &Allowed<permit::AccountsDisconnect>,
    workspace: &WorkspaceId,
    ids: &[String],
    reason: Option<&str>,
    key: Option<IdempotencyKey>,
) -> Result<Once<Vec<Outcome<Receipt>>>, Error> {
    own(actor, workspace)?;
    check(ids)?;
    Box::pin(once(services, key, |ending| async move {
        let until = Instant::now() + TIME;
        let known: Vec<AccountId> = ids.iter().filter_map(|id| id.parse().ok()).collect();
        let found = services.store.find_accounts(&actor.workspace, &known).await?;
        // Those of one consent change the same record: they leave one after the other.
        let mut together: BTreeMap<Option<GrantId>, Vec<String>> = BTreeMap::new();
        for id in ids {
            let grant = found.iter().find(|account| account.id.to_string() == *id).and_then(|account| account.grant);
            together.entry(grant).or_default().push(id.clone());
        }
        let leave = |ids: Vec<String>| async move {
            let mut left = Vec::new();
            for id in ids {
                let done = match id.parse() {
                    _ if Instant::now() >= until => Err(Code::Busy.into()),
                    Ok(account) => {
                        let ask = Leave { reason: reason.map(str::to_owned), ..Leave::default() };
                        let receipt = disconnect::disconnect(services, actor, account, &ask, None).await;
                        receipt.map(|receipt| receipt.outcome().clone())
                    }
                    Err(_) => Err(Code::NotFound.into()),
                };
                left.push((id.clone(), outcome(&id, done)));
            }
            left
        };
        let groups = stream::iter(together.into_values().collect::<Vec<_>>());
        let left: Vec<Vec<_>> = groups.map(leave).buffer_unordered(AT_ONCE).collect().await;
        let mut left: BTreeMap<String, Outcome<Receipt>> = left.into_iter().flatten().collect();
        let outcomes: Vec<Outcome<Receipt>> = ids.iter().filter_map(|id| left.remove(id)).collect();
        ending.amend(services, &outcomes).await?;
        Ok(outcomes)
    }))
    .await
}

/// Whether there are some, not too many, each once.
fn check(ids: &[String]) -> Result<(), Refusal> {
    if !(1..=MOST).contains(&ids.len()) {
        return Err(Refusal::field("/account_ids", "length", format!("1 to {MOST} accounts.")));
    }
    for (at, id) in ids.iter().enumerate() {
        let pointer = format!("/account_ids/{at}");
        if id.len() > ID {
            return Err(Refusal::field(&pointer, "length", format!("An id has at most {ID} characters.")));
        }
        if ids[..at].contains(id) {
            return Err(Refusal::field(&pointer, "repeated", "An account is named once."));
        }
    }
    Ok(())
}

async fn look_after(
    services: &Services,
    actor: &Allowed<permit::AccountsRefresh>,
    workspace: &WorkspaceId,
    ids: &[String],
    want: Want,
    key: Option<IdempotencyKey>,
) -> Result<Once<Vec<Outcome<Checked>>>, Error> {
    own(actor, workspace)?;
    check(ids)?;
    Box::pin(once(services, key, |ending| async move {
        let until = Instant::now() + TIME;
        let known: Vec<AccountId> = ids.iter().filter_map(|id| id.parse().ok()).collect();
        let found = services.store.find_accounts(&actor.workspace, &known).await?;
        let grant = |id: &String| hanging(actor, found.iter().find(|a| a.id.to_string() == *id).cloned());
        let grants: Vec<Result<GrantId, Refusal>> = ids.iter().map(grant).collect();
        let mut wanted: Vec<GrantId> = grants.iter().filter_map(|grant| grant.as_ref().ok().copied()).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let kept = |grant: GrantId| async move {
            let kept =
                if Instant::now() < until { renew::token(services, grant, want).await } else { Err(Code::Busy.into()) };
            (grant, kept.and_then(|kept| Ok(came_of(services, &kept)?)).map_err(|error| failed(&error)))
        };
        let kept: BTreeMap<GrantId, Result<Refreshed, Failed>> =
            stream::iter(wanted).map(kept).buffer_unordered(AT_ONCE).collect().await;
        let now = seen_now(services, actor, &known).await?;
        let outcomes: Vec<Outcome<Checked>> = ids
            .iter()
            .zip(grants)
            .map(|(id, grant)| {
                let done = grant.map_err(|refusal| failed(&refusal.into())).and_then(|grant| kept[&grant].clone());
                let checked = done.and_then(|refreshed| match now.get(id) {
                    Some((state, token, reauth_due_at)) => Ok(Checked {
                        refreshed,
                        state: state.as_str().to_owned(),
                        token_status: token.as_str().to_owned(),
                        reauth_due_at: *reauth_due_at,
                    }),
                    None => Err(failed(&Code::NotFound.into())),
                });
                Outcome { account: id.clone(), problem: checked.as_ref().err().cloned(), done: checked.ok() }
            })
            .collect();
        ending.amend(services, &outcomes).await?;
        Ok(outcomes)
    }))
    .await
}

/// What an account hangs on, where the caller may have it looked after.
fn hanging<P: Permit>(actor: &Allowed<P>, found: Option<Account>) -> Result<GrantId, Refusal> {
    let account = account::admit(actor, found)?;
    let grant = account.grant.filter(|_| account.lifecycle == Lifecycle::Active);
    grant.ok_or_else(|| Refusal::plain(Code::AccountDisconnected))
}

type Seen = (State, TokenStatus, Option<Timestamp>);

/// How accounts are after it, by their ids.
async fn seen_now<P: Permit>(
    services: &Services,
    actor: &Allowed<P>,
    ids: &[AccountId],
) -> Result<BTreeMap<String, Seen>, Fault> {
    let incidents = services.guard.incidents(services).await?;
    let workspace = services.store.glance_workspace(&actor.workspace, &actor.org).await?;
    let accounts = services.store.find_accounts(&actor.workspace, ids).await?;
    let seen = |account: Account| {
        let (facts, policy) = (account.facts(), health::policy(&workspace, &account));
        let health = health::judge(services, &incidents, &account, &facts, services.now(), &policy).health;
        (account.id.to_string(), (health.state, health.token.status, facts.grant.reauth_due_at))
    };
    Ok(accounts.into_iter().map(seen).collect())
}

fn outcome<T>(id: &str, done: Result<T, Error>) -> Outcome<T> {
    let account = id.to_owned();
    match done {
        Ok(done) => Outcome { account, done: Some(done), problem: None },
        Err(error) => Outcome { account, done: None, problem: Some(failed(&error)) },
    }
}

/// A failure as it is told; a fault is for the log.
fn failed(error: &Error) -> Failed {
    match error {
        Error::Refused(refusal) => {
            let later = if let More::Later(at) = refusal.more { Some(at) } else { None };
            Failed { code: refusal.code, detail: refusal.detail.clone(), later }
        }
        Error::Fault(fault) => {
            tracing::error!(%fault, "one of many");
            Failed { code: Code::Internal, detail: Code::Internal.cause().to_owned(), later: None }
        }
    }
}
