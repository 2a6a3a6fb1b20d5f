//! Threads accounts and the Instagram accounts that they belong to.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Caller, World, send};

async fn instagram(world: &World, owner: &Caller, person: &str) -> String {
    let ask = json!({"platform": "instagram", "method": "instagram_login"});
    let session = world.consent(owner, ask, person).await;
    session["accounts"][0]["id"].as_str().expect("an account").to_owned()
}

async fn threads(world: &World, owner: &Caller, person: &str) -> String {
    world.connect(owner, "threads", person).await.remove(0)
}

async fn tie(caller: &Caller, account: &str, to: Option<&str>) -> Answer {
    let path = format!("/v1/accounts/{account}/linked-account");
    send(caller.call(Method::PUT, &path).json(&json!({"account_id": to}))).await
}

async fn read(caller: &Caller, account: &str) -> Value {
    caller.get(&format!("/v1/accounts/{account}")).await.body
}

async fn tied(caller: &Caller, account: &str) -> Value {
    read(caller, account).await["linked_account_id"].clone()
}

/// S1-46: an equal handle proposes it, a person says so, and both show it.
#[tokio::test(flavor = "multi_thread")]
async fn an_equal_handle_is_proposed_and_a_person_ties_the_two() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let photos = instagram(&world, &owner, "demo-01").await;
    assert_eq!(read(&owner, &photos).await["linked_account_proposal"], Value::Null);
    let other = threads(&world, &owner, "demo-02").await;
    let texts = threads(&world, &owner, "demo-01").await;
    for (one, another) in [(&photos, &texts), (&texts, &photos)] {
        let proposed = read(&owner, one).await["linked_account_proposal"].clone();
        assert_eq!(proposed, json!({"id": another, "handle": "solberginteriors"}));
    }
    assert_eq!(read(&owner, &other).await["linked_account_proposal"], Value::Null, "another handle");
    assert_eq!((tied(&owner, &photos).await, tied(&owner, &texts).await), (Value::Null, Value::Null), "proposed only");

    let done = tie(&owner, &texts, Some(&photos)).await;
    assert_eq!(done.body, json!({"id": texts, "linked_account_id": photos, "etag": "\"2\""}), "{}", done.text);
    assert_eq!((tied(&owner, &photos).await, tied(&owner, &texts).await), (json!(texts), json!(photos)));
    assert_eq!(read(&owner, &photos).await["etag"], "\"2\"");
    assert_eq!(read(&owner, &photos).await["linked_account_proposal"], Value::Null);
    let list = owner.get("/v1/workspaces/ws_1/accounts?platform=instagram").await.body;
    assert_eq!(list["data"][0]["linked_account_id"], texts.as_str());
    assert_eq!(tie(&owner, &photos, Some(&texts)).await.body["etag"], "\"2\"", "it is so already");

    assert_eq!(tie(&owner, &photos, None).await.body["linked_account_id"], Value::Null);
    assert_eq!((tied(&owner, &photos).await, tied(&owner, &texts).await), (Value::Null, Value::Null), "both");
}

/// S1-47: one Threads account for each Instagram account, and one Instagram account for each on Threads.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_tied_is_not_tied_to_another_one() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let (photos, more) = (instagram(&world, &owner, "demo-01").await, instagram(&world, &owner, "demo-02").await);
    let (texts, others) = (threads(&world, &owner, "demo-03").await, threads(&world, &owner, "demo-04").await);
    assert_eq!(tie(&owner, &photos, Some(&texts)).await.status, 200);
    let before = world.dump().await;
    for (one, to) in [(&others, &photos), (&photos, &others), (&texts, &more), (&more, &texts)] {
        tie(&owner, one, Some(to)).await.is_problem(409, "linked_account_taken");
    }
    assert_eq!(world.dump().await, before);
    assert_eq!(tie(&owner, &more, Some(&others)).await.status, 200);
}

