//! What handlers take in: a verified caller with a permission, ids, bodies, queries, and the key and
//! version that a caller may send. All of it refuses with a problem before a use case is called.

use std::{convert::Infallible, time::Duration};

use app::{IdempotencyKey, api_key, easyconnect::visit::Visited};
use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, FromRequestParts, OriginalUri, RawPathParams, Request, State},
    http::{HeaderMap, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::{Actor, Allowed, Code, Digest, Error, Fault, Refusal, actor::Permit, api_key::MARK};
use http_body_util::{BodyExt as _, Limited};
use serde::de::DeserializeOwned;

use crate::{Edge, operation, problem::Problem};

/// Largest body.
const BODY: usize = 64 * 1024;
/// How long a body may take to come.
const BODY_TIME: Duration = Duration::from_secs(10);
/// The kind of body that a page's form sends.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";
/// Deepest JSON.
const DEPTH: usize = 32;
/// Most parameters of a query.
const PARAMETERS: usize = 64;
/// Longest idempotency key.
const KEY: usize = 255;
/// Largest and usual page of a list.
const PAGE: usize = 200;
const USUAL_PAGE: usize = 50;

/// The layer before every protected handler: who calls, or 401; and whether they have a call left, or 429.
pub(crate) async fn verify(State(edge): State<Edge>, mut request: Request, next: Next) -> Response {
    let actor = match caller(&edge, request.headers()).await {
        Ok(actor) => actor,
        Err(NotLetIn::Because(reason)) => {
            tracing::info!(reason, "caller not believed");
            return Problem::from(Code::Unauthenticated).into_response();
        }
        Err(NotLetIn::Fault(fault)) => return Problem::from(Error::from(fault)).into_response(),
    };
    let quota = edge.rates.take(&actor, &request, edge.services.now());
    let mut response = match (quota.again, operation::unknown(&request)) {
        (Some(at), _) => Problem::from(Refusal::later(Code::RateLimited, at)).into_response(),
        (None, Some(name)) => {
            let detail = format!("This address has no query parameter '{}'.", domain::text::clean(&name, 60));
            Problem::from(Refusal::new(Code::UnknownField, detail)).into_response()
        }
        (None, None) => {
            request.extensions_mut().insert(actor);
            next.run(request).await
        }
    };
    response.headers_mut().extend(quota.headers());
    response
}

/// Why a caller is not let in; the reason is for the log only.
enum NotLetIn {
    Because(&'static str),
    Fault(Fault),
}

impl From<&'static str> for NotLetIn {
    fn from(reason: &'static str) -> Self {
        Self::Because(reason)
    }
}

async fn caller(edge: &Edge, headers: &HeaderMap) -> Result<Actor, NotLetIn> {
    let mut sent = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (sent.next(), sent.next()) else { return Err("not exactly one authorization".into()) };
    let value = value.to_str().map_err(|_| "authorization is not text")?;
    let (scheme, token) = value.split_once(' ').ok_or("authorization has no token")?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err("not a bearer token".into());
    }
    if token.starts_with(MARK) {
        let mut named = headers.get_all("x-workspace-id").iter();
        let (workspace, None) = (named.next(), named.next()) else { return Err("more than one workspace".into()) };
        let workspace = workspace.map(|name| name.to_str().map_err(|_| "the workspace is not text")).transpose()?;
        let caller = api_key::caller(&edge.services, token, workspace).await.map_err(NotLetIn::Fault)?;
        return caller.ok_or_else(|| "the key is not good, or not there".into());
    }
    edge.verifier.verify(token, edge.services.now()).await.map_err(|rejected| rejected.0.into())
}

/// The caller, who has the permission `P`.
pub(crate) struct May<P>(pub(crate) Allowed<P>);

impl<P: Permit> FromRequestParts<Edge> for May<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Edge) -> Result<Self, Problem> {
        let actor = parts.extensions.get::<Actor>().cloned().ok_or(Code::Unauthenticated)?;
        Ok(Self(actor.allow().map_err(Problem::from)?))
    }
}

/// The path's one parameter. A text that is no such id is as an id that does not exist.
pub(crate) struct Named<T>(pub(crate) T);

impl<T: std::str::FromStr> FromRequestParts<Edge> for Named<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, edge: &Edge) -> Result<Self, Problem> {
        let params = RawPathParams::from_request_parts(parts, edge).await.map_err(|_| Code::NotFound)?;
        let named = params.iter().next().and_then(|(_, value)| value.parse().ok());
        named.map(Self).ok_or_else(|| Code::NotFound.into())
    }
}

