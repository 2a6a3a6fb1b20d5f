//! Events: once for each change, in order, without a secret; what was left over is published later; all can be pulled.

mod publish;
mod pull;
mod schema;

use std::collections::BTreeMap;

use domain::{AccountId, ConnectSession, Event, EventId, connect::Stage};
use serde_json::{Value, json};
use tests::{Caller, World, send};

fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().map(|e| e["type"].as_str().expect("a type")).collect()
}

/// The `sequence`th event of an account, which is in trouble.
fn degraded(world: &World, account: AccountId, sequence: u64) -> Event {
    Event {
        id: EventId::new(world.now(), world.stack.services.entropy.bytes()),
        kind: "account.degraded".to_owned(),
        version: 1,
        occurred_at: world.now(),
        workspace_id: Some("ws_1".parse().expect("an id")),
        episode_id: None,
        account_id: Some(account),
        private: false,
        sequence,
        data: json!({"reason": "renewal_failing", "since": world.now(), "platform": "x", "platform_account_id": "1"}),
    }
}

/// A process that commits and dies before it publishes.
struct Dying<'a> {
    world: &'a World,
    session: ConnectSession,
}

impl<'a> Dying<'a> {
    async fn start(world: &'a World, owner: &Caller) -> Self {
        let id = world.attempt(owner, json!({"platform": "x"})).await.id.parse().expect("an id");
        let session = world.stack.services.store.find_session(id).await.expect("the table").expect("a session");
        Self { world, session: ConnectSession { stage: Stage::Cancelled, ..session } }
    }

    /// Commits these events as one change; answers with them as they will be told.
    async fn commit(&mut self, events: &[Event]) -> Vec<Value> {
        self.session.version += 1;
        let services = &self.world.stack.services;
        services.store.end_session(&self.session, events, None, services.now()).await.expect("the table");
        domain::event::numbered(events).iter().map(|event| serde_json::to_value(event).expect("JSON")).collect()
    }
}

/// S1-11, S2-22, S3-40
#[tokio::test(flavor = "multi_thread")]
async fn each_change_is_told_once_and_in_sequence() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "x", "acme").await.remove(0);
    assert_eq!(kinds(&world.published()), ["account.connected", "connect_session.completed"]);
    let ask = json!({"platform": "x", "external_id": "user_42"});
    world.consent(&owner, ask, "acme").await;
    let other = world.connect(&owner, "x", "mallory").await.remove(0);
    owner.put(&format!("/v1/accounts/{other}/main")).await;
    owner.put(&format!("/v1/accounts/{other}/main")).await;
    let reason = json!({"reason": "spring cleaning"});
    owner.post(&format!("/v1/accounts/{id}/disconnect"), reason.clone()).await;
    owner.post(&format!("/v1/accounts/{id}/disconnect"), reason).await;
    world.connect(&owner, "x", "acme").await;
    owner.delete(&format!("/v1/accounts/{id}")).await;

    let events = world.published();
    let expected = [
        ("account.connected", Some((&id, 1))),
        ("connect_session.completed", None),
        ("account.reconnected", Some((&id, 2))),
        ("connect_session.completed", None),
        ("account.connected", Some((&other, 1))),
        ("connect_session.completed", None),
        ("account.main_changed", None),
        ("account.disconnected", Some((&id, 3))),
        ("account.reconnected", Some((&id, 4))),
        ("connect_session.completed", None),
        ("account.removed", Some((&id, 5))),
    ];
    let told: Vec<_> = events
        .iter()
        .map(|e| {
            let about = e["account_id"].as_str().map(|a| (a.to_owned(), e["sequence"].as_u64().expect("a number")));
            (e["type"].as_str().expect("a type"), about)
        })
        .collect();
    let expected: Vec<_> = expected.iter().map(|(kind, about)| (*kind, about.map(|(a, n)| (a.clone(), n)))).collect();
    assert_eq!(told, expected);

    assert_eq!(events[2]["data"]["external_id"], "user_42");
    assert_eq!(events[2]["data"]["platform"], "x");
    assert_eq!(events[3]["data"]["accounts"], json!([id]));
    assert_eq!(events[6]["data"], json!({"platform": "x", "from": id, "to": other}));
    assert_eq!(events[7]["data"]["reason"], "spring cleaning");
    assert_eq!(events[7]["data"]["effects"], json!(["fail_scheduled_posts"]));
    let effects = events[10]["data"]["effects"].as_array().expect("effects");
    assert!(effects.contains(&json!("delete_scheduled_posts")));
    for event in &events {
        assert_eq!((&event["workspace_id"], &event["version"]), (&json!("ws_1"), &json!(1)));
        assert_eq!(event["occurred_at"], tests::BEGINNING);
        assert!(event["id"].as_str().expect("an id").starts_with("evt_"));
    }
}

