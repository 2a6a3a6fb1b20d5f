//! An account in a further workspace of its organisation. The copy is an account of its own and lives on the same grant:
//! there is one set of tokens, renewed by one holder at a time, and it ends with the last account. A consent of its own
//! parts it from the others (`detach`).

mod detach;

use std::{collections::BTreeSet, time::Duration};

use domain::{
    Account, AccountId, Actor, Allowed, Code, ConnectedBy, Error, Event, Fault, Fetched, Grant, Lifecycle, OrgId,
    Refusal, Role, RunId, Timestamp, Workspace, WorkspaceId,
    account::{Preferences, Settings},
    actor::{Permit as _, permit},
    grant::GrantState,
    sync::{Asked, Trigger},
    workspace::CrossWorkspace,
};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{AccountChange, Committed, Copy, IdempotencyKey};

pub use detach::{Detaching, Warning, detach};

use crate::{
    Once, Services, account, deliver,
    idempotency::{Ending, borrowed, once},
    renew::due,
    sync,
    workspace::own,
};

/// How often a copy is judged again: others copy accounts of the same grant, or hold it.
const TRIES: u32 = 40;
/// How long to wait for whoever holds a grant, each time.
const HELD: Duration = Duration::from_millis(250);
/// How many workspaces are looked at at a time.
const AT_ONCE: usize = 8;
/// The most copies that one consent serves: they are in its record.
const MOST_COPIES: usize = 500;
/// The most accounts that are copied at once.
pub const MOST_AT_ONCE: usize = 50;

/// A workspace that an account may be copied to, or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Which one.
    pub workspace: WorkspaceId,
    /// What people call it.
    pub name: Option<String>,
    /// Why not, if not.
    pub barrier: Option<Code>,
    /// How many more accounts of the platform its plan has room for; none is no limit.
    pub room: Option<u32>,
}

/// What a caller asks for.
#[derive(Debug, Clone)]
pub struct NewCopy {
    /// Where to.
    pub workspace: WorkspaceId,
    /// What it is called there; as here if absent.
    pub label: Option<String>,
}

/// A copy that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copied {
    /// The new account.
    pub account: AccountId,
    /// Where it is.
    pub workspace: WorkspaceId,
}

/// What became of one of many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The account that was to be copied.
    pub account: AccountId,
    /// Its copy, or why there is none.
    pub copied: Result<AccountId, (Code, String)>,
}

/// The further workspaces of the caller, each with whether the account can be copied there.
pub async fn targets(
    services: &Services,
    actor: &Allowed<permit::AccountsCopy>,
    id: AccountId,
) -> Result<Vec<Target>, Error> {
    let source = account::find(services, actor, id).await?;
    let here = services.store.glance_workspace(&actor.workspace, &actor.org).await?;
    let dead = living(services, &source).await?.err().map(|refusal| refusal.code);
    let further = actor.workspaces.iter().filter(|(workspace, _)| **workspace != actor.workspace);
    let look = |(workspace, role): (&'_ WorkspaceId, &'_ Role)| {
        let (source, here, workspace, role) = (&source, &here, workspace.clone(), *role);
        async move { target(services, actor, source, here, workspace, role, dead).await }
    };
    let looks: Vec<_> = further.map(look).collect();
    stream::iter(looks).buffered(AT_ONCE).try_collect().await
}

async fn target(
    services: &Services,
    actor: &Actor,
    source: &Account,
    here: &Workspace,
    workspace: WorkspaceId,
    role: Role,
    dead: Option<Code>,
) -> Result<Target, Error> {
    let there = services.store.glance_workspace(&workspace, &OrgId::from(&workspace)).await?;
    let id = source.profile.platform_account_id.as_str();
    let existing = services.store.find_claimed(&workspace, &source.platform, &[id]).await?;
    let plan = there.plan(&services.plans, actor.plan.as_deref());
    let room = plan.max_total.room(there.total).min(plan.max_per_platform.room(there.used(&source.platform)));
    let full = (room == 0).then_some(Code::PlanLimitReached);
    let barrier = barrier(here, &there, role, existing.first()).or(dead).or(full);
    let name = there.configuration.name;
    Ok(Target { workspace, name, barrier, room: (room < u32::MAX).then_some(room) })
}

