//! Connected accounts: list, get, count, choose the main one.

use std::collections::BTreeMap;

use domain::{
    Account, AccountId, Actor, Allowed, Capability, Code, Error, Lifecycle, PlatformId, Refusal, Workspace,
    WorkspaceId,
    account::Reach,
    actor::{Permit, permit},
    capability::Availability,
    health::Health,
    incident::Incident,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
pub use store::Usage;
use store::{AccountFilter, Committed, IdempotencyKey};

use crate::{
    Once, Services, deliver,
    health::{self, Judged},
    idempotency::{borrowed, once},
    workspace::own,
};

/// How often a change is judged again when others change the same records.
const TRIES: u32 = 8;
/// How many accounts are read at a time where all are needed.
const CHUNK: usize = 200;

/// Which page of which list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListAccounts {
    /// Only of these platforms; all if empty.
    pub platforms: Vec<PlatformId>,
    /// Connected or disconnected ones; both if none.
    pub lifecycle: Option<Lifecycle>,
    /// The last account of the page before.
    pub after: Option<AccountId>,
    /// At most so many.
    pub limit: usize,
}

/// An account with what its workspace says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The account.
    pub account: Account,
    /// Whether it is the main one of its platform.
    pub is_main: bool,
    /// What it can be used for.
    pub capabilities: BTreeMap<Capability, Availability>,
    /// The scopes that each capability needs and that were not given.
    pub missing: BTreeMap<Capability, Vec<String>>,
    /// How it is.
    pub health: Health,
}

/// One page.
#[derive(Debug, Clone)]
pub struct Page {
    /// The accounts, oldest first.
    pub accounts: Vec<Shown>,
    /// The last one, if there are more behind it.
    pub next: Option<AccountId>,
    /// Their workspace.
    pub workspace: Workspace,
}

/// One account with the facts that only its own page tells.
#[derive(Debug, Clone)]
pub struct Detail {
    /// The account.
    pub shown: Shown,
    /// Its grant, while it has one.
    pub grant: Option<domain::Grant>,
    /// How its tokens were used.
    pub usage: Usage,
}

/// Counts of the workspace's accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// All that are kept, connected or not.
    pub total: u32,
    /// By lifecycle.
    pub by_lifecycle: BTreeMap<&'static str, u32>,
    /// Connected ones by platform.
    pub by_platform: BTreeMap<PlatformId, u32>,
    /// By health state.
    pub by_state: BTreeMap<&'static str, u32>,
}

/// A main account that was chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MainChosen {
    /// The main one now.
    pub account: AccountId,
    /// The one before, if it was another.
    pub demoted: Option<AccountId>,
}

/// One page of the workspace's accounts.
pub async fn list(
    services: &Services,
    actor: &Allowed<permit::AccountsRead>,
    workspace: &WorkspaceId,
    ask: &ListAccounts,
) -> Result<Page, Error> {
    own(actor, workspace)?;
    let filter = AccountFilter { platforms: ask.platforms.clone(), lifecycle: ask.lifecycle };
    let page = services.store.list_accounts(&actor.workspace, &actor.org, &filter, ask.after, ask.limit).await?;
    let next = page.accounts.last().filter(|_| page.more).map(|a| a.id);
    let seen = page.accounts.into_iter().filter(|a| a.is_seen_by(actor));
    let incidents = services.guard.incidents(services).await?;
    let accounts = seen.map(|account| shown(services, &incidents, &page.workspace, account)).collect();
    Ok(Page { accounts, next, workspace: page.workspace })
}

fn shown(services: &Services, incidents: &[Incident], workspace: &Workspace, account: Account) -> Shown {
    let judged = health::judge(services, incidents, &account, &account.facts(), services.now());
    let Judged { health, capabilities, missing } = judged;
    Shown { is_main: workspace.is_main(account.id), capabilities, missing, health, account }
}

/// The caller's account, for what they may do with it; or `not_found` for one that is absent, foreign or out of reach.
pub(crate) async fn find<P: Permit>(services: &Services, actor: &Allowed<P>, id: AccountId) -> Result<Account, Error> {
    if !actor.sees(id) {
        return Err(Code::NotFound.into());
    }
    let found = services.store.find_account(&actor.workspace, id).await?;
    let account = found.ok_or(Error::from(Code::NotFound))?;
    match account.reach(actor, P::PERMISSION) {
        Reach::Open => Ok(account),
        Reach::Hidden => Err(Code::NotFound.into()),
        Reach::Denied => {
            let detail = format!(
                "This account is for some members only, and you are not among those who have {} there.",
                P::PERMISSION.as_str()
            );
            Err(Refusal::new(Code::PermissionDenied, detail).into())
        }
    }
}

