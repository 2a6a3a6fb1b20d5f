//! Credential leases: a fresh access token for whoever may have it, and the exact reason where there is none.

use domain::Secret;
use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::World;

fn token(lease: &Value) -> Secret {
    Secret::new(lease["access_token"].as_str().expect("a token"))
}

/// S0-03
#[tokio::test(flavor = "multi_thread")]
async fn a_lease_is_a_fresh_access_token_and_renews_first_where_that_is_needed() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "x", "acme").await.remove(0);
    let first = world.lease(&owner, &id).await;
    assert_eq!(first.status, 201, "{}", first.text);
    assert_eq!(first.body["valid_until"], "2026-11-22T11:00:00Z", "an hour at most");
    world.advance(SignedDuration::from_mins(114));
    let same = world.lease(&owner, &id).await;
    assert_eq!(same.body["access_token"], first.body["access_token"]);
    assert_eq!(same.body["valid_until"], "2026-11-22T12:00:00Z", "not longer than the token lives");
    assert_eq!(world.count("refreshed").await, 0, "it was fresh");
    // Less than five minutes are left.
    world.advance(SignedDuration::from_mins(2));
    let second = world.lease(&owner, &id).await;
    assert_eq!(second.status, 201, "{}", second.text);
    assert_eq!(world.count("refreshed").await, 1);
    assert_ne!(first.body["access_token"], second.body["access_token"]);
    assert_eq!(world.ask_platform("api.x.com/2/users/me", &token(&second.body)).await.status, 200);
    let grant = world.grant_of(&owner, &id).await;
    let tokens = world.tokens(&grant).await;
    assert!(!second.text.contains(tokens.refresh.expect("one").expose()), "never the refresh token");
    assert_eq!(world.kinds(&id), ["account.connected"], "an ordinary renewal is nobody's news");
}

/// S0-03: what is leased for a page is the page's own token.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_s_lease_is_the_page_s_own_token() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "facebook", "acme").await.remove(0);
    let lease = world.lease(&owner, &id).await;
    let page = lease.body["platform_account_id"].as_str().expect("an id");
    let told = world.ask_platform("graph.facebook.com/v26.0/me", &token(&lease.body)).await;
    assert_eq!(told.body["id"], page, "{}", told.text);
    assert_eq!(lease.body["valid_until"], "2026-11-22T11:00:00Z");
}

/// S2-26, S1-27
#[tokio::test(flavor = "multi_thread")]
async fn a_lease_is_refused_with_the_exact_reason() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let x = world.connect(&owner, "x", "acme").await.remove(0);
    let path = |id: &str| format!("/v1/accounts/{id}/credential-leases");
    let for_messages = owner.post(&path(&x), json!({"purpose": "messages"})).await;
    for_messages.is_problem(422, "capability_unsupported");

    let ask = json!({"platform": "facebook", "capabilities": ["analytics"]});
    let session = world.consent(&owner, ask, "acme").await;
    let page = session["accounts"][0]["id"].as_str().expect("an id").to_owned();
    let not_asked = world.lease(&owner, &page).await;
    not_asked.is_problem(409, "insufficient_permissions");
    assert!(not_asked.body["detail"].as_str().expect("a detail").contains("publish"), "{}", not_asked.text);

    world.event(json!({"platform": "x", "account": "acme", "kind": "revoke"})).await;
    world.advance(SignedDuration::from_hours(3));
    let dead = world.lease(&owner, &x).await;
    dead.is_problem(409, "connection_expired");
    assert!(dead.body["detail"].as_str().expect("a detail").contains("took it back"), "{}", dead.text);

    owner.post(&format!("/v1/accounts/{x}/disconnect"), json!({})).await;
    world.lease(&owner, &x).await.is_problem(409, "account_disconnected");
    owner
        .post(&path("acc_01ARZ3NDEKTSV4RRFFQ69G5FAV"), json!({"purpose": "publish"}))
        .await
        .is_problem(404, "not_found");
    world.owner("ws_2").post(&path(&page), json!({"purpose": "publish"})).await.is_problem(404, "not_found");
    owner.post(&path(&page), json!({"purpose": "fun"})).await.is_problem(400, "invalid_request");
}

/// A lease goes to who publishes, and to nobody below.
#[tokio::test(flavor = "multi_thread")]
async fn an_editor_leases_and_an_analyst_does_not() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "x", "acme").await.remove(0);
    assert_eq!(world.lease(&world.member("ws_1", "editor"), &id).await.status, 201);
    for role in ["analyst", "viewer"] {
        world.lease(&world.member("ws_1", role), &id).await.is_problem(403, "permission_denied");
    }
}

/// S0-15: each lease is written down and counted; a replay gives no token again and is no second use.
#[tokio::test(flavor = "multi_thread")]
async fn each_lease_is_written_down_and_counted_once() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "x", "acme").await.remove(0);
    let path = format!("/v1/accounts/{id}/credential-leases");
    let ask = json!({"purpose": "publish"});
    let first = owner.post_once(&path, ask.clone(), "once").await;
    assert!(first.body["access_token"].is_string(), "{}", first.text);
    let again = owner.post_once(&path, ask.clone(), "once").await;
    assert_eq!((again.status, again.header("idempotency-replayed")), (201, Some("true")), "{}", again.text);
    assert_eq!(again.body["access_token"], Value::Null);
    assert_eq!(again.body["valid_until"], first.body["valid_until"]);
    owner.post(&path, json!({"purpose": "messages"})).await;
    let usage = async || {
        let usage = owner.get(&format!("/v1/accounts/{id}")).await.body["usage"].clone();
        json!({"last_used_at": usage["last_used_at"], "leases_7d": usage["leases_7d"]})
    };
    assert_eq!(usage().await, json!({"last_used_at": "2026-11-22T10:00:00Z", "leases_7d": 1}));
    world.advance(SignedDuration::from_hours(24 * 6));
    world.lease(&owner, &id).await;
    assert_eq!(usage().await["leases_7d"], 2);
    world.advance(SignedDuration::from_hours(24 * 2));
    assert_eq!(usage().await, json!({"last_used_at": "2026-11-28T10:00:00Z", "leases_7d": 1}), "older than a week");

    let table = world.whole_dump().await;
    let records: Vec<&Value> = table.values().filter(|item| item["action"] == "leaseCredential").collect();
    let mut outcomes: Vec<(&str, &str)> = records
        .iter()
        .map(|r| (r["purpose"].as_str().expect("a purpose"), r["outcome"].as_str().expect("an outcome")))
        .collect();
    outcomes.sort_unstable();
    assert_eq!(
        outcomes,
        [("messages", "capability_unsupported"), ("publish", "done"), ("publish", "done"), ("publish", "replayed")]
    );
    assert!(records.iter().all(|r| r["actor"]["id"] == "user-owner" && r["accounts"] == json!([id])), "{records:?}");
}

/// C1: many at once, one call.
#[tokio::test(flavor = "multi_thread")]
async fn of_many_leases_at_once_one_renews() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "x", "acme").await.remove(0);
    for round in 1..=5 {
        world.advance(SignedDuration::from_hours(2));
        let all = futures::future::join_all((0..24).map(|_| world.lease(&owner, &id))).await;
        let tokens: std::collections::BTreeSet<&str> = all
            .iter()
            .map(|lease| lease.body["access_token"].as_str().unwrap_or_else(|| panic!("{}", lease.text)))
            .collect();
        assert_eq!(tokens.len(), 1, "everybody has the new one");
        assert_eq!(world.count("refreshed").await, round);
    }
}
