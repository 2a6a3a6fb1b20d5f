//! A workspace's accounts: listed, counted, and the main ones.

mod query;

use app::{
    Services,
    find::{self, Ask},
    vocabulary::Asked,
};
use axum::{Json, extract::State};
use domain::{Refusal, WorkspaceId, actor::permit};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) use self::query::ListQuery;
use crate::{
    Edge, cursor,
    problem::{Problem, ProblemView},
    receive::{May, Named, Query, page_size},
    view::find::{AccountPageView, MainsView, SummaryView},
};

pub(crate) fn protected() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(summary)).routes(routes!(mains))
}

/// List accounts
///
/// A repeated parameter asks for any of its values, different ones for all of them. Days are those of the workspace's
/// time zone. The default order, narrowed by `platform` and `lifecycle` alone, costs what the page holds; everything
/// else reads each account of the workspace once per page.
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
    let (asked, bound) = (Asked::read(query.vocabulary.as_deref())?, query.bound());
    let counted = query.facets.unwrap_or(false);
    // What is only shown is read with the list's own workspace.
    let early =
        if counted || query.vocabulary.is_some() { Some(asked.words_for(&services, &actor).await?) } else { None };
    let after = match &query.cursor {
        Some(sealed) => Some(cursor::open(&services, &actor.workspace, &bound, sealed)?),
        None => None,
    };
    let ask = Ask {
        question: query.question(early.as_deref().filter(|_| query.vocabulary.is_some()))?,
        sort: query.sort()?,
        after,
        limit: page_size(query.limit)?,
        facets: early.as_deref().filter(|_| counted),
    };
    let page = find::list(&services, &actor, &workspace, &ask).await?;
    let next = page.next.as_ref().map(|last| cursor::seal(&services, &actor.workspace, &bound, last));
    let words = match &early {
        Some(words) => words.clone(),
        None => asked.words(&services, &page.workspace).await?,
    };
    Ok(Json(AccountPageView::of(&services, &page, next, &actor, &words)))
}

/// What is counted how.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SummaryQuery {
    /// The vocabulary of `by_status`, and of each platform's worst state: `s0`, `s1`, `s2`, `s3`, `s4`, `own`; what the
    /// workspace's policy says if absent, else `s0`.
    vocabulary: Option<String>,
    /// `platform`: an entry for each platform, with how its worst account is, and its main one.
    group_by: Option<String>,
}

/// Count accounts
#[utoipa::path(
    get, path = "/v1/workspaces/{workspace}/accounts/summary", operation_id = "summarizeAccounts", tag = "accounts",
    params(("workspace" = String, Path), SummaryQuery),
    responses(
        (status = 200, body = SummaryView),
        (status = "default", description = "not_found, validation_failed", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.read"))),
)]
async fn summary(
    State(services): State<Services>,
    Named(workspace): Named<WorkspaceId>,
    May(actor): May<permit::AccountsRead>,
    Query(query): Query<SummaryQuery>,
) -> Result<Json<SummaryView>, Problem> {
    let by_platform = match query.group_by.as_deref() {
        None => false,
        Some("platform") => true,
        Some(_) => return Err(Refusal::field("/group_by", "unknown", "group_by is platform.").into()),
    };
    let words = Asked::read(query.vocabulary.as_deref())?.words_for(&services, &actor).await?;
    let counted = find::summary(&services, &actor, &workspace, &words).await?;
    Ok(Json(SummaryView::of(&services, &counted, by_platform)))
}

/// List main accounts
///
/// Each with what it can be used for, and why not for the rest.
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
    Ok(Json((&find::mains(&services, &actor, &workspace).await?).into()))
}
