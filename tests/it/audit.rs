//! Who did what is on record: each change, each attempt at one, and each use of a credential.

use std::{collections::BTreeSet, net::IpAddr};

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Caller, World, send};

use crate::edge::route::{Operation, Place, protected};

const PATH: &str = "/v1/workspaces/ws_1/audit";

async fn entries(caller: &Caller, query: &str) -> Vec<Value> {
    let ws = caller.workspace();
    let answer = caller.get(&format!("/v1/workspaces/{ws}/audit?limit=200{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body["data"].as_array().expect("a list").clone()
}

fn told(entry: &Value) -> (String, String) {
    let text = |name: &str| entry[name].as_str().expect("text").to_owned();
    (text("action"), text("outcome"))
}

/// S0-60, S0-72, CHK-P2: also an operation that somebody tries who may not, and whatever the route.
#[tokio::test(flavor = "multi_thread")]
async fn each_operation_that_changes_something_leaves_one_entry_whatever_came_of_it() {
    let world = World::start().await;
    for operation in protected(&world).await.into_iter().filter(Operation::changes) {
        let workspace = format!("ws_{}", operation.id);
        let place = Place::make(&world, &workspace).await;
        let owner = world.owner(&workspace);
        let before = entries(&owner, "&actor=user-viewer,user-one").await;
        assert_eq!(before.len(), 0);
        let refused = place.call(&world.member(&workspace, "viewer"), &operation).await;
        refused.is_problem(403, "permission_denied");
        world.advance(SignedDuration::from_secs(1));
        let mut claims = tests::membership(&workspace, "owner");
        claims["sub"] = "user-one".into();
        claims["name"] = "One".into();
        let done = place.call(&world.caller(claims), &operation).await;
        assert!(done.status < 300, "{}: {}", operation.id, done.text);
        let left = entries(&owner, "&actor=user-viewer,user-one").await;
        let tried: Vec<_> = left.iter().map(told).collect();
        let id = operation.id.clone();
        // What erases a workspace is written down when it is asked: afterwards nothing of it may be written.
        let outcomes = if id == "eraseWorkspace" { ["asked"; 2] } else { ["done", "permission_denied"] };
        assert_eq!(tried, outcomes.map(|outcome| (id.clone(), outcome.to_owned())), "{left:?}");
        let entry = &left[0];
        assert_eq!(entry["actor"], json!({"credential": "token", "id": "user-one", "name": "One"}));
        assert_eq!(entry["request_id"].as_str(), done.header("x-request-id"));
        if let Some(name) = operation.parameters().pop() {
            match name {
                "account" => {
                    let path = place.path(&operation);
                    let named = path.split('/').find(|part| part.starts_with("acc_")).expect("an account");
                    assert_eq!(entry["account_ids"], json!([named]), "{}", operation.id);
                }
                name => assert_eq!(entry["target"]["kind"], name, "{}", operation.id),
            }
        }
    }
}

/// S0-60, S1-57: a lease says what for; who asked for it and did not get it is there, too.
#[tokio::test(flavor = "multi_thread")]
async fn each_use_of_a_credential_can_be_looked_up_by_its_account() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let ids =
        [world.connect(&owner, "x", "demo-01").await.remove(0), world.connect(&owner, "x", "demo-02").await.remove(0)];
    let editor = world.caller(json!({"ws": "ws_1", "role": "editor", "sub": "eve", "name": "Eve"}));
    for purpose in ["publish", "messages"] {
        world.advance(SignedDuration::from_secs(1));
        editor.post(&format!("/v1/accounts/{}/credential-leases", ids[0]), json!({"purpose": purpose})).await;
    }
    let viewer = world.member("ws_1", "viewer");
    let activity = viewer.get(&format!("/v1/accounts/{}/activity", ids[0])).await;
    assert_eq!(activity.status, 200, "{}", activity.text);
    let rows: Vec<_> = activity.body["data"].as_array().expect("a list").iter().collect();
    let row =
        |row: &Value| json!([row["action"], row["outcome"], row["purpose"], row["actor"]["name"], row["account_ids"]]);
    assert_eq!(
        rows.iter().map(|entry| row(entry)).collect::<Vec<_>>(),
        [
            json!(["leaseCredential", "capability_unsupported", "messages", "Eve", [ids[0]]]),
            json!(["leaseCredential", "done", "publish", "Eve", [ids[0]]]),
            json!(["connectAccounts", "done", null, null, [ids[0]]]),
        ]
    );
    let lease = entries(&owner, &format!("&account={}&action=leaseCredential", ids[1])).await;
    assert_eq!(lease, Vec::<Value>::new(), "the other account's credentials were used by nobody");
    world.advance(SignedDuration::from_hours(24 * 91));
    let later = viewer.get(&format!("/v1/accounts/{}/activity", ids[0])).await;
    assert_eq!(later.body["data"], json!([]));
    assert_eq!(entries(&owner, &format!("&account={}", ids[0])).await.len(), 3, "the audit keeps it for longer");
}

/// S0-58, S1-55: what was tried on accounts of others is on record in the workspace of who tried.
#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_on_what_is_not_there_is_on_record_where_it_came_from() {
    let world = World::start().await;
    let (a, b) = (world.owner("ws_a"), world.owner("ws_b"));
    let foreign = world.connect(&b, "x", "demo-01").await.remove(0);
    let before = entries(&b, "").await;
    a.delete(&format!("/v1/accounts/{foreign}")).await.is_problem(404, "not_found");
    let tried = entries(&a, "").await;
    assert_eq!(tried.iter().map(told).collect::<Vec<_>>(), [("removeAccount".to_owned(), "not_found".to_owned())]);
    let read: Vec<_> = entries(&b, "").await.iter().map(told).filter(|(action, _)| action != "listAudit").collect();
    assert_eq!(read, before.iter().map(told).collect::<Vec<_>>());
}

