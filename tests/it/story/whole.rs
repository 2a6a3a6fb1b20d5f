//! Story 1 from beginning to end, as a frontend developer lives it; webhooks are not there yet.

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::World;

/// S0-17, S0-20, S0-23, S0-40, S1-10, S1-16: connect, choose, see it processed, make it main, warn before it ends, meet the
/// limit and the wrong login, and let two months pass.
#[tokio::test(flavor = "multi_thread")]
async fn a_frontend_developer_integrates_it() {
    let world = World::start().await;
    let owner = world.caller(json!({"ws": "ws_1", "role": "owner"}));
    assert_eq!(owner.get("/v1/openapi.json").await.status, 200);
    let platforms = owner.get("/v1/platforms").await.body;
    let instagram = platforms["data"].as_array().expect("platforms").iter().find(|p| p["id"] == "instagram");
    assert_eq!(instagram.expect("instagram")["status"], "operational");
    let limits = owner.get("/v1/workspaces/ws_1/limits").await.body;
    assert_eq!((&limits["plan"], &limits["total"]), (&json!("free"), &json!({"limit": 3, "used": 0})));

    let ask = json!({
        "platform": "instagram", "method": "facebook_login", "expected_handle": "@acme",
        "capabilities": ["publish", "analytics"], "return_url": "https://app.example/done", "external_id": "user_42",
    });
    let attempt = world.attempt(&owner, ask).await;
    attempt.land("acme").await;
    let mut session = attempt.session().await;
    if session["status"] == "awaiting_selection" {
        let candidates = attempt.selectable().await;
        let selected = attempt.select(&candidates[..1], true).await;
        assert_eq!(selected.status, 200, "{}", selected.text);
        assert!(selected.body["runs"][0].as_str().is_some_and(|run| run.starts_with("run_")), "{}", selected.text);
        session = attempt.session().await;
    }
    assert_eq!(session["status"], "completed", "{session}");
    let id = session["accounts"][0]["id"].as_str().expect("an account").to_owned();
    let run = format!("/v1/runs/{}", session["runs"][0].as_str().expect("a run"));
    assert_eq!(owner.get(&run).await.body["state"], "queued");
    let path = format!("/v1/accounts/{id}");
    let new = owner.get(&format!("{path}?vocabulary=s0")).await.body;
    assert_eq!((&new["health"]["state"], &new["health"]["label"]), (&json!("processing"), &json!("Processing")));
    assert_eq!(new["external_id"], "user_42");
    world.job("sync").await;
    assert_eq!(owner.get(&run).await.body["state"], "succeeded");
    let fresh = owner.get(&format!("{path}?vocabulary=s0")).await.body;
    assert_eq!(fresh["health"]["label"], "Active", "{}", fresh["health"]);
    assert!(fresh["metrics_latest"]["followers"]["value"].is_u64());
    let main = owner.put(&format!("{path}/main")).await.body;
    assert_eq!((&main["is_main"], &main["demoted"]), (&json!(true), &Value::Null));

    // The limit, told before anybody is sent anywhere.
    let full = owner.post("/v1/workspaces/ws_1/connect-sessions", json!({"platform": "instagram"})).await;
    full.is_problem(403, "plan_limit_reached");
    assert_eq!(
        (&full.body["scope"], &full.body["limit"], &full.body["used"]),
        (&json!("per_platform"), &json!(1), &json!(1))
    );
    // The wrong login.
    let wrong = world.attempt(&owner, json!({"platform": "x", "expected_handle": "acme"})).await;
    wrong.land("mallory").await;
    let failed = wrong.session().await;
    assert_eq!((&failed["status"], &failed["error"]["code"]), (&json!("failed"), &json!("account_mismatch")));
    assert_eq!(failed["error"]["expected"], "acme");

    // Two months, with what schedules do.
    for _ in 0..61 {
        world.advance(SignedDuration::from_hours(24));
        world.job("sync").await;
        world.job("sweep").await;
    }
    let expiring = "platform=instagram&token_status=expiring&sort=reauth_due_at&limit=50";
    let owner = world.caller(json!({"ws": "ws_1", "role": "owner"}));
    let list = owner.get(&format!("/v1/workspaces/ws_1/accounts?{expiring}")).await.body;
    assert_eq!(list["data"][0]["id"], *id, "{list}");
    let old = owner.get(&path).await.body;
    assert_eq!(old["health"]["state"], "expiring", "{}", old["health"]);
    assert!(old["metrics_latest"]["followers"]["delta_30d"].is_i64(), "{}", old["metrics_latest"]);
    assert!(world.kinds(&id).contains(&"account.reauthorization_due".to_owned()));
}
