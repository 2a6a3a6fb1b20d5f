//! A plan that the SaaS sets: who is suspended when it becomes smaller, and who comes back.

use std::collections::BTreeSet;

use domain::{Account, AccountId, WorkspaceId, health};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Caller, FINE, Options, World, send};

const WS: &str = "/v1/workspaces/ws_1";

/// The SaaS's backend, which may set the plan.
pub async fn backend(world: &World, workspace: &str) -> Caller {
    let ask = json!({"name": "backend", "scopes": ["workspace:write", "accounts:read"]});
    let made = world.owner(workspace).post(&format!("/v1/workspaces/{workspace}/api-keys"), ask).await;
    assert_eq!(made.status, 201, "{}", made.text);
    world.nobody().with_token(made.body["key"].as_str().expect("a key"))
}

pub async fn patch(caller: &Caller, workspace: &str, body: Value) -> Answer {
    send(caller.call(Method::PATCH, &format!("/v1/workspaces/{workspace}")).json(&body)).await
}

/// Sets it, and answers with how many are suspended then.
async fn set(backend: &Caller, body: Value) -> Value {
    let set = patch(backend, "ws_1", body).await;
    assert_eq!(set.status, 200, "{}", set.text);
    set.body["suspended"].clone()
}

/// X profiles of these people, a second apart.
async fn on_x(world: &World, owner: &Caller, people: &[&str]) -> Vec<String> {
    let mut ids = Vec::new();
    for person in people {
        ids.extend(world.connect(owner, "x", person).await);
        world.advance(SignedDuration::from_secs(1));
    }
    ids
}

fn ids(list: &Value) -> Vec<&str> {
    list.as_array().expect("a list").iter().map(|one| one["id"].as_str().expect("an id")).collect()
}

async fn limits(caller: &Caller) -> Value {
    caller.get(&format!("{WS}/limits")).await.body
}

/// Those that are suspended, the next one to come back first.
async fn suspended(caller: &Caller) -> Vec<String> {
    ids(&limits(caller).await["suspended"]).into_iter().map(str::to_owned).collect()
}

/// What was told of an account being suspended, and of its coming back.
fn told(world: &World) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let told = world
        .published()
        .into_iter()
        .filter(|event| event["type"] == "account.suspended" || event["data"]["from"] == "suspended_by_plan");
    told.map(|event| (text(&event["type"]), text(&event["account_id"]))).collect()
}

