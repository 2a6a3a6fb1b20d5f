//! A code for a short token, a short token for a long one, and a long one's refresh.

use jiff::Timestamp;
use serde_json::json;

use super::authorize::BASIC;
use super::grant::{CODE, LONG, REFRESHED_AFTER, SHORT, Session, Token};
use super::{Threads, refused};
use crate::World;
use crate::answer::Answer;
use crate::call::{Body, Call};
use crate::graph::GraphError;

/// `POST /oauth/access_token`, which has an envelope of its own.
pub(super) fn code(room: &mut Threads, world: &mut World, call: &Call) -> Result<Answer, Answer> {
    let app = client(world, call)?;
    if value(call, "grant_type")? != "authorization_code" {
        return Err(refused(400, "Invalid grant_type"));
    }
    let (given, redirect_uri) = (value(call, "code")?, value(call, "redirect_uri")?);
    let code = room
        .grants
        .codes
        .get_mut(given)
        .filter(|code| code.app == app && !code.used && world.now < code.issued + CODE)
        .filter(|_| !call.own_fault("invalid_grant"))
        .ok_or_else(|| refused(400, "Invalid authorization code"))?;
    if code.redirect_uri != redirect_uri {
        return Err(refused(
            400,
            "Error validating verification code. Please make sure your redirect_uri is identical \
             to the one you used in the OAuth dialog request",
        ));
    }
    code.used = true;
    let account = code.account.clone();
    let token = Token {
        app,
        account: account.clone(),
        long: false,
        issued: world.now,
        expires: world.now + SHORT,
        ended: None,
    };
    let secret = room.grants.issue(&mut world.rng, token);
    let body = json!({ "access_token": secret, "user_id": account.parse::<u64>().unwrap_or_default() });
    Ok(Answer::json(200, &body).outcome("code_exchanged"))
}

/// From a form, from multipart or from the query; JSON is not looked at.
fn value<'a>(call: &'a Call, name: &str) -> Result<&'a str, Answer> {
    let readable = matches!(call.body, Body::None | Body::Form | Body::Multipart);
    call.param(name)
        .filter(|value| readable && !value.is_empty())
        .ok_or_else(|| refused(400, &format!("Missing required field {name}")))
}

/// The app, proven by its own secret; the Meta app's id and secret are others.
fn client(world: &World, call: &Call) -> Result<String, Answer> {
    let (id, secret) = (value(call, "client_id")?, value(call, "client_secret")?);
    let app = world.apps.get("threads", id).ok_or_else(|| refused(400, "Invalid client_id"))?;
    if app.client_secret == secret {
        Ok(app.client_id.clone())
    } else {
        Err(refused(400, "Error validating client secret."))
    }
}

/// `GET /access_token`: the short token's end is not changed by it.
pub(super) fn exchange(room: &mut Threads, world: &mut World, call: &Call) -> Result<Answer, GraphError> {
    grant_type(call, "th_exchange_token")?;
    let secret = parameter(call, "client_secret")?;
    let session = judge(room, world, call)?;
    let app = world.apps.get("threads", &session.token.app);
    if app.is_none_or(|app| app.client_secret != secret) {
        return Err(GraphError::new(400, 1, "Error validating client secret."));
    }
    if session.token.long {
        return Err(GraphError::parameter("A short-lived access token is required"));
    }
    let secret = room.grants.issue(&mut world.rng, long(world.now, &session));
    Ok(lived(call, &secret).outcome("token_exchanged"))
}

/// `GET /refresh_access_token`. By default a new string comes back and the old
/// one lives on; with the fault `same_token` the old one is prolonged.
pub(super) fn refresh(room: &mut Threads, world: &mut World, call: &Call) -> Result<Answer, GraphError> {
    grant_type(call, "th_refresh_token")?;
    let session = judge(room, world, call)?;
    if world.now < session.token.issued + REFRESHED_AFTER {
        let message = "The access token must be at least 24 hours old to be refreshed";
        return Err(GraphError::new(400, 100, message));
    }
    session.needs(BASIC)?;
    let token = long(world.now, &session);
    let secret = if call.own_fault("same_token") {
        let old = parameter(call, "access_token")?;
        room.grants.tokens.insert(old.to_owned(), token);
        old.to_owned()
    } else {
        room.grants.issue(&mut world.rng, token)
    };
    Ok(lived(call, &secret).outcome("refreshed"))
}

/// The token that is to be exchanged or prolonged.
fn judge(room: &Threads, world: &World, call: &Call) -> Result<Session, GraphError> {
    let session = room.grants.judge(world, parameter(call, "access_token")?)?;
    if call.own_fault("invalid_grant") { Err(GraphError::bad_token()) } else { Ok(session) }
}

fn long(now: Timestamp, session: &Session) -> Token {
    Token { long: true, issued: now, expires: now + LONG, ..session.token.clone() }
}

fn lived(call: &Call, secret: &str) -> Answer {
    let mut body = json!({ "access_token": secret, "token_type": "bearer" });
    if !call.own_fault("no_expires_in") {
        body["expires_in"] = json!(LONG.as_secs());
    }
    Answer::json(200, &body)
}

/// These two read their parameters from the query alone.
fn parameter<'a>(call: &'a Call, name: &str) -> Result<&'a str, GraphError> {
    call.query(name)
        .filter(|value| !value.is_empty())
        .ok_or_else(|| GraphError::new(400, 101, format!("Missing {name} parameter.")))
}

fn grant_type(call: &Call, wanted: &str) -> Result<(), GraphError> {
    let given = parameter(call, "grant_type")?;
    if given == wanted { Ok(()) } else { Err(GraphError::parameter(&format!("Invalid grant_type: {given}"))) }
}
