//! TikTok: Login Kit v2, and the API for Business.
//!
//! Both let people in on one page, and an app has one `client_key` for both. Which of the two an app means shows in the
//! scopes and the redirect that it asks with, and is settled by the host at which it spends the code: the tokens of the
//! one are nothing to the other.

mod account;
mod authorize;
mod business;
mod errors;
mod event;
mod grant;
mod limit;
mod picture;
pub(crate) mod seed;
mod token;
mod user;
mod video;

use axum::http::Method;

pub(crate) use self::account::Account;
use self::errors::{ApiError, BusinessError, OAuthError};
use self::grant::Grants;
pub(crate) use self::grant::{ACCESS_MARK, CODE_MARK, REFRESH_MARK};
use self::limit::Limits;
use crate::World;
use crate::answer::Answer;
use crate::call::Call;
use crate::page;
use crate::room::{Event, EventError, Room, Route};

const WWW: &str = "www.tiktok.com";
const API: &str = "open.tiktokapis.com";
const BUSINESS: &str = "business-api.tiktok.com";
/// Where pictures stand.
const CDN: &str = "p16-sign.tiktokcdn.com";

/// The room of TikTok.
#[derive(Default)]
pub(crate) struct TikTok {
    grants: Grants,
    limits: Limits,
    /// The person who answered last and is signed in since.
    signed_in: Option<String>,
}

/// What a path means.
#[derive(Clone, Copy)]
enum Endpoint {
    Authorize,
    Token,
    Revoke,
    User,
    Videos,
    Image,
    Business(business::Endpoint),
}

/// Each path ends in a slash.
fn endpoint(call: &Call) -> Option<Endpoint> {
    let read = call.method == Method::GET;
    let post = call.method == Method::POST;
    let endpoint = match (call.host, call.path.as_str()) {
        (WWW, "/v2/auth/authorize/" | "/v2/auth/authorize") if read || post => Endpoint::Authorize,
        (API, "/v2/oauth/token/") if post => Endpoint::Token,
        (API, "/v2/oauth/revoke/") if post => Endpoint::Revoke,
        (API, "/v2/user/info/") if read => Endpoint::User,
        (API, "/v2/video/list/") if post => Endpoint::Videos,
        (CDN, _) if read => Endpoint::Image,
        (BUSINESS, _) => Endpoint::Business(business::endpoint(call)?),
        _ => return None,
    };
    Some(endpoint)
}

impl Room for TikTok {
    fn platform(&self) -> &'static str {
        "tiktok"
    }

    fn hosts(&self) -> &'static [&'static str] {
        &[WWW, API, BUSINESS, CDN]
    }

    fn own_faults(&self) -> &'static [&'static str] {
        &[
            "error:",
            "oauth_status:",
            "old_lifetimes",
            "desktop_kit",
            "personal_allowed",
            "no_expires_in",
            "invalid_grant",
            "wrong_person",
            "token_body:",
        ]
    }

    /// The probe that Login Kit is known by is `user/info` with nothing but `open_id`.
    fn find(&self, call: &Call) -> Option<Route> {
        Some(match endpoint(call)? {
            Endpoint::Authorize => Route::Authorize,
            Endpoint::Token => Route::Token,
            Endpoint::Revoke => Route::Revoke,
            Endpoint::User if call.query("fields") == Some("open_id") => Route::Probe,
            Endpoint::User | Endpoint::Image => Route::Profile,
            Endpoint::Videos => Route::Metrics,
            Endpoint::Business(endpoint) => business::route(endpoint, call),
        })
    }

    fn handle(&mut self, world: &mut World, call: &Call) -> Answer {
        if let Some(name) = call.own_argument("error:") {
            return errors::row(world, call, name);
        }
        match endpoint(call) {
            Some(Endpoint::Authorize) => authorize::answer(self, world, call),
            Some(Endpoint::Token) => oauth(world, call, |world| token::answer(self, world, call)),
            Some(Endpoint::Revoke) => oauth(world, call, |world| token::revoke(self, world, call)),
            Some(Endpoint::User) => api(world, |world| user::answer(self, world, call)),
            Some(Endpoint::Videos) => api(world, |world| video::answer(self, world, call)),
            Some(Endpoint::Image) => picture::image(world.now, call),
            Some(Endpoint::Business(endpoint)) => business::answer(self, world, call, endpoint),
            None => lost(world, call),
        }
    }

    fn rate_limited(&mut self, world: &mut World, call: &Call) -> Answer {
        match call.host {
            API if is_oauth(call) => OAuthError::new("rate_limit_exceeded", errors::MANY.message).answer_as(world, 429),
            API => errors::MANY.until(world.now.as_second() + 60).answer(world),
            BUSINESS => BusinessError::many().answer(world),
            _ => page::error(429, "TikTok", "Too many attempts", "Try again later."),
        }
    }

    fn failing(&mut self, world: &mut World, call: &Call, status: u16) -> Answer {
        match call.host {
            API if is_oauth(call) => OAuthError::new("internal_error", errors::OUTAGE.message).answer_as(world, status),
            API => errors::OUTAGE.with_status(status).answer(world),
            BUSINESS => BusinessError::outage().answer_as(world, status),
            _ => page::error(status, "TikTok", "Something went wrong", "Try again later."),
        }
    }

    fn event(&mut self, world: &mut World, event: &Event) -> Result<(), EventError> {
        self.happen(world, event)
    }

    fn subject(&self, world: &World, app: &str, account: &str) -> Option<String> {
        let mut all = world.people.all().iter().filter_map(|person| Some((&person.id, person.tiktok.as_ref()?)));
        let is = |of: &Account| of.id == account || account::open_id(app, of) == account;
        all.find(|(id, of)| *id == account || is(of)).map(|(_, of)| account::open_id(app, of))
    }
}

/// Whether a path of the API's host is of its OAuth side, which has an envelope of its own.
fn is_oauth(call: &Call) -> bool {
    call.path.starts_with("/v2/oauth/")
}

fn oauth(world: &mut World, call: &Call, answer: impl FnOnce(&mut World) -> Result<Answer, OAuthError>) -> Answer {
    answer(world).unwrap_or_else(|error| error.answer(world, call))
}

fn api(world: &mut World, answer: impl FnOnce(&mut World) -> Result<Answer, ApiError>) -> Answer {
    answer(world).unwrap_or_else(|error| error.answer(world))
}

/// What a path that is not there, or not for this method, answers.
fn lost(world: &mut World, call: &Call) -> Answer {
    match call.host {
        API => ApiError::new(404, "invalid_params", "The path or the method is not supported.").answer(world),
        BUSINESS => BusinessError::new(40_002, "The path or the method is not supported.").answer(world),
        _ => page::error(404, "TikTok", "Couldn't find this page", "Check out more trending videos on TikTok."),
    }
}
