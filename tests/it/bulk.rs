//! One thing done to many accounts, each judged and answered by itself.

use serde_json::{Value, json};
use tests::{Answer, Caller, FINE, World};

async fn all(caller: &Caller, verb: &str, ids: &[String]) -> Answer {
    let workspace = caller.workspace();
    caller.post(&format!("/v1/workspaces/{workspace}/accounts:{verb}"), json!({"account_ids": ids})).await
}

/// The status and the code of each.
fn told(answer: &Answer) -> Vec<(String, Option<String>)> {
    assert_eq!(answer.status, 200, "{}", answer.text);
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let results = answer.body["results"].as_array().expect("results").iter();
    results.map(|r| (text(&r["status"]).expect("a status"), text(&r["problem"]["code"]))).collect()
}

fn done() -> (String, Option<String>) {
    ("done".to_owned(), None)
}

fn failed(code: &str) -> (String, Option<String>) {
    ("failed".to_owned(), Some(code.to_owned()))
}

/// Thirty accounts: 25 pages of one consent, two that live, one that is dead, one out of the caller's reach, one of
/// another workspace; and one that was never there.
struct Thirty {
    ids: Vec<String>,
    manager: Caller,
    expected: Vec<(String, Option<String>)>,
}

impl Thirty {
    async fn make(world: &World) -> Self {
        let owner = world.owner("ws_1");
        let mut ids = world.connect(&owner, "facebook", "agency").await;
        assert_eq!(ids.len(), 25);
        for person in ["acme", "demo-01", "demo-02", "demo-03"] {
            ids.extend(world.connect(&owner, "x", person).await);
        }
        world.event(json!({"platform": "x", "account": "demo-02", "kind": "revoke"})).await;
        let out_of_reach = ids[28].clone();
        ids.extend(world.connect(&world.owner("ws_2"), "x", "mallory").await);
        assert_eq!(ids.len(), 30);
        let reach: Vec<&String> = ids.iter().filter(|id| **id != out_of_reach).collect();
        let claims = json!({"ws": "ws_1", "role": "manager", "plan": "enterprise", "accounts": reach});
        let manager = world.caller(claims);
        ids.push(domain::AccountId::new(world.now(), [9; 16]).to_string());
        ids.push("nobody".to_owned());
        let mut expected = vec![done(); 27];
        expected.push(failed("reauthorization_required"));
        expected.extend(vec![failed("not_found"); 4]);
        Self { ids, manager, expected }
    }
}

/// S1-22: before a campaign all accounts are asked after at once, live; one that is gone does not hide the others.
#[tokio::test(flavor = "multi_thread")]
async fn thirty_accounts_are_verified_and_each_is_answered_by_itself() {
    let world = World::start().await;
    let Thirty { ids, manager, expected } = Thirty::make(&world).await;
    let before = world.journal().await.len();
    let verified = all(&manager, "verify", &ids).await;
    assert_eq!(told(&verified), expected);
    assert_eq!((&verified.body["done"], &verified.body["failed"]), (&json!(27), &json!(5)));
    let results = verified.body["results"].as_array().expect("results").clone();
    let sent: Vec<&str> = results.iter().filter_map(|r| r["account_id"].as_str()).collect();
    assert_eq!(sent, ids, "in the order of the request");
    let page = &results[0];
    assert_eq!((&page["checked"], &page["renewed"], &page["state"]), (&json!(true), &json!(false), &json!(FINE)));
    assert_eq!((&page["token_status"], &page["reauth_due_at"]), (&json!("valid"), &json!("2027-02-20T10:00:00Z")));
    // Where a look costs, a renewal tells.
    assert_eq!((&results[25]["checked"], &results[25]["renewed"]), (&json!(true), &json!(true)));
    let problem = &results[28]["problem"];
    assert_eq!((&problem["status"], &problem["retryable"]), (&json!(404), &json!(false)));
    assert_eq!(problem, &results[30]["problem"], "hidden, foreign and absent are one");
    assert_eq!(problem, &results[29]["problem"]);
    let calls = world.journal().await[before..].to_vec();
    let looks = calls.iter().filter(|call| call["path"] == "/debug_token").count();
    assert_eq!(looks, 1, "the pages of one consent are looked at together: {calls:?}");

    let refreshed = all(&manager, "refresh", &ids).await;
    assert_eq!(told(&refreshed), expected);
    assert!(refreshed.body["results"].as_array().expect("results")[..27].iter().all(|r| r["renewed"] == true));
    let sessions = world.dump().await.keys().filter(|key| key.starts_with("S#")).count();
    all(&manager, "refresh", &ids).await;
    assert_eq!(world.dump().await.keys().filter(|key| key.starts_with("S#")).count(), sessions, "nothing is begun");
    assert_eq!(world.health(&world.owner("ws_1"), &ids[27]).await["state"], "expired");
}

