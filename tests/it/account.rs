//! Accounts: listed, read, made main, disconnected and removed, with receipts that claim what happened.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Caller, FINE, World, send};

const ACCOUNTS: &str = "/v1/workspaces/ws_1/accounts";

/// One X account of each person, a second apart. Answers with the ids.
async fn connect_x(world: &World, caller: &Caller, people: &[&str]) -> Vec<String> {
    let mut ids = Vec::new();
    for person in people {
        ids.extend(world.connect(caller, "x", person).await);
        world.advance(SignedDuration::from_secs(1));
    }
    ids
}

async fn account(caller: &Caller, id: &str) -> Value {
    caller.get(&format!("/v1/accounts/{id}")).await.body
}

async fn disconnect(caller: &Caller, id: &str) -> Value {
    let answer = caller.post(&format!("/v1/accounts/{id}/disconnect"), json!({})).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}

/// The ids of the main accounts, by platform.
async fn mains(caller: &Caller) -> Value {
    let mains = caller.get(&format!("{ACCOUNTS}/main")).await.body;
    let ids = mains["data"].as_object().expect("platforms").iter().map(|(p, main)| (p.clone(), main["id"].clone()));
    Value::Object(ids.collect())
}

fn listed(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{}", answer.text);
    let data = answer.body["data"].as_array().expect("accounts").iter();
    data.map(|a| a["id"].as_str().expect("an id").to_owned()).collect()
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort();
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn a_walk_through_the_pages_sees_each_account_once_while_others_come_and_go() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let first = connect_x(&world, &owner, &["acme", "mallory", "analyst", "agency"]).await;
    let mut seen = Vec::new();
    let mut page = owner.get(&format!("{ACCOUNTS}?limit=2")).await;
    seen.extend(listed(&page));
    // One more behind, and one gone that was seen already.
    let later = connect_x(&world, &owner, &["demo-01"]).await;
    disconnect(&owner, &first[0]).await;
    while let Some(cursor) = page.body["page"]["next_cursor"].as_str() {
        assert_eq!(page.body["page"]["has_more"], true);
        page = owner.get(&format!("{ACCOUNTS}?limit=2&cursor={cursor}")).await;
        seen.extend(listed(&page));
    }
    assert_eq!(page.body["page"], json!({"next_cursor": null, "has_more": false}));
    assert_eq!(seen, [first, later].concat(), "oldest first");
}

/// S2-11, S3-03, S3-48
#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_filtered_by_platform_and_lifecycle() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let x = connect_x(&world, &owner, &["acme", "mallory"]).await;
    let pages = world.connect(&owner, "facebook", "demo-02").await;
    disconnect(&owner, &x[0]).await;
    for (query, expected) in [
        ("", [vec![x[1].clone()], pages.clone()].concat()),
        ("?platform=x", vec![x[1].clone()]),
        ("?platform=facebook", pages.clone()),
        ("?platform=x,facebook", [vec![x[1].clone()], pages.clone()].concat()),
        ("?platform=x&lifecycle=disconnected", vec![x[0].clone()]),
        ("?lifecycle=disconnected", vec![x[0].clone()]),
        ("?platform=facebook&lifecycle=disconnected", vec![]),
        ("?platform=mastodon", vec![]),
    ] {
        let list = owner.get(&format!("{ACCOUNTS}{query}")).await;
        assert_eq!(sorted(listed(&list)), sorted(expected), "{query}");
    }
    let summary = owner.get(&format!("{ACCOUNTS}/summary")).await.body;
    assert_eq!(summary["total"], 4);
    assert_eq!(summary["by_lifecycle"], json!({"active": 3, "disconnected": 1}));
    let healthy = |count: u32| json!({"count": count, "worst_state": FINE});
    assert_eq!(summary["by_platform"], json!({"facebook": healthy(2), "x": healthy(1)}));
}

/// Every filtered page is full as long as there are more.
#[tokio::test(flavor = "multi_thread")]
async fn a_filter_leaves_no_gaps_in_the_pages() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let mut x = Vec::new();
    for person in ["demo-01", "demo-02", "demo-03"] {
        world.connect(&owner, "facebook", person).await;
        world.advance(SignedDuration::from_secs(1));
        x.extend(connect_x(&world, &owner, &[person]).await);
    }
    let first = owner.get(&format!("{ACCOUNTS}?platform=x&limit=2")).await;
    assert_eq!(listed(&first), x[..2]);
    let cursor = first.body["page"]["next_cursor"].as_str().expect("more");
    let second = owner.get(&format!("{ACCOUNTS}?platform=x&limit=2&cursor={cursor}")).await;
    assert_eq!(listed(&second), x[2..]);
    assert_eq!(second.body["page"]["has_more"], false);
}

