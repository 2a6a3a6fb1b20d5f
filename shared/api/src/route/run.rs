//! Long work: how far it is, lockdowns, exports, and erasing a workspace.

use app::{
    Services,
    run::{
        self, export,
        lockdown::{self, Spot},
    },
};
use axum::{
    Json,
    extract::{FromRequestParts, RawPathParams, State},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use domain::{Code, LockdownId, RunId, Timestamp, WorkspaceId, actor::permit};
use jiff::SignedDuration;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::start::Nothing;
use crate::{
    Edge,
    problem::{Problem, ProblemView},
    receive::{IfMatch, May, Named, Patience, Query, Sent, page_size},
    view::{
        answer,
        run::{ExportPartView, ExportWorkspace, LockDown, LockdownStartedView, LockdownView, RunStartedView, RunView},
    },
};

pub(crate) fn protected() -> OpenApiRouter<Edge> {
    OpenApiRouter::new()
        .routes(routes!(get))
        .routes(routes!(lock_down, lift))
        .routes(routes!(report))
        .routes(routes!(export))
        .routes(routes!(part))
        .routes(routes!(erase))
}

/// How long a cursor of a report is good.
const LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// Read a run
///
/// Long work that a request began: how far it is, and what it did. It is kept for 30 days after it has ended; a run that
/// erases the workspace goes with it.
#[utoipa::path(
    get, path = "/v1/runs/{run}", operation_id = "getRun", tag = "runs",
    params(("run" = String, Path),
        ("Prefer" = Option<String>, Header, description = "`wait=N`: answer as soon as the run has ended, \
            or as it is after N seconds (at most 10)")),
    responses(
        (status = 200, body = RunView),
        (status = "default", description = "not_found", body = ProblemView, content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.read"))),
)]
async fn get(
    State(services): State<Services>,
    Named(id): Named<RunId>,
    May(actor): May<permit::AccountsRead>,
    Patience(patience): Patience,
) -> Result<Response, Problem> {
    let found = run::get(&services, &actor, id, patience).await?;
    let applied = patience.min(run::MOST_PATIENCE).as_secs();
    let mut answer = Json(RunView::of(&services, &found)).into_response();
    if applied > 0 {
        let wait = HeaderValue::from_str(&format!("wait={applied}")).map_err(|_| Code::Internal)?;
        answer.headers_mut().insert("preference-applied", wait);
    }
    Ok(answer)
}

/// Lock a workspace down
///
/// For a breach. When this is answered, nothing can be connected and no token is lent any more, also to whoever has an API
/// key. Then every account is disconnected and each platform told; the lockdown's report says account by account what came
/// of it and what a person does at the platform. A workspace that is locked down already answers with the same lockdown.
#[utoipa::path(
    post, path = "/v1/workspaces/{workspace}/lockdown", operation_id = "lockDownWorkspace", tag = "runs",
    params(("workspace" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = LockDown,
    responses(
        (status = 202, body = LockdownStartedView),
        (status = "default", description = "not_found, permission_denied, validation_failed, busy, \
            workspace_locked_down (it is being erased)", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("workspace.lockdown"))),
)]
async fn lock_down(
    State(services): State<Services>,
    Named(workspace): Named<WorkspaceId>,
    May(actor): May<permit::WorkspaceLockdown>,
    Sent { body, key }: Sent<LockDown>,
) -> Result<Response, Problem> {
    let begun = lockdown::lock_down(&services, &actor, &workspace, body.read()?, key).await?;
    let view = LockdownStartedView::from(*begun.outcome());
    let location = [(header::LOCATION, view.href.clone())];
    Ok(answer(&begun, (StatusCode::ACCEPTED, location, Json(view))))
}

/// Lift a lockdown
///
/// Once everything is disconnected. What was disconnected stays so: connecting it again is the way back. A workspace that
/// is in no lockdown is answered alike.
#[utoipa::path(
    delete, path = "/v1/workspaces/{workspace}/lockdown", operation_id = "liftLockdown", tag = "runs",
    params(("workspace" = String, Path), ("If-Match" = Option<String>, Header),
        ("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 204),
        (status = "default", description = "not_found, busy, version_conflict",
            body = ProblemView, content_type = "application/problem+json")),
    extensions(("x-permission" = json!("workspace.lockdown"))),
)]
async fn lift(
    State(services): State<Services>,
    Named(workspace): Named<WorkspaceId>,
    May(actor): May<permit::WorkspaceLockdown>,
    IfMatch(version): IfMatch,
    Sent { body: Nothing {}, key }: Sent<Nothing>,
) -> Result<Response, Problem> {
    let lifted = lockdown::lift(&services, &actor, &workspace, version, key).await?;
    Ok(answer(&lifted, StatusCode::NO_CONTENT))
}

/// Which page of a report.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ReportQuery {
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// 1 to 200; 50 if absent.
    limit: Option<usize>,
}

