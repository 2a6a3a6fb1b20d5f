//! Choosing from a consent that lives, by the policy `reuse_grant`.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Caller, World, send};

use super::{account, list};

async fn allow(owner: &Caller, reuse_grant: bool) -> Answer {
    let path = format!("/v1/workspaces/{}", owner.workspace());
    let body = json!({"policies": {"reuse_grant": reuse_grant}});
    send(owner.call(Method::PATCH, &path).json(&body)).await
}

async fn from_grant(owner: &Caller, ask: Value) -> Answer {
    owner.post(&format!("/v1/workspaces/{}/connect-sessions", owner.workspace()), ask).await
}

/// One page of an agency, chosen from many, and the id of its grant.
async fn one_page(world: &World, owner: &Caller) -> (String, Value) {
    let attempt = world.attempt(owner, json!({"platform": "facebook"})).await;
    attempt.land("agency").await;
    let first = attempt.selectable().await.remove(0);
    let selected = attempt.select(&[first], true).await;
    let id = selected.body["accounts"][0]["id"].as_str().expect("an id").to_owned();
    let grant = account(owner, &id).await["grant"]["id"].clone();
    (id, grant)
}

/// S1-40, S2-05: off by default, so that each account takes a consent of its own.
#[tokio::test(flavor = "multi_thread")]
async fn without_the_policy_a_consent_is_not_used_again() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let (_, grant) = one_page(&world, &owner).await;
    let calls = world.journal().await.len();
    let refused = from_grant(&owner, json!({"platform": "facebook", "from_grant": grant})).await;
    refused.is_problem(403, "permission_denied");
    assert!(refused.body["detail"].as_str().expect("a detail").contains("reuse_grant"), "{}", refused.text);
    assert_eq!(world.journal().await.len(), calls, "the platform was not asked");
}

/// S2-05: a further page from the consent that lives; nobody is asked, no token is made or lost.
#[tokio::test(flavor = "multi_thread")]
async fn a_further_page_is_chosen_from_a_living_consent() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let (first, grant) = one_page(&world, &owner).await;
    assert_eq!(allow(&owner, true).await.status, 200);
    let tokens = world.calls("token").await;
    let before = world.grant_of(&owner, &first).await;
    let access = world.tokens(&before).await.access;

    let opened = from_grant(&owner, json!({"platform": "facebook", "from_grant": grant})).await;
    assert_eq!((opened.status, &opened.body["status"]), (201, &json!("awaiting_selection")), "{}", opened.text);
    assert_eq!(opened.body["start_url"], Value::Null);
    let path = format!("/v1/connect-sessions/{}", opened.body["id"].as_str().expect("an id"));
    let candidates = owner.get(&format!("{path}/candidates")).await.body;
    let candidates = candidates["data"].as_array().expect("candidates");
    assert_eq!(candidates.len(), 30);
    assert_eq!(candidates.iter().filter(|c| c["existing_account_id"] == json!(first)).count(), 1);
    let further = candidates.iter().find(|c| c["selectable"] == true && c["existing_account_id"].is_null());
    let choice = json!({"candidate_ids": [further.expect("one more")["id"]], "done": true});
    let selected = owner.post(&format!("{path}/selection"), choice).await;
    assert_eq!(selected.status, 200, "{}", selected.text);
    let second = selected.body["accounts"][0]["id"].as_str().expect("an id");

    assert_eq!(account(&owner, second).await["grant"]["id"], grant, "the same consent");
    assert_eq!(account(&owner, &first).await["grant"]["siblings"], json!([second]));
    assert_eq!(world.calls("token").await, tokens, "no token was made");
    let after = world.grant_of(&owner, second).await;
    let kept = world.tokens(&after).await;
    assert_eq!(kept.access.expose(), access.expose());
    assert_eq!((kept.children.len(), after.expiry), (2, before.expiry));
}

