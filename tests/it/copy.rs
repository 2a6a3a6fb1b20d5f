//! An account in two workspaces: each has its own, on one consent.

mod life;
mod many;
mod policy;
mod release;

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    Account, Actor, OrgId, Role,
    account::Settings,
    actor::{Credential, permit},
    workspace::Configuration,
};
use serde_json::{Value, json};
use tests::{Answer, Caller, FINE, World};

/// Ida, who owns a workspace of the organisation and belongs to others.
fn ida(world: &World, workspace: &str, further: &[(&str, &str)]) -> Caller {
    let further: Vec<Value> = further.iter().map(|(id, role)| json!({"id": id, "role": role})).collect();
    world.caller(json!({"ws": workspace, "role": "owner", "plan": "enterprise", "org": "org_1", "sub": "ida",
        "name": "Ida Holm", "workspaces": further}))
}

/// Ida in two workspaces, in each of which she may copy.
fn two(world: &World) -> (Caller, Caller) {
    (ida(world, "ws_a", &[("ws_b", "admin")]), ida(world, "ws_b", &[("ws_a", "admin")]))
}

async fn copy(caller: &Caller, account: &str, to: &str) -> Answer {
    caller.post(&format!("/v1/accounts/{account}/copies"), json!({"workspace_id": to})).await
}

/// A copy that must come about, by its id.
async fn copied(caller: &Caller, account: &str, to: &str) -> String {
    let answer = copy(caller, account, to).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.body["id"].as_str().expect("an id").to_owned()
}

