//! Connected accounts.

use app::{Services, account, disconnect, permission};
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{AccountId, actor::permit};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{health::Words, start::Nothing};
use crate::{
    Edge,
    problem::{Problem, ProblemView},
    receive::{IfMatch, May, Named, Query, Sent},
    view::{
        account::{AccountView, MainView, ReceiptView},
        answer, etag,
        permission::PermissionsView,
    },
};

pub(crate) fn protected() -> OpenApiRouter<Edge> {
    OpenApiRouter::new()
        .routes(routes!(get, remove))
        .routes(routes!(permissions))
        .routes(routes!(choose_main))
        .routes(routes!(leave))
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
    Ok((tag, Json(AccountView::detail(&detail, &actor, &words))).into_response())
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

/// Why an account is disconnected.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DisconnectAccount {
    /// Carried to the event.
    #[serde(default)]
    reason: Option<String>,
}

/// Disconnect an account
///
/// Keeps its id and history; reconnecting brings it back. The access at the platform is revoked with the last account
/// of its consent, and the receipt says what came of that.
#[utoipa::path(
    post, path = "/v1/accounts/{account}/disconnect", operation_id = "disconnectAccount", tag = "accounts",
    params(("account" = String, Path), ("If-Match" = Option<String>, Header),
        ("Idempotency-Key" = Option<String>, Header)),
    request_body = Option<DisconnectAccount>,
    responses(
        (status = 200, body = ReceiptView),
        (status = "default", description = "not_found, version_conflict", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.disconnect"))),
)]
async fn leave(
    State(services): State<Services>,
    Named(id): Named<AccountId>,
    May(actor): May<permit::AccountsDisconnect>,
    IfMatch(version): IfMatch,
    Sent { body, key }: Sent<DisconnectAccount>,
) -> Result<Response, Problem> {
    let reason = body.reason.map(|r| domain::text::clean(&r, 500));
    let receipt = disconnect::disconnect(&services, &actor, id, reason, version, key).await?;
    Ok(answer(&receipt, Json(ReceiptView::from(receipt.outcome()))))
}

/// Remove an account
///
/// Disconnects it and erases what is known of it; connecting it again makes a new account.
#[utoipa::path(
    delete, path = "/v1/accounts/{account}", operation_id = "removeAccount", tag = "accounts",
    params(("account" = String, Path), ("If-Match" = Option<String>, Header),
        ("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 202, body = ReceiptView),
        (status = "default", description = "not_found, version_conflict", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.remove"))),
)]
async fn remove(
    State(services): State<Services>,
    Named(id): Named<AccountId>,
    May(actor): May<permit::AccountsRemove>,
    IfMatch(version): IfMatch,
    Sent { body: Nothing {}, key }: Sent<Nothing>,
) -> Result<Response, Problem> {
    let receipt = disconnect::remove(&services, &actor, id, version, key).await?;
    Ok(answer(&receipt, (StatusCode::ACCEPTED, Json(ReceiptView::from(receipt.outcome())))))
}
