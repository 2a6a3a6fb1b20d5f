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
        workspace::{ConfiguredView, WorkspacePatch, WorkspaceView},
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

/// Change a workspace's policies
#[utoipa::path(
    patch, path = "/v1/workspaces/{workspace}", operation_id = "configureWorkspace", tag = "workspaces",
    params(("workspace" = String, Path), ("If-Match" = Option<String>, Header),
        ("Idempotency-Key" = Option<String>, Header)),
    request_body = WorkspacePatch,
    responses(
        (status = 200, body = ConfiguredView),
        (status = "default", description = "not_found, version_conflict, unknown_field", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("workspace.configure"))),
)]
async fn configure(
    State(services): State<Services>,
    Named(id): Named<WorkspaceId>,
    May(actor): May<permit::WorkspaceConfigure>,
    IfMatch(version): IfMatch,
    Sent { body: WorkspacePatch { policies }, key }: Sent<WorkspacePatch>,
) -> Result<Response, Problem> {
    let change = |configuration: &mut Configuration| {
        configuration.policies.reuse_grant = policies.reuse_grant.unwrap_or(configuration.policies.reuse_grant);
        Ok(())
    };
    let configured = workspace::configure(&services, &actor, &id, change, version, key).await?;
    let done = configured.outcome();
    Ok(answer(&configured, (etag(done.version), Json(ConfiguredView::from(done)))))
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
    let view = |card: &platform::Card| CardView::of(card, worst.get(&card.platform.id).copied());
    Ok(Json(CardsView { data: cards.iter().map(view).collect() }))
}

/// Read the plan's limits
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
    Ok(Json(LimitsView::from(&workspace::limits(&services, &actor, &id).await?)))
}
