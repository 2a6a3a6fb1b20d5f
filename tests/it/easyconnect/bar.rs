//! What ends a link ends it at once, whoever is on the way; and its last use, its last place in the plan and its
//! password are each taken by as many as there are.

use std::collections::BTreeMap;

use futures::future::join_all;
use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::{Answer, Caller, World};

use super::{Client, Link, SESSIONS, VISITS, accounts, for_x};

/// What can end a link.
const ENDS: [&str; 6] = ["paused", "deleted", "rotated", "expired", "locked down", "another platform"];

/// A link that ends by itself within the time of an attempt.
async fn ending(world: &World, owner: &Caller) -> Link {
    let link = Link::make(owner, json!({"title": "Acme", "expires_in": "PT1H", "items": [{"platform": "x"}]})).await;
    world.advance(SignedDuration::from_mins(58));
    link
}

async fn end(world: &World, owner: &Caller, link: &Link, how: &str) {
    let status = match how {
        "paused" => link.patch(owner, json!({"enabled": false})).await.status,
        "deleted" => owner.delete(&link.path()).await.status,
        "rotated" => owner.post(&format!("{}/rotate", link.path()), json!({})).await.status,
        "locked down" => owner.post(&format!("/v1/workspaces/{}/lockdown", owner.workspace()), json!({})).await.status,
        "another platform" => link.patch(owner, json!({"items": [{"platform": "facebook"}]})).await.status,
        _ => {
            world.advance(SignedDuration::from_mins(3));
            200
        }
    };
    assert!(status < 300, "{how}: {status}");
}

/// Fails if anything of a consent is kept.
async fn nothing_came_of_it(world: &World, owner: &Caller, how: &str) {
    assert_eq!(accounts(owner).await.len(), 0, "{how}");
    let kept: Vec<_> =
        world.dump().await.into_keys().filter(|key| key.contains("acc_") || key.contains("grt_")).collect();
    assert!(kept.is_empty(), "{how}: {kept:?}");
}

/// CHK-E5: a link that ends while its client is at the platform.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_ends_during_the_consent_connects_nothing() {
    for how in ENDS {
        let world = World::start().await;
        let owner = world.owner("ws_1");
        let link = ending(&world, &owner).await;
        let client = Client::open(&world, &link).await;
        let (id, start_url) = client.begin(json!({"item": 1})).await;
        let authorize = client.browser.press_continue(&start_url).await;
        let callback = client.browser.answer(&authorize, &[("person", "acme"), ("decision", "approve")]).await;
        end(&world, &owner, &link, how).await;
        client.browser.go(&callback).await;
        let session = owner.get(&format!("/v1/connect-sessions/{id}")).await.body;
        if how == "rotated" {
            // The attempt itself goes on, and nobody is left who could choose in it.
            client.caller.get(&format!("{SESSIONS}/{id}/candidates")).await.is_problem(404, "not_found");
            world.advance(SignedDuration::from_hours(25));
            world.job("sweep").await;
        } else {
            assert!(["failed", "cancelled"].contains(&session["status"].as_str().expect("one")), "{how}: {session}");
        }
        nothing_came_of_it(&world, &owner, how).await;
    }
}

/// CHK-E5: a link that ends while its client chooses.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_ends_before_the_choice_connects_nothing() {
    for how in ENDS {
        let world = World::start().await;
        let owner = world.owner("ws_1");
        let link = ending(&world, &owner).await;
        let client = Client::open(&world, &link).await;
        let id = client.consent(json!({"item": 1}), "acme").await;
        let open = client.selectable(&id).await;
        assert_eq!(open.len(), 1);
        end(&world, &owner, &link, how).await;
        let chosen = client.choose(&id, &open).await;
        let code = match how {
            "paused" => (410, "link_disabled"),
            "expired" => (410, "link_expired"),
            "another platform" => (409, "account_mismatch"),
            _ => (404, "not_found"),
        };
        chosen.is_problem(code.0, code.1);
        assert_eq!(accounts(&owner).await.len(), 0, "{how}");
        // What the consent gave is ended when nobody can choose any more.
        world.advance(SignedDuration::from_hours(25));
        world.job("sweep").await;
        nothing_came_of_it(&world, &owner, how).await;
    }
}

