//! `/oauth/`: Pinterest asks a person.

use axum::http::Method;

use super::Pinterest;
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

const SCOPES: [&str; 9] = [
    "user_accounts:read",
    "boards:read",
    "boards:read_secret",
    "boards:write",
    "boards:write_secret",
    "pins:read",
    "pins:read_secret",
    "pins:write",
    "pins:write_secret",
];

struct Asked {
    app: App,
    redirect_uri: String,
    state: Option<String>,
    scopes: Vec<String>,
}

pub(super) fn answer(room: &mut Pinterest, world: &mut World, call: &Call) -> Answer {
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
        Ok(_) => back(&asked, ("error", "access_denied")).outcome("denied"),
        Err(detail) => refuse(detail),
    }
}

fn refuse(detail: &str) -> Answer {
    page::error(400, "Pinterest", "Sorry, something went wrong", &format!("The request is not valid: {detail}"))
}

/// What is wrong is shown and never sent back.
fn check(world: &World, request: &[(String, String)]) -> Result<Asked, String> {
    let value = |name: &str| {
        let value = once(request, name).map_err(|()| format!("{name} was given twice"))?;
        Ok::<_, String>(value.filter(|text| !text.is_empty()))
    };
    let app = value("client_id")?.and_then(|id| world.apps.get("pinterest", id)).ok_or("client_id")?;
    let redirect_uri = value("redirect_uri")?.unwrap_or_default();
    if !app.redirect_uris.iter().any(|known| known == redirect_uri) {
        return Err("redirect_uri".to_owned());
    }
    if value("response_type")? != Some("code") {
        return Err("response_type".to_owned());
    }
    let scopes = each_once(value("scope")?.unwrap_or_default().split(','), |scope| SCOPES.contains(&scope))
        .map_err(|scope| format!("scope {scope}"))?;
    let state = value("state")?.map(ToOwned::to_owned);
    Ok(Asked { app: app.clone(), redirect_uri: redirect_uri.to_owned(), state, scopes })
}

fn consent(world: &World, call: &Call, request: Vec<(String, String)>, asked: &Asked) -> Answer {
    Consent {
        platform: "Pinterest",
        app: &asked.app,
        request,
        scopes: Scope::list(&asked.scopes, |_| true),
        people: world.people.all().iter().filter_map(choice).collect(),
    }
    .page(call)
}

fn choice(person: &Person) -> Option<Choice> {
    let account = of(person).filter(|account| account.standing != Standing::Deleted)?;
    let kind = match account.kind {
        Kind::Pinner => "personal",
        Kind::Business => "business",
    };
    let suspended = if account.standing == Standing::Suspended { ", suspended" } else { "" };
    let note = format!("@{}, {kind}{suspended}", account.username);
    Some(Choice { id: person.id.clone(), name: person.name.clone(), note, children: Vec::new() })
}

/// All scopes or none: the boxes on Pinterest's page cannot be unticked.
fn approve(room: &mut Pinterest, world: &mut World, asked: &Asked, decision: &Decision) -> Answer {
    let account = world.people.get(&decision.person).and_then(of);
    let Some(account) = account.filter(|account| account.standing != Standing::Deleted) else {
        return refuse(&format!("nobody here is called {}", decision.person));
    };
    if decision.leaves_out(&asked.scopes) {
        return refuse("Pinterest grants all that an app asks for, or nothing");
    }
    let app = asked.app.client_id.clone();
    let scopes = asked.scopes.clone();
    room.grants.all.push(Grant { app, account: account.id.clone(), scopes, ended: false });
    let code = format!("{CODE_MARK}{}", random(&mut world.rng, 40));
    room.grants.codes.insert(
        code.clone(),
        Code {
            grant: room.grants.all.len() - 1,
            redirect_uri: asked.redirect_uri.clone(),
            issued: world.now,
            used: false,
        },
    );
    back(asked, ("code", &code)).outcome("code_issued")
}

fn back(asked: &Asked, first: (&str, &str)) -> Answer {
    let state = asked.state.iter().map(|state| ("state", state.as_str()));
    let pairs: Vec<(&str, &str)> = std::iter::once(first).chain(state).collect();
    Answer::redirect(with_query(&asked.redirect_uri, &pairs))
}
