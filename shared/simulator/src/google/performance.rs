//! What people did with a location on Search and Maps, day by day.

use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::Google;
use super::account::Location;
use super::business::{caller, seen};
use super::error::invalid_argument;
use crate::World;
use crate::answer::Answer;
use crate::call::Call;
use crate::util::number;

/// Metrics, with their usual size in hundredths of the location's views a day.
const METRICS: [(&str, i64); 11] = [
    ("BUSINESS_IMPRESSIONS_DESKTOP_MAPS", 20),
    ("BUSINESS_IMPRESSIONS_DESKTOP_SEARCH", 60),
    ("BUSINESS_IMPRESSIONS_MOBILE_MAPS", 100),
    ("BUSINESS_IMPRESSIONS_MOBILE_SEARCH", 90),
    ("BUSINESS_CONVERSATIONS", 1),
    ("BUSINESS_DIRECTION_REQUESTS", 9),
    ("CALL_CLICKS", 6),
    ("WEBSITE_CLICKS", 12),
    ("BUSINESS_BOOKINGS", 1),
    ("BUSINESS_FOOD_ORDERS", 0),
    ("BUSINESS_FOOD_MENU_CLICKS", 2),
];
/// Numbers come some days late.
const LATE: i64 = 2;

/// A day on which nothing happened has no value, and one that is not there yet is left out.
pub(super) fn series(room: &mut Google, world: &World, call: &Call, id: &str) -> Result<Answer, Answer> {
    let account = caller(room, world, call)?;
    let place = seen(world, &account, id)?;
    let asked: Vec<&str> =
        call.query.iter().filter(|(name, _)| name == "dailyMetrics").map(|(_, value)| value.as_str()).collect();
    if asked.is_empty() {
        return Err(invalid_argument("daily_metrics", "Field is required"));
    }
    let (start, end) = (day(call, "start")?, day(call, "end")?);
    if end < start {
        return Err(invalid_argument("daily_range", "The end is before the start"));
    }
    let last = world.now.to_zoned(TimeZone::UTC).date().saturating_sub(LATE.days()).min(end);
    let mut all = Vec::new();
    for name in asked {
        let known = METRICS.iter().find(|(known, _)| *known == name);
        let (name, size) = known.ok_or_else(|| invalid_argument("daily_metrics", &format!("Invalid value: {name}")))?;
        let days = start.series(1.day()).take_while(|day| *day <= last);
        let values: Vec<Value> = days.map(|day| dated(&place, name, *size, day)).collect();
        all.push(json!({ "dailyMetric": name, "timeSeries": { "datedValues": values } }));
    }
    let body = json!({ "multiDailyMetricTimeSeries": [{ "dailyMetricTimeSeries": all }] });
    Ok(Answer::json(200, &body))
}

/// `dailyRange.startDate.year` and so on, or with the words underscored.
fn day(call: &Call, which: &str) -> Result<Date, Answer> {
    let part = |name: &str| {
        let camel = format!("dailyRange.{which}Date.{name}");
        let snake = format!("dailyRange.{which}_date.{name}");
        let given = call.query(&camel).or_else(|| call.query(&snake));
        given.and_then(|text| text.parse::<i16>().ok())
    };
    let small = |name: &str| part(name).and_then(|number| i8::try_from(number).ok());
    let date = match (part("year"), small("month"), small("day")) {
        (Some(year), Some(month), Some(day)) => Date::new(year, month, day).ok(),
        _ => None,
    };
    date.ok_or_else(|| invalid_argument("daily_range", &format!("{which}_date is missing or no date")))
}

fn dated(place: &Location, name: &str, size: i64, day: Date) -> Value {
    let spread = i64::try_from(number(&format!("{}/{name}/{day}", place.id)) % 100).unwrap_or(0);
    let count = place.daily * size * (50 + spread) / 10_000;
    let mut value = json!({ "date": { "year": day.year(), "month": day.month(), "day": day.day() } });
    if count > 0 {
        value["value"] = json!(count.to_string());
    }
    value
}
