//! Who may do what is decided by one table, and by nothing else.

use std::collections::BTreeMap;

use serde_json::json;
use tests::World;

use super::route::{Place, protected};

const ROLES: [&str; 6] = ["viewer", "analyst", "editor", "manager", "admin", "owner"];

/// The published table: permission → the roles that have it.
async fn table(world: &World) -> BTreeMap<String, Vec<String>> {
    let answer = world.nobody().get("/v1/meta/permissions").await;
    assert_eq!(answer.body["roles"], json!(ROLES));
    let text = |value: &serde_json::Value| value.as_str().expect("text").to_owned();
    let rows = answer.body["data"].as_array().expect("rows").iter();
    rows.map(|row| (text(&row["permission"]), row["roles"].as_array().expect("roles").iter().map(text).collect()))
        .collect()
}

/// S0-13, S0-71, S2-29, CHK-P2: each request is one that an owner makes with success afterwards, so nothing but the role refuses it.
#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_let_in_exactly_where_the_published_table_says_so() {
    let world = World::start().await;
    let table = table(&world).await;
    for operation in protected(&world).await {
        let permission = operation.permission.as_deref().expect("a permission");
        let (may, may_not): (Vec<&str>, Vec<&str>) =
            ROLES.into_iter().partition(|role| table[permission].iter().any(|r| r == role));
        for role in may {
            let workspace = format!("ws_{}_{role}", operation.id);
            let place = Place::make(&world, &workspace).await;
            for role in &may_not {
                let refused = place.call(&world.member(&workspace, role), &operation).await;
                refused.is_problem(403, "permission_denied");
            }
            let done = place.call(&world.member(&workspace, role), &operation).await;
            assert!(done.status < 300, "{} as {role}: {}", operation.id, done.text);
        }
    }
}

/// CHK-P2: the claim `perms` takes away and never gives.
#[tokio::test(flavor = "multi_thread")]
async fn the_claim_perms_narrows_what_a_role_may() {
    let world = World::start().await;
    let all: Vec<String> = table(&world).await.into_keys().collect();
    for operation in protected(&world).await {
        let permission = operation.permission.clone().expect("a permission");
        let workspace = format!("ws_{}", operation.id);
        let place = Place::make(&world, &workspace).await;
        let but: Vec<&String> = all.iter().filter(|p| **p != permission).collect();
        let claims = |role: &str, perms: serde_json::Value| {
            let mut claims = tests::membership(&workspace, role);
            claims["perms"] = perms;
            claims
        };
        for perms in [json!(but), json!([]), json!([permission.to_uppercase()]), json!(["*"])] {
            let caller = world.caller(claims("owner", perms));
            place.call(&caller, &operation).await.is_problem(403, "permission_denied");
        }
        if operation.changes() {
            let viewer = world.caller(claims("viewer", json!(all)));
            place.call(&viewer, &operation).await.is_problem(403, "permission_denied");
        }
        let only = world.caller(claims("owner", json!([permission])));
        let done = place.call(&only, &operation).await;
        assert!(done.status < 300, "{}: {}", operation.id, done.text);
    }
}

/// S0-67, CHK-P2: the claim `accounts` hides every other account, by the same answer as one that is not there.
#[tokio::test(flavor = "multi_thread")]
async fn the_claim_accounts_narrows_what_is_in_reach() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let hidden = world.connect(&owner, "x", "demo-01").await.remove(0);
    let seen = world.connect(&owner, "x", "demo-02").await.remove(0);
    let narrow =
        world.caller(json!({"ws": "ws_1", "role": "owner", "plan": "enterprise", "accounts": [seen.as_str()]}));
    let list = narrow.get("/v1/workspaces/ws_1/accounts").await.body;
    let ids: Vec<&str> = list["data"].as_array().expect("a list").iter().filter_map(|a| a["id"].as_str()).collect();
    assert_eq!(ids, [seen.as_str()]);
    assert_eq!(narrow.get("/v1/workspaces/ws_1/accounts/summary").await.body["total"], 1);
    assert_eq!(narrow.get("/v1/workspaces/ws_1/accounts/main").await.body["data"], json!({}));
    let cards = narrow.get("/v1/workspaces/ws_1/platforms").await;
    assert!(!cards.text.contains(&hidden), "{}", cards.text);
    for id in [&hidden, &Place::nowhere(&world).account] {
        narrow.get(&format!("/v1/accounts/{id}")).await.is_problem(404, "not_found");
        narrow.put(&format!("/v1/accounts/{id}/main")).await.is_problem(404, "not_found");
        narrow.post(&format!("/v1/accounts/{id}/disconnect"), json!({})).await.is_problem(404, "not_found");
        narrow.delete(&format!("/v1/accounts/{id}")).await.is_problem(404, "not_found");
        let again = json!({"platform": "x", "account_id": id});
        narrow.post("/v1/workspaces/ws_1/connect-sessions", again).await.is_problem(404, "not_found");
    }
    assert_eq!(owner.get(&format!("/v1/accounts/{hidden}")).await.body["lifecycle"], "active");
    assert_eq!(narrow.put(&format!("/v1/accounts/{seen}/main")).await.status, 200);
}

/// CHK-P2: whatever else its key is for, an AI reads the workspace and its accounts, and nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn an_ai_only_reads() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let place = Place::make(&world, "ws_1").await;
    let table = world.nobody().get("/v1/meta/permissions").await.body;
    let scopes = table["scopes"].as_array().expect("scopes").iter().filter_map(|row| row["scope"].as_str());
    let scopes: Vec<&str> = scopes.filter(|scope| *scope != "ops:*").collect();
    let (_, ai) = owner.program(&scopes).await;
    let before = world.dump().await;
    for operation in protected(&world).await {
        let reads = matches!(operation.permission.as_deref(), Some("workspace.read" | "accounts.read"));
        let answer = place.call(&ai, &operation).await;
        if reads {
            assert!(!operation.changes() && answer.status == 200, "{}: {}", operation.id, answer.text);
        } else {
            answer.is_problem(403, "permission_denied");
        }
    }
    // That the key was used is noted, and a picture may be fetched.
    let without_use = |mut table: BTreeMap<String, serde_json::Value>| {
        table.retain(|key, _| !key.contains("Y#") && !key.contains("P#"));
        table
    };
    assert_eq!(without_use(world.dump().await), without_use(before));
}
