//! Links that bring accounts back under their ids: one, or all that a lockdown disconnected.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::{Caller, World};

use super::{Client, Link, VISITS, accounts, for_x};

async fn lifecycle(owner: &Caller, id: &str) -> Value {
    owner.get(&format!("/v1/accounts/{id}")).await.body["lifecycle"].clone()
}

/// S2-25, S2-27: an account comes back under its id by its own identity only.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_brings_one_account_back_and_no_other() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "x", "acme").await.remove(0);
    let page = world.connect(&owner, "facebook", "demo-04").await;
    let path = format!("/v1/accounts/{}/reconnect-link", page[0]);
    assert_eq!(owner.post(&format!("/v1/accounts/{id}/disconnect"), json!({})).await.status, 200);
    let link =
        Link::of(&owner.post(&format!("/v1/accounts/{id}/reconnect-link"), json!({"expires_in": "P3D"})).await, 201);
    let now = link.now(&owner).await;
    assert_eq!(
        (&now["items"][0]["reconnects"]["id"], &now["expires_at"]),
        (&json!(id), &json!("2026-11-25T10:00:00Z"))
    );
    let client = Client::open(&world, &link).await;
    let wrong = client.consent(json!({"item": 1}), "mallory").await;
    assert_eq!(client.session(&wrong).await["error"]["code"], "account_mismatch");
    client.caller.post(super::SESSIONS, json!({"platform": "facebook"})).await.is_problem(422, "validation_failed");
    assert_eq!(lifecycle(&owner, &id).await, "disconnected");
    assert_eq!(client.connect(json!({"item": 1}), "acme").await.status, 200);
    assert_eq!(lifecycle(&owner, &id).await, "active");
    assert_eq!(link.now(&owner).await["status"], "completed");

    // Of several pages of one consent it is the one that the link is for.
    let several = Link::of(&owner.post(&path, json!({"title": "Sign in again"})).await, 201);
    let client = Client::open(&world, &several).await;
    let id = client.consent(json!({"item": 1}), "demo-04").await;
    let offered = client.candidates(&id).await;
    assert!(offered.len() > 1 && offered.iter().filter(|c| c["selectable"] == true).count() == 1, "{offered:?}");
    let before = accounts(&owner).await.len();
    assert_eq!(client.choose(&id, &client.selectable(&id).await).await.status, 200);
    assert_eq!(accounts(&owner).await.len(), before);

    // Removed meanwhile, it does not come back as another one.
    let gone = Link::of(&owner.post(&path, json!({})).await, 201);
    let client = Client::open(&world, &gone).await;
    assert_eq!(owner.delete(&format!("/v1/accounts/{}", page[0])).await.status, 202);
    let left = accounts(&owner).await.len();
    let id = client.consent(json!({"item": 1}), "demo-04").await;
    let session = client.session(&id).await;
    if session["status"] == "awaiting_selection" {
        let open = client.selectable(&id).await;
        assert!(client.choose(&id, &open[..1]).await.status >= 400);
    }
    assert_eq!(accounts(&owner).await.len(), left, "{session}");
    owner.post(&path, json!({})).await.is_problem(404, "not_found");
    world
        .owner("ws_2")
        .post(&format!("/v1/accounts/{}/reconnect-link", page[1]), json!({}))
        .await
        .is_problem(404, "not_found");
}

/// S2-25, S0-61: a lockdown ends every link, and one link brings all accounts back under their ids.
#[tokio::test(flavor = "multi_thread")]
async fn a_lockdown_ends_links_and_one_link_brings_all_back() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let mut all = BTreeSet::new();
    for (platform, person) in [("x", "acme"), ("facebook", "demo-01"), ("reddit", "acme")] {
        all.extend(world.connect(&owner, platform, person).await);
    }
    let link = Link::make(&owner, for_x()).await;
    let other = Link::make(&world.owner("ws_2"), for_x()).await;
    let client = Client::open(&world, &link).await;
    let locked = owner.post("/v1/workspaces/ws_1/lockdown", json!({"reason": "a stolen laptop"})).await;
    let lockdown = locked.body["id"].as_str().expect("an id").to_owned();
    world.job("sweep").await;
    let path = format!("/v1/lockdowns/{lockdown}/return-link");
    assert_eq!(link.now(&owner).await["status"], "disabled");
    world.nobody().post(VISITS, json!({"token": link.secret()})).await.is_problem(404, "not_found");
    client.caller.get(super::VISIT).await.is_problem(404, "not_found");
    assert_eq!(world.nobody().post(VISITS, json!({"token": other.secret()})).await.status, 201);
    owner.post("/v1/workspaces/ws_1/easyconnect-links", for_x()).await.is_problem(423, "workspace_locked_down");
    owner.post(&path, json!({})).await.is_problem(423, "workspace_locked_down");
    assert_eq!(owner.delete("/v1/workspaces/ws_1/lockdown").await.status, 204);
    // Paused for good: what was sent before the breach opens no more.
    assert_eq!(link.patch(&owner, json!({"enabled": true})).await.status, 200);
    world.nobody().post(VISITS, json!({"token": link.secret()})).await.is_problem(404, "not_found");

    world.owner("ws_2").post(&path, json!({})).await.is_problem(404, "not_found");
    let first = all.first().expect("an account");
    let one = Link::of(&owner.post(&path, json!({"account_ids": [first]})).await, 201);
    assert_eq!(one.now(&owner).await["progress"], json!({"done": 0, "of": 1}));
    let back = Link::of(&owner.post(&path, json!({"branding": {"name": "North Agency"}})).await, 201);
    let now = back.now(&owner).await;
    let items = now["items"].as_array().expect("items").clone();
    assert_eq!(items.len(), all.len());
    let client = Client::open(&world, &back).await;
    for (item, number) in items.iter().zip(1..) {
        let platform = item["platform"].as_str().expect("a platform");
        let person = if platform == "facebook" { "demo-01" } else { "acme" };
        let done = client.connect(json!({"item": number}), person).await;
        assert_eq!(done.status, 200, "{platform}: {}", done.text);
    }
    let active: BTreeSet<String> =
        accounts(&owner).await.iter().map(|a| a["id"].as_str().expect("an id").to_owned()).collect();
    assert_eq!(active, all);
    for id in &all {
        assert_eq!(lifecycle(&owner, id).await, "active");
    }
    let completed = back.now(&owner).await;
    assert_eq!((&completed["status"], &completed["funnel"]["connected"]), (&json!("completed"), &json!(all.len())));
    owner.post(&path, json!({})).await.is_problem(409, "account_not_usable");
}
