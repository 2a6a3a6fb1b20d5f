//! What must happen later, found through the due index. Takes no input; a lost or doubled trigger is harmless.
//!
//! What cannot wait comes first, the longest due before the rest; one item's failure stays its own; it stops in time.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use domain::{Error, Fault, GrantId, WorkspaceId, grant::Work};
use futures::{StreamExt as _, stream};
use serde::Serialize;
use store::{Due, DueItem};
use tokio::time::Instant;

use crate::{
    Services,
    connect::abandoned,
    easyconnect, notice, plan,
    renew::{self, Did, Kept},
    reseal::{Resealed, reseal},
    revoke::{self, Revoked},
    run,
};

/// How long one run begins something new: well below the function's own time.
const TIME: Duration = Duration::from_secs(40);
/// How much of it is for what platforms told: an erasure goes through all of the table.
const NOTICES: Duration = Duration::from_secs(10);
/// How much of it is for long work. It comes before the revocations, so that a run that waits for one makes the call
/// and knows what came of it.
const RUNS: Duration = Duration::from_secs(10);
/// How many items are read at a time, and worked on at once.
const PAGE: usize = 200;
const AT_ONCE: usize = 32;
/// How many items of one workspace one run takes: a large one does not keep the others waiting.
const OF_ONE_WORKSPACE: usize = 400;

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Living grants that something was due about.
    pub grants: Grants,
    /// Ended grants that were due to be revoked.
    pub revocations: Revocations,
    /// What platforms told by themselves and was left over, worked off.
    pub notices: usize,
    /// Long work that has ended.
    pub runs: usize,
    /// Workspaces that were not in step with their plan, settled.
    pub plans: usize,
    /// Links whose time is over, told of.
    pub links: usize,
    /// Consents that nobody chose from, destroyed.
    pub abandoned: usize,
    /// What the daily pass over all grants did.
    pub pass: Resealed,
    /// Whether it stopped before everything was done.
    pub unfinished: bool,
}

/// Living grants, by what was done about them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Grants {
    /// Found due.
    pub due: usize,
    /// They have new tokens.
    pub renewed: usize,
    /// They were looked at, or warned of, and are as they should be.
    pub looked: usize,
    /// They go on with a living access token, for their refresh token may be spent.
    pub uncertain: usize,
    /// They could not be renewed and are tried again.
    pub failed: usize,
    /// They were left alone: their platform is in trouble, or somebody else was at them.
    pub postponed: usize,
    /// They were found dead.
    pub died: usize,
}

/// Ended grants, by what became of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Revocations {
    /// Found due.
    pub due: usize,
    /// Confirmed by the platform.
    pub revoked: usize,
    /// Not to be revoked, or without a call for it.
    pub closed: usize,
    /// To be tried again.
    pub pending: usize,
    /// Given up.
    pub failed: usize,
}

/// What became of one item.
enum Done {
    Kept(Option<Did>),
    Revoked(Option<Revoked>),
    Broken(Work),
}

/// Works off what is due.
pub async fn sweep(services: &Services) -> Result<Report, Error> {
    let until = Instant::now() + TIME;
    let mut report = Report::default();
    let mut taken: HashMap<WorkspaceId, usize> = HashMap::new();
    report.notices = notice::work_off(services, Instant::now() + NOTICES).await?;
    report.runs = run::work_off(services, Instant::now() + RUNS).await?;
    for work in [Work::Renew, Work::Revoke, Work::Check] {
        drain(services, work, until, &mut taken, &mut report).await?;
    }
    report.plans = plan::work_off(services, until).await?;
    report.links = easyconnect::expiry::work_off(services, until).await?;
    report.abandoned = abandoned::purge(services, until).await?;
    report.pass = reseal(services, until).await?;
    Ok(report)
}

/// Works off one kind, page by page, each item once.
async fn drain(
    services: &Services,
    work: Work,
    until: Instant,
    taken: &mut HashMap<WorkspaceId, usize>,
    report: &mut Report,
) -> Result<(), Fault> {
    let mut seen: HashSet<GrantId> = HashSet::new();
    let mut left = 0;
    loop {
        // What stays due after it was worked on, or is left for the next run, does not hide the rest.
        let found = services.store.list_due(Due::Grant(work), services.now(), PAGE + left).await?;
        let found_now = found.len();
        let mut page = Vec::new();
        for item in found {
            let DueItem::Grant(grant, workspace) = item else { continue };
            let of_workspace = taken.entry(workspace).or_default();
            if seen.insert(grant) && *of_workspace < OF_ONE_WORKSPACE {
                *of_workspace += 1;
                page.push(grant);
            }
        }
        if page.is_empty() {
            break;
        }
        left = found_now - page.len();
        let mut all = stream::iter(page).map(|grant| one(services, work, grant, until)).buffer_unordered(AT_ONCE);
        while let Some(done) = all.next().await {
            match done {
                Some(done) => report.count(&done),
                None => report.unfinished = true,
            }
        }
        if report.unfinished {
            break;
        }
    }
    Ok(())
}

/// Works on one item, if there is time for it.
async fn one(services: &Services, work: Work, grant: GrantId, until: Instant) -> Option<Done> {
    if Instant::now() >= until {
        return None;
    }
    let done = match work {
        Work::Renew | Work::Check => {
            renew::keep(services, grant).await.map(|kept: Option<Kept>| Done::Kept(kept.map(|k| k.did)))
        }
        Work::Revoke => revoke::revoke(services, grant).await.map(Done::Revoked),
    };
    Some(done.unwrap_or_else(|fault| {
        tracing::error!(%fault, %grant, ?work, "sweep");
        Done::Broken(work)
    }))
}

impl Report {
    fn count(&mut self, done: &Done) {
        let (grants, revocations) = (&mut self.grants, &mut self.revocations);
        match done {
            Done::Kept(_) | Done::Broken(Work::Renew | Work::Check) => grants.due += 1,
            Done::Revoked(_) | Done::Broken(Work::Revoke) => revocations.due += 1,
        }
        let counted = match done {
            Done::Kept(Some(Did::Renewed)) => &mut grants.renewed,
            Done::Kept(Some(Did::Looked | Did::Nothing | Did::Dead)) => &mut grants.looked,
            Done::Kept(Some(Did::Endured)) => &mut grants.uncertain,
            Done::Kept(Some(Did::Failed { .. })) | Done::Broken(Work::Renew | Work::Check) => &mut grants.failed,
            Done::Kept(Some(Did::Postponed { .. }) | None) => &mut grants.postponed,
            Done::Kept(Some(Did::Died)) => &mut grants.died,
            Done::Revoked(Some(Revoked::Revoked)) => &mut revocations.revoked,
            Done::Revoked(Some(Revoked::Pending)) | Done::Broken(Work::Revoke) => &mut revocations.pending,
            Done::Revoked(Some(Revoked::Failed)) => &mut revocations.failed,
            Done::Revoked(Some(Revoked::Unsupported | Revoked::SkippedSharedGrant) | None) => &mut revocations.closed,
        };
        *counted += 1;
    }
}
