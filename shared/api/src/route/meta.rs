//! Registries, their pages, the API document, and whether we live.

use app::Services;
use axum::{
    Json,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use domain::{Code, OrgId, WorkspaceId};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{help, page};
use crate::{
    Edge,
    problem::{Problem, status},
    receive::Named,
    view::meta::{Errors, Permissions, Plans, Vocabularies},
};

pub(crate) fn public() -> OpenApiRouter<Edge> {
    OpenApiRouter::new()
        .routes(routes!(errors))
        .routes(routes!(plans))
        .routes(routes!(permissions))
        .routes(routes!(vocabularies))
        .routes(routes!(document))
        .routes(routes!(healthz))
        .routes(routes!(readyz))
        .route("/docs", get(|| async { Redirect::to("/docs/errors") }))
        .route("/docs/errors", get(error_index))
        .route("/docs/errors/{code}", get(error_page))
        .route("/help/revoke/{platform}", get(help::revoke))
}

/// List error codes
#[utoipa::path(get, path = "/v1/meta/errors", operation_id = "listErrors", tag = "meta", security(()),
    responses((status = 200, body = Errors)))]
async fn errors(State(services): State<Services>) -> Json<Errors> {
    Json(Errors::of(|code| services.url(&format!("docs/errors/{code}"))))
}

/// List plans
#[utoipa::path(get, path = "/v1/meta/plans", operation_id = "listPlans", tag = "meta", security(()),
    responses((status = 200, body = Plans)))]
async fn plans(State(services): State<Services>) -> Json<Plans> {
    Json(Plans::from(&*services.plans))
}

/// List roles and permissions
#[utoipa::path(get, path = "/v1/meta/permissions", operation_id = "listPermissions", tag = "meta", security(()),
    responses((status = 200, body = Permissions)))]
async fn permissions() -> Json<Permissions> {
    Json(Permissions::table())
}

/// List vocabularies
///
/// The words that each vocabulary has for the rules of health, the rules in their order, and what they can find.
#[utoipa::path(get, path = "/v1/meta/vocabularies", operation_id = "listVocabularies", tag = "meta", security(()),
    responses((status = 200, body = Vocabularies)))]
async fn vocabularies() -> Json<Vocabularies> {
    Json(Vocabularies::table())
}

/// This document
#[utoipa::path(get, path = "/v1/openapi.json", operation_id = "getOpenApi", tag = "meta", security(()),
    responses((status = 200, content_type = "application/json", body = Object)))]
async fn document() -> Response {
    let json = crate::openapi().to_json().unwrap_or_default();
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], json).into_response()
}

/// Whether the process lives
#[utoipa::path(get, path = "/healthz", operation_id = "healthz", tag = "meta", security(()),
    responses((status = 204, description = "It does")))]
async fn healthz() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// Whether the table answers
#[utoipa::path(get, path = "/readyz", operation_id = "readyz", tag = "meta", security(()),
    responses((status = 204, description = "It does"), (status = 503, description = "It does not")))]
async fn readyz(State(services): State<Services>) -> StatusCode {
    let probe = async {
        let workspace: WorkspaceId = "readyz".parse().map_err(|_| ())?;
        let org = OrgId::from(&workspace);
        services.store.find_workspace(&workspace, &org).await.map_err(|fault| tracing::error!(%fault, "not ready"))
    };
    if probe.await.is_ok() { StatusCode::NO_CONTENT } else { StatusCode::SERVICE_UNAVAILABLE }
}

async fn error_index() -> Result<Response, Problem> {
    let entry = |code: &Code| web::docs::ErrorEntry { code: *code, status: status(*code).map(|s| s.as_u16()) };
    page::show(&web::docs::ErrorIndex { entries: Code::ALL.iter().map(entry).collect() }, "'none'")
}

async fn error_page(State(services): State<Services>, Named(word): Named<String>) -> Result<Response, Problem> {
    let code = *Code::ALL.iter().find(|c| c.as_str() == word).ok_or(Code::NotFound)?;
    let example = status(code).and_then(|_| {
        let problem = Problem::from(code).view(&services, "/v1/…", "req_01JD0000000000000000000000");
        serde_json::to_string_pretty(&problem).ok()
    });
    page::show(&web::docs::ErrorPage { code, status: status(code).map(|s| s.as_u16()), example }, "'none'")
}
