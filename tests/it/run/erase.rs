//! A workspace that is erased leaves nothing behind.

use std::{collections::HashMap, sync::Arc, time::Duration};

use app::{run, sweep};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{actor::permit::WorkspaceErase, renewal::LEASE};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{
    BEGINNING, Caller, Does, Options, World,
    fleet::{Fleet, owner},
    send,
    vault::StandIn,
};
use vault::{Kind, RootKeys, Sealed, SecretsManager, TokenVault, Vaults};

use super::{named, run, told};

const BINARY: &str = env!("CARGO_BIN_EXE_worker");
const WORKSPACE: &str = "ws_gone";
const PATH: &str = "/v1/workspaces/ws_gone";

/// A world whose tokens are in Secrets Manager.
async fn world() -> (World, StandIn) {
    let account = StandIn::new(BEGINNING.parse().expect("a time"));
    let entropy = Arc::new(local::entropy::SystemEntropy);
    let sealed = Sealed::new(RootKeys::new("k1", [5; 32]), entropy);
    let secrets = SecretsManager::new(&account.client(), "mooring/grants");
    let vault: Arc<dyn TokenVault> = Arc::new(Vaults::new(Kind::SecretsManager, sealed, secrets));
    (World::with(Options { vault: Some(vault), ..Options::default() }).await, account)
}

async fn erase(caller: &Caller) -> String {
    let begun = caller.delete(PATH).await;
    assert_eq!(begun.status, 202, "{}", begun.text);
    let id = begun.body["id"].as_str().expect("an id").to_owned();
    assert_eq!(begun.header("location"), Some(format!("/v1/runs/{id}").as_str()));
    id
}

/// A workspace in which everything was done.
async fn full(world: &World, owner: &Caller) -> Vec<String> {
    let mut accounts = Vec::new();
    for (platform, person) in [("x", "acme"), ("facebook", "demo-01"), ("reddit", "acme")] {
        accounts.extend(world.connect(owner, platform, person).await);
    }
    let account = &accounts[0];
    let slots = json!({"timezone": "UTC", "slots": [{"weekday": "monday", "time": "09:30"}]});
    let schedule = owner.call(Method::PUT, &format!("/v1/accounts/{account}/queue-schedule")).json(&slots);
    assert_eq!(send(schedule).await.status, 200);
    assert_eq!(world.lease(owner, account).await.status, 201);
    let policies = owner.call(Method::PATCH, PATH).json(&json!({"policies": {"reuse_grant": true}}));
    assert_eq!(send(policies.header("idempotency-key", "a key")).await.status, 200);
    // One that waits for a choice, one that has only begun, one that was disconnected, and one that was removed.
    world.attempt(owner, json!({"platform": "facebook"})).await.land("acme-team").await;
    world.attempt(owner, json!({"platform": "x"})).await;
    let left = world.connect(owner, "x", "demo-02").await.remove(0);
    assert_eq!(owner.post(&format!("/v1/accounts/{left}/disconnect"), json!({})).await.status, 200);
    let removed = world.connect(owner, "x", "demo-03").await.remove(0);
    assert_eq!(owner.delete(&format!("/v1/accounts/{removed}")).await.status, 202);
    // A program's key, as the table has it.
    put(world, &[("pk", "Y#0123"), ("sk", "Y"), ("workspace", WORKSPACE)]).await;
    put(world, &[("pk", "W#ws_gone"), ("sk", "Y#key_1"), ("name", "a program")]).await;
    accounts
}

async fn put(world: &World, item: &[(&str, &str)]) {
    let item: HashMap<String, AttributeValue> =
        item.iter().map(|(name, text)| ((*name).to_owned(), AttributeValue::S((*text).to_owned()))).collect();
    world.stack.client.put_item().table_name("mooring").set_item(Some(item)).send().await.expect("the table");
}

