//! What happened in a workspace, to be pulled.

use std::collections::BTreeSet;

use domain::{AccountId, Actor, Allowed, Error, Event, EventId, Fault, WorkspaceId, actor::permit};
use jiff::SignedDuration;

use crate::{Services, report::DIGEST, workspace::own};

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
        let events = seen(services, actor, page.events).await?;
        match events.last().map(|event| event.id) {
            None if page.more => from = read.or(from),
            last => return Ok(Page { events, next: last.or(ask.after), more: page.more }),
        }
    }
    Ok(Page { events: Vec::new(), next: from, more: true })
}

/// The events that a caller may know of. Whose accounts are narrowed sees what is about one of these, and nothing that
/// may name others; nobody sees what names an account that they do not see.
async fn seen(services: &Services, actor: &Actor, events: Vec<Event>) -> Result<Vec<Event>, Fault> {
    let is_narrow = actor.accounts.is_some();
    // What counts all accounts counts those too that are hidden from AIs.
    let is_about_these = |event: &Event| {
        (!is_narrow || event.account_id.is_some_and(|id| actor.sees(id))) && !(actor.is_ai() && event.kind == DIGEST)
    };
    let events = events.into_iter().filter(is_about_these);
    if actor.sees_private() {
        return Ok(events.collect());
    }
    let events: Vec<(Event, BTreeSet<AccountId>)> = events.map(|event| (event.clone(), event.names())).collect();
    let named: BTreeSet<AccountId> = events.iter().flat_map(|(_, named)| named).copied().collect();
    let found = services.store.find_accounts(&actor.workspace, &named.into_iter().collect::<Vec<_>>()).await?;
    let hidden: BTreeSet<AccountId> = found.iter().filter(|a| !a.is_seen_by(actor)).map(|a| a.id).collect();
    let is_there = |id: &AccountId| found.iter().any(|account| account.id == *id);
    // Whom a removed account was for is known by its events alone.
    let is_seen = |event: &Event, named: &BTreeSet<AccountId>| {
        hidden.is_disjoint(named) && (!event.private || named.iter().all(is_there))
    };
    Ok(events.into_iter().filter(|(event, named)| is_seen(event, named)).map(|(event, _)| event).collect())
}
