//! A token endpoint that answers anything at all, byte for byte, at the command itself.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use tests::{
    Caller, client,
    process::{self, Mooring},
    send,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// What no answer of ours may repeat.
const CANARY: &str = "canary-9f31";
/// How much more memory the command may ever have had.
const GROWTH: u64 = 8 * 1024 * 1024;

/// What the token endpoint answers.
#[derive(Clone)]
enum Says {
    /// These bytes, and then it closes.
    Bytes(Vec<u8>),
    /// These bytes, and then these again and again until nobody reads them.
    Endless(Vec<u8>, Vec<u8>),
}

/// The service: whatever it says, `/me` knows one token.
#[derive(Clone)]
struct Rogue {
    base: String,
    says: Arc<Mutex<Says>>,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Rogue {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("bound"));
        let rogue = Self { base, says: Arc::new(Mutex::new(Says::Bytes(Vec::new()))), heard: Arc::default() };
        let serving = rogue.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serving.clone().answer(stream));
            }
        });
        rogue
    }

    async fn answer(self, mut stream: TcpStream) {
        let mut heard = Vec::new();
        let mut chunk = [0; 4096];
        while !is_whole(&heard) {
            match stream.read(&mut chunk).await {
                Ok(read) if read > 0 => heard.extend_from_slice(&chunk[..read]),
                _ => return,
            }
        }
        let heard = String::from_utf8_lossy(&heard).into_owned();
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).push(heard.clone());
        let says = if heard.starts_with("POST /token ") {
            self.says.lock().unwrap_or_else(PoisonError::into_inner).clone()
        } else if heard.to_lowercase().contains("authorization: bearer good\r\n") {
            Says::Bytes(ok(json!({"sub": "rogue-1", "name": "Somebody"}).to_string()))
        } else {
            Says::Bytes(plain("401 Unauthorized", "application/json", format!("{{\"error\":\"{CANARY}\"}}")))
        };
        match says {
            Says::Bytes(bytes) => drop(stream.write_all(&bytes).await),
            Says::Endless(first, more) => {
                let mut writing = stream.write_all(&first).await;
                while writing.is_ok() {
                    writing = stream.write_all(&more).await;
                }
            }
        }
        let _ = stream.shutdown().await;
    }

    fn apps(&self) -> String {
        let base = &self.base;
        format!(
            "[[app]]\nplatform = \"rogue\"\nmethod = \"oauth2_generic\"\nclient_id = \"ours\"\nclient_secret = \"hush\"\n\
             authorize_url = \"{base}/authorize\"\ntoken_url = \"{base}/token\"\nuserinfo_url = \"{base}/me\"\n"
        )
    }
}

/// Whether a request's head and body are there.
fn is_whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes).to_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    body.len() >= length.unwrap_or(0)
}

fn plain(status: &str, kind: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    [head.as_bytes(), body].concat()
}

fn ok(body: impl AsRef<[u8]>) -> Vec<u8> {
    plain("200 OK", "application/json", body)
}

/// 16 MiB of spaces for each 4 KiB.
fn bomb() -> Vec<u8> {
    let begins = b"\x1f\x8b\x08\0\0\0\0\0\x02\x03\xed\xc1\x81\0\0\0\0\0\xc3\x20\x95\xf9\x53\x1e\xe4\x55\x01";
    let ends = b"\x7c\x1b\x15\x3e\xfa\xfc\0\0\x40\0";
    [&begins[..], &[0; 4063], ends].concat().repeat(40)
}

/// What becomes of the attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// It fails with this code.
    Fails(&'static str),
    /// The account is connected, and its access ends after so many seconds, or nobody knows when.
    Connects(Option<i64>),
}
use End::{Connects, Fails};

/// Our code for an answer that is no answer.
const BROKEN: End = Fails("platform_unavailable");
/// Our code for an answer that cannot be what it says.
const SENSELESS: End = Fails("platform_error");

/// A token answer with one member replaced by this text of JSON.
fn with(name: &str, text: &str) -> Says {
    let mut members = vec![("access_token", "\"good\""), ("token_type", "\"Bearer\"")];
    members.retain(|(known, _)| *known != name);
    members.push((name, text));
    let members: Vec<String> = members.iter().map(|(name, text)| format!("\"{name}\":{text}")).collect();
    Says::Bytes(ok(format!("{{{}}}", members.join(","))))
}

