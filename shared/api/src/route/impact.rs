//! What an action would do, told before it is done.

use app::{
    Services,
    impact::{self, Asked, workspace},
};
use axum::{Json, extract::State};
use domain::{AccountId, Refusal, WorkspaceId, actor::permit};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Edge,
    problem::{Problem, ProblemView},
    receive::{May, Named, Query},
    view::impact::{ImpactView, WorkspaceImpactView},
};

pub(crate) fn protected() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(account)).routes(routes!(workspace_impact))
}

/// What is to be done.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Action {
    /// Of an account `disconnect` (default), `remove`, `reconnect`, `lockdown`; of a workspace `lockdown` (default),
    /// `erase`.
    action: Option<String>,
}

fn unknown(words: &str) -> Refusal {
    Refusal::field("/action", "unknown", format!("action is {words}."))
}

/// Preview what an action would do with an account
///
/// Who else lives on its consent, what is planned with it, what becomes of the access at the platform, what is kept and
/// what is erased. Nothing is changed. `confirm` may be sent along with the action, which is then refused if the account
/// or what is planned with it has changed meanwhile.
#[utoipa::path(
    get, path = "/v1/accounts/{account}/impact", operation_id = "getAccountImpact", tag = "accounts",
    params(("account" = String, Path), Action),
    responses(
        (status = 200, body = ImpactView),
        (status = "default", description = "not_found, validation_failed", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.read"))),
)]
async fn account(
    State(services): State<Services>,
    Named(id): Named<AccountId>,
    May(actor): May<permit::AccountsRead>,
    Query(Action { action }): Query<Action>,
) -> Result<Json<ImpactView>, Problem> {
    let asked = Asked::of(action.as_deref().unwrap_or("disconnect"));
    let asked = asked.ok_or_else(|| unknown("disconnect, remove, reconnect or lockdown"))?;
    Ok(Json(ImpactView::of(&impact::of(&services, &actor, id, asked).await?, services.now())))
}

/// Preview what an action would do with a workspace
#[utoipa::path(
    get, path = "/v1/workspaces/{workspace}/impact", operation_id = "getWorkspaceImpact", tag = "workspaces",
    params(("workspace" = String, Path), Action),
    responses(
        (status = 200, body = WorkspaceImpactView),
        (status = "default", description = "not_found, validation_failed", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.read"))),
)]
async fn workspace_impact(
    State(services): State<Services>,
    Named(id): Named<WorkspaceId>,
    May(actor): May<permit::AccountsRead>,
    Query(Action { action }): Query<Action>,
) -> Result<Json<WorkspaceImpactView>, Problem> {
    let asked = workspace::Asked::of(action.as_deref().unwrap_or("lockdown"));
    let asked = asked.ok_or_else(|| unknown("lockdown or erase"))?;
    Ok(Json((&workspace::of(&services, &actor, &id, asked).await?).into()))
}
