use reqwest::header::{HeaderMap, HeaderValue};

use super::*;
use crate::{Reset, catalogue::methods, stub::now};

/// What each class (a line) means with each action (a column, in the order of [`Action::ALL`]). `access`: an access token
/// that has ended, which says nothing where tokens are issued.
const VERDICTS: [(Class, [&str; 8]); 17] = {
    use Class as C;
    [
        // refresh_then_retry, reauthorize, retry_backoff, wait_until_reset, notify_user, fix_config, mark_limited, disconnect
        (C::TokenExpired, ["access", "expired", "unknown", "limited", "expired", "ours", "restricted", "expired"]),
        (C::TokenRevoked, ["access", "revoked", "unknown", "limited", "revoked", "ours", "restricted", "revoked"]),
        (
            C::PasswordChanged,
            ["access", "password", "unknown", "limited", "password", "ours", "restricted", "password"],
        ),
        (C::Checkpoint, ["access", "factor", "unknown", "limited", "factor", "ours", "restricted", "factor"]),
        (C::InvalidGrant, ["access", "invalid", "unknown", "limited", "invalid", "ours", "restricted", "invalid"]),
        (C::PermissionMissing, ["scope", "scope", "unknown", "limited", "scope", "ours", "scope", "scope"]),
        (C::RoleLost, ["role", "role", "unknown", "limited", "role", "ours", "role", "role"]),
        (C::RateLimited, ["limited", "limited", "later", "limited", "limited", "ours", "limited", "limited"]),
        (C::QuotaExhausted, ["limited", "limited", "later", "limited", "limited", "ours", "limited", "limited"]),
        (C::TooEarly, ["limited", "limited", "later", "limited", "limited", "ours", "limited", "limited"]),
        (
            C::AccountSuspended,
            ["restricted", "restricted", "unknown", "limited", "restricted", "ours", "restricted", "restricted"],
        ),
        (C::AccountDeleted, ["gone", "gone", "unknown", "limited", "gone", "ours", "gone", "gone"]),
        (C::AccountTypeUnsupported, ["type", "type", "unknown", "limited", "type", "ours", "type", "type"]),
        (C::AppCapReached, ["ours", "ours", "unknown", "limited", "ours", "ours", "ours", "ours"]),
        (C::ClientMisconfigured, ["ours", "ours", "unknown", "limited", "ours", "ours", "ours", "ours"]),
        (C::VersionSunset, ["ours", "ours", "unknown", "limited", "ours", "ours", "ours", "ours"]),
        (C::PlatformOutage, ["unknown", "unknown", "unknown", "limited", "unknown", "ours", "unknown", "unknown"]),
    ]
};

/// An error in the words of the table. The day's limit is filled in an hour, and `Retry-After` says a minute.
fn word(error: &PlatformError) -> &'static str {
    use PlatformError as E;
    match error {
        E::GrantGone(DeadReason::Expired) => "expired",
        E::GrantGone(DeadReason::Revoked) => "revoked",
        E::GrantGone(DeadReason::PasswordChanged) => "password",
        E::GrantGone(DeadReason::TwoFactor) => "factor",
        E::GrantGone(DeadReason::InvalidGrant) => "invalid",
        E::GrantGone(DeadReason::RotationLost) => "lost",
        E::PermissionMissing => "scope",
        E::RoleLost => "role",
        E::RateLimited { until: Some(until) } if until.as_second() == 1_795_003_600 => "limited",
        E::RateLimited { until: Some(until) } if until.as_second() == 1_795_000_060 => "later",
        E::RateLimited { .. } => "limited, nobody knows until when",
        E::AccountRestricted => "restricted",
        E::AccountGone => "gone",
        E::AccountTypeUnsupported => "type",
        E::Misconfigured(_) => "ours",
        E::Unknown(_) => "unknown",
        E::Contract(_) => "contract",
        E::NotSent(_) | E::Unreadable(_) => "never said here",
    }
}

fn said(status: u16, text: &str) -> Answer {
    let headers = [("retry-after", "60"), ("x-reset", "3600")]
        .map(|(name, value)| (name.parse().expect("legal"), HeaderValue::from_static(value)));
    let headers = HeaderMap::from_iter(headers);
    Answer { status, headers, json: crate::http::json(text), text: text.to_owned() }
}

