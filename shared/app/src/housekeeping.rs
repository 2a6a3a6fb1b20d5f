//! The daily round over all of the table, a part at a time: what is told regularly, what is kept too long, and what is
//! left of what is gone. Takes no input; a lost or doubled trigger is harmless.
//!
//! It goes on where it stopped, and a part that is not done to its end is begun again: each step can be done twice.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    time::Duration,
};

use domain::{AccountId, Error, Fault, Granularity, OrgId, Timestamp, Workspace, WorkspaceId, series::earlier};
use jiff::SignedDuration;
use serde::Serialize;
use store::{Lies, Place, Round, What};
use tokio::time::Instant;

use crate::{Services, audit, deliver, figures, report, sync};

/// How long one run begins something new: well below the function's own time.
const TIME: Duration = Duration::from_secs(40);
/// How many items are read at a time.
const ITEMS: i32 = 500;
/// The table erases what is out of date by itself, mostly within two days. What then is still there is erased here.
const LATE: SignedDuration = SignedDuration::from_hours(48);

/// How much one run does at most; a part is always done.
#[derive(Debug, Clone, Copy)]
pub struct Share {
    /// So long it begins something new.
    pub time: Duration,
    /// So many items are a part.
    pub items: i32,
}

impl Default for Share {
    fn default() -> Self {
        Self { time: TIME, items: ITEMS }
    }
}

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Items that it looked at.
    pub items: usize,
    /// Rounds that it ended.
    pub rounds: usize,
    /// Weekly digests that it told.
    pub digests: usize,
    /// Workspaces whose last month it kept.
    pub months: usize,
    /// Figures that were older than their workspace keeps them, erased.
    pub figures: usize,
    /// Records of who did what, the same.
    pub audit: usize,
    /// What was out of date and still there, erased, by what it was.
    pub ended: BTreeMap<&'static str, usize>,
    /// What belonged to accounts that are gone, erased.
    pub orphans: usize,
    /// What could not be done, and is tried again in the next round.
    pub failed: usize,
    /// When the next round begins.
    pub next_at: Timestamp,
    /// Whether it stopped before the end of a round.
    pub unfinished: bool,
    /// Whether something long was begun.
    #[serde(skip)]
    began: bool,
}

/// Goes on with the round until it is through, or the time is over.
pub async fn housekeeping(services: &Services) -> Result<Report, Error> {
    within(services, Share::default()).await
}

/// The same, as much as is told.
pub async fn within(services: &Services, share: Share) -> Result<Report, Error> {
    let until = Instant::now() + share.time;
    let mut report = Report::default();
    let mut round = services.store.find_round().await?;
    while round.place.is_some() || services.now() >= round.next_at {
        let mut next = Round { version: round.version + 1, ..round.clone() };
        if round.place.is_none() {
            next.next_at = midnight(services.now());
        }
        let (lies, place) = services.store.scan(round.place.as_ref(), share.items).await?;
        report.items += lies.len();
        let through = Part { services, until, report: &mut report, workspaces: HashMap::new() }.work(lies).await?;
        next.place = place;
        // Whoever else is at it goes on.
        if !through || !services.store.put_round(&round, &next).await? {
            report.unfinished = !through;
            break;
        }
        round = next;
        report.rounds += usize::from(round.place.is_none());
        if Instant::now() >= until {
            report.unfinished = round.place.is_some();
            break;
        }
    }
    report.next_at = round.next_at;
    Ok(report)
}

/// The end of a day in UTC: every zone has its Monday at some of these.
fn midnight(now: Timestamp) -> Timestamp {
    const DAY: i64 = 24 * 3600;
    let next = (now.as_second().div_euclid(DAY) + 1) * DAY;
    Timestamp::from_second(next).unwrap_or(Timestamp::MAX)
}

/// Some items of the table.
struct Part<'a> {
    services: &'a Services,
    until: Instant,
    report: &'a mut Report,
    /// Their workspaces, each read once.
    workspaces: HashMap<WorkspaceId, Workspace>,
}