/// S0-66: no item and no secret names it any more, another workspace has everything, and the same id begins empty.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_names_an_erased_workspace() {
    let (world, secrets) = world().await;
    let (owner, other) = (world.owner(WORKSPACE), world.owner("ws_stays"));
    let stays = world.connect(&other, "facebook", "acme").await.remove(0);
    let (items, kept) = (named(&world, "ws_stays").await, secrets.names());
    let accounts = full(&world, &owner).await;
    assert!(named(&world, WORKSPACE).await.len() > 25 && secrets.names().len() > kept.len() + 3);
    world.member(WORKSPACE, "admin").delete(PATH).await.is_problem(403, "permission_denied");

    let id = erase(&owner).await;
    assert_eq!((run(&owner, &id).await["kind"].clone(), erase(&owner).await), (json!("erase"), id.clone()));
    world.lease(&owner, &accounts[0]).await.is_problem(423, "workspace_locked_down");
    assert_eq!(owner.get(PATH).await.body["lockdown"]["run_id"], *id);
    owner.post(&format!("{PATH}/lockdown"), json!({})).await.is_problem(423, "workspace_locked_down");
    owner.delete(&format!("{PATH}/lockdown")).await.is_problem(409, "busy");
    other.get(&format!("/v1/runs/{id}")).await.is_problem(404, "not_found");
    assert_eq!(world.job("sweep").await["runs"], 1);
    assert_eq!(named(&world, WORKSPACE).await, Vec::<String>::new());
    for account in &accounts {
        assert_eq!(named(&world, account).await, Vec::<String>::new());
    }
    assert_eq!((named(&world, "ws_stays").await, secrets.names()), (items, kept));
    owner.get(&format!("/v1/runs/{id}")).await.is_problem(404, "not_found");
    let erased = told(&world, "workspace.erased");
    assert_eq!(erased.len(), 1);
    assert_eq!(
        (&erased[0]["workspace_id"], &erased[0]["data"]["accounts"]),
        (&json!(WORKSPACE), &json!(accounts.len()))
    );
    assert_eq!(world.count("revoked").await, 9, "two of X and Reddit each time");

    let list = owner.get(&format!("{PATH}/accounts")).await.body;
    assert_eq!(list["data"], json!([]));
    let again = world.connect(&owner, "x", "acme").await.remove(0);
    assert!(!accounts.contains(&again));
    assert_eq!(world.lease(&owner, &again).await.status, 201);
    assert_eq!(world.lease(&other, &stays).await.status, 201);
}

/// S0-66, S1-32: a copy in another workspace keeps the consent, which names the erased one no more.
#[tokio::test(flavor = "multi_thread")]
async fn a_copy_elsewhere_outlives_the_workspace_that_it_was_copied_from() {
    let (world, _secrets) = world().await;
    let member = |ws: &str, further: &str| {
        world.caller(json!({"ws": ws, "role": "owner", "plan": "enterprise", "org": "org_1", "sub": "ida",
            "workspaces": [{"id": further, "role": "owner"}]}))
    };
    let owner = member(WORKSPACE, "ws_stays");
    let source = world.connect(&owner, "x", "acme").await.remove(0);
    let copies = format!("/v1/accounts/{source}/copies");
    let copy = owner.post(&copies, json!({"workspace_id": "ws_stays"})).await;
    let copy = copy.body["id"].as_str().expect("an id").to_owned();
    erase(&owner).await;
    world.job("sweep").await;
    world.advance(SignedDuration::from_mins(5));
    world.job("sweep").await;
    assert_eq!(named(&world, WORKSPACE).await, Vec::<String>::new());
    assert_eq!(world.count("revoked").await, 0);
    world.advance(SignedDuration::from_hours(3));
    let other = member("ws_stays", "ws_third");
    assert_eq!(world.lease(&other, &copy).await.status, 201, "renewed");
    // The person's next consent lands in it, and its end is told to the platform.
    let again = world.connect(&other, "x", "acme").await.remove(0);
    assert_eq!(again, copy);
    assert_eq!(other.delete(&format!("/v1/accounts/{copy}")).await.body["revocation"]["status"], "revoked");
}

/// CHK-S15: what a platform was not told yet is kept until it is, and nothing else of it is lost.
#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_waits_for_what_a_platform_is_to_be_told() {
    let (world, secrets) = world().await;
    let owner = world.owner(WORKSPACE);
    full(&world, &owner).await;
    world.fault(json!({"platform": "x", "route": "revoke", "kind": "status:500"})).await;
    let id = erase(&owner).await;
    world.advance(SignedDuration::from_secs(1));
    assert_eq!(world.job("sweep").await["runs"], 0);
    assert_eq!((&run(&owner, &id).await["state"], secrets.names().len()), (&json!("running"), 1));
    world.no_faults().await;
    world.advance(SignedDuration::from_mins(3));
    assert_eq!(world.job("sweep").await["runs"], 1);
    assert_eq!((named(&world, WORKSPACE).await, secrets.names()), (vec![], vec![]));
}

