//! `/api/v1/access_token` and `/api/v1/revoke_token`.

use serde_json::json;

use super::Reddit;
use super::account::of;
use super::error::no_client;
use super::grant::{CODE, Consent, DAY, HOUR};
use crate::World;
use crate::answer::Answer;
use crate::call::{Body, Call};
use crate::people::Standing;

pub(super) fn answer(room: &mut Reddit, world: &mut World, call: &Call) -> Result<Answer, Answer> {
    let app = client(world, call)?;
    match field(call, "grant_type") {
        Some("authorization_code") => code(room, world, call, &app),
        Some("refresh_token") => refresh(room, world, call, &app),
        _ => Err(refused(call, "unsupported_grant_type")),
    }
}

/// From a form alone.
fn field<'a>(call: &'a Call, name: &str) -> Option<&'a str> {
    call.field(name).filter(|value| call.body == Body::Form && !value.is_empty())
}

/// The app, proven by HTTP Basic and nothing else.
fn client(world: &World, call: &Call) -> Result<String, Answer> {
    let (id, secret) = call.basic().ok_or_else(no_client)?;
    let app = world.apps.get("reddit", &id).filter(|app| app.client_secret == secret).ok_or_else(no_client)?;
    Ok(app.client_id.clone())
}

/// Errors come with status 200; with the fault `error_status_400` they do not.
fn refused(call: &Call, error: &str) -> Answer {
    let status = if call.own_fault("error_status_400") { 400 } else { 200 };
    Answer::json(status, &json!({ "error": error })).outcome(format!("refused:{error}"))
}

fn exists(world: &World, consent: &Consent) -> bool {
    let account = world.people.get(&consent.person).and_then(of);
    account.is_some_and(|account| account.standing != Standing::Deleted)
}

/// A code that comes a second time ends what was issued for it.
fn code(room: &mut Reddit, world: &mut World, call: &Call, app: &str) -> Result<Answer, Answer> {
    let bad = || refused(call, "invalid_grant");
    let (given, redirect_uri) = (field(call, "code").ok_or_else(bad)?, field(call, "redirect_uri").ok_or_else(bad)?);
    let code = room.grants.codes.get(given).filter(|code| code.consent.app == app).ok_or_else(bad)?;
    if let Some(family) = code.family {
        room.grants.kill(family);
        return Err(bad().outcome("refused:reused_family_killed"));
    }
    let late = world.now >= code.issued + CODE;
    if late || code.redirect_uri != redirect_uri || !exists(world, &code.consent) || call.own_fault("invalid_grant") {
        return Err(bad());
    }
    let consent = code.consent.clone();
    let family = room.grants.start(consent.clone());
    if let Some(code) = room.grants.codes.get_mut(given) {
        code.family = Some(family);
    }
    Ok(granted(room, world, call, &consent, family, None).outcome("code_exchanged"))
}

/// Another refresh token comes back. The one that was sent lives on, unless the fault `old_refresh_dies` is on.
fn refresh(room: &mut Reddit, world: &mut World, call: &Call, app: &str) -> Result<Answer, Answer> {
    let bad = || refused(call, "invalid_grant");
    let given = field(call, "refresh_token").ok_or_else(bad)?;
    let found = room.grants.refreshable(world.now, app, given);
    let found = found.filter(|(_, consent)| exists(world, consent) && !call.own_fault("invalid_grant"));
    let (family, consent) = found.map(|(family, consent)| (family, consent.clone())).ok_or_else(bad)?;
    if call.own_fault("old_refresh_dies") {
        room.grants.spend(given);
    }
    Ok(granted(room, world, call, &consent, family, Some(given)).outcome("refreshed"))
}

fn granted(
    room: &mut Reddit,
    world: &mut World,
    call: &Call,
    consent: &Consent,
    family: usize,
    from: Option<&str>,
) -> Answer {
    let life = if call.own_fault("one_hour") { HOUR } else { DAY };
    let access = room.grants.issue(&mut world.rng, world.now, family, life, from);
    let mut body = json!({ "access_token": access, "token_type": "bearer", "scope": consent.scopes.join(" ") });
    if !call.own_fault("no_expires_in") {
        body["expires_in"] = json!(life.as_secs());
    }
    if consent.permanent && !call.own_fault("no_refresh_token") {
        body["refresh_token"] = json!(room.grants.issue_refresh(&mut world.rng, world.now, family));
    }
    Answer::json(200, &body)
}

/// 204, whether there was such a token or not.
pub(super) fn revoke(room: &mut Reddit, world: &World, call: &Call) -> Result<Answer, Answer> {
    let app = client(world, call)?;
    if let Some(given) = field(call, "token") {
        room.grants.revoke(&app, given);
    }
    let mut done = Answer::json(204, &json!(null)).outcome("revoked");
    done.body.clear();
    Ok(done)
}
