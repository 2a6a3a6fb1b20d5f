//! A version of a platform's API that ends: told before, an operator's trouble after, and nobody's consent is lost.

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::{Caller, FINE, World};

use super::life::{state, way};

const DAY: SignedDuration = SignedDuration::from_hours(24);
const STEP: SignedDuration = SignedDuration::from_hours(6);

async fn notices(caller: &Caller, platform: &str) -> Vec<Value> {
    let told = caller.get(&format!("/v1/platforms/{platform}")).await.body;
    told["notices"].as_array().expect("notices").clone()
}

/// Why an attempt of acme's failed.
async fn refused(world: &World, owner: &Caller, platform: &str) -> Value {
    let attempt = world.attempt(owner, json!({"platform": platform})).await;
    attempt.land("acme").await;
    attempt.session().await["error"]["code"].clone()
}

/// Facebook refuses every call that names our version.
#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_is_refused_is_the_operator_s_trouble_and_ends_no_grant() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let facebook = way("facebook", "facebook_login");
    let id = facebook.connect(&world, &owner, "acme").await.remove(0);
    for route in ["token", "probe", "profile", "children", "permissions"] {
        world.fault(json!({"platform": "facebook", "route": route, "kind": "expired_version"})).await;
    }
    // Looked at once a day, and renewed when its time comes.
    for days in [2, 44] {
        world.live(DAY * days, STEP).await;
        let health = world.health(&owner, &id).await;
        let reason = &health["reasons"][0]["code"];
        assert_eq!((&health["state"], reason), (&json!("error"), &json!("platform_not_configured")), "{health}");
        assert_eq!(health["action"]["id"], "ask_operator", "{health}");
        let grant = world.grant_of(&owner, &id).await;
        assert_eq!(grant.upkeep.dead, None);
        assert_eq!(world.lease(&owner, &id).await.status, 201, "its token is as good as before");
    }
    assert_eq!(refused(&world, &owner, "facebook").await, "platform_not_configured");
    // Nobody could prolong its token for a day: its end is warned of.
    let told = ["account.connected", "account.degraded", "account.reauthorization_due"];
    assert_eq!(world.kinds(&id), told, "each once");
    world.no_faults().await;
    world.live(DAY, STEP).await;
    assert_eq!(state(&world, &owner, &id).await, FINE);
    facebook.leased(&world, &owner, &id).await;
    assert_eq!(world.kinds(&id).last().map(String::as_str), Some("account.recovered"));
}

/// What is asked of a version that has ended Facebook serves by the oldest that lives.
#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_is_served_by_another_is_nobody_s_trouble() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let facebook = way("facebook", "facebook_login");
    let id = facebook.connect(&world, &owner, "acme").await.remove(0);
    world.event(json!({"platform": "facebook", "kind": "version_sunset", "version": "v26.0"})).await;
    world.live(DAY * 46, STEP).await;
    assert!(world.count("refreshed").await >= 1);
    assert_eq!(state(&world, &owner, &id).await, FINE);
    facebook.leased(&world, &owner, &id).await;
    assert_eq!(facebook.connect(&world, &owner, "acme").await, [id]);
}

/// LinkedIn's tokens, and what it tells of them, have no version: who is connected stays so, and only whoever connects is
/// refused, until a newer version is spoken.
#[tokio::test(flavor = "multi_thread")]
async fn where_tokens_have_no_version_only_connecting_is_refused() {
    for by_event in [true, false] {
        let world = World::start().await;
        let owner = world.owner("ws_1");
        let linkedin = way("linkedin", "linkedin_login");
        let ids = linkedin.connect(&world, &owner, "acme").await;
        if by_event {
            world.event(json!({"platform": "linkedin", "kind": "version_sunset", "version": "202607"})).await;
        } else {
            let fault = json!({"platform": "linkedin", "route": "children", "kind": "error:version_sunset"});
            world.fault(fault).await;
        }
        assert_eq!(refused(&world, &owner, "linkedin").await, "platform_not_configured");
        world.live(DAY * 3, STEP).await;
        let answered: Vec<Value> = world.journal().await.iter().map(|call| call["status"].clone()).collect();
        assert!(answered.contains(&json!(426)), "as the platform answers after the end");
        for id in &ids {
            assert_eq!(state(&world, &owner, id).await, FINE);
            assert_eq!(world.grant_of(&owner, id).await.upkeep.dead, None);
            linkedin.leased(&world, &owner, id).await;
        }
        if !by_event {
            world.no_faults().await;
            assert_eq!(linkedin.connect(&world, &owner, "acme").await, ids);
        }
    }
}

/// S0-84: the end is told from sixty days before, to whoever reads the platforms and once a day in the log.
#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_version_is_told_before_it_comes() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    assert_eq!(notices(&owner, "linkedin").await, Vec::<Value>::new());
    world.live(DAY * 2, STEP).await;
    assert!(!world.log().contains("api_version_ending"), "the end is far");
    world.stack.set_time("2027-05-17T00:00:00Z".parse().expect("a time"));
    let told = notices(&owner, "linkedin").await;
    let [notice] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!((&notice["code"], &notice["severity"]), (&json!("api_version_ending"), &json!("info")), "{notice}");
    assert_eq!((&notice["method"], &notice["ends_on"]), (&json!("linkedin_login"), &json!("2027-07-15")), "{notice}");
    world.live(DAY * 2, STEP).await;
    let log = world.log();
    let lines: Vec<&str> = log.lines().filter(|line| line.contains("api_version_ending")).collect();
    assert!(lines.iter().any(|line| line.contains("linkedin") && line.contains("202607")), "{lines:?}");
    assert!((1..=4).contains(&lines.iter().filter(|line| line.contains("linkedin")).count()), "once a day: {lines:?}");
    // What the catalogue says comes true at the platform.
    world.stack.set_time("2027-07-15T00:00:00Z".parse().expect("a time"));
    assert_eq!(notices(&owner, "linkedin").await[0]["severity"], "error");
    assert_eq!(refused(&world, &owner, "linkedin").await, "platform_not_configured");
}
