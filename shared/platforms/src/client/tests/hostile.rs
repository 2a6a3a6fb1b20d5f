//! Hostile answers of token endpoints, to the code and to the renewal of every method.

use std::{
    fs,
    process::{Command, Stdio},
};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;

/// The shortest and the longest life that is believed, in seconds.
const SANE: [i64; 2] = [60, 365 * 24 * 3600];
/// The methods that read a plain answer of the standard.
const PLAIN: [&str; 12] = [
    "facebook",
    "instagram",
    "instagram-login",
    "x",
    "threads",
    "tiktok",
    "pinterest",
    "reddit",
    "acme",
    "linkedin",
    "youtube",
    "google_business",
];

/// A token answer with one member of another kind.
fn with(key: &str, text: &str) -> Vec<u8> {
    let mut members = vec![("access_token", "\"new-access\""), ("token_type", "\"bearer\"")];
    members.retain(|(known, _)| *known != key);
    members.push((key, text));
    let members: Vec<String> = members.iter().map(|(key, text)| format!("\"{key}\":{text}")).collect();
    answer(200, format!("{{{}}}", members.join(",")))
}

/// A head of the test's own before a body.
fn head(status: &str, more: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 {status}\r\n{more}\r\n").as_bytes(), body].concat()
}

/// 16 MiB of spaces for each 4 KiB.
fn bomb() -> Vec<u8> {
    let begins = b"\x1f\x8b\x08\0\0\0\0\0\x02\x03\xed\xc1\x81\0\0\0\0\0\xc3\x20\x95\xf9\x53\x1e\xe4\x55\x01";
    let ends = b"\x7c\x1b\x15\x3e\xfa\xfc\0\0\x40\0";
    [&begins[..], &[0; 4063], ends].concat().repeat(40)
}

/// Answers that give nothing, whoever asks.
fn denied() -> Vec<(&'static str, Vec<u8>)> {
    let good = r#"{"access_token":"new-access","token_type":"bearer"}"#;
    let long = format!("\"{}\"", "t".repeat(4097));
    let ok = |body: &str| answer(200, body);
    let coded = |coding: &str, body: &[u8]| {
        head("200 OK", &format!("content-encoding: {coding}\r\ncontent-length: {}\r\n", body.len()), body)
    };
    let to = |status: &str| head(status, "location: /elsewhere\r\ncontent-length: 0\r\n", b"");
    let wide: Vec<u8> = good.encode_utf16().flat_map(u16::to_le_bytes).collect();
    vec![
        ("a page", ok("<html>new-access</html>")),
        ("half an object", ok(&good[..30])),
        ("two objects", ok(&format!("{good}{good}"))),
        ("a list", ok(&format!("[{good}]"))),
        ("a text", ok("\"new-access\"")),
        ("null", ok("null")),
        ("an empty object", ok("{}")),
        ("nothing at all", ok("")),
        ("a form", ok("access_token=new-access&token_type=bearer")),
        ("a byte order mark", ok(&format!("\u{feff}{good}"))),
        ("UTF-16", answer(200, wide)),
        ("not UTF-8", answer(200, b"{\"access_token\":\"new-\xffaccess\"}")),
        ("half a character", with("access_token", "\"new-\\ud800\"")),
        ("100,000 lists", ok(&("[".repeat(100_000) + &"]".repeat(100_000)))),
        ("40,000 objects", ok(&"{\"a\":".repeat(40_000))),
        ("5 MiB of spaces", answer(200, [vec![b' '; 5 * 1024 * 1024].as_slice(), good.as_bytes()].concat())),
        ("a compressed bomb", coded("gzip", &bomb())),
        ("said to be compressed", coded("gzip", good.as_bytes())),
        ("other compression", coded("br", good.as_bytes())),
        ("compressed twice", coded("gzip, gzip", good.as_bytes())),
        ("two lengths", head("200 OK", "content-length: 5\r\ncontent-length: 500\r\n", good.as_bytes())),
        ("a length that is a lie", head("200 OK", "content-length: 5000\r\n", good.as_bytes())),
        ("a chunk that never comes", head("200 OK", "transfer-encoding: chunked\r\n", b"fffffffff\r\n{")),
        ("a status that is none", head("999999 X", "", good.as_bytes())),
        ("no HTTP", b"new-access\r\n\r\n".to_vec()),
        ("no answer", Vec::new()),
        ("no content", head("204 No Content", "", b"")),
        ("elsewhere", to("302 Found")),
        ("elsewhere with all of it", to("307 Temporary Redirect")),
        ("elsewhere for ever", to("308 Permanent Redirect")),
        ("no token", with("access_token", "null")),
        ("an empty token", with("access_token", "\"\"")),
        ("a number as token", with("access_token", "5")),
        ("a list as token", with("access_token", "[\"new-access\"]")),
        ("an object as token", with("access_token", "{\"a\":\"new-access\"}")),
        ("a token with a space", with("access_token", "\"new access\"")),
        ("a token with a line", with("access_token", "\"new-access\\r\\nX-Evil: 1\"")),
        ("a token with NUL", with("access_token", "\"new-access\\u0000\"")),
        ("a token of other letters", with("access_token", "\"n\u{eb}w\"")),
        ("a long token", with("access_token", &long)),
        ("the type mac", with("token_type", "\"mac\"")),
        ("the type DPoP", with("token_type", "\"DPoP\"")),
        ("a list of types", with("token_type", "[\"bearer\"]")),
        ("a negative life", with("expires_in", "-1")),
        ("a very negative life", with("expires_in", "-9223372036854775808")),
        ("a life beyond numbers", with("expires_in", "1e309")),
        ("a life far beyond", with("expires_in", "1e300")),
        ("a broken life", with("expires_in", "3600.5")),
        ("soon", with("expires_in", "\"soon\"")),
        ("a list of lives", with("expires_in", "[3600]")),
        ("a number as refresh token", with("refresh_token", "7")),
        ("a long refresh token", with("refresh_token", &long)),
        ("a refresh token with a line", with("refresh_token", "\"new-refresh\\r\\nX-Evil: 1\"")),
        ("an error beside the token", with("error", "\"new-access\"")),
        ("no error that is none", with("error", "false")),
        ("an outage with a token", answer(500, good)),
        ("a refusal with a token", answer(400, good)),
        ("too many calls", answer(429, good)),
        ("words of its own", answer(400, "{\"error\":\"new-access\"}")),
    ]
}

