//! The workspace's side of links.

use app::{
    Services,
    easyconnect::{self, manage},
};
use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    AccountId, LinkId, LockdownId, Refusal, WorkspaceId,
    actor::permit,
    easyconnect::{Funnel, LinkStatus},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Edge, cursor,
    problem::{Problem, ProblemView},
    receive::{IfMatch, May, Named, Query, Sent, page_size},
    route::start::Nothing,
    view::{
        PageInfo, answer,
        easyconnect::{CreateLink, CreateReconnectLink, CreateReturnLink, LinkPageView, LinkView, PatchLink, SendLink},
        etag,
    },
};

/// What a cursor of this list is good for.
const LIST: &str = "easyconnect-links";

pub(super) fn protected() -> OpenApiRouter<Edge> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, change, delete))
        .routes(routes!(send))
        .routes(routes!(rotate))
        .routes(routes!(reconnect))
        .routes(routes!(bring_back))
}

/// Which links.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// `active`, `disabled`, `completed`, `expired`, `exhausted`, `deleted`, separated by commas; all but the deleted
    /// ones if absent.
    status: Option<String>,
    /// 1 to 200; 50 if absent.
    limit: Option<usize>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// What is shown of a link.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct GetQuery {
    /// `accounts`: those that are connected through it; `funnel`, which is always shown.
    include: Option<String>,
}

/// List links
///
/// Each with how far clients came. The address of a link is told only when it is made.
#[utoipa::path(
    get, path = "/v1/workspaces/{workspace}/easyconnect-links", operation_id = "listEasyConnectLinks",
    tag = "easyconnect",
    params(("workspace" = String, Path), ListQuery),
    responses(
        (status = 200, body = LinkPageView),
        (status = "default", description = "not_found, cursor_invalid, validation_failed", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("links.read"))),
)]
async fn list(
    State(services): State<Services>,
    Named(workspace): Named<WorkspaceId>,
    May(actor): May<permit::LinksRead>,
    Query(query): Query<ListQuery>,
) -> Result<Json<LinkPageView>, Problem> {
    let words = query.status.clone().unwrap_or_default();
    let status = |word: &str| LinkStatus::ALL.into_iter().find(|status| status.as_str() == word);
    let unknown = || Refusal::field("/status", "unknown", "There is no such status.");
    let words = words.split(',').filter(|word| !word.is_empty());
    let statuses: Vec<LinkStatus> =
        words.map(|word| status(word).ok_or_else(unknown)).collect::<Result<_, Refusal>>()?;
    let filter = format!("{LIST}|{statuses:?}");
    let before = match &query.cursor {
        Some(sealed) => Some(cursor::open(&services, &actor.workspace, &filter, sealed)?),
        None => None,
    };
    let limit = page_size(query.limit)?;
    let page = manage::list(&services, &actor, &workspace, &statuses, before, limit).await?;
    let next_cursor = page.next.map(|last| cursor::seal(&services, &actor.workspace, &filter, &last));
    Ok(Json(LinkPageView {
        data: page.links.iter().map(|(link, funnel)| LinkView::of(&services, link, funnel)).collect(),
        page: PageInfo { has_more: next_cursor.is_some(), next_cursor },
    }))
}

/// Make a link
///
/// Send its `url` to the client: it is told in this answer only, and a replayed request answers the same with it null.
#[utoipa::path(
    post, path = "/v1/workspaces/{workspace}/easyconnect-links", operation_id = "createEasyConnectLink",
    tag = "easyconnect",
    params(("workspace" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = CreateLink,
    responses(
        (status = 201, body = LinkView),
        (status = "default", description = "not_found, permission_denied, platform_not_configured, \
            return_url_not_allowed, workspace_locked_down, validation_failed, rate_limited", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("links.manage"))),
)]
async fn create(
    State(services): State<Services>,
    Named(workspace): Named<WorkspaceId>,
    May(actor): May<permit::LinksManage>,
    Sent { body, key }: Sent<CreateLink>,
) -> Result<Response, Problem> {
    let told = manage::create(&services, &actor, &workspace, body.read()?, key).await?;
    Ok(made(&services, &told))
}

