//! A workspace: what is decided for it, its plan and limits.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Account, AccountId, Actor, Allowed, Code, Error, LockdownId, OrgId, Permission, Plan, PlatformId, Refusal, Role,
    Workspace, WorkspaceId,
    actor::{Credential, permit},
    plan::{ranked, seats},
    workspace::Configuration,
};
use serde::{Deserialize, Serialize};
use store::{Committed, IdempotencyKey};

use crate::{
    Once, Services,
    idempotency::{borrowed, once},
    plan,
};

/// A plan and how much of it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The plan in force.
    pub plan: Plan,
    /// Accounts that count.
    pub total: u32,
    /// The same by platform; every platform of the catalogue is named.
    pub per_platform: BTreeMap<PlatformId, u32>,
    /// How many of them are suspended.
    pub suspended: u32,
}

/// The accounts that the plan holds back or would, of those that the caller sees.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Order {
    /// Those that are suspended; the first one comes back first.
    pub suspended: Vec<Account>,
    /// The others; the first one is suspended first, if the plan becomes smaller.
    pub next: Vec<Account>,
}

/// How often a change is judged again when others change the same record.
const TRIES: u32 = 8;
/// How many of those are told that would be suspended.
const NEXT: usize = 25;

/// A configuration as it was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Configured {
    /// The workspace's organisation.
    pub org: OrgId,
    /// What holds now.
    pub configuration: Configuration,
    /// The plan in force, for whoever decided.
    pub plan: String,
    /// How many accounts are suspended.
    pub suspended: u32,
    /// The lockdown that it is in.
    pub locked_down: Option<LockdownId>,
    /// The record's version then.
    pub version: u64,
}

/// The workspace of the caller; another one is as if it were not there.
pub(crate) fn own(actor: &Actor, workspace: &WorkspaceId) -> Result<(), Error> {
    if actor.workspace == *workspace { Ok(()) } else { Err(Code::NotFound.into()) }
}

/// The caller's `If-Match`, where one was sent.
pub(crate) fn only_if(if_match: Option<u64>, workspace: &Workspace) -> Result<(), Error> {
    match if_match {
        Some(version) if version != workspace.version => Err(Code::VersionConflict.into()),
        _ => Ok(()),
    }
}

/// Who does what nobody of the workspace does.
pub(crate) fn ourselves(workspace: &WorkspaceId, org: &OrgId) -> Actor {
    Actor {
        sub: "mooring".to_owned(),
        credential: Credential::Token,
        name: None,
        workspace: workspace.clone(),
        org: org.clone(),
        role: Role::Owner,
        plan: None,
        perms: None,
        accounts: None,
        workspaces: BTreeMap::new(),
    }
}

/// The workspace's record.
pub async fn get(
    services: &Services,
    actor: &Allowed<permit::WorkspaceRead>,
    workspace: &WorkspaceId,
) -> Result<Workspace, Error> {
    own(actor, workspace)?;
    Ok(services.store.find_workspace(&actor.workspace, &actor.org).await?)
}

/// Changes what is decided for the workspace.
pub async fn configure(
    services: &Services,
    actor: &Allowed<permit::WorkspaceConfigure>,
    workspace: &WorkspaceId,
    change: impl Fn(&mut Configuration) -> Result<(), Refusal> + Send + Sync,
    if_match: Option<u64>,
    key: Option<IdempotencyKey>,
) -> Result<Once<Configured>, Error> {
    decide(services, actor, workspace, change, None, if_match, key).await
}

