use std::collections::HashMap;

use domain::{Capability, DeadReason, Renewal};

use super::*;
use crate::{
    Connector,
    stub::{self, Heard, Is, Stub, answer, now},
};

const TOKEN: &str = "POST /open.tiktokapis.com/v2/oauth/token/ HTTP/1.1";
const REVOKE: &str = "POST /open.tiktokapis.com/v2/oauth/revoke/ HTTP/1.1";
const USER: &str = "GET /open.tiktokapis.com/v2/user/info/?fields=";
const WHICH: Which<'_> = Which { id: "fake-union-0001", kind: "profile" };

fn connector(base: &Url) -> Connector {
    stub::connector(base, "tiktok", None, ("awfakekey0001", "app-secret"))
}

fn tokens() -> TokenSet {
    TokenSet { access: Secret::new("act.old"), refresh: Some(Secret::new("rft.old!1.e1")), children: [].into() }
}

fn token() -> Value {
    json!({"access_token": "act.fake!4242.e1", "expires_in": 7200, "open_id": "-000fakeOpenId0001",
        "refresh_expires_in": 15_552_000, "refresh_token": "rft.fake!4242.e1", "token_type": "Bearer",
        "scope": "user.info.basic,user.info.profile,user.info.stats,video.list"})
}

fn whole_user() -> Value {
    json!({"open_id": "-000fakeOpenId0001", "union_id": "fake-union-0001", "display_name": "Fjord Ceramics",
        "avatar_url": "https://p16-sign.tiktokcdn.example/a.jpeg?x-expires=1795345200&x-signature=fake",
        "username": "FjordCeramics", "is_verified": false, "profile_deep_link": "https://vm.tiktok.com/FAKE/",
        "follower_count": 51200, "following_count": 77, "likes_count": 900_321, "video_count": 214})
}

fn ok(data: &Value) -> Value {
    json!({"data": data, "error": {"code": "ok", "message": "", "log_id": "20261122FAKE"}})
}

fn error(code: &str) -> Value {
    json!({"data": {}, "error": {"code": code, "message": "m", "log_id": "20261122FAKE"}})
}

/// Answers with the fields that are asked for, if the scopes for all of them were given, as the platform does.
fn user_info(heard: &Heard, scopes: &[&str]) -> Vec<u8> {
    let fields = heard.line.strip_prefix(USER).and_then(|rest| rest.split(' ').next()).expect("of the user");
    let fields: Vec<&str> = fields.split("%2C").collect();
    let of = |field: &&str| FIELDS.iter().find(|(_, all)| all.split(',').any(|f| f == *field)).expect("known").0;
    if !fields.iter().all(|field| scopes.contains(&of(field))) {
        return answer(401, error("scope_not_authorized").to_string());
    }
    let mut user = whole_user();
    user.as_object_mut().expect("an object").retain(|field, _| fields.contains(&field.as_str()));
    answer(200, ok(&json!({ "user": user })).to_string())
}

const ALL: [&str; 3] = ["user.info.basic", "user.info.profile", "user.info.stats"];

async fn served(token: (u16, Value)) -> Stub {
    Stub::start(move |heard| {
        if heard.line != TOKEN {
            return user_info(heard, &ALL);
        }
        answer(token.0, token.1.to_string())
    })
    .await
}

/// A platform whose token is good, and which answers this to the look at the user.
async fn with_user(status: u16, body: &str) -> Stub {
    let bytes = answer(status, body);
    Stub::start(move |heard| if heard.line == TOKEN { answer(200, token().to_string()) } else { bytes.clone() }).await
}

async fn exchange(stub: &Stub) -> Result<Consent, PlatformError> {
    let (code, verifier) = (Secret::new("the*code!1"), Secret::new("v"));
    let redirect_uri = "http://localhost/v1/oauth/callback/tiktok";
    let grab = Grab { code: &code, redirect_uri, verifier: &verifier, capabilities: &[Capability::Publish] };
    connector(&stub.base).client.exchange(&grab, now()).await
}