/// Of many accounts at once each has a sequence of its own.
#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_are_told_one_by_one() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let pages = world.connect(&owner, "facebook", "agency").await;
    assert_eq!(pages.len(), 25);
    for page in &pages[..3] {
        owner.post(&format!("/v1/accounts/{page}/disconnect"), json!({})).await;
    }
    let mut sequences: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for event in world.published() {
        if let Some(account) = event["account_id"].as_str() {
            let sequence = event["sequence"].as_u64().expect("a number");
            sequences.entry(account.to_owned()).or_default().push(sequence);
        }
    }
    assert_eq!(sequences.len(), 25);
    for (account, sequence) in sequences {
        let expected: &[u64] = if pages[..3].contains(&account) { &[1, 2] } else { &[1] };
        assert_eq!(sequence, expected);
    }
}

/// Every way in which a session ends with a result is told, once.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_finished_by_hand_is_told_as_completed() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let attempt = world.attempt(&owner, json!({"platform": "facebook", "external_id": "user_42"})).await;
    attempt.land("agency").await;
    let chosen = attempt.select(&attempt.selectable().await[..2], false).await;
    assert_eq!(kinds(&world.published()), ["account.connected", "account.connected"]);
    assert_eq!(attempt.select(&[], true).await.status, 200);
    let events = world.published();
    assert_eq!(kinds(&events[2..]), ["connect_session.completed"]);
    let accounts: Vec<&Value> = chosen.body["accounts"].as_array().expect("ids").iter().map(|a| &a["id"]).collect();
    assert_eq!(
        events[2]["data"],
        json!({"connect_session_id": attempt.id, "platform": "facebook",
                                         "accounts": accounts, "external_id": "user_42"})
    );
    // Finished without a choice, there is no result to tell.
    let attempt = world.attempt(&owner, json!({"platform": "facebook"})).await;
    attempt.land("acme-team").await;
    attempt.select(&[], true).await;
    assert_eq!(world.published().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_session_is_told_with_its_code() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let ask = json!({"platform": "x", "expected_handle": "acme", "external_id": "user_42"});
    let session = world.consent(&owner, ask, "mallory").await;
    world.fault(json!({"platform": "facebook", "route": "token", "kind": "status:500"})).await;
    world.consent(&owner, json!({"platform": "facebook"}), "acme").await;
    let events = world.published();
    assert_eq!(kinds(&events), ["connect_session.failed", "connect_session.failed"]);
    let data = &events[0]["data"];
    assert_eq!((&data["connect_session_id"], &data["external_id"]), (&session["id"], &json!("user_42")));
    assert_eq!(data["error"]["code"], "account_mismatch");
    assert_eq!((&data["error"]["expected"], &data["error"]["got"]), (&json!("acme"), &json!("mallory")));
    assert_eq!(events[1]["data"]["error"]["code"], "platform_unavailable");
    assert!(events[0].get("account_id").is_none());
    assert_eq!(events[0]["sequence"], 0);
}

/// CHK-S1, CHK-S16: every secret of the simulated platforms bears a mark.
#[tokio::test(flavor = "multi_thread")]
async fn no_event_holds_a_token() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let pages = world.connect(&owner, "facebook", "demo-04").await;
    let x = world.connect(&owner, "x", "acme").await;
    let tokens = world.tokens(&world.grant_of(&owner, &pages[0]).await).await;
    assert!(tokens.access.expose().contains("CANARY"), "the mark is there to be found");
    world.consent(&owner, json!({"platform": "x", "account_id": x[0]}), "mallory").await;
    for id in pages.iter().chain(&x) {
        owner.delete(&format!("/v1/accounts/{id}")).await;
    }
    let events = json!(world.published()).to_string();
    assert!(events.contains("account.removed"));
    for mark in ["CANARY", "token", "secret", "EAAG"] {
        assert!(!events.contains(mark), "{mark}: {events}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bus_is_read_from_a_place_on() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    world.connect(&owner, "x", "acme").await;
    let nobody = world.nobody();
    let all = nobody.get("/v1/dev/events").await.body["data"].clone();
    assert_eq!(all, json!(world.published()));
    let last = all[1]["id"].as_str().expect("an id");
    let after = format!("/v1/dev/events?after={last}");
    assert_eq!(nobody.get(&after).await.body, json!({"data": []}));
    world.connect(&owner, "facebook", "acme").await;
    let news = nobody.get(&after).await.body["data"].clone();
    assert_eq!(kinds(news.as_array().expect("events")), ["account.connected", "connect_session.completed"]);
    let foreign = nobody.call(reqwest::Method::GET, "/v1/dev/events").header("origin", "https://evil.example");
    assert_eq!(send(foreign).await.status, 403);
}