/// CHK-E5: a link that ended begins nothing, and whoever holds its true secret is told why.
#[tokio::test(flavor = "multi_thread")]
async fn an_ended_link_begins_nothing() {
    for (how, status, code) in [
        ("paused", 410, "link_disabled"),
        ("deleted", 404, "not_found"),
        ("rotated", 404, "not_found"),
        ("expired", 410, "link_expired"),
        ("locked down", 404, "not_found"),
    ] {
        let world = World::start().await;
        let owner = world.owner("ws_1");
        let link = ending(&world, &owner).await;
        let client = Client::open(&world, &link).await;
        let (_, start_url) = client.begin(json!({"item": 1})).await;
        end(&world, &owner, &link, how).await;
        world.nobody().post(VISITS, json!({"token": link.secret()})).await.is_problem(status, code);
        client.caller.post(SESSIONS, json!({"item": 1})).await.is_problem(status, code);
        // Nor does the attempt that was made before go to the platform.
        let going = client.browser.submit(&start_url, &[]).await;
        if how != "rotated" {
            assert!(going.status >= 400, "{how}: {} {:?}", going.status, going.location());
        }
        assert_eq!(world.journal().await.len(), 0, "{how}");
    }
}

/// Many clients of one link, each with an account of their own, at the moment of the choice.
async fn at_the_choice(world: &World, link: &Link, many: usize) -> Vec<(Client, String, Vec<String>)> {
    let mut all = Vec::new();
    for n in 0..many {
        let person = format!("client-{n:02}");
        let account = json!({"username": format!("client{n:02}")});
        world.add_person(json!({"id": person, "name": person, "x": account})).await;
        let client = Client::open(world, link).await;
        let id = client.consent(json!({"item": 1}), &person).await;
        let open = client.selectable(&id).await;
        assert_eq!(open.len(), 1);
        all.push((client, id, open));
    }
    all
}

/// How many got each status and code.
fn outcomes(answers: &[Answer]) -> BTreeMap<(u16, String), usize> {
    let mut counted = BTreeMap::new();
    for answer in answers {
        let code = answer.body["code"].as_str().unwrap_or_default().to_owned();
        *counted.entry((answer.status, code)).or_insert(0) += 1;
    }
    counted
}

/// CHK-E5: 64 clients at once, and one use is left.
#[tokio::test(flavor = "multi_thread")]
async fn the_last_use_is_taken_once() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let mut asks = for_x();
    asks["max_connections"] = 1.into();
    asks["allowed_platforms"] = json!(["x"]);
    let link = Link::make(&owner, asks).await;
    let all = at_the_choice(&world, &link, 64).await;
    let answers = join_all(all.iter().map(|(client, id, open)| client.choose(id, open))).await;
    let counted = outcomes(&answers);
    assert_eq!(counted.get(&(200, String::new())), Some(&1), "{counted:?}");
    let refused = counted
        .keys()
        .filter(|(status, _)| *status != 200)
        .all(|(_, code)| ["link_exhausted", "busy"].contains(&code.as_str()));
    assert!(refused, "{counted:?}");
    assert_eq!(accounts(&owner).await.len(), 1);
    let now = link.now(&owner).await;
    assert_eq!((&now["funnel"]["connected"], &now["status"]), (&json!(1), &json!("completed")));
    // Whoever connected it before can connect it again.
    let winner = answers.iter().position(|answer| answer.status == 200).expect("one");
    let again = all[winner].0.connect(json!({"item": 1}), &format!("client-{winner:02}")).await;
    assert_eq!(again.status, 200, "{}", again.text);
    assert_eq!(accounts(&owner).await.len(), 1);
}

/// CHK-E6: 64 clients at once, and one place is left in the plan.
#[tokio::test(flavor = "multi_thread")]
async fn the_plans_last_place_is_taken_once() {
    let world = World::start().await;
    let owner = world.caller(json!({"ws": "ws_1", "role": "owner"}));
    let mut asks = for_x();
    asks["allowed_platforms"] = json!(["x"]);
    let link = Link::make(&owner, asks).await;
    let all = at_the_choice(&world, &link, 64).await;
    let answers = join_all(all.iter().map(|(client, id, open)| client.choose(id, open))).await;
    let counted = outcomes(&answers);
    assert_eq!(counted.get(&(200, String::new())), Some(&1), "{counted:?}");
    let refused = counted
        .keys()
        .filter(|(status, _)| *status != 200)
        .all(|(_, code)| ["plan_limit_reached", "busy"].contains(&code.as_str()));
    assert!(refused, "{counted:?}");
    assert_eq!(accounts(&owner).await.len(), 1);
    assert_eq!(owner.get("/v1/workspaces/ws_1/limits").await.body["total"]["used"], 1);
}

