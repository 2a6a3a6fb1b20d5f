//! Programs call by keys, within what their makers may do.

mod lease;
mod reader;

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Caller, World, send};

const KEYS: &str = "/v1/workspaces/ws_1/api-keys";
const ACCOUNTS: &str = "/v1/workspaces/ws_1/accounts";

async fn made(caller: &Caller, body: Value) -> Value {
    let made = caller.post(KEYS, body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.body
}

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}

async fn listed(caller: &Caller) -> Vec<Value> {
    let list = caller.get(KEYS).await;
    assert_eq!(list.status, 200, "{}", list.text);
    list.body["data"].as_array().expect("keys").clone()
}

/// A call in a workspace that the header names.
async fn named(caller: &Caller, workspace: &str, path: &str) -> Answer {
    send(caller.call(Method::GET, path).header("x-workspace-id", workspace)).await
}

#[track_caller]
fn is_not_let_in(answer: &Answer) {
    answer.is_problem(401, "unauthenticated");
}

/// S0-64, CHK-P6: what programs may reach is listed, and a key that is revoked is refused by the next call.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_listed_with_what_it_is_for_and_stops_at_once_when_it_is_revoked() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let expires = (world.now() + SignedDuration::from_hours(48)).to_string();
    let asked = json!({"name": "  the\u{202e} publisher ", "scopes": ["credentials:lease", "accounts:read"],
                       "expires_at": expires});
    let key = made(&owner, asked).await;
    let secret = text(&key["key"]);
    assert!(secret.starts_with("mrk_") && secret.len() == 47, "{}", secret.len());
    assert_eq!(key["prefix"], secret[..12]);
    let program = owner.with_token(secret);
    assert_eq!(listed(&owner).await[0]["last_used_at"], Value::Null);
    assert_eq!(program.get(ACCOUNTS).await.status, 200);
    program.get(KEYS).await.is_problem(403, "permission_denied");
    program
        .post("/v1/workspaces/ws_1/connect-sessions", json!({"platform": "x"}))
        .await
        .is_problem(403, "permission_denied");

    let list = listed(&owner).await;
    assert_eq!(list.len(), 1);
    let shown = json!({
        "id": key["id"], "prefix": secret[..12], "key": null, "name": "the publisher",
        "scopes": ["accounts:read", "credentials:lease"], "workspaces": ["ws_1"],
        "created_by": {"id": "user-owner", "name": null}, "created_at": world.now().to_string(),
        "last_used_at": world.now().to_string(), "expires_at": expires, "revoked_at": null, "retiring": null,
        "etag": "\"1\"",
    });
    assert_eq!(list[0], shown);
    let path = format!("{KEYS}/{}", text(&key["id"]));
    let old = owner.call(Method::DELETE, &path).header("if-match", "\"2\"");
    send(old).await.is_problem(412, "version_conflict");
    assert_eq!(program.get(ACCOUNTS).await.status, 200);
    assert_eq!(owner.delete(&path).await.status, 204);
    is_not_let_in(&program.get(ACCOUNTS).await);
    assert_eq!(listed(&owner).await[0]["revoked_at"], world.now().to_string());
    owner.delete(&path).await.is_problem(404, "not_found");
    owner.post(&format!("{path}/rotate"), json!({})).await.is_problem(404, "not_found");
}

/// S0-57: of a key the table has the digest, and what is wrong with one is not told.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_kept_as_a_digest_and_refused_without_saying_why() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let ends = world.now() + SignedDuration::from_hours(1);
    let key = made(&owner, json!({"name": "a", "scopes": ["accounts:read"], "expires_at": ends.to_string()})).await;
    let secret = text(&key["key"]);
    let table = json!(world.dump().await).to_string();
    assert!(!table.contains(&secret[12..]) && table.contains(domain::Digest::of(secret).as_str()));
    let program = owner.with_token(secret);
    assert_eq!(program.get(ACCOUNTS).await.status, 200);
    let nobody_s = format!("mrk_{}", "A".repeat(43));
    let last = if secret.ends_with('A') { "B" } else { "A" };
    let other_end = format!("{}{last}", &secret[..46]);
    let refused = owner.with_token(&*nobody_s).get(ACCOUNTS).await;
    let told = |answer: &Answer| (answer.status, answer.body["code"].clone(), answer.body["detail"].clone());
    for hostile in
        ["mrk_", "mrk_#", &secret[..46], &format!("{secret}A"), &other_end, &secret.to_uppercase(), &secret[4..]]
    {
        let answer = owner.with_token(hostile).get(ACCOUNTS).await;
        assert_eq!(told(&answer), told(&refused), "{hostile:?}");
    }
    let twice = program.call(Method::GET, ACCOUNTS).header("x-workspace-id", "ws_1").header("x-workspace-id", "ws_1");
    is_not_let_in(&send(twice).await);
    world.advance(SignedDuration::from_hours(1));
    is_not_let_in(&program.get(ACCOUNTS).await);
}

