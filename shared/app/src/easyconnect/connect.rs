//! What a client does in a visit: connect what the link asks for, choose, finish, and take it back.

use std::collections::BTreeSet;

use domain::{
    AccountId, Actor, Allowed, CandidateId, Capability, Code, ConnectSession, ConnectSessionId, EasyConnectLink, Error,
    MethodId, PlatformId, Refusal, Role,
    actor::{Credential, permit},
    connect::Barrier,
    easyconnect::{FunnelStep, Item, Through},
};
use platforms::Entry;
use store::{Committed, Count, IdempotencyKey};

use super::{counted, inconsistent, visit::Visited};
use crate::{
    Once, Services,
    connect::{
        select::{self, Candidates, Selected},
        session,
        start::{self, NewSession, Started},
    },
    disconnect::{self, Receipt},
};

/// How often a change is judged again when others change the same link.
const TRIES: u32 = 8;
/// What the client's end of a connection is called.
const WITHDRAWN: &str = "withdrawn_by_client";

/// What a client wants to connect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// A place of the checklist, by its number.
    Item(u16),
    /// An account beside the checklist.
    Beside {
        /// Where.
        platform: PlatformId,
        /// How; the platform's usual way if absent.
        method: Option<MethodId>,
    },
}

/// Who acts in a visit: one who may connect and nothing else, and whom no request can claim to be.
fn client(link: &EasyConnectLink) -> Result<Allowed<permit::AccountsConnect>, Refusal> {
    let actor = Actor {
        sub: link.id.to_string(),
        credential: Credential::Link,
        name: Some(link.title.clone()),
        workspace: link.workspace.clone(),
        org: link.org.clone(),
        role: Role::Manager,
        plan: link.plan.clone(),
        perms: Some(vec![domain::Permission::AccountsConnect.as_str().to_owned()]),
        accounts: None,
        workspaces: std::collections::BTreeMap::new(),
    };
    actor.allow()
}

/// Begins an attempt. `switch` asks the platform for another account than the one that is signed in there.
pub async fn begin(
    services: &Services,
    visited: &Visited,
    wanted: &Wanted,
    switch: bool,
    key: Option<IdempotencyKey>,
) -> Result<Once<Started>, Error> {
    let link = visited.opened()?;
    let (place, item, platform, method) = match wanted {
        Wanted::Item(number) => {
            let (at, item) = link.numbered(*number).ok_or(Code::NotFound)?;
            (Some(at), Some(item), &item.platform, &item.method)
        }
        Wanted::Beside { platform, method } if link.lets_add(platform) => (None, None, platform, method),
        Wanted::Beside { .. } => {
            return Err(Refusal::field("/platform", "not_allowed", "This link does not ask for that platform.").into());
        }
    };
    if let Some(code) = link.barrier_at(item, services.now()) {
        return Err(code.into());
    }
    let entry = services.platforms.entry(platform, method.as_ref()).ok_or(Code::PlatformNotConfigured)?;
    let ask = NewSession {
        method: Some(entry.method.clone()),
        capabilities: capabilities(entry, link, item),
        fresh_consent: switch,
        external_id: link.client_ref.clone(),
        through: Some(Through {
            link: link.id,
            visit: visited.digest(),
            item: place.and_then(|at| u16::try_from(at).ok()),
        }),
        ..NewSession::new(platform.clone())
    };
    let started = start::start(services, &client(link)?, &link.workspace, ask, key).await?;
    if let Once::Fresh(_) = started {
        counted(services, link, Count::Step(FunnelStep::Started)).await;
    }
    Ok(started)
}

/// What of the link's wishes the platform has; without wishes what is usual there.
fn capabilities(entry: &Entry, link: &EasyConnectLink, item: Option<&Item>) -> Option<Vec<Capability>> {
    let own = item.and_then(|item| item.capabilities.clone());
    let wished = own.or_else(|| Some(link.capabilities.as_ref()?.iter().copied().collect()))?;
    let kind = item.and_then(|item| item.kind.as_deref());
    let has = |capability: &Capability| match kind {
        Some(kind) => entry.needs(kind, *capability).is_ok(),
        None => entry.capabilities.contains_key(capability),
    };
    Some(wished.into_iter().filter(has).collect())
}

/// An attempt of this visit; another visit's is not there.
pub async fn session(services: &Services, visited: &Visited, id: ConnectSessionId) -> Result<ConnectSession, Error> {
    let link = visited.opened()?;
    let found = services.store.find_session(id).await?;
    let own = |session: &ConnectSession| {
        session.workspace == link.workspace
            && session.through.as_ref().is_some_and(|t| t.link == link.id && t.visit == visited.digest())
    };
    found.filter(own).ok_or_else(|| Code::NotFound.into())
}

