//! What is told of all accounts of a workspace together, right to the number.

use jiff::SignedDuration;
use reqwest::header::ACCEPT;
use serde_json::{Value, json};
use tests::{Caller, World, send};

use super::housekeeping::{days, digests};

const WS: &str = "/v1/workspaces/ws_1";

async fn get(caller: &Caller, path: &str) -> Value {
    let answer = caller.get(&format!("{WS}/{path}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}

#[tokio::test(flavor = "multi_thread")]
async fn explore() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let page = world.connect(&owner, "facebook", "acme").await.remove(0);
    let x = world.connect(&owner, "x", "acme").await.remove(0);
    let pin = world.connect(&owner, "pinterest", "acme").await.remove(0);
    let t = std::time::Instant::now();
    days(&world, 12).await;
    eprintln!("12 days {:?}", t.elapsed());
    for route in ["profile", "metrics", "permissions", "probe", "children"] {
        world.fault(json!({"platform": "facebook", "route": route, "kind": "status:500"})).await;
    }
    days(&world, 4).await;
    world.no_faults().await;
    world.event(json!({"platform": "x", "account": "acme", "kind": "revoke"})).await;
    days(&world, 3).await;
    owner.post(&format!("/v1/accounts/{pin}/disconnect"), json!({})).await;
    days(&world, 13).await;
    eprintln!("{:#}", get(&owner, "reports/connections?month=2026-12").await);
    eprintln!("{:#}", get(&owner, "reports/connections?month=2026-11").await);
    eprintln!("{:#}", get(&owner, "forecast").await);
    eprintln!("{:#}", get(&owner, "recommendations").await);
    for d in digests(&world, "ws_1") {
        eprintln!("{:#}", d["data"]);
    }
    let _ = (page, x, SignedDuration::ZERO, ACCEPT, send);
}
