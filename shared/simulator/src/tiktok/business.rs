//! The API for Business: every failure is a 200 with a code in it.

mod profile;
mod token;

use axum::http::Method;

use super::TikTok;
use super::errors::BusinessError;
use crate::World;
use crate::answer::Answer;
use crate::call::Call;
use crate::room::Route;

const ROOT: &str = "/open_api/v1.3/";

/// What a path below the version means.
#[derive(Clone, Copy)]
pub(super) enum Endpoint {
    Code,
    Refresh,
    Revoke,
    TokenInfo,
    Profile,
}

/// Each path ends in a slash.
pub(super) fn endpoint(call: &Call) -> Option<Endpoint> {
    let read = call.method == Method::GET;
    let post = call.method == Method::POST;
    let endpoint = match call.path.strip_prefix(ROOT)? {
        "tt_user/oauth2/token/" if post => Endpoint::Code,
        "tt_user/oauth2/refresh_token/" if post => Endpoint::Refresh,
        "tt_user/oauth2/revoke/" if post => Endpoint::Revoke,
        "tt_user/token_info/get/" if read => Endpoint::TokenInfo,
        "business/get/" if read => Endpoint::Profile,
        _ => return None,
    };
    Some(endpoint)
}

/// The profile with a span of days is asked for its metrics.
pub(super) fn route(endpoint: Endpoint, call: &Call) -> Route {
    match endpoint {
        Endpoint::Code | Endpoint::Refresh => Route::Token,
        Endpoint::Revoke => Route::Revoke,
        Endpoint::TokenInfo => Route::Probe,
        Endpoint::Profile if call.query("start_date").is_some() => Route::Metrics,
        Endpoint::Profile => Route::Profile,
    }
}

pub(super) fn answer(room: &mut TikTok, world: &mut World, call: &Call, endpoint: Endpoint) -> Answer {
    let answered: Result<Answer, BusinessError> = match endpoint {
        Endpoint::Code => token::code(room, world, call),
        Endpoint::Refresh => token::refresh(room, world, call),
        Endpoint::Revoke => token::revoke(room, world, call),
        Endpoint::TokenInfo => profile::token_info(room, world, call),
        Endpoint::Profile => profile::answer(room, world, call),
    };
    answered.unwrap_or_else(|error| error.answer(world))
}