/// CHK-P7
#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_is_good_for_its_own_list_and_a_day() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    connect_x(&world, &owner, &["acme", "mallory"]).await;
    let page = owner.get(&format!("{ACCOUNTS}?platform=x&limit=1")).await;
    let cursor = page.body["page"]["next_cursor"].as_str().expect("more").to_owned();
    let good = format!("{ACCOUNTS}?platform=x&limit=2&cursor={cursor}");
    assert_eq!(owner.get(&good).await.status, 200, "the limit is not part of the filter");
    for bad in [
        format!("{ACCOUNTS}?limit=1&cursor={cursor}"),
        format!("{ACCOUNTS}?platform=facebook&cursor={cursor}"),
        format!("{ACCOUNTS}?platform=x&lifecycle=disconnected&cursor={cursor}"),
        format!("{ACCOUNTS}?platform=x&cursor={}", &cursor[1..]),
        format!("{ACCOUNTS}?platform=x&cursor="),
        format!("{ACCOUNTS}?platform=x&cursor=acc_01JD0000000000000000000000"),
    ] {
        owner.get(&bad).await.is_problem(400, "cursor_invalid");
    }
    let elsewhere = format!("/v1/workspaces/ws_2/accounts?platform=x&cursor={cursor}");
    world.owner("ws_2").get(&elsewhere).await.is_problem(400, "cursor_invalid");
    world.advance(SignedDuration::from_hours(24));
    owner.get(&good).await.is_problem(400, "cursor_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_asked_for_strictly() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    for (query, status, code) in [
        ("limit=0", 422, "validation_failed"),
        ("limit=201", 422, "validation_failed"),
        ("limit=-1", 400, "invalid_request"),
        ("limit=many", 400, "invalid_request"),
        ("offset=3", 400, "unknown_field"),
        ("Platform=x", 400, "unknown_field"),
        ("lifecycle=removed", 422, "validation_failed"),
        ("platform=No%20Platform", 422, "validation_failed"),
    ] {
        owner.get(&format!("{ACCOUNTS}?{query}")).await.is_problem(status, code);
    }
    for limit in [1, 200] {
        assert_eq!(owner.get(&format!("{ACCOUNTS}?limit={limit}")).await.status, 200);
    }
    owner.get("/v1/workspaces/ws_2/accounts").await.is_problem(404, "not_found");
}

/// S2-12: what only the one account's answer tells.
#[tokio::test(flavor = "multi_thread")]
async fn one_account_is_read_with_its_version_its_siblings_and_its_expiry() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let pages = world.connect(&owner, "facebook", "demo-04").await;
    let answer = owner.get(&format!("/v1/accounts/{}", pages[0])).await;
    assert_eq!(answer.header("etag"), Some("\"1\""));
    assert_eq!(answer.body["etag"], "\"1\"");
    let siblings = answer.body["grant"]["siblings"].as_array().expect("siblings").iter();
    let siblings = siblings.map(|s| s.as_str().expect("an id").to_owned()).collect();
    assert_eq!(sorted(siblings), sorted(pages[1..].to_vec()));
    assert!(answer.body["grant"]["access_expires_at"].as_str().expect("a time") > "2027-01-20");
    let x = world.connect(&owner, "x", "acme").await.remove(0);
    let x = account(&owner, &x).await;
    assert_eq!(x["grant"]["access_expires_at"], "2026-11-22T12:00:00Z");
    assert_eq!(x["grant"]["renewal"], "silent");
    assert_eq!(x["grant"]["siblings"], json!([]));
    let list = owner.get(ACCOUNTS).await;
    for account in list.body["data"].as_array().expect("accounts") {
        assert_eq!(
            (&account["grant"]["access_expires_at"], &account["grant"]["siblings"]),
            (&Value::Null, &Value::Null)
        );
    }
    assert!(!list.text.contains("CANARY") && !answer.text.contains("CANARY"), "no token is in an answer");
    world.owner("ws_2").get(&format!("/v1/accounts/{}", pages[0])).await.is_problem(404, "not_found");
}