const YEAR: i64 = 365 * 24 * 3600;

/// What is said about the token itself.
fn members() -> Vec<(&'static str, Says, End)> {
    let long = format!("\"{}\"", "t".repeat(4097));
    vec![
        ("a good answer", with("expires_in", "7200"), Connects(Some(7200))),
        ("another client's token", with("access_token", "\"other\""), BROKEN),
        ("no token", with("access_token", "null"), SENSELESS),
        ("an empty token", with("access_token", "\"\""), SENSELESS),
        ("a number", with("access_token", "5"), SENSELESS),
        ("a list", with("access_token", "[\"good\"]"), SENSELESS),
        ("an object", with("access_token", "{\"a\":\"good\"}"), SENSELESS),
        ("a long token", with("access_token", &long), SENSELESS),
        ("a token with a line", with("access_token", "\"good\\r\\nX-Evil: 1\""), SENSELESS),
        ("a token with NUL", with("access_token", "\"good\\u0000\""), SENSELESS),
        ("a token with a space", with("access_token", "\"good \""), SENSELESS),
        ("a token of other letters", with("access_token", "\"g\u{f6}\u{f6}d\""), SENSELESS),
        ("half a character", with("access_token", "\"good\\ud800\""), BROKEN),
        ("no type", with("token_type", "null"), Connects(None)),
        ("the type mac", with("token_type", "\"mac\""), SENSELESS),
        ("the type DPoP", with("token_type", "\"DPoP\""), SENSELESS),
        ("an empty type", with("token_type", "\"\""), SENSELESS),
        ("a type and a half", with("token_type", "\"Bearer \""), SENSELESS),
        ("a number as type", with("token_type", "1"), SENSELESS),
        ("types", with("token_type", "[\"Bearer\"]"), SENSELESS),
        ("no lifetime", with("expires_in", "null"), Connects(None)),
        ("a lifetime of nothing", with("expires_in", "0"), Connects(Some(60))),
        ("a lifetime in words", with("expires_in", "\"3600\""), Connects(Some(3600))),
        ("a huge lifetime", with("expires_in", "18446744073709551615"), Connects(Some(YEAR))),
        ("a huge lifetime in words", with("expires_in", "\"18446744073709551615\""), Connects(Some(YEAR))),
        ("a lifetime beyond numbers", with("expires_in", "1e309"), BROKEN),
        ("a lifetime far beyond", with("expires_in", "1e300"), SENSELESS),
        ("a negative lifetime", with("expires_in", "-1"), SENSELESS),
        ("a very negative lifetime", with("expires_in", "-9223372036854775808"), SENSELESS),
        ("a broken lifetime", with("expires_in", "3600.5"), SENSELESS),
        ("soon", with("expires_in", "\"soon\""), SENSELESS),
        ("true", with("expires_in", "true"), SENSELESS),
        ("a list of lifetimes", with("expires_in", "[3600]"), SENSELESS),
        ("NaN", with("expires_in", "NaN"), BROKEN),
        ("an odd refresh token", with("refresh_token", "7"), SENSELESS),
        ("an empty refresh token", with("refresh_token", "\"\""), SENSELESS),
        ("a long refresh token", with("refresh_token", &long), SENSELESS),
        ("a scope that is none", with("scope", "7"), SENSELESS),
        ("scopes of all kinds", with("scope", "[1,null,\"a b\",[\"c\"]]"), Connects(None)),
        ("an error beside the token", with("error", "\"invalid_grant\""), Fails("authentication_failed")),
        ("a token twice", with("access_token\":\"other\",\"access_token", "\"good\""), Connects(None)),
    ]
}

