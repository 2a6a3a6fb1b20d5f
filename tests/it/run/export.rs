//! What is kept of a workspace can be taken away, without a token.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Caller, World, send};

use super::run;

/// What the letter of a sort key is called in an export; nothing for what is the table's own.
fn word(sort: &str) -> Option<&'static str> {
    let (letter, rest) = sort.split_once('#').map_or((sort, None), |(letter, rest)| (letter, Some(rest)));
    match (letter, rest) {
        ("A", None) => Some("workspace"),
        ("A", _) => Some("account"),
        ("E", _) => Some("event"),
        ("F", _) => Some("past_facts"),
        ("N", _) => Some("usage"),
        ("P", _) => Some("picture"),
        ("Q", _) => Some("queue_schedule"),
        ("U", _) => Some("audit"),
        ("T", _) => Some("preferences"),
        ("X", Some(run)) if !run.contains('#') => Some("run"),
        ("C" | "I" | "K" | "X" | "L", _) => None,
        (other, _) => panic!("say here what {other} is called"),
    }
}

async fn begin(world: &World, caller: &Caller, body: Value) -> String {
    let begun = caller.post("/v1/workspaces/ws_1/exports", body).await;
    assert_eq!(begun.status, 202, "{}", begun.text);
    // What the request had no time for.
    world.job("sweep").await;
    begun.body["id"].as_str().expect("an id").to_owned()
}

/// Everything that an export says.
async fn read(caller: &Caller, id: &str) -> Vec<Value> {
    let found = run(caller, id).await;
    assert_eq!(found["state"], "succeeded", "{found}");
    let mut records = Vec::new();
    for part in found["parts"].as_array().expect("parts") {
        let answer = caller.get(part["href"].as_str().expect("an address")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert!(answer.text.len() < 200_000, "{}", answer.text.len());
        records.extend(answer.body["data"].as_array().expect("records").iter().cloned());
    }
    records
}

fn counted(records: &[Value]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for record in records {
        *counts.entry(record["kind"].as_str().expect("a kind")).or_default() += 1;
    }
    counts
}

async fn full(world: &World, owner: &Caller) -> Vec<String> {
    let mut accounts = Vec::new();
    for (platform, person) in [("x", "acme"), ("facebook", "agency")] {
        accounts.extend(world.connect(owner, platform, person).await);
    }
    let account = &accounts[0];
    let slots = json!({"timezone": "UTC", "slots": [{"weekday": "monday", "time": "09:30"}]});
    let schedule = owner.call(Method::PUT, &format!("/v1/accounts/{account}/queue-schedule")).json(&slots);
    assert_eq!(send(schedule.header("idempotency-key", "a key")).await.status, 200);
    assert_eq!(world.lease(owner, account).await.status, 201);
    assert_eq!(owner.get(&format!("/v1/accounts/{account}/picture")).await.status, 200);
    world.advance(SignedDuration::from_secs(1));
    assert_eq!(owner.post(&format!("/v1/accounts/{}/disconnect", accounts[1]), json!({})).await.status, 200);
    accounts
}

/// S0-66: everything that the workspace's own part of the table holds is told, but what is of use to the table alone; with
/// each account who allowed it, and no token.
#[tokio::test(flavor = "multi_thread")]
async fn an_export_tells_everything_and_no_token() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    full(&world, &owner).await;
    world.connect(&world.owner("ws_2"), "x", "demo-02").await;
    world
        .member("ws_1", "manager")
        .post("/v1/workspaces/ws_1/exports", json!({}))
        .await
        .is_problem(403, "permission_denied");
    let mut expected: BTreeMap<&str, usize> = BTreeMap::new();
    for (key, item) in world.whole_dump().await {
        let Some(sort) = key.strip_prefix("W#ws_1 ") else { continue };
        let Some(kind) = word(sort) else { continue };
        let events = item["events"].as_str().map(|text| serde_json::from_str::<Vec<Value>>(text).expect("JSON").len());
        *expected.entry(kind).or_default() += events.unwrap_or(1);
    }
    // The export is told of in itself.
    *expected.entry("run").or_default() += 1;
    let id = begin(&world, &owner, json!({})).await;
    let records = read(&owner, &id).await;
    assert_eq!(counted(&records), expected);
    assert!(expected.len() >= 9, "{expected:?}");
    let accounts: Vec<&Value> = records.iter().filter(|record| record["kind"] == "account").collect();
    let active = accounts.iter().filter(|account| account["data"]["lifecycle"] == "active");
    for account in active {
        let consent = &account["data"]["consent"];
        assert!(consent["person"]["id"].is_string() && consent["consented_at"].is_string(), "{account}");
    }
    let text = json!(records).to_string();
    assert!(!text.contains("envelope") && !text.contains("ws_2") && !text.contains("\"lease\""), "{text}");
    let picture = records.iter().find(|record| record["kind"] == "picture").expect("a picture");
    assert!(picture["data"]["file"].as_str().is_some_and(|file| file.len() > 50), "{picture}");
    assert!(run(&owner, &id).await["parts"].as_array().is_some_and(|parts| !parts.is_empty()));
}

