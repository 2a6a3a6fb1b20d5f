//! The long token again, and what `debug_token` tells.

use super::*;
use crate::stub::Is;

const DEBUG: &str = "GET /graph.facebook.com/debug_token?input_token=EAAGold HTTP/1.1";

fn tokens() -> TokenSet {
    let children = [("104857600000001".to_owned(), Secret::new("EAAGpage"))].into();
    TokenSet { access: Secret::new("EAAGold"), refresh: None, children }
}

async fn renewed(platform: &str, status: u16, body: Value) -> (Result<Renewed, PlatformError>, Vec<Heard>) {
    let stub = Stub::start(move |_| answer(status, body.to_string())).await;
    let got = connector(&stub.base, platform).client.renew(&tokens(), now()).await;
    (got, stub.heard())
}

#[tokio::test]
async fn the_long_token_is_exchanged_for_another() {
    for platform in ["facebook", "instagram"] {
        let body = json!({"access_token": "EAAGnew", "token_type": "bearer", "expires_in": 5_183_944});
        let (got, heard) = renewed(platform, 200, body).await;
        let got = got.expect("good");
        assert_eq!(got.tokens.access.expose(), "EAAGnew");
        assert_eq!((got.tokens.refresh.is_none(), got.tokens.children.len()), (true, 1));
        assert_eq!(got.tokens.children["104857600000001"].expose(), "EAAGpage");
        assert_eq!(got.expiry.access.map(Timestamp::as_second), Some(1_795_000_000 + 5_183_944));
        assert_eq!((got.expiry.refresh, got.expiry.data_access, got.granted), (None, None, None));

        let [heard] = &heard[..] else { panic!("one call: {heard:?}") };
        assert_eq!(heard.line, format!("POST {API}/oauth/access_token HTTP/1.1"));
        assert!(!heard.rest.contains("authorization:"));
        let sent = [
            ("grant_type", "fb_exchange_token"),
            ("fb_exchange_token", "EAAGold"),
            ("client_id", "1234567890"),
            ("client_secret", "app-secret"),
        ];
        assert_eq!(heard.form(), sent.map(|(key, value)| (key.to_owned(), value.to_owned())).into());
    }
    // The platform may give the same one back, and need not tell its end.
    let (got, _) = renewed("facebook", 200, json!({"access_token": "EAAGold"})).await;
    let got = got.expect("good");
    assert_eq!((got.tokens.access.expose(), got.expiry.access), ("EAAGold", None));
}

#[tokio::test]
async fn a_refused_exchange_is_judged_by_metas_codes() {
    use PlatformError::{GrantGone, Misconfigured, RateLimited, Unknown};
    let error =
        |code: u32, sub: u32, text: &str| json!({"error": {"code": code, "error_subcode": sub, "message": text}});
    let cases: [(u16, Value, Is); 9] = [
        (400, error(190, 463, ""), |e| matches!(e, GrantGone(DeadReason::Expired))),
        (400, error(190, 458, ""), |e| matches!(e, GrantGone(DeadReason::Revoked))),
        (400, error(190, 460, ""), |e| matches!(e, GrantGone(DeadReason::PasswordChanged))),
        (400, error(190, 459, ""), |e| matches!(e, GrantGone(DeadReason::TwoFactor))),
        (500, error(190, 458, ""), |e| matches!(e, Unknown(_))),
        (400, error(1, 0, "Error validating client secret."), |e| matches!(e, Misconfigured(_))),
        (400, error(2, 0, ""), |e| matches!(e, Unknown(_))),
        (400, error(100, 0, "A user access token is required"), |e| matches!(e, Unknown(_))),
        (403, error(4, 0, ""), |e| matches!(e, RateLimited { until: None })),
    ];
    for (status, body, is) in cases {
        let (got, _) = renewed("facebook", status, body.clone()).await;
        assert!(got.as_ref().is_err_and(is), "{status} {body} gave {got:?}");
    }
}

