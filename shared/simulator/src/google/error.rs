//! Google's three dialects: YouTube's, the newer services', and the token endpoint's.

use serde_json::json;

use crate::answer::Answer;

/// An error of YouTube.
pub(super) fn youtube(status: u16, domain: &str, reason: &str, message: &str) -> Answer {
    let one = json!({ "message": message, "domain": domain, "reason": reason });
    let body = json!({ "error": { "code": status, "message": message, "errors": [one] } });
    Answer::json(status, &body).outcome(format!("refused:{reason}"))
}

/// An error of YouTube that has the newer services' word for it too.
pub(super) fn youtube_status(status: u16, reason: &str, word: &str, message: &str) -> Answer {
    let one = json!({ "message": message, "domain": "global", "reason": reason });
    let body = json!({ "error": { "code": status, "message": message, "errors": [one], "status": word } });
    Answer::json(status, &body).outcome(format!("refused:{reason}"))
}

/// An error of the newer services.
pub(super) fn cloud(status: u16, word: &str, message: &str) -> Answer {
    let body = json!({ "error": { "code": status, "message": message, "status": word } });
    Answer::json(status, &body).outcome(format!("refused:{word}"))
}

/// No token, or one that is not good.
pub(super) fn unauthenticated(is_cloud: bool) -> Answer {
    let message = "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.";
    if is_cloud {
        cloud(401, "UNAUTHENTICATED", message)
    } else {
        youtube_status(401, "authError", "UNAUTHENTICATED", message)
    }
}

/// A scope is missing.
pub(super) fn insufficient(is_cloud: bool) -> Answer {
    let message = "Request had insufficient authentication scopes.";
    if is_cloud {
        cloud(403, "PERMISSION_DENIED", message)
    } else {
        youtube_status(403, "insufficientPermissions", "PERMISSION_DENIED", message)
    }
}

pub(super) fn denied() -> Answer {
    cloud(403, "PERMISSION_DENIED", "The caller does not have permission")
}

pub(super) fn no_entity() -> Answer {
    cloud(404, "NOT_FOUND", "Requested entity was not found.")
}

pub(super) fn invalid_argument(field: &str, what: &str) -> Answer {
    let violation = json!({ "field": field, "description": what });
    let detail = json!({ "@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [violation] });
    let body = json!({ "error": {
        "code": 400, "message": "Request contains an invalid argument.", "status": "INVALID_ARGUMENT",
        "details": [detail],
    } });
    Answer::json(400, &body).outcome("refused:INVALID_ARGUMENT")
}

/// A parameter of YouTube that is missing or wrong.
pub(super) fn bad_request(reason: &str, message: &str) -> Answer {
    youtube(400, "youtube.parameter", reason, message)
}

pub(super) fn not_found(is_cloud: bool) -> Answer {
    if is_cloud {
        cloud(404, "NOT_FOUND", "Method not found.")
    } else {
        youtube(404, "global", "notFound", "Not Found")
    }
}

/// An error of the token endpoint and of its neighbours.
pub(super) fn oauth(status: u16, error: &str, description: &str) -> Answer {
    let body = json!({ "error": error, "error_description": description });
    Answer::json(status, &body).outcome(format!("refused:{error}"))
}

pub(super) fn failed(is_oauth: bool, is_cloud: bool, status: u16) -> Answer {
    let title = axum::http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    let title = title.unwrap_or("Error");
    match (is_oauth, is_cloud) {
        (true, _) => oauth(status, "internal_failure", title),
        (false, true) if status == 503 => cloud(status, "UNAVAILABLE", title),
        (false, true) => cloud(status, "INTERNAL", title),
        (false, false) => youtube(status, "global", "backendError", title),
    }
}
