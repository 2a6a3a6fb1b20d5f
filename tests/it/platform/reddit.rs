//! Reddit from the first consent to the last: a refresh token that may or may not die by use, and errors with any status.

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::{Caller, FINE, World};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// The health's state and its first reason.
async fn verdict(world: &World, owner: &Caller, id: &str) -> [String; 2] {
    let health = world.health(owner, id).await;
    [&health["state"], &health["reasons"][0]["code"]].map(|value| value.as_str().unwrap_or_default().to_owned())
}

/// How an attempt ends while the platform answers with a row of its table.
async fn attempt(world: &World, owner: &Caller, person: &str) -> Value {
    let attempt = world.attempt(owner, json!({"platform": "reddit"})).await;
    attempt.land(person).await;
    attempt.session().await
}

async fn answers(world: &World, route: &str, row: &str) {
    world.fault(json!({"platform": "reddit", "route": route, "kind": format!("error:{row}")})).await;
}

/// S0-15, S1-30, S3-58
#[tokio::test(flavor = "multi_thread")]
async fn an_account_lives_for_a_hundred_and_twenty_days_and_comes_back_under_its_id() {
    let world = World::start().await;
    // The worst that is said of Reddit: a used refresh token dies.
    world.fault(json!({"platform": "reddit", "route": "token", "kind": "old_refresh_dies"})).await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "reddit", "acme").await.remove(0);
    let matrix = owner.get(&format!("/v1/accounts/{id}/permissions")).await.body;
    assert_eq!((&matrix["scopes_known"], &matrix["beyond"]), (&json!(true), &json!([])), "{matrix}");
    for (capability, scopes) in
        [("connect", ["identity", "read"]), ("publish", ["submit", "flair"]), ("analytics", ["history", "read"])]
    {
        let rows = matrix["data"].as_array().expect("rows");
        let row = rows.iter().find(|row| row["capability"] == capability).expect("a row");
        let given = scopes.map(|scope| json!({"scope": scope, "status": "granted"}));
        assert_eq!((&row["available"], &row["scopes"]), (&json!(true), &json!(given)), "{matrix}");
    }

    for month in 0..4 {
        let lease = world.lease(&owner, &id).await;
        assert_eq!(lease.status, 201, "month {month}: {}", lease.text);
        assert_eq!(world.count("refreshed").await, month, "a token that lives is lent as it is");
        world.live(DAY * 30, DAY).await;
    }
    assert_eq!(world.lease(&owner, &id).await.status, 201);
    assert_eq!(verdict(&world, &owner, &id).await[0], FINE);
    assert_eq!(world.kinds(&id), ["account.connected"]);

    let receipt = owner.post(&format!("/v1/accounts/{id}/disconnect"), json!({})).await;
    assert_eq!(receipt.body["revocation"]["status"], "revoked", "{}", receipt.text);
    assert_eq!(world.count("revoked").await, 2, "the refresh token and the access token");
    assert_eq!(world.connect(&owner, "reddit", "acme").await, [id.as_str()]);
    assert_eq!(verdict(&world, &owner, &id).await[0], FINE);
    assert_eq!(world.lease(&owner, &id).await.status, 201);
}

/// S3-58: the end of the refresh token is put off in time, and an access token lives as long as its answer says.
#[tokio::test(flavor = "multi_thread")]
async fn an_unused_account_outlives_its_refresh_token() {
    let world = World::start().await;
    world.fault(json!({"platform": "reddit", "route": "token", "kind": "old_refresh_dies"})).await;
    world.fault(json!({"platform": "reddit", "route": "token", "kind": "one_hour"})).await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "reddit", "acme").await.remove(0);
    world.live(DAY * 400, DAY * 5).await;
    assert_eq!(world.count("refreshed").await, 1, "once, and before anybody is warned");
    assert_eq!(world.kinds(&id), ["account.connected"]);
    let lease = world.lease(&owner, &id).await;
    assert_eq!(lease.status, 201, "{}", lease.text);
    let until: domain::Timestamp = lease.body["valid_until"].as_str().expect("a time").parse().expect("a time");
    assert!(until <= world.now() + SignedDuration::from_hours(1), "{}", lease.text);
}

/// S0-73: whether an answer that was lost has cost the consent is up to the platform, and both are told as they are.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_ends_the_consent_only_where_the_old_refresh_token_dies() {
    for (dies, wanted) in [(true, ["expired", "rotation_lost"]), (false, [FINE, ""])] {
        let world = World::start().await;
        let owner = world.owner("ws_1");
        let id = world.connect(&owner, "reddit", "acme").await.remove(0);
        if dies {
            world.fault(json!({"platform": "reddit", "route": "token", "kind": "old_refresh_dies"})).await;
        }
        world.advance(DAY);
        world.fault(json!({"platform": "reddit", "route": "token", "kind": "answer_lost", "times": 1})).await;
        world.lease(&owner, &id).await.is_problem(503, "platform_unavailable");
        assert_eq!(verdict(&world, &owner, &id).await, ["degraded", "rotation_uncertain"]);
        // Its access token is over, so nothing is lost by the last try.
        world.advance(SignedDuration::from_mins(2));
        world.job("sweep").await;
        assert_eq!(verdict(&world, &owner, &id).await[0], wanted[0], "{dies}");
        assert!(!dies || verdict(&world, &owner, &id).await == wanted);
    }
}

