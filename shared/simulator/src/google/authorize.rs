//! `/o/oauth2/v2/auth`: Google asks a person, scope by scope, and which channel it is to be.

use axum::http::Method;

use super::Google;
use super::account::{Account, of};
use super::grant::{CODE_MARK, Challenge, Code, Consent as Allowed};
use crate::World;
use crate::answer::Answer;
use crate::apps::App;
use crate::call::Call;
use crate::consent::{Child, Choice, Consent, Decision, Scope, each_once, once, request};
use crate::page;
use crate::people::{Person, Standing};
use crate::util::{random, with_query};

pub(super) const OPENID: &str = "openid";
pub(super) const EMAIL: &str = "https://www.googleapis.com/auth/userinfo.email";
pub(super) const PROFILE: &str = "https://www.googleapis.com/auth/userinfo.profile";
/// Scopes that the page does not let a person untick.
const BASIC: [&str; 3] = [OPENID, EMAIL, PROFILE];
pub(super) const GMAIL: &str = "https://mail.google.com/";
const OTHERS: [&str; 10] = [
    "https://www.googleapis.com/auth/youtube",
    "https://www.googleapis.com/auth/youtube.readonly",
    "https://www.googleapis.com/auth/youtube.upload",
    "https://www.googleapis.com/auth/youtube.force-ssl",
    "https://www.googleapis.com/auth/youtube.channel-memberships.creator",
    "https://www.googleapis.com/auth/youtubepartner",
    "https://www.googleapis.com/auth/yt-analytics.readonly",
    "https://www.googleapis.com/auth/yt-analytics-monetary.readonly",
    "https://www.googleapis.com/auth/business.manage",
    GMAIL,
];

struct Asked {
    app: App,
    redirect_uri: String,
    state: Option<String>,
    scopes: Vec<String>,
    offline: bool,
    merged: bool,
    prompt: Vec<String>,
    challenge: Option<Challenge>,
}

pub(super) fn answer(room: &mut Google, world: &mut World, call: &Call) -> Answer {
    let request = request(call);
    let asked = match check(world, &request) {
        Ok(asked) => asked,
        Err(refused) => return refused,
    };
    if call.method == Method::GET {
        return consent(world, call, request, &asked);
    }
    match Decision::read(call) {
        Ok(decision) if decision.approve => approve(room, world, &asked, &decision).unwrap_or_else(|refused| refused),
        Ok(_) => no(&asked),
        Err(detail) => wrong("invalid_request", detail),
    }
}

fn no(asked: &Asked) -> Answer {
    let state = asked.state.as_deref().map(|state| ("state", state));
    let pairs: Vec<(&str, &str)> = [("error", "access_denied")].into_iter().chain(state).collect();
    Answer::redirect(with_query(&asked.redirect_uri, &pairs)).outcome("denied")
}

/// Whatever is wrong is shown and never sent back.
fn wrong(error: &str, detail: &str) -> Answer {
    let status = if error == "invalid_client" { 401 } else { 400 };
    page::error(status, "Google", &format!("Access blocked. Error {status}: {error}"), detail)
        .outcome(format!("refused:{error}"))
}

fn check(world: &World, request: &[(String, String)]) -> Result<Asked, Answer> {
    let given = |name: &str| {
        let value = once(request, name);
        let value = value.map_err(|()| {
            wrong("invalid_request", &format!("OAuth 2 parameters can only have a single value: {name}"))
        })?;
        Ok(value.filter(|text| !text.is_empty()))
    };
    let value = |name: &str| {
        given(name)?.ok_or_else(|| wrong("invalid_request", &format!("Missing required parameter: {name}")))
    };
    let app = world.apps.get("google", value("client_id")?);
    let app = app.ok_or_else(|| wrong("invalid_client", "The OAuth client was not found."))?;
    let redirect_uri = value("redirect_uri")?;
    if !app.redirect_uris.iter().any(|known| known == redirect_uri) {
        let detail = "The redirect URI in the request does not match the ones authorized for the OAuth client.";
        return Err(wrong("redirect_uri_mismatch", detail));
    }
    if value("response_type")? != "code" {
        return Err(wrong("unsupported_response_type", "The response_type must be code."));
    }
    let asked = value("scope")?.split(' ').map(|scope| match scope {
        "profile" => PROFILE,
        "email" => EMAIL,
        other => other,
    });
    let scopes = each_once(asked, |scope| BASIC.contains(&scope) || OTHERS.contains(&scope))
        .map_err(|scope| wrong("invalid_scope", &format!("Some requested scopes were invalid: {scope}")))?;
    let offline = match given("access_type")? {
        None | Some("online") => false,
        Some("offline") => true,
        Some(_) => return Err(wrong("invalid_request", "Invalid parameter value for access_type")),
    };
    let merged = match given("include_granted_scopes")? {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(wrong("invalid_request", "Invalid parameter value for include_granted_scopes")),
    };
    let prompt: Vec<String> = given("prompt")?.unwrap_or_default().split(' ').map(ToOwned::to_owned).collect();
    if prompt.iter().any(|word| !["", "none", "consent", "select_account"].contains(&word.as_str())) {
        return Err(wrong("invalid_request", "Invalid parameter value for prompt"));
    }
    let challenge = match (given("code_challenge")?, given("code_challenge_method")?) {
        (None, None) => None,
        (None, Some(_)) => return Err(wrong("invalid_request", "Missing required parameter: code_challenge")),
        (Some(text), Some("S256")) if is_code(text, 43, 43) => Some(Challenge::S256(text.to_owned())),
        (Some(text), None | Some("plain")) if is_code(text, 43, 128) => Some(Challenge::Plain(text.to_owned())),
        (Some(_), _) => return Err(wrong("invalid_request", "Invalid parameter value for code_challenge")),
    };
    let (redirect_uri, state) = (redirect_uri.to_owned(), given("state")?.map(ToOwned::to_owned));
    Ok(Asked { app: app.clone(), redirect_uri, state, scopes, offline, merged, prompt, challenge })
}

