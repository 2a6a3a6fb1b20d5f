//! `oauth-callback`: the platform's answer, and the choice from what it gave. Hand-off is served here too.

use app::{
    Services,
    connect::{
        callback::{self, Callback, Landing},
        select, session,
    },
};
use axum::{
    Json,
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use domain::{CandidateId, Code, ConnectSession, ConnectSessionId, Refusal, Secret, actor::permit, connect::Status};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::page;
use crate::{
    Edge, cookie,
    problem::{Problem, ProblemView},
    receive::{May, Named, Sent},
    view::{
        answer,
        connect::{CandidatesView, SelectedView, Selection},
    },
};

/// Longest query of a callback.
const QUERY: usize = 16 * 1024;

pub(crate) fn protected() -> OpenApiRouter<Edge> {
    OpenApiRouter::new().routes(routes!(candidates)).routes(routes!(choose)).merge(super::handoff::protected())
}

pub(crate) fn public() -> OpenApiRouter<Edge> {
    // Some platforms want an address that ends with a slash.
    let with_slash = OpenApiRouter::new().route("/v1/oauth/callback/{issuer}/", get(callback));
    OpenApiRouter::new().routes(routes!(callback)).merge(with_slash).merge(super::handoff::public())
}

/// The platform's answer
///
/// For browsers: 303 to the session's return address, or a page. A second callback of the same browser finds the
/// outcome of the first.
#[utoipa::path(
    get, path = "/v1/oauth/callback/{issuer}", operation_id = "oauthCallback", tag = "browser", security(()),
    params(("issuer" = String, Path), ("state" = String, Query), ("code" = Option<String>, Query),
        ("error" = Option<String>, Query), ("iss" = Option<String>, Query)),
    responses(
        (status = 200, description = "The first callback is still at work, or there is no return address",
            content_type = "text/html", body = String),
        (status = 303, description = "To the return address, with `session`"),
        (status = "default", description = "state_invalid, state_expired, state_already_used, session_expired",
            body = ProblemView, content_type = "application/problem+json")),
)]
async fn callback(
    State(services): State<Services>,
    Named(issuer): Named<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let parsed = parse(query.as_deref().unwrap_or_default()).ok_or(Code::StateInvalid)?;
    let cookie = parsed.session().and_then(|id| cookie::read(&headers, &cookie::attempt(&services, id)));
    // A browser that goes away must not stop a code that is being spent.
    let work = {
        let services = services.clone();
        let span = tracing::Span::current();
        tokio::spawn(tracing::Instrument::instrument(
            async move { Box::pin(callback::complete(&services, &issuer, parsed, cookie)).await },
            span,
        ))
    };
    match work.await {
        Ok(landing) => land(&services, &headers, landing?).await,
        Err(error) => {
            tracing::error!(%error, "callback");
            Err(Code::Internal.into())
        }
    }
}

/// The query, strictly: exactly one state, exactly one of code and error, at most one issuer, in characters
/// that the standard has, and no token, which no platform of ours puts there.
fn parse(query: &str) -> Option<Callback> {
    if query.len() > QUERY {
        return None;
    }
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).ok()?;
    let forged = |name: &str| {
        name == "access_token"
            || name == "id_token"
            || ["state", "code", "error", "iss"]
                .iter()
                .any(|n| name.strip_prefix(n).is_some_and(|r| r.starts_with('[')))
    };
    if pairs.iter().any(|(name, _)| forged(name)) {
        return None;
    }
    // RFC 6749 appendix A writes all of them in visible characters and the space.
    let legal = |value: &str| value.bytes().all(|b| b == b' ' || b.is_ascii_graphic());
    let one = |name: &str| -> Result<Option<String>, ()> {
        let mut values = pairs.iter().filter(|(n, _)| n == name).map(|(_, v)| v.clone());
        match (values.next(), values.next()) {
            (first, None) if first.as_deref().is_none_or(legal) => Ok(first.filter(|v| !v.is_empty())),
            _ => Err(()),
        }
    };
    let state = Secret::new(one("state").ok()??);
    let iss = one("iss").ok()?;
    match (one("code").ok()?, one("error").ok()?) {
        (Some(code), None) => Some(Callback::Granted { state, code: Secret::new(code), iss }),
        (None, Some(error)) => {
            // Text for developers, in whatever characters: it is none without.
            let description = one("error_description").ok().flatten();
            Some(Callback::Refused { state, error, description, iss })
        }
        _ => None,
    }
}