async fn looked(platform: &str, status: u16, body: Value) -> Result<Probe, PlatformError> {
    let dead = json!({"data": {"is_valid": false, "error": {"code": 190, "subcode": 467, "message": ""}}});
    let stub =
        Stub::start(
            move |heard| {
                if heard.line == DEBUG { answer(status, body.to_string()) } else { answer(200, dead.to_string()) }
            },
        )
        .await;
    let got = connector(&stub.base, platform).client.probe(&tokens(), now()).await;
    let all = stub.heard();
    let heard = &all[0];
    assert_eq!(heard.line, DEBUG);
    let shared = got.as_ref().ok().and_then(|probe| probe.shared.as_ref());
    let missing = shared.map_or(0, |shared| tokens().children.keys().filter(|id| !shared.contains(id)).count());
    assert_eq!(all.len(), 1 + missing, "one call, and one for each page that is not in the list: {all:?}");
    assert!(heard.rest.contains("authorization: Bearer 1234567890|app-secret\r\n"), "{heard:?}");
    if let Err(error) = &got {
        let told = format!("{error} {error:?}");
        assert!(!told.contains("EAAG") && !told.contains("app-secret"), "{told}");
    }
    got
}

fn valid(granular: &Value) -> Value {
    json!({"data": {"app_id": "1234567890", "type": "USER", "is_valid": true, "expires_at": 1_800_184_000,
        "data_access_expires_at": 1_802_776_000, "scopes": ["pages_show_list", "instagram_basic"],
        "granular_scopes": granular, "user_id": "77"}})
}

#[tokio::test]
async fn a_living_token_tells_what_is_shared() {
    let granular = json!([
        {"scope": "public_profile"},
        {"scope": "pages_show_list", "target_ids": ["104857600000002", "104857600000001"]},
        {"scope": "business_management", "target_ids": ["900"]},
        {"scope": "pages_manage_posts", "target_ids": ["104857600000001", 104_857_600_000_003_u64]},
        {"scope": "instagram_basic", "target_ids": ["17841400000000005"]},
        {"scope": "instagram_content_publish", "target_ids": []},
    ]);
    // And the person, who is there as long as the grant is.
    let pages = ["104857600000002", "104857600000001", "104857600000003", "77"];
    for (platform, shared) in [("facebook", &pages[..]), ("instagram", &["17841400000000005"])] {
        assert!(connector(&"http://127.0.0.1:9".parse().expect("legal"), platform).entry.free_probe);
        let got = looked(platform, 200, valid(&granular)).await.expect("good");
        assert_eq!(got.granted.expect("told"), ["pages_show_list", "instagram_basic"]);
        assert_eq!(got.data_access.map(Timestamp::as_second), Some(1_802_776_000));
        assert_eq!(got.shared.expect("told"), shared, "{platform}");
    }
}

/// Not every page stands in the list; its own token has the last word, and a platform in trouble has none.
#[tokio::test]
async fn a_page_that_is_not_in_the_list_is_asked_for() {
    let list = valid(&json!([{"scope": "pages_show_list", "target_ids": ["1"]}]));
    let page = |body: Value, status| {
        let list = list.clone();
        async move {
            let stub = Stub::start(move |heard| {
                let body = if heard.line == DEBUG { &list } else { &body };
                answer(if heard.line == DEBUG { 200 } else { status }, body.to_string())
            })
            .await;
            connector(&stub.base, "facebook").client.probe(&tokens(), now()).await
        }
    };
    let own: Vec<String> = tokens().children.into_keys().collect();
    let got = page(json!({"data": {"is_valid": true}}), 200).await.expect("good");
    assert_eq!(got.shared.expect("told"), ["1", "77", own[0].as_str()]);
    let got =
        page(json!({"data": {"is_valid": false, "error": {"code": 190, "subcode": 492, "message": ""}}}), 200).await;
    assert_eq!(got.expect("good").shared.expect("told"), ["1", "77"]);
    assert!(matches!(page(json!({"error": {"code": 2, "message": ""}}), 500).await, Err(PlatformError::Unknown(_))));
}

/// What is not told must not be taken for what is no longer shared.
#[tokio::test]
async fn who_is_told_no_targets_knows_of_none() {
    for (granular, shared) in [
        (json!(null), None),
        (json!({}), None),
        (json!([]), None),
        (json!([5, {}, {"scope": 5}]), None),
        (json!([{"scope": "public_profile"}, {"scope": "instagram_basic", "target_ids": ["1"]}]), None),
        (json!([{"scope": "pages_show_list"}]), None),
        (json!([{"scope": "pages_show_list", "target_ids": null}]), None),
        (json!([{"scope": "pages_show_list", "target_ids": ["1", 1.5]}]), None),
        // Given for all there are.
        (json!([{"scope": "pages_show_list"}, {"scope": "pages_manage_posts", "target_ids": ["1"]}]), None),
        (json!([{"scope": "pages_show_list", "target_ids": []}]), Some(vec!["77".to_owned()])),
    ] {
        let got = looked("facebook", 200, valid(&granular)).await.expect("good");
        assert_eq!(got.shared, shared, "{granular}");
    }
    let got = looked("facebook", 200, json!({"data": {"is_valid": true, "data_access_expires_at": 0}})).await;
    assert_eq!(got.expect("good"), Probe::default());
}

