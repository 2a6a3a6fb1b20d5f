//! Credential leases.

use jiff::SignedDuration;
use serde_json::json;
use tests::World;

/// S0-03, S2-26
#[tokio::test(flavor = "multi_thread")]
async fn a_lease_is_a_fresh_access_token_and_renews_first_where_that_is_needed() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "x", "acme").await.remove(0);
    let lease =
        async || owner.post(&format!("/v1/accounts/{id}/credential-leases"), json!({"purpose": "publish"})).await;
    let first = lease().await;
    assert_eq!(first.status, 201, "{}", first.text);
    assert_eq!(world.count("refreshed").await, 0, "it was fresh");
    world.advance(SignedDuration::from_mins(118));
    let second = lease().await;
    assert_eq!(second.status, 201, "{}", second.text);
    assert_eq!(world.count("refreshed").await, 1);
    assert_ne!(first.body["access_token"], second.body["access_token"]);
    let token = domain::Secret::new(second.body["access_token"].as_str().expect("a token"));
    assert_eq!(world.ask_platform("api.x.com/2/users/me", &token).await.status, 200);
}
