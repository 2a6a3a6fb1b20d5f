//! Instagram accounts as Facebook shows them: through the pages to which they
//! are linked.

use serde_json::Value;

use super::account::Page;
use super::grant::{Kind, Session};
use super::insight::reads_insights;
use super::{CDN, Endpoint, Facebook};
use crate::World;
use crate::answer::Answer;
use crate::call::Call;
use crate::graph::{Field, GraphError, parse, select};
use crate::instagram::{Account, insight};
use crate::people::Standing;

const FIELDS: [&str; 10] = [
    "id",
    "ig_id",
    "username",
    "name",
    "biography",
    "website",
    "profile_picture_url",
    "followers_count",
    "follows_count",
    "media_count",
];

/// The page's `instagram_business_account`, which only a professional account
/// is, or its `connected_instagram_account`, which any is. Without the
/// permissions, or without an account, the field is missing.
pub(super) fn of_page(
    world: &World,
    call: &Call,
    session: &Session,
    page: &Page,
    field: &Field,
) -> Result<Option<Value>, GraphError> {
    let shown = session.has("instagram_basic") && session.has("pages_show_list");
    let linked = page.instagram.as_deref().filter(|_| shown).and_then(|id| world.people.instagram(id));
    linked
        .filter(|account| account.standing != Standing::Deleted)
        .filter(|account| account.is_professional() || field.name == "connected_instagram_account")
        .map(|account| value(world, call, account, &field.inner))
        .transpose()
}

fn value(world: &World, call: &Call, account: &Account, fields: &[Field]) -> Result<Value, GraphError> {
    select("IGUser", &FIELDS, fields, |field| Ok(account.value(world.now, call, CDN, &field.name)))
}

/// The Instagram account that a path names.
pub(super) fn meant<'a>(world: &'a World, endpoint: &Endpoint<'_>) -> Option<&'a Account> {
    match endpoint {
        Endpoint::Node(id) | Endpoint::Insights(id) => world.people.instagram(id),
        _ => None,
    }
}

/// The account, if the token's page or one of the user's is linked to it.
fn reached<'a>(
    room: &Facebook,
    world: &'a World,
    call: &Call,
    id: &str,
) -> Result<(Session, Page, &'a Account), GraphError> {
    let session = room.grants.session(world, call)?;
    let linked = |page: &&Page| page.instagram.as_deref() == Some(id);
    let page = match &session.token.kind {
        Kind::Page(own) => session.account.page(own).filter(linked),
        Kind::User { .. } => session.pages().filter(|page| session.sees(page)).find(linked),
    };
    let page = page.cloned().ok_or_else(|| GraphError::missing("get", id))?;
    let mut account = world.people.instagram(id).ok_or_else(|| GraphError::missing("get", id))?;
    if !session.has("instagram_basic") {
        return Err(GraphError::no_permission());
    }
    account.served()?;
    if call.own_fault("wrong_person")
        && let Some(other) = world.people.get("mallory").and_then(|person| person.instagram.first())
    {
        account = other;
    }
    Ok((session, page, account))
}

/// `/{ig-user}`, by a page token or by a user token.
pub(super) fn node(room: &Facebook, world: &World, call: &Call, id: &str) -> Result<Answer, GraphError> {
    let (_, _, account) = reached(room, world, call, id)?;
    let fields = parse(Some(call.param("fields").unwrap_or("id")))?;
    Ok(Answer::json(200, &value(world, call, account, &fields)?))
}

/// `/{ig-user}/insights`, for whoever may analyse the page.
pub(super) fn insights(room: &Facebook, world: &World, call: &Call, id: &str) -> Result<Answer, GraphError> {
    let (session, page, account) = reached(room, world, call, id)?;
    let may = session.has("instagram_manage_insights") && page.tasks.iter().any(|task| reads_insights(task));
    if may { insight::answer(world, call, account) } else { Err(GraphError::no_permission()) }
}
