//! Rows, written straight into the table: what no call can decide yet, and more of them than anybody connects.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use domain::AccountId;
use serde_json::Value;
use tests::{World, table::NAME};

type Item = HashMap<String, AttributeValue>;

pub fn text(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

/// JSON as the table has it.
fn value(json: &Value) -> AttributeValue {
    match json {
        Value::Null => AttributeValue::Null(true),
        Value::Bool(bool) => AttributeValue::Bool(*bool),
        Value::Number(number) => AttributeValue::N(number.to_string()),
        Value::String(string) => text(string),
        Value::Array(all) => AttributeValue::L(all.iter().map(value).collect()),
        Value::Object(all) => AttributeValue::M(all.iter().map(|(name, json)| (name.clone(), value(json))).collect()),
    }
}

fn key(id: &str) -> Item {
    [("pk".to_owned(), text("W#ws_1")), ("sk".to_owned(), text(format!("A#{id}")))].into()
}

/// Sets attributes of an account of `ws_1`.
pub async fn amend(world: &World, id: &str, attributes: &Value) {
    let mut item = row(world, id).await;
    for (name, json) in attributes.as_object().expect("attributes") {
        item.insert(name.clone(), value(json));
    }
    put(world, [item]).await;
}

/// An account's row.
pub async fn row(world: &World, id: &str) -> Item {
    let call = world.stack.client.get_item().table_name(NAME).set_key(Some(key(id))).consistent_read(true).send();
    call.await.expect("read").item.expect("a row")
}

/// A row like another, of an account with this id and name.
pub fn like(row: &Item, id: AccountId, name: &str) -> Item {
    let mut item = row.clone();
    item.extend(key(&id.to_string()));
    item.insert("id".to_owned(), text(id.to_string()));
    if let Some(AttributeValue::M(profile)) = item.get_mut("profile") {
        profile.insert("name".to_owned(), text(name));
    }
    item
}

pub async fn put(world: &World, items: impl IntoIterator<Item = Item>) {
    let put = |item| Put::builder().table_name(NAME).set_item(Some(item)).build().expect("an item");
    let puts: Vec<_> = items.into_iter().map(|i| TransactWriteItem::builder().put(put(i)).build()).collect();
    for chunk in puts.chunks(100) {
        let call = world.stack.client.transact_write_items().set_transact_items(Some(chunk.to_vec())).send();
        call.await.expect("written");
    }
}

pub async fn delete(world: &World, id: AccountId) {
    let call = world.stack.client.delete_item().table_name(NAME).set_key(Some(key(&id.to_string()))).send();
    call.await.expect("deleted");
}
