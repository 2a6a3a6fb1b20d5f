//! Connecting an account again.

use app::{Services, reconnect};
use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::Response,
};
use domain::{AccountId, actor::permit};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Edge,
    problem::{Problem, ProblemView},
    receive::{May, Named, Sent},
    view::{answer, connect::StartedView, reconnect::ReconnectAccount},
};

pub(crate) fn protected() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(again))
}

/// Reconnect an account
///
/// A connect session for this account and no other: send the person's browser to `start_url`. The account keeps its id,
/// its settings, its queue schedule and its history; an expired one is healed, a disconnected one comes back. Whoever
/// signs in as somebody else changes nothing.
#[utoipa::path(
    post, path = "/v1/accounts/{account}/reconnect", operation_id = "reconnectAccount", tag = "connect",
    params(("account" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = Option<ReconnectAccount>,
    responses(
        (status = 201, body = StartedView),
        (status = "default", description = "not_found, plan_limit_reached, platform_not_configured, \
            return_url_not_allowed, capability_unsupported, validation_failed", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.connect"))),
)]
async fn again(
    State(services): State<Services>,
    Named(id): Named<AccountId>,
    May(actor): May<permit::AccountsConnect>,
    Sent { body, key }: Sent<ReconnectAccount>,
) -> Result<Response, Problem> {
    let started = reconnect::reconnect(&services, &actor, id, body.read()?, key).await?;
    let view = StartedView::of(&services, started.outcome());
    let location = [(header::LOCATION, format!("/v1/connect-sessions/{}", view.id))];
    Ok(answer(&started, (StatusCode::CREATED, location, Json(view))))
}
