//! Instagram: its accounts, and the API with Instagram Login.
//!
//! Accounts that are reached through a linked page are Facebook's room.

pub(crate) mod account;
mod authorize;
mod errors;
mod event;
mod grant;
pub(crate) mod insight;
mod token;
mod user;

use axum::http::Method;
use serde_json::json;

pub(crate) use self::account::Account;
pub(crate) use self::grant::{CODE_MARK, TOKEN_MARK};
use self::grant::{Grants, LOGIN};
use crate::World;
use crate::answer::Answer;
use crate::call::Call;
use crate::graph::{GraphError, Usage, Versions, is_node, login, presented, versioned};
use crate::room::{Event, EventError, Room, Route};
use crate::{avatar, page};

const WWW: &str = "www.instagram.com";
const API: &str = "api.instagram.com";
const GRAPH: &str = "graph.instagram.com";
/// Where pictures stand.
const CDN: &str = "scontent.cdninstagram.com";

/// The room of Instagram Login.
#[derive(Default)]
pub(crate) struct Instagram {
    grants: Grants,
    versions: Versions,
    usage: Usage,
}

/// What a path means.
enum Endpoint<'a> {
    Authorize,
    Code,
    Exchange,
    Refresh,
    Profile(&'a str),
    Insights(&'a str),
    Image,
}

/// The version in the path, and what stands below it; the token endpoints have none.
fn target(call: &Call) -> Option<(Option<&str>, Endpoint<'_>)> {
    let parts = call.segments();
    let (version, rest) = versioned(&parts);
    let read = call.method == Method::GET;
    let post = call.method == Method::POST;
    let endpoint = match (call.host, version, rest) {
        (WWW | API, None, &["oauth", "authorize"]) if read || post => Endpoint::Authorize,
        (API, None, &["oauth", "access_token"]) if post => Endpoint::Code,
        (GRAPH, None, &["access_token"]) if read => Endpoint::Exchange,
        (GRAPH, None, &["refresh_access_token"]) if read => Endpoint::Refresh,
        (GRAPH, _, &[id]) if read && is_node(id) => Endpoint::Profile(id),
        (GRAPH, _, &[id, "insights"]) if read && is_node(id) => Endpoint::Insights(id),
        (CDN, None, &["v", "t39", _]) if read => Endpoint::Image,
        _ => return None,
    };
    Some((version, endpoint))
}

impl Room for Instagram {
    fn platform(&self) -> &'static str {
        "instagram"
    }

    fn hosts(&self) -> &'static [&'static str] {
        &[WWW, API, GRAPH, CDN]
    }

    fn own_faults(&self) -> &'static [&'static str] {
        &[
            "array_envelope",
            "comma_permissions",
            "same_token",
            "no_expires_in",
            "invalid_grant",
            "title_case_type",
            "user_removed_app",
            "password_changed",
            "not_business",
            "restricted",
            "account_rate_limited",
            "wrong_person",
            "token_body:",
            "error:",
        ]
    }

    fn errors(&self) -> Vec<&'static str> {
        errors::names()
    }

    /// The probe that the platform is known by is `/me` with nothing but `user_id`.
    fn find(&self, call: &Call) -> Option<Route> {
        Some(match target(call)?.1 {
            Endpoint::Authorize => Route::Authorize,
            Endpoint::Code | Endpoint::Exchange | Endpoint::Refresh => Route::Token,
            Endpoint::Profile(_) if call.query("fields") == Some("user_id") => Route::Probe,
            Endpoint::Profile(_) | Endpoint::Image => Route::Profile,
            Endpoint::Insights(_) => Route::Metrics,
        })
    }

    fn handle(&mut self, world: &mut World, call: &Call) -> Answer {
        let Some((version, endpoint)) = target(call) else {
            return lost(world, call);
        };
        if let Some(answer) = errors::asked(world, call) {
            return answer;
        }
        if self.versions.serving(version, world.now).is_none() {
            return unknown_path(call).answer(&mut world.rng);
        }
        match endpoint {
            Endpoint::Authorize => authorize::answer(self, world, call),
            Endpoint::Code => token::code(self, world, call).unwrap_or_else(|refused| refused),
            Endpoint::Exchange => self.graph(world, call, |room, world, call| {
                login::exchange(&LOGIN, &mut room.grants, world, call, Grants::judge)
            }),
            Endpoint::Refresh => self.graph(world, call, |room, world, call| {
                login::refresh(&LOGIN, &mut room.grants, world, call, Grants::judge)
            }),
            Endpoint::Profile(id) => self.account(world, call, |room, world| user::profile(room, world, call, id)),
            Endpoint::Insights(id) => self.account(world, call, |room, world| user::insights(room, world, call, id)),
            Endpoint::Image => avatar::image(world.now, call),
        }
    }

    fn rate_limited(&mut self, world: &mut World, call: &Call) -> Answer {
        if call.host != GRAPH {
            return refused(400, "Application request limit reached");
        }
        let usage = r#"{"call_count":100,"total_time":12,"total_cputime":9}"#;
        GraphError::app_limit().answer(&mut world.rng).header("x-app-usage", usage)
    }

    fn failing(&mut self, world: &mut World, call: &Call, status: u16) -> Answer {
        if call.host == GRAPH {
            GraphError::outage(status).answer(&mut world.rng)
        } else {
            refused(status, "An unknown error occurred")
        }
    }

    fn event(&mut self, world: &mut World, event: &Event) -> Result<(), EventError> {
        self.happen(world, event)
    }

    fn subject(&self, world: &World, app: &str, account: &str) -> Option<String> {
        Self::scoped(world, app, account)
    }
}

