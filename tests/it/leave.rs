//! What leaving means: what is told, what goes along, what is no longer done, and what is left of it.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    Account, AccountId,
    health::{Suspended, Suspender},
};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Caller, FINE, World, send};

const DAY: SignedDuration = SignedDuration::from_hours(24);

async fn account(caller: &Caller, id: &str) -> Value {
    caller.get(&format!("/v1/accounts/{id}")).await.body
}

async fn leave(caller: &Caller, id: &str, body: Value) -> Value {
    let answer = caller.post(&format!("/v1/accounts/{id}/disconnect"), body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}

async fn plan(caller: &Caller, id: &str, body: Value) {
    let answer = send(caller.call(Method::PUT, &format!("/v1/accounts/{id}/usage")).json(&body)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

/// Writes an account as it is not written by any route of today.
async fn change(world: &World, id: &str, with: impl Fn(&mut Account)) {
    let (ws, id): (_, AccountId) = ("ws_1".parse().expect("an id"), id.parse().expect("an id"));
    let store = &world.stack.services.store;
    let before = store.find_account(&ws, id).await.expect("the table").expect("an account");
    let mut after = Account { version: before.version + 1, ..before.clone() };
    with(&mut after);
    store.tell(&[(before, after)], &[], world.now()).await.expect("the table");
}

async fn tie(world: &World, one: &str, other: &str) {
    change(world, one, |account| account.linked = other.parse().ok()).await;
    change(world, other, |account| account.linked = one.parse().ok()).await;
}

fn planned() -> Value {
    json!({
        "scheduled_posts": [{"id": "p-1", "at": "2026-11-24T09:00:00Z"}],
        "campaigns": [{"id": "c-1", "name": "Advent"}],
        "automations": [{"id": "a-1", "name": "Weekly review"}],
        "drafts": 4,
    })
}

/// S1-27, S1-28, S3-40, S2-22: receipt and event say what the publisher is to do, and of what, by the names that it
/// reported; the account lends nothing any more.
#[tokio::test(flavor = "multi_thread")]
async fn receipt_and_event_name_what_was_planned() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "x", "acme").await.remove(0);
    let mut reported = planned();
    plan(&owner, &id, reported.clone()).await;
    let past = json!({"id": "p-0", "at": "2026-11-22T09:00:00Z"});
    reported["scheduled_posts"].as_array_mut().expect("posts").push(past);
    plan(&owner, &id, reported).await;
    let receipt = leave(&owner, &id, json!({"reason": "security"})).await;
    assert_eq!((&receipt["planned"], &receipt["was_main"]), (&planned(), &json!(true)));
    assert_eq!((&receipt["effects"], &receipt["reason"]), (&json!(["fail_scheduled_posts"]), &json!("security")));
    world.lease(&owner, &id).await.is_problem(409, "account_disconnected");
    let (kind, event) = world.told(&id).pop().expect("an event");
    assert_eq!(kind, "account.disconnected");
    for same in ["planned", "was_main", "effects", "reason"] {
        assert_eq!(event["data"][same], receipt[same], "{same}");
    }
    let removed = owner.delete(&format!("/v1/accounts/{id}")).await.body;
    let effects =
        json!(["delete_scheduled_posts", "delete_queues", "delete_automations", "delete_drafts", "delete_analytics"]);
    let (kind, event) = world.told(&id).pop().expect("an event");
    assert_eq!((kind.as_str(), &event["data"]["effects"]), ("account.removed", &effects));
    assert_eq!((&removed["planned"], &event["data"]["planned"]), (&planned(), &planned()));
    assert_eq!((&removed["was_main"], &removed["reason"]), (&json!(false), &Value::Null));
}

/// S1-24: the reason and who gave it stay with the account until it is connected again.
#[tokio::test(flavor = "multi_thread")]
async fn who_disconnected_an_account_and_why_is_kept_with_it() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "x", "acme").await.remove(0);
    assert_eq!(account(&owner, &id).await["disconnected"], Value::Null);
    let path = format!("/v1/accounts/{id}/disconnect");
    let before = world.dump().await;
    let refused = owner.post(&path, json!({"reason": "w".repeat(501)})).await;
    refused.is_problem(422, "validation_failed");
    assert_eq!(refused.body["errors"][0]["pointer"], "/reason");
    assert_eq!(world.dump().await, before);
    let manager = world.member("ws_1", "manager");
    leave(&manager, &id, json!({"reason": "  we are\u{202e} switching\n"})).await;
    let kept = json!({
        "by": {"type": "user", "id": "user-manager", "name": null}, "reason": "we are switching",
        "at": tests::BEGINNING, "was_main": true,
    });
    assert_eq!(account(&owner, &id).await["disconnected"], kept);
    let again = leave(&owner, &id, json!({"reason": "unused"})).await;
    assert_eq!((&again["reason"], &again["was_main"]), (&kept["reason"], &json!(true)), "it was disconnected before");
    assert_eq!(account(&owner, &id).await["disconnected"], kept);
    assert_eq!(world.connect(&owner, "x", "acme").await, [id.as_str()]);
    assert_eq!(account(&owner, &id).await["disconnected"], Value::Null);
}

