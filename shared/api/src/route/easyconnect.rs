//! Links by which clients connect. `manage` is the workspace's side, `visit` the client's as JSON, `page` the client's
//! pages.

mod browser;
mod manage;
mod page;
mod visit;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Method, header, request::Parts},
};
use domain::{Code, Refusal, Secret};
use utoipa_axum::router::OpenApiRouter;

use app::{
    Services,
    easyconnect::visit::{self as visits, Visited},
};

use super::start::is_own_form;
use crate::{Edge, cookie, problem::Problem};

pub(crate) use page::{asking, waiting};

/// What the function `easyconnect` serves to verified callers.
pub(crate) fn protected() -> OpenApiRouter<Edge> {
    manage::protected()
}

/// What it serves to clients.
pub(crate) fn public() -> OpenApiRouter<Edge> {
    visit::public().merge(page::public())
}

/// The name of the cookie that bears a visit.
fn cookie_name(services: &Services) -> String {
    cookie::name(services, "visit")
}

/// The visit that a request bears: as a bearer token, or in the browser's cookie.
pub(crate) struct Visiting(pub(crate) Visited);

impl FromRequestParts<Edge> for Visiting {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, edge: &Edge) -> Result<Self, Problem> {
        let services = &edge.services;
        let token = bearer(&parts.headers);
        // A browser sends its cookie whoever asks it to.
        if token.is_none() && parts.method != Method::GET && !is_own_form(services, &parts.headers) {
            return Err(Refusal::new(Code::PermissionDenied, "Another site cannot act in this visit.").into());
        }
        let sealed = token.or_else(|| cookie::read(&parts.headers, &cookie_name(services)));
        let visited = visits::find(services, &sealed.ok_or(Code::Unauthenticated)?).await?;
        if let Some(again) = edge.rates.take_visit(visited.link.id, services.now()).again {
            return Err(Refusal::later(Code::RateLimited, again).into());
        }
        parts.extensions.insert(visited.clone());
        Ok(Self(visited))
    }
}

fn bearer(headers: &HeaderMap) -> Option<Secret> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| Secret::new(token))
}
