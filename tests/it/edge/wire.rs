//! Bytes that two readers could take apart differently: at most one request is ever answered.

use serde_json::json;
use tests::{Reply, World, raw};

/// The request that must never be answered.
const SMUGGLED: &str = "GET /healthz HTTP/1.1\r\nHost: h\r\nX-Request-Id: smuggled-0001\r\n\r\n";
/// The request behind each payload; it is answered only where the connection lives on.
const LAST: &str = "\r\nGET /v1/last HTTP/1.1\r\nHost: h\r\nX-Request-Id: last-0001\r\nConnection: close\r\n\r\n";

/// What becomes of a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// Nothing is answered and the connection is closed.
    Closed,
    /// 400 (or a status of its own) and the connection is closed.
    Refused(u16),
    /// One answer, and the connection is closed.
    OneAndClosed,
    /// One answer, and the next request is answered too.
    One,
}
use Fate::{Closed, One, OneAndClosed, Refused};

async fn fate(world: &World, payload: &[u8]) -> (Fate, Vec<Reply>) {
    let replies = raw(&world.product, &[payload, LAST.as_bytes()].concat()).await;
    let smuggled = replies.iter().any(|reply| reply.header("x-request-id") == Some("smuggled-0001"));
    assert!(!smuggled, "{replies:?}");
    let fate = match replies.as_slice() {
        [] => Closed,
        [only] if only.header("x-request-id").is_none() => Refused(only.status),
        [only] if only.header("x-request-id") == Some("last-0001") => panic!("{only:?} alone"),
        [_] => OneAndClosed,
        [_, last] if last.header("x-request-id") == Some("last-0001") => One,
        other => panic!("{:?}: {other:?}", String::from_utf8_lossy(payload)),
    };
    (fate, replies)
}

/// A head that is whole but for these lines, before a body that would be a second request.
fn post(lines: &str) -> String {
    format!("POST /v1/dev/tokens HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}\r\n\r\n")
}

