//! How often somebody begins to connect, by workspace, platform and caller, within an hour from the first time.

use aws_sdk_dynamodb::{operation::update_item::UpdateItemError, types::ReturnValuesOnConditionCheckFailure};
use domain::{ConnectSession, Fault, Timestamp};
use jiff::SignedDuration;

use crate::{
    Committed, Store,
    item::{fault, n, number, ttl},
    key,
    transaction::{Expression, Transaction},
};

/// Over how long attempts are counted.
const WINDOW: SignedDuration = SignedDuration::from_hours(1);

/// How many attempts there may be within an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttemptLimits {
    /// Such as did not succeed, those that go on included.
    pub unsuccessful: u32,
    /// Of whatever end.
    pub all: u32,
}

/// What became of an attempt that was to be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// It may begin.
    Yes,
    /// There were too many; from then on there may be more.
    TooMany(Timestamp),
    /// Others kept counting.
    Busy,
}

impl Default for AttemptLimits {
    fn default() -> Self {
        Self { unsuccessful: 10, all: 60 }
    }
}

impl Store {
    /// Counts an attempt that begins, as one that does not succeed until it is taken back.
    pub async fn count_attempt(&self, session: &ConnectSession, limits: AttemptLimits) -> Result<Counted, Fault> {
        let key = key::attempts(&session.workspace, &session.platform, &session.asked_by.id);
        let now = session.created_at;
        let over = n((now - WINDOW).as_millisecond());
        for _ in 0..2 {
            let call = self
                .client
                .update_item()
                .table_name(&self.table)
                .set_key(Some(key.item()))
                .update_expression("ADD begun :one, unsuccessful :one")
                .condition_expression("since > :over AND begun < :all AND unsuccessful < :unsuccessful")
                .expression_attribute_values(":one", n(1))
                .expression_attribute_values(":over", over.clone())
                .expression_attribute_values(":all", n(limits.all))
                .expression_attribute_values(":unsuccessful", n(limits.unsuccessful))
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
            let Err(error) = call.send().await else { return Ok(Counted::Yes) };
            let Some(UpdateItemError::ConditionalCheckFailedException(failed)) = error.as_service_error() else {
                return Err(fault(error));
            };
            let since = failed.item().and_then(|item| Timestamp::from_millisecond(number(item, "since")?).ok());
            if let Some(until) = since.map(|since| since + WINDOW).filter(|until| now < *until) {
                return Ok(Counted::TooMany(until));
            }
            let first = Expression::update("SET since = :now, begun = :one, unsuccessful = :one, #ttl = :ttl")
                .when("attribute_not_exists(pk) OR since <= :over")
                .name("#ttl", "ttl")
                .value(":now", n(now.as_millisecond()))
                .value(":one", n(1))
                .value(":ttl", ttl(now + WINDOW))
                .value(":over", over.clone());
            let mut transaction = Transaction::new();
            transaction.update(self, (), &key, &first)?;
            if transaction.commit(self).await? == Committed::Done {
                return Ok(Counted::Yes);
            }
        }
        Ok(Counted::Busy)
    }

    /// An attempt has succeeded, so it is not among those that have not; one of an hour that is over was forgotten.
    pub async fn take_attempt_back(&self, session: &ConnectSession) -> Result<(), Fault> {
        let key = key::attempts(&session.workspace, &session.platform, &session.asked_by.id);
        let with = Expression::update("ADD unsuccessful :less")
            .when("since <= :begun AND unsuccessful > :none")
            .value(":less", n(-1))
            .value(":begun", n(session.created_at.as_millisecond()))
            .value(":none", n(0));
        let mut transaction = Transaction::new();
        transaction.update(self, (), &key, &with)?;
        transaction.commit(self).await.map(|_| ())
    }
}
