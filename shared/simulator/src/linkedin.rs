//! LinkedIn: OAuth 2.0, members, and the organisations they run.

mod account;
mod authorize;
mod error;
mod errors;
mod event;
mod grant;
mod limit;
mod member;
mod organization;
mod picture;
mod restli;
mod seed;
mod statistic;
mod token;
mod version;

use axum::http::Method;

pub(crate) use self::account::Account;
use self::error::{failed, throttled, unknown_path};
use self::grant::Grants;
pub(crate) use self::grant::{CODE_MARK, REFRESH_MARK, TOKEN_MARK};
use self::limit::{Limits, Resource};
pub(crate) use self::seed::seed;
use self::version::Versions;
use crate::World;
use crate::answer::Answer;
use crate::call::Call;
use crate::room::{Event, EventError, Room, Route};
use crate::{page, row};

const WWW: &str = "www.linkedin.com";
const API: &str = "api.linkedin.com";
/// Where pictures stand.
const CDN: &str = "media.licdn.com";

/// The room of LinkedIn.
#[derive(Default)]
pub(crate) struct LinkedIn {
    grants: Grants,
    limits: Limits,
    versions: Versions,
}

/// What a path means.
enum Endpoint<'a> {
    Authorize,
    Token,
    Revoke,
    Introspect,
    Keys,
    UserInfo,
    Me,
    Acls { legacy: bool },
    Organization { id: &'a str },
    NetworkSize { urn: &'a str },
    Statistic(Resource),
    Image,
}

fn endpoint(call: &Call) -> Option<Endpoint<'_>> {
    let read = call.method == Method::GET;
    let post = call.method == Method::POST;
    let www = call.host == WWW;
    let api = call.host == API && read;
    let is_id = |id: &str| !id.is_empty() && id.chars().all(|c| c.is_ascii_digit());
    let endpoint = match *call.segments().as_slice() {
        ["oauth", "v2", "authorization"] if www && (read || post) => Endpoint::Authorize,
        ["oauth", "v2", "accessToken"] if www && post => Endpoint::Token,
        ["oauth", "v2", "revoke"] if www && post => Endpoint::Revoke,
        ["oauth", "v2", "introspectToken"] if www && post => Endpoint::Introspect,
        ["oauth", "openid", "jwks"] if www && read => Endpoint::Keys,
        ["v2", "userinfo"] if api => Endpoint::UserInfo,
        ["v2", "me"] if api => Endpoint::Me,
        ["rest", "organizationAcls"] if api => Endpoint::Acls { legacy: false },
        ["v2", "organizationalEntityAcls"] if api => Endpoint::Acls { legacy: true },
        ["rest" | "v2", "organizations", id] if api && is_id(id) => Endpoint::Organization { id },
        ["rest" | "v2", "networkSizes", urn] if api => Endpoint::NetworkSize { urn },
        ["rest" | "v2", "organizationalEntityShareStatistics"] if api => Endpoint::Statistic(Resource::Shares),
        ["rest" | "v2", "organizationalEntityFollowerStatistics"] if api => Endpoint::Statistic(Resource::Followers),
        ["rest" | "v2", "organizationPageStatistics"] if api => Endpoint::Statistic(Resource::Pages),
        ["rest", "memberCreatorPostAnalytics"] if api => Endpoint::Statistic(Resource::Posts),
        ["rest", "memberFollowersCount"] if api => Endpoint::Statistic(Resource::MemberFollowers),
        ["dms", "image", "v2", _, _, "0", "1"] if call.host == CDN && read => Endpoint::Image,
        _ => return None,
    };
    Some(endpoint)
}

impl Room for LinkedIn {
    fn platform(&self) -> &'static str {
        "linkedin"
    }

    fn hosts(&self) -> &'static [&'static str] {
        &[WWW, API, CDN]
    }

    fn own_faults(&self) -> &'static [&'static str] {
        &[
            "partner",
            "unapproved:",
            "cancelled_login",
            "fresh_refused:",
            "scopes_end_older",
            "projection_refused",
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
            Endpoint::Introspect => Route::Probe,
            Endpoint::Acls { .. } => Route::Children,
            Endpoint::Statistic(_) => Route::Metrics,
            Endpoint::Keys
            | Endpoint::UserInfo
            | Endpoint::Me
            | Endpoint::Organization { .. }
            | Endpoint::NetworkSize { .. }
            | Endpoint::Image => Route::Profile,
        })
    }

    fn handle(&mut self, world: &mut World, call: &Call) -> Answer {
        if let Some(answer) = row::named(call, errors::ROWS) {
            return answer;
        }
        let found = endpoint(call);
        if call.host == API
            && call.segments()[0] == "rest"
            && found.is_some()
            && let Err(refused) = self.versions.serve(world.now, call)
        {
            return refused;
        }
        let answer = match found {
            Some(Endpoint::Authorize) => Ok(authorize::answer(self, world, call)),
            Some(Endpoint::Token) => token::answer(self, world, call),
            Some(Endpoint::Revoke) => token::revoke(self, world, call),
            Some(Endpoint::Introspect) => token::introspect(self, world, call),
            Some(Endpoint::Keys) => Ok(Answer::json(200, &crate::jwt::LINKEDIN.set())),
            Some(Endpoint::UserInfo) => member::info(self, world, call),
            Some(Endpoint::Me) => member::me(self, world, call),
            Some(Endpoint::Acls { legacy }) => organization::acls(self, world, call, legacy),
            Some(Endpoint::Organization { id }) => organization::by_id(self, world, call, id),
            Some(Endpoint::NetworkSize { urn }) => organization::network_size(self, world, call, urn),
            Some(Endpoint::Statistic(Resource::Posts)) => member::posts(self, world, call),
            Some(Endpoint::Statistic(Resource::MemberFollowers)) => member::followers(self, world, call),
            Some(Endpoint::Statistic(resource)) => statistic::answer(self, world, call, resource),
            Some(Endpoint::Image) => Ok(picture::image(world.now, call)),
            None if call.host == API => Err(unknown_path()),
            None => Err(page::error(404, "LinkedIn", "Page not found", "This page doesn’t exist.")),
        };
        answer.unwrap_or_else(|refused| refused)
    }

    fn rate_limited(&mut self, _world: &mut World, _call: &Call) -> Answer {
        throttled("APPLICATION")
    }

    fn failing(&mut self, _world: &mut World, call: &Call, status: u16) -> Answer {
        failed(call.host == WWW, status)
    }

    fn event(&mut self, world: &mut World, event: &Event) -> Result<(), EventError> {
        self.happen(world, event)
    }
}