/// S1-07, S1-09, S1-10, S1-11
#[tokio::test(flavor = "multi_thread")]
async fn one_account_of_each_platform_is_main_and_the_one_before_is_demoted() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    assert_eq!(mains(&owner).await, json!({}));
    let x = connect_x(&world, &owner, &["acme", "mallory"]).await;
    let page = world.connect(&owner, "facebook", "acme").await.remove(0);
    assert_eq!(mains(&owner).await, json!({"facebook": page, "x": x[0]}), "the first one becomes main");
    let chosen = owner.put(&format!("/v1/accounts/{}/main", x[1])).await;
    assert_eq!(chosen.body, json!({"id": x[1], "is_main": true, "demoted": x[0]}));
    assert_eq!(mains(&owner).await, json!({"facebook": page, "x": x[1]}));
    assert_eq!(account(&owner, &x[0]).await["is_main"], false);
    assert_eq!(account(&owner, &x[1]).await["is_main"], true);
    let again = owner.put(&format!("/v1/accounts/{}/main", x[1])).await;
    assert_eq!(again.body, json!({"id": x[1], "is_main": true, "demoted": null}));

    let tag = |etag: &str| {
        let call = owner.call(Method::PUT, &format!("/v1/accounts/{}/main", x[0]));
        send(call.header("if-match", etag.to_owned()))
    };
    tag("\"7\"").await.is_problem(412, "version_conflict");
    tag("W/\"1\"").await.is_problem(412, "version_conflict");
    assert_eq!(mains(&owner).await["x"], x[1].as_str());
    assert_eq!(tag("\"1\"").await.status, 200);
    assert_eq!(mains(&owner).await["x"], x[0].as_str());

    disconnect(&owner, &x[1]).await;
    owner.put(&format!("/v1/accounts/{}/main", x[1])).await.is_problem(409, "account_not_usable");
    assert_eq!(mains(&owner).await["x"], x[0].as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_main_account_goes_the_only_one_left_takes_its_place() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let x = connect_x(&world, &owner, &["acme", "mallory", "analyst"]).await;
    disconnect(&owner, &x[0]).await;
    assert_eq!(mains(&owner).await, json!({}), "two are left: none is chosen for the person");
    owner.put(&format!("/v1/accounts/{}/main", x[1])).await;
    assert_eq!(owner.delete(&format!("/v1/accounts/{}", x[1])).await.status, 202);
    assert_eq!(mains(&owner).await, json!({"x": x[2]}), "one is left: it is main");
    disconnect(&owner, &x[2]).await;
    assert_eq!(mains(&owner).await, json!({}));
    // Coming back does not give the role back; a new account in an empty platform gets it.
    world.connect(&owner, "x", "analyst").await;
    assert_eq!(mains(&owner).await, json!({}));
    let new = world.connect(&owner, "x", "agency").await.remove(0);
    assert_eq!(mains(&owner).await, json!({"x": new}));
    let told: Vec<_> = world.published().into_iter().filter(|e| e["type"] == "account.main_changed").collect();
    let told: Vec<_> = told.iter().map(|e| (e["data"]["from"].clone(), e["data"]["to"].clone())).collect();
    let expected = [
        (json!(x[0]), Value::Null),
        (Value::Null, json!(x[1])),
        (json!(x[1]), json!(x[2])),
        (json!(x[2]), Value::Null),
    ];
    assert_eq!(told, expected);
}

