//! Connected accounts.

use app::{Services, account, permission};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{AccountId, actor::permit};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{health::Words, start::Nothing};
use crate::{
    Edge,
    problem::{Problem, ProblemView},
    receive::{IfMatch, May, Named, Query, Sent},
    view::{
        account::{AccountView, MainView},
        answer, etag,
        permission::PermissionsView,
    },
};

pub(crate) fn protected() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(get)).routes(routes!(permissions)).routes(routes!(choose_main))
}

/// Read an account
#[utoipa::path(
    get, path = "/v1/accounts/{account}", operation_id = "getAccount", tag = "accounts",
    params(("account" = String, Path), Words),
    responses(
        (status = 200, body = AccountView),
        (status = "default", description = "not_found, validation_failed", body = ProblemView, content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.read"))),
)]
async fn get(
    State(services): State<Services>,
    Named(id): Named<AccountId>,
    May(actor): May<permit::AccountsRead>,
    Query(words): Query<Words>,
) -> Result<Response, Problem> {
    let asked = words.asked()?;
    let detail = account::get(&services, &actor, id).await?;
    let words = asked.words(&services, &detail.workspace).await?;
    let tag = etag(detail.shown.account.version);
    Ok((tag, Json(AccountView::detail(&detail, &actor, &words, services.now()))).into_response())
}

/// Read an account's permissions
///
/// Each capability with the scopes that it needs, and how each came back from the consent.
#[utoipa::path(
    get, path = "/v1/accounts/{account}/permissions", operation_id = "getAccountPermissions", tag = "accounts",
    params(("account" = String, Path)),
    responses(
        (status = 200, body = PermissionsView),
        (status = "default", description = "not_found", body = ProblemView, content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.read"))),
)]
async fn permissions(
    State(services): State<Services>,
    Named(id): Named<AccountId>,
    May(actor): May<permit::AccountsRead>,
) -> Result<Json<PermissionsView>, Problem> {
    Ok(Json((&permission::matrix(&services, &actor, id).await?).into()))
}

/// Set the main account
///
/// The one that was main before is demoted in the same transaction.
#[utoipa::path(
    put, path = "/v1/accounts/{account}/main", operation_id = "setMainAccount", tag = "accounts",
    params(("account" = String, Path), ("If-Match" = Option<String>, Header),
        ("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 200, body = MainView),
        (status = "default", description = "not_found, account_not_usable, version_conflict", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.main"))),
)]
async fn choose_main(
    State(services): State<Services>,
    Named(id): Named<AccountId>,
    May(actor): May<permit::AccountsMain>,
    IfMatch(version): IfMatch,
    Sent { body: Nothing {}, key }: Sent<Nothing>,
) -> Result<Response, Problem> {
    let chosen = account::choose_main(&services, &actor, id, version, key).await?;
    let view = MainView {
        id: chosen.outcome().account.to_string(),
        is_main: true,
        demoted: chosen.outcome().demoted.map(|id| id.to_string()),
    };
    Ok(answer(&chosen, Json(view)))
}
