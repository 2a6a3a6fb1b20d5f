//! The errors that LinkedIn documents.

use crate::row::{Row, row};

pub(super) const ROWS: &[Row] = &[
    row(
        "token_revoked",
        401,
        r#"{"status":401,"serviceErrorCode":65601,"code":"REVOKED_ACCESS_TOKEN","message":"The token used in the request has been revoked by the user"}"#,
    ),
    row(
        "token_revoked_invalid",
        401,
        r#"{"status":401,"serviceErrorCode":65600,"code":"INVALID_ACCESS_TOKEN","message":"Invalid access token"}"#,
    ),
    row(
        "token_expired",
        401,
        r#"{"status":401,"serviceErrorCode":65602,"code":"EXPIRED_ACCESS_TOKEN","message":"The token used in the request has expired"}"#,
    ),
    row(
        "permission_missing",
        403,
        r#"{"status":403,"serviceErrorCode":100,"code":"ACCESS_DENIED","message":"Not enough permissions to access: me.GET.NO_VERSION"}"#,
    ),
    row(
        "invalid_grant_code",
        400,
        r#"{"error":"invalid_request","error_description":"Unable to retrieve access token: appid/redirect uri/code verifier does not match authorization code. Or authorization code expired. Or external member binding exists"}"#,
    ),
    row(
        "invalid_grant",
        400,
        r#"{"error":"invalid_grant","error_description":"The provided authorization grant or refresh token is invalid, expired or revoked."}"#,
    ),
    row(
        "version_sunset",
        426,
        r#"{"status":426,"code":"NONEXISTENT_VERSION","message":"Requested version 20251001 is not active"}"#,
    ),
    row(
        "rate_limited",
        429,
        r#"{"status":429,"serviceErrorCode":101,"code":"TOO_MANY_REQUESTS","message":"Resource level throttle APPLICATION DAY limit for calls to this resource is reached."}"#,
    ),
    row(
        "platform_outage",
        500,
        r#"{"status":500,"code":"INTERNAL_SERVER_ERROR","message":"Unable to verify access token"}"#,
    ),
    row("platform_outage_503", 503, r#"{"status":503,"code":"SERVICE_UNAVAILABLE","message":"Service Unavailable"}"#),
    row("platform_outage_504", 504, r#"{"status":504,"code":"GATEWAY_TIMEOUT","message":"Gateway Timeout"}"#),
    row(
        "role_lost",
        403,
        r#"{"status":403,"serviceErrorCode":100,"code":"ACCESS_DENIED","message":"Unpermitted fields present or member does not have the required role"}"#,
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linkedin_has_a_row_for_each_error() {
        assert_eq!(crate::row::are_sound(ROWS), 12);
    }
}
