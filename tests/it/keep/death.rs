//! What cannot be saved is called by its name.

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::{Caller, FINE, World};

/// The health's state and its first reason.
async fn verdict(world: &World, owner: &Caller, id: &str) -> (String, String) {
    let health = world.health(owner, id).await;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(&health["state"]), text(&health["reasons"][0]["code"]))
}

fn pair(state: &str, reason: &str) -> (String, String) {
    (state.to_owned(), reason.to_owned())
}

/// S0-73, S1-20: on Facebook each end has its own name, and within a day.
#[tokio::test(flavor = "multi_thread")]
async fn on_facebook_removed_and_password_changed_are_told_apart_and_a_lost_answer_is_no_end() {
    for (kind, reason) in [("revoke", "revoked"), ("password_change", "password_changed")] {
        let world = World::start().await;
        let owner = world.owner("ws_1");
        let id = world.connect(&owner, "facebook", "acme").await.remove(0);
        world.event(json!({"platform": "facebook", "account": "acme", "kind": kind})).await;
        world.advance(SignedDuration::from_hours(24));
        let report = world.job("sweep").await;
        assert_eq!(report["grants"]["died"], 1, "{report}");
        assert_eq!(verdict(&world, &owner, &id).await, pair("expired", reason));
        assert_eq!(world.kinds(&id), ["account.connected", "account.expired"]);
        assert_eq!(world.told(&id)[1].1["data"]["reason"], reason);
    }
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "facebook", "acme").await.remove(0);
    world.fault(json!({"platform": "facebook", "route": "token", "kind": "answer_lost", "times": 2})).await;
    world.live(SignedDuration::from_hours(24 * 46), SignedDuration::from_hours(12)).await;
    assert_eq!(verdict(&world, &owner, &id).await.0, FINE, "a token that is not spent by use is sent again");
    assert_eq!(world.kinds(&id), ["account.connected"]);
    let grant = world.grant_of(&owner, &id).await;
    assert!(grant.issued_at > "2026-12-22T10:00:00Z".parse().expect("a time"), "it was renewed all the same");
}

/// S0-73: a rotation whose answer was lost and a consent that was taken back look alike to X, and not to us.
#[tokio::test(flavor = "multi_thread")]
async fn on_x_a_lost_rotation_is_told_from_a_revocation() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "x", "acme").await.remove(0);
    let other = world.connect(&owner, "x", "mallory").await.remove(0);
    world.advance(SignedDuration::from_hours(2));
    world.fault(json!({"platform": "x", "route": "token", "kind": "answer_lost", "times": 1})).await;
    world.lease(&owner, &id).await.is_problem(503, "platform_unavailable");
    assert_eq!(verdict(&world, &owner, &id).await, pair("degraded", "rotation_uncertain"));
    // Its access token is over, so nothing is lost by the last try.
    world.advance(SignedDuration::from_mins(2));
    world.job("sweep").await;
    assert_eq!(verdict(&world, &owner, &id).await, pair("expired", "rotation_lost"));
    assert_eq!(world.kinds(&id), ["account.connected", "account.degraded", "account.expired"]);

    world.event(json!({"platform": "x", "account": "mallory", "kind": "revoke"})).await;
    world.lease(&owner, &other).await.is_problem(409, "connection_expired");
    assert_eq!(verdict(&world, &owner, &other).await, pair("expired", "revoked"));
    assert_eq!(world.kinds(&other), ["account.connected", "account.expired"]);

    assert_eq!(world.connect(&owner, "x", "acme").await, [id.as_str()]);
    assert_eq!(verdict(&world, &owner, &id).await.0, FINE);
    assert_eq!(world.kinds(&id)[3..], ["account.reconnected", "account.recovered"]);
}