/// Nothing is deleted; the newest are suspended first and main ones last, and they come back the other way
/// round.
#[tokio::test(flavor = "multi_thread")]
async fn a_smaller_plan_suspends_the_newest_first_and_a_larger_one_brings_them_back() {
    let world = World::start().await;
    let (owner, backend) = (world.owner("ws_1"), backend(&world, "ws_1").await);
    let x = on_x(&world, &owner, &["acme", "mallory", "analyst"]).await;
    let page = world.connect(&owner, "facebook", "acme").await.remove(0);
    assert_eq!(owner.put(&format!("/v1/accounts/{}/main", x[1])).await.status, 200);
    let next = limits(&owner).await;
    assert_eq!(ids(&next["next_suspended"]), [&x[2], &x[0], &page, &x[1]], "main ones last");
    assert_eq!((&next["suspended"], &next["suspended_count"]), (&json!([]), &json!(0)));

    assert_eq!(set(&backend, json!({"plan": "starter"})).await, 0);
    world.advance(SignedDuration::from_mins(1));
    assert_eq!(set(&backend, json!({"plan": "free"})).await, 2);
    let [first, last] = [&x[0], &x[2]];
    let held = limits(&owner).await;
    assert_eq!((&held["plan"], &held["suspended_count"]), (&json!("free"), &json!(2)));
    let row = |id: &str, name: &str| json!({"id": id, "name": name, "platform": "x", "since": "2026-11-22T10:01:03Z"});
    assert_eq!(held["suspended"], json!([row(first, "Acme"), row(last, "Ana Lyst")]), "the oldest comes back first");
    assert_eq!(ids(&held["next_suspended"]), [&page, &x[1]]);
    assert_eq!(held["total"], json!({"limit": 3, "used": 4}), "they hold their places");

    // They are in every list, as what they are.
    let listed = owner.get(&format!("{WS}/accounts")).await.body;
    let state = |id: &str| {
        let found = listed["data"].as_array().expect("a list").iter().find(|a| a["id"] == id).expect("the account");
        found["health"]["state"].as_str().expect("a state").to_owned()
    };
    assert_eq!([state(first), state(last)], ["suspended", "suspended"]);
    assert_ne!(state(&x[1]), "suspended");
    let health = owner.get(&format!("/v1/accounts/{last}/health")).await.body;
    assert_eq!((&health["state"], &health["reasons"][0]["code"]), (&json!("suspended"), &json!("suspended_by_plan")));
    assert_eq!(health["action"]["id"], "upgrade", "{health}");

    // Nobody gets a token of theirs, and signing in again is not what helps.
    let lease = owner.post(&format!("/v1/accounts/{last}/credential-leases"), json!({"purpose": "publish"})).await;
    lease.is_problem(409, "account_not_usable");
    assert_eq!(lease.body["action"], json!({"kind": "upgrade", "url": null}));
    let main = owner.put(&format!("/v1/accounts/{last}/main")).await;
    main.is_problem(409, "account_not_usable");
    assert_eq!(main.body["action"]["kind"], "upgrade");
    let used = owner.post(&format!("/v1/accounts/{}/credential-leases", x[1]), json!({"purpose": "publish"})).await;
    assert_eq!(used.status, 201, "{}", used.text);

    assert_eq!(set(&backend, json!({"overrides": {"max_per_platform": 2}})).await, 1);
    assert_eq!(suspended(&owner).await, std::slice::from_ref(last), "a limit of its own is in place of the plan's");
    assert_eq!(set(&backend, json!({"plan": "starter", "overrides": null})).await, 0);
    let again = owner.post(&format!("/v1/accounts/{last}/credential-leases"), json!({"purpose": "publish"})).await;
    assert_eq!(again.status, 201, "{}", again.text);
    let (out, back) = ("account.suspended".to_owned(), "account.recovered".to_owned());
    let expected =
        [(out.clone(), last.clone()), (out, first.clone()), (back.clone(), first.clone()), (back, last.clone())];
    assert_eq!(told(&world), expected);
    let episodes: BTreeSet<String> = world
        .published()
        .iter()
        .filter(|e| e["account_id"] == *last && e["episode_id"].is_string())
        .map(|e| e["episode_id"].to_string())
        .collect();
    assert_eq!(episodes.len(), 1, "its suspension is one trouble, from its beginning to its end");
    let sequences: Vec<u64> = world
        .published()
        .iter()
        .filter(|e| e["account_id"] == *last)
        .map(|e| e["sequence"].as_u64().expect("a number"))
        .collect();
    assert_eq!(sequences, [1, 2, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_chooses_whom_the_plan_keeps() {
    let world = World::start().await;
    let (owner, backend) = (world.owner("ws_1"), backend(&world, "ws_1").await);
    let x = on_x(&world, &owner, &["acme", "mallory", "analyst"]).await;
    assert_eq!(set(&backend, json!({"plan": "free", "keep_accounts": [x[2]]})).await, 2);
    assert_eq!(suspended(&owner).await, [x[0].clone(), x[1].clone()]);
    // The owner themselves may change their mind, with no more places than there are.
    let other = patch(&owner, "ws_1", json!({"keep_accounts": [x[1]]})).await;
    assert_eq!((other.status, &other.body["suspended"]), (200, &json!(2)), "{}", other.text);
    assert_eq!(suspended(&owner).await, [x[0].clone(), x[2].clone()], "a main one first");
    let before = world.dump().await;
    let too_many = patch(&owner, "ws_1", json!({"keep_accounts": [x[0], x[1]]})).await;
    too_many.is_problem(422, "validation_failed");
    assert_eq!(too_many.body["errors"][0]["pointer"], "/keep_accounts");
    let foreign = world.connect(&world.owner("ws_2"), "x", "demo-01").await.remove(0);
    let (gone, unknown) = (AccountId::new(world.now(), [9; 16]).to_string(), "acc_1".to_owned());
    for id in [foreign, gone, unknown] {
        let refused = patch(&owner, "ws_1", json!({"keep_accounts": [x[0], id]})).await;
        refused.is_problem(422, "validation_failed");
        assert_eq!(refused.body["errors"][0]["pointer"], "/keep_accounts/1");
        assert_eq!(refused.body["errors"][0]["code"], "unknown");
    }
    let admin = patch(&world.member("ws_1", "admin"), "ws_1", json!({"keep_accounts": [x[0]]})).await;
    admin.is_problem(403, "permission_denied");
    let of_ws_1 = |dump: std::collections::BTreeMap<String, Value>| -> Vec<_> {
        dump.into_iter().filter(|(key, _)| key.contains("ws_1")).collect()
    };
    assert_eq!(of_ws_1(world.dump().await), of_ws_1(before), "nothing was changed");
}

/// A place that gets free goes to who is suspended: a main one first, else the oldest.
#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_gets_free_brings_the_next_one_back() {
    let world = World::start().await;
    let (owner, backend) = (world.owner("ws_1"), backend(&world, "ws_1").await);
    let x = on_x(&world, &owner, &["acme", "mallory", "analyst", "agency"]).await;
    assert_eq!(set(&backend, json!({"plan": "enterprise", "overrides": {"max_total": 2}})).await, 2);
    assert_eq!(suspended(&owner).await, [x[2].clone(), x[3].clone()]);
    // Who is suspended frees a place too, and nobody comes back for it.
    assert_eq!(owner.post(&format!("/v1/accounts/{}/disconnect", x[3]), json!({})).await.status, 200);
    assert_eq!(suspended(&owner).await, [x[2].clone()]);
    assert_eq!(limits(&owner).await["suspended_count"], 1);
    // The main one goes: of the two that are left one is usable, and becomes main; the other one comes back.
    assert_eq!(owner.delete(&format!("/v1/accounts/{}", x[0])).await.status, 202);
    assert_eq!(suspended(&owner).await, Vec::<String>::new());
    assert_eq!(owner.get(&format!("{WS}/accounts/main")).await.body["data"]["x"]["id"], json!(x[1]));
    // Who was disconnected while it was suspended comes back as any other, as soon as there is room.
    let ask = json!({"platform": "x", "account_id": x[3]});
    owner.post(&format!("{WS}/connect-sessions"), ask).await.is_problem(403, "plan_limit_reached");
    assert_eq!(owner.post(&format!("/v1/accounts/{}/disconnect", x[1]), json!({})).await.status, 200);
    assert_eq!(world.connect(&owner, "x", "agency").await, [x[3].clone()]);
    assert_eq!(owner.get(&format!("/v1/accounts/{}", x[3])).await.body["health"]["state"], FINE);
}

/// Signing in again heals a suspended account, and gives it no place.
#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_account_that_is_connected_again_stays_suspended() {
    let world = World::start().await;
    let (owner, backend) = (world.owner("ws_1"), backend(&world, "ws_1").await);
    let x = on_x(&world, &owner, &["acme", "mallory"]).await;
    assert_eq!(set(&backend, json!({"plan": "free"})).await, 1);
    let session = world.consent(&owner, json!({"platform": "x", "account_id": x[1]}), "mallory").await;
    assert_eq!(session["status"], "completed", "{session}");
    assert_eq!(suspended(&owner).await, [x[1].clone()]);
    assert_eq!(limits(&owner).await["suspended_count"], 1);
    let lease = owner.post(&format!("/v1/accounts/{}/credential-leases", x[1]), json!({"purpose": "publish"})).await;
    lease.is_problem(409, "account_not_usable");
}

/// S1-16: what is full says so wherever somebody would connect, before and after they try.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_plan_says_so_before_anybody_tries() {
    let world = World::start().await;
    let (owner, backend) = (world.owner("ws_1"), backend(&world, "ws_1").await);
    let x = on_x(&world, &owner, &["acme", "mallory"]).await;
    // The plan that was set counts, whatever the token claims.
    assert_eq!(set(&backend, json!({"plan": "free"})).await, 1);
    let cards = owner.get(&format!("{WS}/platforms")).await.body;
    let add = |platform: &str| {
        let card = cards["data"].as_array().expect("cards").iter().find(|c| c["id"] == platform).expect("a card");
        card["add"].clone()
    };
    let upgrade = json!({"plan": "starter", "max": 3, "url": null});
    assert_eq!(
        add("x"),
        json!({"enabled": false, "disabled_reason": "plan_limit_reached", "methods": ["x_login"],
               "limit": {"scope": "per_platform", "limit": 1, "used": 2, "upgrade": upgrade}})
    );
    assert_eq!((&add("facebook")["enabled"], &add("facebook")["limit"]), (&json!(true), &Value::Null));
    let refused = owner.post(&format!("{WS}/connect-sessions"), json!({"platform": "x"})).await;
    refused.is_problem(403, "plan_limit_reached");
    assert_eq!(
        (&refused.body["scope"], &refused.body["limit"], &refused.body["used"], &refused.body["upgrade"]),
        (&json!("per_platform"), &json!(1), &json!(2), &upgrade)
    );
    // It is judged by the record when accounts come into being, too.
    assert_eq!(set(&backend, json!({"plan": "starter"})).await, 0);
    let early = world.attempt(&owner, json!({"platform": "x"})).await;
    assert_eq!(set(&backend, json!({"plan": "free"})).await, 1);
    early.land("analyst").await;
    assert_eq!(early.session().await["error"]["code"], "plan_limit_reached");
    assert_eq!(suspended(&owner).await, [x[1].clone()]);
}

