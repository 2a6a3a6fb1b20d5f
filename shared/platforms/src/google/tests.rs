use std::collections::HashMap;

use domain::{Code, DeadReason, Metric, Renewal};
use serde_json::{Value, json};

use super::*;
use crate::{
    Connector,
    stub::{self, Heard, Stub, answer, now},
};

mod business;

const READ: &str = "https://www.googleapis.com/auth/youtube.readonly";
const PERSON: &str = "https://www.googleapis.com/auth/userinfo.profile";

fn connector(base: &Url, platform: &str) -> Connector {
    stub::connector(base, platform, None, ("the-app", "app-secret"))
}

async fn exchange(stub: &Stub, platform: &str) -> Result<Consent, PlatformError> {
    let (code, verifier) = (Secret::new("the-code"), Secret::new("v"));
    let redirect_uri = "http://localhost/v1/oauth/callback/youtube";
    let grab = Grab { code: &code, redirect_uri, verifier: &verifier, capabilities: &[Capability::Publish] };
    connector(&stub.base, platform).client.exchange(&grab, now()).await
}

fn held() -> TokenSet {
    TokenSet { access: Secret::new("acc"), refresh: Some(Secret::new("ref")), children: [].into() }
}

fn channel() -> Value {
    json!({
        "id": "UCfake1",
        "snippet": {"title": "Fjord Ceramics", "customUrl": "@FjordCeramics", "thumbnails": {
            "default": {"url": "https://yt3.example/s88"}, "high": {"url": "https://yt3.example/s800"}}},
        "statistics": {"viewCount": "1203344", "subscriberCount": "15400", "hiddenSubscriberCount": false,
            "videoCount": "142"},
    })
}

/// Path without the query, and the query.
fn target(heard: &Heard) -> (String, HashMap<String, String>) {
    let target = heard.line.split(' ').nth(1).unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    (path.to_owned(), serde_urlencoded::from_str(query).expect("a query"))
}

fn youtube(heard: &Heard) -> Vec<u8> {
    let (path, query) = target(heard);
    let body = match path.as_str() {
        "/oauth2.googleapis.com/token" => json!({"access_token": "acc", "expires_in": 3599, "refresh_token": "ref",
            "scope": format!("{READ} {PERSON}"), "token_type": "Bearer"}),
        "/oauth2.googleapis.com/tokeninfo" => {
            assert_eq!(query["access_token"], "acc");
            json!({"sub": "108", "scope": format!("{READ} {PERSON}"), "exp": "1795003599"})
        }
        "/www.googleapis.com/youtube/v3/channels" => {
            assert_eq!((query["mine"].as_str(), query["part"].as_str()), ("true", "snippet,statistics"));
            json!({ "items": [channel()] })
        }
        "/youtubeanalytics.googleapis.com/v2/reports" => {
            assert_eq!(query["ids"], "channel==MINE");
            assert_eq!(query["metrics"], "views,likes,comments,shares");
            assert_eq!((query["startDate"].as_str(), query["endDate"].as_str()), ("2026-11-01", "2026-11-02"));
            json!({"columnHeaders": [{"name": "day"}, {"name": "views"}, {"name": "likes"}, {"name": "comments"},
                    {"name": "shares"}],
                "rows": [["2026-11-01", 120, 4, 0, 1], ["2026-11-02", 80, null, 2, 0], ["odd", 1, 1, 1, 1]]})
        }
        other => panic!("no such address: {other}"),
    };
    answer(200, body.to_string())
}

#[tokio::test]
async fn a_code_becomes_the_channel_that_was_picked() {
    let stub = Stub::start(youtube).await;
    let consent = exchange(&stub, "youtube").await.expect("good");
    assert_eq!((consent.person.id.as_str(), consent.person.name.as_str()), ("108", "Fjord Ceramics"));
    assert_eq!(consent.tokens.refresh.as_ref().map(Secret::expose), Some("ref"));
    assert_eq!((consent.renewal, consent.expiry.refresh), (Renewal::Silent, None));
    assert_eq!(consent.expiry.access.map(Timestamp::as_second), Some(1_795_003_599));
    assert_eq!(consent.granted, Some(vec![READ.to_owned(), PERSON.to_owned()]));
    let [offer] = &consent.offers[..] else { panic!("one channel: {:?}", consent.offers) };
    let profile = &offer.profile;
    assert_eq!((profile.platform_account_id.as_str(), profile.kind.as_str()), ("UCfake1", "channel"));
    assert_eq!(profile.handle.as_deref(), Some("fjordceramics"));
    assert_eq!(profile.picture_url.as_deref(), Some("https://yt3.example/s800"));
    assert_eq!(profile.profile_url.as_deref(), Some("https://www.youtube.com/channel/UCfake1"));
    assert!(offer.barrier.is_none() && offer.token.is_none());

    for heard in stub.heard() {
        // Google takes the token that it looks into in the query only.
        let excused = heard.line.contains("/tokeninfo?access_token=acc ");
        let secret = ["acc", "ref ", "app-secret", "the-code"].iter().any(|s| heard.line.contains(s));
        assert!(excused || !secret, "{}", heard.line);
        if heard.line.starts_with("POST ") {
            let form = heard.form();
            assert_eq!((form["client_id"].as_str(), form["client_secret"].as_str()), ("the-app", "app-secret"));
            assert_eq!((form["grant_type"].as_str(), form["code_verifier"].as_str()), ("authorization_code", "v"));
        }
    }
}

