//! Where the browser ends up, and what the platform is asked.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::World;
use url::Url;

use super::used;

/// CHK-A15: the browser goes back with the session's id and nothing else of ours.
#[tokio::test(flavor = "multi_thread")]
async fn the_browser_returns_to_the_allowed_address_with_the_session_only() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let own = format!("{}/console/accounts", world.product);
    for (to, person, status) in [
        ("https://app.example/done?theirs=1", "acme", "completed"),
        (own.as_str(), "agency", "awaiting_selection"),
        ("https://app.example/done", "personal", "failed"),
    ] {
        let attempt = world.attempt(&owner, json!({"platform": "facebook", "return_url": to})).await;
        let callback = attempt.approved(person).await;
        let landed = attempt.browser.open(&callback).await;
        assert_eq!(landed.status, 303, "{}", landed.text);
        let mut expected = Url::parse(to).expect("an address");
        expected.query_pairs_mut().append_pair("session", &attempt.id);
        assert_eq!(landed.location().as_deref(), Some(expected.as_str()));
        assert_eq!(attempt.status().await, status);
        // A second look ends at the same place.
        assert_eq!(attempt.browser.open(&callback).await.location(), landed.location());
    }
    for to in
        ["https://evil.example/done", "https://app.example.evil.example/", "//app.example/", "javascript:alert(1)"]
    {
        let asks = json!({"platform": "x", "return_url": to});
        owner.post("/v1/workspaces/ws_1/connect-sessions", asks).await.is_problem(422, "return_url_not_allowed");
    }
}

/// Who has nowhere to return to sees what was connected.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_return_address_the_page_names_what_was_connected() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let attempt = world.attempt(&owner, json!({"platform": "x"})).await;
    let landed = attempt.land("acme").await;
    assert_eq!(landed.status, 200);
    for words in ["The account is connected", "Acme", "@acme", "ws_1"] {
        assert!(landed.text.contains(words), "{words}: {}", landed.text);
    }
    let attempt = world.attempt(&owner, json!({"platform": "facebook"})).await;
    let landed = attempt.land("agency").await;
    assert!(landed.text.contains("One step left") && landed.text.contains("26"), "{}", landed.text);
}

/// A cancelled attempt connects nothing, though the person agreed.
#[tokio::test(flavor = "multi_thread")]
async fn a_consent_that_returns_to_a_cancelled_session_connects_nothing() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let attempt = world.attempt(&owner, json!({"platform": "facebook"})).await;
    let callback = attempt.approved("acme").await;
    let cancelled = owner.delete(&format!("/v1/connect-sessions/{}", attempt.id)).await;
    assert_eq!(cancelled.status, 204);
    let landed = attempt.browser.open(&callback).await;
    assert_eq!(landed.status, 400);
    assert!(landed.text.contains("state_already_used"), "{}", landed.text);
    assert_eq!(attempt.status().await, "cancelled");
    assert_eq!(world.calls("token").await, 0);
    assert_eq!(used(&owner).await, 0);
    assert_eq!(attempt.browser.open(&attempt.start_url).await.status, 410);
}

/// S0-25, S0-59, S3-29, CHK-A7: what is asked of X, and how the code is spent there.
#[tokio::test(flavor = "multi_thread")]
async fn x_is_asked_with_pkce_for_what_is_needed_and_spends_the_code_with_basic() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    for (capabilities, more) in
        [(json!(["analytics"]), vec![]), (json!(["publish"]), vec!["tweet.write", "media.write"])]
    {
        let attempt = world.attempt(&owner, json!({"platform": "x", "capabilities": capabilities})).await;
        let authorize = attempt.browser.press_continue(&attempt.start_url).await;
        let authorize = Url::parse(&authorize).expect("an address");
        let value = |name: &str| authorize.query_pairs().find(|(n, _)| n == name).map(|(_, v)| v.into_owned());
        assert_eq!(value("code_challenge_method").as_deref(), Some("S256"));
        assert_eq!(value("code_challenge").expect("a challenge").len(), 43);
        let scopes = value("scope").expect("scopes");
        let scopes: BTreeSet<&str> = scopes.split(' ').collect();
        let needed = ["users.read", "tweet.read", "offline.access"].into_iter().chain(more);
        assert_eq!(scopes, needed.collect());
        let agreed = [("person", "acme"), ("decision", "approve")];
        let callback = attempt.browser.answer(authorize.as_str(), &agreed).await;
        attempt.browser.open(&callback).await;
        assert_eq!(attempt.status().await, "completed");
    }
    let journal = world.journal().await;
    let spent: Vec<&Value> = journal.iter().filter(|c| c["outcome"] == "code_exchanged").collect();
    assert_eq!(spent.len(), 2);
    for call in spent {
        let fields = call["fields"].as_array().expect("fields");
        assert!(fields.contains(&json!("code_verifier")));
        assert!(!fields.contains(&json!("client_secret")) && !fields.contains(&json!("client_id")));
        assert!(call["headers"].as_array().expect("headers").contains(&json!("authorization")));
        assert_eq!(call["query"], json!([]));
    }
}

/// S0-32, S3-64: X's codes live for 30 seconds.
#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_comes_too_late_fails_the_sign_in() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let attempt = world.attempt(&owner, json!({"platform": "x"})).await;
    let callback = attempt.approved("acme").await;
    world.advance(SignedDuration::from_secs(31));
    attempt.browser.open(&callback).await;
    let session = attempt.session().await;
    assert_eq!((&session["status"], &session["error"]["code"]), (&json!("failed"), &json!("authentication_failed")));
    assert_eq!((world.calls("token").await, used(&owner).await), (1, json!(0)));
}

/// S1-58: asked for again, the platform asks the person for what was declined before.
#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_consent_is_asked_for_as_such() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    for (fresh, asked) in [(true, Some("rerequest".to_owned())), (false, None)] {
        let attempt = world.attempt(&owner, json!({"platform": "facebook", "fresh_consent": fresh})).await;
        let authorize = Url::parse(&attempt.browser.press_continue(&attempt.start_url).await).expect("an address");
        let auth_type = authorize.query_pairs().find(|(n, _)| n == "auth_type").map(|(_, v)| v.into_owned());
        assert_eq!(auth_type, asked);
    }
}
