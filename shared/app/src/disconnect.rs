//! Disconnecting keeps the account and its history; removing erases it. Both end the grant with its last
//! account, and both answer with a receipt that says no more than what happened.

mod receipt;
mod tie;

use domain::{
    Account, AccountId, Actor, Allowed, Code, ConnectedBy, Error, Event, Fault, Grant, GrantFacts, Lifecycle, OrgId,
    PlatformId, Role, RunId, Workspace, WorkspaceId,
    account::Departure,
    actor::{Permit, permit},
    grant::{Due, GrantState, Work},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{AccountFilter, Committed, Disconnect, IdempotencyKey};

pub use self::{
    receipt::{ByHand, Receipt, Revocation},
    tie::is_tying,
};
pub(crate) use self::{
    receipt::{Known, data, effects, effects_of_reconnecting, receipt, words},
    tie::tied,
};
use crate::{
    Once, Services, account, deliver, easyconnect,
    idempotency::{Ending, borrowed, once},
    impact, plan,
    revoke::{self, Revoked},
    run, sync,
    workspace::ourselves,
};

/// How often a change is judged again when others change the same records.
const TRIES: u32 = 8;

/// Which of the two verbs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Keep it, disconnected.
    Disconnect,
    /// Erase it.
    Remove,
}

/// How an account is to be left.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Leave {
    /// Why.
    pub reason: Option<String>,
    /// The platform of the account that it is tied to, where that one is to go along.
    pub cascade: Vec<PlatformId>,
    /// The version that the caller saw.
    pub if_match: Option<u64>,
    /// What the caller was given with the impact that they saw.
    pub confirm: Option<String>,
}

/// Disconnects an account. One that is disconnected already is answered alike.
pub async fn disconnect(
    services: &Services,
    actor: &Allowed<permit::AccountsDisconnect>,
    id: AccountId,
    ask: &Leave,
    key: Option<IdempotencyKey>,
) -> Result<Once<Receipt>, Error> {
    Box::pin(once(services, key, |ending| leave(services, actor, id, Action::Disconnect, ask, ending))).await
}

/// Removes an account with all that is known of it.
pub async fn remove(
    services: &Services,
    actor: &Allowed<permit::AccountsRemove>,
    id: AccountId,
    ask: &Leave,
    key: Option<IdempotencyKey>,
) -> Result<Once<Receipt>, Error> {
    Box::pin(once(services, key, |ending| leave(services, actor, id, Action::Remove, ask, ending))).await
}

async fn leave<P: Permit>(
    services: &Services,
    actor: &Allowed<P>,
    id: AccountId,
    action: Action,
    ask: &Leave,
    ending: Ending,
) -> Result<Receipt, Error> {
    let (cascaded, ask) = tie::cascade(services, actor, id, action, ask).await?;
    Box::pin(one(services, actor, id, action, &ask, cascaded, &ending)).await
}