/// CHK-S15: a platform that never answers holds an erasure up for seven days and no longer.
#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_ends_although_a_platform_never_answers() {
    let (world, secrets) = world().await;
    let owner = world.owner(WORKSPACE);
    world.connect(&owner, "x", "acme").await;
    world.fault(json!({"platform": "x", "route": "revoke", "kind": "status:500"})).await;
    let id = erase(&owner).await;
    world.live(SignedDuration::from_hours(24 * 6), SignedDuration::from_hours(6)).await;
    let found = run(&world.owner(WORKSPACE), &id).await;
    assert_eq!((&found["state"], secrets.names().len()), (&json!("running"), 1), "{found}");
    world.live(SignedDuration::from_hours(36), SignedDuration::from_hours(6)).await;
    assert_eq!((named(&world, WORKSPACE).await, secrets.names()), (vec![], vec![]));
}

/// What happened before is told before it is erased; the last word is not lost either, and comes under one id.
#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_loses_no_event() {
    let world = World::start().await;
    let owner = world.owner(WORKSPACE);
    let account = world.connect(&owner, "x", "acme").await.remove(0);
    world.bus.does(|_| Does::Refuse);
    erase(&owner).await;
    for _ in 0..3 {
        world.advance(SignedDuration::from_mins(2));
        assert_eq!(world.job("sweep").await["runs"], 0);
    }
    assert_eq!(world.kinds(&account), ["account.connected"]);
    world.bus.does(|event| if event.kind == "workspace.erased" { Does::Refuse } else { Does::Take });
    world.advance(SignedDuration::from_mins(2));
    assert_eq!(world.job("sweep").await["runs"], 0);
    assert_eq!(world.kinds(&account), ["account.connected", "account.disconnected"]);
    assert!(!named(&world, WORKSPACE).await.is_empty(), "the run is still there");
    world.bus.does(|_| Does::Take);
    world.advance(SignedDuration::from_mins(70));
    assert_eq!(world.job("sweep").await["runs"], 1);
    assert_eq!((told(&world, "workspace.erased").len(), named(&world, WORKSPACE).await), (1, vec![]));
}

/// S0-66: an erasure that is dropped at any point goes on from where it was, and is told under one id.
#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_dropped_at_any_point_goes_on() {
    let fleet = Fleet::start(BINARY, 0).await;
    let services = &fleet.product.services;
    let mut dropped = 0;
    for round in 0..16u64 {
        let ws = format!("ws_{round}_gone");
        let actor = owner(&ws).allow::<WorkspaceErase>().expect("an owner may");
        for (platform, person) in [("x", "acme"), ("reddit", "acme")] {
            fleet.connect(&ws, platform, person).await;
        }
        let erasing = Box::pin(run::erase(services, &actor, &actor.workspace, None, None));
        if tokio::time::timeout(Duration::from_millis(3 * round), erasing).await.is_err() {
            dropped += 1;
            // It may have been dropped before its one commit.
            Box::pin(run::erase(services, &actor, &actor.workspace, None, None)).await.expect("a run");
        }
        // The sweep is dropped again and again, each time a little later.
        let mut rounds = 0;
        while fleet.table.text().await.contains(&ws) {
            fleet.advance(LEASE.as_secs() + 120).await;
            let in_time = Duration::from_millis(2 + 4 * rounds);
            dropped += u32::from(tokio::time::timeout(in_time, Box::pin(sweep::sweep(services))).await.is_err());
            rounds += 1;
            assert!(rounds < 60, "round {round}: it does not end");
        }
    }
    println!("16 erasures were dropped {dropped} times");
    assert!(dropped >= 32, "{dropped}");
    let told: Vec<Value> = fleet.bus.taken().into_iter().filter(|event| event["type"] == "workspace.erased").collect();
    let ids: std::collections::BTreeSet<&str> = told.iter().filter_map(|event| event["id"].as_str()).collect();
    assert_eq!(ids.len(), 16, "each is told, under one id");
}
