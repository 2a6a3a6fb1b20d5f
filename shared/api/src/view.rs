//! The shapes of answers. What a frontend may rely on is documented here and generated into `openapi.json`.

pub(crate) mod access_report;
pub(crate) mod account;
pub(crate) mod api_key;
pub(crate) mod audit;
pub(crate) mod budget;
pub(crate) mod bulk;
pub(crate) mod connect;
pub(crate) mod copy;
pub(crate) mod credential;
pub(crate) mod device;
pub(crate) mod easyconnect;
pub(crate) mod episode;
pub(crate) mod event;
pub(crate) mod figures;
pub(crate) mod find;
pub(crate) mod handoff;
pub(crate) mod health;
pub(crate) mod impact;
pub(crate) mod meta;
pub(crate) mod notice;
pub(crate) mod permission;
pub(crate) mod planned;
pub(crate) mod platform;
pub(crate) mod receipt;
pub(crate) mod reconnect;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod schedule;
pub(crate) mod settings;
pub(crate) mod sync;
pub(crate) mod tie;
pub(crate) mod visit;
pub(crate) mod vocabulary;
pub(crate) mod workspace;

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use jiff::{SignedDuration, Span, SpanRelativeTo};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where the next page begins.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PageInfo {
    /// Send it as `cursor`; null on the last page.
    pub next_cursor: Option<String>,
    /// Whether there is a next page.
    pub has_more: bool,
}

/// A person.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PersonView {
    /// Their id, where they are known.
    pub id: String,
    /// Their name, if it is known.
    pub name: Option<String>,
}

/// An ISO 8601 duration whose days have 24 hours; nothing for any other text, words such as "1 day" among them.
pub(crate) fn duration(text: &str) -> Option<SignedDuration> {
    let span: Span = text.starts_with('P').then(|| text.parse().ok())??;
    span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()
}

/// An outcome; marked when it is only told again.
pub(crate) fn answer<T>(once: &app::Once<T>, response: impl IntoResponse) -> Response {
    let mut response = response.into_response();
    if matches!(once, app::Once::Replayed(_)) {
        response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
    }
    response
}

/// The version of what is answered.
pub(crate) fn etag(version: u64) -> [(header::HeaderName, String); 1] {
    [(header::ETAG, format!("\"{version}\""))]
}