/// S0-07: a suspended account is called restricted, and its consent lives.
#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_account_is_restricted_and_its_consent_lives() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let refused = attempt(&world, &owner, "personal").await;
    assert_eq!((&refused["status"], &refused["error"]["code"]), (&json!("failed"), &json!("account_restricted")));
    let id = world.connect(&owner, "reddit", "acme").await.remove(0);
    world.event(json!({"platform": "reddit", "account": "acme", "kind": "suspend"})).await;
    world.live(DAY * 3, DAY).await;
    let signal = owner.post(&format!("/v1/accounts/{id}/signals"), json!({"signal": "restricted"})).await;
    assert_eq!(signal.status, 202, "{}", signal.text);
    assert_eq!(verdict(&world, &owner, &id).await, ["error", "account_restricted"]);
    assert_eq!(attempt(&world, &owner, "acme").await["error"]["code"], "account_restricted");
    assert!(!world.kinds(&id).contains(&"account.expired".to_owned()), "{:?}", world.kinds(&id));
}

/// Each row of the platform's errors, where a person waits for it.
#[tokio::test(flavor = "multi_thread")]
async fn each_error_fails_an_attempt_in_its_own_words() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    for (route, row, wanted) in [
        ("token", "invalid_grant", "authentication_failed"),
        ("token", "invalid_grant_200", "authentication_failed"),
        ("token", "rate_limited", "platform_unavailable"),
        ("token", "platform_outage_503", "platform_unavailable"),
        ("profile", "token_expired", "authentication_failed"),
        ("profile", "permission_missing", "insufficient_permissions"),
        ("profile", "account_suspended", "account_restricted"),
        ("profile", "rate_limited", "platform_unavailable"),
        ("profile", "platform_outage", "platform_unavailable"),
        ("profile", "platform_outage_502", "platform_unavailable"),
        ("profile", "platform_outage_503", "platform_unavailable"),
        ("profile", "platform_outage_504", "platform_unavailable"),
    ] {
        answers(&world, route, row).await;
        let session = attempt(&world, &owner, "acme").await;
        assert_eq!((&session["status"], &session["error"]["code"]), (&json!("failed"), &json!(wanted)), "{row}");
        world.no_faults().await;
    }
    assert_eq!(attempt(&world, &owner, "acme").await["status"], "completed");
}

/// S0-73: a refusal with status 200 ends a consent like any other, once it was said twice; nothing else ends one.
#[tokio::test(flavor = "multi_thread")]
async fn only_a_refusal_of_the_refresh_token_ends_a_consent_whatever_its_status() {
    for row in ["invalid_grant", "invalid_grant_200"] {
        let world = World::start().await;
        let owner = world.owner("ws_1");
        let id = world.connect(&owner, "reddit", "acme").await.remove(0);
        world.advance(DAY);
        let once = json!({"platform": "reddit", "route": "token", "kind": format!("error:{row}"), "times": 1});
        world.fault(once).await;
        assert_eq!(world.lease(&owner, &id).await.status, 201, "{row} is not believed once");
        world.advance(DAY);
        answers(&world, "token", row).await;
        world.lease(&owner, &id).await.is_problem(409, "connection_expired");
        assert_eq!(verdict(&world, &owner, &id).await, ["expired", "revoked"], "{row}");
    }
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "reddit", "acme").await.remove(0);
    for row in ["token_expired", "permission_missing", "account_suspended", "rate_limited", "platform_outage"] {
        answers(&world, "profile", row).await;
        owner.post(&format!("/v1/accounts/{id}/signals"), json!({"signal": "unauthorized"})).await;
        world.job("sweep").await;
        world.no_faults().await;
        world.advance(SignedDuration::from_hours(2));
        world.job("sweep").await;
        assert_eq!(world.lease(&owner, &id).await.status, 201, "{row}");
    }
    assert!(!world.kinds(&id).contains(&"account.expired".to_owned()), "{:?}", world.kinds(&id));
    world.event(json!({"platform": "reddit", "account": "acme", "kind": "revoke"})).await;
    owner.post(&format!("/v1/accounts/{id}/signals"), json!({"signal": "unauthorized"})).await;
    world.job("sweep").await;
    assert_eq!(verdict(&world, &owner, &id).await, ["expired", "revoked"]);
}
