//! `/oauth/v2/accessToken`, `/oauth/v2/revoke` and `/oauth/v2/introspectToken`.

use serde_json::{Value, json};

use super::LinkedIn;
use super::account::{Account, of};
use super::error::oauth;
use super::grant::{CODE, Token};
use crate::World;
use crate::answer::Answer;
use crate::call::{Body, Call};
use crate::jwt;
use crate::people::Standing;

const BAD_CODE: &str = "Unable to retrieve access token: appid/redirect uri/code verifier does not match authorization code. Or authorization code expired. Or external member binding exists";
const BAD_REFRESH: &str = "The provided authorization grant or refresh token is invalid, expired or revoked.";

pub(super) fn answer(room: &mut LinkedIn, world: &mut World, call: &Call) -> Result<Answer, Answer> {
    match required(call, "grant_type")? {
        "authorization_code" => code(room, world, call),
        "refresh_token" => refresh(room, world, call),
        _ => Err(oauth(400, "unsupported_grant_type", "The passed in grant_type is invalid")),
    }
}

/// From a form alone.
fn required<'a>(call: &'a Call, name: &str) -> Result<&'a str, Answer> {
    call.field(name)
        .filter(|value| call.body == Body::Form && !value.is_empty())
        .ok_or_else(|| oauth(400, "invalid_request", &format!("A required parameter \"{name}\" is missing")))
}

/// The app, proven by its secret in the form; Basic is not looked at.
fn client(world: &World, call: &Call) -> Result<String, Answer> {
    let (id, secret) = (required(call, "client_id")?, required(call, "client_secret")?);
    let app = world.apps.get("linkedin", id).filter(|app| app.client_secret == secret);
    let app = app.ok_or_else(|| oauth(401, "invalid_client", "Client authentication failed"))?;
    Ok(app.client_id.clone())
}

fn member<'a>(world: &'a World, person: &str) -> Option<&'a Account> {
    world.people.get(person).and_then(of).filter(|account| account.standing != Standing::Deleted)
}

fn code(room: &mut LinkedIn, world: &mut World, call: &Call) -> Result<Answer, Answer> {
    let (given, redirect_uri) = (required(call, "code")?, required(call, "redirect_uri")?);
    let app = client(world, call)?;
    let now = world.now;
    let code = room
        .grants
        .codes
        .get_mut(given)
        .filter(|code| code.app == app && !code.used && now < code.issued + CODE && code.redirect_uri == redirect_uri)
        .filter(|code| member(world, &code.person).is_some() && !call.own_fault("invalid_grant"))
        .ok_or_else(|| oauth(400, "invalid_request", BAD_CODE))?;
    code.used = true;
    let consent = Token {
        app,
        person: code.person.clone(),
        scopes: code.scopes.clone(),
        authorized: now,
        issued: now,
        expires: now,
        revoked: false,
    };
    if call.own_fault("scopes_end_older") {
        room.grants.end_others(&consent);
    }
    let refresh = call.own_fault("partner").then(|| room.grants.issue_refresh(&mut world.rng, &consent));
    let mut body = granted(room, world, call, &consent, refresh.as_deref());
    if consent.scopes.iter().any(|scope| scope == "openid")
        && let Some(account) = member(world, &consent.person)
    {
        body["id_token"] = json!(jwt::LINKEDIN.sign(&json!({
            "iss": "https://www.linkedin.com/oauth", "aud": consent.app, "sub": account.sub(&consent.app),
            "iat": now.as_second(), "exp": now.as_second() + 3_600,
        })));
    }
    Ok(Answer::json(200, &body).outcome("code_exchanged"))
}

/// For partners. The refresh token stays as it is, and its end does too.
fn refresh(room: &mut LinkedIn, world: &mut World, call: &Call) -> Result<Answer, Answer> {
    let given = required(call, "refresh_token")?;
    let app = client(world, call)?;
    let token = room.grants.refresh.get(given);
    let token = token.filter(|token| token.app == app && !token.revoked && world.now < token.expires);
    let token = token.filter(|token| member(world, &token.person).is_some() && !call.own_fault("invalid_grant"));
    let consent = token.cloned().ok_or_else(|| oauth(400, "invalid_grant", BAD_REFRESH))?;
    Ok(Answer::json(200, &granted(room, world, call, &consent, Some(given))).outcome("refreshed"))
}

/// The scopes were asked for with spaces between them and are told with commas.
fn granted(room: &mut LinkedIn, world: &mut World, call: &Call, consent: &Token, refresh: Option<&str>) -> Value {
    let end = refresh.and_then(|refresh| room.grants.refresh.get(refresh)).map(|refresh| refresh.expires);
    let access = room.grants.issue(&mut world.rng, world.now, consent, end);
    let lasts = room.grants.access.get(&access).map_or(0, |token| token.expires.duration_since(world.now).as_secs());
    let mut body = json!({ "access_token": access, "scope": consent.scopes.join(","), "token_type": "Bearer" });
    if !call.own_fault("no_expires_in") {
        body["expires_in"] = json!(lasts);
    }
    if let (Some(refresh), Some(end)) = (refresh, end) {
        body["refresh_token"] = json!(refresh);
        body["refresh_token_expires_in"] = json!(end.duration_since(world.now).as_secs());
    }
    body
}

/// Ends one token. A refresh token that ends takes no access token along.
pub(super) fn revoke(room: &mut LinkedIn, world: &World, call: &Call) -> Result<Answer, Answer> {
    let given = required(call, "token")?;
    let app = client(world, call)?;
    let token = room.grants.any(&app, given).filter(|token| !token.revoked);
    let token = token.ok_or_else(|| oauth(400, "invalid_request", "The token is invalid or was revoked before"))?;
    token.revoked = true;
    Ok(Answer::json(200, &json!({})).outcome("revoked"))
}

/// How a token of this app stands; of any other nothing is told.
pub(super) fn introspect(room: &mut LinkedIn, world: &World, call: &Call) -> Result<Answer, Answer> {
    let given = required(call, "token")?;
    let app = client(world, call)?;
    let Some(token) = room.grants.any(&app, given) else {
        return Ok(Answer::json(200, &json!({ "active": false })));
    };
    let status = match (token.revoked, world.now < token.expires) {
        (true, _) => "revoked",
        (false, true) => "active",
        (false, false) => "expired",
    };
    let mut body = json!({
        "active": status == "active",
        "status": status,
        "client_id": app,
        "authorized_at": token.authorized.as_second(),
        "created_at": token.issued.as_second(),
        "expires_at": token.expires.as_second(),
        "auth_type": "3L",
    });
    if status == "active" {
        body["scope"] = json!(token.scopes.join(","));
    }
    Ok(Answer::json(200, &body).outcome(format!("introspected:{status}")))
}