/// A Threads account goes along with the Instagram account that it is tied to, where that is asked for.
#[tokio::test(flavor = "multi_thread")]
async fn a_tied_account_goes_along_on_demand_only() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let ask = json!({"platform": "instagram", "method": "instagram_login"});
    let instagram = world.consent(&owner, ask, "acme").await["accounts"][0]["id"].as_str().expect("an id").to_owned();
    let threads = world.connect(&owner, "threads", "acme").await.remove(0);
    let x = world.connect(&owner, "x", "acme").await.remove(0);
    tie(&world, &instagram, &threads).await;
    plan(&owner, &threads, planned()).await;
    let path = format!("/v1/accounts/{instagram}/disconnect");
    for (id, word, code) in
        [(&instagram, "x", "unknown"), (&instagram, "instagram", "not_tied"), (&x, "threads", "not_tied")]
    {
        let refused = owner.post(&format!("/v1/accounts/{id}/disconnect"), json!({"cascade": [word]})).await;
        refused.is_problem(422, "validation_failed");
        let error = &refused.body["errors"][0];
        assert_eq!((&error["pointer"], &error["code"]), (&json!("/cascade/0"), &json!(code)));
    }
    let narrow = world.caller(json!({"ws": "ws_1", "role": "owner", "plan": "enterprise", "accounts": [instagram]}));
    narrow.post(&path, json!({"cascade": ["threads"]})).await.is_problem(422, "validation_failed");
    let stale = owner.call(Method::POST, &path).header("if-match", "\"1\"").json(&json!({"cascade": ["threads"]}));
    send(stale).await.is_problem(412, "version_conflict");
    assert_eq!(account(&owner, &threads).await["lifecycle"], "active", "nothing went along with a refusal");
    let shown = owner.get(&format!("/v1/accounts/{instagram}/impact")).await.body;
    assert_eq!((&shown["linked_account"]["id"], &shown["cascade"]), (&json!(threads), &json!(["threads"])));

    let alone = leave(&owner, &instagram, json!({})).await;
    assert_eq!(alone["cascaded"], json!([]));
    assert_eq!(account(&owner, &threads).await["lifecycle"], "active");
    world.consent(&owner, json!({"platform": "instagram", "method": "instagram_login"}), "acme").await;
    let confirm = owner.get(&format!("/v1/accounts/{instagram}/impact")).await.body["confirm"].clone();
    let body = json!({"cascade": ["threads"], "reason": "cleanup", "confirm": confirm});
    let both = owner.post_once(&path, body.clone(), "both").await.body;
    let tied = &both["cascaded"][0];
    assert_eq!((&tied["id"], &tied["planned"]), (&json!(threads), &planned()), "{both}");
    assert!(tied["revocation"]["status"].is_string() && tied["reason"] == "cleanup", "{tied}");
    assert_eq!(owner.post_once(&path, body, "both").await.body, both);
    for id in [&instagram, &threads] {
        assert_eq!(account(&owner, id).await["disconnected"]["reason"], "cleanup");
        assert_eq!(world.kinds(id).last().map(String::as_str), Some("account.disconnected"));
    }

    // The tie stays while both are disconnected; a removal takes the tied one along, or leaves it without the tie.
    let version = account(&owner, &instagram).await["etag"].as_str().expect("a tag").to_owned();
    let remove = owner.call(Method::DELETE, &format!("/v1/accounts/{instagram}?cascade=threads"));
    let removed = send(remove.header("if-match", version)).await;
    assert_eq!(
        (removed.status, &removed.body["cascaded"][0]["lifecycle"]),
        (202, &json!("removed")),
        "{}",
        removed.text
    );
    for id in [&instagram, &threads] {
        owner.get(&format!("/v1/accounts/{id}")).await.is_problem(404, "not_found");
    }
}

