//! A person's refresh.

use jiff::SignedDuration;
use serde_json::json;
use tests::{FINE, World};

/// S3-36, S3-37, S3-44
#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_renews_silently_or_leads_to_the_sign_in() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let x = world.connect(&owner, "x", "acme").await.remove(0);
    let refresh = async |id: &str| owner.post(&format!("/v1/accounts/{id}/refresh"), json!({})).await;
    let renewed = refresh(&x).await;
    assert_eq!((renewed.status, &renewed.body["renewed"]), (200, &json!(true)), "{}", renewed.text);
    assert_eq!(renewed.body["account"]["id"], x.as_str());
    assert_eq!(world.count("refreshed").await, 1);

    let page = world.connect(&owner, "facebook", "acme").await.remove(0);
    assert_eq!(refresh(&page).await.body["renewed"], true);
    let session = world.consent(&owner, json!({"platform": "instagram", "method": "instagram_login"}), "acme").await;
    let instagram = session["accounts"][0]["id"].as_str().expect("an id").to_owned();
    let before = world.journal().await.len();
    let early = refresh(&instagram).await;
    assert_eq!((early.status, &early.body["renewed"]), (200, &json!(false)), "{}", early.text);
    assert_eq!(early.body["reason"], "too_early");
    let looked = world.journal().await[before..].to_vec();
    assert_eq!((looked.len(), &looked[0]["path"]), (1, &json!("/v26.0/me")), "it was looked at, live: {looked:?}");

    world.event(json!({"platform": "x", "account": "acme", "kind": "revoke"})).await;
    let gone = refresh(&x).await;
    gone.is_problem(409, "reauthorization_required");
    let url = gone.body["connect_url"].as_str().expect("an address").to_owned();
    let browser = world.browser();
    assert_eq!(browser.approve(&url, "acme").await.status, 200, "it is ready to be opened");
    assert_eq!(refresh(&x).await.status, 200);
    assert_eq!(world.health(&owner, &x).await["state"], FINE);

    world
        .member("ws_1", "editor")
        .post(&format!("/v1/accounts/{x}/refresh"), json!({}))
        .await
        .is_problem(403, "permission_denied");
    owner.post(&format!("/v1/accounts/{x}/disconnect"), json!({})).await;
    refresh(&x).await.is_problem(409, "account_disconnected");
}

/// S1-50, S0-73: scopes that the person took back are seen by a refresh, told, and seen by nobody else's account.
#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_reads_the_permissions_again() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let page = world.connect(&owner, "facebook", "acme").await.remove(0);
    let withdrawn =
        json!({"platform": "facebook", "account": "acme", "kind": "withdraw_scope", "scope": "pages_manage_posts"});
    world.event(withdrawn).await;
    let read = owner.post(&format!("/v1/accounts/{page}/refresh"), json!({})).await;
    assert_eq!(read.status, 200, "{}", read.text);
    assert_eq!(
        read.body["account"]["capabilities"]["publish"],
        json!({"available": false, "reason": "insufficient_permissions"})
    );
    let told = world.told(&page);
    let (kind, event) = told.last().expect("events");
    assert_eq!(kind, "account.permissions_changed");
    assert_eq!((&event["data"]["missing"], &event["data"]["gained"]), (&json!(["pages_manage_posts"]), &json!([])));
    world.lease(&owner, &page).await.is_problem(409, "insufficient_permissions");
}

/// S0-42: the same is found without anybody asking, within a day; so is a page that is no longer shared.
#[tokio::test(flavor = "multi_thread")]
async fn the_daily_look_finds_what_a_person_changed() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let pages = world.connect(&owner, "facebook", "agency").await;
    let (gone, kept) = (&pages[0], &pages[1]);
    let platform_id = owner.get(&format!("/v1/accounts/{gone}")).await.body["platform_account_id"].clone();
    world.event(json!({"platform": "facebook", "account": platform_id, "kind": "untick_page"})).await;
    let before = world.journal().await.len();
    world.live(SignedDuration::from_hours(24), SignedDuration::from_hours(1)).await;
    assert_eq!(world.kinds(gone), ["account.connected", "account.degraded"]);
    assert_eq!(world.told(gone)[1].1["data"]["reason"], "not_shared_in_consent");
    assert_eq!(world.kinds(kept), ["account.connected"]);
    assert_eq!(world.health(&owner, gone).await["state"], "error");
    let looked = world.journal().await[before..].to_vec();
    assert!(looked.iter().all(|call| call["path"] == "/debug_token"), "{looked:?}");
    assert_eq!(looked.len(), 2, "one free call a day for all twenty-five, and one for the page that is missing");
}
