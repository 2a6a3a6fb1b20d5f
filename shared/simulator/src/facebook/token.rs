//! `/oauth/access_token`: a code for a token, a short token for a long one, an
//! app's own token.

use serde_json::json;

use super::Facebook;
use super::grant::{CODE, Kind, LONG, SHORT, Token};
use crate::World;
use crate::answer::Answer;
use crate::call::Call;
use crate::graph::GraphError;

pub(super) fn answer(room: &mut Facebook, world: &mut World, call: &Call) -> Result<Answer, GraphError> {
    let app = client(world, call)?;
    match call.param("grant_type") {
        None | Some("authorization_code") => code(room, world, call, &app),
        Some("fb_exchange_token") if call.own_fault("invalid_grant") => Err(GraphError::bad_token()),
        Some("fb_exchange_token") => exchange(room, world, call, &app),
        Some("client_credentials") => {
            let secret = required(call, "client_secret")?;
            let body = json!({ "access_token": format!("{app}|{secret}"), "token_type": "bearer" });
            Ok(Answer::json(200, &body).outcome("app_token"))
        }
        Some(other) => Err(GraphError::parameter(&format!("Invalid grant_type: {other}"))),
    }
}

fn required<'a>(call: &'a Call, name: &str) -> Result<&'a str, GraphError> {
    call.param(name)
        .filter(|value| !value.is_empty())
        .ok_or_else(|| GraphError::new(400, 101, format!("Missing {name} parameter.")))
}

/// The app, proven by its secret in a parameter; Basic is not looked at.
fn client(world: &World, call: &Call) -> Result<String, GraphError> {
    let id = required(call, "client_id")?;
    let app = world.apps.get("facebook", id).ok_or_else(|| {
        GraphError::new(400, 101, "Error validating application. Cannot get application info due to a system error.")
    })?;
    let secret = call.param("client_secret").unwrap_or_default();
    if secret.is_empty() {
        return Err(GraphError::new(400, 1, "Missing client_secret parameter."));
    }
    if secret != app.client_secret {
        return Err(GraphError::new(400, 1, "Error validating client secret."));
    }
    Ok(app.client_id.clone())
}

fn code(room: &mut Facebook, world: &mut World, call: &Call, app: &str) -> Result<Answer, GraphError> {
    let refuse = |subcode, message: &str| GraphError::new(400, 100, message).subcode(subcode);
    let given = call
        .param("code")
        .filter(|code| !code.is_empty())
        .ok_or_else(|| GraphError::new(400, 100, "This authorization code is missing."))?;
    let redirect =
        call.param("redirect_uri").ok_or_else(|| GraphError::new(400, 191, "Missing redirect_uri parameter."))?;
    let code = room
        .grants
        .codes
        .get_mut(given)
        .filter(|code| code.app == app)
        .ok_or_else(|| GraphError::new(400, 100, "Invalid verification code format."))?;
    if code.used || call.own_fault("invalid_grant") {
        return Err(refuse(36009, "This authorization code has been used."));
    }
    if world.now >= code.issued + CODE {
        return Err(refuse(36007, "This authorization code has expired."));
    }
    if redirect != code.redirect_uri {
        return Err(refuse(
            36008,
            "Error validating verification code. Please make sure your redirect_uri is identical \
             to the one you used in the OAuth dialog request",
        ));
    }
    code.used = true;
    let person = code.person.clone();
    let token = Token {
        app: app.to_owned(),
        person,
        kind: Kind::User { long: false },
        issued: world.now,
        expires: Some(world.now + SHORT),
        ended: None,
    };
    let secret = room.grants.issue(&mut world.rng, token);
    Ok(answered(call, &secret, SHORT.as_secs()).outcome("code_exchanged"))
}

fn exchange(room: &mut Facebook, world: &mut World, call: &Call, app: &str) -> Result<Answer, GraphError> {
    let short = call
        .param("fb_exchange_token")
        .filter(|token| !token.is_empty())
        .ok_or_else(|| GraphError::new(400, 101, "Missing fb_exchange_token parameter."))?;
    let session = room.grants.judge(world, short)?;
    if session.token.app != app {
        let message = format!("The access token does not belong to application {app}");
        return Err(GraphError::parameter(&message));
    }
    if matches!(session.token.kind, Kind::Page(_)) {
        return Err(GraphError::parameter("A user access token is required"));
    }
    let outcome = match session.token.kind {
        Kind::User { long: true } => "refreshed",
        _ => "token_exchanged",
    };
    let token =
        Token { kind: Kind::User { long: true }, issued: world.now, expires: Some(world.now + LONG), ..session.token };
    let secret = room.grants.issue(&mut world.rng, token);
    Ok(answered(call, &secret, LONG.as_secs()).outcome(outcome))
}

fn answered(call: &Call, secret: &str, seconds: i64) -> Answer {
    let mut body = json!({ "access_token": secret, "token_type": "bearer" });
    if !call.own_fault("no_expires_in") {
        body["expires_in"] = json!(seconds);
    }
    Answer::json(200, &body)
}