/// One account with its grant.
pub async fn get(services: &Services, actor: &Allowed<permit::AccountsRead>, id: AccountId) -> Result<Detail, Error> {
    detail(services, actor, id).await
}

/// The same, for a caller whose right to it was judged by what they did to it.
pub async fn detail<P: Permit>(services: &Services, actor: &Allowed<P>, id: AccountId) -> Result<Detail, Error> {
    let account = find(services, actor, id).await?;
    let workspace = services.store.glance_workspace(&actor.workspace, &actor.org).await?;
    let grant = match account.grant {
        Some(grant) => services.store.find_grant(grant).await?,
        None => None,
    };
    let usage = services.store.find_usage(&account.workspace, id, services.now()).await?;
    let incidents = services.guard.incidents(services).await?;
    Ok(Detail { shown: shown(services, &incidents, &workspace, account), grant, usage })
}

/// Counts over all accounts in reach.
pub async fn summary(
    services: &Services,
    actor: &Allowed<permit::AccountsRead>,
    workspace: &WorkspaceId,
) -> Result<Summary, Error> {
    own(actor, workspace)?;
    let mut summary = Summary::default();
    let incidents = services.guard.incidents(services).await?;
    for account in all(services, actor, &AccountFilter::default()).await? {
        summary.total += 1;
        let judged = health::judge(services, &incidents, &account, &account.facts(), services.now());
        *summary.by_state.entry(judged.health.state.as_str()).or_default() += 1;
        *summary.by_lifecycle.entry(account.lifecycle.as_str()).or_default() += 1;
        if account.lifecycle == Lifecycle::Active {
            *summary.by_platform.entry(account.platform).or_default() += 1;
        }
    }
    Ok(summary)
}

/// All accounts in reach that a filter lets through.
pub(crate) async fn all(services: &Services, actor: &Actor, filter: &AccountFilter) -> Result<Vec<Account>, Error> {
    let mut accounts = Vec::new();
    let mut after = None;
    loop {
        let page = services.store.list_accounts(&actor.workspace, &actor.org, filter, after, CHUNK).await?;
        after = page.accounts.last().map(|a| a.id);
        accounts.extend(page.accounts.into_iter().filter(|a| a.is_seen_by(actor)));
        if !page.more {
            return Ok(accounts);
        }
    }
}

/// The main account of each platform that has one.
pub async fn mains(
    services: &Services,
    actor: &Allowed<permit::AccountsRead>,
    workspace: &WorkspaceId,
) -> Result<BTreeMap<PlatformId, AccountId>, Error> {
    own(actor, workspace)?;
    let found = services.store.glance_workspace(&actor.workspace, &actor.org).await?;
    let mut mains = found.main;
    if actor.is_kept_from_some() {
        let seen = all(services, actor, &AccountFilter::default()).await?;
        let seen: Vec<AccountId> = seen.into_iter().map(|account| account.id).collect();
        mains.retain(|_, id| seen.contains(id));
    }
    Ok(mains)
}

/// Makes an account the main one of its platform; the one before is demoted in the same transaction.
pub async fn choose_main(
    services: &Services,
    actor: &Allowed<permit::AccountsMain>,
    id: AccountId,
    if_match: Option<u64>,
    key: Option<IdempotencyKey>,
) -> Result<Once<MainChosen>, Error> {
    once(services, key, |ending| async move {
        for _ in 0..TRIES {
            let account = find(services, actor, id).await?;
            check_version(if_match, &account)?;
            if account.lifecycle != Lifecycle::Active {
                return Err(Refusal::plain(Code::AccountNotUsable).into());
            }
            if account.is_over_plan() {
                return Err(Refusal::suspended().into());
            }
            let workspace = services.store.find_workspace(&actor.workspace, &actor.org).await?;
            let before = workspace.main.get(&account.platform).copied();
            let chosen = MainChosen { account: id, demoted: before.filter(|b| *b != id) };
            let now = services.now();
            let mut events = Vec::new();
            if before != Some(id) {
                let data = json!({"platform": account.platform, "from": before, "to": id});
                events.push(services.event(now, &account.workspace, "account.main_changed", data));
            }
            let finish = ending.with(&chosen)?;
            match services.store.set_main(&workspace, &account, &events, borrowed(finish.as_ref()), now).await? {
                Committed::Done => {
                    deliver::publish(services, &events).await;
                    return Ok(chosen);
                }
                Committed::Refused(_) | Committed::Busy => {}
            }
        }
        Err(Code::Busy.into())
    })
    .await
}

/// The caller's `If-Match`, where one was sent.
pub(crate) fn check_version(if_match: Option<u64>, account: &Account) -> Result<(), Error> {
    match if_match {
        Some(version) if version != account.version => Err(Code::VersionConflict.into()),
        _ => Ok(()),
    }
}
