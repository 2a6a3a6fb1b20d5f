//! What holds for the renewals of every method.

mod hostile;
mod tells;

use std::sync::atomic::Ordering;

use domain::DeadReason;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::*;
use crate::{
    AppsFile, Connector, Platforms, Upstream,
    stub::{Heard, Is, Stub, answer, chunked, endless, keeper, now},
};

/// What must be in no error: what is sent, and what comes back.
const SECRETS: [&str; 5] = ["old-access", "old-refresh", "app-secret", "new-access", "new-refresh"];
/// An app for each method.
const APPS: &str = include_str!("tests/apps.toml");

/// So many methods there are.
const METHODS: usize = 13;
/// The one whose answers are in an envelope.
const WRAPPED: &str = "tiktok-business";
const WRAPPED_HOST: &str = "/business-api.tiktok.com/";

/// Each method's client, at `base`.
fn connectors(base: &Url) -> Vec<Connector> {
    let apps = AppsFile::parse(&APPS.replace("BASE", base.as_str())).expect("good");
    let platforms = Platforms::new(&Upstream::Simulated(base.clone()), apps).expect("set up");
    assert_eq!(platforms.connectors().len(), METHODS);
    platforms.connectors().to_vec()
}

/// The client of the same method as the one at this place.
fn connector(place: usize, base: &Url) -> Connector {
    connectors(base).remove(place)
}

/// What a grant of the method holds.
fn held(connector: &Connector) -> TokenSet {
    let silent = connector.entry.renewal.renewal() == Renewal::Silent;
    let children = [("7".to_owned(), Secret::new("child"))].into();
    TokenSet { access: Secret::new("old-access"), refresh: silent.then(|| Secret::new("old-refresh")), children }
}

async fn renew(connector: &Connector) -> Result<Renewed, PlatformError> {
    let renewed = connector.client.renew(&held(connector), now()).await;
    if let Err(error) = &renewed {
        let told = format!("{error} {error:?}");
        assert!(!SECRETS.iter().any(|secret| told.contains(secret)), "{told}");
    }
    renewed
}

/// What each method's renewal makes of the same answer, with its issuer; it is asked for once.
async fn renewals(bytes: Vec<u8>) -> Vec<(String, Result<Renewed, PlatformError>)> {
    renewals_by(move |_| bytes.clone()).await
}

/// The same of an answer that is each method's own.
async fn renewals_by(
    bytes: impl Fn(&Heard) -> Vec<u8> + Send + Sync + 'static,
) -> Vec<(String, Result<Renewed, PlatformError>)> {
    let stub = Stub::start(bytes).await;
    let mut all = Vec::new();
    for connector in connectors(&stub.base) {
        all.push((connector.entry.issuer.clone(), renew(&connector).await));
    }
    assert_eq!(stub.heard().len(), all.len());
    all
}

/// The same of tokens, which are in the method's envelope.
async fn renewals_of(tokens: &str) -> Vec<(String, Result<Renewed, PlatformError>)> {
    let (plain, wrapped) = (answer(200, tokens), answer(200, enveloped(WRAPPED, tokens)));
    renewals_by(move |heard| if heard.line.contains(WRAPPED_HOST) { wrapped.clone() } else { plain.clone() }).await
}

fn issuers() -> Vec<String> {
    let nowhere = "http://127.0.0.1:9/".parse().expect("an address");
    connectors(&nowhere).into_iter().map(|connector| connector.entry.issuer.clone()).collect()
}

