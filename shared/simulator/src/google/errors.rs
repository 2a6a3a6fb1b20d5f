//! The errors that Google documents: those of YouTube, and after them those of Business Profile.

use crate::row::{Row, row};

pub(super) const ROWS: &[Row] = &[
    row(
        "token_expired",
        401,
        r#"{"error":{"code":401,"message":"Request had invalid authentication credentials.","errors":[{"message":"Invalid Credentials","domain":"global","reason":"authError","location":"Authorization","locationType":"header"}],"status":"UNAUTHENTICATED"}}"#,
    ),
    row("invalid_grant", 400, r#"{"error":"invalid_grant","error_description":"Token has been expired or revoked."}"#),
    row("account_deleted", 400, r#"{"error":"invalid_grant","error_description":"Account has been deleted"}"#),
    row(
        "permission_missing",
        403,
        r#"{"error":{"code":403,"message":"Request had insufficient authentication scopes.","errors":[{"message":"Insufficient Permission","domain":"global","reason":"insufficientPermissions"}],"status":"PERMISSION_DENIED"}}"#,
    ),
    row(
        "permission_missing_forbidden",
        403,
        r#"{"error":{"code":403,"message":"Forbidden","errors":[{"message":"Forbidden","domain":"global","reason":"forbidden"}]}}"#,
    ),
    row(
        "quota_exhausted",
        403,
        r#"{"error":{"code":403,"message":"The request cannot be completed because you have exceeded your quota.","errors":[{"message":"The request cannot be completed because you have exceeded your quota.","domain":"youtube.quota","reason":"quotaExceeded"}]}}"#,
    ),
    row(
        "rate_limited",
        403,
        r#"{"error":{"code":403,"message":"Rate Limit Exceeded","errors":[{"message":"Rate Limit Exceeded","domain":"usageLimits","reason":"rateLimitExceeded"}]}}"#,
    ),
    row(
        "rate_limited_user",
        403,
        r#"{"error":{"code":403,"message":"User Rate Limit Exceeded","errors":[{"message":"User Rate Limit Exceeded","domain":"usageLimits","reason":"userRateLimitExceeded"}]}}"#,
    ),
    row(
        "account_deleted_closed",
        403,
        r#"{"error":{"code":403,"message":"The YouTube account of the authenticated user is closed.","errors":[{"message":"The YouTube account of the authenticated user is closed.","domain":"youtube.common","reason":"authenticatedUserAccountClosed"}]}}"#,
    ),
    row(
        "account_suspended",
        403,
        r#"{"error":{"code":403,"message":"The YouTube account of the authenticated user is suspended.","errors":[{"message":"The YouTube account of the authenticated user is suspended.","domain":"youtube.common","reason":"authenticatedUserAccountSuspended"}]}}"#,
    ),
    row(
        "account_type_unsupported",
        401,
        r#"{"error":{"code":401,"message":"Unauthorized","errors":[{"message":"Unauthorized","domain":"youtube.header","reason":"youtubeSignupRequired","location":"Authorization","locationType":"header"}]}}"#,
    ),
    row("client_misconfigured", 401, r#"{"error":"invalid_client","error_description":"Unauthorized"}"#),
    row(
        "client_misconfigured_deleted",
        401,
        r#"{"error":"deleted_client","error_description":"The OAuth client was deleted."}"#,
    ),
    row(
        "platform_outage",
        500,
        r#"{"error":{"code":500,"message":"Backend Error","errors":[{"message":"Backend Error","domain":"global","reason":"backendError"}]}}"#,
    ),
    row(
        "platform_outage_503",
        503,
        r#"{"error":{"code":503,"message":"Backend Error","errors":[{"message":"Backend Error","domain":"global","reason":"backendError"}]}}"#,
    ),
    row(
        "token_expired_business",
        401,
        r#"{"error":{"code":401,"message":"Request had invalid authentication credentials.","status":"UNAUTHENTICATED"}}"#,
    ),
    row(
        "permission_missing_business",
        403,
        r#"{"error":{"code":403,"message":"The caller does not have permission","status":"PERMISSION_DENIED"}}"#,
    ),
    row(
        "account_deleted_business",
        404,
        r#"{"error":{"code":404,"message":"Requested entity was not found.","status":"NOT_FOUND"}}"#,
    ),
    row(
        "rate_limited_business",
        429,
        r#"{"error":{"code":429,"message":"Quota exceeded for quota metric 'Requests' and limit 'Requests per minute'.","status":"RESOURCE_EXHAUSTED"}}"#,
    ),
    row("invalid_grant_business", 400, r#"{"error":"invalid_grant","error_description":"Bad Request"}"#),
    row(
        "platform_outage_business",
        500,
        r#"{"error":{"code":500,"message":"Internal error encountered.","status":"INTERNAL"}}"#,
    ),
    row(
        "platform_outage_business_503",
        503,
        r#"{"error":{"code":503,"message":"The service is currently unavailable.","status":"UNAVAILABLE"}}"#,
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn google_has_a_row_for_each_error() {
        assert_eq!(crate::row::are_sound(ROWS), 22);
    }
}
