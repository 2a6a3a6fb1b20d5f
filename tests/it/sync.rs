//! Fetching what platforms tell of accounts: on schedule, on request, for the first time.

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Caller, World, send};

mod budget;
mod fault;
mod figures;
mod identity;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// An account as its own answer tells it.
async fn account(caller: &Caller, id: &str) -> Value {
    let answer = caller.get(&format!("/v1/accounts/{id}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}

/// The runs of an account, the newest first.
async fn runs(caller: &Caller, id: &str) -> Vec<Value> {
    let answer = caller.get(&format!("/v1/accounts/{id}/syncs")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body["data"].as_array().expect("runs").clone()
}

fn syncs(id: &str) -> String {
    format!("/v1/accounts/{id}/syncs")
}

/// S0-20, S0-23, S0-28, S0-29, S0-31, S4-02, S4-03: connecting begins a run, the account is processing until it has ended,
/// and then its figures are there with their time.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_connected_is_fetched_at_once() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let session = world.consent(&owner, json!({"platform": "x"}), "demo-01").await;
    let id = session["accounts"][0]["id"].as_str().expect("an account");
    let run = format!("/v1/runs/{}", session["runs"][0].as_str().expect("a run"));
    let queued = owner.get(&run).await.body;
    assert_eq!(
        (&queued["kind"], &queued["state"], &queued["trigger"]),
        (&json!("sync"), &json!("queued"), &json!("initial"))
    );
    assert_eq!(queued["account_id"], *id);
    let before = account(&owner, id).await;
    assert_eq!(before["health"]["state"], "processing");
    assert_eq!(before["sync"]["in_flight"]["run_id"], session["runs"][0]);
    assert_eq!((&before["sync"]["last_ok_at"], &before["metrics_latest"]), (&Value::Null, &json!({})));

    let report = world.job("sync").await;
    assert_eq!((&report["due"], &report["succeeded"]), (&json!(1), &json!(1)), "{report}");
    let done = owner.get(&run).await.body;
    assert_eq!(done["state"], "succeeded", "{done}");
    assert_eq!(done["progress"]["step"], done["progress"]["of"]);
    let after = account(&owner, id).await;
    assert_eq!(after["health"]["state"], "healthy", "{}", after["health"]);
    assert_eq!(after["sync"]["in_flight"], Value::Null);
    assert_eq!(after["sync"]["last_ok_at"], json!(world.now()));
    let followers = &after["metrics_latest"]["followers"];
    assert!(followers["value"].as_u64().is_some_and(|count| count > 0), "{followers}");
    assert_eq!(followers["as_of"], "2026-11-22");
    let listed = owner.get("/v1/workspaces/ws_1/accounts").await.body["data"][0].clone();
    assert_eq!(listed["metrics_latest"]["followers"]["value"], followers["value"]);
    assert_eq!(listed["sync"]["last_ok_at"], after["sync"]["last_ok_at"]);
    assert_eq!(world.kinds(id), ["account.connected", "account.synced"]);
    assert_eq!(runs(&owner, id).await.len(), 1);
}

/// S0-04, S4-11: nobody asks, and the data is never older than the interval; nothing is asked for before its time.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_connected_is_fetched_again_before_its_interval_is_over() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "facebook", "demo-01").await.remove(0);
    world.job("sync").await;
    let (calls, measured) = (world.calls("profile").await, world.calls("metrics").await);
    world.advance(HOUR * 5);
    assert_eq!(world.job("sync").await["due"], 0);
    assert_eq!(world.calls("profile").await, calls);
    world.advance(HOUR);
    assert_eq!(world.job("sync").await["succeeded"], 1);
    assert!(measured > 0);
    assert_eq!(
        world.calls("metrics").await,
        measured,
        "the days that are known are not asked for again on the same day"
    );
    let account = account(&owner, &id).await;
    assert_eq!(account["sync"]["last_ok_at"], json!(world.now()));
    assert_eq!(account["sync"]["interval"], "PT6H");
    // What nobody fetches becomes old, and is told as that.
    world.advance(DAY + HOUR);
    let old = world.health(&owner, &id).await;
    assert_eq!((&old["state"], &old["issues"][0]["code"]), (&json!("stale"), &json!("sync_overdue")), "{old}");
    world.job("sync").await;
    assert_eq!(world.health(&owner, &id).await["state"], "healthy");
    let then = world.now() - HOUR / 2;
    assert_eq!(
        owner.get(&format!("/v1/accounts/{id}/health?at={then}")).await.body["state"],
        "stale",
        "as it was told"
    );
}

/// S0-47: the interval is the workspace's to decide, above the plan's floor.
#[tokio::test(flavor = "multi_thread")]
async fn an_interval_of_its_own_counts_from_the_next_run_on() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "facebook", "demo-01").await.remove(0);
    let set = json!({"settings": {"sync_interval": "PT1H"}});
    assert_eq!(send(owner.call(Method::PATCH, &format!("/v1/accounts/{id}")).json(&set)).await.status, 200);
    world.job("sync").await;
    world.advance(HOUR);
    assert_eq!(world.job("sync").await["succeeded"], 1);
    assert_eq!(account(&owner, &id).await["sync"]["interval"], "PT1H");
}

