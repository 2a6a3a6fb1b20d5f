//! What is told of all accounts of a workspace together: when people must act, the month that was, what is worth doing.

use app::{
    Services,
    account::Shown,
    report::{self, Audit, Forecast, feed},
};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    Actor, Allowed, Code, Permission, PlatformId, Refusal, Secret, WorkspaceId,
    actor::permit,
    forecast::calendar,
    report::{AccountMonth, Month},
    series::{Completeness, Missing},
};
use jiff::SignedDuration;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{
    console::{self, Chrome},
    parts::{Face, Platform},
    report::{AuditRow, ConnectionsReport, Followers, GapSpan},
};

use super::{
    audit::{accepts, accepts_csv},
    figures::as_table,
    page,
    start::Nothing,
};
use crate::{
    Edge,
    problem::{Problem, ProblemView},
    receive::{May, Named, NamedTwo, Query, Sent},
    view::{
        answer, duration,
        report::{ConnectionsView, ForecastFeedView, ForecastView, RecommendationsView, csv},
    },
};

/// The furthest horizon of a forecast.
const FURTHEST: SignedDuration = SignedDuration::from_hours(24 * 366);
/// How the address of a calendar ends: some programs take no other.
const FEED: &str = ".ics";

pub(crate) fn protected() -> OpenApiRouter<Edge> {
    OpenApiRouter::new()
        .routes(routes!(forecast))
        .routes(routes!(forecast_calendar))
        .routes(routes!(feed, open_feed, close_feed))
        .routes(routes!(connections))
        .routes(routes!(recommendations))
}

/// What a calendar program reads.
pub(crate) fn public() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(read_feed))
}

/// How far.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ForecastQuery {
    /// A duration such as `P30D`, a year at most; `P90D` if absent.
    horizon: Option<String>,
}

impl ForecastQuery {
    fn horizon(&self) -> Result<Option<SignedDuration>, Refusal> {
        let Some(text) = self.horizon.as_deref() else { return Ok(None) };
        let horizon = duration(text).filter(|horizon| !horizon.is_negative() && *horizon <= FURTHEST);
        let detail = "horizon is a duration such as P90D, of a year at most.";
        horizon.map(Some).ok_or_else(|| Refusal::field("/horizon", "malformed", detail))
    }
}

/// Read when people must sign in again
///
/// Day by day in the workspace's zone and person by person, what is overdue first; only the accounts that the caller
/// sees. An account that is renewed without a person is not in it, nor one of which no end is known.
#[utoipa::path(
    get, path = "/v1/workspaces/{workspace}/forecast", operation_id = "getForecast", tag = "reports",
    params(("workspace" = String, Path), ForecastQuery),
    responses(
        (status = 200, body = ForecastView),
        (status = "default", description = "not_found, validation_failed", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.read"))),
)]
async fn forecast(
    State(services): State<Services>,
    Named(workspace): Named<WorkspaceId>,
    May(actor): May<permit::AccountsRead>,
    Query(query): Query<ForecastQuery>,
) -> Result<Json<ForecastView>, Problem> {
    let told = report::forecast(&services, &actor, &workspace, query.horizon()?).await?;
    Ok(Json((&told).into()))
}

/// Read when people must sign in again, as a calendar
///
/// The same as an iCalendar file: one event of a whole day for each account, with a reminder three days before. Events
/// keep their ids, so a calendar that reads it again moves nothing twice.
#[utoipa::path(
    get, path = "/v1/workspaces/{workspace}/forecast.ics", operation_id = "getForecastCalendar", tag = "reports",
    params(("workspace" = String, Path), ForecastQuery),
    responses(
        (status = 200, content_type = "text/calendar", body = String),
        (status = "default", description = "not_found, validation_failed", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.read"))),
)]
async fn forecast_calendar(
    State(services): State<Services>,
    Named(workspace): Named<WorkspaceId>,
    May(actor): May<permit::AccountsRead>,
    Query(query): Query<ForecastQuery>,
) -> Result<Response, Problem> {
    let told = report::forecast(&services, &actor, &workspace, query.horizon()?).await?;
    Ok(as_calendar(&services, &told))
}

fn as_calendar(services: &Services, told: &Forecast) -> Response {
    let called = |platform: &PlatformId| {
        let entry = services.platforms.entry(platform, None);
        entry.map_or_else(|| platform.to_string(), |entry| entry.platform_name.clone())
    };
    let title = format!("Sign-ins of {}", told.name);
    let text = calendar(&title, &told.due, told.from, called);
    let kind = HeaderValue::from_static("text/calendar; charset=utf-8; method=PUBLISH");
    let file = HeaderValue::from_static("attachment; filename=\"forecast.ics\"");
    ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, file)], text).into_response()
}

