//! `/v2/oauth/token/` and `/v2/oauth/revoke/` of Login Kit.

use std::fmt::Write as _;

use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::TikTok;
use super::account::{by_id, open_id};
use super::authorize::is_login;
use super::errors::OAuthError;
use super::grant::{Api, CODE, Lives, Pair};
use crate::World;
use crate::answer::Answer;
use crate::call::{Body, Call};
use crate::notice::tiktok::Reason;

pub(super) fn answer(room: &mut TikTok, world: &mut World, call: &Call) -> Result<Answer, OAuthError> {
    let app = client(world, call)?;
    match required(call, "grant_type")? {
        "authorization_code" => code(room, world, call, &app),
        "refresh_token" => refresh(room, world, call, &app),
        _ => Err(OAuthError::new("unsupported_grant_type", "The grant type is not supported.")),
    }
}

/// From a form alone.
fn required<'a>(call: &'a Call, name: &str) -> Result<&'a str, OAuthError> {
    if call.body != Body::Form {
        let text = "Only `application/x-www-form-urlencoded` is accepted as Content-Type.";
        return Err(OAuthError::new("invalid_request", text));
    }
    let missing = || OAuthError::new("invalid_request", format!("The parameter {name} is missing."));
    call.field(name).filter(|value| !value.is_empty()).ok_or_else(missing)
}

/// The app, proven by its key and secret in the form; a `client_id` is not looked at.
fn client(world: &World, call: &Call) -> Result<String, OAuthError> {
    let (key, secret) = (required(call, "client_key")?, required(call, "client_secret")?);
    let app = world.apps.get("tiktok", key).filter(|app| app.client_secret == secret);
    app.map(|app| app.client_id.clone())
        .ok_or_else(|| OAuthError::new("invalid_client", "Client key or secret is incorrect."))
}

fn code(room: &mut TikTok, world: &mut World, call: &Call, app: &str) -> Result<Answer, OAuthError> {
    let (given, redirect_uri) = (required(call, "code")?, required(call, "redirect_uri")?);
    let grants = &mut room.grants;
    let code = grants
        .codes
        .get_mut(given)
        .filter(|code| !code.used && world.now < code.issued + CODE)
        .filter(|code| {
            let grant = &grants.all[code.grant];
            grant.app == app && !grant.ended && is_login(&grant.scopes)
        })
        .filter(|_| !call.own_fault("invalid_grant"))
        .ok_or_else(|| OAuthError::new("invalid_grant", "Authorization code is expired."))?;
    if code.redirect_uri != redirect_uri {
        return Err(OAuthError::new(
            "invalid_request",
            "Redirect_uri is not matched with the uri when requesting code.",
        ));
    }
    let verifier = call.field("code_verifier").map(hex);
    if code.challenge.is_some() && code.challenge != verifier {
        return Err(OAuthError::new("invalid_request", "Code verifier or code challenge is invalid."));
    }
    code.used = true;
    let grant = code.grant;
    let pair = grants.pair(&mut world.rng, world.now, grant, Api::Login, Lives::of(Api::Login, call));
    Ok(granted(room, world, call, grant, &pair).outcome("code_exchanged"))
}

/// A desktop app's challenge is the hash as hex, and not in base64.
fn hex(verifier: &str) -> String {
    Sha256::digest(verifier).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The token that was sent is dead once the new pair is there.
fn refresh(room: &mut TikTok, world: &mut World, call: &Call, app: &str) -> Result<Answer, OAuthError> {
    let given = required(call, "refresh_token")?;
    let bad = || OAuthError::new("invalid_grant", "Refresh token is invalid or expired.");
    if call.own_fault("invalid_grant") {
        return Err(bad());
    }
    let grant = room.grants.refreshable(world.now, app, Api::Login, given).map_err(|_| bad())?;
    room.grants.spend(given);
    let pair = room.grants.pair(&mut world.rng, world.now, grant, Api::Login, Lives::of(Api::Login, call));
    Ok(granted(room, world, call, grant, &pair).outcome("refreshed"))
}

fn granted(room: &TikTok, world: &World, call: &Call, grant: usize, pair: &Pair) -> Answer {
    let grant = &room.grants.all[grant];
    let mut body = json!({
        "access_token": pair.access,
        "open_id": by_id(world, &grant.account).map(|account| open_id(&grant.app, account)),
        "refresh_expires_in": pair.lives.refresh.as_secs(),
        "refresh_token": pair.refresh,
        "scope": grant.scopes.join(","),
        "token_type": "Bearer",
    });
    if !call.own_fault("no_expires_in") {
        body["expires_in"] = json!(pair.lives.access.as_secs());
    }
    Answer::json(200, &body).header("cache-control", "no-store")
}

/// Disconnects the app from the account, whatever of it was sent.
pub(super) fn revoke(room: &mut TikTok, world: &mut World, call: &Call) -> Result<Answer, OAuthError> {
    let app = client(world, call)?;
    let account = room.grants.account_of(&app, required(call, "token")?);
    let account = account.ok_or_else(|| OAuthError::new("invalid_request", "The token is invalid."))?;
    room.disconnect(world, &account, Some(&app), Reason::DEVELOPER);
    Ok(Answer::json(200, &json!({})).outcome("revoked"))
}
