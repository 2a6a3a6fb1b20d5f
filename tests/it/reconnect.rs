//! An account is connected again, in place: it loses nothing and becomes nobody else.

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Caller, FINE, Page, World, send};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Reconnects an account as a person; answers with the page where it ends, and the session.
async fn again(world: &World, owner: &Caller, id: &str, ask: Value, fields: &[(&str, &str)]) -> (Page, Value) {
    let started = owner.post(&format!("/v1/accounts/{id}/reconnect"), ask).await;
    assert_eq!(started.status, 201, "{}", started.text);
    let session = started.body["id"].as_str().expect("an id");
    assert_eq!(started.header("location"), Some(format!("/v1/connect-sessions/{session}").as_str()));
    let browser = world.browser();
    let authorize = browser.press_continue(started.body["start_url"].as_str().expect("an address")).await;
    let callback = browser.answer(&authorize, fields).await;
    let landed = browser.open(&callback).await;
    (landed, owner.get(&format!("/v1/connect-sessions/{session}")).await.body)
}

const ACME: [(&str, &str); 2] = [("person", "acme"), ("decision", "approve")];

async fn account(owner: &Caller, id: &str) -> Value {
    owner.get(&format!("/v1/accounts/{id}")).await.body
}

async fn schedule(owner: &Caller, id: &str) -> Value {
    owner.get(&format!("/v1/accounts/{id}/queue-schedule")).await.body
}

/// S0-78, S1-19, S1-49, S4-24: after an end and after a disconnect the account comes back under its id, with what was
/// decided about it, its schedule and its past.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_decided_outlives_an_end_and_a_disconnect() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "facebook", "acme").await.remove(0);
    let slots = json!({"timezone": "UTC", "slots": [{"weekday": "monday", "time": "09:30"}]});
    send(owner.call(Method::PUT, &format!("/v1/accounts/{id}/queue-schedule")).json(&slots)).await;
    // What is decided about an account lies in its row.
    let store = &world.stack.services.store;
    let (ws, parsed) = ("ws_1".parse().expect("legal"), id.parse().expect("an id"));
    let row = async || store.find_account(&ws, parsed).await.expect("the table").expect("the account");
    let before = row().await;
    let mut decided = before.clone();
    decided.settings.label = Some("Shop".to_owned());
    decided.settings.tags = vec!["nordic".to_owned()];
    decided.former_handles = vec!["acme-old".to_owned()];
    decided.version += 1;
    store.tell(&[(before, decided.clone())], &[], world.now()).await.expect("it is written");
    let plan = schedule(&owner, &id).await["slots"].clone();

    world.live(DAY * 91, DAY).await;
    let expired = account(&owner, &id).await;
    assert_eq!(expired["health"]["state"], "expired");
    let issue = &expired["health"]["issues"][0];
    assert_eq!((&issue["code"], &issue["action"]["id"]), (&json!("connection_expired"), &json!("reconnect")));
    assert_eq!((&issue["action"]["method"], &issue["action"]["enabled"]), (&json!("POST"), &json!(true)));
    assert_eq!(issue["action"]["href"], format!("/v1/accounts/{id}/reconnect"));
    world.lease(&owner, &id).await.is_problem(409, "connection_expired");

    for disconnected in [false, true] {
        if disconnected {
            world.live(DAY, DAY).await;
            assert_eq!(owner.post(&format!("/v1/accounts/{id}/disconnect"), json!({})).await.status, 200);
        }
        let (_, session) = again(&world, &owner, &id, json!({}), &ACME).await;
        assert_eq!(
            (&session["status"], &session["accounts"]),
            (&json!("completed"), &json!([{"id": id}])),
            "{session}"
        );
        let back = account(&owner, &id).await;
        assert_eq!((&back["lifecycle"], &back["health"]["state"]), (&json!("active"), &json!(FINE)));
        assert_eq!((&back["connected_at"], &back["reconnected_at"]), (&json!(tests::BEGINNING), &json!(world.now())));
        let kept = row().await;
        assert_eq!((kept.settings, kept.former_handles), (decided.settings.clone(), decided.former_handles.clone()));
        assert_eq!(schedule(&owner, &id).await["slots"], plan);
        assert_eq!(world.lease(&owner, &id).await.status, 201);
    }
    let history = owner.get(&format!("/v1/accounts/{id}/health/history")).await.body["data"].clone();
    let codes: Vec<&str> = history.as_array().expect("a list").iter().filter_map(|e| e["code"].as_str()).collect();
    assert_eq!(codes, ["connection_expired", "reauthorization_due"], "its past is there");
}

/// S1-51: an account that its owner renamed is the same one, and keeps its old handle; only one that is gone at the
/// platform is not found there.
#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_account_is_the_same_and_a_deleted_one_is_not_found() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "facebook", "acme").await.remove(0);
    let before = account(&owner, &id).await;
    let page = before["platform_account_id"].clone();
    world.event(json!({"platform": "facebook", "account": page, "kind": "rename", "to": "acme.nordic"})).await;
    world.live(DAY * 2, DAY).await;
    assert_eq!(account(&owner, &id).await["health"]["issues"], json!([]), "a rename is no trouble");
    let (_, session) = again(&world, &owner, &id, json!({}), &ACME).await;
    assert_eq!(session["accounts"], json!([{"id": id}]), "{session}");
    let (ws, parsed) = ("ws_1".parse().expect("legal"), id.parse().expect("an id"));
    let row = world.stack.services.store.find_account(&ws, parsed).await.expect("the table").expect("the account");
    assert_eq!(row.profile.platform_account_id, page.as_str().expect("an id"));
    assert_ne!(row.profile.handle.as_deref(), before["handle"].as_str());
    assert_eq!(row.former_handles, [before["handle"].as_str().expect("a handle")]);

    let report = json!({"signal": "not_found"});
    assert_eq!(owner.post(&format!("/v1/accounts/{id}/signals"), report).await.status, 202);
    let gone = account(&owner, &id).await["health"].clone();
    assert_eq!((&gone["state"], &gone["issues"][0]["code"]), (&json!("error"), &json!("account_not_found")));
}

