//! Connecting: what is offered, chosen, refused, healed, and what no trouble at a platform can break.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::{Attempt, Caller, World};
use url::Url;

/// An attempt on Facebook whose consent has come back.
async fn consented(world: &World, caller: &Caller, person: &str) -> Attempt {
    let attempt = world.attempt(caller, json!({"platform": "facebook"})).await;
    attempt.land(person).await;
    assert_eq!(attempt.status().await, "awaiting_selection");
    attempt
}

async fn account(caller: &Caller, id: &str) -> Value {
    caller.get(&format!("/v1/accounts/{id}")).await.body
}

async fn list(caller: &Caller) -> Vec<Value> {
    let list = caller.get(&format!("/v1/workspaces/{}/accounts?limit=200", caller.workspace())).await;
    list.body["data"].as_array().expect("accounts").clone()
}

async fn used(caller: &Caller) -> Value {
    caller.get(&format!("/v1/workspaces/{}/limits", caller.workspace())).await.body["total"]["used"].clone()
}

fn ids(accounts: &Value) -> Vec<String> {
    let accounts = accounts.as_array().expect("accounts").iter();
    accounts.map(|a| a["id"].as_str().expect("an id").to_owned()).collect()
}

/// S1-34, S1-37, S3-19, S3-67: listed, owned and client pages.
#[tokio::test(flavor = "multi_thread")]
async fn every_page_of_an_agency_is_offered_and_four_say_why_not() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let attempt = consented(&world, &owner, "agency").await;
    let candidates = attempt.candidates().await;
    let names: BTreeSet<&str> = candidates.iter().filter_map(|c| c["name"].as_str()).collect();
    assert_eq!((candidates.len(), names.len()), (30, 30));
    for name in ["Fjord Ceramics", "Granite Climbing", "Onyx Jewellers", "Poppy Kindergarten"] {
        assert!(names.contains(name), "{name}");
    }
    let refused: Vec<&Value> = candidates.iter().filter(|c| c["selectable"] == false).collect();
    let names: BTreeSet<&str> = refused.iter().filter_map(|c| c["name"].as_str()).collect();
    let four = ["Atlas Coffee", "Kestrel Drones", "Moss and Stone", "Riverside Vets"];
    assert_eq!(names, BTreeSet::from(four));
    assert_eq!(refused.len(), 4);
    for candidate in refused {
        assert_eq!(candidate["reason"], "insufficient_platform_role");
        assert!(!candidate["reason_detail"].as_str().expect("words").is_empty());
        let fix = candidate["fix_url"].as_str().expect("a place");
        assert!(fix.starts_with("https://www.facebook.com/") && fix.ends_with("/settings"), "{fix}");
        let chosen = attempt.select(&[candidate["id"].as_str().expect("an id").to_owned()], false).await;
        chosen.is_problem(422, "candidate_not_selectable");
    }
    assert_eq!(used(&owner).await, 0);
}

/// S1-13, S3-22
#[tokio::test(flavor = "multi_thread")]
async fn twenty_five_are_connected_in_one_call_and_never_more() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let attempt = consented(&world, &owner, "agency").await;
    let open = attempt.selectable().await;
    assert_eq!(open.len(), 26);
    let too_many = attempt.select(&open, false).await;
    too_many.is_problem(422, "validation_failed");
    assert_eq!(too_many.body["errors"][0]["pointer"], "/candidate_ids");
    assert_eq!(used(&owner).await, 0);

    let chosen = attempt.select(&open[..25], false).await;
    assert_eq!(chosen.status, 200, "{}", chosen.text);
    assert_eq!(chosen.body["status"], "awaiting_selection", "one is left");
    assert_eq!(chosen.body["accounts"].as_array().map(Vec::len), Some(25));
    assert_eq!(used(&owner).await, 25);
    let all = list(&owner).await;
    assert_eq!(all.len(), 25);
    assert_eq!(all.iter().filter(|a| a["is_main"] == true).count(), 1);
    let grants: BTreeSet<&str> = all.iter().filter_map(|a| a["grant"]["id"].as_str()).collect();
    assert_eq!(grants.len(), 1, "one consent is one grant");

    let last = attempt.select(&open[25..], false).await;
    assert_eq!(last.body["status"], "completed");
    assert_eq!(last.body["accounts"].as_array().map(Vec::len), Some(26));
}

