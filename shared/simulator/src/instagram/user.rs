//! `/me` and `/me/insights` on Instagram's own host.

use serde_json::json;

use super::account::{Type, scoped_id};
use super::authorize::BASIC;
use super::grant::Session;
use super::{CDN, Instagram, insight};
use crate::World;
use crate::answer::Answer;
use crate::call::Call;
use crate::graph::{GraphError, parse, presented, select};

const FIELDS: [&str; 9] = [
    "id",
    "user_id",
    "username",
    "name",
    "account_type",
    "profile_picture_url",
    "followers_count",
    "follows_count",
    "media_count",
];

/// Who calls; `id` must be theirs, in either of its two forms.
fn session(room: &Instagram, world: &World, call: &Call, id: &str) -> Result<Session, GraphError> {
    let secret = presented(call).filter(|secret| !secret.is_empty());
    let secret = secret.ok_or_else(GraphError::no_token)?;
    let mut session = room.grants.judge(world, secret)?;
    if id != "me" && id != session.account.id && id != scoped_id(&session.token.app, &session.account) {
        return Err(GraphError::missing("get", id));
    }
    if call.own_fault("wrong_person")
        && let Some(other) = world.people.get("mallory").and_then(|person| person.instagram.first())
    {
        session.account = other.clone();
    }
    session.needs(BASIC)?;
    session.account.served()?;
    Ok(session)
}

/// The profile: `user_id` is the professional account, `id` only this app's name for it.
pub(super) fn profile(room: &Instagram, world: &World, call: &Call, id: &str) -> Result<Answer, GraphError> {
    let Session { token, account, .. } = session(room, world, call, id)?;
    let fields = parse(Some(call.query("fields").unwrap_or("id")))?;
    let body = select("IGUser", &FIELDS, &fields, |field| {
        Ok(match field.name.as_str() {
            "id" => Some(json!(scoped_id(&token.app, &account))),
            "user_id" => Some(json!(account.id)),
            "account_type" => Some(json!(type_word(call, account.kind))),
            name => account.value(world.now, call, CDN, name),
        })
    })?;
    Ok(Answer::json(200, &body))
}

/// Documented both in capitals and as words; words are a fault.
fn type_word(call: &Call, kind: Type) -> &'static str {
    match (kind, call.own_fault("title_case_type")) {
        (Type::Business, false) => "BUSINESS",
        (Type::Business, true) => "Business",
        (Type::MediaCreator, false) => "MEDIA_CREATOR",
        (Type::MediaCreator, true) => "Media_Creator",
        (Type::Personal, _) => "PERSONAL",
    }
}

pub(super) fn insights(room: &Instagram, world: &World, call: &Call, id: &str) -> Result<Answer, GraphError> {
    let session = session(room, world, call, id)?;
    session.needs("instagram_business_manage_insights")?;
    insight::answer(world, call, &session.account)
}
