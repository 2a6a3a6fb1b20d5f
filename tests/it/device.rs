//! The devices of an Instagram account.

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::{Answer, Caller, World};

const PUSH_TOKEN: &str = "fcm-token-that-nobody-sees";

async fn instagram(world: &World, owner: &Caller, person: &str) -> String {
    let ask = json!({"platform": "instagram", "method": "instagram_login"});
    let session = world.consent(owner, ask, person).await;
    session["accounts"][0]["id"].as_str().expect("an account").to_owned()
}

fn telephone(key: &str) -> Value {
    json!({"device_key": key, "name": "Ada's telephone", "os": "ios 20.1", "app_version": "7.3", "push_token": PUSH_TOKEN})
}

async fn register(caller: &Caller, account: &str, body: Value) -> Answer {
    caller.post(&format!("/v1/accounts/{account}/devices"), body).await
}

async fn devices(caller: &Caller, account: &str) -> Vec<Value> {
    let answer = caller.get(&format!("/v1/accounts/{account}/devices")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body["data"].as_array().expect("devices").clone()
}

/// S2-06, S2-08: the same key is the same device.
#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_signs_in_again_is_the_same_device() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let account = instagram(&world, &owner, "demo-01").await;
    assert_eq!(devices(&owner, &account).await, Vec::<Value>::new());
    let first = register(&owner, &account, telephone("one")).await;
    assert_eq!((first.status, &first.body["status"]), (201, &json!("active")), "{}", first.text);
    assert_eq!((&first.body["relogin_url"], &first.body["expires_at"]), (&Value::Null, &json!("2026-12-22T10:00:00Z")));
    world.advance(SignedDuration::from_hours(1));
    let other = register(&owner, &account, telephone("two")).await;
    assert_eq!(devices(&owner, &account).await, [other.body.clone(), first.body.clone()], "the last one first");

    world.advance(SignedDuration::from_hours(24 * 30));
    let is = |devices: Vec<Value>| devices.iter().map(|device| device["status"].clone()).collect::<Vec<_>>();
    assert_eq!(is(devices(&owner, &account).await), ["expired", "expired"]);
    let relogin = devices(&owner, &account).await[0]["relogin_url"].clone();
    assert_eq!(relogin, format!("{}/v1/accounts/{account}/devices", world.product));
    let mut renamed = telephone("one");
    renamed["name"] = "Ada's old telephone".into();
    let again = register(&owner, &account, renamed).await;
    assert_eq!((again.status, &again.body["id"], &again.body["status"]), (200, &first.body["id"], &json!("active")));
    let found = devices(&owner, &account).await;
    assert_eq!((found.len(), &found[0]["name"]), (2, &json!("Ada's old telephone")));
    let elsewhere = instagram(&world, &owner, "demo-02").await;
    let same_key = register(&owner, &elsewhere, telephone("one")).await;
    assert_ne!(same_key.body["id"], first.body["id"], "a device belongs to one account");
}

/// S2-07: a session that is over, a token that is refused, or a month away.
#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_active_or_expired_by_what_is_known_and_by_the_time() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let account = instagram(&world, &owner, "demo-01").await;
    let with = |key: &str, member: &str, value: Value| {
        let mut body = telephone(key);
        body[member] = value;
        body
    };
    register(&owner, &account, telephone("quiet")).await;
    register(&owner, &account, with("session", "session_expires_at", json!("2026-11-22T12:00:00Z"))).await;
    let refused = register(&owner, &account, with("refused", "push_token_valid", json!(false))).await;
    assert_eq!(refused.body["status"], "expired");
    let count = |devices: Vec<Value>| devices.iter().filter(|device| device["status"] == "active").count();
    assert_eq!(count(devices(&owner, &account).await), 2);
    world.advance(SignedDuration::from_hours(2) - SignedDuration::from_secs(1));
    assert_eq!(count(devices(&owner, &account).await), 2);
    world.advance(SignedDuration::from_secs(1));
    assert_eq!(count(devices(&owner, &account).await), 1);
    world.advance(SignedDuration::from_hours(24 * 30 - 2) - SignedDuration::from_secs(1));
    assert_eq!(count(devices(&owner, &account).await), 1);
    world.advance(SignedDuration::from_secs(1));
    assert_eq!(count(devices(&owner, &account).await), 0);
    assert_eq!(register(&owner, &account, telephone("refused")).await.body["status"], "active", "a token that works");
}

