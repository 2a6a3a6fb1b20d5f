//! Fetching what platforms tell of accounts: profile, followers, figures by day, audience. One run per account at a time;
//! one account's failure stays its own; a lost or doubled trigger is harmless, for what is due is in the index.
//!
//! `plan` decides who goes by what is left of the platforms' budgets, `fetch` asks the platform, `save` writes what came of
//! it, `ask` is a person's wish, `show` what they are told.

pub mod ask;
pub mod show;

mod fetch;
mod plan;
mod save;

pub(crate) use save::on_record;

use std::{
    collections::{HashMap, HashSet, VecDeque},
    time::Duration,
};

use domain::{Account, AccountId, Error, Fault, Lifecycle, OrgId, Timestamp, Workspace, WorkspaceId};
use futures::{FutureExt as _, StreamExt as _, stream::FuturesUnordered};
use jiff::{SignedDuration, civil::Date};
use platforms::{Entry, Scheduled};
use serde::Serialize;
use store::{Due, DueItem};
use tokio::{sync::Mutex, time::Instant};

use crate::{
    Services,
    budget::{Refused, Taken},
    figures,
};

/// How long one run begins something new: well below the function's own time.
const TIME: Duration = Duration::from_secs(40);
/// How many are read at a time.
const PAGE: usize = 400;
/// How many are fetched at once.
pub const AT_ONCE: usize = 64;
/// How many accounts of one workspace one run takes: a large one does not keep the others waiting.
const OF_ONE_WORKSPACE: usize = 2000;
/// How long figures are kept where nobody decided that: 25 months.
const KEPT_DAYS: i64 = 761;

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Accounts that were due.
    pub due: usize,
    /// Everything that was due of them was fetched.
    pub succeeded: usize,
    /// A part of it was.
    pub partial: usize,
    /// Nothing was.
    pub failed: usize,
    /// They wait: for their platform, or for what may be spent on it.
    pub deferred: usize,
    /// Somebody else was at them, or they are no longer connected.
    pub passed: usize,
    /// Calls to platforms.
    pub calls: usize,
    /// Whether it stopped before everything was done.
    pub unfinished: bool,
}

/// What became of one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Did {
    Succeeded,
    Partial,
    Failed,
    Deferred,
    Passed,
}

/// Whether anything is fetched of accounts that are connected so.
pub(crate) fn is_fetched(entry: &Entry) -> bool {
    // Of a platform of the operator's own nothing is known but who signs in.
    !entry.by_kind.is_empty()
}

/// How often an account's data is fetched: as its workspace decided, or as its platform's price and limits suggest.
pub(crate) fn interval(entry: &Entry, account: &Account) -> SignedDuration {
    let decided = account.settings.sync_interval_minutes.map(|minutes| SignedDuration::from_mins(minutes.into()));
    decided.unwrap_or_else(|| usual(entry))
}

/// How often data is fetched where nobody decided that.
pub(crate) fn usual(entry: &Entry) -> SignedDuration {
    SignedDuration::from_mins(entry.sync.interval_minutes.into())
}

/// Whether figures are fetched without being asked for.
pub(crate) fn is_measured(entry: &Entry) -> bool {
    entry.sync.metrics == Scheduled::Daily
}

/// The day of a moment in a workspace.
pub(crate) fn day(workspace: &Workspace, at: Timestamp) -> Date {
    figures::zone(workspace).day(at)
}

/// For how many days a workspace's figures are kept.
pub(crate) fn kept_days(workspace: &Workspace) -> i64 {
    workspace.policies().retention.metrics_days.map_or(KEPT_DAYS, i64::from)
}

/// Until when a workspace's figures of a moment are kept.
pub(crate) fn kept_until(workspace: &Workspace, at: Timestamp) -> Timestamp {
    at + SignedDuration::from_hours(24 * kept_days(workspace))
}

/// What the runs of one call have in common.
struct Batch<'a> {
    services: &'a Services,
    until: Instant,
    workspaces: Mutex<HashMap<WorkspaceId, Workspace>>,
}

