use std::collections::HashMap;

use domain::{Capability, DeadReason, Renewal, Secret};
use serde_json::json;

use super::*;
use crate::{
    Connector,
    stub::{self, Heard, Is, Stub, answer, now},
};

const TOKEN: &str = "POST /graph.threads.net/oauth/access_token HTTP/1.1";
const LONG: &str = "GET /graph.threads.net/access_token?grant_type=th_exchange_token\
    &client_secret=app-secret&access_token=THAAfakeShort0001 HTTP/1.1";
const EXTEND: &str = "GET /graph.threads.net/refresh_access_token?grant_type=th_refresh_token\
    &access_token=THAAfakeLong0001 HTTP/1.1";
const ME: &str = "GET /graph.threads.net/v1.0/me?";
const INSIGHTS: &str = "GET /graph.threads.net/v1.0/24000000000000001/threads_insights?";
const WHICH: Which<'_> = Which { id: "24000000000000001", kind: "profile" };

fn connector(base: &Url) -> Connector {
    stub::connector(base, "threads", None, ("990022", "app-secret"))
}

fn tokens() -> TokenSet {
    TokenSet { access: Secret::new("THAAfakeLong0001"), refresh: None, children: [].into() }
}

/// What the platform answers: to the code, to the short token, to a token, and of the numbers.
#[derive(Clone)]
struct Answers {
    token: (u16, Value),
    long: (u16, Value),
    me: (u16, Value),
    insights: (u16, Value),
}

impl Default for Answers {
    fn default() -> Self {
        Self {
            token: (200, json!({"access_token": "THAAfakeShort0001", "user_id": 24_000_000_000_000_001_u64})),
            long: (200, json!({"access_token": "THAAfakeLong0001", "token_type": "bearer", "expires_in": 5_183_944})),
            me: (
                200,
                json!({"id": "24000000000000001", "username": "Fjord.Ceramics", "name": "Fjord Ceramics",
                    "threads_profile_picture_url": "https://scontent.example/th1.jpg?oe=6A000000",
                    "threads_biography": "Stoneware from the north", "is_verified": false}),
            ),
            insights: (
                200,
                json!({"data": [{"name": "followers_count", "period": "day", "title": "followers",
                "total_value": {"value": 3120}, "id": "24000000000000001/insights/followers_count/day"}]}),
            ),
        }
    }
}

impl Answers {
    fn to(&self, heard: &Heard) -> Vec<u8> {
        let (status, body) = match heard.line.as_str() {
            TOKEN => &self.token,
            LONG | EXTEND => &self.long,
            line if line.starts_with(ME) => &self.me,
            line if line.starts_with(INSIGHTS) => &self.insights,
            other => panic!("no such address: {other}"),
        };
        answer(*status, body.to_string())
    }

    async fn stub(self) -> Stub {
        Stub::start(move |heard| self.to(heard)).await
    }

    async fn exchange(self) -> Result<Consent, PlatformError> {
        exchange(&self.stub().await, "the-code").await
    }

    async fn profile(self) -> Result<Snapshot, PlatformError> {
        let stub = self.stub().await;
        connector(&stub.base).client.profile(&tokens(), WHICH, now()).await
    }
}

async fn exchange(stub: &Stub, code: &str) -> Result<Consent, PlatformError> {
    let (code, verifier) = (Secret::new(code), Secret::new("v"));
    let redirect_uri = "http://localhost/v1/oauth/callback/threads";
    let grab = Grab { code: &code, redirect_uri, verifier: &verifier, capabilities: &[Capability::Publish] };
    connector(&stub.base).client.exchange(&grab, now()).await
}