/// S0-72: also by whom, and which account an attempt connected.
#[tokio::test(flavor = "multi_thread")]
async fn filters_are_joined_by_and_their_values_by_or_and_pages_go_on() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "x", "demo-01").await.remove(0);
    for n in 0..30 {
        world.advance(SignedDuration::from_secs(60));
        let who = world.caller(json!({"ws": "ws_1", "role": "manager", "sub": format!("m{}", n % 3)}));
        who.put(&format!("/v1/accounts/{id}/main")).await;
    }
    let count = async |query: &str| entries(&owner, query).await.len();
    assert_eq!(count("&action=setMainAccount").await, 30);
    assert_eq!(count("&action=setMainAccount&actor=m0").await, 10);
    assert_eq!(count("&action=setMainAccount&actor=m0,m1").await, 20);
    assert_eq!(count("&action=setMainAccount&actor=m0&actor=m2").await, 20);
    assert_eq!(count("&action=setMainAccount&outcome=not_found").await, 0);
    assert_eq!(count("&action=setMainAccount&from=2026-11-22T10:11:00Z&until=2026-11-22T10:21:00Z").await, 10);
    assert_eq!(count("&credential=consent").await, 1);
    let mut seen = Vec::new();
    let mut path = format!("{PATH}?action=setMainAccount&limit=7");
    loop {
        let page = owner.get(&path).await;
        let data = page.body["data"].as_array().expect("a list").clone();
        assert!(data.len() <= 7);
        seen.extend(data.iter().map(|entry| entry["at"].as_str().expect("a time").to_owned()));
        let Some(cursor) = page.body["page"]["next_cursor"].as_str() else { break };
        owner.get(&format!("{PATH}?action=removeAccount&cursor={cursor}")).await.is_problem(400, "cursor_invalid");
        path = format!("{PATH}?action=setMainAccount&limit=7&cursor={cursor}");
    }
    assert_eq!(seen.len(), 30);
    assert!(seen.is_sorted_by(|one, next| one > next), "{seen:?}");
    for wrong in ["account=x", "from=yesterday", "limit=0", "limit=201"] {
        owner.get(&format!("{PATH}?{wrong}")).await.is_problem(422, "validation_failed");
    }
    owner.get(&format!("{PATH}?colour=red")).await.is_problem(400, "unknown_field");
}

async fn table(caller: &Caller, path: &str) -> Answer {
    send(caller.call(Method::GET, path).header("accept", "text/csv")).await
}

