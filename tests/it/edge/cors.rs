//! Which web pages may call the API from a browser.

use api::Origins;
use reqwest::Method;
use serde_json::json;
use tests::{Answer, Options, World, send};

use super::route::{Place, operations};

const FRONTENDS: [&str; 2] = ["https://app.example", "http://localhost:5173"];
/// What a browser asks before it sends a token.
const ASKS: [(&str, &str); 2] = [
    ("access-control-request-method", "POST"),
    ("access-control-request-headers", "authorization,content-type,idempotency-key"),
];

/// Origins that are not listed, however like one of the list they look.
const HOSTILE: [&str; 44] = [
    "null",
    "*",
    "",
    "https://evil.example",
    "http://app.example",
    "HTTPS://app.example",
    "https://APP.example",
    "https://App.Example",
    "https://app.example.",
    "https://app.example/",
    "https://app.example/x",
    "https://app.example:443",
    "https://app.example:8443",
    "https://app.example:",
    "https://app.example.evil.example",
    "https://app.example-evil.example",
    "https://app.exampleevil",
    "https://evilapp.example",
    "https://evil-app.example",
    "https://sub.app.example",
    "https://app.example@evil.example",
    "https://evil.example@app.example",
    "https://evil.example/https://app.example",
    "https://evil.example?https://app.example",
    "https://evil.example#https://app.example",
    "https://app.example https://evil.example",
    "https://evil.example https://app.example",
    "https://app.example,https://evil.example",
    "https://app.example;",
    "https://app.example%00.evil.example",
    "https://app.example%60.evil.example",
    "https://app.example`",
    "https://app_example",
    "https://app.exampl",
    "https://app-example",
    "https://appxexample",
    "//app.example",
    "app.example",
    "file://app.example",
    "https:/app.example",
    "https://xn--pp-7kc.example",
    "http://localhost",
    "http://localhost:51730",
    "http://127.0.0.1:5173",
];

async fn world() -> World {
    let cors_origins = FRONTENDS.map(str::to_owned).to_vec();
    World::with(Options { cors_origins, ..Options::default() }).await
}

/// What an answer lets a page read, or a browser send.
fn grants(answer: &Answer) -> Vec<(&str, &str)> {
    let all = answer.headers.iter().filter(|(name, _)| name.as_str().starts_with("access-control-"));
    let mut all: Vec<_> = all.map(|(name, value)| (name.as_str(), value.to_str().expect("text"))).collect();
    all.sort_unstable();
    all
}

const EXPOSED: &str = "etag, idempotency-replayed, location, ratelimit-limit, ratelimit-remaining, ratelimit-reset, \
                       retry-after, www-authenticate, x-request-id";

/// CHK-P16
#[tokio::test(flavor = "multi_thread")]
async fn a_listed_origin_may_call_with_a_token_and_without_cookies() {
    let world = world().await;
    let owner = world.owner("ws_1");
    for origin in FRONTENDS {
        for operation in operations(&world).await.into_iter().filter(|o| o.path.starts_with("/v1/")) {
            let at = operation.path.replace("{issuer}", "x");
            let at = Place::nowhere(&world).path(&super::route::Operation { path: at, ..operation.clone() });
            let ask = world.nobody().call(Method::OPTIONS, &at).header("origin", origin);
            let answer = send(ASKS.iter().fold(ask, |ask, (name, value)| ask.header(*name, *value))).await;
            if ["/v1/oauth/", "/v1/platform-callbacks/"].iter().any(|other| operation.path.starts_with(other)) {
                answer.is_problem(405, "method_not_allowed");
                assert_eq!(grants(&answer), [], "{at}: for people, or for platforms");
                continue;
            }
            assert_eq!((answer.status, answer.text.as_str()), (204, ""), "{at}");
            assert_eq!(
                grants(&answer),
                [
                    (
                        "access-control-allow-headers",
                        "authorization, content-type, idempotency-key, if-match, prefer, x-request-id, x-workspace-id"
                    ),
                    ("access-control-allow-methods", "GET, HEAD, POST, PUT, PATCH, DELETE"),
                    ("access-control-allow-origin", origin),
                    ("access-control-expose-headers", EXPOSED),
                    ("access-control-max-age", "600"),
                ]
            );
        }
        let shared = [("access-control-allow-origin", origin), ("access-control-expose-headers", EXPOSED)];
        let read = send(owner.call(Method::GET, "/v1/workspaces/ws_1/accounts").header("origin", origin)).await;
        assert_eq!((read.status, grants(&read)), (200, shared.to_vec()));
        let made = owner.call(Method::POST, "/v1/workspaces/ws_1/connect-sessions").json(&json!({"platform": "x"}));
        let made = send(made.header("origin", origin)).await;
        assert_eq!((made.status, grants(&made)), (201, shared.to_vec()));
        // A page must be able to read why it was refused.
        for path in ["/v1/workspaces/ws_1/accounts", "/v1/nothing"] {
            let refused = send(world.nobody().call(Method::GET, path).header("origin", origin)).await;
            assert_eq!(grants(&refused), shared, "{path}");
            assert!(refused.header("vary").is_some_and(|vary| vary.contains("origin")));
        }
    }
}