/// With status 200 it is told that a token is no good, and by the same codes.
#[tokio::test]
async fn a_dead_token_is_told_with_the_reason() {
    use DeadReason::{Expired, PasswordChanged, Revoked, TwoFactor};
    for platform in ["facebook", "instagram"] {
        for (code, subcode, reason) in [
            (json!(190), json!(458), Revoked),
            (json!(190), json!(467), Revoked),
            (json!(190), json!(460), PasswordChanged),
            (json!(190), json!(463), Expired),
            (json!(190), json!(459), TwoFactor),
            (json!(190), json!(464), TwoFactor),
            (json!("190"), json!("460"), PasswordChanged),
            (json!(190), json!(null), Expired),
            (json!(190), json!(999), Expired),
            (json!(102), json!(null), Expired),
        ] {
            let error = json!({"code": code, "subcode": subcode, "message": "EAAGold is no good"});
            let body = json!({"data": {"is_valid": false, "scopes": [], "granular_scopes": [], "error": error}});
            let got = looked(platform, 200, body).await;
            assert!(matches!(got, Err(PlatformError::GrantGone(r)) if r == reason), "{code} {subcode} gave {got:?}");
        }
    }
    let told =
        |code: u32, subcode: u32| json!({"data": {"is_valid": false, "error": {"code": code, "subcode": subcode}}});
    assert!(matches!(looked("facebook", 200, told(190, 492)).await, Err(PlatformError::RoleLost)));
    assert!(matches!(looked("facebook", 200, told(10, 0)).await, Err(PlatformError::PermissionMissing)));
    assert!(matches!(looked("facebook", 200, told(2, 0)).await, Err(PlatformError::Unknown(_))));
    assert!(matches!(looked("facebook", 200, told(77, 0)).await, Err(PlatformError::Contract(_))));
}

/// Nothing but a code says that a grant is dead.
#[tokio::test]
async fn a_look_that_tells_nothing_ends_no_grant() {
    let dead = json!({"code": 190, "subcode": 458});
    for body in [
        json!({"data": {"is_valid": false}}),
        json!({"data": {"is_valid": false, "error": {}}}),
        json!({"data": {"is_valid": false, "error": "190"}}),
        json!({"data": {"error": dead}}),
        json!({"data": {"is_valid": "false", "error": dead}}),
        json!({"data": {"is_valid": null, "error": dead}}),
        json!({"data": []}),
        json!({"data": null}),
        json!({}),
        json!([]),
    ] {
        let got = looked("facebook", 200, body.clone()).await;
        assert!(matches!(got, Err(PlatformError::Contract(_))), "{body} gave {got:?}");
    }
    let got = looked("facebook", 500, valid(&json!([]))).await;
    assert!(matches!(got, Err(PlatformError::Unknown(_))), "{got:?}");
}

/// `debug_token` is asked in our app's name: were the app's secret wrong, every grant would seem dead.
#[tokio::test]
async fn what_our_app_is_refused_says_nothing_of_the_grant() {
    for (code, sub) in [(190, 0), (190, 458), (190, 463), (102, 0), (10, 0), (200, 0), (368, 0), (100, 33), (100, 0)] {
        let body = json!({"error": {"code": code, "error_subcode": sub, "message": "Invalid OAuth access token."}});
        let got = looked("facebook", 400, body).await;
        assert!(matches!(got, Err(PlatformError::Misconfigured(_))), "{code} {sub} gave {got:?}");
    }
    for (code, status) in [(4, 400), (17, 403)] {
        let got = looked("facebook", status, json!({"error": {"code": code}})).await;
        assert!(matches!(got, Err(PlatformError::RateLimited { .. })), "{code} gave {got:?}");
    }
}
