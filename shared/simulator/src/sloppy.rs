//! A server that is not as it should be, as some that can be met are: a mode of any platform, by the fault `sloppy`.
//!
//! A dead token is a 400 with a line of text, an unknown code a 500 with a page, a wrong secret a 401 `access_denied`; a
//! code can be spent again; tokens come without an end and without a refresh token, for which there is no grant either;
//! `state` comes back without its percent-encoding, and a revocation answers nothing.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::HeaderValue;
use serde_json::{Value, json};

use crate::World;
use crate::answer::Answer;
use crate::call::{Call, pairs};
use crate::room::Route;

pub(crate) const NAME: &str = "sloppy";

/// What such a server does not say of a token.
const UNSAID: [&str; 5] =
    ["expires_in", "refresh_token", "refresh_expires_in", "refresh_token_expires_in", "refresh_token_expires_at"];

/// What the mode must remember.
#[derive(Default)]
pub(crate) struct Sloppy {
    /// Codes that were handed out, in this mode or not.
    codes: BTreeSet<String>,
    /// What was answered to a code that was spent in this mode.
    spent: BTreeMap<String, Vec<u8>>,
}

impl Sloppy {
    /// Notes the code with which a person is sent back.
    pub(crate) fn note(&mut self, answer: &Answer) {
        let sent = location(answer).and_then(|to| to.split_once('?')).map(|(_, query)| query);
        let query = sent.map(|query| query.split('#').next().unwrap_or_default()).unwrap_or_default();
        self.codes.extend(pairs(query.as_bytes()).into_iter().filter(|(name, _)| is_code(name)).map(|(_, code)| code));
    }

    /// What is answered before the platform sees the call.
    pub(crate) fn before(&self, world: &World, platform: &str, call: &Call, route: Route) -> Option<Answer> {
        if route != Route::Token || is_stranger(world, platform, call) {
            return None;
        }
        if call.param("grant_type") == Some("refresh_token") {
            return Some(
                Answer::json(400, &json!({ "error": "invalid_grant_type" })).outcome("refused:invalid_grant_type"),
            );
        }
        let again = self.spent.get(code(call)?)?;
        let mut answer = Answer::json(200, &Value::Null).outcome("code_exchanged");
        answer.body.clone_from(again);
        Some(answer)
    }

    /// The platform's answer, as this server gives it.
    pub(crate) fn after(
        &mut self,
        world: &World,
        platform: &str,
        call: &Call,
        route: Route,
        mut answer: Answer,
    ) -> Answer {
        let failed = answer.status.is_client_error();
        match route {
            Route::Authorize => bare_state(&mut answer),
            Route::Revoke if answer.status.is_success() => {
                let outcome = std::mem::take(&mut answer.outcome);
                return Answer::html(200, String::new()).outcome(outcome);
            }
            Route::Token if failed && is_stranger(world, platform, call) => {
                return Answer::json(401, &json!({ "error": "access_denied" })).outcome("refused:access_denied");
            }
            Route::Token if failed && code(call).is_some_and(|code| !self.codes.contains(code)) => {
                let page = "<html><body><h1>500 Internal Server Error</h1></body></html>";
                return Answer::html(500, page.to_owned()).outcome("refused:unknown_code");
            }
            Route::Token if answer.status.is_success() => {
                unsay(&mut answer);
                if let Some(code) = code(call) {
                    self.spent.insert(code.to_owned(), answer.body.clone());
                }
            }
            Route::Revoke | Route::Token => {}
            _ if bears_token(call) && is_dead(&answer) => {
                return Answer::html(400, "Invalid Bearer token".to_owned()).outcome("refused:dead_token");
            }
            _ => {}
        }
        answer
    }
}

fn location(answer: &Answer) -> Option<&str> {
    answer.headers.iter().find(|(name, _)| *name == "location").map(|(_, to)| to.as_str())
}

fn is_code(name: &str) -> bool {
    matches!(name, "code" | "auth_code")
}

fn code(call: &Call) -> Option<&str> {
    call.param("code").or_else(|| call.param("auth_code"))
}

/// Whether an app names itself by a secret that is not its own.
fn is_stranger(world: &World, platform: &str, call: &Call) -> bool {
    let by_basic = call.basic();
    let secret = by_basic.as_ref().map(|(_, secret)| secret.as_str()).or_else(|| call.param("client_secret"));
    secret.is_some_and(|secret| world.apps.of(platform).all(|app| app.client_secret != secret))
}

fn bears_token(call: &Call) -> bool {
    call.authorization("Bearer").is_some()
        || call.param("access_token").is_some()
        || !call.header("access-token").is_empty()
}

/// 401, or Meta's code for a token that is of no use.
fn is_dead(answer: &Answer) -> bool {
    let said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    answer.status == 401 || said["error"]["code"] == 190
}

fn unsay(answer: &mut Answer) {
    let Ok(mut said) = serde_json::from_slice::<Value>(&answer.body) else { return };
    for place in ["", "/data"] {
        if let Some(map) = said.pointer_mut(place).and_then(Value::as_object_mut) {
            map.retain(|name, _| !UNSAID.contains(&name.as_str()));
        }
    }
    answer.body = said.to_string().into_bytes();
}

/// Writes `state` as it is; what no header can hold stays encoded.
fn bare_state(answer: &mut Answer) {
    let Some((_, to)) = answer.headers.iter_mut().find(|(name, _)| *name == "location") else { return };
    let (address, fragment) = to.split_at(to.find('#').unwrap_or(to.len()));
    let Some((path, query)) = address.split_once('?') else { return };
    let bare = |pair: &str| match pairs(pair.as_bytes()).into_iter().next() {
        Some((name, value)) if name == "state" => format!("state={value}"),
        _ => pair.to_owned(),
    };
    let query: Vec<String> = query.split('&').map(bare).collect();
    let bare = format!("{path}?{}{fragment}", query.join("&"));
    if HeaderValue::try_from(&bare).is_ok() {
        *to = bare;
    }
}