/// Answers that are believed as far as they are sane.
fn clamped() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("a life of nothing", with("expires_in", "0")),
        ("a second's life", with("expires_in", "1")),
        ("a huge life", with("expires_in", "18446744073709551615")),
        ("a huge life in words", with("expires_in", "\"18446744073709551615\"")),
        ("a refresh token's huge life", with("refresh_expires_in", "18446744073709551615")),
        ("a token twice", with("access_token\":\"old-news\",\"access_token", "\"new-access\"")),
    ]
}

/// Spends a code of the method's.
async fn exchange(connector: &Connector) -> Result<Consent, PlatformError> {
    let (code, verifier) = (Secret::new("old-refresh"), Secret::new("old-access"));
    let redirect_uri = "https://mooring.example/v1/oauth/callback/any";
    let grab = Grab { code: &code, redirect_uri, verifier: &verifier, capabilities: &[Capability::Publish] };
    let consent = connector.client.exchange(&grab, now()).await;
    if let Err(error) = &consent {
        let told = format!("{error} {error:?}");
        assert!(!SECRETS.iter().any(|secret| told.contains(secret)), "{told}");
    }
    consent
}

/// CHK-A17
#[tokio::test]
async fn sixty_five_hostile_token_answers_are_denied_or_clamped_by_every_method() {
    let (denied, clamped) = (denied(), clamped());
    assert_eq!(denied.len() + clamped.len(), 65);
    for (what, bytes) in denied {
        let stub = Stub::start(move |_| bytes.clone()).await;
        for connector in connectors(&stub.base) {
            let issuer = &connector.entry.issuer;
            let before = stub.heard().len();
            let got = exchange(&connector).await;
            assert!(got.is_err(), "{issuer} spends a code for {what}: {got:?}");
            // Nothing of it is sent anywhere, and the code is sent once.
            assert_eq!(stub.heard().len(), before + 1, "{issuer} spends a code for {what}");
            let got = renew(&connector).await;
            assert!(got.as_ref().is_err_and(|e| !ends(e)), "{issuer} renews for {what}: {got:?}");
            assert!(stub.heard().len() <= before + 2, "{issuer} renews for {what}");
        }
        assert!(stub.heard().iter().all(|call| !call.line.contains("/elsewhere")), "{what}");
    }
    for (what, bytes) in clamped {
        let stub = Stub::start(move |_| bytes.clone()).await;
        for connector in connectors(&stub.base) {
            let issuer = &connector.entry.issuer;
            // What comes after the token makes no sense here.
            assert!(exchange(&connector).await.is_err(), "{issuer}: {what}");
            let got = renew(&connector).await;
            assert!(got.is_ok() || !PLAIN.contains(&issuer.as_str()), "{issuer} renews for {what}: {got:?}");
            let Ok(Renewed { tokens, expiry, .. }) = got else { continue };
            assert_eq!(tokens.access.expose(), "new-access", "{issuer}: {what}");
            for end in expiry.access.into_iter().chain(expiry.refresh) {
                let life = end.duration_since(now()).as_secs();
                assert!((SANE[0]..=SANE[1]).contains(&life), "{issuer}: {what} gave {life} seconds");
            }
        }
    }
}

