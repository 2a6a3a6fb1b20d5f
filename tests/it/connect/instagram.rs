//! Instagram through Facebook, and by its own login.

use serde_json::{Value, json};
use tests::{Caller, FINE, World};

use super::{account, ids, list};

async fn allow_reuse(owner: &Caller) {
    let body = json!({"policies": {"reuse_grant": true}});
    let path = format!("/v1/workspaces/{}", owner.workspace());
    let answer = tests::send(owner.call(reqwest::Method::PATCH, &path).json(&body)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

async fn direct(world: &World, owner: &Caller, person: &str) -> Value {
    world.consent(owner, json!({"platform": "instagram", "method": "instagram_login"}), person).await
}

fn reasons(candidates: &[Value]) -> Vec<&str> {
    candidates.iter().filter_map(|c| c["reason"].as_str()).collect()
}

/// S0-22, S1-39, S1-40, S3-22, S3-26: each account is a choice of its own, and what cannot be chosen says why.
#[tokio::test(flavor = "multi_thread")]
async fn each_instagram_account_of_an_agencys_pages_is_a_choice_of_its_own() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let attempt = world.attempt(&owner, json!({"platform": "instagram"})).await;
    attempt.land("agency").await;
    let candidates = attempt.candidates().await;
    assert_eq!(candidates.len(), 30, "one for each page");
    let can: Vec<&Value> = candidates.iter().filter(|c| c["selectable"] == true).collect();
    for candidate in &can {
        assert_eq!(candidate["kind"], "instagram_business");
        assert!(candidate["handle"].is_string() && candidate["linked_page_id"].is_string(), "{candidate}");
    }
    let mut reasons = reasons(&candidates);
    reasons.sort_unstable();
    // Pages 5, 8, 11 … 29 have none, and page 2 a personal one. Of the others only the moderated ones lack the role.
    assert_eq!(reasons.iter().filter(|r| **r == "instagram_not_linked").count(), 10, "{reasons:?}");
    assert_eq!(reasons.iter().filter(|r| **r == "insufficient_platform_role").count(), 3, "{reasons:?}");
    assert_eq!(can.len(), 17);
    let bare = candidates.iter().find(|c| c["reason"] == "instagram_not_linked").expect("one");
    assert!(bare["fix_url"].as_str().expect("a place").starts_with("https://www.facebook.com/"), "{bare}");
    assert_eq!(list(&owner).await.len(), 0, "nothing is connected without a choice");

    let open = attempt.selectable().await;
    let chosen = attempt.select(&open[..2], true).await;
    assert_eq!(chosen.body["accounts"].as_array().map(Vec::len), Some(2), "{}", chosen.text);
    let accounts = list(&owner).await;
    let pages: Vec<&Value> = accounts.iter().map(|a| &a["linked_page_id"]).collect();
    assert_ne!(pages[0], pages[1], "accounts of different pages");
    assert_eq!(accounts[0]["linked_page_name"], accounts[0]["name"], "the agency calls both alike");
    assert_eq!(accounts[0]["grant"]["id"], accounts[1]["grant"]["id"], "one consent");
}

/// S2-05, S3-18: a person whose pages have no Instagram is told so, and where to link it.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_without_instagram_says_so_and_where_to_link_it() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let attempt = world.attempt(&owner, json!({"platform": "instagram"})).await;
    attempt.land("acme-team").await;
    let candidates = attempt.candidates().await;
    let shown: Vec<Value> = candidates.iter().map(|c| json!([c["name"], c["selectable"], c["reason"]])).collect();
    let linked = json!(["Acme Team", true, null]);
    assert_eq!(shown, [linked, json!(["Acme Archive", false, "instagram_not_linked"])]);
    let nobody = world.consent(&owner, json!({"platform": "instagram"}), "personal").await;
    assert_eq!(nobody["error"]["code"], "no_pages_found", "{nobody}");
}

