//! Connected accounts: get, choose the main one.

use std::collections::BTreeMap;

use domain::{
    Account, AccountId, Actor, Allowed, Capability, Code, Error, Lifecycle, Refusal, Workspace,
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
    /// How its tokens were used.
    pub usage: Usage,
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
