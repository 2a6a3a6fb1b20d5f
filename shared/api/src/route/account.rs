//! Connected accounts.

use app::{
    Services,
    account::{self, ListAccounts},
    permission,
};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{AccountId, Lifecycle, PlatformId, Refusal, WorkspaceId, actor::permit};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    health::{Words, known},
    start::Nothing,
};
use crate::{
    Edge, cursor,
    problem::{Problem, ProblemView},
    receive::{IfMatch, May, Named, Query, Sent, page_size},
    view::{
        account::{AccountPageView, AccountView, MainView, MainsView, SummaryView},
        answer, etag,
        permission::PermissionsView,
    },
};

pub(crate) fn protected() -> OpenApiRouter<Edge> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(summary))
        .routes(routes!(mains))
        .routes(routes!(get))
        .routes(routes!(permissions))
        .routes(routes!(choose_main))
}

/// Which page of which accounts.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Only of this platform; repeat it, or separate several by commas.
    platform: Option<String>,
    /// `active` (default) or `disconnected`.
    lifecycle: Option<String>,
    /// 1 to 200; 50 if absent.
    limit: Option<usize>,
    /// `next_cursor` of the page before, with the same filter.
    cursor: Option<String>,
    /// The vocabulary of health's `label`, `color` and `icon`: `s0` (default), `s1`, `s2`, `s3`, `s4`.
    vocabulary: Option<String>,
}

/// Most platforms of a filter.
const PLATFORMS: usize = 20;

impl ListQuery {
    fn platforms(&self) -> Result<Vec<PlatformId>, Refusal> {
        let Some(text) = &self.platform else { return Ok(Vec::new()) };
        if text.split(',').nth(PLATFORMS).is_some() {
            return Err(Refusal::field("/platform", "too_many", format!("At most {PLATFORMS} platforms.")));
        }
        let mut platforms = text
            .split(',')
            .map(|p| p.parse().map_err(|_| Refusal::field("/platform", "unknown", "There is no such platform.")))
            .collect::<Result<Vec<PlatformId>, _>>()?;
        platforms.sort();
        platforms.dedup();
        Ok(platforms)
    }

    fn lifecycle(&self) -> Result<Lifecycle, Refusal> {
        match self.lifecycle.as_deref() {
            None | Some("active") => Ok(Lifecycle::Active),
            Some("disconnected") => Ok(Lifecycle::Disconnected),
            Some(_) => Err(Refusal::field("/lifecycle", "unknown", "lifecycle is active or disconnected.")),
        }
    }
}

/// What a list shows, as its cursor is bound to it.
fn filter_text(platforms: &[PlatformId], lifecycle: Lifecycle) -> String {
    let platforms: Vec<&str> = platforms.iter().map(PlatformId::as_str).collect();
    format!("{}|{}", platforms.join(","), lifecycle.as_str())
}

/// List accounts
#[utoipa::path(
    get, path = "/v1/workspaces/{workspace}/accounts", operation_id = "listAccounts", tag = "accounts",
    params(("workspace" = String, Path), ListQuery),
    responses(
        (status = 200, body = AccountPageView),
        (status = "default", description = "cursor_invalid, validation_failed, unknown_field", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.read"))),
)]
async fn list(
    State(services): State<Services>,
    Named(workspace): Named<WorkspaceId>,
    May(actor): May<permit::AccountsRead>,
    Query(query): Query<ListQuery>,
) -> Result<Json<AccountPageView>, Problem> {
    let (platforms, lifecycle) = (query.platforms()?, query.lifecycle()?);
    let words = known(query.vocabulary.as_deref())?;
    let filter = filter_text(&platforms, lifecycle);
    let after = match &query.cursor {
        Some(sealed) => Some(cursor::open(&services, &actor.workspace, &filter, sealed)?),
        None => None,
    };
    let ask = ListAccounts { platforms, lifecycle: Some(lifecycle), after, limit: page_size(query.limit)? };
    let page = account::list(&services, &actor, &workspace, &ask).await?;
    let next = page.next.map(|last| cursor::seal(&services, &actor.workspace, &filter, last));
    Ok(Json(AccountPageView::of(&page, next, &actor, words)))
}

/// Count accounts
#[utoipa::path(
    get, path = "/v1/workspaces/{workspace}/accounts/summary", operation_id = "summarizeAccounts", tag = "accounts",
    params(("workspace" = String, Path)),
    responses(
        (status = 200, body = SummaryView),
        (status = "default", description = "not_found", body = ProblemView, content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.read"))),
)]
async fn summary(
    State(services): State<Services>,
    Named(workspace): Named<WorkspaceId>,
    May(actor): May<permit::AccountsRead>,
) -> Result<Json<SummaryView>, Problem> {
    Ok(Json(account::summary(&services, &actor, &workspace).await?.into()))
}

/// List main accounts
#[utoipa::path(
    get, path = "/v1/workspaces/{workspace}/accounts/main", operation_id = "listMainAccounts", tag = "accounts",
    params(("workspace" = String, Path)),
    responses(
        (status = 200, body = MainsView),
        (status = "default", description = "not_found", body = ProblemView, content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.read"))),
)]
async fn mains(
    State(services): State<Services>,
    Named(workspace): Named<WorkspaceId>,
    May(actor): May<permit::AccountsRead>,
) -> Result<Json<MainsView>, Problem> {
    let mains = account::mains(&services, &actor, &workspace).await?;
    Ok(Json(MainsView { data: mains.into_iter().map(|(p, a)| (p.to_string(), a.to_string())).collect() }))
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
    let words = words.vocabulary()?;
    let detail = account::get(&services, &actor, id).await?;
    let tag = etag(detail.shown.account.version);
    Ok((tag, Json(AccountView::detail(&detail, &actor, words, services.now()))).into_response())
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
