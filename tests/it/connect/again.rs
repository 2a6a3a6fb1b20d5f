//! Connecting what was connected before.

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::World;

use super::{account, ids, list, used};

/// S1-05, S1-19, S2-27: the same identity is the same account.
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

/// S1-04, S1-19, S1-34: one consent heals every page that hangs on it.
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

/// An account that was removed while its person consented is not there to be reconnected.
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

/// S0-78, S1-30: it comes back under its id, and takes a place that it must find free.
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

/// Two open attempts for one account both live, and the later one heals what the earlier one has healed.
#[tokio::test(flavor = "multi_thread")]
async fn two_open_sessions_for_one_account_both_end_well() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "x", "acme").await.remove(0);
    let ask = json!({"platform": "x", "account_id": id});
    let (first, second) = (world.attempt(&owner, ask.clone()).await, world.attempt(&owner, ask).await);
    let (one, other) = (first.approved("acme").await, second.approved("acme").await);
    second.browser.open(&other).await;
    first.browser.open(&one).await;
    for attempt in [&first, &second] {
        let session = attempt.session().await;
        assert_eq!((&session["status"], &session["accounts"]), (&json!("completed"), &json!([{"id": id}])));
    }
    assert_eq!(list(&owner).await.len(), 1);
    let tokens = world.tokens(&world.grant_of(&owner, &id).await).await;
    let kept = world.ask_platform("api.x.com/2/users/me", &tokens.access).await;
    assert_eq!(kept.status, 200, "the later tokens are kept");
}
