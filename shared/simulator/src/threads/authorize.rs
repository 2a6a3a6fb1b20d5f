//! `/oauth/authorize`: Threads asks whoever is signed in.

use axum::http::Method;

use super::Threads;
use super::account::of;
use super::grant::{Given, LOGIN};
use crate::World;
use crate::answer::Answer;
use crate::call::Call;
use crate::consent::{Choice, Consent, Decision, Scope, request};
use crate::graph::login::Asked;
use crate::page;
use crate::people::{Person, Standing};

pub(super) const SCOPES: &[&str] = &[
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

pub(super) fn answer(room: &mut Threads, world: &mut World, call: &Call) -> Answer {
    let request = request(call);
    let asked = match Asked::read(&LOGIN, world, &request) {
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
            asked.back(&pairs, "").outcome("denied")
        }
        Err(detail) => refuse(detail),
    }
}

fn refuse(detail: &str) -> Answer {
    page::error(400, "Threads", "Invalid Request", &format!("Request parameters are invalid: {detail}"))
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
    let given = Given { scopes: asked.granted(&LOGIN, decision), at: world.now };
    let account = account.id.clone();
    room.grants.allow(&LOGIN, world, asked, account, given)
}
