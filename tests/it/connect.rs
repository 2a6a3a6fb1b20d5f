//! Connecting: what is offered, chosen, refused, healed, and what no trouble at a platform can break.

mod again;
mod attempt;
mod browser;
mod gap;
mod handoff;
mod instagram;
mod permission;
mod reuse;
mod sibling;
mod wait;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::{Attempt, Caller, World};

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

/// S3-19: listed, owned and client pages.
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

/// S1-34, S3-22
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

/// CHK-A13
#[tokio::test(flavor = "multi_thread")]
async fn all_are_connected_or_none_when_one_is_connected_elsewhere() {
    let world = World::start().await;
    let of = |ws: &str| world.caller(json!({"ws": ws, "role": "owner", "plan": "enterprise", "org": "org_1"}));
    let (first, second) = (of("ws_first"), of("ws_second"));
    let there = consented(&world, &first, "agency").await;
    assert_eq!(there.select(&there.selectable().await[7..8], true).await.status, 200);
    let taken = list(&first).await.remove(0);

    let here = consented(&world, &second, "agency").await;
    // What is told to be taken is asked for all the same: whoever saw the offer earlier does just that.
    let asks = |c: &&Value| c["selectable"] == true || c["reason"] == "already_connected_elsewhere";
    let offered = here.candidates().await;
    let open: Vec<String> = offered.iter().filter(asks).map(|c| c["id"].as_str().expect("an id").to_owned()).collect();
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

/// As many pages as are ever offered fit the item in which they wait, long names and all.
#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_pages_wait_for_a_choice() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let page = |n: usize| json!({"name": format!("{n:03} {}", "Nordlys ".repeat(24)), "tasks": ["MANAGE"]});
    let pages: Vec<Value> = (0..230).map(page).collect();
    world.add_person(json!({"id": "giant", "name": "Giant", "facebook": {"pages": pages}})).await;
    let session = world.consent(&owner, json!({"platform": "facebook"}), "giant").await;
    assert_eq!(session["status"], "awaiting_selection", "{session}");
    let path = format!("/v1/connect-sessions/{}", session["id"].as_str().expect("an id"));
    let offered = owner.get(&format!("{path}/candidates")).await.body;
    assert_eq!(offered["data"].as_array().map(Vec::len), Some(200));
    let last = json!({"candidate_ids": [offered["data"][199]["id"]], "done": true});
    assert_eq!(owner.post(&format!("{path}/selection"), last).await.status, 200);
}

async fn open_at(attempt: &Attempt, place: usize) -> Vec<String> {
    vec![attempt.selectable().await.remove(place)]
}

/// CHK-A13: with a single account it is the callback that finds out.
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

/// CHK-A13: a workspace stays in the organisation that a token once named for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_names_no_organisation_holds_and_frees_the_same_accounts() {
    let world = World::start().await;
    let of = |ws: &str| world.caller(json!({"ws": ws, "role": "owner", "plan": "enterprise", "org": "org_1"}));
    let (first, second) = (of("ws_first"), of("ws_second"));
    let x = world.connect(&first, "x", "acme").await.remove(0);
    let plain = world.caller(json!({"ws": "ws_first", "role": "owner", "plan": "enterprise"}));
    world.connect(&plain, "x", "mallory").await;
    let session = world.consent(&second, json!({"platform": "x"}), "mallory").await;
    assert_eq!(session["error"]["code"], "already_connected_elsewhere");
    plain.post(&format!("/v1/accounts/{x}/disconnect"), json!({})).await;
    world.connect(&second, "x", "acme").await;
    assert_eq!(used(&second).await, 1);
}
