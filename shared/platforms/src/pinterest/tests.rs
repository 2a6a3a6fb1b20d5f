use std::collections::HashMap;

use domain::{Capability, DeadReason, Renewal};
use serde_json::json;

use super::*;
use crate::{
    Connector,
    stub::{self, Heard, Is, Stub, answer, now},
};

const TOKEN: &str = "POST /api.pinterest.com/v5/oauth/token HTTP/1.1";
const USER: &str = "GET /api.pinterest.com/v5/user_account HTTP/1.1";
const ANALYTICS: &str = "GET /api.pinterest.com/v5/user_account/analytics?";
const WHICH: Which<'_> = Which { id: "2783136121146000001", kind: "profile" };

fn connector(base: &Url) -> Connector {
    stub::connector(base, "pinterest", None, ("the id", "a:b"))
}

fn tokens() -> TokenSet {
    TokenSet { access: Secret::new("pina_old"), refresh: Some(Secret::new("pinr_old")), children: [].into() }
}

fn token() -> Value {
    json!({"response_type": "authorization_code", "access_token": "pina_FAKE", "refresh_token": "pinr_FAKE",
        "token_type": "bearer", "expires_in": 2_592_000, "refresh_token_expires_in": 5_184_000,
        "refresh_token_expires_at": 1_800_184_000, "scope": "boards:read pins:read user_accounts:read"})
}

fn user() -> Value {
    json!({"account_type": "BUSINESS", "id": "2783136121146000001", "username": "FjordCeramics",
        "profile_image": "https://i.pinimg.com/280x280_RS/fa/ke/01.jpg", "website_url": "fjord.example",
        "business_name": "Fjord Ceramics", "board_count": 14, "pin_count": 339, "follower_count": 1010,
        "following_count": 347, "monthly_views": 16300})
}

async fn served(token: (u16, Value), user: (u16, Value)) -> Stub {
    Stub::start(move |heard: &Heard| {
        let (status, body) = match heard.line.as_str() {
            TOKEN => &token,
            USER => &user,
            other => panic!("no such address: {other}"),
        };
        answer(*status, body.to_string())
    })
    .await
}

async fn exchange(stub: &Stub) -> Result<Consent, PlatformError> {
    let (code, verifier) = (Secret::new("the-code"), Secret::new("v"));
    let redirect_uri = "http://localhost/v1/oauth/callback/pinterest";
    let grab = Grab { code: &code, redirect_uri, verifier: &verifier, capabilities: &[Capability::Publish] };
    connector(&stub.base).client.exchange(&grab, now()).await
}

async fn snapshot(status: u16, user: Value) -> Result<Snapshot, PlatformError> {
    let stub = served((200, token()), (status, user)).await;
    connector(&stub.base).client.profile(&tokens(), WHICH, now()).await
}