/// Whether it would end a grant, or take an account away.
fn ends(error: &PlatformError) -> bool {
    matches!(error, PlatformError::GrantGone(_) | PlatformError::AccountGone | PlatformError::RoleLost)
}

/// A server that goes on with its answer for as long as somebody reads it.
async fn endless(begins: &'static str, more: &'static [u8]) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base = format!("http://{}/", listener.local_addr().expect("bound"));
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut chunk = [0; 4096];
                let mut writing = socket.read(&mut chunk).await.map(drop);
                if writing.is_ok() {
                    writing = socket.write_all(begins.as_bytes()).await;
                }
                while writing.is_ok() {
                    writing = socket.write_all(more).await;
                }
            });
        }
    });
    base.parse().expect("an address")
}

/// The most memory that this process ever had, in bytes.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") * 1024
}

/// Says how much more memory it takes to be answered without end than to be answered well; see the test below.
#[tokio::test]
async fn an_answer_without_end_is_read_no_further_than_it_may_be() {
    let well = Stub::start(|_| answer(200, good().to_string())).await;
    for connector in connectors(&well.base) {
        renew(&connector).await.ok();
        exchange(&connector).await.ok();
    }
    let before = peak();
    let spaces = b" ".repeat(64 * 1024).leak();
    for (begins, more) in [
        ("HTTP/1.1 200 X\r\n\r\n{", &*spaces),
        ("HTTP/1.1 200 X\r\ncontent-length: 5000000\r\n\r\n{", spaces),
        ("HTTP/1.1 500 X\r\n\r\n", b"[".repeat(64 * 1024).leak()),
        (
            "HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n",
            format!("100\r\n{}\r\n", " ".repeat(256)).repeat(256).leak().as_bytes(),
        ),
    ] {
        let base = endless(begins, more).await;
        for connector in connectors(&base) {
            assert!(renew(&connector).await.is_err(), "{begins}");
            assert!(exchange(&connector).await.is_err(), "{begins}");
        }
    }
    // The kernel's count is not exact to the page.
    println!("grew by {} bytes", peak().saturating_sub(before));
}

/// CHK-A17: the same in a process that does nothing else.
#[test]
fn whatever_is_answered_takes_less_than_eight_mebibytes() {
    let one = "client::tests::hostile::an_answer_without_end_is_read_no_further_than_it_may_be";
    let mut alone = Command::new(std::env::current_exe().expect("this program"));
    let alone = alone.args(["--exact", one, "--nocapture", "--test-threads", "1"]).stderr(Stdio::inherit());
    let told = alone.output().expect("it runs");
    let told = String::from_utf8_lossy(&told.stdout);
    let grew = told.lines().find_map(|line| line.split_once("grew by ")?.1.strip_suffix(" bytes"));
    let grew: u64 = grew.unwrap_or_else(|| panic!("{told}")).parse().expect("a number");
    assert!(grew < 8 * 1024 * 1024, "{told}");
}