async fn account(caller: &Caller, id: &str) -> Value {
    let answer = caller.get(&format!("/v1/accounts/{id}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}

async fn disconnect(caller: &Caller, id: &str) -> Value {
    let answer = caller.post(&format!("/v1/accounts/{id}/disconnect"), json!({})).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}

/// Decides something for a workspace.
async fn decide(world: &World, workspace: &str, change: impl Fn(&mut Configuration) + Send + Sync) {
    let id: domain::WorkspaceId = workspace.parse().expect("legal");
    let actor = Actor {
        sub: "saas".to_owned(),
        credential: Credential::ApiKey { is_ai: false },
        name: None,
        workspace: id.clone(),
        org: OrgId::from(&id),
        role: Role::Owner,
        plan: None,
        perms: None,
        accounts: None,
        workspaces: BTreeMap::new(),
    };
    let actor = actor.allow::<permit::WorkspaceConfigure>().expect("an owner may");
    let change = |configuration: &mut Configuration| {
        change(configuration);
        Ok(())
    };
    app::workspace::configure(&world.stack.services, &actor, &id, change, None, None).await.expect("it is decided");
}

/// The account's row.
async fn row(world: &World, workspace: &str, id: &str) -> Account {
    let (ws, id) = (workspace.parse().expect("legal"), id.parse().expect("an id"));
    world.stack.services.store.find_account(&ws, id).await.expect("the table").expect("an account")
}

/// Gives an account what its workspace decides about it, in its row and beside it.
async fn set(world: &World, workspace: &str, id: &str, settings: Settings, publishing: &str) {
    let before = row(world, workspace, id).await;
    let after = Account { settings, version: before.version + 1, ..before.clone() };
    let told = world.stack.services.store.tell(&[(before, after)], &[], world.now()).await;
    assert_eq!(told.expect("the table"), store::Committed::Done);
    let of = |entries: &[(&str, &str)]| {
        AttributeValue::M(entries.iter().map(|(k, v)| ((*k).to_owned(), AttributeValue::S((*v).to_owned()))).collect())
    };
    let beside = world.stack.client.put_item().table_name("mooring");
    let beside = beside.item("pk", AttributeValue::S(format!("W#{workspace}")));
    let beside = beside.item("sk", AttributeValue::S(format!("T#{id}")));
    let publishing = json!({"signature": publishing}).to_string();
    let beside = beside.item("publishing", AttributeValue::S(publishing));
    beside.item("notifications", of(&[("mail", "ida@example.com")])).send().await.expect("the table");
}

/// S1-32: an account of its own, with one consent behind both; what is copied is the name, the tags and the publishing
/// defaults, and nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_an_account_of_its_own_on_the_same_consent() {
    let world = World::start().await;
    let (a, b) = two(&world);
    let source = world.connect(&a, "x", "acme").await.remove(0);
    let settings = Settings {
        label: Some("Acme on X".to_owned()),
        tags: vec!["brand".to_owned(), "eu".to_owned()],
        group_id: Some("group-7".to_owned()),
        ..Settings::default()
    };
    set(&world, "ws_a", &source, settings.clone(), "Acme").await;
    let slots = json!({"timezone": "UTC", "slots": [{"weekday": "monday", "time": "09:30"}]});
    let call = a.call(reqwest::Method::PUT, &format!("/v1/accounts/{source}/queue-schedule")).json(&slots);
    assert_eq!(tests::send(call).await.status, 200);
    assert_eq!(world.lease(&a, &source).await.status, 201);

    let made = copy(&a, &source, "ws_b").await;
    assert_eq!((made.status, made.header("etag")), (201, Some("\"1\"")), "{}", made.text);
    let id = made.body["id"].as_str().expect("an id").to_owned();
    assert_ne!(id, source);
    assert_eq!((&made.body["workspace_id"], &made.body["is_main"]), (&json!("ws_b"), &json!(true)));
    assert_eq!(made.body["connected_by"], json!({"type": "copy", "id": "ida", "name": "Ida Holm"}));
    assert_eq!(made.body["grant"]["token_mode"], "shared_grant");
    let (here, there) = (account(&a, &source).await, account(&b, &id).await);
    for same in ["platform", "method", "kind", "platform_account_id", "handle", "name", "capabilities"] {
        assert_eq!(here[same], there[same], "{same}");
    }
    assert_eq!((&here["grant"]["id"], &here["grant"]["token_mode"]), (&there["grant"]["id"], &json!("shared_grant")));
    assert_eq!((&there["grant"]["siblings"], &there["health"]["state"]), (&json!([]), &json!(FINE)));
    let listed = b.get("/v1/workspaces/ws_b/accounts").await.body;
    assert_eq!(listed["data"][0]["grant"]["token_mode"], "shared_grant");
    let listed = a.get("/v1/workspaces/ws_a/accounts").await.body;
    assert_eq!(listed["data"][0]["grant"]["token_mode"], "shared_grant");

    let made = row(&world, "ws_b", &id).await;
    assert_eq!(made.settings, Settings { group_id: None, ..settings });
    let beside = world.dump().await;
    let defaults = beside.iter().find(|(key, _)| key.contains(&format!("T#{id}"))).expect("publishing defaults").1;
    assert!(defaults.to_string().contains("Acme") && !defaults.to_string().contains("ida@"), "{defaults}");
    assert_eq!(b.get(&format!("/v1/accounts/{id}/queue-schedule")).await.body["per_week"], 0);
    assert_eq!((&there["usage"]["last_used_at"], &there["usage"]["leases_7d"]), (&Value::Null, &json!(0)));
    a.get(&format!("/v1/accounts/{id}")).await.is_problem(404, "not_found");
    b.get(&format!("/v1/accounts/{source}")).await.is_problem(404, "not_found");

    // One grant, one set of tokens, and both can use it.
    let grants = beside.keys().filter(|key| key.starts_with("R#")).count();
    assert_eq!(grants, 1);
    let (one, other) = (world.lease(&a, &source).await, world.lease(&b, &id).await);
    assert_eq!((one.status, other.status), (201, 201), "{} {}", one.text, other.text);
    assert_eq!(one.body["access_token"], other.body["access_token"]);
}

/// S1-32: each workspace is told of its own account, in that account's sequence, and not which one the other is.
#[tokio::test(flavor = "multi_thread")]
async fn both_workspaces_are_told_and_neither_learns_of_the_other() {
    let world = World::start().await;
    let (a, b) = two(&world);
    let source = world.connect(&a, "x", "acme").await.remove(0);
    let id = copied(&a, &source, "ws_b").await;
    assert_eq!(world.kinds(&source), ["account.connected", "account.copied"]);
    assert_eq!(world.kinds(&id), ["account.copied"]);
    for (caller, workspace, id, foreign, side, sequence) in
        [(&a, "ws_a", &source, "ws_b", "source", 2), (&b, "ws_b", &id, "ws_a", "copy", 1)]
    {
        let event = world.told(id).pop().expect("an event").1;
        assert_eq!((&event["sequence"], &event["workspace_id"]), (&json!(sequence), &json!(workspace)));
        assert_eq!((&event["data"]["side"], &event["data"]["copied_by"]), (&json!(side), &json!("ida")));
        world.advance(jiff::SignedDuration::from_secs(10));
        let pulled = caller.get(&format!("/v1/workspaces/{workspace}/events")).await;
        assert!(pulled.text.contains("account.copied") && !pulled.text.contains(foreign), "{}", pulled.text);
        let other = if id == &source { "none" } else { source.as_str() };
        assert!(!pulled.text.contains(other), "{}", pulled.text);
    }
}

/// S1-31: who may copy where, told before and judged again.
#[tokio::test(flavor = "multi_thread")]
async fn the_further_workspaces_are_listed_with_what_stands_in_the_way() {
    let world = World::start().await;
    let further = [
        ("ws_b", "admin"),
        ("ws_editor", "editor"),
        ("ws_foreign", "owner"),
        ("ws_forbids", "owner"),
        ("ws_full", "owner"),
        ("ws_has", "owner"),
    ];
    let a = ida(&world, "ws_a", &further);
    let source = world.connect(&a, "x", "acme").await.remove(0);
    let foreign = world.caller(json!({"ws": "ws_foreign", "role": "owner", "plan": "enterprise", "org": "org_2"}));
    world.connect(&foreign, "x", "mallory").await;
    world.connect(&ida(&world, "ws_full", &[]), "x", "agency").await;
    copied(&a, &source, "ws_has").await;
    decide(&world, "ws_b", |c| c.name = Some("Europe".to_owned())).await;
    decide(&world, "ws_forbids", |c| c.policies.cross_workspace = domain::workspace::CrossWorkspace::Forbid).await;
    decide(&world, "ws_full", |c| c.overrides.max_per_platform = Some(1)).await;
    decide(&world, "ws_b", |c| c.overrides.max_total = Some(7)).await;

    let listed = a.get(&format!("/v1/accounts/{source}/copy-targets")).await;
    assert_eq!(listed.status, 200, "{}", listed.text);
    let row = |id: &str, name: Value, reason: Value, left: Value| json!({"id": id, "name": name, "allowed": reason.is_null(), "reason": reason, "limit_left": left});
    let expected = json!({"workspaces": [
        row("ws_b", json!("Europe"), Value::Null, json!(7)),
        row("ws_editor", Value::Null, json!("permission_denied"), Value::Null),
        row("ws_forbids", Value::Null, json!("cross_workspace_forbidden"), Value::Null),
        row("ws_foreign", Value::Null, json!("cross_workspace_forbidden"), Value::Null),
        row("ws_full", Value::Null, json!("plan_limit_reached"), json!(0)),
        row("ws_has", Value::Null, json!("already_in_workspace"), Value::Null),
    ]});
    assert_eq!(listed.body, expected);

    let before = world.dump().await;
    for (to, status, code) in [
        ("ws_editor", 403, "permission_denied"),
        ("ws_foreign", 403, "cross_workspace_forbidden"),
        ("ws_forbids", 403, "cross_workspace_forbidden"),
        ("ws_full", 403, "plan_limit_reached"),
        ("ws_has", 409, "already_in_workspace"),
        ("ws_a", 409, "already_in_workspace"),
        ("ws_unknown", 404, "not_found"),
        ("no such id!", 404, "not_found"),
    ] {
        copy(&a, &source, to).await.is_problem(status, code);
    }
    let label = |label: &str| json!({"workspace_id": "ws_b", "label": label});
    for bad in [label(""), label(" \n "), label(&"x".repeat(121))] {
        let refused = a.post(&format!("/v1/accounts/{source}/copies"), bad).await;
        refused.is_problem(422, "validation_failed");
        assert_eq!(refused.body["errors"][0]["pointer"], "/label");
    }
    assert_eq!(world.dump().await, before);
    let named = a.post(&format!("/v1/accounts/{source}/copies"), label("Acme (Europe)")).await;
    assert_eq!(named.status, 201, "{}", named.text);
    assert_eq!(row_label(&world, named.body["id"].as_str().expect("an id")).await.as_deref(), Some("Acme (Europe)"));
}

async fn row_label(world: &World, id: &str) -> Option<String> {
    row(world, "ws_b", id).await.settings.label
}

/// CHK-S14: what the caller may do here says nothing of there; what has ended is not copied; without an organisation a
/// workspace is its own.
#[tokio::test(flavor = "multi_thread")]
async fn a_copy_takes_rights_in_both_and_a_consent_that_lives() {
    let world = World::start().await;
    let (a, _) = two(&world);
    let source = world.connect(&a, "x", "acme").await.remove(0);
    let manager = world.caller(json!({"ws": "ws_a", "role": "manager", "org": "org_1", "plan": "enterprise",
        "workspaces": [{"id": "ws_b", "role": "owner"}]}));
    copy(&manager, &source, "ws_b").await.is_problem(403, "permission_denied");
    copy(&ida(&world, "ws_a", &[]), &source, "ws_b").await.is_problem(404, "not_found");
    let alone = world.caller(json!({"ws": "ws_alone", "role": "owner", "plan": "enterprise",
        "workspaces": [{"id": "ws_b", "role": "owner"}]}));
    let own = world.connect(&alone, "x", "mallory").await.remove(0);
    copy(&alone, &own, "ws_b").await.is_problem(403, "cross_workspace_forbidden");

    world.event(json!({"platform": "x", "account": "acme", "kind": "revoke"})).await;
    a.post(&format!("/v1/accounts/{source}/refresh"), json!({})).await.is_problem(409, "reauthorization_required");
    copy(&a, &source, "ws_b").await.is_problem(409, "connection_expired");
    let targets = a.get(&format!("/v1/accounts/{source}/copy-targets")).await.body;
    assert_eq!(targets["workspaces"][0]["reason"], "connection_expired");
    disconnect(&a, &source).await;
    copy(&a, &source, "ws_b").await.is_problem(409, "account_disconnected");
    assert_eq!(b_has(&world).await, 0);
}

async fn b_has(world: &World) -> usize {
    let (_, b) = two(world);
    b.get("/v1/workspaces/ws_b/accounts").await.body["data"].as_array().expect("accounts").len()
}
