//! `/v2/auth/authorize/`: TikTok asks a person, for both APIs.

use axum::http::Method;

use super::TikTok;
use super::account::{Kind, of};
use super::grant::{CODE_MARK, Code, Grant};
use crate::World;
use crate::answer::Answer;
use crate::apps::App;
use crate::call::Call;
use crate::consent::{Choice, Consent, Decision, Scope, each_once, once, request};
use crate::page;
use crate::people::{Person, Standing};
use crate::util::{random, with_query};

/// Always granted when it was asked for.
const BASIC: &str = "user.info.basic";
const LOGIN: [&str; 6] = [BASIC, "user.info.profile", "user.info.stats", "video.publish", "video.upload", "video.list"];
const FOR_BUSINESS: [&str; 8] = [
    BASIC,
    "user.info.username",
    "user.info.stats",
    "video.upload",
    "video.publish",
    "video.list",
    "user.insights",
    "video.insights",
];
const LONGEST: usize = 512;

struct Asked {
    app: App,
    redirect_uri: String,
    state: Option<String>,
    scopes: Vec<String>,
    challenge: Option<String>,
}

/// Whether Login Kit has all of these scopes.
pub(super) fn is_login(scopes: &[String]) -> bool {
    scopes.iter().all(|scope| LOGIN.contains(&scope.as_str()))
}

/// Whether the API for Business has all of these, and the redirect is as it wants one.
pub(super) fn is_for_business(scopes: &[String], redirect_uri: &str) -> bool {
    scopes.iter().all(|scope| FOR_BUSINESS.contains(&scope.as_str())) && redirect_uri.ends_with('/')
}

pub(super) fn answer(room: &mut TikTok, world: &mut World, call: &Call) -> Answer {
    let request = request(call);
    let asked = match check(world, call, &request) {
        Ok(asked) => asked,
        Err(detail) => return refuse(&detail),
    };
    if call.method == Method::GET {
        return match silently(room, world, call, &asked) {
            Some(person) => {
                let decision = Decision { person, approve: true, scopes: None, children: None };
                approve(room, world, &asked, &decision)
            }
            None => consent(world, call, request, &asked),
        };
    }
    match Decision::read(call) {
        Ok(decision) if decision.approve => approve(room, world, &asked, &decision),
        Ok(_) => {
            let pairs = [
                ("error", "access_denied"),
                ("error_description", "The user denied the authorization request."),
                ("error_type", "access_denied"),
            ];
            back(&asked, &pairs).outcome("denied")
        }
        Err(detail) => refuse(detail),
    }
}

fn refuse(detail: &str) -> Answer {
    page::error(400, "TikTok", "Something went wrong", &format!("We couldn't log in with TikTok: {detail}"))
}

/// What is wrong is shown and never sent back.
fn check(world: &World, call: &Call, request: &[(String, String)]) -> Result<Asked, String> {
    let value = |name: &str| {
        let value = once(request, name).map_err(|()| format!("{name} was given twice"))?;
        Ok::<_, String>(value.filter(|text| !text.is_empty()))
    };
    let app = value("client_key")?.and_then(|key| world.apps.get("tiktok", key)).ok_or("client_key")?;
    let redirect_uri = value("redirect_uri")?.unwrap_or_default();
    if !app.redirect_uris.iter().any(|known| known == redirect_uri) || !is_static(redirect_uri) {
        return Err("redirect_uri".to_owned());
    }
    if value("response_type")? != Some("code") {
        return Err("response_type".to_owned());
    }
    let scopes = each_once(value("scope")?.unwrap_or_default().split(','), |scope| {
        LOGIN.contains(&scope) || FOR_BUSINESS.contains(&scope)
    })
    .map_err(|scope| format!("scope {scope}"))?;
    if !is_login(&scopes) && !is_for_business(&scopes, redirect_uri) {
        return Err("scope and redirect_uri are not of one product".to_owned());
    }
    let challenge = if call.own_fault("desktop_kit") {
        let hex = |text: &&str| text.len() == 64 && text.chars().all(|c| c.is_ascii_hexdigit());
        if value("code_challenge_method")? != Some("S256") {
            return Err("code_challenge_method".to_owned());
        }
        Some(value("code_challenge")?.filter(hex).ok_or("code_challenge")?.to_ascii_lowercase())
    } else {
        None
    };
    let state = value("state")?.map(ToOwned::to_owned);
    Ok(Asked { app: app.clone(), redirect_uri: redirect_uri.to_owned(), state, scopes, challenge })
}

