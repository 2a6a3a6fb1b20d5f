//! API keys, by which programs call.

use app::{Services, api_key};
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{ApiKeyId, WorkspaceId, actor::permit};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::start::Nothing;
use crate::{
    Edge, cursor,
    problem::{Problem, ProblemView},
    receive::{IfMatch, May, Named, NamedTwo, Query, Sent, page_size},
    view::{
        PageInfo, answer,
        api_key::{ApiKeyPageView, ApiKeyView, CreateApiKey, RotateApiKey},
        etag,
    },
};

/// What a cursor of this list is good for.
const LIST: &str = "api-keys";

pub(crate) fn protected() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(revoke)).routes(routes!(rotate))
}

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// 1 to 200; 50 if absent.
    limit: Option<usize>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// List API keys
///
/// What each is for and when it was last used; never the key itself. Such as have ended stay for 90 days.
#[utoipa::path(
    get, path = "/v1/workspaces/{workspace}/api-keys", operation_id = "listApiKeys", tag = "access",
    params(("workspace" = String, Path), ListQuery),
    responses(
        (status = 200, body = ApiKeyPageView),
        (status = "default", description = "not_found, cursor_invalid, validation_failed", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("api_keys.manage"))),
)]
async fn list(
    State(services): State<Services>,
    Named(workspace): Named<WorkspaceId>,
    May(actor): May<permit::ApiKeysManage>,
    Query(query): Query<ListQuery>,
) -> Result<Json<ApiKeyPageView>, Problem> {
    let after = match &query.cursor {
        Some(sealed) => Some(cursor::open(&services, &actor.workspace, LIST, sealed)?),
        None => None,
    };
    let page = api_key::list(&services, &actor, &workspace, after, page_size(query.limit)?).await?;
    let last = page.keys.last().filter(|_| page.more).map(|key| key.id);
    let next_cursor = last.map(|last| cursor::seal(&services, &actor.workspace, LIST, &last));
    let now = services.now();
    Ok(Json(ApiKeyPageView {
        data: page.keys.iter().map(|key| ApiKeyView::of(key, None, now)).collect(),
        page: PageInfo { has_more: next_cursor.is_some(), next_cursor },
    }))
}

/// Make an API key
///
/// For a program, with some of what its maker may do, never more. The key is told in this answer only; a replayed request
/// answers the same with the key null.
#[utoipa::path(
    post, path = "/v1/workspaces/{workspace}/api-keys", operation_id = "createApiKey", tag = "access",
    params(("workspace" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = CreateApiKey,
    responses(
        (status = 201, body = ApiKeyView),
        (status = "default", description = "not_found, permission_denied, validation_failed, rate_limited",
            body = ProblemView, content_type = "application/problem+json")),
    extensions(("x-permission" = json!("api_keys.manage"))),
)]
async fn create(
    State(services): State<Services>,
    Named(workspace): Named<WorkspaceId>,
    May(actor): May<permit::ApiKeysManage>,
    Sent { body, key }: Sent<CreateApiKey>,
) -> Result<Response, Problem> {
    let (made, told) = api_key::create(&services, &actor, &workspace, body.read()?, key).await?;
    let view = ApiKeyView::of(made.outcome(), told.as_ref(), services.now());
    Ok(answer(&made, (StatusCode::CREATED, etag(made.outcome().version), Json(view))))
}

/// Revoke an API key
///
/// It ends at once, and with it one that it is taking the place of.
#[utoipa::path(
    delete, path = "/v1/workspaces/{workspace}/api-keys/{key}", operation_id = "revokeApiKey", tag = "access",
    params(("workspace" = String, Path), ("key" = String, Path), ("If-Match" = Option<String>, Header),
        ("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 204, description = "It is ended"),
        (status = "default", description = "not_found, version_conflict", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("api_keys.manage"))),
)]
async fn revoke(
    State(services): State<Services>,
    NamedTwo(workspace, id): NamedTwo<WorkspaceId, ApiKeyId>,
    May(actor): May<permit::ApiKeysManage>,
    IfMatch(version): IfMatch,
    Sent { body: Nothing {}, key }: Sent<Nothing>,
) -> Result<Response, Problem> {
    let revoked = api_key::revoke(&services, &actor, &workspace, id, version, key).await?;
    Ok(answer(&revoked, StatusCode::NO_CONTENT))
}

/// Rotate an API key
///
/// A new key with the same rights takes the place of the old one, which goes on for a while so that programs can change
/// over. Two are good at most: one that was on its way out already ends at once.
#[utoipa::path(
    post, path = "/v1/workspaces/{workspace}/api-keys/{key}/rotate", operation_id = "rotateApiKey", tag = "access",
    params(("workspace" = String, Path), ("key" = String, Path), ("If-Match" = Option<String>, Header),
        ("Idempotency-Key" = Option<String>, Header)),
    request_body = RotateApiKey,
    responses(
        (status = 200, body = ApiKeyView),
        (status = "default", description = "not_found, permission_denied, validation_failed, version_conflict, \
            rate_limited", body = ProblemView, content_type = "application/problem+json")),
    extensions(("x-permission" = json!("api_keys.manage"))),
)]
async fn rotate(
    State(services): State<Services>,
    NamedTwo(workspace, id): NamedTwo<WorkspaceId, ApiKeyId>,
    May(actor): May<permit::ApiKeysManage>,
    IfMatch(version): IfMatch,
    Sent { body, key }: Sent<RotateApiKey>,
) -> Result<Response, Problem> {
    let overlap = body.read()?;
    let (rotated, told) = api_key::rotate(&services, &actor, &workspace, id, overlap, version, key).await?;
    let key = rotated.outcome();
    let view = ApiKeyView::of(key, told.as_ref(), services.now());
    Ok(answer(&rotated, (etag(key.version), Json(view)).into_response()))
}
