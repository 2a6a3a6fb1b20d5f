//! The harness of several processes: a fleet's workers are products on one table, and a proxy does what it is told.

use app::{
    connect::start,
    disconnect::{self, Leave},
};
use domain::actor::permit::AccountsDisconnect;
use serde_json::{Value, json};
use tests::{
    bus::Bus,
    client,
    fleet::{Fleet, owner},
    proxy::{Fate, Strike},
    table::Table,
    worker::{Command, NoAnswer, Registered, Settings, Worker},
};

const BINARY: &str = env!("CARGO_BIN_EXE_worker");
/// What the update says that takes published events out of the due index.
const PUBLISHED: &str = "REMOVE dp, ds";

fn ids(events: &[Value]) -> Vec<&str> {
    events.iter().map(|e| e["id"].as_str().expect("an id")).collect()
}

fn report(due: u64, published: u64, postponed: u64) -> Value {
    json!({"due": due, "published": published, "postponed": postponed, "failed": 0, "out_of_time": false})
}

/// An account is connected whose two events did not get out.
async fn left_over(fleet: &Fleet) {
    fleet.bus.refuse(true);
    fleet.connect("ws_1", "x", "acme").await;
    fleet.bus.refuse(false);
    fleet.advance(1).await;
    assert_eq!(fleet.bus.taken(), Vec::<Value>::new());
}

async fn deliver(fleet: &Fleet, seat: usize) -> Value {
    fleet.worker(seat).ask(Command::Deliver).await.expect("a report")
}

#[tokio::test(flavor = "multi_thread")]
async fn three_workers_share_a_table_and_one_delivers_what_is_left_over() {
    let fleet = Fleet::start(BINARY, 3).await;
    left_over(&fleet).await;
    assert_eq!(deliver(&fleet, 1).await, report(1, 2, 0));
    let events = fleet.bus.taken();
    let kinds: Vec<&Value> = events.iter().map(|e| &e["type"]).collect();
    assert_eq!(kinds, ["account.connected", "connect_session.completed"]);
    for seat in 0..3 {
        assert_eq!(deliver(&fleet, seat).await, report(0, 0, 0));
    }
    assert_eq!(fleet.bus.taken(), events);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_published_by_a_worker_that_died_before_it_noted_it_arrives_once_more_with_the_same_id() {
    let mut fleet = Fleet::start(BINARY, 3).await;
    left_over(&fleet).await;
    let mut held = fleet.proxy(0).next("UpdateItem", PUBLISHED, Fate::HoldBefore);
    let delivering = fleet.worker(0).ask(Command::Deliver);
    assert!(held.struck().await.contains("\"mooring\""));
    let once = fleet.bus.taken();
    assert_eq!(once.len(), 2);
    fleet.kill(0).await;
    assert_eq!(delivering.await, Err(NoAnswer::Gone));
    drop(held);

    fleet.restart(0).await;
    assert_eq!(deliver(&fleet, 0).await, report(1, 2, 0));
    let twice = fleet.bus.taken();
    assert_eq!(ids(&twice[..2]), ids(&once));
    assert_eq!(twice[2..], once);
    assert_eq!(deliver(&fleet, 2).await, report(0, 0, 0));
}

/// What a worker asked of the table can be done after its death, as the real one may be late.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_held_goes_on_though_its_worker_is_dead() {
    let mut fleet = Fleet::start(BINARY, 2).await;
    left_over(&fleet).await;
    let mut held = fleet.proxy(0).next("UpdateItem", PUBLISHED, Fate::HoldBefore);
    let delivering = fleet.worker(0).ask(Command::Deliver);
    held.struck().await;
    assert_eq!(fleet.worker(0).ask(Command::Ping).await.map(|_| ()), Ok(()), "commands run at the same time");
    fleet.kill(0).await;
    assert_eq!(delivering.await, Err(NoAnswer::Gone));
    held.release().await;
    assert_eq!(deliver(&fleet, 1).await, report(0, 0, 0), "the dead worker's call was done");
}

