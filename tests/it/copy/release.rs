//! Asking another workspace to let an account go.

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::{Caller, World};

use super::{account, copied, ida, two};

async fn ask(caller: &Caller, id: &str, message: Value) -> tests::Answer {
    let body = json!({"platform": "x", "platform_account_id": id, "message": message});
    caller.post(&format!("/v1/workspaces/{}/release-requests", caller.workspace()), body).await
}

fn asked(world: &World, id: &str) -> Vec<Value> {
    let told = world.told(id).into_iter().filter(|(kind, _)| kind == "account.release_requested");
    told.map(|(_, event)| event).collect()
}

/// S1-54, CHK-A13: the other workspace is told who asks, once a day; whoever asks learns nothing, and nothing moves.
#[tokio::test(flavor = "multi_thread")]
async fn the_other_workspace_is_asked_to_let_it_go() {
    let world = World::start().await;
    let there = ida(&world, "ws_secret", &[]);
    let id = world.connect(&there, "x", "acme").await.remove(0);
    let platform_id = account(&there, &id).await["platform_account_id"].as_str().expect("an id").to_owned();
    let here = world.caller(json!({"ws": "ws_1", "role": "manager", "org": "org_1", "sub": "bo", "name": "Bo Lund"}));
    let taken = ask(&here, &platform_id, json!("We run\n this one  now.")).await;
    let free = ask(&here, "1", json!("We run this one now.")).await;
    assert_eq!((taken.status, &taken.body), (202, &json!({"status": "accepted"})), "{}", taken.text);
    assert_eq!((free.status, &free.body), (taken.status, &taken.body));
    let told = asked(&world, &id);
    assert_eq!(told.len(), 1);
    let data = &told[0]["data"];
    assert_eq!(data["asked_by"], json!({"id": "bo", "name": "Bo Lund"}));
    assert_eq!((&data["message"], &told[0]["workspace_id"]), (&json!("We run this one now."), &json!("ws_secret")));
    assert!(!told[0].to_string().contains("ws_1"), "{}", told[0]);
    assert_eq!(account(&there, &id).await["lifecycle"], "active");

    assert_eq!(ask(&here, &platform_id, Value::Null).await.status, 202);
    let other = ida(&world, "ws_2", &[]);
    assert_eq!(ask(&other, &platform_id, Value::Null).await.status, 202);
    assert_eq!(asked(&world, &id).len(), 2, "each workspace once");
    world.advance(SignedDuration::from_hours(24));
    let here = ida(&world, "ws_1", &[]);
    assert_eq!(ask(&here, &platform_id, Value::Null).await.status, 202);
    assert_eq!(asked(&world, &id).len(), 3);
    let sequences: Vec<Value> = world.told(&id).into_iter().map(|(_, event)| event["sequence"].clone()).collect();
    assert_eq!(sequences, [1, 2, 3, 4]);

    // Another organisation has nothing to ask for, and nobody asks themselves.
    let stranger = world.caller(json!({"ws": "ws_3", "role": "owner", "org": "org_2"}));
    assert_eq!(ask(&stranger, &platform_id, Value::Null).await.body, taken.body);
    assert_eq!(ask(&ida(&world, "ws_secret", &[]), &platform_id, Value::Null).await.body, taken.body);
    assert_eq!(asked(&world, &id).len(), 3);

    let before = world.dump().await;
    for (platform, id, message, pointer) in [
        ("nowhere", "1", "", "/platform"),
        ("x", "", "", "/platform_account_id"),
        ("x", "1\n", "", "/platform_account_id"),
        ("x", "1", &"x".repeat(501), "/message"),
    ] {
        let body = json!({"platform": platform, "platform_account_id": id, "message": message});
        let refused = here.post("/v1/workspaces/ws_1/release-requests", body).await;
        refused.is_problem(422, "validation_failed");
        assert_eq!(refused.body["errors"][0]["pointer"], pointer);
    }
    assert_eq!(world.dump().await, before);
}

/// S1-54: who has a copy asks by its id.
#[tokio::test(flavor = "multi_thread")]
async fn who_has_a_copy_asks_the_others_by_its_id() {
    let world = World::start().await;
    let (a, b) = two(&world);
    let source = world.connect(&a, "x", "acme").await.remove(0);
    let id = copied(&a, &source, "ws_b").await;
    let asks = b.post(&format!("/v1/accounts/{id}/release-request"), json!({"message": "Ours now."})).await;
    assert_eq!(asks.status, 202, "{}", asks.text);
    assert_eq!((asked(&world, &source).len(), asked(&world, &id).len()), (1, 0));
    b.post(&format!("/v1/accounts/{source}/release-request"), json!({})).await.is_problem(404, "not_found");
}