/// S3-22, CHK-A14
#[tokio::test(flavor = "multi_thread")]
async fn a_selection_is_repeated_with_what_was_offered_until_it_is_finished() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let attempt = consented(&world, &owner, "agency").await;
    let open = attempt.selectable().await;
    for (choice, status, code) in [
        (vec![open[0].clone(), open[0].clone()], 422, "validation_failed"),
        (vec![], 422, "validation_failed"),
        (vec!["cand_01JD0000000000000000000000".to_owned()], 422, "candidate_not_selectable"),
        (vec![open[0].clone(), "Fjord Ceramics".to_owned()], 422, "candidate_not_selectable"),
    ] {
        attempt.select(&choice, false).await.is_problem(status, code);
    }
    let other = consented(&world, &owner, "demo-02").await;
    let foreign = other.selectable().await;
    attempt.select(&foreign[..1], false).await.is_problem(422, "candidate_not_selectable");
    assert_eq!(used(&owner).await, 0);

    let first = attempt.select(&open[..1], false).await;
    assert_eq!(first.body["status"], "awaiting_selection");
    let again = attempt.candidates().await;
    let again = again.iter().find(|c| c["id"] == open[0].as_str()).expect("the chosen one");
    assert_eq!((&again["selectable"], &again["reason"]), (&json!(false), &json!("already_chosen")));
    attempt.select(&open[..1], false).await.is_problem(422, "candidate_not_selectable");
    let second = attempt.select(&open[1..3], false).await;
    assert_eq!(second.body["accounts"].as_array().map(Vec::len), Some(3));

    let finished = attempt.select(&[], true).await;
    assert_eq!((finished.status, &finished.body["status"]), (200, &json!("completed")));
    assert_eq!(finished.body["accounts"], second.body["accounts"]);
    assert_eq!(attempt.session().await["accounts"], second.body["accounts"]);
    attempt.select(&open[3..4], false).await.is_problem(410, "session_expired");
    assert_eq!(used(&owner).await, 3);

    // Finished without a choice, nothing was connected, and it is not called completed.
    assert_eq!(other.select(&[], true).await.body["status"], "cancelled");
}

/// S1-53, CHK-A13
#[tokio::test(flavor = "multi_thread")]
async fn all_are_connected_or_none_when_one_is_connected_elsewhere() {
    let world = World::start().await;
    let of = |ws: &str| world.caller(json!({"ws": ws, "role": "owner", "plan": "enterprise", "org": "org_1"}));
    let (first, second) = (of("ws_first"), of("ws_second"));
    let there = consented(&world, &first, "agency").await;
    assert_eq!(there.select(&there.selectable().await[7..8], true).await.status, 200);
    let taken = list(&first).await.remove(0);

    let here = consented(&world, &second, "agency").await;
    let open = here.selectable().await;
    let refused = here.select(&open[..25], true).await;
    refused.is_problem(409, "already_connected_elsewhere");
    assert_eq!(refused.body["can_see"], false);
    assert!(refused.body["detail"].as_str().expect("words").contains(taken["name"].as_str().expect("a name")));
    assert!(!refused.text.contains("ws_first") && !refused.text.contains(taken["id"].as_str().expect("an id")));
    assert_eq!((list(&second).await.len(), used(&second).await), (0, json!(0)));
    assert_eq!(here.status().await, "awaiting_selection");
    assert_eq!(account(&first, taken["id"].as_str().expect("an id")).await["etag"], taken["etag"]);

    let rest: Vec<String> = [&open[..7], &open[8..25]].concat();
    assert_eq!(here.select(&rest, true).await.status, 200);
    assert_eq!(used(&second).await, 24);
    // Another organisation is not concerned.
    let stranger = world.owner("ws_stranger");
    let theirs = consented(&world, &stranger, "agency").await;
    assert_eq!(theirs.select(&open_at(&theirs, 7).await, true).await.status, 200);
}

async fn open_at(attempt: &Attempt, place: usize) -> Vec<String> {
    vec![attempt.selectable().await.remove(place)]
}

/// S1-53: with a single account it is the callback that finds out.
#[tokio::test(flavor = "multi_thread")]
async fn one_account_that_is_connected_elsewhere_fails_the_session() {
    let world = World::start().await;
    let of = |ws: &str| world.caller(json!({"ws": ws, "role": "owner", "org": "org_1"}));
    let (first, second) = (of("ws_first"), of("ws_second"));
    let id = world.connect(&first, "x", "acme").await.remove(0);
    let session = world.consent(&second, json!({"platform": "x"}), "acme").await;
    assert_eq!(session["status"], "failed");
    assert_eq!(session["error"]["code"], "already_connected_elsewhere");
    assert_eq!(used(&second).await, 0);
    // Disconnected there, it is free here; and then it is not free there.
    first.post(&format!("/v1/accounts/{id}/disconnect"), json!({})).await;
    world.connect(&second, "x", "acme").await;
    let back = world.consent(&first, json!({"platform": "x", "account_id": id}), "acme").await;
    assert_eq!(back["error"]["code"], "already_connected_elsewhere");
    assert_eq!(account(&first, &id).await["lifecycle"], "disconnected");
}