/// Read whether a calendar's address is open
///
/// When it was opened and by whom; never the address itself.
#[utoipa::path(
    get, path = "/v1/workspaces/{workspace}/forecast/feed", operation_id = "getForecastFeed", tag = "reports",
    params(("workspace" = String, Path)),
    responses(
        (status = 200, body = ForecastFeedView),
        (status = "default", description = "not_found", body = ProblemView, content_type = "application/problem+json")),
    extensions(("x-permission" = json!("workspace.configure"))),
)]
async fn feed(
    State(services): State<Services>,
    Named(workspace): Named<WorkspaceId>,
    May(actor): May<permit::WorkspaceConfigure>,
) -> Result<Json<ForecastFeedView>, Problem> {
    let open = feed::get(&services, &actor, &workspace).await?;
    Ok(Json(ForecastFeedView::of(open.as_ref(), None)))
}

/// Open an address for calendars
///
/// A calendar program cannot sign in: it reads the forecast of the accounts that everybody in the workspace sees at this
/// address, until it is closed or another one is opened. The address holds a secret and is told in this answer only; a
/// replayed request answers the same with the address null.
#[utoipa::path(
    post, path = "/v1/workspaces/{workspace}/forecast/feed", operation_id = "openForecastFeed", tag = "reports",
    params(("workspace" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 201, body = ForecastFeedView),
        (status = "default", description = "not_found", body = ProblemView, content_type = "application/problem+json")),
    extensions(("x-permission" = json!("workspace.configure"))),
)]
async fn open_feed(
    State(services): State<Services>,
    Named(workspace): Named<WorkspaceId>,
    May(actor): May<permit::WorkspaceConfigure>,
    Sent { body: Nothing {}, key }: Sent<Nothing>,
) -> Result<Response, Problem> {
    let (opened, secret) = feed::open(&services, &actor, &workspace, key).await?;
    let address = |secret: &Secret| services.url(&format!("v1/public/forecasts/{workspace}/{}{FEED}", secret.expose()));
    let view = ForecastFeedView::of(Some(opened.outcome()), secret.as_ref().map(address));
    Ok(answer(&opened, (StatusCode::CREATED, Json(view))))
}

/// Close the address for calendars
///
/// Whoever reads it finds nothing from then on. One that is not open is answered alike.
#[utoipa::path(
    delete, path = "/v1/workspaces/{workspace}/forecast/feed", operation_id = "closeForecastFeed", tag = "reports",
    params(("workspace" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 204, description = "None is open"),
        (status = "default", description = "not_found", body = ProblemView, content_type = "application/problem+json")),
    extensions(("x-permission" = json!("workspace.configure"))),
)]
async fn close_feed(
    State(services): State<Services>,
    Named(workspace): Named<WorkspaceId>,
    May(actor): May<permit::WorkspaceConfigure>,
    Sent { body: Nothing {}, key }: Sent<Nothing>,
) -> Result<Response, Problem> {
    let closed = feed::close(&services, &actor, &workspace, key).await?;
    Ok(answer(&closed, StatusCode::NO_CONTENT))
}

/// Read the forecast as a calendar, by its address
///
/// For calendar programs, which cannot sign in. It holds the accounts that everybody in the workspace sees, ninety days
/// ahead.
#[utoipa::path(
    get, path = "/v1/public/forecasts/{workspace}/{file}", operation_id = "readForecastFeed", tag = "reports",
    security(()), params(("workspace" = String, Path), ("file" = String, Path)),
    responses(
        (status = 200, content_type = "text/calendar", body = String),
        (status = "default", description = "not_found, rate_limited", body = ProblemView,
            content_type = "application/problem+json")),
)]
async fn read_feed(
    State(Edge { services, rates, .. }): State<Edge>,
    NamedTwo(workspace, file): NamedTwo<WorkspaceId, String>,
) -> Result<Response, Problem> {
    if let Some(again) = rates.take_feed(&workspace, services.now()).again {
        return Err(Refusal::later(Code::RateLimited, again).into());
    }
    let secret = Secret::new(file.strip_suffix(FEED).ok_or(Code::NotFound)?);
    Ok(as_calendar(&services, &feed::read(&services, &workspace, &secret).await?))
}

/// Which month.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct MonthQuery {
    /// Such as `2026-11`; the last whole one if absent.
    month: Option<String>,
}

impl MonthQuery {
    fn month(&self) -> Result<Option<Month>, Refusal> {
        let malformed = |_| Refusal::field("/month", "malformed", "month is one such as 2026-11.");
        self.month.as_deref().map(|text| text.parse().map_err(malformed)).transpose()
    }
}

