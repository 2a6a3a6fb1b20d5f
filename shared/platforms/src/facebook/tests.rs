use std::collections::HashMap;

use domain::{Capability, Code};
use serde_json::{Value, json};

use super::*;
use crate::{
    Connector,
    stub::{self, Heard, Stub, answer, now},
};

const API: &str = "/graph.facebook.com/v26.0";

/// The client of `facebook_login` at a platform.
fn connector(base: &Url, platform: &str) -> Connector {
    stub::connector(base, platform, None, ("1234567890", "app-secret"))
}

async fn exchange(stub: &Stub) -> Result<Consent, PlatformError> {
    consent(stub, "facebook", &[Capability::Publish]).await
}

async fn consent(stub: &Stub, platform: &str, capabilities: &[Capability]) -> Result<Consent, PlatformError> {
    let (code, verifier) = (Secret::new("the-code"), Secret::new("v"));
    let redirect_uri = "http://localhost/v1/oauth/callback/facebook";
    let connector = connector(&stub.base, platform);
    let grab = Grab { code: &code, redirect_uri, verifier: &verifier, capabilities };
    connector.client.exchange(&grab, now()).await
}

fn page(id: &str) -> Value {
    json!({"id": id, "name": format!("Page {id}"), "access_token": format!("token-{id}"), "tasks": ["MANAGE"]})
}

