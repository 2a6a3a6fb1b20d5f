//! `/{page}/insights`: daily numbers of a page.

use serde_json::{Value, json};

use super::Facebook;
use super::grant::Kind;
use super::node::visible;
use crate::World;
use crate::answer::Answer;
use crate::call::Call;
use crate::graph::{GraphError, days, end_time};
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
    let (since, until) = days(world.now, call, MOST_DAYS)?;
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

pub(super) fn reads_insights(task: &str) -> bool {
    let plain = task.trim_start_matches("PROFILE_PLUS_");
    matches!(plain, "ANALYZE" | "MANAGE" | "FULL_CONTROL")
}

fn series(name: &str, page: &str, usual: i64, since: i64, until: i64) -> Value {
    let values: Vec<Value> = (since..until)
        .map(|day| {
            let spread = number(&format!("{page}/{name}/{day}")) % 100;
            let value = usual * (50 + i64::try_from(spread).unwrap_or(0)) / 100;
            json!({ "value": value, "end_time": end_time(day) })
        })
        .collect();
    json!({
        "name": name, "period": "day", "values": values,
        "id": format!("{page}/insights/{name}/day"),
    })
}
