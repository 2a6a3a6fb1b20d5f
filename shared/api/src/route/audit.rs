//! Who did what.

use app::{
    Services,
    audit::{self, ListAudit},
};
use axum::{
    Json,
    extract::{OriginalUri, State},
    http::{HeaderMap, HeaderValue, Uri, header},
    response::{IntoResponse as _, Response},
};
use domain::{AccountId, AuditId, Code, Refusal, Timestamp, WorkspaceId, actor::permit, audit::AuditFilter};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Edge, cursor,
    problem::{Problem, ProblemView},
    receive::{May, Named, Query, page_size},
    view::audit::{AuditPageView, csv},
};

pub(crate) fn protected() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(activity))
}

/// Which page of which entries. Values of one filter are joined by or, filters by and.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// By these people or programs, by id; repeat it, or separate several by commas.
    actor: Option<String>,
    /// Of these operations, by `operationId`.
    action: Option<String>,
    /// About this account, which may be gone.
    account: Option<String>,
    /// With these outcomes: `done`, `replayed`, or codes of refusals.
    outcome: Option<String>,
    /// With these kinds of credential: `token`, `api_key`, `console`, `consent`.
    credential: Option<String>,
    /// From this moment on, RFC 3339.
    from: Option<String>,
    /// Before this moment, RFC 3339.
    until: Option<String>,
    /// 1 to 200; 50 if absent.
    limit: Option<usize>,
    /// `next_cursor` of the page before, with the same filter.
    cursor: Option<String>,
}

/// Most values of one filter.
const VALUES: usize = 20;

fn values(pointer: &str, text: Option<&str>) -> Result<Vec<String>, Refusal> {
    let all: Vec<String> = text.into_iter().flat_map(|text| text.split(',')).map(str::to_owned).collect();
    if all.len() > VALUES {
        return Err(Refusal::field(pointer, "too_many", format!("At most {VALUES} values.")));
    }
    Ok(all)
}

fn moment(pointer: &str, text: Option<&str>) -> Result<Option<Timestamp>, Refusal> {
    let parsed = text.map(str::parse).transpose();
    parsed.map_err(|_| Refusal::field(pointer, "invalid", "A moment is written like 2026-11-22T10:00:00Z."))
}

impl ListQuery {
    fn filter(&self) -> Result<AuditFilter, Refusal> {
        let account = self.account.as_deref().map(str::parse).transpose();
        Ok(AuditFilter {
            actors: values("/actor", self.actor.as_deref())?,
            actions: values("/action", self.action.as_deref())?,
            account: account.map_err(|_| Refusal::field("/account", "invalid", "An account's id begins with acc_."))?,
            outcomes: values("/outcome", self.outcome.as_deref())?,
            credentials: values("/credential", self.credential.as_deref())?,
            from: moment("/from", self.from.as_deref())?,
            until: moment("/until", self.until.as_deref())?,
        })
    }
}

/// Read the audit
///
/// Who did what to which account, with which credential, and what came of it: each change and each attempt at one, each
/// lease of a credential, and each read of this. The latest first, for 400 days or as long as the workspace's retention
/// says. With `Accept: text/csv` the page is a table; `Link` leads to the next one.
#[utoipa::path(
    get, path = "/v1/workspaces/{workspace}/audit", operation_id = "listAudit", tag = "audit",
    params(("workspace" = String, Path), ListQuery),
    responses(
        (status = 200, content((AuditPageView = "application/json"), (String = "text/csv"))),
        (status = "default", description = "not_found, cursor_invalid, validation_failed", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("audit.read"))),
)]
async fn list(
    State(services): State<Services>,
    Named(workspace): Named<WorkspaceId>,
    May(actor): May<permit::AuditRead>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    Query(query): Query<ListQuery>,
) -> Result<Response, Problem> {
    let filter = query.filter()?;
    let bound = format!("{filter:?}");
    let before = opened(&services, &actor.workspace, &bound, query.cursor.as_deref())?;
    let ask = ListAudit { filter, before, limit: page_size(query.limit)? };
    let page = audit::list(&services, &actor, &workspace, &ask).await?;
    let next = page.next.map(|last| cursor::seal(&services, &actor.workspace, &scope(&bound), &last));
    let view = AuditPageView::of(page, next);
    if !accepts_csv(&headers) {
        return Ok(Json(view).into_response());
    }
    let table = csv(&view.data).map_err(|error| {
        tracing::error!(%error, "table");
        Problem::from(Code::Internal)
    })?;
    let mut response = (
        [
            (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8; header=present")),
            (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"audit.csv\"")),
        ],
        table,
    )
        .into_response();
    if let Some(cursor) = &view.page.next_cursor {
        let link = services.url(&format!("v1/workspaces/{workspace}/audit?{}", with_cursor(&uri, cursor)));
        if let Ok(link) = HeaderValue::from_str(&format!("<{link}>; rel=\"next\"")) {
            response.headers_mut().insert(header::LINK, link);
        }
    }
    Ok(response)
}

/// The same question for another page.
fn with_cursor(uri: &Uri, cursor: &str) -> String {
    let asked = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let others = asked.filter(|(name, _)| name != "cursor");
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(others).append_pair("cursor", cursor).finish()
}

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ActivityQuery {
    /// 1 to 200; 50 if absent.
    limit: Option<usize>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Read an account's activity
///
/// What was done to it in the last 90 days, and who used its credentials for what. The latest first.
#[utoipa::path(
    get, path = "/v1/accounts/{account}/activity", operation_id = "listAccountActivity", tag = "audit",
    params(("account" = String, Path), ActivityQuery),
    responses(
        (status = 200, body = AuditPageView),
        (status = "default", description = "not_found, cursor_invalid, validation_failed", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.read"))),
)]
async fn activity(
    State(services): State<Services>,
    Named(id): Named<AccountId>,
    May(actor): May<permit::AccountsRead>,
    Query(query): Query<ActivityQuery>,
) -> Result<Json<AuditPageView>, Problem> {
    let bound = id.to_string();
    let before = opened(&services, &actor.workspace, &bound, query.cursor.as_deref())?;
    let page = audit::activity(&services, &actor, id, before, page_size(query.limit)?).await?;
    let next = page.next.map(|last| cursor::seal(&services, &actor.workspace, &scope(&bound), &last));
    Ok(Json(AuditPageView::of(page, next)))
}

/// What a cursor of the audit is bound to.
fn scope(filter: &str) -> String {
    format!("audit|{filter}")
}

fn opened(
    services: &Services,
    workspace: &WorkspaceId,
    filter: &str,
    cursor: Option<&str>,
) -> Result<Option<AuditId>, Refusal> {
    cursor.map(|sealed| cursor::open(services, workspace, &scope(filter), sealed)).transpose()
}

pub(super) fn accepts_csv(headers: &HeaderMap) -> bool {
    accepts(headers, "text/csv")
}

/// Whether a kind of answer is named among those that the caller takes.
pub(super) fn accepts(headers: &HeaderMap, wanted: &str) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept.split(',').any(|kind| kind.split(';').next().is_some_and(|kind| kind.trim() == wanted))
}
