//! `/youtube/v3/channels`: the channel that was picked on the consent page.

use serde_json::{Map, Value, json};

use super::account::{Channel, of};
use super::error::{bad_request, insufficient, unauthenticated, youtube};
use super::{CHANNEL_CDN, Google};
use crate::World;
use crate::answer::Answer;
use crate::call::Call;
use crate::people::Standing;
use crate::util::digest;

/// Scopes that let read what a channel is.
pub(super) const READ: [&str; 4] = [
    "https://www.googleapis.com/auth/youtube.readonly",
    "https://www.googleapis.com/auth/youtube",
    "https://www.googleapis.com/auth/youtube.force-ssl",
    "https://www.googleapis.com/auth/youtubepartner",
];
const PARTS: [&str; 10] = [
    "auditDetails",
    "brandingSettings",
    "contentDetails",
    "contentOwnerDetails",
    "id",
    "localizations",
    "snippet",
    "statistics",
    "status",
    "topicDetails",
];

/// Who calls, and as which channel.
pub(super) struct Caller {
    pub(super) app: String,
    pub(super) channel: Option<Channel>,
}

/// The bearer's channel, if one of these scopes is there. What stands against the channel is told in YouTube's words.
pub(super) fn caller(room: &Google, world: &World, call: &Call, scopes: &[&str]) -> Result<Caller, Answer> {
    let secret = call.authorization("Bearer").unwrap_or_default();
    let token = room.grants.bearer(world.now, secret).ok_or_else(|| unauthenticated(false))?;
    if !token.consent.scopes.iter().any(|scope| scopes.contains(&scope.as_str())) {
        return Err(insufficient(false));
    }
    let person = if call.own_fault("wrong_person") { "mallory" } else { &token.consent.person };
    let account = world.people.get(person).and_then(of);
    let account =
        account.filter(|account| account.standing != Standing::Deleted).ok_or_else(|| unauthenticated(false))?;
    let picked = token.consent.channel.as_ref().filter(|_| !call.own_fault("wrong_person"));
    let channel = match picked {
        Some(id) => account.channels.iter().find(|channel| channel.id == *id),
        None if call.own_fault("wrong_person") => account.channels.first(),
        None => None,
    };
    let standing = channel.map_or(Standing::Active, |channel| channel.standing);
    let told = |reason: &str, word: &str| {
        let message = format!("The YouTube account of the authenticated user is {word}.");
        Err(youtube(403, "youtube.common", reason, &message))
    };
    match (account.standing, standing) {
        (Standing::Suspended, _) | (_, Standing::Suspended) => told("authenticatedUserAccountSuspended", "suspended"),
        (_, Standing::Deleted) => told("authenticatedUserAccountClosed", "closed"),
        _ => Ok(Caller { app: token.consent.app.clone(), channel: channel.cloned() }),
    }
}

/// The asked parts, all of which must be known.
pub(super) fn parts<'a>(call: &'a Call, known: &[&str]) -> Result<Vec<&'a str>, Answer> {
    let given = call.query("part").filter(|part| !part.is_empty());
    let given =
        given.ok_or_else(|| bad_request("missingRequiredParameter", "No filter selected. Expected one of: part"))?;
    let all: Vec<&str> = given.split(',').map(str::trim).collect();
    match all.iter().find(|part| !known.contains(part)) {
        Some(unknown) => Err(bad_request("unknownPart", &format!("'{unknown}'"))),
        None => Ok(all),
    }
}