/// CHK-P19: where a body ends.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_has_one_end_or_none() {
    let world = World::start().await;
    let long = SMUGGLED.len();
    let size = format!("{long:x}");
    let chunk = format!("{size}\r\n{SMUGGLED}\r\n0\r\n\r\n");
    let body = json!({"workspace": "ws_1", "role": "owner"}).to_string();
    let n = body.len();
    for (lines, tail, expected) in [
        // Plain ones, so that the others are refused for what is wrong with them.
        (format!("Content-Length: {n}"), body.clone(), One),
        ("Transfer-Encoding: chunked".to_owned(), format!("{n:x}\r\n{body}\r\n0\r\n\r\n"), One),
        ("Transfer-Encoding: Chunked".to_owned(), format!("{n:x};a=b\r\n{body}\r\n0\r\nTrailer: x\r\n\r\n"), One),
        (format!("Content-Length: {n}\r\nContent-Length: {n}"), body.clone(), One),
        // Both: chunked wins, and nothing more is read.
        ("Content-Length: 6\r\nTransfer-Encoding: chunked".to_owned(), format!("0\r\n\r\n{SMUGGLED}"), OneAndClosed),
        ("Transfer-Encoding: chunked\r\nContent-Length: 6".to_owned(), format!("0\r\n\r\n{SMUGGLED}"), OneAndClosed),
        ("Content-Length: 4\r\nTransfer-Encoding: chunked".to_owned(), chunk.clone(), OneAndClosed),
        (format!("Content-Length: {n}\r\nTransfer-Encoding: chunked"), body.clone(), OneAndClosed),
        // Lengths that are none, or two.
        (format!("Content-Length: 0\r\nContent-Length: {long}"), SMUGGLED.to_owned(), Refused(400)),
        (format!("Content-Length: {long}\r\nContent-Length: 0"), SMUGGLED.to_owned(), Refused(400)),
        (format!("Content-Length: 0, {long}"), SMUGGLED.to_owned(), Refused(400)),
        ("Content-Length: 5, 5".to_owned(), SMUGGLED.to_owned(), Refused(400)),
        ("Content-Length: ".to_owned(), SMUGGLED.to_owned(), Refused(400)),
        ("Content-Length: +5".to_owned(), SMUGGLED.to_owned(), Refused(400)),
        ("Content-Length: -1".to_owned(), SMUGGLED.to_owned(), Refused(400)),
        ("Content-Length: 0x5".to_owned(), SMUGGLED.to_owned(), Refused(400)),
        ("Content-Length: 5 5".to_owned(), SMUGGLED.to_owned(), Refused(400)),
        ("Content-Length: 5\u{b}".to_owned(), SMUGGLED.to_owned(), Refused(400)),
        ("Content-Length: 18446744073709551616".to_owned(), SMUGGLED.to_owned(), Refused(400)),
        ("Content-Length: 99999999999999999999999".to_owned(), SMUGGLED.to_owned(), Refused(400)),
        ("Content-Length : 5".to_owned(), SMUGGLED.to_owned(), Refused(400)),
        ("Content-Length\t: 5".to_owned(), SMUGGLED.to_owned(), Refused(400)),
        (" Content-Length: 5".to_owned(), SMUGGLED.to_owned(), Refused(400)),
        ("X: a\r\n Content-Length: 5".to_owned(), SMUGGLED.to_owned(), Refused(400)),
        ("Content-Length: 0\rContent-Length: 50".to_owned(), SMUGGLED.to_owned(), Refused(400)),
        ("Content\0-Length: 5".to_owned(), SMUGGLED.to_owned(), Refused(400)),
        // Codings that are not exactly one `chunked`.
        ("Transfer-Encoding: xchunked".to_owned(), chunk.clone(), Refused(400)),
        ("Transfer-Encoding: chunkedx".to_owned(), chunk.clone(), Refused(400)),
        ("Transfer-Encoding: chunked, identity".to_owned(), chunk.clone(), Refused(400)),
        ("Transfer-Encoding: identity".to_owned(), chunk.clone(), Refused(400)),
        ("Transfer-Encoding: gzip".to_owned(), chunk.clone(), Refused(400)),
        ("Transfer-Encoding: gzip, chunked".to_owned(), chunk.clone(), Refused(400)),
        ("Transfer-Encoding: chunked, chunked".to_owned(), chunk.clone(), Refused(400)),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked".to_owned(), chunk.clone(), Refused(400)),
        ("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked".to_owned(), chunk.clone(), Refused(400)),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity".to_owned(), chunk.clone(), Refused(400)),
        ("Transfer-Encoding: chunked;q=1".to_owned(), chunk.clone(), Refused(400)),
        ("Transfer-Encoding: \"chunked\"".to_owned(), chunk.clone(), Refused(400)),
        ("Transfer-Encoding: \u{b}chunked".to_owned(), chunk.clone(), Refused(400)),
        ("Transfer-Encoding:\r\n chunked".to_owned(), chunk.clone(), Refused(400)),
        ("Transfer-Encoding : chunked".to_owned(), chunk.clone(), Refused(400)),
        ("Transfer-Encoding: ".to_owned(), chunk.clone(), Refused(400)),
        (format!("Transfer_Encoding: chunked\r\nContent-Length: {n}"), body.clone(), One),
        // Chunks that are none: the body is broken, and so is what follows.
        ("Transfer-Encoding: chunked".to_owned(), format!("ffffffffffffffff1\r\n{SMUGGLED}"), OneAndClosed),
        ("Transfer-Encoding: chunked".to_owned(), format!("-1\r\n{SMUGGLED}"), OneAndClosed),
        ("Transfer-Encoding: chunked".to_owned(), format!("0x5\r\n{SMUGGLED}"), OneAndClosed),
        ("Transfer-Encoding: chunked".to_owned(), format!("\r\n{SMUGGLED}"), OneAndClosed),
        ("Transfer-Encoding: chunked".to_owned(), format!("{n:x}\n{body}\r\n0\r\n\r\n{SMUGGLED}"), OneAndClosed),
        ("Transfer-Encoding: chunked".to_owned(), format!("{n:x}\r\n{body}xx0\r\n\r\n{SMUGGLED}"), OneAndClosed),
        ("Transfer-Encoding: chunked".to_owned(), format!("1\r\n{body}\r\n0\r\n\r\n{SMUGGLED}"), OneAndClosed),
        ("Transfer-Encoding: chunked".to_owned(), format!("{n:x};{}\r\n", "e".repeat(20_000)), OneAndClosed),
    ] {
        let (found, replies) = fate(&world, format!("{}{tail}", post(&lines)).as_bytes()).await;
        assert_eq!(found, expected, "{lines:?} {tail:?}: {replies:?}");
        assert!(replies[0].status == 201 || replies[0].status == 400, "{lines:?}: {replies:?}");
    }
    // Where the body is not read, it is still no request.
    for (line, expected) in [("GET /healthz", One), ("POST /v1/nothing", One)] {
        let unread = format!("{line} HTTP/1.1\r\nHost: h\r\nContent-Length: {long}\r\n\r\n{SMUGGLED}");
        assert_eq!(fate(&world, unread.as_bytes()).await.0, expected, "{line}");
    }
}

