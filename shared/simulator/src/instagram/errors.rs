//! Instagram's errors, one row for each rule by which they are told apart, for the fault `error:`.

use super::refused;
use crate::World;
use crate::answer::Answer;
use crate::call::Call;
use crate::graph::{ErrorRow, GraphError};

const ROWS: [ErrorRow; 9] = [
    ErrorRow::new(
        "token_expired",
        400,
        190,
        "Error validating access token: Session has expired on Sunday, 15-Nov-26 10:00:00 PST. The current time is Sunday, 22-Nov-26 10:00:00 PST.",
    ),
    ErrorRow::new(
        "password_changed",
        400,
        190,
        "Error validating access token: The session has been invalidated because the user changed their password or Facebook has changed the session for security reasons.",
    ),
    ErrorRow::new(
        "token_revoked",
        400,
        190,
        "Error validating access token: The user has not authorized application 2001.",
    )
    .sub(458),
    ErrorRow::new("client_misconfigured", 400, 100, "Unsupported request - method type: post"),
    ErrorRow::new("permission_missing", 403, 10, "(#10) Application does not have permission for this action"),
    ErrorRow::new("account_type_unsupported", 400, 10, "(#10) The user is not an Instagram Business"),
    ErrorRow::new("rate_limited", 400, 4, "(#4) Application request limit reached").passing(),
    ErrorRow::new("platform_outage_1", 500, 1, "An unknown error occurred").passing(),
    ErrorRow::new("platform_outage_2", 500, 2, "An unknown error occurred").passing(),
];
/// Of the token host, whose envelope is another.
const INVALID_GRANT: &str = "invalid_grant";

pub(super) fn names() -> Vec<&'static str> {
    ROWS.iter().map(|row| row.name).chain([INVALID_GRANT]).collect()
}

/// The row that the call is to meet.
pub(super) fn asked(world: &mut World, call: &Call) -> Option<Answer> {
    let name = call.faults.iter().find_map(|fault| fault.strip_prefix("error:"))?;
    if name == INVALID_GRANT {
        return Some(refused(400, "Matching code was not found or was already used"));
    }
    let row = ROWS.iter().find(|row| row.name == name)?;
    let answer = GraphError::row(row).answer(&mut world.rng);
    let usage = r#"{"call_count":100,"total_time":12,"total_cputime":9}"#;
    Some(if row.code == 4 { answer.header("x-app-usage", usage) } else { answer })
}