impl Batch<'_> {
    /// An account's workspace, read once.
    async fn workspace(&self, id: &WorkspaceId) -> Result<Workspace, Fault> {
        let mut workspaces = self.workspaces.lock().await;
        if let Some(workspace) = workspaces.get(id) {
            return Ok(workspace.clone());
        }
        let workspace = self.services.store.glance_workspace(id, &OrgId::from(id)).await?;
        workspaces.insert(id.clone(), workspace.clone());
        Ok(workspace)
    }
}

/// What there is to do.
enum Task<'a> {
    /// The next page is read.
    Read(Box<Pages<'a>>),
    /// An account is fetched; what was taken for it is at that place.
    Fetch(Box<Account>, usize),
    /// It waits, and perhaps somebody for it.
    PutOff { account: Box<Account>, refused: Refused, is_asked: bool },
    /// It is no longer there, or gets what is fetched for a copy of it.
    Pass,
}

/// What was done.
enum Done<'a> {
    /// A page was read, of accounts that are to be worked on; none at the end.
    Read(Box<Pages<'a>>, Result<Vec<Task<'a>>, Fault>),
    /// Of an account this, with so many calls.
    Was(Did, usize),
    /// There was no time for an account; what was taken for it is at that place.
    NotBegun(usize),
}

/// What is due, page by page, each account once.
struct Pages<'a> {
    batch: &'a Batch<'a>,
    kind: Due,
    seen: HashSet<AccountId>,
    of_workspace: HashMap<WorkspaceId, usize>,
    /// How many of the last page are due still, or are being worked on.
    left: usize,
    /// What was taken of the budgets.
    taken: Vec<(plan::Group, Taken)>,
}

/// Fetches what is due: first what somebody waits for, then the rest, the longest due before the others.
pub async fn sync(services: &Services) -> Result<Report, Error> {
    let batch = Batch { services, until: Instant::now() + TIME, workspaces: Mutex::default() };
    let mut report = Report::default();
    let mut not_begun: HashMap<usize, usize> = HashMap::new();
    let (mut read, mut trouble) = (None, None);
    let mut waiting = VecDeque::from([Task::Read(Box::new(Pages::new(&batch)))]);
    let mut under_way = FuturesUnordered::new();
    loop {
        while under_way.len() < AT_ONCE
            && let Some(task) = waiting.pop_front()
        {
            under_way.push(work(&batch, task).boxed());
        }
        match under_way.next().await {
            // The next page is read while the last ones of this one are on their way.
            Some(Done::Read(pages, Ok(tasks))) if !tasks.is_empty() => {
                waiting.extend(tasks);
                waiting.push_back(Task::Read(pages));
            }
            Some(Done::Read(pages, end)) => (read, trouble) = (Some(pages), end.err()),
            Some(Done::Was(did, calls)) => report.count(did, calls),
            Some(Done::NotBegun(place)) => *not_begun.entry(place).or_default() += 1,
            None => break,
        }
    }
    report.due += not_begun.values().sum::<usize>();
    report.unfinished = Instant::now() >= batch.until;
    if let Some(pages) = read {
        plan::give_back(services, &pages.taken, &not_begun).await?;
    }
    match trouble {
        Some(fault) => Err(fault.into()),
        None => Ok(report),
    }
}

impl<'a> Pages<'a> {
    fn new(batch: &'a Batch<'a>) -> Self {
        let (seen, of_workspace, taken) = (HashSet::new(), HashMap::new(), Vec::new());
        Self { batch, kind: Due::SyncAsked, seen, of_workspace, left: 0, taken }
    }

