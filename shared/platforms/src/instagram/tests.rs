use std::collections::HashMap;

use domain::{Capability, DeadReason, Renewal};
use serde_json::json;

use super::*;
use crate::{
    Connector,
    stub::{self, Heard, Stub, answer, now},
};

const TOKEN: &str = "POST /api.instagram.com/oauth/access_token HTTP/1.1";
const LONG: &str = "GET /graph.instagram.com/access_token?grant_type=ig_exchange_token\
    &client_secret=app-secret&access_token=IGAAfakeShort0001 HTTP/1.1";
const ME: &str = "/graph.instagram.com/v26.0/me";

fn connector(base: &Url) -> Connector {
    stub::connector(base, "instagram", Some("instagram_login"), ("990011", "app-secret"))
}

/// What the platform answers: to the code, to the short token, and to the long one.
#[derive(Clone)]
struct Answers {
    token: (u16, Value),
    long: (u16, Value),
    me: (u16, Value),
}

impl Default for Answers {
    fn default() -> Self {
        Self {
            token: (200, short(&json!(17_841_400_000_000_005_u64))),
            long: (200, json!({"access_token": "IGAAfakeLong0001", "token_type": "bearer", "expires_in": 5_183_990})),
            me: (
                200,
                json!({"id": "26000000000000001", "user_id": "17841400000000005", "username": "fjord.ceramics",
                "name": "Fjord Ceramics", "account_type": "BUSINESS", "followers_count": 40211,
                "profile_picture_url": "https://scontent.example/ig5.jpg?oe=6A000000"}),
            ),
        }
    }
}

fn short(user_id: &Value) -> Value {
    json!({"access_token": "IGAAfakeShort0001", "user_id": user_id,
        "permissions": ["instagram_business_basic", "instagram_business_content_publish"]})
}

