//! What the platforms' documentation has of errors, and what each comes to.

use std::collections::BTreeMap;

use domain::DeadReason;
use serde_json::json;

use super::{Common, Endpoint, Rule, method, methods, now, said};
use crate::PlatformError;

/// How many rules `platforms.yaml` has for these methods, by class; what is in a common file is counted once.
#[test]
fn every_documented_error_of_google_and_linkedin_has_a_rule() {
    let own = |issuer: &str| method(issuer).errors;
    let count = |rules: &[Rule]| {
        let mut classes: BTreeMap<&str, usize> = BTreeMap::new();
        for rule in rules {
            *classes.entry(rule.class.as_str()).or_default() += 1;
        }
        classes.into_iter().collect::<Vec<_>>()
    };
    let linkedin = [
        ("invalid_grant", 2),
        ("permission_missing", 1),
        ("platform_outage", 1),
        ("rate_limited", 1),
        ("role_lost", 1),
        ("token_expired", 1),
        ("token_revoked", 2),
        ("version_sunset", 1),
    ];
    assert_eq!(count(&own("linkedin")), linkedin);
    let youtube = [
        ("account_deleted", 1),
        ("account_suspended", 1),
        ("account_type_unsupported", 1),
        ("permission_missing", 2),
        ("quota_exhausted", 1),
        ("rate_limited", 1),
        ("token_expired", 1),
    ];
    assert_eq!(count(&own("youtube")), youtube);
    assert_eq!(count(&own("google_business")), [("account_deleted", 1), ("permission_missing", 1)]);
    let google = [
        ("account_deleted", 1),
        ("client_misconfigured", 1),
        ("invalid_grant", 2),
        ("platform_outage", 1),
        ("rate_limited", 1),
        ("token_expired", 2),
    ];
    assert_eq!(count(Common::Google.rules()), google);
}

/// The documented examples, and what each comes to.
#[test]
fn google_and_linkedin_are_judged_as_they_are_documented() {
    use PlatformError as E;
    let reason = |reason: &str| json!({"error": {"code": 403, "errors": [{"reason": reason}]}}).to_string();
    let status = |status: &str| json!({"error": {"status": status}}).to_string();
    let linkedin = |code: u32, message: &str| json!({"serviceErrorCode": code, "message": message}).to_string();
    let refused = |text: &str| json!({"error": "invalid_grant", "error_description": text}).to_string();
    let is_ours: fn(&E) -> bool = |e| matches!(e, E::Misconfigured(_));
    let expired: fn(&E) -> bool = |e| matches!(e, E::GrantGone(DeadReason::Expired));
    let revoked: fn(&E) -> bool = |e| matches!(e, E::GrantGone(DeadReason::Revoked));
    let invalid: fn(&E) -> bool = |e| matches!(e, E::GrantGone(DeadReason::InvalidGrant));
    let missing: fn(&E) -> bool = |e| matches!(e, E::PermissionMissing);
    let gone: fn(&E) -> bool = |e| matches!(e, E::AccountGone);
    // 11:06:40 UTC: the day ends at midnight in California, or in UTC.
    let pacific: fn(&E) -> bool =
        |e| matches!(e, E::RateLimited { until: Some(at) } if at.to_string() == "2026-11-19T08:00:00Z");
    let utc: fn(&E) -> bool =
        |e| matches!(e, E::RateLimited { until: Some(at) } if at.to_string() == "2026-11-19T00:00:00Z");
    let soon: fn(&E) -> bool = |e| matches!(e, E::RateLimited { until: None });
    let (api, token) = (Endpoint::Api, Endpoint::Token);
    for (issuer, endpoint, code, body, is) in [
        ("youtube", api, 401, reason("authError"), expired),
        ("youtube", api, 401, status("UNAUTHENTICATED"), expired),
        ("youtube", api, 400, r#"{"error":"invalid_token"}"#.to_owned(), expired),
        ("youtube", api, 401, reason("youtubeSignupRequired"), |e| matches!(e, E::AccountTypeUnsupported)),
        ("youtube", api, 403, reason("insufficientPermissions"), missing),
        ("youtube", api, 403, reason("forbidden"), missing),
        ("youtube", api, 403, reason("quotaExceeded"), pacific),
        ("youtube", api, 403, reason("rateLimitExceeded"), soon),
        ("youtube", api, 403, reason("userRateLimitExceeded"), soon),
        ("youtube", api, 403, reason("authenticatedUserAccountClosed"), gone),
        ("youtube", api, 403, reason("authenticatedUserAccountSuspended"), |e| matches!(e, E::AccountRestricted)),
        ("youtube", token, 400, refused("Token has been expired or revoked."), invalid),
        ("youtube", token, 400, refused("Bad Request"), invalid),
        ("youtube", token, 400, refused("Account has been deleted"), gone),
        ("youtube", token, 401, r#"{"error":"deleted_client"}"#.to_owned(), is_ours),
        ("youtube", token, 401, r#"{"error":"invalid_client"}"#.to_owned(), is_ours),
        ("youtube", token, 400, r#"{"error":"redirect_uri_mismatch"}"#.to_owned(), is_ours),
        ("google_business", api, 403, status("PERMISSION_DENIED"), missing),
        ("google_business", api, 404, status("NOT_FOUND"), gone),
        ("google_business", api, 429, status("RESOURCE_EXHAUSTED"), soon),
        ("google_business", api, 401, status("UNAUTHENTICATED"), expired),
        ("google_business", api, 503, status("UNAVAILABLE"), |e| matches!(e, E::Unknown(_))),
        ("linkedin", api, 401, linkedin(65601, "revoked by the user"), revoked),
        ("linkedin", api, 401, linkedin(65600, "Invalid access token"), revoked),
        ("linkedin", api, 401, linkedin(65602, "has expired"), expired),
        ("linkedin", api, 403, linkedin(100, "Not enough permissions to access"), missing),
        ("linkedin", api, 403, linkedin(100, "member does not have the required role"), |e| matches!(e, E::RoleLost)),
        ("linkedin", api, 426, r#"{"code":"NONEXISTENT_VERSION"}"#.to_owned(), is_ours),
        ("linkedin", api, 429, linkedin(101, "Resource level throttle APPLICATION DAY limit"), utc),
        ("linkedin", token, 400, refused("revoked"), invalid),
        (
            "linkedin",
            token,
            400,
            r#"{"error":"invalid_request","error_description":"Or authorization code expired."}"#.to_owned(),
            invalid,
        ),
    ] {
        let error = method(issuer).classify(endpoint, &said(code, &body), now());
        assert!(is(&error), "{issuer}: {code} {body} gave {error:?}");
    }
}

/// A kind's own scopes are among those that are asked for.
#[test]
fn what_a_kind_needs_is_asked_for() {
    for method in methods().expect("shipped") {
        for (kind, needs) in &method.scopes_of {
            assert!(method.kinds.contains(kind), "{}: {kind}", method.issuer);
            for (capability, scopes) in needs {
                let asked = method.scopes.capabilities.get(capability).expect("a capability of the method");
                assert!(scopes.iter().all(|scope| asked.contains(scope)), "{}: {scopes:?}", method.issuer);
            }
        }
    }
}