/// The same, and says which accounts keep their places where the plan has not enough of them.
pub async fn decide(
    services: &Services,
    actor: &Allowed<permit::WorkspaceConfigure>,
    workspace: &WorkspaceId,
    change: impl Fn(&mut Configuration) -> Result<(), Refusal> + Send + Sync,
    keep: Option<&[AccountId]>,
    if_match: Option<u64>,
    key: Option<IdempotencyKey>,
) -> Result<Once<Configured>, Error> {
    own(actor, workspace)?;
    once(services, key, |ending| async move {
        for _ in 0..TRIES {
            let mut found = services.store.find_workspace(&actor.workspace, &actor.org).await?;
            if if_match.is_some_and(|version| version != found.version) {
                return Err(Code::VersionConflict.into());
            }
            let before = found.configuration.clone();
            change(&mut found.configuration)?;
            let resized =
                (&before.plan, before.overrides) != (&found.configuration.plan, found.configuration.overrides);
            if resized {
                may_resize(actor)?;
            }
            let kept = match keep {
                Some(keep) => keepers(services, actor, &found, keep).await?,
                None => BTreeSet::new(),
            };
            found.version += 1;
            let mut configured = Configured {
                org: found.org.clone(),
                configuration: found.configuration.clone(),
                plan: found.plan(&services.plans, actor.plan.as_deref()).id,
                suspended: found.suspended,
                locked_down: found.locked_down,
                version: found.version,
            };
            let finish = ending.with(&configured)?;
            let settle = (resized || keep.is_some()).then_some((&kept, services.now()));
            match services.store.configure_workspace(&found, settle, borrowed(finish.as_ref())).await? {
                Committed::Done if settle.is_none() => return Ok(configured),
                Committed::Done => {
                    if let Some(suspended) = Box::pin(plan::settle_now(services, &found.id)).await {
                        configured.suspended = suspended;
                        if let Err(fault) = ending.amend(services, &configured).await {
                            tracing::warn!(%fault, "the replayed count of suspended accounts stays as it was before");
                        }
                    }
                    return Ok(configured);
                }
                Committed::Refused(_) | Committed::Busy => {}
            }
        }
        Err(Code::Busy.into())
    })
    .await
}

/// A customer's own token must not raise its plan: what that is, the SaaS's backend says.
fn may_resize(actor: &Actor) -> Result<(), Refusal> {
    if actor.may(Permission::WorkspacePlan) && matches!(actor.credential, Credential::ApiKey { .. }) {
        return Ok(());
    }
    let detail = "The plan and its overrides are set with an API key that has workspace.plan; a person's token cannot.";
    Err(Refusal::new(Code::PermissionDenied, detail))
}

/// The accounts that keep their places, if the plan has a place for each.
async fn keepers(
    services: &Services,
    actor: &Actor,
    workspace: &Workspace,
    keep: &[AccountId],
) -> Result<BTreeSet<AccountId>, Error> {
    if !actor.may(Permission::WorkspacePlan) {
        let detail = "Which accounts keep their places is for an owner to choose.";
        return Err(Refusal::new(Code::PermissionDenied, detail).into());
    }
    let connected = services.store.find_connected(&workspace.id).await?;
    let is_there = |id: &AccountId| connected.iter().any(|account| account.id == *id && account.is_seen_by(actor));
    if let Some(at) = keep.iter().position(|id| !is_there(id)) {
        let detail = "No connected account of this workspace has this id.";
        return Err(Refusal::field(&format!("/keep_accounts/{at}"), "unknown", detail).into());
    }
    let kept: BTreeSet<AccountId> = keep.iter().copied().collect();
    let (_, left_out) = seats(&ranked(workspace, &kept, &connected), workspace.bounds(&services.plans));
    if left_out.iter().any(|account| kept.contains(&account.id)) {
        let detail = "The plan has not enough places for all of these.";
        return Err(Refusal::field("/keep_accounts", "too_many", detail).into());
    }
    Ok(kept)
}

/// The plan of the workspace, how much of it is used, and who is next to lose or to get a place.
pub async fn limits(
    services: &Services,
    actor: &Allowed<permit::WorkspaceRead>,
    workspace: &WorkspaceId,
) -> Result<(Limits, Order), Error> {
    own(actor, workspace)?;
    let found = services.store.glance_workspace(&actor.workspace, &actor.org).await?;
    let order = order(services, actor, &found).await?;
    Ok((limits_of(services, actor, &found), order))
}

async fn order(services: &Services, actor: &Actor, workspace: &Workspace) -> Result<Order, Error> {
    if !actor.may(Permission::AccountsRead) {
        return Ok(Order::default());
    }
    let connected = services.store.find_connected(&workspace.id).await?;
    let order = ranked(workspace, &BTreeSet::new(), &connected);
    let seen = order.into_iter().filter(|account| account.is_seen_by(actor)).cloned();
    let (suspended, mut next): (Vec<Account>, Vec<Account>) = seen.partition(Account::is_over_plan);
    next.reverse();
    next.truncate(NEXT);
    Ok(Order { suspended, next })
}

/// The plan and its use, of a workspace that was read already.
pub fn limits_of(services: &Services, actor: &Actor, workspace: &Workspace) -> Limits {
    let mut per_platform = workspace.per_platform.clone();
    for entry in services.platforms.entries() {
        per_platform.entry(entry.platform.clone()).or_insert(0);
    }
    Limits {
        plan: workspace.plan(&services.plans, actor.plan.as_deref()),
        total: workspace.total,
        per_platform,
        suspended: workspace.suspended,
    }
}
