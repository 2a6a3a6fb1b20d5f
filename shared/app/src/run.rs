//! Long work: begun by a request, worked off in small steps that may be done twice, by whoever holds it. What the request
//! does not get done the sweep finds through the due index; whoever dies is followed when the lease is over.

pub mod export;
pub mod lockdown;

mod erase;
mod purge;

use std::time::Duration;

use domain::{
    Actor, Allowed, Code, Error, Event, Fault, Refusal, Run, RunId, Timestamp, Workspace, WorkspaceId,
    actor::Permit,
    run::{State, Work, wait},
};
use store::{BeginRun, Committed, Due, DueItem, Finish, Part};
use tokio::time::Instant;

pub use erase::erase;
pub use purge::purge;

pub use crate::connect::session::MOST_PATIENCE;
use crate::{Services, account, deliver, idempotency::borrowed};

/// How long a request works on what it began, and when it is stopped in the middle of a step because a platform is slow.
const OF_A_REQUEST: Duration = Duration::from_secs(2);
const AT_MOST: Duration = Duration::from_secs(5);
/// How many are read at a time.
const PAGE: usize = 100;
/// How often one looks who waits for a run: each look reads one item.
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);
/// How often a change is judged again when others change the same records.
const TRIES: u32 = 8;

/// Who is at a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    /// The request that began it: it may not read all of the table.
    Request,
    /// The sweep.
    Sweep,
}

/// What a step came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// There is more to do.
    On,
    /// There is more to do for the sweep.
    Later,
    /// There is more to do at a moment.
    Wait(Timestamp),
    /// All of it is done.
    Done,
    /// All of it is done, and its own record is gone.
    Gone,
}

/// A run of the caller's workspace; with `patience`, as soon as it has ended, or as it is when that is over.
pub async fn get<P: Permit>(
    services: &Services,
    actor: &Allowed<P>,
    id: RunId,
    patience: Duration,
) -> Result<Run, Error> {
    let mut run = find(services, actor, id).await?;
    let mut left = patience.min(MOST_PATIENCE);
    while !left.is_zero() && run.finished_at.is_none() {
        let pause = left.min(BETWEEN_LOOKS);
        tokio::time::sleep(pause).await;
        left = left.saturating_sub(pause);
        run = find(services, actor, id).await?;
    }
    Ok(run)
}

/// The caller's run, or `not_found` for one that is absent or foreign.
async fn find(services: &Services, actor: &Actor, id: RunId) -> Result<Run, Error> {
    let run = services.store.find_run(&actor.workspace, id).await?.ok_or(Code::NotFound)?;
    if let Work::Sync { account, .. } = &run.work {
        account::find_by(services, actor, *account, None).await?;
    }
    Ok(run)
}

/// Refuses a caller whose accounts are narrowed what is about all of them.
fn whole(actor: &Actor) -> Result<(), Refusal> {
    let detail = "Your token is for some accounts only, and this is about all of the workspace.";
    if actor.accounts.is_none() { Ok(()) } else { Err(Refusal::new(Code::PermissionDenied, detail)) }
}

/// A run with a new id.
fn new(services: &Services, actor: &Actor, workspace: &Workspace, work: Work) -> Run {
    let now = services.now();
    Run::new(RunId::new(now, services.entropy.bytes()), actor, workspace.org.clone(), work, now)
}

/// Writes a run down, and works on it at once for a while; `false` if something moved. `locks` is the workspace as it was
/// read, if it is locked down with it.
async fn begin(
    services: &Services,
    run: &Run,
    locks: Option<&Workspace>,
    events: &[Event],
    finish: Option<(Finish, String)>,
) -> Result<bool, Error> {
    let begin = BeginRun { run, locks, events, finish: borrowed(finish.as_ref()), now: services.now() };
    if services.store.begin_run(&begin).await? != Committed::Done {
        return Ok(false);
    }
    deliver::publish(services, events).await;
    let working = Box::pin(work(services, &run.workspace, run.id, By::Request, OF_A_REQUEST));
    match tokio::time::timeout(AT_MOST, working).await {
        Ok(Ok(_)) => {}
        Ok(Err(fault)) => tracing::warn!(%fault, run = %run.id, "it is gone on with later"),
        Err(_) => tracing::warn!(run = %run.id, "it is gone on with when its lease is over"),
    }
    Ok(true)
}

/// Goes on with what is due, until there is no time; says how many runs have ended.
pub(crate) async fn work_off(services: &Services, until: Instant) -> Result<usize, Fault> {
    let mut ended = 0;
    for item in services.store.list_due(Due::Run, services.now(), PAGE).await? {
        let DueItem::Run(id, workspace) = item else { continue };
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        match Box::pin(work(services, &workspace, id, By::Sweep, left)).await {
            Ok(done) => ended += usize::from(done),
            Err(fault) => tracing::error!(%fault, run = %id, "a run"),
        }
    }
    Ok(ended)
}

/// Works on a run as long as there is time, if nobody else does; whether it has ended now.
async fn work(services: &Services, ws: &WorkspaceId, id: RunId, by: By, time: Duration) -> Result<bool, Fault> {
    let until = Instant::now() + time;
    let Some(mut run) = services.store.hold_run(ws, id, services.now()).await? else { return Ok(false) };
    loop {
        let before = run.clone();
        let mut parts = Vec::new();
        let done = Box::pin(step(services, &mut run, &mut parts, by)).await;
        let now = services.now();
        let goes_on = matches!(done, Ok(Step::On)) && Instant::now() < until;
        match done {
            Ok(Step::On) if goes_on => run.keep_hold(now),
            Ok(Step::On | Step::Later) => run.let_go(now),
            Ok(Step::Wait(at)) => run.let_go(at),
            Ok(Step::Done) => run.finish(State::Succeeded, now),
            Ok(Step::Gone) => return Ok(true),
            Err(fault) => {
                tracing::error!(%fault, run = %id, kind = run.work.as_str(), "a step is tried again later");
                (run, parts) = (before, Vec::new());
                run.fail(now);
            }
        }
        if !services.store.save_run(&run, &parts).await? {
            // Somebody else is at it.
            return Ok(false);
        }
        if !goes_on {
            return Ok(run.finished_at.is_some());
        }
    }
}

async fn step(services: &Services, run: &mut Run, parts: &mut Vec<Part>, by: By) -> Result<Step, Fault> {
    match run.work.clone() {
        Work::Lockdown { .. } => lockdown::step(services, run, parts).await,
        Work::Erase => erase::step(services, run, by).await,
        Work::Export { accounts } => export::step(services, run, parts, &accounts).await,
        Work::Purge { account } => purge::step(services, run, account).await,
        Work::Sync { .. } => Err(Fault::Inconsistent(format!("{} is fetched, not worked off", run.id))),
    }
}

/// The end of a pass: what was left waits for another one, else the next part of the work begins.
fn pass_over(run: &mut Run, next: u8, now: Timestamp) -> Step {
    if !run.left {
        run.enter(next);
        return Step::On;
    }
    let at = run.look_at.unwrap_or_else(|| now + wait(1)).max(now);
    run.begin_again();
    Step::Wait(at)
}

/// What was refused to us by ourselves.
fn fault(error: Error) -> Fault {
    match error {
        Error::Fault(fault) => fault,
        Error::Refused(refusal) => Fault::Store(refusal.detail),
    }
}
