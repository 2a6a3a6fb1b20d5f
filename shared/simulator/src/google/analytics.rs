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
/// A report of its own, which is by these.
const VIEWERS: &str = "viewerPercentage";
const AGES: [&str; 7] = ["age13-17", "age18-24", "age25-34", "age35-44", "age45-54", "age55-64", "age65-"];
const GENDERS: [&str; 2] = ["female", "male"];
/// Where the channels are viewed.
const COUNTRIES: [&str; 12] = ["NO", "SE", "DK", "DE", "GB", "US", "NL", "FR", "ES", "PL", "IN", "BR"];
/// Numbers come two days late.
const LATE: i64 = 2;

fn wrong(message: &str) -> Answer {
    youtube(400, "global", "badRequest", message)
}

/// What a report's rows are of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Nothing,
    Day,
    Country,
    Age,
    Gender,
    AgeAndGender,
}

impl By {
    fn read(call: &Call) -> Result<Self, Answer> {
        Ok(match call.query("dimensions") {
            None | Some("") => Self::Nothing,
            Some("day") => Self::Day,
            Some("country") => Self::Country,
            Some("ageGroup") => Self::Age,
            Some("gender") => Self::Gender,
            Some("ageGroup,gender") => Self::AgeAndGender,
            Some(other) => {
                return Err(wrong(&format!("Unknown identifier ({other}) given in field parameters.dimensions.")));
            }
        })
    }

    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Nothing => &[],
            Self::Day => &["day"],
            Self::Country => &["country"],
            Self::Age => &["ageGroup"],
            Self::Gender => &["gender"],
            Self::AgeAndGender => &["ageGroup", "gender"],
        }
    }

    /// Whether it is of people, of whom shares are told and no counts.
    fn of_people(self) -> bool {
        matches!(self, Self::Age | Self::Gender | Self::AgeAndGender)
    }
}

/// Days that are not there yet have no row, and a channel that nobody has viewed has none at all.
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
    let names: Vec<&str> = value("metrics")?.split(',').collect();
    let by = By::read(call)?;
    let metrics = if by.of_people() { viewers(&names)? } else { counted(&names)? };
    let owned = |channel: &&Channel| ids == "channel==MINE" || ids == format!("channel=={}", channel.id);
    let channel = caller.channel.as_ref().filter(owned);
    let channel = channel.ok_or_else(|| youtube(403, "global", "forbidden", "Forbidden"))?;
    let last = pacific_day(world.now).saturating_sub(LATE.days()).min(end);
    let days: Vec<Date> = start.series(1.day()).take_while(|day| *day <= last).collect();
    let rows = if channel.views == 0 || days.is_empty() {
        Vec::new()
    } else if by.of_people() {
        people(channel, by)
    } else {
        counts(channel, by, &metrics, &days, call.query("filters").unwrap_or("all"))
    };
    let column = |name: &str, kind: &str, data: &str| json!({ "name": name, "columnType": kind, "dataType": data });
    let number = if by.of_people() { "FLOAT" } else { "INTEGER" };
    let dimensions = by.names().iter().map(|name| column(name, "DIMENSION", "STRING"));
    let headers: Vec<Value> =
        dimensions.chain(metrics.iter().map(|(name, _)| column(name, "METRIC", number))).collect();
    let body = json!({ "kind": "youtubeAnalytics#resultTable", "columnHeaders": headers, "rows": rows });
    Ok(Answer::json(200, &body))
}

type Metric = (&'static str, i64);

fn counted(names: &[&str]) -> Result<Vec<Metric>, Answer> {
    let known = |name: &&str| match METRICS.iter().find(|(known, _)| known == name) {
        Some(metric) => Ok(*metric),
        None if *name == VIEWERS => Err(wrong("The query is not supported.")),
        None => Err(wrong(&format!("Unknown identifier ({name}) given in field parameters.metrics."))),
    };
    names.iter().map(known).collect()
}

/// The only metric of people.
fn viewers(names: &[&str]) -> Result<Vec<Metric>, Answer> {
    if names == [VIEWERS] { Ok(vec![(VIEWERS, 0)]) } else { Err(wrong("The query is not supported.")) }
}

fn counts(channel: &Channel, by: By, metrics: &[Metric], days: &[Date], whole: &str) -> Vec<Value> {
    let count = |(name, size): &Metric, day: Date| {
        let spread = i64::try_from(number(&format!("{}/{name}/{day}/{whole}", channel.id)) % 100).unwrap_or(0);
        (channel.subscribers * size / 1_000 + 1) * (50 + spread) / 100
    };
    let total = |metric: &Metric| days.iter().map(|day| count(metric, *day)).sum::<i64>();
    let row = |name: &str, counts: &mut dyn Iterator<Item = i64>| {
        Value::Array(std::iter::once(json!(name)).chain(counts.map(|count| json!(count))).collect())
    };
    match by {
        By::Day => {
            let of = |day: &Date| row(&day.to_string(), &mut metrics.iter().map(|metric| count(metric, *day)));
            days.iter().map(of).collect()
        }
        By::Country => {
            let share = shares(&format!("{}/country", channel.id), &COUNTRIES);
            let of = |(country, part): &(&str, i64)| {
                row(country, &mut metrics.iter().map(|metric| total(metric) * part / 1_000))
            };
            share.iter().map(of).collect()
        }
        _ => vec![metrics.iter().map(|metric| json!(total(metric))).collect()],
    }
}

/// Percentages of the viewers who are known.
fn people(channel: &Channel, by: By) -> Vec<Value> {
    let ages = shares(&format!("{}/age", channel.id), &AGES);
    let genders = shares(&format!("{}/gender", channel.id), &GENDERS);
    let tenths = |thousandths: i64| f64::from(i32::try_from(thousandths).unwrap_or(0)) / 10.0;
    let one = |(name, part): &(&str, i64)| json!([name, tenths(*part)]);
    match by {
        By::Age => ages.iter().map(one).collect(),
        By::Gender => genders.iter().map(one).collect(),
        _ => {
            let both = |(age, part): (&str, i64)| {
                let of = move |(gender, share): &(&str, i64)| json!([age, gender, tenths(part * share / 1_000)]);
                genders.iter().map(of).collect::<Vec<_>>()
            };
            ages.into_iter().flat_map(both).collect()
        }
    }
}

/// Each name's part of a thousand.
fn shares(key: &str, names: &[&'static str]) -> Vec<(&'static str, i64)> {
    let weight = |name: &str| i64::try_from(number(&format!("{key}/{name}")) % 100).unwrap_or(0) + 1;
    let sum: i64 = names.iter().map(|name| weight(name)).sum();
    names.iter().map(|name| (*name, weight(name) * 1_000 / sum)).collect()
}