/// Copies an account to another workspace of the caller.
pub async fn copy(
    services: &Services,
    actor: &Allowed<permit::AccountsCopy>,
    id: AccountId,
    ask: &NewCopy,
    key: Option<IdempotencyKey>,
) -> Result<Once<Copied>, Error> {
    Box::pin(once(services, key, |ending| make(services, actor, id, ask, ending))).await
}

/// Copies many, one by one; a failure stays its own.
pub async fn copy_all(
    services: &Services,
    actor: &Allowed<permit::AccountsCopy>,
    workspace: &WorkspaceId,
    ids: &[AccountId],
    to: &WorkspaceId,
    key: Option<IdempotencyKey>,
) -> Result<Once<Vec<Outcome>>, Error> {
    own(actor, workspace)?;
    Box::pin(once(services, key, |ending| async move {
        role_there(actor, to)?;
        let ask = NewCopy { workspace: to.clone(), label: None };
        let mut outcomes = Vec::new();
        for id in ids {
            let copied = match Box::pin(make(services, actor, *id, &ask, Ending::default())).await {
                Ok(copied) => Ok(copied.account),
                Err(Error::Refused(refusal)) => Err((refusal.code, refusal.detail)),
                Err(Error::Fault(fault)) => {
                    tracing::error!(%fault, account = %id, "one of many copies");
                    Err((Code::Internal, Refusal::plain(Code::Internal).detail))
                }
            };
            outcomes.push(Outcome { account: *id, copied });
        }
        ending.amend(services, &outcomes).await?;
        Ok(outcomes)
    }))
    .await
}

/// The caller as they are in another workspace that they belong to.
pub fn there(actor: &Actor, workspace: &WorkspaceId) -> Result<Allowed<permit::AccountsCopy>, Error> {
    let role = role_there(actor, workspace)?;
    // Which accounts are in reach is said of this workspace only.
    let there = Actor { workspace: workspace.clone(), role, accounts: None, ..actor.clone() };
    Ok(there.allow()?)
}

/// The caller's role in the workspace that gets the copy. One that they do not belong to is as if it were not there.
fn role_there(actor: &Actor, workspace: &WorkspaceId) -> Result<Role, Error> {
    if *workspace == actor.workspace {
        return Ok(actor.role);
    }
    actor.workspaces.get(workspace).copied().ok_or_else(|| Code::NotFound.into())
}