/// S1-26, S3-38, S3-39, S4-13, CHK-S15
#[tokio::test(flavor = "multi_thread")]
async fn the_last_account_of_a_consent_ends_it_at_the_platform() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    for (platform, me, revocations) in
        [("facebook", "graph.facebook.com/v26.0/me?fields=id", 1), ("x", "api.x.com/2/users/me", 2)]
    {
        let id = world.connect(&owner, platform, "acme").await.remove(0);
        let grant = world.grant_of(&owner, &id).await;
        let tokens = world.tokens(&grant).await;
        assert_eq!(world.ask_platform(me, &tokens.access).await.status, 200);
        let before = world.count("revoked").await;

        let receipt = disconnect(&owner, &id).await;
        assert_eq!(receipt["lifecycle"], "disconnected");
        assert_eq!(receipt["revocation"], json!({"status": "revoked", "manual_url": null, "steps": []}));
        assert_eq!(receipt["effects"], json!(["fail_scheduled_posts"]));
        assert_eq!(receipt["kept"], json!(["id", "profile", "history", "settings"]));
        assert_eq!(receipt["erased"], json!(["tokens"]));
        assert_eq!(receipt["next"], Value::Null);
        assert_eq!(world.count("revoked").await - before, revocations);
        assert!(world.grant(grant.id).await.is_none());
        for token in tokens.children.values().chain([&tokens.access]) {
            let dead = world.ask_platform(me, token).await;
            assert!(matches!(dead.status, 400 | 401), "{platform}: {}", dead.text);
        }
        let kept = account(&owner, &id).await;
        assert_eq!((&kept["name"], &kept["lifecycle"]), (&json!("Acme"), &json!("disconnected")));
        assert_eq!((&kept["grant"], &kept["is_main"]), (&Value::Null, &json!(false)));
        assert_eq!(kept["disconnected_at"], tests::BEGINNING);
    }
    assert_eq!(listed(&owner.get(ACCOUNTS).await), Vec::<String>::new());
    assert_eq!(owner.get("/v1/workspaces/ws_1/limits").await.body["total"]["used"], 0);
}

/// X revokes token by token: the refresh token must not outlive the access token.
#[tokio::test(flavor = "multi_thread")]
async fn on_x_the_refresh_token_ends_too() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "x", "acme").await.remove(0);
    let tokens = world.tokens(&world.grant_of(&owner, &id).await).await;
    disconnect(&owner, &id).await;
    let refresh = tokens.refresh.expect("a refresh token");
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh.expose())];
    let call = tests::client().post(format!("{}/api.x.com/2/oauth2/token", world.simulator));
    let answer = send(call.basic_auth("mooring-x-client", Some("simulated-x-client-secret")).form(&form)).await;
    assert_eq!(answer.status, 400, "{}", answer.text);
    assert_eq!(answer.body["error"], "invalid_request");
}

/// S1-34, S3-39, S4-13: other pages live on the same consent.
#[tokio::test(flavor = "multi_thread")]
async fn a_shared_consent_is_not_revoked_before_its_last_account() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let pages = world.connect(&owner, "facebook", "demo-04").await;
    let grant = world.grant_of(&owner, &pages[0]).await;
    for page in &pages[..2] {
        let receipt = disconnect(&owner, page).await;
        assert_eq!(receipt["revocation"]["status"], "skipped_shared_grant");
        assert_eq!(receipt["kept"], json!(["id", "profile", "history", "settings", "tokens_of_other_accounts"]));
        assert_eq!(receipt["erased"], json!([]));
        let manual = receipt["revocation"]["manual_url"].as_str().expect("a place");
        assert!(manual.starts_with("https://www.facebook.com/"));
        assert!(!receipt["revocation"]["steps"].as_array().expect("steps").is_empty());
        let url = format!("{}/help/revoke/facebook#facebook_login", world.product);
        let next = json!({"kind": "instructions", "url": url, "title": "Withdraw the access at Facebook",
                          "steps": receipt["revocation"]["steps"], "platform_settings_url": manual});
        assert_eq!(receipt["next"], next);
    }
    assert_eq!(world.calls("revoke").await, 0);
    assert!(world.grant(grant.id).await.is_some());
    assert_eq!(account(&owner, &pages[2]).await["grant"]["siblings"], json!([]));
    assert_eq!(disconnect(&owner, &pages[2]).await["revocation"]["status"], "revoked");
    assert_eq!(world.calls("revoke").await, 1);
    assert!(world.grant(grant.id).await.is_none());
}

