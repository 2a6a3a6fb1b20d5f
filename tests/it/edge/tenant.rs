//! One workspace cannot reach another's things, nor learn that they are there.

use serde_json::{Value, json};
use tests::{Caller, World};

use super::route::{Operation, Place, call, protected, told};

/// Ids of a workspace, of each state that there is.
struct Foreign {
    accounts: Vec<String>,
    sessions: Vec<String>,
}

impl Foreign {
    async fn of(world: &World, owner: &Caller, place: &Place) -> Self {
        let path = format!("/v1/workspaces/{}/connect-sessions", place.workspace);
        let disconnected = world.connect(owner, "x", "demo-02").await.remove(0);
        assert_eq!(owner.post(&format!("/v1/accounts/{disconnected}/disconnect"), json!({})).await.status, 200);
        let mut sessions = vec![place.session.clone()];
        for _ in 0..2 {
            let started = owner.post(&path, json!({"platform": "x"})).await;
            sessions.push(started.body["id"].as_str().expect("an id").to_owned());
        }
        assert_eq!(owner.delete(&format!("/v1/connect-sessions/{}", sessions[2])).await.status, 204);
        let completed = world.consent(owner, json!({"platform": "x"}), "demo-03").await;
        sessions.push(completed["id"].as_str().expect("an id").to_owned());
        Self { accounts: vec![place.account.clone(), disconnected], sessions }
    }
}

/// All that a workspace shows of itself, and all that was done in its name.
async fn everything(world: &World, owner: &Caller, foreign: &Foreign) -> Vec<Value> {
    let ws = owner.workspace();
    let mut all = Vec::new();
    for path in ["accounts", "accounts?lifecycle=disconnected", "accounts/summary", "accounts/main", "platforms"] {
        all.push(owner.get(&format!("/v1/workspaces/{ws}/{path}")).await.body);
    }
    for id in &foreign.sessions {
        all.push(owner.get(&format!("/v1/connect-sessions/{id}")).await.body);
    }
    all.push(world.published().into());
    all.push(world.journal().await.len().into());
    all
}

/// Each way to put one of the other workspace's ids into the operation's path.
fn reaches(operation: &Operation, own: &Place, their: &Place, foreign: &Foreign) -> Vec<Place> {
    let mut reaches = Vec::new();
    for name in operation.parameters() {
        match name {
            "workspace" => reaches.push(Place { workspace: their.workspace.clone(), ..own.clone() }),
            "account" => reaches.extend(foreign.accounts.iter().map(|id| Place {
                account: id.clone(),
                instagram: id.clone(),
                ..own.clone()
            })),
            "device" => reaches.push(Place { device: their.device.clone(), ..own.clone() }),
            "session" => reaches.extend(foreign.sessions.iter().map(|id| Place {
                session: id.clone(),
                fresh: id.clone(),
                ..own.clone()
            })),
            "episode" => reaches.push(Place { episode: their.episode.clone(), ..own.clone() }),
            "run" => reaches.push(Place { run: their.run.clone(), ..own.clone() }),
            "lockdown" => reaches.push(Place { lockdown: their.lockdown.clone(), ..own.clone() }),
            "key" => reaches.push(Place { key: their.key.clone(), ..own.clone() }),
            "link" => reaches.push(Place { link: their.link.clone(), ..own.clone() }),
            "platform" | "part" => {}
            other => panic!("{}: say here whose {other} is", operation.id),
        }
    }
    reaches
}

/// CHK-P1
#[tokio::test(flavor = "multi_thread")]
async fn an_id_of_another_workspace_is_as_one_that_nobody_has() {
    let world = World::start().await;
    let (a, b) = (world.owner("ws_a"), world.owner("ws_b"));
    let (own, their) = (Place::make(&world, "ws_a").await, Place::make(&world, "ws_b").await);
    let foreign = Foreign::of(&world, &b, &their).await;
    let nowhere = Place::nowhere(&world);
    let before = everything(&world, &b, &foreign).await;
    let mut tried = 0;
    for operation in protected(&world).await {
        for place in reaches(&operation, &own, &their, &foreign) {
            // The same call with an id that nobody has in the same place of the path.
            let absent = Place { workspace: place.workspace.replace("ws_b", "ws_nowhere"), ..nowhere.clone() };
            let found = place.call(&a, &operation).await;
            let missing = absent.call(&a, &operation).await;
            found.is_problem(404, "not_found");
            assert_eq!(told(&found, &[]), told(&missing, &[]), "{} {place:?}", operation.id);
            let names = |a: &tests::Answer| a.headers.keys().map(ToString::to_string).collect::<Vec<_>>();
            assert_eq!(names(&found), names(&missing), "{}", operation.id);
            tried += 1;
        }
    }
    assert!(tried > 20, "{tried}");
    assert_eq!(everything(&world, &b, &foreign).await, before);
}

