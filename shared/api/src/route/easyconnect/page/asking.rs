//! The pages of an attempt that was begun through a link, at the addresses that all attempts have.

use std::collections::BTreeSet;

use app::{
    Services,
    connect::start::Opened,
    easyconnect::{self, visit as visits},
};
use axum::{http::HeaderMap, response::Response};
use domain::{ConnectSession, EasyConnectLink, Language, easyconnect::Item};
use web::{
    easyconnect::{Consent, Form as Posted, Waiting},
    parts::Hidden,
};

use super::{HOME, platform, shell};
use crate::{
    cookie,
    problem::Problem,
    route::{
        callback,
        easyconnect::{cookie_name, visit::browser_language},
        page,
    },
};

/// The page before the platform, for an attempt that was begun through a link.
pub(crate) async fn asking(
    services: &Services,
    headers: &HeaderMap,
    query: &str,
    opened: &Opened,
    excluded: BTreeSet<domain::Capability>,
) -> Result<Option<Response>, Problem> {
    let session = &opened.session;
    let Some(link) = &opened.link else { return Ok(None) };
    let language = spoken(services, headers, query, link).await;
    let entry = &opened.entry;
    let also = session.also.iter().filter_map(|p| services.platforms.entry(p, Some(&session.method)));
    let consent = Consent {
        shell: shell(link, language),
        platform: platform(entry),
        way: page::way(entry).to_owned(),
        sign_in: page::sign_in(entry),
        also: also.map(|entry| platform(entry)).collect(),
        capabilities: session.capabilities.iter().copied().collect(),
        excluded,
        expected: link.item_of(session).and_then(Item::expected),
        keep_ticked: opened.keep_ticked,
        go: Posted {
            action: format!("/v1/oauth/start/{}", session.id),
            fields: vec![Hidden { name: "session".to_owned(), value: session.id.to_string() }],
        },
        back: HOME.to_owned(),
        until: session.expires_at,
    };
    let origin = entry.authorize_origin.origin().ascii_serialization();
    page::show(&consent, &format!("'self' {origin}")).map(Some)
}

/// The page while a callback is at work, for an attempt that was begun through a link.
pub(crate) async fn waiting(
    services: &Services,
    headers: &HeaderMap,
    session: &ConnectSession,
) -> Result<Option<Waiting>, Problem> {
    let Some(link) = easyconnect::of(services, session).await? else { return Ok(None) };
    let language = spoken(services, headers, "", &link).await;
    let platform = callback::named(services, session);
    Ok(Some(Waiting { shell: shell(&link, language), platform, refresh: None }))
}

/// What the client of a link reads: what they chose in their visit, or else what the link or the browser says.
async fn spoken(services: &Services, headers: &HeaderMap, query: &str, link: &EasyConnectLink) -> Language {
    let asked = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "lang");
    if let Some(language) = asked.and_then(|(_, tag)| Language::of_tag(&tag)) {
        return language;
    }
    let browser = browser_language(headers);
    let visit = match cookie::read(headers, &cookie_name(services)) {
        Some(sealed) => visits::find(services, &sealed).await.ok().filter(|visited| visited.link.id == link.id),
        None => None,
    };
    visit.map_or_else(|| link.recipient.language.or(browser).unwrap_or_default(), |visited| visited.language(browser))
}
