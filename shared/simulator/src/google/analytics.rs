//! `/v2/reports` of YouTube Analytics: column headers and rows.

use jiff::ToSpan as _;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::Google;
use super::account::Channel;
use super::error::youtube;
use super::quota::pacific_day;
use super::youtube::caller;
use crate::World;
use crate::answer::Answer;
use crate::call::Call;
use crate::util::number;

const SCOPES: [&str; 2] = [
    "https://www.googleapis.com/auth/yt-analytics.readonly",
    "https://www.googleapis.com/auth/yt-analytics-monetary.readonly",
];
/// Metrics, with their usual size in thousandths of the subscribers a day.
const METRICS: [(&str, i64); 9] = [
    ("views", 180),
    ("likes", 8),
    ("dislikes", 1),
    ("comments", 2),
    ("shares", 1),
    ("subscribersGained", 2),
    ("subscribersLost", 1),
    ("estimatedMinutesWatched", 500),
    ("averageViewDuration", 20),
];
/// Numbers come two days late.
const LATE: i64 = 2;

fn wrong(message: &str) -> Answer {
    youtube(400, "global", "badRequest", message)
}

/// Days that are not there yet have no row.
pub(super) fn report(room: &Google, world: &World, call: &Call) -> Result<Answer, Answer> {
    let caller = caller(room, world, call, &SCOPES)?;
    let value = |name: &str| {
        let given = call.query(name).filter(|text| !text.is_empty());
        given.ok_or_else(|| youtube(400, "global", "required", &format!("Required parameter: {name}")))
    };
    let ids = value("ids")?;
    let day = |name: &str| {
        let given = value(name)?;
        given.parse::<Date>().map_err(|_| wrong(&format!("Invalid value '{given}' for field parameters.{name}.")))
    };
    let (start, end) = (day("startDate")?, day("endDate")?);
    if end < start {
        return Err(wrong("The end date must not be before the start date."));
    }
    let mut metrics = Vec::new();
    for name in value("metrics")?.split(',') {
        let known = METRICS.iter().find(|(known, _)| *known == name);
        metrics.push(
            *known.ok_or_else(|| wrong(&format!("Unknown identifier ({name}) given in field parameters.metrics.")))?,
        );
    }
    let daily = match call.query("dimensions") {
        None | Some("") => false,
        Some("day") => true,
        Some(other) => {
            return Err(wrong(&format!("Unknown identifier ({other}) given in field parameters.dimensions.")));
        }
    };
    let whole = || call.query("filters").unwrap_or("all").to_owned();
    let owned = |channel: &&Channel| ids == "channel==MINE" || ids == format!("channel=={}", channel.id);
    let channel = caller.channel.as_ref().filter(owned);
    let channel = channel.ok_or_else(|| youtube(403, "global", "forbidden", "Forbidden"))?;
    let last = pacific_day(world.now).saturating_sub(LATE.days()).min(end);
    let days = || start.series(1.day()).take_while(|day| *day <= last);
    let count = |(name, size): (&str, i64), day: Date| {
        let spread = i64::try_from(number(&format!("{}/{name}/{day}/{}", channel.id, whole())) % 100).unwrap_or(0);
        (channel.subscribers * size / 1_000 + 1) * (50 + spread) / 100
    };
    let rows: Vec<Value> = if daily {
        let row = |day: Date| {
            let counts = metrics.iter().map(|metric| json!(count(*metric, day)));
            Value::Array(std::iter::once(json!(day.to_string())).chain(counts).collect())
        };
        days().map(row).collect()
    } else if days().next().is_some() {
        let total = |metric: &(&'static str, i64)| json!(days().map(|day| count(*metric, day)).sum::<i64>());
        vec![Value::Array(metrics.iter().map(total).collect())]
    } else {
        Vec::new()
    };
    let column = |name: &str, kind: &str, data: &str| json!({ "name": name, "columnType": kind, "dataType": data });
    let dimension = daily.then(|| column("day", "DIMENSION", "STRING"));
    let headers: Vec<Value> =
        dimension.into_iter().chain(metrics.iter().map(|(name, _)| column(name, "METRIC", "INTEGER"))).collect();
    let body = json!({ "kind": "youtubeAnalytics#resultTable", "columnHeaders": headers, "rows": rows });
    Ok(Answer::json(200, &body))
}
