//! What whoever runs the product sees of it, over all workspaces.

use app::{Services, budget};
use axum::{Json, extract::State};
use domain::actor::permit;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Edge,
    problem::{Problem, ProblemView},
    receive::May,
    view::budget::BudgetsView,
};

pub(crate) fn protected() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(budgets))
}

/// Read the budgets of calls to platforms
///
/// How many calls fetching may make in each window, how many it made, for which workspaces, until when a platform is left
/// alone, and what was paid today. No role in a workspace has the permission: it takes the operator's key.
#[utoipa::path(
    get, path = "/v1/ops/budgets", operation_id = "listBudgets", tag = "operation",
    responses(
        (status = 200, body = BudgetsView),
        (status = "default", description = "permission_denied", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("ops.read"))),
)]
async fn budgets(
    State(services): State<Services>,
    May(actor): May<permit::OpsRead>,
) -> Result<Json<BudgetsView>, Problem> {
    Ok(Json(BudgetsView::from(budget::list(&services, &actor).await?)))
}