#[tokio::test]
async fn a_code_becomes_a_profile() {
    let stub = served((200, token())).await;
    let got = exchange(&stub).await.expect("good");
    assert_eq!((got.person.id.as_str(), got.person.name.as_str()), ("-000fakeOpenId0001", "Fjord Ceramics"));
    assert_eq!(got.tokens.access.expose(), "act.fake!4242.e1");
    assert_eq!(got.tokens.refresh.as_ref().map(Secret::expose), Some("rft.fake!4242.e1"));
    assert_eq!(got.expiry.access.map(Timestamp::as_second), Some(1_795_007_200));
    assert_eq!(got.expiry.refresh.map(Timestamp::as_second), Some(1_795_000_000 + 15_552_000));
    assert_eq!((got.renewal, got.granted.as_deref().map(<[_]>::len)), (Renewal::Silent, Some(4)));
    let [Offer { profile, barrier: None, token: None }] = got.offers.as_slice() else { panic!("{:?}", got.offers) };
    assert_eq!((profile.platform_account_id.as_str(), profile.kind.as_str()), ("fake-union-0001", "profile"));
    assert_eq!((profile.name.as_str(), profile.handle.as_deref()), ("Fjord Ceramics", Some("fjordceramics")));
    assert_eq!(profile.profile_url.as_deref(), Some("https://vm.tiktok.com/FAKE/"));
    assert!(profile.picture_url.as_deref().is_some_and(|url| url.ends_with("x-signature=fake")), "{profile:?}");
    assert_eq!((profile.verified, profile.account_type.as_deref()), (Some(false), None));

    let heard = stub.heard();
    let [code, user] = heard.as_slice() else { panic!("{heard:?}") };
    let sent = [
        ("grant_type", "authorization_code"),
        ("code", "the*code!1"),
        ("redirect_uri", "http://localhost/v1/oauth/callback/tiktok"),
        ("client_key", "awfakekey0001"),
        ("client_secret", "app-secret"),
    ];
    assert_eq!(code.form(), sent.map(|(key, value)| (key.to_owned(), value.to_owned())).into());
    assert!(user.rest.contains("authorization: Bearer act.fake!4242.e1\r\n"), "{user:?}");
}

/// Lifetimes were cut before: what is told counts.
#[tokio::test]
async fn lifetimes_are_those_of_the_answer() {
    for (access, refresh) in [(7200, 15_552_000), (86_400, 31_536_000)] {
        let mut token = token();
        (token["expires_in"], token["refresh_expires_in"]) = (json!(access), json!(refresh));
        let expiry = exchange(&served((200, token)).await).await.expect("good").expiry;
        let after = |at: Option<Timestamp>| at.map(|at| at.as_second() - 1_795_000_000);
        assert_eq!((after(expiry.access), after(expiry.refresh)), (Some(access), Some(refresh)));
    }
}

#[tokio::test]
async fn only_what_was_ticked_is_asked_for() {
    for (scope, fields) in [
        ("user.info.basic", "open_id%2Cunion_id%2Cavatar_url%2Cdisplay_name"),
        (
            "user.info.basic,user.info.profile",
            "open_id%2Cunion_id%2Cavatar_url%2Cdisplay_name%2Cusername%2Cis_verified%2Cprofile_deep_link",
        ),
    ] {
        let mut token = token();
        token["scope"] = json!(scope);
        let stub = served((200, token)).await;
        let got = exchange(&stub).await.expect("good");
        assert_eq!(stub.heard()[1].line, format!("{USER}{fields} HTTP/1.1"));
        assert_eq!(got.granted.expect("told").join(","), scope);
        assert_eq!(got.offers[0].profile.handle.is_some(), scope.contains("profile"));
    }
}

