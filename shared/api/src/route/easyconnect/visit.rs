//! A client's visit as JSON, for who builds pages of their own. It takes the visit's token, or its cookie.

use app::{
    Services,
    easyconnect::{
        connect::{self, Wanted},
        receipt,
        visit::{self as visits, Visited},
    },
};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{CandidateId, Code, ConnectSessionId, Error, Language, Refusal};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Visiting, cookie_name};
use crate::{
    Edge, cookie,
    problem::{Problem, ProblemView},
    receive::{Named, Sent},
    route::start::Nothing,
    view::{
        answer,
        visit::{
            NewVisitSession, OpenVisit, OpenedView, ReceiptView, VisitCandidatesView, VisitFinishedView,
            VisitSelectedView, VisitSelection, VisitSessionView, VisitStartedView, VisitView, WithdrawnView,
        },
    },
};

pub(super) fn public() -> OpenApiRouter<Edge> {
    OpenApiRouter::new()
        .routes(routes!(open))
        .routes(routes!(show))
        .routes(routes!(begin))
        .routes(routes!(session))
        .routes(routes!(candidates))
        .routes(routes!(choose))
        .routes(routes!(finish))
        .routes(routes!(read_receipt))
        .routes(routes!(withdraw))
        .routes(routes!(ask_for_fresh))
}

/// Which language the browser wishes.
pub(super) fn browser_language(headers: &HeaderMap) -> Option<Language> {
    Language::preferred(headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?)
}

/// A refusal in the client's language.
fn told(visited: &Visited, error: Error) -> Problem {
    Problem::from(error).for_client(visited.link.agency(), visited.language(None))
}

/// Open a visit
///
/// By the secret of a link, which comes in the body only. What never was, what was deleted and what was rotated look
/// alike; whoever holds a true secret is told that it is over, paused or used up.
#[utoipa::path(
    post, path = "/v1/public/easyconnect/visits", operation_id = "openVisit", tag = "easyconnect", security(()),
    request_body = OpenVisit,
    responses(
        (status = 201, body = OpenedView),
        (status = "default", description = "not_found, link_password_wrong, link_locked, link_expired, link_disabled, \
            link_exhausted", body = ProblemView, content_type = "application/problem+json")),
)]
async fn open(
    State(services): State<Services>,
    headers: HeaderMap,
    Sent { body, .. }: Sent<OpenVisit>,
) -> Result<Response, Problem> {
    let landed = visits::land(&services, &body.token).await?;
    let opened = match visits::open(&services, landed.clone(), body.password).await {
        Ok(opened) => opened,
        Err(error) => {
            let language = landed.language(browser_language(&headers));
            return Err(Problem::from(error).for_client(landed.link.agency(), language));
        }
    };
    let lifetime = domain::easyconnect::VISIT_LIFETIME;
    let set = cookie::set(&services, &cookie_name(&services), &opened.sealed(&services), lifetime);
    let set = set.ok_or(Code::Internal)?;
    let view = OpenedView::of(&services, &opened);
    Ok((StatusCode::CREATED, [(header::SET_COOKIE, set)], Json(view)).into_response())
}

/// Read a visit
#[utoipa::path(
    get, path = "/v1/public/easyconnect/visit", operation_id = "getVisit", tag = "easyconnect",
    security(("visit" = [])),
    responses(
        (status = 200, body = VisitView),
        (status = "default", description = "unauthenticated, not_found", body = ProblemView,
            content_type = "application/problem+json")),
)]
async fn show(State(services): State<Services>, Visiting(visited): Visiting) -> Result<Json<VisitView>, Problem> {
    if !visited.visit.opened {
        return Err(Code::Unauthenticated.into());
    }
    Ok(Json(VisitView::of(&services, &visited)))
}

