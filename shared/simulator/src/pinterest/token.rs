//! `/v5/oauth/token` and `/v5/oauth/token/revoke`.

use jiff::Timestamp;
use serde_json::json;

use super::Pinterest;
use super::errors::{BAD_REFRESH, BAD_TOKEN, Error, NOT_PERMITTED};
use super::grant::{ACCESS, CODE, Pair, REFRESH};
use crate::World;
use crate::answer::Answer;
use crate::call::{Body, Call};

pub(super) fn answer(room: &mut Pinterest, world: &mut World, call: &Call) -> Result<Answer, Error> {
    let app = client(world, call)?;
    match required(call, "grant_type")? {
        "authorization_code" => code(room, world, call, &app),
        "refresh_token" => refresh(room, world, call, &app),
        _ => Err(Error::parameter("The grant_type is not one of authorization_code, refresh_token.")),
    }
}

/// The app, proven by HTTP Basic and nothing else.
fn client(world: &World, call: &Call) -> Result<String, Error> {
    let (id, secret) = call.basic().ok_or(BAD_TOKEN)?;
    let app = world.apps.get("pinterest", &id).filter(|app| app.client_secret == secret);
    app.map(|app| app.client_id.clone()).ok_or(BAD_TOKEN)
}

/// From a form alone.
fn required<'a>(call: &'a Call, name: &str) -> Result<&'a str, Error> {
    call.field(name)
        .filter(|value| call.body == Body::Form && !value.is_empty())
        .ok_or(Error::parameter("A required parameter is missing."))
}

/// An app that is older than 2025-09-25 (the fault `old_app`) has a refresh
/// token that rolls only if it asks for one; else one with an end for good.
fn code(room: &mut Pinterest, world: &mut World, call: &Call, app: &str) -> Result<Answer, Error> {
    let (given, redirect_uri) = (required(call, "code")?, required(call, "redirect_uri")?);
    let asks_to_roll = match call.field("continuous_refresh") {
        Some("true") => true,
        None | Some("false") => false,
        Some(_) => return Err(Error::parameter("continuous_refresh is true or false.")),
    };
    let grants = &mut room.grants;
    let code = grants
        .codes
        .get_mut(given)
        .filter(|code| !code.used && world.now < code.issued + CODE)
        .filter(|code| grants.all[code.grant].app == app && !grants.all[code.grant].ended)
        .filter(|_| !call.own_fault("invalid_grant"))
        .ok_or(Error::new(400, 283, "Authorization code is invalid or expired"))?;
    if code.redirect_uri != redirect_uri {
        return Err(Error::parameter("The redirect_uri is not the one of the authorization."));
    }
    code.used = true;
    let grant = code.grant;
    let scopes = grants.all[grant].scopes.clone();
    let rolling = asks_to_roll || !call.own_fault("old_app");
    let pair = grants.pair(&mut world.rng, world.now, grant, scopes, rolling);
    Ok(granted(call, "authorization_code", &pair, world.now).outcome("code_exchanged"))
}

/// `scope` may ask for a part of what was granted.
fn refresh(room: &mut Pinterest, world: &mut World, call: &Call, app: &str) -> Result<Answer, Error> {
    let given = required(call, "refresh_token")?;
    let token = room.grants.refreshable(world.now, app, given).filter(|_| !call.own_fault("invalid_grant"));
    let token = token.ok_or(BAD_REFRESH)?;
    let scopes: Vec<String> = match call.field("scope").filter(|scope| !scope.is_empty()) {
        Some(part) => part.split([',', ' ']).map(ToOwned::to_owned).collect(),
        None => token.scopes.clone(),
    };
    if scopes.iter().any(|scope| !token.scopes.contains(scope)) {
        return Err(Error::parameter("A scope was not granted."));
    }
    let pair = if token.rolling {
        room.grants.forget(given);
        room.grants.pair(&mut world.rng, world.now, token.grant, scopes, true)
    } else {
        room.grants.access_alone(&mut world.rng, world.now, token.grant, scopes)
    };
    Ok(granted(call, "refresh_token", &pair, world.now).outcome("refreshed"))
}

fn granted(call: &Call, kind: &str, pair: &Pair, now: Timestamp) -> Answer {
    let separator = if call.own_fault("comma_scope") { "," } else { " " };
    let mut body = json!({
        "response_type": kind,
        "access_token": pair.access,
        "token_type": "bearer",
        "scope": pair.scopes.join(separator),
    });
    if !call.own_fault("no_expires_in") {
        body["expires_in"] = json!(ACCESS.as_secs());
    }
    if let Some(refresh) = &pair.refresh {
        body["refresh_token"] = json!(refresh);
        body["refresh_token_expires_in"] = json!(REFRESH.as_secs());
        body["refresh_token_expires_at"] = json!((now + REFRESH).as_second());
    }
    Answer::json(200, &body).header("cache-control", "no-store")
}

/// Only a system user's token can be revoked; that it is one says the fault `system_user`.
pub(super) fn revoke(room: &mut Pinterest, world: &World, call: &Call) -> Result<Answer, Error> {
    let app = client(world, call)?;
    let given = required(call, "token")?;
    if !room.grants.knows(&app, given) {
        return Err(Error::parameter("The token is not known."));
    }
    if !call.own_fault("system_user") {
        return Err(NOT_PERMITTED);
    }
    room.grants.forget(given);
    let mut answer = Answer::json(200, &json!({})).outcome("revoked");
    answer.body.clear();
    Ok(answer)
}
