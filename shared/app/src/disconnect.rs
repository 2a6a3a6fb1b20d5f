//! Disconnecting keeps the account and its history; removing erases it. Both end the grant with its last
//! account, and both answer with a receipt that says no more than what happened.

use domain::{
    Account, AccountId, Actor, Allowed, Code, Error, Event, Fault, Grant, GrantFacts, Lifecycle, Role, Workspace,
    actor::{Permit, permit},
    grant::{Due, GrantState, Work},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{AccountFilter, Committed, Disconnect, IdempotencyKey};

use crate::{
    Once, Services, account, deliver,
    idempotency::{Ending, borrowed, once},
    plan,
    revoke::{self, Revoked},
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

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Which account.
    pub account: AccountId,
    /// Which verb.
    pub action: Action,
    /// What became of the access at the platform.
    pub revocation: Revocation,
    /// What the publisher is told to do.
    pub effects: Vec<String>,
    /// What is kept.
    pub kept: Vec<String>,
    /// What is erased.
    pub erased: Vec<String>,
}

/// The access at the platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revocation {
    /// What became of it; none where nothing was left to revoke, because it ended when the account was
    /// disconnected.
    pub status: Option<Revoked>,
    /// Where a person can end it by hand, if that is left to do.
    pub manual_url: Option<String>,
    /// How they do it.
    pub steps: Vec<String>,
}

/// What would happen, told before it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The account.
    pub account: Account,
    /// Whether it is the main one of its platform.
    pub is_main: bool,
    /// Other accounts that live on the same consent.
    pub siblings: usize,
    /// The receipt as it will be if the platform answers; `pending` where it is to be called.
    pub receipt: Receipt,
}

/// Disconnects an account. One that is disconnected already is answered alike.
pub async fn disconnect(
    services: &Services,
    actor: &Allowed<permit::AccountsDisconnect>,
    id: AccountId,
    reason: Option<String>,
    if_match: Option<u64>,
    key: Option<IdempotencyKey>,
) -> Result<Once<Receipt>, Error> {
    once(services, key, |ending| leave(services, actor, id, Action::Disconnect, reason, if_match, ending)).await
}

/// Removes an account with all that is known of it.
pub async fn remove(
    services: &Services,
    actor: &Allowed<permit::AccountsRemove>,
    id: AccountId,
    if_match: Option<u64>,
    key: Option<IdempotencyKey>,
) -> Result<Once<Receipt>, Error> {
    once(services, key, |ending| leave(services, actor, id, Action::Remove, None, if_match, ending)).await
}

/// What disconnecting or removing would do.
pub async fn preview(
    services: &Services,
    actor: &Allowed<permit::AccountsRead>,
    id: AccountId,
    action: Action,
) -> Result<Preview, Error> {
    let account = account::find(services, actor, id).await?;
    let workspace = services.store.glance_workspace(&actor.workspace, &actor.org).await?;
    let grant = next_grant(services, &account).await?;
    let siblings = grant.as_ref().map_or(0, |g| g.accounts.len());
    let receipt = receipt(services, &account, action, owed(services, &account, grant.as_ref()).await?);
    Ok(Preview { is_main: workspace.is_main(id), siblings, receipt, account })
}

