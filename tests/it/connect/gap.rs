//! What is missing from an offer says why: what was not ticked, not allowed, not linked, not free, or is not for apps.

use serde_json::{Value, json};
use tests::{Attempt, Caller, World};

use super::{account, ids};

/// What can be read of a page.
const PAGES: [&str; 4] = ["pages_show_list", "pages_read_engagement", "pages_manage_posts", "read_insights"];

/// The offer of an attempt as a whole.
async fn offer(attempt: &Attempt, caller: &Caller) -> Value {
    let answer = caller.get(&format!("/v1/connect-sessions/{}/candidates", attempt.id)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}

fn codes(gaps: &Value) -> Vec<&str> {
    gaps.as_array().expect("gaps").iter().map(|gap| gap["code"].as_str().expect("a code")).collect()
}

fn gap<'a>(gaps: &'a Value, code: &str) -> &'a Value {
    gaps.as_array().expect("gaps").iter().find(|gap| gap["code"] == code).unwrap_or_else(|| panic!("{code}: {gaps}"))
}

fn names(gap: &Value) -> Vec<&str> {
    gap["accounts"].as_array().expect("accounts").iter().map(|a| a["name"].as_str().expect("a name")).collect()
}

/// Consents with these fields on the platform's page.
async fn answered(attempt: &Attempt, person: &str, fields: &[(&str, &str)]) {
    let authorize = attempt.browser.press_continue(&attempt.start_url).await;
    let mut all = vec![("person", person), ("decision", "approve")];
    all.extend(fields);
    let callback = attempt.browser.answer(&authorize, &all).await;
    attempt.browser.open(&callback).await;
}

/// S1-37, S3-19: who has no role on a page is told so beside the offer, by name.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_barred_is_told_beside_the_offer() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let attempt = world.attempt(&owner, json!({"platform": "facebook"})).await;
    attempt.land("agency").await;
    let offer = offer(&attempt, &owner).await;
    assert_eq!(codes(&offer["gaps"]), ["insufficient_platform_role"], "{}", offer["gaps"]);
    let role = gap(&offer["gaps"], "insufficient_platform_role");
    let mut told = names(role);
    told.sort_unstable();
    assert_eq!(told, ["Atlas Coffee", "Kestrel Drones", "Moss and Stone", "Riverside Vets"]);
    let blocked = offer["data"].as_array().expect("data").iter().find(|c| c["selectable"] == false).expect("one");
    assert_eq!(
        (&blocked["eligibility"], &blocked["reason"]),
        (&json!("blocked"), &json!("insufficient_platform_role"))
    );
    assert_eq!(blocked["reason_detail"], role["text"], "one wording");
    let free = offer["data"].as_array().expect("data").iter().find(|c| c["selectable"] == true).expect("one");
    assert_eq!((&free["eligibility"], &free["reason"]), (&json!("new"), &Value::Null));
    assert!(free["reason_detail"].as_str().is_some_and(|words| !words.is_empty()));
}

/// S3-20: pages of a portfolio do not come without its permission, and that is told; also where one page connects
/// at once.
#[tokio::test(flavor = "multi_thread")]
async fn a_portfolio_that_was_not_allowed_is_told_of() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let scopes: Vec<_> = PAGES.iter().map(|scope| ("scope", *scope)).collect();
    let attempt = world.attempt(&owner, json!({"platform": "facebook"})).await;
    answered(&attempt, "agency", &scopes).await;
    let offer = offer(&attempt, &owner).await;
    assert_eq!(offer["data"].as_array().map(Vec::len), Some(22), "the listed ones");
    let portfolio = gap(&offer["gaps"], "insufficient_permissions");
    assert!(portfolio["text"].as_str().is_some_and(|text| text.contains("portfolio")), "{portfolio}");
    assert!(portfolio["fix_url"].as_str().is_some_and(|url| url.starts_with("https://www.facebook.com/")));

    let attempt = world.attempt(&owner, json!({"platform": "facebook"})).await;
    answered(&attempt, "acme", &scopes).await;
    let session = attempt.session().await;
    assert_eq!(session["status"], "completed", "{session}");
    assert_eq!(codes(&session["gaps"]), ["insufficient_permissions"], "{session}");
    let whole = world.consent(&owner, json!({"platform": "facebook"}), "mallory").await;
    assert_eq!((&whole["gaps"], &whole["siblings_lost"]), (&json!([]), &json!([])), "nothing is known to be missing");
}

/// S3-18: where nothing can be chosen the error bears what to look at.
#[tokio::test(flavor = "multi_thread")]
async fn a_person_without_pages_is_told_what_to_look_at() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let failed = world.consent(&owner, json!({"platform": "facebook"}), "personal").await;
    assert_eq!(failed["error"]["code"], "no_pages_found", "{failed}");
    assert_eq!(codes(&failed["error"]["gaps"]), ["not_shared_in_consent", "insufficient_platform_role"]);
    assert_eq!(failed["error"]["gaps"], failed["gaps"]);
    for gap in failed["gaps"].as_array().expect("gaps") {
        assert!(gap["fix_url"].as_str().is_some_and(|url| url.starts_with("https://")), "{gap}");
        assert!(gap["text"].as_str().is_some_and(|text| text.len() > 40), "{gap}");
    }
    let failed = world.consent(&owner, json!({"platform": "instagram"}), "personal").await;
    let told = ["not_shared_in_consent", "insufficient_platform_role", "instagram_not_linked"];
    assert_eq!(codes(&failed["error"]["gaps"]), told, "{failed}");
    let ask = json!({"platform": "instagram", "method": "instagram_login"});
    let failed = world.consent(&owner, ask, "personal").await;
    assert_eq!(failed["error"]["code"], "account_type_unsupported");
    assert_eq!(codes(&failed["error"]["gaps"]), ["account_type_unsupported"]);
}