/// A consent that comes in meanwhile brings newer tokens, and they are the ones that stay.
#[tokio::test(flavor = "multi_thread")]
async fn newer_tokens_are_not_overwritten_by_a_choice_from_older_ones() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let (first, grant) = one_page(&world, &owner).await;
    allow(&owner, true).await;
    let opened = from_grant(&owner, json!({"platform": "facebook", "from_grant": grant})).await;
    let path = format!("/v1/connect-sessions/{}", opened.body["id"].as_str().expect("an id"));
    assert_eq!(owner.get(&format!("{path}/candidates")).await.status, 200, "read now");
    world.advance(jiff::SignedDuration::from_hours(1));
    let again = world.consent(&owner, json!({"platform": "facebook", "account_id": first}), "agency").await;
    assert_eq!(again["status"], "completed", "{again}");
    let newer = world.grant_of(&owner, &first).await;
    let candidates = owner.get(&format!("{path}/candidates")).await.body;
    let open = candidates["data"].as_array().expect("candidates").iter();
    let further = open.clone().find(|c| c["selectable"] == true && c["existing_account_id"].is_null());
    let choice = json!({"candidate_ids": [further.expect("one more")["id"]], "done": true});
    assert_eq!(owner.post(&format!("{path}/selection"), choice).await.status, 200);
    let after = world.grant_of(&owner, &first).await;
    assert_eq!(world.tokens(&after).await.access.expose(), world.tokens(&newer).await.access.expose());
    assert_eq!(after.expiry, newer.expiry);
}

/// What has ended, is another's, or is for one account only opens nothing.
#[tokio::test(flavor = "multi_thread")]
async fn only_a_living_consent_of_ones_own_opens_a_choice() {
    let world = World::start().await;
    let (owner, other) = (world.owner("ws_1"), world.owner("ws_2"));
    let (first, grant) = one_page(&world, &owner).await;
    allow(&owner, true).await;
    allow(&other, true).await;
    let ask = json!({"platform": "facebook", "from_grant": grant});
    from_grant(&other, ask.clone()).await.is_problem(404, "not_found");
    from_grant(&owner, json!({"platform": "facebook", "from_grant": "grt_nothing"})).await.is_problem(404, "not_found");
    let narrowed = json!({"ws": "ws_1", "role": "owner", "plan": "enterprise", "accounts": []});
    from_grant(&world.caller(narrowed), ask.clone()).await.is_problem(404, "not_found");
    let choosing = from_grant(&owner, ask.clone()).await;
    assert_eq!(choosing.status, 201, "{}", choosing.text);
    let choosing = format!("/v1/connect-sessions/{}", choosing.body["id"].as_str().expect("an id"));
    let from_x = json!({"platform": "x", "from_grant": grant});
    from_grant(&owner, from_x).await.is_problem(422, "validation_failed");
    let profile = world.connect(&owner, "x", "acme").await.remove(0);
    let of_x = account(&owner, &profile).await["grant"]["id"].clone();
    from_grant(&owner, json!({"platform": "x", "from_grant": of_x})).await.is_problem(422, "capability_unsupported");

    world.event(json!({"platform": "facebook", "account": "agency", "kind": "revoke"})).await;
    owner.get(&format!("{choosing}/candidates")).await.is_problem(409, "connection_expired");
    assert_eq!(owner.post(&format!("/v1/accounts/{first}/disconnect"), json!({})).await.status, 200);
    from_grant(&owner, ask).await.is_problem(404, "not_found");
    owner.get(&format!("{choosing}/candidates")).await.is_problem(409, "connection_expired");
    assert_eq!(list(&owner).await.len(), 1);
}

/// The policies have a version of their own, and say what they are.
#[tokio::test(flavor = "multi_thread")]
async fn the_policies_are_read_and_changed_by_version() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let read = owner.get("/v1/workspaces/ws_1").await;
    assert_eq!((read.status, &read.body["policies"]["reuse_grant"]), (200, &json!(false)));
    assert_eq!((&read.body["plan"], read.header("etag")), (&json!("enterprise"), Some("\"0\"")));
    let patch = |version: &str, body: Value| {
        send(owner.call(Method::PATCH, "/v1/workspaces/ws_1").header("if-match", version).json(&body))
    };
    let on = json!({"policies": {"reuse_grant": true}});
    let patched = patch("\"0\"", on.clone()).await.body;
    assert_eq!((&patched["policies"]["reuse_grant"], &patched["etag"]), (&json!(true), &json!("\"1\"")));
    patch("\"0\"", on).await.is_problem(412, "version_conflict");
    assert_eq!(patch("\"1\"", json!({})).await.body["policies"]["reuse_grant"], true, "what is left out stays");
    world.connect(&owner, "x", "acme").await;
    let read = owner.get("/v1/workspaces/ws_1").await;
    assert_eq!((&read.body["policies"]["reuse_grant"], read.header("etag")), (&json!(true), Some("\"2\"")));
}
