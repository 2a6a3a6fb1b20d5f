use std::collections::HashMap;

use domain::{Capability, DeadReason, Renewal};

use super::*;
use crate::{
    Connector,
    stub::{self, Heard, Is, Stub, answer, now},
};

const HOST: &str = "/business-api.tiktok.com/open_api/v1.3";
const WHICH: Which<'_> = Which { id: "_000bizOpenId01", kind: "profile" };

fn connector(base: &Url) -> Connector {
    stub::connector(base, "tiktok", Some("tiktok_business"), ("biz-app", "app-secret"))
}

fn tokens() -> TokenSet {
    TokenSet { access: Secret::new("act.old"), refresh: Some(Secret::new("rft.old")), children: [].into() }
}

fn ok(data: &Value) -> Value {
    json!({"code": 0, "message": "OK", "request_id": "20261122FAKE10", "data": data})
}

fn error(code: u32, message: &str) -> Value {
    json!({"code": code, "message": message, "request_id": "20261122FAKE13", "data": {}})
}

fn token() -> Value {
    json!({"access_token": "act.bizFake0001", "token_type": "Bearer", "expires_in": 86_400,
        "scope": "user.info.basic,user.info.username,user.info.stats,video.list", "refresh_token": "rft.bizFake0001",
        "refresh_token_expires_in": 31_536_000, "open_id": "_000bizOpenId01"})
}

fn business() -> Value {
    json!({"username": "FjordBiz", "display_name": "Fjord Ceramics", "is_business_account": true,
        "profile_image": "https://p16.example/b.jpeg?x-expires=1795345200", "followers_count": 12_000,
        "following_count": 12, "total_likes": 88_123, "videos_count": 91})
}

/// Every answer has status 200.
async fn served(token: Value, business: Value) -> Stub {
    Stub::start(move |heard: &Heard| {
        let (_, path) = heard.line.split_once(HOST).expect("the host");
        let body = if path.starts_with("/tt_user/oauth2/token/ ") { &token } else { &business };
        assert!(path.starts_with("/tt_user/oauth2/token/ ") || path.starts_with("/business/get/?"), "{heard:?}");
        answer(200, body.to_string())
    })
    .await
}

async fn exchange(stub: &Stub) -> Result<Consent, PlatformError> {
    let (code, verifier) = (Secret::new("the-code"), Secret::new("v"));
    let redirect_uri = "http://localhost/v1/oauth/callback/tiktok-business";
    let grab = Grab { code: &code, redirect_uri, verifier: &verifier, capabilities: &[Capability::Publish] };
    connector(&stub.base).client.exchange(&grab, now()).await
}

fn sent(heard: &Heard) -> Value {
    serde_json::from_str(heard.rest.split_once("\r\n\r\n").expect("a body").1).expect("JSON")
}

#[tokio::test]
async fn a_code_becomes_an_account() {
    let stub = served(ok(&token()), ok(&business())).await;
    let got = exchange(&stub).await.expect("good");
    assert_eq!((got.person.id.as_str(), got.person.name.as_str()), ("_000bizOpenId01", "Fjord Ceramics"));
    assert_eq!(got.tokens.access.expose(), "act.bizFake0001");
    assert_eq!(got.tokens.refresh.as_ref().map(Secret::expose), Some("rft.bizFake0001"));
    assert_eq!(got.expiry.access.map(Timestamp::as_second), Some(1_795_086_400));
    assert_eq!(got.expiry.refresh.map(Timestamp::as_second), Some(1_795_000_000 + 31_536_000));
    assert_eq!((got.renewal, got.granted.as_deref().map(<[_]>::len)), (Renewal::Silent, Some(4)));
    let [Offer { profile, barrier: None, token: None }] = got.offers.as_slice() else { panic!("{:?}", got.offers) };
    assert_eq!((profile.platform_account_id.as_str(), profile.kind.as_str()), ("_000bizOpenId01", "profile"));
    assert_eq!((profile.name.as_str(), profile.handle.as_deref()), ("Fjord Ceramics", Some("fjordbiz")));
    assert_eq!(profile.profile_url.as_deref(), Some("https://www.tiktok.com/@fjordbiz"));
    assert_eq!((profile.verified, profile.account_type.as_deref()), (None, Some("business")));

    let heard = stub.heard();
    let [code, account] = heard.as_slice() else { panic!("{heard:?}") };
    assert_eq!(code.line, format!("POST {HOST}/tt_user/oauth2/token/ HTTP/1.1"));
    assert!(code.rest.contains("content-type: application/json\r\n"), "{code:?}");
    let redirect_uri = "http://localhost/v1/oauth/callback/tiktok-business";
    let body = json!({"client_id": "biz-app", "client_secret": "app-secret", "grant_type": "authorization_code",
        "auth_code": "the-code", "redirect_uri": redirect_uri});
    assert_eq!(sent(code), body);
    let fields = "%5B%22username%22%2C%22display_name%22%2C%22profile_image%22%2C%22is_verified%22%2C\
        %22is_business_account%22%5D";
    let path = format!("GET {HOST}/business/get/?business_id=_000bizOpenId01&fields={fields} HTTP/1.1");
    assert_eq!(account.line, path);
    // With Bearer before it, the token is refused.
    assert!(account.rest.contains("access-token: act.bizFake0001\r\n"), "{account:?}");
    assert!(!account.rest.contains("authorization:"), "{account:?}");
}

