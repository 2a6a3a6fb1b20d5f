//! How an account is: in the words of each vocabulary, with its reasons, and as it was at any moment.

use domain::Timestamp;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Caller, FINE, World, send};

const DAY: SignedDuration = SignedDuration::from_hours(24);
const MOMENT: SignedDuration = SignedDuration::from_millis(1);

const ALL: [&str; 5] =
    ["pages_show_list", "pages_read_engagement", "business_management", "read_insights", "pages_manage_posts"];

/// One page on Facebook, connected or reconnected with only these permissions ticked.
async fn consent(world: &World, owner: &Caller, scopes: &[&str]) -> String {
    let ask = json!({"platform": "facebook", "fresh_consent": true});
    let attempt = world.attempt(owner, ask).await;
    let authorize = attempt.browser.press_continue(&attempt.start_url).await;
    let mut fields = vec![("person", "acme"), ("decision", "approve")];
    fields.extend(scopes.iter().map(|scope| ("scope", *scope)));
    let callback = attempt.browser.answer(&authorize, &fields).await;
    attempt.browser.open(&callback).await;
    let session = attempt.session().await;
    assert_eq!(session["status"], "completed", "{session}");
    session["accounts"][0]["id"].as_str().expect("an id").to_owned()
}

async fn disconnect(owner: &Caller, id: &str) {
    let answer = owner.post(&format!("/v1/accounts/{id}/disconnect"), json!({})).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

async fn health(owner: &Caller, id: &str) -> Value {
    let answer = owner.get(&format!("/v1/accounts/{id}/health")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}

async fn account(owner: &Caller, id: &str) -> Value {
    owner.get(&format!("/v1/accounts/{id}")).await.body
}

/// The same as it was then.
async fn then(owner: &Caller, id: &str, at: Timestamp) -> Value {
    let answer = owner.get(&format!("/v1/accounts/{id}/health?at={at}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}

fn labels(health: &Value) -> Vec<&str> {
    ["s0", "s1", "s2", "s3", "s4"].map(|id| health["labels"][id]["label"].as_str().expect("a word")).into()
}

/// What is kept of an account's past.
async fn kept(world: &World, id: &str) -> usize {
    world.dump().await.keys().filter(|key| key.contains(&format!("F#{id}#"))).count()
}

/// What was answered, to be asked for again.
struct Diary {
    entries: Vec<Value>,
}

impl Diary {
    async fn note(&mut self, world: &World, id: &str) {
        let told = health(&world.owner("ws_1"), id).await;
        assert_eq!(told["at"], world.now().to_string());
        self.entries.push(told);
    }

    /// Now, and a moment before the next change.
    async fn live(&mut self, world: &World, id: &str, time: SignedDuration) {
        self.note(world, id).await;
        world.advance(time - MOMENT);
        self.note(world, id).await;
        world.advance(MOMENT);
    }

    fn states(&self) -> Vec<&str> {
        self.entries.iter().map(|told| told["state"].as_str().expect("a state")).collect()
    }
}

/// A life of two months: each answer that was given is given again for its moment, to the letter, whatever happened
/// since.
#[tokio::test(flavor = "multi_thread")]
async fn health_is_told_of_any_past_moment_as_it_was_told_then() {
    let world = World::start().await;
    let mut diary = Diary { entries: Vec::new() };
    let id = consent(&world, &world.owner("ws_1"), &ALL).await;
    let born = world.now();
    diary.live(&world, &id, DAY * 3).await;
    assert_eq!(consent(&world, &world.owner("ws_1"), &ALL[..4]).await, id);
    diary.live(&world, &id, DAY * 2).await;
    assert_eq!(consent(&world, &world.owner("ws_1"), &ALL[..3]).await, id);
    diary.live(&world, &id, DAY).await;
    disconnect(&world.owner("ws_1"), &id).await;
    diary.live(&world, &id, DAY * 5).await;
    assert_eq!(consent(&world, &world.owner("ws_1"), &ALL).await, id);
    diary.live(&world, &id, DAY * 50).await;
    assert_eq!(consent(&world, &world.owner("ws_1"), &ALL).await, id);
    diary.note(&world, &id).await;
    let states = diary.states();
    let told =
        [[FINE, FINE], ["limited", "limited"], ["limited", "limited"], ["disconnected", "disconnected"], [FINE, FINE]];
    assert_eq!(states[..8], told.concat()[..8], "{states:?}");

    // The facts of a week ago are judged as of their own moment: time alone changes a verdict.
    world.advance(DAY * 7);
    let owner = world.owner("ws_1");
    for told in &diary.entries {
        let at = told["at"].as_str().expect("a moment").parse().expect("a moment");
        assert_eq!(&then(&owner, &id, at).await, told);
    }
    let before = owner.get(&format!("/v1/accounts/{id}/health?at={}", born - MOMENT)).await;
    before.is_problem(404, "not_found");
    assert!(before.body["detail"].as_str().is_some_and(|d| d.contains("not connected yet")), "{}", before.text);
}

/// Two changes in one millisecond leave two pasts, and neither hides what was before.
#[tokio::test(flavor = "multi_thread")]
async fn changes_within_one_millisecond_are_both_kept() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let mut diary = Diary { entries: Vec::new() };
    let id = consent(&world, &owner, &ALL).await;
    diary.live(&world, &id, DAY).await;
    consent(&world, &owner, &ALL[..4]).await;
    disconnect(&world.owner("ws_1"), &id).await;
    assert_eq!(kept(&world, &id).await, 2);
    diary.live(&world, &id, DAY).await;
    assert_eq!(diary.states(), [FINE, FINE, "disconnected", "disconnected"]);
    let owner = world.owner("ws_1");
    for told in &diary.entries {
        let at = told["at"].as_str().expect("a moment").parse().expect("a moment");
        assert_eq!(&then(&owner, &id, at).await, told);
    }
}

/// A consent that says nothing new leaves no past.
#[tokio::test(flavor = "multi_thread")]
async fn what_did_not_change_is_not_kept_twice() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "x", "acme").await.remove(0);
    let first = health(&owner, &id).await;
    assert_eq!(world.connect(&owner, "x", "acme").await.remove(0), id);
    assert_eq!(kept(&world, &id).await, 0);
    assert_eq!(health(&owner, &id).await, first);
}

/// What is known goes with its time, and at once with its account.
#[tokio::test(flavor = "multi_thread")]
async fn a_past_is_kept_for_ninety_days_and_goes_with_its_account() {
    let world = World::start().await;
    let id = consent(&world, &world.owner("ws_1"), &ALL).await;
    let born = world.now();
    world.advance(DAY);
    disconnect(&world.owner("ws_1"), &id).await;
    world.advance(DAY * 90);
    world.stack.sweep_ttl().await.expect("a sweep");
    let owner = world.owner("ws_1");
    assert_eq!(then(&owner, &id, born).await["state"], FINE);
    world.advance(SignedDuration::from_secs(1));
    world.stack.sweep_ttl().await.expect("a sweep");
    owner.get(&format!("/v1/accounts/{id}/health?at={born}")).await.is_problem(404, "not_found");
    assert_eq!(then(&owner, &id, born + DAY).await["state"], "disconnected");

    consent(&world, &owner, &ALL).await;
    assert_eq!(kept(&world, &id).await, 1);
    assert_eq!(owner.delete(&format!("/v1/accounts/{id}")).await.status, 202);
    assert_eq!(kept(&world, &id).await, 0);
    owner.get(&format!("/v1/accounts/{id}/health")).await.is_problem(404, "not_found");
}

/// S0-37, S0-41, S1-06, S1-17, S3-11, S3-41, S4-17: the words that an account has in each vocabulary, alone and beside the
/// account.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_told_in_the_words_of_each_vocabulary() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = consent(&world, &owner, &ALL).await;
    world.job("sync").await;
    let told = health(&owner, &id).await;
    assert_eq!(labels(&told), ["Active", "Active", "Valid", "Active", "Connected"]);
    assert_eq!((&told["severity"], &told["action"], &told["reasons"]), (&json!("ok"), &Value::Null, &json!([])));
    assert_eq!((&told["label"], &told["color"], &told["icon"]), (&json!("Active"), &json!("green"), &json!("check")));

    consent(&world, &owner, &ALL[..4]).await;
    let told = health(&owner, &id).await;
    assert_eq!(labels(&told), ["Limited", "Error", "Valid", "Inactive", "Connection Error"]);
    assert_eq!((&told["state"], &told["severity"]), (&json!("limited"), &json!("error")));
    let reason = &told["reasons"][0];
    assert_eq!((&reason["code"], &reason["rule"]), (&json!("insufficient_permissions"), &json!("limited_publish")));
    assert_eq!(reason["facts"]["missing"], json!(["pages_manage_posts"]));
    assert_eq!((&told["action"]["id"], &told["action"]["enabled"]), (&json!("reconnect"), &json!(true)));
    assert_eq!(told["capabilities"]["publish"]["reason"], "insufficient_permissions");

    for (vocabulary, label, color) in [
        ("s0", "Limited", "orange"),
        ("s1", "Error", "yellow"),
        ("s2", "Valid", "green"),
        ("s3", "Inactive", "yellow"),
        ("s4", "Connection Error", "red"),
    ] {
        let words = |health: &Value| (health["label"].clone(), health["color"].clone());
        let expected = (json!(label), json!(color));
        let path = format!("/v1/accounts/{id}");
        let alone = owner.get(&format!("{path}/health?vocabulary={vocabulary}")).await;
        let whole = owner.get(&format!("{path}?vocabulary={vocabulary}")).await;
        let list = owner.get(&format!("/v1/workspaces/ws_1/accounts?vocabulary={vocabulary}")).await;
        assert_eq!(words(&alone.body), expected, "{vocabulary}");
        assert_eq!(words(&whole.body["health"]), expected, "{vocabulary}");
        assert_eq!(words(&list.body["data"][0]["health"]), expected, "{vocabulary}");
    }
}

/// S0-38, S2-16, S2-17, S2-18, S3-42: a consent that nothing can renew runs out, and that is told a month before, day by
/// day, without anybody doing anything.
#[tokio::test(flavor = "multi_thread")]
async fn a_consent_that_runs_out_is_told_before_and_after() {
    let world = World::start().await;
    let id = consent(&world, &world.owner("ws_1"), &ALL).await;
    let grant = account(&world.owner("ws_1"), &id).await["grant"].clone();
    let due: Timestamp = grant["reauth_due_at"].as_str().expect("a moment").parse().expect("a moment");
    let to = |moment: Timestamp| world.advance(moment.duration_since(world.now()));

    to(due - DAY * 30 - MOMENT);
    assert_eq!(health(&world.owner("ws_1"), &id).await["state"], FINE);
    to(due - DAY * 30);
    let told = health(&world.owner("ws_1"), &id).await;
    assert_eq!((&told["state"], &told["since"]), (&json!("expiring"), &told["at"]));
    assert_eq!(labels(&told), ["Warning", "Active", "Expiring Soon", "Active", "Connected"]);
    assert_eq!(told["reauth_due_at"], due.to_string());
    assert_eq!((&told["token"]["status"], &told["token"]["days_left"]), (&json!("expiring"), &json!(30)));
    let tooltip = told["token"]["tooltip"].as_str().expect("a sentence");
    assert!(tooltip.starts_with("The token ends in 30 days, on "), "{tooltip}");
    let listed = world.owner("ws_1").get("/v1/workspaces/ws_1/accounts").await.body["data"][0].clone();
    assert_eq!((&listed["token_status"], &listed["health"]["token"]), (&json!("expiring"), &told["token"]));

    to(due - MOMENT);
    assert_eq!(health(&world.owner("ws_1"), &id).await["state"], "expiring");
    to(due);
    let told = health(&world.owner("ws_1"), &id).await;
    assert_eq!((&told["state"], &told["since"]), (&json!("expired"), &told["at"]));
    assert_eq!(labels(&told), ["Error", "Expired", "Expired", "Inactive", "Connection Error"]);
    assert_eq!(told["reasons"][0]["code"], "connection_expired");
    assert_eq!(told["capabilities"]["publish"], json!({"available": false, "reason": "connection_expired"}));
    let whole = account(&world.owner("ws_1"), &id).await;
    assert_eq!((&whole["token_status"], &whole["capabilities"]), (&json!("expired"), &told["capabilities"]));

    consent(&world, &world.owner("ws_1"), &ALL).await;
    assert_eq!(health(&world.owner("ws_1"), &id).await["state"], FINE);
    assert_eq!(then(&world.owner("ws_1"), &id, due - MOMENT).await["state"], "expiring");
}

/// S2-15: a token that renews itself is valid, however short its life.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_two_hours_that_renews_itself_is_valid() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "x", "acme").await.remove(0);
    let profile = account(&owner, &id).await;
    assert_eq!(profile["grant"]["access_expires_at"], (world.now() + SignedDuration::from_hours(2)).to_string());
    let token = &profile["health"]["token"];
    assert_eq!((&profile["token_status"], &token["label"]), (&json!("valid"), &json!("Valid")));
    assert_eq!((&token["renewable"], &token["days_left"]), (&json!(true), &json!(180)));
    assert_eq!(token["tooltip"], "The token is valid and renews itself, at least until May 21, 2027.");
}

