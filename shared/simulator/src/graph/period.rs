//! `since` and `until` of insights, in days.

use jiff::Timestamp;
use jiff::civil::Date;

use super::error::GraphError;
use crate::call::Call;

const DAY: i64 = 86_400;

/// Days from `since` (inclusive) to `until` (exclusive), `most` of them; two days without them.
pub(crate) fn days(now: Timestamp, call: &Call, most: i64) -> Result<(i64, i64), GraphError> {
    let read = |name: &str| match call.query(name) {
        None => Ok(None),
        Some(text) => day(text).map(Some).ok_or_else(|| GraphError::parameter(&format!("Invalid {name}"))),
    };
    let until = read("until")?.unwrap_or_else(|| now.as_second().div_euclid(DAY));
    let since = read("since")?.unwrap_or(until - 2);
    if since > until || until - since > most {
        let message = format!("There cannot be more than {most} days ({} s) between since and until", most * DAY);
        return Err(GraphError::parameter(&message));
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

/// When a day of insights ends, as they say it.
pub(crate) fn end_time(day: i64) -> String {
    let end = Timestamp::from_second((day + 1) * DAY).unwrap_or_default();
    end.strftime("%Y-%m-%dT07:00:00+0000").to_string()
}