    /// The next page; none at the end, or where there is no time for it.
    async fn next(&mut self) -> Result<Vec<Task<'a>>, Fault> {
        while Instant::now() < self.batch.until {
            let due = self.due().await?;
            if !due.is_empty() {
                return self.tasks(&due).await;
            }
            if self.kind == Due::Sync {
                break;
            }
            (self.kind, self.left) = (Due::Sync, 0);
        }
        Ok(Vec::new())
    }

    /// What is due and was not seen yet.
    async fn due(&mut self) -> Result<Vec<(WorkspaceId, AccountId)>, Fault> {
        let services = self.batch.services;
        // What is due still does not hide the rest.
        let found = services.store.list_due(self.kind, services.now(), PAGE + self.left).await?;
        let found_now = found.len();
        let mut due = Vec::new();
        for item in found {
            let DueItem::Sync(account, workspace) = item else { continue };
            let of_workspace = self.of_workspace.entry(workspace.clone()).or_default();
            if *of_workspace < OF_ONE_WORKSPACE && self.seen.insert(account) {
                *of_workspace += 1;
                due.push((workspace, account));
            }
        }
        self.left = found_now - due.len() + AT_ONCE;
        Ok(due)
    }

    /// What is to be done about them, by what the budgets let.
    async fn tasks(&mut self, due: &[(WorkspaceId, AccountId)]) -> Result<Vec<Task<'a>>, Fault> {
        let services = self.batch.services;
        let accounts = services.store.find_accounts_of_all(due).await?;
        let plan = plan::plan(services, accounts).await?;
        let first = self.taken.len();
        self.taken.extend(plan.taken);
        // Nothing was taken for what does not ask, whose place is none.
        let fetch = |(account, place): (Account, usize)| Task::Fetch(Box::new(account), place.saturating_add(first));
        let mut tasks: Vec<Task<'a>> = plan.go.into_iter().map(fetch).collect();
        let is_asked = self.kind == Due::SyncAsked;
        let put_off = |(account, refused)| Task::PutOff { account: Box::new(account), refused, is_asked };
        tasks.extend(plan.wait.into_iter().map(put_off));
        tasks.resize_with(due.len().max(tasks.len()), || Task::Pass);
        Ok(tasks)
    }
}

/// Does one task, if there is time for it.
async fn work<'a>(batch: &Batch<'_>, task: Task<'a>) -> Done<'a> {
    let mut calls = 0;
    let (id, did) = match task {
        Task::Read(mut pages) => {
            let page = Box::pin(pages.next()).await;
            return Done::Read(pages, page);
        }
        Task::Pass => return Done::Was(Did::Passed, 0),
        Task::Fetch(_, place) if Instant::now() >= batch.until => return Done::NotBegun(place),
        Task::Fetch(account, _) => (account.id, Box::pin(run(batch, *account, &mut calls)).await),
        Task::PutOff { account, refused, is_asked } => {
            (account.id, plan::put_off(batch, *account, &refused, is_asked).await.map(|()| Did::Deferred))
        }
    };
    let did = did.unwrap_or_else(|fault| {
        tracing::error!(%fault, account = %id, "sync");
        Did::Failed
    });
    Done::Was(did, calls)
}

/// One run: it holds the account's fetching, asks the platform, and writes what came of it.
async fn run(batch: &Batch<'_>, account: Account, calls: &mut usize) -> Result<Did, Fault> {
    let services = batch.services;
    let now = services.now();
    let Some(mut held) = services.store.hold_sync(&account, now).await? else { return Ok(Did::Passed) };
    let workspace = batch.workspace(&account.workspace).await?;
    let mut progress = save::Progress::begin(services, &workspace, &account, &held.sync).await?;
    let is_gone = account.lifecycle != Lifecycle::Active || workspace.locked_down.is_some();
    if is_gone {
        // Whoever connects it again has it fetched again.
        return save::stop(services, account, &mut held, &mut progress).await;
    }
    let is_held_back = account.suspended.is_some() || account.grant_facts.dead.is_some();
    let fetched = if is_held_back {
        fetch::Outcome::held_back(&account)
    } else {
        Box::pin(fetch::fetch(services, &workspace, &account, &held.sync, &mut progress)).await?
    };
    *calls += fetched.calls();
    let did = Box::pin(save::save(batch, &workspace, &account, &mut held, &fetched, &mut progress)).await?;
    if let fetch::Outcome::Got(got) = &fetched {
        Box::pin(save::copies(batch, &account, got)).await?;
    }
    Ok(did)
}

impl Report {
    fn count(&mut self, did: Did, calls: usize) {
        self.due += 1;
        self.calls += calls;
        *match did {
            Did::Succeeded => &mut self.succeeded,
            Did::Partial => &mut self.partial,
            Did::Failed => &mut self.failed,
            Did::Deferred => &mut self.deferred,
            Did::Passed => &mut self.passed,
        } += 1;
    }
}
