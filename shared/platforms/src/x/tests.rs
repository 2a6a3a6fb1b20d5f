use std::collections::HashMap;

use domain::{Capability, DeadReason, Renewal, Secret};
use serde_json::json;

use super::*;
use crate::{
    App, Platforms, Upstream,
    stub::{Heard, Stub, answer, now},
};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

fn platforms(stub: &Stub) -> Platforms {
    let app = App {
        platform: "x".parse().expect("legal"),
        method: None,
        client_id: "the id".into(),
        client_secret: Secret::new("a:b"),
        approved_scopes: None,
    };
    Platforms::new(&Upstream::Simulated(stub.base.clone()), vec![app].into()).expect("set up")
}

fn token_answer() -> Vec<u8> {
    let body = json!({"token_type": "bearer", "expires_in": 7200, "access_token": "acc", "refresh_token": "ref",
        "scope": "users.read tweet.read offline.access"});
    answer(200, body.to_string())
}

fn user_answer() -> Vec<u8> {
    let body = json!({"data": {"id": "1600000000000000001", "name": "Fjord Ceramics", "username": "FjordCeramics",
        "profile_image_url": "https://pbs.twimg.com/profile_images/1/fake_normal.jpg", "verified": true,
        "verified_type": "blue"}});
    answer(200, body.to_string())
}

async fn exchange(stub: &Stub) -> Result<Consent, PlatformError> {
    let platforms = platforms(stub);
    let entry = platforms.entry(&"x".parse().expect("legal"), None).expect("there");
    let connector = platforms.connector(&entry.platform, &entry.method).expect("set up");
    let (code, verifier) = (Secret::new("the code"), Secret::new(VERIFIER));
    let redirect_uri = "http://localhost/v1/oauth/callback/x";
    let capabilities = &[Capability::Publish];
    let grab = Grab { code: &code, redirect_uri, verifier: &verifier, capabilities };
    connector.client.exchange(&grab, now()).await
}

fn client(platforms: &Platforms) -> std::sync::Arc<dyn Platform> {
    let method = "x_login".parse().expect("legal");
    platforms.connector(&"x".parse().expect("legal"), &method).expect("set up").client.clone()
}

fn tokens(refresh: Option<&str>) -> TokenSet {
    TokenSet { access: Secret::new("old-access"), refresh: refresh.map(Secret::new), children: [].into() }
}

async fn renew(stub: &Stub) -> Result<Renewed, PlatformError> {
    client(&platforms(stub)).renew(&tokens(Some("old+ref&")), now()).await
}

async fn served(token: Vec<u8>, user: Vec<u8>) -> Stub {
    let is_token = |heard: &Heard| heard.line.starts_with("POST /api.x.com/2/oauth2/token ");
    Stub::start(move |heard| if is_token(heard) { token.clone() } else { user.clone() }).await
}