async fn leave<P: Permit>(
    services: &Services,
    actor: &Allowed<P>,
    id: AccountId,
    action: Action,
    reason: Option<String>,
    if_match: Option<u64>,
    ending: Ending,
) -> Result<Receipt, Error> {
    for _ in 0..TRIES {
        let before = account::find(services, actor, id).await?;
        account::check_version(if_match, &before)?;
        let now = services.now();
        let workspace = services.store.find_workspace(&actor.workspace, &actor.org).await?;
        let grant = next_grant(services, &before).await?;
        let receipt = receipt(services, &before, action, owed(services, &before, grant.as_ref()).await?);
        if before.lifecycle == Lifecycle::Disconnected && action == Action::Disconnect {
            // Nothing is left to do, so there is no transaction to finish the key in.
            ending.amend(services, &receipt).await?;
            return Ok(receipt);
        }
        let successor = successor(services, actor, &workspace, &before).await?;
        let mut after = Account {
            lifecycle: Lifecycle::Disconnected,
            grant: None,
            ended_grant: grant.as_ref().filter(|g| g.accounts.is_empty()).map(|g| g.id),
            grant_facts: GrantFacts::default(),
            standing: None,
            suspended: None,
            disconnected_at: Some(now),
            version: before.version + 1,
            ..before.clone()
        };
        after.known_since(&before, now);
        let events = told(services, &workspace, &mut after, action, reason.as_deref(), successor, &receipt);
        let finish = ending.with(&receipt)?;
        let leaving = Disconnect {
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
                if action == Action::Remove
                    && let Err(fault) = services.store.erase_beside(&before.workspace, id).await
                {
                    tracing::warn!(%fault, account = %id, "what is left of its past goes with its time");
                }
                return Ok(settle(services, grant.as_ref(), &before, receipt, &ending).await);
            }
            Committed::Refused(_) | Committed::Busy => {}
        }
    }
    Err(Code::Busy.into())
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
    grant.accounts.retain(|id| !accounts.contains(id));
    grant.revision += 1;
    if grant.accounts.is_empty() {
        grant.state = GrantState::Revoking { since: now, attempts: 0, quietly: false };
        grant.due = Some(Due { work: Work::Revoke, at: now });
    }
    grant
}

/// What can be said before the platform is called: the revocation's status, and what of the tokens is kept.
async fn owed(
    services: &Services,
    account: &Account,
    grant: Option<&Grant>,
) -> Result<(Option<Revoked>, Option<&'static str>), Error> {
    let pending = (Some(Revoked::Pending), Some("tokens_until_revoked"));
    Ok(match (grant, account.ended_grant) {
        (Some(grant), _) if grant.accounts.is_empty() => pending,
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
    let others = || others.iter().filter(|a| a.id != leaving.id);
    let is_usable = |account: &&Account| !account.is_over_plan();
    let any_usable = others().any(|a| is_usable(&a));
    let mut others = others().filter(|a| !any_usable || is_usable(a)).map(|a| a.id);
    let only = others.next();
    Ok(if others.next().is_none() { only } else { None })
}

fn told(
    services: &Services,
    workspace: &Workspace,
    after: &mut Account,
    action: Action,
    reason: Option<&str>,
    successor: Option<AccountId>,
    receipt: &Receipt,
) -> Vec<Event> {
    let now = services.now();
    let kind = match action {
        Action::Disconnect => "account.disconnected",
        Action::Remove => "account.removed",
    };
    let data = json!({"reason": reason, "effects": receipt.effects});
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

/// What the publisher is told to do.
pub(crate) fn effects(removed: bool) -> &'static [&'static str] {
    if removed {
        &["delete_scheduled_posts", "delete_queues", "delete_automations", "delete_drafts", "delete_analytics"]
    } else {
        &["fail_scheduled_posts"]
    }
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
    let Some(grant) = grant.filter(|g| g.accounts.is_empty()) else { return receipt };
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
    let settled = self::receipt(services, before, receipt.action, (Some(status), kept));
    if let Err(fault) = ending.amend(services, &settled).await {
        tracing::warn!(%fault, "the replayed receipt stays pending");
    }
    settled
}

fn receipt(
    services: &Services,
    account: &Account,
    action: Action,
    (status, tokens_kept): (Option<Revoked>, Option<&str>),
) -> Receipt {
    let words = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
    let effects = words(effects(action == Action::Remove));
    let (mut kept, mut erased) = match action {
        Action::Disconnect => (words(&["id", "profile", "history", "settings"]), vec![]),
        Action::Remove => (vec![], words(&["profile", "history", "settings"])),
    };
    match tokens_kept {
        Some(kept_as) => kept.push(kept_as.to_owned()),
        // They were erased before.
        None if status.is_none() => {}
        None => erased.push("tokens".to_owned()),
    }
    // Where the platform was not told, a person can still do it.
    let by_hand = matches!(status, Some(Revoked::Unsupported | Revoked::Failed | Revoked::SkippedSharedGrant));
    let entry = services.platforms.entry(&account.platform, Some(&account.method)).filter(|_| by_hand);
    let revocation = Revocation {
        status,
        manual_url: entry.and_then(|e| e.manual_revoke_url.clone()),
        steps: entry.map(|e| e.manual_revoke_steps.clone()).unwrap_or_default(),
    };
    Receipt { account: account.id, action, revocation, effects, kept, erased }
}
