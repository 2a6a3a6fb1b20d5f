//! `/oauth/authorize`: Instagram asks whoever is signed in.

use axum::http::Method;

use super::account::Type;
use super::grant::LOGIN;
use super::{Account, Instagram};
use crate::World;
use crate::answer::Answer;
use crate::call::Call;
use crate::consent::{Choice, Consent, Decision, Scope, request};
use crate::graph::login::Asked;
use crate::page;
use crate::people::{Person, Standing};

/// Business Login for Instagram; the names without `instagram_` ended on 2025-01-27.
pub(super) const SCOPES: &[&str] = &[
    BASIC,
    "instagram_business_content_publish",
    "instagram_business_manage_insights",
    "instagram_business_manage_comments",
    "instagram_business_manage_messages",
];
/// Always asked for and always granted.
pub(super) const BASIC: &str = "instagram_business_basic";

pub(super) fn answer(room: &mut Instagram, world: &mut World, call: &Call) -> Answer {
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
            let pairs = [
                ("error", "access_denied"),
                ("error_reason", "user_denied"),
                ("error_description", "The user denied your request."),
            ];
            asked.back(&pairs, "").outcome("denied")
        }
        Err(detail) => refuse(detail),
    }
}

fn refuse(detail: &str) -> Answer {
    page::error(400, "Instagram", "Invalid Request", &format!("Request parameters are invalid: {detail}"))
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

fn approve(room: &mut Instagram, world: &mut World, asked: &Asked, decision: &Decision) -> Answer {
    let Some(account) = chosen(world, &decision.person) else {
        return refuse(&format!("nobody here is called {}", decision.person));
    };
    if account.standing == Standing::Suspended {
        return page::error(400, "Instagram", "Account suspended", "Sign in to the Instagram app to see why.");
    }
    let account = account.id.clone();
    room.grants.allow(&LOGIN, world, asked, account, asked.granted(&LOGIN, decision))
}
