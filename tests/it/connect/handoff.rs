//! Finishing on another device.

use futures::future::join_all;
use serde_json::{Value, json};
use tests::{Attempt, Caller, World};

async fn hand_off(owner: &Caller, attempt: &Attempt) -> Value {
    let answer = owner.post(&format!("/v1/connect-sessions/{}/handoff", attempt.id), json!({})).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().expect("a text")
}

/// Four digits that are not these.
fn wrong(code: &str, by: u32) -> String {
    format!("{:04}", (code.parse::<u32>().expect("digits") + by) % 10_000)
}

async fn x(world: &World, owner: &Caller) -> Attempt {
    world.attempt(owner, json!({"platform": "x"})).await
}

/// The whole way: link and code on the first device, consent on the other.
#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_goes_on_where_the_code_is_named() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let attempt = x(&world, &owner).await;
    let handed = hand_off(&owner, &attempt).await;
    assert_eq!(attempt.status().await, "awaiting_confirmation");
    assert_eq!(attempt.session().await["handoff_url"], handed["url"]);
    let code = text(&handed, "code");
    assert!(code.len() == 4 && code.bytes().all(|b| b.is_ascii_digit()), "{code}");
    assert!(!text(&handed, "url").contains(code), "the link does not tell the code");
    assert!(text(&handed, "qr_svg").starts_with("<svg "));

    // The first device can no longer go on, and neither can a third that only has the start page.
    for browser in [&attempt.browser, &world.browser()] {
        assert_eq!(browser.open(&attempt.start_url).await.status, 409);
        assert_eq!(browser.submit(&attempt.start_url, &[]).await.status, 409);
    }
    let phone = world.browser();
    let page = phone.open(text(&handed, "url")).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.text.contains("ws_1") && !page.text.contains(code), "{}", page.text);
    assert!(phone.cookies(&attempt.start_url).is_empty(), "opening the link gives nothing");
    let named = phone.submit(text(&handed, "url"), &[("code", code)]).await;
    assert_eq!((named.status, named.location()), (303, Some(attempt.start_url.clone())), "{}", named.text);
    assert_eq!(attempt.status().await, "created");
    assert_eq!(attempt.browser.open(&attempt.start_url).await.status, 409, "the binding has moved");
    phone.approve(&attempt.start_url, "acme").await;
    assert_eq!(attempt.status().await, "completed");
}

/// A program names the code as JSON.
#[tokio::test(flavor = "multi_thread")]
async fn the_code_can_be_named_as_json() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let attempt = x(&world, &owner).await;
    let handed = hand_off(&owner, &attempt).await;
    let path = format!("/v1/connect-sessions/{}/confirm", attempt.id);
    let named = world.nobody().post(&path, json!({"code": handed["code"]})).await;
    assert_eq!(named.status, 200, "{}", named.text);
    assert_eq!(named.body, json!({"id": attempt.id, "start_url": attempt.start_url}));
    let cookie = named.header("set-cookie").expect("a cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"), "{cookie}");
    world.nobody().post(&path, json!({"code": handed["code"]})).await.is_problem(409, "session_state_invalid");
}

/// Three wrong codes end the hand-off; only the first device can make another.
#[tokio::test(flavor = "multi_thread")]
async fn the_third_wrong_code_ends_the_hand_off() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let attempt = x(&world, &owner).await;
    let handed = hand_off(&owner, &attempt).await;
    let code = text(&handed, "code").to_owned();
    let path = format!("/v1/connect-sessions/{}/confirm", attempt.id);
    let name = async |code: String| world.nobody().post(&path, json!({"code": code})).await;
    for odd in ["", "12", "12345", "12a4", "１２３４"] {
        name(odd.to_owned()).await.is_problem(422, "validation_failed");
    }
    for (by, left) in [(1, "2 tries"), (2, "One try"), (3, "third wrong")] {
        let refused = name(wrong(&code, by)).await;
        refused.is_problem(401, "confirmation_code_wrong");
        assert!(refused.body["detail"].as_str().expect("a detail").contains(left), "{}", refused.text);
    }
    name(code.clone()).await.is_problem(409, "session_state_invalid");
    assert_eq!(attempt.status().await, "awaiting_confirmation", "nobody else may continue meanwhile");
    assert_eq!(world.browser().submit(&attempt.start_url, &[]).await.status, 409);

    let again = hand_off(&owner, &attempt).await;
    name(text(&again, "code").to_owned()).await;
    assert_eq!(attempt.status().await, "created");
}

