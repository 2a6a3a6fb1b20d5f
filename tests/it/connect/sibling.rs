//! Accounts that hang on a person's consent when they consent again: what they leave out loses its access at once, is
//! named, and comes back when they tick it again.

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::{Attempt, Caller, FINE, Page, World};

use super::{account, ids};

/// The platform's id of an account.
async fn page_of(caller: &Caller, id: &str) -> String {
    account(caller, id).await["platform_account_id"].as_str().expect("an id").to_owned()
}

/// Consents anew with only these ticked.
async fn ticked(world: &World, caller: &Caller, ask: Value, person: &str, pages: &[&str]) -> (Attempt, Page) {
    let attempt = world.attempt(caller, ask).await;
    let authorize = attempt.browser.press_continue(&attempt.start_url).await;
    let mut fields = vec![("person", person), ("decision", "approve")];
    fields.extend(pages.iter().map(|page| ("child", *page)));
    if pages.is_empty() {
        fields.push(("child", ""));
    }
    let callback = attempt.browser.answer(&authorize, &fields).await;
    let landed = attempt.browser.open(&callback).await;
    (attempt, landed)
}

fn on(platform: &str) -> Value {
    json!({"platform": platform})
}

fn lost(world: &World) -> Vec<Value> {
    world.published().into_iter().filter(|event| event["type"] == "account.siblings_lost").collect()
}

async fn issue(world: &World, caller: &Caller, id: &str) -> Value {
    world.health(caller, id).await["reasons"][0]["code"].clone()
}

/// Fewer pages ticked than before: those left out are broken at once, one event and the session name them, and a
/// later consent that ticks them heals them.
#[tokio::test(flavor = "multi_thread")]
async fn pages_that_a_new_consent_leaves_out_are_lost_and_come_back() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let pages = world.connect(&owner, "facebook", "demo-04").await;
    let [kept, second, third] = &pages[..] else { panic!("three") };
    world.advance(SignedDuration::from_hours(1));
    let only = page_of(&owner, kept).await;
    let (attempt, landed) = ticked(&world, &owner, on("facebook"), "demo-04", &[&only]).await;
    let session = attempt.session().await;
    assert_eq!(session["status"], "completed", "{session}");
    let mut named = ids(&session["siblings_lost"]);
    named.sort_unstable();
    let mut wanted = [second.clone(), third.clone()];
    wanted.sort_unstable();
    assert_eq!(named, wanted);
    for name in ["Becker", "lost their access"] {
        assert!(landed.text.contains(name), "the page says so before the person leaves: {}", landed.text);
    }
    let gap = &session["gaps"][0];
    assert_eq!((&gap["code"], ids(&gap["accounts"]).len()), (&json!("not_shared_in_consent"), 2));
    for id in [second, third] {
        assert_eq!(world.kinds(id), ["account.connected", "account.degraded"]);
        assert_eq!(issue(&world, &owner, id).await, "not_shared_in_consent");
        world.lease(&owner, id).await.is_problem(409, "account_not_usable");
    }
    assert_eq!(world.health(&owner, kept).await["state"], FINE);
    let [event] = &lost(&world)[..] else { panic!("one event: {:?}", lost(&world)) };
    assert_eq!(event["data"]["connect_session_id"], attempt.id);
    assert_eq!(event["data"]["accounts"].as_array().map(Vec::len), Some(2));

    // Once more with fewer: they are not lost a second time, and are still explained.
    let (again, _) = ticked(&world, &owner, on("facebook"), "demo-04", &[&only]).await;
    let session = again.session().await;
    assert_eq!((&session["siblings_lost"], lost(&world).len()), (&json!([]), 1));
    assert_eq!(session["gaps"][0]["code"], "not_shared_in_consent");

    // Ticked again, but not chosen: shared again is healed.
    let all = world.attempt(&owner, on("facebook")).await;
    all.land("demo-04").await;
    assert_eq!(all.session().await["siblings_lost"], json!([]));
    for id in [second, third] {
        assert_eq!(world.kinds(id).last().map(String::as_str), Some("account.recovered"));
        assert_eq!(world.health(&owner, id).await["state"], FINE);
        assert_eq!(world.lease(&owner, id).await.status, 201);
    }
    assert_eq!(lost(&world).len(), 1);
}

