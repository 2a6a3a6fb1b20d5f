//! Pictures of accounts: our own small ones, and nothing that a stranger wrote.

use app::{Services, picture};
use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{AccountId, actor::permit, picture::Picture};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Edge,
    problem::{Problem, ProblemView},
    receive::{May, Named},
};

pub(crate) fn protected() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(get))
}

/// Read an account's picture
///
/// At most 128 dots wide and high, made here of what the platform shows. It is looked for again once it is a day old.
#[utoipa::path(
    get, path = "/v1/accounts/{account}/picture", operation_id = "getAccountPicture", tag = "accounts",
    params(("account" = String, Path), ("If-None-Match" = Option<String>, Header)),
    responses(
        (status = 200, description = "A PNG or a JPEG", content(
            (Vec<u8> = "image/png"),
            (Vec<u8> = "image/jpeg"),
        )),
        (status = 304, description = "The picture that the caller has"),
        (status = "default", description = "not_found: there is no such account, or it has no picture", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.read"))),
)]
async fn get(
    State(services): State<Services>,
    Named(id): Named<AccountId>,
    May(actor): May<permit::AccountsRead>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let picture = picture::get(&services, &actor, id).await?;
    Ok(answer(picture, &headers))
}

/// A picture as an answer: whoever opens it by itself gets a picture in a box without anything.
pub(crate) fn answer(picture: Picture, asked: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", picture.digest().as_str());
    let known = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let has = known.flat_map(|tags| tags.split(',')).any(|known| {
        let known = known.trim();
        known == "*" || known.trim_start_matches("W/") == tag
    });
    let tag = HeaderValue::from_str(&tag).unwrap_or(HeaderValue::from_static("\"\""));
    let headers = [
        (header::ETAG, tag),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=3600")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
    ];
    if has {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    let kind = HeaderValue::from_static(picture.format.media_type());
    (headers, [(header::CONTENT_TYPE, kind)], picture.bytes).into_response()
}