/// A person with two pages of their own, in two parts, and a portfolio with one more.
fn facebook(heard: &Heard) -> Vec<u8> {
    let path = heard.line.split(' ').nth(1).unwrap_or_default();
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let query: HashMap<String, String> = serde_urlencoded::from_str(query).expect("a query");
    let body = match path.strip_prefix(API).unwrap_or(path) {
        "/oauth/access_token" if heard.rest.contains("fb_exchange_token=short") => {
            json!({"access_token": "long", "token_type": "bearer", "expires_in": 5_183_944})
        }
        "/oauth/access_token" => json!({"access_token": "short", "token_type": "bearer", "expires_in": 5112}),
        "/me" => json!({"id": "77", "name": "Ada"}),
        "/me/permissions" => json!({"data": [
            {"permission": "pages_show_list", "status": "granted"},
            {"permission": "business_management", "status": "granted"},
            {"permission": "pages_manage_posts", "status": "declined"},
        ]}),
        "/me/accounts" if query.get("after").is_some_and(|a| a == "c=1") => {
            json!({"data": [page("2"), page("1")], "paging": {"cursors": {"after": "c2"}}})
        }
        "/me/accounts" => json!({"data": [page("1")],
            "paging": {"next": "https://evil.example/v26.0/me/accounts?access_token=x&after=c%3D1"}}),
        "/me/businesses" => json!({"data": [{"id": "900", "name": "Agency"}, {"id": "901"}]}),
        "/900/owned_pages" => json!({"data": [page("2"), {"id": "3", "name": "Three"}, {"id": "4"}]}),
        "/900/client_pages" => json!({"data": []}),
        "/901/owned_pages" | "/901/client_pages" => {
            return answer(403, r#"{"error":{"code":10,"message":"no permission"}}"#);
        }
        "/3" => json!({"access_token": "token-3", "id": "3"}),
        "/4" => return answer(400, r#"{"error":{"code":100,"error_subcode":33}}"#),
        "/graph.facebook.com/debug_token" => json!({"data": {"data_access_expires_at": 1_802_776_000}}),
        other => panic!("no such address: {other}"),
    };
    answer(200, body.to_string())
}

#[tokio::test]
async fn a_code_becomes_pages() {
    let stub = Stub::start(facebook).await;
    let consent = exchange(&stub).await.expect("good");
    assert_eq!((consent.person.id.as_str(), consent.person.name.as_str()), ("77", "Ada"));
    assert_eq!(consent.tokens.access.expose(), "long");
    assert_eq!(consent.expiry.access.map(Timestamp::as_second), Some(1_795_000_000 + 5_183_944));
    assert_eq!(consent.expiry.data_access.map(Timestamp::as_second), Some(1_802_776_000));
    assert_eq!(consent.granted, Some(vec!["pages_show_list".to_owned(), "business_management".to_owned()]));
    let ids: Vec<_> = consent.offers.iter().map(|o| o.profile.platform_account_id.as_str()).collect();
    assert_eq!(ids, ["1", "2", "3", "4"], "each once, in the platform's order");
    let tokens: Vec<_> = consent.offers.iter().map(|o| o.token.as_ref().map(Secret::expose)).collect();
    assert_eq!(tokens, [Some("token-1"), Some("token-2"), Some("token-3"), None]);
    let barriers: Vec<_> = consent.offers.iter().map(|o| o.barrier.as_ref().map(|b| b.code)).collect();
    assert_eq!(barriers, [None, None, None, Some(Code::InsufficientPermissions)]);

    for heard in stub.heard() {
        // `debug_token` takes what it looks into in its query only.
        let excused = heard.line.contains("/debug_token?input_token=long ");
        let secret = ["long", "short", "app-secret", "the-code", "token-"].iter().any(|s| heard.line.contains(s));
        assert!(excused || !secret, "{}", heard.line);
        assert!(heard.line.starts_with("GET ") || heard.line.starts_with("POST "), "{}", heard.line);
    }
}

/// S3-20
#[tokio::test]
async fn portfolios_are_read_only_where_the_person_left_them_ticked() {
    let permitted = r#"{"data":[{"permission":"business_management","status":"declined"}]}"#;
    let stub = Stub::start(move |heard| {
        assert!(!heard.line.contains("/me/businesses"), "{}", heard.line);
        if heard.line.contains("/me/permissions") { answer(200, permitted) } else { facebook(heard) }
    })
    .await;
    let consent = exchange(&stub).await.expect("good");
    let ids: Vec<_> = consent.offers.iter().map(|o| o.profile.platform_account_id.as_str()).collect();
    assert_eq!(ids, ["1", "2"]);
}

/// A5.8
#[tokio::test]
async fn a_living_grant_is_read_again_without_a_consent() {
    let stub = Stub::start(facebook).await;
    let tokens = TokenSet { access: Secret::new("long"), refresh: None, children: [].into() };
    let connector = connector(&stub.base, "facebook");
    let got = connector.client.reread(&tokens, &[Capability::Publish], now()).await.expect("good");
    assert_eq!(got.granted, Some(vec!["pages_show_list".to_owned(), "business_management".to_owned()]));
    assert_eq!(got.offers.len(), 4);
    assert!(stub.heard().iter().all(|h| h.line.starts_with("GET ") && h.rest.contains("Bearer long\r\n")));

    for (sub, reason) in [(463, DeadReason::Expired), (458, DeadReason::Revoked)] {
        let ended = json!({"error": {"code": 190, "error_subcode": sub}}).to_string();
        let stub = Stub::start(move |_| answer(400, &ended)).await;
        let client = self::connector(&stub.base, "facebook").client;
        let got = client.reread(&tokens, &[], now()).await;
        assert!(matches!(got, Err(PlatformError::GrantGone(r)) if r == reason), "{got:?}");
    }
}

#[tokio::test]
async fn nobody_s_pages_are_no_error() {
    let stub = Stub::start(|heard| {
        let lists = ["/me/accounts?", "/me/businesses?"];
        if lists.iter().any(|l| heard.line.contains(l)) { answer(200, r#"{"data":[]}"#) } else { facebook(heard) }
    })
    .await;
    assert!(exchange(&stub).await.expect("good").offers.is_empty());
}

/// Runs the exchange with one address answering something else.
async fn with(address: &'static str, bytes: Vec<u8>) -> Result<Consent, PlatformError> {
    let stub =
        Stub::start(move |heard| if heard.line.contains(address) { bytes.clone() } else { facebook(heard) }).await;
    exchange(&stub).await
}

#[tokio::test]
async fn an_outage_anywhere_is_unknown_and_ends_nothing() {
    let revoked = r#"{"error":{"code":190,"error_subcode":458}}"#;
    for address in
        ["/oauth/access_token", "/me?", "/me/permissions", "/me/accounts", "/me/businesses", "/900/owned_pages"]
    {
        for bytes in [answer(503, revoked), answer(502, "<html>"), answer(400, "<html>"), Vec::new()] {
            let got = with(address, bytes).await;
            assert!(matches!(got, Err(PlatformError::Unknown(_))), "{address} gave {got:?}");
        }
    }
    let consent = with("/debug_token", answer(500, "")).await.expect("it stops nothing");
    assert_eq!(consent.expiry.data_access, None);
}

#[tokio::test]
async fn what_goes_wrong_is_told_apart() {
    let used = r#"{"error":{"code":100,"error_subcode":36009,"message":"This authorization code has been used."}}"#;
    let got = with("/oauth/access_token", answer(400, used)).await;
    assert!(matches!(got, Err(PlatformError::GrantGone(DeadReason::InvalidGrant))), "{got:?}");
    let redirect = r#"{"error":{"code":100,"error_subcode":36008}}"#;
    let got = with("/oauth/access_token", answer(400, redirect)).await;
    assert!(matches!(got, Err(PlatformError::Misconfigured(_))), "{got:?}");
    let limited = r#"{"error":{"code":4,"is_transient":true}}"#;
    let got = with("/me/accounts", answer(400, limited)).await;
    assert!(matches!(got, Err(PlatformError::RateLimited { until: None })), "{got:?}");
    let got = with("/me/accounts", answer(200, "{}")).await;
    assert!(matches!(got, Err(PlatformError::Contract(_))), "{got:?}");
    // Portfolios that the person did not permit are not there.
    let barred = r#"{"error":{"code":200,"message":"Requires business_management"}}"#;
    let consent = with("/me/businesses", answer(403, barred)).await.expect("tolerated");
    assert_eq!(consent.offers.len(), 2);
}

#[tokio::test]
async fn a_list_without_end_is_given_up() {
    let stub = Stub::start(|heard| {
        if !heard.line.contains("/me/accounts?") {
            return facebook(heard);
        }
        // Each part points to a next one.
        let depth = heard.line.matches('x').count();
        let next = format!("https://graph.facebook.com/?after={}", "x".repeat(depth + 1));
        answer(200, json!({"data": [page(&format!("1{depth}"))], "paging": {"next": next}}).to_string())
    })
    .await;
    let consent = exchange(&stub).await.expect("good");
    let asked = stub.heard().iter().filter(|h| h.line.contains("/me/accounts?")).count();
    assert_eq!(asked, 50);
    assert!(!consent.whole);
    assert!(consent.offers.len() >= 50);
}

#[tokio::test]
async fn at_most_200_pages_are_offered() {
    let pages: Vec<_> = (0..700).map(|n| json!({"id": n.to_string()})).collect();
    let got = with("/me/accounts?", answer(200, json!({ "data": pages }).to_string())).await.expect("good");
    assert_eq!(got.offers.len(), 200);
}

/// What is not offered is gone only where the offers are all there is.
#[tokio::test]
async fn only_lists_that_were_read_to_their_end_are_the_whole() {
    let nothing = || answer(200, r#"{"data":[]}"#);
    let given = |scopes: &[&str]| {
        let rows: Vec<_> = scopes.iter().map(|s| json!({"permission": s, "status": "granted"})).collect();
        answer(200, json!({ "data": rows }).to_string())
    };
    let many: Vec<_> = (0..201).map(|n| page(&n.to_string())).collect();
    let many = answer(200, json!({ "data": many }).to_string());
    let both = given(&["pages_show_list", "business_management"]);
    for (permissions, own, second, whole) in [
        (both.clone(), nothing(), nothing(), true),
        (both.clone(), nothing(), answer(403, r#"{"error":{"code":10}}"#), false),
        (both, many, nothing(), false),
        (given(&["pages_show_list"]), nothing(), nothing(), false),
        (given(&["business_management"]), nothing(), nothing(), false),
    ] {
        let stub = Stub::start(move |heard| match &heard.line {
            line if line.contains("/me/permissions") => permissions.clone(),
            line if line.contains("/me/accounts?") => own.clone(),
            line if line.contains("/901/") => second.clone(),
            _ => facebook(heard),
        })
        .await;
        assert_eq!(exchange(&stub).await.expect("good").whole, whole);
    }
}

#[tokio::test]
async fn a_field_that_the_portfolio_does_not_know_is_left_out() {
    let stub = Stub::start(|heard| {
        if heard.line.contains("/900/owned_pages?") && heard.line.contains("tasks") {
            return answer(
                400,
                r#"{"error":{"code":100,"message":"(#100) Tried accessing nonexisting field (tasks)"}}"#,
            );
        }
        facebook(heard)
    })
    .await;
    assert_eq!(exchange(&stub).await.expect("good").offers.len(), 4);
}

#[tokio::test]
async fn the_browser_is_sent_with_commas_and_without_a_challenge() {
    let base = "http://127.0.0.1:9".parse().expect("legal");
    let verifier = Secret::new("v");
    let connector = connector(&base, "facebook");
    let mut ask = Ask {
        redirect_uri: "http://localhost/v1/oauth/callback/facebook",
        state: "st",
        verifier: &verifier,
        scopes: &connector.entry.scopes(&[Capability::Publish]),
        fresh_consent: false,
    };
    let client = &connector.client;
    let url = client.authorize_url(&ask);
    assert_eq!(url.path(), "/www.facebook.com/v26.0/dialog/oauth");
    let query: HashMap<_, _> = url.query_pairs().collect();
    let scopes = "public_profile,pages_show_list,business_management,pages_manage_posts,pages_read_engagement";
    assert_eq!(query["scope"], scopes);
    assert!(!query.contains_key("code_challenge") && !query.contains_key("auth_type"));
    ask.fresh_consent = true;
    assert!(client.authorize_url(&ask).as_str().contains("auth_type=rerequest"));
}

#[tokio::test]
async fn revoking_is_told_as_it_is() {
    let person = Person { id: "77".into(), name: "Ada".into() };
    let tokens = TokenSet { access: Secret::new("long"), refresh: None, children: [].into() };
    let ok = || answer(200, r#"{"success":true}"#);
    let code = |code: u32, sub: u32| answer(400, json!({"error": {"code": code, "error_subcode": sub}}).to_string());
    for (by_user, by_app, wanted) in [
        (ok(), code(1, 0), Some(Revocation::Revoked)),
        (code(190, 458), code(1, 0), Some(Revocation::AlreadyGone)),
        (code(190, 463), ok(), Some(Revocation::Revoked)),
        (code(190, 463), code(100, 33), Some(Revocation::AlreadyGone)),
        (code(190, 463), code(1, 0), None),
        (code(1, 0), ok(), None),
        (answer(502, "<html>"), ok(), None),
        (answer(200, r#"{"success":false}"#), ok(), None),
    ] {
        let stub = Stub::start(move |heard| {
            assert_eq!(heard.line, format!("DELETE {API}/77/permissions HTTP/1.1"));
            if heard.rest.contains("Bearer long\r\n") { by_user.clone() } else { by_app.clone() }
        })
        .await;
        let got = connector(&stub.base, "facebook").client.revoke(&person, &tokens, now()).await;
        assert_eq!(got.as_ref().ok(), wanted.as_ref(), "{got:?}");
        let by_app = stub.heard().into_iter().nth(1);
        assert!(by_app.is_none_or(|h| h.rest.contains("authorization: Bearer 1234567890|app-secret\r\n")));
    }
}

mod account;
mod instagram;
mod renewal;
