//! A link whose time is over is told of once.

use domain::{
    EasyConnectLink, Fault, LinkId, WorkspaceId,
    easyconnect::{LinkStatus, Notify},
};
use serde_json::json;
use store::{Committed, Due, DueItem};
use tokio::time::Instant;

use super::event;
use crate::{Services, deliver};

/// How many are read at a time.
const PAGE: usize = 200;

/// Tells of the links whose time is over; answers with how many.
pub(crate) async fn work_off(services: &Services, until: Instant) -> Result<usize, Fault> {
    let mut told = 0;
    for item in services.store.list_due(Due::Link, services.now(), PAGE).await? {
        let DueItem::Link(id, workspace) = item else { continue };
        if Instant::now() >= until {
            break;
        }
        match tell(services, &workspace, id).await {
            Ok(done) => told += usize::from(done),
            Err(fault) => tracing::error!(%fault, link = %id, "the end of a link"),
        }
    }
    Ok(told)
}

async fn tell(services: &Services, workspace: &WorkspaceId, id: LinkId) -> Result<bool, Fault> {
    let now = services.now();
    let Some(before) = services.store.find_link(workspace, id).await? else { return Ok(false) };
    // It was given more time since.
    if now < before.expires_at || before.expiry_told_at.is_some() {
        return Ok(false);
    }
    let after = EasyConnectLink { expiry_told_at: Some(now), version: before.version + 1, ..before.clone() };
    let more = json!({"connections": before.connections()});
    let is_news = before.status(now) == LinkStatus::Expired;
    let events: Vec<_> = event(services, &after, Notify::Expired, now, more).into_iter().filter(|_| is_news).collect();
    let done = services.store.save_link(Some(&before), &after, &events, None, now).await? == Committed::Done;
    if done {
        deliver::publish(services, &events).await;
    }
    Ok(done)
}
