//! Help that anybody can read, with an account or without.

use app::{Services, platform};
use axum::{extract::State, response::Response};
use domain::PlatformId;
use web::{
    help::{ENGLISH, Revoke, Way},
    parts::{Link, Platform},
};

use super::page;
use crate::{problem::Problem, receive::Named};

/// How a person withdraws, at the platform, what they allowed: each way of signing in to it has steps of its own.
pub(super) async fn revoke(
    State(services): State<Services>,
    Named(id): Named<PlatformId>,
) -> Result<Response, Problem> {
    let found = platform::get(&services, &id)?;
    let way = |entry: &platform::Entry| Way {
        id: entry.method.clone(),
        name: page::way(entry).to_owned(),
        steps: entry.manual_revoke_steps.clone(),
        link: entry.manual_revoke_url.clone().map(|url| Link::new(ENGLISH.open, url)),
    };
    let ways: Vec<Way> = found.methods.iter().map(|(entry, _)| way(entry)).collect();
    page::show(&Revoke { platform: Platform { id, name: found.name }, ways, words: &ENGLISH }, "'none'")
}