/// S1-53, A5.7: a workspace stays in the organisation that a token once named for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_names_no_organisation_holds_and_frees_the_same_accounts() {
    let world = World::start().await;
    let of = |ws: &str| world.caller(json!({"ws": ws, "role": "owner", "plan": "enterprise", "org": "org_1"}));
    let (first, second) = (of("ws_first"), of("ws_second"));
    let x = world.connect(&first, "x", "acme").await.remove(0);
    let plain = world.owner("ws_first");
    world.connect(&plain, "x", "mallory").await;
    let session = world.consent(&second, json!({"platform": "x"}), "mallory").await;
    assert_eq!(session["error"]["code"], "already_connected_elsewhere");
    plain.post(&format!("/v1/accounts/{x}/disconnect"), json!({})).await;
    world.connect(&second, "x", "acme").await;
    assert_eq!(used(&second).await, 1);
}

/// What the person and the platform leave out is not there.
///
/// S0-19, CHK-A12
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

/// S0-18: of many pages the expected one, without a choice.
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
    let waits = |text: &str| text.contains("http-equiv=\"refresh\"");
    assert!(connected(&one.text) != connected(&other.text), "{}", other.text);
    assert!(waits(&one.text) != waits(&other.text), "{}", other.text);
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

/// S1-15, S1-16, S3-54
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
    world.advance(SignedDuration::from_secs(1));
    assert_eq!(world.stack.sweep_ttl().await.expect("a sweep"), 2);
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

/// S0-32, S3-64: the person says no.
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

/// S0-07, S0-36, S3-18
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

/// Trouble at the platform fails the attempt with a code that says whose trouble it is.
#[tokio::test(flavor = "multi_thread")]
async fn trouble_at_the_platform_writes_nothing_and_says_whose_it_is() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    for (platform, route) in
        [("facebook", "token"), ("facebook", "profile"), ("facebook", "children"), ("x", "token"), ("x", "profile")]
    {
        for kind in ["status:500", "status:503", "html", "truncated_json", "rate_limited", "cut:10", "answer_lost"] {
            world.fault(json!({"platform": platform, "route": route, "kind": kind})).await;
            let session = world.consent(&owner, json!({"platform": platform}), "acme").await;
            world.no_faults().await;
            assert_eq!(session["status"], "failed", "{platform} {route} {kind}");
            assert_eq!(session["error"]["code"], "platform_unavailable", "{platform} {route} {kind}");
            assert_eq!((list(&owner).await.len(), used(&owner).await), (0, json!(0)), "{platform} {route} {kind}");
        }
    }
    // Afterwards all is as if nothing had been.
    world.connect(&owner, "facebook", "acme").await;
    world.connect(&owner, "x", "acme").await;
}

/// A5.10: an outage never costs an account that is there.
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

/// S0-78, S1-13, S1-19, S2-27: the same identity is the same account.
#[tokio::test(flavor = "multi_thread")]
async fn connecting_again_heals_the_same_account() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    for platform in ["facebook", "x"] {
        let id = world.connect(&owner, platform, "acme").await.remove(0);
        let before = account(&owner, &id).await;
        let grant = world.grant_of(&owner, &id).await;
        world.advance(SignedDuration::from_hours(1));
        assert_eq!(world.connect(&owner, platform, "acme").await, [id.as_str()]);
        let after = account(&owner, &id).await;
        assert_eq!((&before["etag"], &after["etag"]), (&json!("\"1\""), &json!("\"2\"")));
        assert_eq!(after["connected_at"], before["connected_at"]);
        assert_eq!(after["reconnected_at"], world.now().to_string());
        assert_eq!(after["is_main"], true);
        let renewed = world.grant_of(&owner, &id).await;
        assert_eq!((renewed.id, renewed.version), (grant.id, grant.version + 1));
        assert_ne!(renewed.envelope, grant.envelope);
    }
    assert_eq!(used(&owner).await, 2);
}

