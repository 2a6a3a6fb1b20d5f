//! `/{page}/insights`: daily numbers of a page.

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::Facebook;
use super::error::GraphError;
use super::grant::Kind;
use super::node::visible;
use crate::World;
use crate::answer::Answer;
use crate::call::Call;
use crate::util::number;

/// Page metrics that are left since 2025-11-15, with their usual size in
/// thousandths of the followers.
const METRICS: [(&str, i64); 5] = [
    ("page_media_view", 400),
    ("page_total_media_view_unique", 250),
    ("page_post_engagements", 30),
    ("page_daily_follows", 2),
    ("page_follows", 1_000),
];
const DAY: i64 = 86_400;
const MOST_DAYS: i64 = 93;

pub(super) fn answer(room: &Facebook, world: &World, call: &Call, id: &str) -> Result<Answer, GraphError> {
    let session = room.grants.session(world, call)?;
    let Kind::Page(own) = &session.token.kind else {
        let message = "(#190) This method must be called with a Page Access Token";
        return Err(GraphError::new(400, 190, message));
    };
    let id = if id == "me" { own } else { id };
    let page = visible(&session, id).ok_or_else(|| GraphError::missing("get", id))?;
    session.needs("read_insights")?;
    session.needs("pages_read_engagement")?;
    if !page.tasks.iter().any(|task| reads_insights(task)) {
        let message = "(#200) Requires the ANALYZE task on the Page";
        return Err(GraphError::new(403, 200, message));
    }
    if !matches!(call.query("period"), None | Some("day")) {
        return Err(GraphError::parameter("Only period=day is served for these metrics"));
    }
    let wanted = call.query("metric").ok_or_else(|| GraphError::parameter("The parameter metric is required"))?;
    let (since, until) = span(world.now, call)?;
    let data = wanted
        .split(',')
        .map(|metric| {
            let (name, size) = METRICS
                .iter()
                .find(|(name, _)| *name == metric.trim())
                .ok_or_else(|| GraphError::parameter("The value must be a valid insights metric"))?;
            let usual = page.followers * size / 1_000 + 1;
            Ok(series(name, &page.id, usual, since, until))
        })
        .collect::<Result<Vec<Value>, GraphError>>()?;
    Ok(Answer::json(200, &json!({ "data": data })))
}

fn reads_insights(task: &str) -> bool {
    let plain = task.trim_start_matches("PROFILE_PLUS_");
    matches!(plain, "ANALYZE" | "MANAGE" | "FULL_CONTROL")
}

/// Days from `since` (inclusive) to `until` (exclusive); two days without them.
fn span(now: Timestamp, call: &Call) -> Result<(i64, i64), GraphError> {
    let read = |name: &str| match call.query(name) {
        None => Ok(None),
        Some(text) => day(text).map(Some).ok_or_else(|| GraphError::parameter(&format!("Invalid {name}"))),
    };
    let until = read("until")?.unwrap_or_else(|| now.as_second().div_euclid(DAY));
    let since = read("since")?.unwrap_or(until - 2);
    if since > until || until - since > MOST_DAYS {
        let message = "There cannot be more than 93 days between since and until";
        return Err(GraphError::parameter(message));
    }
    Ok((since, until))
}

/// A unix time or a date, as a day since 1970.
fn day(text: &str) -> Option<i64> {
    let seconds = text.parse::<i64>().ok().or_else(|| {
        let date: Date = text.parse().ok()?;
        let start = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(start.timestamp().as_second())
    })?;
    Some(seconds.div_euclid(DAY))
}

fn series(name: &str, page: &str, usual: i64, since: i64, until: i64) -> Value {
    let values: Vec<Value> = (since..until)
        .map(|day| {
            let spread = number(&format!("{page}/{name}/{day}")) % 100;
            let value = usual * (50 + i64::try_from(spread).unwrap_or(0)) / 100;
            let end = Timestamp::from_second((day + 1) * DAY).unwrap_or_default();
            let end = end.strftime("%Y-%m-%dT07:00:00+0000").to_string();
            json!({ "value": value, "end_time": end })
        })
        .collect();
    json!({
        "name": name, "period": "day", "values": values,
        "id": format!("{page}/insights/{name}/day"),
    })
}
