//! Connect sessions. A state is taken once, by one conditional update.

use aws_sdk_dynamodb::{
    operation::update_item::UpdateItemError,
    types::{AttributeValue, ReturnValue},
};
use domain::{ConnectSession, ConnectSessionId, Digest, Fault, Timestamp, connect::Held};
use jiff::SignedDuration;

use crate::{
    Committed, Finish, Store,
    due::{self, Due},
    idempotency,
    item::{Item, attribute, decode, encode, fault, n, s, ttl},
    key,
    transaction::{Expression, Transaction},
};

/// How long an ended attempt can still be read.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 7);

/// A session as an item. `state_ends` repeats the state's end as milliseconds, to be compared with.
pub(crate) fn write(session: &ConnectSession) -> Result<Item, Fault> {
    let mut item = encode(&key::session(session.id), session)?;
    if let Some(binding) = &session.binding {
        item.insert("state_ends".to_owned(), n(binding.state_expires_at.as_millisecond()));
    }
    item.insert("ttl".to_owned(), ttl(session.ends_at() + KEPT));
    Ok(item)
}

/// The next version of a session replaces the version it was read at.
pub(crate) fn replaces(session: &ConnectSession) -> Expression {
    Expression::condition("version = :v").value(":v", n(session.version.saturating_sub(1)))
}

impl Store {
    /// A new attempt.
    pub(crate) fn new_session(session: &ConnectSession) -> Result<(Item, Expression), Fault> {
        Ok((write(session)?, Expression::condition("attribute_not_exists(pk)")))
    }

    /// The attempt, read consistently.
    pub async fn find_session(&self, id: ConnectSessionId) -> Result<Option<ConnectSession>, Fault> {
        self.read(&key::session(id)).await?.map(decode).transpose()
    }

    /// Writes the next version of an attempt, with what the consent gave if it is to be kept, and with the
    /// key's outcome; `false` if somebody else was faster.
    pub async fn update_session(
        &self,
        session: &ConnectSession,
        held: Option<&Held>,
        finish: Option<(&Finish, &str)>,
    ) -> Result<bool, Fault> {
        let mut transaction = Transaction::new();
        transaction.put(self, (), write(session)?, &replaces(session))?;
        if let Some(held) = held {
            let mut item = encode(&key::held(session.id), held)?;
            item.insert("workspace".to_owned(), s(session.workspace.as_str()));
            item.insert("ttl".to_owned(), ttl(session.ends_at() + KEPT));
            due::schedule(self, &mut item, Due::Purge, session.ends_at(), &session.id.to_string(), None);
            transaction.put(self, (), item, &Expression::default())?;
        }
        if let Some((finish, outcome)) = finish {
            idempotency::finish(self, &mut transaction, (), finish, outcome)?;
        }
        Ok(transaction.commit(self).await? == Committed::Done)
    }

    /// What the consent of an attempt gave, read consistently.
    pub async fn find_held(&self, id: ConnectSessionId) -> Result<Option<Held>, Fault> {
        self.read(&key::held(id)).await?.map(decode).transpose()
    }

    /// Destroys what the consent of an attempt gave.
    pub async fn delete_held(&self, id: ConnectSessionId) -> Result<(), Fault> {
        let call = self.client.delete_item().table_name(&self.table).set_key(Some(key::held(id).item()));
        call.send().await.map_err(fault)?;
        Ok(())
    }

    /// Takes the state: sets `used_at` where state, browser and issuer are the attempt's, the state
    /// was not taken and its time is not over. `None` takes nothing and burns nothing.
    pub async fn consume_state(
        &self,
        id: ConnectSessionId,
        state: &Digest,
        cookie: &Digest,
        issuer: &str,
        now: Timestamp,
    ) -> Result<Option<ConnectSession>, Fault> {
        let call = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key::session(id).item()))
            .update_expression("SET binding.used_at = :at, version = version + :one")
            .condition_expression(
                "binding.#state = :state AND binding.cookie = :cookie AND issuer = :issuer \
                 AND stage.stage = :consenting AND attribute_not_exists(binding.used_at) AND state_ends > :now",
            )
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":at", attribute(&now)?)
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":state", s(state.as_str()))
            .expression_attribute_values(":cookie", s(cookie.as_str()))
            .expression_attribute_values(":issuer", s(issuer))
            .expression_attribute_values(":consenting", AttributeValue::S("consenting".to_owned()))
            .expression_attribute_values(":now", n(now.as_millisecond()))
            .return_values(ReturnValue::AllNew);
        match call.send().await {
            Ok(answer) => answer.attributes.map(decode).transpose(),
            Err(error)
                if error.as_service_error().is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
            {
                Ok(None)
            }
            Err(error) => Err(fault(error)),
        }
    }
}
