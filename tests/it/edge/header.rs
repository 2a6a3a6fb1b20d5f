//! No text of a stranger ends a header line of ours.

use serde_json::json;
use tests::{Reply, World, raw};

/// All header names that we ever answer with.
const OURS: [&str; 26] = [
    "allow",
    "cache-control",
    "connection",
    "content-length",
    "content-security-policy",
    "content-type",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "date",
    "etag",
    "idempotency-replayed",
    "location",
    "ratelimit-limit",
    "ratelimit-remaining",
    "ratelimit-reset",
    "referrer-policy",
    "refresh",
    "retry-after",
    "set-cookie",
    "vary",
    "www-authenticate",
    "x-content-type-options",
    "x-frame-options",
    "x-request-id",
    "access-control-allow-origin",
    "access-control-expose-headers",
];

/// Ways to write the end of a line, as they stand in an address.
const ENCODED: [&str; 10] = [
    "%0d%0a",
    "%0a",
    "%0d",
    "%0D%0A%20",
    "%250d%250a",
    "%E5%98%8A%E5%98%8D",
    "%c4%8d%c4%8a",
    "%u000d%u000a",
    "%5Cr%5Cn",
    "%00",
];
/// The same as they stand in a header.
const BARE: [&str; 6] = ["\r", "\n", "\r\n ", "\r\n\t", "\u{b}", "\u{85}"];
/// The line that somebody would like us to answer with.
const EVIL: &str = "X-Evil: 1";

#[track_caller]
fn is_clean(replies: &[Reply], what: &str) {
    assert!(!replies.is_empty(), "{what}: nothing came");
    for reply in replies {
        for (name, value) in &reply.headers {
            assert!(OURS.contains(&name.as_str()), "{what}: {name}: {value}");
            let control = value.chars().any(char::is_control);
            assert!(!control, "{what}: {name}: {value:?}");
        }
        for once in ["set-cookie", "location", "content-length", "x-request-id"] {
            assert!(reply.all(once).len() <= 1, "{what}: {once} comes twice");
        }
    }
}

async fn send(world: &World, line: &str, headers: &str, body: &str) -> Vec<Reply> {
    let length = body.len();
    let request = format!(
        "{line} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    );
    raw(&world.product, request.as_bytes()).await
}

/// CHK-P18: in any part of an address.
#[tokio::test(flavor = "multi_thread")]
async fn an_address_ends_no_header_line() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let bearer = format!("Authorization: Bearer {}\r\n", owner.token.as_deref().expect("a token"));
    for end in ENCODED {
        let evil = format!("{end}X-Evil:%201{end}{end}%3Cscript%3E");
        for path in [
            format!("/{evil}"),
            format!("/docs/errors/{evil}"),
            format!("/v1/accounts/{evil}"),
            format!("/v1/accounts/acc_1{evil}"),
            format!("/v1/workspaces/ws_1{evil}/accounts"),
            format!("/v1/platforms/x{evil}"),
            format!("/v1/oauth/start/cs_1{evil}"),
            format!("/v1/oauth/callback/x{evil}?state=1&code=2"),
            format!("/v1/oauth/callback/x?state=1{evil}&code=2"),
            format!("/v1/oauth/callback/x?state=1&code=2&iss={evil}"),
            format!("/v1/oauth/callback/x?state=1&error={evil}"),
            format!("/v1/workspaces/ws_1/accounts?platform={evil}"),
            format!("/v1/workspaces/ws_1/accounts?cursor={evil}"),
            format!("/v1/workspaces/ws_1/accounts?{evil}=1"),
            format!("/console?platform={evil}"),
            format!("/console/sign-in?workspace={evil}"),
            format!("/console/sign-in?workspace=ws_1&role={evil}"),
            format!("/console/sessions?session={evil}"),
            format!("/assets/{evil}.css"),
            format!("/v1/dev/jobs/{evil}"),
            format!("/v1/dev/events?after={evil}"),
        ] {
            for accept in ["Accept: text/html\r\n", ""] {
                let replies = send(&world, &format!("GET {path}"), &format!("{bearer}{accept}"), "").await;
                is_clean(&replies, &path);
                assert!(replies[0].header("x-request-id").is_some(), "{path} came as far as our routes");
            }
        }
    }
}

