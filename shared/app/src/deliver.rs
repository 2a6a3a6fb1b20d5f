//! Publishing events: at once by whoever committed them, leftovers through the due index.

use domain::{Error, Event, Fault};
use serde::Serialize;
use store::{Due, DueItem};

use crate::Services;

/// How many leftovers one run takes.
const BATCH: usize = 200;

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Changes whose events were due.
    pub due: usize,
    /// Events handed to the bus.
    pub published: usize,
    /// Changes whose events wait for the next run.
    pub failed: usize,
}

/// Publishes the events of a change that was just committed. A failure is only logged: the outbox
/// item stays due.
pub(crate) async fn publish(services: &Services, events: &[Event]) {
    if let Err(fault) = hand_over(services, events).await {
        tracing::warn!(%fault, "events stay in the outbox");
    }
}

async fn hand_over(services: &Services, events: &[Event]) -> Result<(), Fault> {
    let Some(first) = events.first() else { return Ok(()) };
    services.events.publish(events).await?;
    services.store.mark_published(first.workspace_id.as_ref(), first.id, services.now()).await
}

/// Publishes what is left over.
pub async fn deliver(services: &Services) -> Result<Report, Error> {
    let mut report = Report::default();
    for item in services.store.list_due(Due::Deliver, services.now(), BATCH).await? {
        let DueItem::Outbox(workspace, first) = item else { continue };
        report.due += 1;
        let done = async {
            let events = services.store.find_unpublished(workspace.as_ref(), first).await?;
            hand_over(services, &events).await.map(|()| events.len())
        };
        match done.await {
            Ok(published) => report.published += published,
            Err(fault) => {
                tracing::warn!(%fault, workspace = workspace.as_ref().map(tracing::field::display), "events stay in the outbox");
                report.failed += 1;
            }
        }
    }
    Ok(report)
}