/// README trap 6: without both of them a second consent brings no refresh token, and without the third it takes the
/// first one's scopes away.
#[tokio::test]
async fn the_browser_is_always_sent_for_offline_access_and_to_consent() {
    let base = "http://127.0.0.1:9".parse().expect("legal");
    for platform in ["youtube", "google_business"] {
        let connector = connector(&base, platform);
        let verifier = Secret::new("v".repeat(43));
        let scopes = connector.entry.scopes(&[Capability::Publish]);
        let redirect_uri = "http://localhost/v1/oauth/callback/youtube";
        for (fresh_consent, prompt) in [(false, "consent"), (true, "consent select_account")] {
            let ask = Ask { redirect_uri, state: "st", verifier: &verifier, scopes: &scopes, fresh_consent };
            let url = connector.client.authorize_url(&ask);
            assert_eq!(url.path(), "/accounts.google.com/o/oauth2/v2/auth");
            let query: HashMap<_, _> = url.query_pairs().collect();
            assert_eq!((&*query["access_type"], &*query["prompt"]), ("offline", prompt));
            assert_eq!(query["include_granted_scopes"], "true");
            assert_eq!(query["scope"], scopes.join(" "));
            assert_eq!(query["code_challenge_method"], "S256");
        }
    }
}

/// Runs the exchange with one address answering something else.
async fn with(address: &'static str, bytes: Vec<u8>) -> Result<Consent, PlatformError> {
    let stub =
        Stub::start(move |heard| if heard.line.contains(address) { bytes.clone() } else { youtube(heard) }).await;
    exchange(&stub, "youtube").await
}

