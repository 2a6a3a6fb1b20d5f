//! How an account is, now or at a moment that is past.

use app::{Services, health};
use axum::{Json, extract::State};
use domain::{
    AccountId, Refusal, Timestamp,
    actor::permit,
    health::vocabulary::{self, Vocabulary},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Edge,
    problem::{Problem, ProblemView},
    receive::{May, Named, Query},
    view::health::AccountHealthView,
};

pub(crate) fn protected() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(get))
}

/// In which words health is told.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Words {
    /// The vocabulary of `label`, `color` and `icon`: `s0` (default), `s1`, `s2`, `s3`, `s4`.
    vocabulary: Option<String>,
}

impl Words {
    pub(super) fn vocabulary(&self) -> Result<&'static Vocabulary, Refusal> {
        known(self.vocabulary.as_deref())
    }
}

/// The vocabulary that was asked for.
pub(super) fn known(id: Option<&str>) -> Result<&'static Vocabulary, Refusal> {
    vocabulary::find(id).ok_or_else(|| Refusal::field("/vocabulary", "unknown", "vocabulary is s0, s1, s2, s3 or s4."))
}

/// Of which moment, and in which words.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Moment {
    /// A moment that is past, RFC 3339; now if absent.
    at: Option<String>,
    /// The vocabulary of `label`, `color` and `icon`: `s0` (default), `s1`, `s2`, `s3`, `s4`.
    vocabulary: Option<String>,
}

impl Moment {
    fn at(&self) -> Result<Option<Timestamp>, Refusal> {
        let malformed = |_| {
            Refusal::field("/at", "malformed", "at is a moment as RFC 3339 writes it, such as 2026-11-22T10:00:00Z.")
        };
        self.at.as_deref().map(|at| at.parse().map_err(malformed)).transpose()
    }
}

/// Read an account's health
///
/// How the account is, why, by which rule and from which facts. With `at` it is judged by what was known at that moment
/// of the last 90 days, and is told as it was told then.
#[utoipa::path(
    get, path = "/v1/accounts/{account}/health", operation_id = "getAccountHealth", tag = "accounts",
    params(("account" = String, Path), Moment),
    responses(
        (status = 200, body = AccountHealthView),
        (status = "default", description = "not_found, validation_failed", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.read"))),
)]
async fn get(
    State(services): State<Services>,
    Named(id): Named<AccountId>,
    May(actor): May<permit::AccountsRead>,
    Query(query): Query<Moment>,
) -> Result<Json<AccountHealthView>, Problem> {
    let (at, words) = (query.at()?, known(query.vocabulary.as_deref())?);
    let told = health::at(&services, &actor, id, at).await?;
    Ok(Json(AccountHealthView::of(&told, &actor, words)))
}
