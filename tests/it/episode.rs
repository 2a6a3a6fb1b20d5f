//! An account's troubles, from beginning to end, and what people write about them.

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Caller, World, send};

const DAY: SignedDuration = SignedDuration::from_hours(24);
const STEP: SignedDuration = SignedDuration::from_hours(6);

async fn history(owner: &Caller, id: &str, query: &str) -> Vec<Value> {
    let answer = owner.get(&format!("/v1/accounts/{id}/health/history{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body["data"].as_array().expect("episodes").clone()
}

async fn signal(owner: &Caller, id: &str, signal: &str) {
    let answer = owner.post(&format!("/v1/accounts/{id}/signals"), json!({"signal": signal})).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
}

async fn annotate(caller: &Caller, id: &str, episode: &str, body: Value) -> Answer {
    send(caller.call(Method::PUT, &format!("/v1/accounts/{id}/episodes/{episode}")).json(&body)).await
}

/// Code, beginning and end of each.
fn spans(episodes: &[Value]) -> Vec<(String, String, Value)> {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    episodes.iter().map(|e| (text(&e["code"]), text(&e["opened_at"]), e["resolved_at"].clone())).collect()
}

/// The ids of a cause's events, as they were told.
fn told(world: &World, id: &str, kind: &str) -> Vec<Value> {
    let told = world.told(id).into_iter().filter(|(told, _)| told == kind);
    told.map(|(_, event)| event["episode_id"].clone()).collect()
}

fn span(code: &str, opened: &str, resolved: Option<&str>) -> (String, String, Value) {
    (code.to_owned(), opened.to_owned(), json!(resolved))
}

/// S0-45, S3-37: a hundred and twenty days of a page's life come to these troubles, each under the id that its events
/// bear, and each over when it was.
#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_and_twenty_days_are_told_as_troubles_with_beginning_and_end() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let page = world.connect(&owner, "facebook", "acme").await.remove(0);
    world.live(DAY * 10, STEP).await;
    signal(&owner, &page, "restricted").await;
    world.live(DAY * 2, STEP).await;
    signal(&owner, &page, "works").await;
    world.live(DAY * 8, STEP).await;
    signal(&owner, &page, "restricted").await;
    world.live(DAY, STEP).await;
    signal(&owner, &page, "works").await;
    world.live(DAY * 71, STEP).await;
    assert_eq!(world.connect(&owner, "facebook", "acme").await, [page.as_str()]);
    world.live(DAY * 3, STEP).await;

    let all = history(&owner, &page, "").await;
    let expected = [
        span("connection_expired", "2027-02-20T10:00:00Z", Some("2027-02-22T10:00:00Z")),
        span("reauthorization_due", "2027-01-21T10:00:00Z", Some("2027-02-20T10:00:00Z")),
        span("account_restricted", "2026-12-12T10:00:00Z", Some("2026-12-13T10:00:00Z")),
        span("account_restricted", "2026-12-02T10:00:00Z", Some("2026-12-04T10:00:00Z")),
    ];
    assert_eq!(spans(&all), expected);
    assert_eq!(all.iter().map(|e| e["count"].clone()).collect::<Vec<_>>(), [1, 1, 2, 2]);
    let states: Vec<_> = all.iter().map(|e| (e["state"].clone(), e["severity"].clone())).collect();
    assert_eq!(states[..2], [(json!("expired"), json!("error")), (json!("expiring"), json!("warning"))]);
    assert_eq!(all[1]["facts"], json!({"reauth_due_at": "2027-02-20T10:00:00Z"}));

    assert_eq!(told(&world, &page, "account.expired"), [all[0]["id"].clone()]);
    assert_eq!(told(&world, &page, "account.reauthorization_due"), vec![all[1]["id"].clone(); 4]);
    let restricted = [all[3]["id"].clone(), all[2]["id"].clone()];
    assert_eq!(told(&world, &page, "account.degraded"), restricted);
    assert_eq!(told(&world, &page, "account.recovered"), [&restricted[..], &[all[0]["id"].clone()]].concat());

    // Only what there was in the time that is asked for.
    let winter = history(&owner, &page, "?from=2026-12-13T00:00:00Z&to=2027-01-31T00:00:00Z").await;
    assert_eq!(spans(&winter), expected[1..3]);
    assert_eq!((&winter[1]["count"], &winter[1]["id"]), (&json!(1), &all[2]["id"]));
    assert_eq!(history(&owner, &page, "?to=2026-12-01T00:00:00Z").await, Vec::<Value>::new());

    // What is more than ninety days over is not known any more.
    world.live(DAY * 25, DAY).await;
    world.stack.sweep_ttl().await.expect("a sweep");
    assert_eq!(spans(&history(&owner, &page, "").await), expected[..2]);
}

/// S3-37: what fails to be renewed is a trouble until a refresh succeeds.
#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_closes_what_is_over() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let page = world.connect(&owner, "facebook", "acme").await.remove(0);
    let refresh = async || owner.post(&format!("/v1/accounts/{page}/refresh"), json!({})).await;
    world.fault(json!({"platform": "facebook", "route": "token", "kind": "status:500"})).await;
    for _ in 0..3 {
        refresh().await.is_problem(503, "platform_unavailable");
        world.advance(SignedDuration::from_hours(1));
    }
    let open = history(&owner, &page, "").await;
    assert_eq!(spans(&open), [span("renewal_failing", tests::BEGINNING, None)]);
    assert_eq!(told(&world, &page, "account.degraded"), [open[0]["id"].clone()]);
    let issue = world.health(&owner, &page).await["issues"][0].clone();
    assert_eq!((&issue["episode_id"], &issue["acknowledged"]), (&open[0]["id"], &json!(false)));

    world.no_faults().await;
    let refreshed = refresh().await;
    assert_eq!((refreshed.status, &refreshed.body["renewed"]), (200, &json!(true)), "{}", refreshed.text);
    assert_eq!(
        (&refreshed.body["checked"], &refreshed.body["account"]["health"]["issues"]),
        (&json!(true), &json!([]))
    );
    let closed = history(&owner, &page, "").await;
    assert_eq!(closed[0]["id"], open[0]["id"]);
    assert_eq!(closed[0]["resolved_at"], world.now().to_string());
    assert_eq!(told(&world, &page, "account.recovered"), [open[0]["id"].clone()]);
}

