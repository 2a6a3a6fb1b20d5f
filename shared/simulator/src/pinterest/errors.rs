//! Pinterest's envelope, and its documented errors by name.

use serde_json::json;

use crate::answer::Answer;
use crate::fault::no_row;

/// A code and a message.
#[derive(Clone, Debug)]
pub(super) struct Error {
    status: u16,
    code: i32,
    message: &'static str,
}

/// Expired and revoked tokens look the same, and so does a wrong app.
pub(super) const BAD_TOKEN: Error = Error::new(401, 2, "Authentication failed.");
pub(super) const NOT_PERMITTED: Error = Error::new(403, 29, "You are not permitted to access that resource.");
pub(super) const SUSPENDED: Error = Error::new(403, 403, "Not authorized to access the user account");
pub(super) const BAD_REFRESH: Error = Error::new(400, 283, "Refresh token is invalid or expired");
pub(super) const MANY: Error = Error::new(429, 8, "You have exceeded your rate limit. Try again later.");
pub(super) const OUTAGE: &str = "Something went wrong on our end. Sorry about that.";

/// The class, and what tells the rows apart where a class has several.
const ROWS: [&str; 8] = [
    "token_expired",
    "permission_missing_29",
    "permission_missing_3",
    "invalid_grant",
    "rate_limited",
    "account_suspended",
    "platform_outage_500",
    "platform_outage_503",
];

impl Error {
    pub(super) const fn new(status: u16, code: i32, message: &'static str) -> Self {
        Self { status, code, message }
    }

    /// A parameter that is missing or wrong.
    pub(super) const fn parameter(message: &'static str) -> Self {
        Self::new(400, 1, message)
    }

    pub(super) fn answer(&self) -> Answer {
        let body = json!({ "code": self.code, "message": self.message });
        Answer::json(self.status, &body).outcome(format!("refused:{}/{}", self.status, self.code))
    }
}

/// The row of that name.
pub(super) fn row(name: &str) -> Answer {
    let error = match name {
        "token_expired" => BAD_TOKEN,
        "permission_missing_29" => NOT_PERMITTED,
        "permission_missing_3" => Error::new(401, 3, "Authorization failed."),
        "invalid_grant" => BAD_REFRESH,
        "rate_limited" => {
            return MANY.answer().header("x-ratelimit-remaining", "0").header("x-ratelimit-reset", "1");
        }
        "account_suspended" => SUSPENDED,
        "platform_outage_500" => Error::new(500, -1, OUTAGE),
        "platform_outage_503" => Error::new(503, -1, OUTAGE),
        _ => return no_row(name, &ROWS),
    };
    error.answer()
}
