use std::collections::HashMap;

use domain::{Capability, DeadReason, Renewal};
use serde_json::json;

use super::*;
use crate::{
    Connector,
    stub::{self, Heard, Is, Stub, answer, now},
};

const TOKEN: &str = "POST /www.reddit.com/api/v1/access_token HTTP/1.1";
const ME: &str = "GET /oauth.reddit.com/api/v1/me HTTP/1.1";
const REVOKE: &str = "POST /www.reddit.com/api/v1/revoke_token HTTP/1.1";
const WHICH: Which<'_> = Which { id: "1fake1", kind: "profile" };

fn connector(base: &Url) -> Connector {
    stub::connector(base, "reddit", None, ("the id", "a:b"))
}

fn tokens() -> TokenSet {
    TokenSet { access: Secret::new("old-access"), refresh: Some(Secret::new("1000000-old")), children: [].into() }
}

fn token() -> Value {
    json!({"access_token": "eyJfakeReddit0001", "token_type": "bearer", "expires_in": 86400,
        "refresh_token": "1000000-fakeRefresh0001", "scope": "identity read submit flair"})
}

fn me() -> Value {
    json!({"id": "1fake1", "name": "FjordCeramics", "total_karma": 5120, "has_verified_email": true,
        "icon_img": "https://styles.redditmedia.com/t5_fake/a.png?width=256&amp;crop=1:1&amp;s=fake",
        "is_suspended": false, "created_utc": 1_546_300_800.0,
        "subreddit": {"title": "Fjord Ceramics", "subscribers": 12}})
}

async fn served(token: (u16, Value), me: (u16, Value)) -> Stub {
    Stub::start(move |heard: &Heard| {
        let (status, body) = match heard.line.as_str() {
            TOKEN => &token,
            ME => &me,
            other => panic!("no such address: {other}"),
        };
        answer(*status, body.to_string())
    })
    .await
}

async fn exchange(stub: &Stub) -> Result<Consent, PlatformError> {
    let (code, verifier) = (Secret::new("the-code"), Secret::new("v"));
    let redirect_uri = "http://localhost/v1/oauth/callback/reddit";
    let grab = Grab { code: &code, redirect_uri, verifier: &verifier, capabilities: &[Capability::Publish] };
    connector(&stub.base).client.exchange(&grab, now()).await
}

async fn snapshot(me: Value) -> Result<Snapshot, PlatformError> {
    let stub = served((200, token()), (200, me)).await;
    connector(&stub.base).client.profile(&tokens(), WHICH, now()).await
}

/// Whether our app stands in the header and nowhere else, under a name of its own.
fn is_ours(heard: &Heard) -> bool {
    // base64 of "the+id:a%3Ab"
    heard.rest.contains("authorization: Basic dGhlK2lkOmElM0Fi\r\n") && is_named(heard)
}

fn is_named(heard: &Heard) -> bool {
    heard.rest.contains("user-agent: web:mooring:v1 (keeps accounts connected)\r\n")
}

fn form<const N: usize>(sent: [(&str, &str); N]) -> HashMap<String, String> {
    sent.map(|(key, value)| (key.to_owned(), value.to_owned())).into()
}