/// What a consent offers in this visit, and what stands in the way.
pub async fn candidates(services: &Services, visited: &Visited, id: ConnectSessionId) -> Result<Candidates, Error> {
    session(services, visited, id).await?;
    let link = &visited.link;
    let mut found = select::candidates(services, &client(link)?, id).await?;
    let platform = &found.session.platform;
    for candidate in &mut found.candidates {
        let is_denied = candidate.barrier.as_ref().is_some_and(|barrier| barrier.code == Code::PermissionDenied);
        if is_denied && link.brings_back(platform, &candidate.profile.platform_account_id) {
            candidate.barrier = None;
        }
        if candidate.barrier.is_none() && !link.welcomes(platform, &candidate.profile) {
            candidate.barrier = Some(Barrier { code: Code::AccountMismatch, fix_url: None });
        }
    }
    let room = link.most().saturating_sub(link.connections());
    found.room = Some(found.room.map_or(room, |plan| plan.min(room)));
    Ok(found)
}

/// Connects the chosen ones, all or none, and ends the attempt.
pub async fn choose(
    services: &Services,
    visited: &Visited,
    id: ConnectSessionId,
    choice: Vec<CandidateId>,
    key: Option<IdempotencyKey>,
) -> Result<Once<Selected>, Error> {
    session(services, visited, id).await?;
    let selected = select::select(services, &client(&visited.link)?, id, choice, true, key).await?;
    if let Once::Fresh(_) = selected {
        counted(services, &visited.link, Count::Step(FunnelStep::Selected)).await;
    }
    Ok(selected)
}

/// Ends an attempt of this visit without a choice.
pub async fn cancel(services: &Services, visited: &Visited, id: ConnectSessionId) -> Result<(), Error> {
    session(services, visited, id).await?;
    session::cancel(services, &client(&visited.link)?, id, None).await?;
    Ok(())
}

/// The client says that they are done; answers with how many accounts are connected through the link now.
pub async fn finish(services: &Services, visited: &Visited) -> Result<usize, Error> {
    let link = visited.opened()?;
    counted(services, link, Count::Step(FunnelStep::Finished)).await;
    Ok(connected(link).len())
}

/// The accounts that are connected through a link.
pub(super) fn connected(link: &EasyConnectLink) -> BTreeSet<AccountId> {
    let standing = link.items.iter().filter_map(|item| item.consented.as_ref());
    standing.filter(|consented| consented.withdrawn_at.is_none()).map(|consented| consented.account).collect()
}

/// What came of a withdrawal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Withdrawal {
    /// The account was disconnected, and its access ended as the receipt says.
    Ended(Box<Receipt>),
    /// Nothing was left of it: somebody disconnected it before, or allows it now by a consent of their own.
    NothingLeft,
}

/// Takes a connection back, by the number of its place; what was taken back before is answered alike.
pub async fn withdraw(services: &Services, visited: &Visited, number: u16) -> Result<Withdrawal, Error> {
    if !visited.visit.receipt_only {
        visited.opened()?;
    }
    let mut link = visited.link.clone();
    let (place, item) = link.numbered(number).ok_or(Code::NotFound)?;
    let consented = item.consented.clone().ok_or(Code::NotFound)?;
    if consented.withdrawn_at.is_some() {
        return Ok(Withdrawal::NothingLeft);
    }
    let account = services.store.find_account(&link.workspace, consented.account).await?;
    // What somebody else allows meanwhile is not this client's to end.
    let is_theirs = account.is_some_and(|account| account.authorized_by.id == consented.person);
    let (ws, org) = (&link.workspace, &link.org);
    let receipt = if is_theirs {
        Box::pin(disconnect::by_ourselves(services, ws, org, consented.account, WITHDRAWN)).await?
    } else {
        None
    };
    let now = services.now();
    for _ in 0..TRIES {
        let mut after = link.clone();
        let item = after.items.get_mut(place).and_then(|item| item.consented.as_mut());
        item.ok_or_else(|| inconsistent("a place of a link is gone"))?.withdrawn_at = Some(now);
        after.version += 1;
        if services.store.save_link(Some(&link), &after, &[], None, now).await? == Committed::Done {
            counted(services, &after, Count::Step(FunnelStep::Withdrawn)).await;
            return Ok(receipt.map_or(Withdrawal::NothingLeft, |receipt| Withdrawal::Ended(Box::new(receipt))));
        }
        link = services.store.find_link(&link.workspace, link.id).await?.ok_or(Code::NotFound)?;
    }
    Err(Code::Busy.into())
}
