//! What a publisher plans with an account: reported, kept beside it, and told to whoever looks.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Caller, World, send};

async fn put(caller: &Caller, account: &str, body: &Value) -> Answer {
    send(caller.call(Method::PUT, &format!("/v1/accounts/{account}/usage")).json(body)).await
}

async fn get(caller: &Caller, account: &str) -> Answer {
    caller.get(&format!("/v1/accounts/{account}/usage")).await
}

fn posts(times: &[&str]) -> Value {
    times.iter().enumerate().map(|(n, at)| json!({"id": format!("post-{n}"), "at": at})).collect()
}

fn many(count: usize) -> Value {
    (0..count).map(|n| json!({"id": format!("{n}"), "name": "One"})).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_takes_the_place_of_the_one_before() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "x", "acme").await.remove(0);
    let none = get(&owner, &id).await;
    assert_eq!((none.status, none.header("etag")), (200, Some("\"0\"")));
    let nothing =
        json!({"posts_after_expiry": 0, "first_at": null, "reauth_due_at": none.body["risk"]["reauth_due_at"]});
    assert_eq!((&none.body["scheduled_posts"], &none.body["reported_at"]), (&json!([]), &Value::Null));
    assert_eq!(none.body["risk"], nothing);

    let late = json!({
        "scheduled_posts": posts(&["2026-12-01T09:00:00Z", "2026-11-22T09:00:00Z", "2026-11-23T09:00:00+01:00"]),
        "campaigns": [{"id": "c1", "name": "  Advent\u{202e} "}],
        "automations": [{"id": "a1", "name": "Weekly review"}],
        "drafts": ["d1", "d2"],
    });
    let told = put(&owner, &id, &late).await;
    assert_eq!((told.status, told.header("etag")), (200, Some("\"1\"")), "{}", told.text);
    let ahead = json!([{"id": "post-2", "at": "2026-11-23T08:00:00Z"}, {"id": "post-0", "at": "2026-12-01T09:00:00Z"}]);
    assert_eq!(told.body["scheduled_posts"], ahead, "the next one first, and none that is past");
    assert_eq!((&told.body["campaigns"][0]["name"], &told.body["drafts"]), (&json!("Advent"), &json!(2)));
    assert_eq!(told.body["reported_at"], tests::BEGINNING);
    assert_eq!(get(&owner, &id).await.body, told.body);

    let shown = owner.get(&format!("/v1/accounts/{id}")).await.body["usage"].clone();
    let counts = json!({"posts": 2, "first_at": "2026-11-23T08:00:00Z", "campaigns": 1, "automations": 1, "drafts": 2});
    assert_eq!((&shown["planned"], &shown["risk"]), (&counts, &told.body["risk"]));
    assert_eq!((&shown["leases_7d"], &shown["unused_since"]), (&json!(0), &Value::Null), "connected a moment ago");
    world.advance(SignedDuration::from_hours(24 * 8));
    let owner = world.owner("ws_1");
    let later = owner.get(&format!("/v1/accounts/{id}")).await.body["usage"].clone();
    assert_eq!((&later["planned"]["posts"], &later["unused_since"]), (&json!(1), &json!(tests::BEGINNING)));
    assert_eq!(world.lease(&owner, &id).await.status, 201);
    assert_eq!(owner.get(&format!("/v1/accounts/{id}")).await.body["usage"]["unused_since"], Value::Null);

    let empty = put(&owner, &id, &json!({})).await;
    assert_eq!((empty.header("etag"), &empty.body["campaigns"]), (Some("\"2\""), &json!([])));
    let list = owner.get("/v1/workspaces/ws_1/accounts").await;
    assert_eq!(list.body["data"][0]["usage"], Value::Null, "lists do not read it");
}

