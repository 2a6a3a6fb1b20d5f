//! A code for a short token; the long ones are of `graph::login`.

use serde_json::{Value, json};

use super::grant::LOGIN;
use super::{Instagram, refused};
use crate::World;
use crate::answer::Answer;
use crate::call::{Body, Call};
use crate::graph::login::{CODE, SHORT, Token};

/// `POST /oauth/access_token` at the token host, which has an envelope of its own.
pub(super) fn code(room: &mut Instagram, world: &mut World, call: &Call) -> Result<Answer, Answer> {
    let app = client(world, call)?;
    if field(call, "grant_type")? != "authorization_code" {
        return Err(refused(400, "Invalid grant_type"));
    }
    let (given, redirect_uri) = (field(call, "code")?, field(call, "redirect_uri")?);
    let code = room
        .grants
        .codes
        .get_mut(given)
        .filter(|code| code.app == app && !code.used && world.now < code.issued + CODE)
        .filter(|_| !call.own_fault("invalid_grant"))
        .ok_or_else(|| refused(400, "Matching code was not found or was already used"))?;
    if code.redirect_uri != redirect_uri {
        return Err(refused(
            400,
            "Error validating verification code. Please make sure your redirect_uri is identical \
             to the one you used in the OAuth dialog request",
        ));
    }
    code.used = true;
    let account = code.account.clone();
    let scopes = room.grants.given.get(&(app.clone(), account.clone())).cloned().unwrap_or_default();
    let token = Token {
        app,
        account: account.clone(),
        long: false,
        issued: world.now,
        expires: world.now + SHORT,
        ended: None,
    };
    let secret = room.grants.issue(&LOGIN, &mut world.rng, token);
    Ok(Answer::json(200, &first(call, &secret, &account, &scopes)).outcome("code_exchanged"))
}

/// The answer to a code. The documentation and the servers seen do not agree on
/// its shape: by default it is flat, the other forms are faults.
fn first(call: &Call, secret: &str, account: &str, scopes: &[String]) -> Value {
    if call.own_fault("array_envelope") {
        let one = json!({ "access_token": secret, "user_id": account, "permissions": scopes.join(",") });
        return json!({ "data": [one] });
    }
    let permissions = if call.own_fault("comma_permissions") { json!(scopes.join(",")) } else { json!(scopes) };
    json!({ "access_token": secret, "user_id": account.parse::<u64>().unwrap_or_default(), "permissions": permissions })
}

/// From a form or from multipart; neither JSON nor the query is looked at.
fn field<'a>(call: &'a Call, name: &str) -> Result<&'a str, Answer> {
    let readable = matches!(call.body, Body::Form | Body::Multipart);
    call.field(name)
        .filter(|value| readable && !value.is_empty())
        .ok_or_else(|| refused(400, &format!("Missing required field {name}")))
}

/// The app, proven by its secret in the form; Basic is not looked at. The Meta
/// app's own id and secret are others.
fn client(world: &World, call: &Call) -> Result<String, Answer> {
    let (id, secret) = (field(call, "client_id")?, field(call, "client_secret")?);
    let app = world.apps.get("instagram", id).filter(|app| app.client_secret == secret);
    app.map(|app| app.client_id.clone()).ok_or_else(|| refused(400, "Invalid platform app"))
}