/// Read a lockdown
///
/// What became of each account, consent by consent, and what a person does at its platform. It can be read for 30 days.
#[utoipa::path(
    get, path = "/v1/lockdowns/{lockdown}", operation_id = "getLockdown", tag = "runs",
    params(("lockdown" = String, Path), ReportQuery),
    responses(
        (status = 200, body = LockdownView),
        (status = "default", description = "not_found, cursor_invalid, validation_failed", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.read"))),
)]
async fn report(
    State(services): State<Services>,
    Named(id): Named<LockdownId>,
    May(actor): May<permit::AccountsRead>,
    Query(query): Query<ReportQuery>,
) -> Result<Json<LockdownView>, Problem> {
    let context = format!("cursor|1|lockdown|{}|{id}", actor.workspace);
    let from = match &query.cursor {
        Some(sealed) => Some(open(&services, &context, sealed).ok_or(Code::CursorInvalid)?),
        None => None,
    };
    let found = lockdown::report(&services, &actor, id, from, page_size(query.limit)?).await?;
    let next = found.next.map(|spot| seal(&services, &context, spot));
    Ok(Json(LockdownView::of(&services, &found, next)))
}

fn seal(services: &Services, context: &str, spot: Spot) -> String {
    let ends = (services.now() + LIFETIME).as_second();
    services.edge.seal(&*services.entropy, context, &format!("{ends}|{}|{}", spot.part, spot.at))
}

fn open(services: &Services, context: &str, sealed: &str) -> Option<Spot> {
    let text = services.edge.open(context, sealed)?;
    let mut words = text.split('|');
    let ends = Timestamp::from_second(words.next()?.parse().ok()?).ok()?;
    let spot = Spot { part: words.next()?.parse().ok()?, at: words.next()?.parse().ok()? };
    (services.now() < ends).then_some(spot)
}

/// Export a workspace
///
/// Everything that is kept of it, or of some of its accounts, as JSON; no token is among it. The run names the pieces, which
/// can be read for 24 hours. Whose token names accounts gets what is about these.
#[utoipa::path(
    post, path = "/v1/workspaces/{workspace}/exports", operation_id = "exportWorkspace", tag = "runs",
    params(("workspace" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = ExportWorkspace,
    responses(
        (status = 202, body = RunStartedView),
        (status = "default", description = "not_found, validation_failed", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("workspace.export"))),
)]
async fn export(
    State(services): State<Services>,
    Named(workspace): Named<WorkspaceId>,
    May(actor): May<permit::WorkspaceExport>,
    Sent { body, key }: Sent<ExportWorkspace>,
) -> Result<Response, Problem> {
    let begun = export::export(&services, &actor, &workspace, body.read()?, key).await?;
    Ok(answer(&begun, accepted(*begun.outcome())))
}

/// A run and the number of one of its pieces.
struct PartOf(RunId, u32);

impl FromRequestParts<Edge> for PartOf {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, edge: &Edge) -> Result<Self, Problem> {
        let params = RawPathParams::from_request_parts(parts, edge).await.map_err(|_| Code::NotFound)?;
        let named = |wanted| params.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value);
        let id = named("run").and_then(|id| id.parse().ok());
        let number = named("part").filter(|text| !text.starts_with(['0', '+'])).and_then(|text| text.parse().ok());
        id.zip(number).map(|(id, number)| Self(id, number)).ok_or_else(|| Code::NotFound.into())
    }
}

/// Read a piece of an export
#[utoipa::path(
    get, path = "/v1/exports/{run}/parts/{part}", operation_id = "getExportPart", tag = "runs",
    params(("run" = String, Path), ("part" = u32, Path)),
    responses(
        (status = 200, body = ExportPartView),
        (status = "default", description = "not_found", body = ProblemView, content_type = "application/problem+json")),
    extensions(("x-permission" = json!("workspace.export"))),
)]
async fn part(
    State(services): State<Services>,
    PartOf(id, number): PartOf,
    May(actor): May<permit::WorkspaceExport>,
) -> Result<Json<ExportPartView>, Problem> {
    Ok(Json(ExportPartView::of(number, export::piece(&services, &actor, id, number).await?)))
}

/// Erase a workspace
///
/// Locks it, disconnects and revokes everything, and erases all that is kept of it; tokens are destroyed after seven days at
/// the latest. There is no way back. The run can be read until the end, and goes with the rest; `workspace.erased` is told
/// then. The same id can be used again afterwards, and begins empty.
#[utoipa::path(
    delete, path = "/v1/workspaces/{workspace}", operation_id = "eraseWorkspace", tag = "runs",
    params(("workspace" = String, Path), ("If-Match" = Option<String>, Header),
        ("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 202, body = RunStartedView),
        (status = "default", description = "not_found, permission_denied, version_conflict, busy", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("workspace.erase"))),
)]
async fn erase(
    State(services): State<Services>,
    Named(workspace): Named<WorkspaceId>,
    May(actor): May<permit::WorkspaceErase>,
    IfMatch(version): IfMatch,
    Sent { body: Nothing {}, key }: Sent<Nothing>,
) -> Result<Response, Problem> {
    let begun = run::erase(&services, &actor, &workspace, version, key).await?;
    Ok(answer(&begun, accepted(*begun.outcome())))
}

fn accepted(id: RunId) -> impl IntoResponse {
    let view = RunStartedView::from(id);
    (StatusCode::ACCEPTED, [(header::LOCATION, view.href.clone())], Json(view))
}