#[tokio::test]
async fn a_personal_account_is_offered_with_its_barrier() {
    for (told, barrier, account_type) in [
        (json!(false), Some(Code::AccountTypeUnsupported), Some("personal")),
        (json!(true), None, Some("business")),
        (json!(null), None, None),
        (json!("no"), None, None),
    ] {
        let mut account = business();
        account["is_business_account"] = told.clone();
        let got = exchange(&served(ok(&token()), ok(&account)).await).await.expect("good");
        let offer = &got.offers[0];
        assert_eq!(offer.barrier.as_ref().map(|barrier| barrier.code), barrier, "{told}");
        assert_eq!(offer.profile.account_type.as_deref(), account_type, "{told}");
    }
}

/// CHK-A17: tokens are where the envelope has them, and nowhere else.
#[tokio::test]
async fn odd_answers_are_a_broken_contract_or_unknown() {
    let mut nameless = token();
    nameless["open_id"] = json!(null);
    for odd in [
        token(),
        json!({}),
        json!([]),
        json!(null),
        json!({"code": 0}),
        json!({"code": 0, "data": null}),
        json!({"code": 0, "data": [token()]}),
        json!({"code": 0, "data": {"data": token()}}),
        json!({"code": 99_999, "data": token()}),
        json!({"code": "OK", "data": token()}),
        json!({"code": null, "data": token()}),
        json!({"code": 0.5, "data": token()}),
        ok(&nameless),
    ] {
        let got = exchange(&served(odd.clone(), ok(&business())).await).await;
        assert!(matches!(got, Err(PlatformError::Contract(_))), "{odd} gave {got:?}");
    }
    assert!(exchange(&served(json!({"code": "0", "data": token()}), ok(&business())).await).await.is_ok());
    for odd in [json!({}), json!({"code": 0, "data": []}), json!({"code": 99_999, "data": business()})] {
        let got = exchange(&served(ok(&token()), odd.clone()).await).await;
        assert!(matches!(got, Err(PlatformError::Contract(_))), "{odd} gave {got:?}");
    }
    for (status, body) in [(503, error(40105, "no").to_string()), (502, "<html>".into()), (200, "<html>".into())] {
        let stub = Stub::start(move |_| answer(status, &body)).await;
        let got = exchange(&stub).await;
        assert!(matches!(got, Err(PlatformError::Unknown(_))), "{status} gave {got:?}");
    }
}

