//! What a publisher plans with an account.

use app::{Services, planned};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{AccountId, actor::permit};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Edge,
    problem::{Problem, ProblemView},
    receive::{IfMatch, May, Named, Sent},
    view::{
        answer, etag,
        planned::{PlanView, ReportUsage},
    },
};

pub(crate) fn protected() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(read, report))
}

/// Read what is planned with an account
///
/// Scheduled posts, campaigns, automations and drafts as the publisher reported them last, and what of that will fail.
#[utoipa::path(
    get, path = "/v1/accounts/{account}/usage", operation_id = "getAccountUsage", tag = "accounts",
    params(("account" = String, Path)),
    responses(
        (status = 200, body = PlanView),
        (status = "default", description = "not_found", body = ProblemView, content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.read"))),
)]
async fn read(
    State(services): State<Services>,
    Named(id): Named<AccountId>,
    May(actor): May<permit::AccountsRead>,
) -> Result<Response, Problem> {
    let plan = planned::get(&services, &actor, id).await?;
    Ok((etag(plan.planned.version), Json(PlanView::of(&plan, services.now()))).into_response())
}

/// Report what is planned with an account
///
/// Takes the place of what was reported before. Whoever disconnects or removes the account is told what that would end,
/// and so is the publisher by the event. It stays with the account while it is disconnected, and goes when it is removed.
#[utoipa::path(
    put, path = "/v1/accounts/{account}/usage", operation_id = "reportAccountUsage", tag = "accounts",
    params(("account" = String, Path), ("If-Match" = Option<String>, Header),
        ("Idempotency-Key" = Option<String>, Header)),
    request_body = ReportUsage,
    responses(
        (status = 200, body = PlanView),
        (status = "default", description = "not_found, validation_failed, version_conflict", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("usage.report"))),
)]
async fn report(
    State(services): State<Services>,
    Named(id): Named<AccountId>,
    May(actor): May<permit::UsageReport>,
    IfMatch(version): IfMatch,
    Sent { body, key }: Sent<ReportUsage>,
) -> Result<Response, Problem> {
    let done = planned::report(&services, &actor, id, &body.read()?, version, key).await?;
    let plan = done.outcome();
    let view = PlanView::of(plan, plan.planned.reported_at.unwrap_or_else(|| services.now()));
    Ok(answer(&done, (etag(plan.planned.version), Json(view))))
}
