//! What is sent wrongly is refused before anything happens.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Caller, World, send};

use super::route::{Operation, Place, call, operations, protected};

const SESSIONS: &str = "/v1/workspaces/ws_1/connect-sessions";

async fn raw(caller: &Caller, kind: &str, body: impl Into<Vec<u8>>) -> Answer {
    let mut call = caller.call(Method::POST, SESSIONS).body(body.into());
    if !kind.is_empty() {
        call = call.header("content-type", kind);
    }
    send(call).await
}

/// CHK-P3: on every operation that changes something, and without any effect.
#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_is_not_known_is_refused() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let place = Place::make(&world, "ws_1").await;
    let before = owner.get("/v1/workspaces/ws_1/accounts").await.body;
    let calls = world.journal().await.len();
    for operation in protected(&world).await.into_iter().filter(Operation::changes) {
        for name in ["surprise", "workspace_id", "role", "plan", "main", "is_main", "token", "status", "lifecycle"] {
            // What it takes under that name is another matter.
            if operation.members.iter().any(|member| member == name) {
                continue;
            }
            let mut body = place.body(&operation).unwrap_or_else(|| json!({}));
            body[name] = json!("x");
            let refused = call(&owner, &operation, &place.path(&operation), Some(body), None).await;
            refused.is_problem(400, "unknown_field");
        }
    }
    assert_eq!(owner.get("/v1/workspaces/ws_1/accounts").await.body, before);
    assert_eq!(world.journal().await.len(), calls);
    for query in ["surprise=1", "lifecycle=active&surprise=1"] {
        let list = owner.get(&format!("/v1/workspaces/ws_1/accounts?{query}")).await;
        list.is_problem(400, "unknown_field");
    }
}

/// CHK-P14
#[tokio::test(flavor = "multi_thread")]
async fn json_that_two_readers_could_read_differently_is_refused() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let bad: [&[u8]; 22] = [
        b"{",
        b"{}",
        b"null",
        b"[]",
        b"[\"x\"]",
        b"\"x\"",
        b"1",
        b"{'platform':'x'}",
        b"{\"platform\":\"x\",}",
        b"{\"platform\":\"x\"} {}",
        b"{\"platform\":\"x\"}]",
        b"\xef\xbb\xbf{\"platform\":\"x\"}",
        b"{\"platform\":\"x\",\"platform\":\"x\"}",
        b"{\"platform\":\"x\",\"pl\\u0061tform\":\"facebook\"}",
        b"{\"platform\":\"\\ud800\"}",
        b"{\"platform\":\"\xff\"}",
        b"{\"platform\":1}",
        b"{\"platform\":null}",
        b"{\"platform\":\"x\",\"capabilities\":\"publish\"}",
        b"{\"platform\":\"x\",\"fresh_consent\":\"true\"}",
        b"{\"platform\":\"x\",\"fresh_consent\":1e400}",
        b"{\"platform\":\"x\",\"fresh_consent\":NaN}",
    ];
    for body in bad {
        let refused = raw(&owner, "application/json", body).await;
        assert_eq!(refused.status, 400, "{}: {}", String::from_utf8_lossy(body), refused.text);
        refused.is_problem(400, "invalid_request");
    }
    let place = Place::make(&world, "ws_1").await;
    let path = format!("/v1/accounts/{}/disconnect", place.account);
    for body in ["[]", "[null]", "[\"because\"]", "null", "\"because\""] {
        let call = owner.call(Method::POST, &path).header("content-type", "application/json").body(body);
        send(call).await.is_problem(400, "invalid_request");
    }
    assert_eq!(owner.get(&format!("/v1/accounts/{}", place.account)).await.body["lifecycle"], "active");
}

/// CHK-P13
#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_deep_or_too_large_is_refused() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let nested = |depth: usize| format!("{{\"platform\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
    let detail = |answer: &Answer| answer.body["detail"].as_str().unwrap_or_default().to_owned();
    let deepest = raw(&owner, "application/json", nested(32)).await;
    deepest.is_problem(400, "invalid_request");
    assert!(!detail(&deepest).contains("deeper"), "{}", deepest.text);
    for depth in [33, 30_000] {
        let deeper = raw(&owner, "application/json", nested(depth)).await;
        deeper.is_problem(400, "invalid_request");
        assert!(detail(&deeper).contains("deeper than 32"), "{}", deeper.text);
    }
    let body = "{\"platform\":\"x\"}";
    let padded = |length: usize| format!("{body}{}", " ".repeat(length - body.len()));
    assert_eq!(raw(&owner, "application/json", padded(64 * 1024)).await.status, 201);
    raw(&owner, "application/json", padded(64 * 1024 + 1)).await.is_problem(413, "too_large");
    let nobody = raw(&world.nobody(), "application/json", padded(64 * 1024 + 1)).await;
    nobody.is_problem(401, "unauthenticated");
}

