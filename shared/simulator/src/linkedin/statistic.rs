//! An organisation's numbers: posts, followers, page views; of all time, or day by day.

use serde_json::{Value as Json, json};

use super::LinkedIn;
use super::account::{Organization, Role};
use super::error::{illegal, missing, no_role};
use super::limit::Resource;
use super::member::{caller, finder};
use super::organization::{exists, id_of};
use super::restli::Value;
use crate::World;
use crate::answer::Answer;
use crate::call::Call;
use crate::util::number;

const DAY_MS: i64 = 86_400_000;
/// The days that are kept.
const KEPT: i64 = 365;

/// `q=organizationalEntity` (pages: `q=organization`). Analysts of a page are not let in: the API asks for more than the
/// page does.
pub(super) fn answer(room: &mut LinkedIn, world: &World, call: &Call, what: Resource) -> Result<Answer, Answer> {
    let (name, scope) = match what {
        Resource::Pages => ("organization", "rw_organization_admin"),
        Resource::Followers => ("organizationalEntity", "rw_organization_admin"),
        _ => ("organizationalEntity", "r_organization_social"),
    };
    finder(call, name)?;
    let urn = call.query(name).ok_or_else(|| missing(name))?;
    let id = id_of(urn).ok_or_else(|| illegal(&format!("{urn} is not the URN of an organization")))?;
    let caller = caller(room, world, call, what)?;
    caller.needs(&[scope, "rw_organization_admin"], "organizationalEntityShareStatistics.FINDER")?;
    let held = exists(world, &caller.person, id)?;
    if !matches!(held.role, Role::Administrator | Role::ContentAdministrator) {
        return Err(no_role());
    }
    let now = world.now.as_millisecond();
    let today = now.div_euclid(DAY_MS);
    let elements: Vec<Json> = match call.query("timeIntervals") {
        None => vec![element(what, name, held, today - KEPT..today, None, now)],
        Some(text) => intervals(text, today)?
            .map(|day| element(what, name, held, day..day + 1, Some((day * DAY_MS, (day + 1) * DAY_MS)), now))
            .collect(),
    };
    let paging = json!({ "start": 0, "count": elements.len().max(10), "links": [] });
    Ok(Answer::json(200, &json!({ "paging": paging, "elements": elements })))
}

/// `(timeRange:(start:…,end:…),timeGranularityType:DAY)` in milliseconds; a day that is not over is not there.
fn intervals(text: &str, today: i64) -> Result<std::ops::Range<i64>, Answer> {
    let value = Value::parse(text).ok_or_else(|| illegal("timeIntervals is malformed"))?;
    match value.field("timeGranularityType").and_then(Value::text) {
        Some("DAY") => {}
        Some(other) => return Err(illegal(&format!("timeGranularityType {other} is not supported"))),
        None => return Err(missing("timeIntervals.timeGranularityType")),
    }
    let range = value.field("timeRange").ok_or_else(|| missing("timeIntervals.timeRange"))?;
    let start = range.number("start").ok_or_else(|| missing("timeIntervals.timeRange.start"))?;
    let end = range.number("end").unwrap_or(today * DAY_MS);
    if start >= end {
        return Err(illegal("timeRange.start must be before timeRange.end"));
    }
    let first = start.div_euclid(DAY_MS).max(today - KEPT);
    Ok(first..end.div_euclid(DAY_MS).min(today).max(first))
}

fn element(
    what: Resource,
    name: &str,
    held: &Organization,
    days: std::ops::Range<i64>,
    range: Option<(i64, i64)>,
    now: i64,
) -> Json {
    let sum = |metric: &str, size: i64| -> i64 { days.clone().map(|day| value(held, metric, size, day)).sum() };
    let mut element = match what {
        Resource::Shares => {
            let (impressions, likes, clicks) = (sum("impressions", 500), sum("likes", 20), sum("clicks", 30));
            let (comments, shares) = (sum("comments", 3), sum("shares", 2));
            let unique = impressions * 7 / 10;
            json!({ "totalShareStatistics": {
                "impressionCount": impressions,
                "uniqueImpressionsCount": unique,
                "likeCount": likes,
                "clickCount": clicks,
                "commentCount": comments,
                "shareCount": shares,
                "engagement": ratio(likes + clicks + comments + shares, impressions),
            } })
        }
        Resource::Followers if range.is_some() => json!({ "followerGains": {
            "organicFollowerGain": sum("organic", 2), "paidFollowerGain": 0,
        } }),
        Resource::Followers => {
            let all = held.followers_at(jiff::Timestamp::from_millisecond(now).unwrap_or_default());
            json!({ "followerCountsByAssociationType": [{
                "followerCounts": { "organicFollowerCount": all, "paidFollowerCount": 0 },
            }] })
        }
        _ => json!({ "totalPageStatistics": { "views": { "allPageViews": {
            "pageViews": sum("views", 25), "uniquePageViews": sum("views", 25) * 6 / 10,
        } } } }),
    };
    element[name] = json!(held.urn());
    if let Some((start, end)) = range {
        element["timeRange"] = json!({ "start": start, "end": end });
    }
    element
}

/// A count of a day, of a size in thousandths of the followers.
fn value(held: &Organization, metric: &str, size: i64, day: i64) -> i64 {
    let spread = i64::try_from(number(&format!("{}/{metric}/{day}", held.id)) % 100).unwrap_or(0);
    (held.followers * size / 1_000 + 1) * (50 + spread) / 100
}

fn ratio(part: i64, whole: i64) -> f64 {
    let exact = |n: i64| f64::from(i32::try_from(n).unwrap_or(i32::MAX));
    if whole == 0 { 0.0 } else { exact(part) / exact(whole) }
}