/// S1-19, CHK-A11: whoever signs in as somebody else changes nothing, is told both names, and may be added as a new one.
#[tokio::test(flavor = "multi_thread")]
async fn another_identity_changes_nothing_and_is_offered_to_be_added() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "x", "acme").await.remove(0);
    let before = (account(&owner, &id).await, schedule(&owner, &id).await);
    let (_, session) = again(&world, &owner, &id, json!({}), &[("person", "mallory"), ("decision", "approve")]).await;
    let error = &session["error"];
    assert_eq!((&session["status"], &error["code"]), (&json!("failed"), &json!("account_mismatch")), "{session}");
    assert_eq!((&error["expected"], &error["got"]), (&json!("acme"), &json!("mallory")));
    assert_eq!((account(&owner, &id).await, schedule(&owner, &id).await), before);

    let offer = &error["offer"];
    assert_eq!((&offer["id"], &offer["method"]), (&json!("add_as_new"), &json!("POST")));
    let started = owner.post(offer["href"].as_str().expect("a path"), offer["body"].clone()).await;
    assert_eq!(started.status, 201, "{}", started.text);
    let browser = world.browser();
    browser.approve(started.body["start_url"].as_str().expect("an address"), "mallory").await;
    let path = format!("/v1/connect-sessions/{}", started.body["id"].as_str().expect("an id"));
    let added = owner.get(&path).await.body["accounts"][0]["id"].clone();
    assert!(added.is_string() && added != id.as_str(), "{added}");
    assert_eq!(account(&owner, &id).await, before.0);
}

/// S0-48, S3-45, S3-66: what was not allowed is the reason why nothing is published, and is asked for again in place.
#[tokio::test(flavor = "multi_thread")]
async fn a_permission_that_is_missing_is_asked_for_in_place() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let attempt = world.attempt(&owner, json!({"platform": "facebook"})).await;
    let authorize = attempt.browser.press_continue(&attempt.start_url).await;
    let some = ["pages_show_list", "pages_read_engagement", "business_management", "read_insights"];
    let fields: Vec<_> = ACME.into_iter().chain(some.map(|scope| ("scope", scope))).collect();
    let callback = attempt.browser.answer(&authorize, &fields).await;
    attempt.browser.open(&callback).await;
    let id = attempt.session().await["accounts"][0]["id"].as_str().expect("an id").to_owned();
    let before = account(&owner, &id).await;
    let no = json!({"available": false, "reason": "insufficient_permissions"});
    assert_eq!(before["capabilities"]["publish"], no);
    assert_eq!(before["health"]["issues"][0]["missing_scopes"], json!(["pages_manage_posts"]));

    // A subset of what it is good for may be asked for; what it was asked for before stays asked.
    let ask = json!({"capabilities": ["publish"], "fresh_consent": true});
    let (_, session) = again(&world, &owner, &id, ask, &ACME).await;
    assert_eq!((&session["capabilities"], &session["accounts"]), (&json!(["publish"]), &json!([{"id": id}])));
    let after = account(&owner, &id).await;
    assert_eq!(after["capabilities"]["publish"]["available"], true);
    let permissions = owner.get(&format!("/v1/accounts/{id}/permissions")).await.text;
    assert!(permissions.contains("pages_manage_posts") && !permissions.contains("\"denied\""), "{permissions}");
    let history = owner.get(&format!("/v1/accounts/{id}/health/history")).await.body["data"][0].clone();
    assert_eq!((&history["capability"], &history["resolved_at"]), (&json!("publish"), &json!(world.now())));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reconnect_is_asked_for_once_and_refused_as_any_attempt() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "x", "acme").await.remove(0);
    let path = format!("/v1/accounts/{id}/reconnect");
    let first = owner.post_once(&path, json!({"ttl": "PT5M"}), "one").await;
    let second = owner.post_once(&path, json!({"ttl": "PT5M"}), "one").await;
    assert_eq!((first.status, second.status, &first.body), (201, 201, &second.body));
    assert_eq!(second.header("idempotency-replayed"), Some("true"));
    assert_eq!(first.body["expires_at"], (world.now() + SignedDuration::from_mins(5)).to_string());
    for (ask, code) in [
        (json!({"ttl": "soon"}), "validation_failed"),
        (json!({"ttl": "PT25H"}), "validation_failed"),
        (json!({"capabilities": ["fly"]}), "validation_failed"),
        (json!({"return_url": "https://evil.example/"}), "return_url_not_allowed"),
    ] {
        owner.post(&path, ask).await.is_problem(422, code);
    }
    owner.post(&path, json!({"platform": "x"})).await.is_problem(400, "unknown_field");
    world.member("ws_1", "editor").post(&path, json!({})).await.is_problem(403, "permission_denied");
    world.owner("ws_2").post(&path, json!({})).await.is_problem(404, "not_found");
    world.nobody().post(&path, json!({})).await.is_problem(401, "unauthenticated");
}
