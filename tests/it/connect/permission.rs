//! What was asked for, what came back, and what an account can be used for.

use serde_json::{Value, json};
use tests::{Caller, FINE, World};

use super::{account, ids, list};

/// Connects with only these permissions ticked on the platform's page.
async fn ticked(world: &World, owner: &Caller, ask: Value, person: &str, scopes: &[&str]) -> Value {
    let attempt = world.attempt(owner, ask).await;
    let authorize = attempt.browser.press_continue(&attempt.start_url).await;
    let mut fields = vec![("person", person), ("decision", "approve")];
    fields.extend(scopes.iter().map(|scope| ("scope", *scope)));
    let callback = attempt.browser.answer(&authorize, &fields).await;
    attempt.browser.open(&callback).await;
    let session = attempt.session().await;
    assert_eq!(session["status"], "completed", "{session}");
    account(owner, &ids(&session["accounts"])[0]).await
}

async fn matrix(owner: &Caller, account: &Value) -> Value {
    let path = format!("/v1/accounts/{}/permissions", account["id"].as_str().expect("an id"));
    let answer = owner.get(&path).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}

fn row<'a>(matrix: &'a Value, capability: &str) -> &'a Value {
    let rows = matrix["data"].as_array().expect("rows");
    rows.iter().find(|row| row["capability"] == capability).expect("a row")
}

const READING: [&str; 4] = ["pages_show_list", "pages_read_engagement", "business_management", "read_insights"];

/// CHK-A12, S0-19, S0-30, S0-33, S0-75: publishing was unticked, so it does not work, and everything says so.
#[tokio::test(flavor = "multi_thread")]
async fn a_permission_that_was_unticked_limits_the_account() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let page = ticked(&world, &owner, json!({"platform": "facebook"}), "acme", &READING).await;
    assert_eq!(page["capabilities"]["publish"], json!({"available": false, "reason": "insufficient_permissions"}));
    assert_eq!(page["capabilities"]["analytics"], json!({"available": true, "reason": null}));
    assert_eq!(page["capabilities"]["messages"]["available"], false);
    let health = &page["health"];
    assert_eq!((&health["state"], &health["severity"]), (&json!("limited"), &json!("error")));
    let issue = &health["issues"][0];
    assert_eq!((&issue["code"], &issue["capability"]), (&json!("insufficient_permissions"), &json!("publish")));
    assert_eq!(issue["missing_scopes"], json!(["pages_manage_posts"]));
    assert_eq!((&health["action"]["id"], &health["action"]["enabled"]), (&json!("reconnect"), &json!(true)));

    let [listed] = &list(&owner).await[..] else { panic!("one") };
    assert_eq!((&listed["health"], &listed["capabilities"]), (health, &page["capabilities"]));
    let events = world.published();
    let connected = events.iter().find(|e| e["type"] == "account.connected").expect("an event");
    assert_eq!(connected["data"]["missing_scopes"], json!(["pages_manage_posts"]));
}

/// S0-33: each thing that does not work names the scopes that it lacks, and no other's.
#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_work_names_what_it_lacks() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let page = ticked(&world, &owner, json!({"platform": "facebook"}), "acme", &READING[..3]).await;
    let issues = page["health"]["issues"].as_array().expect("issues");
    let told: Vec<Value> = issues.iter().map(|i| json!([i["capability"], i["missing_scopes"]])).collect();
    assert_eq!(told, [json!(["publish", ["pages_manage_posts"]]), json!(["analytics", ["read_insights"]])]);
}

/// S0-19, S0-22, S0-77, S3-21: each capability with its scopes, and how each came back.
#[tokio::test(flavor = "multi_thread")]
async fn the_matrix_tells_each_scope_of_each_capability() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let page = ticked(&world, &owner, json!({"platform": "facebook"}), "acme", &READING).await;
    let matrix = matrix(&owner, &page).await;
    assert_eq!((&matrix["account_id"], &matrix["scopes_known"]), (&page["id"], &json!(true)));
    assert_eq!(matrix["checked_at"], page["connected_at"]);
    let publish = row(&matrix, "publish");
    assert_eq!((&publish["asked"], &publish["available"]), (&json!(true), &json!(false)));
    assert_eq!(publish["reason"], "insufficient_permissions");
    let scopes = json!([{"scope": "pages_manage_posts", "status": "denied"},
                        {"scope": "pages_read_engagement", "status": "granted"}]);
    assert_eq!(publish["scopes"], scopes);
    assert_eq!(row(&matrix, "analytics")["available"], true);
    let connect = row(&matrix, "connect");
    assert_eq!((&connect["available"], &connect["scopes"][1]["scope"]), (&json!(true), &json!("pages_show_list")));
    assert_eq!(matrix["beyond"], json!([]));
}