#[tokio::test]
async fn the_account_is_named_by_its_union_id_and_the_person_by_the_open_id() {
    for (union, open, account) in [
        (json!("u-1"), json!("-o_1"), Some("u-1")),
        (json!(null), json!("-o_1"), Some("-o_1")),
        (json!(""), json!("-o_1"), Some("-o_1")),
        (json!("u-1"), json!(null), None),
        (json!("u-1"), json!("o 1"), None),
    ] {
        let mut user = whole_user();
        (user["union_id"], user["open_id"]) = (union.clone(), open.clone());
        let mut answered = token();
        answered["open_id"] = json!(null);
        let body = ok(&json!({ "user": user })).to_string();
        let stub = Stub::start(move |heard| {
            answer(200, if heard.line == TOKEN { answered.to_string() } else { body.clone() })
        })
        .await;
        match (exchange(&stub).await, account) {
            (Ok(got), Some(account)) => {
                assert_eq!(got.offers[0].profile.platform_account_id, account);
                assert_eq!(got.person.id, "-o_1", "as it is");
            }
            (Err(PlatformError::Contract(_)), None) => {}
            (got, _) => panic!("{union} {open} gave {got:?}"),
        }
    }
    for other in [json!("-000fakeOpenId0002"), json!(5), json!("")] {
        let mut token = token();
        token["open_id"] = other.clone();
        let got = exchange(&served((200, token)).await).await;
        assert!(matches!(got, Err(PlatformError::Contract(_))), "{other} gave {got:?}");
    }
}

/// CHK-A17: what says that all went well is asked for, whatever the status.
#[tokio::test]
async fn odd_answers_are_a_broken_contract_or_unknown() {
    for odd in [
        json!({}),
        json!([]),
        json!({"data": {}}),
        json!({"data": null, "error": null}),
        json!({"data": {"user": []}}),
        json!({"data": {"user": {}}}),
        json!({"error": {"code": "new_word"}, "data": {"user": whole_user()}}),
        json!({"error": {"code": 0}, "data": {"user": whole_user()}}),
        json!({"error": {"code": null}, "data": {"user": whole_user()}}),
    ] {
        let got = exchange(&with_user(200, &odd.to_string()).await).await;
        assert!(matches!(got, Err(PlatformError::Contract(_))), "{odd} gave {got:?}");
    }
    for odd in [json!({}), json!({"access_token": ""}), ok(&token()), json!({"access_token": 5}), json!(null)] {
        let got = exchange(&served((200, odd.clone())).await).await;
        assert!(matches!(got, Err(PlatformError::Contract(_))), "{odd} gave {got:?}");
    }
    let wrong = error("access_token_invalid").to_string();
    for (status, body) in [(503, wrong.as_str()), (502, "<html>"), (200, "<html>"), (200, ""), (401, "<html>")] {
        let got = exchange(&with_user(status, body).await).await;
        assert!(matches!(got, Err(PlatformError::Unknown(_))), "{status} {body} gave {got:?}");
    }
}

/// One row for each rule that is known of the platform, as it is told of there.
#[tokio::test]
async fn each_error_is_told_apart() {
    use PlatformError::{AccountRestricted, GrantGone, Misconfigured, PermissionMissing, RateLimited, Unknown};
    let of_api: [(u16, &str, Is); 9] = [
        (401, "access_token_invalid", |e| matches!(e, GrantGone(DeadReason::Expired))),
        (401, "scope_not_authorized", |e| matches!(e, PermissionMissing)),
        (401, "scope_permission_missed", |e| matches!(e, PermissionMissing)),
        (429, "rate_limit_exceeded", |e| matches!(e, RateLimited { until: None })),
        (500, "internal_error", |e| matches!(e, Unknown(_))),
        (403, "reached_active_user_cap", |e| matches!(e, RateLimited { .. })),
        (403, "spam_risk_user_banned_from_posting", |e| matches!(e, AccountRestricted)),
        (403, "spam_risk_too_many_posts", |e| matches!(e, RateLimited { .. })),
        (403, "unaudited_client_can_only_post_to_private_accounts", |e| matches!(e, Misconfigured(_))),
    ];
    for (status, code, is) in of_api {
        let got = exchange(&with_user(status, &error(code).to_string()).await).await;
        assert!(got.as_ref().is_err_and(is), "{status} {code} gave {got:?}");
    }
    let verifier = "Code verifier or code challenge is invalid.";
    let of_token: [(&[u16], &str, &str, Is); 3] = [
        (&[200, 400], "invalid_grant", "Authorization code is expired.", |e| {
            matches!(e, GrantGone(DeadReason::InvalidGrant))
        }),
        (&[200, 400, 401], "invalid_client", "no", |e| matches!(e, Misconfigured(_))),
        (&[200, 400], "invalid_request", verifier, |e| matches!(e, Misconfigured(_))),
    ];
    for (statuses, error, said, is) in of_token {
        for status in statuses {
            let body = json!({"error": error, "error_description": said, "log_id": "20261122FAKE"});
            let got = exchange(&served((*status, body)).await).await;
            assert!(got.as_ref().is_err_and(is), "{status} {error} gave {got:?}");
        }
    }
    assert_eq!(of_api.len() + of_token.len(), 12);

    let other = json!({"error": "invalid_request", "error_description": "Redirect_uri is not matched."});
    let got = exchange(&served((400, other)).await).await;
    assert!(matches!(got, Err(PlatformError::Contract(_))), "{got:?}");
}

