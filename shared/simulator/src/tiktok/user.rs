//! `/v2/user/info/`: the fields that were asked for and granted.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::account::{by_id, open_id};
use super::errors::{ApiError, BAD_TOKEN, BANNED, NO_SCOPE, good};
use super::grant::Api;
use super::{Account, TikTok, picture};
use crate::World;
use crate::answer::Answer;
use crate::call::Call;
use crate::people::Standing;
use crate::util::digest;

/// Each field with the scope that it needs.
const FIELDS: [(&str, &str); 14] = [
    ("open_id", "user.info.basic"),
    ("union_id", "user.info.basic"),
    ("avatar_url", "user.info.basic"),
    ("avatar_url_100", "user.info.basic"),
    ("avatar_large_url", "user.info.basic"),
    ("display_name", "user.info.basic"),
    ("bio_description", "user.info.profile"),
    ("profile_deep_link", "user.info.profile"),
    ("is_verified", "user.info.profile"),
    ("username", "user.info.profile"),
    ("follower_count", "user.info.stats"),
    ("following_count", "user.info.stats"),
    ("likes_count", "user.info.stats"),
    ("video_count", "user.info.stats"),
];

/// Who calls.
pub(super) struct Caller {
    pub(super) app: String,
    pub(super) scopes: Vec<String>,
    pub(super) account: Account,
}

/// The bearer's account, if the token is good and the app's budget lasts.
pub(super) fn caller(room: &mut TikTok, world: &World, call: &Call, api: &'static str) -> Result<Caller, ApiError> {
    let secret = call.authorization("Bearer").ok_or(BAD_TOKEN)?;
    let grant = room.grants.bearer(world.now, Api::Login, secret).map_err(|_| BAD_TOKEN)?;
    let (app, scopes) = (grant.app.clone(), grant.scopes.clone());
    let mut account = by_id(world, &grant.account).ok_or(BAD_TOKEN)?;
    room.limits.count(world.now, api, &app)?;
    if call.own_fault("wrong_person")
        && let Some(other) = world.people.get("mallory").and_then(|person| person.tiktok.as_ref())
    {
        account = other;
    }
    if account.standing == Standing::Suspended {
        return Err(BANNED);
    }
    Ok(Caller { app, scopes, account: account.clone() })
}

/// `fields` cannot be left out.
pub(super) fn fields(call: &Call, known: impl Fn(&str) -> bool) -> Result<Vec<&str>, ApiError> {
    let asked = call.query("fields").filter(|fields| !fields.is_empty());
    let asked: Vec<&str> = asked.ok_or(ApiError::invalid("The parameter fields is required."))?.split(',').collect();
    if asked.iter().all(|field| known(field)) {
        Ok(asked)
    } else {
        Err(ApiError::invalid("A field in the parameter fields is not valid."))
    }
}

/// One field of a scope that was not granted fails the whole call.
pub(super) fn answer(room: &mut TikTok, world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let caller = caller(room, world, call, "user.info")?;
    let scope = |field: &str| FIELDS.iter().find(|(known, _)| *known == field).map(|(_, scope)| *scope);
    let fields = fields(call, |field| scope(field).is_some())?;
    let needed = fields.iter().filter_map(|field| scope(field));
    for needed in needed {
        if !caller.scopes.iter().any(|given| given == needed) {
            return Err(NO_SCOPE);
        }
    }
    let user: Map<String, Value> =
        fields.iter().map(|field| ((*field).to_owned(), value(world.now, call, &caller, field))).collect();
    Ok(good(world, &json!({ "user": user })))
}

fn value(now: Timestamp, call: &Call, caller: &Caller, field: &str) -> Value {
    let account = &caller.account;
    match field {
        "open_id" => json!(open_id(&caller.app, account)),
        "union_id" => json!(account.id),
        "avatar_url" => json!(picture::address(now, call, account, "168x168")),
        "avatar_url_100" => json!(picture::address(now, call, account, "100x100")),
        "avatar_large_url" => json!(picture::address(now, call, account, "1080x1080")),
        "display_name" => json!(account.name),
        "bio_description" => json!(account.bio),
        "profile_deep_link" => json!(format!("https://vm.tiktok.com/{}/", digest(&account.id).to_ascii_uppercase())),
        "is_verified" => json!(account.verified),
        "username" => json!(account.username),
        "follower_count" => json!(account.followers_at(now)),
        "following_count" => json!(account.following),
        "likes_count" => json!(account.likes_at(now)),
        "video_count" => json!(account.videos),
        _ => Value::Null,
    }
}