/// S1-19, S1-34: one consent heals every page that hangs on it.
#[tokio::test(flavor = "multi_thread")]
async fn reconnecting_one_page_heals_its_siblings() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let pages = world.connect(&owner, "facebook", "demo-04").await;
    assert_eq!(pages.len(), 3);
    world.event(json!({"platform": "facebook", "account": "demo-04", "kind": "password_change"})).await;
    let works = async |id: &str| {
        let tokens = world.tokens(&world.grant_of(&owner, id).await).await;
        let page = account(&owner, id).await["platform_account_id"].as_str().expect("an id").to_owned();
        let answer = world.ask_platform("graph.facebook.com/v26.0/me?fields=id", &tokens.children[&page]).await;
        answer.status == 200 && answer.body["id"] == page.as_str()
    };
    assert!(!works(&pages[0]).await);
    let ask = json!({"platform": "facebook", "account_id": pages[0]});
    let session = world.consent(&owner, ask, "demo-04").await;
    assert_eq!(session["status"], "completed", "{session}");
    assert_eq!(ids(&session["accounts"]), [pages[0].as_str()]);
    for id in &pages {
        assert!(works(id).await, "{id}");
    }
    assert_eq!(account(&owner, &pages[1]).await["etag"], "\"1\"", "the sibling itself was not touched");
}

/// S1-36
#[tokio::test(flavor = "multi_thread")]
async fn a_second_admin_takes_the_page_over_into_a_grant_of_their_own() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "facebook", "acme").await.remove(0);
    let before = account(&owner, &id).await;
    let page = before["platform_account_id"].clone();
    let page = json!({"id": page, "name": "Acme", "username": "acme", "tasks": ["MANAGE"]});
    world.add_person(json!({"id": "second", "name": "Second Admin", "facebook": {"pages": [page]}})).await;
    let first = world.grant_of(&owner, &id).await;

    assert_eq!(world.connect(&owner, "facebook", "second").await, [id.as_str()]);
    let after = account(&owner, &id).await;
    assert_eq!(after["grant"]["authorized_by"]["name"], "Second Admin");
    assert_ne!(after["grant"]["id"], before["grant"]["id"]);
    assert_eq!(after["etag"], "\"2\"");
    assert_eq!(used(&owner).await, 1);
    // The first admin's consent serves nothing any more, and is given back.
    assert_eq!(world.job("sweep").await["revocations"]["revoked"], 1);
    assert!(world.grant(first.id).await.is_none());
    assert_eq!(world.count("revoked").await, 1);
    let grant = world.grant_of(&owner, &id).await;
    let tokens = world.tokens(&grant).await;
    assert_eq!(world.ask_platform("graph.facebook.com/v26.0/me?fields=id", &tokens.access).await.status, 200);
}

/// S1-19, CHK-A11
#[tokio::test(flavor = "multi_thread")]
async fn a_reconnect_keeps_the_id_and_takes_no_other_identity() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    for platform in ["facebook", "x"] {
        let id = world.connect(&owner, platform, "acme").await.remove(0);
        let before = account(&owner, &id).await;
        let ask = json!({"platform": platform, "account_id": id});
        let wrong = world.consent(&owner, ask.clone(), "mallory").await;
        assert_eq!(wrong["status"], "failed");
        assert_eq!(wrong["error"]["code"], "account_mismatch");
        assert_eq!(wrong["error"]["expected"], "acme");
        assert!(wrong["error"]["got"].as_str().expect("a name").starts_with("mallory"));
        assert_eq!(account(&owner, &id).await, before);
        assert_eq!(list(&owner).await.iter().filter(|a| a["platform"] == platform).count(), 1);

        let right = world.consent(&owner, ask, "acme").await;
        assert_eq!(ids(&right["accounts"]), [id.as_str()]);
        assert_eq!(account(&owner, &id).await["etag"], "\"2\"");
    }
    let x = list(&owner).await.into_iter().find(|a| a["platform"] == "x").expect("the X account");
    let asks = json!({"platform": "facebook", "account_id": x["id"]});
    owner.post("/v1/workspaces/ws_1/connect-sessions", asks).await.is_problem(422, "validation_failed");
    let stranger = world.owner("ws_2");
    let asks = json!({"platform": "x", "account_id": x["id"]});
    stranger.post("/v1/workspaces/ws_2/connect-sessions", asks).await.is_problem(404, "not_found");
}

