//! Finishing on another device: the code is made for the first one and named by the other.

use app::{
    Services,
    connect::{handoff, start},
};
use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{Code, ConnectSession, ConnectSessionId, Error, Refusal, actor::permit};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    page,
    start::{Nothing, is_own_form},
};
use crate::{
    Edge, cookie,
    problem::{self, Problem, ProblemView},
    receive::{self, May, Named, Sent},
    view::{
        answer,
        connect::start_url,
        handoff::{Confirmation, ConfirmedView, HandoffView},
    },
};

pub(crate) fn protected() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(hand_off))
}

pub(crate) fn public() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(open, confirm))
}

/// Hand a connect session over to another device
///
/// Before the consent only. Show the link or its picture, and the code; the other device opens the link, names the
/// code and continues. Whoever was about to continue no longer can, and an older code is void.
#[utoipa::path(
    post, path = "/v1/connect-sessions/{session}/handoff", operation_id = "handOffConnectSession", tag = "connect",
    params(("session" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 200, body = HandoffView),
        (status = "default", description = "not_found, session_state_invalid, session_expired", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.connect"))),
)]
async fn hand_off(
    State(services): State<Services>,
    Named(id): Named<ConnectSessionId>,
    May(actor): May<permit::AccountsConnect>,
    Sent { body: Nothing {}, key }: Sent<Nothing>,
) -> Result<Response, Problem> {
    let handed = handoff::hand_off(&services, &actor, id, key).await?;
    let view = HandoffView::of(&services, handed.outcome()).ok_or(Code::Internal)?;
    Ok(answer(&handed, Json(view)))
}

/// The page that asks the other device for the code
///
/// For browsers. Opening it writes nothing.
#[utoipa::path(
    get, path = "/v1/connect-sessions/{session}/confirm", operation_id = "openConfirmPage", tag = "browser",
    security(()), params(("session" = String, Path)),
    responses(
        (status = 200, content_type = "text/html", body = String),
        (status = 303, description = "To the start page, for the device that has named the code"),
        (status = "default", description = "not_found, session_state_invalid, session_expired", body = ProblemView,
            content_type = "application/problem+json")),
)]
async fn open(
    State(services): State<Services>,
    Named(id): Named<ConnectSessionId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    match handoff::open(&services, id).await {
        Ok(session) => asking(&services, &session, None),
        Err(error) => {
            // The device that named the code goes on where it was.
            let device = cookie::read(&headers, &cookie::device(&services, id));
            if device.is_some() && start::open(&services, id, device.as_ref()).await.is_ok() {
                return Ok((StatusCode::SEE_OTHER, [(header::LOCATION, start_url(&services, id))]).into_response());
            }
            Err(error.into())
        }
    }
}

/// Name the code
///
/// From the page by a form, which is answered with 303 to the start page; or as JSON. Three wrong codes end the
/// hand-off. The cookie that comes along lets this device continue.
#[utoipa::path(
    post, path = "/v1/connect-sessions/{session}/confirm", operation_id = "confirmHandoff", tag = "browser",
    security(()), params(("session" = String, Path)), request_body = Confirmation,
    responses(
        (status = 200, body = ConfirmedView),
        (status = 303, description = "To the start page, for a form"),
        (status = "default", description = "not_found, confirmation_code_wrong, session_state_invalid, \
            session_expired, validation_failed", body = ProblemView, content_type = "application/problem+json")),
)]
async fn confirm(
    State(services): State<Services>,
    Named(id): Named<ConnectSessionId>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    if !is_own_form(&services, &headers) {
        let detail = "Name the code on our own page; another site cannot do it for you.";
        return Err(Refusal::new(Code::PermissionDenied, detail).into());
    }
    let (Confirmation { code }, form) = receive::form_or_json(request).await?;
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    if code.len() != 4 || !code.bytes().all(|b| b.is_ascii_digit()) {
        let refusal = Refusal::field("/code", "four_digits", "The code is four digits.");
        return if form { again(&services, id, refusal).await } else { Err(refusal.into()) };
    }
    let confirmed = match handoff::confirm(&services, id, &code).await {
        Ok(confirmed) => confirmed,
        Err(Error::Refused(refusal)) if form && refusal.code == Code::ConfirmationCodeWrong => {
            return again(&services, id, refusal).await;
        }
        Err(error) => return Err(error.into()),
    };
    let name = cookie::device(&services, id);
    let set = cookie::set(&services, &name, &confirmed.cookie, confirmed.lifetime).ok_or(Code::Internal)?;
    let set = [(header::SET_COOKIE, set)];
    let to = start_url(&services, id);
    Ok(if form {
        (StatusCode::SEE_OTHER, set, [(header::LOCATION, to)]).into_response()
    } else {
        (set, Json(ConfirmedView { id: id.to_string(), start_url: to })).into_response()
    })
}

/// The page once more, with what was wrong.
async fn again(services: &Services, id: ConnectSessionId, refusal: Refusal) -> Result<Response, Problem> {
    let Ok(session) = handoff::open(services, id).await else { return Err(refusal.into()) };
    let status = problem::status(refusal.code).unwrap_or(StatusCode::BAD_REQUEST);
    let mut shown = asking(services, &session, Some(refusal.detail))?;
    *shown.status_mut() = status;
    Ok(shown)
}

fn asking(services: &Services, session: &ConnectSession, wrong: Option<String>) -> Result<Response, Problem> {
    let spent = session.handoff.as_ref().is_some_and(|h| h.tries_left == 0);
    let no_try_left = || "The code was wrong three times, so it is void.".to_owned();
    let confirm = web::connect::Confirm {
        workspace: session.workspace.to_string(),
        person: Some(session.asked_by.name.clone().unwrap_or_else(|| session.asked_by.id.clone())),
        platform: super::callback::named(services, session),
        action: format!("/v1/connect-sessions/{}/confirm", session.id),
        wrong: if spent { Some(no_try_left()) } else { wrong },
        spent,
        expires_at: session.expires_at,
    };
    let mut shown = page::show(&confirm, "'self'")?;
    if spent {
        *shown.status_mut() = problem::status(Code::SessionStateInvalid).unwrap_or(StatusCode::CONFLICT);
    }
    Ok(shown)
}
