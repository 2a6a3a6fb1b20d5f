//! Which members see and use an account: its visibility and its list, over what their role allows.

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Caller, World, send};

use crate::edge::route::{Operation, Place, call, protected, told};

/// The right that an operation on an account takes; none for what whoever sees the account may do.
fn right(operation: &str) -> Option<&'static str> {
    match operation {
        "getAccount"
        | "getAccountHealth"
        | "getAccountPermissions"
        | "getAccountPicture"
        | "getQueueSchedule"
        | "getAccountUsage"
        | "getAccountImpact"
        | "listEpisodes"
        | "listAccountActivity"
        | "listDevices"
        | "listSyncs"
        | "getHistory" => None,
        "getMetrics" | "getAudience" => Some("analytics"),
        "leaseCredential" | "reportSignal" | "setQueueSchedule" | "reportAccountUsage" => Some("publish"),
        "changeAccount" | "registerDevice" | "removeDevice" | "tieAccount" | "annotateEpisode" => Some("settings"),
        "setMainAccount"
        | "refreshAccount"
        | "syncAccount"
        | "disconnectAccount"
        | "removeAccount"
        | "reconnectAccount"
        | "createReconnectLink"
        | "detachAccount"
        | "copyAccount"
        | "listCopyTargets"
        | "requestAccountRelease" => Some("manage"),
        other => panic!("{other}: say here which right it takes"),
    }
}

/// Whether an operation can be done once only.
fn once(operation: &str) -> bool {
    operation == "copyAccount"
}

/// A member with a role, by a name of their own.
fn member(world: &World, role: &str, name: &str) -> Caller {
    world.caller(json!({"ws": "ws_1", "role": role, "plan": "enterprise", "sub": name}))
}

async fn show(owner: &Caller, account: &str, visibility: &str, acl: Value) {
    let body = json!({"visibility": visibility, "acl": acl});
    let done = send(owner.call(Method::PATCH, &format!("/v1/accounts/{account}")).json(&body)).await;
    assert_eq!(done.status, 200, "{}", done.text);
}

/// The call with a version that the account never had, so that whoever may does not change it.
async fn harmless(place: &Place, caller: &Caller, operation: &Operation) -> Answer {
    let mut call = caller.call(operation.method.clone(), &place.path(operation));
    if let Some(body) = place.body(operation) {
        call = call.json(&body);
    }
    send(call.header("if-match", "\"999\"")).await
}

/// S0-63, S0-67, S0-68, S0-70, CHK-P2: each visibility, each kind of member, each operation on an account.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_open_closed_or_not_there_as_its_visibility_and_list_say() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let (place, nowhere) = (Place::make(&world, "ws_1").await, Place::nowhere(&world));
    let operations: Vec<Operation> =
        protected(&world).await.into_iter().filter(|o| o.parameters().contains(&"account") && !once(&o.id)).collect();
    assert!(operations.len() >= 25, "{}", operations.len());
    let rights = ["publish", "analytics", "settings", "manage"];
    let acl: Value = rights.iter().map(|right| json!({"user": right, "rights": [right]})).collect();
    let mut seen = [0; 3];
    for visibility in ["workspace", "restricted", "private"] {
        for account in [&place.account, &place.instagram] {
            show(&owner, account, visibility, acl.clone()).await;
        }
        for name in ["publish", "analytics", "settings", "manage", "unlisted", "admin"] {
            let caller = member(&world, if name == "admin" { "admin" } else { "manager" }, name);
            for operation in &operations {
                // An owner's device is there again for who may remove it.
                let device = json!({"device_key": "a telephone", "name": "Ada's", "os": "ios 20.1"});
                owner.post(&format!("/v1/accounts/{}/devices", place.instagram), device).await;
                let needs = right(&operation.id);
                let answer = harmless(&place, &caller, operation).await;
                let what = format!("{} of a {visibility} account as {name}: {}", operation.id, answer.text);
                let is_open = visibility == "workspace" || name == "admin" || needs.is_none_or(|needs| needs == name);
                if ["removeAccount", "listCopyTargets"].contains(&operation.id.as_str()) && name != "admin" {
                    assert_eq!((answer.status, &answer.body["code"]), (403, &json!("permission_denied")), "{what}");
                } else if visibility == "private" && name == "unlisted" {
                    let absent = call(&caller, operation, &nowhere.path(operation), place.body(operation), None).await;
                    assert_eq!(told(&answer, &[]), told(&absent, &[]), "{what}");
                    assert_eq!(answer.status, 404, "{what}");
                    seen[0] += 1;
                } else if is_open {
                    let by_owner = harmless(&place, &owner, operation).await;
                    let was_removed = operation.id == "removeDevice" && answer.status == 204;
                    // A device that is new once is known the second time.
                    let succeeds = |answer: &Answer| answer.status < 300;
                    // A run that was asked for is under way for the next who asks.
                    let is_asked = operation.id == "syncAccount" && by_owner.status == 409;
                    let is_alike =
                        answer.status == by_owner.status || succeeds(&answer) && (succeeds(&by_owner) || is_asked);
                    assert!(is_alike || was_removed, "{what}\n{}", by_owner.text);
                    assert!(answer.status != 403, "{what}");
                    seen[1] += 1;
                } else {
                    assert_eq!((answer.status, &answer.body["code"]), (403, &json!("permission_denied")), "{what}");
                    assert!(
                        answer.body["detail"].as_str().expect("a detail").contains(needs.expect("a right")),
                        "{what}"
                    );
                    seen[2] += 1;
                }
            }
        }
    }
    assert!(seen.iter().all(|times| *times > 10), "{seen:?}");
}

