//! What is erased is erased in links, too.

use serde_json::{Value, json};
use tests::{Caller, World};

use super::{Client, Link, VISIT, VISITS, accounts, form::Visitor, told};

const NAME: &str = "Ida Marie Solberg";
const HANDLE: &str = "idamariesolberg";

/// The keys of the items that name a text anywhere, but for the audit.
async fn named(world: &World, text: &str) -> Vec<String> {
    let table = world.dump().await;
    let names = |key: &str, item: &Value| key.contains(text) || item.to_string().contains(text);
    table.into_iter().filter(|(key, item)| names(key, item)).map(|(key, _)| key).collect()
}

async fn connected(world: &World, owner: &Caller) -> (Link, Client, String) {
    let x = json!({"name": NAME, "username": HANDLE});
    world.add_person(json!({"id": "ida", "name": NAME, "x": x})).await;
    let asks = json!({"title": "Onboarding", "items": [{"platform": "x", "expected_handle": HANDLE}, {"platform": "x", "expected_name": "Acme"}]});
    let link = Link::make(owner, asks).await;
    let client = Client::open(world, &link).await;
    assert_eq!(client.connect(json!({"item": 1}), "ida").await.status, 200);
    let id = accounts(owner).await[0]["id"].as_str().expect("an id").to_owned();
    (link, client, id)
}

/// S2-25, S4-14: a removed account is named in no link any more, nor in one that was to bring it back; that it was connected is
/// still counted.
#[tokio::test(flavor = "multi_thread")]
async fn a_removed_account_is_named_in_no_link() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let (link, client, id) = connected(&world, &owner).await;
    let again = Link::of(&owner.post(&format!("/v1/accounts/{id}/reconnect-link"), json!({})).await, 201);
    let person =
        owner.get(&format!("/v1/accounts/{id}")).await.body["platform_account_id"].as_str().expect("an id").to_owned();
    let link_items = |keys: &[String]| keys.iter().filter(|key| key.contains("ecl_")).count();
    assert_eq!(link_items(&named(&world, HANDLE).await), 2);
    assert_eq!(owner.delete(&format!("/v1/accounts/{id}")).await.status, 202);
    world.job("sweep").await;
    for text in [NAME, HANDLE, &person] {
        let mut keys = named(&world, text).await;
        // What was told when it was connected keeps the platform's id for its own time.
        keys.retain(|key| !key.contains(" E#") || text != person);
        assert_eq!(keys, Vec::<String>::new(), "{text}");
    }
    let now = link.now(&owner).await;
    assert_eq!((&now["items"][0]["name"], &now["items"][0]["consented_by"]), (&Value::Null, &Value::Null), "{now}");
    assert_eq!(now["funnel"]["connected"], 1);
    assert_eq!(now["items"][1]["expected_name"], "Acme");
    // The client's own pages stand.
    let visit = client.visit().await;
    assert!(!visit.to_string().contains(HANDLE), "{visit}");
    let receipt = client.caller.get(&format!("{VISIT}/receipt")).await;
    assert_eq!(receipt.status, 200);
    assert!(!receipt.text.contains(NAME));
    let (visitor, list) = Visitor::start(&world, &link).await;
    assert!(list.status == 200 && !list.text.contains(NAME));
    assert_eq!(visitor.open("/c/receipt").await.status, 200);
    assert_eq!(client.withdraw(1).await.status, 202);
    for event in told(&world) {
        assert!(!event.1.to_string().contains(NAME), "{event:?}");
    }
    assert_eq!(again.now(&owner).await["items"][0]["expected_platform_account_id"], Value::Null);
}

/// S0-66, CHK-E5: an erased workspace leaves no link and nothing that led to one.
#[tokio::test(flavor = "multi_thread")]
async fn an_erased_workspace_leaves_no_link() {
    let world = World::start().await;
    let owner = world.owner("ws_gone");
    let other = Link::make(&world.owner("ws_stays"), json!({"title": "Acme"})).await;
    let before = named(&world, "ws_stays").await;
    let (link, client, _) = connected(&world, &owner).await;
    let locked = Link::make(&owner, json!({"title": "Acme", "password": "a good word"})).await;
    world.nobody().post(VISITS, json!({"token": locked.secret(), "password": "a wrong word"})).await;
    let finished = client.caller.post(&format!("{VISIT}/finish"), json!({})).await;
    let receipt = finished.body["receipt_url"].as_str().expect("an address").to_owned();
    assert_eq!(owner.delete("/v1/workspaces/ws_gone").await.status, 202);
    world.job("sweep").await;
    for text in ["ws_gone", link.id.as_str(), locked.id.as_str(), HANDLE, domain::Digest::of(link.secret()).as_str()] {
        assert_eq!(named(&world, text).await, Vec::<String>::new(), "{text}");
    }
    world.nobody().post(VISITS, json!({"token": link.secret()})).await.is_problem(404, "not_found");
    client.caller.get(VISIT).await.is_problem(404, "not_found");
    assert_eq!(world.browser().open(&receipt).await.status, 404);
    assert_eq!(named(&world, "ws_stays").await, before);
    assert_eq!(world.nobody().post(VISITS, json!({"token": other.secret()})).await.status, 201);
}
