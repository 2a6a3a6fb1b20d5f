//! `/oauth/v2/authorization`: LinkedIn asks a member.

use axum::http::Method;

use super::LinkedIn;
use super::account::of;
use super::grant::{CODE_MARK, Code};
use crate::World;
use crate::answer::Answer;
use crate::apps::App;
use crate::call::Call;
use crate::consent::{Choice, Consent, Decision, Scope, each_once, once, request};
use crate::page;
use crate::people::{Person, Standing};
use crate::util::{random, with_query};

/// LinkedIn docs: sign-in, sharing, and Community Management.
const SCOPES: [&str; 15] = [
    "openid",
    "profile",
    "email",
    "r_basicprofile",
    "w_member_social",
    "r_member_social",
    "r_member_postAnalytics",
    "r_member_profileAnalytics",
    "r_organization_social",
    "w_organization_social",
    "rw_organization_admin",
    "r_organization_admin",
    "r_organization_followers",
    "r_1st_connections_size",
    "r_events",
];

struct Asked {
    app: App,
    redirect_uri: String,
    state: Option<String>,
    scopes: Vec<String>,
}

/// What is wrong with a request: shown to the member, or sent back to the app.
enum Wrong {
    Shown(String),
    Sent { redirect_uri: String, state: Option<String>, error: &'static str, description: String },
}

pub(super) fn answer(room: &mut LinkedIn, world: &mut World, call: &Call) -> Answer {
    let request = request(call);
    let asked = match check(world, call, &request) {
        Ok(asked) => asked,
        Err(Wrong::Shown(detail)) => return refuse(&detail),
        Err(Wrong::Sent { redirect_uri, state, error, description }) => {
            return back(&redirect_uri, state.as_deref(), &[("error", error), ("error_description", &description)])
                .outcome(format!("refused:{error}"));
        }
    };
    if call.method == Method::GET {
        return consent(world, call, request, &asked);
    }
    match Decision::read(call) {
        Ok(decision) if decision.approve => approve(room, world, &asked, &decision),
        Ok(_) => {
            let (error, what) = if call.own_fault("cancelled_login") {
                ("user_cancelled_login", "The user cancelled the login")
            } else {
                ("user_cancelled_authorize", "The user cancelled the authorization")
            };
            let pairs = [("error", error), ("error_description", what)];
            back(&asked.redirect_uri, asked.state.as_deref(), &pairs).outcome("denied")
        }
        Err(detail) => refuse(detail),
    }
}

fn back(redirect_uri: &str, state: Option<&str>, pairs: &[(&str, &str)]) -> Answer {
    let state = state.map(|state| ("state", state));
    let pairs: Vec<(&str, &str)> = pairs.iter().copied().chain(state).collect();
    Answer::redirect(with_query(redirect_uri, &pairs))
}

fn refuse(detail: &str) -> Answer {
    page::error(400, "LinkedIn", "Bummer, something went wrong.", detail)
}

/// A wrong client or address is shown; a scope that the app may not ask for is sent back, and refuses all of it.
fn check(world: &World, call: &Call, request: &[(String, String)]) -> Result<Asked, Wrong> {
    let given = |name: &str| {
        let value = once(request, name).map_err(|()| Wrong::Shown(format!("{name} was given twice.")))?;
        Ok(value.filter(|text| !text.is_empty()))
    };
    let value =
        |name: &str| given(name)?.ok_or_else(|| Wrong::Shown(format!("You need to pass the \"{name}\" parameter.")));
    let app = world.apps.get("linkedin", value("client_id")?);
    let app = app.ok_or_else(|| Wrong::Shown("The passed in client_id is invalid.".to_owned()))?;
    let redirect_uri = value("redirect_uri")?;
    if !app.redirect_uris.iter().any(|known| known == redirect_uri) {
        return Err(Wrong::Shown("The redirect_uri does not match the registered value.".to_owned()));
    }
    if value("response_type")? != "code" {
        return Err(Wrong::Shown("The passed in response_type is invalid.".to_owned()));
    }
    let state = given("state")?.map(ToOwned::to_owned);
    let held_back = call.faults.iter().find_map(|fault| fault.strip_prefix("unapproved:")).unwrap_or_default();
    let is_approved = |scope: &str| SCOPES.contains(&scope) && !held_back.split(',').any(|name| name == scope);
    let mut scopes = each_once(value("scope")?.split(' '), is_approved).map_err(|scope| Wrong::Sent {
        redirect_uri: redirect_uri.to_owned(),
        state: state.clone(),
        error: "unauthorized_scope_error",
        description: format!("Scope \"{scope}\" is not authorized for your application"),
    })?;
    scopes.sort();
    Ok(Asked { app: app.clone(), redirect_uri: redirect_uri.to_owned(), state, scopes })
}

fn consent(world: &World, call: &Call, request: Vec<(String, String)>, asked: &Asked) -> Answer {
    Consent {
        platform: "LinkedIn",
        app: &asked.app,
        request,
        scopes: Scope::list(&asked.scopes, |_| true),
        people: world.people.all().iter().filter_map(choice).collect(),
    }
    .page(call)
}

fn choice(person: &Person) -> Option<Choice> {
    let account = of(person).filter(|account| account.standing != Standing::Deleted)?;
    let note = match account.organizations.len() {
        0 => "no organisations".to_owned(),
        1 => "1 organisation".to_owned(),
        many => format!("{many} organisations"),
    };
    Some(Choice { id: person.id.clone(), name: account.name.clone(), note, children: Vec::new() })
}

/// All scopes or none: nothing on LinkedIn's page can be unticked.
fn approve(room: &mut LinkedIn, world: &mut World, asked: &Asked, decision: &Decision) -> Answer {
    let person = world.people.get(&decision.person);
    let known = person.and_then(of).is_some_and(|account| account.standing != Standing::Deleted);
    if !known {
        return refuse(&format!("Nobody here is called {}.", decision.person));
    }
    if decision.leaves_out(&asked.scopes) {
        return refuse("LinkedIn grants all that an app asks for, or nothing.");
    }
    let code = format!("{CODE_MARK}{}", random(&mut world.rng, 90));
    room.grants.codes.insert(
        code.clone(),
        Code {
            app: asked.app.client_id.clone(),
            person: decision.person.clone(),
            redirect_uri: asked.redirect_uri.clone(),
            scopes: asked.scopes.clone(),
            issued: world.now,
            used: false,
        },
    );
    back(&asked.redirect_uri, asked.state.as_deref(), &[("code", &code)]).outcome("code_issued")
}