fn is_code(text: &str, least: usize, most: usize) -> bool {
    let unreserved = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
    (least..=most).contains(&text.len()) && text.chars().all(unreserved)
}

fn consent(world: &World, call: &Call, request: Vec<(String, String)>, asked: &Asked) -> Answer {
    Consent {
        platform: "Google",
        app: &asked.app,
        request,
        scopes: Scope::list(&asked.scopes, |name| BASIC.contains(&name)),
        people: world.people.all().iter().filter_map(|person| choice(person, asked)).collect(),
    }
    .page(call)
}

fn choice(person: &Person, asked: &Asked) -> Option<Choice> {
    let account = of(person).filter(|account| account.standing != Standing::Deleted)?;
    let is_youtube = asked.scopes.iter().any(|scope| scope.contains("/auth/y"));
    let channels = account.channels.iter().filter(|_| is_youtube).enumerate().map(|(at, channel)| Child {
        kind: "Channels",
        id: channel.id.clone(),
        name: channel.title.clone(),
        note: if at == 0 { "channel".to_owned() } else { "channel of a brand account".to_owned() },
    });
    let (id, name) = (person.id.clone(), person.name.clone());
    Some(Choice { id, name, note: person.email.clone(), children: channels.collect() })
}

/// Scopes can be unticked. The first channel that is ticked is the one; without a tick the person has none.
fn approve(room: &mut Google, world: &mut World, asked: &Asked, decision: &Decision) -> Result<Answer, Answer> {
    let person = world.people.get(&decision.person);
    let account = person.and_then(of).filter(|account| account.standing != Standing::Deleted);
    let account =
        account.ok_or_else(|| wrong("invalid_request", &format!("Nobody here is called {}.", decision.person)))?;
    let channel = channel(world, account, decision)?;
    let is_ticked = |scope: &String| decision.scopes.as_ref().is_none_or(|ticked| ticked.contains(scope));
    let mut scopes = asked.scopes.clone();
    scopes.retain(|scope| BASIC.contains(&scope.as_str()) || is_ticked(scope));
    if scopes.is_empty() {
        return Ok(no(asked));
    }
    let key = (asked.app.client_id.clone(), decision.person.clone());
    let given = room.grants.given.get(&key).cloned();
    let asks = asked.prompt.iter().any(|word| word == "consent");
    let fresh = asks || given.as_ref().is_none_or(|given| scopes.iter().any(|scope| !given.contains(scope)));
    let mut all = given.unwrap_or_default();
    let earlier = all.clone();
    all.extend(scopes.iter().filter(|scope| !earlier.contains(scope)).cloned());
    room.grants.given.insert(key, all.clone());
    if asked.merged {
        scopes.extend(earlier.into_iter().filter(|scope| !asked.scopes.contains(scope)));
    }
    let code = format!("4/{CODE_MARK}{}", random(&mut world.rng, 62));
    let told = scopes.join(" ");
    room.grants.codes.insert(
        code.clone(),
        Code {
            consent: Allowed {
                app: asked.app.client_id.clone(),
                person: decision.person.clone(),
                channel,
                scopes,
                offline: asked.offline,
            },
            redirect_uri: asked.redirect_uri.clone(),
            challenge: asked.challenge.clone(),
            fresh,
            issued: world.now,
            used: false,
        },
    );
    let prompt = if fresh { "consent" } else { "none" };
    let rest = [("code", code.as_str()), ("scope", &told), ("authuser", "0"), ("prompt", prompt)];
    let state = asked.state.as_deref().map(|state| ("state", state));
    let pairs: Vec<(&str, &str)> = state.into_iter().chain(rest).collect();
    Ok(Answer::redirect(with_query(&asked.redirect_uri, &pairs)).outcome("code_issued"))
}

/// A browser posts the ticks of everybody on the page; the person's own are meant.
fn channel(world: &World, account: &Account, decision: &Decision) -> Result<Option<String>, Answer> {
    let Some(ticked) = &decision.children else {
        return Ok(account.channels.first().map(|channel| channel.id.clone()));
    };
    let has = |account: &Account, id: &String| account.channels.iter().any(|channel| channel.id == *id);
    let is_known = |id: &String| world.people.all().iter().filter_map(of).any(|account| has(account, id));
    if let Some(unknown) = ticked.iter().find(|id| !is_known(id)) {
        return Err(wrong("invalid_request", &format!("There is no channel {unknown}.")));
    }
    Ok(ticked.iter().find(|id| has(account, id)).cloned())
}
