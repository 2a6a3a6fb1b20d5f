//! The reference as pages, and the pages that problem types resolve to.

use app::Services;
use axum::{extract::State, response::Response, routing::get};
use domain::Code;
use utoipa_axum::router::OpenApiRouter;

use super::{help, page};
use crate::{
    Edge,
    problem::{Problem, status},
    receive::Named,
    reference,
};

pub(crate) fn public() -> OpenApiRouter<Edge> {
    OpenApiRouter::new()
        .route("/docs", get(index))
        .route("/docs/operations/{operation}", get(operation))
        .route("/docs/shapes/{shape}", get(shape))
        .route("/docs/errors", get(error_index))
        .route("/docs/errors/{code}", get(error_page))
        .route("/help/revoke/{platform}", get(help::revoke))
}

async fn index() -> Result<Response, Problem> {
    page::show(&web::docs::Index { groups: reference::groups() }, "'none'")
}

async fn operation(Named(id): Named<String>) -> Result<Response, Problem> {
    let operation = reference::operation(&id).ok_or(Code::NotFound)?;
    page::show(&web::docs::OperationPage { operation }, "'none'")
}

async fn shape(Named(name): Named<String>) -> Result<Response, Problem> {
    let shape = reference::shape(&name).ok_or(Code::NotFound)?;
    page::show(&web::docs::ShapePage { shape }, "'none'")
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
    let status = status(code).map(|s| s.as_u16());
    let operations = reference::answering(code.as_str());
    page::show(&web::docs::ErrorPage { code, status, example, operations }, "'none'")
}