#[tokio::test]
async fn a_code_becomes_a_profile() {
    let stub = served((200, token()), (200, user())).await;
    let got = exchange(&stub).await.expect("good");
    assert_eq!((got.person.id.as_str(), got.person.name.as_str()), ("2783136121146000001", "Fjord Ceramics"));
    assert_eq!(got.tokens.access.expose(), "pina_FAKE");
    assert_eq!(got.tokens.refresh.as_ref().map(Secret::expose), Some("pinr_FAKE"));
    assert_eq!(got.expiry.access.map(Timestamp::as_second), Some(1_795_000_000 + 2_592_000));
    assert_eq!(got.expiry.refresh.map(Timestamp::as_second), Some(1_795_000_000 + 5_184_000));
    assert_eq!(got.renewal, Renewal::Silent);
    assert_eq!(got.granted.expect("told"), ["boards:read", "pins:read", "user_accounts:read"]);
    let [Offer { profile, barrier: None, token: None }] = got.offers.as_slice() else { panic!("{:?}", got.offers) };
    assert_eq!((profile.platform_account_id.as_str(), profile.kind.as_str()), ("2783136121146000001", "profile"));
    assert_eq!((profile.name.as_str(), profile.handle.as_deref()), ("Fjord Ceramics", Some("fjordceramics")));
    assert_eq!(profile.profile_url.as_deref(), Some("https://www.pinterest.com/fjordceramics/"));
    assert_eq!(profile.picture_url.as_deref(), Some("https://i.pinimg.com/280x280_RS/fa/ke/01.jpg"));
    assert_eq!((profile.verified, profile.account_type.as_deref()), (None, Some("BUSINESS")));

    let heard = stub.heard();
    let [code, user] = heard.as_slice() else { panic!("{heard:?}") };
    // base64 of "the+id:a%3Ab"
    assert!(code.rest.contains("authorization: Basic dGhlK2lkOmElM0Fi\r\n"), "{code:?}");
    let sent = [
        ("grant_type", "authorization_code"),
        ("code", "the-code"),
        ("redirect_uri", "http://localhost/v1/oauth/callback/pinterest"),
        ("continuous_refresh", "true"),
    ];
    assert_eq!(code.form(), sent.map(|(key, value)| (key.to_owned(), value.to_owned())).into());
    assert!(user.rest.contains("authorization: Bearer pina_FAKE\r\n"), "{user:?}");
}

#[tokio::test]
async fn scopes_come_with_spaces_or_commas_and_the_end_in_either_way() {
    for (key, value, wanted) in [
        ("scope", json!("boards:read,pins:read"), 5_184_000),
        ("refresh_token_expires_in", json!(null), 5_184_000),
        ("refresh_token_expires_in", json!(0), 5_184_000),
        ("refresh_token_expires_at", json!(null), 5_184_000),
        ("refresh_token_expires_at", json!("tomorrow"), 5_184_000),
        ("refresh_token_expires_in", json!("31536000"), 31_536_000),
    ] {
        let mut token = token();
        token[key] = value;
        let got = exchange(&served((200, token.clone()), (200, user())).await).await.expect("good");
        assert_eq!(got.expiry.refresh.map(|at| at.as_second() - 1_795_000_000), Some(wanted), "{token}");
        assert!(got.granted.expect("told").contains(&"pins:read".to_owned()), "{token}");
    }
}