/// S0-66: of some accounts it tells what is about these, and to whom a token is narrowed, nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn an_export_of_some_accounts_tells_of_these_alone() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let accounts = full(&world, &owner).await;
    let whole = begin(&world, &owner, json!({})).await;
    let narrowed =
        world.caller(json!({"ws": "ws_1", "role": "admin", "plan": "enterprise", "accounts": [accounts[0]]}));
    for id in
        [begin(&world, &owner, json!({"accounts": [accounts[0]]})).await, begin(&world, &narrowed, json!({})).await]
    {
        let records = read(&narrowed, &id).await;
        let about: BTreeSet<&str> =
            records.iter().map(|record| record["data"]["account_id"].as_str().unwrap_or("nobody")).collect();
        assert_eq!(about, BTreeSet::from([accounts[0].as_str()]));
        assert!(counted(&records).len() >= 5, "{:?}", counted(&records));
    }
    narrowed.get(&format!("/v1/exports/{whole}/parts/1")).await.is_problem(404, "not_found");
    let theirs = json!({"accounts": [accounts[1]]});
    narrowed.post("/v1/workspaces/ws_1/exports", theirs).await.is_problem(404, "not_found");
    narrowed.post("/v1/workspaces/ws_1/lockdown", json!({})).await.is_problem(403, "permission_denied");
    let bad = owner.post("/v1/workspaces/ws_1/exports", json!({"accounts": []})).await;
    bad.is_problem(422, "validation_failed");
    assert_eq!(bad.body["errors"][0]["pointer"], "/accounts");
}

/// Its pieces can be read for a day; the run is kept for thirty.
#[tokio::test(flavor = "multi_thread")]
async fn an_export_can_be_read_for_a_day() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    world.connect(&owner, "x", "acme").await;
    let id = begin(&world, &owner, json!({})).await;
    let path = format!("/v1/exports/{id}/parts/1");
    for path in [format!("/v1/exports/{id}/parts/0"), format!("/v1/exports/{id}/parts/2"), format!("{path}x")] {
        owner.get(&path).await.is_problem(404, "not_found");
    }
    world.owner("ws_2").get(&path).await.is_problem(404, "not_found");
    world.member("ws_1", "editor").get(&path).await.is_problem(403, "permission_denied");
    world.advance(SignedDuration::from_secs(24 * 3600 - 1));
    let owner = world.owner("ws_1");
    assert_eq!(owner.get(&path).await.status, 200);
    world.advance(SignedDuration::from_secs(1));
    owner.get(&path).await.is_problem(404, "not_found");
    assert_eq!(run(&owner, &id).await["parts"], json!([]));
    world.advance(SignedDuration::from_secs(1));
    world.stack.sweep_ttl().await.expect("the table");
    assert!(!world.dump().await.keys().any(|key| key.contains(&format!("X#{id}#"))));
    world.advance(SignedDuration::from_hours(24 * 30));
    world.stack.sweep_ttl().await.expect("the table");
    world.owner("ws_1").get(&format!("/v1/runs/{id}")).await.is_problem(404, "not_found");
}
