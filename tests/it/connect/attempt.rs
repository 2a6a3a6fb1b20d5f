//! What an attempt asks for, and how it ends.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde_json::json;
use tests::{Attempt, Page, World};

use super::{account, consented, ids, list, used};

/// What the person and the platform leave out is not there.
///
/// CHK-A12
#[tokio::test(flavor = "multi_thread")]
async fn what_was_unticked_is_known_as_not_granted() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let attempt = world.attempt(&owner, json!({"platform": "facebook"})).await;
    let authorize = attempt.browser.press_continue(&attempt.start_url).await;
    let ticked = ["pages_show_list", "pages_read_engagement", "business_management"];
    let mut fields = vec![("person", "acme"), ("decision", "approve")];
    fields.extend(ticked.map(|scope| ("scope", scope)));
    let callback = attempt.browser.answer(&authorize, &fields).await;
    attempt.browser.open(&callback).await;
    let session = attempt.session().await;
    assert_eq!(session["status"], "completed", "{session}");
    let grant = world.grant_of(&owner, &ids(&session["accounts"])[0]).await;
    let granted: BTreeSet<&str> = grant.granted.iter().flatten().map(String::as_str).collect();
    assert_eq!(granted, ticked.into_iter().chain(["public_profile"]).collect());
    for asked in ["pages_manage_posts", "read_insights"] {
        assert!(grant.requested.iter().any(|scope| scope == asked), "{asked}");
    }
}

/// S0-18, S1-04: of many pages the expected one, without a choice.
#[tokio::test(flavor = "multi_thread")]
async fn an_expected_page_is_taken_from_many() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let attempt = world.attempt(&owner, json!({"platform": "facebook", "expected_handle": "fjordceramics"})).await;
    attempt.land("agency").await;
    let session = attempt.session().await;
    assert_eq!(session["status"], "completed", "{session}");
    let page = account(&owner, &ids(&session["accounts"])[0]).await;
    assert_eq!(page["name"], "Fjord Ceramics");
    let ask = json!({"platform": "facebook", "expected_platform_account_id": page["platform_account_id"]});
    let again = world.consent(&owner, ask, "agency").await;
    assert_eq!(again["accounts"], json!([{"id": page["id"]}]));
    let ask = json!({"platform": "facebook", "expected_platform_account_id": "104800000000000"});
    let other = world.consent(&owner, ask, "agency").await;
    assert_eq!(other["error"]["code"], "account_mismatch");
    assert_eq!(other["error"]["expected"], "104800000000000");
    assert_eq!(list(&owner).await.len(), 1);
}

/// A browser that comes back twice waits for its own first call; the code is spent once.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_callback_waits_for_the_first_and_finds_its_outcome() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let attempt = world.attempt(&owner, json!({"platform": "x"})).await;
    let callback = attempt.approved("acme").await;
    world.fault(json!({"platform": "x", "route": "profile", "kind": "slow:1000"})).await;
    let (one, other) = futures::join!(attempt.browser.open(&callback), attempt.browser.open(&callback));
    assert_eq!((one.status, other.status), (200, 200));
    let connected = |text: &str| text.contains("The account is connected");
    let waits = |page: &Page| page.header("refresh") == Some("2");
    assert!(connected(&one.text) != connected(&other.text), "{}", other.text);
    assert!(waits(&one) != waits(&other), "{}", other.text);
    assert!(connected(&attempt.browser.open(&callback).await.text));
    assert_eq!(world.calls("token").await, 1);
    assert_eq!(used(&owner).await, 1);
}

/// S0-13: what cannot be asked for is refused before anybody is sent anywhere.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_for_what_does_not_exist_is_refused_by_its_field() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    for (asks, code, pointer) in [
        (json!({"platform": "friendster"}), "validation_failed", "/platform"),
        (json!({"platform": "x", "method": "facebook_login"}), "validation_failed", "/method"),
        (json!({"platform": "x", "capabilities": ["publish", "fly"]}), "validation_failed", "/capabilities/1"),
        (json!({"platform": "x", "capabilities": ["messages"]}), "capability_unsupported", ""),
        (json!({"platform": "x", "external_id": ""}), "validation_failed", "/external_id"),
        (json!({"platform": "x", "expected_handle": "a\nb"}), "validation_failed", "/expected_handle"),
    ] {
        let refused = owner.post("/v1/workspaces/ws_1/connect-sessions", asks).await;
        refused.is_problem(422, code);
        assert_eq!(refused.body["errors"][0]["pointer"].as_str().unwrap_or_default(), pointer, "{}", refused.text);
    }
    let asks = json!({"platform": "x", "account": "acc_1"});
    owner.post("/v1/workspaces/ws_1/connect-sessions", asks).await.is_problem(400, "unknown_field");
    owner.post("/v1/workspaces/ws_2/connect-sessions", json!({"platform": "x"})).await.is_problem(404, "not_found");
    let editor = world.member("ws_1", "editor");
    let refused = editor.post("/v1/workspaces/ws_1/connect-sessions", json!({"platform": "x"})).await;
    refused.is_problem(403, "permission_denied");
}

