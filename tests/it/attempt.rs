//! Attempts to connect that come to nothing are slowed down.

use app::AttemptLimits;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Caller, Options, World, send};

const SESSIONS: &str = "/v1/workspaces/ws_1/connect-sessions";

/// A product with the limits that it has for its customers.
async fn limited() -> World {
    World::with(Options { limits: Some((600_000, AttemptLimits::default())), ..Options::default() }).await
}

async fn start(caller: &Caller, platform: &str) -> Answer {
    caller.post(&format!("/v1/workspaces/{}/connect-sessions", caller.workspace()), json!({"platform": platform})).await
}

/// One that the person denies.
async fn denied(world: &World, caller: &Caller, platform: &str) {
    let attempt = world.attempt(caller, json!({"platform": platform})).await;
    let authorize = attempt.browser.press_continue(&attempt.start_url).await;
    let back = attempt.browser.answer(&authorize, &[("person", "acme"), ("decision", "deny")]).await;
    attempt.browser.open(&back).await;
    assert_eq!(attempt.status().await, "failed");
}

#[track_caller]
fn is_slowed_down(answer: &Answer, seconds: u64) {
    answer.is_problem(429, "connect_rate_limited");
    assert_eq!(answer.header("retry-after"), Some(&*seconds.to_string()));
    assert_eq!((&answer.body["retry_after"], &answer.body["retryable"]), (&json!(seconds), &json!(true)));
}

/// S1-52, CHK-P21: ten that fail within an hour, and the next waits until the hour is over; nothing is written then.
#[tokio::test(flavor = "multi_thread")]
async fn the_eleventh_attempt_of_an_hour_waits_where_none_succeeded() {
    let world = limited().await;
    let owner = world.owner("ws_1");
    for _ in 0..10 {
        denied(&world, &owner, "x").await;
        world.advance(SignedDuration::from_mins(2));
    }
    let before = world.dump().await;
    is_slowed_down(&start(&owner, "x").await, 2400);
    assert_eq!(world.dump().await, before);
    // With a key of idempotency it is no different, and nothing holds the key afterwards.
    for _ in 0..2 {
        is_slowed_down(&owner.post_once(SESSIONS, json!({"platform": "x"}), "k").await, 2400);
    }
    assert_eq!(world.dump().await, before);
    let others = [
        start(&owner, "facebook").await,
        start(&world.member("ws_1", "manager"), "x").await,
        start(&world.owner("ws_2"), "x").await,
    ];
    assert!(others.iter().all(|answer| answer.status == 201), "another platform, member or workspace");
    world.advance(SignedDuration::from_secs(2399));
    is_slowed_down(&start(&owner, "x").await, 1);
    world.advance(SignedDuration::from_secs(1));
    assert_eq!(start(&owner, "x").await.status, 201);
}

/// What succeeds does not count against anybody, nor what a person is still to choose from.
#[tokio::test(flavor = "multi_thread")]
async fn attempts_that_succeed_are_not_counted_as_failed() {
    let world = limited().await;
    let owner = world.owner("ws_1");
    for n in 0..12 {
        world.connect(&owner, "x", &format!("demo-{:02}", n % 5 + 1)).await;
        let session = world.consent(&owner, json!({"platform": "facebook"}), "agency").await;
        assert_eq!(session["status"], "awaiting_selection");
    }
    for _ in 0..9 {
        assert_eq!(start(&owner, "x").await.status, 201, "begun and left alone");
    }
    world.connect(&owner, "x", "demo-01").await;
    assert_eq!(start(&owner, "x").await.status, 201);
    is_slowed_down(&start(&owner, "x").await, 3600);
}

/// What began in one hour and succeeds in the next takes nothing off that one's count.
#[tokio::test(flavor = "multi_thread")]
async fn a_success_counts_for_the_hour_in_which_it_began() {
    let world = limited().await;
    let owner = world.owner("ws_1");
    let slow = world.attempt(&owner, json!({"platform": "x", "ttl": "PT24H"})).await;
    world.advance(SignedDuration::from_mins(61));
    for _ in 0..10 {
        assert_eq!(start(&owner, "x").await.status, 201);
    }
    slow.land("demo-01").await;
    assert_eq!(slow.status().await, "completed");
    is_slowed_down(&start(&owner, "x").await, 3600);
}

/// CHK-P21: sixty within an hour, whatever becomes of them.
#[tokio::test(flavor = "multi_thread")]
async fn there_are_sixty_attempts_an_hour_at_most() {
    let limits = AttemptLimits { all: 12, ..AttemptLimits::default() };
    assert_eq!(AttemptLimits::default(), AttemptLimits { unsuccessful: 10, all: 60 });
    let world = World::with(Options { limits: Some((600_000, limits)), ..Options::default() }).await;
    let owner = world.owner("ws_1");
    for n in 0..12 {
        world.connect(&owner, "x", &format!("demo-{:02}", n % 5 + 1)).await;
    }
    is_slowed_down(&start(&owner, "x").await, 3600);
}

/// Many at once are no way around.
#[tokio::test(flavor = "multi_thread")]
async fn of_thirty_attempts_at_once_ten_begin() {
    let world = limited().await;
    let owner = world.owner("ws_1");
    let all = futures::future::join_all((0..30).map(|_| start(&owner, "x"))).await;
    let count = |status: u16| all.iter().filter(|answer| answer.status == status).count();
    assert!(count(201) <= 10 && count(201) + count(429) + count(409) == 30, "{:?}", all.iter().map(|a| a.status));
    while start(&owner, "x").await.status == 201 {}
    let table = world.dump().await;
    let begun = table.keys().filter(|key| key.starts_with("S#")).count();
    assert_eq!(begun, 10);
}

/// CHK-P20: where a request says that it comes from changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_forged_address_is_no_other_caller() {
    let world = limited().await;
    let owner = world.owner("ws_1");
    let forged = |n: usize| {
        let address = format!("203.0.113.{n}");
        let call = owner.call(Method::POST, SESSIONS).json(&json!({"platform": "x"}));
        let names = ["x-forwarded-for", "x-real-ip", "forwarded", "cf-connecting-ip", "true-client-ip", "x-client-ip"];
        names.into_iter().fold(call, |call, name| call.header(name, address.clone()))
    };
    for n in 0..10 {
        assert_eq!(send(forged(n)).await.status, 201);
    }
    for n in 10..14 {
        is_slowed_down(&send(forged(n)).await, 3600);
    }
}

/// What is refused before it begins is no attempt, and the console goes the same way.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_is_no_attempt() {
    let world = limited().await;
    let owner = world.owner("ws_1");
    for _ in 0..12 {
        assert_eq!(start(&owner, "nowhere").await.status, 422);
        let body = json!({"platform": "x", "ttl": "P9D"});
        assert_eq!(owner.post(SESSIONS, body).await.status, 422);
    }
    let attempts =
        |table: &std::collections::BTreeMap<String, Value>| table.keys().filter(|k| k.contains("L#")).count();
    assert_eq!(attempts(&world.dump().await), 0);
    assert_eq!(start(&owner, "x").await.status, 201);
    assert_eq!(attempts(&world.dump().await), 1);
}