/// However many guess at once, three guesses are all there are.
#[tokio::test(flavor = "multi_thread")]
async fn guesses_at_once_are_counted_each() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    for _ in 0..5 {
        let attempt = x(&world, &owner).await;
        let handed = hand_off(&owner, &attempt).await;
        let path = format!("/v1/connect-sessions/{}/confirm", attempt.id);
        let code = text(&handed, "code");
        let guesses = (1..=32).map(|by| {
            let (nobody, path, guess) = (world.nobody(), path.clone(), wrong(code, by));
            async move { nobody.post(&path, json!({"code": guess})).await.status }
        });
        let answers = join_all(guesses).await;
        assert_eq!(answers.iter().filter(|s| **s == 401).count(), 3, "{answers:?}");
        assert!(answers.iter().all(|s| [401, 409].contains(s)), "{answers:?}");
        world.nobody().post(&path, json!({"code": code})).await.is_problem(409, "session_state_invalid");
    }
}

/// A browser that is at the platform already comes back with nothing: its code is not even spent.
#[tokio::test(flavor = "multi_thread")]
async fn a_callback_of_the_first_device_connects_nothing() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let attempt = x(&world, &owner).await;
    let callback = attempt.approved("acme").await;
    let handed = hand_off(&owner, &attempt).await;
    assert_eq!(attempt.browser.open(&callback).await.status, 400);
    assert_eq!(world.calls("token").await, 0);
    let phone = world.browser();
    phone.submit(text(&handed, "url"), &[("code", text(&handed, "code"))]).await;
    assert_eq!(attempt.browser.open(&callback).await.status, 400);
    phone.approve(&attempt.start_url, "acme").await;
    assert_eq!((attempt.status().await.as_str(), world.calls("token").await), ("completed", 1));
}

/// Only before the consent: after it there is nothing to hand over.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_over_cannot_be_handed_over() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let done = x(&world, &owner).await;
    done.land("acme").await;
    let choosing = world.attempt(&owner, json!({"platform": "facebook"})).await;
    choosing.land("acme-team").await;
    let cancelled = x(&world, &owner).await;
    assert_eq!(owner.delete(&format!("/v1/connect-sessions/{}", cancelled.id)).await.status, 204);
    let late = x(&world, &owner).await;
    let handed = hand_off(&owner, &late).await;
    for (attempt, status, code) in [
        (&done, 410, "session_expired"),
        (&choosing, 409, "session_state_invalid"),
        (&cancelled, 410, "session_expired"),
    ] {
        let path = format!("/v1/connect-sessions/{}/handoff", attempt.id);
        owner.post(&path, json!({})).await.is_problem(status, code);
    }
    world.advance(jiff::SignedDuration::from_mins(31));
    let path = format!("/v1/connect-sessions/{}/confirm", late.id);
    world.nobody().post(&path, json!({"code": handed["code"]})).await.is_problem(410, "session_expired");
    assert_eq!(late.status().await, "expired");
}

/// CHK-P17: another site cannot name a code for a person.
#[tokio::test(flavor = "multi_thread")]
async fn another_site_cannot_name_the_code() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let attempt = x(&world, &owner).await;
    let handed = hand_off(&owner, &attempt).await;
    let (url, code) = (text(&handed, "url"), text(&handed, "code"));
    let posted = world.browser().submit_from("https://evil.example", url, &[("code", code)]).await;
    assert_eq!(posted.status, 403, "{}", posted.text);
    assert_eq!(attempt.status().await, "awaiting_confirmation");
}
