//! `/me`, `/me/threads_insights` and `/me/threads_publishing_limit`.

use serde_json::{Value, json};

use super::authorize::BASIC;
use super::grant::Session;
use super::{CDN, Threads, insight};
use crate::World;
use crate::answer::Answer;
use crate::avatar;
use crate::call::Call;
use crate::graph::{GraphError, parse, presented, select};

const FIELDS: [&str; 6] = ["id", "username", "name", "threads_profile_picture_url", "threads_biography", "is_verified"];
const LIMITS: [&str; 4] = ["quota_usage", "config", "reply_quota_usage", "reply_config"];

/// Who calls; `id` must be theirs.
fn session(room: &Threads, world: &World, call: &Call, id: &str) -> Result<Session, GraphError> {
    let secret = presented(call).filter(|secret| !secret.is_empty());
    let mut session = room.grants.judge(world, secret.ok_or_else(GraphError::no_token)?)?;
    if id != "me" && id != session.account.id {
        return Err(GraphError::missing("get", id));
    }
    if call.own_fault("wrong_person")
        && let Some(other) = world.people.get("mallory").and_then(|person| person.threads.as_ref())
    {
        session.account = other.clone();
    }
    session.needs(BASIC)?;
    session.account.served(world)?;
    Ok(session)
}

/// It says no followers: they are only in the insights.
pub(super) fn profile(room: &Threads, world: &World, call: &Call, id: &str) -> Result<Answer, GraphError> {
    let Session { account, .. } = session(room, world, call, id)?;
    let text = |text: &String| (!text.is_empty()).then(|| json!(text));
    let fields = parse(Some(call.query("fields").unwrap_or("id")))?;
    let body = select("ThreadsUser", &FIELDS, &fields, |field| {
        Ok(match field.name.as_str() {
            "id" => Some(json!(account.id)),
            "username" => Some(json!(account.username(world))),
            "name" => text(&account.name),
            "threads_biography" => text(&account.biography),
            "is_verified" => Some(json!(account.verified)),
            _ => {
                let picture = || json!(avatar::address(world.now, call, CDN, &account.id, account.avatar));
                (account.avatar > 0).then(picture)
            }
        })
    })?;
    Ok(Answer::json(200, &body))
}

pub(super) fn insights(room: &Threads, world: &World, call: &Call, id: &str) -> Result<Answer, GraphError> {
    let session = session(room, world, call, id)?;
    session.needs("threads_manage_insights")?;
    insight::answer(world, call, &session.account)
}

/// How much of a day's posts and replies is used.
pub(super) fn limit(room: &Threads, world: &World, call: &Call, id: &str) -> Result<Answer, GraphError> {
    let session = session(room, world, call, id)?;
    session.needs("threads_content_publish")?;
    let total = |most: u32| json!({ "quota_total": most, "quota_duration": 86_400 });
    let fields = parse(Some(call.query("fields").unwrap_or("quota_usage")))?;
    let body: Value = select("ThreadsPublishingLimit", &LIMITS, &fields, |field| {
        Ok(match field.name.as_str() {
            "quota_usage" | "reply_quota_usage" => Some(json!(0)),
            "config" => Some(total(250)),
            "reply_config" => Some(total(1_000)),
            _ => None,
        })
    })?;
    Ok(Answer::json(200, &json!({ "data": [body] })))
}