/// The consent is judged when it comes, whatever becomes of the choice; nobody else's accounts are touched.
#[tokio::test(flavor = "multi_thread")]
async fn siblings_are_judged_though_nothing_is_chosen_or_found() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let pages = world.connect(&owner, "facebook", "demo-04").await;
    let others = world.connect(&owner, "facebook", "demo-02").await;
    let (first, second) = (page_of(&owner, &pages[0]).await, page_of(&owner, &pages[1]).await);
    let (attempt, _) = ticked(&world, &owner, on("facebook"), "demo-04", &[&first, &second]).await;
    assert_eq!(attempt.status().await, "awaiting_selection");
    assert_eq!(ids(&attempt.session().await["siblings_lost"]), [pages[2].as_str()]);
    assert_eq!(issue(&world, &owner, &pages[2]).await, "not_shared_in_consent");
    // None ticked at all: the attempt fails, and the others are lost with it.
    let (failed, landed) = ticked(&world, &owner, on("facebook"), "demo-04", &[]).await;
    let session = failed.session().await;
    assert_eq!(session["error"]["code"], "no_pages_found", "{session}");
    assert_eq!(ids(&session["siblings_lost"]).len(), 2);
    assert!(landed.text.contains("lost their access"), "{}", landed.text);
    // A reconnect of one that is not ticked fails, and says why.
    let ask = json!({"platform": "facebook", "account_id": pages[1]});
    let (mismatch, _) = ticked(&world, &owner, ask, "demo-04", &[&first]).await;
    let session = mismatch.session().await;
    assert_eq!((&session["status"], &session["gaps"][0]["code"]), (&json!("failed"), &json!("not_shared_in_consent")));
    assert_eq!(world.health(&owner, &pages[0]).await["state"], FINE, "it is back");
    for id in &others {
        assert_eq!(world.kinds(id), ["account.connected"]);
    }
}

/// An Instagram account hangs on the same consent, and goes with its page.
#[tokio::test(flavor = "multi_thread")]
async fn an_instagram_account_goes_with_the_page_that_was_left_out() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let pages = world.connect(&owner, "facebook", "acme-team").await;
    let instagram = world.connect(&owner, "instagram", "acme-team").await.remove(0);
    let linked = account(&owner, &instagram).await["linked_page_id"].clone();
    let mut rest = Vec::new();
    for id in &pages {
        let page = page_of(&owner, id).await;
        if linked != page.as_str() {
            rest.push(page);
        }
    }
    let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
    let (attempt, _) = ticked(&world, &owner, on("facebook"), "acme-team", &rest).await;
    let session = attempt.session().await;
    assert!(ids(&session["siblings_lost"]).contains(&instagram), "{session}");
    assert_eq!(issue(&world, &owner, &instagram).await, "not_shared_in_consent");
}

/// What cannot be found out is not made up: a platform that does not answer takes nothing away, and the daily look
/// finds it out.
#[tokio::test(flavor = "multi_thread")]
async fn a_platform_that_does_not_tell_takes_nothing_away() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let pages = world.connect(&owner, "facebook", "demo-02").await;
    let first = page_of(&owner, &pages[0]).await;
    // Without leave to see portfolios the list is not the whole of it, and nobody looks into tokens.
    world.fault(json!({"platform": "facebook", "route": "probe", "kind": "status:500"})).await;
    let attempt = world.attempt(&owner, on("facebook")).await;
    let authorize = attempt.browser.press_continue(&attempt.start_url).await;
    let scopes = ["pages_show_list", "pages_read_engagement", "pages_manage_posts", "read_insights"];
    let mut fields = vec![("person", "demo-02"), ("decision", "approve"), ("child", first.as_str())];
    fields.extend(scopes.iter().map(|scope| ("scope", *scope)));
    let callback = attempt.browser.answer(&authorize, &fields).await;
    attempt.browser.open(&callback).await;
    let session = attempt.session().await;
    assert_eq!((&session["status"], &session["siblings_lost"]), (&json!("completed"), &json!([])), "{session}");
    assert_eq!(session["gaps"][0]["code"], "not_shared_in_consent", "it did not come, that much is known");
    assert_eq!(world.kinds(&pages[1]), ["account.connected"]);
    world.no_faults().await;
    world.live(SignedDuration::from_hours(25), SignedDuration::from_hours(1)).await;
    assert!(world.kinds(&pages[1]).contains(&"account.degraded".to_owned()));
}

/// Where the platform does not tell, a list that was read to its end does.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_was_read_to_its_end_tells_what_is_not_shared() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let pages = world.connect(&owner, "facebook", "demo-02").await;
    let first = page_of(&owner, &pages[0]).await;
    world.fault(json!({"platform": "facebook", "route": "probe", "kind": "status:500"})).await;
    let (attempt, _) = ticked(&world, &owner, on("facebook"), "demo-02", &[&first]).await;
    assert_eq!(ids(&attempt.session().await["siblings_lost"]), [pages[1].as_str()]);
    assert_eq!(issue(&world, &owner, &pages[1]).await, "not_shared_in_consent");
}

/// Who is about to consent where accounts are connected is warned to leave them ticked.
#[tokio::test(flavor = "multi_thread")]
async fn the_start_page_warns_of_what_is_left_unticked() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let warned = async |platform: &str| {
        let attempt = world.attempt(&owner, on(platform)).await;
        attempt.browser.open(&attempt.start_url).await.text.contains("leave them ticked")
    };
    assert!(!warned("facebook").await);
    world.connect(&owner, "x", "acme").await;
    assert!(!warned("facebook").await && !warned("x").await, "an X consent is for one account");
    world.connect(&owner, "facebook", "acme").await;
    assert!(warned("facebook").await && warned("instagram").await, "one sign-in serves both");
}