/// Begin to connect in a visit
///
/// A place of the checklist by its number, or a platform beside it. Send the browser to `start_url`.
#[utoipa::path(
    post, path = "/v1/public/easyconnect/visit/connect-sessions", operation_id = "createVisitConnectSession",
    tag = "easyconnect", security(("visit" = [])),
    params(("Idempotency-Key" = Option<String>, Header)),
    request_body = NewVisitSession,
    responses(
        (status = 201, body = VisitStartedView),
        (status = "default", description = "unauthenticated, not_found, link_expired, link_disabled, link_exhausted, \
            plan_limit_reached, connect_rate_limited, validation_failed", body = ProblemView,
            content_type = "application/problem+json")),
)]
async fn begin(
    State(services): State<Services>,
    Visiting(visited): Visiting,
    Sent { body, key }: Sent<NewVisitSession>,
) -> Result<Response, Problem> {
    let unknown = |field: &str| Refusal::field(&format!("/{field}"), "unknown", format!("There is no such {field}."));
    let wanted = match (body.item, body.platform) {
        (Some(number), None) => Wanted::Item(number),
        (None, Some(platform)) => Wanted::Beside {
            platform: platform.parse().map_err(|_| unknown("platform"))?,
            method: body.method.map(|method| method.parse().map_err(|_| unknown("method"))).transpose()?,
        },
        _ => return Err(Refusal::field("/item", "missing", "Name either an item or a platform.").into()),
    };
    let started = connect::begin(&services, &visited, &wanted, body.switch_account, key).await;
    let started = started.map_err(|error| told(&visited, error))?;
    let view = VisitStartedView::of(&services, started.outcome());
    Ok(answer(&started, (StatusCode::CREATED, Json(view))))
}

/// Read an attempt of a visit
#[utoipa::path(
    get, path = "/v1/public/easyconnect/visit/connect-sessions/{session}", operation_id = "getVisitConnectSession",
    tag = "easyconnect", security(("visit" = [])),
    params(("session" = String, Path)),
    responses(
        (status = 200, body = VisitSessionView),
        (status = "default", description = "unauthenticated, not_found", body = ProblemView,
            content_type = "application/problem+json")),
)]
async fn session(
    State(services): State<Services>,
    Named(id): Named<ConnectSessionId>,
    Visiting(visited): Visiting,
) -> Result<Json<VisitSessionView>, Problem> {
    let session = connect::session(&services, &visited, id).await?;
    Ok(Json(VisitSessionView::of(&services, &visited, &session)))
}

/// List what a consent offers in a visit
#[utoipa::path(
    get, path = "/v1/public/easyconnect/visit/connect-sessions/{session}/candidates",
    operation_id = "listVisitCandidates", tag = "easyconnect", security(("visit" = [])),
    params(("session" = String, Path)),
    responses(
        (status = 200, body = VisitCandidatesView),
        (status = "default", description = "unauthenticated, not_found, session_state_invalid, session_expired",
            body = ProblemView, content_type = "application/problem+json")),
)]
async fn candidates(
    State(services): State<Services>,
    Named(id): Named<ConnectSessionId>,
    Visiting(visited): Visiting,
) -> Result<Json<VisitCandidatesView>, Problem> {
    let found = connect::candidates(&services, &visited, id).await.map_err(|error| told(&visited, error))?;
    Ok(Json(VisitCandidatesView::of(&visited, &found)))
}

/// Choose in a visit
///
/// Connects 1 to 25 of what the consent offers, all or none, and ends the attempt.
#[utoipa::path(
    post, path = "/v1/public/easyconnect/visit/connect-sessions/{session}/selection",
    operation_id = "selectVisitCandidates", tag = "easyconnect", security(("visit" = [])),
    params(("session" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = VisitSelection,
    responses(
        (status = 200, body = VisitSelectedView),
        (status = "default", description = "unauthenticated, not_found, link_expired, link_disabled, link_exhausted, \
            account_mismatch, plan_limit_reached, already_connected_elsewhere, session_state_invalid, session_expired, \
            candidate_not_selectable, validation_failed", body = ProblemView,
            content_type = "application/problem+json")),
)]
async fn choose(
    State(services): State<Services>,
    Named(id): Named<ConnectSessionId>,
    Visiting(visited): Visiting,
    Sent { body, key }: Sent<VisitSelection>,
) -> Result<Response, Problem> {
    let ids = read_candidates(body.candidate_ids.iter().map(String::as_str))?;
    let selected = connect::choose(&services, &visited, id, ids, key).await;
    let selected = selected.map_err(|error| told(&visited, error))?;
    let now = visits::find(&services, &visited.sealed(&services)).await?;
    let view = VisitSelectedView::of(&services, &now, selected.outcome().status);
    Ok(answer(&selected, Json(view)))
}

