//! How an account is, now or at a moment that is past, and its troubles from their beginning to their end.

use app::{Services, episode, health, vocabulary::Asked};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{AccountId, EpisodeId, Refusal, Timestamp, actor::permit};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Edge,
    problem::{Problem, ProblemView},
    receive::{IfMatch, May, Named, NamedTwo, Query, Sent},
    view::{
        answer,
        episode::{EpisodeView, EpisodesView, SetEpisodeNote},
        etag,
        health::AccountHealthView,
    },
};

pub(crate) fn protected() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(get)).routes(routes!(history)).routes(routes!(annotate))
}

/// In which words health is told.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Words {
    /// The vocabulary of `label`, `color` and `icon`: `s0`, `s1`, `s2`, `s3`, `s4`, `own`; what the workspace's policy
    /// says if absent, else `s0`.
    vocabulary: Option<String>,
}

impl Words {
    pub(super) fn asked(&self) -> Result<Asked, Refusal> {
        Asked::read(self.vocabulary.as_deref())
    }
}

/// Of which moment, and in which words.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Moment {
    /// A moment that is past, RFC 3339; now if absent.
    at: Option<String>,
    /// The vocabulary of `label`, `color` and `icon`: `s0`, `s1`, `s2`, `s3`, `s4`, `own`; what the workspace's policy
    /// says if absent, else `s0`.
    vocabulary: Option<String>,
}

/// Of which time.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Span {
    /// A moment that is past, RFC 3339; ninety days ago if absent.
    from: Option<String>,
    /// A moment that is past, RFC 3339; now if absent.
    to: Option<String>,
}

/// A moment in a query.
fn moment(name: &str, text: Option<&str>) -> Result<Option<Timestamp>, Refusal> {
    let malformed = |_| {
        let detail = format!("{name} is a moment as RFC 3339 writes it, such as 2026-11-22T10:00:00Z.");
        Refusal::field(&format!("/{name}"), "malformed", detail)
    };
    text.map(|text| text.parse().map_err(malformed)).transpose()
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
    let (at, asked) = (moment("at", query.at.as_deref())?, Asked::read(query.vocabulary.as_deref())?);
    let told = health::at(&services, &actor, id, at).await?;
    let words = asked.words(&services, &told.workspace).await?;
    Ok(Json(AccountHealthView::of(&told, &actor, &words)))
}

/// List an account's episodes
///
/// Its troubles that there were at some time between `from` and `to`, each from its beginning to its end, the newest
/// first. An episode is one cause for as long as it held; events of it bear its id. What is more than 90 days ago is not
/// known any more.
#[utoipa::path(
    get, path = "/v1/accounts/{account}/health/history", operation_id = "listEpisodes", tag = "accounts",
    params(("account" = String, Path), Span),
    responses(
        (status = 200, body = EpisodesView),
        (status = "default", description = "not_found, validation_failed", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.read"))),
)]
async fn history(
    State(services): State<Services>,
    Named(id): Named<AccountId>,
    May(actor): May<permit::AccountsRead>,
    Query(query): Query<Span>,
) -> Result<Json<EpisodesView>, Problem> {
    let (from, to) = (moment("from", query.from.as_deref())?, moment("to", query.to.as_deref())?);
    Ok(Json((&episode::history(&services, &actor, id, from, to).await?).into()))
}

/// Write about an episode
///
/// Says that somebody has seen it, or takes that back, and what they write about it; takes the place of what was written
/// before. Who acknowledged it first stays named.
#[utoipa::path(
    put, path = "/v1/accounts/{account}/episodes/{episode}", operation_id = "annotateEpisode", tag = "accounts",
    params(("account" = String, Path), ("episode" = String, Path), ("If-Match" = Option<String>, Header),
        ("Idempotency-Key" = Option<String>, Header)),
    request_body = SetEpisodeNote,
    responses(
        (status = 200, body = EpisodeView),
        (status = "default", description = "not_found, validation_failed, version_conflict", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("health.annotate"))),
)]
async fn annotate(
    State(services): State<Services>,
    NamedTwo(id, episode): NamedTwo<AccountId, EpisodeId>,
    May(actor): May<permit::HealthAnnotate>,
    IfMatch(version): IfMatch,
    Sent { body, key }: Sent<SetEpisodeNote>,
) -> Result<Response, Problem> {
    let note = body.read()?;
    let (done, noted) = episode::annotate(&services, &actor, id, episode, note, version, key).await?;
    Ok(answer(&done, (etag(done.outcome().version), Json(EpisodeView::from(&noted))).into_response()))
}
