//! `platform-callbacks`: what platforms tell by themselves. Nobody has a token here: the signature over the body as it
//! came is all that counts, so the body is read as bytes.

use app::{
    Services,
    notice::{self, Door, Incoming},
};
use axum::{
    Json,
    extract::{Path, Request, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use domain::{Code, PlatformId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::page;
use crate::{
    Edge,
    problem::{Problem, ProblemView},
    receive::{Named, Query, collect},
    view::notice::{DeletionTakenView, DeletionView},
    wrap,
};

pub(crate) fn public() -> OpenApiRouter<Edge> {
    OpenApiRouter::new()
        .routes(routes!(deauthorize))
        .routes(routes!(delete_data))
        .routes(routes!(deletion))
        .routes(routes!(challenge, tell))
}

/// Takes what came to a door.
async fn receive(services: &Services, platform: &PlatformId, door: Door, request: Request) -> Result<String, Problem> {
    let (parts, body) = request.into_parts();
    let body = collect(body).await?;
    let headers: Vec<(&str, &str)> =
        parts.headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect();
    let sent = Incoming { door, headers: &headers, body: &body };
    Ok(notice::receive(services, platform, &sent).await?)
}

/// Meta: a person has removed our app
///
/// For Facebook, Instagram and Threads. A `signed_request` of the app that is set up here, at most five minutes old. What
/// the person allowed has ended, in every workspace; of a person whom nobody knows nothing changes.
#[utoipa::path(
    post, path = "/v1/platform-callbacks/{platform}/deauthorize", operation_id = "platformDeauthorize",
    tag = "platforms' notices", security(()), params(("platform" = String, Path)),
    request_body(content_type = "application/x-www-form-urlencoded", content = SignedRequest),
    responses(
        (status = 200, description = "It was taken, now or before"),
        (status = "default", description = "signature_invalid, not_found, too_large", body = ProblemView,
            content_type = "application/problem+json")),
)]
async fn deauthorize(
    State(services): State<Services>,
    Named(platform): Named<PlatformId>,
    request: Request,
) -> Result<StatusCode, Problem> {
    receive(&services, &platform, Door::Deauthorize, request).await?;
    Ok(StatusCode::OK)
}

/// Meta: a person wants their data deleted
///
/// As `deauthorize`; besides, everything is erased that is kept of the person, within minutes. The same request is
/// answered with the same code.
#[utoipa::path(
    post, path = "/v1/platform-callbacks/{platform}/data-deletion", operation_id = "platformDataDeletion",
    tag = "platforms' notices", security(()), params(("platform" = String, Path)),
    request_body(content_type = "application/x-www-form-urlencoded", content = SignedRequest),
    responses(
        (status = 200, body = DeletionTakenView),
        (status = "default", description = "signature_invalid, not_found, too_large", body = ProblemView,
            content_type = "application/problem+json")),
)]
async fn delete_data(
    State(services): State<Services>,
    Named(platform): Named<PlatformId>,
    request: Request,
) -> Result<Json<DeletionTakenView>, Problem> {
    let code = receive(&services, &platform, Door::DataDeletion, request).await?;
    let url = services.url(&format!("v1/platform-callbacks/{platform}/data-deletion/{code}"));
    Ok(Json(DeletionTakenView { url, confirmation_code: code }))
}

/// How far a deletion is
///
/// A page for whoever asked, or JSON. It tells nothing about anybody.
#[utoipa::path(
    get, path = "/v1/platform-callbacks/{platform}/data-deletion/{code}", operation_id = "getDataDeletion",
    tag = "platforms' notices", security(()), params(("platform" = String, Path), ("code" = String, Path)),
    responses(
        (status = 200, content((DeletionView = "application/json"), (String = "text/html"))),
        (status = "default", description = "not_found", body = ProblemView,
            content_type = "application/problem+json")),
)]
async fn deletion(
    State(services): State<Services>,
    Path((platform, code)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let platform: PlatformId = platform.parse().map_err(|_| Code::NotFound)?;
    let erasure = notice::erasure(&services, &platform, &code).await?;
    if !wrap::accepts_page(&headers) {
        return Ok(Json(DeletionView::from(erasure)).into_response());
    }
    let name = services.platforms.entry(&platform, None).map(|entry| entry.platform_name.clone());
    let platform = web::parts::Platform { name: name.unwrap_or_else(|| platform.to_string()), id: platform };
    let (asked_at, done_at) = (erasure.asked_at, erasure.done_at);
    page::show(&web::notice::Deletion { platform, code, asked_at, done_at }, "'none'")
}

/// A platform's challenge
///
/// X asks by it whether this address is ours.
#[utoipa::path(
    get, path = "/v1/platform-callbacks/{platform}/notices", operation_id = "platformChallenge",
    tag = "platforms' notices", security(()), params(("platform" = String, Path), Challenge),
    responses(
        (status = 200, body = ChallengeAnswer),
        (status = "default", description = "not_found, invalid_request", body = ProblemView,
            content_type = "application/problem+json")),
)]
async fn challenge(
    State(services): State<Services>,
    Named(platform): Named<PlatformId>,
    Query(query): Query<Challenge>,
) -> Result<Json<ChallengeAnswer>, Problem> {
    let response_token = notice::challenge(&services, &platform, &query.crc_token)?;
    Ok(Json(ChallengeAnswer { response_token }))
}

/// A platform's notice
///
/// For TikTok, X and Google, each signed in its own way. Of a person whom nobody knows, and of what means nothing here,
/// nothing changes.
#[utoipa::path(
    post, path = "/v1/platform-callbacks/{platform}/notices", operation_id = "platformNotice",
    tag = "platforms' notices", security(()), params(("platform" = String, Path)),
    request_body(content_type = "application/json", content = Object,
        description = "The platform's own; Google's is a JWT, application/secevent+jwt"),
    responses(
        (status = 200, description = "It was taken, now or before"),
        (status = 202, description = "The same, said to Google"),
        (status = "default", description = "signature_invalid, not_found, too_large", body = ProblemView,
            content_type = "application/problem+json")),
)]
async fn tell(
    State(services): State<Services>,
    Named(platform): Named<PlatformId>,
    request: Request,
) -> Result<StatusCode, Problem> {
    let is_event_token = crate::receive::is_of_kind(request.headers(), "application/secevent+jwt");
    receive(&services, &platform, Door::Notices, request).await?;
    // RFC 8935 section 2.2.
    Ok(if is_event_token { StatusCode::ACCEPTED } else { StatusCode::OK })
}

/// Meta's form.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct SignedRequest {
    /// `<signature>.<payload>`, both base64url.
    signed_request: String,
}

/// X's challenge.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Challenge {
    /// One word.
    crc_token: String,
}

/// The answer to a challenge.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct ChallengeAnswer {
    /// `sha256=<base64>`.
    response_token: String,
}
