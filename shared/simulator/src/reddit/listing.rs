//! Listings: moderated subreddits, a person's posts, and things by their names.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Reddit;
use super::account::{Account, base36, of};
use super::error::plain;
use super::user::{Caller, caller};
use crate::World;
use crate::answer::Answer;
use crate::call::Call;
use crate::people::Standing;
use crate::util::number;

/// The newest posts of an account that are told of, one a day.
const POSTS: i64 = 20;

fn listing(kind: &str, things: Vec<Value>, after: Option<&str>) -> Answer {
    let dist = things.len();
    let children: Vec<Value> = things.into_iter().map(|data| json!({ "kind": kind, "data": data })).collect();
    let data = json!({ "after": after, "before": null, "dist": dist, "modhash": null, "children": children });
    Answer::json(200, &json!({ "kind": "Listing", "data": data }))
}

/// The asked slice, and what to ask for after it.
fn slice(call: &Call, names: &[String]) -> (std::ops::Range<usize>, Option<String>) {
    let limit = call.query("limit").and_then(|limit| limit.parse::<usize>().ok()).unwrap_or(25).clamp(1, 100);
    let after = call.query("after").filter(|after| !after.is_empty());
    let start = match after {
        None => 0,
        Some(after) => names.iter().position(|name| name == after).map_or(names.len(), |at| at + 1),
    };
    let end = (start + limit).min(names.len());
    let next = (end < names.len()).then(|| names[end - 1].clone());
    (start..end, next)
}

pub(super) fn moderated(room: &mut Reddit, world: &World, call: &Call) -> Result<Answer, Answer> {
    let Caller { account, left } = caller(room, world, call, &["mysubreddits", "read"])?;
    let names: Vec<String> = account.subreddits.iter().map(|subreddit| format!("t5_{}", subreddit.id)).collect();
    let (range, after) = slice(call, &names);
    let things = account.subreddits[range].iter().map(|subreddit| {
        json!({
            "id": subreddit.id,
            "name": format!("t5_{}", subreddit.id),
            "display_name": subreddit.name,
            "display_name_prefixed": format!("r/{}", subreddit.name),
            "title": subreddit.name,
            "subscribers": subreddit.subscribers,
            "subreddit_type": "public",
            "user_is_moderator": true,
            "mod_permissions": subreddit.permissions,
            "url": format!("/r/{}/", subreddit.name),
        })
    });
    Ok(left.headers(listing("t5", things.collect(), after.as_deref())))
}

fn today(now: Timestamp) -> i64 {
    now.as_second().div_euclid(86_400)
}

fn post_id(account: &Account, day: i64) -> String {
    base36(number(&format!("reddit/{}/{day}", account.id)) % 2_000_000_000 + 1_500_000_000)
}

fn post(account: &Account, day: i64) -> Value {
    let score = i64::try_from(number(&format!("{}/{day}/score", account.id)) % 400).unwrap_or(0) + account.karma / 200;
    let mut post = json!({
        "id": post_id(account, day),
        "name": format!("t3_{}", post_id(account, day)),
        "author": account.name,
        "title": format!("Post of day {day}"),
        "score": score,
        "ups": score,
        "upvote_ratio": 0.93,
        "num_comments": score / 9,
        "num_crossposts": score / 90,
        "view_count": null,
    });
    if let Ok(seconds) = i32::try_from(day * 86_400) {
        post["created_utc"] = json!(f64::from(seconds));
    }
    post
}

pub(super) fn submitted(room: &mut Reddit, world: &World, call: &Call, name: &str) -> Result<Answer, Answer> {
    let Caller { left, .. } = caller(room, world, call, &["history"])?;
    let is = |account: &&Account| account.name.eq_ignore_ascii_case(name) && account.standing == Standing::Active;
    let author = world.people.all().iter().filter_map(of).find(is);
    let author = author.ok_or_else(|| left.headers(plain(404, "Not Found")))?;
    let days: Vec<i64> = (0..POSTS).map(|back| today(world.now) - back).collect();
    let names: Vec<String> = days.iter().map(|day| format!("t3_{}", post_id(author, *day))).collect();
    let (range, after) = slice(call, &names);
    Ok(left.headers(listing("t3", days[range].iter().map(|day| post(author, *day)).collect(), after.as_deref())))
}

/// What there is of the asked things; what there is not is left out.
pub(super) fn info(room: &mut Reddit, world: &World, call: &Call) -> Result<Answer, Answer> {
    let Caller { left, .. } = caller(room, world, call, &["read"])?;
    let today = today(world.now);
    let find = |name: &str| {
        let id = name.strip_prefix("t3_")?;
        let authors = world.people.all().iter().filter_map(of);
        let mut all = authors.flat_map(|author| (0..POSTS * 5).map(move |back| (author, today - back)));
        all.find(|(author, day)| post_id(author, *day) == id).map(|(author, day)| post(author, day))
    };
    let things = call.query("id").unwrap_or_default().split(',').filter_map(find).collect();
    Ok(left.headers(listing("t3", things, None)))
}
