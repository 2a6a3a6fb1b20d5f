//! One effect for one key, told again as often as it is asked.

use domain::Digest;
use futures::future::join_all;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use store::{Begun, IdempotencyKey};
use tests::{Answer, Caller, World, send};

use super::route::{Operation, Place, call, protected};

const SESSIONS: &str = "/v1/workspaces/ws_1/connect-sessions";

fn start() -> Value {
    json!({"platform": "x"})
}

fn is_replayed(answer: &Answer) -> bool {
    answer.header("idempotency-replayed") == Some("true")
}

/// CHK-P8: every operation that changes something: the second answer is the first one, and changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_with_the_same_key_is_told_again() {
    let world = World::start().await;
    for operation in protected(&world).await.into_iter().filter(Operation::changes) {
        let workspace = format!("ws_{}", operation.id);
        let owner = world.owner(&workspace);
        let place = Place::make(&world, &workspace).await;
        let (path, body) = (place.path(&operation), place.body(&operation));
        let first = call(&owner, &operation, &path, body.clone(), Some("key-1")).await;
        assert!(first.status < 300 && !is_replayed(&first), "{}: {}", operation.id, first.text);
        let events = world.published().len();
        let calls = world.journal().await.len();
        for _ in 0..2 {
            let again = call(&owner, &operation, &path, body.clone(), Some("key-1")).await;
            assert!(is_replayed(&again), "{}: {}", operation.id, again.text);
            let mut told = first.body.clone();
            // A secret is told once.
            match operation.id.as_str() {
                "handOffConnectSession" => told["code"] = Value::Null,
                "leaseCredential" => told["access_token"] = Value::Null,
                "createApiKey" | "rotateApiKey" => told["key"] = Value::Null,
                "openForecastFeed" => told["url"] = Value::Null,
                "createEasyConnectLink"
                | "sendEasyConnectLink"
                | "rotateEasyConnectLink"
                | "createReconnectLink"
                | "createReturnLink" => {
                    for once in ["url", "qr_svg", "message"] {
                        told[once] = Value::Null;
                    }
                }
                _ => {}
            }
            assert_eq!((again.status, &again.body), (first.status, &told), "{}", operation.id);
            assert_eq!(again.header("location"), first.header("location"), "{}", operation.id);
        }
        assert_eq!((world.published().len(), world.journal().await.len()), (events, calls), "{}", operation.id);
        let other = operation.members.first().map_or_else(|| json!({ "x": 1 }), |_| other_body(&operation));
        let reused = call(&owner, &operation, &path, Some(other), Some("key-1")).await;
        if operation.members.is_empty() {
            // There is no other body that such an operation takes.
            reused.is_problem(400, "unknown_field");
        } else {
            reused.is_problem(422, "idempotency_key_reused");
        }
    }
}

fn other_body(operation: &Operation) -> Value {
    match operation.id.as_str() {
        "createConnectSession" => json!({"platform": "facebook"}),
        "selectCandidates" => json!({"candidate_ids": [], "done": true}),
        "leaseCredential" => json!({"purpose": "analytics"}),
        "createApiKey" => json!({"name": "another", "scopes": ["links:*"]}),
        "rotateApiKey" => json!({"overlap": "PT0S"}),
        "reportSignal" => json!({"signal": "not_found"}),
        "syncAccount" => json!({"scope": ["metrics"]}),
        "verifyAccounts" | "refreshAccounts" | "syncAccounts" | "disconnectAccounts" => {
            json!({"account_ids": ["acc_01KAP0SGG0000000000000000A"]})
        }
        "reconnectAccount" => json!({"fresh_consent": false}),
        "annotateEpisode" => json!({"acknowledged": false, "note": "Another."}),
        "setVocabulary" => {
            let mut s3: Value =
                serde_json::from_str(include_str!("../../../infra/vocabularies/s3.json")).expect("JSON");
            s3["id"] = "own".into();
            s3
        }
        "setQueueSchedule" => json!({"timezone": "UTC", "slots": []}),
        "reportAccountUsage" => json!({"drafts": 2}),
        "changeAccount" => json!({"label": "Acme in Bergen"}),
        "registerDevice" => json!({"device_key": "a third", "name": "Cy's", "os": "ios 20.1"}),
        "tieAccount" => json!({"account_id": "acc_01ARZ3NDEKTSV4RRFFQ69G5FAV"}),
        "configureWorkspace" => json!({"policies": {"reuse_grant": false}}),
        "disconnectAccount" | "lockDownWorkspace" => json!({"reason": "another"}),
        "exportWorkspace" => json!({}),
        "copyAccount" => json!({"workspace_id": "ws_other"}),
        "copyAccounts" => json!({"account_ids": ["acc_01KAP0SGG0000000000000000A"], "workspace_id": "ws_other"}),
        "detachAccount" => json!({"return_url": "https://app.example/other"}),
        "requestRelease" => json!({"platform": "x", "platform_account_id": "2"}),
        "requestAccountRelease" => json!({"message": "another"}),
        "createEasyConnectLink" | "changeEasyConnectLink" | "createReconnectLink" | "createReturnLink" => {
            json!({"title": "Another"})
        }
        "sendEasyConnectLink" => json!({"recipient": {"name": "Another"}}),
        other => panic!("{other}: say here what else it takes"),
    }
}

