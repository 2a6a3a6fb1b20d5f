//! `Prefer: wait` on a session.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tests::{Answer, Caller, World, send};
use tokio::time::timeout;

async fn wait(caller: &Caller, session: &str, prefer: &str) -> Answer {
    send(caller.call(Method::GET, &format!("/v1/connect-sessions/{session}")).header("prefer", prefer)).await
}

/// The answer comes when the session has moved on, not before.
#[tokio::test(flavor = "multi_thread")]
async fn a_caller_hears_of_a_session_that_moves_on() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let attempt = world.attempt(&owner, json!({"platform": "x"})).await;
    let (heard, _) =
        tokio::join!(wait(&owner, &attempt.id, "wait=10"), attempt.browser.press_continue(&attempt.start_url));
    assert_eq!((heard.status, &heard.body["status"]), (200, &json!("consenting")));
    assert_eq!(heard.header("preference-applied"), Some("wait=10"));
    let (heard, _) = tokio::join!(wait(&owner, &attempt.id, "respond-async, wait=10"), attempt.land("acme"));
    assert_ne!(heard.body["status"], "created", "{}", heard.text);
    assert_eq!(attempt.status().await, "completed");
}

/// Nobody waits for what has ended, nor for longer than ten seconds, nor for what cannot be read.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_waits_for_a_session_that_has_ended() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let attempt = world.attempt(&owner, json!({"platform": "x"})).await;
    let at_once = Duration::from_secs(5);
    for prefer in ["wait=0", "wait=soon", "wait", "return=minimal", "wait=-1", "wait=99999999999999999999"] {
        let answer = timeout(at_once, wait(&owner, &attempt.id, prefer)).await.expect("no wait");
        assert_eq!((answer.status, answer.header("preference-applied")), (200, None), "{prefer}");
    }
    assert_eq!(owner.delete(&format!("/v1/connect-sessions/{}", attempt.id)).await.status, 204);
    let answer = timeout(at_once, wait(&owner, &attempt.id, "wait=3600")).await.expect("no wait");
    assert_eq!((&answer.body["status"], answer.header("preference-applied")), (&json!("cancelled"), Some("wait=10")));
}