#[tokio::test]
async fn the_browser_is_sent_with_an_s256_challenge() {
    let stub = served(token_answer(), user_answer()).await;
    let platforms = platforms(&stub);
    let connector = platforms.connector(&"x".parse().expect("legal"), &"x_login".parse().expect("legal"));
    let verifier = Secret::new(VERIFIER);
    let connector = connector.expect("set up");
    let ask = Ask {
        redirect_uri: "http://localhost/v1/oauth/callback/x",
        state: "st",
        verifier: &verifier,
        scopes: &connector.entry.scopes(&[Capability::Publish, Capability::Analytics]),
        fresh_consent: false,
    };
    let url = connector.client.authorize_url(&ask);
    assert_eq!(url.path(), "/x.com/i/oauth2/authorize");
    assert!(!url.as_str().contains('+') && !url.as_str().contains(VERIFIER), "{url}");
    let query: HashMap<_, _> = url.query_pairs().collect();
    assert_eq!(query["response_type"], "code");
    assert_eq!(query["client_id"], "the id");
    assert_eq!(query["redirect_uri"], "http://localhost/v1/oauth/callback/x");
    assert_eq!(query["state"], "st");
    assert_eq!(query["scope"], "users.read tweet.read offline.access tweet.write media.write");
    // RFC 7636 appendix B
    assert_eq!(query["code_challenge"], "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    assert_eq!(query["code_challenge_method"], "S256");
}

#[tokio::test]
async fn a_code_becomes_one_profile() {
    let stub = served(token_answer(), user_answer()).await;
    let consent = exchange(&stub).await.expect("good");
    assert_eq!(consent.person.id, "1600000000000000001");
    assert_eq!(consent.tokens.refresh.as_ref().map(Secret::expose), Some("ref"));
    assert_eq!(consent.expiry.access.map(Timestamp::as_second), Some(1_795_007_200));
    assert_eq!(consent.expiry.refresh.map(Timestamp::as_second), Some(1_795_000_000 + 15_552_000));
    assert_eq!(consent.renewal, Renewal::Silent);
    assert_eq!(consent.granted.as_deref().map(<[_]>::len), Some(3));
    let [offer] = &consent.offers[..] else { panic!("one") };
    assert_eq!(offer.profile.handle.as_deref(), Some("fjordceramics"));
    assert_eq!(offer.profile.picture_url.as_deref(), Some("https://pbs.twimg.com/profile_images/1/fake_400x400.jpg"));
    assert_eq!((offer.profile.verified, offer.profile.account_type.as_deref()), (Some(true), Some("blue")));

    let heard = stub.heard();
    assert_eq!(heard.len(), 2);
    // base64 of "the+id:a%3Ab"
    assert!(heard[0].rest.contains("authorization: Basic dGhlK2lkOmElM0Fi\r\n"), "{:?}", heard[0]);
    assert!(heard[0].rest.contains("user-agent: mooring\r\n"));
    let (_, body) = heard[0].rest.split_once("\r\n\r\n").expect("a body");
    let form: HashMap<String, String> = serde_urlencoded::from_str(body).expect("a form");
    assert_eq!(form["code"], "the code");
    assert_eq!(form["code_verifier"], VERIFIER);
    assert_eq!(form["grant_type"], "authorization_code");
    assert_eq!(form.len(), 4);
    assert!(heard[1].line.starts_with("GET /api.x.com/2/users/me?user.fields="));
    assert!(heard[1].rest.contains("authorization: Bearer acc\r\n"));
    assert!(heard.iter().all(|h| !h.line.contains("acc=") && !h.line.contains("the+code")));
}

/// S1-41
#[tokio::test]
async fn a_profile_has_its_tier_and_its_sort_of_verification() {
    for (told, tier, sort) in [
        (json!({"subscription_type": "None", "verified_type": "none"}), None, None),
        (json!({"subscription_type": "Basic", "verified_type": "none"}), Some("basic"), None),
        (json!({"subscription_type": "Premium", "verified_type": "blue"}), Some("premium"), Some("blue")),
        (
            json!({"subscription_type": "PremiumPlus", "verified_type": "business"}),
            Some("premiumplus"),
            Some("business"),
        ),
        (json!({"subscription_type": "\u{202e}", "verified_type": ""}), None, None),
        (json!({"subscription_type": 7}), None, None),
        (json!({}), None, None),
    ] {
        let mut user = json!({"id": "1600000000000000001", "username": "fjord"});
        user.as_object_mut().expect("an object").extend(told.as_object().expect("an object").clone());
        let stub = served(token_answer(), answer(200, json!({ "data": user }).to_string())).await;
        let which = Which { id: "1600000000000000001", kind: "profile" };
        let got = client(&platforms(&stub)).profile(&tokens(None), which, now()).await.expect("good").profile;
        assert_eq!((got.tier.as_deref(), got.account_type.as_deref()), (tier, sort), "{told}");
        assert!(stub.heard()[0].line.contains("subscription_type"), "a field comes only where it is asked for");
    }
}

#[tokio::test]
async fn without_a_refresh_token_only_a_person_renews() {
    let token = answer(200, r#"{"access_token":"acc","expires_in":7200}"#);
    let consent = exchange(&served(token, user_answer()).await).await.expect("good");
    assert_eq!((consent.renewal, consent.expiry.refresh, consent.granted), (Renewal::None, None, None));
}

#[tokio::test]
async fn what_goes_wrong_is_told_apart() {
    let bad = |body: &str| answer(400, body);
    let code =
        r#"{"error":"invalid_request","error_description":"Value passed for the authorization code was invalid."}"#;
    let got = exchange(&served(bad(code), user_answer()).await).await;
    assert!(matches!(got, Err(PlatformError::GrantGone(DeadReason::InvalidGrant))), "{got:?}");

    let other = r#"{"error":"invalid_request","error_description":"Missing required parameter [code]."}"#;
    let got = exchange(&served(bad(other), user_answer()).await).await;
    assert!(matches!(got, Err(PlatformError::Contract(_))), "{got:?}");

    for (token, user) in [
        (answer(503, code), user_answer()),
        (answer(200, "<html>over capacity</html>"), user_answer()),
        (answer(401, "<html>proxy</html>"), user_answer()),
        (answer(200, "{\"access_token\":\"ac"), user_answer()),
        (token_answer(), answer(502, "<html>")),
        (token_answer(), Vec::new()),
    ] {
        let got = exchange(&served(token, user).await).await;
        assert!(matches!(got, Err(PlatformError::Unknown(_))), "{got:?}");
    }

    let gone = r#"{"errors":[{"type":"https://api.x.com/2/problems/resource-not-found","title":"Not Found Error"}]}"#;
    let got = exchange(&served(token_answer(), answer(200, gone)).await).await;
    assert!(matches!(got, Err(PlatformError::AccountGone)), "{got:?}");

    let suspended = r#"{"title":"Forbidden","detail":"user-suspended","status":403}"#;
    let got = exchange(&served(token_answer(), answer(403, suspended)).await).await;
    assert!(matches!(got, Err(PlatformError::AccountRestricted)), "{got:?}");

    for odd in ["{}", r#"{"data":null}"#, r#"{"data":{"id":1.5}}"#, r#"{"data":[]}"#, "[]"] {
        let got = exchange(&served(token_answer(), answer(200, odd)).await).await;
        assert!(matches!(got, Err(PlatformError::Contract(_))), "{odd} {got:?}");
    }
}

#[tokio::test]
async fn revoking_ends_the_refresh_token_and_then_the_access_token() {
    let person = Person { id: "1".into(), name: "n".into() };
    let tokens = TokenSet { access: Secret::new("acc"), refresh: Some(Secret::new("ref")), children: [].into() };
    let invalid = r#"{"error":"invalid_request","error_description":"Value passed for the token was invalid."}"#;
    for (bytes, wanted) in [
        (answer(200, r#"{"revoked":true}"#), Some(Revocation::Revoked)),
        (answer(200, ""), Some(Revocation::Revoked)),
        (answer(400, invalid), Some(Revocation::AlreadyGone)),
        (answer(503, invalid), None),
    ] {
        let stub = Stub::start(move |_| bytes.clone()).await;
        let platforms = platforms(&stub);
        let client =
            &platforms.connector(&"x".parse().expect("ok"), &"x_login".parse().expect("ok")).expect("set up").client;
        let got = client.revoke(&person, &tokens, now()).await;
        assert_eq!(got.as_ref().ok(), wanted.as_ref(), "{got:?}");
        let heard = stub.heard();
        assert!(heard[0].line.starts_with("POST /api.x.com/2/oauth2/revoke "));
        assert!(heard[0].rest.ends_with("token=ref"));
        assert!(heard.get(1).is_none_or(|h| h.rest.ends_with("token=acc")));
        assert_eq!(heard.len(), if wanted.is_some() { 2 } else { 1 });
    }
}

#[tokio::test]
async fn a_refresh_token_is_spent_for_the_next_pair() {
    let stub = Stub::start(|_| token_answer()).await;
    let got = renew(&stub).await.expect("good");
    assert_eq!(got.tokens.access.expose(), "acc");
    assert_eq!(got.tokens.refresh.as_ref().map(Secret::expose), Some("ref"));
    assert_eq!(got.expiry.access.map(Timestamp::as_second), Some(1_795_007_200));
    assert_eq!(got.expiry.refresh.map(Timestamp::as_second), Some(1_795_000_000 + 15_552_000), "the catalogue's");
    assert_eq!(got.granted.expect("told"), ["users.read", "tweet.read", "offline.access"]);

    let [heard] = &stub.heard()[..] else { panic!("one call: {:?}", stub.heard()) };
    assert_eq!(heard.line, "POST /api.x.com/2/oauth2/token HTTP/1.1");
    assert!(heard.rest.contains("authorization: Basic dGhlK2lkOmElM0Fi\r\n"), "{heard:?}");
    let sent = [("grant_type", "refresh_token"), ("refresh_token", "old+ref&")];
    assert_eq!(heard.form(), sent.map(|(key, value)| (key.to_owned(), value.to_owned())).into());
}

#[tokio::test]
async fn what_the_answer_tells_of_the_refresh_token_comes_before_the_catalogue() {
    for (body, refresh, ends) in [
        (json!({"access_token": "acc", "refresh_token": "ref", "refresh_expires_in": "86400"}), "ref", 86_400),
        (json!({"access_token": "acc", "refresh_token_expires_in": 86400}), "old+ref&", 86_400),
        (json!({"access_token": "acc", "refresh_token": null}), "old+ref&", 15_552_000),
        (json!({"access_token": "old-access", "refresh_token": "old+ref&"}), "old+ref&", 15_552_000),
    ] {
        let got = renew(&Stub::start(move |_| answer(200, body.to_string())).await).await.expect("good");
        assert_eq!(got.tokens.refresh.as_ref().map(Secret::expose), Some(refresh));
        assert_eq!(got.expiry.refresh.map(Timestamp::as_second), Some(1_795_000_000 + ends));
        assert_eq!((got.expiry.access, got.granted), (None, None), "not told");
    }
}

#[tokio::test]
async fn refused_renewals_are_told_apart() {
    let reused = r#"{"error":"invalid_request","error_description":"Value passed for the token was invalid."}"#;
    let got = renew(&Stub::start(move |_| answer(400, reused)).await).await;
    assert!(matches!(got, Err(PlatformError::GrantGone(DeadReason::InvalidGrant))), "{got:?}");
    let got = renew(&Stub::start(move |_| answer(503, reused)).await).await;
    assert!(matches!(got, Err(PlatformError::Unknown(_))), "{got:?}");

    let client = r#"{"error":"unauthorized_client","error_description":"Missing valid authorization header"}"#;
    let got = renew(&Stub::start(move |_| answer(401, client)).await).await;
    assert!(matches!(got, Err(PlatformError::Misconfigured(_))), "{got:?}");

    let missing = r#"{"error":"invalid_request","error_description":"Missing required parameter [refresh_token]."}"#;
    let got = renew(&Stub::start(move |_| answer(400, missing)).await).await;
    assert!(matches!(got, Err(PlatformError::Unknown(_))), "{got:?}");

    let limited = b"HTTP/1.1 429 X\r\nx-rate-limit-reset: 1795000900\r\ncontent-length: 0\r\n\r\n";
    let got = renew(&Stub::start(|_| limited.to_vec()).await).await;
    let until = now() + jiff::SignedDuration::from_mins(15);
    assert!(matches!(got, Err(PlatformError::RateLimited { until: Some(at) }) if at == until), "{got:?}");

    let capped = r#"{"type":"https://api.x.com/2/problems/usage-capped"}"#;
    for (status, body) in [(429, capped), (402, r#"{"title":"CreditsDepleted"}"#)] {
        let got = renew(&Stub::start(move |_| answer(status, body)).await).await;
        assert!(matches!(got, Err(PlatformError::RateLimited { until: None })), "{got:?}");
    }
}

/// Every read is billed, and there is nothing to renew without a refresh token.
#[tokio::test]
async fn a_grant_is_not_looked_at_and_needs_a_refresh_token() {
    let stub = Stub::start(|_| token_answer()).await;
    let platforms = platforms(&stub);
    let got = client(&platforms).renew(&tokens(None), now()).await;
    assert!(matches!(got, Err(PlatformError::Misconfigured(_))), "{got:?}");
    let got = client(&platforms).probe(&tokens(Some("ref")), now()).await;
    assert!(matches!(got, Err(PlatformError::Misconfigured(_))), "{got:?}");
    assert!(stub.heard().is_empty() && platforms.entries().iter().any(|e| e.issuer == "x" && !e.free_probe));
}

const WHICH: Which<'_> = Which { id: "1600000000000000001", kind: "profile" };

/// What is read of an account, and the one call that it took.
async fn snapshot(body: serde_json::Value) -> (Result<Snapshot, PlatformError>, Heard) {
    let stub = Stub::start(move |_| answer(200, body.to_string())).await;
    let got = client(&platforms(&stub)).profile(&tokens(Some("ref")), WHICH, now()).await;
    let [heard] = &stub.heard()[..] else { panic!("each call is billed: {:?}", stub.heard()) };
    (got, heard.clone())
}

#[tokio::test]
async fn an_account_is_read_by_one_billed_call_whatever_its_posts_are_called() {
    for (key, posts) in [("tweet_count", Some(2210)), ("post_count", Some(2210)), ("listed_count", None)] {
        let body = json!({"data": {"id": WHICH.id, "name": "Fjord", "username": "fjord", "public_metrics":
            {"followers_count": 8123, "following_count": 0, key: 2210, "like_count": 900}}});
        let (got, heard) = snapshot(body).await;
        let got = got.expect("good");
        assert_eq!(got.profile.handle.as_deref(), Some("fjord"));
        let mut counts = Counts::from([(Metric::Followers, 8123), (Metric::Following, 0)]);
        counts.extend(posts.map(|posts| (Metric::Posts, posts)));
        assert_eq!(got.counts, counts, "what it likes is not how it is liked");
        assert!(
            heard.line.starts_with("GET /api.x.com/2/users/me?user.fields=") && heard.line.contains("public_metrics")
        );
    }
    let (got, _) = snapshot(json!({"data": {"id": WHICH.id}})).await;
    assert!(got.expect("good").counts.is_empty());
    let (got, _) = snapshot(json!({"data": {"id": "7"}})).await;
    assert!(matches!(got, Err(PlatformError::AccountGone)), "{got:?}");
    let gone = json!({"errors": [{"type": "https://api.x.com/2/problems/resource-not-found"}]});
    let (got, _) = snapshot(gone).await;
    assert!(matches!(got, Err(PlatformError::AccountGone)), "{got:?}");
}

async fn metrics(days: [&str; 2], body: serde_json::Value) -> (Result<Measured, PlatformError>, String) {
    let stub = Stub::start(move |_| answer(200, body.to_string())).await;
    let days = days.map(|day| day.parse().expect("a day"));
    let got = client(&platforms(&stub)).metrics(&tokens(Some("ref")), WHICH, days, now()).await;
    let [heard] = &stub.heard()[..] else { panic!("each call is billed: {:?}", stub.heard()) };
    (got, heard.line.clone())
}

fn posted(at: &str, likes: u64) -> serde_json::Value {
    json!({"id": "1", "created_at": at, "public_metrics": {"impression_count": 100, "like_count": likes,
        "reply_count": 0, "retweet_count": 2, "quote_count": 1, "bookmark_count": 4}})
}

#[tokio::test]
async fn posts_count_for_the_day_on_which_they_were_posted() {
    let posts = [
        posted("2026-11-17T23:59:59.000Z", 5),
        posted("2026-11-17T00:00:00.000Z", 6),
        json!({"id": "2", "created_at": "2026-11-16T10:00:00.000Z", "public_metrics": {"retweet_count": 2}}),
        json!({"id": "3", "created_at": "soon"}),
        posted("2026-11-14T10:00:00.000Z", 7),
    ];
    let days = ["2026-11-15", "2026-11-17"];
    let (got, line) = metrics(days, json!({"data": posts, "meta": {"result_count": 5}})).await;
    let got = got.expect("good");
    let [day, before] = ["2026-11-17", "2026-11-16"].map(|day| day.parse::<Date>().expect("a day"));
    let counts = [
        (Metric::Impressions, 200),
        (Metric::Likes, 11),
        (Metric::Comments, 0),
        (Metric::Shares, 6),
        (Metric::Saves, 8),
    ];
    assert_eq!(got.daily[&day], counts.into());
    assert!(!got.daily.contains_key(&before), "shares are reposts and quotes: {got:?}");
    assert!(got.total.is_empty() && got.daily.len() == 1);
    let query = "max_results=100&exclude=retweets&tweet.fields=created_at%2Cpublic_metrics\
        &start_time=2026-11-15T00%3A00%3A00Z&end_time=2026-11-18T00%3A00%3A00Z";
    assert_eq!(line, format!("GET /api.x.com/2/users/{}/tweets?{query} HTTP/1.1", WHICH.id));

    // A moment that has not come is refused as an end. Of more posts than one call reads the last day is torn.
    let more = json!({"data": posts[..3], "meta": {"result_count": 3, "next_token": "n"}});
    let (got, line) = metrics(["2026-11-15", "2026-11-18"], more).await;
    assert!(!line.contains("end_time") && line.contains("start_time"), "{line}");
    assert_eq!(got.expect("good").daily.keys().copied().collect::<Vec<_>>(), [day]);
}

#[tokio::test]
async fn no_posts_are_no_error_and_no_list_is() {
    let days = ["2026-11-15", "2026-11-17"];
    let (got, _) = metrics(days, json!({"meta": {"result_count": 0}})).await;
    assert_eq!(got.expect("good"), Measured::default());
    let gone = json!({"errors": [{"type": "https://api.x.com/2/problems/resource-not-found"}]});
    let (got, _) = metrics(days, gone).await;
    assert!(matches!(got, Err(PlatformError::AccountGone)), "{got:?}");
    let (got, _) = metrics(days, json!({})).await;
    assert!(matches!(got, Err(PlatformError::Contract(_))), "{got:?}");
}