/// CHK-P8
#[tokio::test(flavor = "multi_thread")]
async fn a_key_belongs_to_its_workspace_caller_and_route() {
    let world = World::start().await;
    let (owner, admin, other) = (world.owner("ws_1"), world.member("ws_1", "admin"), world.owner("ws_2"));
    let first = owner.post_once(SESSIONS, start(), "one").await;
    let colleague = admin.post_once(SESSIONS, start(), "one").await;
    let elsewhere = other.post_once("/v1/workspaces/ws_2/connect-sessions", start(), "one").await;
    for answer in [&colleague, &elsewhere] {
        assert_eq!(answer.status, 201, "{}", answer.text);
        assert!(!is_replayed(answer));
        assert_ne!(answer.body["id"], first.body["id"]);
    }
    let account = world.connect(&owner, "x", "demo-01").await.remove(0);
    let route = owner.post_once(&format!("/v1/accounts/{account}/disconnect"), json!({}), "one").await;
    assert!(route.status == 200 && !is_replayed(&route), "{}", route.text);
    let deleted = owner.call(Method::DELETE, &format!("/v1/accounts/{account}")).header("idempotency-key", "one");
    let deleted = send(deleted).await;
    assert!(deleted.status == 202 && !is_replayed(&deleted), "{}", deleted.text);
}

/// CHK-P8
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_no_key_is_refused_before_anything_happens() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let post = || owner.call(Method::POST, SESSIONS).json(&start());
    let long = "k".repeat(10 * 1024);
    for key in ["", long.as_str(), &"k".repeat(256), "k\u{e9}y"] {
        send(post().header("idempotency-key", key)).await.is_problem(400, "invalid_request");
    }
    let twice = post().header("idempotency-key", "one").header("idempotency-key", "one");
    send(twice).await.is_problem(400, "invalid_request");
    let longest = send(post().header("idempotency-key", "k".repeat(255))).await;
    assert_eq!(longest.status, 201, "{}", longest.text);
}

async fn many<F: Future<Output = Answer>>(one: impl Fn() -> F) -> Vec<Answer> {
    let answers = join_all((0..64).map(|_| one())).await;
    let fresh: Vec<_> = answers.iter().filter(|a| a.status < 300 && !is_replayed(a)).collect();
    assert_eq!(fresh.len(), 1, "one effect");
    for answer in &answers {
        if answer.status < 300 {
            assert_eq!((answer.status, &answer.body["id"]), (fresh[0].status, &fresh[0].body["id"]));
        } else {
            answer.is_problem(409, "idempotency_in_progress");
        }
    }
    answers
}

/// CHK-P8
#[tokio::test(flavor = "multi_thread")]
async fn of_64_at_once_with_one_key_one_has_the_effect() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let started = many(|| owner.post_once(SESSIONS, start(), "one")).await;
    assert!(started.iter().filter(|a| a.status == 201).all(|a| a.text == started[0].text));

    let place = Place::make(&world, "ws_1").await;
    let choice = json!({"candidate_ids": [place.candidate]});
    let selection = format!("/v1/connect-sessions/{}/selection", place.session);
    many(|| owner.post_once(&selection, choice.clone(), "one")).await;
    let summary = owner.get("/v1/workspaces/ws_1/accounts/summary").await.body;
    let count = |platform: &str| summary["by_platform"][platform]["count"].clone();
    assert_eq!([count("facebook"), count("instagram"), count("x")], [1, 1, 1]);

    let disconnect = format!("/v1/accounts/{}/disconnect", place.account);
    many(|| owner.post_once(&disconnect, json!({}), "one")).await;
    assert_eq!(world.count("revoked").await, 2, "the access and the refresh token, once each");
    let told = world.published();
    let of_it = told.iter().filter(|e| e["account_id"] == place.account.as_str());
    assert_eq!(of_it.filter(|e| e["type"] == "account.disconnected").count(), 1);
}