#[tokio::test]
async fn an_account_without_a_channel_is_shown_with_the_reason_and_the_way_out() {
    let signup = r#"{"error":{"code":401,"errors":[{"reason":"youtubeSignupRequired"}],"status":"UNAUTHENTICATED"}}"#;
    for bytes in [answer(200, "{}"), answer(200, r#"{"items":[]}"#), answer(401, signup)] {
        let consent = with("/channels?", bytes).await.expect("a consent");
        let [offer] = &consent.offers[..] else { panic!("one: {:?}", consent.offers) };
        let barrier = offer.barrier.as_ref().expect("nothing to connect");
        assert_eq!(barrier.code, Code::AccountTypeUnsupported);
        assert_eq!(barrier.fix_url.as_deref(), Some("https://www.youtube.com/create_channel"));
        assert_eq!(consent.person.id, "108", "who consented is known all the same");
    }
}

#[tokio::test]
async fn odd_answers_are_no_consent() {
    let without = answer(200, json!({"access_token": "acc", "expires_in": 3599}).to_string());
    let got = with("/token ", without).await;
    assert!(matches!(got, Err(PlatformError::Contract(_))), "no refresh token: {got:?}");
    for (address, odd) in [
        ("/tokeninfo?", "{}"),
        ("/tokeninfo?", r#"{"sub":""}"#),
        ("/channels?", r#"{"items":5}"#),
        ("/channels?", r#"{"items":[{}]}"#),
    ] {
        let got = with(address, answer(200, odd)).await;
        assert!(matches!(got, Err(PlatformError::Contract(_))), "{address} {odd}: {got:?}");
    }
    let used = r#"{"error":"invalid_grant","error_description":"Bad Request"}"#;
    let got = with("/token ", answer(400, used)).await;
    assert!(matches!(got, Err(PlatformError::GrantGone(DeadReason::InvalidGrant))), "{got:?}");
    for address in ["/token ", "/tokeninfo?", "/channels?"] {
        for bytes in [answer(503, used), answer(502, "<html>"), answer(200, "{\"acc"), Vec::new()] {
            let got = with(address, bytes).await;
            assert!(matches!(got, Err(PlatformError::Unknown(_))), "{address}: {got:?}");
        }
    }
    let unticked = r#"{"error":{"code":403,"errors":[{"reason":"insufficientPermissions"}]}}"#;
    let got = with("/channels?", answer(403, unticked)).await;
    assert!(matches!(got, Err(PlatformError::PermissionMissing)), "{got:?}");
}

#[tokio::test]
async fn a_week_in_testing_mode_is_told() {
    let testing = json!({"access_token": "acc", "expires_in": 3599, "refresh_token": "ref",
        "refresh_token_expires_in": 604_799});
    let consent = with("/token ", answer(200, testing.to_string())).await.expect("good");
    assert_eq!(consent.expiry.refresh.map(Timestamp::as_second), Some(1_795_604_799));
    assert_eq!(consent.granted, Some(vec![READ.to_owned(), PERSON.to_owned()]), "as the token's own page tells");
}

#[tokio::test]
async fn the_stored_refresh_token_stays() {
    let renewed = json!({"access_token": "new", "expires_in": 3599, "scope": READ, "token_type": "Bearer"});
    let stub = Stub::start(move |_| answer(200, renewed.to_string())).await;
    let connector = connector(&stub.base, "youtube");
    let got = connector.client.renew(&held(), now()).await.expect("good");
    assert_eq!(got.tokens.access.expose(), "new");
    assert_eq!(got.tokens.refresh.as_ref().map(Secret::expose), Some("ref"));
    assert_eq!((got.expiry.refresh, got.granted), (None, Some(vec![READ.to_owned()])));
    assert!(connector.entry.renewal.replay_is_harmless());
    let form = stub.heard()[0].form();
    assert_eq!((form["grant_type"].as_str(), form["refresh_token"].as_str()), ("refresh_token", "ref"));
}

#[tokio::test]
async fn a_grant_is_looked_at_for_nothing() {
    let stub = Stub::start(youtube).await;
    let probe = connector(&stub.base, "youtube").client.probe(&held(), now()).await.expect("good");
    assert_eq!(probe.granted, Some(vec![READ.to_owned(), PERSON.to_owned()]));
    let gone = r#"{"error":"invalid_token","error_description":"Invalid Value"}"#;
    let stub = Stub::start(move |_| answer(400, gone)).await;
    let got = connector(&stub.base, "youtube").client.probe(&held(), now()).await;
    assert!(matches!(got, Err(PlatformError::GrantGone(DeadReason::Expired))), "{got:?}");
}

#[tokio::test]
async fn revoking_ends_the_whole_consent_by_one_token() {
    let person = Person { id: "108".into(), name: "n".into() };
    let gone = r#"{"error":"invalid_token"}"#;
    for (bytes, wanted) in [
        (answer(200, ""), Some(Revocation::Revoked)),
        (answer(200, "{}"), Some(Revocation::Revoked)),
        (answer(400, gone), Some(Revocation::AlreadyGone)),
        (answer(503, gone), None),
    ] {
        let stub = Stub::start(move |_| bytes.clone()).await;
        let got = connector(&stub.base, "youtube").client.revoke(&person, &held(), now()).await;
        assert_eq!(got.as_ref().ok(), wanted.as_ref(), "{got:?}");
        let [heard] = &stub.heard()[..] else { panic!("one call: {:?}", stub.heard()) };
        assert_eq!(heard.line, "POST /oauth2.googleapis.com/revoke HTTP/1.1");
        assert_eq!(heard.form()["token"], "ref");
    }
}

/// Trap 12: what is hidden is not 0.
#[tokio::test]
async fn a_channel_counts_in_digits_and_hides_its_subscribers() {
    let which = Which { id: "UCfake1", kind: "channel" };
    for (hidden, followers) in [(false, Some(15_400)), (true, None)] {
        let stub = Stub::start(move |_| {
            let mut channel = channel();
            channel["statistics"]["hiddenSubscriberCount"] = json!(hidden);
            answer(200, json!({ "items": [channel] }).to_string())
        })
        .await;
        let got = connector(&stub.base, "youtube").client.profile(&held(), which, now()).await.expect("good");
        assert_eq!(got.profile.name, "Fjord Ceramics");
        assert_eq!(got.counts.get(&Metric::Followers).copied(), followers);
        assert_eq!((got.counts[&Metric::Posts], got.counts[&Metric::Views]), (142, 1_203_344));
        assert_eq!(got.counts.get(&Metric::Following), None);
    }
    let stub = Stub::start(youtube).await;
    let other = Which { id: "UCother", kind: "channel" };
    let got = connector(&stub.base, "youtube").client.profile(&held(), other, now()).await;
    assert!(matches!(got, Err(PlatformError::AccountGone)), "{got:?}");
}

#[tokio::test]
async fn a_channel_is_measured_by_day() {
    let stub = Stub::start(youtube).await;
    let which = Which { id: "UCfake1", kind: "channel" };
    let days = ["2026-11-01", "2026-11-02"].map(|day| day.parse().expect("a day"));
    let got = connector(&stub.base, "youtube").client.metrics(&held(), which, days, now()).await.expect("good");
    assert!(got.total.is_empty());
    let first = [
        (Metric::Impressions, 120),
        (Metric::Views, 120),
        (Metric::Likes, 4),
        (Metric::Comments, 0),
        (Metric::Shares, 1),
    ]
    .into();
    // What is not told of a day is not 0.
    let second = [(Metric::Impressions, 80), (Metric::Views, 80), (Metric::Comments, 2), (Metric::Shares, 0)].into();
    assert_eq!(got.daily, [(days[0], first), (days[1], second)].into());

    let capped = r#"{"error":{"code":403,"errors":[{"reason":"quotaExceeded","domain":"youtube.quota"}]}}"#;
    let stub = Stub::start(move |_| answer(403, capped)).await;
    let got = connector(&stub.base, "youtube").client.metrics(&held(), which, days, now()).await;
    assert!(matches!(got, Err(PlatformError::RateLimited { until: Some(_) })), "{got:?}");
}