async fn renew(status: u16, body: Value) -> (Result<Renewed, PlatformError>, Heard) {
    let stub = Stub::start(move |_| answer(status, body.to_string())).await;
    let got = connector(&stub.base).client.renew(&tokens(), now()).await;
    let [heard] = &stub.heard()[..] else { panic!("one call: {:?}", stub.heard()) };
    (got, heard.clone())
}

#[tokio::test]
async fn a_refresh_token_is_spent_for_the_next_pair() {
    let (got, heard) = renew(200, token()).await;
    let got = got.expect("good");
    assert_eq!(got.tokens.access.expose(), "act.fake!4242.e1");
    assert_eq!(got.tokens.refresh.as_ref().map(Secret::expose), Some("rft.fake!4242.e1"));
    assert_eq!(got.expiry.access.map(Timestamp::as_second), Some(1_795_007_200));
    assert_eq!(got.expiry.refresh.map(Timestamp::as_second), Some(1_795_000_000 + 15_552_000));
    assert_eq!(heard.line, TOKEN);
    let sent = [
        ("grant_type", "refresh_token"),
        ("refresh_token", "rft.old!1.e1"),
        ("client_key", "awfakekey0001"),
        ("client_secret", "app-secret"),
    ];
    assert_eq!(heard.form(), sent.map(|(key, value)| (key.to_owned(), value.to_owned())).into());

    let refused = json!({"error": "invalid_grant", "error_description": "Refresh token is invalid or expired."});
    for (status, dead) in [(200, true), (400, true), (503, false)] {
        let (got, _) = renew(status, refused.clone()).await;
        let is_dead = matches!(got, Err(PlatformError::GrantGone(DeadReason::InvalidGrant)));
        assert!(is_dead == dead && (dead || matches!(got, Err(PlatformError::Unknown(_)))), "{status}: {got:?}");
    }
    let rules = connector(&"http://127.0.0.1:9".parse().expect("legal")).entry.renewal;
    assert!(!rules.replay_is_harmless() && rules.renewal() == Renewal::Silent);
}

#[tokio::test]
async fn a_grant_is_looked_at_by_its_user() {
    let stub = served((200, token())).await;
    let connector = connector(&stub.base);
    assert!(connector.entry.free_probe);
    assert_eq!(connector.client.probe(&tokens(), now()).await.expect("good"), Probe::default());
    let [heard] = &stub.heard()[..] else { panic!("one call: {:?}", stub.heard()) };
    assert_eq!(heard.line, format!("{USER}open_id HTTP/1.1"));
    let stub = with_user(401, &error("access_token_invalid").to_string()).await;
    let got = self::connector(&stub.base).client.probe(&tokens(), now()).await;
    assert!(matches!(got, Err(PlatformError::GrantGone(DeadReason::Expired))), "{got:?}");
}

