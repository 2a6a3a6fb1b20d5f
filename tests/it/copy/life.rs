//! What becomes of a copy: it lives and ends by itself, and the consent with the last one.

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::FINE;
use tests::{
    Caller, World,
    notice::{FACEBOOK, meta, oauth_revoke, payload, x},
};

use super::{account, copied, copy, disconnect, ida, two};

async fn lifecycle(caller: &Caller, id: &str) -> Value {
    account(caller, id).await["lifecycle"].clone()
}

async fn token_mode(caller: &Caller, id: &str) -> Value {
    account(caller, id).await["grant"]["token_mode"].clone()
}

/// A list's word for it, which the account's row has.
async fn listed_mode(caller: &Caller) -> Value {
    let listed = caller.get(&format!("/v1/workspaces/{}/accounts", caller.workspace())).await;
    listed.body["data"][0]["grant"]["token_mode"].clone()
}

async fn impact(caller: &Caller, id: &str) -> Value {
    let answer = caller.get(&format!("/v1/accounts/{id}/impact?action=disconnect")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}

/// S1-32: whichever leaves, the other stays; the platform is told with the last one, and then the account is free.
#[tokio::test(flavor = "multi_thread")]
async fn the_consent_ends_with_the_last_account_that_lives_on_it() {
    for first_leaves in [true, false] {
        let world = World::start().await;
        let (a, b) = two(&world);
        let source = world.connect(&a, "x", "acme").await.remove(0);
        let id = copied(&a, &source, "ws_b").await;
        let ((leaver, gone), (stayer, kept)) =
            if first_leaves { ((&a, &source), (&b, &id)) } else { ((&b, &id), (&a, &source)) };
        let foreseen = impact(leaver, gone).await;
        assert_eq!(foreseen["copies_elsewhere"], 1, "{foreseen}");
        assert_eq!((&foreseen["siblings_total"], &foreseen["siblings"]), (&json!(0), &json!([])));
        let told = disconnect(leaver, gone).await;
        assert_eq!(foreseen["revocation"], told["revocation"], "it was said before");
        assert_eq!(impact(stayer, kept).await["revocation"]["status"], "revoked");
        assert_eq!(told["revocation"]["status"], "skipped_shared_grant", "{told}");
        assert!(told["kept"].as_array().expect("kept").contains(&json!("tokens_of_other_accounts")));
        assert_eq!(world.count("revoked").await, 0);
        assert_eq!(
            (lifecycle(leaver, gone).await, lifecycle(stayer, kept).await),
            (json!("disconnected"), json!("active"))
        );
        assert_eq!(world.lease(stayer, kept).await.status, 201);
        world.lease(leaver, gone).await.is_problem(409, "account_disconnected");
        assert_eq!(token_mode(stayer, kept).await, "independent", "nobody else lives on it");
        world.job("sweep").await;
        assert_eq!(listed_mode(stayer).await, "independent");
        assert!(!world.kinds(kept).iter().any(|kind| kind == "account.disconnected"));

        // Who gone finds it taken by the other one.
        let back = world.consent(leaver, json!({"platform": "x"}), "acme").await;
        assert_eq!(back["error"]["code"], "already_connected_elsewhere", "{back}");
        let removed = stayer.delete(&format!("/v1/accounts/{kept}")).await;
        assert_eq!(
            (removed.status, &removed.body["revocation"]["status"]),
            (202, &json!("revoked")),
            "{}",
            removed.text
        );
        assert_eq!(world.count("revoked").await, 2, "the access and the refresh token, once each");
        let left: Vec<String> =
            world.dump().await.into_keys().filter(|key| key.starts_with("R#") || key.starts_with("G#")).collect();
        assert_eq!(left, Vec::<String>::new());
        assert_eq!(world.connect(leaver, "x", "acme").await, [gone.as_str()], "under its old id");
    }
}

/// S1-32: a removed source leaves a copy that is nobody's copy any more; it can be copied back, and comes back under
/// its old id where it was only disconnected.
#[tokio::test(flavor = "multi_thread")]
async fn a_copy_outlives_its_source_and_can_be_copied_back() {
    let world = World::start().await;
    let (a, b) = two(&world);
    let source = world.connect(&a, "x", "acme").await.remove(0);
    let id = copied(&a, &source, "ws_b").await;
    assert_eq!(a.delete(&format!("/v1/accounts/{source}")).await.status, 202);
    assert_eq!(world.lease(&b, &id).await.status, 201);
    let back = copied(&b, &id, "ws_a").await;
    assert_ne!(back, source);
    assert_eq!(
        (token_mode(&a, &back).await, token_mode(&b, &id).await),
        (json!("shared_grant"), json!("shared_grant"))
    );
    disconnect(&a, &back).await;
    assert_eq!(copied(&b, &id, "ws_a").await, back);
    assert_eq!(lifecycle(&a, &back).await, "active");
    let grant = world.grant_of(&a, &back).await;
    assert_eq!((grant.accounts.len(), grant.copies.len()), (1, 1), "{:?}", grant.copies);
    let third = ida(&world, "ws_b", &[("ws_c", "owner")]);
    copied(&third, &id, "ws_c").await;
    disconnect(&a, &back).await;
    assert_eq!(token_mode(&b, &id).await, "shared_grant", "two copies");
}

/// S1-32, S0-42: what the platform says of the consent is told in each workspace, and whoever consents again heals all.
#[tokio::test(flavor = "multi_thread")]
async fn a_consent_that_ends_ends_for_both_and_is_healed_for_both() {
    for heals in ["ws_a", "ws_b"] {
        let world = World::start().await;
        let (a, b) = two(&world);
        let source = world.connect(&a, "x", "acme").await.remove(0);
        let id = copied(&a, &source, "ws_b").await;
        let person = world.grant_of(&a, &source).await.person.id;
        world.advance(SignedDuration::from_mins(5));
        let told = world.notify(&x(tests::notice::X, &oauth_revoke("one", &person, world.now()))).await;
        assert_eq!(told.status, 200, "{}", told.text);
        assert_eq!(world.kinds(&source), ["account.connected", "account.copied", "account.expired"]);
        assert_eq!(world.kinds(&id), ["account.copied", "account.expired"]);
        let expired = world.told(&id).pop().expect("an event").1;
        assert_eq!((&expired["workspace_id"], &expired["sequence"]), (&json!("ws_b"), &json!(2)));
        for (caller, id) in [(&a, &source), (&b, &id)] {
            assert_eq!(world.health(caller, id).await["state"], "expired");
            world.lease(caller, id).await.is_problem(409, "connection_expired");
        }
        copy(&ida(&world, "ws_a", &[("ws_c", "owner")]), &source, "ws_c").await.is_problem(409, "connection_expired");

        world.event(json!({"platform": "x", "account": "acme", "kind": "revoke"})).await;
        let (healer, target) = if heals == "ws_a" { (&a, &source) } else { (&b, &id) };
        let session = world.consent(healer, json!({"platform": "x", "account_id": target}), "acme").await;
        assert_eq!(session["accounts"][0]["id"], target.as_str(), "{session}");
        world.job("sweep").await;
        let grants = world.dump().await.keys().filter(|key| key.starts_with("R#")).count();
        assert_eq!(grants, 1, "healed by {heals}");
        for (caller, id) in [(&a, &source), (&b, &id)] {
            assert_eq!(world.health(caller, id).await["state"], FINE, "healed by {heals}");
            assert_eq!(world.lease(caller, id).await.status, 201);
            assert_eq!(token_mode(caller, id).await, "shared_grant");
            assert_eq!(world.kinds(id).last().map(String::as_str), Some("account.recovered"));
        }
    }
}

/// Consents anew with only this page ticked.
async fn ticked(world: &World, caller: &Caller, ask: Value, page: &Value) -> Value {
    let attempt = world.attempt(caller, ask).await;
    let authorize = attempt.browser.press_continue(&attempt.start_url).await;
    let page = page.as_str().expect("an id");
    let fields = [("person", "demo-04"), ("decision", "approve"), ("child", page)];
    let callback = attempt.browser.answer(&authorize, &fields).await;
    attempt.browser.open(&callback).await;
    attempt.session().await
}

/// A page that a person leaves out when they consent again is lost in the other workspace too, wherever they do so, and
/// told there without a word of where that was.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_new_consent_leaves_out_is_lost_in_both() {
    let world = World::start().await;
    let (a, b) = two(&world);
    let pages = world.connect(&a, "facebook", "demo-04").await;
    let [kept, left, _] = &pages[..] else { panic!("three") };
    let copy = copied(&a, left, "ws_b").await;
    world.advance(SignedDuration::from_hours(1));
    let of = async |id: &str| account(&a, id).await["platform_account_id"].clone();
    let session = ticked(&world, &a, json!({"platform": "facebook"}), &of(kept).await).await;
    assert_eq!((&session["status"], session["siblings_lost"].as_array().map(Vec::len)), (&json!("completed"), Some(2)));
    for (caller, id) in [(&a, left), (&b, &copy)] {
        let told = world.told(id).pop().expect("an event").1;
        assert_eq!(told["type"], "account.degraded");
        assert_eq!(told["data"]["reason"], "not_shared_in_consent");
        assert_ne!(world.health(caller, id).await["state"], FINE);
    }
    world.advance(SignedDuration::from_hours(1));
    let (a, b) = two(&world);
    let ask = json!({"platform": "facebook", "account_id": copy});
    let session = ticked(&world, &b, ask, &of(left).await).await;
    assert_eq!((&session["status"], &session["siblings_lost"]), (&json!("completed"), &json!([])), "{session}");
    world.job("sweep").await;
    for (caller, id) in [(&a, left), (&b, &copy)] {
        assert_eq!(world.health(caller, id).await["state"], FINE);
    }
    assert_eq!(world.told(kept).pop().expect("an event").1["data"]["reason"], "not_shared_in_consent");
    let lost = world.published().into_iter().filter(|event| event["type"] == "account.siblings_lost");
    assert_eq!(lost.map(|event| event["workspace_id"].clone()).collect::<Vec<_>>(), ["ws_a"]);
}