/// S1-16: where a larger one is taken, every answer and page that speaks of it says.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_plan_says_where_a_larger_one_is_taken() {
    let url = "https://acme.example/billing";
    let world = World::with(Options { upgrade_url: Some(url.to_owned()), ..Options::default() }).await;
    let (owner, backend) = (world.owner("ws_1"), backend(&world, "ws_1").await);
    let x = on_x(&world, &owner, &["acme", "mallory"]).await;
    assert_eq!(set(&backend, json!({"plan": "free"})).await, 1);
    let full = owner.post(&format!("{WS}/connect-sessions"), json!({"platform": "x"})).await;
    full.is_problem(403, "plan_limit_reached");
    assert_eq!(full.body["upgrade"], json!({"plan": "starter", "max": 3, "url": url}));
    let suspended = world.lease(&owner, &x[1]).await;
    for refused in [&full, &suspended] {
        assert_eq!(refused.body["action"], json!({"kind": "upgrade", "url": url}), "{}", refused.text);
    }
    let cards = owner.get(&format!("{WS}/platforms")).await.body;
    let card = cards["data"].as_array().expect("cards").iter().find(|c| c["id"] == "x").expect("a card");
    assert_eq!(card["add"]["limit"]["upgrade"]["url"], url);
    let browser = world.browser();
    browser.go(&format!("{}/console/sign-in?workspace=ws_1&role=owner", world.product)).await;
    for page in ["/console", "/console/settings"] {
        let page = browser.go(&format!("{}{page}", world.product)).await;
        assert!(page.text.contains(&format!("href=\"{url}\"")), "{}", page.text);
    }
}

