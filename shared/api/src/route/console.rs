//! The console: the same use cases as the API, as pages. A cookie says who is there; every form is ours.

mod show;

use std::time::Duration;

use app::{
    Services,
    account::{self, ListAccounts},
    connect::{select, session, start},
    disconnect::{self, Action},
    platform, workspace,
};
use axum::{
    Router,
    body::Body,
    extract::{Extension, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode},
    middleware::{self, Next},
    response::{IntoResponse, Redirect, Response},
    routing::{MethodRouter, get, post},
};
use domain::{
    AccountId, Actor, CandidateId, Code, ConnectSessionId, Digest, PlatformId, Refusal, Secret, actor::permit,
    connect::Status,
};
use jiff::SignedDuration;
use serde::Deserialize;
use web::parts::CSRF_FIELD;

use super::{page, start::is_own_form};
use crate::{
    Edge, cookie,
    problem::Problem,
    receive::{FORM, Named, Query, collect, is_of_kind},
};

/// The cookie that says who is there.
const COOKIE: &str = "mooring-console";
/// How long it lasts.
const LIFETIME: SignedDuration = SignedDuration::from_hours(12);
/// Accounts on one page of the list.
const PAGE: usize = 50;

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
        .route("/console", inside(get(overview)))
        .route("/console/connect", inside(post(connect)))
        .route("/console/sessions", inside(get(reached)))
        .route("/console/sessions/{session}/selection", inside(post(choose)))
        .route("/console/accounts/{account}/main", inside(post(choose_main)))
        .route("/console/accounts/{account}/disconnect", inside(get(confirm_disconnect).post(disconnect)))
        .route("/console/accounts/{account}/remove", inside(get(confirm_remove).post(remove)))
}

/// Who is there, with what their forms must bear.
#[derive(Clone)]
pub(crate) struct Visitor {
    actor: Actor,
    csrf: Secret,
    setup: ConsoleSetup,
}

/// Before every page: the cookie's token is verified, and a posted form must be ours.
async fn enter(
    State((edge, setup)): State<(Edge, ConsoleSetup)>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    if let Some(request) = visit(&edge, setup.clone(), request).await? {
        return Ok(next.run(request).await);
    }
    if let Some(at) = setup.sign_in {
        return Ok(Redirect::to(&at).into_response());
    }
    let mut shown = page::show(&web::console::SignIn { app: None }, "'none'")?;
    *shown.status_mut() = StatusCode::UNAUTHORIZED;
    Ok(shown)
}

