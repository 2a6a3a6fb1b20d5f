//! What an action would do, told before it is done.

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Caller, World, send};

async fn impact(caller: &Caller, id: &str, action: &str) -> Value {
    let answer = caller.get(&format!("/v1/accounts/{id}/impact?action={action}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}

async fn plan(caller: &Caller, id: &str) {
    let posts: Vec<Value> =
        (1..=12).map(|n| json!({"id": format!("p{n}"), "at": format!("2026-12-{n:02}T09:00:00Z")})).collect();
    let body = json!({"scheduled_posts": posts, "campaigns": [{"id": "c", "name": "Advent"}], "drafts": 1});
    let answer = send(caller.call(Method::PUT, &format!("/v1/accounts/{id}/usage")).json(&body)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

fn text<'a>(impact: &'a Value, code: &str) -> Option<&'a str> {
    let warnings = impact["warnings"].as_array().expect("warnings").iter();
    warnings.filter(|w| w["code"] == code).find_map(|w| w["text"].as_str())
}

/// S1-25, S2-27, S4-24: what would be lost is counted before, reconnecting is offered first, and nothing is changed by
/// asking; reconnecting keeps id and posts.
#[tokio::test(flavor = "multi_thread")]
async fn what_would_be_lost_is_told_before_and_reconnecting_keeps_it() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "x", "acme").await.remove(0);
    let other = world.connect(&owner, "x", "mallory").await.remove(0);
    plan(&owner, &id).await;
    assert_eq!(world.lease(&owner, &id).await.status, 201);
    let (before, events, calls) = (world.dump().await, world.published().len(), world.journal().await.len());

    let left = impact(&owner, &id, "disconnect").await;
    assert_eq!(left["effects"], json!(["fail_scheduled_posts"]));
    assert_eq!(
        (&left["planned_counts"]["posts"], &left["planned"]["campaigns"][0]["name"]),
        (&json!(12), &json!("Advent"))
    );
    assert_eq!(
        text(&left, "scheduled_posts_fail"),
        Some("12 scheduled posts will fail, the next on 1 December 2026, 09:00 UTC.")
    );
    let instead = "If something does not work, reconnect instead: its 12 scheduled posts stay.";
    assert_eq!(text(&left, "reconnect_instead"), Some(instead));
    assert_eq!((&left["is_main"], &left["main_successor"]["id"]), (&json!(true), &json!(other)));
    assert_eq!(text(&left, "recently_used"), Some("Its access was used once in the last seven days."));
    let limits = json!({"freed": 1, "taken": 0, "total": {"used": 2, "limit": null}, "per_platform": {"used": 2, "limit": null}});
    assert_eq!(left["limits"], limits);
    assert_eq!((&left["revocation"]["status"], &left["next"]), (&json!("revoked"), &Value::Null));
    let gone = impact(&owner, &id, "remove").await;
    assert_eq!(gone["effects"].as_array().map(Vec::len), Some(5));
    assert_eq!((&gone["kept"], &gone["erased"]), (&json!([]), &json!(["profile", "history", "settings", "tokens"])));
    assert_eq!(
        text(&gone, "plans_deleted"),
        Some("12 scheduled posts, 1 campaign, 1 draft will be deleted, the next on 1 December 2026, 09:00 UTC.")
    );
    assert_eq!(text(&gone, "reconnect_instead"), Some(instead));
    let healed = impact(&owner, &id, "reconnect").await;
    assert_eq!((&healed["effects"], &healed["confirm"]), (&json!(["resume_scheduled_posts"]), &Value::Null));
    assert_eq!((&healed["limits"]["taken"], &healed["erased"]), (&json!(0), &json!([])));
    assert_eq!(impact(&owner, &id, "lockdown").await["effects"], json!(["fail_scheduled_posts"]));
    assert_eq!(world.dump().await, before, "nothing was written");
    assert_eq!((world.published().len(), world.journal().await.len()), (events, calls));

    assert_eq!(world.connect(&owner, "x", "acme").await, [id.as_str()]);
    let (kind, event) = world.told(&id).pop().expect("an event");
    assert_eq!((kind.as_str(), &event["data"]["effects"]), ("account.reconnected", &json!(["resume_scheduled_posts"])));
    let kept = owner.get(&format!("/v1/accounts/{id}")).await.body;
    assert_eq!(kept["usage"]["planned"]["posts"], 12);
    // What a disconnect made fail, a reconnect does not bring back.
    assert_eq!(owner.post(&format!("/v1/accounts/{id}/disconnect"), json!({})).await.status, 200);
    let revived = impact(&owner, &id, "reconnect").await;
    assert_eq!((&revived["effects"], &revived["limits"]["taken"]), (&json!(["keep_failed_posts"]), &json!(1)));
    assert_eq!(world.connect(&owner, "x", "acme").await, [id.as_str()]);
    assert_eq!(world.told(&id).pop().expect("an event").1["data"]["effects"], json!(["keep_failed_posts"]));
}

/// The preview says what the receipt will.
#[tokio::test(flavor = "multi_thread")]
async fn what_becomes_of_the_access_is_told_as_it_will_be() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let pages = world.connect(&owner, "facebook", "demo-04").await;
    let ask = json!({"platform": "instagram", "method": "instagram_login"});
    let instagram = world.consent(&owner, ask, "acme").await["accounts"][0]["id"].as_str().expect("an id").to_owned();
    let elsewhere = world.connect(&owner, "facebook", "acme").await.remove(0);
    world.connect(&world.owner("ws_2"), "facebook", "acme").await;
    let x = world.connect(&owner, "x", "acme").await.remove(0);
    let last = pages.len() - 1;
    for (id, status, others) in [
        (&pages[0], "skipped_shared_grant", last),
        (&instagram, "unsupported", 0),
        (&elsewhere, "skipped_shared_grant", 0),
        (&x, "revoked", 0),
    ] {
        let told = impact(&owner, id, "disconnect").await;
        assert_eq!(
            (&told["revocation"]["status"], &told["siblings_total"]),
            (&json!(status), &json!(others)),
            "{told}"
        );
        assert_eq!(told["siblings"].as_array().map(Vec::len), Some(others));
        let done = owner.post(&format!("/v1/accounts/{id}/disconnect"), json!({})).await.body;
        for same in ["revocation", "effects", "kept", "erased", "next", "planned"] {
            assert_eq!(told[same], done[same], "{same}");
        }
        assert_eq!(
            (&told["is_main"], &told["main_successor"]["id"]),
            (&done["was_main"], if told["is_main"] == true { &done["main_now"] } else { &Value::Null })
        );
    }
    let narrow = world.caller(json!({"ws": "ws_1", "role": "owner", "plan": "enterprise", "accounts": [pages[1]]}));
    let told = impact(&narrow, &pages[1], "remove").await;
    assert_eq!((&told["siblings"], &told["siblings_total"]), (&json!([]), &json!(last - 1)), "counted, not named");
    assert!(text(&told, "access_stays").is_some_and(|t| t.contains("consent")), "{told}");
}

