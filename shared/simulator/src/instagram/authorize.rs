//! `/oauth/authorize`: Instagram asks whoever is signed in.

use axum::http::Method;

use super::account::Type;
use super::grant::CODE_MARK;
use super::{Account, Instagram};
use crate::World;
use crate::answer::Answer;
use crate::apps::App;
use crate::call::Call;
use crate::consent::{Choice, Consent, Decision, Scope, each_once, once, request};
use crate::graph::login::Code;
use crate::page;
use crate::people::{Person, Standing};
use crate::util::{random, with_query};

/// Business Login for Instagram; the names without `instagram_` ended on 2025-01-27.
const SCOPES: [&str; 5] = [
    BASIC,
    "instagram_business_content_publish",
    "instagram_business_manage_insights",
    "instagram_business_manage_comments",
    "instagram_business_manage_messages",
];
/// Always asked for and always granted.
pub(super) const BASIC: &str = "instagram_business_basic";

/// A request that the page accepts.
struct Asked {
    app: App,
    redirect_uri: String,
    state: Option<String>,
    scopes: Vec<String>,
}

pub(super) fn answer(room: &mut Instagram, world: &mut World, call: &Call) -> Answer {
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
        Ok(_) => denied(&asked),
        Err(detail) => refuse(detail),
    }
}

fn refuse(detail: &str) -> Answer {
    page::error(400, "Instagram", "Invalid Request", &format!("Request parameters are invalid: {detail}"))
}

/// What is wrong is shown and never sent back.
fn check(world: &World, request: &[(String, String)]) -> Result<Asked, String> {
    let value = |name: &str| {
        let value = once(request, name).map_err(|()| format!("{name} was given twice"))?;
        Ok::<_, String>(value.filter(|text| !text.is_empty()))
    };
    let app = value("client_id")?.and_then(|id| world.apps.get("instagram", id)).ok_or("Invalid platform app")?;
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
    Ok(Asked {
        app: app.clone(),
        redirect_uri: redirect_uri.to_owned(),
        state: value("state")?.map(ToOwned::to_owned),
        scopes,
    })
}

/// Instagram wants https. A simulator on one machine lets loopback pass.
fn is_safe(redirect_uri: &str) -> bool {
    let Ok(url) = url::Url::parse(redirect_uri) else { return false };
    url.scheme() == "https" || matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"))
}

fn consent(world: &World, call: &Call, request: Vec<(String, String)>, asked: &Asked) -> Answer {
    Consent {
        platform: "Instagram",
        app: &asked.app,
        request,
        scopes: Scope::list(&asked.scopes, |name| name == BASIC),
        people: world.people.all().iter().flat_map(choices).collect(),
    }
    .page(call)
}

/// One signs in as one account: a person's first bears the person's id, the
/// others their own.
fn choices(person: &Person) -> impl Iterator<Item = Choice> {
    let there = person.instagram.iter().enumerate().filter(|(_, account)| account.standing != Standing::Deleted);
    there.map(|(at, account)| {
        let kind = match account.kind {
            Type::Business => "business",
            Type::MediaCreator => "creator",
            Type::Personal => "personal",
        };
        Choice {
            id: if at == 0 { person.id.clone() } else { account.id.clone() },
            name: person.name.clone(),
            note: format!("@{}, {kind}", account.username),
            children: Vec::new(),
        }
    })
}

/// The account that a choice names.
fn chosen<'a>(world: &'a World, choice: &str) -> Option<&'a Account> {
    let first = world.people.get(choice).and_then(|person| person.instagram.first());
    first.or_else(|| world.people.instagram(choice)).filter(|account| account.standing != Standing::Deleted)
}

fn denied(asked: &Asked) -> Answer {
    let mut pairs = vec![
        ("error", "access_denied"),
        ("error_reason", "user_denied"),
        ("error_description", "The user denied your request."),
    ];
    if let Some(state) = &asked.state {
        pairs.push(("state", state));
    }
    Answer::redirect(with_query(&asked.redirect_uri, &pairs)).outcome("denied")
}

fn approve(room: &mut Instagram, world: &mut World, asked: &Asked, decision: &Decision) -> Answer {
    let Some(account) = chosen(world, &decision.person) else {
        return refuse(&format!("nobody here is called {}", decision.person));
    };
    if account.standing == Standing::Suspended {
        return page::error(400, "Instagram", "Account suspended", "Sign in to the Instagram app to see why.");
    }
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
    room.grants.given.insert(key, scopes);
    let mut pairs = vec![("code", code.as_str())];
    if let Some(state) = &asked.state {
        pairs.push(("state", state));
    }
    Answer::redirect(with_query(&asked.redirect_uri, &pairs) + "#_").outcome("code_issued")
}
