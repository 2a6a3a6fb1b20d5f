//! Google: one sign-in, and behind it YouTube channels and Business Profile locations.

mod account;
mod analytics;
mod authorize;
mod business;
mod error;
mod errors;
mod event;
mod grant;
mod identity;
mod performance;
mod quota;
mod seed;
mod token;
mod video;
mod youtube;

use axum::http::Method;
use serde_json::{Value, json};

pub(crate) use self::account::Account;
use self::error::{failed, not_found, youtube as refused};
use self::grant::Grants;
pub(crate) use self::grant::{CODE_MARK, REFRESH_MARK, TOKEN_MARK};
use self::quota::Quotas;
pub(crate) use self::seed::seed;
use crate::World;
use crate::answer::Answer;
use crate::call::Call;
use crate::room::{Event, EventError, Room, Route};
use crate::{avatar, jwt, page, row};

const ACCOUNTS: &str = "accounts.google.com";
const OAUTH: &str = "oauth2.googleapis.com";
const WWW: &str = "www.googleapis.com";
const OPENID: &str = "openidconnect.googleapis.com";
const YOUTUBE: &str = "youtube.googleapis.com";
const ANALYTICS: &str = "youtubeanalytics.googleapis.com";
const MANAGEMENT: &str = "mybusinessaccountmanagement.googleapis.com";
const INFORMATION: &str = "mybusinessbusinessinformation.googleapis.com";
const PERFORMANCE: &str = "businessprofileperformance.googleapis.com";
const BUSINESS: &str = "mybusiness.googleapis.com";
/// Where pictures of channels stand, and those of people and locations.
const CHANNEL_CDN: &str = "yt3.ggpht.com";
const CDN: &str = "lh3.googleusercontent.com";

/// The room of Google.
#[derive(Default)]
pub(crate) struct Google {
    grants: Grants,
    quotas: Quotas,
}

/// A JWT with Google's signature, of which `/oauth2/v3/certs` has the public key.
pub(crate) fn sign_jwt(claims: &Value) -> String {
    jwt::GOOGLE.sign(claims)
}

