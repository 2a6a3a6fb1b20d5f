//! Nothing is set that a caller has no business to set, wherever it is written.

use reqwest::Method;
use serde_json::json;
use tests::World;

use super::route::{Operation, Place, call, operations, protected, told};

/// What somebody would like to decide themselves.
const WISHES: [&str; 19] = [
    "workspace_id=ws_2",
    "workspace=ws_2",
    "ws=ws_2",
    "org=org_2",
    "role=owner",
    "plan=enterprise",
    "perms=accounts.remove",
    "accounts=all",
    "sub=somebody",
    "id=acc_1",
    "main=true",
    "mains=x",
    "token=t",
    "access_token=t",
    "stage=completed",
    "version=99",
    "$where=1",
    "__proto__=x",
    "constructor[prototype][role]=owner",
];

/// CHK-P3: each wish in the query of each operation.
#[tokio::test(flavor = "multi_thread")]
async fn a_query_sets_nothing_that_the_operation_does_not_have() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let place = Place::make(&world, "ws_1").await;
    let before = world.dump().await;
    for operation in protected(&world).await {
        for wish in WISHES {
            let path = format!("{}?{wish}", place.path(&operation));
            let refused = call(&owner, &operation, &path, place.body(&operation), None).await;
            assert_eq!(refused.status, 400, "{} {wish}: {}", operation.id, refused.text);
            refused.is_problem(400, "unknown_field");
        }
        // A name beside a good one, hidden in another spelling, or without a value.
        for query in ["limit=1&surprise=1", "&&surprise", "%73urprise=1", "LIMIT=1", "limit%00=1", "limit[]=1"] {
            let path = format!("{}?{query}", place.path(&operation));
            let refused = call(&owner, &operation, &path, place.body(&operation), None).await;
            refused.is_problem(400, "unknown_field");
        }
    }
    assert_eq!(world.dump().await, before);
}

/// CHK-P3: pages and registries are the same whatever is wished.
#[tokio::test(flavor = "multi_thread")]
async fn a_public_answer_does_not_depend_on_a_query() {
    let world = World::start().await;
    let place = Place::make(&world, "ws_1").await;
    let nobody = world.nobody();
    let before = world.dump().await;
    for operation in operations(&world).await.into_iter().filter(|o| o.public && o.method == Method::GET) {
        let path = operation.path.replace("{issuer}", "x").replace("{session}", &place.session);
        let plain = nobody.get(&path).await;
        for wish in WISHES {
            let wished = nobody.get(&format!("{path}?{wish}")).await;
            assert_eq!(told(&wished, &[]), told(&plain, &[]), "{path} {wish}");
        }
    }
    assert_eq!(world.dump().await, before);
}

/// CHK-P3: each wish in the body of each operation, also deep inside and beside what is right.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_sets_nothing_that_the_operation_does_not_have() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let place = Place::make(&world, "ws_1").await;
    let before = world.dump().await;
    for operation in protected(&world).await.into_iter().filter(Operation::changes) {
        for wish in WISHES {
            let (name, value) = wish.split_once('=').expect("a value");
            if operation.members.iter().any(|member| member == name) {
                continue;
            }
            for value in [json!(value), json!(true), json!(null), json!({"$set": value}), json!([value])] {
                let mut body = place.body(&operation).unwrap_or_else(|| json!({}));
                body[name] = value;
                let refused = call(&owner, &operation, &place.path(&operation), Some(body), None).await;
                refused.is_problem(400, "unknown_field");
            }
        }
    }
    // Nor does a body where none is read.
    let read = owner.call(Method::GET, &format!("/v1/accounts/{}", place.account));
    let read = tests::send(read.json(&json!({"is_main": false, "lifecycle": "disconnected"}))).await;
    assert_eq!((read.status, &read.body["lifecycle"]), (200, &json!("active")));
    assert_eq!(world.dump().await, before);
}
