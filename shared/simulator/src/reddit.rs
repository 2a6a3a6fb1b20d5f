//! Reddit: OAuth 2.0 with Basic and a User-Agent, profiles, moderated subreddits, posts.

mod account;
mod authorize;
mod error;
mod errors;
mod event;
mod grant;
mod limit;
mod listing;
mod picture;
mod seed;
mod token;
mod user;

use axum::http::Method;

pub(crate) use self::account::Account;
use self::error::plain;
use self::grant::Grants;
pub(crate) use self::grant::{CODE_MARK, REFRESH_MARK, TOKEN_MARK};
use self::limit::{Left, Limits};
pub(crate) use self::seed::seed;
use crate::World;
use crate::answer::Answer;
use crate::call::Call;
use crate::room::{Event, EventError, Room, Route};
use crate::{page, row};

const WWW: &str = "www.reddit.com";
const API: &str = "oauth.reddit.com";
/// Where pictures stand.
const CDN: &str = "styles.redditmedia.com";

/// The room of Reddit.
#[derive(Default)]
pub(crate) struct Reddit {
    grants: Grants,
    limits: Limits,
}

/// What a path means.
enum Endpoint<'a> {
    Authorize,
    Token,
    Revoke,
    Me,
    Moderated,
    Info,
    Submitted { name: &'a str },
    Image,
}

fn endpoint(call: &Call) -> Option<Endpoint<'_>> {
    let read = call.method == Method::GET;
    let post = call.method == Method::POST;
    let www = call.host == WWW;
    let api = call.host == API && read;
    let endpoint = match *call.segments().as_slice() {
        ["api", "v1", "authorize"] if www && (read || post) => Endpoint::Authorize,
        ["api", "v1", "access_token"] if www && post => Endpoint::Token,
        ["api", "v1", "revoke_token"] if www && post => Endpoint::Revoke,
        ["api", "v1", "me"] if api => Endpoint::Me,
        ["subreddits", "mine", "moderator"] if api => Endpoint::Moderated,
        ["api", "info"] if api => Endpoint::Info,
        ["user", name, "submitted"] if api => Endpoint::Submitted { name },
        [_, "styles", _] if call.host == CDN && read => Endpoint::Image,
        _ => return None,
    };
    Some(endpoint)
}

impl Room for Reddit {
    fn platform(&self) -> &'static str {
        "reddit"
    }

    fn hosts(&self) -> &'static [&'static str] {
        &[WWW, API, CDN]
    }

    fn own_faults(&self) -> &'static [&'static str] {
        &[
            "one_hour",
            "old_refresh_dies",
            "error_status_400",
            "no_refresh_token",
            "no_expires_in",
            "invalid_grant",
            "wrong_person",
            "token_body:",
            "error:",
        ]
    }

    fn find(&self, call: &Call) -> Option<Route> {
        Some(match endpoint(call)? {
            Endpoint::Authorize => Route::Authorize,
            Endpoint::Token => Route::Token,
            Endpoint::Revoke => Route::Revoke,
            Endpoint::Me | Endpoint::Image => Route::Profile,
            Endpoint::Moderated => Route::Children,
            Endpoint::Info | Endpoint::Submitted { .. } => Route::Metrics,
        })
    }

    fn handle(&mut self, world: &mut World, call: &Call) -> Answer {
        if let Some(answer) = row::named(call, errors::ROWS) {
            return answer;
        }
        let found = endpoint(call);
        let is_for_apps = !matches!(found, Some(Endpoint::Authorize | Endpoint::Image));
        if is_for_apps && is_generic(call.header("user-agent")) {
            return plain(429, "Too Many Requests").outcome("refused:user_agent");
        }
        let answer = match found {
            Some(Endpoint::Authorize) => Ok(authorize::answer(self, world, call)),
            Some(Endpoint::Token) => token::answer(self, world, call),
            Some(Endpoint::Revoke) => token::revoke(self, world, call),
            Some(Endpoint::Me) => user::me(self, world, call),
            Some(Endpoint::Moderated) => listing::moderated(self, world, call),
            Some(Endpoint::Info) => listing::info(self, world, call),
            Some(Endpoint::Submitted { name }) => listing::submitted(self, world, call, name),
            Some(Endpoint::Image) => Ok(picture::image(world.now, call)),
            None if call.host == WWW => {
                Err(page::error(404, "Reddit", "page not found", "the page you requested does not exist"))
            }
            None => Err(plain(404, "Not Found")),
        };
        answer.unwrap_or_else(|refused| refused)
    }

    fn rate_limited(&mut self, world: &mut World, _call: &Call) -> Answer {
        Left::none(world.now).headers(plain(429, "Too Many Requests").outcome("refused:rate_limited"))
    }

    fn failing(&mut self, _world: &mut World, _call: &Call, status: u16) -> Answer {
        let title = axum::http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
        plain(status, title.unwrap_or("Error"))
    }

    fn event(&mut self, world: &mut World, event: &Event) -> Result<(), EventError> {
        self.happen(world, event)
    }
}

/// Whether a User-Agent says nothing of the app: none at all, a browser's, or what a library sends by itself.
fn is_generic(agent: &str) -> bool {
    const LIBRARIES: [&str; 14] = [
        "mozilla",
        "curl",
        "wget",
        "python",
        "java",
        "okhttp",
        "go-http-client",
        "axios",
        "node",
        "undici",
        "reqwest",
        "hyper",
        "aiohttp",
        "postmanruntime",
    ];
    let first = agent.split(['/', '-', ' ']).next().unwrap_or_default().to_ascii_lowercase();
    let whole = agent.to_ascii_lowercase();
    agent.trim().is_empty() || LIBRARIES.iter().any(|name| first == *name || whole.starts_with(&format!("{name}/")))
}
