//! The whole table as JSON: what a test compares before and after.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

/// Every item by its key, `pk sk`.
pub(crate) async fn dump(client: &Client, table: &str) -> Result<BTreeMap<String, Value>, String> {
    let mut items = BTreeMap::new();
    let mut start = None;
    loop {
        let page = client.scan().table_name(table).consistent_read(true).set_exclusive_start_key(start.take());
        let page = page.send().await.map_err(|e| format!("{e:?}"))?;
        for mut item in page.items.unwrap_or_default() {
            for value in item.values_mut() {
                // JSON knows no bytes.
                if let AttributeValue::B(bytes) = value {
                    *value = AttributeValue::S(STANDARD.encode(bytes.as_ref()));
                }
            }
            let item: Value = serde_dynamo::from_item(item).map_err(|e| e.to_string())?;
            let part = |name: &str| item[name].as_str().unwrap_or_default().to_owned();
            items.insert(format!("{} {}", part("pk"), part("sk")), item);
        }
        start = page.last_evaluated_key;
        if start.is_none() {
            return Ok(items);
        }
    }
}
