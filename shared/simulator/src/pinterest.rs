//! Pinterest: OAuth 2.0 with HTTP Basic, API v5.

mod account;
mod analytics;
mod authorize;
mod board;
mod errors;
mod event;
mod grant;
mod limit;
pub(crate) mod seed;
mod token;
mod user;

use axum::http::Method;

pub(crate) use self::account::Account;
use self::errors::{Error, MANY, OUTAGE};
use self::grant::Grants;
pub(crate) use self::grant::{ACCESS_MARK, CODE_MARK, REFRESH_MARK};
use self::limit::{Left, Limits};
use crate::World;
use crate::answer::Answer;
use crate::call::Call;
use crate::room::{Event, EventError, Room, Route};
use crate::{avatar, page};

const WWW: &str = "www.pinterest.com";
const API: [&str; 2] = ["api.pinterest.com", "api-sandbox.pinterest.com"];
/// Where pictures stand.
const CDN: &str = "i.pinimg.com";

/// The room of Pinterest.
#[derive(Default)]
pub(crate) struct Pinterest {
    grants: Grants,
    limits: Limits,
}

/// What a path means.
enum Endpoint<'a> {
    Authorize,
    Token,
    Revoke,
    User,
    Analytics,
    Boards,
    Image(&'a str),
}

fn endpoint(call: &Call) -> Option<Endpoint<'_>> {
    let read = call.method == Method::GET;
    let post = call.method == Method::POST;
    let www = call.host == WWW;
    let api = API.contains(&call.host);
    let endpoint = match *call.segments().as_slice() {
        ["oauth", ""] if www && (read || post) => Endpoint::Authorize,
        ["v5", "oauth", "token"] if api && post => Endpoint::Token,
        ["v5", "oauth", "token", "revoke"] if api && post => Endpoint::Revoke,
        ["v5", "user_account"] if api && read => Endpoint::User,
        ["v5", "user_account", "analytics"] if api && read => Endpoint::Analytics,
        ["v5", "boards"] if api && read => Endpoint::Boards,
        ["280x280_RS", _, _, key] if call.host == CDN && read => Endpoint::Image(key.trim_end_matches(".jpg")),
        _ => return None,
    };
    Some(endpoint)
}

impl Room for Pinterest {
    fn platform(&self) -> &'static str {
        "pinterest"
    }

    fn hosts(&self) -> &'static [&'static str] {
        &[WWW, API[0], API[1], CDN]
    }

    fn own_faults(&self) -> &'static [&'static str] {
        &[
            "error:",
            "old_app",
            "comma_scope",
            "listed_windows",
            "system_user",
            "no_expires_in",
            "invalid_grant",
            "wrong_person",
            "token_body:",
        ]
    }

    fn find(&self, call: &Call) -> Option<Route> {
        Some(match endpoint(call)? {
            Endpoint::Authorize => Route::Authorize,
            Endpoint::Token => Route::Token,
            Endpoint::Revoke => Route::Revoke,
            Endpoint::User | Endpoint::Image(_) => Route::Profile,
            Endpoint::Analytics => Route::Metrics,
            Endpoint::Boards => Route::Children,
        })
    }

    fn handle(&mut self, world: &mut World, call: &Call) -> Answer {
        if let Some(name) = call.own_argument("error:") {
            return errors::row(name);
        }
        let answered = match endpoint(call) {
            Some(Endpoint::Authorize) => Ok(authorize::answer(self, world, call)),
            Some(Endpoint::Token) => token::answer(self, world, call),
            Some(Endpoint::Revoke) => token::revoke(self, world, call),
            Some(Endpoint::User) => return user::answer(self, world, call),
            Some(Endpoint::Analytics) => return analytics::answer(self, world, call),
            Some(Endpoint::Boards) => return board::answer(self, world, call),
            Some(Endpoint::Image(key)) => Ok(Answer::png(avatar::png(key))),
            None if API.contains(&call.host) => Err(Error::new(404, 4, "The path or the method is not known.")),
            None => Ok(page::error(404, "Pinterest", "We couldn't find that page", "Try searching for other ideas.")),
        };
        answered.unwrap_or_else(|error| error.answer())
    }

    fn rate_limited(&mut self, _world: &mut World, call: &Call) -> Answer {
        if API.contains(&call.host) {
            Left::none().headers(call, "org_read", MANY.answer())
        } else {
            page::error(429, "Pinterest", "Too many requests", "Try again later.")
        }
    }

    fn failing(&mut self, _world: &mut World, call: &Call, status: u16) -> Answer {
        if API.contains(&call.host) {
            Error::new(status, -1, OUTAGE).answer()
        } else {
            page::error(status, "Pinterest", "Something went wrong", "Try again later.")
        }
    }

    fn event(&mut self, world: &mut World, event: &Event) -> Result<(), EventError> {
        self.happen(world, event)
    }
}