/// S0-57, S1-25: a confirmation is good for what was shown, for the action that was shown, for five minutes.
#[tokio::test(flavor = "multi_thread")]
async fn a_confirmation_is_good_for_what_was_shown() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "x", "acme").await.remove(0);
    let path = format!("/v1/accounts/{id}/disconnect");
    let given = |impact: &Value| impact["confirm"].as_str().expect("a word").to_owned();
    let remove = given(&impact(&owner, &id, "remove").await);
    let stale = given(&impact(&owner, &id, "disconnect").await);
    for wrong in [&remove, "", "soon", "99999999999.AAAA", &format!("9{stale}")] {
        owner.post(&path, json!({"confirm": wrong})).await.is_problem(412, "version_conflict");
    }
    plan(&owner, &id).await;
    owner.post(&path, json!({"confirm": stale})).await.is_problem(412, "version_conflict");
    owner.delete(&format!("/v1/accounts/{id}?confirm={remove}")).await.is_problem(412, "version_conflict");
    let late = given(&impact(&owner, &id, "disconnect").await);
    world.advance(SignedDuration::from_mins(5));
    owner.post(&path, json!({"confirm": late})).await.is_problem(412, "version_conflict");
    let shown = impact(&owner, &id, "disconnect").await;
    assert_eq!(shown["confirm_expires_at"], "2026-11-22T10:10:00Z");
    let done = owner.post_once(&path, json!({"confirm": given(&shown)}), "once").await;
    assert_eq!(done.status, 200, "{}", done.text);
    assert_eq!(owner.post_once(&path, json!({"confirm": given(&shown)}), "once").await.body, done.body, "told again");
    let gone = given(&impact(&owner, &id, "remove").await);
    assert_eq!(owner.delete(&format!("/v1/accounts/{id}?confirm={gone}")).await.status, 202);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_impact_is_asked_for_strictly() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "x", "acme").await.remove(0);
    let path = format!("/v1/accounts/{id}/impact");
    let usual = owner.get(&path).await.body;
    assert_eq!(usual["action"], "disconnect");
    let refused = owner.get(&format!("{path}?action=explode")).await;
    refused.is_problem(422, "validation_failed");
    assert_eq!(refused.body["errors"][0]["pointer"], "/action");
    owner.get(&format!("{path}?what=remove")).await.is_problem(400, "unknown_field");
    world.owner("ws_2").get(&path).await.is_problem(404, "not_found");
    assert_eq!(world.member("ws_1", "viewer").get(&path).await.status, 200, "looking is reading");
}