/// S2-09: nothing is left by which it could be notified.
#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_removed_with_all_that_is_known_of_it() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let account = instagram(&world, &owner, "demo-01").await;
    let first = register(&owner, &account, telephone("one")).await.body;
    let kept = register(&owner, &account, telephone("two")).await.body;
    let text = serde_json::to_string(&world.dump().await).expect("JSON");
    assert!(!text.contains(PUSH_TOKEN) && !first.to_string().contains(PUSH_TOKEN), "kept as a digest only");
    let path = format!("/v1/accounts/{account}/devices/{}", first["id"].as_str().expect("an id"));
    world.member("ws_1", "analyst").delete(&path).await.is_problem(403, "permission_denied");
    let elsewhere = instagram(&world, &owner, "demo-02").await;
    owner.delete(&path.replace(&account, &elsewhere)).await.is_problem(404, "not_found");
    assert_eq!(owner.delete(&path).await.status, 204);
    owner.delete(&path).await.is_problem(404, "not_found");
    assert_eq!(devices(&owner, &account).await, [kept]);
    assert!(!world.dump().await.keys().any(|key| key.contains(first["id"].as_str().expect("an id"))));
    assert_eq!(register(&owner, &account, telephone("one")).await.status, 201, "it may come back");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_has_twenty_devices_at_most_also_when_many_come_at_once() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let account = instagram(&world, &owner, "demo-01").await;
    for n in 0..15 {
        assert_eq!(register(&owner, &account, telephone(&n.to_string())).await.status, 201);
    }
    let many = (15..27).map(|n| register(&owner, &account, telephone(&n.to_string())));
    let many = futures::future::join_all(many).await;
    assert!(many.iter().all(|answer| matches!(answer.status, 201 | 409 | 422)), "{many:?}");
    let mut all = devices(&owner, &account).await;
    for n in 27.. {
        let one_more = register(&owner, &account, telephone(&n.to_string())).await;
        if one_more.status == 422 {
            assert_eq!(one_more.body["errors"][0]["pointer"], "/device_key");
            break;
        }
        all = devices(&owner, &account).await;
    }
    assert_eq!(all.len(), 20);
    assert_eq!(register(&owner, &account, telephone("3")).await.status, 200, "one that is known signs in");
    let path = format!("/v1/accounts/{account}/devices/{}", all[0]["id"].as_str().expect("an id"));
    assert_eq!(owner.delete(&path).await.status, 204);
    assert_eq!(register(&owner, &account, telephone("another")).await.status, 201);
    register(&owner, &account, telephone("one too many")).await.is_problem(422, "validation_failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_no_devices_or_is_none_is_refused() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let x = world.connect(&owner, "x", "acme").await.remove(0);
    register(&owner, &x, telephone("one")).await.is_problem(422, "devices_not_supported");
    owner.get(&format!("/v1/accounts/{x}/devices")).await.is_problem(422, "devices_not_supported");
    let account = instagram(&world, &owner, "demo-01").await;
    let before = world.dump().await;
    for (member, value) in [
        ("device_key", json!("")),
        ("device_key", json!("k".repeat(129))),
        ("name", json!("\u{200b}")),
        ("name", json!("n".repeat(101))),
        ("os", json!("")),
        ("app_version", json!("v".repeat(101))),
        ("push_token", json!("t".repeat(4097))),
    ] {
        let mut body = telephone("one");
        body[member] = value;
        let refused = register(&owner, &account, body).await;
        refused.is_problem(422, "validation_failed");
        assert_eq!(refused.body["errors"][0]["pointer"], format!("/{member}"));
    }
    assert_eq!(world.dump().await, before);
}

/// S2-23: devices stay while an account is disconnected, and go with it.
#[tokio::test(flavor = "multi_thread")]
async fn devices_stay_while_disconnected_and_go_when_removed() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let account = instagram(&world, &owner, "demo-01").await;
    let device = register(&owner, &account, telephone("one")).await.body;
    assert_eq!(owner.post(&format!("/v1/accounts/{account}/disconnect"), json!({})).await.status, 200);
    assert_eq!(devices(&owner, &account).await, [device]);
    register(&owner, &account, telephone("two")).await.is_problem(409, "account_disconnected");
    assert_eq!(instagram(&world, &owner, "demo-01").await, account);
    assert_eq!(register(&owner, &account, telephone("two")).await.status, 201);
    assert_eq!(owner.delete(&format!("/v1/accounts/{account}")).await.status, 202);
    let left = world.dump().await.into_keys().filter(|key| key.contains(&format!("D#{account}"))).count();
    assert_eq!(left, 0);
}
