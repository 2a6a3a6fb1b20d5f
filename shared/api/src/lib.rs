//! The HTTP edge: parse, authorise, call one use case, answer. Each function's slice of HTTP is one router.

mod audit;
pub mod auth;
mod cookie;
mod cors;
mod cursor;
mod document;
mod operation;
mod problem;
pub mod rate;
mod receive;
mod reference;
mod route;
mod view;
mod wrap;

use std::sync::Arc;

use app::Services;
use axum::{
    Router,
    body::{Body, Bytes},
    extract::FromRef,
    middleware,
    response::{IntoResponse as _, Response},
};
use domain::Refusal;
use utoipa_axum::router::OpenApiRouter;

pub use audit::Peer;
pub use cors::Origins;
pub use document::openapi;
pub use route::console::{ConsoleSetup, session_cookie};

use crate::{auth::Verifier, rate::Rates};

/// What every handler can reach.
#[derive(Clone)]
pub struct Edge {
    /// The use cases' bundle.
    pub services: Services,
    /// Which callers are believed.
    pub verifier: Arc<Verifier>,
    /// Which web pages may call from a browser.
    pub origins: Arc<Origins>,
    /// How often callers may call.
    pub rates: Arc<Rates>,
}

impl FromRef<Edge> for Services {
    fn from_ref(edge: &Edge) -> Self {
        edge.services.clone()
    }
}

/// Connect sessions, and the page that sends a browser to the platform.
pub fn oauth_start(edge: Edge) -> Router {
    finish(route::start::protected(), route::start::public(), edge)
}

/// The platform's answer; candidates and selection.
pub fn oauth_callback(edge: Edge) -> Router {
    finish(route::callback::protected(), route::callback::public(), edge)
}

/// Platforms, workspaces, accounts; the registries and their pages.
pub fn accounts(edge: Edge) -> Router {
    finish(route::accounts(), route::accounts_public(), edge)
}

/// Links by which clients connect, and the clients' pages.
pub fn easyconnect(edge: Edge) -> Router {
    finish(route::easyconnect::protected(), route::easyconnect::public(), edge)
}

/// What platforms tell by themselves.
pub fn platform_callbacks(edge: Edge) -> Router {
    let (router, _) = route::notice::public().split_for_parts();
    closed(router, edge)
}

/// The console's pages. `setup` is how people get in.
pub fn console(edge: Edge, setup: ConsoleSetup) -> Router {
    closed(route::console::routes(&edge, setup), edge)
}

/// All of them as one, as the local server and the tests mount them.
pub fn everything(edge: &Edge, setup: ConsoleSetup) -> Router {
    let finish_all =
        |protected: OpenApiRouter<Edge>, public: OpenApiRouter<Edge>| verified(protected, edge).merge(public);
    let (router, _) = finish_all(route::start::protected(), route::start::public())
        .merge(finish_all(route::callback::protected(), route::callback::public()))
        .merge(finish_all(route::accounts(), route::accounts_public()))
        .merge(finish_all(route::easyconnect::protected(), route::easyconnect::public()))
        .merge(route::notice::public())
        .split_for_parts();
    closed(router.merge(route::console::routes(edge, setup)), edge.clone())
}

/// Routes of the caller's own, their answers wrapped like all others.
pub fn with_own(router: Router, edge: &Edge) -> Router {
    router.layer(middleware::from_fn_with_state(edge.clone(), wrap::wrap))
}

/// A refusal as a handler of such a route answers it.
pub fn refuse(refusal: Refusal) -> Response {
    problem::Problem::from(refusal).into_response()
}

/// The body of a request to such a route: not too large, and in time.
pub async fn body(body: Body) -> Result<Bytes, Refusal> {
    receive::collect(body).await
}

/// Callers are verified before a protected handler runs; every answer is wrapped.
fn finish(protected: OpenApiRouter<Edge>, public: OpenApiRouter<Edge>, edge: Edge) -> Router {
    let (router, _) = verified(protected, &edge).merge(public).split_for_parts();
    closed(router, edge)
}

/// Callers are verified before a handler runs, and what they did is written down before it is answered.
fn verified(protected: OpenApiRouter<Edge>, edge: &Edge) -> OpenApiRouter<Edge> {
    protected
        .route_layer(middleware::from_fn_with_state(edge.clone(), audit::record))
        .route_layer(middleware::from_fn_with_state(edge.clone(), receive::verify))
}

fn closed(router: Router<Edge>, edge: Edge) -> Router {
    router
        .fallback(problem::not_found)
        .method_not_allowed_fallback(problem::method_not_allowed)
        .with_state(edge.clone())
        .layer(middleware::from_fn_with_state(edge.clone(), cors::share))
        .layer(middleware::from_fn_with_state(edge, wrap::wrap))
}
