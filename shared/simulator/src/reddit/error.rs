//! Reddit's dialect: `{"message", "error"}`, and `{"error"}` of the token endpoint.

use serde_json::json;

use crate::answer::Answer;

pub(super) fn plain(status: u16, message: &str) -> Answer {
    let body = json!({ "message": message, "error": status });
    Answer::json(status, &body)
}

/// No client, or a wrong one.
pub(super) fn no_client() -> Answer {
    plain(401, "Unauthorized").outcome("refused:client")
}

pub(super) fn unauthorized() -> Answer {
    let challenge = r#"Bearer realm="reddit", error="invalid_token""#;
    plain(401, "Unauthorized").header("www-authenticate", challenge).outcome("refused:unauthorized")
}

pub(super) fn insufficient_scope() -> Answer {
    let body = json!({ "message": "Forbidden", "error": 403, "reason": "insufficient_scope" });
    let challenge = r#"Bearer realm="reddit", error="insufficient_scope""#;
    Answer::json(403, &body).header("www-authenticate", challenge).outcome("refused:insufficient_scope")
}

pub(super) fn forbidden() -> Answer {
    plain(403, "Forbidden")
}
