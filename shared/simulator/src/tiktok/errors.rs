//! TikTok's three envelopes, and its documented errors by name.

use serde_json::{Value, json};

use super::BUSINESS;
use crate::World;
use crate::answer::Answer;
use crate::call::Call;
use crate::fault::no_row;
use crate::util::random;

/// Of Login Kit's API: beside `data`, which is empty.
#[derive(Clone, Copy, Debug)]
pub(super) struct ApiError {
    status: u16,
    code: &'static str,
    pub(super) message: &'static str,
    /// When calls are taken again.
    pub(super) reset: Option<i64>,
}

/// Of Login Kit's OAuth side.
pub(super) struct OAuthError {
    error: &'static str,
    description: String,
}

/// Of the API for Business: status 200 with a code other than 0.
pub(super) struct BusinessError {
    code: u32,
    message: String,
}

pub(super) const BAD_TOKEN: ApiError =
    ApiError::new(401, "access_token_invalid", "The access token is invalid or not found in the request.");
pub(super) const NO_SCOPE: ApiError = ApiError::new(
    401,
    "scope_not_authorized",
    "The user did not authorize the scope required for completing this request.",
);
pub(super) const MANY: ApiError =
    ApiError::new(429, "rate_limit_exceeded", "The API rate limit was exceeded. Please try again later.");
pub(super) const OUTAGE: ApiError =
    ApiError::new(500, "internal_error", "Something went wrong. Please try again later.");
pub(super) const BANNED: ApiError =
    ApiError::new(403, "spam_risk_user_banned_from_posting", "The user is banned from making new posts.");

/// The rows of Login Kit: the class, and the code where a class has several.
const LOGIN: [&str; 12] = [
    "token_expired",
    "permission_missing_scope_not_authorized",
    "permission_missing_scope_permission_missed",
    "permission_missing_unaudited_client_can_only_post_to_private_accounts",
    "rate_limited_rate_limit_exceeded",
    "rate_limited_spam_risk_too_many_posts",
    "platform_outage",
    "invalid_grant",
    "client_misconfigured_invalid_client",
    "client_misconfigured_invalid_request",
    "app_cap_reached",
    "account_suspended",
];
/// Those of the API for Business.
const FOR_BUSINESS: [&str; 8] = [
    "token_revoked_40105",
    "token_revoked_auth_removed",
    "token_expired_40104",
    "token_expired_40102",
    "permission_missing",
    "rate_limited",
    "platform_outage_50000",
    "platform_outage_51000",
];

impl ApiError {
    pub(super) const fn new(status: u16, code: &'static str, message: &'static str) -> Self {
        Self { status, code, message, reset: None }
    }

    pub(super) const fn invalid(message: &'static str) -> Self {
        Self::new(400, "invalid_params", message)
    }

    pub(super) const fn until(self, reset: i64) -> Self {
        Self { reset: Some(reset), ..self }
    }

    pub(super) const fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    pub(super) fn answer(&self, world: &mut World) -> Answer {
        let error = json!({ "code": self.code, "message": self.message, "log_id": log_id(world) });
        let body = json!({ "data": {}, "error": error });
        let answer = Answer::json(self.status, &body).outcome(format!("refused:{}", self.code));
        match self.reset {
            Some(reset) => answer.header("x-ratelimit-reset", reset.to_string()),
            None => answer,
        }
    }
}

impl OAuthError {
    pub(super) fn new(error: &'static str, description: impl Into<String>) -> Self {
        Self { error, description: description.into() }
    }

    /// The status is reported as 200 and as 400: `oauth_status:` says which.
    pub(super) fn answer(&self, world: &mut World, call: &Call) -> Answer {
        let status = call.own_argument("oauth_status:").and_then(|status| status.parse().ok());
        self.answer_as(world, status.filter(|status| [200, 400, 401].contains(status)).unwrap_or(400))
    }

    pub(super) fn answer_as(&self, world: &mut World, status: u16) -> Answer {
        let body = json!({
            "error": self.error, "error_description": self.description, "log_id": log_id(world),
        });
        Answer::json(status, &body).outcome(format!("refused:{}", self.error))
    }
}