/// S0-76: what does not work, with the words for it and what to do.
#[tokio::test(flavor = "multi_thread")]
async fn an_issue_says_what_it_is_and_what_to_do() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = consent(&world, &owner, &ALL[..3]).await;
    let issues = account(&owner, &id).await["health"]["issues"].clone();
    let issues = issues.as_array().expect("issues");
    assert_eq!(issues.len(), 2);
    for (issue, capability, scope) in
        [(&issues[0], "publish", "pages_manage_posts"), (&issues[1], "analytics", "read_insights")]
    {
        assert_eq!((&issue["capability"], &issue["missing_scopes"]), (&json!(capability), &json!([scope])));
        assert_eq!(
            (&issue["code"], &issue["title"]),
            (&json!("insufficient_permissions"), &json!("Permissions are missing"))
        );
        assert_eq!(issue["detail"], "The person did not allow everything that is needed.");
        let action = &issue["action"];
        assert_eq!(
            (&action["id"], &action["text"]),
            (&json!("reconnect"), &json!("Connect again and allow all that is asked."))
        );
        assert_eq!(action["href"], format!("/v1/accounts/{id}/reconnect"));
    }
    let viewer = world.member("ws_1", "viewer");
    let action = account(&viewer, &id).await["health"]["action"].clone();
    assert_eq!(action["enabled"], false);
    assert!(action["disabled_reason"].as_str().is_some_and(|why| why.contains("viewer")), "{action}");
}