#[tokio::test]
async fn odd_answers_are_a_broken_contract_or_unknown() {
    for odd in [json!({}), json!([]), json!({"id": null}), json!({"id": 1.5}), json!({"id": ""}), json!(null)] {
        let got = exchange(&served((200, token()), (200, odd.clone())).await).await;
        assert!(matches!(got, Err(PlatformError::Contract(_))), "{odd} gave {got:?}");
    }
    for odd in [json!({}), json!({"access_token": ""}), json!({"data": token()}), json!({"access_token": ["a"]})] {
        let got = exchange(&served((200, odd.clone()), (200, user())).await).await;
        assert!(matches!(got, Err(PlatformError::Contract(_))), "{odd} gave {got:?}");
    }
    for (status, body) in [(503, r#"{"code":283}"#), (502, "<html>"), (200, "<html>"), (200, "")] {
        let stub = Stub::start(move |_| answer(status, body)).await;
        let got = exchange(&stub).await;
        assert!(matches!(got, Err(PlatformError::Unknown(_))), "{status} {body} gave {got:?}");
    }
}

/// One row for each rule that is known of the platform, as it is told of there.
#[tokio::test]
async fn each_error_is_told_apart() {
    use PlatformError::{AccountRestricted, GrantGone, PermissionMissing, RateLimited, Unknown};
    let of_api: [(u16, Value, Is); 7] = [
        (401, json!({"code": 2, "message": "Authentication failed."}), |e| matches!(e, GrantGone(DeadReason::Expired))),
        (403, json!({"code": 29, "message": "not permitted"}), |e| matches!(e, PermissionMissing)),
        (401, json!({"code": 3, "message": "Authorization failed."}), |e| matches!(e, PermissionMissing)),
        (429, json!({"code": 8, "message": "rate limit"}), |e| matches!(e, RateLimited { until: None })),
        (403, json!({"code": 403, "message": "Not authorized to access the user account"}), |e| {
            matches!(e, AccountRestricted)
        }),
        (500, json!({"code": -1, "message": "oops"}), |e| matches!(e, Unknown(_))),
        (503, json!({"code": -1, "message": "oops"}), |e| matches!(e, Unknown(_))),
    ];
    for (status, body, is) in of_api {
        let got = exchange(&served((200, token()), (status, body.clone())).await).await;
        assert!(got.as_ref().is_err_and(is), "{status} {body} gave {got:?}");
    }
    let used = json!({"code": 283, "message": "Authorization code is invalid or expired"});
    let got = exchange(&served((400, used), (200, user())).await).await;
    assert!(matches!(got, Err(GrantGone(DeadReason::InvalidGrant))), "{got:?}");
    // There it is our app's secret that is wrong, and no token.
    let wrong = json!({"code": 2, "message": "Authentication failed."});
    let got = exchange(&served((401, wrong), (200, user())).await).await;
    assert!(matches!(got, Err(PlatformError::Contract(_))), "{got:?}");

    let limited = b"HTTP/1.1 429 X\r\nx-ratelimit-reset: 90\r\ncontent-length: 10\r\n\r\n{\"code\":8}";
    let stub = Stub::start(|_| limited.to_vec()).await;
    let got = connector(&stub.base).client.probe(&tokens(), now()).await;
    let until = now() + jiff::SignedDuration::from_secs(90);
    assert!(matches!(got, Err(RateLimited { until: Some(at) }) if at == until), "{got:?}");
}

#[tokio::test]
async fn a_refresh_token_is_spent_for_the_next_pair() {
    let stub = Stub::start(|_| answer(200, token().to_string())).await;
    let connector = connector(&stub.base);
    let got = connector.client.renew(&tokens(), now()).await.expect("good");
    assert_eq!(got.tokens.access.expose(), "pina_FAKE");
    assert_eq!(got.tokens.refresh.as_ref().map(Secret::expose), Some("pinr_FAKE"), "never the old one");
    assert_eq!(got.expiry.access.map(Timestamp::as_second), Some(1_795_000_000 + 2_592_000));
    assert_eq!(got.expiry.refresh.map(Timestamp::as_second), Some(1_795_000_000 + 5_184_000));
    let [heard] = &stub.heard()[..] else { panic!("one call: {:?}", stub.heard()) };
    assert_eq!(heard.line, TOKEN);
    assert!(heard.rest.contains("authorization: Basic dGhlK2lkOmElM0Fi\r\n"), "{heard:?}");
    let sent = [("grant_type", "refresh_token"), ("refresh_token", "pinr_old")];
    assert_eq!(heard.form(), sent.map(|(key, value)| (key.to_owned(), value.to_owned())).into());

    let stub = Stub::start(|_| answer(400, r#"{"code":283,"message":"invalid"}"#)).await;
    let got = self::connector(&stub.base).client.renew(&tokens(), now()).await;
    assert!(matches!(got, Err(PlatformError::GrantGone(DeadReason::InvalidGrant))), "{got:?}");

    // About half of the sixty days, and before the thirty in which people are warned.
    let (id, ends) = (domain::GrantId::new(now(), [7; 16]), now() + jiff::SignedDuration::from_hours(60 * 24));
    let expiry = domain::grant::Expiry { access: None, refresh: Some(ends), data_access: None };
    let due = connector.entry.renewal.renew_at(id, Renewal::Silent, now(), &expiry).expect("due");
    let days = due.duration_since(now()).as_hours() / 24;
    assert!((24..=27).contains(&days), "{days}");
}

#[tokio::test]
async fn a_grant_is_looked_at_by_its_account() {
    let stub = served((200, token()), (200, user())).await;
    let connector = connector(&stub.base);
    assert!(connector.entry.free_probe);
    assert_eq!(connector.client.probe(&tokens(), now()).await.expect("good"), Probe::default());
    assert_eq!(stub.heard()[0].line, USER);
    for (status, body, is) in [
        (401, json!({"code": 2}), (|e| matches!(e, PlatformError::GrantGone(DeadReason::Expired))) as Is),
        (401, json!({}), |e| matches!(e, PlatformError::Unknown(_))),
        (503, json!({"code": 2}), |e| matches!(e, PlatformError::Unknown(_))),
        (200, json!({}), |e| matches!(e, PlatformError::Contract(_))),
    ] {
        let stub = served((200, token()), (status, body.clone())).await;
        let got = self::connector(&stub.base).client.probe(&tokens(), now()).await;
        assert!(got.as_ref().is_err_and(is), "{status} {body} gave {got:?}");
    }
}

#[tokio::test]
async fn an_account_is_read_with_what_it_counts() {
    let got = snapshot(200, user()).await.expect("good");
    assert_eq!(got.profile.platform_account_id, WHICH.id);
    assert_eq!(got.counts, [(Metric::Followers, 1010), (Metric::Following, 347), (Metric::Posts, 339)].into());
    let mut personal = user();
    for (key, value) in [("account_type", json!("PINNER")), ("business_name", json!(null)), ("pin_count", json!(null))]
    {
        personal[key] = value;
    }
    personal["follower_count"] = json!(0);
    let got = snapshot(200, personal).await.expect("good");
    assert_eq!((got.profile.name.as_str(), got.profile.account_type.as_deref()), ("fjordceramics", Some("PINNER")));
    assert_eq!(got.counts, [(Metric::Followers, 0), (Metric::Following, 347)].into(), "not told is not none");
    let mut other = user();
    other["id"] = json!("1");
    let got = snapshot(200, other).await;
    assert!(matches!(got, Err(PlatformError::AccountGone)), "{got:?}");
}

async fn metrics(
    days: [&str; 2],
    analytics: (u16, Value),
    user: Value,
) -> (Result<Measured, PlatformError>, Vec<String>) {
    let stub = Stub::start(move |heard: &Heard| {
        if heard.line.starts_with(ANALYTICS) {
            return answer(analytics.0, analytics.1.to_string());
        }
        assert_eq!(heard.line, USER);
        answer(200, user.to_string())
    })
    .await;
    let days = days.map(|day| day.parse().expect("a day"));
    let got = connector(&stub.base).client.metrics(&tokens(), WHICH, days, now()).await;
    (got, stub.heard().into_iter().map(|heard| heard.line).collect())
}

#[tokio::test]
async fn days_come_when_the_platform_has_done_with_them() {
    let numbers = |n: f64| json!({"IMPRESSION": n, "SAVE": 2, "PIN_CLICK": 3, "OUTBOUND_CLICK": 1, "ENGAGEMENT": 9});
    let body = json!({"all": {"daily_metrics": [
        {"date": "2026-11-14", "data_status": "READY", "metrics": numbers(99.0)},
        {"date": "2026-11-15", "data_status": "READY", "metrics": numbers(40.0)},
        {"date": "2026-11-16", "data_status": "READY", "metrics": {"IMPRESSION": 0, "PIN_CLICK": 3}},
        {"date": "2026-11-17", "data_status": "PROCESSING", "metrics": {"IMPRESSION": 0}},
        {"date": "2026-11-18", "data_status": "READY", "metrics": {}},
        {"date": "soon", "metrics": numbers(1.0)}, {"data_status": "READY"}, 5,
    ], "summary_metrics": numbers(140.0)}});
    let (got, heard) = metrics(["2026-11-15", "2026-11-18"], (200, body.clone()), user()).await;
    let got = got.expect("good");
    let day = |day: &str| day.parse::<Date>().expect("a day");
    let whole = |n| Counts::from([(Metric::Impressions, n), (Metric::Saves, 2), (Metric::Clicks, 4)]);
    let part = Counts::from([(Metric::Impressions, 0)]);
    assert_eq!(got.daily, [(day("2026-11-15"), whole(40)), (day("2026-11-16"), part)].into());
    assert_eq!(got.total, whole(140));
    let types = "metric_types=IMPRESSION%2CSAVE%2CPIN_CLICK%2COUTBOUND_CLICK";
    assert_eq!(heard, [format!("{ANALYTICS}start_date=2026-11-15&end_date=2026-11-18&{types} HTTP/1.1")]);

    // Ninety days are kept: the sum is one over fewer days than were asked for.
    let (got, heard) = metrics(["2026-01-01", "2026-12-01"], (200, body), user()).await;
    assert!(heard[0].contains("start_date=2026-08-21&end_date=2026-11-18&"), "{heard:?}");
    assert!(got.expect("good").total.is_empty());
    for days in [["2026-01-01", "2026-08-20"], ["2026-11-19", "2026-11-20"]] {
        let (got, heard) = metrics(days, (200, json!({})), user()).await;
        assert_eq!((got.expect("good"), heard.len()), (Measured::default(), 0), "{days:?}");
    }
    for odd in [json!({}), json!([]), json!({"all": {"daily_metrics": {}, "summary_metrics": []}})] {
        let (got, _) = metrics(["2026-11-15", "2026-11-18"], (200, odd), user()).await;
        assert_eq!(got.expect("good"), Measured::default());
    }
}

#[tokio::test]
async fn nothing_is_measured_of_an_account_that_is_no_business() {
    let refused = || (403, json!({"code": 29, "message": "no"}));
    let mut personal = user();
    personal["account_type"] = json!("PINNER");
    let (got, heard) = metrics(["2026-11-15", "2026-11-18"], refused(), personal).await;
    assert_eq!((got.expect("good"), heard.len()), (Measured::default(), 2));
    let (got, _) = metrics(["2026-11-15", "2026-11-18"], refused(), user()).await;
    assert!(matches!(got, Err(PlatformError::PermissionMissing)), "{got:?}");
}

#[tokio::test]
async fn the_browser_is_sent_with_commas_and_without_a_challenge() {
    let connector = connector(&"http://127.0.0.1:9".parse().expect("legal"));
    let ask = Ask {
        redirect_uri: "http://localhost/v1/oauth/callback/pinterest",
        state: "st",
        verifier: &Secret::new("v"),
        scopes: &connector.entry.scopes(&[Capability::Publish, Capability::Analytics]),
        fresh_consent: false,
    };
    let url = connector.client.authorize_url(&ask);
    assert_eq!(url.path(), "/www.pinterest.com/oauth/");
    let query: HashMap<_, _> = url.query_pairs().collect();
    assert_eq!(query["scope"], "user_accounts:read,boards:read,pins:read,boards:write,pins:write");
    assert_eq!(query["client_id"], "the id");
    assert!(!query.contains_key("code_challenge") && query.len() == 5, "{query:?}");
}

/// The call takes no person's tokens: the platform is not asked at all.
#[tokio::test]
async fn access_is_ended_by_hand() {
    let stub = Stub::start(|_| answer(200, "{}")).await;
    let connector = connector(&stub.base);
    let person = Person { id: "1".into(), name: "Fjord".into() };
    let got = connector.client.revoke(&person, &tokens(), now()).await.expect("told");
    assert_eq!((got, stub.heard().len()), (Revocation::Unsupported, 0));
    assert!(connector.entry.manual_revoke_url.is_some() && !connector.entry.manual_revoke_steps.is_empty());
}
