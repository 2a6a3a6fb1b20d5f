//! `/v2/video/list/`: the account's videos, the newest first.

use serde_json::{Map, Value, json};

use super::errors::{ApiError, NO_SCOPE, good};
use super::user::{caller, fields};
use super::{Account, TikTok};
use crate::World;
use crate::answer::Answer;
use crate::call::{Body, Call};
use crate::util::{digits, number};

const FIELDS: [&str; 10] = [
    "id",
    "create_time",
    "share_url",
    "video_description",
    "duration",
    "title",
    "view_count",
    "like_count",
    "comment_count",
    "share_count",
];
const DAY: i64 = 86_400;
/// A video is posted each day at noon.
const NOON: i64 = 43_200;

/// `max_count` and `cursor` stand in a JSON body. The cursor is the time of the
/// last video in milliseconds.
pub(super) fn answer(room: &mut TikTok, world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let caller = caller(room, world, call, "video.list")?;
    let fields = fields(call, |field| FIELDS.contains(&field))?;
    if !caller.scopes.iter().any(|scope| scope == "video.list") {
        return Err(NO_SCOPE);
    }
    if !matches!(call.body, Body::None | Body::Json) {
        return Err(ApiError::invalid("The body must be JSON."));
    }
    let number = |name: &str| call.field(name).map(str::parse::<i64>).transpose();
    let most = number("max_count").ok().map(|most| most.unwrap_or(10)).filter(|most| (1..=20).contains(most));
    let most = most.ok_or(ApiError::invalid("max_count must be from 1 to 20."))?;
    let cursor = number("cursor").map_err(|_| ApiError::invalid("cursor must be a number."))?;
    let newest = (world.now.as_second() - NOON).div_euclid(DAY);
    let oldest = newest - caller.account.videos + 1;
    let before = cursor.filter(|cursor| *cursor > 0).map_or(newest + 1, |cursor| cursor.div_euclid(DAY * 1_000));
    let last = (before - most).max(oldest);
    let videos: Vec<Value> =
        (last..before.min(newest + 1)).rev().map(|day| video(&caller.account, day, &fields)).collect();
    let data = json!({
        "videos": videos, "cursor": (last * DAY + NOON) * 1_000, "has_more": last > oldest,
    });
    Ok(good(world, &data))
}

fn video(account: &Account, day: i64, fields: &[&str]) -> Value {
    let key = format!("tiktok/{}/{day}", account.id);
    let seen = i64::try_from(number(&key) % 5_000).unwrap_or(0) + account.followers / 5;
    let id = digits(&key, "7", 19);
    let value = |field: &str| match field {
        "id" => json!(id),
        "create_time" => json!(day * DAY + NOON),
        "share_url" => json!(format!("https://www.tiktok.com/@{}/video/{id}", account.username)),
        "video_description" | "title" => json!(format!("Video of day {day}")),
        "duration" => json!(15 + seen % 45),
        "view_count" => json!(seen),
        "like_count" => json!(seen / 12),
        "comment_count" => json!(seen / 150),
        "share_count" => json!(seen / 200),
        _ => Value::Null,
    };
    let fields: Map<String, Value> = fields.iter().map(|field| ((*field).to_owned(), value(field))).collect();
    Value::Object(fields)
}
