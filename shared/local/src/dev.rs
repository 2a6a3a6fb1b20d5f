//! What only the local server has: tokens, clock, jobs, and the bus as it was published.

use std::sync::Arc;

use app::{deliver, housekeeping, sweep, sync};
use axum::{
    Json, Router,
    body::Body,
    extract::{Path, Query, Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use domain::{Code, EventId, Refusal, Role, Timestamp, WorkspaceId};
use jiff::Span;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{Stack, demo};

/// Where a browser gets its console session.
pub(crate) const SIGN_IN: &str = "/console/sign-in";

pub(crate) fn routes(stack: Arc<Stack>) -> Router {
    Router::new()
        .route("/v1/dev/tokens", post(token))
        .route("/v1/dev/clock", get(clock).post(set_clock))
        .route("/v1/dev/jobs/{job}", post(job))
        .route("/v1/dev/events", get(published))
        .route(SIGN_IN, get(sign_in))
        .route("/.well-known/jwks.json", get(jwks))
        .route("/", get(|| async { Redirect::to("/console") }))
        .method_not_allowed_fallback(method_not_allowed)
        .layer(middleware::from_fn(only_from_here))
        .with_state(stack)
}

/// These calls are for this machine: a page of another site, or a name that was pointed here, gets nothing.
async fn only_from_here(request: Request, next: Next) -> Response {
    if is_loopback(request.headers()) && !is_foreign(request.headers()) {
        return next.run(request).await;
    }
    refuse(Code::PermissionDenied, "Only this machine may call this.")
}

fn is_loopback(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|h| h.to_str().ok()).unwrap_or_default();
    let name =
        host.strip_suffix(|c: char| c.is_ascii_digit()).map_or(host, |_| host.rsplit_once(':').map_or(host, |h| h.0));
    matches!(name, "127.0.0.1" | "localhost" | "[::1]")
}

fn is_foreign(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|h| h.to_str().ok()).unwrap_or_default();
    let own = format!("http://{host}");
    let foreign_origin = headers.get_all(header::ORIGIN).iter().any(|o| o.as_bytes() != own.as_bytes());
    let site = headers.get("sec-fetch-site").and_then(|s| s.to_str().ok()).unwrap_or("none");
    // A browser may be sent here by our own pages or by hand.
    foreign_origin || !matches!(site, "none" | "same-origin")
}

fn refuse(code: Code, detail: &str) -> Response {
    api::refuse(Refusal::new(code, detail))
}

async fn method_not_allowed() -> Response {
    api::refuse(Refusal::plain(Code::MethodNotAllowed))
}

fn bad(detail: &str) -> Response {
    refuse(Code::InvalidRequest, detail)
}

/// A body, or the reason why it is none.
async fn read<T: serde::de::DeserializeOwned>(body: Body) -> Result<T, Box<Response>> {
    let bytes = api::body(body).await.map_err(|refusal| Box::new(api::refuse(refusal)))?;
    serde_json::from_slice(&bytes).map_err(|e| Box::new(bad(&format!("The body cannot be read: {e}."))))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewToken {
    workspace: WorkspaceId,
    role: Role,
    sub: Option<String>,
    name: Option<String>,
    plan: Option<String>,
    org: Option<String>,
    workspaces: Option<Value>,
    perms: Option<Vec<String>>,
    accounts: Option<Vec<String>>,
}

async fn token(State(stack): State<Arc<Stack>>, body: Body) -> Response {
    let ask: NewToken = match read(body).await {
        Ok(ask) => ask,
        Err(refusal) => return *refusal,
    };
    let mut claims = json!({
        "ws": ask.workspace, "role": ask.role,
        "sub": ask.sub.unwrap_or_else(|| format!("dev-{}", ask.role.as_str())),
    });
    let mut claim = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            claims[name] = value;
        }
    };
    claim("name", ask.name.map(Value::from));
    claim("plan", ask.plan.map(Value::from));
    claim("org", ask.org.map(Value::from));
    claim("workspaces", ask.workspaces);
    claim("perms", ask.perms.map(Value::from));
    claim("accounts", ask.accounts.map(Value::from));
    match stack.token(claims) {
        Ok(token) => (StatusCode::CREATED, Json(json!({"token": token.expose()}))).into_response(),
        Err(error) => refuse(Code::Internal, &error.to_string()),
    }
}

async fn clock(State(stack): State<Arc<Stack>>) -> Json<Value> {
    Json(json!({"now": stack.services.now()}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Move {
    advance: Option<String>,
    set: Option<Timestamp>,
}

async fn set_clock(State(stack): State<Arc<Stack>>, body: Body) -> Response {
    let moved: Move = match read(body).await {
        Ok(moved) => moved,
        Err(refusal) => return *refusal,
    };
    let to = match (moved.advance, moved.set) {
        (None, Some(to)) => Some(to),
        (Some(by), None) => after(stack.services.now(), &by),
        _ => return bad("Send either advance or set."),
    };
    let Some(to) = to else { return bad("advance is an ISO 8601 duration such as P59D or PT10M.") };
    stack.set_time(to);
    clock(State(stack)).await.into_response()
}

/// A day of a duration is 24 hours.
fn after(now: Timestamp, by: &str) -> Option<Timestamp> {
    let span: Span = by.parse().ok()?;
    now.to_zoned(jiff::tz::TimeZone::UTC).checked_add(span).ok().map(|zoned| zoned.timestamp())
}

async fn job(State(stack): State<Arc<Stack>>, Path(job): Path<String>) -> Response {
    let services = &stack.services;
    let report = match job.as_str() {
        "sync" => sync::sync(services).await.map(|r| json!(r)),
        "sweep" => sweep::sweep(services).await.map(|r| json!(r)),
        "housekeeping" => housekeeping::housekeeping(services).await.map(|r| json!(r)),
        "deliver" => deliver::deliver(services).await.map(|r| json!(r)),
        _ => return refuse(Code::NotFound, "There is no such job yet."),
    };
    match report {
        Ok(report) => Json(report).into_response(),
        Err(error) => {
            tracing::error!(?error, job, "job");
            refuse(Code::Internal, "The job failed; the log says why.")
        }
    }
}

#[derive(Deserialize)]
struct After {
    after: Option<EventId>,
}

async fn published(State(stack): State<Arc<Stack>>, Query(After { after }): Query<After>) -> Json<Value> {
    Json(json!({"data": stack.bus.after(after)}))
}

async fn jwks(State(stack): State<Arc<Stack>>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], stack.issuer.jwks()).into_response()
}

#[derive(Deserialize)]
struct SignIn {
    workspace: Option<WorkspaceId>,
    role: Option<Role>,
}

/// A console session for whoever sits at this machine.
async fn sign_in(State(stack): State<Arc<Stack>>, Query(ask): Query<SignIn>) -> Response {
    let (first, first_plan) = demo::WORKSPACES[0];
    let workspace = ask.workspace.map_or_else(|| first.to_owned(), |w| w.to_string());
    let plan = demo::WORKSPACES.iter().find(|(id, _)| *id == workspace).map_or(first_plan, |(_, plan)| plan);
    let role = ask.role.unwrap_or(Role::Owner);
    let claims = json!({"ws": workspace, "role": role, "plan": plan, "sub": format!("dev-{}", role.as_str()),
                        "name": "You, on this machine"});
    let cookie = stack.token(claims).ok().and_then(|token| api::session_cookie(&stack.services, &token));
    match cookie {
        Some(cookie) => ([(header::SET_COOKIE, cookie)], Redirect::to("/console")).into_response(),
        None => refuse(Code::Internal, "The session could not be made."),
    }
}