async fn land(services: &Services, headers: &HeaderMap, landing: Landing) -> Result<Response, Problem> {
    let session = match landing {
        Landing::Working(session) => {
            let mut shown = if let Some(waiting) = super::easyconnect::waiting(services, headers, &session).await? {
                page::show(&waiting, "'none'")?
            } else {
                let waiting = web::connect::Waiting { platform: named(services, &session), refresh: None };
                page::show(&waiting, "'none'")?
            };
            shown.headers_mut().insert("refresh", HeaderValue::from_static("2"));
            return Ok(shown);
        }
        Landing::Reached(session) => session,
    };
    // The device that an attempt of the console was handed over to has no place there.
    let on_other_device = session.handoff.is_some() && super::console::is_own(services, &session);
    if let Some(to) = session.return_url.as_ref().filter(|_| !on_other_device) {
        let to = with_session(to, session.id).ok_or(Code::Internal)?;
        return Ok((StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response());
    }
    if let Some(error) = session.error(services.now()) {
        let problem = web::connect::Problem {
            explanation: error.detail,
            missing: page::missing(&session.gaps),
            lost: page::names(&session.siblings_lost),
            ..web::connect::Problem::of(error.code, session.id.to_string())
        };
        return page::show(&problem, "'none'");
    }
    page::show(&done(services, &session).await?, "'none'")
}

/// The return address with the session's id, and nothing else of ours.
fn with_session(to: &str, id: ConnectSessionId) -> Option<HeaderValue> {
    let mut url = url::Url::parse(to).ok()?;
    url.query_pairs_mut().append_pair("session", &id.to_string());
    HeaderValue::from_str(url.as_str()).ok()
}

pub(crate) fn named(services: &Services, session: &ConnectSession) -> web::parts::Platform {
    let name = services.platforms.entry(&session.platform, Some(&session.method)).map(|e| e.platform_name.clone());
    web::parts::Platform { name: name.unwrap_or_else(|| session.platform.to_string()), id: session.platform.clone() }
}

async fn done(services: &Services, session: &ConnectSession) -> Result<web::connect::Done, Problem> {
    let outcome = match session.status(services.now()) {
        Status::Completed => {
            let accounts = session::connected(services, session).await?;
            web::connect::Outcome::Connected(accounts.iter().map(|a| (&a.profile).into()).collect())
        }
        Status::AwaitingSelection => {
            let offered = select::offered(services, session.id).await?;
            if session.handoff.is_some() {
                web::connect::Outcome::ChooseOnFirstDevice { offered }
            } else {
                web::connect::Outcome::ChooseInApp { offered }
            }
        }
        _ => return Err(Code::SessionExpired.into()),
    };
    Ok(web::connect::Done {
        workspace: session.workspace.to_string(),
        platform: named(services, session),
        outcome,
        lost: page::names(&session.siblings_lost),
        link: None,
    })
}

/// List candidates
///
/// What the consent offers, with the reason where one cannot be chosen.
#[utoipa::path(
    get, path = "/v1/connect-sessions/{session}/candidates", operation_id = "listCandidates", tag = "connect",
    params(("session" = String, Path)),
    responses(
        (status = 200, body = CandidatesView),
        (status = "default", description = "not_found, session_state_invalid, session_expired", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.connect"))),
)]
async fn candidates(
    State(services): State<Services>,
    Named(id): Named<ConnectSessionId>,
    May(actor): May<permit::AccountsConnect>,
) -> Result<Json<CandidatesView>, Problem> {
    let found = select::candidates(&services, &actor, id).await?;
    Ok(Json(CandidatesView::of(&found)))
}

/// Choose candidates
///
/// Connects 1 to 25 of them in one transaction, or none. May be repeated while selectable ones remain;
/// `{"candidate_ids": [], "done": true}` finishes.
#[utoipa::path(
    post, path = "/v1/connect-sessions/{session}/selection", operation_id = "selectCandidates", tag = "connect",
    params(("session" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = Selection,
    responses(
        (status = 200, body = SelectedView),
        (status = "default", description = "plan_limit_reached, already_connected_elsewhere, session_state_invalid, \
            session_expired, candidate_not_selectable, validation_failed", body = ProblemView,
            content_type = "application/problem+json")),
    extensions(("x-permission" = json!("accounts.connect"))),
)]
async fn choose(
    State(services): State<Services>,
    Named(id): Named<ConnectSessionId>,
    May(actor): May<permit::AccountsConnect>,
    Sent { body, key }: Sent<Selection>,
) -> Result<Response, Problem> {
    let ids = body.candidate_ids.iter().map(|text| {
        let unknown = || Refusal::new(Code::CandidateNotSelectable, "One of these is not a candidate of this session.");
        text.parse::<CandidateId>().map_err(|_| unknown())
    });
    let ids = ids.collect::<Result<Vec<_>, _>>()?;
    let selected = select::select(&services, &actor, id, ids, body.done, key).await?;
    Ok(answer(&selected, Json(SelectedView::from(selected.outcome()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CHK-A9
    #[test]
    fn a_callback_has_exactly_one_of_each() {
        for good in
            ["state=a&code=b", "code=b&state=a&iss=c&scope=x", "state=a&error=access_denied&error_reason=user_denied"]
        {
            assert!(parse(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "state=a",
            "code=b",
            "state=a&state=a&code=b",
            "state=a&code=b&code=b",
            "state=a&code=b&error=c",
            "state[]=a&code=b",
            "state=a&code[0]=b",
            "state=a&state[]=b&code=c",
            "state=a&code=b&access_token=t",
            "state=a&code=b&id_token=t",
            "state=a&code=b&iss=c&iss=d",
            "state=&code=b",
            "state=a&code=",
            "state=a&error=",
            "State=a&Code=b",
            "state=a&code=%FF%FE",
            "state=a&code=b%00",
            "state=a&code=b%0d%0aX-Evil:1",
            "state=a&error=%C3%A9",
            "state=a;code=b",
        ] {
            assert!(parse(bad).is_none(), "{bad}");
        }
    }
}