/// A link that was made.
fn made(services: &Services, told: &manage::Told) -> Response {
    let view = LinkView::told(services, told, &Funnel::default());
    let location = [(header::LOCATION, format!("/v1/easyconnect-links/{}", view.id))];
    answer(&told.0, (StatusCode::CREATED, location, etag(told.0.outcome().version), Json(view)))
}

/// Read a link
#[utoipa::path(
    get, path = "/v1/easyconnect-links/{link}", operation_id = "getEasyConnectLink", tag = "easyconnect",
    params(("link" = String, Path), GetQuery),
    responses(
        (status = 200, body = LinkView),
        (status = "default", description = "not_found", body = ProblemView, content_type = "application/problem+json")),
    extensions(("x-permission" = json!("links.read"))),
)]
async fn get(
    State(services): State<Services>,
    Named(id): Named<LinkId>,
    May(actor): May<permit::LinksRead>,
    Query(query): Query<GetQuery>,
) -> Result<Response, Problem> {
    let include = query.include.unwrap_or_default();
    let mut with_accounts = false;
    for word in include.split(',').filter(|word| !word.is_empty()) {
        match word {
            "accounts" => with_accounts = true,
            "funnel" => {}
            _ => return Err(Refusal::field("/include", "unknown", "There is no such part.").into()),
        }
    }
    let detail = manage::get(&services, &actor, id).await?;
    Ok((etag(detail.link.version), Json(LinkView::detail(&services, &detail, with_accounts))).into_response())
}

/// Change a link
///
/// Pauses and resumes it, gives it more time, another checklist. Whoever is connecting by it is judged anew.
#[utoipa::path(
    patch, path = "/v1/easyconnect-links/{link}", operation_id = "changeEasyConnectLink", tag = "easyconnect",
    params(("link" = String, Path), ("If-Match" = Option<String>, Header), ("Idempotency-Key" = Option<String>, Header)),
    request_body = PatchLink,
    responses(
        (status = 200, body = LinkView),
        (status = "default", description = "not_found, permission_denied, version_conflict, return_url_not_allowed, \
            platform_not_configured, validation_failed", body = ProblemView, content_type = "application/problem+json")),
    extensions(("x-permission" = json!("links.manage"))),
)]
async fn change(
    State(services): State<Services>,
    Named(id): Named<LinkId>,
    May(actor): May<permit::LinksManage>,
    IfMatch(version): IfMatch,
    Sent { body, key }: Sent<PatchLink>,
) -> Result<Response, Problem> {
    let changed = manage::change(&services, &actor, id, body.read()?, version, key).await?;
    let funnel = manage::funnel(&services, changed.outcome()).await?;
    let view = LinkView::told(&services, &(changed.clone(), None), &funnel);
    Ok(answer(&changed, (etag(changed.outcome().version), Json(view))))
}

/// Delete a link
///
/// It opens no more, and nothing that is under way connects. What was connected through it stays; the client can still
/// take it back from the receipt.
#[utoipa::path(
    delete, path = "/v1/easyconnect-links/{link}", operation_id = "deleteEasyConnectLink", tag = "easyconnect",
    params(("link" = String, Path), ("If-Match" = Option<String>, Header), ("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 204, description = "It is gone"),
        (status = "default", description = "not_found, permission_denied, version_conflict", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("links.manage"))),
)]
async fn delete(
    State(services): State<Services>,
    Named(id): Named<LinkId>,
    May(actor): May<permit::LinksManage>,
    IfMatch(version): IfMatch,
    Sent { body: Nothing {}, key }: Sent<Nothing>,
) -> Result<Response, Problem> {
    let deleted = manage::delete(&services, &actor, id, version, key).await?;
    Ok(answer(&deleted, StatusCode::NO_CONTENT))
}

