//! `/i/oauth2/authorize`: X asks a person.

use axum::http::Method;

use super::X;
use super::account::of;
use super::grant::{CODE_MARK, Challenge, Code};
use crate::World;
use crate::answer::Answer;
use crate::apps::App;
use crate::call::Call;
use crate::consent::{Choice, Consent, Decision, Scope, each_once, once, request};
use crate::page;
use crate::people::{Person, Standing};
use crate::util::{random, with_query};

/// X docs, OAuth 2.0 scopes.
const SCOPES: [&str; 23] = [
    "tweet.read",
    "tweet.write",
    "tweet.moderate.write",
    "users.read",
    "users.email",
    "follows.read",
    "follows.write",
    "offline.access",
    "space.read",
    "mute.read",
    "mute.write",
    "like.read",
    "like.write",
    "list.read",
    "list.write",
    "block.read",
    "block.write",
    "bookmark.read",
    "bookmark.write",
    "dm.read",
    "dm.write",
    "media.write",
    "timeline.read",
];
const STATE_LENGTH: usize = 500;

struct Asked {
    app: App,
    redirect_uri: String,
    state: String,
    scopes: Vec<String>,
    challenge: Challenge,
}

pub(super) fn answer(room: &mut X, world: &mut World, call: &Call) -> Answer {
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
            let pairs = [("error", "access_denied"), ("state", asked.state.as_str())];
            Answer::redirect(with_query(&asked.redirect_uri, &pairs)).outcome("denied")
        }
        Err(detail) => refuse(detail),
    }
}

fn refuse(detail: &str) -> Answer {
    let detail = format!("You weren't able to give access to the App. {detail}");
    page::error(400, "X", "Something went wrong", &detail)
}

/// What is wrong is shown and never sent back.
fn check(world: &World, request: &[(String, String)]) -> Result<Asked, String> {
    let value = |name: &str| {
        let value = once(request, name).map_err(|()| format!("{name} was given twice."))?;
        value.filter(|text| !text.is_empty()).ok_or_else(|| format!("The parameter {name} is missing."))
    };
    let app = world.apps.get("x", value("client_id")?).ok_or("The client_id is not known.")?;
    let redirect_uri = value("redirect_uri")?;
    if !app.redirect_uris.iter().any(|known| known == redirect_uri) {
        return Err("The redirect_uri is not one of the App's callback URLs.".to_owned());
    }
    if value("response_type")? != "code" {
        return Err("The response_type must be code.".to_owned());
    }
    let state = value("state")?;
    if state.chars().count() > STATE_LENGTH {
        return Err("The state is longer than 500 characters.".to_owned());
    }
    let scopes = each_once(value("scope")?.split(' '), |scope| SCOPES.contains(&scope))
        .map_err(|scope| format!("The scope {scope} is not known."))?;
    let challenge = value("code_challenge")?;
    // Published clients write `s256`, and X takes it.
    let challenge = match value("code_challenge_method")? {
        "S256" | "s256" if is_code(challenge, 43, 43) => Challenge::S256(challenge.to_owned()),
        "plain" if is_code(challenge, 1, 128) => Challenge::Plain(challenge.to_owned()),
        "S256" | "s256" | "plain" => return Err("The code_challenge is malformed.".to_owned()),
        _ => return Err("The code_challenge_method must be S256 or plain.".to_owned()),
    };
    Ok(Asked { app: app.clone(), redirect_uri: redirect_uri.to_owned(), state: state.to_owned(), scopes, challenge })
}

fn is_code(text: &str, least: usize, most: usize) -> bool {
    let unreserved = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
    (least..=most).contains(&text.len()) && text.chars().all(unreserved)
}

fn consent(world: &World, call: &Call, request: Vec<(String, String)>, asked: &Asked) -> Answer {
    Consent {
        platform: "X",
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
        Standing::Suspended => format!("@{}, suspended", account.username),
        _ => format!("@{}", account.username),
    };
    Some(Choice { id: person.id.clone(), name: person.name.clone(), note, children: Vec::new() })
}

/// All scopes or none: the boxes on X's page cannot be unticked.
fn approve(room: &mut X, world: &mut World, asked: &Asked, decision: &Decision) -> Answer {
    let person = world.people.get(&decision.person);
    let known = person.and_then(of).is_some_and(|account| account.standing != Standing::Deleted);
    if !known {
        return refuse(&format!("Nobody here is called {}.", decision.person));
    }
    if decision.leaves_out(&asked.scopes) {
        return refuse("X grants all that an App asks for, or nothing.");
    }
    let code = format!("{CODE_MARK}{}", random(&mut world.rng, 78));
    room.grants.codes.insert(
        code.clone(),
        Code {
            app: asked.app.client_id.clone(),
            person: decision.person.clone(),
            redirect_uri: asked.redirect_uri.clone(),
            challenge: asked.challenge.clone(),
            scopes: asked.scopes.clone(),
            issued: world.now,
            used: false,
        },
    );
    let pairs = [("state", asked.state.as_str()), ("code", code.as_str())];
    Answer::redirect(with_query(&asked.redirect_uri, &pairs)).outcome("code_issued")
}