/// S3-39, CHK-S15: at Facebook a revocation ends the person's consent in every workspace.
#[tokio::test(flavor = "multi_thread")]
async fn a_consent_that_another_workspace_lives_on_is_left_alone() {
    let world = World::start().await;
    let (first, second) = (world.owner("ws_1"), world.owner("ws_2"));
    let here = world.connect(&first, "facebook", "acme").await.remove(0);
    let there = world.connect(&second, "facebook", "acme").await.remove(0);
    let grant = world.grant_of(&first, &here).await;
    let tokens = world.tokens(&world.grant_of(&second, &there).await).await;
    let receipt = disconnect(&first, &here).await;
    assert_eq!(receipt["revocation"]["status"], "skipped_shared_grant");
    assert!(receipt["revocation"]["manual_url"].is_string());
    assert_eq!(receipt["erased"], json!(["tokens"]));
    assert!(!receipt.to_string().contains("ws_2"));
    assert!(world.grant(grant.id).await.is_none());
    assert_eq!(world.calls("revoke").await, 0);
    let me = "graph.facebook.com/v26.0/me?fields=id";
    assert_eq!(world.ask_platform(me, &tokens.access).await.status, 200);

    assert_eq!(disconnect(&second, &there).await["revocation"]["status"], "revoked");
    assert_eq!(world.count("revoked").await, 1);
    assert_eq!(world.ask_platform(me, &tokens.access).await.status, 400);
}

/// S3-39, CHK-S15: the obligation outlives the platform's trouble and is met once.
#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_that_fails_is_told_as_pending_and_made_good() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    for (platform, revocations) in [("facebook", 1), ("x", 2)] {
        let id = world.connect(&owner, platform, "acme").await.remove(0);
        let grant = world.grant_of(&owner, &id).await;
        let before = world.count("revoked").await;
        world.fault(json!({"platform": platform, "route": "revoke", "kind": "status:500"})).await;
        let receipt = disconnect(&owner, &id).await;
        assert_eq!(receipt["revocation"]["status"], "pending");
        assert_eq!(receipt["revocation"]["manual_url"], Value::Null, "nothing is left to the person yet");
        let kept = json!(["id", "profile", "history", "settings", "tokens_until_revoked"]);
        assert_eq!((&receipt["kept"], &receipt["erased"]), (&kept, &json!([])));
        assert!(world.grant(grant.id).await.is_some());
        // Told again, it is still pending, and does not claim that the tokens are gone.
        assert_eq!(disconnect(&owner, &id).await, receipt);

        assert_eq!(world.job("sweep").await["revocations"]["due"], 0, "a minute's pause first");
        world.advance(SignedDuration::from_mins(2));
        assert_eq!(world.job("sweep").await["revocations"]["pending"], 1);
        world.no_faults().await;
        assert_eq!(world.job("sweep").await["revocations"]["due"], 0, "the pauses grow");
        world.advance(SignedDuration::from_mins(2));
        assert_eq!(
            world.job("sweep").await["revocations"],
            json!(
            {"due": 1, "revoked": 1, "closed": 0, "pending": 0, "failed": 0})
        );
        assert!(world.grant(grant.id).await.is_none());
        assert_eq!(disconnect(&owner, &id).await["revocation"]["status"], Value::Null, "nothing is left to revoke");
        world.advance(SignedDuration::from_hours(24));
        assert_eq!(world.job("sweep").await["revocations"]["due"], 0);
        assert_eq!(world.count("revoked").await - before, revocations);
    }
}

/// CHK-S15: what is still owed for an old consent never ends a new one.
#[tokio::test(flavor = "multi_thread")]
async fn a_late_revocation_spares_the_consent_that_was_given_since() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    for (platform, me, closed) in
        [("facebook", "graph.facebook.com/v26.0/me?fields=id", "closed"), ("x", "api.x.com/2/users/me", "revoked")]
    {
        let id = world.connect(&owner, platform, "acme").await.remove(0);
        let old = world.grant_of(&owner, &id).await;
        world.fault(json!({"platform": platform, "route": "revoke", "kind": "status:500"})).await;
        assert_eq!(disconnect(&owner, &id).await["revocation"]["status"], "pending");
        world.no_faults().await;
        assert_eq!(world.connect(&owner, platform, "acme").await, [id.as_str()]);
        let new = world.grant_of(&owner, &id).await;
        assert_ne!(new.id, old.id);
        world.advance(SignedDuration::from_mins(2));
        let report = world.job("sweep").await;
        assert_eq!((&report["revocations"]["due"], &report["revocations"][closed]), (&json!(1), &json!(1)), "{report}");
        assert!(world.grant(old.id).await.is_none());
        let tokens = world.tokens(&new).await;
        assert_eq!(world.ask_platform(me, &tokens.access).await.status, 200, "{platform}");
    }
}