/// Get another address of a link, to send it once more
///
/// Addresses that were sent before go on, five at most. Mooring sends no mail itself: `message` is a text for it.
#[utoipa::path(
    post, path = "/v1/easyconnect-links/{link}/send", operation_id = "sendEasyConnectLink", tag = "easyconnect",
    params(("link" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = SendLink,
    responses(
        (status = 200, body = LinkView),
        (status = "default", description = "not_found, permission_denied, validation_failed, rate_limited",
            body = ProblemView, content_type = "application/problem+json")),
    extensions(("x-permission" = json!("links.manage"))),
)]
async fn send(
    State(services): State<Services>,
    Named(id): Named<LinkId>,
    May(actor): May<permit::LinksManage>,
    Sent { body, key }: Sent<SendLink>,
) -> Result<Response, Problem> {
    let told = manage::send(&services, &actor, id, body.read()?, key).await?;
    let funnel = manage::funnel(&services, told.0.outcome()).await?;
    let view = LinkView::told(&services, &told, &funnel);
    Ok(answer(&told.0, (etag(told.0.outcome().version), Json(view))))
}

/// Rotate a link's address
///
/// All addresses that were sent before, and whoever is visiting by them, are worth nothing from now on.
#[utoipa::path(
    post, path = "/v1/easyconnect-links/{link}/rotate", operation_id = "rotateEasyConnectLink", tag = "easyconnect",
    params(("link" = String, Path), ("If-Match" = Option<String>, Header), ("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 200, body = LinkView),
        (status = "default", description = "not_found, permission_denied, version_conflict, rate_limited",
            body = ProblemView, content_type = "application/problem+json")),
    extensions(("x-permission" = json!("links.manage"))),
)]
async fn rotate(
    State(services): State<Services>,
    Named(id): Named<LinkId>,
    May(actor): May<permit::LinksManage>,
    IfMatch(version): IfMatch,
    Sent { body: Nothing {}, key }: Sent<Nothing>,
) -> Result<Response, Problem> {
    let told = manage::rotate(&services, &actor, id, version, key).await?;
    let funnel = manage::funnel(&services, told.0.outcome()).await?;
    let view = LinkView::told(&services, &told, &funnel);
    Ok(answer(&told.0, (etag(told.0.outcome().version), Json(view))))
}

/// Make a link that reconnects an account
///
/// Whoever may sign in for the account opens it. The account keeps its id, and no other identity is welcome.
#[utoipa::path(
    post, path = "/v1/accounts/{account}/reconnect-link", operation_id = "createReconnectLink", tag = "easyconnect",
    params(("account" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = CreateReconnectLink,
    responses(
        (status = 201, body = LinkView),
        (status = "default", description = "not_found, permission_denied, return_url_not_allowed, validation_failed",
            body = ProblemView, content_type = "application/problem+json")),
    extensions(("x-permission" = json!("links.manage"))),
)]
async fn reconnect(
    State(services): State<Services>,
    Named(id): Named<AccountId>,
    May(actor): May<permit::LinksManage>,
    Sent { body, key }: Sent<CreateReconnectLink>,
) -> Result<Response, Problem> {
    let told = Box::pin(easyconnect::reconnect_link(&services, &actor, id, body.read()?, key)).await?;
    Ok(made(&services, &told))
}

/// Make a link that brings back what a lockdown disconnected
///
/// One checklist of all accounts that are still disconnected, or of those that are named. Each keeps its id.
#[utoipa::path(
    post, path = "/v1/lockdowns/{lockdown}/return-link", operation_id = "createReturnLink", tag = "easyconnect",
    params(("lockdown" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = CreateReturnLink,
    responses(
        (status = 201, body = LinkView),
        (status = "default", description = "not_found, permission_denied, account_not_usable, workspace_locked_down, \
            return_url_not_allowed, validation_failed", body = ProblemView, content_type = "application/problem+json")),
    extensions(("x-permission" = json!("links.manage"))),
)]
async fn bring_back(
    State(services): State<Services>,
    Named(id): Named<LockdownId>,
    May(actor): May<permit::LinksManage>,
    Sent { body, key }: Sent<CreateReturnLink>,
) -> Result<Response, Problem> {
    let told = Box::pin(easyconnect::return_link(&services, &actor, id, body.read()?, key)).await?;
    Ok(made(&services, &told))
}