#[tokio::test]
async fn a_code_becomes_a_profile() {
    let stub = served((200, token()), (200, me())).await;
    let got = exchange(&stub).await.expect("good");
    assert_eq!((got.person.id.as_str(), got.person.name.as_str()), ("1fake1", "Fjord Ceramics"));
    assert_eq!(got.tokens.access.expose(), "eyJfakeReddit0001");
    assert_eq!(got.tokens.refresh.as_ref().map(Secret::expose), Some("1000000-fakeRefresh0001"));
    assert_eq!(got.expiry.access.map(Timestamp::as_second), Some(1_795_000_000 + 86400));
    assert_eq!(got.expiry.refresh.map(Timestamp::as_second), Some(1_795_000_000 + 31_536_000));
    assert_eq!(got.renewal, Renewal::Silent);
    assert_eq!(got.granted.expect("told"), ["identity", "read", "submit", "flair"]);
    let [Offer { profile, barrier: None, token: None }] = got.offers.as_slice() else { panic!("{:?}", got.offers) };
    assert_eq!((profile.platform_account_id.as_str(), profile.kind.as_str()), ("1fake1", "profile"));
    assert_eq!((profile.name.as_str(), profile.handle.as_deref()), ("Fjord Ceramics", Some("fjordceramics")));
    assert_eq!(profile.profile_url.as_deref(), Some("https://www.reddit.com/user/fjordceramics/"));
    let picture = "https://styles.redditmedia.com/t5_fake/a.png?width=256&crop=1:1&s=fake";
    assert_eq!(profile.picture_url.as_deref(), Some(picture), "as a browser asks for it, with its signature");
    assert_eq!((profile.verified, profile.account_type.as_deref()), (None, None));

    let heard = stub.heard();
    let [code, me] = heard.as_slice() else { panic!("{heard:?}") };
    assert!(is_ours(code), "{code:?}");
    let redirect_uri = "http://localhost/v1/oauth/callback/reddit";
    let sent = [("grant_type", "authorization_code"), ("code", "the-code"), ("redirect_uri", redirect_uri)];
    assert_eq!(code.form(), form(sent));
    assert!(me.rest.contains("authorization: Bearer eyJfakeReddit0001\r\n") && is_named(me), "{me:?}");
}

/// No life is taken for granted: it was an hour in 2021, and a day is seen now.
#[tokio::test]
async fn an_access_token_lives_as_long_as_its_answer_says() {
    for (told, wanted) in [(json!(3600), Some(3600)), (json!(86400), Some(86400)), (json!(null), None)] {
        let mut token = token();
        token["expires_in"] = told;
        let got = exchange(&served((200, token), (200, me())).await).await.expect("good");
        assert_eq!(got.expiry.access.map(|at| at.as_second() - 1_795_000_000), wanted);
    }
    // A consent that is not permanent brings no refresh token.
    let mut token = token();
    token["refresh_token"] = json!(null);
    token["scope"] = json!("identity,read");
    let got = exchange(&served((200, token), (200, me())).await).await.expect("good");
    assert_eq!((got.renewal, got.expiry.refresh), (Renewal::None, None));
    assert_eq!(got.granted.expect("told"), ["identity", "read"], "partial, and with commas");
}

/// One row for each rule that is known of the platform, as it is told of there.
#[tokio::test]
async fn each_error_is_told_apart() {
    use PlatformError::{
        AccountRestricted, Contract, GrantGone, Misconfigured, PermissionMissing, RateLimited, Unknown,
    };
    let plain = |status: u16, message: &str| (status, json!({"message": message, "error": status}));
    let invalid: Is = |e| matches!(e, GrantGone(DeadReason::InvalidGrant));
    let unknown: Is = |e| matches!(e, Unknown(_));
    let limited: Is = |e| matches!(e, RateLimited { until: None });
    let of_tokens: [((u16, Value), Is); 9] = [
        ((200, json!({"error": "invalid_grant"})), invalid),
        ((400, json!({"error": "invalid_grant"})), invalid),
        ((200, json!({"error": "unsupported_grant_type"})), |e| matches!(e, Misconfigured(_))),
        (plain(401, "Unauthorized"), |e| matches!(e, Misconfigured(_))),
        ((200, json!({"error": "words of its own"})), |e| matches!(e, Contract(_))),
        ((200, json!({"error": 403, "message": "Forbidden"})), |e| matches!(e, Contract(_))),
        (plain(429, "Too Many Requests"), limited),
        (plain(503, "Service Unavailable"), unknown),
        ((503, json!({"error": "invalid_grant"})), unknown),
    ];
    for ((status, body), is) in of_tokens {
        let stub = served((status, body.clone()), (200, me())).await;
        let got = exchange(&stub).await;
        assert!(got.as_ref().is_err_and(is), "{status} {body} gave {got:?}");
        assert_eq!(stub.heard().len(), 1, "a code is spent once");
    }
    let of_api: [((u16, Value), Is); 11] = [
        (plain(401, "Unauthorized"), |e| matches!(e, GrantGone(DeadReason::Expired))),
        ((401, json!({})), unknown),
        ((403, json!({"error": 403, "message": "insufficient_scope"})), |e| matches!(e, PermissionMissing)),
        (plain(403, "Forbidden"), |e| matches!(e, AccountRestricted)),
        ((403, json!({"reason": "private"})), unknown),
        (plain(429, "Too Many Requests"), limited),
        (plain(500, "Internal Server Error"), unknown),
        (plain(504, "Unauthorized"), unknown),
        ((200, json!({"error": "words of its own"})), |e| matches!(e, Contract(_))),
        ((200, json!({"id": "1fake1", "error": 500})), |e| matches!(e, Contract(_))),
        ((200, json!({"id": 1.5})), |e| matches!(e, Contract(_))),
    ];
    for ((status, body), is) in of_api {
        let stub = served((200, token()), (status, body.clone())).await;
        let client = connector(&stub.base).client;
        let got = [exchange(&stub).await.err(), client.probe(&tokens(), now()).await.err()];
        assert!(got.iter().all(|error| error.as_ref().is_some_and(is)), "{status} {body} gave {got:?}");
    }
}

