//! `oauth-start`: attempts are made here, and a browser is sent to the platform from here.

use std::collections::BTreeSet;

use app::{
    Services,
    connect::{session, start},
    platform::Entry,
};
use axum::{
    Json,
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{Capability, Code, ConnectSessionId, Refusal, WorkspaceId, actor::permit};
use utoipa_axum::{router::OpenApiRouter, routes};
use web::connect::Asked;

use super::page;
use crate::{
    Edge, cookie,
    problem::{Problem, ProblemView},
    receive::{FORM, May, Named, Patience, Sent, is_of_kind},
    view::{
        answer,
        connect::{NewConnectSession, SessionView, StartedView},
    },
};

pub(crate) fn protected() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(create)).routes(routes!(get, cancel)).merge(super::reconnect::protected())
}

pub(crate) fn public() -> OpenApiRouter<Edge> {
    let (stylesheet, brand) = (axum::routing::get(page::stylesheet), axum::routing::get(page::brand));
    OpenApiRouter::new()
        .routes(routes!(open, proceed))
        .route(web::stylesheet_path(), stylesheet)
        .route("/assets/{stylesheet}", brand)
}

/// Make a connect session
///
/// Send the person's browser to `start_url`. The plan's limit is checked now and again when accounts are connected.
#[utoipa::path(
    post, path = "/v1/workspaces/{workspace}/connect-sessions", operation_id = "createConnectSession", tag = "connect",
    params(("workspace" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = NewConnectSession,
    responses(
        (status = 201, body = StartedView),
        (status = "default", description = "plan_limit_reached, platform_not_configured, return_url_not_allowed, \
            capability_unsupported, validation_failed", body = ProblemView, content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.connect"))),
)]
async fn create(
    State(services): State<Services>,
    Named(workspace): Named<WorkspaceId>,
    May(actor): May<permit::AccountsConnect>,
    Sent { body, key }: Sent<NewConnectSession>,
) -> Result<Response, Problem> {
    let ask = body.try_into().map_err(|refusal: Refusal| Problem::from(refusal))?;
    let started = start::start(&services, &actor, &workspace, ask, key).await?;
    let view = StartedView::of(&services, started.outcome());
    let location = [(header::LOCATION, format!("/v1/connect-sessions/{}", view.id))];
    Ok(answer(&started, (StatusCode::CREATED, location, Json(view))))
}

/// Read a connect session
#[utoipa::path(
    get, path = "/v1/connect-sessions/{session}", operation_id = "getConnectSession", tag = "connect",
    params(("session" = String, Path),
        ("Prefer" = Option<String>, Header, description = "`wait=N`: answer as soon as the session has moved on, \
            or as it is after N seconds (at most 10)")),
    responses(
        (status = 200, body = SessionView),
        (status = "default", description = "not_found", body = ProblemView, content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.connect"))),
)]
async fn get(
    State(services): State<Services>,
    Named(id): Named<ConnectSessionId>,
    May(actor): May<permit::AccountsConnect>,
    Patience(patience): Patience,
) -> Result<Response, Problem> {
    let session = session::get(&services, &actor, id, patience).await?;
    let applied = patience.min(session::MOST_PATIENCE).as_secs();
    let body = Json(SessionView::of(&services, &session));
    let mut answer = (crate::view::etag(session.version), body).into_response();
    if applied > 0 {
        answer.headers_mut().insert(
            "preference-applied",
            HeaderValue::from_str(&format!("wait={applied}")).map_err(|_| Code::Internal)?,
        );
    }
    Ok(answer)
}

/// Cancel a connect session
///
/// What it connected stays; tokens that were not chosen are destroyed.
#[utoipa::path(
    delete, path = "/v1/connect-sessions/{session}", operation_id = "cancelConnectSession", tag = "connect",
    params(("session" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses(
        (status = 204),
        (status = "default", description = "not_found, session_expired", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.connect"))),
)]
async fn cancel(
    State(services): State<Services>,
    Named(id): Named<ConnectSessionId>,
    May(actor): May<permit::AccountsConnect>,
    Sent { body: Nothing {}, key }: Sent<Nothing>,
) -> Result<Response, Problem> {
    let done = session::cancel(&services, &actor, id, key).await?;
    Ok(answer(&done, StatusCode::NO_CONTENT))
}

/// A body that may be left out and holds nothing.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

/// The page that says who asks for what
///
/// For browsers. Opening it writes nothing; its Continue goes to the platform.
#[utoipa::path(
    get, path = "/v1/oauth/start/{session}", operation_id = "openStartPage", tag = "browser", security(()),
    params(("session" = String, Path)),
    responses(
        (status = 200, content_type = "text/html", body = String),
        (status = "default", description = "not_found, session_expired", body = ProblemView,
            content_type = "application/problem+json")),
)]
async fn open(
    State(services): State<Services>,
    Named(id): Named<ConnectSessionId>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let device = cookie::read(&headers, &cookie::device(&services, id));
    let opened = start::open(&services, id, device.as_ref()).await?;
    let (session, entry) = (&opened.session, &opened.entry);
    let expected = session.expected_handle.as_ref().map(|h| format!("@{h}"));
    let also = session.also.iter().filter_map(|p| services.platforms.entry(p, Some(&session.method)));
    let also: Vec<&Entry> = also.map(AsRef::as_ref).collect();
    let excluded = excluded(entry, &also, &session.capabilities);
    let query = query.unwrap_or_default();
    if let Some(page) = super::easyconnect::asking(&services, &headers, &query, &opened, excluded.clone()).await? {
        return Ok(page);
    }
    let asks = std::iter::once(entry.as_ref()).chain(also.iter().copied());
    let start_page = web::connect::Start {
        workspace: session.workspace.to_string(),
        person: Some(session.asked_by.name.clone().unwrap_or_else(|| session.asked_by.id.clone())),
        platform: platform(entry),
        method: entry.method.clone(),
        way: page::way(entry).to_owned(),
        sign_in: page::sign_in(entry),
        excluded,
        also: also.iter().map(|e| (platform(e), e.method.clone())).collect(),
        asks: asks.flat_map(|e| asks_of(e, &session.capabilities)).collect(),
        expected: expected.or_else(|| session.expected_platform_account_id.clone()),
        keep_ticked: opened.keep_ticked,
        action: format!("/v1/oauth/start/{id}"),
        fields: vec![web::parts::Hidden { name: "session".to_owned(), value: id.to_string() }],
        device: super::console::device_press(&services, &headers, session),
        expires_at: session.expires_at,
    };
    // Browsers follow the redirect of a form only to where the policy lets forms go.
    let platform = entry.authorize_origin.origin().ascii_serialization();
    page::show(&start_page, &format!("'self' {platform}"))
}

fn platform(entry: &Entry) -> web::parts::Platform {
    web::parts::Platform { id: entry.platform.clone(), name: entry.platform_name.clone() }
}

/// What is asked for there, in the catalogue's words.
fn asks_of<'a>(entry: &'a Entry, asked: &'a [Capability]) -> impl Iterator<Item = Asked> + use<'a> {
    let needed = asked.iter().filter_map(|capability| entry.wording.capabilities.get(capability));
    std::iter::once(&entry.wording.connect).chain(needed).map(|wording| Asked {
        what: wording.what.clone(),
        why: wording.why.clone(),
        never: wording.never.clone(),
    })
}

/// What nobody is asked for, and no scope that is asked for allows either.
fn excluded(entry: &Entry, also: &[&Entry], asked: &[Capability]) -> BTreeSet<Capability> {
    let entries = || std::iter::once(entry).chain(also.iter().copied());
    let scopes: Vec<String> = entries().flat_map(|e| e.scopes(asked)).collect();
    let allowed = |c: &Capability| {
        entries().filter_map(|e| e.capabilities.get(c)).any(|needs| needs.iter().all(|scope| scopes.contains(scope)))
    };
    Capability::ALL.into_iter().filter(|c| !asked.contains(c) && !allowed(c)).collect()
}

/// Continue to the platform
///
/// For browsers: binds this browser to the attempt by a cookie and answers 303 to the platform.
#[utoipa::path(
    post, path = "/v1/oauth/start/{session}", operation_id = "continueToPlatform", tag = "browser", security(()),
    params(("session" = String, Path)),
    responses(
        (status = 303, description = "To the platform"),
        (status = "default", description = "not_found, session_expired, permission_denied", body = ProblemView,
            content_type = "application/problem+json")),
)]
async fn proceed(
    State(services): State<Services>,
    Named(id): Named<ConnectSessionId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if !is_own_form(&services, &headers) {
        let detail = "Press Continue on our own page; another site cannot press it for you.";
        return Err(Refusal::new(Code::PermissionDenied, detail).into());
    }
    if headers.contains_key(header::CONTENT_TYPE) && !is_of_kind(&headers, FORM) {
        return Err(Code::MediaTypeUnsupported.into());
    }
    let device = cookie::read(&headers, &cookie::device(&services, id));
    let going = start::proceed(&services, id, device.as_ref()).await?;
    let name = cookie::attempt(&services, id);
    let set = cookie::set(&services, &name, &going.cookie, going.lifetime).ok_or(Code::Internal)?;
    let to = [(header::LOCATION, going.location.to_string())];
    Ok((StatusCode::SEE_OTHER, [(header::SET_COOKIE, set)], to).into_response())
}

/// Whether a posted form comes from a page of ours. Browsers always say where a form comes from; a
/// program that says nothing is no browser, and has no cookies of a victim.
pub(crate) fn is_own_form(services: &Services, headers: &HeaderMap) -> bool {
    let all = |name: &str, right: &str| headers.get_all(name).iter().all(|v| v.as_bytes() == right.as_bytes());
    all("sec-fetch-site", "same-origin") && all("origin", &services.public_url.origin().ascii_serialization())
}
