//! Many copies at once.

use futures::future::join_all;
use serde_json::{Value, json};
use tests::World;

use super::{copied, copy, decide, disconnect, ida, two};

async fn grants(world: &World) -> usize {
    world.dump().await.keys().filter(|key| key.starts_with("R#")).count()
}

/// S1-33: one result for each, in the order in which they were asked for; a failure stops no other.
#[tokio::test(flavor = "multi_thread")]
async fn many_are_copied_with_a_result_for_each() {
    let world = World::start().await;
    let (a, b) = two(&world);
    let pages = world.connect(&a, "facebook", "agency").await;
    let x = world.connect(&a, "x", "acme").await.remove(0);
    disconnect(&a, &x).await;
    copied(&a, &pages[1], "ws_b").await;
    let nobody = "acc_01KAP0SGG0000000000000000A";
    let ids = json!([pages[0], pages[1], x, nobody, pages[2]]);
    let path = "/v1/workspaces/ws_a/accounts:copy";
    let body = json!({"account_ids": ids, "workspace_id": "ws_b"});
    let done = a.post_once(path, body.clone(), "one").await;
    assert_eq!(done.status, 200, "{}", done.text);
    let results = done.body["data"].as_array().expect("results");
    let told: Vec<Value> = results.iter().map(|r| json!([r["account_id"], r["error"]["code"]])).collect();
    let expected = [
        json!([pages[0], null]),
        json!([pages[1], "already_in_workspace"]),
        json!([x, "account_disconnected"]),
        json!([nobody, "not_found"]),
        json!([pages[2], null]),
    ];
    assert_eq!(told, expected);
    for made in [&results[0], &results[4]] {
        let id = made["copy_id"].as_str().expect("an id");
        assert_eq!(b.get(&format!("/v1/accounts/{id}")).await.status, 200);
    }
    let again = a.post_once(path, body, "one").await;
    assert_eq!((again.header("idempotency-replayed"), &again.body), (Some("true"), &done.body));
    assert_eq!(grants(&world).await, 1, "all pages of one person, in both workspaces");

    for (ids, pointer) in [
        (json!([]), "/account_ids"),
        (json!([pages[3], pages[3]]), "/account_ids"),
        (json!([pages[3], "acc_1"]), "/account_ids/1"),
        (vec![pages[3].as_str(); 51].into(), "/account_ids"),
    ] {
        let refused = a.post(path, json!({"account_ids": ids, "workspace_id": "ws_b"})).await;
        refused.is_problem(422, "validation_failed");
        assert_eq!(refused.body["errors"][0]["pointer"], pointer);
    }
    let elsewhere = json!({"account_ids": [pages[3]], "workspace_id": "ws_unknown"});
    a.post(path, elsewhere).await.is_problem(404, "not_found");
}

/// Of many at once one makes the row, and a limit holds whoever is faster.
#[tokio::test(flavor = "multi_thread")]
async fn copies_at_once_make_one_row_each_and_keep_within_the_plan() {
    let world = World::start().await;
    let (a, b) = two(&world);
    let pages = world.connect(&a, "facebook", "agency").await;
    let same = join_all((0..16).map(|_| copy(&a, &pages[0], "ws_b"))).await;
    assert_eq!(same.iter().filter(|answer| answer.status == 201).count(), 1);
    for refused in same.iter().filter(|answer| answer.status != 201) {
        refused.is_problem(409, "already_in_workspace");
    }
    decide(&world, "ws_b", |c| c.overrides.max_total = Some(4)).await;
    let all = join_all(pages[1..9].iter().map(|page| copy(&a, page, "ws_b"))).await;
    let made = all.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(made, 3, "{:?}", all.iter().map(|answer| answer.status).collect::<Vec<_>>());
    for refused in all.iter().filter(|answer| answer.status != 201) {
        refused.is_problem(403, "plan_limit_reached");
    }
    let limits = b.get("/v1/workspaces/ws_b/limits").await.body;
    assert_eq!(limits["total"]["used"], 4, "{limits}");
    let listed = b.get("/v1/workspaces/ws_b/accounts").await.body;
    let mains: Vec<_> = listed["data"].as_array().expect("accounts").iter().filter(|a| a["is_main"] == true).collect();
    assert_eq!((listed["data"].as_array().map(Vec::len), mains.len()), (Some(4), 1));
}

/// CHK-S14: an account copied on X, whose refresh tokens can be used once, is refreshed a hundred times from each side, in
/// turn and at once, while time passes: no token is used twice, and both can be used at the end.
#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_refreshes_of_a_shared_consent_spend_no_token_twice() {
    let world = World::start().await;
    let (a, _) = two(&world);
    let source = world.connect(&a, "x", "acme").await.remove(0);
    let id = copied(&a, &source, "ws_b").await;
    let refreshed = world.count("refreshed").await;
    for round in 0..100 {
        // A token that the SaaS made lives for some hours.
        let (a, b) = two(&world);
        let here = format!("/v1/accounts/{source}/refresh");
        let there = format!("/v1/accounts/{id}/refresh");
        let (one, other) = if round % 2 == 0 {
            tokio::join!(a.post(&here, json!({})), b.post(&there, json!({})))
        } else {
            (a.post(&here, json!({})).await, b.post(&there, json!({})).await)
        };
        assert_eq!((one.status, other.status), (200, 200), "round {round}: {} {}", one.text, other.text);
        if round % 10 == 9 {
            world.advance(jiff::SignedDuration::from_hours(3));
            world.job("sweep").await;
        }
    }
    assert!(world.count("refreshed").await >= refreshed + 100);
    assert_eq!(world.count("refused:reused_family_killed").await, 0);
    assert_eq!(world.count("refused:reused").await, 0);
    let (a, b) = two(&world);
    let (one, other) = (world.lease(&a, &source).await, world.lease(&b, &id).await);
    assert_eq!((one.status, other.status), (201, 201), "{} {}", one.text, other.text);
    let token = one.body["access_token"].as_str().expect("a token").to_owned();
    let me = world.ask_platform("api.x.com/2/users/me", &domain::Secret::new(token)).await;
    assert_eq!(me.status, 200, "{}", me.text);
    let third = ida(&world, "ws_c", &[]);
    third.get(&format!("/v1/accounts/{id}")).await.is_problem(404, "not_found");
}
