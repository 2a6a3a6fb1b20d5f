//! What is decided for a workspace: read, changed member by member, and refused as a whole.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Caller, FINE, Options, World, send};

use crate::plan::{backend, patch};

const WS: &str = "/v1/workspaces/ws_1";

async fn change(caller: &Caller, body: Value) -> Answer {
    patch(caller, "ws_1", body).await
}

async fn read(caller: &Caller) -> Value {
    caller.get(WS).await.body
}

/// What nobody decided is told as it is then.
fn nothing_decided(plan: &str) -> Value {
    json!({
        "id": "ws_1", "organization_id": "org_ws_1", "name": null, "timezone": "UTC", "plan": plan, "plan_set": null,
        "overrides": {"max_total": null, "max_per_platform": null}, "suspended": 0, "lockdown": null, "advice": [], "etag": "\"0\"",
        "policies": {
            "reuse_grant": false, "cross_workspace": "copy_only", "expiring_window": "P30D", "vocabulary": null,
            "retention": {"activity": "P90D", "audit": "P400D", "metrics": "P760D"}, "return_urls": [],
            "identity_configured": null,
        },
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_absent_stays_and_null_takes_it_away() {
    let world = World::start().await;
    let admin = world.member("ws_1", "admin");
    assert_eq!(read(&admin).await, nothing_decided("enterprise"));
    let policies = json!({
        "reuse_grant": true, "cross_workspace": "forbid", "expiring_window": "P14D", "vocabulary": "s1",
        "retention": {"activity": "P400D", "audit": "P30D", "metrics": "P3650D"},
        "return_urls": ["https://acme.example/done"], "identity_configured": false,
    });
    let all = json!({"name": " Acme\u{200b} Studio ", "timezone": "europe/oslo", "policies": policies});
    let set = change(&admin, all).await;
    assert_eq!((set.status, set.header("etag")), (200, Some("\"1\"")), "{}", set.text);
    let mut expected = nothing_decided("enterprise");
    (expected["name"], expected["timezone"], expected["etag"]) =
        ("Acme Studio".into(), "Europe/Oslo".into(), "\"1\"".into());
    expected["policies"] = policies;
    expected["advice"] = set.body["advice"].clone();
    assert_eq!((&set.body, &read(&admin).await), (&expected, &expected));

    let one = change(&admin, json!({"policies": {"retention": {"audit": "P3650D"}}})).await;
    expected["policies"]["retention"]["audit"] = "P3650D".into();
    expected["etag"] = "\"2\"".into();
    assert_eq!(one.body, expected);
    let nothing = change(&admin, json!({})).await;
    expected["etag"] = "\"3\"".into();
    assert_eq!(nothing.body, expected);

    let gone = change(
        &admin,
        json!({"name": null, "timezone": null, "plan": null, "overrides": null, "policies": {
        "reuse_grant": null, "cross_workspace": null, "expiring_window": null, "vocabulary": null,
        "retention": {"activity": null, "audit": null, "metrics": null}, "return_urls": null,
        "identity_configured": null}}),
    )
    .await;
    assert_eq!(gone.status, 200, "{}", gone.text);
    let mut expected = nothing_decided("enterprise");
    expected["etag"] = "\"4\"".into();
    assert_eq!(gone.body, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_refused_and_changes_nothing() {
    let world = World::start().await;
    let admin = world.member("ws_1", "admin");
    assert_eq!(change(&admin, json!({"name": "Acme"})).await.status, 200);
    let before = world.dump().await;
    let long = "x".repeat(101);
    let address = |path: &str| json!({"policies": {"return_urls": ["https://app.example/", path]}});
    let many: Vec<String> = (0..21).map(|n| format!("https://app.example/{n}")).collect();
    for (body, pointer) in [
        (json!({"name": ""}), "/name"),
        (json!({"name": "\u{202e}\u{200b} "}), "/name"),
        (json!({"name": long}), "/name"),
        (json!({"policies": {"cross_workspace": "sometimes"}}), "/policies/cross_workspace"),
        (json!({"policies": {"expiring_window": "P0D"}}), "/policies/expiring_window"),
        (json!({"policies": {"expiring_window": "P366D"}}), "/policies/expiring_window"),
        (json!({"policies": {"expiring_window": "P1W"}}), "/policies/expiring_window"),
        (json!({"policies": {"expiring_window": "P+9D"}}), "/policies/expiring_window"),
        (json!({"policies": {"expiring_window": "30"}}), "/policies/expiring_window"),
        (json!({"policies": {"vocabulary": "s5"}}), "/policies/vocabulary"),
        (json!({"policies": {"retention": {"activity": "P29D"}}}), "/policies/retention/activity"),
        (json!({"policies": {"retention": {"activity": "P401D"}}}), "/policies/retention/activity"),
        (json!({"policies": {"retention": {"audit": "P3651D"}}}), "/policies/retention/audit"),
        (json!({"policies": {"retention": {"metrics": "P99999D"}}}), "/policies/retention/metrics"),
        (json!({"policies": {"return_urls": many}}), "/policies/return_urls"),
        (address("http://app.example/"), "/policies/return_urls/1"),
        (address("https://app.example/?a=b"), "/policies/return_urls/1"),
        (address("https://app.example/#a"), "/policies/return_urls/1"),
        (address("https://user@app.example/"), "/policies/return_urls/1"),
        (address("https://app.example/a%2fb"), "/policies/return_urls/1"),
        (address("javascript:alert(1)"), "/policies/return_urls/1"),
        (address(&format!("https://app.example/{}", "x".repeat(300))), "/policies/return_urls/1"),
    ] {
        // What is right beside it is not done either.
        let mut body = body;
        if body.get("name").is_none() {
            body["name"] = "Another".into();
        }
        let refused = change(&admin, body.clone()).await;
        refused.is_problem(422, "validation_failed");
        assert_eq!(refused.body["errors"][0]["pointer"], pointer, "{body}");
    }
    for zone in ["+02:00", "Mars/Olympus", ""] {
        change(&admin, json!({"timezone": zone})).await.is_problem(422, "timezone_invalid");
    }
    for body in [
        json!({"etag": "\"9\""}),
        json!({"policies": {"reuse_grants": true}}),
        json!({"policies": {"retention": {"events": "P30D"}}}),
        json!({"overrides": {"max": 1}}),
    ] {
        change(&admin, body).await.is_problem(400, "unknown_field");
    }
    let late = admin.call(Method::PATCH, WS).header("if-match", "\"0\"").json(&json!({"name": "Late"}));
    send(late).await.is_problem(412, "version_conflict");
    change(&world.member("ws_1", "manager"), json!({"name": "Mine"})).await.is_problem(403, "permission_denied");
    change(&world.owner("ws_2"), json!({"name": "Mine"})).await.is_problem(404, "not_found");
    assert_eq!(world.dump().await, before);
}

/// What a customer pays for is said by the SaaS, not by the customer.
#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_set_with_an_api_key_and_by_no_person() {
    let world = World::start().await;
    let backend = backend(&world, "ws_1").await;
    let owner = world.owner("ws_1");
    let before = read(&owner).await;
    for body in [
        json!({"plan": "enterprise"}),
        json!({"overrides": {"max_total": 1000}}),
        json!({"name": "Acme", "overrides": {"max_per_platform": 1}}),
    ] {
        let refused = change(&owner, body).await;
        refused.is_problem(403, "permission_denied");
        assert!(refused.body["detail"].as_str().expect("a detail").contains("API key"), "{}", refused.text);
    }
    assert_eq!(read(&owner).await, before);
    for (body, pointer) in [(json!({"plan": "gold"}), "/plan"), (json!({"plan": ""}), "/plan")] {
        let refused = change(&backend, body).await;
        refused.is_problem(422, "validation_failed");
        assert_eq!(refused.body["errors"][0]["pointer"], pointer);
    }
    for odd in [json!({"overrides": {"max_total": -1}}), json!({"overrides": {"max_total": 1.5}}), json!({"plan": 3})] {
        change(&backend, odd).await.is_problem(400, "invalid_request");
    }
    let set = change(&backend, json!({"plan": "starter", "overrides": {"max_total": 4}})).await;
    assert_eq!(set.status, 200, "{}", set.text);
    let overrides = json!({"max_total": 4, "max_per_platform": null});
    assert_eq!((&set.body["plan"], &set.body["plan_set"]), (&json!("starter"), &json!("starter")));
    assert_eq!(set.body["overrides"], overrides);
    // The record's plan counts, whatever a token claims; what is left out stays.
    let renamed = change(&owner, json!({"name": "Acme"})).await;
    assert_eq!((&renamed.body["plan"], &renamed.body["overrides"]), (&json!("starter"), &overrides));
    let limits = owner.get(&format!("{WS}/limits")).await.body;
    assert_eq!((&limits["plan"], &limits["total"]["limit"]), (&json!("starter"), &json!(4)));
    assert_eq!(limits["per_platform"][0]["limit"], 3);
    let more = change(&backend, json!({"overrides": {"max_total": null, "max_per_platform": 5}})).await;
    assert_eq!(more.body["overrides"], json!({"max_total": null, "max_per_platform": 5}));
}

/// S0-14: whether the SaaS knows what its AI needs to know is advice, and everything works meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn a_missing_identity_is_advice_and_blocks_nothing() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    assert_eq!(read(&owner).await["advice"], json!([]), "nobody said");
    let set = async |is: bool| change(&owner, json!({"policies": {"identity_configured": is}})).await.body;
    let advice = set(false).await["advice"].clone();
    let [missing] = advice.as_array().expect("a list").as_slice() else { panic!("{advice}") };
    assert_eq!((&missing["code"], &missing["severity"]), (&json!("identity_missing"), &json!("info")));
    assert_eq!(read(&owner).await["advice"], advice);
    let id = world.connect(&owner, "x", "acme").await.remove(0);
    assert_eq!(world.health(&owner, &id).await["state"], FINE);
    assert_eq!(world.lease(&owner, &id).await.status, 201);
    assert_eq!(set(true).await["advice"], json!([]));
}

/// S3-56, S3-57
#[tokio::test(flavor = "multi_thread")]
async fn a_plan_says_what_it_includes() {
    let world = World::start().await;
    let plans = world.nobody().get("/v1/meta/plans").await.body;
    let entitled: Vec<_> =
        plans["data"].as_array().expect("plans").iter().map(|p| (p["id"].clone(), p["entitlements"].clone())).collect();
    let all = json!(["branding", "own_oauth_apps"]);
    assert_eq!(
        entitled,
        [("free", json!([])), ("starter", json!([])), ("professional", json!([])), ("enterprise", all.clone())]
            .map(|(id, has)| (json!(id), has))
    );
    assert_eq!(world.owner("ws_1").get(&format!("{WS}/limits")).await.body["entitlements"], all);
}

/// The operator's addresses and the workspace's own, and no others.
#[tokio::test(flavor = "multi_thread")]
async fn a_browser_is_sent_back_to_the_workspaces_own_addresses_too() {
    let return_urls = vec!["https://operator.example/".to_owned()];
    let world = World::with(Options { return_urls, ..Options::default() }).await;
    let owner = world.owner("ws_1");
    let start = async |to: &str| {
        let ask = json!({"platform": "x", "return_url": to});
        owner.post(&format!("{WS}/connect-sessions"), ask).await
    };
    let (own, below) = ("https://acme.example/done", "https://acme.example/done/x?account=1");
    start(own).await.is_problem(422, "return_url_not_allowed");
    change(&owner, json!({"policies": {"return_urls": [own]}})).await;
    for good in [own, below, "https://operator.example/a"] {
        assert_eq!(start(good).await.status, 201, "{good}");
    }
    for bad in ["https://acme.example/", "https://acme.example/donee", "https://acme.example/done/%2e%2e/x"] {
        start(bad).await.is_problem(422, "return_url_not_allowed");
    }
    let ask = json!({"platform": "x", "return_url": own});
    let elsewhere = world.owner("ws_2").post("/v1/workspaces/ws_2/connect-sessions", ask.clone()).await;
    elsewhere.is_problem(422, "return_url_not_allowed");
    let session = world.attempt(&owner, ask).await;
    let landed = session.land("acme").await;
    assert!(landed.location().expect("a redirect").starts_with(own), "{landed:?}");
}
