//! `/v5/user_account/analytics`: a business's numbers, day by day.

use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::account::Kind;
use super::errors::{Error, NOT_PERMITTED};
use super::user::call_of;
use super::{Account, Pinterest};
use crate::World;
use crate::answer::Answer;
use crate::call::Call;
use crate::util::number;

/// With their usual size in thousandths of the monthly views.
const METRICS: [(&str, i64); 5] =
    [("IMPRESSION", 33), ("ENGAGEMENT", 3), ("PIN_CLICK", 2), ("OUTBOUND_CLICK", 1), ("SAVE", 1)];
const WINDOW: i32 = 90;

/// Today's numbers are not ready and missing.
pub(super) fn answer(room: &mut Pinterest, world: &World, call: &Call) -> Answer {
    call_of(room, world, call, "org_analytics", "user_accounts:read", |session| {
        let account = &session.account;
        if account.kind != Kind::Business {
            return Err(NOT_PERMITTED);
        }
        let missing = Error::parameter("start_date and end_date are dates of the last 90 days.");
        let date = |name: &str| call.query(name).and_then(|text| text.parse::<Date>().ok()).ok_or(missing.clone());
        let (start, end) = (date("start_date")?, date("end_date")?);
        let today = world.now.to_zoned(jiff::tz::TimeZone::UTC).date();
        let age = today.since(start).map_err(|_| missing.clone())?.get_days();
        if start > end || end > today || age > WINDOW {
            return Err(missing);
        }
        let metrics = metrics(call)?;
        let mut sums: Map<String, Value> = Map::new();
        let days = start.series(jiff::Span::new().days(1)).take_while(|day| *day <= end);
        let daily: Vec<Value> = days
            .map(|day| {
                let ready = day < today;
                let mut numbers = Map::new();
                for (name, size) in metrics.iter().filter(|_| ready) {
                    let value = value(account, name, *size, day);
                    let sum = sums.get(*name).and_then(Value::as_i64).unwrap_or(0);
                    sums.insert((*name).to_owned(), json!(sum + value));
                    numbers.insert((*name).to_owned(), json!(value));
                }
                let status = if ready { "READY" } else { "PROCESSING" };
                json!({ "date": day.to_string(), "data_status": status, "metrics": numbers })
            })
            .collect();
        Ok(Answer::json(200, &json!({ "all": { "daily_metrics": daily, "summary_metrics": sums } })))
    })
}

/// The asked ones, or all.
fn metrics(call: &Call) -> Result<Vec<(&'static str, i64)>, Error> {
    let Some(asked) = call.query("metric_types").filter(|asked| !asked.is_empty()) else {
        return Ok(METRICS.to_vec());
    };
    let unknown = Error::parameter("A metric_type is not known.");
    let find = |name: &str| METRICS.iter().find(|(known, _)| *known == name).copied().ok_or(unknown.clone());
    asked.split(',').map(find).collect()
}

fn value(account: &Account, name: &str, size: i64, day: Date) -> i64 {
    let usual = account.monthly_views * size / 1_000 + 1;
    let spread = i64::try_from(number(&format!("{}/{name}/{day}", account.id)) % 100).unwrap_or(0);
    usual * (50 + spread) / 100
}
