//! Around every answer: a request id, one log line, the problem's JSON or page, and the security headers.

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::{Html, IntoResponse, Response},
};
use domain::Entropy;
use tracing::Instrument as _;
use ulid::Ulid;

use crate::{Edge, problem::Problem};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The request's id, for whoever writes it down.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(pub(crate) String);

/// Headers on every answer that does not set its own. Pages widen the policy for themselves.
const HEADERS: [(HeaderName, &str); 7] = [
    (header::CACHE_CONTROL, "no-store"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    ),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// What an answer depends on; only what anybody may keep depends on nothing.
const VARY: HeaderValue = HeaderValue::from_static("accept, authorization, cookie, origin");

/// The layer around every router.
pub(crate) async fn wrap(State(edge): State<Edge>, request: Request, next: Next) -> Response {
    let services = &edge.services;
    let id = request
        .headers()
        .get(&REQUEST_ID)
        .and_then(|id| id.to_str().ok())
        .filter(|id| is_request_id(id))
        .map_or_else(|| new_request_id(&*services.entropy, services.now()), str::to_owned);
    let mut request = request;
    request.extensions_mut().insert(RequestId(id.clone()));
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let wants_page = wants_page(&request);
    // The template of the path, so that no id or secret is logged.
    let route = request.extensions().get::<MatchedPath>().map_or("-", |m| m.as_str()).to_owned();
    let span = tracing::info_span!("request", request_id = %id, %method, route);
    let started = tokio::time::Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let problem = response.extensions_mut().remove::<Problem>();
    let code = problem.as_ref().map_or("", |p| p.code().as_str());
    if let Some(problem) = &problem {
        response = answer(&edge, problem, &path, &id, wants_page, &response);
    }
    span.in_scope(|| {
        let ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::info!(status = response.status().as_u16(), ms, code, "answered");
    });
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if headers.get(header::CACHE_CONTROL).is_none_or(|kept| !kept.as_bytes().starts_with(b"public")) {
        headers.insert(header::VARY, VARY);
    }
    if services.public_url.scheme() == "https" {
        let value = HeaderValue::from_static("max-age=63072000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, value);
    }
    response
}

fn answer(edge: &Edge, problem: &Problem, path: &str, id: &str, wants_page: bool, bare: &Response) -> Response {
    let view = problem.view(&edge.services, path, id);
    let page = if wants_page { crate::route::page::problem(problem.code(), &view) } else { None };
    let mut response = match page {
        Some(page) => ([crate::route::page::policy("'none'")], Html(page)).into_response(),
        None => (
            [(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"))],
            serde_json::to_string(&view).unwrap_or_default(),
        )
            .into_response(),
    };
    *response.status_mut() = bare.status();
    for (name, value) in bare.headers() {
        if name != header::CONTENT_LENGTH && name != header::CONTENT_TYPE {
            response.headers_mut().append(name, value.clone());
        }
    }
    if let Some(seconds) = view.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// Whether a browser asks for something to be shown: then a problem is a page.
fn wants_page(request: &Request) -> bool {
    accepts_page(request.headers())
}

/// Whether these headers of a request say so.
pub(crate) fn accepts_page(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|a| a.to_str().ok()).unwrap_or_default();
    accept.split(',').any(|kind| kind.trim().starts_with("text/html"))
}

fn is_request_id(id: &str) -> bool {
    let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    (8..=64).contains(&id.len()) && id.bytes().all(legal)
}

fn new_request_id(entropy: &dyn Entropy, now: domain::Timestamp) -> String {
    let ms = u64::try_from(now.as_millisecond()).unwrap_or(0);
    format!("req_{}", Ulid::from_parts(ms, u128::from_be_bytes(entropy.bytes())))
}
