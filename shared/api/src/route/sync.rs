//! Fetching an account's data, because somebody asks for it.

use app::{Services, run, sync::ask};
use axum::{
    Json,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{AccountId, Code, actor::permit};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Edge,
    problem::{Problem, ProblemView},
    receive::{May, Named, Patience, Sent},
    view::{
        answer,
        run::RunView,
        sync::{NewSync, SyncRunsView},
    },
};

pub(crate) fn protected() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(list, start))
}

/// List an account's sync runs
#[utoipa::path(
    get, path = "/v1/accounts/{account}/syncs", operation_id = "listSyncs", tag = "sync",
    params(("account" = String, Path)),
    responses(
        (status = 200, body = SyncRunsView),
        (status = "default", description = "not_found", body = ProblemView, content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.read"))),
)]
async fn list(
    State(services): State<Services>,
    Named(id): Named<AccountId>,
    May(actor): May<permit::AccountsRead>,
) -> Result<Json<SyncRunsView>, Problem> {
    let runs = ask::list(&services, &actor, id).await?;
    Ok(Json(SyncRunsView { data: runs.iter().map(|run| RunView::of(&services, run)).collect() }))
}

/// Sync an account
///
/// Fetches what the platform tells of it now, beside its schedule. `Prefer: wait=N` answers with the run as soon as it has
/// ended, or as it is after N seconds (at most 10); it can be read at `Location` meanwhile. A minute must be between two
/// wishes.
#[utoipa::path(
    post, path = "/v1/accounts/{account}/syncs", operation_id = "syncAccount", tag = "sync",
    params(("account" = String, Path), ("Idempotency-Key" = Option<String>, Header),
        ("Prefer" = Option<String>, Header, description = "`wait=N`: answer as soon as the run has ended, \
            or as it is after N seconds (at most 10)")),
    request_body = NewSync,
    responses(
        (status = 202, body = RunView),
        (status = "default", description = "not_found, sync_in_progress, sync_cooldown, platform_rate_limited, \
            budget_exhausted, account_disconnected, connection_expired, account_not_usable, capability_unsupported, \
            validation_failed", body = ProblemView, content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.sync"))),
)]
async fn start(
    State(services): State<Services>,
    Named(id): Named<AccountId>,
    May(actor): May<permit::AccountsSync>,
    Patience(patience): Patience,
    Sent { body, key }: Sent<NewSync>,
) -> Result<Response, Problem> {
    let asked = ask::ask(&services, &actor, id, body.read()?, key).await?;
    let run = run::get(&services, &actor, *asked.outcome(), patience).await?;
    let location = format!("/v1/runs/{}", run.id);
    let mut accepted =
        (StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(RunView::of(&services, &run))).into_response();
    let applied = patience.min(run::MOST_PATIENCE).as_secs();
    if applied > 0 {
        let wait = HeaderValue::from_str(&format!("wait={applied}")).map_err(|_| Code::Internal)?;
        accepted.headers_mut().insert("preference-applied", wait);
    }
    Ok(answer(&asked, accepted))
}
