//! What an account counts as, who follows it, and who it was.

use app::{Services, figures};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use domain::{AccountId, Granularity, Timestamp, actor::permit, series};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::audit::accepts_csv;
use crate::{
    Edge, cursor,
    problem::{Problem, ProblemView},
    receive::{May, Named, Query, page_size},
    view::figures::{AudienceView, HistoryView, MetricsView, date, granularity, keys},
};

pub(crate) fn protected() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(metrics)).routes(routes!(audience)).routes(routes!(history))
}

/// Which figures of which days.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct MetricsQuery {
    /// Separated by commas; all that the platform tells if absent.
    keys: Option<String>,
    /// The first day; thirty days with the last one if absent.
    from: Option<String>,
    /// The last day; today if absent.
    to: Option<String>,
    /// `day` (if absent), `week`, `month`
    granularity: Option<String>,
    /// The workspace's time zone, in which days are cut; another one is refused.
    tz: Option<String>,
}

/// Read an account's figures
///
/// Day by day as they were observed, or told by the platform afterwards. What is not known is a gap with the trouble that
/// kept it from being known, and never zero; growth over a gap says so. With `Accept: text/csv` it is a table.
#[utoipa::path(
    get, path = "/v1/accounts/{account}/metrics", operation_id = "getMetrics", tag = "metrics",
    params(("account" = String, Path), MetricsQuery),
    responses(
        (status = 200, content((MetricsView = "application/json"), (String = "text/csv"))),
        (status = "default", description = "not_found, validation_failed, metric_unsupported, timezone_invalid",
            body = ProblemView, content_type = "application/problem+json")),
    extensions(("x-permission" = json!("metrics.read"))),
)]
async fn metrics(
    State(services): State<Services>,
    Named(id): Named<AccountId>,
    May(actor): May<permit::MetricsRead>,
    headers: HeaderMap,
    Query(query): Query<MetricsQuery>,
) -> Result<Response, Problem> {
    let keys = keys(query.keys.as_deref())?;
    let granularity = granularity(query.granularity.as_deref())?;
    let days = [date("from", query.from.as_deref())?, date("to", query.to.as_deref())?];
    let told = figures::read(&services, &actor, id, keys, days, query.tz.as_deref()).await?;
    if !accepts_csv(&headers) {
        return Ok(Json(MetricsView::of(&told, granularity)).into_response());
    }
    Ok(table(&told, granularity))
}

/// Figures as a table.
pub(super) fn table(told: &figures::Figures, granularity: Granularity) -> Response {
    let series: Vec<_> =
        told.keys.iter().map(|key| (*key, told.ledger.series(*key, told.days).by(granularity))).collect();
    let account = told.account.id.to_string();
    let table = series::csv(&account, series.iter().map(|(key, buckets)| (*key, buckets.as_slice())));
    as_table("metrics.csv", table)
}

/// A table as a file.
pub(super) fn as_table(name: &str, table: impl IntoResponse) -> Response {
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""));
    (
        [
            (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8; header=present")),
            (header::CONTENT_DISPOSITION, disposition.unwrap_or_else(|_| HeaderValue::from_static("attachment"))),
        ],
        table,
    )
        .into_response()
}

/// Read an account's audience
///
/// Who follows it, in totals, as the platform told it at most a week ago.
#[utoipa::path(
    get, path = "/v1/accounts/{account}/audience", operation_id = "getAudience", tag = "metrics",
    params(("account" = String, Path)),
    responses(
        (status = 200, body = AudienceView),
        (status = "default", description = "not_found", body = ProblemView, content_type = "application/problem+json")),
    extensions(("x-permission" = json!("metrics.read"))),
)]
async fn audience(
    State(services): State<Services>,
    Named(id): Named<AccountId>,
    May(actor): May<permit::MetricsRead>,
) -> Result<Json<AudienceView>, Problem> {
    Ok(Json(AudienceView::of(id, &figures::audience(&services, &actor, id).await?)))
}

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct HistoryQuery {
    /// 1 to 200 moments; 50 if absent.
    limit: Option<usize>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Read an account's timeline
///
/// Who it was: name, handle, picture, type, tier, verification, role, before and after, the newest first. It is kept as
/// long as the account.
#[utoipa::path(
    get, path = "/v1/accounts/{account}/history", operation_id = "getHistory", tag = "accounts",
    params(("account" = String, Path), HistoryQuery),
    responses(
        (status = 200, body = HistoryView),
        (status = "default", description = "not_found, cursor_invalid, validation_failed", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.read"))),
)]
async fn history(
    State(services): State<Services>,
    Named(id): Named<AccountId>,
    May(actor): May<permit::AccountsRead>,
    Query(query): Query<HistoryQuery>,
) -> Result<Json<HistoryView>, Problem> {
    let scope = format!("history|{id}");
    let opened = query.cursor.as_deref().map(|sealed| cursor::open(&services, &actor.workspace, &scope, sealed));
    let before: Option<Timestamp> = opened.transpose()?;
    let limit = page_size(query.limit)?;
    let (changed, more) = figures::history(&services, &actor, id, before, limit).await?;
    let last = changed.last().map(|(at, _)| *at).filter(|_| more);
    let next = last.map(|at| cursor::seal(&services, &actor.workspace, &scope, &at));
    Ok(Json(HistoryView::of(&changed, next)))
}