impl Part<'_> {
    /// Does what is to be done about them; `false` if the time is over before.
    async fn work(mut self, lies: Vec<Lies>) -> Result<bool, Fault> {
        let late = self.services.now() - LATE;
        let (ended, lies): (Vec<Lies>, Vec<Lies>) =
            lies.into_iter().partition(|lies| lies.ends_at.is_some_and(|at| at < late));
        for Lies { place, kind, .. } in &ended {
            if self.services.store.erase_ended(place, late).await? {
                *self.report.ended.entry(kind).or_default() += 1;
            }
        }
        let gone = self.gone(&lies).await?;
        for Lies { place, what, .. } in lies {
            match what {
                What::Workspace(ws) => match Box::pin(self.tell(&ws)).await {
                    Ok(true) => {}
                    Ok(false) => return Ok(false),
                    Err(fault) => {
                        tracing::error!(%fault, workspace = %ws, "housekeeping");
                        self.report.failed += 1;
                    }
                },
                What::Beside(_, id, _) if gone.contains(&id) => {
                    self.erase(&place).await?;
                    self.report.orphans += 1;
                }
                What::Beside(ws, _, Some(day)) => {
                    let now = self.services.now();
                    let workspace = self.workspace(&ws).await?;
                    let today = figures::zone(workspace).day(now);
                    if day < earlier(today, sync::kept_days(workspace)) {
                        self.erase(&place).await?;
                        self.report.figures += 1;
                    }
                }
                What::Audit(ws, at) => {
                    let kept = audit::kept(self.workspace(&ws).await?);
                    if at + kept < self.services.now() {
                        self.erase(&place).await?;
                        self.report.audit += 1;
                    }
                }
                What::Beside(_, _, None) | What::Account(..) | What::Other => {}
            }
        }
        Ok(true)
    }

    /// Tells a workspace of its week, and keeps its month, where that is due; `false` if the time is over before.
    async fn tell(&mut self, ws: &WorkspaceId) -> Result<bool, Fault> {
        let services = self.services;
        let now = services.now();
        let workspace = self.workspace(ws).await?;
        // Nothing is told of what is about to be erased.
        if workspace.locked_down.is_some() {
            return Ok(true);
        }
        let zone = figures::zone(workspace);
        let told = services.store.find_told(ws).await?;
        let this_week = Granularity::Week.around(zone.day(now)).first;
        if told.week < Some(this_week) {
            if !self.may_begin() {
                return Ok(false);
            }
            if let Some(event) = report::digest(services, ws).await? {
                let events = [event];
                if services.store.tell_week(ws, this_week, &events, now).await? {
                    deliver::publish(services, &events).await;
                    self.report.digests += 1;
                }
            }
        }
        let month = report::settled(&zone, now);
        if told.month < Some(month) {
            if !self.may_begin() || !report::keep(services, ws, month, self.until).await? {
                return Ok(false);
            }
            self.report.months += 1;
        }
        Ok(true)
    }

    /// Whether there is time for something long. The first one has it always, so that each run gets on.
    fn may_begin(&mut self) -> bool {
        Instant::now() < self.until || !std::mem::replace(&mut self.report.began, true)
    }

    async fn erase(&self, place: &Place) -> Result<(), Fault> {
        self.services.store.erase_at(place).await
    }

    async fn workspace(&mut self, ws: &WorkspaceId) -> Result<&Workspace, Fault> {
        let found = match self.workspaces.remove(ws) {
            Some(found) => found,
            None => self.services.store.glance_workspace(ws, &OrgId::from(ws)).await?,
        };
        Ok(self.workspaces.entry(ws.clone()).or_insert(found))
    }

    /// Accounts beside whose rows something lies, and that have none. The rows are read consistently and after what lies
    /// there: an account's row is written with or before anything beside it, and no id is given twice.
    async fn gone(&self, lies: &[Lies]) -> Result<HashSet<AccountId>, Fault> {
        let mut beside: HashMap<&WorkspaceId, HashSet<AccountId>> = HashMap::new();
        for lies in lies {
            if let What::Beside(ws, id, _) = &lies.what {
                beside.entry(ws).or_default().insert(*id);
            }
        }
        let mut gone = HashSet::new();
        for (ws, ids) in beside {
            let wanted: Vec<AccountId> = ids.iter().copied().collect();
            let living = self.services.store.living(ws, &wanted).await?;
            gone.extend(ids.difference(&living));
        }
        Ok(gone)
    }
}
