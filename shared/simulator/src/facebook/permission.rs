//! `/{user}/permissions`: what was granted, and taking it back.

use serde_json::json;

use super::Facebook;
use super::account::{of, scoped_id};
use super::grant::{Caller, Kind};
use crate::World;
use crate::answer::Answer;
use crate::call::Call;
use crate::graph::GraphError;

/// The app and the person meant, by the person's token or by the app's.
fn whose(room: &Facebook, world: &World, call: &Call, id: &str) -> Result<(String, String), GraphError> {
    let missing = || GraphError::missing(call.method.as_str(), id);
    match room.grants.caller(world, call)? {
        Caller::Person(session) => {
            let own = scoped_id(&session.token.app, &session.account);
            let is_user = matches!(session.token.kind, Kind::User { .. });
            if is_user && (id == "me" || id == own) {
                Ok((session.token.app, session.person.id))
            } else {
                Err(missing())
            }
        }
        Caller::App(app) => {
            let person = world
                .people
                .all()
                .iter()
                .find(|person| of(person).is_some_and(|account| scoped_id(&app, account) == id))
                .ok_or_else(missing)?;
            let key = (app, person.id.clone());
            if room.grants.given.contains_key(&key) { Ok(key) } else { Err(missing()) }
        }
    }
}

pub(super) fn list(room: &Facebook, world: &World, call: &Call, id: &str) -> Result<Answer, GraphError> {
    let key = whose(room, world, call, id)?;
    let grant = room.grants.given.get(&key);
    let data: Vec<_> = grant
        .into_iter()
        .flat_map(|grant| {
            grant.asked.iter().map(|scope| {
                let granted = grant.granted.contains(scope);
                let status = if granted { "granted" } else { "declined" };
                json!({ "permission": scope, "status": status })
            })
        })
        .collect();
    Ok(Answer::json(200, &json!({ "data": data })))
}

/// Without a permission the whole grant goes, and with it every token of this
/// person for this app.
pub(super) fn drop(
    room: &mut Facebook,
    world: &mut World,
    call: &Call,
    id: &str,
    one: Option<&str>,
) -> Result<Answer, GraphError> {
    let key = whose(room, world, call, id)?;
    let outcome = match one {
        None => {
            room.remove(world, &key.1, Some(&key.0));
            "revoked"
        }
        Some(scope) => {
            let grant = room.grants.given.get_mut(&key);
            if !grant.is_some_and(|grant| grant.granted.remove(scope)) {
                let message = format!("The permission {scope} is not granted");
                return Err(GraphError::parameter(&message));
            }
            "scope_revoked"
        }
    };
    Ok(Answer::json(200, &json!({ "success": true })).outcome(outcome))
}