/// Everything that a caller is told of their workspace.
async fn everything(caller: &Caller, sessions: &[String]) -> String {
    let mut all = String::new();
    for path in ["accounts", "accounts?lifecycle=disconnected", "accounts/main", "platforms", "events?limit=200"] {
        let answer = caller.get(&format!("/v1/workspaces/ws_1/{path}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        all += &answer.text;
    }
    for session in sessions {
        all += &caller.get(&format!("/v1/connect-sessions/{session}")).await.text;
    }
    all
}

/// S0-63, S0-67: a private account is nowhere for who is not on its list.
#[tokio::test(flavor = "multi_thread")]
async fn a_private_account_is_in_nothing_that_others_are_told() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let session = world.consent(&owner, json!({"platform": "x"}), "demo-01").await;
    let hidden = session["accounts"][0]["id"].as_str().expect("an account").to_owned();
    let sessions = vec![session["id"].as_str().expect("an id").to_owned()];
    let pages = world.connect(&owner, "facebook", "demo-02").await;
    show(&owner, &hidden, "private", json!([{"user": "listed", "rights": ["manage"]}])).await;
    show(&owner, &pages[0], "private", json!([])).await;
    owner.post(&format!("/v1/accounts/{hidden}/refresh"), json!({})).await;
    world.advance(SignedDuration::from_secs(10));
    let (listed, other) = (member(&world, "manager", "listed"), member(&world, "manager", "other"));

    assert!(everything(&owner, &sessions).await.contains(&hidden));
    assert!(everything(&listed, &sessions).await.contains(&hidden));
    let told = everything(&other, &sessions).await;
    assert!(!told.contains(&hidden) && !told.contains(&pages[0]), "{told}");
    let count = |caller: &Caller| {
        let caller = caller.clone();
        async move { caller.get("/v1/workspaces/ws_1/accounts/summary").await.body["total"].clone() }
    };
    assert_eq!((count(&owner).await, count(&listed).await, count(&other).await), (json!(3), json!(2), json!(1)));
    let sibling = other.get(&format!("/v1/accounts/{}", pages[1])).await.body;
    assert_eq!(sibling["grant"]["siblings"], json!([]));
    assert_eq!(owner.get(&format!("/v1/accounts/{}", pages[1])).await.body["grant"]["siblings"], json!([pages[0]]));

    // Nor is it told of when it becomes another one's successor's predecessor.
    let second = world.connect(&owner, "x", "demo-03").await.remove(0);
    let main = other.put(&format!("/v1/accounts/{second}/main")).await;
    assert_eq!((main.status, &main.body["demoted"]), (200, &Value::Null), "{}", main.text);
    assert_eq!(owner.post(&format!("/v1/accounts/{hidden}/disconnect"), json!({})).await.status, 200);
    world.advance(SignedDuration::from_secs(10));
    assert!(!everything(&other, &sessions).await.contains(&hidden));
    assert!(everything(&listed, &sessions).await.contains(&hidden));

    assert_eq!(owner.delete(&format!("/v1/accounts/{hidden}")).await.status, 202);
    world.advance(SignedDuration::from_secs(10));
    let events = |caller: &Caller| {
        let caller = caller.clone();
        async move { caller.get("/v1/workspaces/ws_1/events?limit=200").await.body["data"].clone() }
    };
    let of = |events: &Value, kind: &str| {
        let all = events.as_array().expect("events");
        all.iter().filter(|event| event["type"] == kind && event["account_id"] == hidden.as_str()).count()
    };
    let (by_owner, by_other) = (events(&owner).await, events(&other).await);
    assert_eq!((of(&by_owner, "account.removed"), of(&by_other, "account.removed")), (1, 0));
    assert_eq!((of(&by_owner, "account.disconnected"), of(&by_other, "account.disconnected")), (1, 0));
}

/// S0-63, S0-67: who may not manage an account does not get at it by connecting again.
#[tokio::test(flavor = "multi_thread")]
async fn a_private_account_is_not_reached_by_connecting_it_again() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let (listed, other) = (member(&world, "manager", "listed"), member(&world, "manager", "other"));
    let hidden = world.connect(&owner, "x", "demo-01").await.remove(0);
    show(&owner, &hidden, "private", json!([{"user": "listed", "rights": ["manage"]}])).await;
    let version = owner.get(&format!("/v1/accounts/{hidden}")).await.body["etag"].clone();

    let ask = json!({"platform": "x", "account_id": hidden});
    other.post("/v1/workspaces/ws_1/connect-sessions", ask.clone()).await.is_problem(404, "not_found");
    let attempt = world.attempt(&other, json!({"platform": "x"})).await;
    attempt.land("demo-01").await;
    assert_eq!(attempt.status().await, "awaiting_selection");
    let candidate = attempt.candidates().await.remove(0);
    assert_eq!((&candidate["selectable"], &candidate["reason"]), (&json!(false), &json!("permission_denied")));
    assert_eq!(candidate["existing_account_id"], Value::Null);
    let id = candidate["id"].as_str().expect("an id").to_owned();
    attempt.select(std::slice::from_ref(&id), false).await.is_problem(403, "permission_denied");
    assert_eq!(owner.get(&format!("/v1/accounts/{hidden}")).await.body["etag"], version);
    let selection = format!("/v1/connect-sessions/{}/selection", attempt.id);
    let selected = listed.post(&selection, json!({"candidate_ids": [id]})).await;
    assert_eq!(selected.status, 200, "whoever may choose it does: {}", selected.text);
    assert_eq!(world.consent(&listed, ask, "demo-01").await["status"], "completed");

    let policy = json!({"policies": {"reuse_grant": true}});
    send(owner.call(Method::PATCH, "/v1/workspaces/ws_1").json(&policy)).await;
    let page = world.connect(&owner, "facebook", "demo-01").await.remove(0);
    let grant = owner.get(&format!("/v1/accounts/{page}")).await.body["grant"]["id"].clone();
    let ask = json!({"platform": "facebook", "from_grant": grant});
    show(&owner, &page, "private", json!([{"user": "listed", "rights": ["publish"]}])).await;
    other.post("/v1/workspaces/ws_1/connect-sessions", ask.clone()).await.is_problem(404, "not_found");
    listed.post("/v1/workspaces/ws_1/connect-sessions", ask.clone()).await.is_problem(403, "permission_denied");
    show(&owner, &page, "private", json!([{"user": "listed", "rights": ["manage"]}])).await;
    assert_eq!(listed.post("/v1/workspaces/ws_1/connect-sessions", ask).await.status, 201);
}