/// CHK-P18: in any header that we read, echo or log.
#[tokio::test(flavor = "multi_thread")]
async fn a_header_ends_no_header_line() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let bearer = format!("Authorization: Bearer {}\r\n", owner.token.as_deref().expect("a token"));
    for end in BARE {
        for name in [
            "X-Request-Id",
            "Traceparent",
            "Tracestate",
            "Baggage",
            "X-Amzn-Trace-Id",
            "X-B3-TraceId",
            "B3",
            "Idempotency-Key",
            "If-Match",
            "Accept",
            "Accept-Language",
            "Origin",
            "Referer",
            "Cookie",
            "User-Agent",
            "X-Forwarded-For",
            "X-Forwarded-Host",
            "Forwarded",
            "Content-Type",
            "Authorization",
            "Expect",
            "Upgrade",
        ] {
            let evil = format!("{name}: abcdefgh{end}{EVIL}\r\n");
            for (line, body) in [
                ("GET /v1/workspaces/ws_1/accounts", ""),
                ("GET /v1/nothing", ""),
                ("POST /v1/workspaces/ws_1/connect-sessions", "{}"),
            ] {
                let replies = send(&world, line, &format!("{bearer}{evil}"), body).await;
                is_clean(&replies, &format!("{name} {end:?}"));
            }
        }
    }
    // A good one of these is echoed, and only as far as it is good.
    let echo = send(&world, "GET /healthz", "X-Request-Id: abcd-1234\r\n", "").await;
    assert_eq!(echo[0].header("x-request-id"), Some("abcd-1234"));
    let none = send(&world, "GET /healthz", "X-Request-Id: abcd-1234; x\r\n", "").await;
    assert!(none[0].header("x-request-id").is_some_and(|id| id.starts_with("req_")));
}

/// CHK-P18: in what is stored and comes back in a header later.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_stored_ends_no_header_line() {
    let world = World::start().await;
    let token = |name: &str, sub: &str| {
        world.caller(json!({"ws": "ws_1", "role": "owner", "plan": "enterprise", "name": name, "sub": sub}))
    };
    let mut came_back = 0;
    for (round, end) in ENCODED.iter().chain(&BARE).enumerate() {
        let evil = format!("{end}{EVIL}{end}{end}");
        let person = format!("person-{round}");
        world.add_person(json!({"id": person, "name": evil, "x": {"name": evil}})).await;
        // A caller whose name or id would end a line is somebody else, or nobody.
        let owner = token(&evil, "somebody");
        let cookie = owner.token.as_deref().map(|token| format!("Cookie: mooring-console={token}\r\n"));
        let cookie = cookie.expect("a token");
        for return_url in [
            format!("https://app.example/{evil}"),
            format!("https://app.example/{}", evil.replace(' ', "%20")),
            format!("https://app.example/?a={}", evil.replace(' ', "%20")),
        ] {
            let ask = json!({"platform": "x", "return_url": return_url, "external_id": "e"});
            let made = owner.post("/v1/workspaces/ws_1/connect-sessions", ask).await;
            let Some(start_url) = made.body["start_url"].as_str() else {
                made.is_problem(422, "return_url_not_allowed");
                continue;
            };
            let path = start_url.strip_prefix(&world.product).expect("ours");
            is_clean(&send(&world, &format!("GET {path}"), "Accept: text/html\r\n", "").await, &return_url);
            let browser = world.browser();
            let authorize = browser.press_continue(start_url).await;
            let approve = [("person", person.as_str()), ("decision", "approve")];
            let callback = browser.answer(&authorize, &approve).await;
            let cookies = browser.cookies(&callback);
            let line = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
            let path = callback.strip_prefix(&world.product).expect("ours");
            let landed = send(&world, &format!("GET {path}"), &format!("Cookie: {line}\r\n"), "").await;
            is_clean(&landed, &return_url);
            assert_eq!(landed[0].status, 303, "{landed:?}");
            let to = landed[0].header("location").expect("an address");
            assert!(to.starts_with("https://app.example/") && to.is_ascii(), "{to}");
            came_back += 1;
        }
        is_clean(&send(&world, "GET /console", &format!("{cookie}Accept: text/html\r\n"), "").await, &evil);
        let odd = token("somebody", &evil);
        let refused = odd.get("/v1/platforms").await;
        assert!(refused.status == 401 || !evil.chars().any(char::is_control), "{evil:?}: {}", refused.status);
    }
    assert!(came_back > 10, "{came_back}");
}