/// S0-45: somebody says that they have seen it, and writes why.
#[tokio::test(flavor = "multi_thread")]
async fn a_trouble_is_acknowledged_and_written_about() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "x", "acme").await.remove(0);
    signal(&owner, &id, "restricted").await;
    let before = world.now();
    world.advance(DAY);
    let owner = world.owner("ws_1");
    let episode = history(&owner, &id, "").await[0].clone();
    assert_eq!((&episode["acknowledged"], &episode["note"]), (&Value::Null, &Value::Null));
    let name = episode["id"].as_str().expect("an id").to_owned();

    let editor = world.caller(json!({"ws": "ws_1", "role": "editor", "sub": "u-1", "name": "Ola"}));
    let seen = annotate(&editor, &id, &name, json!({"acknowledged": true, "note": "Appeal sent.\nWe wait."})).await;
    assert_eq!((seen.status, seen.header("etag")), (200, Some("\"1\"")), "{}", seen.text);
    let by = json!({"by": {"id": "u-1", "name": "Ola"}, "at": world.now().to_string()});
    assert_eq!((&seen.body["acknowledged"], &seen.body["note"]), (&by, &json!("Appeal sent.\nWe wait.")));
    assert_eq!(history(&owner, &id, "").await, [seen.body]);
    assert_eq!(world.health(&owner, &id).await["issues"][0]["acknowledged"], true);
    let then = owner.get(&format!("/v1/accounts/{id}/health?at={before}")).await.body["issues"][0].clone();
    assert_eq!((&then["episode_id"], &then["acknowledged"]), (&json!(name), &json!(false)), "nobody had seen it then");

    // Who saw it first stays named; the note is replaced.
    world.advance(DAY);
    let owner = world.owner("ws_1");
    let again = annotate(&owner, &id, &name, json!({"acknowledged": true})).await;
    assert_eq!((&again.body["acknowledged"], &again.body["note"]), (&by, &Value::Null));
    let not = annotate(&owner, &id, &name, json!({"acknowledged": false})).await;
    assert_eq!((&not.body["acknowledged"], not.header("etag")), (&Value::Null, Some("\"3\"")));

    // It stays with what is over, and goes with the account.
    annotate(&owner, &id, &name, json!({"acknowledged": true, "note": "Over."})).await;
    signal(&owner, &id, "works").await;
    assert_eq!(history(&owner, &id, "").await[0]["note"], "Over.");
    assert_eq!(owner.delete(&format!("/v1/accounts/{id}")).await.status, 202);
    assert!(!world.dump().await.keys().any(|key| key.contains("H#acc_")), "what was written is gone");
    owner.get(&format!("/v1/accounts/{id}/health/history")).await.is_problem(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_trouble_or_no_note_is_refused_and_changes_nothing() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "x", "acme").await.remove(0);
    let other = world.connect(&owner, "x", "mallory").await.remove(0);
    signal(&owner, &id, "restricted").await;
    let name = history(&owner, &id, "").await[0]["id"].as_str().expect("an id").to_owned();
    let before = world.dump().await;
    let good = json!({"acknowledged": true});
    let nobodys = domain::EpisodeId::new(world.now(), [7; 16]).to_string();
    annotate(&owner, &id, &nobodys, good.clone()).await.is_problem(404, "not_found");
    annotate(&owner, &id, "epi_1", good.clone()).await.is_problem(404, "not_found");
    annotate(&owner, &other, &name, good.clone()).await.is_problem(404, "not_found");
    annotate(&world.owner("ws_2"), &id, &name, good.clone()).await.is_problem(404, "not_found");
    annotate(&world.member("ws_1", "analyst"), &id, &name, good.clone()).await.is_problem(403, "permission_denied");
    for wrong in ["", " ", "a\u{0}b", &"x".repeat(501)] {
        let refused = annotate(&owner, &id, &name, json!({"acknowledged": true, "note": wrong})).await;
        refused.is_problem(422, "validation_failed");
        assert_eq!(refused.body["errors"][0]["pointer"], "/note");
    }
    annotate(&owner, &id, &name, json!({"note": "x"})).await.is_problem(400, "invalid_request");
    annotate(&owner, &id, &name, json!({"acknowledged": true, "by": "me"})).await.is_problem(400, "unknown_field");
    let old = owner.call(Method::PUT, &format!("/v1/accounts/{id}/episodes/{name}")).header("if-match", "\"1\"");
    send(old.json(&good)).await.is_problem(412, "version_conflict");
    assert_eq!(world.dump().await, before);
    for (query, pointer) in
        [("from=yesterday", "/from"), ("to=2026-11-23T10:00:00Z", "/to"), ("from=2026-11-22T10:00:00.001Z", "/from")]
    {
        let refused = owner.get(&format!("/v1/accounts/{id}/health/history?{query}")).await;
        refused.is_problem(422, "validation_failed");
        assert_eq!(refused.body["errors"][0]["pointer"], pointer, "{query}");
    }
    world.owner("ws_2").get(&format!("/v1/accounts/{id}/health/history")).await.is_problem(404, "not_found");
}