/// CHK-E6: a platform that the link does not ask for is refused at the start, and what it no longer asks for when it is
/// to be connected.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_connects_on_no_other_platform() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let asks = json!({"title": "Acme", "items": [{"platform": "x"}], "allowed_platforms": ["x", "facebook"]});
    let link = Link::make(&owner, asks).await;
    let client = Client::open(&world, &link).await;
    for wanted in [json!({"platform": "reddit"}), json!({"platform": "linkedin"}), json!({"platform": "nowhere"})] {
        client.caller.post(SESSIONS, wanted).await.is_problem(422, "validation_failed");
    }
    for wanted in [json!({"item": 2}), json!({"item": 0}), json!({"item": 65535})] {
        client.caller.post(SESSIONS, wanted).await.is_problem(404, "not_found");
    }
    for wanted in [json!({"item": 1, "platform": "reddit"}), json!({}), json!({"item": 1, "method": "reddit_login"})] {
        let refused = client.caller.post(SESSIONS, wanted.clone()).await;
        assert!(refused.status == 422 || refused.status == 201, "{wanted}: {}", refused.text);
    }
    let id = client.consent(json!({"platform": "facebook"}), "acme").await;
    let open = client.selectable(&id).await;
    assert_eq!(link.patch(&owner, json!({"allowed_platforms": ["x"]})).await.status, 200);
    client.choose(&id, &open[..1]).await.is_problem(409, "account_mismatch");
    assert_eq!(accounts(&owner).await, Vec::<Value>::new());
    let back = client.connect(json!({"item": 1}), "acme").await;
    assert_eq!(back.status, 200, "{}", back.text);
}

fn locked() -> Value {
    json!({"title": "Acme", "password": "the right word", "items": [{"platform": "x"}]})
}

/// CHK-E5: five wrong passwords lock the link for fifteen minutes, for the right one too.
#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_passwords_lock_the_link_for_fifteen_minutes() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let link = Link::make(&owner, locked()).await;
    let nobody = world.nobody();
    let tried = async |word: &str| nobody.post(VISITS, json!({"token": link.secret(), "password": word})).await;
    for left in (0..5).rev() {
        let wrong = tried("a wrong word").await;
        wrong.is_problem(401, "link_password_wrong");
        let told =
            ["The link takes none for fifteen minutes now.", "One try is left.", "2 tries", "3 tries", "4 tries"][left];
        assert!(wrong.body["detail"].as_str().expect("words").contains(told), "{}", wrong.text);
    }
    for word in ["a wrong word", "the right word"] {
        let refused = tried(word).await;
        refused.is_problem(429, "link_locked");
        assert_eq!(refused.header("retry-after"), Some("900"));
    }
    world.advance(SignedDuration::from_secs(15 * 60 - 1));
    tried("the right word").await.is_problem(429, "link_locked");
    world.advance(SignedDuration::from_secs(1));
    assert_eq!(tried("the right word").await.status, 201);
    // The tries are all there again.
    assert!(tried("a wrong word").await.text.contains("4 tries"));
    assert_eq!(link.now(&owner).await["funnel"]["password_wrong"], 6);
}

/// CHK-E5: 64 wrong passwords at once are no more than five tries.
#[tokio::test(flavor = "multi_thread")]
async fn many_passwords_at_once_are_five_tries() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let link = Link::make(&owner, locked()).await;
    let nobody = world.nobody();
    let answers = join_all((0..64).map(|n| {
        let password = if n == 63 { "the right word".to_owned() } else { format!("wrong word {n}") };
        nobody.post(VISITS, json!({"token": link.secret(), "password": password}))
    }));
    let counted = outcomes(&answers.await);
    let tried = counted.iter().filter(|((_, code), _)| code != "link_locked").map(|(_, n)| n).sum::<usize>();
    // Where the right one was among the five, it gave the tries back once.
    let most = if counted.contains_key(&(201, String::new())) { 10 } else { 5 };
    assert!(tried <= most && tried >= 5, "{counted:?}");
    nobody
        .post(VISITS, json!({"token": link.secret(), "password": "the right word"}))
        .await
        .is_problem(429, "link_locked");
}