/// CHK-S5, S0-66: a person who wants to be erased is erased from both.
#[tokio::test(flavor = "multi_thread")]
async fn a_persons_erasure_reaches_the_copies() {
    let world = World::start().await;
    let (a, b) = two(&world);
    let page = json!([{"id": "901", "name": "Nordlys Bakery", "tasks": ["MANAGE"]}]);
    world.add_person(json!({"id": "ida", "name": "Ida Marie Solberg", "facebook": {"pages": page}})).await;
    let pages = world.connect(&a, "facebook", "ida").await;
    let id = copied(&a, &pages[0], "ws_b").await;
    let grant = world.grant_of(&a, &pages[0]).await;
    world.advance(SignedDuration::from_mins(5));
    let asked = meta("facebook", "data-deletion", FACEBOOK, &payload(&grant.person.id, world.now()));
    assert_eq!(world.notify(&asked).await.status, 200);
    world.lease(&b, &id).await.is_problem(409, "connection_expired");
    world.advance(SignedDuration::from_mins(5));
    world.job("sweep").await;
    for (caller, id) in [(&a, &pages[0]), (&b, &id)] {
        assert_eq!(lifecycle(caller, id).await, "disconnected");
        assert_eq!(world.kinds(id).last().map(String::as_str), Some("account.disconnected"));
    }
    assert!(world.grant(grant.id).await.is_none());
    let named: Vec<String> = world
        .dump()
        .await
        .into_iter()
        .filter(|(key, item)| format!("{key}{item}").contains(&grant.person.name))
        .map(|(key, _)| key)
        .collect();
    assert_eq!(named, Vec::<String>::new());
}