/// CHK-P1: another workspace's account, and one out of the caller's reach, have no health.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_is_told_of_an_account() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = consent(&world, &owner, &ALL).await;
    let at = world.now();
    world.advance(DAY);
    disconnect(&world.owner("ws_1"), &id).await;
    let elsewhere = world.owner("ws_2");
    let out_of_reach = world.caller(json!({"ws": "ws_1", "role": "owner", "accounts": []}));
    for caller in [elsewhere, out_of_reach] {
        for query in [String::new(), format!("?at={at}")] {
            let path = format!("/v1/accounts/{id}/health{query}");
            caller.get(&path).await.is_problem(404, "not_found");
        }
    }
    world.nobody().get(&format!("/v1/accounts/{id}/health")).await.is_problem(401, "unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moment_or_a_vocabulary_that_is_none_is_refused() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "x", "acme").await.remove(0);
    let path = format!("/v1/accounts/{id}/health");
    let future = world.now() + MOMENT;
    for (query, pointer) in [
        ("at=yesterday", "/at"),
        ("at=2026-11-22", "/at"),
        ("at=", "/at"),
        (&format!("at={future}"), "/at"),
        ("vocabulary=s5", "/vocabulary"),
        ("vocabulary=", "/vocabulary"),
        ("vocabulary=s0&vocabulary=s1", "/vocabulary"),
    ] {
        let answer = owner.get(&format!("{path}?{query}")).await;
        answer.is_problem(422, "validation_failed");
        assert_eq!(answer.body["errors"][0]["pointer"], pointer, "{query}");
    }
    assert_eq!(owner.get(&format!("{path}?at={}", world.now())).await.status, 200);
    for path in [format!("/v1/accounts/{id}?vocabulary=x"), "/v1/workspaces/ws_1/accounts?vocabulary=x".to_owned()] {
        owner.get(&path).await.is_problem(422, "validation_failed");
    }
    owner.get(&format!("{path}?when=now")).await.is_problem(400, "unknown_field");
    send(owner.call(Method::POST, &path)).await.is_problem(405, "method_not_allowed");
}

