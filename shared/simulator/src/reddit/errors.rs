//! The errors that Reddit documents.

use crate::row::{Row, row};

pub(super) const ROWS: &[Row] = &[
    Row {
        headers: &[("www-authenticate", r#"Bearer realm="reddit", error="invalid_token""#)],
        ..row("token_expired", 401, r#"{"message":"Unauthorized","error":401}"#)
    },
    row("invalid_grant", 400, r#"{"error":"invalid_grant"}"#),
    row("invalid_grant_200", 200, r#"{"error":"invalid_grant"}"#),
    Row {
        headers: &[("www-authenticate", r#"Bearer realm="reddit", error="insufficient_scope""#)],
        ..row("permission_missing", 403, r#"{"message":"Forbidden","error":403,"reason":"insufficient_scope"}"#)
    },
    row("account_suspended", 403, r#"{"message":"Forbidden","error":403,"is_suspended":true}"#),
    Row {
        headers: &[("x-ratelimit-used", "1000"), ("x-ratelimit-remaining", "0.0"), ("x-ratelimit-reset", "212")],
        ..row("rate_limited", 429, r#"{"message":"Too Many Requests","error":429}"#)
    },
    row("platform_outage", 500, r#"{"message":"Internal Server Error","error":500}"#),
    row("platform_outage_502", 502, r#"{"message":"Bad Gateway","error":502}"#),
    row("platform_outage_503", 503, r#"{"message":"Service Unavailable","error":503}"#),
    row("platform_outage_504", 504, r#"{"message":"Gateway Timeout","error":504}"#),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reddit_has_a_row_for_each_error() {
        assert_eq!(crate::row::are_sound(ROWS), 10);
    }
}