async fn detach(caller: &Caller, id: &str) -> tests::Answer {
    caller.post(&format!("/v1/accounts/{id}/detach"), json!({})).await
}

/// S1-32: a consent of its own parts the copy, and each ends by itself from then on.
#[tokio::test(flavor = "multi_thread")]
async fn a_copy_gets_a_consent_of_its_own_and_the_others_keep_theirs() {
    let world = World::start().await;
    let (a, b) = two(&world);
    let source = world.connect(&a, "x", "acme").await.remove(0);
    let id = copied(&a, &source, "ws_b").await;
    let shared = world.grant_of(&a, &source).await;
    detach(&a, &source).await.is_problem(409, "account_not_usable");
    world
        .member("ws_b", "editor")
        .post(&format!("/v1/accounts/{id}/detach"), json!({}))
        .await
        .is_problem(403, "permission_denied");
    let begun = detach(&b, &id).await;
    assert_eq!((begun.status, &begun.body["status"]), (201, &json!("created")), "{}", begun.text);
    let warned: Vec<&Value> = begun.body["warnings"].as_array().expect("warnings").iter().map(|w| &w["code"]).collect();
    assert_eq!(warned, ["removal_ends_both", "older_may_end"]);
    assert_eq!(token_mode(&b, &id).await, "shared_grant", "nobody has consented yet");
    let landed = world.browser().approve(begun.body["start_url"].as_str().expect("an address"), "acme").await;
    assert!(landed.status < 400, "{}", landed.text);

    assert_eq!(
        (token_mode(&a, &source).await, token_mode(&b, &id).await),
        (json!("independent"), json!("independent"))
    );
    let own = world.grant_of(&b, &id).await;
    assert_ne!(own.id, shared.id);
    assert_eq!((own.workspace.as_str(), own.accounts.len(), own.copies.len()), ("ws_b", 1, 0));
    world.job("sweep").await;
    assert_eq!((listed_mode(&a).await, listed_mode(&b).await), (json!("independent"), json!("independent")));
    assert_eq!(world.kinds(&id).last().map(String::as_str), Some("account.reconnected"));
    for (caller, id) in [(&a, &source), (&b, &id)] {
        let refreshed = caller.post(&format!("/v1/accounts/{id}/refresh"), json!({})).await;
        assert_eq!((refreshed.status, &refreshed.body["renewed"]), (200, &json!(true)), "{}", refreshed.text);
    }
    assert_eq!(disconnect(&b, &id).await["revocation"]["status"], "revoked");
    assert_eq!(world.count("revoked").await, 2, "the access and the refresh token, once each");
    let refreshed = a.post(&format!("/v1/accounts/{source}/refresh"), json!({})).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.text);
    assert_eq!(world.health(&a, &source).await["state"], FINE);
    // What ends all of a person's consents at once is not called as long as one of them is needed.
    let page = world.connect(&a, "facebook", "acme").await.remove(0);
    let there = copied(&a, &page, "ws_b").await;
    let begun = detach(&b, &there).await;
    let warned: Vec<&Value> = begun.body["warnings"].as_array().expect("warnings").iter().map(|w| &w["code"]).collect();
    assert_eq!(warned, ["removal_ends_both", "revocation_waits"]);
    world.browser().approve(begun.body["start_url"].as_str().expect("an address"), "acme").await;
    assert_eq!(token_mode(&b, &there).await, "independent");
    assert_eq!(disconnect(&b, &there).await["revocation"]["status"], "skipped_shared_grant");
    assert_eq!(world.lease(&a, &page).await.status, 201);
}