/// After seven days it is given up, and the tokens go all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_is_given_up_after_seven_days() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "facebook", "acme").await.remove(0);
    let grant = world.grant_of(&owner, &id).await;
    world.fault(json!({"platform": "facebook", "route": "revoke", "kind": "status:500"})).await;
    disconnect(&owner, &id).await;
    world.advance(SignedDuration::from_hours(7 * 24 - 1));
    assert_eq!(world.job("sweep").await["revocations"]["pending"], 1);
    world.advance(SignedDuration::from_hours(6));
    assert_eq!(world.job("sweep").await["revocations"]["failed"], 1);
    assert!(world.grant(grant.id).await.is_none());
}

/// S3-39: what the person ended at the platform already is not asked for twice.
#[tokio::test(flavor = "multi_thread")]
async fn a_consent_that_the_person_took_back_counts_as_revoked() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    // After a new password the tokens are dead, but the consent is not.
    for (platform, kind, calls) in [("facebook", "revoke", 0), ("facebook", "password_change", 1), ("x", "revoke", 2)] {
        let before = world.count("revoked").await;
        let id = world.connect(&owner, platform, "acme").await.remove(0);
        world.event(json!({"platform": platform, "account": "acme", "kind": kind})).await;
        assert_eq!(disconnect(&owner, &id).await["revocation"]["status"], "revoked", "{platform} {kind}");
        assert_eq!(world.count("revoked").await - before, calls, "{platform} {kind}");
        owner.delete(&format!("/v1/accounts/{id}")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disconnected_account_is_disconnected_again_without_any_change() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "x", "acme").await.remove(0);
    let call = owner.call(Method::POST, &format!("/v1/accounts/{id}/disconnect"));
    send(call.header("if-match", "\"2\"")).await.is_problem(412, "version_conflict");
    disconnect(&owner, &id).await;
    let before = account(&owner, &id).await;
    let (events, calls) = (world.published().len(), world.journal().await.len());
    let again = disconnect(&owner, &id).await;
    assert_eq!(again["lifecycle"], "disconnected");
    assert_eq!(again["revocation"]["status"], Value::Null, "nothing was left to revoke");
    for _ in 0..2 {
        let told = owner.post_once(&format!("/v1/accounts/{id}/disconnect"), json!({}), "again").await;
        assert_eq!((told.status, &told.body), (200, &again));
    }
    assert_eq!(account(&owner, &id).await, before);
    assert_eq!((world.published().len(), world.journal().await.len()), (events, calls));
    assert_eq!(owner.get("/v1/workspaces/ws_1/limits").await.body["total"]["used"], 0);
}

/// S2-21
#[tokio::test(flavor = "multi_thread")]
async fn a_removed_account_is_gone_with_its_claim() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    for was_disconnected in [false, true] {
        let id = world.connect(&owner, "x", "acme").await.remove(0);
        if was_disconnected {
            disconnect(&owner, &id).await;
        }
        let call = owner.call(Method::DELETE, &format!("/v1/accounts/{id}"));
        send(call.header("if-match", "\"9\"")).await.is_problem(412, "version_conflict");
        let removed = owner.delete(&format!("/v1/accounts/{id}")).await;
        assert_eq!(removed.status, 202);
        let receipt = removed.body;
        assert_eq!(receipt["lifecycle"], "removed");
        let effects =
            ["delete_scheduled_posts", "delete_queues", "delete_automations", "delete_drafts", "delete_analytics"];
        assert_eq!((&receipt["effects"], &receipt["kept"]), (&json!(effects), &json!([])));
        let (status, erased) = if was_disconnected {
            (Value::Null, json!(["profile", "history", "settings"]))
        } else {
            (json!("revoked"), json!(["profile", "history", "settings", "tokens"]))
        };
        assert_eq!((&receipt["revocation"]["status"], &receipt["erased"]), (&status, &erased));

        owner.get(&format!("/v1/accounts/{id}")).await.is_problem(404, "not_found");
        owner.delete(&format!("/v1/accounts/{id}")).await.is_problem(404, "not_found");
        owner.put(&format!("/v1/accounts/{id}/main")).await.is_problem(404, "not_found");
        for list in [ACCOUNTS.to_owned(), format!("{ACCOUNTS}?lifecycle=disconnected")] {
            assert_eq!(listed(&owner.get(&list).await), Vec::<String>::new());
        }
        assert_eq!(owner.get(&format!("{ACCOUNTS}/summary")).await.body["total"], 0);
        let store = &world.stack.services.store;
        let (ws, platform) = ("ws_1".parse().expect("an id"), "x".parse().expect("an id"));
        let all = world.steer(Method::GET, "people", Value::Null).await;
        let people = all["data"].as_array().expect("people");
        let acme = people.iter().find(|p| p["id"] == "acme").expect("acme")["x"]["id"].as_str().expect("an id");
        assert_eq!(store.find_claimed(&ws, &platform, &[acme]).await.expect("the table"), []);
    }
}