/// CHK-P1
#[tokio::test(flavor = "multi_thread")]
async fn an_id_of_another_workspace_in_a_body_is_as_one_that_nobody_has() {
    let world = World::start().await;
    let (a, b) = (world.owner("ws_a"), world.owner("ws_b"));
    let (own, their) = (Place::make(&world, "ws_a").await, Place::make(&world, "ws_b").await);
    let foreign = Foreign::of(&world, &b, &their).await;
    let nowhere = Place::nowhere(&world);
    let before = everything(&world, &b, &foreign).await;
    let mut tried = 0;
    for operation in protected(&world).await {
        for member in &operation.members {
            let (theirs, nobodys, status): (Vec<Value>, Value, u16) = match member.as_str() {
                "account_id" => (foreign.accounts.iter().map(|a| json!(a)).collect(), json!(nowhere.account), 404),
                // What can be chosen is a part of the session, not a thing of its own.
                "candidate_ids" => (vec![json!([their.candidate])], json!([nowhere.candidate]), 422),
                "workspace_id" => (vec![json!("ws_b")], json!("ws_nowhere"), 404),
                // Each is answered by itself.
                "account_ids" => (foreign.accounts.iter().map(|a| json!([a])).collect(), json!([nowhere.account]), 200),
                // Names of the SaaS and of the platform.
                "external_id" | "expected_platform_account_id" | "platform_account_id" | "group_id" => continue,
                other if other.ends_with("_id") || other.ends_with("_ids") => panic!("say here whose {other} is"),
                _ => continue,
            };
            let path = own.path(&operation);
            let with = |value: &Value| {
                let mut body = own.body(&operation).expect("a body");
                body[member] = value.clone();
                Some(body)
            };
            let missing = call(&a, &operation, &path, with(&nobodys), None).await;
            assert_eq!(missing.status, status, "{}", missing.text);
            for value in theirs {
                let found = call(&a, &operation, &path, with(&value), None).await;
                let mut ids = vec![their.candidate.as_str(), nowhere.candidate.as_str(), nowhere.account.as_str()];
                ids.extend(foreign.accounts.iter().map(String::as_str));
                assert_eq!(told(&found, &ids), told(&missing, &ids), "{} {member}", operation.id);
                tried += 1;
            }
        }
    }
    assert!(tried > 10, "{tried}");
    assert_eq!(everything(&world, &b, &foreign).await, before);
}

/// CHK-P1, CHK-P7
#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_is_good_for_its_workspace_and_filter_only() {
    let world = World::start().await;
    let (a, b) = (world.owner("ws_a"), world.owner("ws_b"));
    for (caller, platform, person) in
        [(&a, "x", "demo-01"), (&a, "x", "demo-02"), (&b, "x", "demo-03"), (&b, "x", "demo-04"), (&b, "x", "demo-05")]
    {
        world.connect(caller, platform, person).await;
    }
    let first = b.get("/v1/workspaces/ws_b/accounts?limit=1").await;
    let cursor = first.body["page"]["next_cursor"].as_str().expect("a cursor").to_owned();
    let use_it = |query: &str| format!("/accounts?{query}limit=1&cursor={cursor}");
    let second = b.get(&format!("/v1/workspaces/ws_b{}", use_it(""))).await;
    assert_eq!(second.status, 200, "{}", second.text);
    assert_ne!(second.body["data"][0]["id"], first.body["data"][0]["id"]);
    a.get(&format!("/v1/workspaces/ws_a{}", use_it(""))).await.is_problem(400, "cursor_invalid");
    b.get(&format!("/v1/workspaces/ws_b{}", use_it("platform=x&"))).await.is_problem(400, "cursor_invalid");
    b.get(&format!("/v1/workspaces/ws_b{}", use_it("lifecycle=disconnected&"))).await.is_problem(400, "cursor_invalid");
    world.advance(jiff::SignedDuration::from_hours(24));
    b.get(&format!("/v1/workspaces/ws_b{}", use_it(""))).await.is_problem(400, "cursor_invalid");
}

/// CHK-P1, CHK-P8: a key that the other workspace used replays nothing.
#[tokio::test(flavor = "multi_thread")]
async fn an_idempotency_key_of_another_workspace_has_no_effect() {
    let world = World::start().await;
    let a = world.owner("ws_a");
    let mut tried = 0;
    for operation in protected(&world).await.into_iter().filter(Operation::changes) {
        let workspace = format!("ws_b_{}", operation.id);
        let (b, their) = (world.owner(&workspace), Place::make(&world, &workspace).await);
        let (path, body) = (their.path(&operation), their.body(&operation));
        let done = call(&b, &operation, &path, body.clone(), Some("one key")).await;
        assert!(done.status < 300, "{}: {}", operation.id, done.text);
        let again = call(&b, &operation, &path, body.clone(), Some("one key")).await;
        assert_eq!(again.header("idempotency-replayed"), Some("true"), "{}: {}", operation.id, again.text);
        call(&a, &operation, &path, body, Some("one key")).await.is_problem(404, "not_found");
        tried += 1;
    }
    assert!(tried >= 6, "{tried}");
}
