//! The Graph API's error envelope.

use rand::rngs::StdRng;
use serde_json::json;

use crate::answer::Answer;
use crate::util::random;

/// An error before its trace id is known.
#[derive(Clone, Debug)]
pub(crate) struct GraphError {
    status: u16,
    kind: &'static str,
    pub(crate) code: u32,
    pub(crate) subcode: Option<u32>,
    pub(crate) message: String,
    transient: bool,
}

/// An error that can be asked for by its name: a class of errors, and which of them.
pub(crate) struct ErrorRow {
    pub(crate) name: &'static str,
    status: u16,
    pub(crate) code: u32,
    subcode: Option<u32>,
    message: &'static str,
    transient: bool,
}

impl ErrorRow {
    pub(crate) const fn new(name: &'static str, status: u16, code: u32, message: &'static str) -> Self {
        Self { name, status, code, subcode: None, message, transient: false }
    }

    pub(crate) const fn sub(mut self, subcode: u32) -> Self {
        self.subcode = Some(subcode);
        self
    }

    pub(crate) const fn passing(mut self) -> Self {
        self.transient = true;
        self
    }
}

impl GraphError {
    pub(crate) fn new(status: u16, code: u32, message: impl Into<String>) -> Self {
        Self { status, kind: "OAuthException", code, subcode: None, message: message.into(), transient: false }
    }

    #[must_use]
    pub(crate) fn subcode(mut self, subcode: u32) -> Self {
        self.subcode = Some(subcode);
        self
    }

    /// Without a subcode.
    #[must_use]
    pub(crate) fn bare(mut self) -> Self {
        self.subcode = None;
        self
    }

    #[must_use]
    pub(crate) fn transient(mut self) -> Self {
        self.transient = true;
        self
    }

    pub(crate) fn answer(&self, rng: &mut StdRng) -> Answer {
        let mut error = json!({
            "message": self.message,
            "type": self.kind,
            "code": self.code,
            "fbtrace_id": format!("A{}", random(rng, 22)),
        });
        if let Some(subcode) = self.subcode {
            error["error_subcode"] = json!(subcode);
        }
        if self.transient {
            error["is_transient"] = json!(true);
        }
        let word = match self.subcode {
            Some(subcode) => format!("refused:{}/{subcode}", self.code),
            None => format!("refused:{}", self.code),
        };
        let answer = Answer::json(self.status, &json!({ "error": error })).outcome(word);
        if self.code == 190 {
            let challenge = "OAuth \"Facebook Platform\" \"invalid_token\"";
            return answer.header("www-authenticate", challenge);
        }
        answer
    }

    /// Code 190: the token is of no use, the subcode says why.
    pub(crate) fn token(subcode: u32, why: &str) -> Self {
        Self::new(400, 190, format!("Error validating access token: {why}")).subcode(subcode)
    }

    pub(crate) fn no_token() -> Self {
        Self::new(400, 104, "An access token is required to request this resource.")
    }

    pub(crate) fn malformed_token() -> Self {
        Self::new(400, 190, "Invalid OAuth access token - Cannot parse access token")
    }

    /// Without a reason.
    pub(crate) fn bad_token() -> Self {
        Self::new(400, 190, "Error validating access token.")
    }

    pub(crate) fn not_authorised(app: &str) -> Self {
        Self::token(458, &format!("The user has not authorized application {app}."))
    }

    pub(crate) fn password_changed() -> Self {
        Self::token(
            460,
            "The session has been invalidated because the user changed their password or \
             Facebook has changed the session for security reasons.",
        )
    }

    pub(crate) fn expired(at: jiff::Timestamp, now: jiff::Timestamp) -> Self {
        let say = |time: jiff::Timestamp| time.strftime("%A, %d-%b-%y %H:%M:%S UTC").to_string();
        let why = format!("Session has expired on {}. The current time is {}.", say(at), say(now));
        Self::token(463, &why)
    }

    pub(crate) fn checkpoint() -> Self {
        Self::token(
            459,
            "You cannot access the app till you log in to www.facebook.com and follow the \
             instructions given.",
        )
    }