/// Candidates by their ids; a text that is none is as one that was not offered.
pub(super) fn read_candidates<'a>(ids: impl Iterator<Item = &'a str>) -> Result<Vec<CandidateId>, Refusal> {
    let unknown = || Refusal::new(Code::CandidateNotSelectable, "One of these is not a candidate of this session.");
    ids.map(|text| text.parse::<CandidateId>().map_err(|_| unknown())).collect()
}

/// Finish a visit
#[utoipa::path(
    post, path = "/v1/public/easyconnect/visit/finish", operation_id = "finishVisit", tag = "easyconnect",
    security(("visit" = [])),
    responses(
        (status = 200, body = VisitFinishedView),
        (status = "default", description = "unauthenticated, not_found", body = ProblemView,
            content_type = "application/problem+json")),
)]
async fn finish(
    State(services): State<Services>,
    Visiting(visited): Visiting,
    Sent { body: Nothing {}, .. }: Sent<Nothing>,
) -> Result<Json<VisitFinishedView>, Problem> {
    let connected = connect::finish(&services, &visited).await?;
    Ok(Json(VisitFinishedView {
        connected: u32::try_from(connected).unwrap_or(u32::MAX),
        receipt_url: services.url(&format!("c/{}", visited.receipt_address(&services).expose())),
    }))
}

/// Read the receipt
///
/// Who allowed what, when and through which link, signed. It names no account of ours and no member.
#[utoipa::path(
    get, path = "/v1/public/easyconnect/visit/receipt", operation_id = "getConsentReceipt", tag = "easyconnect",
    security(("visit" = [])),
    responses(
        (status = 200, body = ReceiptView),
        (status = "default", description = "unauthenticated, not_found", body = ProblemView,
            content_type = "application/problem+json")),
)]
async fn read_receipt(
    State(services): State<Services>,
    Visiting(visited): Visiting,
) -> Result<Json<ReceiptView>, Problem> {
    Ok(Json(ReceiptView::of(&receipt::receipt(&services, &visited)?)))
}

/// Take a connection back
///
/// The account is disconnected, and its access ended at the platform where nobody else lives on it.
#[utoipa::path(
    post, path = "/v1/public/easyconnect/visit/items/{item}/withdraw", operation_id = "withdrawConsent",
    tag = "easyconnect", security(("visit" = [])),
    params(("item" = u16, Path)),
    responses(
        (status = 202, body = WithdrawnView),
        (status = "default", description = "unauthenticated, not_found, busy", body = ProblemView,
            content_type = "application/problem+json")),
)]
async fn withdraw(
    State(services): State<Services>,
    Named(number): Named<u16>,
    Visiting(visited): Visiting,
    Sent { body: Nothing {}, .. }: Sent<Nothing>,
) -> Result<Response, Problem> {
    let done = Box::pin(connect::withdraw(&services, &visited, number)).await?;
    Ok((StatusCode::ACCEPTED, Json(WithdrawnView::from(&done))).into_response())
}

/// Ask for a fresh link
///
/// For who holds a link that is over: whoever made it is told, once a day.
#[utoipa::path(
    post, path = "/v1/public/easyconnect/fresh-link", operation_id = "askForFreshLink", tag = "easyconnect",
    security(()),
    request_body = OpenVisit,
    responses(
        (status = 202, description = "Whoever made the link is told"),
        (status = "default", description = "not_found", body = ProblemView, content_type = "application/problem+json")),
)]
async fn ask_for_fresh(
    State(services): State<Services>,
    Sent { body, .. }: Sent<OpenVisit>,
) -> Result<StatusCode, Problem> {
    let landed = visits::land(&services, &body.token).await?;
    visits::ask_for_fresh(&services, &landed).await?;
    Ok(StatusCode::ACCEPTED)
}