/// S3-54: twenty-five over all platforms, however they are spread.
#[tokio::test(flavor = "multi_thread")]
async fn a_professional_workspace_holds_twenty_five_accounts() {
    let world = World::start().await;
    let owner = world.caller(json!({"ws": "ws_1", "role": "owner", "plan": "professional"}));
    for (platform, most) in [("facebook", 10), ("instagram", 10), ("linkedin", 5)] {
        let attempt = world.attempt(&owner, json!({"platform": platform})).await;
        attempt.land("agency").await;
        let open = attempt.selectable().await;
        assert_eq!(attempt.select(&open[..most], true).await.status, 200, "{platform}");
    }
    let refused = owner.post(&format!("{WS}/connect-sessions"), json!({"platform": "x"})).await;
    refused.is_problem(403, "plan_limit_reached");
    let of = |name: &str| refused.body[name].clone();
    assert_eq!((of("scope"), of("limit"), of("used")), (json!("total"), json!(25), json!(25)));
}

/// A plan that only a token names is in the way of further accounts, and suspends none.
#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_a_token_claims_suspends_nobody() {
    let world = World::start().await;
    let x = on_x(&world, &world.owner("ws_1"), &["acme", "mallory"]).await;
    let free = world.caller(json!({"ws": "ws_1", "role": "owner", "plan": "free"}));
    let found = limits(&free).await;
    assert_eq!((&found["plan"], &found["suspended"]), (&json!("free"), &json!([])));
    free.post(&format!("{WS}/connect-sessions"), json!({"platform": "x"})).await.is_problem(403, "plan_limit_reached");
    assert_eq!(patch(&free, "ws_1", json!({"name": "Acme"})).await.body["suspended"], 0);
    // A plan that is taken from the record brings back whoever it suspended.
    let backend = backend(&world, "ws_1").await;
    assert_eq!(set(&backend, json!({"plan": "free"})).await, 1);
    assert_eq!(suspended(&free).await, [x[1].clone()]);
    assert_eq!(set(&backend, json!({"plan": null})).await, 0);
}