impl Instagram {
    /// A call to the Graph API's side, with errors and headers as there.
    fn graph(
        &mut self,
        world: &mut World,
        call: &Call,
        answer: impl FnOnce(&mut Self, &mut World, &Call) -> Result<Answer, GraphError>,
    ) -> Answer {
        let (app, _) = self.caller(call);
        let answered = match named(call, &app) {
            Some(error) => Err(error),
            None => answer(self, world, call),
        };
        let answer = answered.unwrap_or_else(|error| error.answer(&mut world.rng));
        self.usage.headers(answer, world.now, &app)
    }

    /// The same for what counts against the account's budget.
    fn account(
        &mut self,
        world: &mut World,
        call: &Call,
        answer: impl FnOnce(&Self, &World) -> Result<Answer, GraphError>,
    ) -> Answer {
        let (app, account) = self.caller(call);
        let now = world.now;
        let answer = self.graph(world, call, |room, world, _| {
            if !account.is_empty() {
                room.usage.instagram_call(now, &app, &account)?;
            }
            answer(room, world)
        });
        if account.is_empty() { answer } else { self.usage.instagram_header(answer, now, &app, &account) }
    }

    /// The app and the account of the token, as far as it is one.
    fn caller(&self, call: &Call) -> (String, String) {
        let token = presented(call).and_then(|secret| self.grants.tokens.get(secret));
        token.map(|token| (token.app.clone(), token.account.clone())).unwrap_or_default()
    }
}

/// The envelope of the token host.
fn refused(status: u16, message: &str) -> Answer {
    let body = json!({ "error_type": "OAuthException", "code": status, "error_message": message });
    Answer::json(status, &body).outcome(format!("refused:{message}"))
}

fn unknown_path(call: &Call) -> GraphError {
    GraphError::new(400, 2500, format!("Unknown path components: {}", call.path))
}

fn method_refused(call: &Call) -> String {
    format!("Unsupported request - method type: {}", call.method.as_str().to_ascii_lowercase())
}

/// What a path that is not there, or not for this method, answers.
fn lost(world: &mut World, call: &Call) -> Answer {
    match call.host {
        GRAPH if call.method == Method::GET => unknown_path(call).answer(&mut world.rng),
        GRAPH => GraphError::new(400, 100, method_refused(call)).answer(&mut world.rng),
        API => refused(400, &method_refused(call)),
        _ => page::error(404, "Instagram", "Page not found", "The link may be broken, or the page may be gone."),
    }
}

/// The errors that can be asked for by name.
fn named(call: &Call, app: &str) -> Option<GraphError> {
    call.faults.iter().find_map(|fault| {
        Some(match fault.as_str() {
            "user_removed_app" => GraphError::not_authorised(app),
            "password_changed" => GraphError::password_changed().bare(),
            "not_business" => GraphError::not_business(),
            "restricted" => GraphError::restricted(),
            "account_rate_limited" => GraphError::instagram_limit(),
            _ => return None,
        })
    })
}
