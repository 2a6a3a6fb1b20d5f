//! Platforms and limits.

use app::{Services, platform, workspace};
use axum::{Json, extract::State};
use domain::{PlatformId, WorkspaceId, actor::permit};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Edge,
    problem::{Problem, ProblemView},
    receive::{May, Named},
    view::platform::{CardView, CardsView, LimitsView, PlatformView, PlatformsView},
};

pub(crate) fn protected() -> OpenApiRouter<Edge> {
    OpenApiRouter::new()
        .routes(routes!(platforms))
        .routes(routes!(platform))
        .routes(routes!(workspace_platforms))
        .routes(routes!(limits))
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
async fn platforms(State(services): State<Services>, _caller: May<permit::WorkspaceRead>) -> Json<PlatformsView> {
    Json(PlatformsView { data: platform::list(&services).iter().map(PlatformView::from).collect() })
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
    Ok(Json(PlatformView::from(&platform::get(&services, &id)?)))
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
    Ok(Json(CardsView { data: cards.iter().map(CardView::from).collect() }))
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
