//! Threads: an app, a login and a Graph API of its own.

mod account;
mod authorize;
mod debug;
mod errors;
mod event;
mod grant;
mod insight;
pub(crate) mod seed;
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
use crate::graph::{GraphError, Usage, is_node, login, presented, versioned};
use crate::page;
use crate::room::{Event, EventError, Room, Route};

const WWW: [&str; 2] = ["www.threads.net", "threads.net"];
const GRAPH: [&str; 2] = ["graph.threads.net", "graph.threads.com"];
const VERSION: &str = "v1.0";
/// Where pictures stand; Instagram's room serves them.
const CDN: &str = "scontent.cdninstagram.com";

/// The room of Threads.
#[derive(Default)]
pub(crate) struct Threads {
    grants: Grants,
    usage: Usage,
}

/// What a path means.
enum Endpoint<'a> {
    Authorize,
    Code,
    Exchange,
    Refresh,
    Debug,
    Profile(&'a str),
    Insights(&'a str),
    Limit(&'a str),
}

/// The version in the path, and what stands below it; the token endpoints have none.
fn target(call: &Call) -> Option<(Option<&str>, Endpoint<'_>)> {
    let parts = call.segments();
    let (version, rest) = versioned(&parts);
    let read = call.method == Method::GET;
    let post = call.method == Method::POST;
    let graph = GRAPH.contains(&call.host);
    let endpoint = match (version, rest) {
        (None, &["oauth", "authorize"]) if !graph && (read || post) => Endpoint::Authorize,
        (None, &["oauth", "access_token"]) if graph && post => Endpoint::Code,
        (None, &["access_token"]) if graph && read => Endpoint::Exchange,
        (None, &["refresh_access_token"]) if graph && read => Endpoint::Refresh,
        (_, &["debug_token"]) if graph && read => Endpoint::Debug,
        (_, &[id]) if graph && read && is_node(id) => Endpoint::Profile(id),
        (_, &[id, "threads_insights"]) if graph && read && is_node(id) => Endpoint::Insights(id),
        (_, &[id, "threads_publishing_limit"]) if graph && read && is_node(id) => Endpoint::Limit(id),
        _ => return None,
    };
    Some((version, endpoint))
}

impl Room for Threads {
    fn platform(&self) -> &'static str {
        "threads"
    }

    fn hosts(&self) -> &'static [&'static str] {
        &[WWW[0], WWW[1], GRAPH[0], GRAPH[1]]
    }

    fn own_faults(&self) -> &'static [&'static str] {
        &["error:", "same_token", "no_expires_in", "invalid_grant", "wrong_person", "token_body:"]
    }

    fn find(&self, call: &Call) -> Option<Route> {
        Some(match target(call)?.1 {
            Endpoint::Authorize => Route::Authorize,
            Endpoint::Code | Endpoint::Exchange | Endpoint::Refresh => Route::Token,
            Endpoint::Debug => Route::Probe,
            Endpoint::Profile(_) => Route::Profile,
            Endpoint::Insights(_) => Route::Metrics,
            Endpoint::Limit(_) => Route::Permissions,
        })
    }

    fn handle(&mut self, world: &mut World, call: &Call) -> Answer {
        if let Some(name) = call.own_argument("error:") {
            return errors::answer(&mut world.rng, name);
        }
        let Some((version, endpoint)) = target(call) else {
            return lost(world, call);
        };
        if version.is_some_and(|version| version != VERSION) {
            return unknown_path(call).answer(&mut world.rng);
        }
        match endpoint {
            Endpoint::Authorize => authorize::answer(self, world, call),
            Endpoint::Code => token::code(self, world, call).unwrap_or_else(|refused| refused),
            Endpoint::Exchange => self.graph(world, call, |room, world| {
                login::exchange(&LOGIN, &mut room.grants, world, call, Grants::judge)
            }),
            Endpoint::Refresh => self
                .graph(world, call, |room, world| login::refresh(&LOGIN, &mut room.grants, world, call, Grants::judge)),
            Endpoint::Debug => self.graph(world, call, |room, world| debug::answer(room, world, call)),
            Endpoint::Profile(id) => self.account(world, call, |room, world| user::profile(room, world, call, id)),
            Endpoint::Insights(id) => self.account(world, call, |room, world| user::insights(room, world, call, id)),
            Endpoint::Limit(id) => self.account(world, call, |room, world| user::limit(room, world, call, id)),
        }
    }

    fn rate_limited(&mut self, world: &mut World, call: &Call) -> Answer {
        if speaks_graph(call) {
            let usage = r#"{"call_count":100,"total_time":50,"total_cputime":33}"#;
            GraphError::threads_limit().answer(&mut world.rng).header("x-app-usage", usage)
        } else {
            refused(400, "Application request limit reached")
        }
    }

    fn failing(&mut self, world: &mut World, call: &Call, status: u16) -> Answer {
        if speaks_graph(call) {
            GraphError::outage(status).answer(&mut world.rng)
        } else {
            refused(status, "An unknown error occurred")
        }
    }

    fn event(&mut self, world: &mut World, event: &Event) -> Result<(), EventError> {
        self.happen(world, event)
    }

    fn subject(&self, world: &World, _app: &str, account: &str) -> Option<String> {
        let mut all = world.people.all().iter().filter_map(|person| Some((&person.id, person.threads.as_ref()?)));
        all.find(|(id, of)| *id == account || of.id == account).map(|(_, of)| of.id.clone())
    }
}

