//! X's two dialects: problem documents of the API, and the token endpoint's.

use serde_json::{Value, json};

use crate::answer::Answer;

const PROBLEMS: &str = "https://api.x.com/2/problems/";

/// A problem of the API without a type of its own.
pub(super) fn problem(status: u16, title: &str, detail: &str) -> Answer {
    let body = json!({ "title": title, "type": "about:blank", "status": status, "detail": detail });
    Answer::json(status, &body)
}

pub(super) fn typed(status: u16, title: &str, kind: &str, detail: &str) -> Answer {
    let body = json!({
        "title": title, "type": format!("{PROBLEMS}{kind}"), "status": status, "detail": detail,
    });
    Answer::json(status, &body).outcome(format!("refused:{kind}"))
}

/// The balance does not pay for the call.
pub(super) fn depleted() -> Answer {
    typed(402, "CreditsDepleted", "credits", "The account has no credits left to fulfil this request.")
}

pub(super) fn unauthorized() -> Answer {
    problem(401, "Unauthorized", "Unauthorized").outcome("refused:unauthorized")
}

pub(super) fn forbidden() -> Answer {
    let detail = "You are not permitted to perform this action.";
    problem(403, "Forbidden", detail).outcome("refused:forbidden")
}

pub(super) fn invalid_request(errors: &Value) -> Answer {
    let body = json!({
        "errors": errors,
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": format!("{PROBLEMS}invalid-request"),
    });
    Answer::json(400, &body).outcome("refused:invalid-request")
}

/// Status 200 with nothing but an error in it.
pub(super) fn not_found(id: &str) -> Answer {
    let body = json!({ "errors": [{
        "value": id,
        "detail": format!("Could not find user with id: [{id}]."),
        "title": "Not Found Error",
        "resource_type": "user",
        "parameter": "id",
        "resource_id": id,
        "type": format!("{PROBLEMS}resource-not-found"),
    }] });
    Answer::json(200, &body).outcome("refused:resource-not-found")
}

pub(super) fn suspended(id: &str) -> Answer {
    let detail = format!("User has been suspended: [{id}].");
    typed(403, "Forbidden", "user-suspended", &detail)
}

/// An error of the token or the revocation endpoint.
pub(super) fn oauth(status: u16, error: &str, description: &str) -> Answer {
    let body = json!({ "error": error, "error_description": description });
    Answer::json(status, &body).outcome(format!("refused:{error}"))
}

pub(super) fn missing_parameter(name: &str) -> Answer {
    let text = format!("Missing required parameter [{name}].");
    oauth(400, "invalid_request", &text)
}

pub(super) fn bad_token() -> Answer {
    let text = "Value passed for the token was invalid.";
    oauth(400, "invalid_request", text)
}

pub(super) fn bad_code() -> Answer {
    let text = "Value passed for the authorization code was invalid.";
    oauth(400, "invalid_request", text)
}

/// Basic is missing or wrong; credentials in the body are not looked at.
pub(super) fn no_client() -> Answer {
    let text = "Missing valid authorization header";
    oauth(401, "unauthorized_client", text)
}