/// The path's two parameters, in their order, each as [`Named`].
pub(crate) struct NamedTwo<A, B>(pub(crate) A, pub(crate) B);

impl<A: std::str::FromStr, B: std::str::FromStr> FromRequestParts<Edge> for NamedTwo<A, B> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, edge: &Edge) -> Result<Self, Problem> {
        let params = RawPathParams::from_request_parts(parts, edge).await.map_err(|_| Code::NotFound)?;
        let mut values = params.iter().map(|(_, value)| value);
        let first = values.next().and_then(|value| value.parse().ok()).ok_or(Code::NotFound)?;
        let second = values.next().and_then(|value| value.parse().ok()).ok_or(Code::NotFound)?;
        Ok(Self(first, second))
    }
}

/// The version in `If-Match`, where the caller sent one.
pub(crate) struct IfMatch(pub(crate) Option<u64>);

impl FromRequestParts<Edge> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Edge) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else { return Ok(Self(None)) };
        let version = value.to_str().ok().map(str::trim);
        if version == Some("*") {
            return Ok(Self(None));
        }
        let version = version.and_then(|v| v.strip_prefix('"')?.strip_suffix('"')?.parse().ok());
        // A tag that we never gave matches nothing.
        version.map(|v| Self(Some(v))).ok_or_else(|| Code::VersionConflict.into())
    }
}

/// The query, strictly: unknown parameters are refused. A repeated one is a list, as if its values were
/// separated by commas.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<Edge> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Edge) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        if query.split('&').nth(PARAMETERS).is_some() {
            let detail = format!("The query has more than {PARAMETERS} parameters.");
            return Err(Refusal::new(Code::InvalidRequest, detail).into());
        }
        let mut merged: Vec<(String, String)> = Vec::new();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match merged.iter_mut().find(|(known, _)| *known == name) {
                Some((_, values)) => *values = format!("{values},{value}"),
                None => merged.push((name.into_owned(), value.into_owned())),
            }
        }
        let merged = serde_urlencoded::to_string(merged).unwrap_or_default();
        serde_urlencoded::from_str(&merged).map(Self).map_err(|e| {
            let detail = e.to_string();
            let code = if detail.contains("unknown field") { Code::UnknownField } else { Code::InvalidRequest };
            Refusal::new(code, format!("The query cannot be read: {}.", readable(&detail))).into()
        })
    }
}

/// A JSON body with the caller's idempotency key. An absent body is `{}`.
pub(crate) struct Sent<T> {
    pub(crate) body: T,
    pub(crate) key: Option<IdempotencyKey>,
}

impl<T: DeserializeOwned> FromRequest<Edge> for Sent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &Edge) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let bytes = collect(body).await?;
        let key = key(&parts, &bytes)?;
        let body = if bytes.is_empty() {
            json(b"{}")?
        } else if is_of_kind(&parts.headers, "application/json") {
            json(&bytes)?
        } else {
            return Err(Code::MediaTypeUnsupported.into());
        };
        Ok(Self { body, key })
    }
}

/// How many entries a page of a list has.
pub(crate) fn page_size(asked: Option<usize>) -> Result<usize, Refusal> {
    let size = asked.unwrap_or(USUAL_PAGE);
    let detail = format!("limit is between 1 and {PAGE}.");
    if (1..=PAGE).contains(&size) { Ok(size) } else { Err(Refusal::field("/limit", "out_of_range", detail)) }
}

/// A body of a page's form, or the same as JSON; and whether it was a form.
pub(crate) async fn form_or_json<T: DeserializeOwned>(request: Request) -> Result<(T, bool), Problem> {
    let (parts, body) = request.into_parts();
    let bytes = collect(body).await?;
    if is_of_kind(&parts.headers, "application/json") {
        return Ok((json(&bytes)?, false));
    }
    if !is_of_kind(&parts.headers, FORM) {
        return Err(Code::MediaTypeUnsupported.into());
    }
    let form = serde_urlencoded::from_bytes(&bytes).map_err(|e| {
        let detail = e.to_string();
        let code = if detail.contains("unknown field") { Code::UnknownField } else { Code::InvalidRequest };
        Refusal::new(code, format!("The form cannot be read: {}.", readable(&detail)))
    })?;
    Ok((form, true))
}

/// How long the caller would wait for something to change: `Prefer: wait=N` in seconds (RFC 7240 section 4.3).
/// A preference that cannot be read is none.
pub(crate) struct Patience(pub(crate) Duration);

