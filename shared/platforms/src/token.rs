//! What a token endpoint answers (RFC 6749 section 5.1), read tolerantly where nothing hangs on it.

use domain::{Secret, Timestamp};
use jiff::SignedDuration;
use serde_json::Value;

use crate::{PlatformError, read};

/// Shortest and longest lifetime believed, in seconds.
const SANE: (u64, u64) = (60, 365 * 24 * 3600);

/// Tokens as they were issued.
#[derive(Debug)]
pub(crate) struct Tokens {
    /// The access token.
    pub(crate) access: Secret,
    /// The refresh token, if one came.
    pub(crate) refresh: Option<Secret>,
    /// When the access token ends, if that was told.
    pub(crate) expires_at: Option<Timestamp>,
    /// When the refresh token ends, if that was told.
    pub(crate) refresh_expires_at: Option<Timestamp>,
    /// The scopes that were given, if that was told.
    pub(crate) scopes: Option<Vec<String>>,
}

impl Tokens {
    /// Reads the answer that came at `now`.
    pub(crate) fn parse(body: &Value, now: Timestamp) -> Result<Self, PlatformError> {
        let wrong = |what: &str| PlatformError::Contract(format!("token answer with {what}"));
        let access = read::token(body.get("access_token")).ok_or_else(|| wrong("no usable access_token"))?;
        let refresh = match body.get("refresh_token") {
            None | Some(Value::Null) => None,
            some => Some(read::token(some).ok_or_else(|| wrong("an unusable refresh_token"))?),
        };
        match body.get("token_type") {
            None | Some(Value::Null) => {}
            Some(Value::String(word)) if word.eq_ignore_ascii_case("bearer") => {}
            Some(_) => return Err(wrong("a token_type that is not bearer")),
        }
        let lifetime = match body.get("expires_in") {
            None | Some(Value::Null) => None,
            Some(Value::Number(number)) => Some(number.as_u64().ok_or_else(|| wrong("an odd expires_in"))?),
            Some(Value::String(digits)) => Some(digits.parse().map_err(|_| wrong("an odd expires_in"))?),
            Some(_) => return Err(wrong("an odd expires_in")),
        };
        let after = |s: u64| now + SignedDuration::from_secs(s.clamp(SANE.0, SANE.1).cast_signed());
        // No standard knows these, and some servers tell 0 of a token without an end: what is odd tells nothing.
        let refresh_lifetime =
            ["refresh_expires_in", "refresh_token_expires_in"].into_iter().find_map(|key| seconds(body.get(key)));
        let scopes = match body.get("scope") {
            None | Some(Value::Null) => None,
            Some(Value::String(scopes)) => Some(words(scopes)),
            Some(Value::Array(scopes)) => Some(scopes.iter().filter_map(Value::as_str).flat_map(words).collect()),
            Some(_) => return Err(wrong("an odd scope")),
        };
        let (expires_at, refresh_expires_at) =
            (lifetime.map(after), refresh_lifetime.or_else(|| until(body, now)).map(after));
        Ok(Self { access, refresh, expires_at, refresh_expires_at, scopes })
    }
}

/// A number of seconds, or its digits; 0 tells nothing.
fn seconds(told: Option<&Value>) -> Option<u64> {
    let told = told?;
    told.as_u64().or_else(|| told.as_str()?.parse().ok()).filter(|s| *s > 0)
}

/// How long a refresh token lives of which the moment is told at which it ends.
fn until(body: &Value, now: Timestamp) -> Option<u64> {
    let now = u64::try_from(now.as_second()).ok()?;
    seconds(body.get("refresh_token_expires_at"))?.checked_sub(now).filter(|s| *s > 0)
}

