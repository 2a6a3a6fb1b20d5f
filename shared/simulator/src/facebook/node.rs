//! People and pages as nodes of the graph, and their pictures.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::account::{Account, Page, of, scoped_id};
use super::grant::{Caller, Kind, Session};
use super::{CDN, Facebook, instagram};
use crate::World;
use crate::answer::Answer;
use crate::avatar;
use crate::call::Call;
use crate::graph::{Field, GraphError, parse, select};
use crate::people::Person;
use crate::util::grown;

const USER: [&str; 6] = ["id", "name", "first_name", "last_name", "email", "picture"];
const PAGE: [&str; 17] = [
    "id",
    "name",
    "username",
    "link",
    "picture",
    "followers_count",
    "fan_count",
    "verification_status",
    "category",
    "is_published",
    "instagram_business_account",
    "connected_instagram_account",
    "access_token",
    "tasks",
    "about",
    "website",
    "user_access_expire_time",
];

pub(super) fn answer(room: &mut Facebook, world: &mut World, call: &Call, id: &str) -> Result<Answer, GraphError> {
    let mut session = match room.grants.caller(world, call)? {
        Caller::Person(session) => *session,
        Caller::App(app) if id == app => {
            let body = json!({ "id": app, "name": format!("App {app}") });
            return Ok(Answer::json(200, &body));
        }
        Caller::App(_) => return Err(GraphError::missing("get", id)),
    };
    let fields = parse(call.param("fields"))?;
    let own = scoped_id(&session.token.app, &session.account);
    let wanted = match (&session.token.kind, id) {
        (Kind::Page(page), "me") => page.clone(),
        (_, "me") => own.clone(),
        (_, id) => id.to_owned(),
    };
    if call.own_fault("wrong_person") {
        become_another(world, &mut session);
    }
    if matches!(session.token.kind, Kind::User { .. }) && wanted == own {
        let body = user(world.now, call, &session, &fields)?;
        return Ok(Answer::json(200, &body));
    }
    let page = visible(&session, &wanted).cloned().ok_or_else(|| GraphError::missing("get", id))?;
    let body = page_value(room, world, call, &session, &page, &fields)?;
    Ok(Answer::json(200, &body))
}

/// The page of that id, if the token may read it.
pub(super) fn visible<'a>(session: &'a Session, id: &str) -> Option<&'a Page> {
    match &session.token.kind {
        Kind::Page(own) if own == "mallory" => session.account.pages.first(),
        Kind::Page(own) => session.pages().find(|page| page.id == *own && own == id),
        Kind::User { .. } => session.pages().find(|page| page.id == id && session.sees(page)),
    }
}

/// For the fault in which a token answers as somebody else.
fn become_another(world: &World, session: &mut Session) {
    let mallory = world.people.get("mallory");
    if let Some((person, account)) = mallory.and_then(|p| Some((p, of(p)?))) {
        session.person = person.clone();
        session.account = account.clone();
        if let Kind::Page(own) = &mut session.token.kind {
            "mallory".clone_into(own);
        }
    }
}

fn user(now: Timestamp, call: &Call, session: &Session, fields: &[Field]) -> Result<Value, GraphError> {
    let Person { name, email, .. } = &session.person;
    let account = &session.account;
    select("User", &USER, fields, |field| {
        Ok(match field.name.as_str() {
            "id" => Some(json!(scoped_id(&session.token.app, account))),
            "name" => Some(json!(name)),
            "first_name" => name.split(' ').next().map(|part| json!(part)),
            "last_name" => name.split_once(' ').map(|(_, rest)| json!(rest)),
            "email" if session.has("email") => Some(json!(email)),
            "picture" => Some(picture_value(now, call, &account.id, account.avatar)),
            _ => None,
        })
    })
}

pub(super) fn page_value(
    room: &mut Facebook,
    world: &mut World,
    call: &Call,
    session: &Session,
    page: &Page,
    fields: &[Field],
) -> Result<Value, GraphError> {
    let now = world.now;
    let by_user = matches!(session.token.kind, Kind::User { .. });
    select("Page", &PAGE, fields, |field| {
        let value = match field.name.as_str() {
            "id" => json!(page.id),
            "name" => json!(page.name),
            "username" => json!(page.username),
            "link" => json!(format!("https://www.facebook.com/{}", page.username)),
            "picture" => picture_value(now, call, &page.id, page.avatar),
            "followers_count" => json!(grown(page.followers, page.daily, &page.id, now)),
            "fan_count" => json!(grown(page.likes, page.daily, &page.id, now)),
            "verification_status" => json!(page.verification_status),
            "category" => json!(page.category),
            "is_published" => json!(page.is_published),
            "tasks" if by_user => json!(page.tasks),
            "access_token" if by_user => {
                let grants = &mut room.grants;
                json!(grants.page_token(&mut world.rng, now, &session.token, &page.id))
            }
            "access_token" => json!(session.secret),
            "instagram_business_account" | "connected_instagram_account" => {
                return instagram::of_page(world, call, session, page, field);
            }
            _ => return Ok(None),
        };
        Ok(Some(value))
    })
}

fn picture_value(now: Timestamp, call: &Call, id: &str, version: u32) -> Value {
    json!({ "data": {
        "height": 200,
        "width": 200,
        "is_silhouette": version == 0,
        "url": avatar::address(now, call, CDN, id, version),
    } })
}

/// `/{id}/picture`: anybody may see a page's; a person's needs their token.
pub(super) fn picture(room: &Facebook, world: &World, call: &Call, id: &str) -> Result<Answer, GraphError> {
    let pages = world.people.all().iter().filter_map(of);
    let page = pages.flat_map(|account: &Account| &account.pages);
    let found = page.into_iter().find(|page| page.id == id);
    let (id, version) = if let Some(page) = found {
        (page.id.clone(), page.avatar)
    } else {
        let session = room.grants.session(world, call)?;
        let own = scoped_id(&session.token.app, &session.account);
        if id != "me" && id != own {
            return Err(GraphError::missing("get", id));
        }
        (session.account.id.clone(), session.account.avatar)
    };
    if matches!(call.query("redirect"), Some("0" | "false")) {
        return Ok(Answer::json(200, &picture_value(world.now, call, &id, version)));
    }
    Ok(Answer::redirect(avatar::address(world.now, call, CDN, &id, version)))
}
