//! However many come at once, a plan holds what it allows; and nobody calls without end.

use app::AttemptLimits;
use futures::future::join_all;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Browser, Caller, Options, World, send};

const ROUNDS: usize = 20;
const AT_ONCE: usize = 32;
/// What `starter` allows on each platform.
const LIMIT: usize = 3;

fn starter(world: &World, workspace: &str) -> Caller {
    world.caller(json!({"ws": workspace, "role": "owner", "plan": "starter"}))
}

/// A session whose person has approved: the browser, and the callback that it has not opened yet.
async fn approved(world: &World, caller: &Caller, platform: &str, person: &str) -> (String, Browser, String) {
    let path = format!("/v1/workspaces/{}/connect-sessions", caller.workspace());
    let started = caller.post(&path, json!({"platform": platform})).await;
    assert_eq!(started.status, 201, "{}", started.text);
    let text = |name: &str| started.body[name].as_str().expect("text").to_owned();
    let browser = world.browser();
    let going = browser.submit(&text("start_url"), &[]).await;
    let authorize = going.location().unwrap_or_else(|| panic!("{}", going.text));
    let decided = browser.submit(&authorize, &[("person", person), ("decision", "approve")]).await;
    let callback = decided.location().unwrap_or_else(|| panic!("{}", decided.text));
    (text("id"), browser, callback)
}

/// The plan's own count, the rows, and the limit are one number.
async fn holds(caller: &Caller, platform: &str, expected: usize) {
    let workspace = caller.workspace();
    let limits = caller.get(&format!("/v1/workspaces/{workspace}/limits")).await.body;
    let used = limits["per_platform"].as_array().expect("platforms").iter().find(|p| p["platform"] == platform);
    assert_eq!(used.expect("the platform")["used"], expected, "{limits}");
    assert_eq!(limits["total"]["used"], expected, "{limits}");
    let rows = caller.get(&format!("/v1/workspaces/{workspace}/accounts?limit=200")).await.body;
    assert_eq!(rows["data"].as_array().map(Vec::len), Some(expected), "{rows}");
}

/// S1-15, CHK-P9: 32 people at once for one place, twenty times.
#[tokio::test(flavor = "multi_thread")]
async fn of_32_at_once_for_the_last_place_one_gets_it() {
    let world = World::start().await;
    let people: Vec<String> = (0..AT_ONCE).map(|n| format!("racer-{n:02}")).collect();
    for person in &people {
        world.steer(Method::POST, "people", json!({"id": person, "name": person, "x": {}})).await;
    }
    for round in 0..ROUNDS {
        let caller = starter(&world, &format!("ws_{round}"));
        for person in ["demo-01", "demo-02"] {
            world.connect(&caller, "x", person).await;
        }
        let waiting = join_all(people.iter().map(|person| approved(&world, &caller, "x", person))).await;
        join_all(waiting.iter().map(|(_, browser, callback)| browser.open(callback))).await;
        let reader = &caller;
        let sessions = waiting.iter().map(|(id, ..)| async move {
            let path = format!("/v1/connect-sessions/{id}");
            reader.get(&path).await.body
        });
        let (won, lost): (Vec<Value>, Vec<Value>) =
            join_all(sessions).await.into_iter().partition(|session| session["status"] == "completed");
        assert_eq!(won.len(), 1, "round {round}");
        for session in lost {
            assert_eq!(session["status"], "failed", "{session}");
            assert_eq!(session["error"]["code"], "plan_limit_reached", "{session}");
        }
        holds(&caller, "x", LIMIT).await;
    }
}

/// CHK-P9: the same by choosing, where one attempt offers many.
#[tokio::test(flavor = "multi_thread")]
async fn of_many_choices_at_once_for_the_last_place_one_gets_it() {
    let world = World::start().await;
    let caller = starter(&world, "ws_1");
    for person in ["demo-01", "demo-03"] {
        world.connect(&caller, "facebook", person).await;
    }
    let session = world.consent(&caller, json!({"platform": "facebook"}), "agency").await;
    let path = format!("/v1/connect-sessions/{}", session["id"].as_str().expect("an id"));
    let candidates = caller.get(&format!("{path}/candidates")).await.body;
    assert_eq!(candidates["room"], 1);
    let open: Vec<&Value> =
        candidates["data"].as_array().expect("candidates").iter().filter(|c| c["selectable"] == true).collect();
    assert_eq!(open.len(), 26);
    let selection = format!("{path}/selection");
    let both = caller.post(&selection, json!({"candidate_ids": [open[0]["id"], open[1]["id"]]})).await;
    both.is_problem(403, "plan_limit_reached");
    assert_eq!(
        (&both.body["limit"], &both.body["used"], &both.body["scope"]),
        (&json!(3), &json!(2), &json!("per_platform"))
    );
    assert_eq!(both.body["upgrade"]["plan"], "professional");
    holds(&caller, "facebook", LIMIT - 1).await;
    let choices = open.iter().map(|c| caller.post(&selection, json!({"candidate_ids": [c["id"]]})));
    let answers = join_all(choices).await;
    assert_eq!(answers.iter().filter(|a| a.status == 200).count(), 1);
    for lost in answers.iter().filter(|a| a.status != 200) {
        // Whoever finds the attempt changed under it may look again; there is no place then either.
        let code = lost.body["code"].as_str().unwrap_or_default();
        assert!(["plan_limit_reached", "session_state_invalid", "busy"].contains(&code), "{}", lost.text);
    }
    holds(&caller, "facebook", LIMIT).await;
    let left = caller.get(&format!("{path}/candidates")).await.body;
    assert_eq!(left["room"], 0);
    for candidate in left["data"].as_array().expect("candidates") {
        assert_eq!(candidate["selectable"], false, "{candidate}");
        let late = caller.post(&selection, json!({"candidate_ids": [candidate["id"]]})).await;
        assert!(late.status == 403 || late.status == 422, "{}", late.text);
    }
    holds(&caller, "facebook", LIMIT).await;
}