/// CHK-P14
#[tokio::test(flavor = "multi_thread")]
async fn only_json_is_read_as_json() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let body = "{\"platform\":\"x\"}";
    for kind in ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonx", "text/json", "application"]
    {
        raw(&owner, kind, body).await.is_problem(415, "media_type_unsupported");
    }
    for kind in ["application/json", "application/json; charset=utf-8", "Application/JSON"] {
        assert_eq!(raw(&owner, kind, body).await.status, 201, "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_may_be_left_out_where_nothing_in_it_is_needed() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let place = Place::make(&world, "ws_1").await;
    raw(&owner, "", "").await.is_problem(400, "invalid_request");
    let path = format!("/v1/accounts/{}", place.account);
    assert_eq!(owner.put(&format!("{path}/main")).await.status, 200);
    assert_eq!(send(owner.call(Method::POST, &format!("{path}/disconnect"))).await.status, 200);
    assert_eq!(owner.delete(&path).await.status, 202);
    assert_eq!(owner.delete(&format!("/v1/connect-sessions/{}", place.session)).await.status, 204);
}

/// Each field that is not right is named.
#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_is_not_allowed_is_refused_by_its_name() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let long = "x".repeat(201);
    for (pointer, body) in [
        ("/platform", json!({"platform": "nowhere"})),
        ("/platform", json!({"platform": "X"})),
        ("/platform", json!({"platform": "../x"})),
        ("/method", json!({"platform": "x", "method": "facebook_login"})),
        ("/capabilities/1", json!({"platform": "x", "capabilities": ["publish", "fly"]})),
        ("/ttl", json!({"platform": "x", "ttl": "soon"})),
        ("/ttl", json!({"platform": "x", "ttl": "PT59S"})),
        ("/ttl", json!({"platform": "x", "ttl": "PT25H"})),
        ("/external_id", json!({"platform": "x", "external_id": ""})),
        ("/external_id", json!({"platform": "x", "external_id": long})),
        ("/expected_handle", json!({"platform": "x", "expected_handle": "a\u{0}b"})),
    ] {
        let refused = owner.post(SESSIONS, body.clone()).await;
        refused.is_problem(422, "validation_failed");
        assert_eq!(refused.body["errors"][0]["pointer"], pointer, "{body}");
    }
    for (query, pointer) in [("limit=0", "/limit"), ("limit=201", "/limit"), ("lifecycle=gone", "/lifecycle")] {
        let refused = owner.get(&format!("/v1/workspaces/ws_1/accounts?{query}")).await;
        refused.is_problem(422, "validation_failed");
        assert_eq!(refused.body["errors"][0]["pointer"], pointer);
    }
    for query in ["limit=many", "limit=-1", "limit=1&limit=2"] {
        owner.get(&format!("/v1/workspaces/ws_1/accounts?{query}")).await.is_problem(400, "invalid_request");
    }
    owner.get("/v1/workspaces/ws_1/accounts?cursor=a&cursor=b").await.is_problem(400, "cursor_invalid");
}

/// CHK-P15: every path of the document with every method that it does not have.
#[tokio::test(flavor = "multi_thread")]
async fn another_method_is_refused_and_the_right_ones_are_named() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let nowhere = Place::nowhere(&world);
    let operations = operations(&world).await;
    let mut paths: Vec<&str> = operations.iter().map(|o| o.path.as_str()).collect();
    paths.dedup();
    for path in paths {
        let mut legal: Vec<Method> = operations.iter().filter(|o| o.path == path).map(|o| o.method.clone()).collect();
        if legal.contains(&Method::GET) {
            legal.push(Method::HEAD);
        }
        let mut expected: Vec<&str> = legal.iter().map(Method::as_str).collect();
        expected.sort_unstable();
        let at = path.replace("{issuer}", "x");
        let probe = Operation { path: at, ..operations[0].clone() };
        let at = nowhere.path(&probe);
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "PROPFIND"] {
            let method: Method = method.parse().expect("a method");
            if legal.contains(&method) {
                continue;
            }
            let refused = send(owner.call(method.clone(), &at)).await;
            assert_eq!(refused.status, 405, "{method} {at}: {}", refused.text);
            if method != Method::HEAD {
                refused.is_problem(405, "method_not_allowed");
            }
            let allow = refused.header("allow").unwrap_or_else(|| panic!("{method} {at}: no Allow"));
            let mut allow: Vec<&str> = allow.split(',').map(str::trim).collect();
            allow.sort_unstable();
            assert_eq!(allow, expected, "{method} {at}");
        }
    }
}

/// CHK-P15
#[tokio::test(flavor = "multi_thread")]
async fn head_is_get_without_a_body() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let account = world.connect(&owner, "x", "demo-01").await.remove(0);
    let path = format!("/v1/accounts/{account}");
    let get = owner.get(&path).await;
    let head = send(owner.call(Method::HEAD, &path)).await;
    assert_eq!((head.status, head.text.as_str(), head.header("etag")), (200, "", get.header("etag")));
    assert_eq!(get.body["lifecycle"], "active");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_a_problem_for_everybody() {
    let world = World::start().await;
    for caller in [world.owner("ws_1"), world.nobody()] {
        for path in
            ["/v1", "/v1/", "/v1/nothing", "/v2/meta/errors", "/v1/meta/errors/", "/V1/meta/errors", "//", "/metrics"]
        {
            let missing = caller.get(path).await;
            missing.is_problem(404, "not_found");
            assert_eq!(missing.body["instance"], path);
        }
    }
}

/// CHK-P11: an id of another kind, or no id at all, is as one that does not exist.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_id_is_not_there() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let nowhere = Place::nowhere(&world);
    let lower = nowhere.account.to_lowercase();
    for id in
        [nowhere.session.as_str(), &lower, "acc_", "1", "%00", "acc_%2e%2e", "%F0%9F%A6%80", "a%23b", &"x".repeat(2000)]
    {
        owner.get(&format!("/v1/accounts/{id}")).await.is_problem(404, "not_found");
        owner.get(&format!("/v1/workspaces/{id}/accounts")).await.is_problem(404, "not_found");
        owner.get(&format!("/v1/platforms/{id}")).await.is_problem(404, "not_found");
    }
    let all: Value = owner.get("/v1/platforms").await.body;
    let x = owner.get("/v1/platforms/x").await.body;
    assert!(all["data"].as_array().expect("platforms").iter().any(|platform| platform["id"] == x["id"]));
}