async fn make(
    services: &Services,
    actor: &Allowed<permit::AccountsCopy>,
    id: AccountId,
    ask: &NewCopy,
    ending: Ending,
) -> Result<Copied, Error> {
    let role = role_there(actor, &ask.workspace)?;
    for _ in 0..TRIES {
        let source = account::find(services, actor, id).await?;
        if ask.workspace == actor.workspace {
            return Err(Code::AlreadyInWorkspace.into());
        }
        let here = services.store.find_workspace(&actor.workspace, &actor.org).await?;
        let mut there = services.store.find_workspace(&ask.workspace, &OrgId::from(&ask.workspace)).await?;
        let platform_account_id = source.profile.platform_account_id.as_str();
        let known = services.store.find_claimed(&ask.workspace, &source.platform, &[platform_account_id]).await?;
        if let Some(code) = barrier(&here, &there, role, known.first()) {
            return Err(refusal(code, &here, &there).into());
        }
        there.org.clone_from(&here.org);
        let grant = living(services, &source).await??;
        let now = services.now();
        if !grant.hold.is_free(now) {
            // Whoever renews it tells those whom they found on it.
            tokio::time::sleep(HELD).await;
            continue;
        }
        if grant.copies.len() >= MOST_COPIES {
            let detail = format!("One consent serves {MOST_COPIES} copies at most; detach some of them.");
            return Err(Refusal::new(Code::CrossWorkspaceForbidden, detail).into());
        }
        let holders = services.store.find_holders(&here.org, &source.platform, platform_account_id).await?;
        let mut made = prepare(services, actor, ask, &source, grant, known.into_iter().next(), now);
        made.copy.beside = holders.into_iter().next();
        let plan = there.plan(&services.plans, actor.plan.as_deref());
        if let Some(reached) = there.reached(&services.plans, actor.plan.as_deref(), &source.platform, 1) {
            return Err(Refusal::limit(reached).into());
        }
        let preferences = services.store.find_preferences(&source.workspace, source.id).await?;
        let preferences = Preferences { publishing: preferences.publishing, ..Preferences::default() };
        let copied = Copied { account: made.copy.after.id, workspace: ask.workspace.clone() };
        let finish = ending.with(&copied)?;
        let copy = Copy {
            source: (&source, &made.source),
            workspace: &there,
            plan: &plan,
            account: &made.copy,
            preferences: preferences.publishing.is_some().then_some(&preferences),
            grant: &made.grant,
            events: [&made.events[0], &made.events[1]],
            finish: borrowed(finish.as_ref()),
            now,
        };
        match services.store.copy(&copy).await? {
            Committed::Done => {
                for events in &made.events {
                    deliver::publish(services, events).await;
                }
                return Ok(copied);
            }
            Committed::Refused(_) | Committed::Busy => {}
        }
    }
    Err(Code::Busy.into())
}

/// A copy as it will be.
struct Made {
    source: Account,
    copy: AccountChange,
    grant: Grant,
    /// What is told where it came from, and where it went to.
    events: [[Event; 1]; 2],
}

/// What a copy changes: identity, label, tags and the publishing defaults come along; figures, schedule, devices and the
/// main role do not. An account that is disconnected there comes back under its old id.
fn prepare(
    services: &Services,
    actor: &Actor,
    ask: &NewCopy,
    before: &Account,
    grant: Grant,
    existing: Option<Account>,
    now: Timestamp,
) -> Made {
    let id = existing.as_ref().map_or_else(|| AccountId::new(now, services.entropy.bytes()), |account| account.id);
    let mut grant = Grant { revision: grant.revision + 1, ..grant };
    grant.join(&ask.workspace, id);
    let mut source = before.clone();
    source.grant_facts.shared = true;
    source.version += 1;
    source.known_since(before, now);
    let label = ask.label.clone().or_else(|| before.settings.label.clone());
    let came = Settings { label, tags: before.settings.tags.clone(), ..Settings::default() };
    let mut copy = Account {
        id,
        workspace: ask.workspace.clone(),
        grant_facts: grant.facts(),
        suspended: None,
        // What was decided there before stays.
        settings: existing.as_ref().map_or(came, |account| account.settings.clone()),
        linked: None,
        facts_since: now,
        connected_by: ConnectedBy { kind: "copy".to_owned(), id: actor.sub.clone(), name: actor.name.clone() },
        connected_at: existing.as_ref().map_or(now, |account| account.connected_at),
        reconnected_at: existing.as_ref().map(|_| now),
        external_id: existing.as_ref().and_then(|account| account.external_id.clone()),
        version: existing.as_ref().map_or(1, |account| account.version + 1),
        sequence: existing.as_ref().map_or(0, |account| account.sequence),
        ..before.clone()
    };
    let entry = services.platforms.entry(&before.platform, Some(&before.method));
    let is_fetched = entry.is_some_and(|entry| sync::is_fetched(entry));
    copy.fetched = Fetched { in_flight_since: is_fetched.then_some(now), ..Fetched::default() };
    if let Some(existing) = &existing {
        copy.known_since(existing, now);
    }
    let hears = [before.id, id];
    if grant.holders().into_values().flatten().all(|account| hears.contains(&account)) {
        grant.told.shared = true;
    }
    grant.due = due(services, &grant);
    let data = |side: &str| json!({"side": side, "copied_by": actor.sub, "method": before.method});
    let told = |account: &mut Account, side| [services.account_event(now, account, "account.copied", data(side))];
    let events = [told(&mut source, "source"), told(&mut copy, "copy")];
    let run = || RunId::new(now, services.entropy.bytes());
    let asked = is_fetched.then(|| Asked { run: run(), trigger: Trigger::Initial, scope: Vec::new(), at: now });
    let copy = AccountChange { before: existing, after: copy, picture: None, beside: None, asked };
    Made { source, copy, grant, events }
}

