//! `/debug_token`: what a token is; a bad one is told of with status 200.

use serde_json::json;

use super::Threads;
use crate::World;
use crate::answer::Answer;
use crate::call::Call;
use crate::graph::{GraphError, presented};

pub(super) fn answer(room: &Threads, world: &World, call: &Call) -> Result<Answer, GraphError> {
    let app = caller(room, world, call)?;
    let input = call
        .query("input_token")
        .filter(|token| !token.is_empty())
        .ok_or_else(|| GraphError::parameter("The parameter input_token is required"))?;
    let told = |data| Answer::json(200, &json!({ "data": data }));
    let Some(token) = room.grants.tokens.get(input) else {
        let error = GraphError::malformed_token();
        let error = json!({ "code": error.code, "message": error.message });
        return Ok(told(json!({ "error": error, "is_valid": false, "scopes": [] })).outcome("invalid"));
    };
    if token.app != app {
        return Err(GraphError::parameter("The App_id in the input_token did not match the Viewing App"));
    }
    let mut data = json!({
        "type": "USER",
        "application": format!("App {app}"),
        "expires_at": token.expires.as_second(),
        "issued_at": token.issued.as_second(),
        "user_id": token.account,
        "is_valid": true,
        "scopes": [],
    });
    match room.grants.judge(world, input) {
        Ok(session) => {
            data["scopes"] = json!(session.scopes);
            Ok(told(data).outcome("valid"))
        }
        Err(error) => {
            data["is_valid"] = json!(false);
            data["error"] = json!({ "code": error.code, "message": error.message });
            if let Some(subcode) = error.subcode {
                data["error"]["subcode"] = json!(subcode);
            }
            Ok(told(data).outcome("invalid"))
        }
    }
}

/// The app that asks: by a good token of one of its people, or by its own `TH|id|secret`.
fn caller(room: &Threads, world: &World, call: &Call) -> Result<String, GraphError> {
    let secret = presented(call).filter(|secret| !secret.is_empty());
    let secret = secret.ok_or_else(GraphError::no_token)?;
    if let Some((id, own)) = secret.strip_prefix("TH|").and_then(|rest| rest.split_once('|')) {
        let app = world.apps.get("threads", id).filter(|app| app.client_secret == own);
        return app.map(|app| app.client_id.clone()).ok_or_else(GraphError::malformed_token);
    }
    Ok(room.grants.judge(world, secret)?.token.app)
}
