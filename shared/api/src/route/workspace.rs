//! A workspace, its platforms and limits.

use app::{Services, platform, workspace};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{PlatformId, WorkspaceId, actor::permit, workspace::Configuration};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Edge,
    problem::{Problem, ProblemView},
    receive::{IfMatch, May, Named, Sent},
    view::{
        answer, etag,
        platform::{CardView, CardsView, LimitsView, PlatformView, PlatformsView},
        workspace::{WorkspacePatch, WorkspaceView},
    },
};

pub(crate) fn protected() -> OpenApiRouter<Edge> {
    OpenApiRouter::new()
        .routes(routes!(workspace, configure))
        .routes(routes!(platforms))
        .routes(routes!(platform))
        .routes(routes!(workspace_platforms))
        .routes(routes!(limits))
}

/// Read a workspace
#[utoipa::path(
    get, path = "/v1/workspaces/{workspace}", operation_id = "getWorkspace", tag = "workspaces",
    params(("workspace" = String, Path)),
    responses(
        (status = 200, body = WorkspaceView),
        (status = "default", description = "not_found", body = ProblemView, content_type = "application/problem+json")),
    extensions(("x-permission" = json!("workspace.read"))),
)]
async fn workspace(
    State(services): State<Services>,
    Named(id): Named<WorkspaceId>,
    May(actor): May<permit::WorkspaceRead>,
) -> Result<Response, Problem> {
    let found = workspace::get(&services, &actor, &id).await?;
    let plan = found.plan(&services.plans, actor.plan.as_deref()).id.clone();
    Ok((etag(found.version), Json(WorkspaceView::of(&found, &plan))).into_response())
}

/// Change a workspace
///
/// Its name, its zone, its policies, and, with an API key, its plan. A smaller plan deletes nothing: the accounts that it
/// has no place for are suspended, the newest first and main accounts last, or all but those in `keep_accounts`. They
/// come back by themselves as soon as there are places, main accounts and then the oldest first.
#[utoipa::path(
    patch, path = "/v1/workspaces/{workspace}", operation_id = "configureWorkspace", tag = "workspaces",
    params(("workspace" = String, Path), ("If-Match" = Option<String>, Header),
        ("Idempotency-Key" = Option<String>, Header)),
    request_body = WorkspacePatch,
    responses(
        (status = 200, body = WorkspaceView),
        (status = "default", description = "not_found, permission_denied, version_conflict, timezone_invalid, \
            validation_failed, unknown_field", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("workspace.configure"))),
)]
async fn configure(
    State(services): State<Services>,
    Named(id): Named<WorkspaceId>,
    May(actor): May<permit::WorkspaceConfigure>,
    IfMatch(version): IfMatch,
    Sent { body, key }: Sent<WorkspacePatch>,
) -> Result<Response, Problem> {
    let keep = body.keep()?;
    let change = |configuration: &mut Configuration| body.apply(&services.plans, configuration);
    let decided = workspace::decide(&services, &actor, &id, change, keep.as_deref(), version, key).await?;
    let done = decided.outcome();
    Ok(answer(&decided, (etag(done.version), Json(WorkspaceView::made(id.to_string(), done)))))
}

/// List platforms
#[utoipa::path(
    get, path = "/v1/platforms", operation_id = "listPlatforms", tag = "platforms",
    responses(
        (status = 200, body = PlatformsView),
        (status = "default", description = "unauthenticated", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("workspace.read"))),
)]
async fn platforms(
    State(services): State<Services>,
    _caller: May<permit::WorkspaceRead>,
) -> Result<Json<PlatformsView>, Problem> {
    let (troubles, now) = (platform::troubles(&services).await?, services.now());
    let view = |p: &platform::Platform| PlatformView::of(p, troubles.get(&p.id).copied(), now);
    Ok(Json(PlatformsView { data: platform::list(&services).iter().map(view).collect() }))
}

/// Read a platform
#[utoipa::path(
    get, path = "/v1/platforms/{platform}", operation_id = "getPlatform", tag = "platforms",
    params(("platform" = String, Path)),
    responses(
        (status = 200, body = PlatformView),
        (status = "default", description = "not_found", body = ProblemView, content_type = "application/problem+json")),
    extensions(("x-permission" = json!("workspace.read"))),
)]
async fn platform(
    State(services): State<Services>,
    Named(id): Named<PlatformId>,
    _caller: May<permit::WorkspaceRead>,
) -> Result<Json<PlatformView>, Problem> {
    let found = platform::get(&services, &id)?;
    let trouble = platform::troubles(&services).await?.get(&id).copied();
    Ok(Json(PlatformView::of(&found, trouble, services.now())))
}

/// List platforms as the workspace sees them
#[utoipa::path(
    get, path = "/v1/workspaces/{workspace}/platforms", operation_id = "listWorkspacePlatforms", tag = "platforms",
    params(("workspace" = String, Path)),
    responses(
        (status = 200, body = CardsView),
        (status = "default", description = "not_found", body = ProblemView, content_type = "application/problem+json")),
    extensions(("x-permission" = json!("workspace.read"))),
)]
async fn workspace_platforms(
    State(services): State<Services>,
    Named(id): Named<WorkspaceId>,
    May(actor): May<permit::WorkspaceRead>,
) -> Result<Json<CardsView>, Problem> {
    let cards = platform::cards(&services, &actor, &id).await?;
    let worst = platform::worst(&services, &actor, &id).await?;
    let view = |card: &platform::Card| CardView::of(&services, card, worst.get(&card.platform.id).copied());
    Ok(Json(CardsView { data: cards.iter().map(view).collect() }))
}

/// Read the plan's limits
///
/// How much of the plan is used, which accounts are suspended for want of a place, and which would be next. A plan that
/// only the caller's token names suspends nothing; it is in the way of further accounts alone.
#[utoipa::path(
    get, path = "/v1/workspaces/{workspace}/limits", operation_id = "getLimits", tag = "platforms",
    params(("workspace" = String, Path)),
    responses(
        (status = 200, body = LimitsView),
        (status = "default", description = "not_found", body = ProblemView, content_type = "application/problem+json")),
    extensions(("x-permission" = json!("workspace.read"))),
)]
async fn limits(
    State(services): State<Services>,
    Named(id): Named<WorkspaceId>,
    May(actor): May<permit::WorkspaceRead>,
) -> Result<Json<LimitsView>, Problem> {
    let (limits, order) = workspace::limits(&services, &actor, &id).await?;
    Ok(Json(LimitsView::of(&limits, &order)))
}