/// S1-15, S1-16, S3-55
#[tokio::test(flavor = "multi_thread")]
async fn a_selection_beyond_the_plan_connects_none() {
    let world = World::start().await;
    let owner = world.caller(json!({"ws": "ws_1", "role": "owner", "plan": "professional"}));
    let attempt = consented(&world, &owner, "agency").await;
    let open = attempt.selectable().await;
    let refused = attempt.select(&open[..11], false).await;
    refused.is_problem(403, "plan_limit_reached");
    assert_eq!(refused.body["scope"], "per_platform");
    assert_eq!((&refused.body["limit"], &refused.body["used"]), (&json!(10), &json!(0)));
    assert_eq!(refused.body["upgrade"], json!({"plan": "enterprise", "max": null, "url": null}));
    assert_eq!((list(&owner).await.len(), used(&owner).await), (0, json!(0)));
    assert_eq!(attempt.select(&open[..10], false).await.status, 200);

    let full = attempt.candidates().await;
    let left = full.iter().find(|c| c["id"] == open[10].as_str()).expect("another");
    assert_eq!((&left["selectable"], &left["reason"]), (&json!(false), &json!("plan_limit_reached")));
    attempt.select(&open[10..11], false).await.is_problem(403, "plan_limit_reached");
}

/// What was not chosen in 24 hours is destroyed with its tokens.
#[tokio::test(flavor = "multi_thread")]
async fn candidates_wait_for_a_day_and_are_destroyed_then() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let unchosen = consented(&world, &owner, "acme-team").await;
    let partly = consented(&world, &owner, "agency").await;
    partly.select(&partly.selectable().await[..2], false).await;
    world.advance(SignedDuration::from_hours(24) - SignedDuration::from_secs(1));
    assert_eq!(unchosen.status().await, "awaiting_selection");
    let open = unchosen.selectable().await;
    world.advance(SignedDuration::from_secs(1));
    assert_eq!(unchosen.status().await, "expired");
    unchosen.select(&open, false).await.is_problem(410, "session_expired");
    owner.get(&format!("/v1/connect-sessions/{}/candidates", unchosen.id)).await.is_problem(410, "session_expired");
    let session = partly.session().await;
    assert_eq!(session["status"], "completed", "what was chosen stays");
    assert_eq!(session["accounts"].as_array().map(Vec::len), Some(2));

    let held = async |attempt: &Attempt| {
        let id = attempt.id.parse().expect("an id");
        world.stack.services.store.find_held(id).await.expect("the table").is_some()
    };
    assert!(held(&unchosen).await && held(&partly).await);
    let told = world.published().len();
    assert_eq!(world.job("sweep").await["abandoned"], 2);
    let completed = &world.published()[told..];
    assert_eq!(completed.len(), 1, "{completed:?}");
    assert_eq!(
        (&completed[0]["type"], &completed[0]["data"]["connect_session_id"]),
        (&json!("connect_session.completed"), &json!(partly.id))
    );
    assert!(!held(&unchosen).await && !held(&partly).await);
    assert_eq!(used(&owner).await, 2);
}

/// Finishing or cancelling destroys what was not chosen at once.
#[tokio::test(flavor = "multi_thread")]
async fn unchosen_tokens_go_with_the_end_of_the_session() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    for how in ["done", "chosen and done", "cancelled"] {
        let attempt = consented(&world, &owner, "agency").await;
        let id = attempt.id.parse().expect("an id");
        let held = async || world.stack.services.store.find_held(id).await.expect("the table").is_some();
        assert!(held().await);
        let ended = match how {
            "done" => attempt.select(&[], true).await,
            "chosen and done" => attempt.select(&attempt.selectable().await[..1], true).await,
            _ => owner.delete(&format!("/v1/connect-sessions/{}", attempt.id)).await,
        };
        assert!(ended.status < 300, "{how}: {}", ended.text);
        assert!(!held().await, "{how}");
    }
}

/// The session's time, as it is given and as it ends.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_by_itself_when_no_consent_returns() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let usual = world.attempt(&owner, json!({"platform": "x"})).await;
    for (ttl, ends) in [("PT1M", "2026-11-22T10:01:00Z"), ("PT24H", "2026-11-23T10:00:00Z")] {
        let asks = json!({"platform": "x", "ttl": ttl});
        let started = owner.post("/v1/workspaces/ws_1/connect-sessions", asks).await;
        assert_eq!(started.body["expires_at"], ends);
    }
    for ttl in ["PT59S", "PT24H1S", "-PT5M", "PT0S", "soon", "30"] {
        let asks = json!({"platform": "x", "ttl": ttl});
        let refused = owner.post("/v1/workspaces/ws_1/connect-sessions", asks).await;
        refused.is_problem(422, "validation_failed");
        assert_eq!(refused.body["errors"][0]["pointer"], "/ttl", "{ttl}");
    }
    world.advance(SignedDuration::from_mins(30) - SignedDuration::from_secs(1));
    assert_eq!(usual.browser.open(&usual.start_url).await.status, 200);
    world.advance(SignedDuration::from_secs(1));
    assert_eq!(usual.status().await, "expired");
    assert_eq!(usual.browser.open(&usual.start_url).await.status, 410);
    assert_eq!(usual.browser.submit(&usual.start_url, &[]).await.status, 410);
    owner.delete(&format!("/v1/connect-sessions/{}", usual.id)).await.is_problem(410, "session_expired");
}

