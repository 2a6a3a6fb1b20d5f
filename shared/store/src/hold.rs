//! Holding a grant: one holder at a time may change its tokens ([`domain::renewal`]). Each rule there is a condition here.

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::update_item::{UpdateItemError, builders::UpdateItemFluentBuilder},
    types::{ReturnValue, ReturnValuesOnConditionCheckFailure},
};
use domain::{
    Fault, Grant, GrantId, Timestamp, WorkspaceId,
    grant::Due,
    renewal::{LEASE, MARGIN},
};

use crate::{
    Store, due,
    item::{Item, attribute, decode, fault, n, s},
    key,
};

/// What became of a holder's write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// It is written.
    Done,
    /// It is not: the grant is no longer as the holder found it. This is what is there, if anything is.
    Refused(Option<Box<Grant>>),
}

impl Store {
    /// Takes a grant for a call that spends the token of its present version, and answers with it; nothing if it is
    /// held or gone. `found_by` is what is due when the holder dies, for a grant that nobody would look at soon.
    pub async fn hold(
        &self,
        id: GrantId,
        found_by: Option<(Due, &WorkspaceId)>,
        now: Timestamp,
    ) -> Result<Option<Grant>, Fault> {
        let mut set = "SET fence = if_not_exists(fence, :zero) + :one, lease_until = :until, \
                       prev_intent = if_not_exists(intent, :zero), intent = version, revision = revision + :one"
            .to_owned();
        let mut call = self
            .on_grant(id)
            .condition_expression("attribute_exists(pk) AND (attribute_not_exists(lease_until) OR lease_until < :free)")
            .expression_attribute_values(":zero", n(0))
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":until", n((now + LEASE).as_millisecond()))
            .expression_attribute_values(":free", n((now - MARGIN).as_millisecond()))
            .return_values(ReturnValue::AllNew);
        if let Some((due, ws)) = found_by {
            set.push_str(", due = :due, dp = :dp, ds = :ds");
            call = self.with_due(call, id, ws, due)?;
        }
        match call.update_expression(set).send().await {
            Ok(answer) => answer.attributes.map(|item| own(id, item)).transpose(),
            Err(error) if refused(&error) => Ok(None),
            Err(error) => Err(fault(error)),
        }
    }

    /// Writes what a holder made of a grant that it found at version `found`: tokens, their ends, what is known of
    /// keeping it alive, what is due, and whether it still holds it. Refused unless it is the holder, the version is
    /// the one that it found, and the grant lives.
    pub async fn settle(&self, grant: &Grant, found: u64) -> Result<Settled, Fault> {
        let (mut set, mut remove) = (TOKENS.to_owned(), "REMOVE prev_intent".to_owned());
        set.push_str(", upkeep = :upkeep, told = :told, intent = :intent");
        let mut call = self
            .with_tokens(grant)?
            .condition_expression("fence = :fence AND version = :found AND #state.#state = :live")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":fence", n(grant.hold.fence))
            .expression_attribute_values(":found", n(found))
            .expression_attribute_values(":live", s("live"))
            .expression_attribute_values(":upkeep", attribute(&grant.upkeep)?)
            .expression_attribute_values(":told", attribute(&grant.told)?)
            .expression_attribute_values(":intent", n(grant.hold.intent))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match &grant.granted {
            Some(granted) => {
                set.push_str(", granted = :granted, scopes_checked_at = :checked");
                call = call
                    .expression_attribute_values(":granted", attribute(granted)?)
                    .expression_attribute_values(":checked", attribute(&grant.scopes_checked_at)?);
            }
            None => remove.push_str(", granted"),
        }
        match grant.hold.lease_until {
            Some(until) => {
                set.push_str(", lease_until = :until");
                call = call.expression_attribute_values(":until", n(until));
            }
            None => remove.push_str(", lease_until"),
        }
        match grant.due {
            Some(due) => {
                set.push_str(", due = :due, dp = :dp, ds = :ds");
                call = self.with_due(call, grant.id, &grant.workspace, due)?;
            }
            None => remove.push_str(", due, dp, ds"),
        }
        match call.update_expression(format!("{set} {remove}")).send().await {
            Ok(_) => Ok(Settled::Done),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                    let there = failed.item().cloned().map(|item| own(grant.id, item)).transpose()?;
                    Ok(Settled::Refused(there.map(Box::new)))
                }
                _ => Err(fault(error)),
            },
        }
    }

    /// Writes new tokens whose holder is no longer the holder, or whose grant has ended meanwhile: they are the newest
    /// all the same, unless the version moved. `false` if it did.
    pub async fn save_tokens(&self, grant: &Grant, found: u64) -> Result<bool, Fault> {
        let call = self
            .with_tokens(grant)?
            .update_expression(TOKENS)
            .condition_expression("version = :found")
            .expression_attribute_values(":found", n(found));
        written(call).await
    }

    /// Gives a grant back without a change, whatever became of it; `false` if somebody else holds it.
    pub async fn let_go(&self, grant: &Grant) -> Result<bool, Fault> {
        let call = self
            .on_grant(grant.id)
            .update_expression("SET intent = prev_intent, revision = revision + :one REMOVE lease_until, prev_intent")
            .condition_expression("fence = :fence AND attribute_exists(prev_intent)")
            .expression_attribute_values(":fence", n(grant.hold.fence))
            .expression_attribute_values(":one", n(1));
        written(call).await
    }

    fn on_grant(&self, id: GrantId) -> UpdateItemFluentBuilder {
        self.client.update_item().table_name(&self.table).set_key(Some(key::grant(id).item()))
    }

    /// An update with the values of [`TOKENS`].
    fn with_tokens(&self, grant: &Grant) -> Result<UpdateItemFluentBuilder, Fault> {
        Ok(self
            .on_grant(grant.id)
            .expression_attribute_values(":envelope", attribute(&grant.envelope)?)
            .expression_attribute_values(":version", n(grant.version))
            .expression_attribute_values(":issued", attribute(&grant.issued_at)?)
            .expression_attribute_values(":expiry", attribute(&grant.expiry)?)
            .expression_attribute_values(":one", n(1)))
    }

    fn with_due(
        &self,
        call: UpdateItemFluentBuilder,
        id: GrantId,
        ws: &WorkspaceId,
        due: Due,
    ) -> Result<UpdateItemFluentBuilder, Fault> {
        let kind = due::Due::Grant(due.work);
        let (partition, sort) = due::entry(self, kind, due.at, &id.to_string(), Some(ws));
        Ok(call
            .expression_attribute_values(":due", attribute(&due)?)
            .expression_attribute_values(":dp", partition)
            .expression_attribute_values(":ds", sort))
    }
}

/// New tokens and their ends.
const TOKENS: &str = "SET envelope = :envelope, version = :version, issued_at = :issued, expiry = :expiry, \
                      revision = revision + :one";

/// A grant under its own key.
fn own(id: GrantId, item: Item) -> Result<Grant, Fault> {
    let grant: Grant = decode(item)?;
    if grant.id == id { Ok(grant) } else { Err(Fault::Inconsistent(format!("{} under {id}", grant.id))) }
}

async fn written(call: UpdateItemFluentBuilder) -> Result<bool, Fault> {
    match call.send().await {
        Ok(_) => Ok(true),
        Err(error) if refused(&error) => Ok(false),
        Err(error) => Err(fault(error)),
    }
}

fn refused<R>(error: &SdkError<UpdateItemError, R>) -> bool {
    error.as_service_error().is_some_and(UpdateItemError::is_conditional_check_failed_exception)
}