/// S0-71, S3-14
#[tokio::test(flavor = "multi_thread")]
async fn an_account_tells_each_role_what_it_can_do_and_why_not() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let x = connect_x(&world, &owner, &["acme", "mallory"]).await;
    disconnect(&owner, &x[1]).await;
    for (role, allowed) in [
        ("viewer", vec![]),
        ("analyst", vec![]),
        ("editor", vec!["configure", "lease", "schedule", "signal"]),
        (
            "manager",
            vec!["configure", "lease", "schedule", "signal", "reconnect", "reconnect_link", "refresh", "disconnect"],
        ),
        (
            "admin",
            vec![
                "configure",
                "lease",
                "schedule",
                "signal",
                "reconnect",
                "reconnect_link",
                "refresh",
                "disconnect",
                "remove",
            ],
        ),
        (
            "owner",
            vec![
                "configure",
                "lease",
                "schedule",
                "signal",
                "reconnect",
                "reconnect_link",
                "refresh",
                "disconnect",
                "remove",
            ],
        ),
    ] {
        let shown = account(&world.member("ws_1", role), &x[0]).await;
        let actions: BTreeMap<&str, &Value> = shown["actions"]
            .as_array()
            .expect("actions")
            .iter()
            .map(|a| (a["id"].as_str().expect("an id"), a))
            .collect();
        let ids = [
            "configure",
            "device",
            "disconnect",
            "lease",
            "link",
            "main",
            "reconnect",
            "reconnect_link",
            "refresh",
            "remove",
            "schedule",
            "signal",
        ];
        assert_eq!(actions.keys().copied().collect::<Vec<_>>(), ids);
        for (id, action) in &actions {
            assert_eq!(action["enabled"], allowed.contains(id), "{role} {id}");
            assert_eq!(action["disabled_reason"].is_null(), allowed.contains(id), "{role} {id}");
        }
        let why = actions["main"]["disabled_reason"].as_str().expect("a reason");
        let may = allowed.contains(&"refresh");
        assert_eq!(why.contains(&format!("Your role {role} does not include accounts.main")), !may);
        assert_eq!(why == "It is the main account already.", may);
        assert_eq!(actions["remove"]["method"], "DELETE");
        assert_eq!(actions["remove"]["href"], format!("/v1/accounts/{}", x[0]));
        assert_eq!(actions["remove"]["confirm"], true);
        assert_eq!(actions["main"]["confirm"], false);
    }
    let gone = account(&owner, &x[1]).await;
    let enabled = gone["actions"].as_array().expect("actions").iter().filter(|a| a["enabled"] == true);
    assert_eq!(
        enabled.map(|a| a["id"].clone()).collect::<Vec<_>>(),
        [json!("configure"), json!("reconnect"), json!("reconnect_link"), json!("remove")]
    );
    // What is told is what happens.
    let viewer = world.member("ws_1", "viewer");
    viewer.put(&format!("/v1/accounts/{}/main", x[0])).await.is_problem(403, "permission_denied");
    let manager = world.member("ws_1", "manager");
    manager.delete(&format!("/v1/accounts/{}", x[0])).await.is_problem(403, "permission_denied");
    let shown = account(&owner, &x[0]).await;
    for (id, status) in [("refresh", 200), ("remove", 202)] {
        let action = shown["actions"].as_array().expect("actions").iter().find(|a| a["id"] == id).expect("it is there");
        let text = |name: &str| action[name].as_str().expect("text");
        let call = owner.call(text("method").parse().expect("a method"), text("href"));
        assert_eq!(tests::send(call).await.status, status, "{action}");
    }
}