/// S1-47: thirty-two at once.
#[tokio::test(flavor = "multi_thread")]
async fn of_many_that_want_one_instagram_account_exactly_one_gets_it() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let photos = instagram(&world, &owner, "demo-01").await;
    let mut rivals = Vec::new();
    for n in 0..32 {
        let person = format!("rival-{n}");
        world
            .steer(
                Method::POST,
                "people",
                json!({"id": person, "name": person, "instagram": [{"username": format!("rival_{n}")}], "threads": {}}),
            )
            .await;
        rivals.push(threads(&world, &owner, &person).await);
    }
    let all = rivals.iter().enumerate().map(|(n, rival)| {
        let (one, to) = if n % 2 == 0 { (rival, &photos) } else { (&photos, rival) };
        tie(&owner, one, Some(to))
    });
    let all = futures::future::join_all(all).await;
    let won: Vec<usize> = (0..32).filter(|n| all[*n].status == 200).collect();
    assert_eq!(won.len(), 1, "{all:?}");
    for (n, answer) in all.iter().enumerate().filter(|(n, _)| *n != won[0]) {
        answer.is_problem(409, "linked_account_taken");
        assert_eq!(tied(&owner, &rivals[n]).await, Value::Null);
    }
    assert_eq!(tied(&owner, &photos).await, rivals[won[0]].as_str());
    assert_eq!(tied(&owner, &rivals[won[0]]).await, photos.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_threads_and_instagram_are_tied_and_only_by_who_may() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let (photos, more) = (instagram(&world, &owner, "demo-01").await, instagram(&world, &owner, "demo-02").await);
    let (texts, x) = (threads(&world, &owner, "demo-01").await, world.connect(&owner, "x", "acme").await.remove(0));
    let before = world.dump().await;
    for (one, to) in [(&photos, &more), (&photos, &photos), (&x, &photos), (&texts, &x)] {
        let refused = tie(&owner, one, Some(to)).await;
        refused.is_problem(422, "validation_failed");
        assert_eq!(refused.body["errors"][0]["pointer"], "/account_id");
    }
    for id in ["acc_1", "", &world.connect(&world.owner("ws_2"), "threads", "acme").await[0]] {
        tie(&owner, &photos, Some(id)).await.is_problem(404, "not_found");
    }
    let path = format!("/v1/accounts/{photos}/linked-account");
    send(owner.call(Method::PUT, &path).json(&json!({}))).await.is_problem(400, "invalid_request");
    let old = owner.call(Method::PUT, &path).header("if-match", "\"7\"").json(&json!({"account_id": texts}));
    send(old).await.is_problem(412, "version_conflict");
    tie(&world.member("ws_1", "analyst"), &photos, Some(&texts)).await.is_problem(403, "permission_denied");
    let left: Vec<String> = world.dump().await.into_keys().filter(|key| key.contains("ws_1")).collect();
    assert_eq!(left, before.keys().filter(|key| key.contains("ws_1")).cloned().collect::<Vec<_>>());
    assert_eq!(tied(&owner, &photos).await, Value::Null);
    assert_eq!(tie(&world.member("ws_1", "editor"), &photos, Some(&texts)).await.status, 200);
}

/// S1-48: the tie outlives a disconnect of either side, and ends with a removal.
#[tokio::test(flavor = "multi_thread")]
async fn a_tie_stays_while_disconnected_and_ends_when_one_is_removed() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let (photos, texts) = (instagram(&world, &owner, "demo-01").await, threads(&world, &owner, "demo-01").await);
    tie(&owner, &photos, Some(&texts)).await;
    assert_eq!(owner.post(&format!("/v1/accounts/{texts}/disconnect"), json!({})).await.status, 200);
    assert_eq!((tied(&owner, &photos).await, tied(&owner, &texts).await), (json!(texts), json!(photos)));
    assert_eq!(threads(&world, &owner, "demo-01").await, texts);
    assert_eq!((tied(&owner, &photos).await, tied(&owner, &texts).await), (json!(texts), json!(photos)));
    let version = read(&owner, &photos).await["etag"].clone();
    assert_eq!(owner.delete(&format!("/v1/accounts/{texts}")).await.status, 202);
    assert_eq!(tied(&owner, &photos).await, Value::Null);
    assert_ne!(read(&owner, &photos).await["etag"], version);
    let again = threads(&world, &owner, "demo-01").await;
    assert_eq!(tied(&owner, &again).await, Value::Null, "a new account");
    assert_eq!(tie(&owner, &photos, Some(&again)).await.status, 200);
    assert_eq!(owner.delete(&format!("/v1/accounts/{photos}")).await.status, 202);
    assert_eq!(tied(&owner, &again).await, Value::Null);
}
