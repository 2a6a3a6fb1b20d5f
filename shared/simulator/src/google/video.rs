//! `/youtube/v3/videos` and the playlist of a channel's uploads.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::Google;
use super::account::{Channel, of};
use super::error::{bad_request, youtube};
use super::youtube::{READ, caller, parts, uploads_of};
use crate::World;
use crate::answer::Answer;
use crate::call::Call;
use crate::util::number;

const PARTS: [&str; 5] = ["contentDetails", "id", "snippet", "statistics", "status"];
/// The newest uploads of a channel that are told of.
const KEPT: i64 = 50;

fn id(channel: &Channel, at: i64) -> String {
    let hash = URL_SAFE_NO_PAD.encode(Sha256::digest(format!("{}/video/{at}", channel.id)));
    hash[..11].to_owned()
}

fn channels(world: &World) -> impl Iterator<Item = &Channel> {
    world.people.all().iter().filter_map(of).flat_map(|account| &account.channels)
}

/// One upload every five days.
fn published(now: Timestamp, at: i64) -> String {
    let day = now.as_second().div_euclid(86_400) - 5 * at;
    let written = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * day);
    written.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

pub(super) fn uploads(room: &mut Google, world: &World, call: &Call) -> Result<Answer, Answer> {
    let caller = caller(room, world, call, &READ)?;
    room.quotas.unit(world.now, &caller.app)?;
    parts(call, &PARTS)?;
    let wanted = call.query("playlistId");
    let wanted = wanted
        .ok_or_else(|| bad_request("missingRequiredParameter", "No filter selected. Expected one of: playlistId"))?;
    let channel = channels(world).find(|channel| uploads_of(channel) == wanted);
    let channel = channel
        .ok_or_else(|| youtube(404, "youtube.playlistItem", "playlistNotFound", "The playlist cannot be found."))?;
    let items: Vec<Value> = (0..channel.videos.min(5))
        .map(|at| {
            json!({ "kind": "youtube#playlistItem", "contentDetails": {
                "videoId": id(channel, at), "videoPublishedAt": published(world.now, at),
            } })
        })
        .collect();
    let info = json!({ "totalResults": channel.videos, "resultsPerPage": 5 });
    Ok(Answer::json(200, &json!({ "kind": "youtube#playlistItemListResponse", "items": items, "pageInfo": info })))
}

pub(super) fn by_id(room: &mut Google, world: &World, call: &Call) -> Result<Answer, Answer> {
    let caller = caller(room, world, call, &READ)?;
    room.quotas.unit(world.now, &caller.app)?;
    let parts = parts(call, &PARTS)?;
    let wanted = call.query("id");
    let wanted =
        wanted.ok_or_else(|| bad_request("missingRequiredParameter", "No filter selected. Expected one of: id"))?;
    let find = |wanted: &str| {
        channels(world).find_map(|channel| {
            (0..channel.videos.min(KEPT)).find(|at| id(channel, *at) == wanted).map(|at| (channel, at))
        })
    };
    let items: Vec<Value> =
        wanted.split(',').filter_map(find).map(|(channel, at)| item(world.now, channel, at, &parts)).collect();
    let info = json!({ "totalResults": items.len(), "resultsPerPage": items.len() });
    Ok(Answer::json(200, &json!({ "kind": "youtube#videoListResponse", "items": items, "pageInfo": info })))
}

fn item(now: Timestamp, channel: &Channel, at: i64, parts: &[&str]) -> Value {
    let seen = channel.subscribers / 3 + i64::try_from(number(&format!("{}/{at}", channel.id)) % 1_000).unwrap_or(0);
    let mut item = json!({ "kind": "youtube#video", "id": id(channel, at) });
    if parts.contains(&"snippet") {
        item["snippet"] = json!({
            "title": format!("Video {at}"), "channelId": channel.id, "publishedAt": published(now, at),
        });
    }
    if parts.contains(&"statistics") {
        item["statistics"] = json!({
            "viewCount": seen.to_string(),
            "likeCount": (seen / 25).to_string(),
            "favoriteCount": "0",
            "commentCount": (seen / 200).to_string(),
        });
    }
    if parts.contains(&"status") {
        item["status"] = json!({ "uploadStatus": "processed", "privacyStatus": "public" });
    }
    item
}