/// Who sets a plan may die at any step: what is left is settled by whoever is next.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_dead_process_left_is_settled_later() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let mut pages = world.connect(&owner, "facebook", "agency").await;
    pages.extend(world.connect(&owner, "facebook", "demo-02").await);
    assert!(pages.len() > 26, "more than one step: {}", pages.len());
    let left = u32::try_from(pages.len() - 1).expect("small");
    let (store, ws) = (&world.stack.services.store, "ws_1".parse::<WorkspaceId>().expect("an id"));
    let org = (&ws).into();
    // It dies right after the plan was set.
    let mut workspace = store.find_workspace(&ws, &org).await.expect("the table");
    workspace.configuration.plan = Some("free".to_owned());
    workspace.version += 1;
    let settle = Some((&BTreeSet::new(), world.now()));
    assert_eq!(store.configure_workspace(&workspace, settle, None).await.expect("the table"), store::Committed::Done);
    assert_eq!(limits(&owner).await["suspended_count"], 0);
    // It dies after the first step.
    let workspace = store.find_workspace(&ws, &org).await.expect("the table");
    let mut accounts = store.find_connected(&ws).await.expect("the table");
    accounts.reverse();
    let held = Some(health::Suspended { by: health::Suspender::Plan, since: world.now() });
    let step = |before: Account| {
        let mut after = Account { suspended: held, version: before.version + 1, ..before.clone() };
        after.known_since(&before, world.now());
        (before, after)
    };
    let part: Vec<_> = accounts.into_iter().take(10).map(step).collect();
    let done = store.settle_plan(&workspace, &part, &[], world.now()).await.expect("the table");
    assert_eq!(done, store::Committed::Done);
    // Nobody takes the same step again.
    let again = store.settle_plan(&workspace, &[], &[], world.now()).await.expect("the table");
    assert!(matches!(again, store::Committed::Refused(_)));
    assert_eq!(limits(&owner).await["suspended_count"], 10);

    assert_eq!(world.job("sweep").await["plans"], 0, "whoever set it may still be at it");
    world.advance(SignedDuration::from_secs(31));
    assert_eq!(world.job("sweep").await["plans"], 1);
    assert_eq!(limits(&owner).await["suspended_count"], left);
    let rows = store.find_connected(&ws).await.expect("the table");
    assert_eq!(rows.iter().filter(|a| a.is_over_plan()).count(), pages.len() - 1);
    assert!(rows.iter().any(|a| !a.is_over_plan() && a.id.to_string() == pages[0]), "the main one is kept");
    world.advance(SignedDuration::from_mins(5));
    assert_eq!(world.job("sweep").await["plans"], 0, "it is done");
}

/// S3-67: what the plan has no place for is not left out, neither of what can be chosen nor of what is connected.
#[tokio::test(flavor = "multi_thread")]
async fn accounts_without_a_place_are_shown_with_the_reason() {
    let world = World::start().await;
    let (owner, backend) = (world.owner("ws_1"), backend(&world, "ws_1").await);
    let x = on_x(&world, &owner, &["acme", "mallory"]).await;
    assert_eq!(set(&backend, json!({"plan": "free"})).await, 1);
    let attempt = world.attempt(&owner, json!({"platform": "facebook"})).await;
    attempt.land("demo-04").await;
    let open = attempt.selectable().await;
    assert_eq!(attempt.select(&open[..1], false).await.status, 200);
    let candidates = attempt.candidates().await;
    let left: Vec<&Value> = candidates.iter().filter(|c| c["id"] != *open[0]).collect();
    assert!(left.len() > 1, "{left:?}");
    for candidate in left {
        assert_eq!((&candidate["selectable"], &candidate["reason"]), (&json!(false), &json!("plan_limit_reached")));
    }
    let listed = owner.get(&format!("{WS}/accounts")).await.body;
    let account = listed["data"].as_array().expect("a list").iter().find(|a| a["id"] == *x[1]).expect("it is listed");
    assert_eq!(account["health"]["state"], "suspended");
    assert_eq!(account["health"]["issues"][0]["code"], "suspended_by_plan", "{account}");
}