/// One account leaves, whatever it is tied to.
async fn one<P: Permit>(
    services: &Services,
    actor: &Allowed<P>,
    id: AccountId,
    action: Action,
    ask: &Leave,
    cascaded: Vec<Receipt>,
    ending: &Ending,
) -> Result<Receipt, Error> {
    for _ in 0..TRIES {
        let before = account::find(services, actor, id).await?;
        check(services, &before, action, ask).await?;
        let now = services.now();
        let workspace = services.store.find_workspace(&actor.workspace, &actor.org).await?;
        let grant = next_grant(services, &before).await?;
        let owed = owed(services, &before, grant.as_ref()).await?;
        let successor = successor(services, actor, &workspace, &before).await?;
        let planned = services.store.find_planned(&before.workspace, id).await?.ahead(now);
        let known = Known {
            account: &before,
            workspace: &workspace,
            successor,
            planned,
            reason: ask.reason.clone(),
            cascaded: cascaded.clone(),
        };
        let mut receipt = receipt(services, known, action, owed);
        receipt.main_now = receipt.main_now.filter(|main| actor.sees(*main));
        if before.lifecycle == Lifecycle::Disconnected && action == Action::Disconnect {
            // Nothing is left to do, so there is no transaction to finish the key in.
            ending.amend(services, &receipt).await?;
            return Ok(receipt);
        }
        let by = ConnectedBy { kind: "user".to_owned(), id: actor.sub.clone(), name: actor.name.clone() };
        let mut after = Account {
            lifecycle: Lifecycle::Disconnected,
            grant: None,
            ended_grant: grant.as_ref().filter(|g| g.is_left()).map(|g| g.id),
            grant_facts: GrantFacts::default(),
            standing: None,
            suspended: None,
            disconnected_at: Some(now),
            departure: Some(Box::new(Departure { by, reason: ask.reason.clone(), was_main: receipt.was_main })),
            version: before.version + 1,
            ..before.clone()
        };
        after.known_since(&before, now);
        let events = told(services, &workspace, &mut after, &receipt, successor);
        let finish = ending.with(&receipt)?;
        let runs = match action {
            Action::Remove => sync::on_record(services, &before).await?,
            Action::Disconnect => Vec::new(),
        };
        let leaving = Disconnect {
            runs: &runs,
            workspace: &workspace,
            before: &before,
            after: (action == Action::Disconnect).then_some(&after),
            grant: grant.as_ref(),
            successor,
            events: &events,
            finish: borrowed(finish.as_ref()),
            now,
        };
        match services.store.disconnect(&leaving).await? {
            Committed::Done => {
                deliver::publish(services, &events).await;
                if workspace.is_unsettled() {
                    Box::pin(plan::settle_now(services, &workspace.id)).await;
                }
                let mut receipt = receipt;
                if action == Action::Remove {
                    receipt.purge = Box::pin(erase_beside(services, actor, &before)).await;
                    if receipt.purge.is_some() {
                        ending.amend(services, &receipt).await?;
                    }
                }
                return Ok(settle(services, grant.as_ref(), &before, receipt, ending).await);
            }
            Committed::Refused(_) | Committed::Busy => {}
        }
    }
    Err(Code::Busy.into())
}

/// Whether the account is as the caller saw it, as far as they say what they saw.
async fn check(services: &Services, account: &Account, action: Action, ask: &Leave) -> Result<(), Error> {
    account::check_version(ask.if_match, account)?;
    match &ask.confirm {
        Some(confirm) => impact::check(services, account, action, confirm).await,
        None => Ok(()),
    }
}

/// Disconnects an account for the product itself, in the way of everybody's; nothing if it was removed meanwhile.
pub(crate) async fn by_ourselves(
    services: &Services,
    workspace: &WorkspaceId,
    org: &OrgId,
    id: AccountId,
    reason: &str,
) -> Result<Option<Receipt>, Fault> {
    let actor = ourselves(workspace, org).allow::<permit::AccountsDisconnect>();
    let actor = actor.map_err(|refusal| Fault::Inconsistent(refusal.detail))?;
    let ask = Leave { reason: Some(reason.to_owned()), ..Leave::default() };
    match leave(services, &actor, id, Action::Disconnect, &ask, Ending::default()).await {
        Ok(receipt) => Ok(Some(receipt)),
        Err(Error::Refused(refusal)) if refusal.code == Code::NotFound => Ok(None),
        Err(Error::Refused(refusal)) => Err(Fault::Store(refusal.detail)),
        Err(Error::Fault(fault)) => Err(fault),
    }
}

/// Erases what there may be much of beside a removed account; what there is no time for becomes a run.
async fn erase_beside(services: &Services, actor: &Actor, account: &Account) -> Option<RunId> {
    let erased = match easyconnect::forget::forget(services, &account.workspace, account.id).await {
        Ok(()) => services.store.erase_beside(&account.workspace, account.id).await,
        Err(fault) => Err(fault),
    };
    match erased {
        Ok(true) => return None,
        Ok(false) => {}
        Err(fault) => tracing::warn!(%fault, account = %account.id, "what is left of its past is erased later"),
    }
    let begun = run::purge(services, actor, account).await;
    if let Err(error) = &begun {
        tracing::error!(?error, account = %account.id, "what is left of its past goes with its time");
    }
    begun.ok()
}

/// The account's grant without it; ending if it was the last one.
pub(crate) async fn next_grant(services: &Services, account: &Account) -> Result<Option<Grant>, Error> {
    let Some(id) = account.grant else { return Ok(None) };
    let grant = services.store.find_grant(id).await?;
    let grant =
        grant.ok_or_else(|| Fault::Inconsistent(format!("{} hangs on a grant that is not there", account.id)))?;
    Ok(Some(without(grant, &[account.id], services.now())))
}

