//! Keeping a workspace's suspended accounts in step with its plan. Nothing is deleted and nothing disconnected: whoever
//! has no place is suspended, and comes back when there is one.
//!
//! Whoever moves a limit or frees a place marks the workspace in their own transaction and settles it then; what they
//! leave is found through the due index.

use domain::{
    Account, EpisodeId, Event, Fault, OrgId, Timestamp, Workspace, WorkspaceId,
    health::{Cause, Suspended, Suspender},
    plan::{ranked, seats},
};
use serde_json::json;
use store::{Committed, Due, DueItem, MOST_TOLD};
use tokio::time::Instant;

use crate::{Services, deliver};

/// How often all is judged again when others change the same records.
const TRIES: u32 = 24;
/// How many workspaces are read at a time.
const PAGE: usize = 100;

/// An account before and after.
type Change = (Account, Account);

/// Brings the workspace in step, and says how many are suspended then; nothing if others kept changing it, and the rest
/// is left to whoever is next.
async fn settle(services: &Services, id: &WorkspaceId) -> Result<Option<u32>, Fault> {
    let org = OrgId::from(id);
    'again: for _ in 0..TRIES {
        let mut workspace = services.store.find_workspace(id, &org).await?;
        if !workspace.settlement.open {
            return Ok(Some(workspace.suspended));
        }
        let accounts = services.store.find_connected(id).await?;
        let changes = judge(services, &workspace, &accounts);
        for part in changes.chunks(MOST_TOLD) {
            let now = services.now();
            let (part, events) = turned(services, part, now);
            if services.store.settle_plan(&workspace, &part, &events, now).await? != Committed::Done {
                continue 'again;
            }
            workspace.settlement.step += 1;
            deliver::publish(services, &events).await;
        }
        // What moved meanwhile is seen by reading again.
        if changes.is_empty() && services.store.plan_settled(&workspace).await? {
            return Ok(Some(workspace.suspended));
        }
    }
    Ok(None)
}

/// The same for whoever has done their own work: what fails now is done later.
pub(crate) async fn settle_now(services: &Services, id: &WorkspaceId) -> Option<u32> {
    let settled = settle(services, id).await.unwrap_or_else(|fault| {
        tracing::error!(%fault, workspace = %id, "settling the plan");
        None
    });
    if settled.is_none() {
        tracing::warn!(workspace = %id, "the plan is settled later");
    }
    settled
}

/// Settles what was left; answers with how many workspaces that were.
pub(crate) async fn work_off(services: &Services, until: Instant) -> Result<usize, Fault> {
    let mut settled = 0;
    for item in services.store.list_due(Due::Plan, services.now(), PAGE).await? {
        let DueItem::Plan(id) = item else { continue };
        if Instant::now() >= until {
            break;
        }
        settle_now(services, &id).await;
        settled += 1;
    }
    Ok(settled)
}

/// Which accounts are to be suspended, and which to come back: who goes first.
fn judge(services: &Services, workspace: &Workspace, accounts: &[Account]) -> Vec<Account> {
    let order = ranked(workspace, &workspace.settlement.keep, accounts);
    let (placed, left_out) = seats(&order, workspace.bounds(&services.plans));
    let leaving = left_out.into_iter().rev().filter(|account| !account.is_over_plan());
    let returning = placed.into_iter().filter(|account| account.is_over_plan());
    leaving.chain(returning).cloned().collect()
}

/// Each account the other way round, with what is told of it.
fn turned(services: &Services, accounts: &[Account], now: Timestamp) -> (Vec<Change>, Vec<Event>) {
    let turn = |before: &Account| {
        let (kind, from, suspended) = match before.suspended {
            Some(Suspended { since, .. }) => ("account.recovered", since, None),
            None => ("account.suspended", now, Some(Suspended { by: Suspender::Plan, since: now })),
        };
        let mut after = Account { suspended, version: before.version + 1, ..before.clone() };
        after.known_since(before, now);
        let cause = Cause::SuspendedByPlan.as_str();
        let word = if suspended.is_some() { "reason" } else { "from" };
        let event = services.account_event(now, &mut after, kind, json!({word: cause, "since": from}));
        ((before.clone(), after), Event { episode_id: Some(EpisodeId::of(before.id, cause, from)), ..event })
    };
    accounts.iter().map(turn).unzip()
}
