//! The console: the same use cases as the API, as pages. A cookie says who is there; every form is ours.

mod account;
mod connect;
mod ending;
mod figures;
mod handoff;
mod links;
mod outcome;
mod overview;
mod settings;
mod show;
mod sync;

use app::Services;
use axum::{
    Router,
    body::Body,
    extract::{MatchedPath, RawPathParams, Request, State, rejection::RawPathParamsRejection},
    http::{HeaderMap, HeaderValue, StatusCode},
    middleware::{self, Next},
    response::{IntoResponse, Redirect, Response},
    routing::{MethodRouter, get, post},
};
use domain::{Actor, Code, ConnectSession, Digest, Refusal, Secret};
use jiff::SignedDuration;
use web::parts::{CSRF_FIELD, Hidden, Press};

use super::{page, start::is_own_form};
use crate::{
    Edge, audit, cookie,
    problem::Problem,
    receive::{self, collect, is_of_kind},
};

/// The cookie that says who is there.
const COOKIE: &str = "mooring-console";
/// How long it lasts.
const LIFETIME: SignedDuration = SignedDuration::from_hours(12);
/// Where a browser of the console comes back from a platform.
const BACK: &str = "console/sessions";
/// What the token of a form is signed for.
const FORM: &str = "console form";

/// What each form does, by the operation of the API that is the same use case.
const ACTIONS: [(&str, &str); 15] = [
    ("/console/connect", "createConnectSession"),
    ("/console/sessions/{session}/cancel", "cancelConnectSession"),
    ("/console/sessions/{session}/handoff", "handOffConnectSession"),
    ("/console/sessions/{session}/selection", "selectCandidates"),
    ("/console/accounts/{account}/main", "setMainAccount"),
    ("/console/accounts/{account}/disconnect", "disconnectAccount"),
    ("/console/accounts/{account}/remove", "removeAccount"),
    ("/console/accounts/{account}/reconnect-link", "createReconnectLink"),
    ("/console/accounts/{account}/sync", "syncAccount"),
    ("/console/links", "createEasyConnectLink"),
    ("/console/links/{link}/enabled", "changeEasyConnectLink"),
    ("/console/links/{link}/send", "sendEasyConnectLink"),
    ("/console/links/{link}/rotate", "rotateEasyConnectLink"),
    ("/console/links/{link}/delete", "deleteEasyConnectLink"),
    ("/console/settings", "configureWorkspace"),
];

/// How people get into the console here.
#[derive(Debug, Clone, Default)]
pub struct ConsoleSetup {
    /// Where a browser without a session is sent; a page tells what to do if there is no such place.
    pub sign_in: Option<String>,
    /// Workspaces to change to, by `sign_in?workspace=`.
    pub workspaces: Vec<domain::WorkspaceId>,
    /// A word for the newcomer.
    pub hint: Option<String>,
}

/// The cookie of a signed-in browser; its value is a token of the configured issuer.
pub fn session_cookie(services: &Services, token: &Secret) -> Option<HeaderValue> {
    cookie::set(services, &cookie::name(services, COOKIE), token, LIFETIME)
}

pub(crate) fn routes(edge: &Edge, setup: ConsoleSetup) -> Router<Edge> {
    let enter = middleware::from_fn_with_state((edge.clone(), setup), enter);
    // Around the handlers only: a method that an address does not have is refused to everybody.
    let inside = |handlers: MethodRouter<Edge>| handlers.route_layer(enter.clone());
    Router::new()
        .route("/console", inside(get(overview::show)))
        .route("/console/connect", inside(post(connect::connect)))
        .route("/console/sessions", inside(get(connect::reached)))
        .route("/console/sessions/{session}/cancel", inside(post(connect::cancel)))
        .route("/console/sessions/{session}/handoff", inside(get(handoff::wait).post(handoff::hand_off)))
        .route("/console/sessions/{session}/selection", inside(post(connect::choose)))
        .route("/console/accounts/{account}", inside(get(account::show)))
        .route("/console/accounts/{account}/picture", inside(get(account::picture)))
        .route("/console/accounts/{account}/main", inside(post(account::choose_main)))
        .route(
            "/console/accounts/{account}/disconnect",
            inside(get(ending::confirm_disconnect).post(ending::disconnect)),
        )
        .route("/console/accounts/{account}/remove", inside(get(ending::confirm_remove).post(ending::remove)))
        .route("/console/accounts/{account}/reconnect-link", inside(post(links::reconnect)))
        .route("/console/accounts/{account}/sync", inside(post(sync::fetch)))
        .route("/console/accounts/{account}/runs/{run}", inside(get(sync::run::show)))
        .route("/console/accounts/{account}/figures", inside(get(figures::show)))
        .route("/console/accounts/{account}/figures.csv", inside(get(figures::table)))
        .route("/console/links", inside(get(links::list).post(links::create)))
        .route("/console/links/new", inside(get(links::draw)))
        .route("/console/links/{link}", inside(get(links::show)))
        .route("/console/links/{link}/enabled", inside(post(links::pause)))
        .route("/console/links/{link}/send", inside(post(links::send)))
        .route("/console/links/{link}/rotate", inside(get(links::confirm_rotate).post(links::rotate)))
        .route("/console/links/{link}/delete", inside(get(links::confirm_delete).post(links::delete)))
        .route("/console/settings", inside(get(settings::show).post(settings::save)))
}

