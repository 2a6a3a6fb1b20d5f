//! Who may do what, and who did.

use app::{Services, access_report};
use axum::{Json, extract::State};
use domain::{WorkspaceId, actor::permit};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Edge, cursor,
    problem::{Problem, ProblemView},
    receive::{May, Named, Query, page_size},
    view::access_report::AccessReportView,
};

/// What a cursor of this list is good for.
const LIST: &str = "access-report";

pub(crate) fn protected() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(read))
}

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ReportQuery {
    /// How many accounts, 1 to 200; 50 if absent.
    limit: Option<usize>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Read the access report
///
/// For a review: of each account who may see and use it, who allowed and who connected it, and who got its token within 90
/// days; which members were seen; which programs have keys, and which of these nobody uses.
#[utoipa::path(
    get, path = "/v1/workspaces/{workspace}/access-report", operation_id = "getAccessReport", tag = "access",
    params(("workspace" = String, Path), ReportQuery),
    responses(
        (status = 200, body = AccessReportView),
        (status = "default", description = "not_found, cursor_invalid, validation_failed", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("audit.read"))),
)]
async fn read(
    State(services): State<Services>,
    Named(workspace): Named<WorkspaceId>,
    May(actor): May<permit::AuditRead>,
    Query(query): Query<ReportQuery>,
) -> Result<Json<AccessReportView>, Problem> {
    let after = match &query.cursor {
        Some(sealed) => Some(cursor::open(&services, &actor.workspace, LIST, sealed)?),
        None => None,
    };
    let report = access_report::read(&services, &actor, &workspace, after, page_size(query.limit)?).await?;
    let next = report.next.map(|last| cursor::seal(&services, &actor.workspace, LIST, &last));
    Ok(Json(AccessReportView::of(report, next, services.now())))
}