/// A personal Instagram account that is connected to a page does not come, and the offer says what to look at.
#[tokio::test(flavor = "multi_thread")]
async fn an_unseen_personal_account_is_explained() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let attempt = world.attempt(&owner, json!({"platform": "instagram"})).await;
    attempt.land("acme-team").await;
    let offer = offer(&attempt, &owner).await;
    assert_eq!(codes(&offer["gaps"]), ["instagram_not_linked", "account_type_unsupported"]);
    let unlinked = gap(&offer["gaps"], "instagram_not_linked");
    assert_eq!(names(unlinked), ["Acme Archive"]);
    assert!(unlinked["fix_url"].as_str().is_some_and(|url| url.contains("linked_accounts")), "{unlinked}");
    let personal = gap(&offer["gaps"], "account_type_unsupported");
    assert!(personal["text"].as_str().is_some_and(|text| text.contains("personal")), "{personal}");
}

/// What is here already, and a plan that is nearly full: told before anything is chosen, and chosen up to what is left.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_here_and_what_the_plan_has_left_is_told() {
    let world = World::start().await;
    let owner = world.caller(json!({"ws": "ws_1", "role": "owner", "plan": "starter"}));
    let first = world.connect(&owner, "facebook", "demo-02").await;
    assert_eq!(first.len(), 2);
    let attempt = world.attempt(&owner, json!({"platform": "facebook"})).await;
    attempt.land("demo-02").await;
    let here = offer(&attempt, &owner).await;
    assert_eq!(codes(&here["gaps"]), ["already_in_workspace"]);
    let accounts = gap(&here["gaps"], "already_in_workspace")["accounts"].clone();
    let mut told = ids(&accounts);
    told.sort_unstable();
    let mut wanted = first.clone();
    wanted.sort_unstable();
    assert_eq!(told, wanted);
    let of: Vec<&str> =
        here["data"].as_array().expect("data").iter().filter_map(|c| c["eligibility"].as_str()).collect();
    assert_eq!(of, ["connected", "connected"]);

    let attempt = world.attempt(&owner, json!({"platform": "facebook"})).await;
    attempt.land("demo-04").await;
    let nearly = offer(&attempt, &owner).await;
    let plan = gap(&nearly["gaps"], "plan_limit_reached");
    assert_eq!((&plan["left"], &nearly["room"]), (&json!(1), &json!(1)), "{nearly}");
    let open = attempt.selectable().await;
    assert_eq!(open.len(), 3, "each can be chosen, though not all");
    attempt.select(&open, false).await.is_problem(403, "plan_limit_reached");
    assert_eq!(attempt.select(&open[..1], false).await.status, 200);
    let full = offer(&attempt, &owner).await;
    assert_eq!(gap(&full["gaps"], "plan_limit_reached")["left"], 0);
    assert_eq!(attempt.selectable().await.len(), 0);

    // One that was here before says so.
    let id = &first[0];
    assert_eq!(owner.post(&format!("/v1/accounts/{id}/disconnect"), json!({})).await.status, 200);
    let attempt = world.attempt(&owner, json!({"platform": "facebook"})).await;
    attempt.land("demo-02").await;
    let offer = offer(&attempt, &owner).await;
    let before = offer["data"].as_array().expect("data").iter().find(|c| c["existing_account_id"] == id.as_str());
    assert_eq!(before.expect("it")["eligibility"], "disconnected");
}

/// CHK-A13, S1-53: told before anything is chosen, with the workspace only to who belongs there.
#[tokio::test(flavor = "multi_thread")]
async fn what_another_workspace_has_is_told_before_choosing() {
    let world = World::start().await;
    let of = |workspace: &str, org: &str, further: Value| {
        let claims = json!({"ws": workspace, "role": "owner", "plan": "enterprise", "org": org, "workspaces": further});
        world.caller(claims)
    };
    let there = of("ws_secret", "org_1", json!([]));
    let taken = world.connect(&there, "facebook", "acme-team").await;
    let secret = account(&there, &taken[0]).await;
    for (round, org, further, told) in [
        ("ws_1", "org_1", json!([]), Some(false)),
        ("ws_2", "org_1", json!([{"id": "ws_secret", "role": "viewer"}]), Some(true)),
        ("ws_3", "org_2", json!([{"id": "ws_secret", "role": "owner"}]), None),
    ] {
        let here = of(round, org, further);
        let attempt = world.attempt(&here, json!({"platform": "facebook"})).await;
        attempt.land("acme-team").await;
        let offer = offer(&attempt, &here).await;
        let Some(named) = told else {
            let gaps = codes(&offer["gaps"]);
            assert_eq!(gaps, ["insufficient_platform_role"], "another organisation's is nobody's business: {offer}");
            continue;
        };
        let gap = gap(&offer["gaps"], "already_connected_elsewhere");
        let reasons = offer["data"].as_array().expect("data").iter().map(|c| &c["reason"]);
        let elsewhere = reasons.filter(|reason| **reason == "already_connected_elsewhere").count();
        assert_eq!((names(gap).len(), elsewhere), (taken.len(), taken.len()));
        assert_eq!(offer.to_string().contains("ws_secret"), named, "{offer}");
        for hidden in [&secret["id"], &secret["connected_by"]["id"]] {
            assert!(!offer.to_string().contains(hidden.as_str().expect("a text")), "{hidden}: {offer}");
        }
    }
}
