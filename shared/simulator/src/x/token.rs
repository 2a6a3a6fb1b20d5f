//! `/2/oauth2/token` and `/2/oauth2/revoke`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::X;
use super::account::of;
use super::error::{bad_code, bad_token, missing_parameter, no_client, oauth};
use super::grant::{ACCESS, CODE, Challenge, Family, Pair, Refresh, RefreshError, Replay};
use crate::World;
use crate::answer::Answer;
use crate::call::{Body, Call};
use crate::people::Standing;

pub(super) fn answer(room: &mut X, world: &mut World, call: &Call) -> Answer {
    let granted = client(world, call).and_then(|app| match required(call, "grant_type")? {
        "authorization_code" => code(room, world, call, &app),
        "refresh_token" => refresh(room, world, call, &app),
        _ => Err(oauth(400, "unsupported_grant_type", "Value passed for the grant type was invalid.")),
    });
    granted.unwrap_or_else(|refused| refused)
}

/// The app, proven by HTTP Basic and nothing else.
fn client(world: &World, call: &Call) -> Result<String, Answer> {
    let (id, secret) = call.basic().ok_or_else(no_client)?;
    let app = world
        .apps
        .of("x")
        .find(|app| same(&app.client_id, &id) && same(&app.client_secret, &secret))
        .ok_or_else(no_client)?;
    match call.field("client_id") {
        Some(other) if other != app.client_id => {
            let text = "Value passed for the client id was invalid.";
            Err(oauth(400, "invalid_request", text))
        }
        _ => Ok(app.client_id.clone()),
    }
}

/// Basic credentials may be sent as they are or form-encoded (RFC 6749, 2.3.1).
fn same(known: &str, given: &str) -> bool {
    known == given || {
        let pair = format!("v={given}");
        let decoded = crate::call::pairs(pair.as_bytes());
        decoded.first().is_some_and(|(_, value)| value == known)
    }
}

/// From a form or a JSON body; never from the query.
fn required<'a>(call: &'a Call, name: &str) -> Result<&'a str, Answer> {
    let readable = matches!(call.body, Body::Form | Body::Json);
    call.field(name).filter(|value| readable && !value.is_empty()).ok_or_else(|| missing_parameter(name))
}

fn code(room: &mut X, world: &mut World, call: &Call, app: &str) -> Result<Answer, Answer> {
    let given = required(call, "code")?;
    let redirect_uri = required(call, "redirect_uri")?;
    let verifier = required(call, "code_verifier")?;
    let code = room
        .grants
        .codes
        .get_mut(given)
        .filter(|code| code.app == app && !code.used && world.now < code.issued + CODE)
        .filter(|_| !call.own_fault("invalid_grant"))
        .ok_or_else(bad_code)?;
    let wrong = |text| Err(oauth(400, "invalid_request", text));
    if code.redirect_uri != redirect_uri {
        return wrong("Value passed for the redirect uri did not match the uri of the authorization code.");
    }
    if !proves(verifier, &code.challenge) {
        return wrong("Value passed for the code verifier did not match the code challenge.");
    }
    code.used = true;
    let family = Family { app: app.to_owned(), person: code.person.clone(), scopes: code.scopes.clone(), dead: false };
    let pair = room.grants.start(&mut world.rng, world.now, family);
    Ok(granted(call, &pair).outcome("code_exchanged"))
}

fn proves(verifier: &str, challenge: &Challenge) -> bool {
    match challenge {
        Challenge::Plain(expected) => verifier == expected,
        Challenge::S256(expected) => URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) == *expected,
    }
}

fn refresh(room: &mut X, world: &mut World, call: &Call, app: &str) -> Result<Answer, Answer> {
    let given = required(call, "refresh_token")?;
    let person = room.grants.refresh.get(given);
    let person = person.and_then(|token| world.people.get(&room.grants.families[token.family].person));
    let gone = |standing| standing == Standing::Deleted;
    if person.and_then(of).is_none_or(|account| gone(account.standing)) || call.own_fault("invalid_grant") {
        return Err(bad_token());
    }
    let found = room.grants.refreshable(world.now, app, given, replay(call));
    let (family, outcome) = match found {
        Ok(Refresh::First(family)) => (family, "refreshed"),
        Ok(Refresh::Forgiven(family)) => (family, "replay_forgiven"),
        Err(RefreshError::Invalid) => return Err(bad_token()),
        Err(RefreshError::Reused) => return Err(bad_token().outcome("refused:reused")),
        Err(RefreshError::FamilyKilled) => return Err(bad_token().outcome("refused:reused_family_killed")),
    };
    let pair = if call.own_fault("no_refresh_token") {
        room.grants.access_alone(&mut world.rng, world.now, family)
    } else {
        room.grants.rotate(&mut world.rng, world.now, given, family)
    };
    Ok(granted(call, &pair).outcome(outcome))
}

fn replay(call: &Call) -> Replay {
    if call.own_fault("replay_refused") {
        Replay::Refused
    } else if call.own_fault("replay_forgiven") {
        Replay::Forgiven
    } else {
        Replay::KillsFamily
    }
}

fn granted(call: &Call, pair: &Pair) -> Answer {
    let mut body = json!({ "token_type": "bearer", "access_token": pair.access, "scope": pair.scopes.join(" ") });
    if !call.own_fault("no_expires_in") {
        body["expires_in"] = json!(ACCESS.as_secs());
    }
    if let Some(refresh) = &pair.refresh {
        body["refresh_token"] = json!(refresh);
    }
    Answer::json(200, &body).header("cache-control", "no-store")
}

/// Ends one token: its access token lives on when a refresh token is revoked,
/// and the other way round.
pub(super) fn revoke(room: &mut X, world: &World, call: &Call) -> Answer {
    let revoked = client(world, call).and_then(|app| {
        let given = required(call, "token")?;
        if room.grants.revoke(&app, given) {
            Ok(Answer::json(200, &json!({ "revoked": true })).outcome("revoked"))
        } else {
            Err(bad_token())
        }
    });
    revoked.unwrap_or_else(|refused| refused)
}