/// S1-37, S3-19: whoever may only analyse a page cannot publish to its Instagram account, but can read its numbers.
#[tokio::test(flavor = "multi_thread")]
async fn an_analyst_connects_an_instagram_account_for_its_numbers_only() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let attempt = world.attempt(&owner, json!({"platform": "instagram"})).await;
    attempt.land("analyst").await;
    let candidates = attempt.candidates().await;
    assert_eq!(reasons(&candidates), ["insufficient_platform_role", "instagram_not_linked"]);
    assert_eq!(candidates[0]["role"], "analyst");

    let ask = json!({"platform": "instagram", "capabilities": ["analytics"]});
    let attempt = world.attempt(&owner, ask).await;
    attempt.land("analyst").await;
    let chosen = attempt.select(&attempt.selectable().await, false).await;
    assert_eq!(chosen.body["status"], "completed", "{}", chosen.text);
    let watched = account(&owner, &ids(&chosen.body["accounts"])[0]).await;
    assert_eq!((&watched["handle"], &watched["platform_role"]), (&json!("watchedcompany"), &json!("analyst")));
    assert_eq!(watched["capabilities"]["publish"]["reason"], "not_asked");
    assert_eq!(watched["health"]["state"], FINE);
}

/// S0-08, S1-38, S3-23: business and creator accounts are connected and told apart; personal ones are refused.
#[tokio::test(flavor = "multi_thread")]
async fn business_and_creator_accounts_are_connected_directly_and_personal_ones_refused() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    for (person, kind, account_type) in
        [("acme", "instagram_business", "BUSINESS"), ("creator", "instagram_creator", "MEDIA_CREATOR")]
    {
        let session = direct(&world, &owner, person).await;
        let connected = account(&owner, &ids(&session["accounts"])[0]).await;
        assert_eq!((&connected["kind"], &connected["account_type"]), (&json!(kind), &json!(account_type)));
        assert_eq!((&connected["handle"], &connected["linked_page_id"]), (&json!(person), &Value::Null));
        let days = connected["grant"]["access_expires_at"].as_str().expect("a time");
        assert!(days.starts_with("2027-01-21"), "sixty days: {days}");
    }
    let refused = direct(&world, &owner, "personal").await;
    assert_eq!(refused["error"]["code"], "account_type_unsupported", "{refused}");
    assert_eq!(list(&owner).await.len(), 2);
}

/// Ids above 2^53 stay exact in both envelopes, and the same account is the same account by both ways.
#[tokio::test(flavor = "multi_thread")]
async fn an_instagram_account_is_one_account_by_both_ways() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let through = world.connect(&owner, "instagram", "acme").await;
    let before = account(&owner, &through[0]).await;
    let id: u64 = before["platform_account_id"].as_str().and_then(|t| t.parse().ok()).expect("a number");
    assert!(id > 1 << 53, "{id}");
    for envelope in [false, true] {
        if envelope {
            world.fault(json!({"platform": "instagram", "route": "token", "kind": "array_envelope"})).await;
        }
        let session = direct(&world, &owner, "acme").await;
        assert_eq!(ids(&session["accounts"]), through, "{session}");
    }
    let after = account(&owner, &through[0]).await;
    assert_eq!(after["platform_account_id"], before["platform_account_id"]);
    assert_eq!((&before["method"], &after["method"]), (&json!("facebook_login"), &json!("instagram_login")));
    assert_ne!(before["grant"]["id"], after["grant"]["id"]);
    assert_eq!(list(&owner).await.len(), 1);
}

/// CHK-A12: what was unticked at Instagram is missing, and nothing is taken for granted.
#[tokio::test(flavor = "multi_thread")]
async fn a_scope_that_was_unticked_at_instagram_is_missing() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let ask = json!({"platform": "instagram", "method": "instagram_login"});
    let attempt = world.attempt(&owner, ask).await;
    let authorize = attempt.browser.press_continue(&attempt.start_url).await;
    let fields = [("person", "acme"), ("decision", "approve"), ("scope", "instagram_business_content_publish")];
    let callback = attempt.browser.answer(&authorize, &fields).await;
    attempt.browser.open(&callback).await;
    let session = attempt.session().await;
    let limited = account(&owner, &ids(&session["accounts"])[0]).await;
    assert_eq!(limited["capabilities"]["publish"]["available"], true, "{limited}");
    assert_eq!(limited["capabilities"]["analytics"]["reason"], "insufficient_permissions");
    assert_eq!((&limited["health"]["state"], &limited["health"]["severity"]), (&json!("limited"), &json!("warning")));
}

