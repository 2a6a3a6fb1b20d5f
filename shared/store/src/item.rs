//! Between domain values and DynamoDB items.

use std::collections::HashMap;

use aws_sdk_dynamodb::{operation::query::builders::QueryFluentBuilder, types::AttributeValue};
use domain::{Fault, Timestamp};
use serde::{Serialize, de::DeserializeOwned};

use crate::key::Key;

pub(crate) type Item = HashMap<String, AttributeValue>;

/// A value as an item under its key; absent options are absent attributes.
pub(crate) fn encode<T: Serialize>(key: &Key, value: &T) -> Result<Item, Fault> {
    let mut item: Item = serde_dynamo::to_item(value).map_err(|e| Fault::Inconsistent(e.to_string()))?;
    drop_nulls(&mut item);
    item.extend(key.item());
    Ok(item)
}

/// One attribute's value.
pub(crate) fn attribute<T: Serialize>(value: &T) -> Result<AttributeValue, Fault> {
    let mut value = serde_dynamo::to_attribute_value(value).map_err(|e| Fault::Inconsistent(e.to_string()))?;
    if let AttributeValue::M(map) = &mut value {
        drop_nulls(map);
    }
    Ok(value)
}

/// An item as a value; attributes that are the table's own are left out.
pub(crate) fn decode<T: DeserializeOwned>(item: Item) -> Result<T, Fault> {
    let key = Key::of(&item);
    serde_dynamo::from_item(item).map_err(|e| Fault::Inconsistent(format!("{key:?}: {e}")))
}

fn drop_nulls(item: &mut Item) {
    item.retain(|_, value| !value.is_null());
    for value in item.values_mut() {
        match value {
            AttributeValue::M(map) => drop_nulls(map),
            AttributeValue::L(list) => {
                for entry in list {
                    if let AttributeValue::M(map) = entry {
                        drop_nulls(map);
                    }
                }
            }
            _ => {}
        }
    }
}

pub(crate) fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

pub(crate) fn n(number: impl Into<i128>) -> AttributeValue {
    AttributeValue::N(number.into().to_string())
}

/// A moment as the table's TTL attribute: epoch seconds.
pub(crate) fn ttl(at: Timestamp) -> AttributeValue {
    n(at.as_second())
}

pub(crate) fn number(item: &Item, name: &str) -> Option<i64> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

/// All that a query finds, over all its pages.
pub(crate) async fn all(query: QueryFluentBuilder) -> Result<Vec<Item>, Fault> {
    query.into_paginator().items().send().collect::<Result<_, _>>().await.map_err(fault)
}

/// The text of an SDK error for the log; it holds no request data.
pub(crate) fn fault<E: std::error::Error + Send + Sync + 'static, R: std::fmt::Debug + Send + Sync + 'static>(
    error: aws_sdk_dynamodb::error::SdkError<E, R>,
) -> Fault {
    Fault::Store(format!("{}", aws_sdk_dynamodb::error::DisplayErrorContext(error)))
}

/// The text of a request that the SDK will not make.
pub(crate) fn built(error: aws_sdk_dynamodb::error::BuildError) -> Fault {
    Fault::Store(aws_sdk_dynamodb::error::DisplayErrorContext(error).to_string())
}
