//! `/2/users/…`: profiles and posts.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::account::{Account, of};
use super::credit::{POST_READ, USER_READ};
use super::error::{depleted, forbidden, invalid_request, not_found, suspended, typed, unauthorized};
use super::limit::{Budget, Left};
use super::{CDN, X, many};
use crate::World;
use crate::answer::Answer;
use crate::call::Call;
use crate::people::Standing;
use crate::util::{digest, grown, number};

const FIELDS: [&str; 20] = [
    "id",
    "name",
    "username",
    "profile_image_url",
    "public_metrics",
    "verified",
    "verified_type",
    "protected",
    "created_at",
    "subscription_type",
    "description",
    "location",
    "url",
    "entities",
    "pinned_tweet_id",
    "most_recent_tweet_id",
    "withheld",
    "confirmed_email",
    "affiliation",
    "profile_banner_url",
];
const POST_FIELDS: [&str; 6] = ["id", "text", "created_at", "author_id", "public_metrics", "edit_history_tweet_ids"];

/// An id that no account has.
pub(super) const NOBODY: &str = "1600000000000000000";

/// Who calls, with what is left of the budget.
struct Caller {
    app: String,
    person: String,
    left: Left,
}

/// The bearer's person, if the token is good and has these scopes.
fn caller(room: &mut X, world: &World, call: &Call, budget: Budget) -> Result<Caller, Answer> {
    let secret = call.authorization("Bearer").ok_or_else(unauthorized)?;
    let family = room.grants.bearer(world.now, secret).ok_or_else(unauthorized)?;
    for needed in ["users.read", "tweet.read"] {
        if !family.scopes.iter().any(|scope| scope == needed) {
            return Err(forbidden());
        }
    }
    let (app, person) = (family.app.clone(), family.person.clone());
    let left = room.limits.count(world.now, budget, &app, &person);
    if left.over {
        return Err(left.headers(many()));
    }
    Ok(Caller { app, person, left })
}

pub(super) fn me(room: &mut X, world: &World, call: &Call) -> Answer {
    let caller = match caller(room, world, call, Budget::Me) {
        Ok(caller) => caller,
        Err(refused) => return refused,
    };
    let person = if call.own_fault("wrong_person") { "mallory" } else { &caller.person };
    let account = world.people.get(person).and_then(of);
    caller.left.headers(match account {
        Some(account) => paid(room, world, &caller.app, call, account),
        None => not_found(person),
    })
}

pub(super) fn by_id(room: &mut X, world: &World, call: &Call, id: &str) -> Answer {
    let caller = match caller(room, world, call, Budget::User) {
        Ok(caller) => caller,
        Err(refused) => return refused,
    };
    let found = world.people.all().iter().filter_map(of).find(|a| a.id == id);
    caller.left.headers(match found {
        Some(account) => paid(room, world, &caller.app, call, account),
        None => not_found(id),
    })
}

/// Shows the account, if there is money for it.
fn paid(room: &mut X, world: &World, app: &str, call: &Call, account: &Account) -> Answer {
    let shown = show(world.now, call, account);
    let is_free =
        shown.outcome != "ok" || room.credits.pays(world.now, app, USER_READ, std::slice::from_ref(&account.id));
    if is_free { shown } else { depleted() }
}

fn show(now: Timestamp, call: &Call, account: &Account) -> Answer {
    match account.standing {
        Standing::Suspended => return suspended(&account.id),
        Standing::Deleted => return not_found(&account.id),
        Standing::Active => {}
    }
    if call.own_fault("partial_errors") {
        return not_found(&account.id);
    }
    let fields = match fields(call, "user.fields", &FIELDS) {
        Ok(fields) => fields,
        Err(refused) => return refused,
    };
    let mut data = Map::new();
    for field in ["id", "name", "username"].into_iter().chain(fields) {
        if let Some(value) = value(now, call, account, field) {
            data.insert(field.to_owned(), value);
        }
    }
    Answer::json(200, &json!({ "data": data }))
}

/// The asked fields, all of which X must know.
fn fields<'a>(call: &'a Call, name: &str, known: &[&str]) -> Result<Vec<&'a str>, Answer> {
    let asked = call.query(name).unwrap_or_default().split(',');
    let asked: Vec<&str> = asked.filter(|field| !field.is_empty()).collect();
    match asked.iter().find(|field| !known.contains(field)) {
        None => Ok(asked),
        Some(unknown) => Err(invalid_request(&json!([{
            "parameters": { name: [unknown] },
            "message": format!(
                "The `{name}` query parameter value [{unknown}] is not one of [{}]",
                known.join(",")
            ),
        }]))),
    }
}