/// CHK-P9: the same by choosing in many attempts, so that nothing but the limit is between them.
#[tokio::test(flavor = "multi_thread")]
async fn of_many_attempts_that_choose_at_once_one_gets_the_last_place() {
    let world = World::start().await;
    // Each has two or three pages, so each must choose.
    let people = ["demo-02", "demo-04", "demo-06", "demo-08", "demo-10", "demo-12"];
    for round in 0..5 {
        let caller = starter(&world, &format!("ws_{round}"));
        for person in ["demo-01", "demo-03"] {
            world.connect(&caller, "facebook", person).await;
        }
        let mut choices = Vec::new();
        for person in people {
            let session = world.consent(&caller, json!({"platform": "facebook"}), person).await;
            let path = format!("/v1/connect-sessions/{}", session["id"].as_str().expect("an id"));
            let candidates = caller.get(&format!("{path}/candidates")).await.body;
            let body = json!({"candidate_ids": [candidates["data"][0]["id"]], "done": true});
            choices.push((format!("{path}/selection"), body));
        }
        let answers = join_all(choices.iter().map(|(path, body)| caller.post(path, body.clone()))).await;
        assert_eq!(answers.iter().filter(|a| a.status == 200).count(), 1, "round {round}");
        for lost in answers.iter().filter(|a| a.status != 200) {
            lost.is_problem(403, "plan_limit_reached");
        }
        holds(&caller, "facebook", LIMIT).await;
    }
}

/// What a caller's answers say that is left: of how many, how many, and the seconds until all are free.
fn left(answer: &Answer) -> [u32; 3] {
    ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"]
        .map(|name| answer.header(name).unwrap_or_else(|| panic!("{name}: {}", answer.text)).parse().expect("a number"))
}

#[track_caller]
fn is_too_much(answer: &Answer, seconds: &str) {
    answer.is_problem(429, "rate_limited");
    assert_eq!((answer.header("retry-after"), left(answer)[1]), (Some(seconds), 0));
}

async fn limited(calls: u32) -> World {
    World::with(Options { limits: Some((calls, AttemptLimits::default())), ..Options::default() }).await
}

/// CHK-P21: a burst is let through, and then each caller gets what the minute allows; who they say to be does not count.
#[tokio::test(flavor = "multi_thread")]
async fn a_caller_has_so_many_calls_a_minute() {
    let world = limited(600).await;
    let owner = world.owner("ws_1");
    let path = "/v1/workspaces/ws_1/limits";
    for used in 1..=100_u32 {
        let answer = owner.get(path).await;
        assert_eq!((answer.status, left(&answer)), (200, [100, 100 - used, used.div_ceil(10)]));
    }
    is_too_much(&owner.get(path).await, "1");
    // Another token of theirs, and another address, are the same caller's.
    let again = world.caller(json!({"ws": "ws_1", "role": "owner", "name": "Somebody Else"}));
    let forged =
        again.call(Method::GET, path).header("x-forwarded-for", "203.0.113.9").header("x-real-ip", "203.0.113.9");
    is_too_much(&send(forged).await, "1");
    is_too_much(&owner.get("/v1/accounts/acc_1").await, "1");
    let (nobody, other) = (world.nobody().get(path).await, world.member("ws_1", "admin").get(path).await);
    assert_eq!((nobody.status, nobody.header("ratelimit-limit")), (401, None));
    assert_eq!((other.status, left(&other)), (200, [100, 99, 1]));
    world.advance(SignedDuration::from_millis(200));
    for status in [200, 200, 429] {
        assert_eq!(owner.get(path).await.status, status);
    }
}

/// CHK-P21: what makes keys and attempts is a tenth of it, and what is too much changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn what_makes_something_is_allowed_a_tenth_as_often() {
    let world = limited(600).await;
    let admin = world.member("ws_1", "admin");
    let (path, body) = ("/v1/workspaces/ws_1/api-keys", json!({"name": "a", "scopes": ["accounts:read"]}));
    for made in 1..=10 {
        let answer = admin.post(path, body.clone()).await;
        assert_eq!((answer.status, left(&answer)), (201, [10, 10 - made, made]), "{}", answer.text);
    }
    let before = world.dump().await;
    is_too_much(&admin.post(path, body.clone()).await, "1");
    is_too_much(&admin.post_once(path, body, "k").await, "1");
    is_too_much(&admin.post("/v1/workspaces/ws_1/connect-sessions", json!({"platform": "x"})).await, "1");
    assert_eq!(world.dump().await, before);
    assert_eq!(admin.get(path).await.status, 200, "to look is another thing");
    // A program is a caller of its own.
    world.advance(SignedDuration::from_secs(1));
    let (_, program) = admin.program(&["connect:write"]).await;
    let started = program.post("/v1/workspaces/ws_1/connect-sessions", json!({"platform": "x"})).await;
    assert_eq!((started.status, left(&started)), (201, [10, 9, 1]));
}