/// S0-58
#[tokio::test(flavor = "multi_thread")]
async fn the_audit_can_be_taken_along_as_a_table_without_formulas() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "x", "demo-01").await.remove(0);
    for name in ["=HYPERLINK(\"https://evil.example\")", "Ada, \"the first\""] {
        let who = world.caller(json!({"ws": "ws_1", "role": "manager", "sub": "@m", "name": name}));
        who.put(&format!("/v1/accounts/{id}/main")).await;
        world.advance(SignedDuration::from_secs(1));
    }
    let answer = table(&owner, &format!("{PATH}?action=setMainAccount&limit=1")).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/csv; charset=utf-8; header=present")));
    let lines: Vec<&str> = answer.text.split("\r\n").collect();
    assert_eq!(lines.len(), 3, "{}", answer.text);
    assert!(
        lines[0].starts_with("at,action,outcome,") && lines[1].contains("\"Ada, \"\"the first\"\"\""),
        "{}",
        answer.text
    );
    let next = answer.header("link").and_then(|link| link.split(['<', '>']).nth(1)).expect("a link").to_owned();
    let next = &next[next.find("/v1").expect("a path")..];
    let last = table(&owner, next).await;
    assert!(last.text.contains(",'@m,") && last.text.contains("\"'=HYPERLINK("), "{}", last.text);
}

/// S0-65: the audit's part of it.
#[tokio::test(flavor = "multi_thread")]
async fn the_audit_is_kept_as_long_as_the_workspace_says() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "x", "demo-01").await.remove(0);
    let store = &world.stack.services.store;
    let (ws, org) = ("ws_1".parse().expect("legal"), "ws_1".parse().expect("legal"));
    let mut workspace = store.find_workspace(&ws, &org).await.expect("the table");
    workspace.configuration.policies.retention.audit_days = Some(30);
    workspace.version += 1;
    store.configure_workspace(&workspace, None, None).await.expect("the table");
    owner.put(&format!("/v1/accounts/{id}/main")).await;
    let query = "&action=setMainAccount";
    world.advance(SignedDuration::from_hours(24 * 29));
    assert_eq!(entries(&owner, query).await.len(), 1);
    world.advance(SignedDuration::from_hours(24 * 2));
    assert_eq!(entries(&owner, query).await.len(), 0);
    let kept = async || {
        world.whole_dump().await.into_iter().filter(|(_, item)| item.to_string().contains("setMainAccount")).count()
    };
    assert_eq!(kept().await, 1);
    world.stack.sweep_ttl().await.expect("the table");
    assert_eq!(kept().await, 0);
}

/// The address is not on record, only whether two came from the same one.
#[tokio::test(flavor = "multi_thread")]
async fn where_a_call_came_from_is_kept_as_a_digest_that_no_header_changes() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "x", "demo-01").await.remove(0);
    for spoofed in ["203.0.113.7", "203.0.113.8"] {
        let call = owner.call(Method::PUT, &format!("/v1/accounts/{id}/main")).header("x-forwarded-for", spoofed);
        assert_eq!(send(call.header("forwarded", format!("for={spoofed}"))).await.status, 200);
    }
    #[expect(clippy::disallowed_methods, reason = "somebody who calls from another address")]
    let elsewhere = reqwest::Client::builder().no_proxy().local_address(IpAddr::from([127, 0, 0, 2])).build();
    let call = elsewhere.expect("a client").put(format!("{}/v1/accounts/{id}/main", world.product));
    assert_eq!(send(call.bearer_auth(owner.token.as_deref().expect("a token"))).await.status, 200);
    let left = entries(&owner, "&action=setMainAccount").await;
    let hashes: Vec<_> = left.iter().map(|entry| entry["ip_hash"].as_str().expect("a digest")).collect();
    assert_eq!((hashes.len(), hashes.iter().collect::<BTreeSet<_>>().len()), (3, 2), "{hashes:?}");
    assert!(hashes.iter().all(|hash| hash.len() == 22));
    let dump = format!("{:?}", world.whole_dump().await);
    assert!(!dump.contains("127.0.0.1\"") && !dump.contains("203.0.113"), "an address is kept");
}
