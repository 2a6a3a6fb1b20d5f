//! Connected accounts: get, choose the main one.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Account, AccountId, Actor, Allowed, Capability, Code, Error, Fault, Lifecycle, Permission, Refusal, Workspace,
    account::{Preferences, Reach, Right},
    actor::{Permit, permit},
    capability::Availability,
    health::Health,
    incident::Incident,
    planned::{Planned, Risk},
    series::{Key, Latest},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
pub use store::Usage;
use store::{AccountFilter, Committed, IdempotencyKey};

use crate::{
    Once, Services, deliver, figures,
    health::{self, Judged},
    idempotency::{borrowed, once},
    planned,
    sync::{self, show::SyncShown},
    tie,
};

/// How often a change is judged again when others change the same records.
const TRIES: u32 = 8;

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

/// One account with the facts that only its own page tells.
#[derive(Debug, Clone)]
pub struct Detail {
    /// The account.
    pub shown: Shown,
    /// Its grant, while it has one.
    pub grant: Option<domain::Grant>,
    /// The other accounts of that grant that the caller sees.
    pub siblings: BTreeSet<AccountId>,
    /// The account that it may belong to: it has the same handle on the other platform.
    pub tie_proposal: Option<Account>,
    /// How its tokens were used.
    pub usage: Usage,
    /// What a publisher plans with it.
    pub planned: Planned,
    /// What of that will fail.
    pub risk: Risk,
    /// How fetching its data stands; none where nothing is fetched.
    pub sync: Option<SyncShown>,
    /// Its latest figures; none for a caller who may not read figures.
    pub latest: Option<BTreeMap<Key, Latest>>,
    /// What is decided about it beside what lists show.
    pub preferences: Preferences,
    /// Its workspace.
    pub workspace: Workspace,
}

/// A main account that was chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MainChosen {
    /// The main one now.
    pub account: AccountId,
    /// The one before, if it was another.
    pub demoted: Option<AccountId>,
}

/// An account as it is shown to whoever sees it.
pub(crate) fn shown(services: &Services, incidents: &[Incident], workspace: &Workspace, account: Account) -> Shown {
    let policy = health::policy(workspace, &account);
    let judged = health::judge(services, incidents, &account, &account.facts(), services.now(), &policy);
    let Judged { health, capabilities, missing } = judged;
    Shown { is_main: workspace.is_main(account.id), capabilities, missing, health, account }
}

/// The caller's account, for what they may do with it; or `not_found` for one that is absent, foreign or out of reach.
pub(crate) async fn find<P: Permit>(services: &Services, actor: &Allowed<P>, id: AccountId) -> Result<Account, Error> {
    find_by(services, actor, id, Right::for_permission(P::PERMISSION)).await
}

/// The same, by the right that it takes there.
pub(crate) async fn find_by(
    services: &Services,
    actor: &Actor,
    id: AccountId,
    right: Option<Right>,
) -> Result<Account, Error> {
    if !actor.sees(id) {
        return Err(Code::NotFound.into());
    }
    let found = services.store.find_account(&actor.workspace, id).await?;
    Ok(reached(actor, right, found)?)
}

/// An account that was read, for what the caller may do with it; or `not_found` as in [`find`].
pub(crate) fn admit<P: Permit>(actor: &Allowed<P>, found: Option<Account>) -> Result<Account, Refusal> {
    reached(actor, Right::for_permission(P::PERMISSION), found)
}

fn reached(actor: &Actor, right: Option<Right>, found: Option<Account>) -> Result<Account, Refusal> {
    let account = found.ok_or_else(|| Refusal::plain(Code::NotFound))?;
    reaches(&account, actor, right)?;
    Ok(account)
}

/// Whether the caller has a right to an account: `not_found` where they do not see it, else `permission_denied`.
pub(crate) fn reaches(account: &Account, actor: &Actor, right: Option<Right>) -> Result<(), Refusal> {
    match account.reach_by(actor, right) {
        Reach::Open => Ok(()),
        Reach::Hidden => Err(Refusal::plain(Code::NotFound)),
        Reach::Denied => {
            let right = right.map(Right::as_str).unwrap_or_default();
            let detail =
                format!("This account is for some members only, and you are not among those with the right {right}.");
            Err(Refusal::new(Code::PermissionDenied, detail))
        }
    }
}

/// Whether the caller may read an account's figures.
pub fn reaches_figures(account: &Account, actor: &Actor) -> bool {
    actor.may(Permission::MetricsRead) && account.reach(actor, Permission::MetricsRead) == Reach::Open
}

/// Those of some accounts that the caller sees. They are looked up only where their settings may hide them.
pub(crate) async fn seen(
    services: &Services,
    actor: &Actor,
    ids: Vec<AccountId>,
) -> Result<BTreeSet<AccountId>, Fault> {
    let ids: BTreeSet<AccountId> = ids.into_iter().filter(|id| actor.sees(*id)).collect();
    if actor.sees_private() || ids.is_empty() {
        return Ok(ids);
    }
    let found = services.store.find_accounts(&actor.workspace, &ids.into_iter().collect::<Vec<_>>()).await?;
    Ok(found.iter().filter(|account| account.is_seen_by(actor)).map(|account| account.id).collect())
}

/// One account with its grant.
pub async fn get(services: &Services, actor: &Allowed<permit::AccountsRead>, id: AccountId) -> Result<Detail, Error> {
    detail(services, actor, id).await
}

/// The same, for a caller whose right to it was judged by what they did to it.
pub async fn detail<P: Permit>(services: &Services, actor: &Allowed<P>, id: AccountId) -> Result<Detail, Error> {
    let mut account = find(services, actor, id).await?;
    let workspace = services.store.glance_workspace(&actor.workspace, &actor.org).await?;
    let grant = match account.grant {
        Some(grant) => services.store.find_grant(grant).await?,
        None => None,
    };
    let others = grant.iter().flat_map(|grant| grant.of(&account.workspace)).filter(|other| *other != id).collect();
    let siblings = seen(services, actor, others).await?;
    tie::hide(services, actor, std::iter::once(&mut account)).await?;
    let tie_proposal = tie::proposal(services, actor, &account).await?;
    let (usage, planned) = services.store.find_use(&account.workspace, id, services.now()).await?;
    let risk = planned::risk(services, &account, &planned);
    let preferences = services.store.find_preferences(&account.workspace, id).await?;
    let incidents = services.guard.incidents(services).await?;
    let sync = sync::show::show(services, &workspace, actor.plan.as_deref(), &account).await?;
    let may_read = reaches_figures(&account, actor);
    let latest = if may_read { Some(figures::latest(services, &workspace, &account).await?) } else { None };
    let shown = shown(services, &incidents, &workspace, account);
    Ok(Detail { shown, grant, siblings, tie_proposal, usage, planned, risk, sync, latest, preferences, workspace })
}

/// All accounts in reach that a filter lets through.
pub(crate) async fn all(services: &Services, actor: &Actor, filter: &AccountFilter) -> Result<Vec<Account>, Error> {
    let mut accounts = Vec::new();
    let visit = |_: &Workspace, account: Account| accounts.extend(Some(account).filter(|a| a.is_seen_by(actor)));
    services.store.visit_accounts(&actor.workspace, &actor.org, filter, visit).await?;
    Ok(accounts)
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
            let demoted = seen(services, actor, before.into_iter().filter(|b| *b != id).collect()).await?.pop_first();
            let chosen = MainChosen { account: id, demoted };
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