pub(super) fn channels(room: &mut Google, world: &World, call: &Call) -> Result<Answer, Answer> {
    let caller = caller(room, world, call, &READ)?;
    room.quotas.unit(world.now, &caller.app)?;
    let parts = parts(call, &PARTS)?;
    let others = || world.people.all().iter().filter_map(of).flat_map(|account| &account.channels);
    let mine = call.query("mine") == Some("true");
    let found: Vec<Channel> = match (mine, call.query("id"), call.query("forHandle")) {
        (true, None, None) if caller.channel.is_none() && call.own_fault("signup_required") => {
            return Err(youtube(401, "youtube.header", "youtubeSignupRequired", "Unauthorized"));
        }
        (true, None, None) => caller.channel.into_iter().collect(),
        (false, Some(ids), None) => others().filter(|c| ids.split(',').any(|id| id == c.id)).cloned().collect(),
        (false, None, Some(handle)) => {
            let is = |c: &&Channel| c.handle.trim_start_matches('@') == handle.trim_start_matches('@');
            others().filter(is).cloned().collect()
        }
        (false, None, None) => {
            let message = "No filter selected. Expected one of: forHandle, id, mine";
            return Err(bad_request("missingRequiredParameter", message));
        }
        _ => {
            let message = "Incompatible parameters specified in the request: id, mine, forHandle";
            return Err(bad_request("incompatibleParameters", message));
        }
    };
    let items: Vec<Value> = found
        .iter()
        .filter(|channel| channel.standing == Standing::Active)
        .map(|channel| item(world, call, channel, &parts, mine))
        .collect();
    let mut body = json!({
        "kind": "youtube#channelListResponse",
        "etag": digest(&format!("{items:?}")),
        "pageInfo": { "totalResults": items.len(), "resultsPerPage": 5 },
    });
    if !items.is_empty() || call.own_fault("empty_items") {
        body["items"] = json!(items);
    }
    Ok(Answer::json(200, &body))
}

fn item(world: &World, call: &Call, channel: &Channel, parts: &[&str], mine: bool) -> Value {
    let mut item = Map::new();
    item.insert("kind".to_owned(), json!("youtube#channel"));
    item.insert("etag".to_owned(), json!(digest(&format!("{channel:?}"))));
    item.insert("id".to_owned(), json!(channel.id));
    for part in parts {
        let value = match *part {
            "snippet" => snippet(call, channel),
            "statistics" => statistics(world, channel),
            "status" => json!({
                "privacyStatus": "public", "isLinked": true, "longUploadsStatus": "allowed", "madeForKids": false,
            }),
            "brandingSettings" => json!({ "channel": { "title": channel.title } }),
            "contentDetails" => json!({ "relatedPlaylists": { "likes": "", "uploads": uploads_of(channel) } }),
            "auditDetails" if mine => json!({ "overallGoodStanding": true }),
            _ => continue,
        };
        item.insert((*part).to_owned(), value);
    }
    Value::Object(item)
}

fn snippet(call: &Call, channel: &Channel) -> Value {
    let mut snippet = json!({
        "title": channel.title,
        "description": format!("Videos of {}", channel.title),
        "customUrl": channel.handle,
        "publishedAt": channel.published_at,
        "localized": { "title": channel.title, "description": format!("Videos of {}", channel.title) },
        "country": "NO",
        "thumbnails": {},
    });
    let key = digest(&format!("{}/{}", channel.id, channel.avatar));
    for (name, side) in [("default", 88), ("medium", 240), ("high", 800)] {
        let url = call.address(CHANNEL_CDN, &format!("/{key}=s{side}-c-k-c0x00ffffff-no-rj"));
        snippet["thumbnails"][name] = json!({ "url": url, "width": side, "height": side });
    }
    snippet
}

/// Numbers are text. Subscribers are rounded down to three digits, and a channel may hide them.
fn statistics(world: &World, channel: &Channel) -> Value {
    let mut statistics = json!({
        "viewCount": channel.views_at(world.now).to_string(),
        "hiddenSubscriberCount": channel.hidden_subscribers,
        "videoCount": channel.videos.to_string(),
    });
    if !channel.hidden_subscribers {
        statistics["subscriberCount"] = json!(rounded(channel.subscribers_at(world.now)).to_string());
    }
    statistics
}

fn rounded(count: i64) -> i64 {
    let unit = std::iter::successors(Some(1), |unit| Some(unit * 10)).find(|unit| count / unit < 1_000).unwrap_or(1);
    count / unit * unit
}

/// The playlist of a channel's uploads.
pub(super) fn uploads_of(channel: &Channel) -> String {
    channel.id.replacen("UC", "UU", 1)
}