/// The request with its visitor; none where a stranger comes.
async fn visit(edge: &Edge, setup: ConsoleSetup, request: Request) -> Result<Option<Request>, Problem> {
    let services = &edge.services;
    let Some(token) = cookie::read(request.headers(), &cookie::name(services, COOKIE)) else {
        return Ok(None);
    };
    let Ok(actor) = edge.verifier.verify(token.expose(), services.now()).await else { return Ok(None) };
    let visit = Digest::of(token.expose());
    let csrf = services.edge.sign("console form", visit.as_str());
    let posted = request.method() != axum::http::Method::GET && request.method() != axum::http::Method::HEAD;
    let mut request = request;
    if posted {
        let (parts, body) = request.into_parts();
        if !is_own_form(services, &parts.headers) {
            return Err(Refusal::new(Code::PermissionDenied, "This form does not come from the console.").into());
        }
        let bytes = collect(body).await?;
        let fields = Form::read(&parts.headers, &bytes)?;
        if !fields.one(CSRF_FIELD).is_some_and(|sent| services.edge.verify("console form", visit.as_str(), sent)) {
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
struct Form(Vec<(String, String)>);

impl Form {
    fn read(headers: &HeaderMap, bytes: &[u8]) -> Result<Self, Problem> {
        if !is_of_kind(headers, FORM) {
            return Err(Code::MediaTypeUnsupported.into());
        }
        let unreadable = |_| Refusal::new(Code::InvalidRequest, "The form cannot be read.");
        Ok(Self(serde_urlencoded::from_bytes(bytes).map_err(unreadable)?))
    }

    fn one(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// What the overview shows.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OverviewQuery {
    platform: Option<PlatformId>,
    disconnected: Option<bool>,
    after: Option<AccountId>,
    /// An attempt that has just ended, to be told of.
    session: Option<ConnectSessionId>,
}

async fn overview(
    State(services): State<Services>,
    Extension(visitor): Extension<Visitor>,
    Query(query): Query<OverviewQuery>,
) -> Result<Response, Problem> {
    let actor = visitor.actor.clone();
    let reading = actor.clone().allow::<permit::AccountsRead>()?;
    let looking = actor.clone().allow::<permit::WorkspaceRead>()?;
    let ended = match query.session {
        Some(id) => {
            session::get(&services, &actor.clone().allow::<permit::AccountsConnect>()?, id, Duration::ZERO).await.ok()
        }
        None => None,
    };
    let disconnected = query.disconnected.unwrap_or(false);
    let ask = ListAccounts {
        platforms: query.platform.clone().into_iter().collect(),
        lifecycle: (!disconnected).then_some(domain::Lifecycle::Active),
        after: query.after,
        limit: PAGE,
    };
    let list = account::list(&services, &reading, &actor.workspace, &ask).await?;
    let cards = platform::cards(&services, &looking, &actor.workspace).await?;
    let limits = workspace::limits_of(&services, &actor, &list.workspace);
    let shown = show::Overview { platform: query.platform, disconnected, list, cards, limits, ended };
    page::show(&shown.page(&services, &visitor), "'self'")
}

async fn connect(
    State(services): State<Services>,
    Extension(visitor): Extension<Visitor>,
    Extension(form): Extension<Form>,
) -> Result<Response, Problem> {
    let actor = visitor.actor.allow::<permit::AccountsConnect>()?;
    let unknown = || Refusal::field("/platform", "unknown", "There is no such platform.");
    let platform = form.one("platform").and_then(|p| p.parse().ok()).ok_or_else(unknown)?;
    let ask = start::NewSession {
        method: form.one("method").map(|m| m.parse().map_err(|_| unknown())).transpose()?,
        account: form.one("account").map(|a| a.parse().map_err(|_| unknown())).transpose()?,
        return_url: Some(services.url("console/sessions")),
        ..start::NewSession::new(platform)
    };
    let workspace = actor.workspace.clone();
    let started = start::start(&services, &actor, &workspace, ask, None).await?;
    Ok(Redirect::to(&format!("/v1/oauth/start/{}", started.outcome().session)).into_response())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReachedQuery {
    session: ConnectSessionId,
}

/// Back from the platform: choose, or see how it ended.
async fn reached(
    State(services): State<Services>,
    Extension(visitor): Extension<Visitor>,
    Query(ReachedQuery { session: id }): Query<ReachedQuery>,
) -> Result<Response, Problem> {
    let actor = visitor.actor.clone().allow::<permit::AccountsConnect>()?;
    let found = session::get(&services, &actor, id, Duration::ZERO).await?;
    if found.status(services.now()) != Status::AwaitingSelection {
        return Ok(Redirect::to(&format!("/console?session={id}")).into_response());
    }
    let candidates = select::candidates(&services, &actor, id).await?;
    page::show(&show::choose(&services, &visitor, &candidates, None), "'self'")
}

async fn choose(
    State(services): State<Services>,
    Extension(visitor): Extension<Visitor>,
    Named(id): Named<ConnectSessionId>,
    Extension(form): Extension<Form>,
) -> Result<Response, Problem> {
    let actor = visitor.actor.clone().allow::<permit::AccountsConnect>()?;
    let done = form.one("done") == Some("true");
    let chosen: Vec<CandidateId> =
        if done { Vec::new() } else { form.all("candidate").filter_map(|c| c.parse().ok()).collect() };
    match select::select(&services, &actor, id, chosen, done, None).await {
        Ok(_) => Ok(Redirect::to(&format!("/console/sessions?session={id}")).into_response()),
        Err(domain::Error::Refused(refusal)) if refusal.code != Code::SessionExpired => {
            let candidates = select::candidates(&services, &actor, id).await?;
            page::show(&show::choose(&services, &visitor, &candidates, Some(&refusal)), "'self'")
        }
        Err(error) => Err(error.into()),
    }
}

async fn choose_main(
    State(services): State<Services>,
    Extension(visitor): Extension<Visitor>,
    Named(id): Named<AccountId>,
) -> Result<Response, Problem> {
    let actor = visitor.actor.allow::<permit::AccountsMain>()?;
    account::choose_main(&services, &actor, id, None, None).await?;
    Ok(Redirect::to("/console").into_response())
}

async fn confirm_disconnect(
    State(services): State<Services>,
    Extension(visitor): Extension<Visitor>,
    Named(id): Named<AccountId>,
) -> Result<Response, Problem> {
    confirm(&services, &visitor, id, Action::Disconnect).await
}

async fn confirm_remove(
    State(services): State<Services>,
    Extension(visitor): Extension<Visitor>,
    Named(id): Named<AccountId>,
) -> Result<Response, Problem> {
    confirm(&services, &visitor, id, Action::Remove).await
}

async fn confirm(services: &Services, visitor: &Visitor, id: AccountId, action: Action) -> Result<Response, Problem> {
    let actor = visitor.actor.clone().allow::<permit::AccountsRead>()?;
    let preview = disconnect::preview(services, &actor, id, action).await?;
    page::show(&show::confirm(services, visitor, &preview), "'self'")
}

async fn disconnect(
    State(services): State<Services>,
    Extension(visitor): Extension<Visitor>,
    Named(id): Named<AccountId>,
) -> Result<Response, Problem> {
    let actor = visitor.actor.clone().allow::<permit::AccountsDisconnect>()?;
    let before = disconnect::preview(&services, &visitor.actor.clone().allow()?, id, Action::Disconnect).await?;
    let receipt = disconnect::disconnect(&services, &actor, id, None, None, None).await?;
    page::show(&show::receipt(&services, &visitor, &before.account, receipt.outcome()), "'self'")
}

async fn remove(
    State(services): State<Services>,
    Extension(visitor): Extension<Visitor>,
    Named(id): Named<AccountId>,
) -> Result<Response, Problem> {
    let actor = visitor.actor.clone().allow::<permit::AccountsRemove>()?;
    let before = disconnect::preview(&services, &visitor.actor.clone().allow()?, id, Action::Remove).await?;
    let receipt = disconnect::remove(&services, &actor, id, None, None).await?;
    page::show(&show::receipt(&services, &visitor, &before.account, receipt.outcome()), "'self'")
}
