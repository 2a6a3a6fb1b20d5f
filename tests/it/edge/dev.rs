//! What only the local server has is for this machine only.

use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Caller, World, send};

async fn now(caller: &Caller) -> Timestamp {
    caller.get("/v1/dev/clock").await.body["now"].as_str().expect("a time").parse().expect("a time")
}

/// DNS rebinding and pages of other sites: nothing is answered and nothing happens.
#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_host_or_origin_gets_nothing() {
    let world = World::start().await;
    let nobody = world.nobody();
    let port = world.product.rsplit(':').next().expect("a port");
    let before = now(&nobody).await;
    let strange: [(&str, String); 13] = [
        ("host", "evil.example".to_owned()),
        ("host", format!("evil.example:{port}")),
        ("host", format!("127.0.0.1.evil.example:{port}")),
        ("host", "localhost.evil.example".to_owned()),
        ("host", format!("localhost:{port}@evil.example")),
        ("host", format!("127.0.0.2:{port}")),
        ("host", "0.0.0.0".to_owned()),
        ("origin", "https://evil.example".to_owned()),
        ("origin", "null".to_owned()),
        ("origin", "http://127.0.0.1:1".to_owned()),
        ("origin", format!("https://127.0.0.1:{port}")),
        ("sec-fetch-site", "cross-site".to_owned()),
        ("sec-fetch-site", "same-site".to_owned()),
    ];
    let routes: [(Method, &str, &str); 8] = [
        (Method::POST, "/v1/dev/tokens", r#"{"workspace":"ws_1","role":"owner"}"#),
        (Method::GET, "/v1/dev/clock", ""),
        (Method::POST, "/v1/dev/clock", r#"{"advance":"P1D"}"#),
        (Method::POST, "/v1/dev/jobs/sweep", ""),
        (Method::GET, "/v1/dev/events", ""),
        (Method::GET, "/console/sign-in", ""),
        (Method::GET, "/.well-known/jwks.json", ""),
        (Method::GET, "/", ""),
    ];
    for (name, value) in &strange {
        for (method, path, body) in &routes {
            let call = nobody.call(method.clone(), path).header(*name, value).body(*body);
            let refused = send(call).await;
            assert_eq!(refused.status, 403, "{name}: {value} {method} {path}");
            refused.is_problem(403, "permission_denied");
            assert_eq!(refused.header("set-cookie"), None);
        }
    }
    assert_eq!(now(&nobody).await, before);
    for host in [format!("localhost:{port}"), "localhost".to_owned(), format!("[::1]:{port}"), "127.0.0.1".to_owned()] {
        let call = nobody.call(Method::GET, "/v1/dev/clock").header("host", host);
        assert_eq!(send(call).await.status, 200);
    }
    let own = nobody.call(Method::GET, "/v1/dev/clock").header("origin", &world.product);
    assert_eq!(send(own.header("sec-fetch-site", "same-origin")).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn both_clocks_move_together_and_only_as_they_are_told() {
    let world = World::start().await;
    let nobody = world.nobody();
    let began = now(&nobody).await;
    let post = |body: Value| nobody.post("/v1/dev/clock", body);
    assert_eq!(post(json!({"advance": "P59D"})).await.status, 200);
    assert_eq!(now(&nobody).await, began + jiff::SignedDuration::from_hours(24 * 59));
    let answer = post(json!({"set": "2027-01-01T00:00:00Z"})).await;
    assert_eq!(answer.body["now"], "2027-01-01T00:00:00Z");
    assert_eq!(post(json!({"advance": "PT10M"})).await.body["now"], "2027-01-01T00:10:00Z");
    let simulator = world.steer(Method::GET, "clock", Value::Null).await;
    assert_eq!(simulator["now"], "2027-01-01T00:10:00Z");
    for bad in [
        json!({}),
        json!({"advance": "P1D", "set": "2027-01-01T00:00:00Z"}),
        json!({"advance": "soon"}),
        json!({"advance": 1}),
        json!({"set": "yesterday"}),
        json!({"advance": "P999999Y"}),
        json!({"by": "P1D"}),
        json!({"advance": "P1D", "x": 1}),
        json!([]),
    ] {
        post(bad).await.is_problem(400, "invalid_request");
    }
    assert_eq!(nobody.get("/v1/dev/clock").await.body["now"], "2027-01-01T00:10:00Z");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dev_token_is_what_was_asked_for_and_outlives_the_clock() {
    let world = World::start().await;
    let nobody = world.nobody();
    let ask = |body: Value| nobody.post("/v1/dev/tokens", body);
    let made = ask(json!({"workspace": "ws_1", "role": "viewer", "plan": "starter", "sub": "someone"})).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let viewer = nobody.with_token(made.body["token"].as_str().expect("a token"));
    assert_eq!(viewer.get("/v1/workspaces/ws_1/limits").await.body["plan"], "starter");
    let session = viewer.post("/v1/workspaces/ws_1/connect-sessions", json!({"platform": "x"})).await;
    session.is_problem(403, "permission_denied");
    nobody.post("/v1/dev/clock", json!({"advance": "P4000D"})).await;
    assert_eq!(viewer.get("/v1/workspaces/ws_1/limits").await.status, 200);
    for bad in [
        json!({}),
        json!({"workspace": "ws_1"}),
        json!({"workspace": "ws_1", "role": "root"}),
        json!({"workspace": "ws#1", "role": "owner"}),
        json!({"workspace": "ws_1", "role": "owner", "admin": true}),
        json!({"workspace": "ws_1", "role": "owner", "iss": "x"}),
    ] {
        ask(bad).await.is_problem(400, "invalid_request");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_runs_when_it_is_asked_and_reports() {
    let world = World::start().await;
    let nobody = world.nobody();
    for job in ["sweep", "deliver"] {
        let report = nobody.post(&format!("/v1/dev/jobs/{job}"), json!({})).await;
        assert_eq!(report.status, 200, "{}", report.text);
        assert!(report.body.is_object());
    }
    nobody.post("/v1/dev/jobs/nothing", json!({})).await.is_problem(404, "not_found");
    nobody.put("/v1/dev/jobs/sweep").await.is_problem(405, "method_not_allowed");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bus_is_read_from_where_one_stopped() {
    let world = World::start().await;
    let nobody = world.nobody();
    world.connect(&world.owner("ws_1"), "x", "demo-01").await;
    let all = nobody.get("/v1/dev/events").await.body["data"].as_array().cloned().expect("events");
    assert!(all.len() >= 2 && all.iter().any(|e| e["type"] == "account.connected"), "{all:?}");
    let first = all[0]["id"].as_str().expect("an id");
    let rest = nobody.get(&format!("/v1/dev/events?after={first}")).await.body;
    assert_eq!(rest["data"].as_array().map(Vec::as_slice), Some(&all[1..]));
}
