//! What platforms tell by themselves.

mod erase;
mod forged;
mod platform;
mod told;

use domain::{Grant, Timestamp};
use serde_json::Value;
use tests::{Caller, World};

/// The health's state and its first reason.
async fn verdict(world: &World, owner: &Caller, id: &str) -> (String, String) {
    let health = world.health(owner, id).await;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(&health["state"]), text(&health["reasons"][0]["code"]))
}

/// Somebody at X, connected a minute ago: their account and its grant.
async fn at_x(world: &World, owner: &Caller, person: &str) -> (String, Grant) {
    let id = world.connect(owner, "x", person).await.remove(0);
    let grant = world.grant_of(owner, &id).await;
    (id, grant)
}

/// A while, and the moment after it.
fn later(world: &World, seconds: i64) -> Timestamp {
    world.advance(jiff::SignedDuration::from_secs(seconds));
    world.now()
}