/// Absolute, by https or to a port of this machine, and with nothing behind the path.
fn is_static(redirect_uri: &str) -> bool {
    let Ok(url) = url::Url::parse(redirect_uri) else { return false };
    let here = matches!(url.host_str(), Some("127.0.0.1" | "localhost")) && url.port().is_some();
    let plain = url.query().is_none() && url.fragment().is_none() && redirect_uri.len() < LONGEST;
    plain && (url.scheme() == "https" || here)
}

/// Who is not asked again: the person is signed in, has connected the app with
/// all of these scopes, and `disable_auto_auth` was left out.
fn silently(room: &mut TikTok, world: &World, call: &Call, asked: &Asked) -> Option<String> {
    if call.query("disable_auto_auth") == Some("1") {
        return None;
    }
    let person = call.query("person").map(ToOwned::to_owned).or_else(|| room.signed_in.clone())?;
    let account = world.people.get(&person).and_then(of)?;
    let mut grants = room.grants.of_account(&account.id);
    let connected = grants.any(|grant| grant.app == asked.app.client_id && asked.scopes.iter().all(|s| grant.has(s)));
    connected.then_some(person)
}

fn consent(world: &World, call: &Call, request: Vec<(String, String)>, asked: &Asked) -> Answer {
    Consent {
        platform: "TikTok",
        app: &asked.app,
        request,
        scopes: Scope::list(&asked.scopes, |name| name == BASIC),
        people: world.people.all().iter().filter_map(choice).collect(),
    }
    .page(call)
}

fn choice(person: &Person) -> Option<Choice> {
    let account = of(person).filter(|account| account.standing != Standing::Deleted)?;
    let kind = match account.kind {
        Kind::Personal => "personal",
        Kind::Creator => "creator",
        Kind::Business => "business",
    };
    let banned = if account.standing == Standing::Suspended { ", banned" } else { "" };
    let note = format!("@{}, {kind}{banned}", account.username);
    Some(Choice { id: person.id.clone(), name: person.name.clone(), note, children: Vec::new() })
}

/// A code has characters that are only right once they are decoded.
fn approve(room: &mut TikTok, world: &mut World, asked: &Asked, decision: &Decision) -> Answer {
    let account = world.people.get(&decision.person).and_then(of);
    let Some(account) = account.filter(|account| account.standing != Standing::Deleted) else {
        return refuse(&format!("nobody here is called {}", decision.person));
    };
    let ticked = decision.scopes.as_ref();
    let granted = |scope: &&String| *scope == BASIC || ticked.is_none_or(|ticked| ticked.contains(scope));
    let scopes: Vec<String> = asked.scopes.iter().filter(granted).cloned().collect();
    let said = scopes.join(",");
    let app = asked.app.client_id.clone();
    room.grants.all.push(Grant { app, account: account.id.clone(), scopes, ended: false });
    room.signed_in = Some(decision.person.clone());
    let code = format!("{CODE_MARK}{}*0!4242.e1", random(&mut world.rng, 64));
    room.grants.codes.insert(
        code.clone(),
        Code {
            grant: room.grants.all.len() - 1,
            redirect_uri: asked.redirect_uri.clone(),
            challenge: asked.challenge.clone(),
            issued: world.now,
            used: false,
        },
    );
    back(asked, &[("code", &code), ("scopes", &said)]).outcome("code_issued")
}

fn back(asked: &Asked, pairs: &[(&str, &str)]) -> Answer {
    let state = asked.state.iter().map(|state| ("state", state.as_str()));
    let pairs: Vec<(&str, &str)> = pairs.iter().copied().chain(state).collect();
    Answer::redirect(with_query(&asked.redirect_uri, &pairs))
}
