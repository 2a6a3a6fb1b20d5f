//! What a workspace decides about an account.

use app::{Services, settings};
use axum::{Json, extract::State, response::Response};
use domain::{AccountId, actor::permit};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Edge,
    problem::{Problem, ProblemView},
    receive::{IfMatch, May, Named, Sent},
    view::{
        answer, etag,
        settings::{AccountPatch, DecidedView},
    },
};

pub(crate) fn protected() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(change))
}

/// Change an account's settings
///
/// What is absent stays, and null takes it away. `visibility`, `acl` and `settings.privacy` take `access.edit` too. An
/// account that is disconnected can be changed; its settings stay with it until it is removed.
#[utoipa::path(
    patch, path = "/v1/accounts/{account}", operation_id = "changeAccount", tag = "accounts",
    params(("account" = String, Path), ("If-Match" = Option<String>, Header),
        ("Idempotency-Key" = Option<String>, Header)),
    request_body = AccountPatch,
    responses(
        (status = 200, body = DecidedView),
        (status = "default", description = "not_found, permission_denied, location_not_supported, validation_failed, \
            version_conflict", body = ProblemView, content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.configure"))),
)]
async fn change(
    State(services): State<Services>,
    Named(id): Named<AccountId>,
    May(actor): May<permit::AccountsConfigure>,
    IfMatch(version): IfMatch,
    Sent { body, key }: Sent<AccountPatch>,
) -> Result<Response, Problem> {
    let of_access = body.is_of_access();
    let change = |settings: &mut _, preferences: &mut _| body.apply(settings, preferences);
    let done = settings::change(&services, &actor, id, of_access, change, version, key).await?;
    let decided = done.outcome();
    Ok(answer(&done, (etag(decided.version), Json(DecidedView::of(decided, &actor)))))
}