impl BusinessError {
    pub(super) fn new(code: u32, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    pub(super) fn bad_token() -> Self {
        Self::new(40_105, "Access token is incorrect or has been revoked.")
    }

    pub(super) fn expired() -> Self {
        Self::new(40_102, "Access token has expired.")
    }

    /// The person has disconnected the app.
    pub(super) fn removed() -> Self {
        Self::new(40_110, "auth_removed: the authorization has been removed by the user.")
    }

    pub(super) fn no_permission(what: &str) -> Self {
        Self::new(40_001, format!("No permission: {what}"))
    }

    pub(super) fn many() -> Self {
        Self::new(40_100, "Too many requests. Please try again later.")
    }

    pub(super) fn outage() -> Self {
        Self::new(50_000, "System error. Please try again later.")
    }

    pub(super) fn answer(&self, world: &mut World) -> Answer {
        self.answer_as(world, 200)
    }

    pub(super) fn answer_as(&self, world: &mut World, status: u16) -> Answer {
        let body = json!({ "code": self.code, "message": self.message, "request_id": log_id(world), "data": {} });
        Answer::json(status, &body).outcome(format!("refused:{}", self.code))
    }
}

/// What Login Kit's API answers when all is well.
pub(super) fn good(world: &mut World, data: &Value) -> Answer {
    let error = json!({ "code": "ok", "message": "", "log_id": log_id(world) });
    Answer::json(200, &json!({ "data": data, "error": error }))
}

/// The same of the API for Business.
pub(super) fn done(world: &mut World, data: &Value) -> Answer {
    Answer::json(200, &json!({ "code": 0, "message": "OK", "request_id": log_id(world), "data": data }))
}

fn log_id(world: &mut World) -> String {
    let tail = random(&mut world.rng, 12).to_ascii_uppercase();
    format!("{}{tail}", world.now.strftime("%Y%m%d%H%M%S"))
}

/// The row of that name, of the API whose host was called.
pub(super) fn row(world: &mut World, call: &Call, name: &str) -> Answer {
    if call.host == BUSINESS {
        return match for_business(name) {
            Some(error) => error.answer(world),
            None => no_row(name, &FOR_BUSINESS),
        };
    }
    let oauth = match name {
        "invalid_grant" => OAuthError::new("invalid_grant", "Refresh token is invalid or expired."),
        "client_misconfigured_invalid_client" => {
            OAuthError::new("invalid_client", "Client key or secret is incorrect.")
        }
        "client_misconfigured_invalid_request" => {
            OAuthError::new("invalid_request", "Code verifier or code challenge is invalid.")
        }
        _ => return login(name).map_or_else(|| no_row(name, &LOGIN), |error| error.answer(world)),
    };
    oauth.answer(world, call)
}

fn login(name: &str) -> Option<ApiError> {
    let error = match name {
        "token_expired" => BAD_TOKEN,
        "permission_missing_scope_not_authorized" => NO_SCOPE,
        "permission_missing_scope_permission_missed" => ApiError::new(
            401,
            "scope_permission_missed",
            "The access token does not bear the permission for the scope required.",
        ),
        "permission_missing_unaudited_client_can_only_post_to_private_accounts" => ApiError::new(
            403,
            "unaudited_client_can_only_post_to_private_accounts",
            "Unaudited clients can only post to a private account.",
        ),
        "rate_limited_rate_limit_exceeded" => MANY,
        "rate_limited_spam_risk_too_many_posts" => ApiError::new(
            403,
            "spam_risk_too_many_posts",
            "The daily post cap from the API is reached for the current user.",
        ),
        "platform_outage" => OUTAGE,
        "app_cap_reached" => ApiError::new(
            403,
            "reached_active_user_cap",
            "The daily quota for active publishing users from your client is reached.",
        ),
        "account_suspended" => BANNED,
        _ => return None,
    };
    Some(error)
}

fn for_business(name: &str) -> Option<BusinessError> {
    let error = match name {
        "token_revoked_40105" => BusinessError::bad_token(),
        "token_revoked_auth_removed" => BusinessError::removed(),
        "token_expired_40104" => BusinessError::new(40_104, "Access token has expired."),
        "token_expired_40102" => BusinessError::expired(),
        "permission_missing" => BusinessError::no_permission("the scope was not granted."),
        "rate_limited" => BusinessError::many(),
        "platform_outage_50000" => BusinessError::outage(),
        "platform_outage_51000" => BusinessError::new(51_000, "Internal service timed out. Please try again later."),
        _ => return None,
    };
    Some(error)
}
