//! An account's insights, the same in both ways.

use serde_json::{Value, json};

use super::Account;
use crate::World;
use crate::answer::Answer;
use crate::call::Call;
use crate::graph::{GraphError, days, demographic, end_time};
use crate::util::number;

/// Daily series, and totals over a time that need `metric_type=total_value`;
/// with their usual size in thousandths of the followers.
const SERIES: [(&str, i64); 2] = [("reach", 300), ("follower_count", 2)];
const TOTALS: [(&str, i64); 9] = [
    ("views", 900),
    ("accounts_engaged", 40),
    ("total_interactions", 70),
    ("likes", 50),
    ("comments", 8),
    ("shares", 5),
    ("saves", 6),
    ("replies", 1),
    ("profile_links_taps", 4),
];
/// Fewer followers have no `follower_count`.
const FOLLOWERS_AT_LEAST: i64 = 100;
/// Numbers come two days late and are kept for two years.
const LATE: i64 = 2;
const KEPT: i64 = 730;
/// As integrators saw it.
const MOST_DAYS: i64 = 30;

/// What is not there yet, or no longer, is left out and never 0.
pub(crate) fn answer(world: &World, call: &Call, account: &Account) -> Result<Answer, GraphError> {
    if demographic::asked(call)? {
        return demographics(world, call, account);
    }
    let metrics = call.query("metric").ok_or_else(|| GraphError::parameter("The parameter metric is required"))?;
    if call.query("period") != Some("day") {
        return Err(GraphError::parameter("The parameter period must be day for these metrics"));
    }
    let totals = match call.query("metric_type") {
        None | Some("time_series") => false,
        Some("total_value") => true,
        Some(_) => return Err(GraphError::parameter("metric_type must be one of: time_series, total_value")),
    };
    let (since, until) = days(world.now, call, MOST_DAYS)?;
    let today = world.now.as_second().div_euclid(86_400);
    let there = since.max(today - KEPT)..until.min(today - LATE + 1);
    let few = account.followers_at(world.now) < FOLLOWERS_AT_LEAST;
    let mut data = Vec::new();
    for name in metrics.split(',').map(str::trim) {
        let (name, size) = metric(name, totals)?;
        if there.is_empty() || (few && name == "follower_count") {
            continue;
        }
        let values = there.clone().map(|day| (day, value(account, name, size, day)));
        data.push(if totals { total(account, name, values) } else { series(account, name, values) });
    }
    Ok(Answer::json(200, &json!({ "data": data })))
}

/// Who follows has a period of its own, and is a total.
fn demographics(world: &World, call: &Call, account: &Account) -> Result<Answer, GraphError> {
    if call.query("period") != Some("lifetime") {
        return Err(GraphError::parameter("The parameter period must be lifetime for this metric"));
    }
    if call.query("metric_type") != Some("total_value") {
        let message = "The following metrics (follower_demographics) should be specified with parameter \
                       metric_type=total_value";
        return Err(GraphError::parameter(message));
    }
    let data = demographic::data(call, &account.id, account.followers_at(world.now))?;
    Ok(Answer::json(200, &json!({ "data": data })))
}

fn metric(name: &str, totals: bool) -> Result<(&'static str, i64), GraphError> {
    let of = |table: &[(&'static str, i64)]| table.iter().find(|(known, _)| *known == name).copied();
    match (of(&SERIES), of(&TOTALS)) {
        (Some(found), _) if !totals => Ok(found),
        (_, Some(found)) if totals => Ok(found),
        (None, Some(_)) => Err(GraphError::parameter(&format!(
            "The following metrics ({name}) should be specified with parameter metric_type=total_value"
        ))),
        (Some(_), None) => {
            Err(GraphError::parameter(&format!("Incompatible metrics ({name}) with metric_type total_value")))
        }
        _ => Err(GraphError::parameter(&format!("metric[0] must be one of the supported values, not {name}"))),
    }
}

fn value(account: &Account, name: &str, size: i64, day: i64) -> i64 {
    let usual = account.followers * size / 1_000 + 1;
    let spread = number(&format!("{}/{name}/{day}", account.id)) % 100;
    usual * (50 + i64::try_from(spread).unwrap_or(0)) / 100
}

fn series(account: &Account, name: &str, values: impl Iterator<Item = (i64, i64)>) -> Value {
    let mut metric = head(account, name);
    metric["values"] = values.map(|(day, value)| json!({ "value": value, "end_time": end_time(day) })).collect();
    metric
}

fn total(account: &Account, name: &str, values: impl Iterator<Item = (i64, i64)>) -> Value {
    let mut metric = head(account, name);
    metric["total_value"] = json!({ "value": values.map(|(_, value)| value).sum::<i64>() });
    metric
}

fn head(account: &Account, name: &str) -> Value {
    let words = name.replace('_', " ");
    let title = words[..1].to_uppercase() + &words[1..];
    json!({
        "name": name, "period": "day", "title": title, "description": "",
        "id": format!("{}/insights/{name}/day", account.id),
    })
}