/// CHK-P2: nobody gives a program more than they have.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_gives_a_key_what_they_do_not_have() {
    let world = World::start().await;
    let claims = |role: &str, more: Value| {
        let mut claims = json!({"ws": "ws_1", "role": role, "plan": "enterprise",
                                "workspaces": [{"id": "ws_2", "role": "manager"}, {"id": "ws_3", "role": "admin"}]});
        claims.as_object_mut().expect("claims").extend(more.as_object().expect("more").clone());
        world.caller(claims)
    };
    let (owner, admin) = (claims("owner", json!({})), claims("admin", json!({})));
    let narrow = claims("owner", json!({"perms": ["api_keys.manage", "accounts.read", "workspace.read"]}));
    let with = |scopes: Value| json!({"name": "a", "scopes": scopes});
    let there = |workspaces: Value| json!({"name": "a", "scopes": ["accounts:read"], "workspaces": workspaces});
    let before = world.dump().await;
    for (caller, body) in [
        (&admin, with(json!(["workspace:write"]))),
        (&owner, with(json!(["ops:*"]))),
        (&narrow, with(json!(["accounts:read"]))),
        (&narrow, with(json!(["ai:read", "connect:write"]))),
        (&owner, there(json!(["ws_1", "ws_2"]))),
        (&owner, there(json!(["ws_1", "ws_4"]))),
        (&owner, json!({"name": "a", "scopes": ["workspace:write"], "workspaces": ["ws_1", "ws_3"]})),
    ] {
        caller.post(KEYS, body).await.is_problem(403, "permission_denied");
    }
    for (body, pointer) in [
        (with(json!(["accounts:read", "accounts:admin"])), "/scopes/1"),
        (with(json!([])), "/scopes"),
        (json!({"name": " \u{200b}", "scopes": ["accounts:read"]}), "/name"),
        (json!({"name": "x".repeat(81), "scopes": ["accounts:read"]}), "/name"),
        (there(json!(["ws_3"])), "/workspaces"),
        (there(json!(["ws_1", "ws#3"])), "/workspaces/1"),
        (there((0..21).map(|n| json!(format!("ws_{n}"))).collect()), "/workspaces"),
        (json!({"name": "a", "scopes": ["accounts:read"], "expires_at": world.now().to_string()}), "/expires_at"),
    ] {
        let refused = owner.post(KEYS, body).await;
        refused.is_problem(422, "validation_failed");
        assert_eq!(refused.body["errors"][0]["pointer"], pointer, "{}", refused.text);
    }
    assert_eq!(world.dump().await, before);
    for (caller, body) in [
        (&owner, with(json!(["workspace:write"]))),
        (&admin, with(json!(["accounts:write", "connect:write", "audit:read"]))),
        (&narrow, with(json!(["ai:read"]))),
        (&admin, there(json!(["ws_1", "ws_3"]))),
    ] {
        made(caller, body).await;
    }
}