/// S0-25, S0-77, S3-16, S3-30: what was never asked for degrades nothing, and is not claimed as given.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_asked_for_is_told_as_such() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let ask = json!({"platform": "x", "capabilities": ["analytics"]});
    let session = world.consent(&owner, ask, "acme").await;
    let profile = account(&owner, &ids(&session["accounts"])[0]).await;
    assert_eq!(profile["capabilities"]["publish"], json!({"available": false, "reason": "not_asked"}));
    assert_eq!(profile["capabilities"]["analytics"]["available"], true);
    assert_eq!(profile["health"]["state"], FINE);
    let matrix = matrix(&owner, &profile).await;
    let publish = row(&matrix, "publish");
    assert_eq!((&publish["asked"], &publish["reason"]), (&json!(false), &json!("not_asked")));
    let write = publish["scopes"].as_array().expect("scopes").iter().find(|s| s["scope"] == "tweet.write");
    assert_eq!(write.expect("a scope")["status"], "not_asked");

    // Whoever wants messages asks for them.
    let ask = |capabilities: Value| json!({"platform": "instagram", "method": "instagram_login", "capabilities": capabilities});
    for (wanted, told) in [
        (json!(["publish", "analytics"]), json!([false, "not_asked"])),
        (json!(["publish", "analytics", "messages"]), json!([true, null])),
    ] {
        let session = world.consent(&owner, ask(wanted), "acme").await;
        let page = account(&owner, &ids(&session["accounts"])[0]).await;
        assert_eq!(page["capabilities"]["messages"], json!({"available": told[0], "reason": told[1]}));
        assert_eq!(page["health"]["state"], FINE);
    }
}

/// CHK-A12: reconnecting with everything ticked makes the account whole; the session asks again for what the
/// account is there for, without being told.
#[tokio::test(flavor = "multi_thread")]
async fn reconnecting_with_all_permissions_heals_a_limited_account() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let ask = json!({"platform": "facebook", "capabilities": ["publish"]});
    let scopes = ["pages_show_list", "pages_read_engagement", "business_management"];
    let limited = ticked(&world, &owner, ask, "acme", &scopes).await;
    assert_eq!(limited["health"]["state"], "limited");
    let ask = json!({"platform": "facebook", "account_id": limited["id"], "fresh_consent": true});
    let session = world.consent(&owner, ask, "acme").await;
    assert_eq!(session["capabilities"], json!(["publish"]));
    let whole = account(&owner, limited["id"].as_str().expect("an id")).await;
    assert_eq!(whole["capabilities"]["publish"], json!({"available": true, "reason": null}));
    assert_eq!((&whole["health"]["state"], &whole["health"]["issues"]), (&json!(FINE), &json!([])));
    assert_eq!(whole["capabilities"]["analytics"]["reason"], "not_asked");
}

/// A second consent that asks for less takes nothing away from what a living account is there for.
#[tokio::test(flavor = "multi_thread")]
async fn a_later_session_that_asks_for_less_does_not_hide_what_is_missing() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let first = world.consent(&owner, json!({"platform": "x"}), "acme").await;
    let id = ids(&first["accounts"]).remove(0);
    let second = world.consent(&owner, json!({"platform": "x", "capabilities": ["analytics"]}), "acme").await;
    assert_eq!(second["accounts"], json!([{"id": id}]));
    // X gives a token for what this consent asked, and nothing else.
    let profile = account(&owner, &id).await;
    assert_eq!(profile["capabilities"]["publish"]["reason"], "insufficient_permissions");
    assert_eq!(profile["health"]["state"], "limited");
}

/// S1-30: a disconnected account can be used for nothing, and says why.
#[tokio::test(flavor = "multi_thread")]
async fn a_disconnected_account_can_be_used_for_nothing() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "x", "acme").await.remove(0);
    assert_eq!(owner.post(&format!("/v1/accounts/{id}/disconnect"), json!({})).await.status, 200);
    let gone = account(&owner, &id).await;
    assert_eq!(gone["capabilities"]["publish"], json!({"available": false, "reason": "account_disconnected"}));
    assert_eq!((&gone["health"]["state"], &gone["health"]["issues"]), (&json!("disconnected"), &json!([])));
    let matrix = matrix(&owner, &gone).await;
    assert_eq!((&matrix["checked_at"], &matrix["scopes_known"]), (&Value::Null, &json!(false)));
}