fn limit() -> RateLimit {
    RateLimit { reset: Reset::HeaderSeconds, header: Some("x-reset".to_owned()), ..RateLimit::default() }
}

#[test]
fn class_and_action_decide_together_whatever_the_status() {
    assert_eq!(VERDICTS.map(|(class, _)| class), Class::ALL);
    let answers: Vec<Answer> = (200..=599).map(|status| said(status, r#"{"e":1}"#)).collect();
    for (class, verdicts) in VERDICTS {
        for (action, verdict) in Action::ALL.iter().zip(verdicts) {
            let (c, a) = (class.as_str(), action.as_str());
            let text = format!("class = {c:?}\naction = {a:?}\nconfidence = \"memory\"\njson = {{ \"/e\" = 1 }}");
            let rule: Rule = toml::from_str(&text).expect("a rule");
            for (answer, endpoint) in answers.iter().flat_map(|a| [(a, Endpoint::Token), (a, Endpoint::Api)]) {
                let found = find([&rule].into_iter(), endpoint, answer, Some(&limit()));
                let got = word(&judge(found, endpoint, answer, Some(&limit()), now()));
                let wanted = match (verdict, endpoint) {
                    ("limited" | "later", _) => verdict,
                    _ if answer.status >= 500 => "unknown",
                    ("access", Endpoint::Api) => "expired",
                    ("access", Endpoint::Token) => "unknown",
                    _ => verdict,
                };
                assert_eq!(got, wanted, "{c} with {a} and status {} at {endpoint:?}", answer.status);
            }
        }
    }
}

#[test]
fn a_class_has_its_usual_action_where_none_is_told() {
    for (class, verdicts) in VERDICTS {
        let text = format!("class = {:?}\nconfidence = \"memory\"", class.as_str());
        let rule: Rule = toml::from_str(&text).expect("a rule");
        assert_eq!(rule.action(), class.action());
        let place = Action::ALL.iter().position(|action| *action == class.action()).expect("one of them");
        let usual = match class {
            Class::TokenExpired => "access",
            Class::TokenRevoked => "revoked",
            Class::PasswordChanged => "password",
            Class::Checkpoint => "factor",
            Class::InvalidGrant => "invalid",
            Class::PermissionMissing => "scope",
            Class::RoleLost => "role",
            Class::RateLimited | Class::QuotaExhausted => "limited",
            Class::TooEarly => "later",
            Class::AccountSuspended => "restricted",
            Class::AccountDeleted => "gone",
            Class::AccountTypeUnsupported => "type",
            Class::AppCapReached | Class::ClientMisconfigured | Class::VersionSunset => "ours",
            Class::PlatformOutage => "unknown",
        };
        assert_eq!(verdicts[place], usual, "{}", class.as_str());
    }
}

/// What no rule knows ends no grant and takes no account away, whatever comes with whatever status.
#[test]
fn junk_ends_nothing() {
    let long = format!("{{\"error\":\"{}\"}}", "x".repeat(10_000));
    let deep = "[".repeat(5000);
    let junk = [
        "",
        "null",
        "true",
        "0",
        "[]",
        "{}",
        "\"revoked\"",
        "{\"error\":null}",
        "{\"error\":{}}",
        "{\"error\":[190]}",
        "{\"error\":{\"code\":\"190.0\",\"error_subcode\":458.5}}",
        "{\"code\":-1,\"message\":\"token revoked\"}",
        "<html><title>401 invalid_grant</title></html>",
        "{\"error\":\"invalid_gra",
        "\u{0}\u{1}",
        &long,
        &deep,
    ];
    for method in methods().expect("shipped") {
        for (status, text) in (200..=599).flat_map(|status| junk.iter().map(move |text| (status, text))) {
            let answer = said(status, text);
            for endpoint in [Endpoint::Token, Endpoint::Api] {
                let error = method.classify(endpoint, &answer, now());
                let known = method.rules().any(|rule| rule.matches(endpoint, &answer));
                let harmless = matches!(
                    error,
                    PlatformError::Unknown(_) | PlatformError::Contract(_) | PlatformError::RateLimited { .. }
                );
                let ends = matches!(error, PlatformError::GrantGone(_) | PlatformError::AccountGone);
                let short = &text[..text.len().min(60)];
                assert!(if known { !ends } else { harmless }, "{}: {status} {short} gave {error:?}", method.issuer);
            }
        }
    }
}
