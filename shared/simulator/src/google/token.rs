//! `/token` and `/revoke`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::Google;
use super::account::of;
use super::authorize::OPENID;
use super::error::oauth;
use super::grant::{ACCESS, CODE, Challenge, Consent, TESTING};
use super::identity::claims;
use crate::World;
use crate::answer::Answer;
use crate::call::{Body, Call};
use crate::people::Standing;

pub(super) fn answer(room: &mut Google, world: &mut World, call: &Call) -> Result<Answer, Answer> {
    let app = client(world, call)?;
    match required(call, "grant_type")? {
        "authorization_code" => code(room, world, call, &app),
        "refresh_token" => refresh(room, world, call, &app),
        other => Err(oauth(400, "unsupported_grant_type", &format!("Invalid grant_type: {other}"))),
    }
}

/// From a form alone.
fn field<'a>(call: &'a Call, name: &str) -> Option<&'a str> {
    call.field(name).filter(|value| call.body == Body::Form && !value.is_empty())
}

fn required<'a>(call: &'a Call, name: &str) -> Result<&'a str, Answer> {
    field(call, name).ok_or_else(|| oauth(400, "invalid_request", &format!("Missing required parameter: {name}")))
}

/// The app, proven by its secret in the form or by Basic.
fn client(world: &World, call: &Call) -> Result<String, Answer> {
    let in_form =
        field(call, "client_id").map(|id| (id.to_owned(), field(call, "client_secret").unwrap_or_default().to_owned()));
    let (id, secret) = call
        .basic()
        .or(in_form)
        .ok_or_else(|| oauth(400, "invalid_request", "Could not determine client ID from request."))?;
    let app = world.apps.get("google", &id);
    let app = app.ok_or_else(|| oauth(401, "invalid_client", "The OAuth client was not found."))?;
    if secret.is_empty() {
        return Err(oauth(400, "invalid_request", "client_secret is missing."));
    }
    if app.client_secret == secret { Ok(id) } else { Err(oauth(401, "invalid_client", "Unauthorized")) }
}

fn invalid_grant(description: &str) -> Answer {
    oauth(400, "invalid_grant", description)
}

/// Whether there still is such an account.
fn exists(world: &World, person: &str) -> Result<(), Answer> {
    let account = world.people.get(person).and_then(of);
    let lives = account.is_some_and(|account| account.standing != Standing::Deleted);
    if lives { Ok(()) } else { Err(invalid_grant("Account has been deleted")) }
}

fn code(room: &mut Google, world: &mut World, call: &Call, app: &str) -> Result<Answer, Answer> {
    let given = required(call, "code")?;
    let redirect_uri = required(call, "redirect_uri")?;
    let now = world.now;
    let code = room
        .grants
        .codes
        .get_mut(given)
        .filter(|code| code.consent.app == app && !code.used && now < code.issued + CODE)
        .filter(|_| !call.own_fault("invalid_grant"))
        .ok_or_else(|| invalid_grant("Bad Request"))?;
    if code.redirect_uri != redirect_uri {
        return Err(oauth(400, "redirect_uri_mismatch", "Bad Request"));
    }
    match (&code.challenge, field(call, "code_verifier")) {
        (None, _) => {}
        (Some(_), None) => return Err(invalid_grant("Missing code verifier.")),
        (Some(challenge), Some(verifier)) if proves(verifier, challenge) => {}
        (Some(_), Some(_)) => return Err(invalid_grant("Invalid code verifier.")),
    }
    code.used = true;
    let (consent, fresh) = (code.consent.clone(), code.fresh);
    exists(world, &consent.person)?;
    let mut body = granted(room, world, call, &consent);
    if consent.offline && fresh {
        let testing = call.own_fault("testing_mode");
        let expires = testing.then_some(now + TESTING);
        body["refresh_token"] = json!(room.grants.issue_refresh(&mut world.rng, now, consent, expires));
        if testing {
            body["refresh_token_expires_in"] = json!(TESTING.as_secs() - 1);
        }
    }
    Ok(Answer::json(200, &body).outcome("code_exchanged"))
}

fn proves(verifier: &str, challenge: &Challenge) -> bool {
    match challenge {
        Challenge::Plain(expected) => verifier == expected,
        Challenge::S256(expected) => URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) == *expected,
    }
}

/// The refresh token stays as it is, and the answer has none.
fn refresh(room: &mut Google, world: &mut World, call: &Call, app: &str) -> Result<Answer, Answer> {
    let given = required(call, "refresh_token")?;
    if let Some(token) = room.grants.refresh.get(given) {
        exists(world, &token.consent.person)?;
    }
    let over = || invalid_grant("Token has been expired or revoked.");
    if call.own_fault("invalid_grant") {
        return Err(over());
    }
    let consent = room.grants.renew(world.now, app, given).ok_or_else(over)?;
    Ok(Answer::json(200, &granted(room, world, call, &consent)).outcome("refreshed"))
}

fn granted(room: &mut Google, world: &mut World, call: &Call, consent: &Consent) -> Value {
    let access = room.grants.issue(&mut world.rng, world.now, consent.clone());
    let mut body = json!({ "access_token": access, "scope": consent.scopes.join(" "), "token_type": "Bearer" });
    if !call.own_fault("no_expires_in") {
        body["expires_in"] = json!(ACCESS.as_secs());
    }
    if consent.scopes.iter().any(|scope| scope == OPENID)
        && let Some(mut claims) = claims(world, call, consent)
    {
        claims["iss"] = json!("https://accounts.google.com");
        claims["azp"] = json!(consent.app);
        claims["aud"] = json!(consent.app);
        claims["iat"] = json!(world.now.as_second());
        claims["exp"] = json!(world.now.as_second() + 3_600);
        body["id_token"] = json!(super::sign_jwt(&claims));
    }
    body
}

/// Ends all that the person allowed the app, whichever of its tokens is named.
pub(super) fn revoke(room: &mut Google, world: &World, call: &Call) -> Result<Answer, Answer> {
    let in_form = field(call, "token");
    let given = call.query("token").or(in_form);
    let given = given.ok_or_else(|| oauth(400, "invalid_request", "Missing required parameter: token"))?;
    let owner = room.grants.owner(world.now, given);
    let (app, person) = owner.ok_or_else(|| oauth(400, "invalid_token", "Token expired or revoked"))?;
    room.grants.end(Some(&app), &person);
    Ok(Answer::json(200, &json!({})).outcome("revoked"))
}
