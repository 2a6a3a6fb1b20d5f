//! One thing done to many accounts.

use app::{Services, bulk};
use axum::{Json, extract::State, response::Response};
use domain::{WorkspaceId, actor::permit, text};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Edge,
    problem::{Problem, ProblemView},
    receive::{May, Named, Sent},
    view::{
        answer,
        bulk::{BulkChecksView, BulkReceiptsView, BulkRunsView, DisconnectAccounts, TheseAccounts},
    },
};

pub(crate) fn protected() -> OpenApiRouter<Edge> {
    OpenApiRouter::new()
        .routes(routes!(verify))
        .routes(routes!(refresh))
        .routes(routes!(sync))
        .routes(routes!(disconnect))
}

/// Verify accounts
///
/// Asks the platforms now how up to 100 accounts are: whether the consent lives, what it allows, and when a person must
/// act. Nothing is renewed where a look tells. Each account is answered by itself, and accounts of one consent are looked
/// at together; what could not be begun in time is `failed` with `busy`.
#[utoipa::path(
    post, path = "/v1/workspaces/{workspace}/accounts:verify", operation_id = "verifyAccounts", tag = "accounts",
    params(("workspace" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = TheseAccounts,
    responses(
        (status = 200, body = BulkChecksView),
        (status = "default", description = "not_found, validation_failed", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.refresh"))),
)]
async fn verify(
    State(services): State<Services>,
    Named(workspace): Named<WorkspaceId>,
    May(actor): May<permit::AccountsRefresh>,
    Sent { body, key }: Sent<TheseAccounts>,
) -> Result<Response, Problem> {
    let done = bulk::verify(&services, &actor, &workspace, &body.account_ids, key).await?;
    Ok(answer(&done, Json(BulkChecksView::of(done.outcome(), &services))))
}

/// Refresh accounts
///
/// Renews the access to up to 100 accounts before its time, as for one account; those of one consent are renewed together.
/// Where only a person helps the account is `failed` with `reauthorization_required`, and nothing is begun for them.
#[utoipa::path(
    post, path = "/v1/workspaces/{workspace}/accounts:refresh", operation_id = "refreshAccounts", tag = "accounts",
    params(("workspace" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = TheseAccounts,
    responses(
        (status = 200, body = BulkChecksView),
        (status = "default", description = "not_found, validation_failed", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.refresh"))),
)]
async fn refresh(
    State(services): State<Services>,
    Named(workspace): Named<WorkspaceId>,
    May(actor): May<permit::AccountsRefresh>,
    Sent { body, key }: Sent<TheseAccounts>,
) -> Result<Response, Problem> {
    let done = bulk::refresh(&services, &actor, &workspace, &body.account_ids, key).await?;
    Ok(answer(&done, Json(BulkChecksView::of(done.outcome(), &services))))
}

/// Sync accounts
///
/// Has the data of up to 100 accounts fetched now, as for one account, with a run for each.
#[utoipa::path(
    post, path = "/v1/workspaces/{workspace}/accounts:sync", operation_id = "syncAccounts", tag = "accounts",
    params(("workspace" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = TheseAccounts,
    responses(
        (status = 200, body = BulkRunsView),
        (status = "default", description = "not_found, validation_failed", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.sync"))),
)]
async fn sync(
    State(services): State<Services>,
    Named(workspace): Named<WorkspaceId>,
    May(actor): May<permit::AccountsSync>,
    Sent { body, key }: Sent<TheseAccounts>,
) -> Result<Response, Problem> {
    let done = bulk::sync(&services, &actor, &workspace, &body.account_ids, key).await?;
    Ok(answer(&done, Json(BulkRunsView::of(done.outcome(), &services))))
}

/// Disconnect accounts
///
/// Disconnects up to 100 accounts, each as if it were the only one, with a receipt for each.
#[utoipa::path(
    post, path = "/v1/workspaces/{workspace}/accounts:disconnect", operation_id = "disconnectAccounts",
    tag = "accounts",
    params(("workspace" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = DisconnectAccounts,
    responses(
        (status = 200, body = BulkReceiptsView),
        (status = "default", description = "not_found, validation_failed", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.disconnect"))),
)]
async fn disconnect(
    State(services): State<Services>,
    Named(workspace): Named<WorkspaceId>,
    May(actor): May<permit::AccountsDisconnect>,
    Sent { body, key }: Sent<DisconnectAccounts>,
) -> Result<Response, Problem> {
    let reason = body.reason.map(|reason| text::clean(&reason, 500));
    let ids = &body.account_ids;
    let done = bulk::disconnect(&services, &actor, &workspace, ids, reason.as_deref(), key).await?;
    Ok(answer(&done, Json(BulkReceiptsView::of(done.outcome(), &services))))
}
