//! Threads accounts and the Instagram accounts that they belong to.

use app::{Services, tie};
use axum::{Json, extract::State, response::Response};
use domain::{AccountId, actor::permit};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Edge,
    problem::{Problem, ProblemView},
    receive::{IfMatch, May, Named, Sent},
    view::{
        answer, etag,
        tie::{TieAccount, TieView},
    },
};

pub(crate) fn protected() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(tie))
}

/// Tie a Threads account to its Instagram account
///
/// Either of the two may be named, and both change together. An account has one tie: it is untied, with null, before it
/// is tied to another one. The tie stays while one of them is disconnected and goes when one is removed.
#[utoipa::path(
    put, path = "/v1/accounts/{account}/linked-account", operation_id = "tieAccount", tag = "accounts",
    params(("account" = String, Path), ("If-Match" = Option<String>, Header),
        ("Idempotency-Key" = Option<String>, Header)),
    request_body = TieAccount,
    responses(
        (status = 200, body = TieView),
        (status = "default", description = "not_found, linked_account_taken, validation_failed, version_conflict",
            body = ProblemView, content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.configure"))),
)]
async fn tie(
    State(services): State<Services>,
    Named(id): Named<AccountId>,
    May(actor): May<permit::AccountsConfigure>,
    IfMatch(version): IfMatch,
    Sent { body, key }: Sent<TieAccount>,
) -> Result<Response, Problem> {
    let tied = tie::tie(&services, &actor, id, body.read()?, version, key).await?;
    let done = tied.outcome();
    Ok(answer(&tied, (etag(done.version), Json(TieView::from(done)))))
}
