//! LinkedIn's two dialects: the API's envelope, and the token endpoint's.

use serde_json::json;

use crate::answer::Answer;

/// An error of the API with a number of its own.
pub(super) fn numbered(status: u16, number: u32, code: &str, message: &str) -> Answer {
    let body = json!({ "status": status, "serviceErrorCode": number, "code": code, "message": message });
    Answer::json(status, &body).outcome(format!("refused:{code}"))
}

/// An error of the API without one.
pub(super) fn coded(status: u16, code: &str, message: &str) -> Answer {
    let body = json!({ "status": status, "code": code, "message": message });
    Answer::json(status, &body).outcome(format!("refused:{code}"))
}

pub(super) fn empty_token() -> Answer {
    numbered(401, 65604, "EMPTY_ACCESS_TOKEN", "Empty oauth2 access token")
}

pub(super) fn invalid_token() -> Answer {
    numbered(401, 65600, "INVALID_ACCESS_TOKEN", "Invalid access token")
}

pub(super) fn revoked_token() -> Answer {
    numbered(401, 65601, "REVOKED_ACCESS_TOKEN", "The token used in the request has been revoked by the user")
}

pub(super) fn expired_token() -> Answer {
    numbered(401, 65602, "EXPIRED_ACCESS_TOKEN", "The token used in the request has expired")
}

pub(super) fn denied(message: &str) -> Answer {
    numbered(403, 100, "ACCESS_DENIED", message)
}

/// A role that is missing, or no longer there.
pub(super) fn no_role() -> Answer {
    denied("Unpermitted fields present or member does not have the required role")
}

pub(super) fn illegal(message: &str) -> Answer {
    coded(400, "ILLEGAL_ARGUMENT", message)
}

pub(super) fn missing(name: &str) -> Answer {
    coded(400, "PARAM_MISSING", &format!("Parameter {name} is required"))
}

pub(super) fn not_found(what: &str) -> Answer {
    coded(404, "NOT_FOUND", &format!("{what} not found"))
}

pub(super) fn unknown_path() -> Answer {
    coded(404, "RESOURCE_NOT_FOUND", "No virtual resource found")
}

/// Too many calls of the app, or of the member. No header tells until when.
pub(super) fn throttled(whose: &str) -> Answer {
    let message = format!("Resource level throttle {whose} DAY limit for calls to this resource is reached.");
    numbered(429, 101, "TOO_MANY_REQUESTS", &message).outcome("refused:rate_limited")
}

/// An error of the token endpoint and of its neighbours.
pub(super) fn oauth(status: u16, error: &str, description: &str) -> Answer {
    let body = json!({ "error": error, "error_description": description });
    Answer::json(status, &body).outcome(format!("refused:{error}"))
}

pub(super) fn failed(oauth_host: bool, status: u16) -> Answer {
    let title = axum::http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    let title = title.unwrap_or("Error");
    if oauth_host {
        oauth(status, "server_error", title)
    } else {
        coded(status, &title.to_ascii_uppercase().replace(' ', "_"), title)
    }
}