#[tokio::test]
async fn an_account_is_read_with_what_its_scopes_allow() {
    let profile = async |scopes: &'static [&'static str]| {
        let stub = Stub::start(move |heard| user_info(heard, scopes)).await;
        let got = connector(&stub.base).client.profile(&tokens(), WHICH, now()).await;
        (got, stub.heard().len())
    };
    let counts = [(Metric::Followers, 51_200), (Metric::Following, 77), (Metric::Likes, 900_321), (Metric::Posts, 214)];
    let (got, calls) = profile(&ALL).await;
    let got = got.expect("good");
    assert_eq!((got.counts, calls), (counts.into(), 1));
    assert_eq!(got.profile.handle.as_deref(), Some("fjordceramics"));

    let (got, calls) = profile(&["user.info.basic", "user.info.profile"]).await;
    let got = got.expect("good");
    assert_eq!((got.counts.len(), calls), (0, 4), "not known is not none");
    assert_eq!((got.profile.handle.as_deref(), got.profile.verified), (Some("fjordceramics"), Some(false)));

    let (got, _) = profile(&["user.info.basic", "user.info.stats"]).await;
    let got = got.expect("good");
    assert_eq!((got.counts, got.profile.handle, got.profile.verified), (counts.into(), None, None));

    let (got, _) = profile(&[]).await;
    assert!(matches!(got, Err(PlatformError::PermissionMissing)), "{got:?}");
    let stub = Stub::start(move |heard| user_info(heard, &ALL)).await;
    let other = Which { id: "-000fakeOpenId0001", kind: "profile" };
    let got = connector(&stub.base).client.profile(&tokens(), other, now()).await;
    assert!(matches!(got, Err(PlatformError::AccountGone)), "{got:?}");
}

#[tokio::test]
async fn the_browser_is_sent_with_a_client_key() {
    let connector = connector(&"http://127.0.0.1:9".parse().expect("legal"));
    let ask = Ask {
        redirect_uri: "http://localhost/v1/oauth/callback/tiktok",
        state: "st",
        verifier: &Secret::new("v"),
        scopes: &connector.entry.scopes(&[Capability::Publish, Capability::Analytics]),
        fresh_consent: false,
    };
    let url = connector.client.authorize_url(&ask);
    assert_eq!(url.path(), "/www.tiktok.com/v2/auth/authorize/");
    let query: HashMap<_, _> = url.query_pairs().collect();
    let scopes = "user.info.basic,user.info.profile,user.info.stats,video.publish,video.upload,video.list";
    assert_eq!((query["scope"].as_ref(), query["client_key"].as_ref()), (scopes, "awfakekey0001"));
    assert!(!query.contains_key("client_id") && !query.contains_key("code_challenge") && query.len() == 6, "{query:?}");
    assert_eq!(query["disable_auto_auth"], "1", "each time, so that another account can be chosen");
}

#[tokio::test]
async fn access_is_ended_by_the_access_token() {
    let person = Person { id: "-000fakeOpenId0001".into(), name: "Fjord".into() };
    for body in ["{}", ""] {
        let stub = Stub::start(move |_| answer(200, body)).await;
        let got = connector(&stub.base).client.revoke(&person, &tokens(), now()).await.expect("good");
        let [heard] = &stub.heard()[..] else { panic!("one call: {:?}", stub.heard()) };
        assert_eq!((got, heard.line.as_str()), (Revocation::Revoked, REVOKE));
        let sent = [("client_key", "awfakekey0001"), ("client_secret", "app-secret"), ("token", "act.old")];
        assert_eq!(heard.form(), sent.map(|(key, value)| (key.to_owned(), value.to_owned())).into());
    }
    let entry = connector(&"http://127.0.0.1:9".parse().expect("legal")).entry;
    assert_eq!(entry.blast, crate::Blast::PersonApp);
}

/// The access token lives for hours and the grant for months: that the one has ended says nothing of the other.
#[tokio::test]
async fn an_access_token_that_has_ended_revokes_nothing_and_another_is_wanted() {
    let person = Person { id: "1".into(), name: "Fjord".into() };
    let refused = json!({"error": "invalid_grant", "error_description": "no"});
    for (body, refresh, wanted) in [
        (refused.clone(), true, Err(Some(DeadReason::Expired))),
        (error("access_token_invalid"), true, Err(Some(DeadReason::Expired))),
        (refused, false, Ok(Revocation::AlreadyGone)),
        (json!({"error": "something_else"}), true, Err(None)),
    ] {
        let stub = Stub::start(move |_| answer(200, body.to_string())).await;
        let held = TokenSet { refresh: tokens().refresh.filter(|_| refresh), ..tokens() };
        let got = connector(&stub.base).client.revoke(&person, &held, now()).await.map_err(|error| match error {
            PlatformError::GrantGone(reason) => Some(reason),
            _ => None,
        });
        assert_eq!(got, wanted);
        assert_eq!(stub.heard().len(), 1, "the refresh token is not spent where nobody keeps the next one");
    }
}

mod metrics;
