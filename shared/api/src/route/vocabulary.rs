//! A workspace's own words for health.

use app::{Services, vocabulary};
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{WorkspaceId, actor::permit};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::start::Nothing;
use crate::{
    Edge,
    problem::{Problem, ProblemView},
    receive::{IfMatch, May, Named, Sent},
    view::{
        answer, etag,
        vocabulary::{SetVocabulary, VocabularyView},
    },
};

pub(crate) fn protected() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(read, set, remove))
}

/// Read the workspace's vocabulary
///
/// Its own words for the rules of health, of the same shape as the shipped ones. A workspace that was given none is shown
/// `s0`, to begin with.
#[utoipa::path(
    get, path = "/v1/workspaces/{workspace}/vocabulary", operation_id = "getVocabulary", tag = "workspaces",
    params(("workspace" = String, Path)),
    responses(
        (status = 200, body = VocabularyView),
        (status = "default", description = "not_found", body = ProblemView, content_type = "application/problem+json")),
    extensions(("x-permission" = json!("workspace.read"))),
)]
async fn read(
    State(services): State<Services>,
    Named(workspace): Named<WorkspaceId>,
    May(actor): May<permit::WorkspaceRead>,
) -> Result<Response, Problem> {
    let kept = vocabulary::get(&services, &actor, &workspace).await?;
    Ok((etag(kept.version), Json(VocabularyView::from(kept))).into_response())
}

/// Set the workspace's vocabulary
///
/// Used with `vocabulary=own`, and without that parameter if the policy `vocabulary` is `own`. Every rule has a word, and
/// nothing that is worse looks better: what is missing or wrong is named.
#[utoipa::path(
    put, path = "/v1/workspaces/{workspace}/vocabulary", operation_id = "setVocabulary", tag = "workspaces",
    params(("workspace" = String, Path), ("If-Match" = Option<String>, Header),
        ("Idempotency-Key" = Option<String>, Header)),
    request_body = SetVocabulary,
    responses(
        (status = 200, body = VocabularyView),
        (status = "default", description = "not_found, validation_failed, version_conflict", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("workspace.configure"))),
)]
async fn set(
    State(services): State<Services>,
    Named(workspace): Named<WorkspaceId>,
    May(actor): May<permit::WorkspaceConfigure>,
    IfMatch(version): IfMatch,
    Sent { body, key }: Sent<SetVocabulary>,
) -> Result<Response, Problem> {
    let done = vocabulary::set(&services, &actor, &workspace, body.read()?, version, key).await?;
    let kept = done.outcome().clone();
    Ok(answer(&done, (etag(kept.version), Json(VocabularyView::from(kept)))))
}

/// Remove the workspace's vocabulary
///
/// Whoever names no vocabulary is told in the words of `s0` from now on, or of the one that the policy says.
#[utoipa::path(
    delete, path = "/v1/workspaces/{workspace}/vocabulary", operation_id = "removeVocabulary", tag = "workspaces",
    params(("workspace" = String, Path), ("If-Match" = Option<String>, Header),
        ("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 204),
        (status = "default", description = "not_found, version_conflict", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("workspace.configure"))),
)]
async fn remove(
    State(services): State<Services>,
    Named(workspace): Named<WorkspaceId>,
    May(actor): May<permit::WorkspaceConfigure>,
    IfMatch(version): IfMatch,
    Sent { body: Nothing {}, key }: Sent<Nothing>,
) -> Result<Response, Problem> {
    let done = vocabulary::remove(&services, &actor, &workspace, version, key).await?;
    Ok(answer(&done, StatusCode::NO_CONTENT))
}
