//! What publishers report.

use jiff::SignedDuration;
use serde_json::json;
use tests::{FINE, World};

/// C3: a report is looked into, and only the platform's own word ends a consent.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_token_is_looked_into_and_not_believed() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    for (platform, person) in [("x", "acme"), ("facebook", "acme")] {
        let id = world.connect(&owner, platform, person).await.remove(0);
        let report =
            async || owner.post(&format!("/v1/accounts/{id}/signals"), json!({"signal": "unauthorized"})).await;
        assert_eq!(report().await.status, 202);
        let swept = world.job("sweep").await;
        assert_eq!((&swept["grants"]["due"], &swept["grants"]["died"]), (&json!(1), &json!(0)), "{platform}: {swept}");
        assert_eq!(world.kinds(&id), ["account.connected"], "it was not so");
        world.event(json!({"platform": platform, "account": person, "kind": "revoke"})).await;
        assert_eq!(report().await.status, 202);
        world.job("sweep").await;
        assert_eq!(world.kinds(&id), ["account.connected", "account.expired"], "{platform}");
        assert_eq!(world.job("sweep").await["grants"]["due"], 0);
    }
}

/// S0-07, S0-75: what stands against the account itself is shown until it works again.
#[tokio::test(flavor = "multi_thread")]
async fn a_restriction_is_shown_until_it_works_again() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let editor = world.member("ws_1", "editor");
    let id = world.connect(&owner, "x", "acme").await.remove(0);
    let report =
        async |signal: &str| editor.post(&format!("/v1/accounts/{id}/signals"), json!({"signal": signal})).await;
    for _ in 0..2 {
        assert_eq!(report("restricted").await.status, 202);
    }
    let told = world.health(&owner, &id).await;
    assert_eq!(
        (&told["state"], &told["capabilities"]["publish"]["reason"]),
        (&json!("error"), &json!("account_restricted"))
    );
    world.advance(SignedDuration::from_mins(1));
    assert_eq!(report("works").await.status, 202);
    assert_eq!(world.health(&owner, &id).await["state"], FINE);
    assert_eq!(world.kinds(&id), ["account.connected", "account.degraded", "account.recovered"]);

    report("sunshine").await.is_problem(400, "invalid_request");
    let analyst = world.member("ws_1", "analyst");
    analyst
        .post(&format!("/v1/accounts/{id}/signals"), json!({"signal": "works"}))
        .await
        .is_problem(403, "permission_denied");
    owner.post(&format!("/v1/accounts/{id}/disconnect"), json!({})).await;
    report("restricted").await.is_problem(409, "account_disconnected");
}
