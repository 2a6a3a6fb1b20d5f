//! Registries, the API document, and whether we live.

use app::Services;
use axum::{
    Json,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{OrgId, WorkspaceId};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Edge,
    view::meta::{Errors, Permissions, Plans, ReceiptKeys, Vocabularies},
};

pub(crate) fn public() -> OpenApiRouter<Edge> {
    OpenApiRouter::new()
        .routes(routes!(errors))
        .routes(routes!(plans))
        .routes(routes!(permissions))
        .routes(routes!(vocabularies))
        .routes(routes!(receipt_keys))
        .routes(routes!(document))
        .routes(routes!(healthz))
        .routes(routes!(readyz))
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

/// List the keys of receipts
///
/// A JWK set (RFC 7517): by it anybody can check what a client was given as a receipt.
#[utoipa::path(get, path = "/v1/meta/receipt-keys", operation_id = "listReceiptKeys", tag = "meta", security(()),
    responses((status = 200, body = ReceiptKeys)))]
async fn receipt_keys(State(services): State<Services>) -> Json<ReceiptKeys> {
    Json(ReceiptKeys::of(&services))
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