/// What fails is what is due when a person must have acted, and all of it once the account has ended.
#[tokio::test(flavor = "multi_thread")]
async fn the_risk_is_what_comes_after_the_account_s_end() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let page = world.connect(&owner, "facebook", "acme").await.remove(0);
    let due = owner.get(&format!("/v1/accounts/{page}")).await.body["grant"]["reauth_due_at"].clone();
    assert_eq!(due, "2027-02-20T10:00:00Z");
    let times = ["2027-02-20T09:59:59Z", "2027-02-20T10:00:00Z", "2027-03-01T10:00:00Z"];
    let told = put(&owner, &page, &json!({"scheduled_posts": posts(&times)})).await;
    let risk = json!({"posts_after_expiry": 2, "first_at": times[1], "reauth_due_at": due});
    assert_eq!(told.body["risk"], risk, "{}", told.text);

    world.event(json!({"platform": "facebook", "account": "acme", "kind": "revoke"})).await;
    world.advance(SignedDuration::from_hours(24));
    world.job("sweep").await;
    let owner = world.owner("ws_1");
    assert_eq!(world.health(&owner, &page).await["state"], "expired");
    assert_eq!(get(&owner, &page).await.body["risk"]["posts_after_expiry"], 3);
    let (kind, expired) = world.told(&page).pop().expect("an event");
    assert_eq!((kind.as_str(), &expired["data"]["effects"]), ("account.expired", &json!(["fail_scheduled_posts"])));
    let counts = json!({"posts": 3, "first_at": times[0], "campaigns": 0, "automations": 0, "drafts": 0});
    assert_eq!(expired["data"]["planned"], counts);
    // The publisher tells what became of its posts, whatever the account is.
    assert_eq!(owner.post(&format!("/v1/accounts/{page}/disconnect"), json!({})).await.status, 200);
    assert_eq!(get(&owner, &page).await.body["risk"]["first_at"], times[0]);
    assert_eq!(put(&owner, &page, &json!({})).await.body["risk"]["posts_after_expiry"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_is_none_is_refused_and_changes_nothing() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "x", "acme").await.remove(0);
    let good = json!({"campaigns": many(100), "drafts": 3});
    assert_eq!(put(&world.member("ws_1", "editor"), &id, &good).await.status, 200);
    let before = world.dump().await;
    let long = "n".repeat(101);
    let fifty: Vec<String> = vec!["2027-01-01T10:00:00Z".to_owned(); 501];
    let fifty: Vec<&str> = fifty.iter().map(String::as_str).collect();
    for (wrong, pointer) in [
        (json!({"scheduled_posts": posts(&fifty)}), "/scheduled_posts"),
        (json!({"campaigns": many(101)}), "/campaigns"),
        (json!({"automations": many(101)}), "/automations"),
        (json!({"automations": [{"id": "a", "name": long}]}), "/automations/0/name"),
        (json!({"campaigns": [{"id": "a", "name": " "}]}), "/campaigns/0/name"),
        (json!({"campaigns": [{"id": "", "name": "A"}]}), "/campaigns/0/id"),
        (json!({"campaigns": [{"id": "a", "name": "A"}, {"id": "a", "name": "B"}]}), "/campaigns/1/id"),
        (json!({"scheduled_posts": [{"id": long, "at": "2027-01-01T10:00:00Z"}]}), "/scheduled_posts/0/id"),
    ] {
        let refused = put(&owner, &id, &wrong).await;
        refused.is_problem(422, "validation_failed");
        assert_eq!(refused.body["errors"][0]["pointer"], pointer);
    }
    put(&owner, &id, &json!({"drafts": -1})).await.is_problem(400, "invalid_request");
    put(&owner, &id, &json!({"scheduled_posts": [{"id": "a", "at": "soon"}]})).await.is_problem(400, "invalid_request");
    put(&owner, &id, &json!({"stories": 3})).await.is_problem(400, "unknown_field");
    put(&owner, &id, &json!({"campaigns": [{"id": "a", "name": "A", "url": "x"}]}))
        .await
        .is_problem(400, "unknown_field");
    put(&world.member("ws_1", "analyst"), &id, &good).await.is_problem(403, "permission_denied");
    put(&world.owner("ws_2"), &id, &good).await.is_problem(404, "not_found");
    let path = format!("/v1/accounts/{id}/usage");
    let call = |tag: &str| send(owner.call(Method::PUT, &path).header("if-match", tag.to_owned()).json(&good));
    call("\"0\"").await.is_problem(412, "version_conflict");
    assert_eq!(world.dump().await, before);
    assert_eq!(call("\"1\"").await.header("etag"), Some("\"2\""));
    // Told again under its key, it is one report.
    let once = |body: Value| {
        let call = owner.call(Method::PUT, &path).header("idempotency-key", "one").json(&body);
        send(call)
    };
    let first = once(good.clone()).await;
    let again = once(good.clone()).await;
    assert_eq!((&first.body, first.header("etag")), (&again.body, again.header("etag")));
    assert_eq!((again.header("idempotency-replayed"), first.header("etag")), (Some("true"), Some("\"3\"")));
    // A whole report fits.
    let ids = |n: usize| format!("{n:064}");
    let whole: Vec<Value> = (0..500).map(|n| json!({"id": ids(n), "at": "2027-01-01T10:00:00Z"})).collect();
    assert_eq!(put(&owner, &id, &json!({"scheduled_posts": whole})).await.status, 200);
    assert_eq!(get(&owner, &id).await.body["scheduled_posts"].as_array().map(Vec::len), Some(500));
}

/// S3-63: what nobody used for a month is found, and goes.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_unused_can_be_found_and_removed() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let mut ids = Vec::new();
    for person in ["acme", "demo-01", "demo-02"] {
        ids.extend(world.connect(&owner, "x", person).await);
    }
    world.advance(SignedDuration::from_hours(24 * 31));
    let owner = world.owner("ws_1");
    assert_eq!(world.lease(&owner, &ids[1]).await.status, 201);
    let since = world.now() - SignedDuration::from_hours(24 * 30);
    let unused = owner.get(&format!("/v1/workspaces/ws_1/accounts?sort=connected_at&unused_since={since}")).await.body;
    let found: Vec<&str> =
        unused["data"].as_array().expect("a list").iter().map(|a| a["id"].as_str().expect("an id")).collect();
    assert_eq!(found.iter().copied().collect::<BTreeSet<_>>(), BTreeSet::from([ids[0].as_str(), &ids[2]]));
    for id in found {
        assert_eq!(owner.delete(&format!("/v1/accounts/{id}")).await.status, 202);
        owner.get(&format!("/v1/accounts/{id}")).await.is_problem(404, "not_found");
    }
    let left = owner.get("/v1/workspaces/ws_1/accounts").await.body;
    assert_eq!((left["data"].as_array().map(Vec::len), &left["data"][0]["id"]), (Some(1), &json!(ids[1])));
}
