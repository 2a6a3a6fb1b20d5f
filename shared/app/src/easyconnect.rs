//! Links by which clients connect accounts without sharing a password.
//!
//! `manage` is the workspace's side. `visit` is how a client comes in by a link's secret, `connect` what they do there,
//! `receipt` what they keep of it, `expiry` the sweep's part. What is here is asked by the attempts to connect: a link
//! is judged anew at each step, and once more in the transaction that connects.

pub mod connect;
pub mod logo;
pub mod manage;
pub mod receipt;
pub mod visit;

pub(crate) mod expiry;
pub(crate) mod forget;

mod again;
mod password;

use domain::{
    Code, ConnectSession, EasyConnectLink, Error, Event, Fault, Refusal, Timestamp,
    account::MOST_TAGS,
    connect::Barrier,
    easyconnect::{FunnelStep, Item, Notify},
};
use platforms::Offer;
use serde_json::{Value, json};
use store::{AccountChange, Count};

pub use again::{NewAgain, reconnect_link, return_link};

use crate::{Services, connect::commit::Chosen};

/// Where a browser comes back to from a platform; without a slash before it.
pub const BACK: &str = "c/back";

/// The link through which an attempt was begun, if it can still be used; nothing where it was begun otherwise.
pub(crate) async fn still_open(
    services: &Services,
    session: &ConnectSession,
) -> Result<Option<EasyConnectLink>, Error> {
    let Some(link) = of(services, session).await? else { return Ok(None) };
    match link.barrier_at(link.item_of(session), services.now()) {
        Some(code) => Err(code.into()),
        None => Ok(Some(link)),
    }
}

/// The link through which an attempt was begun, whatever became of it.
pub async fn of(services: &Services, session: &ConnectSession) -> Result<Option<EasyConnectLink>, Error> {
    let Some(through) = &session.through else { return Ok(None) };
    let link = services.store.find_link(&session.workspace, through.link).await?;
    link.filter(|link| link.deleted_at.is_none()).map(Some).ok_or_else(|| Code::LinkDisabled.into())
}

/// What a consent offers, with a barrier before each account that the link did not ask for. Where nothing else was
/// offered, or not the account for which the client went there, it was somebody else who consented.
pub(crate) fn asked_for(
    link: Option<&EasyConnectLink>,
    session: &ConnectSession,
    mut offers: Vec<Offer>,
) -> Result<Vec<Offer>, Refusal> {
    let Some(link) = link else { return Ok(offers) };
    let stranger = |offer: &Offer| offer.barrier.is_none() && !link.welcomes(&session.platform, &offer.profile);
    let item = link.item_of(session);
    let expects = item.filter(|item| item.consented.is_none() && item.expected().is_some());
    let is_missed = |item: &Item| !offers.iter().any(|offer| item.welcomes(&session.platform, &offer.profile));
    if offers.iter().all(stranger) || expects.is_some_and(is_missed) {
        let name = |offer: &Offer| offer.profile.handle.clone().unwrap_or_else(|| offer.profile.name.clone());
        let got: Vec<String> = offers.iter().take(3).map(name).collect();
        let expected = item.and_then(Item::expected).unwrap_or_else(|| link.title.clone());
        return Err(Refusal::mismatch(expected, got.join(", ")));
    }
    for offer in offers.iter_mut().filter(|offer| stranger(offer)) {
        offer.barrier = Some(Barrier { code: Code::AccountMismatch, fix_url: None });
    }
    Ok(offers)
}

/// The link with what is being connected, its next version; its tags go to the accounts, and what happened is told.
pub(crate) fn taken(
    services: &Services,
    chosen: &Chosen<'_>,
    before: Option<EasyConnectLink>,
    changes: &mut [AccountChange],
    events: &mut Vec<Event>,
) -> Result<Option<EasyConnectLink>, Error> {
    let session = chosen.session;
    let (Some(through), Some(before)) = (&session.through, before) else { return Ok(None) };
    let now = services.now();
    let profiles: Vec<_> = changes.iter().map(|change| &change.after.profile).collect();
    let places = before.places(now, &session.platform, through.item, &profiles)?;
    for (change, place) in changes.iter_mut().zip(&places) {
        let brings_back = before.items.get(*place).and_then(|item| item.reconnects);
        if brings_back.is_some_and(|id| change.before.as_ref().is_none_or(|account| account.id != id)) {
            return Err(Refusal::new(Code::NotFound, "The account that this link brings back was removed.").into());
        }
        let tags = &mut change.after.settings.tags;
        tags.extend(before.tags.iter().filter(|tag| !tags.contains(tag)).cloned().collect::<Vec<_>>());
        tags.truncate(MOST_TAGS);
        tags.sort_unstable();
    }
    let mut after = before.clone();
    let accounts: Vec<_> = changes.iter().map(|change| &change.after).collect();
    let scopes = chosen.held.granted.as_ref().unwrap_or(&chosen.held.requested);
    after.take(&accounts, &places, scopes, now);
    for (change, place) in changes.iter().zip(&places) {
        let more = json!({"account_id": change.after.id, "platform": session.platform, "item": place + 1,
                          "reconnected": change.before.is_some()});
        events.extend(event(services, &after, Notify::AccountConnected, now, more));
    }
    if before.completed_at.is_none() && after.completed_at.is_some() {
        let more = json!({"connections": after.connections()});
        events.extend(event(services, &after, Notify::Completed, now, more));
    }
    Ok(Some(after))
}

/// A client did not get on: counted, and told where the SaaS wants to hear of it.
pub(crate) async fn stuck(services: &Services, session: &ConnectSession, code: Code) -> Vec<Event> {
    let Some(through) = &session.through else { return Vec::new() };
    let now = services.now();
    let found = services.store.find_link(&session.workspace, through.link).await;
    let Ok(Some(link)) = found else { return Vec::new() };
    counted(services, &link, Count::Dropped(code.as_str())).await;
    let more = json!({"platform": session.platform, "item": through.item.map(|item| item + 1), "code": code.as_str(),
                      "next_step": code.next_step()});
    event(services, &link, Notify::Stuck, now, more).into_iter().collect()
}

/// Counts a step of an attempt, where it was begun through a link.
pub(crate) async fn count(services: &Services, link: Option<&EasyConnectLink>, step: FunnelStep) {
    if let Some(link) = link {
        counted(services, link, Count::Step(step)).await;
    }
}

/// That it cannot be counted is nobody's trouble.
async fn counted(services: &Services, link: &EasyConnectLink, what: Count<'_>) {
    if let Err(fault) = services.store.count_of_link(&link.workspace, link.id, what, link.expires_at).await {
        tracing::warn!(%fault, link = %link.id, "a step of a link could not be counted");
    }
}

/// What is told of a link, where the SaaS wants to hear of it.
fn event(services: &Services, link: &EasyConnectLink, what: Notify, now: Timestamp, more: Value) -> Option<Event> {
    let mut data = json!({"link_id": link.id, "title": link.title, "client_ref": link.client_ref});
    if let (Some(data), Value::Object(more)) = (data.as_object_mut(), more) {
        data.extend(more);
    }
    let kind = format!("easyconnect.{}", what.as_str());
    link.notify.contains(&what).then(|| services.event(now, &link.workspace, &kind, data))
}

/// A link that is not there, or not of the caller's workspace.
fn absent() -> Error {
    Code::NotFound.into()
}

fn inconsistent(text: &str) -> Fault {
    Fault::Inconsistent(text.to_owned())
}