/// S0-69: a token for figures takes the right to see them, and not that to publish.
#[tokio::test(flavor = "multi_thread")]
async fn a_lease_takes_the_right_of_its_purpose() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let account = world.connect(&owner, "facebook", "acme").await.remove(0);
    let path = format!("/v1/accounts/{account}/credential-leases");
    let acl = json!([{"user": "writer", "rights": ["publish"]}, {"user": "reader", "rights": ["analytics"]}]);
    let lease = |caller: Caller, purpose: &str| {
        let (path, body) = (path.clone(), json!({"purpose": purpose}));
        async move { caller.post(&path, body).await }
    };
    let (writer, reader) = (member(&world, "editor", "writer"), member(&world, "editor", "reader"));
    show(&owner, &account, "restricted", acl.clone()).await;
    assert_eq!(lease(writer.clone(), "publish").await.status, 201);
    assert_eq!(lease(reader.clone(), "analytics").await.status, 201);
    lease(writer.clone(), "analytics").await.is_problem(403, "permission_denied");
    lease(reader.clone(), "publish").await.is_problem(403, "permission_denied");
    // Its figures alone are withheld.
    let withheld = json!({"visibility": "workspace", "settings": {"privacy": {"share_analytics": false}}});
    send(owner.call(Method::PATCH, &format!("/v1/accounts/{account}")).json(&withheld)).await;
    assert_eq!(lease(reader.clone(), "publish").await.status, 201);
    assert_eq!(lease(reader, "analytics").await.status, 201);
    lease(writer, "analytics").await.is_problem(403, "permission_denied");
    assert_eq!(lease(owner, "analytics").await.status, 201);
}