/// What each fate means to the worker, and to the table.
#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_does_to_a_call_what_it_is_told() {
    let done = [Fate::HoldAfter, Fate::FailAfter, Fate::LoseAnswer];
    for fate in [Fate::HoldBefore, Fate::HoldAfter, Fate::FailAfter, Fate::LoseAnswer, Fate::Drop] {
        let fleet = Fleet::start(BINARY, 2).await;
        left_over(&fleet).await;
        let other = fleet.proxy(0).next("UpdateItem", "of no such call", Fate::Drop);
        let mut strike = fleet.proxy(0).next("UpdateItem", PUBLISHED, fate);
        let delivering = fleet.worker(0).ask(Command::Deliver);
        strike.struck().await;
        let still_due = deliver(&fleet, 1).await["due"].clone();
        assert_eq!(still_due, json!(u64::from(!done.contains(&fate))), "{fate:?}");
        strike.release().await;
        let held = matches!(fate, Fate::HoldBefore | Fate::HoldAfter);
        // What is not noted as published is due at once, not a while later.
        let failed = json!({"due": 1, "published": 0, "postponed": 0, "failed": 1, "out_of_time": false});
        let expected = if held { report(1, 2, 0) } else { failed };
        assert_eq!(delivering.await, Ok(expected), "{fate:?}");
        assert_eq!(deliver(&fleet, 0).await, report(0, 0, 0), "it strikes once");
        drop::<Strike>(other);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bus_that_fails_leaves_the_events_for_later() {
    let fleet = Fleet::start(BINARY, 1).await;
    left_over(&fleet).await;
    fleet.bus.refuse(true);
    assert_eq!(deliver(&fleet, 0).await, report(1, 0, 1));
    fleet.bus.refuse(false);
    fleet.advance(60).await;
    assert_eq!(deliver(&fleet, 0).await, report(1, 2, 0));
}

/// A worker opens what another process sealed, reaches the platforms, and lives in the same time.
#[tokio::test(flavor = "multi_thread")]
async fn a_worker_ends_at_the_platform_what_was_connected_elsewhere() {
    let fleet = Fleet::start(BINARY, 2).await;
    for (platform, revoked) in [("x", 2), ("facebook", 1)] {
        let connected = fleet.connect("ws_1", platform, "acme").await;
        assert_eq!(connected.len(), 1, "{platform}");
        fleet.fault(json!({"platform": platform, "route": "revoke", "kind": "status:500"})).await;
        let actor = owner("ws_1").allow::<AccountsDisconnect>().expect("an owner may");
        let leave = Leave::default();
        let left = disconnect::disconnect(&fleet.product.services, &actor, connected[0].account, &leave, None);
        left.await.expect("a receipt");
        fleet.no_faults().await;
        assert_eq!(fleet.worker(0).ask(Command::Sweep).await.expect("a report")["revocations"]["due"], 0);
        fleet.advance(61).await;
        let swept = fleet.worker(1).ask(Command::Sweep).await.expect("a report");
        assert_eq!((&swept["revocations"]["due"], &swept["revocations"]["revoked"]), (&json!(1), &json!(1)));
        assert_eq!(fleet.counts(platform).await["revoked"], revoked, "{platform}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fleet_connects_by_every_method() {
    let fleet = Fleet::start(BINARY, 0).await;
    let services = &fleet.product.services;
    let by = |platform: &str, method: &str| start::NewSession {
        method: Some(method.parse().expect("a method")),
        ..start::NewSession::new(platform.parse().expect("a platform"))
    };
    for (platform, method, accounts) in [
        ("facebook", "facebook_login", 25),
        ("instagram", "facebook_login", 17),
        ("instagram", "instagram_login", 1),
        ("x", "x_login", 1),
        ("threads", "threads_login", 1),
        ("linkedin", "linkedin_login", 7),
        ("tiktok", "tiktok_login", 1),
        ("tiktok", "tiktok_business", 1),
        ("pinterest", "pinterest_login", 1),
        ("youtube", "google_login", 1),
        ("google_business", "google_login", 5),
        ("reddit", "reddit_login", 1),
    ] {
        let connected = fleet.connect_by(&format!("ws_{platform}_{method}"), by(platform, method), "agency").await;
        assert_eq!(connected.len(), accounts, "{method}");
        let grant = services.store.find_grant(connected[0].grant).await.expect("the table").expect("the grant");
        assert_eq!((grant.method.as_str(), grant.workspace.as_str()), (method, connected[0].workspace.as_str()));
        assert!(connected.iter().all(|one| one.grant == grant.id && grant.accounts.contains(&one.account)));
        let tokens = services.vault.unseal(&grant.sealed_for(), &grant.envelope).await.expect("tokens");
        assert!(tokens.access.expose().contains("CANARY"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_in_a_file_outlives_its_server() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("table.sqlite");
    let fleet = Fleet::on(Table::on(&file).await, BINARY, 1).await;
    left_over(&fleet).await;
    drop(fleet);
    let fleet = Fleet::on(Table::on(&file).await, BINARY, 1).await;
    fleet.advance(2).await;
    assert_eq!(deliver(&fleet, 0).await, report(1, 2, 0));
}

/// The address that it calls stands in a worker's log: were it a secret, the test would fail.
#[tokio::test(flavor = "multi_thread")]
#[should_panic(expected = "secrets got out:\na client secret (raw) in a worker's log")]
async fn a_secret_in_a_worker_s_log_fails_the_test() {
    let (table, bus) = (Table::start().await, Bus::start().await);
    let app = Registered {
        platform: "x".to_owned(),
        method: None,
        client_id: "client".to_owned(),
        client_secret: table.address.trim_start_matches("http://").to_owned(),
    };
    let settings = Settings {
        table: table.address.clone(),
        simulator: "http://127.0.0.1:1/".parse().expect("an address"),
        bus: bus.address.clone(),
        product: "https://mooring.example/".parse().expect("an address"),
        apps: vec![app],
        root_key: [1; 32],
        edge_key: [2; 32],
        ahead_s: 0,
    };
    let worker = Worker::start(BINARY, &settings).await;
    assert_eq!(worker.ask(Command::Deliver).await, Ok(report(0, 0, 0)));
}

#[tokio::test(flavor = "multi_thread")]
#[should_panic(expected = "secrets got out:\na code or token (raw) in an event")]
async fn a_secret_that_left_a_fleet_fails_the_test() {
    let fleet = Fleet::start(BINARY, 0).await;
    let event = json!({"data": simulator::MARKS[0]});
    let sent = client().post(&fleet.bus.address).json(&event).send().await.expect("an answer");
    assert_eq!(sent.status(), 204);
}
