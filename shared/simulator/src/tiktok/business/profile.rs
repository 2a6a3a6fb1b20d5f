//! `/business/get/` and `/tt_user/token_info/get/`.

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::super::account::{Kind, by_id, open_id};
use super::super::errors::{BusinessError, done};
use super::super::grant::{Api, Bad};
use super::super::{Account, TikTok, picture};
use crate::World;
use crate::answer::Answer;
use crate::call::Call;
use crate::people::Standing;
use crate::util::number;

const INSIGHTS: &str = "user.insights";
/// Each field with the scope that it needs; those of the insights come day by day.
const FIELDS: [(&str, &str); 16] = [
    ("display_name", "user.info.basic"),
    ("profile_image", "user.info.basic"),
    ("is_business_account", "user.info.basic"),
    ("username", "user.info.username"),
    ("is_verified", "user.info.username"),
    ("followers_count", "user.info.stats"),
    ("following_count", "user.info.stats"),
    ("total_likes", "user.info.stats"),
    ("videos_count", "user.info.stats"),
    ("video_views", INSIGHTS),
    ("profile_views", INSIGHTS),
    ("reach", INSIGHTS),
    ("likes", INSIGHTS),
    ("comments", INSIGHTS),
    ("shares", INSIGHTS),
    ("daily_new_followers", INSIGHTS),
];
const MOST_DAYS: i32 = 60;

struct Caller {
    app: String,
    scopes: Vec<String>,
    account: Account,
    token: String,
}

/// The token stands in a header of its own, bare.
fn caller(room: &TikTok, world: &World, call: &Call) -> Result<Caller, BusinessError> {
    let token = call.header("access-token");
    let grant = room.grants.bearer(world.now, Api::Business, token).map_err(|why| match why {
        Bad::Expired => BusinessError::expired(),
        Bad::Unknown | Bad::Removed => BusinessError::bad_token(),
    })?;
    let mut account = by_id(world, &grant.account).ok_or_else(BusinessError::bad_token)?;
    if call.own_fault("wrong_person")
        && let Some(other) = world.people.get("mallory").and_then(|person| person.tiktok.as_ref())
    {
        account = other;
    }
    let (app, scopes) = (grant.app.clone(), grant.scopes.clone());
    Ok(Caller { app, scopes, account: account.clone(), token: token.to_owned() })
}

pub(super) fn token_info(room: &TikTok, world: &mut World, call: &Call) -> Result<Answer, BusinessError> {
    let caller = caller(room, world, call)?;
    let end = room.grants.end_of(&caller.token).unwrap_or(world.now);
    let data = json!({
        "app_id": caller.app,
        "open_id": open_id(&caller.app, &caller.account),
        "scope": caller.scopes.join(","),
        "expires_in": end.as_second() - world.now.as_second(),
    });
    Ok(done(world, &data))
}

/// The fields are a JSON list. Accounts that are no Business Accounts are refused.
pub(super) fn answer(room: &TikTok, world: &mut World, call: &Call) -> Result<Answer, BusinessError> {
    let caller = caller(room, world, call)?;
    let own =
        call.own_fault("wrong_person") || call.query("business_id") == Some(&open_id(&caller.app, &caller.account));
    if !own {
        return Err(BusinessError::no_permission("the business_id is not the token's."));
    }
    if caller.account.kind != Kind::Business && !call.own_fault("personal_allowed") {
        return Err(BusinessError::no_permission("the TikTok account is not a Business Account."));
    }
    if caller.account.standing == Standing::Suspended {
        return Err(BusinessError::no_permission("the TikTok account is banned."));
    }
    let wrong = || BusinessError::new(40_002, "fields: Not a valid list of fields.");
    let fields: Vec<String> = serde_json::from_str(call.query("fields").unwrap_or_default()).map_err(|_| wrong())?;
    let mut data = Map::new();
    let mut daily = Vec::new();
    for field in &fields {
        let (field, scope) = FIELDS.iter().find(|(known, _)| known == field).ok_or_else(wrong)?;
        if !caller.scopes.iter().any(|given| given == scope) {
            return Err(BusinessError::no_permission(&format!("{field} needs {scope}.")));
        }
        if *scope == INSIGHTS {
            daily.push(*field);
        } else {
            data.insert((*field).to_owned(), value(world.now, call, &caller.account, field));
        }
    }
    if !daily.is_empty() {
        data.insert("metrics".to_owned(), metrics(world.now, call, &caller.account, &daily)?);
    }
    Ok(done(world, &json!(data)))
}

fn value(now: Timestamp, call: &Call, account: &Account, field: &str) -> Value {
    match field {
        "display_name" => json!(account.name),
        "profile_image" => json!(picture::address(now, call, account, "168x168")),
        "is_business_account" => json!(account.kind == Kind::Business),
        "username" => json!(account.username),
        "is_verified" => json!(account.verified),
        "followers_count" => json!(account.followers_at(now)),
        "following_count" => json!(account.following),
        "total_likes" => json!(account.likes_at(now)),
        "videos_count" => json!(account.videos),
        _ => Value::Null,
    }
}

/// One entry for each day; today has none yet.
fn metrics(now: Timestamp, call: &Call, account: &Account, fields: &[&str]) -> Result<Value, BusinessError> {
    let wrong = || BusinessError::new(40_002, "start_date, end_date: Not a valid span of at most 60 days.");
    let date = |name: &str| call.query(name).and_then(|text| text.parse::<Date>().ok()).ok_or_else(wrong);
    let (start, end) = (date("start_date")?, date("end_date")?);
    let span = end.since(start).map_err(|_| wrong())?.get_days();
    if end < start || span >= MOST_DAYS {
        return Err(wrong());
    }
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let days = start.series(jiff::Span::new().days(1)).take_while(|day| *day <= end && *day < today);
    Ok(days.map(|day| entry(account, day, fields)).collect())
}

fn entry(account: &Account, day: Date, fields: &[&str]) -> Value {
    let mut entry = json!({ "date": day.to_string() });
    for field in fields {
        let part = match *field {
            "video_views" => 900,
            "reach" => 700,
            "profile_views" => 40,
            "likes" => 60,
            "comments" => 5,
            "shares" => 4,
            _ => 2,
        };
        let spread = i64::try_from(number(&format!("{}/{field}/{day}", account.id)) % 100).unwrap_or(0);
        entry[*field] = json!((account.followers * part / 1_000 + 1) * (50 + spread) / 100);
    }
    entry
}