/// A body as the method's platform sends it.
fn enveloped(issuer: &str, body: &str) -> String {
    if issuer == WRAPPED { format!(r#"{{"code":0,"message":"OK","data":{body}}}"#) } else { body.to_owned() }
}

fn good() -> Value {
    json!({"token_type": "bearer", "expires_in": 7200, "access_token": "new-access"})
}

/// An answer to each of so many renewals, one byte longer each time: nothing but the whole one is a success.
async fn cut_everywhere(place: usize, bytes: Vec<u8>, at: impl Fn(usize, Result<Renewed, PlatformError>)) {
    let stub = Stub::cutting(bytes.clone()).await;
    let connector = connector(place, &stub.base);
    for offset in 0..bytes.len() {
        at(offset, renew(&connector).await);
    }
    let whole = renew(&connector).await.expect("the whole answer");
    assert_eq!(whole.tokens.access.expose(), "new-access");
    assert_eq!(stub.heard().len(), bytes.len() + 1, "each renewal is one call");
}

#[tokio::test]
async fn an_answer_cut_at_any_byte_is_unknown() {
    for (place, issuer) in issuers().iter().enumerate() {
        let body = enveloped(issuer, &good().to_string());
        for bytes in [answer(200, &body), chunked(&body)] {
            cut_everywhere(place, bytes, |offset, got| {
                assert!(matches!(got, Err(PlatformError::Unknown(_))), "{place} at {offset}: {got:?}");
            })
            .await;
        }
    }
}

/// Where nothing says how long the answer is, what came of it is kept.
#[tokio::test]
async fn a_part_that_passes_for_the_whole_is_unreadable() {
    for (place, issuer) in issuers().iter().enumerate() {
        let body = enveloped(issuer, &good().to_string());
        let bytes = endless(&body);
        let head = bytes.len() - body.len();
        cut_everywhere(place, bytes.clone(), |offset, got| match got {
            Err(PlatformError::Unknown(_)) => assert!(offset < head, "{place} at {offset}"),
            Err(PlatformError::Unreadable(body)) => assert_eq!(body.expose().as_bytes(), &bytes[head..offset]),
            other => panic!("{place} at {offset}: {other:?}"),
        })
        .await;
    }
}

#[tokio::test]
async fn only_what_finds_nobody_is_not_sent() {
    let nobody = TcpListener::bind("127.0.0.1:0").await.expect("free").local_addr().expect("bound");
    for connector in connectors(&format!("http://{nobody}/").parse().expect("an address")) {
        let got = renew(&connector).await;
        assert!(matches!(got, Err(PlatformError::NotSent(_))), "{}: {got:?}", connector.entry.issuer);
    }
    // A connection that ends before the request is read is one all the same.
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("free");
    let base = format!("http://{}/", listener.local_addr().expect("bound"));
    tokio::spawn(async move { while listener.accept().await.is_ok() {} });
    for connector in connectors(&base.parse().expect("an address")) {
        for _ in 0..20 {
            let got = renew(&connector).await;
            assert!(matches!(got, Err(PlatformError::Unknown(_))), "{}: {got:?}", connector.entry.issuer);
        }
    }
}

/// CHK-A17: hostile answers of token endpoints, to renewals.
#[tokio::test]
async fn an_answer_of_which_no_token_can_be_read_is_kept_and_told_to_nobody() {
    let with = |key: &str, value: Value| {
        let mut body = json!({"token_type": "bearer", "access_token": "new-access", "refresh_token": "new-refresh"});
        body[key] = value;
        body.to_string()
    };
    let long = "t".repeat(4097);
    for body in [
        "<html>new-access</html>".to_owned(),
        good().to_string()[..40].to_owned(),
        format!("{0}{0}", good()),
        format!("[{}]", good()),
        format!("\u{feff}{}", good()),
        "access_token=new-access&token_type=bearer".to_owned(),
        "[".repeat(100_000),
        "\"new-access\"".to_owned(),
        "null".to_owned(),
        "{}".to_owned(),
        String::new(),
        with("access_token", json!(null)),
        with("access_token", json!("")),
        with("access_token", json!(5)),
        with("access_token", json!(["new-access"])),
        with("access_token", json!("new access")),
        with("access_token", json!("new-access\r\nX: y")),
        with("access_token", json!(long)),
        with("token_type", json!("mac")),
        with("token_type", json!("DPoP")),
        with("token_type", json!(1)),
        with("refresh_token", json!(5)),
        with("refresh_token", json!(long)),
        with("expires_in", json!(-1)),
        with("expires_in", json!("soon")),
        with("expires_in", json!(7200.5)),
        with("scope", json!(5)),
    ] {
        for (issuer, got) in renewals_of(&body).await {
            let body = enveloped(&issuer, &body);
            let Err(PlatformError::Unreadable(kept)) = got else { panic!("{issuer}: {body} gave {got:?}") };
            assert_eq!(kept.expose(), body, "{issuer}");
            let error = PlatformError::Unreadable(kept);
            assert_eq!(error.to_string(), "an answer without readable tokens");
            assert_eq!(format!("{error:?}"), "Unreadable([redacted])");
        }
    }
    // An error beside the tokens, and tokens out of their envelope.
    for body in [with("error", json!("new-access")), with("error", json!(false))] {
        for (issuer, got) in renewals(answer(200, &body)).await {
            let Err(PlatformError::Unreadable(kept)) = got else { panic!("{issuer}: {body} gave {got:?}") };
            assert_eq!(kept.expose(), body, "{issuer}");
        }
    }
    for (issuer, got) in renewals(answer(201, b"{\"access_token\":\"new-acc\xffess\"}")).await {
        let Err(PlatformError::Unreadable(kept)) = got else { panic!("{issuer}: not UTF-8 gave {got:?}") };
        assert_eq!(kept.expose(), "{\"access_token\":\"new-acc\u{fffd}ess\"}", "{issuer}");
    }
    let heads = ["content-length: 5\r\ncontent-length: 500\r\n", "content-encoding: gzip\r\ncontent-length: 76\r\n"];
    let broken = heads.map(|head| format!("HTTP/1.1 200 X\r\n{head}\r\n{}", good()).into_bytes());
    for bytes in broken.into_iter().chain([b"nonsense\r\n\r\n".to_vec(), answer(200, vec![b' '; 256 * 1024 + 1])]) {
        for (issuer, got) in renewals(bytes).await {
            assert!(matches!(got, Err(PlatformError::Unknown(_))), "{issuer}: {got:?}");
        }
    }
}

/// Only a rule of the catalogue ends a grant, and an outage never is one.
#[tokio::test]
async fn refusals_are_told_apart() {
    use PlatformError::{GrantGone, Misconfigured, RateLimited, Unknown};
    let tokens = good().to_string();
    let unknown: Is = |e| matches!(e, Unknown(_));
    let limited: Is = |e| matches!(e, RateLimited { .. });
    let misconfigured: Is = |e| matches!(e, Misconfigured(_));
    let refused: Is = |e| matches!(e, GrantGone(DeadReason::InvalidGrant));
    for (status, body, is) in [
        (500, tokens.as_str(), unknown),
        (503, r#"{"error":"invalid_grant"}"#, unknown),
        (502, "<html>", unknown),
        (504, "", unknown),
        (503, r#"{"error":{"code":4}}"#, unknown),
        (302, tokens.as_str(), unknown),
        (400, tokens.as_str(), unknown),
        (400, "<html>invalid_grant</html>", unknown),
        (401, "", unknown),
        (403, r#"{"error":"new_words"}"#, unknown),
        (400, r#"{"message":"something else"}"#, unknown),
        (429, "{}", limited),
        (429, "<html>", limited),
        (401, r#"{"error":"invalid_client"}"#, misconfigured),
        (400, r#"{"error":"unauthorized_client"}"#, misconfigured),
        (400, r#"{"error":"unsupported_grant_type"}"#, misconfigured),
        (400, r#"{"error":"invalid_grant"}"#, refused),
        (200, r#"{"error":"invalid_grant"}"#, refused),
    ] {
        for (issuer, got) in renewals(answer(status, body)).await {
            assert!(got.as_ref().is_err_and(is), "{issuer}: {status} {body} gave {got:?}");
        }
    }
}

/// A connection that stood idle may be closed by the time the token is in it.
#[tokio::test]
async fn each_renewal_takes_a_connection_of_its_own() {
    let (base, taken) = keeper().await;
    for (place, connector) in connectors(&base.parse().expect("an address")).iter().enumerate() {
        for _ in 0..3 {
            assert!(matches!(renew(connector).await, Err(PlatformError::Unreadable(_))));
        }
        assert_eq!(taken.load(Ordering::SeqCst), 3 * (place + 1), "{}", connector.entry.issuer);
    }
}

/// What an answer does not bring stays as it was.
#[tokio::test]
async fn what_does_not_come_anew_stays() {
    for refresh in [json!(null), json!("")] {
        let mut body = good();
        body["refresh_token"] = refresh;
        body["refresh_expires_in"] = json!(3600);
        for (issuer, got) in renewals_of(&body.to_string()).await {
            let got = got.expect("good");
            let silent = !["facebook", "instagram", "instagram-login", "threads"].contains(&issuer.as_str());
            assert_eq!(got.tokens.refresh.as_ref().map(Secret::expose), silent.then_some("old-refresh"), "{issuer}");
            assert_eq!(got.tokens.children["7"].expose(), "child", "{issuer}");
            assert_eq!(got.expiry.access.map(domain::Timestamp::as_second), Some(1_795_007_200), "{issuer}");
            let ends = silent.then_some(1_795_003_600);
            assert_eq!(got.expiry.refresh.map(domain::Timestamp::as_second), ends, "{issuer}");
            assert_eq!((got.expiry.data_access, got.granted), (None, None), "{issuer}");
        }
    }
}