/// What a path means.
enum Endpoint<'a> {
    Authorize,
    Token,
    Revoke,
    TokenInfo,
    Keys,
    Configuration { risc: bool },
    UserInfo,
    Channels,
    Videos,
    Uploads,
    Report,
    Accounts,
    Locations { account: &'a str },
    Location { id: &'a str },
    Media { account: &'a str, location: &'a str },
    Performance { location: &'a str },
    ChannelImage { key: &'a str },
    Image { key: &'a str },
}

fn endpoint(call: &Call) -> Option<Endpoint<'_>> {
    let read = call.method == Method::GET;
    let post = call.method == Method::POST;
    let youtube = [WWW, YOUTUBE].contains(&call.host) && read;
    let at = |host: &str| call.host == host && read;
    let endpoint = match *call.segments().as_slice() {
        ["o", "oauth2", "v2", "auth"] if call.host == ACCOUNTS && (read || post) => Endpoint::Authorize,
        [".well-known", "risc-configuration"] if at(ACCOUNTS) => Endpoint::Configuration { risc: true },
        [".well-known", "openid-configuration"] if at(ACCOUNTS) => Endpoint::Configuration { risc: false },
        ["token"] if call.host == OAUTH && post => Endpoint::Token,
        ["revoke"] if call.host == OAUTH && post => Endpoint::Revoke,
        ["tokeninfo"] if at(OAUTH) || (call.host == OAUTH && post) => Endpoint::TokenInfo,
        ["oauth2", "v3", "certs"] if at(WWW) => Endpoint::Keys,
        ["certs"] if at(OAUTH) => Endpoint::Keys,
        ["oauth2", "v3", "userinfo"] if at(WWW) => Endpoint::UserInfo,
        ["v1", "userinfo"] if at(OPENID) => Endpoint::UserInfo,
        ["youtube", "v3", "channels"] if youtube => Endpoint::Channels,
        ["youtube", "v3", "videos"] if youtube => Endpoint::Videos,
        ["youtube", "v3", "playlistItems"] if youtube => Endpoint::Uploads,
        ["v2", "reports"] if at(ANALYTICS) => Endpoint::Report,
        ["v1", "accounts"] if at(MANAGEMENT) => Endpoint::Accounts,
        ["v1", "accounts", account, "locations"] if at(INFORMATION) => Endpoint::Locations { account },
        ["v1", "locations", id] if at(INFORMATION) => Endpoint::Location { id },
        ["v4", "accounts", account, "locations", location, "media"] if at(BUSINESS) => {
            Endpoint::Media { account, location }
        }
        ["v1", "locations", last] if at(PERFORMANCE) => {
            Endpoint::Performance { location: last.strip_suffix(":fetchMultiDailyMetricsTimeSeries")? }
        }
        [key] if at(CHANNEL_CDN) => Endpoint::ChannelImage { key: key.split('=').next()? },
        ["p" | "a", key] if at(CDN) => Endpoint::Image { key: key.split('=').next()? },
        _ => return None,
    };
    Some(endpoint)
}

/// Whether a host speaks the dialect of Google's newer services.
fn is_cloud(call: &Call) -> bool {
    [MANAGEMENT, INFORMATION, PERFORMANCE, BUSINESS].contains(&call.host)
}

impl Room for Google {
    fn platform(&self) -> &'static str {
        "google"
    }

    fn hosts(&self) -> &'static [&'static str] {
        &[
            ACCOUNTS,
            OAUTH,
            WWW,
            OPENID,
            YOUTUBE,
            ANALYTICS,
            MANAGEMENT,
            INFORMATION,
            PERFORMANCE,
            BUSINESS,
            CHANNEL_CDN,
            CDN,
        ]
    }

    fn own_faults(&self) -> &'static [&'static str] {
        &[
            "testing_mode",
            "empty_items",
            "signup_required",
            "not_allow_listed",
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
            Endpoint::TokenInfo | Endpoint::Keys | Endpoint::Configuration { .. } => Route::Probe,
            Endpoint::Accounts | Endpoint::Locations { .. } => Route::Children,
            Endpoint::Videos | Endpoint::Uploads | Endpoint::Report | Endpoint::Performance { .. } => Route::Metrics,
            Endpoint::UserInfo
            | Endpoint::Channels
            | Endpoint::Location { .. }
            | Endpoint::Media { .. }
            | Endpoint::ChannelImage { .. }
            | Endpoint::Image { .. } => Route::Profile,
        })
    }

    fn handle(&mut self, world: &mut World, call: &Call) -> Answer {
        if let Some(answer) = row::named(call, errors::ROWS) {
            return answer;
        }
        let answer = match endpoint(call) {
            Some(Endpoint::Authorize) => Ok(authorize::answer(self, world, call)),
            Some(Endpoint::Token) => token::answer(self, world, call),
            Some(Endpoint::Revoke) => token::revoke(self, world, call),
            Some(Endpoint::TokenInfo) => identity::token_info(self, world, call),
            Some(Endpoint::Keys) => Ok(Answer::json(200, &jwt::GOOGLE.set())),
            Some(Endpoint::Configuration { risc }) => Ok(configuration(call, risc)),
            Some(Endpoint::UserInfo) => identity::user_info(self, world, call),
            Some(Endpoint::Channels) => youtube::channels(self, world, call),
            Some(Endpoint::Videos) => video::by_id(self, world, call),
            Some(Endpoint::Uploads) => video::uploads(self, world, call),
            Some(Endpoint::Report) => analytics::report(self, world, call),
            Some(Endpoint::Accounts) => business::accounts(self, world, call),
            Some(Endpoint::Locations { account }) => business::locations(self, world, call, account),
            Some(Endpoint::Location { id }) => business::location(self, world, call, id),
            Some(Endpoint::Media { account, location }) => business::media(self, world, call, account, location),
            Some(Endpoint::Performance { location }) => performance::series(self, world, call, location),
            Some(Endpoint::ChannelImage { key }) => Ok(Answer::png(avatar::png(key))),
            Some(Endpoint::Image { key }) => Ok(identity::image(world, key)),
            None if call.host == ACCOUNTS || call.host == CHANNEL_CDN || call.host == CDN => Err(page::error(
                404,
                "Google",
                "404. That’s an error.",
                "The requested URL was not found on this server.",
            )),
            None => Err(not_found(is_cloud(call))),
        };
        answer.unwrap_or_else(|refused| refused)
    }

    fn rate_limited(&mut self, _world: &mut World, call: &Call) -> Answer {
        if is_cloud(call) {
            quota::too_many()
        } else {
            refused(403, "youtube.quota", "rateLimitExceeded", "Rate Limit Exceeded").outcome("refused:rate_limited")
        }
    }

    fn failing(&mut self, _world: &mut World, call: &Call, status: u16) -> Answer {
        failed(call.host == OAUTH || call.host == ACCOUNTS, is_cloud(call), status)
    }

    fn event(&mut self, world: &mut World, event: &Event) -> Result<(), EventError> {
        self.happen(world, event)
    }

    fn subject(&self, world: &World, _app: &str, account: &str) -> Option<String> {
        let mut all = world.people.all().iter().filter_map(|person| Some((&person.id, account::of(person)?)));
        all.find(|(id, of)| *id == account || of.id == account).map(|(_, of)| of.id.clone())
    }

    fn sign(&self, claims: &Value) -> Option<String> {
        Some(sign_jwt(claims))
    }
}

/// Where keys and endpoints are, as this caller can reach them.
fn configuration(call: &Call, risc: bool) -> Answer {
    let mut body =
        json!({ "issuer": "https://accounts.google.com", "jwks_uri": call.address(WWW, "/oauth2/v3/certs") });
    if risc {
        body["delivery_methods_supported"] = json!(["https://schemas.openid.net/secevent/risc/delivery-method/push"]);
    } else {
        for (name, host, path) in [
            ("authorization_endpoint", ACCOUNTS, "/o/oauth2/v2/auth"),
            ("token_endpoint", OAUTH, "/token"),
            ("revocation_endpoint", OAUTH, "/revoke"),
            ("userinfo_endpoint", OPENID, "/v1/userinfo"),
        ] {
            body[name] = json!(call.address(host, path));
        }
    }
    Answer::json(200, &body)
}