/// A grant's next revision without some accounts.
pub(crate) fn without(mut grant: Grant, accounts: &[AccountId], now: domain::Timestamp) -> Grant {
    grant.leave(accounts);
    grant.revision += 1;
    if grant.is_left() {
        grant.state = GrantState::Revoking { since: now, attempts: 0, quietly: false };
        grant.due = Some(Due { work: Work::Revoke, at: now });
    } else if grant.has_news(now) {
        grant.due = Some(Due { work: Work::Renew, at: now });
    }
    grant
}

/// What can be said before the platform is called: the revocation's status, and what of the tokens is kept.
pub(crate) async fn owed(
    services: &Services,
    account: &Account,
    grant: Option<&Grant>,
) -> Result<(Option<Revoked>, Option<&'static str>), Error> {
    let pending = (Some(Revoked::Pending), Some("tokens_until_revoked"));
    Ok(match (grant, account.ended_grant) {
        (Some(grant), _) if grant.is_left() => pending,
        (Some(_), _) => (Some(Revoked::SkippedSharedGrant), Some("tokens_of_other_accounts")),
        // Disconnected before: its grant may still be on its way out.
        (None, Some(ended)) if services.store.find_grant(ended).await?.is_some() => pending,
        (None, _) => (None, None),
    })
}

/// X20: if exactly one usable account of the platform remains, it becomes the main one. Where all that remain are over
/// the plan, one of them gets the place.
pub(crate) async fn successor(
    services: &Services,
    actor: &Actor,
    workspace: &Workspace,
    leaving: &Account,
) -> Result<Option<AccountId>, Error> {
    if !workspace.is_main(leaving.id) {
        return Ok(None);
    }
    let filter = AccountFilter { platforms: vec![leaving.platform.clone()], lifecycle: Some(Lifecycle::Active) };
    // All of the workspace's, not only those in the caller's reach.
    let everybody = Actor { accounts: None, role: Role::Owner, ..actor.clone() };
    let others = account::all(services, &everybody, &filter).await?;
    let mut others = others.iter().filter(|a| a.id != leaving.id && a.is_usable()).map(|a| a.id);
    let only = others.next();
    Ok(if others.next().is_none() { only } else { None })
}

fn told(
    services: &Services,
    workspace: &Workspace,
    after: &mut Account,
    receipt: &Receipt,
    successor: Option<AccountId>,
) -> Vec<Event> {
    let now = services.now();
    let kind = match receipt.action {
        Action::Disconnect => "account.disconnected",
        Action::Remove => "account.removed",
    };
    let data = data(receipt.reason.as_deref(), &receipt.effects, &receipt.planned, receipt.was_main);
    let mut events = vec![services.account_event(now, after, kind, data)];
    events.extend(main_changed(services, workspace, after, successor));
    events
}

/// Another main account, or none, where the leaving one was it.
pub(crate) fn main_changed(
    services: &Services,
    workspace: &Workspace,
    leaving: &Account,
    successor: Option<AccountId>,
) -> Option<Event> {
    let data = json!({"platform": leaving.platform, "from": leaving.id, "to": successor});
    let changed = || services.event(services.now(), &leaving.workspace, "account.main_changed", data);
    workspace.is_main(leaving.id).then(changed)
}

/// Calls the platform where that is owed, and says what came of it. If the call or the table fails now,
/// the obligation stays due and the receipt stays `pending`.
async fn settle(
    services: &Services,
    grant: Option<&Grant>,
    before: &Account,
    receipt: Receipt,
    ending: &Ending,
) -> Receipt {
    let Some(grant) = grant.filter(|g| g.is_left()) else { return receipt };
    let status = match revoke::revoke(services, grant.id).await {
        Ok(Some(status)) => status,
        // The sweep was faster.
        Ok(None) => Revoked::Revoked,
        Err(fault) => {
            tracing::error!(%fault, grant = %grant.id, "revocation");
            Revoked::Pending
        }
    };
    let kept = (status == Revoked::Pending).then_some("tokens_until_revoked");
    let settled = receipt.with_access(services, before, (Some(status), kept));
    if let Err(fault) = ending.amend(services, &settled).await {
        tracing::warn!(%fault, "the replayed receipt stays pending");
    }
    settled
}