#[tokio::test]
async fn a_code_becomes_a_profile() {
    let stub = Answers::default().stub().await;
    let got = exchange(&stub, "AQ%1#_").await.expect("good");
    assert_eq!((got.person.id.as_str(), got.person.name.as_str()), ("24000000000000001", "Fjord Ceramics"));
    assert_eq!((got.tokens.access.expose(), got.tokens.refresh), ("THAAfakeLong0001", None));
    assert_eq!(got.expiry.access.map(Timestamp::as_second), Some(1_795_000_000 + 5_183_944));
    assert_eq!((got.expiry.refresh, got.renewal, got.granted), (None, Renewal::Extend, None));
    let [Offer { profile, barrier: None, token: None }] = got.offers.as_slice() else { panic!("{:?}", got.offers) };
    assert_eq!((profile.platform_account_id.as_str(), profile.kind.as_str()), ("24000000000000001", "profile"));
    assert_eq!((profile.name.as_str(), profile.handle.as_deref()), ("Fjord Ceramics", Some("fjord.ceramics")));
    assert_eq!(profile.picture_url.as_deref(), Some("https://scontent.example/th1.jpg?oe=6A000000"));
    assert_eq!(profile.profile_url.as_deref(), Some("https://www.threads.net/@fjord.ceramics"));
    assert_eq!((profile.verified, profile.account_type.as_deref()), (Some(false), None));

    let heard = stub.heard();
    let [token, long, me] = heard.as_slice() else { panic!("{heard:?}") };
    let sent = [
        ("grant_type", "authorization_code"),
        ("code", "AQ%1"),
        ("redirect_uri", "http://localhost/v1/oauth/callback/threads"),
        ("client_id", "990022"),
        ("client_secret", "app-secret"),
    ];
    assert_eq!(token.form(), sent.map(|(key, value)| (key.to_owned(), value.to_owned())).into());
    // The one address that must hold secrets.
    assert_eq!(long.line, LONG);
    assert!(me.rest.contains("authorization: Bearer THAAfakeLong0001\r\n") && !me.line.contains("THAA"));
}

/// The ids are above 2^53, where a float has not all of their digits.
#[tokio::test]
async fn the_token_must_be_the_accounts() {
    for (told, is) in [
        (json!(24_000_000_000_000_001_u64), true),
        (json!("24000000000000001"), true),
        (json!(null), true),
        (json!(24_000_000_000_000_002_u64), false),
        (json!("24000000000000000"), false),
        (json!(2.4e16), false),
        (json!(""), false),
        (json!([]), false),
    ] {
        let token = json!({"access_token": "THAAfakeShort0001", "user_id": told});
        let got = Answers { token: (200, token), ..Answers::default() }.exchange().await;
        let refused = matches!(got, Err(PlatformError::Contract(_)));
        assert!(got.is_ok() == is && refused != is, "{told} gave {got:?}");
    }
}