/// A5.1: an account that was removed while its person consented is not there to be reconnected.
#[tokio::test(flavor = "multi_thread")]
async fn a_reconnect_of_an_account_that_was_removed_meanwhile_connects_nothing() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    for person in ["acme", "mallory"] {
        let id = world.connect(&owner, "x", "acme").await.remove(0);
        let attempt = world.attempt(&owner, json!({"platform": "x", "account_id": id})).await;
        let callback = attempt.approved(person).await;
        assert_eq!(owner.delete(&format!("/v1/accounts/{id}")).await.status, 202);
        attempt.browser.open(&callback).await;
        let session = attempt.session().await;
        assert_eq!(
            (&session["status"], &session["error"]["code"]),
            (&json!("failed"), &json!("not_found")),
            "{person}"
        );
        assert_eq!(used(&owner).await, 0, "{person}");
    }
}

/// S1-36: of several pages on one consent, another admin takes one.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_another_admin_takes_leaves_its_siblings_where_they_are() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let pages = world.connect(&owner, "facebook", "demo-02").await;
    let taken = account(&owner, &pages[0]).await["platform_account_id"].clone();
    let page = json!({"id": taken, "name": "Casa Ruiz", "tasks": ["MANAGE"]});
    world.add_person(json!({"id": "second", "name": "Second Admin", "facebook": {"pages": [page]}})).await;
    let first = world.grant_of(&owner, &pages[0]).await;
    assert_eq!(world.connect(&owner, "facebook", "second").await, [pages[0].as_str()]);

    let left = world.grant(first.id).await.expect("the first admin's grant");
    assert_eq!(left.accounts.iter().map(ToString::to_string).collect::<Vec<_>>(), [pages[1].as_str()]);
    assert_eq!(account(&owner, &pages[0]).await["grant"]["siblings"], json!([]));
    assert_eq!(account(&owner, &pages[1]).await["grant"]["id"], first.id.to_string());
    assert_eq!(world.job("sweep").await["revocations"]["due"], 0);
    // Each ends its own consent.
    for page in &pages {
        let receipt = owner.post(&format!("/v1/accounts/{page}/disconnect"), json!({})).await;
        assert_eq!(receipt.body["revocation"]["status"], "revoked");
    }
    assert_eq!(world.count("revoked").await, 2);
}

/// S0-78, S1-30, X18: it comes back under its id, and takes a place that it must find free.
#[tokio::test(flavor = "multi_thread")]
async fn a_disconnected_account_comes_back_under_its_id_if_there_is_room() {
    let world = World::start().await;
    let free = world.caller(json!({"ws": "ws_1", "role": "owner"}));
    let id = world.connect(&free, "x", "acme").await.remove(0);
    free.post(&format!("/v1/accounts/{id}/disconnect"), json!({})).await;
    assert_eq!(used(&free).await, 0);
    let rival = world.connect(&free, "x", "mallory").await.remove(0);
    let ask = json!({"platform": "x", "account_id": id});
    free.post("/v1/workspaces/ws_1/connect-sessions", ask.clone()).await.is_problem(403, "plan_limit_reached");
    assert_eq!(free.delete(&format!("/v1/accounts/{rival}")).await.status, 202);

    world.advance(SignedDuration::from_hours(24 * 400));
    let session = world.consent(&free, ask, "acme").await;
    assert_eq!(ids(&session["accounts"]), [id.as_str()]);
    let back = account(&free, &id).await;
    assert_eq!((&back["lifecycle"], &back["disconnected_at"]), (&json!("active"), &Value::Null));
    assert_eq!(back["connected_at"], tests::BEGINNING);
    assert_eq!(used(&free).await, 1);
    free.post("/v1/workspaces/ws_1/connect-sessions", json!({"platform": "x"}))
        .await
        .is_problem(403, "plan_limit_reached");
}

/// S2-28
#[tokio::test(flavor = "multi_thread")]
async fn a_removed_account_comes_back_as_a_new_one() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "facebook", "acme").await.remove(0);
    owner.delete(&format!("/v1/accounts/{id}")).await;
    world.advance(SignedDuration::from_secs(1));
    let new = world.connect(&owner, "facebook", "acme").await.remove(0);
    assert_ne!(new, id);
    let account = account(&owner, &new).await;
    assert_eq!((&account["etag"], &account["reconnected_at"]), (&json!("\"1\""), &Value::Null));
    assert_eq!(account["connected_at"], world.now().to_string());
}

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

/// S3-17: who has nowhere to return to sees what was connected.
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

/// S0-25, S0-59, CHK-A7: what is asked of X, and how the code is spent there.
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
