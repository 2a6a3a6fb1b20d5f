//! Which web pages may call the API from a browser: an exact list of origins, by bearer token and never by cookie.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use url::Url;

use crate::Edge;

/// What an allowed page may send.
const PREFLIGHT: [(HeaderName, &str); 3] = [
    (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, POST, PUT, PATCH, DELETE"),
    (
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        "authorization, content-type, idempotency-key, if-match, prefer, x-request-id, x-workspace-id",
    ),
    (header::ACCESS_CONTROL_MAX_AGE, "600"),
];
/// Which headers of an answer it may read.
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "etag, idempotency-replayed, location, ratelimit-limit, ratelimit-remaining, ratelimit-reset, retry-after, \
     www-authenticate, x-request-id",
);

/// Origins of frontends, each compared whole.
#[derive(Debug, Clone, Default)]
pub struct Origins(Vec<HeaderValue>);

impl Origins {
    /// The origins, each as browsers spell it. An error names the entry.
    pub fn new<'a>(list: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let origin = |entry: &str| {
            let url = Url::parse(entry).ok().filter(|url| matches!(url.scheme(), "https" | "http"));
            let exact = url.is_some_and(|url| url.origin().ascii_serialization() == entry) && !entry.contains('*');
            let origin = HeaderValue::from_str(entry).ok().filter(|_| exact);
            origin.ok_or_else(|| format!("{entry:?} is not an origin such as https://app.example"))
        };
        list.into_iter().map(origin).collect::<Result<_, _>>().map(Self)
    }

    /// The one that the request comes from, if it is listed.
    fn of(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let mut sent = headers.get_all(header::ORIGIN).iter();
        let (Some(origin), None) = (sent.next(), sent.next()) else { return None };
        self.0.contains(origin).then(|| origin.clone())
    }
}

/// The layer around the API: a listed origin's preflight is answered, and its pages may read the answers.
pub(crate) async fn share(State(edge): State<Edge>, request: Request, next: Next) -> Response {
    let Some(origin) = edge.origins.of(request.headers()).filter(|_| is_api(request.uri().path())) else {
        return next.run(request).await;
    };
    let asks =
        request.method() == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if asks { (StatusCode::NO_CONTENT, PREFLIGHT).into_response() } else { next.run(request).await };
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    response.headers_mut().insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    response
}

/// Not the pages, which know a browser by its cookie, and not what only platforms send.
fn is_api(path: &str) -> bool {
    path.starts_with("/v1/") && !path.starts_with("/v1/oauth/") && !path.starts_with("/v1/platform-callbacks/")
}
