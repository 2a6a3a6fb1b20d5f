//! A reconnect that comes back as somebody else.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tests::{Caller, World};

use super::{Answered, PLATFORMS};

/// Reconnects an account, and fails unless the attempt ends in `account_mismatch` and nothing but the attempt
/// and its event was written.
async fn mismatch(world: &World, owner: &Caller, ask: Value, fields: &[(&str, &str)], got: &str) {
    let before = world.dump().await;
    let attempt = Answered::with(world, owner, ask.clone(), fields).await;
    let landed = attempt.browser.open(&attempt.callback).await;
    assert!(landed.text.contains("<code>account_mismatch</code>"), "{}", landed.text);
    let session = attempt.status(owner).await;
    assert_eq!(session["status"], "failed", "{ask}: {session}");
    assert_eq!(session["error"]["code"], "account_mismatch");
    assert_eq!(session["error"]["got"], got);
    assert_eq!(session["accounts"], json!([]));
    let after = world.dump().await;
    let kept: BTreeMap<_, _> = after.into_iter().filter(|(key, _)| before.contains_key(key)).collect();
    // That it was tried is counted.
    let uncounted = |items: BTreeMap<String, Value>| -> BTreeMap<String, Value> {
        items.into_iter().filter(|(key, _)| !key.contains(" L#")).collect()
    };
    let (kept, before) = (uncounted(kept), uncounted(before));
    assert_eq!(kept, before, "account, grant and claims are as they were");
    let new: Vec<String> =
        world.dump().await.into_keys().filter(|key| !before.contains_key(key) && !key.contains(" L#")).collect();
    assert!(new.len() <= 2 && new.iter().all(|key| key.starts_with("S#") || key.contains(" E#")), "{new:?}");
}

/// S0-18, CHK-A11
#[tokio::test(flavor = "multi_thread")]
async fn another_person_cannot_take_an_account_over() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let approve = |person: &'static str| [("person", person), ("decision", "approve")];
    for platform in PLATFORMS {
        let account = world.connect(&owner, platform, "acme").await.remove(0);
        let path = format!("/v1/accounts/{account}");
        let known = owner.get(&path).await;
        let platform_id = known.body["platform_account_id"].clone();
        let got = if platform == "x" { "mallory" } else { "mallorytrading" };
        for ask in [
            json!({"platform": platform, "account_id": account}),
            json!({"platform": platform, "expected_platform_account_id": platform_id}),
        ] {
            mismatch(&world, &owner, ask, &approve("mallory"), got).await;
        }
        assert_eq!(owner.get(&path).await.text, known.text);
    }
    // Their own account, connected beside it, is not taken for it either.
    world.connect(&owner, "x", "mallory").await;
    let acme = super::accounts(&owner).await.into_iter().find(|a| a["platform"] == "x" && a["handle"] == "acme");
    let ask = json!({"platform": "x", "account_id": acme.expect("acme")["id"]});
    mismatch(&world, &owner, ask, &approve("mallory"), "mallory").await;
    let ask = json!({"platform": "x", "expected_handle": "@acme"});
    mismatch(&world, &owner, ask, &approve("mallory"), "mallory").await;
}

/// CHK-A11: the right person approves, and the platform's answer is about somebody else.
#[tokio::test(flavor = "multi_thread")]
async fn a_platform_that_answers_about_somebody_else_changes_nothing() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let account = world.connect(&owner, "x", "acme").await.remove(0);
    world.fault(json!({"platform": "x", "route": "profile", "kind": "wrong_person"})).await;
    let ask = json!({"platform": "x", "account_id": account});
    mismatch(&world, &owner, ask.clone(), &[("person", "acme"), ("decision", "approve")], "mallory").await;
    world.no_faults().await;
    let healed = world.consent(&owner, ask, "acme").await;
    assert_eq!((&healed["status"], &healed["accounts"][0]["id"]), (&"completed".into(), &account.into()));
}

/// CHK-A11: the right person, who shares only another page.
#[tokio::test(flavor = "multi_thread")]
async fn another_page_of_the_same_person_is_another_account() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let people = world.steer(reqwest::Method::GET, "people", Value::Null).await;
    let agency = people["data"].as_array().expect("people").iter().find(|p| p["id"] == "agency").expect("agency");
    let pages = &agency["facebook"]["pages"];
    let page = |at: usize| pages[at]["id"].as_str().expect("an id").to_owned();
    let attempt = Answered::with(&world, &owner, json!({"platform": "facebook"}), &only(&page(0))).await;
    attempt.browser.open(&attempt.callback).await;
    let session = attempt.status(&owner).await;
    assert_eq!(session["status"], "completed", "{session}");
    let account = &session["accounts"][0]["id"];
    let ask = json!({"platform": "facebook", "account_id": account});
    // The account was left out of the consent, and that much of it is true whoever came back.
    let first = Answered::with(&world, &owner, ask.clone(), &only(&page(1))).await;
    first.browser.open(&first.callback).await;
    assert_eq!(first.status(&owner).await["siblings_lost"][0]["id"], *account);
    let name = pages[1]["username"].as_str().expect("a name").to_owned();
    mismatch(&world, &owner, ask, &only(&page(1)), &name).await;
}

/// The agency shares one page and no other.
fn only(page: &str) -> [(&'static str, &str); 3] {
    [("person", "agency"), ("decision", "approve"), ("child", page)]
}