/// One row for each rule that is known of the platform, as it is told of there; all of them with status 200.
#[tokio::test]
async fn each_error_is_told_apart() {
    use PlatformError::{GrantGone, PermissionMissing, RateLimited, Unknown};
    let rows: [(&[u32], &str, Is); 6] = [
        // Another access token may help, so the grant is not taken for revoked.
        (&[40105], "Access token is incorrect or has been revoked.", |e| matches!(e, GrantGone(DeadReason::Expired))),
        (&[40104, 40102, 40999], "Access token has expired.", |e| matches!(e, GrantGone(DeadReason::Expired))),
        (&[40999], "auth_removed", |e| matches!(e, GrantGone(DeadReason::Revoked))),
        (&[40001], "no permission", |e| matches!(e, PermissionMissing)),
        (&[40100, 40999], "Too many requests. Please try again later.", |e| matches!(e, RateLimited { until: None })),
        (&[50000, 51000, 51999], "oops", |e| matches!(e, Unknown(_))),
    ];
    for (codes, message, is) in rows {
        for code in codes {
            let got = exchange(&served(ok(&token()), error(*code, message)).await).await;
            assert!(got.as_ref().is_err_and(is), "{code} {message} gave {got:?}");
        }
    }
    let got = exchange(&served(error(40110, "Invalid auth_code"), json!({})).await).await;
    assert!(matches!(got, Err(GrantGone(DeadReason::InvalidGrant))), "{got:?}");
}

#[tokio::test]
async fn a_refresh_token_is_spent_at_an_address_of_its_own() {
    let renew = async |body: Value| {
        let stub = Stub::start(move |_| answer(200, body.to_string())).await;
        let got = connector(&stub.base).client.renew(&tokens(), now()).await;
        let [heard] = &stub.heard()[..] else { panic!("one call: {:?}", stub.heard()) };
        assert_eq!(heard.line, format!("POST {HOST}/tt_user/oauth2/refresh_token/ HTTP/1.1"));
        let body = json!({"client_id": "biz-app", "client_secret": "app-secret", "grant_type": "refresh_token",
            "refresh_token": "rft.old"});
        assert_eq!(sent(heard), body);
        got
    };
    let got = renew(ok(&token())).await.expect("good");
    assert_eq!(got.tokens.refresh.as_ref().map(Secret::expose), Some("rft.bizFake0001"));
    assert_eq!(got.expiry.refresh.map(Timestamp::as_second), Some(1_795_000_000 + 31_536_000));
    let got = renew(error(40105, "revoked")).await;
    assert!(matches!(got, Err(PlatformError::GrantGone(DeadReason::InvalidGrant))), "{got:?}");
    let got = renew(error(40100, "Too many requests")).await;
    assert!(matches!(got, Err(PlatformError::RateLimited { .. })), "{got:?}");
    // What says of itself that it failed holds no tokens, whatever the status.
    for code in [50000, 51001, 99_999] {
        let got = renew(error(code, "oops")).await;
        assert!(matches!(got, Err(PlatformError::Unknown(_))), "{code} gave {got:?}");
    }
    for odd in [token(), json!({}), json!({"code": 0, "data": {"refresh_token": "new"}})] {
        let got = renew(odd.clone()).await;
        assert!(matches!(got, Err(PlatformError::Unreadable(_))), "{odd} gave {got:?}");
    }
}

#[tokio::test]
async fn an_account_is_read_with_what_it_counts_if_that_is_permitted() {
    let counts = [(Metric::Followers, 12_000), (Metric::Following, 12), (Metric::Likes, 88_123), (Metric::Posts, 91)];
    let stub = served(json!({}), ok(&business())).await;
    let got = connector(&stub.base).client.profile(&tokens(), WHICH, now()).await.expect("good");
    assert_eq!((got.counts, got.profile.platform_account_id.as_str()), (counts.into(), WHICH.id));
    assert_eq!(stub.heard().len(), 1);

    let stub = Stub::start(|heard: &Heard| {
        let refused = heard.line.contains("followers_count");
        answer(200, if refused { error(40001, "no permission") } else { ok(&json!({"username": "a"})) }.to_string())
    })
    .await;
    let got = connector(&stub.base).client.profile(&tokens(), WHICH, now()).await.expect("good");
    assert_eq!((got.counts.len(), got.profile.handle.as_deref()), (0, Some("a")), "not known is not none");
    let stub = served(json!({}), error(40001, "no permission")).await;
    let got = connector(&stub.base).client.profile(&tokens(), WHICH, now()).await;
    assert!(matches!(got, Err(PlatformError::PermissionMissing)), "{got:?}");
}