/// CHK-P2: whose accounts are narrowed makes a key for these accounts.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_reaches_no_account_that_its_maker_does_not_reach() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let hidden = world.connect(&owner, "x", "demo-01").await.remove(0);
    let seen = world.connect(&owner, "x", "demo-02").await.remove(0);
    let narrow = world.caller(json!({"ws": "ws_1", "role": "admin", "plan": "enterprise", "accounts": [&*seen]}));
    let (_, program) = narrow.program(&["accounts:read", "accounts:write"]).await;
    assert_eq!(program.get(&format!("/v1/accounts/{seen}")).await.status, 200);
    program.get(&format!("/v1/accounts/{hidden}")).await.is_problem(404, "not_found");
    program.delete(&format!("/v1/accounts/{hidden}")).await.is_problem(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_for_several_workspaces_says_which_it_means() {
    let world = World::start().await;
    let claims = json!({"ws": "ws_1", "role": "owner", "plan": "enterprise",
                        "workspaces": [{"id": "ws_2", "role": "owner"}]});
    let owner = world.caller(claims);
    let second = world.connect(&world.owner("ws_2"), "x", "demo-02").await.remove(0);
    let body = json!({"name": "a", "scopes": ["accounts:read"], "workspaces": ["ws_2", "ws_1"]});
    let key = made(&owner, body).await;
    assert_eq!(key["workspaces"], json!(["ws_1", "ws_2"]));
    let program = owner.with_token(text(&key["key"]));
    for (workspace, status) in [("ws_1", 404), ("ws_2", 200)] {
        let account = named(&program, workspace, &format!("/v1/accounts/{second}")).await;
        assert_eq!(account.status, status, "{workspace}: {}", account.text);
    }
    named(&program, "ws_1", "/v1/workspaces/ws_2/accounts").await.is_problem(404, "not_found");
    for (caller, workspace) in [(&program, "ws_3"), (&program, ""), (&program, "WS_1")] {
        is_not_let_in(&named(caller, workspace, ACCOUNTS).await);
    }
    is_not_let_in(&program.get(ACCOUNTS).await);
    let (_, single) = owner.program(&["accounts:read"]).await;
    assert_eq!(named(&single, "ws_1", ACCOUNTS).await.status, 200);
    is_not_let_in(&named(&single, "ws_2", ACCOUNTS).await);
}

/// The old key goes on for the time that was said, and not a second longer.
#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_key_goes_on_for_a_while_beside_the_new_one() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let key = made(&owner, json!({"name": "a", "scopes": ["accounts:read"]})).await;
    let first = owner.with_token(text(&key["key"]));
    let rotate = format!("{KEYS}/{}/rotate", text(&key["id"]));
    for wrong in ["P8D", "-PT1S", "1 day", "P1M", ""] {
        let refused = owner.post(&rotate, json!({"overlap": wrong})).await;
        refused.is_problem(422, "validation_failed");
        assert_eq!(refused.body["errors"][0]["pointer"], "/overlap", "{wrong}");
    }
    let rotated = owner.post_once(&rotate, json!({"overlap": "P7D"}), "k").await;
    assert_eq!((rotated.status, &rotated.body["id"]), (200, &key["id"]), "{}", rotated.text);
    assert_eq!((&rotated.body["etag"], &rotated.body["retiring"]["prefix"]), (&json!("\"2\""), &key["prefix"]));
    let again = owner.post_once(&rotate, json!({"overlap": "P7D"}), "k").await;
    assert_eq!((again.header("idempotency-replayed"), &again.body["key"]), (Some("true"), &Value::Null));
    let second = owner.with_token(text(&rotated.body["key"]));
    for caller in [&first, &second] {
        assert_eq!(caller.get(ACCOUNTS).await.status, 200);
    }
    world.advance(SignedDuration::from_hours(7 * 24));
    is_not_let_in(&first.get(ACCOUNTS).await);
    assert_eq!(second.get(ACCOUNTS).await.status, 200);
    assert_eq!(listed(&owner).await[0]["retiring"], Value::Null);

    let third = owner.post(&rotate, json!({})).await;
    let third = owner.with_token(text(&third.body["key"]));
    let fourth = owner.post(&rotate, json!({})).await;
    let fourth = owner.with_token(text(&fourth.body["key"]));
    is_not_let_in(&second.get(ACCOUNTS).await);
    for caller in [&third, &fourth] {
        assert_eq!(caller.get(ACCOUNTS).await.status, 200, "two are good at most");
    }
    let last = owner.post(&rotate, json!({"overlap": "PT0S"})).await;
    for caller in [&third, &fourth] {
        is_not_let_in(&caller.get(ACCOUNTS).await);
    }
    assert_eq!(owner.delete(rotate.trim_end_matches("/rotate")).await.status, 204);
    is_not_let_in(&owner.with_token(text(&last.body["key"])).get(ACCOUNTS).await);
    assert!(!world.dump().await.keys().any(|key| key.starts_with("Y#")), "nothing is left to be found");
}