/// What the answer is made of.
fn bodies() -> Vec<(&'static str, Says, End)> {
    let good = "{\"access_token\":\"good\",\"token_type\":\"Bearer\"}";
    let bytes = |bytes: Vec<u8>| Says::Bytes(bytes);
    let status = |status: &str, body: &str| bytes(plain(status, "application/json", body));
    let to =
        |status: &str| bytes(format!("HTTP/1.1 {status}\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n").into());
    let head = |more: &str| format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{more}\r\n").into_bytes();
    let coded = |coding: &str, body: &[u8]| {
        let head = head(&format!("Content-Encoding: {coding}\r\nContent-Length: {}\r\n", body.len()));
        bytes([&head[..], body].concat())
    };
    let mib = vec![b' '; 1 << 20];
    let chunk = [&b"100000\r\n"[..], &mib, b"\r\n"].concat();
    let wide: Vec<u8> = good.encode_utf16().flat_map(u16::to_le_bytes).collect();
    vec![
        ("5 MiB", bytes(ok([&mib.repeat(5)[..], good.as_bytes()].concat())), BROKEN),
        ("chunks without end", Says::Endless(head("Transfer-Encoding: chunked\r\n"), chunk), BROKEN),
        ("no length and no end", Says::Endless(head(""), mib.clone()), BROKEN),
        ("a length that is a lie", bytes([&head("Content-Length: 1000\r\n")[..], good.as_bytes()].concat()), BROKEN),
        (
            "a chunk that never comes",
            bytes([&head("Transfer-Encoding: chunked\r\n")[..], b"ffffffffff\r\n"].concat()),
            BROKEN,
        ),
        ("a compressed bomb", coded("gzip", &bomb()), BROKEN),
        ("said to be compressed", coded("gzip", good.as_bytes()), BROKEN),
        ("compressed twice", coded("gzip, gzip", good.as_bytes()), BROKEN),
        ("other compression", coded("br", good.as_bytes()), BROKEN),
        ("not UTF-8", bytes(ok(b"{\"access_token\":\"go\xffod\"}")), BROKEN),
        ("UTF-16", bytes(ok(wide)), BROKEN),
        ("a byte order mark", bytes(ok(format!("\u{feff}{good}"))), BROKEN),
        ("100,000 lists", bytes(ok("[".repeat(100_000) + &"]".repeat(100_000))), BROKEN),
        ("50,000 objects", bytes(ok("{\"a\":".repeat(50_000))), BROKEN),
        ("two objects", bytes(ok(format!("{good}{good}"))), BROKEN),
        ("half an object", bytes(ok(&good[..30])), BROKEN),
        ("nothing", bytes(ok("")), BROKEN),
        ("a list", bytes(ok(format!("[{good}]"))), SENSELESS),
        ("a text", bytes(ok("\"good\"")), SENSELESS),
        ("null", bytes(ok("null")), SENSELESS),
        ("a page", bytes(plain("200 OK", "text/html", format!("<html>{CANARY}</html>"))), BROKEN),
        ("a form", bytes(plain("200 OK", "application/x-www-form-urlencoded", "access_token=good")), BROKEN),
        // Only what is said hangs on it, not as what.
        ("JSON as text", bytes(plain("200 OK", "text/plain", good)), Connects(None)),
        ("no content", bytes(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec()), BROKEN),
        ("elsewhere", to("302 Found"), BROKEN),
        ("elsewhere with the code", to("307 Temporary Redirect"), BROKEN),
        ("elsewhere for ever", to("308 Permanent Redirect"), BROKEN),
        ("a bad code", status("400 Bad Request", "{\"error\":\"invalid_grant\"}"), Fails("authentication_failed")),
        (
            "a bad client",
            status("401 Unauthorized", "{\"error\":\"invalid_client\"}"),
            Fails("platform_not_configured"),
        ),
        ("words of its own", status("400 Bad Request", &format!("{{\"error\":\"{CANARY}\"}}")), SENSELESS),
        ("too many calls", status("429 Too Many Requests", "{}"), BROKEN),
        ("an outage", bytes(plain("503 Service Unavailable", "text/html", CANARY)), BROKEN),
        ("an outage with a token", status("500 Internal Server Error", good), BROKEN),
        ("no HTTP", bytes(format!("{CANARY}\r\n\r\n").into()), BROKEN),
        ("no answer", bytes(Vec::new()), BROKEN),
        ("a status that is none", bytes(b"HTTP/1.1 999999 X\r\n\r\n".to_vec()), BROKEN),
        (
            "two lengths",
            bytes([&head("Content-Length: 5\r\nContent-Length: 500\r\n")[..], good.as_bytes()].concat()),
            BROKEN,
        ),
        ("headers without end", Says::Endless(b"HTTP/1.1 200 OK\r\n".to_vec(), b"X: y\r\n".repeat(1000)), BROKEN),
        ("one header without end", Says::Endless(b"HTTP/1.1 200 OK\r\nX: ".to_vec(), vec![b'y'; 4096]), BROKEN),
    ]
}

