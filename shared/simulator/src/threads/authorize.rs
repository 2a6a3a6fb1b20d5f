//! `/oauth/authorize`: Threads asks whoever is signed in.

use axum::http::Method;

use super::Threads;
use super::account::of;
use super::grant::{CODE_MARK, Given};
use crate::World;
use crate::answer::Answer;
use crate::apps::App;
use crate::call::Call;
use crate::consent::{Choice, Consent, Decision, Scope, each_once, once, request};
use crate::graph::login::Code;
use crate::page;
use crate::people::{Person, Standing};
use crate::util::{random, with_query};

const SCOPES: [&str; 10] = [
    BASIC,
    "threads_content_publish",
    "threads_manage_insights",
    "threads_manage_replies",
    "threads_read_replies",
    "threads_delete",
    "threads_keyword_search",
    "threads_manage_mentions",
    "threads_location_tagging",
    "threads_profile_discovery",
];
/// Always asked for and always granted.
pub(super) const BASIC: &str = "threads_basic";

/// A request that the page accepts.
struct Asked {
    app: App,
    redirect_uri: String,
    state: Option<String>,
    scopes: Vec<String>,
}

pub(super) fn answer(room: &mut Threads, world: &mut World, call: &Call) -> Answer {
    let request = request(call);
    let asked = match check(world, &request) {
        Ok(asked) => asked,
        Err(detail) => return refuse(&detail),
    };
    if call.method == Method::GET {
        return consent(world, call, request, &asked);
    }
    match Decision::read(call) {
        Ok(decision) if decision.approve => approve(room, world, &asked, &decision),
        Ok(_) => {
            let pairs = [("error", "access_denied"), ("error_code", "1349187"), ("error_reason", "user_denied")];
            back(&asked, &pairs, "").outcome("denied")
        }
        Err(detail) => refuse(detail),
    }
}

fn refuse(detail: &str) -> Answer {
    page::error(400, "Threads", "Invalid Request", &format!("Request parameters are invalid: {detail}"))
}

/// What is wrong is shown and never sent back. Another platform's app of Meta is not known.
fn check(world: &World, request: &[(String, String)]) -> Result<Asked, String> {
    let value = |name: &str| {
        let value = once(request, name).map_err(|()| format!("{name} was given twice"))?;
        Ok::<_, String>(value.filter(|text| !text.is_empty()))
    };
    let app = value("client_id")?.and_then(|id| world.apps.get("threads", id)).ok_or("Invalid client_id")?;
    let redirect_uri = value("redirect_uri")?.unwrap_or_default();
    if !app.redirect_uris.iter().any(|known| known == redirect_uri) || !is_safe(redirect_uri) {
        return Err("Invalid redirect_uri".to_owned());
    }
    if value("response_type")? != Some("code") {
        return Err("Invalid response_type".to_owned());
    }
    let scopes = each_once(value("scope")?.unwrap_or_default().split(','), |scope| SCOPES.contains(&scope))
        .map_err(|scope| format!("Invalid scope: {scope}"))?;
    if !scopes.iter().any(|scope| scope == BASIC) {
        return Err(format!("Invalid scope: {BASIC} is required"));
    }
    let state = value("state")?.map(ToOwned::to_owned);
    Ok(Asked { app: app.clone(), redirect_uri: redirect_uri.to_owned(), state, scopes })
}

/// Threads wants https. A simulator on one machine lets loopback pass.
fn is_safe(redirect_uri: &str) -> bool {
    let Ok(url) = url::Url::parse(redirect_uri) else { return false };
    url.scheme() == "https" || matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"))
}

fn consent(world: &World, call: &Call, request: Vec<(String, String)>, asked: &Asked) -> Answer {
    Consent {
        platform: "Threads",
        app: &asked.app,
        request,
        scopes: Scope::list(&asked.scopes, |name| name == BASIC),
        people: world.people.all().iter().filter_map(|person| choice(world, person)).collect(),
    }
    .page(call)
}

fn choice(world: &World, person: &Person) -> Option<Choice> {
    let account = of(person)?;
    let note = match account.standing(world) {
        Standing::Deleted => return None,
        Standing::Suspended => ", restricted",
        Standing::Active if account.private => ", private",
        Standing::Active => "",
    };
    let note = format!("@{}{note}", account.username(world));
    Some(Choice { id: person.id.clone(), name: person.name.clone(), note, children: Vec::new() })
}

fn approve(room: &mut Threads, world: &mut World, asked: &Asked, decision: &Decision) -> Answer {
    let account = world.people.get(&decision.person).and_then(of);
    let Some(account) = account.filter(|account| account.standing(world) != Standing::Deleted) else {
        return refuse(&format!("nobody here is called {}", decision.person));
    };
    let key = (asked.app.client_id.clone(), account.id.clone());
    let ticked = decision.scopes.as_ref();
    let granted = |scope: &&String| *scope == BASIC || ticked.is_none_or(|ticked| ticked.contains(scope));
    let scopes = asked.scopes.iter().filter(granted).cloned().collect();
    let code = format!("{CODE_MARK}{}", random(&mut world.rng, 170));
    room.grants.codes.insert(
        code.clone(),
        Code {
            app: key.0.clone(),
            account: key.1.clone(),
            redirect_uri: asked.redirect_uri.clone(),
            issued: world.now,
            used: false,
        },
    );
    room.grants.given.insert(key, Given { scopes, at: world.now });
    back(asked, &[("code", &code)], "#_").outcome("code_issued")
}

fn back(asked: &Asked, pairs: &[(&str, &str)], suffix: &str) -> Answer {
    let state = asked.state.iter().map(|state| ("state", state.as_str()));
    let pairs: Vec<(&str, &str)> = pairs.iter().copied().chain(state).collect();
    Answer::redirect(with_query(&asked.redirect_uri, &pairs) + suffix)
}