impl Threads {
    /// A call to the Graph API's side, with errors and headers as there.
    fn graph(
        &mut self,
        world: &mut World,
        call: &Call,
        answer: impl FnOnce(&mut Self, &mut World) -> Result<Answer, GraphError>,
    ) -> Answer {
        let (app, account) = self.caller(call);
        let answer = answer(self, world).unwrap_or_else(|error| error.answer(&mut world.rng));
        self.usage.threads_headers(answer, world.now, &app, &account)
    }

    /// The same for what counts against the account's budget.
    fn account(
        &mut self,
        world: &mut World,
        call: &Call,
        answer: impl FnOnce(&Self, &World) -> Result<Answer, GraphError>,
    ) -> Answer {
        let (app, account) = self.caller(call);
        self.graph(world, call, |room, world| {
            if let Some(of) = account::by_id(world, &account) {
                room.usage.threads_call(world.now, &app, &of.id, insight::impressions(world.now, of))?;
            }
            answer(room, world)
        })
    }

    /// The app and the account of the token, as far as it is one.
    fn caller(&self, call: &Call) -> (String, String) {
        let token = presented(call).and_then(|secret| self.grants.tokens.get(secret));
        token.map(|token| (token.app.clone(), token.account.clone())).unwrap_or_default()
    }
}

/// All but the pages and the exchange of a code answer in the Graph API's envelope.
fn speaks_graph(call: &Call) -> bool {
    GRAPH.contains(&call.host) && call.path != "/oauth/access_token"
}

/// The envelope of the code's exchange.
fn refused(status: u16, message: &str) -> Answer {
    let body = json!({ "error_message": message, "error_type": "OAuthException", "code": status });
    Answer::json(status, &body).outcome(format!("refused:{message}"))
}

fn unknown_path(call: &Call) -> GraphError {
    GraphError::new(400, 2500, format!("Unknown path components: {}", call.path))
}

/// What a path that is not there, or not for this method, answers.
fn lost(world: &mut World, call: &Call) -> Answer {
    let method = || format!("Unsupported request - method type: {}", call.method.as_str().to_ascii_lowercase());
    match call.host {
        host if WWW.contains(&host) => page::error(404, "Threads", "Not all who wander are lost", "But this page is."),
        _ if !speaks_graph(call) => refused(400, &method()),
        _ if call.method == Method::GET => unknown_path(call).answer(&mut world.rng),
        _ => GraphError::new(400, 100, method()).answer(&mut world.rng),
    }
}