/// Read the monthly audit of the connections
///
/// Of each account whose figures the caller may read: on how many days something should be known and is, the days of
/// which nothing is with the trouble that held, troubles that began and ended, and followers. With `Accept: text/csv` it
/// is a table, with `Accept: text/html` a page to print. From the third day of the next month on it is kept as it was.
#[utoipa::path(
    get, path = "/v1/workspaces/{workspace}/reports/connections", operation_id = "getConnectionsReport",
    tag = "reports",
    params(("workspace" = String, Path), MonthQuery),
    responses(
        (status = 200,
            content((ConnectionsView = "application/json"), (String = "text/csv"), (String = "text/html"))),
        (status = "default", description = "not_found, validation_failed", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("metrics.read"))),
)]
async fn connections(
    State(services): State<Services>,
    Named(workspace): Named<WorkspaceId>,
    May(actor): May<permit::MetricsRead>,
    headers: HeaderMap,
    Query(query): Query<MonthQuery>,
) -> Result<Response, Problem> {
    let audit = report::month(&services, &actor, &workspace, query.month()?).await?;
    if accepts_csv(&headers) {
        let table = csv(&audit).map_err(|error| {
            tracing::error!(%error, "table");
            Problem::from(Code::Internal)
        })?;
        return Ok(as_table(&format!("connections-{}.csv", audit.monthly.month), table));
    }
    if accepts(&headers, "text/html") {
        return page::show(&printable(&services, &actor, &audit), "'none'");
    }
    Ok(Json(ConnectionsView::from(&audit)).into_response())
}

/// Read what is worth doing
///
/// By rule, each with the facts that led to it; what is not known leads to none. What hangs on figures that the caller may
/// not read is not among it.
#[utoipa::path(
    get, path = "/v1/workspaces/{workspace}/recommendations", operation_id = "getRecommendations", tag = "reports",
    params(("workspace" = String, Path)),
    responses(
        (status = 200, body = RecommendationsView),
        (status = "default", description = "not_found", body = ProblemView, content_type = "application/problem+json")),
    extensions(("x-permission" = json!("metrics.read"))),
)]
async fn recommendations(
    State(services): State<Services>,
    Named(workspace): Named<WorkspaceId>,
    May(actor): May<permit::MetricsRead>,
) -> Result<Json<RecommendationsView>, Problem> {
    Ok(Json(report::advise(&services, &actor, &workspace).await?.into()))
}

/// The month as a page to print.
fn printable(services: &Services, actor: &Allowed<permit::MetricsRead>, audit: &Audit) -> ConnectionsReport {
    let month = audit.monthly.month;
    let today = audit.zone.day(services.now());
    let path = format!("/v1/workspaces/{}/reports/connections", actor.workspace);
    let of = |month: Month| format!("{path}?month={month}");
    let days = month.days();
    let next = days.last.tomorrow().ok().filter(|first| *first <= today).map(Month::of);
    let rows = audit.shown.iter().zip(&audit.monthly.accounts);
    ConnectionsReport {
        chrome: chrome(actor),
        month: days.first,
        so_far: days.last >= today,
        earlier: Some(of(month.before())),
        later: next.map(of),
        accounts: rows.map(|(shown, month)| row(services, shown, month)).collect(),
        unseen: usize::try_from(audit.left_out).unwrap_or(usize::MAX),
        csv: of(month),
        json: of(month),
        made_at: services.now(),
        made_by: actor.name.clone(),
    }
}

fn chrome(actor: &Actor) -> Chrome {
    Chrome {
        home: "/console".to_owned(),
        csrf: String::new(),
        workspace: actor.workspace.clone(),
        workspace_name: actor.workspace.to_string(),
        person: actor.name.clone(),
        role: Some(actor.role),
        links: actor.may(Permission::LinksRead).then(|| "/console/links".to_owned()),
        settings: "/console/settings".to_owned(),
        workspaces: Vec::new(),
        sign_out: None,
    }
}

fn row(services: &Services, Shown { account, health, .. }: &Shown, month: &AccountMonth) -> AuditRow {
    let entry = services.platforms.entry(&account.platform, Some(&account.method));
    let name = entry.map_or_else(|| account.platform.to_string(), |entry| entry.platform_name.clone());
    let followers = &month.followers;
    // What is shown to people is rounded anyway.
    #[expect(clippy::cast_precision_loss, reason = "no account has as many followers as that is about")]
    let followers = match (followers.from, followers.to) {
        (Some(from), Some(to)) => Followers::Known { first: from.value as f64, last: to.value as f64 },
        _ if month.can_grow => Followers::NoData,
        _ => Followers::Unavailable,
    };
    let gap = |Missing { days, episode }: &Missing| GapSpan {
        from: days.first,
        to: days.last,
        why: episode.map(|episode| format!("trouble {episode}")),
    };
    let many = |ids: &[domain::EpisodeId]| u32::try_from(ids.len()).unwrap_or(u32::MAX);
    let Completeness { expected, known } = month.days;
    AuditRow {
        face: Face { name: month.name.clone(), ..Face::from(&account.profile) },
        href: format!("/console/accounts/{}", account.id),
        platform: Platform { id: account.platform.clone(), name },
        kind: account.profile.kind.clone(),
        state: health.state,
        connected_at: account.connected_at,
        completeness: console::Completeness { observed: known, expected },
        gaps: month.gaps.iter().map(gap).collect(),
        followers,
        opened: many(&month.opened),
        resolved: many(&month.resolved),
        missing: account.access.missing.clone(),
    }
}