/// S2-28: no item and no text of it is left but what was told for 30 days; added again, it is a new one.
#[tokio::test(flavor = "multi_thread")]
async fn a_removed_account_leaves_nothing_and_comes_back_as_a_new_one() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let ask = json!({"platform": "instagram", "method": "instagram_login"});
    let instagram = world.consent(&owner, ask, "acme").await["accounts"][0]["id"].as_str().expect("an id").to_owned();
    let threads = world.connect(&owner, "threads", "acme").await.remove(0);
    tie(&world, &instagram, &threads).await;
    let old = account(&owner, &threads).await;
    plan(&owner, &threads, planned()).await;
    let schedule = json!({"timezone": "UTC", "slots": [{"weekday": "monday", "time": "09:30"}]});
    let call = owner.call(Method::PUT, &format!("/v1/accounts/{threads}/queue-schedule"));
    assert_eq!(send(call.json(&schedule)).await.status, 200);
    assert_eq!(world.lease(&owner, &threads).await.status, 201);
    leave(&owner, &threads, json!({"reason": "a reason of ours"})).await;
    assert_eq!(owner.delete(&format!("/v1/accounts/{threads}")).await.status, 202);
    assert_eq!(account(&owner, &instagram).await["lifecycle"], "active");

    // Attempts end after days, and who leased what is the workspace's own record.
    let told = |key: &str| ["E#", "U#", "S#"].iter().any(|kind| key.contains(kind));
    let of_old = [&threads, old["platform_account_id"].as_str().expect("an id"), "Advent", "a reason of ours"];
    let left: Vec<(String, Value)> = world.dump().await.into_iter().filter(|(key, _)| !told(key)).collect();
    for (key, item) in &left {
        let text = format!("{key} {item}");
        let found: Vec<&&str> = of_old.iter().filter(|word| text.contains(**word)).collect();
        assert_eq!(found, Vec::<&&str>::new(), "{text}");
    }
    let texts: Vec<String> = world
        .dump()
        .await
        .into_iter()
        .filter(|(key, _)| told(key) && !key.contains("E#"))
        .map(|(key, item)| format!("{key} {item}"))
        .collect();
    for word in ["Advent", "a reason of ours"] {
        assert!(texts.iter().all(|text| !text.contains(word)), "{word} stands in {texts:?}");
    }

    let new = world.connect(&owner, "threads", "acme").await.remove(0);
    assert_ne!(new, threads);
    let shown = account(&owner, &new).await;
    assert_eq!(shown["platform_account_id"], old["platform_account_id"]);
    assert_eq!((&shown["usage"]["planned"]["posts"], &shown["usage"]["leases_7d"]), (&json!(0), &json!(0)));
    assert_eq!((&shown["connected_at"], &shown["reconnected_at"]), (&json!(tests::BEGINNING), &Value::Null));
    let schedule = owner.get(&format!("/v1/accounts/{new}/queue-schedule")).await.body;
    assert_eq!(schedule["per_week"], 0);
    assert_eq!(world.kinds(&new), ["account.connected"]);
}

/// S4-15: a hundred and twenty days with the sweep at work bring no call for what was left.
#[tokio::test(flavor = "multi_thread")]
async fn after_the_end_no_call_is_made_for_the_account() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let x = world.connect(&owner, "x", "acme").await.remove(0);
    let page = world.connect(&owner, "facebook", "acme").await.remove(0);
    let ask = json!({"platform": "instagram", "method": "instagram_login"});
    let instagram = world.consent(&owner, ask, "acme").await["accounts"][0]["id"].as_str().expect("an id").to_owned();
    for id in [&x, &instagram] {
        leave(&owner, id, json!({})).await;
        world.lease(&owner, id).await.is_problem(409, "account_disconnected");
    }
    assert_eq!(owner.delete(&format!("/v1/accounts/{page}")).await.status, 202);
    world.lease(&owner, &page).await.is_problem(404, "not_found");
    let before = world.journal().await.len();
    world.live(DAY * 120, DAY).await;
    let after = world.journal().await;
    assert_eq!(after.len(), before, "{:?}", &after[before..]);
    assert_eq!(world.kinds(&x), ["account.connected", "account.disconnected"]);
}

