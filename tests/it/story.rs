//! Story 1, for what exists.

use serde_json::json;
use tests::World;

/// S0-17, S0-26
#[tokio::test(flavor = "multi_thread")]
async fn one_page_is_connected_without_a_choice() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let session = world.consent(&owner, json!({"platform": "facebook"}), "acme").await;
    assert_eq!(session["status"], "completed", "{session}");
    let list = owner.get("/v1/workspaces/ws_1/accounts").await;
    assert_eq!(list.body["data"][0]["name"], "Acme");
    assert_eq!(list.body["data"][0]["is_main"], true);
}
