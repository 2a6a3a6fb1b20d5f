//! Who an account is, over time.

use serde_json::{Value, json};
use tests::{Caller, World};

use super::{DAY, account};

async fn timeline(caller: &Caller, id: &str) -> Vec<Value> {
    let answer = caller.get(&format!("/v1/accounts/{id}/history")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let data = answer.body["data"].as_array().expect("changes").clone();
    data.iter().map(|change| json!([change["kind"], change["from"], change["to"]])).collect()
}

/// S0-52, S0-53, S0-54, S0-55, S1-41, S4-08: what changes at the platform is found, kept with its time, told, and found again by the
/// name that it had.
#[tokio::test(flavor = "multi_thread")]
async fn what_changes_at_the_platform_is_on_the_timeline() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "x", "acme").await.remove(0);
    world.job("sync").await;
    let before = account(&owner, &id).await;
    assert_eq!(timeline(&owner, &id).await, Vec::<Value>::new());
    let old = before["handle"].as_str().expect("a handle").to_owned();
    let event = |kind: &str, more: Value| {
        let mut event = json!({"platform": "x", "account": "acme", "kind": kind});
        event.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
        event
    };
    world.event(event("rename", json!({"to": "acme_new"}))).await;
    world.event(event("unverify", json!({}))).await;
    world.event(event("tier_change", json!({"to": "Premium"}))).await;
    world.event(event("new_avatar", json!({}))).await;
    world.advance(DAY);
    world.job("sync").await;
    let now = account(&owner, &id).await;
    assert_eq!(
        (&now["handle"], &now["tier"], &now["verified"]),
        (&json!("acme_new"), &json!("premium"), &json!(false))
    );
    assert_eq!(now["id"], before["id"]);
    let changes = timeline(&owner, &id).await;
    assert!(changes.contains(&json!(["handle", old, "acme_new"])), "{changes:?}");
    assert!(changes.contains(&json!(["verification", "true", "false"])), "{changes:?}");
    assert!(changes.iter().any(|change| change[0] == "tier" && change[2] == "premium"), "{changes:?}");
    assert!(changes.contains(&json!(["picture", "shown", "shown"])), "{changes:?}");
    let kinds = world.kinds(&id);
    for kind in ["account.handle_changed", "account.verification_changed", "account.profile_changed"] {
        assert_eq!(kinds.iter().filter(|told| *told == kind).count(), 1, "{kind}: {kinds:?}");
    }
    for word in [old.as_str(), "acme_new"] {
        let found = owner.get(&format!("/v1/workspaces/ws_1/accounts?q={word}")).await.body;
        assert_eq!(found["data"][0]["id"], *id, "{word}");
    }
    world.advance(DAY);
    world.job("sync").await;
    assert_eq!(timeline(&owner, &id).await.len(), changes.len(), "nothing new is nothing on the timeline");
    let page = owner.get(&format!("/v1/accounts/{id}/history?limit=1")).await.body;
    assert_eq!(page["page"]["has_more"], false, "one moment, whatever changed at it");
    world.owner("ws_2").get(&format!("/v1/accounts/{id}/history")).await.is_problem(404, "not_found");
}

/// S0-54: an account of another type is told, and what it can be used for is judged anew.
#[tokio::test(flavor = "multi_thread")]
async fn another_type_is_told() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let connected = json!({"platform": "instagram", "method": "instagram_login"});
    let session = world.consent(&owner, connected, "acme").await;
    let id = session["accounts"][0]["id"].as_str().expect("an account");
    world.job("sync").await;
    let was = account(&owner, id).await["account_type"].clone();
    world.event(json!({"platform": "instagram", "account": "acme", "kind": "type_change"})).await;
    world.advance(DAY);
    world.job("sync").await;
    let is = account(&owner, id).await;
    let changes = timeline(&owner, id).await;
    let told = world.kinds(id).contains(&"account.type_changed".to_owned());
    if is["account_type"] == was {
        // The platform no longer serves an account of that kind.
        assert_ne!(is["sync"]["last_error"], Value::Null, "{is}");
    } else {
        assert_eq!(changes, [json!(["type", was, is["account_type"]])]);
        assert!(told);
    }
}