/// The grant that a copy would live on, or why there is none.
async fn living(services: &Services, source: &Account) -> Result<Result<Grant, Refusal>, Fault> {
    let Some(id) = source.grant.filter(|_| source.lifecycle == Lifecycle::Active) else {
        return Ok(Err(Refusal::plain(Code::AccountDisconnected)));
    };
    let grant = services.store.find_grant(id).await?;
    let lives = |grant: &Grant| grant.state == GrantState::Live && grant.upkeep.dead.is_none();
    Ok(grant.filter(lives).ok_or_else(|| Refusal::plain(Code::ConnectionExpired)))
}

/// Why an account may not be copied from one workspace to another where it is `existing`, if it is.
fn barrier(here: &Workspace, there: &Workspace, role: Role, existing: Option<&Account>) -> Option<Code> {
    let policy = here.policies().cross_workspace.max(there.policies().cross_workspace);
    if Some(role) < permit::AccountsCopy::PERMISSION.least() {
        Some(Code::PermissionDenied)
    } else if !are_of_one_organisation(here, there) || policy == CrossWorkspace::Forbid {
        Some(Code::CrossWorkspaceForbidden)
    } else if here.locked_down.or(there.locked_down).is_some() {
        Some(Code::WorkspaceLockedDown)
    } else if existing.is_some_and(|account| account.lifecycle == Lifecycle::Active) {
        Some(Code::AlreadyInWorkspace)
    } else {
        None
    }
}

/// A workspace that was told no organisation yet is of the one that its caller's token names.
fn are_of_one_organisation(here: &Workspace, there: &Workspace) -> bool {
    let alone = |workspace: &Workspace| workspace.org == OrgId::from(&workspace.id);
    here.org == there.org || alone(there) && !alone(here)
}

fn refusal(code: Code, here: &Workspace, there: &Workspace) -> Refusal {
    match code {
        Code::PermissionDenied => {
            let least = permit::AccountsCopy::PERMISSION.least().map_or("nobody", Role::as_str);
            Refusal::new(code, format!("Copying takes the role {least} in {} too.", there.id))
        }
        Code::CrossWorkspaceForbidden if !are_of_one_organisation(here, there) => {
            Refusal::new(code, format!("{} belongs to another organisation.", there.id))
        }
        Code::AlreadyInWorkspace => Refusal::new(code, format!("The account is connected in {} already.", there.id)),
        code => Refusal::plain(code),
    }
}

/// Those of the workspaces that have an account beside which it may be connected in this one too, by the policies of both.
pub(crate) async fn letting<'a>(
    services: &Services,
    here: &Workspace,
    holders: impl IntoIterator<Item = &'a WorkspaceId>,
) -> Result<BTreeSet<WorkspaceId>, Fault> {
    let mut letting = BTreeSet::new();
    if here.policies().cross_workspace != CrossWorkspace::Allow {
        return Ok(letting);
    }
    let holders: BTreeSet<&WorkspaceId> = holders.into_iter().collect();
    for holder in holders {
        let there = services.store.find_workspace(holder, &here.org).await?;
        if there.policies().cross_workspace == CrossWorkspace::Allow {
            letting.insert(holder.clone());
        }
    }
    Ok(letting)
}
