//! A code for a short token; the long ones are of `graph::login`.

use serde_json::json;

use super::grant::LOGIN;
use super::{Threads, refused};
use crate::World;
use crate::answer::Answer;
use crate::call::{Body, Call};
use crate::graph::login::{CODE, SHORT, Token};

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
    let secret = room.grants.issue(&LOGIN, &mut world.rng, token);
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