/// What is told as expired connects nothing, however long its state would last.
#[tokio::test(flavor = "multi_thread")]
async fn a_consent_that_returns_after_the_session_connects_nothing() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let attempt = world.attempt(&owner, json!({"platform": "facebook", "ttl": "PT1M"})).await;
    let callback = attempt.approved("acme").await;
    world.advance(SignedDuration::from_secs(61));
    assert_eq!(attempt.status().await, "expired");
    let landed = attempt.browser.open(&callback).await;
    assert_eq!(landed.status, 400, "{}", landed.text);
    assert_eq!(world.count("code_exchanged").await, 0);
    assert_eq!(attempt.status().await, "expired");
    assert_eq!(used(&owner).await, 0);
}

/// The person says no.
#[tokio::test(flavor = "multi_thread")]
async fn a_denied_consent_fails_and_says_so() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    for platform in ["facebook", "x"] {
        let attempt = world.attempt(&owner, json!({"platform": platform})).await;
        let authorize = attempt.browser.press_continue(&attempt.start_url).await;
        let callback = attempt.browser.answer(&authorize, &[("person", "acme"), ("decision", "deny")]).await;
        let landed = attempt.browser.open(&callback).await;
        assert_eq!(landed.status, 200);
        assert!(landed.text.contains("consent_denied"), "{}", landed.text);
        let session = attempt.session().await;
        assert_eq!((&session["status"], &session["error"]["code"]), (&json!("failed"), &json!("consent_denied")));
        assert!(!session["error"]["next_step"].as_str().expect("words").is_empty());
        attempt.browser.open(&callback).await;
        assert_eq!(attempt.status().await, "failed");
    }
    assert_eq!(world.calls("token").await, 0);
    assert_eq!(used(&owner).await, 0);
}

/// S0-36
#[tokio::test(flavor = "multi_thread")]
async fn a_person_with_nothing_to_connect_is_told_why() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    for (platform, code) in [("facebook", "no_pages_found"), ("x", "account_restricted")] {
        let session = world.consent(&owner, json!({"platform": platform}), "personal").await;
        assert_eq!((&session["status"], &session["error"]["code"]), (&json!("failed"), &json!(code)));
    }
    // Nothing that is offered can be chosen: it is shown, with the reason.
    let attempt = consented(&world, &owner, "analyst").await;
    assert_eq!((attempt.candidates().await.len(), attempt.selectable().await.len()), (2, 0));
    assert_eq!(used(&owner).await, 0);
}

/// S0-35: trouble at the platform fails the attempt with a code that says whose trouble it is.
#[tokio::test(flavor = "multi_thread")]
async fn trouble_at_the_platform_writes_nothing_and_says_whose_it_is() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    for (platform, route) in
        [("facebook", "token"), ("facebook", "profile"), ("facebook", "children"), ("x", "token"), ("x", "profile")]
    {
        for kind in ["status:500", "status:503", "html", "truncated_json", "rate_limited", "cut:10", "answer_lost"] {
            let before = world.count("code_exchanged").await;
            world.fault(json!({"platform": platform, "route": route, "kind": kind})).await;
            let session = world.consent(&owner, json!({"platform": platform}), "acme").await;
            world.no_faults().await;
            assert!(
                world.count("code_exchanged").await - before <= 1,
                "{platform} {route} {kind}: a code is spent once"
            );
            assert_eq!(session["status"], "failed", "{platform} {route} {kind}");
            assert_eq!(session["error"]["code"], "platform_unavailable", "{platform} {route} {kind}");
            assert_eq!((list(&owner).await.len(), used(&owner).await), (0, json!(0)), "{platform} {route} {kind}");
        }
    }
    // Afterwards all is as if nothing had been.
    world.connect(&owner, "facebook", "acme").await;
    world.connect(&owner, "x", "acme").await;
}

/// An outage never costs an account that is there.
#[tokio::test(flavor = "multi_thread")]
async fn an_outage_while_reconnecting_leaves_the_account_as_it_was() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    for (platform, me) in [("facebook", "graph.facebook.com/v26.0/me?fields=id"), ("x", "api.x.com/2/users/me")] {
        let id = world.connect(&owner, platform, "acme").await.remove(0);
        let before = account(&owner, &id).await;
        for (route, kind) in [("token", "status:500"), ("profile", "html"), ("profile", "truncated_json")] {
            world.fault(json!({"platform": platform, "route": route, "kind": kind})).await;
            let session = world.consent(&owner, json!({"platform": platform, "account_id": id}), "acme").await;
            world.no_faults().await;
            assert_eq!(session["error"]["code"], "platform_unavailable", "{platform} {route} {kind}");
        }
        assert_eq!(account(&owner, &id).await, before);
        let grant = world.grant_of(&owner, &id).await;
        let tokens = world.tokens(&grant).await;
        assert_eq!(world.ask_platform(me, &tokens.access).await.status, 200);
    }
}