#[tokio::test]
async fn days_are_measured_as_far_as_they_are_told() {
    let rows = json!({"metrics": [
        {"date": "2026-11-14", "video_views": 1},
        {"date": "2026-11-15", "video_views": 410, "reach": 300, "likes": 0, "comments": null, "shares": "2"},
        {"date": "2026-11-16"}, {"date": "soon", "likes": 1}, 5,
    ]});
    let stub = served(json!({}), ok(&rows)).await;
    let days = ["2026-11-15", "2026-11-17"].map(|day| day.parse::<Date>().expect("a day"));
    let got = connector(&stub.base).client.metrics(&tokens(), WHICH, days, now()).await.expect("good");
    let counts = [
        (Metric::Impressions, 410),
        (Metric::Views, 410),
        (Metric::Reach, 300),
        (Metric::Likes, 0),
        (Metric::Shares, 2),
    ];
    assert_eq!((got.daily, got.total.len()), ([(days[0], counts.into())].into(), 0));
    let line = stub.heard().remove(0).line;
    assert!(line.ends_with("&start_date=2026-11-15&end_date=2026-11-17 HTTP/1.1"), "{line}");
    assert!(line.contains("%22video_views%22"), "{line}");
    let stub = served(json!({}), ok(&json!({}))).await;
    let got = connector(&stub.base).client.metrics(&tokens(), WHICH, days, now()).await.expect("good");
    assert_eq!(got, Measured::default());
}

#[tokio::test]
async fn the_browser_is_sent_with_a_client_key_and_sees_the_page_always() {
    let connector = connector(&"http://127.0.0.1:9".parse().expect("legal"));
    let ask = Ask {
        redirect_uri: "http://localhost/v1/oauth/callback/tiktok-business",
        state: "st",
        verifier: &Secret::new("v"),
        scopes: &connector.entry.scopes(&[Capability::Publish]),
        fresh_consent: false,
    };
    let url = connector.client.authorize_url(&ask);
    assert_eq!(url.path(), "/www.tiktok.com/v2/auth/authorize/");
    let query: HashMap<_, _> = url.query_pairs().collect();
    let scopes = "user.info.basic,user.info.username,user.info.stats,video.upload,video.publish";
    assert_eq!((query["scope"].as_ref(), query["client_key"].as_ref()), (scopes, "biz-app"));
    assert_eq!((query["disable_auto_auth"].as_ref(), query.contains_key("code_challenge")), ("1", false));
}

#[tokio::test]
async fn access_is_ended_by_the_access_token() {
    let person = Person { id: "_000bizOpenId01".into(), name: "Fjord".into() };
    let stub = Stub::start(|_| answer(200, ok(&json!({})).to_string())).await;
    let connector = connector(&stub.base);
    let got = connector.client.revoke(&person, &tokens(), now()).await.expect("good");
    let [heard] = &stub.heard()[..] else { panic!("one call: {:?}", stub.heard()) };
    assert_eq!(
        (got, heard.line.clone()),
        (Revocation::Revoked, format!("POST {HOST}/tt_user/oauth2/revoke/ HTTP/1.1"))
    );
    let body = json!({"client_id": "biz-app", "client_secret": "app-secret", "access_token": "act.old"});
    assert_eq!(sent(heard), body);

    // The token is dead, and another one is wanted: status 200 says nothing.
    let stub = Stub::start(|_| answer(200, error(40105, "revoked").to_string())).await;
    let got = self::connector(&stub.base).client.revoke(&person, &tokens(), now()).await;
    assert!(matches!(got, Err(PlatformError::GrantGone(DeadReason::Expired))), "{got:?}");
    assert_eq!(stub.heard().len(), 1);
    let stub = Stub::start(|_| answer(200, error(50000, "oops").to_string())).await;
    let got = self::connector(&stub.base).client.revoke(&person, &tokens(), now()).await;
    assert!(matches!(got, Err(PlatformError::Unknown(_))), "{got:?}");

    // It is looked at by its id, which a look does not have.
    assert!(!connector.entry.free_probe);
    let got = connector.client.probe(&tokens(), now()).await;
    assert!(matches!(got, Err(PlatformError::Misconfigured(_))), "{got:?}");
}
