//! `/api/v1/authorize`: Reddit asks a person.

use axum::http::Method;

use super::Reddit;
use super::account::of;
use super::grant::{CODE_MARK, Code, Consent as Allowed};
use crate::World;
use crate::answer::Answer;
use crate::apps::App;
use crate::call::Call;
use crate::consent::{Choice, Consent, Decision, Scope, each_once, once, request};
use crate::page;
use crate::people::{Person, Standing};
use crate::util::{random, with_query};

const SCOPES: [&str; 23] = [
    "account",
    "creddits",
    "edit",
    "flair",
    "history",
    "identity",
    "livemanage",
    "modconfig",
    "modflair",
    "modlog",
    "modposts",
    "modwiki",
    "mysubreddits",
    "privatemessages",
    "read",
    "report",
    "save",
    "structuredstyles",
    "submit",
    "subscribe",
    "vote",
    "wikiedit",
    "wikiread",
];

struct Asked {
    app: App,
    redirect_uri: String,
    state: String,
    scopes: Vec<String>,
    permanent: bool,
}

pub(super) fn answer(room: &mut Reddit, world: &mut World, call: &Call) -> Answer {
    let request = request(call);
    let asked = match check(world, &request) {
        Ok(asked) => asked,
        Err(refused) => return refused,
    };
    if call.method == Method::GET {
        return consent(world, call, request, &asked);
    }
    match Decision::read(call) {
        Ok(decision) if decision.approve => approve(room, world, &asked, &decision),
        Ok(_) => back(&asked.redirect_uri, &[("error", "access_denied"), ("state", &asked.state)]).outcome("denied"),
        Err(detail) => refuse(detail),
    }
}

/// Reddit puts a `#_` behind the address.
fn back(redirect_uri: &str, pairs: &[(&str, &str)]) -> Answer {
    Answer::redirect(format!("{}#_", with_query(redirect_uri, pairs)))
}

fn refuse(detail: &str) -> Answer {
    page::error(400, "Reddit", "bad request (reddit.com)", &format!("you sent an invalid request: {detail}"))
}

/// A wrong client, address or state is shown; the rest is sent back.
fn check(world: &World, request: &[(String, String)]) -> Result<Asked, Answer> {
    let given = |name: &str| {
        let value = once(request, name).map_err(|()| refuse(&format!("{name} was given twice.")))?;
        Ok(value.filter(|text| !text.is_empty()))
    };
    let value = |name: &str| given(name)?.ok_or_else(|| refuse(&format!("{name} is missing.")));
    let app = world.apps.get("reddit", value("client_id")?).ok_or_else(|| refuse("invalid client id."))?;
    let redirect_uri = value("redirect_uri")?;
    if !app.redirect_uris.iter().any(|known| known == redirect_uri) {
        return Err(refuse("invalid redirect_uri parameter."));
    }
    let state = value("state")?;
    let wrong = |error: &'static str| {
        Err(back(redirect_uri, &[("error", error), ("state", state)]).outcome(format!("refused:{error}")))
    };
    if given("response_type")? != Some("code") {
        return wrong("unsupported_response_type");
    }
    let permanent = match given("duration")? {
        None | Some("temporary") => false,
        Some("permanent") => true,
        Some(_) => return wrong("invalid_request"),
    };
    let asked = given("scope")?.unwrap_or_default().split([' ', ',']);
    let Ok(scopes) = each_once(asked, |scope| SCOPES.contains(&scope)) else { return wrong("invalid_scope") };
    let (redirect_uri, state) = (redirect_uri.to_owned(), state.to_owned());
    Ok(Asked { app: app.clone(), redirect_uri, state, scopes, permanent })
}

fn consent(world: &World, call: &Call, request: Vec<(String, String)>, asked: &Asked) -> Answer {
    Consent {
        platform: "Reddit",
        app: &asked.app,
        request,
        scopes: Scope::list(&asked.scopes, |_| true),
        people: world.people.all().iter().filter_map(choice).collect(),
    }
    .page(call)
}

fn choice(person: &Person) -> Option<Choice> {
    let account = of(person).filter(|account| account.standing != Standing::Deleted)?;
    let note = match account.standing {
        Standing::Suspended => format!("u/{}, suspended", account.name),
        _ => format!("u/{}", account.name),
    };
    Some(Choice { id: person.id.clone(), name: person.name.clone(), note, children: Vec::new() })
}

/// All scopes or none: nothing on Reddit's page can be unticked.
fn approve(room: &mut Reddit, world: &mut World, asked: &Asked, decision: &Decision) -> Answer {
    let person = world.people.get(&decision.person);
    let known = person.and_then(of).is_some_and(|account| account.standing != Standing::Deleted);
    if !known {
        return refuse(&format!("nobody here is called {}.", decision.person));
    }
    if decision.leaves_out(&asked.scopes) {
        return refuse("Reddit grants all that an app asks for, or nothing.");
    }
    let code = format!("{CODE_MARK}{}", random(&mut world.rng, 20));
    let consent = Allowed {
        app: asked.app.client_id.clone(),
        person: decision.person.clone(),
        scopes: asked.scopes.clone(),
        permanent: asked.permanent,
    };
    room.grants.codes.insert(
        code.clone(),
        Code { consent, redirect_uri: asked.redirect_uri.clone(), issued: world.now, family: None },
    );
    back(&asked.redirect_uri, &[("state", &asked.state), ("code", &code)]).outcome("code_issued")
}
