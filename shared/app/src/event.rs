//! What happened in a workspace, to be pulled.

use domain::{Actor, Allowed, Error, Event, EventId, WorkspaceId, actor::permit};
use jiff::SignedDuration;

use crate::{Services, workspace::own};

/// Events are told when they are older than this. A change gets its time before it is committed, so without it an
/// event could turn up behind a reader who has gone on already.
const BEHIND: SignedDuration = SignedDuration::from_secs(5);
/// How many pages are read at most for a caller who sees nothing of them.
const READS: usize = 10;

/// Which page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListEvents {
    /// Where the page before ended; from the oldest on if none.
    pub after: Option<EventId>,
    /// At most so many.
    pub limit: usize,
}

/// One page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The events, oldest first.
    pub events: Vec<Event>,
    /// Where the next page begins, also if there is none yet.
    pub next: Option<EventId>,
    /// Whether there is one already.
    pub more: bool,
}

/// One page of the workspace's events, published or not.
pub async fn list(
    services: &Services,
    actor: &Allowed<permit::EventsRead>,
    workspace: &WorkspaceId,
    ask: &ListEvents,
) -> Result<Page, Error> {
    own(actor, workspace)?;
    let (now, mut from) = (services.now(), ask.after);
    for _ in 0..READS {
        let page = services.store.list_events(&actor.workspace, from, now, now - BEHIND, ask.limit).await?;
        let read = page.events.last().map(|event| event.id);
        let events: Vec<Event> = page.events.into_iter().filter(|event| is_seen(actor, event)).collect();
        match events.last().map(|event| event.id) {
            None if page.more => from = read.or(from),
            last => return Ok(Page { events, next: last.or(ask.after), more: page.more }),
        }
    }
    Ok(Page { events: Vec::new(), next: from, more: true })
}

/// A caller whose accounts are narrowed sees what is about one of these, and nothing that may name others.
fn is_seen(actor: &Actor, event: &Event) -> bool {
    actor.accounts.is_none() || event.account_id.is_some_and(|id| actor.sees(id))
}