/// CHK-P8: nothing happened, so nothing is replayed.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_request_frees_its_key() {
    let world = World::start().await;
    let free = world.caller(json!({"ws": "ws_1", "role": "owner", "plan": "free"}));
    let account = world.connect(&free, "x", "demo-01").await.remove(0);
    free.post_once(SESSIONS, start(), "one").await.is_problem(403, "plan_limit_reached");
    free.post_once(SESSIONS, start(), "one").await.is_problem(403, "plan_limit_reached");
    assert_eq!(free.post(&format!("/v1/accounts/{account}/disconnect"), json!({})).await.status, 200);
    let now = free.post_once(SESSIONS, start(), "one").await;
    assert!(now.status == 201 && !is_replayed(&now), "{}", now.text);
    // The same key for another request, after a refusal.
    free.post_once(SESSIONS, json!({"platform": "nowhere"}), "two").await.is_problem(422, "validation_failed");
    assert_eq!(free.post_once(SESSIONS, start(), "two").await.status, 201);
}

/// CHK-P8
#[tokio::test(flavor = "multi_thread")]
async fn disconnecting_what_is_disconnected_is_told_again_too() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let account = world.connect(&owner, "x", "demo-01").await.remove(0);
    let path = format!("/v1/accounts/{account}/disconnect");
    assert_eq!(owner.post(&path, json!({})).await.status, 200);
    let first = owner.post_once(&path, json!({}), "one").await;
    let again = owner.post_once(&path, json!({}), "one").await;
    assert_eq!((again.status, &again.text), (200, &first.text));
    assert!(is_replayed(&again));
}

/// CHK-P8
#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_free_again_after_a_day() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let first = owner.post_once(SESSIONS, start(), "one").await;
    world.advance(SignedDuration::from_secs(24 * 3600 - 1));
    assert!(is_replayed(&owner.post_once(SESSIONS, start(), "one").await));
    world.advance(SignedDuration::from_secs(1));
    let next = owner.post_once(SESSIONS, start(), "one").await;
    assert!(next.status == 201 && !is_replayed(&next), "{}", next.text);
    assert_ne!(next.body["id"], first.body["id"]);
}

/// What a handler holds while it works; dropping it is a crash.
async fn begin(world: &World, caller: &Caller, sub: &str, body: &Value) {
    let key = IdempotencyKey {
        workspace: caller.workspace().parse().expect("an id"),
        of: Digest::of_parts(&[sub, "POST", SESSIONS, "one"]),
        body: Digest::of_parts(&["", &body.to_string()]),
    };
    let begun = world.stack.services.store.begin(&key, world.now()).await.expect("the table");
    assert!(matches!(begun, Begun::Fresh(_)), "{begun:?}");
}

/// S4-23, CHK-P8: the wait is the product's own five seconds.
#[tokio::test(flavor = "multi_thread")]
async fn a_crashed_handler_holds_its_key_for_a_minute() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    begin(&world, &owner, "user-owner", &start()).await;
    let waiting = owner.post_once(SESSIONS, start(), "one").await;
    waiting.is_problem(409, "idempotency_in_progress");
    assert_eq!(waiting.header("retry-after"), Some("1"));
    assert_eq!((&waiting.body["retryable"], &waiting.body["retry_after"]), (&json!(true), &json!(1)));
    owner.post_once(SESSIONS, json!({"platform": "facebook"}), "one").await.is_problem(422, "idempotency_key_reused");
    world.advance(SignedDuration::from_secs(61));
    let done = owner.post_once(SESSIONS, start(), "one").await;
    assert!(done.status == 201 && !is_replayed(&done), "{}", done.text);
    let again = owner.post_once(SESSIONS, start(), "one").await;
    assert!(is_replayed(&again) && again.text == done.text);
}