/// Nobody who is held back takes over as the main account, and whoever is held back can leave.
#[tokio::test(flavor = "multi_thread")]
async fn a_usable_account_takes_over_from_the_main_one_that_leaves() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let mut x = Vec::new();
    for person in ["acme", "mallory", "analyst"] {
        x.extend(world.connect(&owner, "x", person).await);
        world.advance(SignedDuration::from_secs(1));
    }
    let suspended = Suspended { by: Suspender::Plan, since: world.now() };
    change(&world, &x[1], |account| account.suspended = Some(suspended)).await;
    let counted = world.stack.client.update_item().table_name("mooring").update_expression("ADD suspended :one");
    let counted =
        counted.key("pk", AttributeValue::S("W#ws_1".to_owned())).key("sk", AttributeValue::S("A".to_owned()));
    let counted = counted.expression_attribute_values(":one", AttributeValue::N("1".to_owned()));
    counted.send().await.expect("the table");
    let receipt = leave(&owner, &x[0], json!({})).await;
    assert_eq!((&receipt["was_main"], &receipt["main_now"]), (&json!(true), &json!(x[2])));
    // The place that got free is its own again.
    assert_eq!(owner.get(&format!("/v1/accounts/{}", x[1])).await.body["health"]["state"], FINE);
    assert_eq!(leave(&owner, &x[2], json!({})).await["main_now"], json!(x[1]));
    assert_eq!(leave(&owner, &x[1], json!({})).await["lifecycle"], "disconnected");
    let main = owner.get("/v1/workspaces/ws_1/accounts/main").await.body;
    assert_eq!(main["data"], json!({}));
    assert_eq!(owner.delete(&format!("/v1/accounts/{}", x[1])).await.status, 202);
    assert_eq!(owner.get("/v1/workspaces/ws_1/limits").await.body["total"]["used"], 0);
}

/// S4-16: what is left to do by hand is told on a page that anybody can open, also when the account is gone.
#[tokio::test(flavor = "multi_thread")]
async fn a_public_page_says_how_the_access_is_withdrawn_by_hand() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let ask = json!({"platform": "instagram", "method": "instagram_login"});
    let id = world.consent(&owner, ask, "acme").await["accounts"][0]["id"].as_str().expect("an id").to_owned();
    let receipt = owner.delete(&format!("/v1/accounts/{id}")).await.body;
    let next = &receipt["next"];
    assert_eq!((&receipt["revocation"]["status"], &next["kind"]), (&json!("unsupported"), &json!("instructions")));
    let url = next["url"].as_str().expect("a page");
    assert_eq!(url, format!("{}/help/revoke/instagram#instagram_login", world.product));
    let page = world.browser().open(url).await;
    assert_eq!(page.status, 200);
    for step in next["steps"].as_array().expect("steps") {
        assert!(page.text.contains(step.as_str().expect("a step")), "{step}");
    }
    let settings = next["platform_settings_url"].as_str().expect("a place");
    assert!(page.text.contains(&format!("href=\"{settings}\"")) && page.text.contains("id=\"instagram_login\""));
    assert!(page.text.contains(r#"<meta name="robots" content="noindex">"#));
    assert!(!page.text.contains(&id) && !page.text.contains("Acme"));
    for (platform, status) in
        [("facebook", 200), ("x", 200), ("google_business", 200), ("nowhere", 404), ("No%20Platform", 404)]
    {
        assert_eq!(world.browser().open(&format!("{}/help/revoke/{platform}", world.product)).await.status, status);
    }
    assert!(
        owner.get("/help/revoke/x").await.text.contains("Withdraw the access at X"),
        "one who is known sees the same"
    );
}