/// Keys are noted as used once a minute at most.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_s_use_is_noted_once_a_minute() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let (_, program) = owner.program(&["accounts:read"]).await;
    for (later, noted) in [(0, 0), (59, 0), (1, 60), (30, 60), (30, 120)] {
        world.advance(SignedDuration::from_secs(later));
        assert_eq!(program.get(ACCOUNTS).await.status, 200);
        let used = text(&listed(&owner).await[0]["last_used_at"]).parse::<jiff::Timestamp>().expect("a time");
        let began: jiff::Timestamp = tests::BEGINNING.parse().expect("a time");
        assert_eq!(used.duration_since(began).as_secs(), noted);
    }
}

/// CHK-P7: the list comes in pages, each key once.
#[tokio::test(flavor = "multi_thread")]
async fn keys_are_listed_in_pages() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let mut ids = Vec::new();
    for _ in 0..5 {
        world.advance(SignedDuration::from_secs(1));
        ids.push(owner.program(&["accounts:read"]).await.0);
    }
    let (mut seen, mut next) = (Vec::new(), String::new());
    for more in [true, true, false] {
        let page = owner.get(&format!("{KEYS}?limit=2{next}")).await.body;
        seen.extend(page["data"].as_array().expect("keys").iter().map(|key| text(&key["id"]).to_owned()));
        assert_eq!(page["page"]["has_more"], more);
        if more {
            next = format!("&cursor={}", text(&page["page"]["next_cursor"]));
        }
    }
    assert_eq!(seen, ids);
    let other = world.owner("ws_2").get(&format!("/v1/workspaces/ws_2/api-keys?limit=2{next}")).await;
    other.is_problem(400, "cursor_invalid");
    owner.get(&format!("{ACCOUNTS}?limit=2{next}")).await.is_problem(400, "cursor_invalid");
}

/// Each scope and what it gives is printed beside the roles.
#[tokio::test(flavor = "multi_thread")]
async fn scopes_are_printed_and_give_what_is_printed() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let account = world.connect(&owner, "x", "demo-01").await.remove(0);
    let table = world.nobody().get("/v1/meta/permissions").await.body;
    let all: Vec<&str> = table["data"].as_array().expect("rows").iter().map(|row| text(&row["permission"])).collect();
    let calls = [
        ("workspace.read", Method::GET, "/v1/workspaces/ws_1/limits".to_owned()),
        ("accounts.read", Method::GET, ACCOUNTS.to_owned()),
        ("accounts.main", Method::PUT, format!("/v1/accounts/{account}/main")),
        ("accounts.connect", Method::POST, "/v1/workspaces/ws_1/connect-sessions".to_owned()),
        ("credentials.lease", Method::POST, format!("/v1/accounts/{account}/credential-leases")),
        ("audit.read", Method::GET, "/v1/workspaces/ws_1/access-report".to_owned()),
        ("workspace.configure", Method::PATCH, "/v1/workspaces/ws_1".to_owned()),
        ("events.read", Method::GET, "/v1/workspaces/ws_1/events".to_owned()),
    ];
    let scopes = table["scopes"].as_array().expect("scopes");
    assert_eq!(scopes.len(), 11);
    for row in scopes {
        let given: Vec<&str> = row["permissions"].as_array().expect("permissions").iter().map(text).collect();
        assert!(given.iter().all(|permission| all.contains(permission)), "{row}");
        if row["scope"] == "ops:*" {
            continue;
        }
        let (_, program) = owner.program(&[text(&row["scope"])]).await;
        for (permission, method, path) in &calls {
            let answer = send(program.call(method.clone(), path)).await;
            let may = answer.status != 403;
            assert_eq!(may, given.contains(permission), "{} {permission}: {}", row["scope"], answer.text);
        }
    }
}

/// Who connected an account is the program, and its own attempts are counted.
#[tokio::test(flavor = "multi_thread")]
async fn a_program_connects_in_its_own_name() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    // A key says of no plan, so the workspace's own record does.
    let (id, program) = owner.program(&["connect:write", "accounts:read"]).await;
    let started = program.post("/v1/workspaces/ws_1/connect-sessions", json!({"platform": "x"})).await;
    assert_eq!(started.status, 201, "{}", started.text);
    world.browser().approve(text(&started.body["start_url"]), "demo-01").await;
    let session = program.get(&format!("/v1/connect-sessions/{}", text(&started.body["id"]))).await.body;
    assert_eq!(session["status"], "completed", "{session}");
    let account = owner.get(&format!("/v1/accounts/{}", text(&session["accounts"][0]["id"]))).await.body;
    assert_eq!(account["connected_by"], json!({"type": "api", "id": id, "name": "a program"}));
}
