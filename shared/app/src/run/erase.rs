//! Erasing a workspace: it is locked, everything is disconnected and revoked, what names it elsewhere in the table goes,
//! then its own partition, and at last the record that locked it and the run itself.
//!
//! Every part is gone through until a pass finds nothing. Tokens are destroyed with the revocation that they are kept
//! for, after seven days at the latest.

use domain::{
    AccountId, Allowed, Code, Error, Event, Fault, Grant, GrantId, Lifecycle, Run, RunId, Timestamp, WorkspaceId,
    actor::permit, grant::GrantState, run::Work,
};
use serde_json::json;
use store::{AccountFilter, IdempotencyKey, Named, Place, Stretch};
use vault::Kept;

use super::{
    By, Step, TRIES,
    lockdown::{Owed, owed},
    pass_over, whole,
};
use crate::{
    Once, Services,
    connect::abandoned,
    deliver, disconnect,
    idempotency::once,
    workspace::{only_if, own},
};

/// Parts of the work.
const DISCONNECTING: u8 = 0;
const ELSEWHERE: u8 = 1;
const OWN: u8 = 2;
const LAST: u8 = 3;

/// How many accounts are disconnected in one step.
const LEFT: usize = 20;
/// How many items of the table are read in one step.
const PART: i32 = 1000;

/// Begins to erase the caller's workspace. Who finds that begun is told of the same run.
pub async fn erase(
    services: &Services,
    actor: &Allowed<permit::WorkspaceErase>,
    workspace: &WorkspaceId,
    if_match: Option<u64>,
    key: Option<IdempotencyKey>,
) -> Result<Once<RunId>, Error> {
    own(actor, workspace)?;
    whole(actor)?;
    once(services, key, |ending| async move {
        for _ in 0..TRIES {
            let found = services.store.find_workspace(&actor.workspace, &actor.org).await?;
            only_if(if_match, &found)?;
            if let Some(there) = found.locked_down {
                let run = services.store.find_run(&found.id, there.into()).await?;
                if let Some(run) = run.filter(|run| run.work == Work::Erase) {
                    ending.amend(services, &run.id).await?;
                    return Ok(run.id);
                }
            }
            let run = super::new(services, actor, &found, Work::Erase);
            if super::begin(services, &run, Some(&found), &[], ending.with(&run.id)?).await? {
                return Ok(run.id);
            }
        }
        Err(Code::Busy.into())
    })
    .await
}

pub(super) async fn step(services: &Services, run: &mut Run, by: By) -> Result<Step, Fault> {
    (run.progress.step, run.progress.of) = (run.phase.into(), 4);
    match run.phase {
        DISCONNECTING => disconnect(services, run).await,
        // Only the sweep may read all of the table and destroy tokens.
        _ if by == By::Request => Ok(Step::Later),
        ELSEWHERE => elsewhere(services, run).await,
        OWN => partition(services, run).await,
        _ => last(services, run).await,
    }
}

/// Disconnects some accounts; the next step goes on behind them.
async fn disconnect(services: &Services, run: &mut Run) -> Result<Step, Fault> {
    "disconnecting".clone_into(&mut run.progress.label);
    let filter = AccountFilter { lifecycle: Some(Lifecycle::Active), ..AccountFilter::default() };
    let after: Option<AccountId> = run.after.as_ref().and_then(|id| id.parse().ok());
    let page = services
        .store
        .list_accounts(&run.workspace, &run.org, &filter, Stretch { after, newest_first: false, limit: LEFT }, |_| true)
        .await?;
    for account in &page.accounts {
        run.after = Some(account.id.to_string());
        let gone = disconnect::by_ourselves(services, &run.workspace, &run.org, account.id, "erasure");
        match Box::pin(gone).await {
            Ok(_) => run.count("disconnected", 1),
            Err(fault) => {
                tracing::error!(%fault, account = %account.id, "an erasure comes back to it");
                run.leave(None);
            }
        }
    }
    Ok(if page.more { Step::On } else { pass_over(run, ELSEWHERE, services.now()) })
}

