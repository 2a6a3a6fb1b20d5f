//! Disconnecting and removing accounts.

use app::{
    Services,
    disconnect::{self, Leave, is_tying},
};
use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::{AccountId, PlatformId, Refusal, actor::permit, text::clean};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::start::Nothing;
use crate::{
    Edge,
    problem::{Problem, ProblemView},
    receive::{IfMatch, May, Named, Query, Sent},
    view::{answer, receipt::ReceiptView},
};

/// Longest reason, in characters.
const REASON: usize = 500;

pub(crate) fn protected() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(remove)).routes(routes!(leave))
}

/// How an account is to be disconnected.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DisconnectAccount {
    /// `unused`, `switching`, `cleanup`, `security`, `other`, or a text of at most 500 characters. It is kept with the
    /// account and told by the event.
    #[serde(default)]
    reason: Option<String>,
    /// `threads` or `instagram`: the account there that it is tied to goes along.
    #[serde(default)]
    cascade: Vec<String>,
    /// What the preview gave; refused when the account, or what is planned with it, has changed since.
    #[serde(default)]
    confirm: Option<String>,
}

/// How an account is to be removed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct RemoveAccount {
    /// `threads` or `instagram`: the account there that it is tied to goes along.
    cascade: Option<String>,
    /// What the preview gave; refused when the account, or what is planned with it, has changed since.
    confirm: Option<String>,
}

/// Platforms whose accounts are tied to each other.
fn tied<'a>(words: impl Iterator<Item = &'a str>) -> Result<Vec<PlatformId>, Refusal> {
    let platform = |(at, word): (usize, &str)| {
        let unknown = || Refusal::field(&format!("/cascade/{at}"), "unknown", "cascade is threads or instagram.");
        word.parse().ok().filter(is_tying).ok_or_else(unknown)
    };
    words.enumerate().map(platform).collect()
}

/// A reason, if it is not too long.
fn reason(text: &str) -> Result<Option<String>, Refusal> {
    let reason = clean(text, REASON + 1);
    if reason.chars().count() > REASON {
        return Err(Refusal::field("/reason", "too_long", format!("At most {REASON} characters.")));
    }
    Ok(Some(reason).filter(|reason| !reason.is_empty()))
}

/// Disconnect an account
///
/// Keeps its id and history; reconnecting brings it back. The access at the platform is revoked with the last account
/// of its consent, and the receipt says what came of that.
#[utoipa::path(
    post, path = "/v1/accounts/{account}/disconnect", operation_id = "disconnectAccount", tag = "accounts",
    params(("account" = String, Path), ("If-Match" = Option<String>, Header),
        ("Idempotency-Key" = Option<String>, Header)),
    request_body = Option<DisconnectAccount>,
    responses(
        (status = 200, body = ReceiptView),
        (status = "default", description = "not_found, validation_failed, version_conflict", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.disconnect"))),
)]
async fn leave(
    State(services): State<Services>,
    Named(id): Named<AccountId>,
    May(actor): May<permit::AccountsDisconnect>,
    IfMatch(if_match): IfMatch,
    Sent { body, key }: Sent<DisconnectAccount>,
) -> Result<Response, Problem> {
    let reason = body.reason.as_deref().map_or(Ok(None), reason)?;
    let cascade = tied(body.cascade.iter().map(String::as_str))?;
    let ask = Leave { reason, cascade, if_match, confirm: body.confirm };
    let receipt = disconnect::disconnect(&services, &actor, id, &ask, key).await?;
    Ok(answer(&receipt, Json(ReceiptView::from(receipt.outcome()))))
}

/// Remove an account
///
/// Disconnects it and erases what is known of it; connecting it again makes a new account.
#[utoipa::path(
    delete, path = "/v1/accounts/{account}", operation_id = "removeAccount", tag = "accounts",
    params(("account" = String, Path), RemoveAccount, ("If-Match" = Option<String>, Header),
        ("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 202, body = ReceiptView),
        (status = "default", description = "not_found, validation_failed, version_conflict", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.remove"))),
)]
async fn remove(
    State(services): State<Services>,
    Named(id): Named<AccountId>,
    May(actor): May<permit::AccountsRemove>,
    IfMatch(if_match): IfMatch,
    Query(query): Query<RemoveAccount>,
    Sent { body: Nothing {}, key }: Sent<Nothing>,
) -> Result<Response, Problem> {
    let cascade = tied(query.cascade.iter().flat_map(|words| words.split(',')))?;
    let ask = Leave { reason: None, cascade, if_match, confirm: query.confirm };
    let receipt = disconnect::remove(&services, &actor, id, &ask, key).await?;
    Ok(answer(&receipt, (StatusCode::ACCEPTED, Json(ReceiptView::from(receipt.outcome())))))
}