    /// The object is not there, or not for this token.
    pub(crate) fn missing(method: &str, id: &str) -> Self {
        let message = format!(
            "Unsupported {} request. Object with ID '{id}' does not exist, cannot be loaded due \
             to missing permissions, or does not support this operation",
            method.to_ascii_lowercase()
        );
        Self { kind: "GraphMethodException", ..Self::new(400, 100, message).subcode(33) }
    }

    pub(crate) fn permission(scope: &str) -> Self {
        let message = format!("(#200) Requires {scope} permission to manage the object");
        Self::new(403, 200, message)
    }

    pub(crate) fn parameter(message: &str) -> Self {
        Self::new(400, 100, format!("(#100) {message}"))
    }

    pub(crate) fn app_limit() -> Self {
        Self::new(400, 4, "(#4) Application request limit reached").transient()
    }

    pub(crate) fn page_limit() -> Self {
        Self::new(400, 32, "(#32) Page request limit reached").transient()
    }

    pub(crate) fn instagram_limit() -> Self {
        let message = "(#80002) There have been too many calls to this Instagram account. Wait a bit and try again.";
        Self::new(403, 80_002, message)
    }

    /// A permission that Instagram's objects need.
    pub(crate) fn no_permission() -> Self {
        Self::new(403, 10, "(#10) Application does not have permission for this action")
    }

    /// A personal Instagram account.
    pub(crate) fn not_business() -> Self {
        Self::new(400, 10, "(#10) The user is not an Instagram Business")
    }

    /// A suspended Instagram account.
    pub(crate) fn restricted() -> Self {
        Self::new(400, 25, "The Instagram account is restricted.").subcode(2_207_050)
    }

    pub(crate) fn threads_limit() -> Self {
        Self::new(400, 4, "Application request limit reached").transient()
    }

    /// A restricted Threads account.
    pub(crate) fn threads_restricted() -> Self {
        Self::new(400, 25, "The Threads user is restricted.").subcode(4_279_013)
    }

    pub(crate) fn outage(status: u16) -> Self {
        let (code, message) = match status {
            503 => (2, "Service temporarily unavailable"),
            _ => (1, "An unknown error occurred"),
        };
        Self::new(status, code, message).transient()
    }

    /// The errors that can be asked for by name.
    pub(crate) fn named(fault: &str, app: &str) -> Option<Self> {
        let error = match fault {
            "user_removed_app" => Self::not_authorised(app),
            "password_changed" => Self::password_changed(),
            "checkpoint" => Self::checkpoint(),
            "unconfirmed_user" => Self::token(464, "The session is for an unconfirmed user."),
            "role_lost" => Self::lost_role(),
            "user_rate_limited" => {
                Self::new(400, 17, "(#17) User request limit reached").subcode(2_446_079).transient()
            }
            "page_rate_limited" => {
                let message = "(#80001) There have been too many calls to this Page account. \
                               Wait a bit and try again.";
                Self::new(400, 80_001, message).transient()
            }
            "blocked" => Self::blocked(),
            "not_business" => Self::not_business(),
            "instagram_restricted" => Self::restricted(),
            "instagram_rate_limited" => Self::instagram_limit(),
            "no_business_scope" => Self::permission("business_management"),
            "expired_version" => Self::new(
                400,
                2635,
                "(#2635) You are calling a deprecated version of the API. Please update to the \
                 latest version.",
            ),
            _ => return None,
        };
        Some(error)
    }

    /// The error of a row of a table.
    pub(crate) fn row(row: &ErrorRow) -> Self {
        let kind = if row.subcode == Some(33) { "GraphMethodException" } else { "OAuthException" };
        let error = Self { kind, subcode: row.subcode, ..Self::new(row.status, row.code, row.message) };
        Self { transient: row.transient, ..error }
    }

    pub(crate) fn lost_role() -> Self {
        Self::token(492, "The user associated with this Page access token no longer has a role on the Page.")
    }

    pub(crate) fn blocked() -> Self {
        Self::new(400, 368, "The action attempted has been deemed abusive or is otherwise disallowed")
    }
}
