//! The first story, line by line, by every method.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use tests::{Caller, FINE, World};

/// One method and what its simulated people have there.
struct Way {
    platform: &'static str,
    method: &'static str,
    kind: &'static str,
    /// What mallory is called there.
    other: &'static str,
    /// What disconnecting the last account comes to.
    revocation: &'static str,
    /// Whether the platform is told by an event which `account` revoked.
    simulated: &'static str,
    /// Whether it tells which scopes it gave.
    tells: bool,
}

/// Those by which acme has one account with a handle; the others are in `platform/life.rs` too.
const WAYS: [Way; 10] = [
    Way {
        platform: "facebook",
        method: "facebook_login",
        kind: "page",
        other: "mallorytrading",
        revocation: "revoked",
        simulated: "facebook",
        tells: true,
    },
    Way {
        platform: "instagram",
        method: "facebook_login",
        kind: "instagram_business",
        other: "mallory",
        revocation: "revoked",
        simulated: "facebook",
        tells: true,
    },
    Way {
        platform: "instagram",
        method: "instagram_login",
        kind: "instagram_business",
        other: "mallory",
        revocation: "unsupported",
        simulated: "instagram",
        tells: true,
    },
    Way {
        platform: "x",
        method: "x_login",
        kind: "profile",
        other: "mallory",
        revocation: "revoked",
        simulated: "x",
        tells: true,
    },
    Way {
        platform: "threads",
        method: "threads_login",
        kind: "profile",
        other: "mallory",
        revocation: "unsupported",
        simulated: "threads",
        tells: false,
    },
    Way {
        platform: "tiktok",
        method: "tiktok_login",
        kind: "profile",
        other: "mallory",
        revocation: "revoked",
        simulated: "tiktok",
        tells: true,
    },
    Way {
        platform: "tiktok",
        method: "tiktok_business",
        kind: "profile",
        other: "mallory",
        revocation: "revoked",
        simulated: "tiktok",
        tells: true,
    },
    Way {
        platform: "pinterest",
        method: "pinterest_login",
        kind: "profile",
        other: "mallory",
        revocation: "unsupported",
        simulated: "pinterest",
        tells: true,
    },
    Way {
        platform: "youtube",
        method: "google_login",
        kind: "channel",
        other: "mallorytrading",
        revocation: "revoked",
        simulated: "google",
        tells: true,
    },
    Way {
        platform: "reddit",
        method: "reddit_login",
        kind: "profile",
        other: "mallory",
        revocation: "revoked",
        simulated: "reddit",
        tells: true,
    },
];

impl Way {
    fn ask(&self, more: &Value) -> Value {
        let mut ask = json!({"platform": self.platform, "method": self.method});
        for (name, value) in more.as_object().into_iter().flatten() {
            ask[name] = value.clone();
        }
        ask
    }

    async fn session(&self, world: &World, caller: &Caller, more: &Value, person: &str) -> Value {
        world.consent(caller, self.ask(more), person).await
    }
}

fn first(session: &Value) -> String {
    session["accounts"][0]["id"].as_str().unwrap_or_else(|| panic!("{session}")).to_owned()
}

/// S0-01, S3-01, S2-10, S3-34: the catalogue names them, what they require, and how each is connected.
#[tokio::test(flavor = "multi_thread")]
async fn the_catalogue_names_platforms_their_ways_and_what_they_require() {
    let world = World::start().await;
    let listed = world.owner("ws_1").get("/v1/platforms").await.body;
    let platforms: BTreeMap<&str, &Value> = listed["data"]
        .as_array()
        .expect("platforms")
        .iter()
        .map(|platform| (platform["id"].as_str().expect("an id"), platform))
        .collect();
    for usual in ["facebook", "instagram", "x", "linkedin", "tiktok"] {
        assert!(platforms.contains_key(usual), "{usual}");
    }
    for (platform, entry) in &platforms {
        let mut ways: Vec<&str> = Vec::new();
        for method in entry["methods"].as_array().expect("methods") {
            assert_eq!(method["configured"], true, "{platform}");
            ways.push(method["id"].as_str().expect("an id"));
        }
        let several = ["instagram", "tiktok"].contains(platform);
        assert_eq!(ways.len(), if several { 2 } else { 1 }, "{platform}: {ways:?}");
        let mut tried = WAYS.iter().filter(|way| way.platform == *platform);
        assert!(tried.all(|way| ways.contains(&way.method)), "{platform}: {ways:?}");
    }
    let required = platforms["tiktok"]["requirements"].as_array().expect("requirements");
    let business = required.iter().find(|one| one["code"] == "business_account").expect("it is told");
    assert!(business["text"].as_str().is_some_and(|text| text.contains("business account")), "{business}");
}