/// What a lockdown or an erasure would take of a workspace, as far as the caller sees it.
#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_s_impact_counts_its_accounts_and_their_plans() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let x = world.connect(&owner, "x", "acme").await.remove(0);
    let pages = world.connect(&owner, "facebook", "demo-04").await;
    let ask = json!({"platform": "instagram", "method": "instagram_login"});
    world.consent(&owner, ask, "acme").await;
    plan(&owner, &x).await;
    plan(&owner, &pages[0]).await;
    assert_eq!(owner.post(&format!("/v1/accounts/{}/disconnect", pages[0]), json!({})).await.status, 200);
    let before = world.dump().await;
    let path = "/v1/workspaces/ws_1/impact";
    let lockdown = owner.get(path).await.body;
    assert_eq!(lockdown["action"], "lockdown");
    assert_eq!(lockdown["connected"], json!({"x": 1, "facebook": pages.len() - 1, "instagram": 1}));
    assert_eq!((&lockdown["revoked"], &lockdown["by_hand"]), (&json!(2), &json!(1)), "{lockdown}");
    assert_eq!((&lockdown["planned_counts"]["posts"], &lockdown["disconnected"]), (&json!(12), &json!(1)));
    let erase = owner.get(&format!("{path}?action=erase")).await.body;
    assert_eq!((&erase["planned_counts"]["posts"], &erase["kept"]), (&json!(24), &json!([])));
    assert!(text(&erase, "plans_end").is_some_and(|t| t.starts_with("24 scheduled posts, 2 campaigns, 2 drafts")));
    let narrow = world.caller(json!({"ws": "ws_1", "role": "owner", "plan": "enterprise", "accounts": [x]}));
    assert_eq!(narrow.get(path).await.body["connected"], json!({"x": 1}));
    owner.get(&format!("{path}?action=remove")).await.is_problem(422, "validation_failed");
    owner.get("/v1/workspaces/ws_2/impact").await.is_problem(404, "not_found");
    assert_eq!(world.dump().await, before);
}
