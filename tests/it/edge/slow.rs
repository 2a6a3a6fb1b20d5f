//! What is slow is cut off. The time is the runtime's own and stands still while anything moves.

use std::{convert::Infallible, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes},
    http::Request,
    response::Response,
    routing::get,
};
use futures::{StreamExt as _, stream};
use http_body_util::BodyExt as _;
use jiff::Timestamp;
use local::{Places, Setup, Stack, Storage, wire};
use platforms::AppsFile;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    time::{Instant, interval},
};
use tower::ServiceExt as _;

/// When a head or a body must be there.
const CUT: Duration = Duration::from_secs(10);

/// Writes byte after byte, one each second, and answers with what came back and after how long it was cut off.
async fn drip(bytes: &'static [u8]) -> (String, Duration) {
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    let router = Router::new().route("/", get(|| async { "here" }));
    let began = Instant::now();
    let serving = tokio::spawn(async move {
        let _ = wire::connection(theirs, router, None).await;
    });
    let (mut from, mut to) = tokio::io::split(ours);
    let writing = tokio::spawn(async move {
        let mut tick = interval(Duration::from_secs(1));
        for byte in bytes {
            tick.tick().await;
            if to.write_all(&[*byte]).await.is_err() {
                break;
            }
        }
        std::future::pending::<()>().await;
    });
    let mut came = String::new();
    let _ = from.read_to_string(&mut came).await;
    serving.await.expect("it ends");
    writing.abort();
    (came, began.elapsed())
}

/// CHK-P13: a head that takes too long, one that never ends, and a connection that says nothing.
#[tokio::test(start_paused = true)]
async fn a_slow_head_is_cut_off() {
    for bytes in [
        &b""[..],
        b"G",
        b"GET / HTTP/1.1\r\nHost: h\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: h\r\nX-Long: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ] {
        let (came, after) = drip(bytes).await;
        assert_eq!((came.as_str(), after), ("", CUT), "{:?}", String::from_utf8_lossy(bytes));
    }
}

/// CHK-P13: a connection is kept for the next request as long, and no longer.
#[tokio::test(start_paused = true)]
async fn a_connection_without_a_request_is_closed() {
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    let router = Router::new().route("/", get(|| async { "here" }));
    let serving = tokio::spawn(async move {
        let _ = wire::connection(theirs, router, None).await;
    });
    let (mut from, mut to) = tokio::io::split(ours);
    to.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").await.expect("it reads");
    let began = Instant::now();
    let mut came = String::new();
    from.read_to_string(&mut came).await.expect("text");
    assert!(came.starts_with("HTTP/1.1 200 OK\r\n") && came.ends_with("\r\n\r\nhere"), "{came}");
    assert_eq!(began.elapsed(), CUT);
    serving.await.expect("it ends");
}

async fn stack() -> Arc<Stack> {
    let beginning: Timestamp = tests::BEGINNING.parse().expect("a time");
    let place = |port: u16| format!("http://127.0.0.1:{port}/").parse().expect("an address");
    let setup = Setup {
        places: Places { product: place(1), simulator: place(2) },
        storage: Storage::Memory,
        seed: Some(1),
        wall: Arc::new(move || beginning),
        apps: AppsFile::default(),
        real_platforms: false,
        plans: "merged".to_owned(),
        return_urls: Vec::new(),
        cors_origins: Vec::new(),
    };
    Arc::new(Stack::build(setup).await.expect("a stack"))
}

/// A body that goes on for ever, a byte a second.
fn endless() -> Body {
    Body::from_stream(stream::unfold(interval(Duration::from_secs(1)), |mut tick| async move {
        tick.tick().await;
        Some((Ok::<_, Infallible>(Bytes::from_static(b" ")), tick))
    }))
}

/// A body that begins well and then says nothing.
fn stuck() -> Body {
    Body::from_stream(stream::once(async { Ok::<_, Infallible>(Bytes::from_static(b"{")) }).chain(stream::pending()))
}

async fn read(answer: Response) -> Value {
    let bytes = answer.into_body().collect().await.expect("a body").to_bytes();
    serde_json::from_slice(&bytes).unwrap_or(Value::Null)
}

/// CHK-P13: the same in every function, for the routers are the same.
#[tokio::test(start_paused = true)]
async fn a_slow_body_is_cut_off() {
    let stack = stack().await;
    let token = stack.token(json!({"ws": "ws_1", "role": "owner", "sub": "somebody"})).expect("a token");
    let before = stack.dump().await.expect("the table");
    for (path, kind) in [
        ("/v1/workspaces/ws_1/connect-sessions", "application/json"),
        ("/v1/dev/tokens", "application/json"),
        ("/console/connect", "application/x-www-form-urlencoded"),
    ] {
        for body in [endless(), stuck()] {
            let began = Instant::now();
            let request = Request::post(path)
                .header("host", "127.0.0.1")
                .header("authorization", format!("Bearer {}", token.expose()))
                .header("cookie", format!("mooring-console={}", token.expose()))
                .header("content-type", kind);
            let answer = stack.router().oneshot(request.body(body).expect("a request")).await.expect("an answer");
            assert_eq!(began.elapsed(), CUT, "{path}");
            let status = answer.status().as_u16();
            assert_eq!((status, &read(answer).await["code"]), (408, &json!("request_timeout")), "{path}");
        }
    }
    let mut after = stack.dump().await.expect("the table");
    // That it was tried is on record.
    after.retain(|key, _| !key.contains(" U#"));
    assert_eq!(after, before);
}