/// From nothing to a main account, found in its list, by each of these methods.
///
/// S0-05, S0-17, S0-21, S0-22, S0-26, S1-13, S2-02, S2-04, S2-05, S3-15, S3-17, S3-24
#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_connected_by_every_method() {
    let mut shapes = BTreeSet::new();
    for way in WAYS {
        let world = World::start().await;
        let owner = world.owner("ws_1");
        let listed = owner.get(&format!("/v1/platforms/{}", way.platform)).await.body;
        let method = listed["methods"].as_array().expect("methods").iter().find(|m| m["id"] == way.method);
        assert_eq!(method.expect("the method")["configured"], true, "{listed}");
        let more = json!({"expected_handle": "@Acme", "capabilities": ["publish", "analytics"],
                          "return_url": "https://app.example/done", "external_id": "user_42"});
        let attempt = world.attempt(&owner, way.ask(&more)).await;
        let page = attempt.browser.open(&attempt.start_url).await;
        assert!(page.text.contains("ws_1") && page.text.contains("@acme"), "{}", page.text);
        let landed = attempt.land("acme").await;
        let done = format!("https://app.example/done?session={}", attempt.id);
        assert_eq!((landed.status, landed.location()), (303, Some(done)), "{}", landed.text);
        let session = attempt.session().await;
        assert_eq!((&session["status"], &session["method"]), (&json!("completed"), &json!(way.method)), "{session}");

        let id = first(&session);
        let account = owner.get(&format!("/v1/accounts/{id}")).await.body;
        shapes.insert(account.as_object().expect("an account").keys().cloned().collect::<Vec<_>>());
        assert_eq!((&account["kind"], &account["handle"]), (&json!(way.kind), &json!("acme")), "{account}");
        assert_eq!((&account["method"], &account["external_id"]), (&json!(way.method), &json!("user_42")));
        assert_eq!((&account["is_main"], &account["health"]["state"]), (&json!(true), &json!(FINE)), "{account}");
        for capability in ["publish", "analytics"] {
            let works = if way.tells { json!([true, null]) } else { json!([null, "unknown"]) };
            let works = json!({"available": works[0], "reason": works[1]});
            assert_eq!(account["capabilities"][capability], works, "{} {capability}", way.method);
        }
        let main = owner.put(&format!("/v1/accounts/{id}/main")).await;
        assert_eq!(main.body, json!({"id": id, "is_main": true, "demoted": null}));
        let path = format!("/v1/workspaces/ws_1/accounts?platform={}", way.platform);
        assert_eq!(owner.get(&path).await.body["data"].as_array().map(Vec::len), Some(1));
    }
    assert_eq!(shapes.len(), 1, "one shape for all: {shapes:?}");
}

/// S1-15, S1-16, S3-52: at the limit no further attempt starts.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_plan_refuses_every_method() {
    for way in WAYS {
        let world = World::start().await;
        let free = world.caller(json!({"ws": "ws_1", "role": "owner"}));
        way.session(&world, &free, &json!({}), "acme").await;
        let second = free.post("/v1/workspaces/ws_1/connect-sessions", way.ask(&json!({}))).await;
        second.is_problem(403, "plan_limit_reached");
        assert_eq!((&second.body["scope"], &second.body["used"]), (&json!("per_platform"), &json!(1)));
    }
}

/// S0-18, S0-21: somebody else signs in, and nothing is written.
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_login_fails_by_every_method() {
    for way in WAYS {
        let world = World::start().await;
        let owner = world.owner("ws_1");
        let session = way.session(&world, &owner, &json!({"expected_handle": "acme"}), "mallory").await;
        let error = &session["error"];
        assert_eq!((&session["status"], &error["code"]), (&json!("failed"), &json!("account_mismatch")), "{session}");
        assert_eq!((&error["expected"], &error["got"]), (&json!("acme"), &json!(way.other)));
        assert_eq!(owner.get("/v1/workspaces/ws_1/accounts").await.body["data"], json!([]));
    }
}

/// S0-32: a person who says no ends the attempt, and nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_consent_fails_by_every_method() {
    for way in WAYS {
        let world = World::start().await;
        let owner = world.owner("ws_1");
        let attempt = world.attempt(&owner, way.ask(&json!({}))).await;
        let authorize = attempt.browser.press_continue(&attempt.start_url).await;
        let denied = attempt.browser.answer(&authorize, &[("person", "acme"), ("decision", "deny")]).await;
        attempt.browser.open(&denied).await;
        let session = attempt.session().await;
        assert_eq!(session["error"]["code"], "consent_denied", "{} {session}", way.method);
        assert_eq!(world.calls("token").await, 0);
    }
}

/// S1-19, S1-29, S1-30: reconnecting keeps the id, disconnecting says what came of the access, and the account
/// comes back under its id.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_healed_disconnected_and_brought_back_by_every_method() {
    for way in WAYS {
        let world = World::start().await;
        let owner = world.owner("ws_1");
        let id = first(&way.session(&world, &owner, &json!({}), "acme").await);
        // At the platform everything ends.
        world.event(json!({"platform": way.simulated, "account": "acme", "kind": "revoke"})).await;
        let again = way.session(&world, &owner, &json!({"account_id": id}), "acme").await;
        assert_eq!(first(&again), id);
        let other = way.session(&world, &owner, &json!({"account_id": id}), "mallory").await;
        assert_eq!(other["error"]["code"], "account_mismatch", "{other}");
        let receipt = owner.post(&format!("/v1/accounts/{id}/disconnect"), json!({})).await;
        assert_eq!(receipt.body["revocation"]["status"], way.revocation, "{} {}", way.method, receipt.text);
        let by_hand = receipt.body["revocation"]["manual_url"].is_string();
        assert_eq!(by_hand, way.revocation == "unsupported", "{}", receipt.text);
        let back = way.session(&world, &owner, &json!({}), "acme").await;
        assert_eq!(first(&back), id, "under its old id");
        assert_eq!(owner.delete(&format!("/v1/accounts/{id}")).await.status, 202);
        let new = way.session(&world, &owner, &json!({}), "acme").await;
        assert_ne!(first(&new), id, "a removed account comes back as a new one");
    }
}
