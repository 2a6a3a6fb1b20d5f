//! An answer before it is sent.

use axum::http::StatusCode;
use serde_json::Value;

/// Status, headers, body, and what the journal is to say of it.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) outcome: String,
}

impl Answer {
    fn new(status: u16, content_type: &str, body: Vec<u8>) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let outcome = if status.is_client_error() || status.is_server_error() {
            format!("refused:{}", status.as_u16())
        } else {
            "ok".to_owned()
        };
        Self { status, headers: vec![("content-type", content_type.to_owned())], body, outcome }
    }

    pub(crate) fn json(status: u16, body: &Value) -> Self {
        let body = body.to_string().into_bytes();
        Self::new(status, "application/json; charset=utf-8", body)
    }

    pub(crate) fn html(status: u16, body: String) -> Self {
        Self::new(status, "text/html; charset=utf-8", body.into_bytes())
            .header("cache-control", "no-store")
            .header("x-frame-options", "DENY")
    }

    pub(crate) fn png(body: Vec<u8>) -> Self {
        Self::new(200, "image/png", body)
    }

    pub(crate) fn redirect(to: String) -> Self {
        Self::html(302, String::new()).header("location", to)
    }

    #[must_use]
    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    #[must_use]
    pub(crate) fn outcome(mut self, word: impl Into<String>) -> Self {
        self.outcome = word.into();
        self
    }
}
