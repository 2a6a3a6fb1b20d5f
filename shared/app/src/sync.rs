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
    collections::{BTreeMap, HashMap, HashSet},
    time::Duration,
};

use domain::{Account, AccountId, Error, Fault, Lifecycle, OrgId, Timestamp, Workspace, WorkspaceId, sync::Trigger};
use futures::{StreamExt as _, stream};
use jiff::{SignedDuration, civil::Date};
use platforms::{Entry, Scheduled};
use serde::Serialize;
use store::{Due, DueItem};
use tokio::{sync::Mutex, time::Instant};

use crate::{Services, figures};

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

/// Fetches what is due: first what somebody waits for, then the rest, the longest due before the others.
pub async fn sync(services: &Services) -> Result<Report, Error> {
    let batch = Batch { services, until: Instant::now() + TIME, workspaces: Mutex::default() };
    let mut report = Report::default();
    let mut taken = HashMap::new();
    for kind in [Due::SyncAsked, Due::Sync] {
        drain(&batch, kind, &mut taken, &mut report).await?;
    }
    Ok(report)
}

/// Works off one kind, page by page, each account once.
async fn drain(
    batch: &Batch<'_>,
    kind: Due,
    taken: &mut HashMap<WorkspaceId, usize>,
    report: &mut Report,
) -> Result<(), Fault> {
    let services = batch.services;
    let mut seen: HashSet<AccountId> = HashSet::new();
    let mut left = 0;
    while !report.unfinished {
        // What stays due after it was worked on, or is left for the next run, does not hide the rest.
        let found = services.store.list_due(kind, services.now(), PAGE + left).await?;
        let found_now = found.len();
        let mut page: BTreeMap<WorkspaceId, Vec<AccountId>> = BTreeMap::new();
        for item in found {
            let DueItem::Sync(account, workspace) = item else { continue };
            let of_workspace = taken.entry(workspace.clone()).or_default();
            if seen.insert(account) && *of_workspace < OF_ONE_WORKSPACE {
                *of_workspace += 1;
                page.entry(workspace).or_default().push(account);
            }
        }
        let wanted: usize = page.values().map(Vec::len).sum();
        if wanted == 0 {
            break;
        }
        left = found_now - wanted;
        report.due += wanted;
        let mut accounts = Vec::new();
        for (workspace, ids) in &page {
            accounts.extend(services.store.find_accounts(workspace, ids).await?);
        }
        report.passed += wanted - accounts.len();
        let found = accounts.len();
        let plan = plan::plan(services, accounts).await?;
        report.passed += found - plan.go.len() - plan.wait.len();
        let is_asked = kind == Due::SyncAsked;
        for (account, refused) in plan.wait {
            plan::put_off(batch, account, &refused, is_asked).await?;
            report.deferred += 1;
        }
        let mut left_of: HashMap<usize, usize> = HashMap::new();
        let go = stream::iter(plan.go).map(|(account, taken)| Box::pin(one(batch, account, taken)));
        let mut all = go.buffer_unordered(AT_ONCE);
        while let Some((taken, done)) = all.next().await {
            if let Some((did, calls)) = done {
                report.count(did, calls);
            } else {
                report.unfinished = true;
                *left_of.entry(taken).or_default() += 1;
            }
        }
        drop(all);
        plan::give_back(services, &plan.taken, &left_of).await?;
    }
    Ok(())
}

/// Fetches one account's data, if there is time for it; answers with the place of what was taken for it.
async fn one(batch: &Batch<'_>, account: Account, taken: usize) -> (usize, Option<(Did, usize)>) {
    if Instant::now() >= batch.until {
        return (taken, None);
    }
    let id = account.id;
    let mut calls = 0;
    let did = Box::pin(run(batch, account, &mut calls)).await.unwrap_or_else(|fault| {
        tracing::error!(%fault, account = %id, "sync");
        Did::Failed
    });
    (taken, Some((did, calls)))
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

/// Why a run is, where nobody asked for it.
fn trigger(sync: &domain::Sync) -> Trigger {
    sync.asked.as_ref().map_or(Trigger::Scheduled, |asked| asked.trigger)
}
