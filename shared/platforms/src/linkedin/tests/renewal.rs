//! How a consent is kept, looked at and ended.

use super::*;

fn introspected(body: &Value) -> Vec<u8> {
    answer(200, body.to_string())
}

/// Partners only: a year from the consent on.
#[tokio::test]
async fn a_partners_refresh_token_renews_and_its_year_does_not_begin_anew() {
    let partner = json!({"refresh_token": "ref", "refresh_token_expires_in": 31_536_000});
    let stub =
        Stub::start(move |heard| if heard.line.contains("accessToken") { token(&partner) } else { linkedin(heard) })
            .await;
    let consent = exchange(&stub, &[]).await.expect("good");
    assert_eq!(consent.renewal, Renewal::Silent);
    let year = now() + jiff::SignedDuration::from_hours(24 * 365);
    assert_eq!(consent.expiry.refresh, Some(year));

    for (more, refresh) in [
        (json!({}), "ref"),
        (json!({"refresh_token": "ref", "refresh_token_expires_in": 31_000_000}), "ref"),
        (json!({"refresh_token": "another"}), "another"),
    ] {
        let stub = Stub::start(move |_| token(&more)).await;
        let connector = connector(&stub.base);
        let later = now() + jiff::SignedDuration::from_hours(24 * 100);
        let got = connector.client.renew(&held(Some("ref")), later).await.expect("good");
        assert_eq!(got.tokens.refresh.as_ref().map(Secret::expose), Some(refresh));
        let ends = connector.entry.renewal.refresh_end(consent.expiry.refresh, got.expiry.refresh);
        assert_eq!(ends, Some(year), "{:?}", got.expiry);
        let form = stub.heard()[0].form();
        assert_eq!((form["grant_type"].as_str(), form["refresh_token"].as_str()), ("refresh_token", "ref"));
        assert_eq!((form["client_id"].as_str(), form["client_secret"].as_str()), ("77app", "app-secret"));
    }
    let stub = Stub::start(|heard| panic!("nothing to renew with: {}", heard.line)).await;
    let got = connector(&stub.base).client.renew(&held(None), now()).await;
    assert!(matches!(got, Err(PlatformError::Misconfigured(_))), "{got:?}");
}

#[tokio::test]
async fn a_look_tells_what_has_ended_from_what_was_taken_back() {
    let told = |active: bool, status: &str| json!({"active": active, "status": status, "scope": SCOPES});
    let expired: fn(&PlatformError) -> bool = |e| matches!(e, PlatformError::GrantGone(DeadReason::Expired));
    let revoked: fn(&PlatformError) -> bool = |e| matches!(e, PlatformError::GrantGone(DeadReason::Revoked));
    let odd: fn(&PlatformError) -> bool = |e| matches!(e, PlatformError::Contract(_));
    let ours: fn(&PlatformError) -> bool = |e| matches!(e, PlatformError::Misconfigured(_));
    let unknown: fn(&PlatformError) -> bool = |e| matches!(e, PlatformError::Unknown(_));
    for (bytes, is) in [
        (introspected(&told(false, "revoked")), revoked),
        (introspected(&told(false, "expired")), expired),
        (introspected(&told(false, "asleep")), odd),
        (introspected(&told(true, "revoked")), odd),
        (introspected(&json!({})), odd),
        // What is said of our app is not said of the token.
        (answer(401, r#"{"error":"invalid_client"}"#), ours),
        (answer(400, r#"{"error":"invalid_grant"}"#), ours),
        (answer(503, r#"{"active":false,"status":"revoked"}"#), unknown),
        (answer(200, "<html>"), unknown),
    ] {
        let stub = Stub::start(move |_| bytes.clone()).await;
        let got = connector(&stub.base).client.probe(&held(None), now()).await;
        assert!(got.as_ref().is_err_and(is), "{got:?}");
    }
    let stub = Stub::start(move |_| introspected(&told(true, "active"))).await;
    let got = connector(&stub.base).client.probe(&held(None), now()).await.expect("good");
    assert_eq!(got.granted.expect("told").join(","), SCOPES);
    let [heard] = &stub.heard()[..] else { panic!("one call") };
    assert_eq!(heard.line, "POST /www.linkedin.com/oauth/v2/introspectToken HTTP/1.1");
    let form = heard.form();
    let sent = ["client_id", "client_secret", "token"].map(|key| form[key].as_str());
    assert_eq!((sent, form.len()), (["77app", "app-secret", "acc"], 3));
}

/// A5.8
#[tokio::test]
async fn a_living_grant_is_read_again_without_a_consent() {
    let stub = Stub::start(|heard| {
        let looked = json!({"active": true, "status": "active", "scope": "openid,profile,rw_organization_admin"});
        if heard.line.contains("introspectToken") { introspected(&looked) } else { linkedin(heard) }
    })
    .await;
    let got = connector(&stub.base).client.reread(&held(None), &[Capability::Publish], now()).await.expect("good");
    assert_eq!(got.offers.len(), 6);
    assert_eq!(got.granted.map(|granted| granted.len()), Some(3));
}

#[tokio::test]
async fn each_token_is_revoked_by_a_form() {
    let person = Person { id: "aB3dE5fG7h".into(), name: "n".into() };
    for (bytes, wanted) in [
        (answer(200, ""), Some(Revocation::Revoked)),
        (answer(400, r#"{"error":"invalid_token"}"#), Some(Revocation::AlreadyGone)),
        (answer(500, ""), None),
        (answer(401, r#"{"error":"invalid_client"}"#), None),
    ] {
        let stub = Stub::start(move |_| bytes.clone()).await;
        let got = connector(&stub.base).client.revoke(&person, &held(None), now()).await;
        assert_eq!(got.as_ref().ok(), wanted.as_ref(), "{got:?}");
        let [heard] = &stub.heard()[..] else { panic!("one call") };
        assert_eq!(heard.line, "POST /www.linkedin.com/oauth/v2/revoke HTTP/1.1");
        let form = heard.form();
        let sent = ["client_id", "client_secret", "token"].map(|key| form[key].as_str());
        assert_eq!((sent, form.len()), (["77app", "app-secret", "acc"], 3));
    }
    // A partner's refresh token would bring others: it goes first.
    let stub = Stub::start(|_| answer(200, "")).await;
    let got = connector(&stub.base).client.revoke(&person, &held(Some("ref")), now()).await;
    assert_eq!(got.ok(), Some(Revocation::Revoked));
    let sent: Vec<_> = stub.heard().iter().map(|heard| (target(heard).0, heard.form()["token"].clone())).collect();
    let revoke = |token: &str| ("/www.linkedin.com/oauth/v2/revoke".to_owned(), token.to_owned());
    assert_eq!(sent, [revoke("ref"), revoke("acc")]);
}
