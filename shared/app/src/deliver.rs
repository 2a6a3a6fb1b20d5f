//! Publishing events: at once by whoever committed them, leftovers through the due index.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Add,
};

use domain::{AccountId, Error, Event, EventId, Fault, Timestamp, WorkspaceId, event};
use futures::{StreamExt as _, stream};
use jiff::SignedDuration;
use serde::Serialize;
use store::{Due, DueItem, Unpublished};

use crate::Services;

/// How many leftovers are looked up at a time.
const BATCH: usize = 200;
/// How many workspaces' leftovers are worked off at a time.
const AT_ONCE: usize = 8;
/// After this long a run leaves the rest to the next one.
const LIMIT: SignedDuration = SignedDuration::from_secs(45);

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Changes whose events were due.
    pub due: usize,
    /// Events that the bus took.
    pub published: usize,
    /// Changes that are to be tried again, since the bus did not take all of their events.
    pub postponed: usize,
    /// Changes whose record could not be read or written; they are tried again too.
    pub failed: usize,
    /// Whether some were left because the time was over.
    pub out_of_time: bool,
}

impl Add for Report {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            due: self.due + other.due,
            published: self.published + other.published,
            postponed: self.postponed + other.postponed,
            failed: self.failed + other.failed,
            out_of_time: self.out_of_time || other.out_of_time,
        }
    }
}

/// Publishes the events of a change that was just committed. A failure is only logged: what the bus did not take
/// stays due.
pub(crate) async fn publish(services: &Services, events: &[Event]) {
    let events = event::numbered(events);
    let Some(first) = events.first() else { return };
    let (workspace, change) = (first.workspace_id.clone(), first.id);
    let left = Unpublished { events, tries: 0 };
    if let Err(fault) = hand_over(services, workspace.as_ref(), change, &left, &mut BTreeSet::new()).await {
        tracing::warn!(%fault, %change, "events stay in the outbox");
    }
}

/// Publishes what is left of one change, if the bus takes it.
pub(crate) async fn again(services: &Services, workspace: &WorkspaceId, change: EventId) -> Result<(), Fault> {
    if let Some(left) = services.store.find_unpublished(Some(workspace), change).await? {
        hand_over(services, Some(workspace), change, &left, &mut BTreeSet::new()).await?;
    }
    Ok(())
}

/// Publishes what is left over. Takes no input; a lost or doubled trigger is harmless.
pub async fn deliver(services: &Services) -> Result<Report, Error> {
    let ends = services.now() + LIMIT;
    let mut report = Report::default();
    loop {
        let due = services.store.list_due(Due::Deliver, services.now(), BATCH).await?;
        let is_last = due.len() < BATCH;
        let mut workspaces: BTreeMap<Option<WorkspaceId>, Vec<EventId>> = BTreeMap::new();
        for item in due {
            if let DueItem::Outbox(workspace, change) = item {
                workspaces.entry(workspace).or_default().push(change);
            }
        }
        let each = workspaces.into_iter().map(|(workspace, changes)| work_off(services, workspace, changes, ends));
        let done: Vec<Report> = stream::iter(each).buffer_unordered(AT_ONCE).collect().await;
        let step = done.into_iter().fold(Report::default(), Report::add);
        // Where nothing moves, the next run may find it better.
        let is_stuck = step.due == step.failed;
        report = report + step;
        if is_last || is_stuck || report.out_of_time {
            return Ok(report);
        }
    }
}

/// One workspace's changes, in their order.
async fn work_off(
    services: &Services,
    workspace: Option<WorkspaceId>,
    mut changes: Vec<EventId>,
    ends: Timestamp,
) -> Report {
    changes.sort_unstable();
    let (mut report, mut held) = (Report::default(), BTreeSet::new());
    for change in changes {
        if services.now() >= ends {
            report.out_of_time = true;
            break;
        }
        let work = async {
            let Some(left) = services.store.find_unpublished(workspace.as_ref(), change).await? else {
                return Ok(None);
            };
            let left = Unpublished { tries: left.tries.saturating_add(1), ..left };
            let taken = hand_over(services, workspace.as_ref(), change, &left, &mut held).await?;
            Ok(Some((taken, taken < left.events.len())))
        };
        match work.await {
            // Somebody else was faster.
            Ok(None) => continue,
            Ok(Some((taken, is_postponed))) => {
                report.published += taken;
                report.postponed += usize::from(is_postponed);
            }
            Err::<_, Fault>(fault) => {
                tracing::error!(%fault, %change, "events stay in the outbox");
                report.failed += 1;
                if let Fault::Inconsistent(_) = fault {
                    set_aside(services, workspace.as_ref(), change).await;
                }
            }
        }
        report.due += 1;
    }
    report
}

/// Hands over what is left of a change, notes what came of it, and says how many events were taken. Each account's
/// events keep their order: behind one that was not taken (`held`) none of the same account is handed over.
async fn hand_over(
    services: &Services,
    workspace: Option<&WorkspaceId>,
    change: EventId,
    left: &Unpublished,
    held: &mut BTreeSet<AccountId>,
) -> Result<usize, Fault> {
    let (mut taken, mut rest) = (Vec::new(), left.events.as_slice());
    while !rest.is_empty() {
        let (step, later) = rest.split_at(one_each(rest));
        let goes = |event: &&Event| event.account_id.is_none_or(|account| !held.contains(&account));
        let step: Vec<Event> = step.iter().filter(goes).cloned().collect();
        let published = services.events.publish(&step).await;
        if let Some(fault) = published.fault {
            tracing::warn!(%fault, %change, tries = left.tries, "the bus did not take all events");
        }
        held.extend(step.iter().filter(|e| !published.taken.contains(&e.id)).filter_map(|e| e.account_id));
        taken.extend(published.taken);
        rest = later;
    }
    let now = services.now();
    if taken.len() == left.events.len() {
        services.store.mark_published(workspace, change, now).await?;
    } else {
        services.store.postpone_publishing(workspace, change, &taken, left.tries, now + wait(left.tries)).await?;
    }
    Ok(taken.len())
}

/// What cannot be read must not stand before others for ever.
async fn set_aside(services: &Services, workspace: Option<&WorkspaceId>, change: EventId) {
    let at = services.now() + wait(u32::MAX);
    if let Err(fault) = services.store.postpone_publishing(workspace, change, &[], u32::MAX, at).await {
        tracing::error!(%fault, %change, "it stays due");
    }
}

/// How many events there are before an account comes a second time.
fn one_each(events: &[Event]) -> usize {
    let mut seen = BTreeSet::new();
    events.iter().position(|e| e.account_id.is_some_and(|id| !seen.insert(id))).unwrap_or(events.len())
}

/// After the first run a minute, doubled by each further one, an hour at most.
fn wait(tries: u32) -> SignedDuration {
    let Some(before) = tries.checked_sub(1) else { return SignedDuration::ZERO };
    SignedDuration::from_mins(1i64 << before.min(6)).min(SignedDuration::from_hours(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_back_off_from_a_minute_to_an_hour() {
        assert_eq!(wait(0), SignedDuration::ZERO);
        assert_eq!(wait(1), SignedDuration::from_mins(1));
        assert_eq!(wait(4), SignedDuration::from_mins(8));
        assert_eq!(wait(7), SignedDuration::from_hours(1));
        assert_eq!(wait(u32::MAX), SignedDuration::from_hours(1));
    }
}
