//! `/tt_user/oauth2/…`: codes, refreshes and revocation, all as JSON.

use serde_json::json;

use super::super::TikTok;
use super::super::account::{by_id, open_id};
use super::super::authorize::is_for_business;
use super::super::errors::{BusinessError, done};
use super::super::grant::{Api, Bad, CODE, Lives, Pair};
use crate::World;
use crate::answer::Answer;
use crate::call::{Body, Call};
use crate::notice::tiktok::Reason;

/// `POST …/token/`.
pub(super) fn code(room: &mut TikTok, world: &mut World, call: &Call) -> Result<Answer, BusinessError> {
    let app = client(world, call, "authorization_code")?;
    let (given, redirect_uri) = (required(call, "auth_code")?, required(call, "redirect_uri")?);
    let grants = &mut room.grants;
    let code = grants
        .codes
        .get_mut(given)
        .filter(|code| !code.used && world.now < code.issued + CODE)
        .filter(|code| {
            let grant = &grants.all[code.grant];
            grant.app == app && !grant.ended && is_for_business(&grant.scopes, &code.redirect_uri)
        })
        .filter(|_| !call.own_fault("invalid_grant"))
        .ok_or_else(|| BusinessError::new(40_110, "Invalid auth_code"))?;
    if code.redirect_uri != redirect_uri {
        return Err(BusinessError::new(40_002, "redirect_uri: not the one of the authorization."));
    }
    code.used = true;
    let grant = code.grant;
    let pair = grants.pair(&mut world.rng, world.now, grant, Api::Business, Lives::of(Api::Business, call));
    Ok(granted(room, world, call, grant, &pair).outcome("code_exchanged"))
}

/// `POST …/refresh_token/`: the token that was sent is dead once the new pair is there.
pub(super) fn refresh(room: &mut TikTok, world: &mut World, call: &Call) -> Result<Answer, BusinessError> {
    let app = client(world, call, "refresh_token")?;
    let given = required(call, "refresh_token")?;
    let bad = || BusinessError::new(40_110, "Invalid refresh_token");
    if call.own_fault("invalid_grant") {
        return Err(bad());
    }
    let grant = room.grants.refreshable(world.now, &app, Api::Business, given).map_err(|why| match why {
        Bad::Removed => BusinessError::removed(),
        Bad::Unknown | Bad::Expired => bad(),
    })?;
    room.grants.spend(given);
    let pair = room.grants.pair(&mut world.rng, world.now, grant, Api::Business, Lives::of(Api::Business, call));
    Ok(granted(room, world, call, grant, &pair).outcome("refreshed"))
}

/// `POST …/revoke/`: nothing says what the token's parameter is called, so it may be either.
pub(super) fn revoke(room: &mut TikTok, world: &mut World, call: &Call) -> Result<Answer, BusinessError> {
    let app = known(world, call)?;
    let given = required(call, "access_token").or_else(|_| required(call, "token"))?;
    let account = room.grants.account_of(&app, given).ok_or_else(BusinessError::bad_token)?;
    room.disconnect(world, &account, Some(&app), Reason::DEVELOPER);
    Ok(done(world, &json!({})).outcome("revoked"))
}

/// From a JSON body alone.
fn required<'a>(call: &'a Call, name: &str) -> Result<&'a str, BusinessError> {
    if call.body != Body::Json {
        return Err(BusinessError::new(40_002, "The Content-Type must be application/json."));
    }
    let missing = || BusinessError::new(40_002, format!("{name}: Missing data for required field."));
    call.field(name).filter(|value| !value.is_empty()).ok_or_else(missing)
}

/// The app, proven by its id and secret in the body; a `client_key` is not looked at.
fn known(world: &World, call: &Call) -> Result<String, BusinessError> {
    let (id, secret) = (required(call, "client_id")?, required(call, "client_secret")?);
    let app = world.apps.get("tiktok", id).filter(|app| app.client_secret == secret);
    app.map(|app| app.client_id.clone())
        .ok_or_else(|| BusinessError::new(40_002, "client_id or client_secret is incorrect."))
}

fn client(world: &World, call: &Call, grant_type: &str) -> Result<String, BusinessError> {
    let app = known(world, call)?;
    if required(call, "grant_type")? == grant_type {
        Ok(app)
    } else {
        Err(BusinessError::new(40_002, format!("grant_type: must be {grant_type}.")))
    }
}

fn granted(room: &TikTok, world: &mut World, call: &Call, grant: usize, pair: &Pair) -> Answer {
    let grant = &room.grants.all[grant];
    let mut data = json!({
        "access_token": pair.access,
        "token_type": "Bearer",
        "scope": grant.scopes.join(","),
        "refresh_token": pair.refresh,
        "refresh_token_expires_in": pair.lives.refresh.as_secs(),
        "open_id": by_id(world, &grant.account).map(|account| open_id(&grant.app, account)),
    });
    if !call.own_fault("no_expires_in") {
        data["expires_in"] = json!(pair.lives.access.as_secs());
    }
    done(world, &data)
}
