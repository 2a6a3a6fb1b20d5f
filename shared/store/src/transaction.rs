//! All or nothing, with an answer for each condition that failed.

use std::time::Duration;

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::{delete_item::DeleteItemError, put_item::PutItemError, update_item::UpdateItemError},
    types::{ConditionCheck, Delete, Put, TransactWriteItem, Update},
};
use domain::Fault;

use crate::{
    Store,
    item::{Item, built, fault},
    key::Key,
};

/// How often a conflicting transaction is tried.
const TRIES: u32 = 5;

/// What became of a transaction. `L` names the writes whose condition failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Committed<L> {
    /// All of it.
    Done,
    /// None of it: these conditions failed.
    Refused(Vec<L>),
    /// None of it: others kept changing the same items.
    Busy,
}

/// Writes that happen together, each with a label that says what its failed condition means.
pub(crate) struct Transaction<L> {
    writes: Vec<(L, TransactWriteItem)>,
}

/// A condition with its names and values.
#[derive(Default, Clone)]
pub(crate) struct Expression {
    pub(crate) update: Option<String>,
    pub(crate) condition: Option<String>,
    pub(crate) names: Vec<(&'static str, String)>,
    pub(crate) values: Vec<(&'static str, aws_sdk_dynamodb::types::AttributeValue)>,
}

impl Expression {
    pub(crate) fn condition(text: &str) -> Self {
        Self { condition: Some(text.to_owned()), ..Self::default() }
    }

    pub(crate) fn update(text: &str) -> Self {
        Self { update: Some(text.to_owned()), ..Self::default() }
    }

    pub(crate) fn when(mut self, condition: &str) -> Self {
        self.condition = Some(condition.to_owned());
        self
    }

    pub(crate) fn name(mut self, placeholder: &'static str, name: impl Into<String>) -> Self {
        self.names.push((placeholder, name.into()));
        self
    }

    pub(crate) fn value(mut self, placeholder: &'static str, value: aws_sdk_dynamodb::types::AttributeValue) -> Self {
        self.values.push((placeholder, value));
        self
    }

    fn names(&self) -> Option<std::collections::HashMap<String, String>> {
        (!self.names.is_empty()).then(|| self.names.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect())
    }

    fn values(&self) -> Option<Item> {
        (!self.values.is_empty()).then(|| self.values.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect())
    }
}

impl<L: Clone> Transaction<L> {
    pub(crate) fn new() -> Self {
        Self { writes: Vec::new() }
    }

    pub(crate) fn len(&self) -> usize {
        self.writes.len()
    }

    pub(crate) fn put(&mut self, store: &Store, label: L, item: Item, with: &Expression) -> Result<(), Fault> {
        let put = Put::builder()
            .table_name(&store.table)
            .set_item(Some(item))
            .set_condition_expression(with.condition.clone())
            .set_expression_attribute_names(with.names())
            .set_expression_attribute_values(with.values())
            .build()
            .map_err(built)?;
        self.writes.push((label, TransactWriteItem::builder().put(put).build()));
        Ok(())
    }

    pub(crate) fn update(&mut self, store: &Store, label: L, key: &Key, with: &Expression) -> Result<(), Fault> {
        let update = Update::builder()
            .table_name(&store.table)
            .set_key(Some(key.item()))
            .set_update_expression(with.update.clone())
            .set_condition_expression(with.condition.clone())
            .set_expression_attribute_names(with.names())
            .set_expression_attribute_values(with.values())
            .build()
            .map_err(built)?;
        self.writes.push((label, TransactWriteItem::builder().update(update).build()));
        Ok(())
    }

    pub(crate) fn delete(&mut self, store: &Store, label: L, key: &Key, with: &Expression) -> Result<(), Fault> {
        let delete = Delete::builder()
            .table_name(&store.table)
            .set_key(Some(key.item()))
            .set_condition_expression(with.condition.clone())
            .set_expression_attribute_names(with.names())
            .set_expression_attribute_values(with.values())
            .build()
            .map_err(built)?;
        self.writes.push((label, TransactWriteItem::builder().delete(delete).build()));
        Ok(())
    }

    pub(crate) fn check(&mut self, store: &Store, label: L, key: &Key, with: &Expression) -> Result<(), Fault> {
        let check = ConditionCheck::builder()
            .table_name(&store.table)
            .set_key(Some(key.item()))
            .set_condition_expression(with.condition.clone())
            .set_expression_attribute_names(with.names())
            .set_expression_attribute_values(with.values())
            .build()
            .map_err(built)?;
        self.writes.push((label, TransactWriteItem::builder().condition_check(check).build()));
        Ok(())
    }

    /// Writes all or nothing. A conflict with another transaction is tried again with full jitter.
    pub(crate) async fn commit(mut self, store: &Store) -> Result<Committed<L>, Fault> {
        if let [_] = self.writes[..]
            && let Some((label, write)) = self.writes.pop()
        {
            return Ok(if alone(store, write).await? { Committed::Done } else { Committed::Refused(vec![label]) });
        }
        let (labels, writes): (Vec<L>, Vec<_>) = self.writes.into_iter().unzip();
        for attempt in 0..TRIES {
            let sent = store.client.transact_write_items().set_transact_items(Some(writes.clone())).send().await;
            let Err(error) = sent else { return Ok(Committed::Done) };
            let Some(cancelled) = error.as_service_error().and_then(|e| match e {
                aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError::TransactionCanceledException(
                    cancelled,
                ) => Some(cancelled),
                _ => None,
            }) else {
                return Err(fault(error));
            };
            let reasons: Vec<&str> =
                cancelled.cancellation_reasons().iter().map(|r| r.code().unwrap_or("None")).collect();
            let failed: Vec<L> = labels
                .iter()
                .zip(&reasons)
                .filter(|(_, reason)| **reason == "ConditionalCheckFailed")
                .map(|(label, _)| label.clone())
                .collect();
            if !failed.is_empty() {
                return Ok(Committed::Refused(failed));
            }
            if !reasons.contains(&"TransactionConflict") {
                return Err(Fault::Store(format!("transaction cancelled: {reasons:?}")));
            }
            let most = 20u64 << attempt;
            let jitter = u64::from_be_bytes(store.entropy.bytes()) % most;
            tokio::time::sleep(Duration::from_millis(jitter)).await;
        }
        Ok(Committed::Busy)
    }
}

/// One write by itself, which costs half of what it costs in a transaction; `false` if its condition failed.
async fn alone(store: &Store, write: TransactWriteItem) -> Result<bool, Fault> {
    let client = &store.client;
    if let Some(put) = write.put {
        let call = client.put_item().table_name(put.table_name).set_item(Some(put.item));
        let call = call.set_condition_expression(put.condition_expression);
        let call = call.set_expression_attribute_names(put.expression_attribute_names);
        let call = call.set_expression_attribute_values(put.expression_attribute_values);
        return held(call.send().await, PutItemError::is_conditional_check_failed_exception);
    }
    if let Some(update) = write.update {
        let call = client.update_item().table_name(update.table_name).set_key(Some(update.key));
        let call = call.update_expression(update.update_expression);
        let call = call.set_condition_expression(update.condition_expression);
        let call = call.set_expression_attribute_names(update.expression_attribute_names);
        let call = call.set_expression_attribute_values(update.expression_attribute_values);
        return held(call.send().await, UpdateItemError::is_conditional_check_failed_exception);
    }
    if let Some(delete) = write.delete {
        let call = client.delete_item().table_name(delete.table_name).set_key(Some(delete.key));
        let call = call.set_condition_expression(delete.condition_expression);
        let call = call.set_expression_attribute_names(delete.expression_attribute_names);
        let call = call.set_expression_attribute_values(delete.expression_attribute_values);
        return held(call.send().await, DeleteItemError::is_conditional_check_failed_exception);
    }
    Err(Fault::Inconsistent("a check by itself".to_owned()))
}

/// Whether a write's condition held.
fn held<O, E>(sent: Result<O, SdkError<E>>, is_refusal: fn(&E) -> bool) -> Result<bool, Fault>
where
    E: std::error::Error + Send + Sync + 'static,
{
    match sent {
        Ok(_) => Ok(true),
        Err(error) if error.as_service_error().is_some_and(is_refusal) => Ok(false),
        Err(error) => Err(fault(error)),
    }
}