/// Whether an attempt was started in the console.
pub(crate) fn is_own(services: &Services, session: &ConnectSession) -> bool {
    session.return_url.as_deref() == Some(services.url(BACK).as_str())
}

/// The button that lets an attempt go on on another device, for a browser that is signed in here.
pub(crate) fn device_press(services: &Services, headers: &HeaderMap, session: &ConnectSession) -> Option<Press> {
    let token = cookie::read(headers, &cookie::name(services, COOKIE)).filter(|_| is_own(services, session))?;
    let csrf = services.edge.sign(FORM, Digest::of(token.expose()).as_str());
    Some(Press {
        label: "Continue on another device".to_owned(),
        action: format!("/console/sessions/{}/handoff", session.id),
        fields: vec![Hidden { name: CSRF_FIELD.to_owned(), value: csrf.expose().to_owned() }],
        first: false,
    })
}

/// Who is there, with what their forms must bear.
#[derive(Clone)]
pub(crate) struct Visitor {
    actor: Actor,
    csrf: Secret,
    setup: ConsoleSetup,
}

/// Before every page: the cookie's token is verified, and a posted form must be ours. What it did is written down.
async fn enter(
    State((edge, setup)): State<(Edge, ConsoleSetup)>,
    params: Result<RawPathParams, RawPathParamsRejection>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    if let Some(request) = visit(&edge, setup.clone(), request).await? {
        let Some((action, actor)) = does(&request) else { return Ok(next.run(request).await) };
        let done = audit::asked(&edge, action, params.ok().as_ref(), &request);
        let response = next.run(request).await;
        return Ok(audit::finish(&edge, &actor, "console", done, response, false).await);
    }
    if let Some(at) = setup.sign_in {
        return Ok(Redirect::to(&at).into_response());
    }
    let mut shown = page::show(&web::console::SignIn { app: None }, "'none'")?;
    *shown.status_mut() = StatusCode::UNAUTHORIZED;
    Ok(shown)
}

/// Which operation of the API a posted form is, and whose.
fn does(request: &Request) -> Option<(&'static str, Actor)> {
    if request.method() != axum::http::Method::POST {
        return None;
    }
    let path = request.extensions().get::<MatchedPath>()?.as_str();
    let (_, action) = ACTIONS.iter().find(|(form, _)| *form == path)?;
    Some((action, request.extensions().get::<Visitor>()?.actor.clone()))
}

/// The request with its visitor; none where a stranger comes.
async fn visit(edge: &Edge, setup: ConsoleSetup, request: Request) -> Result<Option<Request>, Problem> {
    let services = &edge.services;
    let Some(token) = cookie::read(request.headers(), &cookie::name(services, COOKIE)) else {
        return Ok(None);
    };
    let Ok(actor) = edge.verifier.verify(token.expose(), services.now()).await else { return Ok(None) };
    let visit = Digest::of(token.expose());
    let csrf = services.edge.sign(FORM, visit.as_str());
    let posted = request.method() != axum::http::Method::GET && request.method() != axum::http::Method::HEAD;
    let mut request = request;
    if posted {
        let (parts, body) = request.into_parts();
        if !is_own_form(services, &parts.headers) {
            return Err(Refusal::new(Code::PermissionDenied, "This form does not come from the console.").into());
        }
        let bytes = collect(body).await?;
        let fields = Form::read(&parts.headers, &bytes)?;
        if !fields.one(CSRF_FIELD).is_some_and(|sent| services.edge.verify(FORM, visit.as_str(), sent)) {
            return Err(Refusal::new(Code::PermissionDenied, "The page is out of date. Go back and reload it.").into());
        }
        request = Request::from_parts(parts, Body::empty());
        request.extensions_mut().insert(fields);
    }
    request.extensions_mut().insert(Visitor { actor, csrf, setup });
    Ok(Some(request))
}

/// The fields of a posted form.
#[derive(Clone)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    pub(crate) fn read(headers: &HeaderMap, bytes: &[u8]) -> Result<Self, Problem> {
        if !is_of_kind(headers, receive::FORM) {
            return Err(Code::MediaTypeUnsupported.into());
        }
        let unreadable = |_| Refusal::new(Code::InvalidRequest, "The form cannot be read.");
        Ok(Self(serde_urlencoded::from_bytes(bytes).map_err(unreadable)?))
    }

    pub(crate) fn one(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}
