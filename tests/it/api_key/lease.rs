//! A program that publishes for people names them, and their rights decide.

use serde_json::{Value, json};
use tests::{Answer, Caller, World};

use super::reader::decide;

async fn lease(caller: &Caller, account: &str, person: Value) -> Answer {
    let path = format!("/v1/accounts/{account}/credential-leases");
    caller.post(&path, json!({"purpose": "publish", "on_behalf_of": person})).await
}

/// S0-68, S2-29: an editor's publisher gets the token, a viewer's does not, and an account's own list is kept to.
#[tokio::test(flavor = "multi_thread")]
async fn a_lease_for_a_person_is_judged_by_their_rights_too() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let account = world.connect(&owner, "x", "demo-01").await.remove(0);
    let (key, program) = owner.program(&["credentials:lease"]).await;
    let person = |id: &str, role: &str| json!({"id": id, "role": role});
    for role in ["viewer", "analyst"] {
        lease(&program, &account, person("ann", role)).await.is_problem(403, "permission_denied");
    }
    for role in ["editor", "manager", "admin", "owner"] {
        assert_eq!(lease(&program, &account, person("ann", role)).await.status, 201, "{role}");
    }
    let acl = json!([{"user": "ann", "rights": ["publish"]}, {"user": "bob", "rights": ["analytics"]}]);
    decide(&world, "ws_1", &account, json!({"visibility": "private", "acl": acl})).await;
    assert_eq!(lease(&program, &account, person("ann", "editor")).await.status, 201);
    lease(&program, &account, person("ann", "viewer")).await.is_problem(403, "permission_denied");
    lease(&program, &account, person("bob", "manager")).await.is_problem(403, "permission_denied");
    lease(&program, &account, person("eve", "manager")).await.is_problem(404, "not_found");
    assert_eq!(lease(&program, &account, person("eve", "admin")).await.status, 201);
    assert_eq!(lease(&program, &account, Value::Null).await.status, 201, "for nobody but itself");

    let table = world.whole_dump().await;
    let records: Vec<&Value> = table.iter().filter(|(key, _)| key.contains("U#")).map(|(_, record)| record).collect();
    let both = |person: &str, outcome: &str| {
        let of = |record: &&&Value| {
            record["actor"]["id"] == key.as_str() && record["on_behalf_of"] == person && record["outcome"] == outcome
        };
        records.iter().filter(of).count()
    };
    assert_eq!((both("ann", "done"), both("ann", "permission_denied"), both("bob", "permission_denied")), (5, 3, 1));
    assert_eq!((both("eve", "done"), both("eve", "not_found")), (1, 1));
}

/// S3-59: who first uses an account is not unusual; whoever comes later is told of once, and by whom it was asked for.
#[tokio::test(flavor = "multi_thread")]
async fn somebody_new_who_uses_an_account_is_told_of_once() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let account = world.connect(&owner, "x", "demo-01").await.remove(0);
    let (key, program) = owner.program(&["credentials:lease"]).await;
    let editor = world.member("ws_1", "editor");
    for _ in 0..2 {
        assert_eq!(world.lease(&owner, &account).await.status, 201);
        assert_eq!(world.lease(&editor, &account).await.status, 201);
        assert_eq!(lease(&program, &account, json!({"id": "ann", "role": "editor"})).await.status, 201);
        // Not yet known as a caller, and well known as a person.
        assert_eq!(lease(&program, &account, json!({"id": "user-owner", "role": "owner"})).await.status, 201);
    }
    world.lease(&world.member("ws_1", "viewer"), &account).await.is_problem(403, "permission_denied");
    let told = world.told(&account);
    let unusual = told.iter().filter(|(kind, _)| kind == "account.access_unusual");
    let unusual: Vec<Value> = unusual
        .map(|(_, event)| {
            let data = &event["data"];
            assert_eq!((&data["reason"], &data["purpose"]), (&json!("first_use"), &json!("publish")));
            json!([data["by"]["id"], data["by"]["credential"], data["on_behalf_of"]])
        })
        .collect();
    assert_eq!(unusual, [json!(["user-editor", "token", null]), json!([key, "api_key", "ann"])]);
    assert_eq!(told.last().expect("events").1["sequence"], told.len());
}

/// A member's own token says who they are, so they cannot be somebody else.
#[tokio::test(flavor = "multi_thread")]
async fn only_a_program_names_somebody() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let account = world.connect(&owner, "x", "demo-01").await.remove(0);
    let before = world.dump().await;
    let refused = lease(&owner, &account, json!({"id": "ann", "role": "owner"})).await;
    refused.is_problem(422, "validation_failed");
    assert_eq!(refused.body["errors"][0]["pointer"], "/on_behalf_of");
    let (_, program) = owner.program(&["accounts:read"]).await;
    lease(&program, &account, json!({"id": "ann", "role": "owner"})).await.is_problem(403, "permission_denied");
    let (_, program) = owner.program(&["credentials:lease"]).await;
    for id in [String::new(), "x".repeat(201), "a\u{7}".to_owned()] {
        let refused = lease(&program, &account, json!({"id": id, "role": "owner"})).await;
        refused.is_problem(422, "validation_failed");
        assert_eq!(refused.body["errors"][0]["pointer"], "/on_behalf_of/id");
    }
    lease(&program, &account, json!({"id": "ann", "role": "root"})).await.is_problem(400, "invalid_request");
    let uses =
        |table: &std::collections::BTreeMap<String, Value>| table.keys().filter(|key| key.contains("U#")).count();
    assert_eq!(uses(&world.dump().await), uses(&before));
}