fn value(now: Timestamp, call: &Call, account: &Account, field: &str) -> Option<Value> {
    let value = match field {
        "id" => json!(account.id),
        "name" => json!(account.name),
        "username" => json!(account.username),
        "verified" => json!(account.verified),
        "verified_type" => json!(account.verified_type),
        "subscription_type" => json!(account.subscription_type),
        "protected" => json!(account.protected),
        "created_at" => json!(account.created_at),
        "profile_image_url" => {
            json!(call.address(CDN, &picture_path(&account.id, account.avatar)))
        }
        "public_metrics" => metrics(now, call, account),
        _ => return None,
    };
    Some(value)
}

/// It changes with the picture.
pub(super) fn picture_path(id: &str, version: u32) -> String {
    format!("/profile_images/{}/picture_normal.png", digest(&format!("{id}/{version}")))
}

/// The count of posts has two names: X docs say `tweet_count`, its openapi
/// document says `post_count`.
fn metrics(now: Timestamp, call: &Call, account: &Account) -> Value {
    let posts = if call.own_fault("post_count") { "post_count" } else { "tweet_count" };
    json!({
        "followers_count": grown(account.followers, account.daily, &account.id, now),
        "following_count": account.following,
        posts: account.posts,
        "listed_count": account.listed,
        "like_count": account.posts / 3,
        "media_count": account.posts / 5,
    })
}

/// The person's newest posts, one a day.
pub(super) fn posts(room: &mut X, world: &World, call: &Call, id: &str) -> Answer {
    let caller = match caller(room, world, call, Budget::Posts) {
        Ok(caller) => caller,
        Err(refused) => return refused,
    };
    let found = world.people.all().iter().filter_map(of).find(|a| a.id == id);
    let answer = match found {
        None => not_found(id),
        Some(account) if account.standing == Standing::Suspended => suspended(id),
        Some(account) if account.standing == Standing::Deleted => not_found(id),
        Some(account) => match fields(call, "tweet.fields", &POST_FIELDS) {
            Err(refused) => refused,
            Ok(fields) => timeline(room, world.now, &caller.app, call, account, &fields),
        },
    };
    caller.left.headers(answer)
}

fn timeline(room: &mut X, now: Timestamp, app: &str, call: &Call, account: &Account, fields: &[&str]) -> Answer {
    let asked = call.query("max_results").unwrap_or("10").parse::<i64>();
    let Some(asked) = asked.ok().filter(|count| (5..=100).contains(count)) else {
        return typed(
            400,
            "Invalid Request",
            "invalid-request",
            "The `max_results` query parameter value is not between 5 and 100",
        );
    };
    let data: Vec<Value> = (0..asked.min(account.posts)).map(|back| post(now, account, back, fields)).collect();
    let read: Vec<String> = data.iter().map(|post| post["id"].to_string()).collect();
    if !room.credits.pays(now, app, POST_READ, &read) {
        return depleted();
    }
    let body = json!({ "data": data, "meta": { "result_count": data.len() } });
    Answer::json(200, &body)
}

fn post(now: Timestamp, account: &Account, back: i64, fields: &[&str]) -> Value {
    let day = now.as_second().div_euclid(86_400) - back;
    let written = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(day * 86_400);
    let id = format!("19{:017}", day * 1_000 + i64::from(account.avatar % 2));
    let seen = i64::try_from(number(&format!("{}/{day}", account.id)) % 1_000).unwrap_or(0);
    let mut post = json!({ "id": id, "text": format!("Post of day {day}"), "edit_history_tweet_ids": [id] });
    if fields.contains(&"created_at") {
        post["created_at"] = json!(written.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string());
    }
    if fields.contains(&"author_id") {
        post["author_id"] = json!(account.id);
    }
    if fields.contains(&"public_metrics") {
        post["public_metrics"] = json!({
            "impression_count": account.followers / 4 + seen,
            "like_count": seen / 10,
            "reply_count": seen / 50,
            "retweet_count": seen / 40,
            "quote_count": seen / 200,
            "bookmark_count": seen / 100,
        });
    }
    post
}
