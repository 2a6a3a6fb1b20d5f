//! Who may do what with which account, and who did.

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::{Caller, World};

const REPORT: &str = "/v1/workspaces/ws_1/access-report";

async fn report(caller: &Caller, query: &str) -> Value {
    let answer = caller.get(&format!("{REPORT}{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}

/// Accounts with who consented, connected and used them; members; programs and what they may.
#[tokio::test(flavor = "multi_thread")]
async fn the_report_says_who_may_and_who_did() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let ann = world.caller(json!({"ws": "ws_1", "role": "manager", "plan": "enterprise", "sub": "ann", "name": "Ann"}));
    let account = world.connect(&ann, "x", "demo-01").await.remove(0);
    let connected_at = world.now().to_string();
    let (idle, _) = owner.program(&["connect:write"]).await;
    let (key, program) = owner.program(&["credentials:lease"]).await;
    world.advance(SignedDuration::from_hours(24 * 30));
    for (who, person) in
        [(&ann, Value::Null), (&program, json!({"id": "bob", "role": "editor"})), (&program, Value::Null)]
    {
        let body = json!({"purpose": "publish", "on_behalf_of": person});
        let leased = who.post(&format!("/v1/accounts/{account}/credential-leases"), body).await;
        assert_eq!(leased.status, 201, "{}", leased.text);
        world.advance(SignedDuration::from_secs(1));
    }
    let shown = report(&owner, "").await;
    let person = &shown["accounts"][0]["authorized_by"];
    let last = |seconds: i64| (world.now() - SignedDuration::from_secs(seconds)).to_string();
    assert_eq!(
        shown["accounts"],
        json!([{
            "account_id": account, "platform": "x", "name": shown["accounts"][0]["name"],
            "handle": shown["accounts"][0]["handle"], "lifecycle": "active", "visibility": "workspace", "acl": [],
            "shared_with_ai": true, "authorized_by": person, "connected_by": {"id": "ann", "name": "Ann"},
            "used_by": [{"id": key, "times": 1, "last_at": last(1)}, {"id": "bob", "times": 1, "last_at": last(2)},
                        {"id": "ann", "times": 1, "last_at": last(3)}],
        }])
    );
    assert!(person["id"].is_string() && person["name"].is_string(), "{person}");
    let members = shown["members"].as_array().expect("members").iter();
    let members: Vec<_> = members.map(|m| (m["id"].as_str().expect("an id"), m["last_seen_at"].clone())).collect();
    assert_eq!(members, [("ann", json!(last(3))), ("bob", json!(last(2))), ("user-owner", json!(connected_at))]);
    let keys = shown["api_keys"].as_array().expect("keys");
    let of = |id: &str| keys.iter().find(|key| key["id"] == id).expect("the key");
    assert_eq!((&of(&key)["permissions"], &of(&key)["unused_since"]), (&json!(["credentials.lease"]), &Value::Null));
    assert_eq!((&of(&idle)["last_used_at"], &of(&idle)["unused_since"]), (&Value::Null, &json!(connected_at)));
    assert_eq!((&shown["complete"], &shown["more_api_keys"]), (&json!(true), &json!(false)));
    // What is older than 90 days is not told any more.
    world.advance(SignedDuration::from_hours(24 * 91));
    assert_eq!(report(&owner, "").await["accounts"][0]["used_by"], json!([]));
}

/// It is for administrators, comes in pages, and is of one workspace.
#[tokio::test(flavor = "multi_thread")]
async fn the_report_is_for_administrators_and_comes_in_pages() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    for person in ["demo-01", "demo-02", "demo-03"] {
        world.connect(&owner, "x", person).await;
        world.advance(SignedDuration::from_secs(1));
    }
    world.member("ws_1", "manager").get(REPORT).await.is_problem(403, "permission_denied");
    world.owner("ws_2").get(REPORT).await.is_problem(404, "not_found");
    let (_, auditor) = owner.program(&["audit:read"]).await;
    let first = report(&auditor, "?limit=2").await;
    assert_eq!((first["accounts"].as_array().map(Vec::len), &first["page"]["has_more"]), (Some(2), &json!(true)));
    let cursor = first["page"]["next_cursor"].as_str().expect("a cursor");
    let second = report(&auditor, &format!("?limit=2&cursor={cursor}")).await;
    assert_eq!((second["accounts"].as_array().map(Vec::len), &second["page"]["has_more"]), (Some(1), &json!(false)));
    let elsewhere = format!("/v1/workspaces/ws_1/accounts?limit=2&cursor={cursor}");
    owner.get(&elsewhere).await.is_problem(400, "cursor_invalid");
}