impl Answers {
    fn to(&self, heard: &Heard) -> Vec<u8> {
        let (status, body) = match heard.line.as_str() {
            TOKEN => &self.token,
            LONG => &self.long,
            line if line.starts_with(&format!("GET {ME}?")) => &self.me,
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
}

async fn exchange(stub: &Stub, code: &str) -> Result<Consent, PlatformError> {
    let (code, verifier) = (Secret::new(code), Secret::new("v"));
    let redirect_uri = "http://localhost/v1/oauth/callback/instagram-login";
    let connector = connector(&stub.base);
    let capabilities = &[Capability::Publish];
    let grab = Grab { code: &code, redirect_uri, verifier: &verifier, capabilities };
    connector.client.exchange(&grab, now()).await
}

#[tokio::test]
async fn a_code_becomes_an_account() {
    let stub = Answers::default().stub().await;
    let got = exchange(&stub, "the-code").await.expect("good");
    assert_eq!((got.person.id.as_str(), got.person.name.as_str()), ("26000000000000001", "Fjord Ceramics"));
    assert_eq!(got.tokens.access.expose(), "IGAAfakeLong0001");
    assert_eq!(got.expiry.access.map(Timestamp::as_second), Some(1_795_000_000 + 5_183_990));
    assert_eq!(got.renewal, Renewal::Extend);
    let granted = ["instagram_business_basic", "instagram_business_content_publish"].map(str::to_owned);
    assert_eq!(got.granted, Some(granted.to_vec()));
    let [Offer { profile, barrier: None, token: None }] = got.offers.as_slice() else { panic!("{:?}", got.offers) };
    assert_eq!(profile.platform_account_id, "17841400000000005", "never the id that is scoped to our app");
    assert_eq!((profile.kind.as_str(), profile.account_type.as_deref()), ("instagram_business", Some("BUSINESS")));
    assert_eq!((profile.name.as_str(), profile.handle.as_deref()), ("Fjord Ceramics", Some("fjord.ceramics")));
    assert_eq!(profile.profile_url.as_deref(), Some("https://www.instagram.com/fjord.ceramics"));
    assert_eq!(profile.picture_url.as_deref(), Some("https://scontent.example/ig5.jpg?oe=6A000000"));
    assert_eq!((profile.linked_page_id.as_deref(), profile.role.as_deref()), (None, None));

    let heard = stub.heard();
    let [token, long, me] = heard.as_slice() else { panic!("{heard:?}") };
    let (_, form) = token.rest.split_once("\r\n\r\n").expect("a form");
    let form: HashMap<String, String> = serde_urlencoded::from_str(form).expect("a form");
    let sent = |key: &str| form.get(key).map(String::as_str);
    assert_eq!((sent("code"), sent("grant_type")), (Some("the-code"), Some("authorization_code")));
    assert_eq!((sent("client_id"), sent("client_secret")), (Some("990011"), Some("app-secret")));
    assert!(form.len() == 5 && sent("redirect_uri").is_some(), "{form:?}");
    // The one address that must hold secrets.
    assert_eq!(long.line, LONG);
    assert!(me.rest.contains("authorization: Bearer IGAAfakeLong0001\r\n") && !me.line.contains("IGAA"));
}

#[tokio::test]
async fn what_is_put_behind_a_code_is_no_part_of_it() {
    for (came, sent) in [("AQ%1", "AQ%1"), ("AQ%1#_", "AQ%1"), ("AQ#_x", "AQ#_x"), ("AQ_", "AQ_"), ("A#_#_", "A#_")] {
        let stub = Answers::default().stub().await;
        exchange(&stub, came).await.expect("good");
        let heard = stub.heard().remove(0);
        let (_, form) = heard.rest.split_once("\r\n\r\n").expect("a form");
        let form: HashMap<String, String> = serde_urlencoded::from_str(form).expect("a form");
        assert_eq!(form["code"], sent, "{came}");
    }
}

#[tokio::test]
async fn both_envelopes_are_read() {
    let in_list = json!({"data": [{"access_token": "IGAAfakeShort0001", "user_id": "17841400000000005",
        "permissions": "instagram_business_basic, instagram_business_content_publish"}]});
    let got = Answers { token: (200, in_list), ..Answers::default() }.exchange().await.expect("good");
    let granted = ["instagram_business_basic", "instagram_business_content_publish"].map(str::to_owned);
    assert_eq!(got.granted, Some(granted.to_vec()));
    for body in [json!({"data": []}), json!({"data": [[]]}), json!({"data": {}}), json!({}), json!([])] {
        let got = Answers { token: (200, body.clone()), ..Answers::default() }.exchange().await;
        assert!(matches!(got, Err(PlatformError::Contract(_))), "{body} gave {got:?}");
    }
}

/// S0-22
#[tokio::test]
async fn permissions_are_taken_as_told() {
    for (told, granted) in [
        (json!([]), Some(vec![])),
        (json!(""), Some(vec![])),
        (json!("instagram_business_basic"), Some(vec!["instagram_business_basic"])),
        (
            json!(["instagram_business_basic", "more_than_asked"]),
            Some(vec!["instagram_business_basic", "more_than_asked"]),
        ),
        (json!(null), None),
    ] {
        let mut token = short(&json!(17_841_400_000_000_005_u64));
        token["permissions"] = told.clone();
        let got = Answers { token: (200, token), ..Answers::default() }.exchange().await.expect("good");
        let granted: Option<Vec<String>> = granted.map(|g| g.into_iter().map(str::to_owned).collect());
        assert_eq!(got.granted, granted, "{told}");
    }
    let mut token = short(&json!("17841400000000005"));
    token["permissions"] = json!(5);
    let got = Answers { token: (200, token), ..Answers::default() }.exchange().await;
    assert!(matches!(got, Err(PlatformError::Contract(_))), "{got:?}");
}

/// The ids are above 2^53, where a float has not all of their digits.
#[tokio::test]
async fn the_token_must_be_the_accounts() {
    for (told, is) in [
        (json!(17_841_400_000_000_005_u64), true),
        (json!("17841400000000005"), true),
        (json!("26000000000000001"), true),
        (json!(null), true),
        (json!(17_841_400_000_000_006_u64), false),
        (json!(17_841_400_000_000_004_u64), false),
        (json!("17841400000000006"), false),
        (json!(1.784_140_000_000_000_5e16), false),
        (json!(""), false),
    ] {
        let got = Answers { token: (200, short(&told)), ..Answers::default() }.exchange().await;
        let refused = matches!(got, Err(PlatformError::Contract(_)));
        assert!(got.is_ok() == is && refused != is, "{told} gave {got:?}");
    }
}

#[tokio::test]
async fn only_professional_accounts_are_taken() {
    for (told, kind) in [
        (json!("BUSINESS"), Some("instagram_business")),
        (json!("Business"), Some("instagram_business")),
        (json!("MEDIA_CREATOR"), Some("instagram_creator")),
        (json!("Media_Creator"), Some("instagram_creator")),
        (json!("CREATOR"), Some("instagram_creator")),
        (json!(null), Some("instagram_business")),
        (json!("PERSONAL"), None),
        (json!("Personal"), None),
    ] {
        let mut answers = Answers::default();
        answers.me.1["account_type"] = told.clone();
        let got = answers.exchange().await;
        if let Some(kind) = kind {
            let profile = got.expect("good").offers.remove(0).profile;
            assert_eq!((profile.kind.as_str(), profile.account_type.as_deref()), (kind, told.as_str()));
        } else {
            assert!(matches!(got, Err(PlatformError::AccountTypeUnsupported)), "{told} gave {got:?}");
        }
    }
    let refusal = json!({"error": {"code": 100, "message": "The user is not an Instagram Business"}});
    let got = Answers { me: (400, refusal), ..Answers::default() }.exchange().await;
    assert!(matches!(got, Err(PlatformError::AccountTypeUnsupported)), "{got:?}");
}

#[tokio::test]
async fn each_host_has_its_own_envelope_of_errors() {
    let host = |text: &str| (400, json!({"error_type": "OAuthException", "code": 400, "error_message": text}));
    let token = |token| Answers { token, ..Answers::default() }.exchange();
    let got = token(host("Matching code was not found or was already used")).await;
    assert!(matches!(got, Err(PlatformError::GrantGone(DeadReason::InvalidGrant))), "{got:?}");
    let got = token(host("Invalid platform app")).await;
    assert!(matches!(got, Err(PlatformError::Misconfigured(_))), "{got:?}");
    let got = token(host("IGAAsecret is odd")).await;
    let Err(PlatformError::Contract(said)) = got else { panic!("{got:?}") };
    assert!(!said.contains("IGAA"), "{said}");

    let graph = |code: u32, text: &str| (400, json!({"error": {"code": code, "message": text, "fbtrace_id": "A"}}));
    let me = |me| Answers { me, ..Answers::default() }.exchange();
    let changed = "Error validating access token: The session has been invalidated because the user changed \
        their password or Facebook has changed the session for security reasons.";
    let got = me(graph(190, changed)).await;
    assert!(matches!(got, Err(PlatformError::GrantGone(DeadReason::PasswordChanged))), "{got:?}");
    let got = me(graph(190, "Session has expired on Sunday")).await;
    assert!(matches!(got, Err(PlatformError::GrantGone(DeadReason::Expired))), "{got:?}");
    for code in [4, 80002] {
        let got = me(graph(code, "Application request limit reached")).await;
        assert!(matches!(got, Err(PlatformError::RateLimited { until: None })), "{got:?}");
    }
    let got = me(graph(10, "Application does not have permission")).await;
    assert!(matches!(got, Err(PlatformError::PermissionMissing)), "{got:?}");
    let young = graph(100, "The access token must be at least 24 hours old to be refreshed");
    let got = Answers { long: young, ..Answers::default() }.exchange().await;
    assert!(matches!(got, Err(PlatformError::RateLimited { until: None })), "too young is not dead: {got:?}");
}

/// The address of the long token's call holds two secrets.
#[tokio::test]
async fn no_error_tells_the_long_tokens_address() {
    let secrets = ["app-secret", "IGAA", "access_token="];
    let broken: [Vec<u8>; 6] = [
        Vec::new(),
        b"HTTP/1.1 200 X\r\ncontent-length: 99\r\n\r\n{".to_vec(),
        b"nonsense\r\n\r\n".to_vec(),
        answer(302, ""),
        answer(502, "<html>"),
        answer(400, r#"{"error":{"code":1,"message":"client_secret=app-secret IGAAfakeShort0001"}}"#),
    ];
    for bytes in broken {
        let answers = Answers::default();
        let said = String::from_utf8_lossy(&bytes).into_owned();
        let stub = Stub::start(move |h| if h.line == LONG { bytes.clone() } else { answers.to(h) }).await;
        let error = exchange(&stub, "the-code").await.expect_err("broken");
        let told = format!("{error} {error:?}");
        assert!(!secrets.iter().any(|s| told.contains(s)), "{said:?}: {told}");
    }
}

#[tokio::test]
async fn the_browser_is_sent_with_commas_and_without_a_challenge() {
    let connector = connector(&"http://127.0.0.1:9".parse().expect("legal"));
    let mut ask = Ask {
        redirect_uri: "http://localhost/v1/oauth/callback/instagram-login",
        state: "st",
        verifier: &Secret::new("v"),
        scopes: &connector.entry.scopes(&[Capability::Publish, Capability::Analytics, Capability::Messages]),
        fresh_consent: false,
    };
    let url = connector.client.authorize_url(&ask);
    assert_eq!(url.path(), "/www.instagram.com/oauth/authorize");
    let query: HashMap<_, _> = url.query_pairs().collect();
    let scopes = "instagram_business_basic,instagram_business_content_publish,\
        instagram_business_manage_insights,instagram_business_manage_messages";
    assert_eq!(query["scope"], scopes);
    assert!(!query.contains_key("code_challenge") && !query.contains_key("force_reauth"));
    ask.fresh_consent = true;
    assert!(connector.client.authorize_url(&ask).as_str().contains("force_reauth=true"));
}

/// There is no such call: the platform is not asked at all.
#[tokio::test]
async fn access_is_ended_by_hand() {
    let stub = Stub::start(|_| answer(200, "{}")).await;
    let connector = connector(&stub.base);
    let person = Person { id: "26000000000000001".into(), name: "Fjord".into() };
    let tokens = TokenSet { access: Secret::new("long"), refresh: None, children: [].into() };
    let got = connector.client.revoke(&person, &tokens, now()).await.expect("told");
    assert_eq!(got, Revocation::Unsupported);
    assert!(stub.heard().is_empty());
    assert!(!connector.entry.offers_many);
    let refused = connector.client.reread(&tokens, &[], now()).await;
    assert!(matches!(refused, Err(PlatformError::Misconfigured(_))));
    let entry = connector.entry;
    assert!(entry.manual_revoke_url.is_some() && !entry.manual_revoke_steps.is_empty());
}

mod metrics;
mod renewal;
