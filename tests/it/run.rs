//! Long work survives whoever does it: lockdowns, erasures, exports.

mod erase;
mod export;
mod lockdown;
mod purge;

use serde_json::Value;
use tests::{Caller, World};

/// A run as it is now.
async fn run(caller: &Caller, id: &str) -> Value {
    let answer = caller.get(&format!("/v1/runs/{id}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}

/// The keys of the items that name a text anywhere.
async fn named(world: &World, text: &str) -> Vec<String> {
    let table = world.dump().await;
    let names = |key: &str, item: &Value| key.contains(text) || item.to_string().contains(text);
    table.into_iter().filter(|(key, item)| names(key, item)).map(|(key, _)| key).collect()
}

/// The events of a type, oldest first.
fn told(world: &World, kind: &str) -> Vec<Value> {
    world.published().into_iter().filter(|event| event["type"] == kind).collect()
}
