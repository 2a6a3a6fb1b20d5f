//! A tiny server for tests: it answers what a function says, byte for byte, and keeps what it heard.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use domain::{Secret, Timestamp};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use url::Url;

use crate::{App, Connector, PlatformError, Platforms, Upstream};

/// What an error must be.
pub(crate) type Is = fn(&PlatformError) -> bool;

/// When tests take place: 2026-11-18.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_second(1_795_000_000).expect("legal")
}

/// The client of our app, by its id and secret, at a platform that is simulated at `base`.
pub(crate) fn connector(base: &Url, platform: &str, method: Option<&str>, (id, secret): (&str, &str)) -> Connector {
    let app = App {
        platform: platform.parse().expect("legal"),
        method: method.map(|method| method.parse().expect("legal")),
        client_id: id.into(),
        client_secret: Secret::new(secret),
        approved_scopes: None,
    };
    let platforms = Platforms::new(&Upstream::Simulated(base.clone()), vec![app].into()).expect("set up");
    platforms.connectors()[0].clone()
}

/// A request as it was heard: its first line, then headers and body.
#[derive(Debug, Clone)]
pub(crate) struct Heard {
    pub(crate) line: String,
    pub(crate) rest: String,
}

impl Heard {
    /// The form that came.
    pub(crate) fn form(&self) -> HashMap<String, String> {
        let (_, body) = self.rest.split_once("\r\n\r\n").expect("a body");
        serde_urlencoded::from_str(body).expect("a form")
    }
}

/// The server; it ends with the test's runtime.
pub(crate) struct Stub {
    pub(crate) base: Url,
    heard: Arc<Mutex<Vec<Heard>>>,
}

impl Stub {
    /// Answers every request with the bytes that `answer` makes of it; the connection is closed after.
    pub(crate) async fn start(answer: impl Fn(&Heard) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("bound"));
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (keep, answer) = (heard.clone(), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let (keep, answer) = (keep.clone(), answer.clone());
                tokio::spawn(async move {
                    let mut bytes = Vec::new();
                    let mut chunk = [0; 4096];
                    while !whole(&bytes) {
                        match socket.read(&mut chunk).await {
                            Ok(read) if read > 0 => bytes.extend_from_slice(&chunk[..read]),
                            _ => return,
                        }
                    }
                    let text = String::from_utf8_lossy(&bytes).into_owned();
                    let (line, rest) = text.split_once("\r\n").expect("a request line");
                    let request = Heard { line: line.to_owned(), rest: rest.to_owned() };
                    keep.lock().expect("not poisoned").push(request.clone());
                    let _ = socket.write_all(&answer(&request)).await;
                    let _ = socket.shutdown().await;
                });
            }
        });
        Self { base: base.parse().expect("an address"), heard }
    }

    /// Answers the first request with nothing, the next with one byte of `bytes`, and so on until all of them come.
    pub(crate) async fn cutting(bytes: Vec<u8>) -> Self {
        let calls = AtomicUsize::new(0);
        Self::start(move |_| bytes[..bytes.len().min(calls.fetch_add(1, Ordering::SeqCst))].to_vec()).await
    }

    /// What was heard so far.
    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.heard.lock().expect("not poisoned").clone()
    }
}

/// A server that keeps its connections, and how many it took.
pub(crate) async fn keeper() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base = format!("http://{}/", listener.local_addr().expect("bound"));
    let taken = Arc::new(AtomicUsize::new(0));
    let count = taken.clone();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                let mut chunk = [0; 4096];
                // Each request here comes in one piece.
                while socket.read(&mut chunk).await.is_ok_and(|read| read > 0) {
                    if socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    (base, taken)
}

/// Whether head and body are there.
fn whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes).to_ascii_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|l| l.strip_prefix("content-length: ")).and_then(|n| n.parse().ok());
    body.len() >= length.unwrap_or(0)
}

/// An answer with JSON or any other body.
pub(crate) fn answer(status: u16, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// The same in pieces of 20 bytes (RFC 9112 section 7.1).
pub(crate) fn chunked(body: &str) -> Vec<u8> {
    let mut bytes = b"HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    for piece in body.as_bytes().chunks(20) {
        bytes.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
        bytes.extend_from_slice(piece);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"0\r\n\r\n");
    bytes
}

/// The same, where only the end of the connection ends the body.
pub(crate) fn endless(body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 X\r\nconnection: close\r\n\r\n{body}").into_bytes()
}