#[tokio::test]
async fn odd_answers_are_a_broken_contract_or_unknown() {
    for odd in [json!({}), json!([]), json!({"id": null}), json!({"id": 1.5}), json!({"id": ""}), json!(null)] {
        let got = Answers { me: (200, odd.clone()), ..Answers::default() }.exchange().await;
        assert!(matches!(got, Err(PlatformError::Contract(_))), "{odd} gave {got:?}");
    }
    for odd in [json!({}), json!({"access_token": ""}), json!({"access_token": "a", "token_type": "mac"})] {
        for answers in [
            Answers { token: (200, odd.clone()), ..Answers::default() },
            Answers { long: (200, odd.clone()), ..Answers::default() },
        ] {
            let got = answers.exchange().await;
            assert!(matches!(got, Err(PlatformError::Contract(_))), "{odd} gave {got:?}");
        }
    }
    for line in [TOKEN, LONG, ME] {
        for bytes in [answer(503, r#"{"error":{"code":190}}"#), answer(502, "<html>"), answer(200, "<html>"), vec![]] {
            let answers = Answers::default();
            let stub = Stub::start(move |h| if h.line.starts_with(line) { bytes.clone() } else { answers.to(h) }).await;
            let got = exchange(&stub, "the-code").await;
            assert!(matches!(got, Err(PlatformError::Unknown(_))), "{line} gave {got:?}");
            let told = format!("{got:?}");
            assert!(!["app-secret", "THAA", "access_token="].iter().any(|s| told.contains(s)), "{told}");
        }
    }
}

/// One row for each rule that is known of the platform, as it is told of there.
#[tokio::test]
async fn each_error_is_told_apart() {
    use PlatformError::{AccountRestricted, GrantGone, PermissionMissing, RateLimited, Unknown};
    let graph = |code: u32, sub: u32, text: &str| {
        json!({"error": {"message": text, "type": "OAuthException", "code": code, "error_subcode": sub,
            "fbtrace_id": "A"}})
    };
    let expired = "Error validating access token: Session has expired on Sunday";
    let rows: [(u16, Value, Is); 11] = [
        (400, graph(190, 0, expired), |e| matches!(e, GrantGone(DeadReason::Expired))),
        (400, graph(190, 460, expired), |e| matches!(e, GrantGone(DeadReason::PasswordChanged))),
        (403, graph(10, 0, "no permission"), |e| matches!(e, PermissionMissing)),
        (400, graph(1, 4_279_013, "restricted"), |e| matches!(e, AccountRestricted)),
        (400, graph(4, 2_207_051, "spam"), |e| matches!(e, AccountRestricted)),
        (400, graph(4, 0, "limit"), |e| matches!(e, RateLimited { until: None })),
        (400, graph(17, 0, "limit"), |e| matches!(e, RateLimited { .. })),
        (400, graph(80002, 0, "limit"), |e| matches!(e, RateLimited { .. })),
        (500, graph(1, 0, "outage"), |e| matches!(e, Unknown(_))),
        (500, graph(2, 0, "outage"), |e| matches!(e, Unknown(_))),
        (400, graph(190, 458, "The user has not authorized application 1."), |e| {
            matches!(e, GrantGone(DeadReason::Revoked))
        }),
    ];
    for (status, body, is) in rows {
        let got = Answers { me: (status, body.clone()), ..Answers::default() }.exchange().await;
        assert!(got.as_ref().is_err_and(is), "{status} {body} gave {got:?}");
    }

    let host = |text: &str| (400, json!({"error_message": text, "error_type": "OAuthException", "code": 400}));
    let token = |token| Answers { token, ..Answers::default() }.exchange();
    let got = token(host("Invalid authorization code")).await;
    assert!(matches!(got, Err(GrantGone(DeadReason::InvalidGrant))), "{got:?}");
    for text in ["Error validating client secret.", "Invalid client_id", "Invalid redirect_uri"] {
        let got = token(host(text)).await;
        assert!(matches!(got, Err(PlatformError::Misconfigured(_))), "{text} gave {got:?}");
    }
    let got = token(host("THAAsecret is odd")).await;
    let Err(PlatformError::Contract(said)) = got else { panic!("{got:?}") };
    assert!(!said.contains("THAA"), "{said}");
}

#[tokio::test]
async fn a_long_token_becomes_another_one() {
    let renewed = async |status: u16, body: Value| {
        let stub = Stub::start(move |_| answer(status, body.to_string())).await;
        let got = connector(&stub.base).client.renew(&tokens(), now()).await;
        let [heard] = &stub.heard()[..] else { panic!("one call: {:?}", stub.heard()) };
        assert_eq!(heard.line, EXTEND);
        assert!(!heard.rest.contains("authorization:") && heard.rest.ends_with("\r\n\r\n"), "{heard:?}");
        got
    };
    for token in ["THAAfakeLong0002", "THAAfakeLong0001"] {
        let body = json!({"access_token": token, "token_type": "bearer", "expires_in": 5_183_944});
        let got = renewed(200, body).await.expect("good");
        assert_eq!((got.tokens.access.expose(), got.tokens.refresh), (token, None));
        assert_eq!(got.expiry.access.map(Timestamp::as_second), Some(1_795_000_000 + 5_183_944));
    }
    let error = |code: u32, text: &str| json!({"error": {"code": code, "message": text}});
    let got = renewed(400, error(190, "Session has expired on Sunday")).await;
    assert!(matches!(got, Err(PlatformError::GrantGone(DeadReason::Expired))), "{got:?}");
    // Too young is not dead.
    let got = renewed(400, error(100, "The access token must be at least 24 hours old")).await;
    assert!(matches!(got, Err(PlatformError::RateLimited { until: None })), "{got:?}");
    let entry = connector(&"http://127.0.0.1:9".parse().expect("legal")).entry;
    assert!(matches!(entry.renewal, domain::renewal::Rules::SelfExchange { min_age_s: 86_400, .. }));
}

#[tokio::test]
async fn a_grant_is_looked_at_by_its_account() {
    let looked = async |status: u16, body: &str| {
        let bytes = answer(status, body);
        let stub = Stub::start(move |_| bytes.clone()).await;
        let connector = connector(&stub.base);
        assert!(connector.entry.free_probe);
        let got = connector.client.probe(&tokens(), now()).await;
        let [heard] = &stub.heard()[..] else { panic!("one call: {:?}", stub.heard()) };
        assert_eq!(heard.line, format!("{ME}fields=id HTTP/1.1"));
        assert!(heard.rest.contains("authorization: Bearer THAAfakeLong0001\r\n"), "{heard:?}");
        got
    };
    assert_eq!(looked(200, r#"{"id":"24000000000000001"}"#).await.expect("good"), Probe::default());
    let got = looked(200, "{}").await;
    assert!(matches!(got, Err(PlatformError::Contract(_))), "{got:?}");
    let got = looked(400, r#"{"error":{"code":190,"error_subcode":458}}"#).await;
    assert!(matches!(got, Err(PlatformError::GrantGone(DeadReason::Revoked))), "{got:?}");
    let got = looked(503, r#"{"error":{"code":190,"error_subcode":458}}"#).await;
    assert!(matches!(got, Err(PlatformError::Unknown(_))), "{got:?}");
}

#[tokio::test]
async fn who_follows_is_known_with_the_permission_for_insights_only() {
    let got = Answers::default().profile().await.expect("good");
    assert_eq!(got.profile.platform_account_id, "24000000000000001");
    assert_eq!(got.counts, [(Metric::Followers, 3120)].into());

    let refused = json!({"error": {"code": 10, "message": "no permission"}});
    let got = Answers { insights: (403, refused), ..Answers::default() }.profile().await.expect("good");
    assert!(got.counts.is_empty() && got.profile.handle.is_some(), "not known is not none: {got:?}");
    for odd in [json!({"data": []}), json!({}), json!({"data": [{"name": "followers_count"}]})] {
        let got = Answers { insights: (200, odd), ..Answers::default() }.profile().await.expect("good");
        assert!(got.counts.is_empty(), "{got:?}");
    }
    let limited = json!({"error": {"code": 4}});
    let got = Answers { insights: (400, limited), ..Answers::default() }.profile().await;
    assert!(matches!(got, Err(PlatformError::RateLimited { .. })), "{got:?}");

    let mut answers = Answers::default();
    answers.me.1["id"] = json!("24000000000000009");
    let got = answers.profile().await;
    assert!(matches!(got, Err(PlatformError::AccountGone)), "{got:?}");
}

async fn metrics(days: [&str; 2], body: Value) -> (Result<Measured, PlatformError>, Vec<Heard>) {
    let stub = Stub::start(move |_| answer(200, body.to_string())).await;
    let days = days.map(|day| day.parse().expect("a day"));
    (connector(&stub.base).client.metrics(&tokens(), WHICH, days, now()).await, stub.heard())
}

#[tokio::test]
async fn views_come_by_day_and_all_else_as_sums() {
    let total = |name: &str, value: u64| json!({"name": name, "period": "day", "total_value": {"value": value}});
    let body = json!({"data": [
        {"name": "views", "period": "day", "values": [
            {"value": 500, "end_time": "2026-11-18T08:00:00+0000"},
            {"value": 510, "end_time": "2026-11-20T08:00:00+0000"},
            {"value": 0, "end_time": "2026-11-21T08:00:00+0000"},
            {"end_time": "2026-11-22T08:00:00+0000"}, {"value": 1, "end_time": "soon"}, {"value": 700}]},
        total("likes", 41), total("replies", 0), total("reposts", 5), total("quotes", 2),
        {"name": "clicks", "link_total_values": [{"value": 3, "link_url": "https://a.example"}, {"value": 4}]},
    ]});
    let (got, heard) = metrics(["2026-11-19", "2026-11-21"], body).await;
    let got = got.expect("good");
    let views = |views| Counts::from([(Metric::Impressions, views), (Metric::Views, views)]);
    let day = |day: &str| day.parse::<Date>().expect("a day");
    assert_eq!(got.daily, [(day("2026-11-19"), views(510)), (day("2026-11-20"), views(0))].into());
    let total = [(Metric::Likes, 41), (Metric::Comments, 0), (Metric::Shares, 7), (Metric::Clicks, 7)];
    assert_eq!(got.total, total.into());
    let [heard] = &heard[..] else { panic!("one call: {heard:?}") };
    let metric = "metric=views%2Clikes%2Creplies%2Creposts%2Cquotes%2Cclicks";
    // 2026-11-19T08:00:00Z to 2026-11-22T08:00:00Z
    assert_eq!(heard.line, format!("{INSIGHTS}{metric}&since=1795075200&until=1795334400 HTTP/1.1"));
}

#[tokio::test]
async fn what_is_not_told_is_not_zero() {
    let body = json!({"data": [{"name": "reposts", "total_value": {"value": 5}}, {"name": "likes", "values": []},
        {"name": "clicks"}, {"name": "views", "values": []}]});
    let (got, _) = metrics(["2026-11-19", "2026-11-21"], body).await;
    assert_eq!(got.expect("good"), Measured::default(), "shares are reposts and quotes");
    let (got, heard) = metrics(["2024-04-01", "2024-04-10"], json!({})).await;
    assert_eq!((got.expect("good"), heard.len()), (Measured::default(), 0), "nothing was measured yet");
    let (_, heard) = metrics(["2024-04-01", "2024-05-01"], json!({"data": []})).await;
    assert!(heard[0].line.contains("&since=1712991600&"), "{heard:?}");
}

#[tokio::test]
async fn the_browser_is_sent_with_commas_and_without_a_challenge() {
    let connector = connector(&"http://127.0.0.1:9".parse().expect("legal"));
    let ask = Ask {
        redirect_uri: "http://localhost/v1/oauth/callback/threads",
        state: "st",
        verifier: &Secret::new("v"),
        scopes: &connector.entry.scopes(&[Capability::Publish, Capability::Analytics]),
        fresh_consent: false,
    };
    let url = connector.client.authorize_url(&ask);
    assert_eq!(url.path(), "/www.threads.net/oauth/authorize");
    let query: HashMap<_, _> = url.query_pairs().collect();
    assert_eq!(query["scope"], "threads_basic,threads_content_publish,threads_manage_insights");
    assert_eq!((query["client_id"].as_ref(), query["state"].as_ref()), ("990022", "st"));
    assert!(!query.contains_key("code_challenge") && query.len() == 5, "{query:?}");
}

/// There is no such call: the platform is not asked at all.
#[tokio::test]
async fn access_is_ended_by_hand() {
    let stub = Stub::start(|_| answer(200, "{}")).await;
    let connector = connector(&stub.base);
    let person = Person { id: "24000000000000001".into(), name: "Fjord".into() };
    let got = connector.client.revoke(&person, &tokens(), now()).await.expect("told");
    assert_eq!((got, stub.heard().len()), (Revocation::Unsupported, 0));
    assert!(connector.entry.manual_revoke_url.is_some() && !connector.entry.manual_revoke_steps.is_empty());
}