/// CHK-P19: where a head ends, and whom it names.
#[tokio::test(flavor = "multi_thread")]
async fn a_head_has_one_host_and_one_spelling() {
    let world = World::start().await;
    let healthz = |lines: &str| format!("GET /healthz HTTP/1.1\r\n{lines}\r\n\r\n");
    let absolute = |authority: &str| format!("GET http://{authority}/healthz HTTP/1.1\r\nHost: h\r\n\r\n");
    for (payload, expected) in [
        (healthz("Host: h"), One),
        (healthz("Host: h\r\nX:"), One),
        ("\r\nGET /healthz HTTP/1.1\r\nHost: h\r\n\r\n".to_owned(), One),
        ("GET /healthz HTTP/1.1\nHost: h\n\n".to_owned(), One),
        ("GET /healthz HTTP/1.0\r\n\r\n".to_owned(), OneAndClosed),
        (absolute("h"), One),
        (absolute("H"), One),
        (healthz("Host: h\r\nConnection: upgrade\r\nUpgrade: h2c"), One),
        (healthz("Host: h\r\nHost: h"), Refused(400)),
        (healthz("Host: h\r\nHost: evil.example"), Refused(400)),
        (healthz("Host:"), Refused(400)),
        (healthz("Hos: h"), Refused(400)),
        (healthz("Host : h"), Refused(400)),
        (healthz("Host: h\r\n folded"), Refused(400)),
        (healthz("Host: h\r\n\tfolded"), Refused(400)),
        (healthz("Host: h\r\nX y: 1"), Refused(400)),
        (healthz("Host: h\r\nX: a\rb"), Refused(400)),
        (healthz("Host: h\r\nX: a\0b"), Refused(400)),
        (healthz("Host: h\r\n: empty"), Refused(400)),
        (healthz("Host: h\r\nno colon"), Refused(400)),
        (absolute("evil.example"), Refused(400)),
        (absolute("h@evil.example"), Refused(400)),
        (absolute("evil@h"), Refused(400)),
        (absolute("h:81"), Refused(400)),
        ("GET /healthz HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".to_owned(), Refused(400)),
        ("GET /healthz HTTP/1.2\r\nHost: h\r\n\r\n".to_owned(), Refused(400)),
        ("GET /healthz HTTP/3\r\nHost: h\r\n\r\n".to_owned(), Refused(400)),
        ("GET /healthz\r\n\r\n".to_owned(), Refused(400)),
        ("GET /health z HTTP/1.1\r\nHost: h\r\n\r\n".to_owned(), Refused(400)),
        ("GET /healthz\0 HTTP/1.1\r\nHost: h\r\n\r\n".to_owned(), Refused(400)),
        ("G\0T /healthz HTTP/1.1\r\nHost: h\r\n\r\n".to_owned(), Refused(400)),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(), Closed),
        ("\x16\x03\x01\x02\x00\x01\x00\x01\r\n\r\n".to_owned(), Refused(400)),
        (format!("{}{SMUGGLED}", healthz("Host: h\r\nConnection: close")), OneAndClosed),
    ] {
        let (found, replies) = fate(&world, payload.as_bytes()).await;
        assert_eq!(found, expected, "{payload:?}: {replies:?}");
    }
}

/// CHK-P15
#[tokio::test(flavor = "multi_thread")]
async fn connect_opens_no_tunnel() {
    let world = World::start().await;
    for target in ["evil.example:443", "127.0.0.1:22", "/healthz", "/v1/meta/errors"] {
        let connect = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\nConnection: close\r\n\r\n{SMUGGLED}");
        let replies = raw(&world.product, connect.as_bytes()).await;
        assert_eq!(replies.len(), 1, "{target}: {replies:?}");
        assert_eq!(replies[0].status, 405, "{target}: {replies:?}");
        assert!(replies[0].header("allow").is_some(), "{target}: {replies:?}");
    }
}
