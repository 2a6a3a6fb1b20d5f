//! `/debug_token`: what a token is; a bad one is told of with status 200.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Facebook;
use super::account::{Account, of, scoped_id};
use super::grant::{Caller, Grant, Kind, Token, app_of};
use crate::World;
use crate::answer::Answer;
use crate::call::Call;
use crate::graph::GraphError;

pub(super) fn answer(room: &Facebook, world: &World, call: &Call) -> Result<Answer, GraphError> {
    let app = match room.grants.caller(world, call)? {
        Caller::App(app) => app,
        Caller::Person(_) => {
            let message = "(#100) You must provide an app access token, or a user access token \
                           that is an owner or developer of the app";
            return Err(GraphError::new(400, 100, message));
        }
    };
    let input = call
        .query("input_token")
        .filter(|token| !token.is_empty())
        .ok_or_else(|| GraphError::parameter("The parameter input_token is required"))?;
    if app_of(world, input).is_some_and(|of| of == app) {
        let body = json!({ "data": {
            "app_id": app, "type": "APP", "application": format!("App {app}"),
            "is_valid": true, "scopes": [],
        } });
        return Ok(Answer::json(200, &body).outcome("valid"));
    }
    let Some(token) = room.grants.tokens.get(input) else {
        let error = GraphError::malformed_token();
        let body = json!({ "data": {
            "error": { "code": error.code, "message": error.message },
            "is_valid": false, "scopes": [],
        } });
        return Ok(Answer::json(200, &body).outcome("invalid"));
    };
    if token.app != app {
        let message = "The App_id in the input_token did not match the Viewing App";
        return Err(GraphError::parameter(message));
    }
    let fault = room.grants.judge(world, input).err();
    // Data access that has run out is told by its own field alone.
    let fault = fault.filter(|error| error.code != 10);
    let key = (token.app.clone(), token.person.clone());
    let grant = room.grants.given.get(&key);
    let mut data = describe(world, token, grant);
    data["is_valid"] = json!(fault.is_none());
    let mut outcome = "valid";
    if let Some(error) = fault {
        outcome = "invalid";
        data["error"] = json!({ "code": error.code, "message": error.message });
        if let Some(subcode) = error.subcode {
            data["error"]["subcode"] = json!(subcode);
        }
        data["scopes"] = json!([]);
        data["granular_scopes"] = json!([]);
    }
    Ok(Answer::json(200, &json!({ "data": data })).outcome(outcome))
}

fn describe(world: &World, token: &Token, grant: Option<&Grant>) -> Value {
    let seconds = |at: Option<Timestamp>| at.map_or(0, Timestamp::as_second);
    let scopes = granted(grant);
    let account = world.people.get(&token.person).and_then(of);
    let mut data = json!({
        "app_id": token.app,
        "application": format!("App {}", token.app),
        "type": match token.kind { Kind::Page(_) => "PAGE", Kind::User { .. } => "USER" },
        "expires_at": seconds(token.expires),
        "data_access_expires_at": seconds(grant.map(|grant| grant.data_access_until)),
        "scopes": scopes,
        "granular_scopes": granular(world, grant, account, &scopes),
    });
    if let Some(account) = account {
        data["user_id"] = json!(scoped_id(&token.app, account));
    }
    if let Kind::Page(page) = &token.kind {
        data["profile_id"] = json!(page);
    }
    if token.kind != (Kind::User { long: false }) {
        data["issued_at"] = json!(token.issued.as_second());
    }
    data
}

fn granted(grant: Option<&Grant>) -> Vec<&str> {
    let asked = grant.into_iter().flat_map(|grant| {
        let is_granted = |scope: &&String| grant.granted.contains(*scope);
        grant.asked.iter().filter(is_granted)
    });
    asked.map(String::as_str).collect()
}

/// What concerns pages names the pages, and what concerns Instagram the
/// professional accounts that are linked to them.
fn granular(world: &World, grant: Option<&Grant>, account: Option<&Account>, scopes: &[&str]) -> Vec<Value> {
    let pages: Vec<&String> = grant.iter().flat_map(|grant| &grant.pages).collect();
    let shared = account.iter().flat_map(|account| &account.pages).filter(|page| pages.contains(&&page.id));
    let linked: Vec<&String> = shared
        .filter_map(|page| world.people.instagram(page.instagram.as_deref()?))
        .filter(|account| account.is_professional())
        .map(|account| &account.id)
        .collect();
    scopes
        .iter()
        .map(|scope| {
            if scope.starts_with("pages_") || *scope == "read_insights" {
                json!({ "scope": scope, "target_ids": pages })
            } else if scope.starts_with("instagram_") {
                json!({ "scope": scope, "target_ids": linked })
            } else {
                json!({ "scope": scope })
            }
        })
        .collect()
}
