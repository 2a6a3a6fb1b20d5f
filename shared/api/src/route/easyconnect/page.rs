//! The client's pages. The link's address leads here once, by a 303 to a clean one; from then on a sealed cookie bears
//! the visit. GET and HEAD change nothing; a form bears the visit's token.

mod asking;
mod choice;
mod receipt;

use app::{
    Services,
    connect::session as attempts,
    easyconnect::{
        connect::{self, Wanted},
        logo,
        visit::{self as visits, Visited},
    },
};
use axum::{
    body::Body,
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use domain::{
    Code, ConnectSession, ConnectSessionId, EasyConnectLink, Error, Language, Refusal, Secret,
    connect::Status,
    easyconnect::{Item, VISIT_LIFETIME},
    error::More,
};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use web::{
    Page,
    easyconnect::{
        Device, Elsewhere, Form as Posted, FreshAsked, Gate, Landing, Next, Notice, Outcome, OutcomePage, Shell,
    },
    parts::{Face, Hidden, Platform},
};

use super::{browser, cookie_name, visit::browser_language};
use crate::{
    Edge, cookie,
    problem::Problem,
    receive::{Named, Query, collect},
    route::{console::Form, page, start::is_own_form},
    view::visit::addable,
};

/// What every form of a visit bears.
const TOKEN: &str = "csrf";
/// Where a visit is at home.
const HOME: &str = "/c";

pub(crate) use asking::{asking, waiting};

pub(super) fn public() -> OpenApiRouter<Edge> {
    OpenApiRouter::new()
        .route(HOME, get(home))
        .route("/c/{address}", get(land))
        .route("/c/start", get(elsewhere).post(start))
        .route("/c/connect", get(elsewhere).post(begin))
        .route("/c/back", get(back))
        .route("/c/choose", get(elsewhere).post(choose))
        .route("/c/finish", get(elsewhere).post(finish))
        .route("/c/receipt", get(receipt::show_receipt))
        .route("/c/receipt.json", get(receipt::download))
        .route("/c/withdraw", get(receipt::confirm_withdrawal).post(receipt::withdraw))
        .route("/c/fresh", get(elsewhere).post(ask_for_fresh))
        .route("/c/device", get(device))
        .route("/c/logo", get(show_logo))
}

/// A client's page: no address of it goes anywhere else.
fn show(page: &impl Page) -> Result<Response, Problem> {
    let mut shown = page::show(page, "'self'")?;
    let headers = shown.headers_mut();
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
    Ok(shown)
}

/// Who asks, in whose colours, in which language.
fn shell(link: &EasyConnectLink, language: Language) -> Shell {
    let branding = &link.branding;
    let colors = branding.color.or(branding.accent).zip(branding.accent.or(branding.color));
    Shell {
        language,
        agency: link.agency().to_owned(),
        logo: branding.logo.as_ref().map(|version| format!("/c/logo?v={}", &version.as_str()[..16])),
        stylesheet: colors.map(|(color, accent)| web::easyconnect::brand_path(color, accent)),
    }
}

/// A client with their visit.
struct Client {
    visited: Visited,
    language: Language,
    headers: HeaderMap,
}

impl Client {
    fn shell(&self) -> Shell {
        shell(&self.visited.link, self.language)
    }

    /// A form of this visit.
    fn form(&self, services: &Services, action: &str, fields: &[(&str, &str)]) -> Posted {
        let token = self.visited.form_token(services);
        let hidden = |(name, value): &(&str, &str)| Hidden { name: (*name).to_owned(), value: (*value).to_owned() };
        let token = Hidden { name: TOKEN.to_owned(), value: token.expose().to_owned() };
        Posted { action: action.to_owned(), fields: fields.iter().map(hidden).chain([token]).collect() }
    }

    /// Where the receipt is, once there is anything on it.
    fn receipt(&self) -> Option<String> {
        self.visited.link.items.iter().any(|item| item.consented.is_some()).then(|| "/c/receipt".to_owned())
    }

    /// How it ended, with the one button that leads on.
    fn outcome(&self, outcome: Outcome, next: Next, status: StatusCode) -> Result<Response, Problem> {
        let page = OutcomePage { shell: self.shell(), outcome, next, receipt: self.receipt() };
        let mut shown = show(&page)?;
        *shown.status_mut() = status;
        Ok(shown)
    }

    /// A refusal as its outcome.
    fn refused(&self, services: &Services, refusal: &Refusal) -> Result<Response, Problem> {
        let status = crate::problem::status(refusal.code).unwrap_or(StatusCode::CONFLICT);
        let outcome = match (&refusal.more, refusal.code) {
            (More::Later(at), _) => Outcome::TooManyAttempts { minutes: minutes(services, *at) },
            (_, code) => Outcome::of(code),
        };
        let next = match outcome {
            Outcome::LinkExpired | Outcome::LinkPaused | Outcome::LinkUsedUp => {
                Next::Form(self.form(services, "/c/fresh", &[]))
            }
            _ => Next::Link(HOME.to_owned()),
        };
        self.outcome(outcome, next, status)
    }

    /// An answer that bears the visit on, with its cookie.
    fn keep(visited: Visited, services: &Services, response: impl IntoResponse) -> Result<Response, Problem> {
        let sealed = visited.kept(services).sealed(services);
        let set = cookie::set(services, &cookie_name(services), &sealed, VISIT_LIFETIME).ok_or(Code::Internal)?;
        Ok(([(header::SET_COOKIE, set)], response).into_response())
    }
}

fn minutes(services: &Services, at: domain::Timestamp) -> u32 {
    let seconds = at.duration_since(services.now()).as_secs().max(1);
    u32::try_from((seconds + 59) / 60).unwrap_or(u32::MAX)
}

/// What is shown to who bears no visit.
enum NoVisit {
    Page(Response),
    Problem(Problem),
}

impl IntoResponse for NoVisit {
    fn into_response(self) -> Response {
        match self {
            Self::Page(page) => page,
            Self::Problem(problem) => problem.into_response(),
        }
    }
}

impl From<Problem> for NoVisit {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl FromRequestParts<Edge> for Client {
    type Rejection = NoVisit;

    async fn from_request_parts(parts: &mut Parts, edge: &Edge) -> Result<Self, NoVisit> {
        let services = &edge.services;
        let language = browser_language(&parts.headers);
        let Some(sealed) = cookie::read(&parts.headers, &cookie_name(services)) else {
            let outcome = Outcome::CookiesBlocked;
            return Err(NoVisit::Page(stranger(
                outcome,
                Next::Link(HOME.to_owned()),
                StatusCode::UNAUTHORIZED,
                language,
            )?));
        };
        let visited = match visits::find(services, &sealed).await {
            Ok(visited) => visited,
            Err(Error::Refused(refusal)) => {
                let (outcome, status) = match refusal.code {
                    Code::NotFound => (Outcome::LinkUnknown, StatusCode::NOT_FOUND),
                    _ => (Outcome::VisitOver, StatusCode::UNAUTHORIZED),
                };
                return Err(NoVisit::Page(stranger(outcome, Next::None, status, language)?));
            }
            Err(fault) => return Err(NoVisit::Problem(fault.into())),
        };
        if let Some(again) = edge.rates.take_visit(visited.link.id, services.now()).again {
            return Err(NoVisit::Problem(Refusal::later(Code::RateLimited, again).into()));
        }
        let asked = url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
        let asked = asked.filter(|(name, _)| name == "lang").find_map(|(_, tag)| Language::of_tag(&tag));
        let language = asked.unwrap_or_else(|| visited.language(language));
        Ok(Self { visited, language, headers: parts.headers.clone() })
    }
}

/// An outcome for who has no link of ours.
fn stranger(outcome: Outcome, next: Next, status: StatusCode, language: Option<Language>) -> Result<Response, Problem> {
    let shell =
        Shell { language: language.unwrap_or_default(), agency: "Mooring".to_owned(), logo: None, stylesheet: None };
    let mut shown = show(&OutcomePage { shell, outcome, next, receipt: None })?;
    *shown.status_mut() = status;
    Ok(shown)
}

/// A posted form of the visit, from a page of ours.
struct Sent {
    client: Client,
    form: Form,
}

impl axum::extract::FromRequest<Edge> for Sent {
    type Rejection = NoVisit;

    async fn from_request(request: Request, edge: &Edge) -> Result<Self, NoVisit> {
        let (mut parts, body): (Parts, Body) = request.into_parts();
        let client = Client::from_request_parts(&mut parts, edge).await?;
        let bytes = collect(body).await.map_err(Problem::from)?;
        let form = Form::read(&parts.headers, &bytes)?;
        let services = &edge.services;
        let is_own = form.one(TOKEN).is_some_and(|token| client.visited.is_own_form(services, token));
        if !is_own || !comes_from_us(services, &parts.headers) {
            let detail = "This form does not come from a page of this visit. Go back and reload it.";
            return Err(NoVisit::Problem(Refusal::new(Code::PermissionDenied, detail).into()));
        }
        Ok(Self { client, form })
    }
}

/// Pages that name no referrer send no origin either; where the form comes from the browser says otherwise.
fn comes_from_us(services: &Services, headers: &HeaderMap) -> bool {
    let mut told = headers.clone();
    if told.get(header::ORIGIN).is_some_and(|origin| origin.as_bytes() == b"null") {
        told.remove(header::ORIGIN);
    }
    is_own_form(services, &told)
}

/// The link's own address: bears the visit in a cookie from now on, and leads to an address that holds no secret.
async fn land(
    State(services): State<Services>,
    Named(address): Named<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    match visits::land(&services, &Secret::new(address)).await {
        Ok(visited) => {
            let to = if visited.visit.receipt_only { "/c/receipt" } else { HOME };
            Client::keep(visited, &services, Redirect::to(to))
        }
        Err(Error::Refused(_)) => {
            stranger(Outcome::LinkUnknown, Next::None, StatusCode::NOT_FOUND, browser_language(&headers))
        }
        Err(fault) => Err(fault.into()),
    }
}

/// The question of a page.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    lang: Option<String>,
    session: Option<ConnectSessionId>,
    item: Option<u16>,
    #[serde(rename = "v")]
    _version: Option<String>,
}

/// A language that was chosen is kept by the cookie.
fn chosen(services: &Services, client: &Client, asked: &Asked, path: &str) -> Option<Result<Response, Problem>> {
    let language = Language::of_tag(asked.lang.as_deref()?)?;
    let mut visited = client.visited.clone();
    visited.visit.language = Some(language);
    Some(Client::keep(visited, services, Redirect::to(path)))
}

/// Where a form was posted: whoever looks there, for another language say, is led home.
async fn elsewhere(
    State(services): State<Services>,
    client: Client,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    chosen(&services, &client, &asked, HOME).unwrap_or_else(|| Ok(Redirect::to(HOME).into_response()))
}

/// The visit's first page, or its checklist.
async fn home(
    State(services): State<Services>,
    client: Client,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    if let Some(kept) = chosen(&services, &client, &asked, HOME) {
        return kept;
    }
    if client.visited.visit.receipt_only {
        return Ok(Redirect::to("/c/receipt").into_response());
    }
    if client.visited.visit.opened {
        return choice::checklist(&services, &client, None).await;
    }
    match client.visited.link.barrier(services.now()) {
        Some(code) => client.refused(&services, &Refusal::plain(code)),
        None => show(&landing(&services, &client, None)),
    }
}

/// Who asks, for what; nothing has happened yet.
fn landing(services: &Services, client: &Client, refused: Option<&Refusal>) -> Landing {
    let link = &client.visited.link;
    let gate = match refused {
        _ if link.password.is_none() => Gate::Open,
        Some(Refusal { code: Code::LinkLocked, more: More::Later(at), .. }) => {
            Gate::Locked { minutes: minutes(services, *at) }
        }
        Some(Refusal { more: More::Password { tries_left: Some(left), .. }, .. }) => {
            Gate::WrongPassword { tries_left: u32::from(*left) }
        }
        _ => Gate::Password,
    };
    let mut platforms: Vec<Platform> = Vec::new();
    let wanted = link.wanted().map(|item| named(services, &item.platform));
    for platform in wanted.chain(addable(services, &client.visited).into_iter().map(platform)) {
        if !platforms.contains(&platform) {
            platforms.push(platform);
        }
    }
    let elsewhere = browser::is_in_app(&client.headers).then(|| {
        let url = services.url(&format!("c/{}", client.visited.elsewhere(services).expose()));
        let intent = url.split_once("://").map(|(scheme, rest)| {
            format!("intent://{rest}#Intent;scheme={scheme};action=android.intent.action.VIEW;end")
        });
        let android_intent = intent.filter(|_| browser::is_android(&client.headers));
        Elsewhere { qr: web::qr::svg(&url), url, android_intent }
    });
    Landing {
        shell: client.shell(),
        title: link.title.clone(),
        platforms,
        gate,
        start: client.form(services, "/c/start", &[]),
        elsewhere,
        until: link.expires_at,
    }
}

fn platform(entry: &app::platform::Entry) -> Platform {
    Platform { id: entry.platform.clone(), name: entry.platform_name.clone() }
}

fn named(services: &Services, id: &domain::PlatformId) -> Platform {
    let entry = services.platforms.entry(id, None);
    entry.map_or_else(|| Platform { id: id.clone(), name: id.to_string() }, |entry| platform(entry))
}

/// Start was pressed: the first POST of a visit.
async fn start(State(services): State<Services>, Sent { client, form }: Sent) -> Result<Response, Problem> {
    let password = form.one("password").map(Secret::new);
    match visits::open(&services, client.visited.clone(), password).await {
        Ok(opened) => Client::keep(opened, &services, Redirect::to(HOME)),
        Err(Error::Refused(refusal)) if matches!(refusal.code, Code::LinkPasswordWrong | Code::LinkLocked) => {
            let mut shown = show(&landing(&services, &client, Some(&refusal)))?;
            *shown.status_mut() = crate::problem::status(refusal.code).unwrap_or(StatusCode::UNAUTHORIZED);
            Ok(shown)
        }
        Err(Error::Refused(refusal)) => client.refused(&services, &refusal),
        Err(fault) => Err(fault.into()),
    }
}

fn face(item: &Item) -> Option<Face> {
    let consented = item.consented.as_ref().filter(|consented| !consented.name.is_empty())?;
    Some(Face { name: consented.name.clone(), handle: consented.handle.clone(), picture_url: None })
}

/// Begins to connect a place of the checklist or a platform, or goes on with what waits for a choice.
async fn begin(State(services): State<Services>, Sent { client, form }: Sent) -> Result<Response, Problem> {
    if let Some(id) = form.one("session").and_then(|id| id.parse::<ConnectSessionId>().ok()) {
        return Ok(Redirect::to(&format!("/c/back?session={id}")).into_response());
    }
    let platform = form.one("platform").and_then(|id| id.parse().ok());
    let wanted = match (form.one("item").and_then(|number| number.parse().ok()), platform) {
        (Some(number), _) => Wanted::Item(number),
        (None, Some(platform)) => Wanted::Beside { platform, method: form.one("method").and_then(|m| m.parse().ok()) },
        (None, None) => return Ok(Redirect::to(HOME).into_response()),
    };
    let switch = form.one("switch") == Some("true");
    match connect::begin(&services, &client.visited, &wanted, switch, None).await {
        Ok(started) => {
            let id = started.outcome().session;
            let mut visited = client.visited;
            visited.visit.pending = Some(id);
            Client::keep(visited, &services, Redirect::to(&format!("/v1/oauth/start/{id}")))
        }
        Err(Error::Refused(refusal)) => client.refused(&services, &refusal),
        Err(fault) => Err(fault.into()),
    }
}

/// Again, for the same place or platform.
fn again(services: &Services, client: &Client, session: &ConnectSession, switch: bool) -> Posted {
    let item = session.through.as_ref().and_then(|through| through.item).map(|at| (at + 1).to_string());
    let place = match &item {
        Some(number) => ("item", number.as_str()),
        None => ("platform", session.platform.as_str()),
    };
    let switch = if switch { "true" } else { "false" };
    client.form(services, "/c/connect", &[place, ("method", session.method.as_str()), ("switch", switch)])
}

/// Back from the platform: the choice, or how it ended.
async fn back(
    State(services): State<Services>,
    client: Client,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let Some(id) = asked.session else { return Ok(Redirect::to(HOME).into_response()) };
    if let Some(kept) = chosen(&services, &client, &asked, &format!("/c/back?session={id}")) {
        return kept;
    }
    let session = match connect::session(&services, &client.visited, id).await {
        Ok(session) => session,
        Err(Error::Refused(_)) => {
            return client.outcome(Outcome::AttemptExpired, Next::Link(HOME.to_owned()), StatusCode::NOT_FOUND);
        }
        Err(fault) => return Err(fault.into()),
    };
    match session.status(services.now()) {
        Status::AwaitingSelection => match connect::candidates(&services, &client.visited, id).await {
            Ok(found) => show(&choice::pick(&services, &client, &found)),
            Err(Error::Refused(refusal)) => client.refused(&services, &refusal),
            Err(fault) => Err(fault.into()),
        },
        Status::Completed => {
            let accounts = attempts::connected(&services, &session).await?;
            let names = accounts.into_iter().map(|account| account.profile.name).collect();
            choice::checklist(&services, &client, Some(Notice::Connected(names))).await
        }
        Status::Failed => failed(&services, &client, &session),
        Status::Created | Status::Consenting | Status::AwaitingConfirmation => {
            Ok(Redirect::to(&format!("/v1/oauth/start/{id}")).into_response())
        }
        Status::Expired | Status::Cancelled => {
            let next = Next::Form(again(&services, &client, &session, false));
            client.outcome(Outcome::AttemptExpired, next, StatusCode::OK)
        }
    }
}

/// An attempt that ended badly, in one sentence with one button.
fn failed(services: &Services, client: &Client, session: &ConnectSession) -> Result<Response, Problem> {
    let Some(error) = session.error(services.now()) else { return Err(Code::Internal.into()) };
    if matches!(error.code, Code::LinkExpired | Code::LinkDisabled | Code::LinkExhausted) {
        return client.refused(services, &Refusal::plain(error.code));
    }
    let outcome = match Outcome::of(error.code) {
        Outcome::WrongAccount { .. } => Outcome::WrongAccount { expected: error.expected, got: error.got },
        other => other,
    };
    let switch = matches!(
        outcome,
        Outcome::WrongAccount { .. } | Outcome::PersonalNotBusiness | Outcome::NoPages | Outcome::MissingPermission
    );
    let next = match outcome {
        Outcome::PlanFull | Outcome::AlreadyConnected => Next::Link(HOME.to_owned()),
        _ => Next::Form(again(services, client, session, switch || outcome == Outcome::ConnectedElsewhere)),
    };
    client.outcome(outcome, next, StatusCode::OK)
}

/// The right account, or several.
async fn choose(State(services): State<Services>, Sent { client, form }: Sent) -> Result<Response, Problem> {
    let id: ConnectSessionId = form.one("session").and_then(|id| id.parse().ok()).ok_or(Code::NotFound)?;
    let back = format!("/c/back?session={id}");
    if form.all("candidate").next().is_none() {
        return Ok(Redirect::to(&back).into_response());
    }
    let ids = super::visit::read_candidates(form.all("candidate"))?;
    match connect::choose(&services, &client.visited, id, ids, None).await {
        Ok(_) => {
            let mut visited = client.visited;
            visited.visit.pending = None;
            Client::keep(visited, &services, Redirect::to(&back))
        }
        Err(Error::Refused(refusal)) => client.refused(&services, &refusal),
        Err(fault) => Err(fault.into()),
    }
}

/// The client is done.
async fn finish(State(services): State<Services>, Sent { client, .. }: Sent) -> Result<Response, Problem> {
    connect::finish(&services, &client.visited).await?;
    Client::keep(client.visited, &services, Redirect::to("/c/receipt"))
}

/// Asks whoever made the link for a fresh one.
async fn ask_for_fresh(State(services): State<Services>, Sent { client, .. }: Sent) -> Result<Response, Problem> {
    visits::ask_for_fresh(&services, &client.visited).await?;
    show(&FreshAsked { shell: client.shell(), receipt: client.receipt() })
}

/// The address for another device.
async fn device(
    State(services): State<Services>,
    client: Client,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    if let Some(kept) = chosen(&services, &client, &asked, "/c/device") {
        return kept;
    }
    if client.visited.visit.receipt_only {
        return Ok(Redirect::to("/c/receipt").into_response());
    }
    let address = services.url(&format!("c/{}", client.visited.elsewhere(&services).expose()));
    let minutes = u32::try_from(VISIT_LIFETIME.as_mins()).unwrap_or(u32::MAX);
    show(&Device { shell: client.shell(), qr: web::qr::svg(&address), address, minutes, back: HOME.to_owned() })
}

/// The link's logo; its address changes with it.
async fn show_logo(State(services): State<Services>, client: Client) -> Result<Response, Problem> {
    let logo = logo::get(&services, &client.visited.link).await?;
    let kept = (header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=86400"));
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static(logo.format.media_type()));
    Ok(([kind, kept], logo.bytes).into_response())
}