/// Disconnecting many is disconnecting each: receipts, events, and the consent that ends with its last account.
#[tokio::test(flavor = "multi_thread")]
async fn thirty_accounts_are_disconnected_and_a_key_does_it_once() {
    let world = World::start().await;
    let Thirty { ids, manager, .. } = Thirty::make(&world).await;
    let path = "/v1/workspaces/ws_1/accounts:disconnect";
    let ask = json!({"account_ids": ids, "reason": "the campaign is over"});
    let first = manager.post_once(path, ask.clone(), "key").await;
    let mut expected = vec![done(); 28];
    expected.extend(vec![failed("not_found"); 4]);
    assert_eq!(told(&first), expected);
    assert_eq!((&first.body["done"], &first.body["failed"]), (&json!(28), &json!(4)));
    let results = first.body["results"].as_array().expect("results").clone();
    let status = |r: &Value| r["receipt"]["revocation"]["status"].as_str().expect("a status").to_owned();
    let statuses: Vec<String> = results[..25].iter().map(status).collect();
    assert_eq!(statuses.iter().filter(|s| *s == "skipped_shared_grant").count(), 24, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|s| *s == "revoked").count(), 1);
    assert_eq!(world.kinds(&ids[3]).last().map(String::as_str), Some("account.disconnected"));
    assert_eq!(world.told(&ids[3]).last().expect("an event").1["data"]["reason"], "the campaign is over");
    let left = world.owner("ws_1").get("/v1/workspaces/ws_1/limits").await.body["total"]["used"].clone();
    assert_eq!(left, 1, "what is out of the caller's reach is connected");

    let (events, calls) = (world.published().len(), world.journal().await.len());
    let second = manager.post_once(path, ask, "key").await;
    assert_eq!((&second.body, second.header("idempotency-replayed")), (&first.body, Some("true")));
    assert_eq!((world.published().len(), world.journal().await.len()), (events, calls));
    // What is disconnected is neither looked at nor renewed.
    assert_eq!(told(&all(&manager, "verify", &ids[..1]).await), [failed("account_disconnected")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_none_is_refused_as_a_whole() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "x", "acme").await.remove(0);
    let before = world.dump().await;
    for verb in ["verify", "refresh", "disconnect"] {
        let many: Vec<String> = (0..101).map(|n| format!("acc_{n}")).collect();
        for (ids, pointer) in [
            (vec![], "/account_ids"),
            (many, "/account_ids"),
            (vec![id.clone(), "x".repeat(65)], "/account_ids/1"),
            (vec![id.clone(), id.clone()], "/account_ids/1"),
        ] {
            let refused = all(&owner, verb, &ids).await;
            refused.is_problem(422, "validation_failed");
            assert_eq!(refused.body["errors"][0]["pointer"], pointer, "{verb}");
        }
        let path = format!("/v1/workspaces/ws_1/accounts:{verb}");
        let body = json!({"account_ids": [id]});
        owner.post(&path, json!({"ids": [id]})).await.is_problem(400, "unknown_field");
        world.member("ws_1", "editor").post(&path, body.clone()).await.is_problem(403, "permission_denied");
        world.owner("ws_2").post(&path, body.clone()).await.is_problem(404, "not_found");
        world.nobody().post(&path, body).await.is_problem(401, "unauthenticated");
    }
    owner.post("/v1/workspaces/ws_1/accounts:destroy", json!({})).await.is_problem(404, "not_found");
    assert_eq!(world.dump().await, before);
}

/// Nothing is begun late: a platform that takes its time leaves the ninth account as it was, and says so.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_begun_in_time_is_left_and_told() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let mut ids = Vec::new();
    for person in ["acme", "acme-team", "mallory", "demo-01", "demo-02", "demo-03", "demo-04", "demo-05", "demo-06"] {
        ids.extend(world.connect(&owner, "x", person).await);
    }
    assert_eq!(ids.len(), 9);
    world.fault(json!({"platform": "x", "route": "token", "kind": "slow:8500"})).await;
    let refreshed = all(&owner, "refresh", &ids).await;
    let mut outcomes = told(&refreshed);
    outcomes.sort();
    assert_eq!(outcomes, [&vec![done(); 8][..], &[failed("busy")]].concat());
    let busy = refreshed.body["results"].as_array().expect("results").iter().find(|r| r["status"] == "failed");
    assert_eq!(busy.expect("one")["problem"]["retryable"], true);
    assert_eq!(world.count("refreshed").await, 8);
}
