//! Idempotency keys: the outcome is written in the transaction of the effect, so both are or none is.

use aws_sdk_dynamodb::operation::{delete_item::DeleteItemError, put_item::PutItemError};
use domain::{Digest, Fault, Timestamp, WorkspaceId};
use jiff::SignedDuration;

use crate::{
    Store,
    item::{Item, fault, n, s, ttl},
    key,
    transaction::{Expression, Transaction},
};

/// How long an outcome is replayed.
const KEPT: SignedDuration = SignedDuration::from_hours(24);
/// How long a handler that says nothing more holds its key.
const LEASE: SignedDuration = SignedDuration::from_secs(60);

/// A caller's key for one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// In whose workspace.
    pub workspace: WorkspaceId,
    /// Of caller, route and the key that was sent.
    pub of: Digest,
    /// Of the request's body.
    pub body: Digest,
}

/// What is known of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// Go on: this handler holds the key.
    Fresh(Finish),
    /// Another handler holds it.
    InProgress,
    /// It was used for another body.
    Reused,
    /// It is done: this was the outcome.
    Done(String),
}

/// The right to finish a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finish {
    key: IdempotencyKey,
    lease: String,
}

impl Store {
    /// Takes a key, or tells what became of it.
    pub async fn begin(&self, key: &IdempotencyKey, now: Timestamp) -> Result<Begun, Fault> {
        let lease = u128::from_be_bytes(self.entropy.bytes()).to_string();
        let mut item: Item = key::idempotency(&key.workspace, &key.of).item();
        item.insert("body".to_owned(), s(key.body.as_str()));
        item.insert("lease".to_owned(), s(&lease));
        item.insert("lease_ends".to_owned(), n((now + LEASE).as_millisecond()));
        item.insert("ends".to_owned(), n((now + KEPT).as_millisecond()));
        item.insert("ttl".to_owned(), ttl(now + KEPT));
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            // Free, out of date, or left behind by a handler that crashed with the same request.
            .condition_expression(
                "attribute_not_exists(pk) OR ends <= :now \
                 OR (attribute_not_exists(outcome) AND lease_ends <= :now AND body = :body)",
            )
            .expression_attribute_values(":now", n(now.as_millisecond()))
            .expression_attribute_values(":body", s(key.body.as_str()))
            .return_values_on_condition_check_failure(
                aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure::AllOld,
            );
        let Err(error) = put.send().await else {
            return Ok(Begun::Fresh(Finish { key: key.clone(), lease }));
        };
        let Some(PutItemError::ConditionalCheckFailedException(failed)) = error.as_service_error() else {
            return Err(fault(error));
        };
        let old = failed.item().cloned().unwrap_or_default();
        let text = |name: &str| old.get(name).and_then(|v| v.as_s().ok()).cloned();
        if text("body").as_deref() != Some(key.body.as_str()) {
            return Ok(Begun::Reused);
        }
        Ok(text("outcome").map_or(Begun::InProgress, Begun::Done))
    }

    /// Frees a key whose request was refused: nothing happened, so nothing is replayed.
    pub async fn abandon(&self, finish: &Finish) -> Result<(), Fault> {
        let call = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(key::idempotency(&finish.key.workspace, &finish.key.of).item()))
            .condition_expression("lease = :lease AND attribute_not_exists(outcome)")
            .expression_attribute_values(":lease", s(&finish.lease));
        match call.send().await {
            Ok(_) => Ok(()),
            Err(error)
                if error.as_service_error().is_some_and(DeleteItemError::is_conditional_check_failed_exception) =>
            {
                Ok(())
            }
            Err(error) => Err(fault(error)),
        }
    }

    /// Replaces the outcome that is replayed, where later work made it more exact.
    pub async fn amend(&self, finish: &Finish, outcome: &str) -> Result<(), Fault> {
        self.client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key::idempotency(&finish.key.workspace, &finish.key.of).item()))
            .update_expression("SET outcome = :outcome")
            .condition_expression("lease = :lease")
            .expression_attribute_values(":outcome", s(outcome))
            .expression_attribute_values(":lease", s(&finish.lease))
            .send()
            .await
            .map_err(fault)?;
        Ok(())
    }
}

/// Writes the outcome with the effect; refused if the lease went to another handler.
pub(crate) fn finish<L: Clone>(
    store: &Store,
    transaction: &mut Transaction<L>,
    label: L,
    finish: &Finish,
    outcome: &str,
) -> Result<(), Fault> {
    let key = key::idempotency(&finish.key.workspace, &finish.key.of);
    let with = Expression::update("SET outcome = :outcome")
        .when("lease = :lease AND attribute_not_exists(outcome)")
        .value(":outcome", s(outcome))
        .value(":lease", s(&finish.lease));
    transaction.update(store, label, &key, &with)
}
