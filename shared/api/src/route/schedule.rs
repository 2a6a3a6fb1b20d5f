//! When an account's queue publishes.

use app::{
    Services,
    schedule::{self, Decided},
};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{AccountId, actor::permit};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Edge,
    problem::{Problem, ProblemView},
    receive::{IfMatch, May, Named, Sent},
    view::{
        answer, etag,
        schedule::{ScheduleView, SetQueueSchedule},
    },
};

pub(crate) fn protected() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(read, set))
}

/// Read an account's queue schedule
///
/// The slots of a week in a time zone, and the next ten moments that they come to, right over changes of clocks too. An
/// account that was given none has an empty one in UTC.
#[utoipa::path(
    get, path = "/v1/accounts/{account}/queue-schedule", operation_id = "getQueueSchedule", tag = "accounts",
    params(("account" = String, Path)),
    responses(
        (status = 200, body = ScheduleView),
        (status = "default", description = "not_found", body = ProblemView, content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.read"))),
)]
async fn read(
    State(services): State<Services>,
    Named(id): Named<AccountId>,
    May(actor): May<permit::AccountsRead>,
) -> Result<Response, Problem> {
    let found = schedule::get(&services, &actor, id).await?;
    Ok((etag(found.version), Json(ScheduleView::of(&found, services.now()))).into_response())
}

/// Set an account's queue schedule
///
/// Takes the place of the one before. It stays with the account while it is disconnected, and goes when it is removed.
#[utoipa::path(
    put, path = "/v1/accounts/{account}/queue-schedule", operation_id = "setQueueSchedule", tag = "accounts",
    params(("account" = String, Path), ("If-Match" = Option<String>, Header),
        ("Idempotency-Key" = Option<String>, Header)),
    request_body = SetQueueSchedule,
    responses(
        (status = 200, body = ScheduleView),
        (status = "default", description = "not_found, account_disconnected, timezone_invalid, validation_failed, \
            version_conflict", body = ProblemView, content_type = "application/problem+json")),
    extensions(("x-permission" = json!("schedule.edit"))),
)]
async fn set(
    State(services): State<Services>,
    Named(id): Named<AccountId>,
    May(actor): May<permit::ScheduleEdit>,
    IfMatch(version): IfMatch,
    Sent { body, key }: Sent<SetQueueSchedule>,
) -> Result<Response, Problem> {
    let done = schedule::set(&services, &actor, id, &body.read()?, version, key).await?;
    let Decided { schedule, at } = done.outcome();
    Ok(answer(&done, (etag(schedule.version), Json(ScheduleView::of(schedule, *at)))))
}
