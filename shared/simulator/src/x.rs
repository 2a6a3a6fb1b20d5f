//! X: OAuth 2.0 with PKCE, API v2.

mod account;
mod authorize;
mod credit;
mod error;
mod errors;
mod event;
mod grant;
mod limit;
mod token;
mod user;

use axum::http::Method;

pub(crate) use self::account::Account;
use self::credit::Credits;
use self::error::{depleted, problem, typed};
use self::grant::Grants;
pub(crate) use self::grant::{CODE_MARK, TOKEN_MARK};
use self::limit::{Left, Limits};
use crate::World;
use crate::answer::Answer;
use crate::call::Call;
use crate::room::{Event, EventError, Room, Route};
use crate::{avatar, page};

const WWW: [&str; 2] = ["x.com", "twitter.com"];
const API: [&str; 2] = ["api.x.com", "api.twitter.com"];
/// Where pictures stand.
const CDN: &str = "pbs.twimg.com";

/// The room of X.
#[derive(Default)]
pub(crate) struct X {
    grants: Grants,
    limits: Limits,
    credits: Credits,
}

/// What a path means.
enum Endpoint<'a> {
    Authorize,
    Token,
    Revoke,
    Me,
    User(&'a str),
    Posts(&'a str),
    Image(&'a str),
}

fn endpoint(call: &Call) -> Option<Endpoint<'_>> {
    let read = call.method == Method::GET;
    let post = call.method == Method::POST;
    let is_id = |id: &str| !id.is_empty() && id.chars().all(|c| c.is_ascii_digit());
    let www = WWW.contains(&call.host);
    let api = API.contains(&call.host);
    let endpoint = match *call.segments().as_slice() {
        ["i", "oauth2", "authorize"] if www && (read || post) => Endpoint::Authorize,
        ["2", "oauth2", "token"] if api && post => Endpoint::Token,
        ["2", "oauth2", "revoke"] if api && post => Endpoint::Revoke,
        ["2", "users", "me"] if api && read => Endpoint::Me,
        ["2", "users", id] if api && read && is_id(id) => Endpoint::User(id),
        ["2", "users", id, "tweets"] if api && read && is_id(id) => Endpoint::Posts(id),
        ["profile_images", key, _] if call.host == CDN && read => Endpoint::Image(key),
        _ => return None,
    };
    Some(endpoint)
}

/// Too many calls.
fn many() -> Answer {
    problem(429, "Too Many Requests", "Too Many Requests").outcome("refused:rate_limited")
}

impl Room for X {
    fn platform(&self) -> &'static str {
        "x"
    }

    fn hosts(&self) -> &'static [&'static str] {
        &[WWW[0], API[0], WWW[1], API[1], CDN]
    }

    fn own_faults(&self) -> &'static [&'static str] {
        &[
            "usage_capped",
            "credits_depleted",
            "client_forbidden",
            "unsupported_authentication",
            "partial_errors",
            "post_count",
            "replay_refused",
            "replay_forgiven",
            "no_refresh_token",
            "no_expires_in",
            "invalid_grant",
            "wrong_person",
            "token_body:",
            "error:",
        ]
    }

    fn errors(&self) -> Vec<&'static str> {
        errors::ROWS.iter().map(|row| row.name).collect()
    }

    fn find(&self, call: &Call) -> Option<Route> {
        Some(match endpoint(call)? {
            Endpoint::Authorize => Route::Authorize,
            Endpoint::Token => Route::Token,
            Endpoint::Revoke => Route::Revoke,
            Endpoint::Me | Endpoint::User(_) | Endpoint::Image(_) => Route::Profile,
            Endpoint::Posts(_) => Route::Metrics,
        })
    }

    fn handle(&mut self, world: &mut World, call: &Call) -> Answer {
        let endpoint = endpoint(call);
        if let Some(answer) = errors::asked(world, call).filter(|_| endpoint.is_some()).or_else(|| named(call)) {
            return answer;
        }
        match endpoint {
            Some(Endpoint::Authorize) => authorize::answer(self, world, call),
            Some(Endpoint::Token) => token::answer(self, world, call),
            Some(Endpoint::Revoke) => token::revoke(self, world, call),
            Some(Endpoint::Me) => user::me(self, world, call),
            Some(Endpoint::User(id)) => user::by_id(self, world, call, id),
            Some(Endpoint::Posts(id)) => user::posts(self, world, call, id),
            Some(Endpoint::Image(key)) => Answer::png(avatar::png(key)),
            None if API.contains(&call.host) => problem(404, "Not Found", "Not Found"),
            None => page::error(404, "X", "Hmm...this page doesn't exist", "Try searching for something else."),
        }
    }

    fn rate_limited(&mut self, world: &mut World, _call: &Call) -> Answer {
        Left::none(world.now).headers(many())
    }

    fn failing(&mut self, _world: &mut World, _call: &Call, status: u16) -> Answer {
        let title = axum::http::StatusCode::from_u16(status)
            .ok()
            .and_then(|status| status.canonical_reason())
            .unwrap_or("Error");
        problem(status, title, title)
    }

    fn event(&mut self, world: &mut World, event: &Event) -> Result<(), EventError> {
        self.happen(world, event)
    }

    fn subject(&self, world: &World, _app: &str, account: &str) -> Option<String> {
        let mut all = world.people.all().iter().filter_map(|person| Some((&person.id, person.x.as_ref()?)));
        all.find(|(id, of)| *id == account || of.id == account).map(|(_, of)| of.id.clone())
    }
}

/// The errors that can be asked for by name.
fn named(call: &Call) -> Option<Answer> {
    call.faults.iter().find_map(|fault| refusal(fault))
}

fn refusal(fault: &str) -> Option<Answer> {
    let answer = match fault {
        "usage_capped" => typed(429, "UsageCapExceeded", "usage-capped", "Usage cap exceeded: Monthly product cap"),
        "credits_depleted" => depleted(),
        "client_forbidden" => typed(
            403,
            "Client Forbidden",
            "client-forbidden",
            "The App must be attached to a Project to use this endpoint.",
        ),
        "unsupported_authentication" => typed(
            403,
            "Unsupported Authentication",
            "unsupported-authentication",
            "Authenticating with this kind of token is forbidden for this endpoint.",
        ),
        _ => return None,
    };
    Some(answer)
}