/// Goes through a part of the table for what names the workspace outside of its partition.
async fn elsewhere(services: &Services, run: &mut Run) -> Result<Step, Fault> {
    "revoking".clone_into(&mut run.progress.label);
    let odd = |error: serde_json::Error| Fault::Inconsistent(error.to_string());
    let after: Option<Place> = run.after.as_ref().map(|text| serde_json::from_str(text)).transpose().map_err(odd)?;
    let (found, next) = services.store.scan_workspace(&run.workspace, after.as_ref(), PART).await?;
    for one in found {
        forget(services, run, one).await?;
    }
    run.after = next.map(|place| serde_json::to_string(&place)).transpose().map_err(odd)?;
    if run.after.is_some() {
        return Ok(Step::On);
    }
    let now = services.now();
    let over = pass_over(run, OWN, now);
    Ok(at_once(over, now))
}

async fn forget(services: &Services, run: &mut Run, one: Named) -> Result<(), Fault> {
    match one {
        // Accounts of other workspaces live on it.
        Named::Grant(grant) if !goes(&grant) => {
            services.store.rehome(&grant).await?;
            // Another pass shows whether that was all.
            run.leave(Some(services.now()));
        }
        Named::Grant(grant) => match owed(services, grant.id, services.now()).await? {
            Owed::Over(_) => run.count("consents", 1),
            Owed::Until(at) => run.leave(Some(at)),
        },
        Named::Session(id) => {
            abandoned::end(services, id).await?;
            services.store.erase_session(id).await?;
            run.count("sessions", 1);
        }
        Named::Held(id) => {
            if services.store.find_session(id).await?.is_some() {
                abandoned::end(services, id).await?;
            } else {
                let kept = Kept { grant: GrantId::from(id), changed_at: services.now() };
                services.vault.destroy(&kept).await?;
                services.store.delete_held(id).await?;
            }
        }
        Named::Other(place) => {
            services.store.erase_at(&place).await?;
            run.count("items", 1);
        }
    }
    Ok(())
}

/// Whether a grant goes with the workspace that it was given to: no account of another workspace lives on it.
fn goes(grant: &Grant) -> bool {
    grant.is_left() || matches!(grant.state, GrantState::Revoking { .. })
}

/// Erases a page of the workspace's own partition. What is still to be published is published first.
async fn partition(services: &Services, run: &mut Run) -> Result<Step, Fault> {
    "erasing".clone_into(&mut run.progress.label);
    let now = services.now();
    let swept = services.store.sweep_workspace(run, run.after.as_deref()).await?;
    if swept.erased > 0 {
        // Another pass shows whether it was all.
        run.leave(Some(now));
    }
    run.count("items", swept.erased);
    for change in swept.unpublished {
        deliver::again(services, &run.workspace, change).await?;
        let is_left = services.store.find_unpublished(Some(&run.workspace), change).await?.is_some();
        run.leave(Some(now).filter(|_| !is_left));
    }
    run.after = swept.next;
    if run.after.is_some() {
        return Ok(Step::On);
    }
    let over = pass_over(run, LAST, now);
    Ok(at_once(over, now))
}

/// What can be gone on with at once is.
fn at_once(over: Step, now: Timestamp) -> Step {
    if over == Step::Wait(now) { Step::On } else { over }
}

/// Tells that the workspace is erased, always under the same id, and erases what is left: the lock and the run.
async fn last(services: &Services, run: &mut Run) -> Result<Step, Fault> {
    let data = json!({"run_id": run.id, "accounts": run.counts.get("disconnected").copied().unwrap_or(0),
                      "consents": run.counts.get("consents").copied().unwrap_or(0)});
    let event = services.event(run.created_at, &run.workspace, "workspace.erased", data);
    let event = Event { id: run.id.into(), ..event };
    if let Some(fault) = services.events.publish(&[event]).await.fault {
        return Err(fault);
    }
    let gone = services.store.erase_run(run).await?;
    Ok(if gone { Step::Gone } else { Step::Later })
}