impl FromRequestParts<Edge> for Patience {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Edge) -> Result<Self, Infallible> {
        let sent = parts.headers.get_all("prefer").iter().filter_map(|v| v.to_str().ok());
        let mut preferences = sent.flat_map(|line| line.split([',', ';'])).filter_map(|p| p.trim().split_once('='));
        let wait = preferences.find(|(name, _)| name.trim().eq_ignore_ascii_case("wait"));
        let seconds = wait.and_then(|(_, value)| value.trim().trim_matches('"').parse().ok());
        Ok(Self(Duration::from_secs(seconds.unwrap_or(0))))
    }
}

/// The whole body, if it is small enough and comes in time.
pub(crate) async fn collect(body: Body) -> Result<Bytes, Refusal> {
    let whole = tokio::time::timeout(BODY_TIME, Limited::new(body, BODY).collect()).await;
    match whole.map_err(|_| Refusal::plain(Code::RequestTimeout))? {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => {
            Err(Refusal::new(Code::TooLarge, format!("The body is larger than {BODY} bytes.")))
        }
        Err(_) => Err(Refusal::new(Code::InvalidRequest, "The body ended early.")),
    }
}

/// Whether the body is said once to be of a kind, in UTF-8, and not compressed.
pub(crate) fn is_of_kind(headers: &HeaderMap, kind: &str) -> bool {
    let mut sent = headers.get_all(header::CONTENT_TYPE).iter().map(|value| value.to_str().unwrap_or_default());
    let (Some(value), None) = (sent.next(), sent.next()) else { return false };
    let mut parts = value.split(';').map(str::trim);
    let right = parts.next().is_some_and(|sent| sent.eq_ignore_ascii_case(kind));
    let utf8 = |part: &str| match part.split_once('=') {
        Some((name, value)) if name.eq_ignore_ascii_case("charset") => {
            value.trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    };
    right && parts.all(utf8) && !headers.contains_key(header::CONTENT_ENCODING)
}

fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    if too_deep(bytes) {
        return Err(Refusal::new(Code::InvalidRequest, format!("The JSON is nested deeper than {DEPTH}.")).into());
    }
    // A list would be read too, by the order of the fields.
    if !bytes.trim_ascii_start().starts_with(b"{") {
        return Err(Refusal::new(Code::InvalidRequest, "The body is not a JSON object.").into());
    }
    serde_json::from_slice(bytes).map_err(|e| {
        let detail = e.to_string();
        let code = if detail.starts_with("unknown field") { Code::UnknownField } else { Code::InvalidRequest };
        Refusal::new(code, format!("The body cannot be read: {}.", readable(&detail))).into()
    })
}

/// A parser's words without what they quote of the request.
fn readable(detail: &str) -> String {
    domain::text::clean(&detail.replace('`', "'"), 200)
}

fn too_deep(bytes: &[u8]) -> bool {
    let (mut depth, mut quoted, mut escaped) = (0usize, false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => depth += 1,
            b'}' | b']' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEPTH {
            return true;
        }
    }
    false
}

/// The caller's key, within its workspace, caller and route; a client's is within their visit.
fn key(parts: &Parts, body: &[u8]) -> Result<Option<IdempotencyKey>, Problem> {
    let mut sent = parts.headers.get_all("idempotency-key").iter();
    let Some(value) = sent.next() else { return Ok(None) };
    let text = value.to_str().ok().filter(|t| (1..=KEY).contains(&t.len()) && sent.next().is_none());
    let detail = format!("Idempotency-Key is sent once and has 1 to {KEY} visible characters.");
    let text = text.ok_or_else(|| Refusal::new(Code::InvalidRequest, detail))?;
    let actor = parts.extensions.get::<Actor>().map(|actor| (&actor.workspace, actor.sub.clone()));
    let visit = || parts.extensions.get::<Visited>().map(|of| (&of.link.workspace, of.digest().as_str().to_owned()));
    // What nobody does who is known is done again alike.
    let Some((workspace, caller)) = actor.or_else(visit) else { return Ok(None) };
    let path = parts.extensions.get::<OriginalUri>().map_or(parts.uri.path(), |uri| uri.path());
    let of = Digest::of_parts(&[&caller, parts.method.as_str(), path, text]);
    let query = parts.uri.query().unwrap_or_default();
    let body = Digest::of_parts(&[query, &String::from_utf8_lossy(body)]);
    Ok(Some(IdempotencyKey { workspace: workspace.clone(), of, body }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CHK-P13
    #[test]
    fn depth_is_counted_outside_of_texts() {
        assert!(!too_deep(br#"{"a":"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"["}"#));
        assert!(!too_deep("[".repeat(32).as_bytes()));
        assert!(too_deep("[".repeat(33).as_bytes()));
    }
}
