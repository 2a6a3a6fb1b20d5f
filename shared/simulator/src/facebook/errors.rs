//! Facebook's errors, one row for each rule by which those of pages, of people and of linked Instagram accounts are told
//! apart, for the fault `error:`.

use crate::World;
use crate::answer::Answer;
use crate::call::Call;
use crate::graph::{ErrorRow, GraphError, business_use};

pub(super) const ROWS: [ErrorRow; 30] = [
    ErrorRow::new(
        "token_expired_463",
        400,
        190,
        "Error validating access token: Session has expired on Sunday, 15-Nov-26 10:00:00 PST. The current \
         time is Sunday, 22-Nov-26 10:00:00 PST.",
    )
    .sub(463),
    ErrorRow::new(
        "password_changed",
        400,
        190,
        "Error validating access token: The session has been invalidated because the user changed their \
         password or Facebook has changed the session for security reasons.",
    )
    .sub(460),
    ErrorRow::new(
        "token_revoked_458",
        400,
        190,
        "Error validating access token: The user has not authorized application 1001.",
    )
    .sub(458),
    ErrorRow::new(
        "checkpoint_459",
        400,
        190,
        "Error validating access token: You cannot access the app till you log in to www.facebook.com and \
         follow the instructions given.",
    )
    .sub(459),
    ErrorRow::new("checkpoint_464", 400, 190, "Error validating access token: The session is for an unconfirmed user.")
        .sub(464),
    ErrorRow::new(
        "token_revoked_467",
        400,
        190,
        "Error validating access token: The session is invalid because the user logged out.",
    )
    .sub(467),
    ErrorRow::new(
        "role_lost",
        400,
        190,
        "Error validating access token: The user associated with this Page access token no longer has a role \
         on the Page.",
    )
    .sub(492),
    ErrorRow::new("token_expired_190", 400, 190, "Error validating access token."),
    ErrorRow::new("token_expired_102", 400, 102, "Session key invalid or no longer valid"),
    ErrorRow::new("permission_missing_10", 403, 10, "(#10) Application does not have permission for this action"),
    ErrorRow::new(
        "permission_missing_200",
        403,
        200,
        "(#200) Requires pages_manage_posts permission to manage the object",
    ),
    ErrorRow::new(
        "account_deleted",
        400,
        100,
        "Unsupported get request. Object with ID '104800000000000' does not exist, cannot be loaded due to \
         missing permissions, or does not support this operation",
    )
    .sub(33),
    ErrorRow::new("rate_limited_4", 400, 4, "(#4) Application request limit reached").passing(),
    ErrorRow::new("rate_limited_17", 400, 17, "(#17) User request limit reached").sub(2_446_079).passing(),
    ErrorRow::new("rate_limited_32", 400, 32, "(#32) Page request limit reached").passing(),
    ErrorRow::new("rate_limited_613", 400, 613, "(#613) Calls to this api have exceeded the rate limit.").passing(),
    ErrorRow::new(
        "rate_limited_80001",
        400,
        80_001,
        "(#80001) There have been too many calls to this Page account. Wait a bit and try again.",
    )
    .passing(),
    ErrorRow::new("rate_limited_341", 400, 341, "(#341) Feed action request limit reached").passing(),
    ErrorRow::new(
        "account_suspended_368",
        400,
        368,
        "The action attempted has been deemed abusive or is otherwise disallowed",
    ),
    ErrorRow::new(
        "checkpoint_4854002",
        400,
        100,
        "(#100) Confirm your identity before you can publish as this Page. (4854002)",
    ),
    ErrorRow::new("platform_outage_1", 500, 1, "An unknown error occurred").passing(),
    ErrorRow::new("platform_outage_2", 503, 2, "Service temporarily unavailable").passing(),
    ErrorRow::new(
        "client_misconfigured",
        400,
        100,
        "Error validating verification code. Please make sure your redirect_uri is identical to the one you \
         used in the OAuth dialog request",
    )
    .sub(36008),
    ErrorRow::new("invalid_grant", 400, 100, "This authorization code has been used.").sub(36009),
    ErrorRow::new(
        "account_deleted_instagram",
        400,
        100,
        "Unsupported get request. Object with ID '17841400000000001' does not exist, cannot be loaded due to \
         missing permissions, or does not support this operation",
    )
    .sub(33),
    ErrorRow::new("account_suspended_2207050", 400, 25, "The Instagram account is restricted.").sub(2_207_050),
    ErrorRow::new("rate_limited_2207042", 403, 9, "Application request limit reached").sub(2_207_042),
    ErrorRow::new("account_suspended_2207051", 400, 4, "Application request limit reached").sub(2_207_051),
    ErrorRow::new("permission_missing_viewers", 400, 10, "(#10) Not enough viewers for the media to show insights"),
    ErrorRow::new(
        "rate_limited_80002",
        403,
        80_002,
        "(#80002) There have been too many calls to this Instagram account. Wait a bit and try again.",
    ),
];

/// The row that the call is to meet, with the header that goes with it.
pub(super) fn asked(world: &mut World, call: &Call) -> Option<Answer> {
    let name = call.faults.iter().find_map(|fault| fault.strip_prefix("error:"))?;
    let row = ROWS.iter().find(|row| row.name == name)?;
    let now = world.now;
    let answer = GraphError::row(row).answer(&mut world.rng);
    let business = |kind, account| business_use(kind, account, now, 100);
    Some(match row.code {
        4 | 17 | 341 => answer.header("x-app-usage", r#"{"call_count":100,"total_time":31,"total_cputime":20}"#),
        32 | 80_001 => answer.header("x-business-use-case-usage", business("pages", "20202020")),
        80_002 => answer.header("x-business-use-case-usage", business("instagram", "30303030")),
        _ => answer,
    })
}