/// C2: with a living access token an uncertain grant goes on, and nobody's reconnect is asked for before it must be.
#[tokio::test(flavor = "multi_thread")]
async fn an_uncertain_grant_goes_on_with_its_living_token_and_is_healed_where_nothing_was_spent() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "x", "acme").await.remove(0);
    world.advance(SignedDuration::from_mins(116));
    // Turned away by a server in trouble: perhaps it was spent, perhaps not.
    world.fault(json!({"platform": "x", "route": "token", "kind": "status:503", "times": 1})).await;
    let lease = world.lease(&owner, &id).await;
    assert_eq!(lease.status, 201, "{}", lease.text);
    assert_eq!(lease.body["valid_until"], "2026-11-22T12:00:00Z");
    let calls = world.calls("token").await;
    for _ in 0..3 {
        assert_eq!(world.lease(&owner, &id).await.status, 201);
        world.job("sweep").await;
    }
    assert_eq!(world.calls("token").await, calls, "it is not sent again while that could end everything");
    assert_eq!(verdict(&world, &owner, &id).await, pair("degraded", "rotation_uncertain"));
    world.advance(SignedDuration::from_mins(5));
    world.job("sweep").await;
    assert_eq!(verdict(&world, &owner, &id).await.0, FINE);
    assert_eq!(world.kinds(&id), ["account.connected", "account.degraded", "account.recovered"]);
    let told = world.told(&id);
    assert_eq!(told[1].1["episode_id"], told[2].1["episode_id"], "one trouble from its beginning to its end");
}

/// C3: a single refusal of a token that is good is not believed.
#[tokio::test(flavor = "multi_thread")]
async fn one_refusal_is_asked_again_before_it_is_believed() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "x", "acme").await.remove(0);
    world.advance(SignedDuration::from_hours(2));
    world.fault(json!({"platform": "x", "route": "token", "kind": "invalid_grant", "times": 1})).await;
    assert_eq!(world.lease(&owner, &id).await.status, 201);
    assert_eq!(world.kinds(&id), ["account.connected"]);
}

/// C3: no number of failures that are not the grant's ends it, and after a week it is tried once a day.
#[tokio::test(flavor = "multi_thread")]
async fn a_grant_whose_renewal_fails_for_weeks_is_quarantined_and_lives() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let ask = json!({"platform": "instagram", "method": "instagram_login"});
    let session = world.consent(&owner, ask, "acme").await;
    let id = session["accounts"][0]["id"].as_str().expect("an id").to_owned();
    world.live(SignedDuration::from_hours(24 * 29), SignedDuration::from_hours(24)).await;
    world.fault(json!({"platform": "instagram", "route": "token", "kind": "html:502"})).await;
    let day = SignedDuration::from_hours(24);
    world.live(day * 17, SignedDuration::from_hours(3)).await;
    assert_eq!(verdict(&world, &owner, &id).await.0, "error");
    let before = world.calls("token").await;
    world.live(day * 4, SignedDuration::from_hours(3)).await;
    assert_eq!(world.calls("token").await, before + 4 * 2, "once a day, and a token that is not spent once more");
    world.no_faults().await;
    world.live(day, SignedDuration::from_hours(3)).await;
    assert_eq!(verdict(&world, &owner, &id).await.0, FINE);
    assert_eq!(world.kinds(&id).last().map(String::as_str), Some("account.recovered"));
}

/// The grant of an app that the platform no longer takes is not the person's fault.
#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_the_platform_refuses_ends_no_grant() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "x", "acme").await.remove(0);
    let app = |secret: &str| {
        let callback = format!("{}/v1/oauth/callback/x", world.product);
        json!({"platform": "x", "client_id": "mooring-x-client", "client_secret": secret, "redirect_uris": [callback]})
    };
    world.steer(reqwest::Method::PUT, "apps", app("another secret")).await;
    world.advance(SignedDuration::from_hours(2));
    world.lease(&owner, &id).await.is_problem(409, "platform_not_configured");
    assert_eq!(verdict(&world, &owner, &id).await, pair("error", "platform_not_configured"));
    world.steer(reqwest::Method::PUT, "apps", app("simulated-x-client-secret")).await;
    world.advance(SignedDuration::from_mins(2));
    assert_eq!(world.lease(&owner, &id).await.status, 201);
    assert_eq!(world.kinds(&id), ["account.connected", "account.degraded", "account.recovered"]);
}

/// What is extended while it lives has ended once it has not been: told once, and not looked at again each minute, though
/// its platform does not answer.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_extended_in_time_has_ended_though_its_platform_is_silent() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "facebook", "acme").await.remove(0);
    world.fault(json!({"platform": "facebook", "route": "*", "kind": "status:500"})).await;
    world.advance(SignedDuration::from_hours(24 * 70));
    world.job("sweep").await;
    assert_eq!(verdict(&world, &owner, &id).await, pair("expired", "connection_expired"));
    world.advance(SignedDuration::from_mins(1));
    assert_eq!(world.job("sweep").await["grants"]["due"], 0);
    assert_eq!(world.kinds(&id), ["account.connected", "account.reauthorization_due", "account.expired"]);
}