/// S0-71: what is offered is what the list lets one do.
#[tokio::test(flavor = "multi_thread")]
async fn actions_tell_what_the_list_leaves_of_the_role() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let account = world.connect(&owner, "x", "demo-01").await.remove(0);
    show(&owner, &account, "restricted", json!([{"user": "writer", "rights": ["publish"]}])).await;
    let writer = member(&world, "manager", "writer").get(&format!("/v1/accounts/{account}")).await.body;
    let actions = writer["actions"].as_array().expect("actions");
    let enabled: Vec<&str> = actions.iter().filter(|a| a["enabled"] == true).filter_map(|a| a["id"].as_str()).collect();
    assert_eq!(enabled, ["schedule", "lease", "signal"]);
    let refresh = actions.iter().find(|action| action["id"] == "refresh").expect("refresh");
    assert!(refresh["disabled_reason"].as_str().expect("a reason").contains("for some members only"));
}

/// A tie to an account that one does not see is not told.
#[tokio::test(flavor = "multi_thread")]
async fn a_tie_to_a_private_account_is_told_to_who_sees_it() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let ask = json!({"platform": "instagram", "method": "instagram_login"});
    let photos = world.consent(&owner, ask, "demo-01").await["accounts"][0]["id"].as_str().expect("an id").to_owned();
    let texts = world.connect(&owner, "threads", "demo-01").await.remove(0);
    show(&owner, &photos, "private", json!([{"user": "listed", "rights": ["settings"]}])).await;
    let (listed, other) = (member(&world, "editor", "listed"), member(&world, "editor", "other"));
    let path = format!("/v1/accounts/{texts}");
    assert_eq!(other.get(&path).await.body["linked_account_proposal"], Value::Null);
    assert_eq!(listed.get(&path).await.body["linked_account_proposal"]["id"], photos.as_str());
    let body = json!({"account_id": photos});
    let tie = |caller: &Caller| send(caller.call(Method::PUT, &format!("{path}/linked-account")).json(&body));
    tie(&other).await.is_problem(404, "not_found");
    assert_eq!(tie(&listed).await.status, 200);
    let list = "/v1/workspaces/ws_1/accounts?platform=threads";
    for (caller, told) in [(&listed, json!(photos)), (&other, Value::Null)] {
        assert_eq!(caller.get(&path).await.body["linked_account_id"], told);
        assert_eq!(caller.get(list).await.body["data"][0]["linked_account_id"], told);
    }
}