/// Scopes come apart at spaces; some platforms answer with commas.
pub(crate) fn words(scopes: &str) -> Vec<String> {
    scopes.split([' ', ',']).filter(|s| !s.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(body: &Value) -> Result<Tokens, PlatformError> {
        Tokens::parse(body, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_plain_answer_is_read() {
        let tokens = parse(&json!({"token_type": "Bearer", "access_token": "a", "refresh_token": "r",
            "expires_in": 7200, "scope": "users.read tweet.read"}))
        .expect("good");
        assert_eq!(tokens.access.expose(), "a");
        assert_eq!(tokens.refresh.expect("came").expose(), "r");
        assert_eq!(tokens.expires_at.expect("told").as_second(), 7200);
        assert_eq!(tokens.scopes.expect("told"), ["users.read", "tweet.read"]);
    }

    /// CHK-A17
    #[test]
    fn lifetimes_are_sane_or_refused() {
        let year = 365 * 24 * 3600;
        for (told, kept) in [
            (json!(7200), Some(7200)),
            (json!("7200"), Some(7200)),
            (json!(0), Some(60)),
            (json!(1), Some(60)),
            (json!(u64::MAX), Some(year)),
            (json!("18446744073709551615"), Some(year)),
            (Value::Null, None),
        ] {
            let tokens = parse(&json!({"access_token": "a", "expires_in": told})).expect("sane");
            assert_eq!(tokens.expires_at.map(Timestamp::as_second), kept, "{told}");
        }
        for told in [
            json!(-1),
            json!(-7200),
            json!(7200.5),
            json!(1e300),
            json!("soon"),
            json!("-5"),
            json!("7200.0"),
            json!(" 7200"),
            json!(""),
            json!("99999999999999999999"),
            json!(true),
            json!([7200]),
            json!({"s": 7200}),
        ] {
            let refused = parse(&json!({"access_token": "a", "expires_in": told}));
            assert!(matches!(refused, Err(PlatformError::Contract(_))), "{told}");
        }
    }

    #[test]
    fn the_refresh_tokens_life_is_told_in_two_words_and_odd_ones_tell_nothing() {
        let year = 365 * 24 * 3600;
        for key in ["refresh_expires_in", "refresh_token_expires_in"] {
            for (told, kept) in [
                (json!(15_552_000), Some(15_552_000)),
                (json!("15552000"), Some(15_552_000)),
                (json!(1), Some(60)),
                (json!(u64::MAX), Some(year)),
                (json!(0), None),
                (json!("0"), None),
                (json!(-1), None),
                (json!(7200.5), None),
                (json!("never"), None),
                (json!(""), None),
                (json!([1]), None),
                (json!(null), None),
            ] {
                let tokens = parse(&json!({"access_token": "a", "refresh_token": "r", key: told})).expect("good");
                assert_eq!(tokens.refresh_expires_at.map(Timestamp::as_second), kept, "{key} {told}");
                assert_eq!(tokens.expires_at, None);
            }
        }
        let both = json!({"access_token": "a", "refresh_expires_in": 0, "refresh_token_expires_in": 7200});
        assert_eq!(parse(&both).expect("good").refresh_expires_at.map(Timestamp::as_second), Some(7200));
    }

    #[test]
    fn the_refresh_tokens_end_is_told_as_a_moment_too() {
        let now = Timestamp::from_second(1_795_000_000).expect("legal");
        let year = 365 * 24 * 3600;
        for (told, kept) in [
            (json!(1_800_184_000), Some(1_800_184_000)),
            (json!("1800184000"), Some(1_800_184_000)),
            (json!(1_795_000_001), Some(1_795_000_060)),
            (json!(u64::MAX), Some(1_795_000_000 + year)),
            (json!(1_795_000_000), None),
            (json!(5_184_000), None),
            (json!(0), None),
            (json!(-1), None),
            (json!("soon"), None),
            (json!(null), None),
        ] {
            let body = json!({"access_token": "a", "refresh_token": "r", "refresh_token_expires_at": told});
            let tokens = Tokens::parse(&body, now).expect("good");
            assert_eq!(tokens.refresh_expires_at.map(Timestamp::as_second), kept, "{told}");
        }
        let both =
            json!({"access_token": "a", "refresh_token_expires_in": 7200, "refresh_token_expires_at": 1_800_184_000});
        let tokens = Tokens::parse(&both, now).expect("good");
        assert_eq!(tokens.refresh_expires_at.map(Timestamp::as_second), Some(1_795_007_200), "our clock counts");
    }

    /// CHK-A17
    #[test]
    fn tokens_of_odd_shapes_are_refused() {
        let long = "t".repeat(4097);
        for body in [
            json!({}),
            json!([]),
            json!("a"),
            json!(null),
            json!({"access_token": ""}),
            json!({"access_token": null}),
            json!({"access_token": 5}),
            json!({"access_token": ["a"]}),
            json!({"access_token": {"a": "b"}}),
            json!({"access_token": long}),
            json!({"access_token": "a\r\nX: y"}),
            json!({"access_token": "a b"}),
            json!({"access_token": "å"}),
            json!({"access_token": "a", "token_type": "mac"}),
            json!({"access_token": "a", "token_type": "DPoP"}),
            json!({"access_token": "a", "token_type": ""}),
            json!({"access_token": "a", "token_type": 1}),
            json!({"access_token": "a", "token_type": ["bearer"]}),
            json!({"access_token": "a", "refresh_token": 5}),
            json!({"access_token": "a", "refresh_token": ""}),
            json!({"access_token": "a", "refresh_token": long}),
            json!({"access_token": "a", "scope": 5}),
            json!({"error": "invalid_grant"}),
        ] {
            let refused = parse(&body);
            assert!(matches!(refused, Err(PlatformError::Contract(_))), "{body}");
            let said = format!("{:?}", refused.expect_err("refused"));
            assert!(!said.contains("tttt"), "an error tells no token");
        }
        for word in ["bearer", "Bearer", "BEARER"] {
            assert!(parse(&json!({"access_token": "a", "token_type": word})).is_ok());
        }
    }
}