/// Calls are welcome again so many seconds from now, which may be told with a part.
#[tokio::test]
async fn a_limit_ends_in_seconds_from_now() {
    for (told, wanted) in [("212", 212), ("212.4", 213), ("0.0", 0)] {
        let head = format!("HTTP/1.1 429 X\r\nx-ratelimit-remaining: 0.0\r\nx-ratelimit-reset: {told}\r\n");
        let stub =
            Stub::start(move |_| format!("{head}content-length: 13\r\n\r\n{{\"error\":429}}").into_bytes()).await;
        let until = now() + jiff::SignedDuration::from_secs(wanted);
        let connector = connector(&stub.base);
        for got in
            [connector.client.probe(&tokens(), now()).await.err(), connector.client.renew(&tokens(), now()).await.err()]
        {
            assert!(matches!(got, Some(PlatformError::RateLimited { until: Some(at) }) if at == until), "{got:?}");
        }
    }
}

#[tokio::test]
async fn a_refresh_token_is_spent_for_the_next_pair() {
    let stub = Stub::start(|_| answer(200, token().to_string())).await;
    let connector = connector(&stub.base);
    let got = connector.client.renew(&tokens(), now()).await.expect("good");
    assert_eq!(got.tokens.refresh.as_ref().map(Secret::expose), Some("1000000-fakeRefresh0001"), "never the old one");
    assert_eq!(got.expiry.access.map(Timestamp::as_second), Some(1_795_000_000 + 86400));
    assert_eq!(got.expiry.refresh.map(Timestamp::as_second), Some(1_795_000_000 + 31_536_000));
    let [heard] = &stub.heard()[..] else { panic!("one call: {:?}", stub.heard()) };
    assert!(heard.line == TOKEN && is_ours(heard), "{heard:?}");
    assert_eq!(heard.form(), form([("grant_type", "refresh_token"), ("refresh_token", "1000000-old")]));
    assert!(!connector.entry.renewal.replay_is_harmless(), "the used one is taken for dead");

    let stub = Stub::start(|_| answer(200, r#"{"error":"invalid_grant"}"#)).await;
    let got = self::connector(&stub.base).client.renew(&tokens(), now()).await;
    assert!(matches!(got, Err(PlatformError::GrantGone(DeadReason::InvalidGrant))), "{got:?}");
}

#[tokio::test]
async fn an_account_is_read_with_what_it_counts() {
    let got = snapshot(me()).await.expect("good");
    assert_eq!(got.profile.platform_account_id, WHICH.id);
    assert_eq!(got.counts, [(Metric::Followers, 12)].into(), "karma is no number of ours");
    let mut bare = me();
    (bare["subreddit"], bare["icon_img"]) = (json!(null), json!(""));
    let got = snapshot(bare).await.expect("good");
    assert_eq!((got.profile.name.as_str(), got.profile.picture_url), ("fjordceramics", None));
    assert!(got.counts.is_empty(), "not told is not none");
    let mut here = me();
    here["icon_img"] = json!("http://127.0.0.1:9/styles.redditmedia.com/a.png?e=1&amp;s=2");
    let picture = snapshot(here).await.expect("good").profile.picture_url;
    assert_eq!(
        picture.as_deref(),
        Some("http://127.0.0.1:9/styles.redditmedia.com/a.png?e=1&s=2"),
        "where it is simulated"
    );
    let mut other = me();
    other["id"] = json!("1fake2");
    let got = snapshot(other).await;
    assert!(matches!(got, Err(PlatformError::AccountGone)), "{got:?}");
}

#[tokio::test]
async fn a_suspended_account_is_restricted_wherever_it_is_read() {
    let mut suspended = me();
    suspended["is_suspended"] = json!(true);
    let stub = served((200, token()), (200, suspended.clone())).await;
    let client = connector(&stub.base).client;
    for got in
        [exchange(&stub).await.err(), client.probe(&tokens(), now()).await.err(), snapshot(suspended).await.err()]
    {
        assert!(matches!(got, Some(PlatformError::AccountRestricted)), "{got:?}");
    }
    for lives in [json!(false), json!(null)] {
        let mut me = me();
        me["is_suspended"] = lives;
        assert!(snapshot(me).await.is_ok());
    }
}

#[tokio::test]
async fn nothing_is_measured_of_an_account() {
    let stub = served((200, token()), (200, me())).await;
    let days = ["2026-11-15", "2026-11-18"].map(|day| day.parse().expect("a day"));
    let got = connector(&stub.base).client.metrics(&tokens(), WHICH, days, now()).await.expect("told");
    assert_eq!((got, stub.heard().len()), (Measured::default(), 0));
}

#[tokio::test]
async fn the_browser_is_sent_for_a_permanent_consent() {
    let connector = connector(&"http://127.0.0.1:9".parse().expect("legal"));
    let ask = Ask {
        redirect_uri: "http://localhost/v1/oauth/callback/reddit",
        state: "st",
        verifier: &Secret::new("v"),
        scopes: &connector.entry.scopes(&[Capability::Publish, Capability::Analytics]),
        fresh_consent: false,
    };
    let url = connector.client.authorize_url(&ask);
    assert_eq!(url.path(), "/www.reddit.com/api/v1/authorize");
    let query: HashMap<_, _> = url.query_pairs().collect();
    assert_eq!(query["duration"], "permanent");
    assert_eq!(query["scope"], "identity read submit flair history");
    assert_eq!((&*query["client_id"], &*query["response_type"]), ("the id", "code"));
    assert!(!query.contains_key("code_challenge") && query.len() == 6, "{query:?}");
}

/// The answer is the same of a token that is not known.
#[tokio::test]
async fn both_tokens_are_revoked() {
    let stub = Stub::start(|_| b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n".to_vec()).await;
    let person = Person { id: "1fake1".into(), name: "Fjord".into() };
    let got = connector(&stub.base).client.revoke(&person, &tokens(), now()).await.expect("told");
    assert_eq!(got, Revocation::Revoked);
    let heard = stub.heard();
    assert!(heard.iter().all(|heard| heard.line == REVOKE && is_ours(heard)), "{heard:?}");
    let sent: Vec<_> = heard.iter().map(|heard| heard.form()["token"].clone()).collect();
    assert_eq!(sent, ["1000000-old", "old-access"]);
    let stub = Stub::start(|_| answer(503, "{}")).await;
    let got = connector(&stub.base).client.revoke(&person, &tokens(), now()).await;
    assert!(matches!(got, Err(PlatformError::Unknown(_))), "{got:?}");
}
