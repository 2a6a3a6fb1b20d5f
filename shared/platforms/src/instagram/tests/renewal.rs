//! A long token becomes another one, and the look at a grant.

use super::*;
use crate::stub::Is;

const EXTEND: &str = "GET /graph.instagram.com/refresh_access_token?grant_type=ig_refresh_token\
    &access_token=IGAAfakeLong0001 HTTP/1.1";

fn tokens() -> TokenSet {
    TokenSet { access: Secret::new("IGAAfakeLong0001"), refresh: None, children: [].into() }
}

async fn renewed(status: u16, body: Value) -> Result<Renewed, PlatformError> {
    let stub = Stub::start(move |_| answer(status, body.to_string())).await;
    let got = connector(&stub.base).client.renew(&tokens(), now()).await;
    let [heard] = &stub.heard()[..] else { panic!("one call: {:?}", stub.heard()) };
    assert_eq!(heard.line, EXTEND);
    assert!(!heard.rest.contains("authorization:") && heard.rest.ends_with("\r\n\r\n"), "{heard:?}");
    got
}

#[tokio::test]
async fn a_long_token_becomes_another_one() {
    for token in ["IGAAfakeLong0002", "IGAAfakeLong0001"] {
        let body = json!({"access_token": token, "token_type": "bearer", "expires_in": 5_183_990});
        let got = renewed(200, body).await.expect("good");
        assert_eq!((got.tokens.access.expose(), got.tokens.refresh), (token, None));
        assert_eq!(got.expiry.access.map(Timestamp::as_second), Some(1_795_000_000 + 5_183_990));
        assert_eq!((got.expiry.refresh, got.expiry.data_access, got.granted), (None, None, None));
    }
}

#[tokio::test]
async fn a_refused_renewal_is_told_apart() {
    use PlatformError::{GrantGone, Misconfigured, PermissionMissing, RateLimited, Unknown};
    let error = |code: u32, text: &str| json!({"error": {"code": code, "message": text, "fbtrace_id": "A"}});
    let cases: [(u16, Value, Is); 8] = [
        // Neither dead nor our app's fault: it works tomorrow.
        (400, error(100, "The access token must be at least 24 hours old to be refreshed"), |e| {
            matches!(e, RateLimited { until: None })
        }),
        (400, error(100, "Something new"), |e| matches!(e, Unknown(_))),
        (400, error(100, "Unsupported request - method type: post"), |e| matches!(e, Misconfigured(_))),
        (400, error(190, "Session has expired on Sunday"), |e| matches!(e, GrantGone(DeadReason::Expired))),
        (400, error(190, "The session has been invalidated because"), |e| {
            matches!(e, GrantGone(DeadReason::PasswordChanged))
        }),
        (403, error(10, "Application does not have permission"), |e| matches!(e, PermissionMissing)),
        (400, error(4, "Application request limit reached"), |e| matches!(e, RateLimited { .. })),
        (500, error(1, "An unknown error occurred"), |e| matches!(e, Unknown(_))),
    ];
    for (status, body, is) in cases {
        let got = renewed(status, body.clone()).await;
        assert!(got.as_ref().is_err_and(is), "{status} {body} gave {got:?}");
    }
    let mut revoked = error(190, "The user has not authorized application 1.");
    revoked["error"]["error_subcode"] = json!(458);
    let got = renewed(400, revoked).await;
    assert!(matches!(got, Err(GrantGone(DeadReason::Revoked))), "{got:?}");
}

#[tokio::test]
async fn a_grant_is_looked_at_by_its_account() {
    let looked = async |status: u16, body: Value| {
        let stub = Stub::start(move |_| answer(status, body.to_string())).await;
        let got = connector(&stub.base).client.probe(&tokens(), now()).await;
        let [heard] = &stub.heard()[..] else { panic!("one call: {:?}", stub.heard()) };
        assert_eq!(heard.line, format!("GET {ME}?fields=user_id HTTP/1.1"));
        assert!(heard.rest.contains("authorization: Bearer IGAAfakeLong0001\r\n"), "{heard:?}");
        got
    };
    assert!(connector(&"http://127.0.0.1:9".parse().expect("legal")).entry.free_probe);
    let got = looked(200, json!({"user_id": 17_841_400_000_000_005_u64, "id": "26000000000000001"})).await;
    assert_eq!(got.expect("good"), Probe::default());
    let got = looked(200, json!({"id": "26000000000000001"})).await;
    assert!(matches!(got, Err(PlatformError::Contract(_))), "{got:?}");

    for (subcode, reason) in [
        (458, DeadReason::Revoked),
        (460, DeadReason::PasswordChanged),
        (463, DeadReason::Expired),
        (459, DeadReason::TwoFactor),
        (464, DeadReason::TwoFactor),
        (0, DeadReason::Expired),
    ] {
        let error = json!({"error": {"code": 190, "error_subcode": subcode, "message": "Error validating"}});
        let got = looked(400, error.clone()).await;
        assert!(matches!(got, Err(PlatformError::GrantGone(r)) if r == reason), "{error} gave {got:?}");
        let got = looked(503, error).await;
        assert!(matches!(got, Err(PlatformError::Unknown(_))), "{got:?}");
    }
}
