//! A workspace's partition as it can be told to its owner. Every kind of item is either told or known to be of use to
//! the table alone.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{AccountId, Fault, WorkspaceId};
use serde_json::{Map, Value};

use crate::{
    Store,
    item::{Item, fault, s},
    key::{self, Key},
};

/// Attributes that are the table's own, or that a secret could be told from.
const NOT_TOLD: [&str; 12] =
    ["pk", "sk", "dp", "ds", "ttl", "digest", "secret", "fence", "lease_until", "password", "secrets", "proof"];

/// One thing that is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// What kind of thing.
    pub kind: &'static str,
    /// The account that it is about, if it is about one.
    pub account: Option<AccountId>,
    /// What is known.
    pub body: Map<String, Value>,
    /// A file that belongs to it.
    pub file: Option<Vec<u8>>,
}

/// What the letter of a sort key stands for: its word, or `Err` where it is of use to the table alone. Nothing where
/// nobody has said that.
fn kind(sort: &str) -> Option<Result<&'static str, ()>> {
    let (letter, rest) = sort.split_once('#').map_or((sort, None), |(letter, rest)| (letter, Some(rest)));
    Some(match letter {
        "A" if rest.is_none() => Ok("workspace"),
        "A" => Ok("account"),
        "B" => Ok("vocabulary"),
        "D" => Ok("device"),
        "E" => Ok("event"),
        "F" => Ok("past_facts"),
        "H" => Ok("episode_note"),
        "J" => Ok("planned_use"),
        "M" if rest.is_some_and(|rest| rest.contains('#')) => Ok("figures"),
        "M" => Ok("audience"),
        "N" => Ok("usage"),
        "P" => Ok("picture"),
        "Q" => Ok("queue_schedule"),
        "RF" => Ok("forecast_feed"),
        "RM" => Ok("month"),
        "T" => Ok("preferences"),
        "U" => Ok("audit"),
        "V" if rest.is_some() => Ok("identity_change"),
        "X" if rest.is_some_and(|rest| !rest.contains('#')) => Ok("run"),
        "Y" => Ok("api_key"),
        "Z" => Ok("easyconnect_link"),
        "ZF" => Ok("easyconnect_funnel"),
        "ZG" => Ok("easyconnect_logo"),
        // Claims, the way to a person's grant, replayed outcomes, counted attempts, wrong passwords, pieces of other runs.
        "C" | "I" | "K" | "L" | "X" | "ZP" => Err(()),
        _ => return None,
    })
}

impl Store {
    /// What is known of a workspace behind a place in its partition, and the place behind that; none at the end.
    pub async fn list_records(
        &self,
        ws: &WorkspaceId,
        after: Option<&str>,
        items: i32,
    ) -> Result<(Vec<Record>, Option<String>), Fault> {
        let partition = key::workspace_partition(ws);
        let start = after.map(|sk| Key { pk: partition.clone(), sk: sk.to_owned() }.item());
        let page = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", s(&partition))
            .limit(items)
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(fault)?;
        let mut records = Vec::new();
        for item in page.items.unwrap_or_default() {
            let Some(Key { sk, .. }) = Key::of(&item) else { continue };
            match kind(&sk) {
                Some(Ok("event")) => records.extend(events(&item)?),
                Some(Ok(kind)) => records.push(record(kind, &sk, item)),
                Some(Err(())) => {}
                None => return Err(Fault::Inconsistent(format!("nobody has said what {sk} is to an export"))),
            }
        }
        Ok((records, page.last_evaluated_key.as_ref().and_then(Key::of).map(|key| key.sk)))
    }
}

fn record(kind: &'static str, sk: &str, mut item: Item) -> Record {
    let file = match item.remove("file") {
        Some(AttributeValue::B(bytes)) => Some(bytes.into_inner()),
        _ => None,
    };
    let named = sk.split('#').nth(1).and_then(|id| id.parse().ok());
    let text = |name: &str| item.get(name).and_then(|v| v.as_s().ok()).and_then(|id| id.parse().ok());
    let account = named.or_else(|| text("account")).or_else(|| text("account_id"));
    let told = item.into_iter().filter(|(name, _)| !NOT_TOLD.contains(&name.as_str()));
    let body = told.map(|(name, attribute)| (name, value(attribute))).collect();
    Record { kind, account, body, file }
}

/// The events of one change, each for itself.
fn events(item: &Item) -> Result<Vec<Record>, Fault> {
    let text = item.get("events").and_then(|v| v.as_s().ok()).map_or("[]", String::as_str);
    let events: Vec<Map<String, Value>> = serde_json::from_str(text).map_err(|e| Fault::Inconsistent(e.to_string()))?;
    let account = |body: &Map<String, Value>| body.get("account_id")?.as_str()?.parse().ok();
    Ok(events.into_iter().map(|body| Record { kind: "event", account: account(&body), body, file: None }).collect())
}

fn value(attribute: AttributeValue) -> Value {
    match attribute {
        AttributeValue::S(text) => text.into(),
        AttributeValue::N(number) => serde_json::from_str(&number).unwrap_or(Value::String(number)),
        AttributeValue::Bool(flag) => flag.into(),
        AttributeValue::L(list) => list.into_iter().map(value).collect(),
        AttributeValue::M(map) => map.into_iter().map(|(name, one)| (name, value(one))).collect::<Map<_, _>>().into(),
        AttributeValue::Ss(set) => set.into(),
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every kind of item that the table's own list names in a workspace's partition is told, or is said to be technical.
    #[test]
    fn no_kind_of_item_is_forgotten() {
        let rows: Vec<&str> = include_str!("key.rs").lines().filter(|line| line.contains("| `W#<ws>` |")).collect();
        assert!(rows.len() > 18, "{rows:?}");
        for row in rows {
            let sort = row.split('|').nth(3).and_then(|cell| cell.split('`').nth(1)).expect("a sort key");
            assert!(kind(sort).is_some(), "{sort}: say here what it is to an export");
        }
        assert_eq!(kind("VV#1"), None);
    }
}