/// The summary counts every account by its state.
#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_counted_by_how_they_are() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    consent(&world, &owner, &ALL[..4]).await;
    world.connect(&owner, "x", "acme").await;
    let gone = world.connect(&owner, "x", "mallory").await.remove(0);
    disconnect(&owner, &gone).await;
    let summary = owner.get("/v1/workspaces/ws_1/accounts/summary").await.body;
    assert_eq!(summary["by_state"], json!({"disconnected": 1, (FINE): 1, "limited": 1}));
}

/// Every word that an account can have is in the tables, which anybody may read.
#[tokio::test(flavor = "multi_thread")]
async fn the_tables_show_every_rule_in_every_vocabulary() {
    let world = World::start().await;
    let tables = world.nobody().get("/v1/meta/vocabularies").await.body;
    assert_eq!(tables["default"], "s0");
    let rules: Vec<&str> =
        tables["rules"].as_array().expect("rules").iter().filter_map(|r| r["rule"].as_str()).collect();
    assert_eq!(rules.len(), 12);
    assert_eq!((rules[0], rules[5], rules[11]), ("disconnected", "limited_publish", "healthy"));
    let vocabularies = tables["data"].as_array().expect("vocabularies");
    let ids: Vec<&str> = vocabularies.iter().filter_map(|v| v["id"].as_str()).collect();
    assert_eq!(ids, ["s0", "s1", "s2", "s3", "s4"]);
    for vocabulary in vocabularies {
        let words = vocabulary["words"].as_object().expect("words");
        assert!(rules.iter().all(|rule| words[*rule]["usual"]["label"].is_string()), "{vocabulary}");
        assert_eq!(words.len(), rules.len());
    }
    assert_eq!(vocabularies[4]["words"]["degraded"]["when"]["stale"]["label"], "Needs Sync");
    let causes: Vec<&str> =
        tables["causes"].as_array().expect("causes").iter().filter_map(|c| c["code"].as_str()).collect();
    assert!(causes.contains(&"rotation_uncertain") && causes.contains(&"rotation_lost"), "{causes:?}");
}

