//! Continuing on another device: the first device shows link and code, and waits.

use std::time::Duration;

use app::{
    Services,
    connect::{handoff, session},
};
use axum::{
    extract::{Extension, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use domain::{Code, ConnectSession, ConnectSessionId, Error, actor::permit, connect::Status};
use serde::Deserialize;
use web::{
    console::{HandOff, Waiting},
    parts::Press,
};

use super::{
    Visitor,
    show::{chrome, named, press},
};
use crate::{
    cookie,
    problem::Problem,
    receive::{Named, Query},
    route::page,
    view::handoff::url,
};

/// Makes a code. It is kept in this browser alone, so that the page can show it again.
pub(super) async fn hand_off(
    State(services): State<Services>,
    Extension(visitor): Extension<Visitor>,
    Named(id): Named<ConnectSessionId>,
) -> Result<Response, Problem> {
    let actor = visitor.actor.allow::<permit::AccountsConnect>()?;
    let to = [(header::LOCATION, path(id))];
    match handoff::hand_off(&services, &actor, id, None).await {
        Ok(handed) => {
            let handed = handed.outcome();
            let code = handed.code.as_ref().ok_or(Code::Internal)?;
            let lifetime = handed.expires_at.duration_since(services.now());
            let set = cookie::set(&services, &cookie::code(&services, id), code, lifetime).ok_or(Code::Internal)?;
            Ok((StatusCode::SEE_OTHER, [(header::SET_COOKIE, set)], to).into_response())
        }
        // It has gone on meanwhile; the page tells where it is.
        Err(Error::Refused(refusal)) if matches!(refusal.code, Code::SessionExpired | Code::SessionStateInvalid) => {
            Ok((StatusCode::SEE_OTHER, to).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Look {
    /// The version that is on the screen: answer as soon as there is another one, or after a while.
    seen: Option<u64>,
    /// Do not look again by itself.
    still: Option<bool>,
}

/// Link, picture and code, until the attempt goes on.
pub(super) async fn wait(
    State(services): State<Services>,
    Extension(visitor): Extension<Visitor>,
    Named(id): Named<ConnectSessionId>,
    Query(look): Query<Look>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let actor = visitor.actor.clone().allow::<permit::AccountsConnect>()?;
    let mut found = session::get(&services, &actor, id, Duration::ZERO).await?;
    if look.seen == Some(found.version) {
        found = session::get(&services, &actor, id, session::MOST_PATIENCE).await?;
    }
    let there = |to: String| Ok(Redirect::to(&to).into_response());
    let waiting = match (found.status(services.now()), &found.handoff) {
        (Status::AwaitingConfirmation, Some(handoff)) => Waiting::Code { tries_left: handoff.tries_left },
        (Status::Created, Some(_)) => Waiting::Continue,
        (Status::Consenting, Some(_)) => Waiting::Platform,
        (Status::Created | Status::Consenting, None) => return there(format!("/v1/oauth/start/{id}")),
        (Status::AwaitingSelection, _) => return there(format!("/console/sessions?session={id}")),
        _ => return there(format!("/console?session={id}")),
    };
    let still = look.still == Some(true);
    let code = cookie::read(&headers, &cookie::code(&services, id));
    let code = code.filter(|code| handoff::is_present(&services, &found, code));
    let code = code.map(|code| code.expose().to_owned());
    let mut shown = page::show(&hand_over(&services, &visitor, &found, waiting, code, still), "'self'")?;
    if !still {
        // As a header: a refresh in the page could not be told to stop.
        let again = format!("2; url={}?seen={}", path(id), found.version);
        let again = HeaderValue::from_str(&again).map_err(|_| Code::Internal)?;
        shown.headers_mut().insert("refresh", again);
    }
    Ok(shown)
}

fn hand_over(
    services: &Services,
    visitor: &Visitor,
    session: &ConnectSession,
    waiting: Waiting,
    code: Option<String>,
    still: bool,
) -> HandOff {
    let link = url(services, session.id);
    let path = path(session.id);
    let spent = matches!(waiting, Waiting::Code { tries_left: 0 });
    let platform = named(services, &session.platform);
    let entry = services.platforms.entry(&session.platform, Some(&session.method));
    HandOff {
        chrome: chrome(visitor),
        place: entry.map_or_else(|| platform.name.clone(), |entry| page::sign_in(entry)),
        platform,
        waiting,
        picture: web::qr::svg(&link),
        link,
        code,
        look: if still { format!("{path}?still=true") } else { path.clone() },
        toggle: if still { path.clone() } else { format!("{path}?still=true") },
        moving: !still,
        again: Press { first: spent, ..press(visitor, "New code", path, &[]) },
        cancel: press(visitor, "Cancel", format!("/console/sessions/{}/cancel", session.id), &[]),
        expires_at: session.expires_at,
    }
}

fn path(id: ConnectSessionId) -> String {
    format!("/console/sessions/{id}/handoff")
}