/// S4-09, S4-10: a person asks, and gets the run as it has ended; not twice in a minute, and not beside another one.
#[tokio::test(flavor = "multi_thread")]
async fn somebody_asks_for_it_now() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "x", "demo-01").await.remove(0);
    owner.post(&syncs(&id), json!({})).await.is_problem(409, "sync_in_progress");
    world.job("sync").await;
    let asked = owner.post(&syncs(&id), json!({"scope": ["profile", "metrics"]})).await;
    assert_eq!(asked.status, 202, "{}", asked.text);
    assert_eq!((&asked.body["state"], &asked.body["trigger"]), (&json!("queued"), &json!("manual")));
    assert_eq!(world.health(&owner, &id).await["state"], "processing");
    assert!(world.published().iter().any(|event| event["type"] == "sync.requested" && event["account_id"] == *id));
    owner.post(&syncs(&id), json!({})).await.is_problem(409, "sync_in_progress");
    world.job("sync").await;
    let run = owner.get(&format!("/v1/runs/{}", asked.body["id"].as_str().expect("an id"))).await.body;
    assert_eq!(run["state"], "succeeded", "{run}");
    assert!(run["counts"]["days"].as_u64().is_some_and(|days| days > 1), "the posts were read, for once: {run}");
    let again = owner.post(&syncs(&id), json!({})).await;
    again.is_problem(429, "sync_cooldown");
    assert_eq!(again.body["retry_after"], 60);
    world.advance(MINUTE);
    let waiting = {
        let call = owner.call(Method::POST, &syncs(&id)).header("prefer", "wait=10").json(&json!({}));
        tokio::spawn(send(call))
    };
    // Whoever hears of it works on it meanwhile.
    while world.job("sync").await["due"] == 0 {}
    let waited = waiting.await.expect("an answer");
    assert_eq!((waited.status, &waited.body["state"]), (202, &json!("succeeded")), "{}", waited.text);
    let states: Vec<Value> = runs(&owner, &id).await.iter().map(|run| run["trigger"].clone()).collect();
    assert_eq!(states, [json!("manual"), json!("manual"), json!("initial")]);
    owner.post(&syncs(&id), json!({"scope": ["everything"]})).await.is_problem(422, "validation_failed");
    world.member("ws_1", "viewer").post(&syncs(&id), json!({})).await.is_problem(403, "permission_denied");
}

/// CHK-P1: one account at a time, however many look; one call for each.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_looks_at_once_fetches_each_account_once() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    for person in ["demo-01", "demo-02", "demo-03"] {
        world.connect(&owner, "x", person).await;
    }
    let before = world.calls("profile").await;
    let (a, b, c) = tokio::join!(world.job("sync"), world.job("sync"), world.job("sync"));
    let done: u64 = [&a, &b, &c].iter().map(|report| report["succeeded"].as_u64().expect("a count")).sum();
    assert_eq!(done, 3, "{a} {b} {c}");
    assert_eq!(world.calls("profile").await - before, 3);
}

/// S4-15: what is disconnected is not asked for any more; what comes back is fetched at once, with its past.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_disconnected_is_left_alone_until_it_comes_back() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "x", "demo-01").await.remove(0);
    world.job("sync").await;
    assert_eq!(owner.post(&format!("/v1/accounts/{id}/disconnect"), json!({})).await.status, 200);
    owner.post(&syncs(&id), json!({})).await.is_problem(409, "account_disconnected");
    let calls = world.calls("profile").await;
    for _ in 0..3 {
        world.advance(DAY);
        world.job("sync").await;
    }
    assert_eq!(world.calls("profile").await, calls);
    let metrics = format!("/v1/accounts/{id}/metrics?keys=followers&from=2026-11-22");
    assert_eq!(owner.get(&metrics).await.body["data"][0]["points"][0]["quality"], "observed", "history is kept");
    assert_eq!(world.connect(&owner, "x", "demo-01").await, std::slice::from_ref(&id));
    assert_eq!(world.health(&owner, &id).await["state"], "processing");
    world.job("sync").await;
    assert_eq!(world.health(&owner, &id).await["state"], "healthy");
    assert_eq!(runs(&owner, &id).await.len(), 2);
}

/// S1-32: the same account in two workspaces is asked for once, and told in both.
#[tokio::test(flavor = "multi_thread")]
async fn copies_of_one_consent_are_fetched_once() {
    let world = World::start().await;
    let (a, b) = (world.member("ws_a", "owner"), world.member("ws_a_copies", "owner"));
    let source = world.connect(&a, "x", "demo-01").await.remove(0);
    world.job("sync").await;
    let copied = a.post(&format!("/v1/accounts/{source}/copies"), json!({"workspace_id": "ws_a_copies"})).await;
    assert_eq!(copied.status, 201, "{}", copied.text);
    let copy = copied.body["id"].as_str().expect("an id").to_owned();
    world.job("sync").await;
    let before = world.calls("profile").await;
    for _ in 0..3 {
        world.advance(DAY);
        world.job("sync").await;
    }
    assert_eq!(world.calls("profile").await - before, 3, "one a day for both");
    for (caller, id) in [(&a, &source), (&b, &copy)] {
        let account = account(caller, id).await;
        assert_eq!(account["sync"]["last_ok_at"], json!(world.now()), "{id}");
        assert!(account["metrics_latest"]["followers"]["delta_7d"].is_null());
    }
    let points = |body: Value| body["data"][0]["points"].clone();
    let path = |id: &str| format!("/v1/accounts/{id}/metrics?keys=followers&from=2026-11-23");
    assert_eq!(points(a.get(&path(&source)).await.body), points(b.get(&path(&copy)).await.body));
}

/// S2-24, S2-28, S4-14: nothing of its figures stays behind a removed account.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_removed_leaves_no_figures() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "facebook", "demo-01").await.remove(0);
    world.job("sync").await;
    assert!(world.dump().await.keys().any(|key| key.contains(&format!(" M#{id}#"))));
    assert_eq!(owner.delete(&format!("/v1/accounts/{id}")).await.status, 202);
    world.job("sweep").await;
    world.job("sync").await;
    let left: Vec<String> = world.dump().await.into_keys().filter(|key| key.contains(&id)).collect();
    assert_eq!(left, Vec::<String>::new());
}