/// Whoever plans in quarters is told in time: the window is the workspace's, and an account may have one of its own.
#[tokio::test(flavor = "multi_thread")]
async fn the_window_is_the_workspace_s() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = consent(&world, &owner, &ALL).await;
    let states = async |owner: &Caller| {
        let list = owner.get("/v1/workspaces/ws_1/accounts").await.body["data"][0]["health"]["state"].clone();
        let one = account(owner, &id).await["health"]["state"].clone();
        let summary = owner.get("/v1/workspaces/ws_1/accounts/summary").await.body["by_state"].clone();
        [list, one, health(owner, &id).await["state"].clone(), summary]
    };
    world.advance(DAY * 40);
    let owner = world.owner("ws_1");
    let healthy = [json!(FINE), json!(FINE), json!(FINE), json!({(FINE): 1})];
    assert_eq!(states(&owner).await, healthy);
    let store = &world.stack.services.store;
    let (ws, org) = ("ws_1".parse().expect("legal"), "ws_1".parse().expect("legal"));
    let mut found = store.find_workspace(&ws, &org).await.expect("the workspace");
    found.configuration.policies.expiring_window_days = Some(60);
    found.version += 1;
    store.configure_workspace(&found, None, None).await.expect("it is written");
    let expiring = [json!("expiring"), json!("expiring"), json!("expiring"), json!({"expiring": 1})];
    assert_eq!(states(&owner).await, expiring);
    assert_eq!(health(&owner, &id).await["since"], (world.now() - DAY * 10).to_string());
    world.lease(&owner, &id).await;
    assert_eq!(world.lease(&owner, &id).await.status, 201, "it is told, and it works");
}