/// One attempt of a workspace of its own; answers with what its session says at the end.
async fn attempt(mooring: &Mooring, who: &Caller) -> Value {
    let http = client();
    let path = format!("/v1/workspaces/{}/connect-sessions", who.workspace());
    let made = who.post(&path, json!({"platform": "rogue"})).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let going = send(http.post(made.body["start_url"].as_str().expect("a start_url"))).await;
    let cookie = going.header("set-cookie").and_then(|c| c.split(';').next()).expect("a cookie");
    let state = super::param(going.header("location").expect("the service"), "state");
    let callback = format!("{}/v1/oauth/callback/rogue?state={state}&code=c", mooring.product);
    let landed = send(http.get(callback).header("cookie", cookie).header("accept", "text/html")).await;
    assert_eq!(landed.status, 200, "{}", landed.text);
    assert!(!landed.text.contains(CANARY) && !landed.text.contains("127.0.0.1"), "{}", landed.text);
    let session = who.get(&format!("/v1/connect-sessions/{}", made.body["id"].as_str().expect("an id"))).await;
    let told = session.body["error"].to_string();
    assert!(!session.text.contains(CANARY) && !told.contains("127.0.0.1"), "{}", session.text);
    session.body
}

async fn end(mooring: &Mooring, who: &Caller) -> End {
    let session = attempt(mooring, who).await;
    if session["status"] == "failed" {
        let code = session["error"]["code"].as_str().expect("a code").to_owned();
        let known = ["platform_unavailable", "platform_error", "authentication_failed", "platform_not_configured"];
        return Fails(known.into_iter().find(|known| *known == code).unwrap_or_else(|| panic!("{session}")));
    }
    assert_eq!(session["status"], "completed", "{session}");
    let account = session["accounts"][0]["id"].as_str().expect("an id");
    let account = who.get(&format!("/v1/accounts/{account}")).await;
    let ends = account.body["grant"]["access_expires_at"].as_str().map(str::parse::<jiff::Timestamp>);
    let since: jiff::Timestamp = account.body["connected_at"].as_str().expect("a time").parse().expect("a time");
    // Its clock runs: within seconds.
    let seconds = ends.map(|ends| ends.expect("a time").duration_since(since).as_secs());
    Connects(seconds.map(|seconds| (seconds + 5) / 10 * 10))
}

/// CHK-A17
#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_token_endpoint_answers_the_attempt_ends_with_a_code() {
    let directory = tempfile::tempdir().expect("a directory");
    let rogue = Rogue::start().await;
    std::fs::write(directory.path().join("apps.toml"), rogue.apps()).expect("ours");
    let options = ["--memory", "--no-demo", "--manual", "--port", "0", "--simulator-port", "0", "--apps", "apps.toml"];
    let mooring = Mooring::start(process::command(crate::command::BINARY, &options, directory.path())).await;
    let cases = [members(), bodies()].concat();
    assert!(cases.len() >= 40);
    let say = |says: &Says| *rogue.says.lock().unwrap_or_else(PoisonError::into_inner) = says.clone();
    let mut before = 0;
    for (round, (what, says, expected)) in cases[..1].iter().cycle().take(5).chain(&cases).enumerate() {
        // What it takes to connect anything at all.
        if round == 5 {
            before = mooring.peak_memory();
        }
        say(says);
        let ask = json!({"workspace": format!("ws_{round}"), "role": "owner"});
        assert_eq!(end(&mooring, &mooring.caller(ask).await).await, *expected, "{what}");
    }
    let grew = mooring.peak_memory() - before;
    assert!(grew < GROWTH, "{grew} bytes");
    let heard = rogue.heard.lock().unwrap_or_else(PoisonError::into_inner).clone();
    assert!(heard.iter().all(|call| !call.contains(" /elsewhere ")), "a redirect was followed");
    let welcome = |call: &&String| call.to_lowercase().contains("accept-encoding:");
    assert_eq!(heard.iter().find(welcome), None, "compression was asked for");
    // One call for each attempt, whatever came.
    assert_eq!(heard.iter().filter(|call| call.starts_with("POST /token ")).count(), cases.len() + 5);
}