/// S2-05, S3-25: by policy a Facebook consent asks for Instagram along, and an Instagram account is then added without
/// asking the person again, under the same consent.
#[tokio::test(flavor = "multi_thread")]
async fn an_instagram_account_is_added_from_the_facebook_consent_that_lives() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let alone = world.connect(&owner, "facebook", "mallory").await;
    allow_reuse(&owner).await;
    let of = async |id: &str| account(&owner, id).await["grant"]["id"].clone();
    // That consent was given before anybody was asked about Instagram.
    let ask = json!({"platform": "instagram", "from_grant": of(&alone[0]).await});
    let lacking = owner.post("/v1/workspaces/ws_1/connect-sessions", ask).await;
    lacking.is_problem(409, "insufficient_permissions");
    assert!(lacking.body["detail"].as_str().expect("a detail").contains("instagram_basic"), "{}", lacking.text);

    let attempt = world.attempt(&owner, json!({"platform": "facebook"})).await;
    let authorize = attempt.browser.press_continue(&attempt.start_url).await;
    for scope in ["instagram_basic", "instagram_content_publish", "instagram_manage_insights"] {
        assert!(authorize.contains(scope), "{scope}: {authorize}");
    }
    attempt.land("acme").await;
    let page = ids(&attempt.session().await["accounts"]).remove(0);
    let grant = of(&page).await;
    let calls = world.calls("token").await;
    let ask = json!({"platform": "instagram", "from_grant": grant});
    let opened = owner.post("/v1/workspaces/ws_1/connect-sessions", ask).await;
    assert_eq!((opened.status, &opened.body["status"]), (201, &json!("awaiting_selection")), "{}", opened.text);
    let path = format!("/v1/connect-sessions/{}", opened.body["id"].as_str().expect("an id"));
    let candidates = owner.get(&format!("{path}/candidates")).await.body;
    let choice = json!({"candidate_ids": [candidates["data"][0]["id"]]});
    let selected = owner.post(&format!("{path}/selection"), choice).await;
    assert_eq!(selected.body["status"], "completed", "{}", selected.text);
    let added = account(&owner, selected.body["accounts"][0]["id"].as_str().expect("an id")).await;
    assert_eq!((&added["platform"], &added["handle"]), (&json!("instagram"), &json!("acme")));
    assert_eq!((&added["grant"]["id"], world.calls("token").await), (&grant, calls), "no new consent, no new token");
    assert_eq!(added["capabilities"]["publish"]["available"], true, "{added}");

    // One consent serves both: the platform is told only when the last of them goes.
    let id = added["id"].as_str().expect("an id");
    let first = owner.post(&format!("/v1/accounts/{page}/disconnect"), json!({})).await;
    assert_eq!(first.body["revocation"]["status"], "skipped_shared_grant", "{}", first.text);
    let last = owner.post(&format!("/v1/accounts/{id}/disconnect"), json!({})).await;
    assert_eq!(last.body["revocation"]["status"], "revoked", "{}", last.text);
}

/// Facebook's and Instagram's own refusals come out as ours.
#[tokio::test(flavor = "multi_thread")]
async fn trouble_at_instagram_is_called_by_its_name() {
    for (fault, code) in [("status:500", "platform_unavailable"), ("html", "platform_unavailable")] {
        let world = World::start().await;
        let owner = world.owner("ws_1");
        world.fault(json!({"platform": "instagram", "route": "token", "kind": fault})).await;
        let session = direct(&world, &owner, "acme").await;
        assert_eq!(session["error"]["code"], code, "{fault}: {session}");
        assert_eq!(list(&owner).await.len(), 0);
    }
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let attempt = world.attempt(&owner, json!({"platform": "instagram", "method": "instagram_login"})).await;
    let callback = attempt.approved("acme").await;
    world.event(json!({"platform": "instagram", "account": "acme", "kind": "suspend"})).await;
    attempt.browser.open(&callback).await;
    assert_eq!(attempt.session().await["error"]["code"], "account_restricted");
}