/// CHK-P16
#[tokio::test(flavor = "multi_thread")]
async fn no_other_origin_may_read_or_send() {
    let world = world().await;
    let owner = world.owner("ws_1");
    let path = "/v1/workspaces/ws_1/accounts";
    for hostile in HOSTILE {
        let read = send(owner.call(Method::GET, path).header("origin", hostile)).await;
        assert_eq!((read.status, grants(&read)), (200, vec![]), "{hostile}");
        assert!(read.header("vary").is_some_and(|vary| vary.contains("origin")), "{hostile}");
        let ask = owner.call(Method::OPTIONS, path).header("origin", hostile);
        let answer = send(ASKS.iter().fold(ask, |ask, (name, value)| ask.header(*name, *value))).await;
        answer.is_problem(405, "method_not_allowed");
        assert_eq!(grants(&answer), [], "{hostile}");
    }
    let two = owner.call(Method::GET, path).header("origin", FRONTENDS[0]).header("origin", "https://evil.example");
    assert_eq!(grants(&send(two).await), []);
    // Nor may a listed one read what a cookie or this machine opens.
    for path in ["/console", "/console/sign-in", "/v1/dev/clock", "/.well-known/jwks.json", "/healthz", "/docs/errors"]
    {
        let read = send(world.nobody().call(Method::GET, path).header("origin", FRONTENDS[0])).await;
        assert_eq!(grants(&read), [], "{path}");
    }
    // OPTIONS that is no browser's question is a method like others.
    let plain = owner.call(Method::OPTIONS, path).header("origin", FRONTENDS[0]);
    send(plain).await.is_problem(405, "method_not_allowed");
}

/// CHK-P16: where nobody is listed, nobody is let in.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_list_no_origin_may_read_or_send() {
    let world = World::start().await;
    for origin in FRONTENDS {
        let ask = world.nobody().call(Method::OPTIONS, "/v1/workspaces/ws_1/accounts").header("origin", origin);
        let answer = send(ASKS.iter().fold(ask, |ask, (name, value)| ask.header(*name, *value))).await;
        assert_eq!((answer.status, grants(&answer)), (405, vec![]));
    }
}

/// CHK-P16: a list that could mean more than it says is not started with.
#[test]
fn an_entry_that_is_no_exact_origin_is_named() {
    for entry in FRONTENDS {
        assert!(Origins::new([entry]).is_ok(), "{entry}");
    }
    for entry in [
        "*",
        "null",
        "",
        "app.example",
        "https://",
        "https://*.example",
        "https://app.example/",
        "https://app.example/x",
        "https://app.example:443",
        "https://App.example",
        "https://user@app.example",
        "https://app.example ",
        "ftp://app.example",
        "file:///",
    ] {
        let said = Origins::new([FRONTENDS[0], entry]).expect_err(entry);
        assert!(said.contains(&format!("{entry:?}")), "{said}");
    }
}
