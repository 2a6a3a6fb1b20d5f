//! An account's insights, which come in three shapes.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Account;
use crate::World;
use crate::answer::Answer;
use crate::call::Call;
use crate::graph::{GraphError, days, demographic, end_time};
use crate::util::{grown, number};

/// How a metric tells its numbers.
#[derive(Clone, Copy)]
enum Shape {
    /// One for each day.
    Values,
    /// One for the whole time.
    Total,
    /// One for each link that was posted.
    Links,
    /// Those of now, whatever time is asked for.
    Followers,
}

/// With their title and usual size in thousandths of the followers.
const METRICS: [(&str, &str, Shape, i64); 7] = [
    ("views", "views", Shape::Values, 400),
    ("likes", "likes", Shape::Total, 40),
    ("replies", "replies", Shape::Total, 6),
    ("reposts", "reposts", Shape::Total, 4),
    ("quotes", "quotes", Shape::Total, 2),
    ("clicks", "clicks", Shape::Links, 5),
    ("followers_count", "followers", Shape::Followers, 0),
];
/// 2024-04-13, before which there are no numbers.
const FLOOR: i64 = 1_712_991_600 / DAY;
const DAY: i64 = 86_400;
/// Not documented.
const MOST_DAYS: i64 = 93;

pub(super) fn answer(world: &World, call: &Call, account: &Account) -> Result<Answer, GraphError> {
    let metrics = call.query("metric").ok_or_else(|| GraphError::parameter("The parameter metric is required"))?;
    if demographic::asked(call)? {
        let data = demographic::data(call, &account.id, followers(world.now, account))?;
        return Ok(Answer::json(200, &json!({ "data": data })));
    }
    let (since, until) = days(world.now, call, MOST_DAYS)?;
    if since < FLOOR {
        return Err(GraphError::parameter("since must not be before 1712991600"));
    }
    let today = world.now.as_second().div_euclid(DAY);
    let days = since..until.min(today + 1);
    let data = metrics.split(',').map(str::trim).map(|name| {
        let known = METRICS.iter().find(|(known, ..)| *known == name);
        let (name, title, shape, size) =
            *known.ok_or_else(|| GraphError::parameter(&format!("metric must not be {name}")))?;
        let mut metric = json!({
            "name": name, "period": "day", "title": title, "description": "",
            "id": format!("{}/insights/{name}/day", account.id),
        });
        let of = |day: i64| value(account, name, size, day);
        let sum: i64 = days.clone().map(of).sum();
        match shape {
            Shape::Values => {
                let one = |day: i64| json!({ "value": of(day), "end_time": end_time(day) });
                metric["values"] = days.clone().map(one).collect();
            }
            Shape::Total => metric["total_value"] = json!({ "value": sum }),
            Shape::Links => {
                let link = format!("https://links.example/{}", account.id);
                metric["link_total_values"] = json!([{ "value": sum, "link_url": link }]);
            }
            Shape::Followers => metric["total_value"] = json!({ "value": followers(world.now, account) }),
        }
        Ok(metric)
    });
    let data: Vec<Value> = data.collect::<Result<_, GraphError>>()?;
    Ok(Answer::json(200, &json!({ "data": data })))
}

fn followers(now: Timestamp, account: &Account) -> i64 {
    grown(account.followers, account.daily, &account.id, now)
}

/// The views of the day before, by which the budget of calls is measured.
pub(super) fn impressions(now: Timestamp, account: &Account) -> u64 {
    let yesterday = now.as_second().div_euclid(DAY) - 1;
    u64::try_from(value(account, "views", METRICS[0].3, yesterday)).unwrap_or(0)
}

fn value(account: &Account, name: &str, size: i64, day: i64) -> i64 {
    let usual = account.followers * size / 1_000 + 1;
    let spread = number(&format!("{}/{name}/{day}", account.id)) % 100;
    usual * (50 + i64::try_from(spread).unwrap_or(0)) / 100
}
