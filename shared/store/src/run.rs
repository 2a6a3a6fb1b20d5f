//! Long work: one item each, due in the index until it is done, and then kept for its report; the pieces that it wrote
//! lie behind it.

use aws_sdk_dynamodb::{operation::update_item::UpdateItemError, types::ReturnValue};
use domain::{
    Event, Fault, LockdownId, OrgId, Run, RunId, Timestamp, Workspace, WorkspaceId,
    renewal::{LEASE, MARGIN},
};
use jiff::SignedDuration;

use crate::{
    Committed, Finish, Store,
    due::{self, Due},
    idempotency,
    item::{Item, decode, encode, fault, n, number, s, ttl},
    key, outbox,
    transaction::{Expression, Transaction},
};

/// How long a run is kept that has ended.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);
/// The text of a piece.
const BODY: &str = "body";

/// A run that begins.
#[derive(Debug)]
pub struct BeginRun<'a> {
    /// The run.
    pub run: &'a Run,
    /// The workspace as it was read, if it is locked down with it.
    pub locks: Option<&'a Workspace>,
    /// What happened.
    pub events: &'a [Event],
    /// The caller's key and the outcome to replay.
    pub finish: Option<(&'a Finish, &'a str)>,
    /// Now.
    pub now: Timestamp,
}

/// A piece that a run wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its number, from 1 on.
    pub number: u32,
    /// What it says.
    pub body: String,
    /// How long it can be read.
    pub expires_at: Timestamp,
}

/// A run as an item, in the index until it has ended.
pub(crate) fn write(store: &Store, run: &Run) -> Result<Item, Fault> {
    let mut item = encode(&key::run(&run.workspace, run.id), run)?;
    if let Some(at) = run.due_at {
        due::schedule(store, &mut item, Due::Run, at, &run.id.to_string(), Some(&run.workspace));
    }
    if let Some(at) = run.finished_at {
        item.insert("ttl".to_owned(), ttl(at + KEPT));
    }
    Ok(item)
}

/// Whoever is at it is still the newest.
fn held(run: &Run) -> Expression {
    Expression::condition("fence = :fence").value(":fence", n(run.fence))
}

impl Store {
    /// A new run, with the lock of its workspace and the key's outcome. Refused if the workspace is in another lockdown
    /// than it was read with.
    pub async fn begin_run(&self, begin: &BeginRun<'_>) -> Result<Committed<()>, Fault> {
        let mut transaction = Transaction::new();
        let absent = Expression::condition("attribute_not_exists(pk)");
        transaction.put(self, (), write(self, begin.run)?, &absent)?;
        if let Some(workspace) = begin.locks {
            let own = workspace.org == OrgId::from(&workspace.id);
            let org = if own { "" } else { ", org = if_not_exists(org, :org)" };
            let mut with = Expression::update(&format!("SET locked_down = :lockdown{org}"))
                .value(":lockdown", s(LockdownId::from(begin.run.id).to_string()));
            if !own {
                with = with.value(":org", s(workspace.org.as_str()));
            }
            with = match workspace.locked_down {
                None => with.when("attribute_not_exists(locked_down)"),
                Some(before) => with.when("locked_down = :before").value(":before", s(before.to_string())),
            };
            transaction.update(self, (), &key::workspace(&workspace.id), &with)?;
        }
        outbox::add(self, &mut transaction, (), begin.events, begin.now)?;
        if let Some((finish, outcome)) = begin.finish {
            idempotency::finish(self, &mut transaction, (), finish, outcome)?;
        }
        transaction.commit(self).await
    }

    /// A run, read consistently.
    pub async fn find_run(&self, ws: &WorkspaceId, id: RunId) -> Result<Option<Run>, Fault> {
        self.read(&key::run(ws, id)).await?.map(decode).transpose()
    }

    /// Takes a run and answers with it; nothing if somebody is at it, or if it has ended. Whoever dies is found by the
    /// index when the lease is over.
    pub async fn hold_run(&self, ws: &WorkspaceId, id: RunId, now: Timestamp) -> Result<Option<Run>, Fault> {
        let (partition, sort) = due::entry(self, Due::Run, now + LEASE + MARGIN, &id.to_string(), Some(ws));
        let call = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key::run(ws, id).item()))
            .update_expression("SET fence = fence + :one, lease_until = :until, #state = :running, dp = :dp, ds = :ds")
            .condition_expression("attribute_exists(dp) AND (attribute_not_exists(lease_until) OR lease_until < :free)")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":running", s("running"))
            .expression_attribute_values(":until", n((now + LEASE).as_millisecond()))
            .expression_attribute_values(":free", n((now - MARGIN).as_millisecond()))
            .expression_attribute_values(":dp", partition)
            .expression_attribute_values(":ds", sort)
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

    /// Writes how far a run is, with the pieces that the step made; `false` if somebody else is at it.
    pub async fn save_run(&self, run: &Run, parts: &[Part]) -> Result<bool, Fault> {
        let mut transaction = Transaction::new();
        transaction.put(self, (), write(self, run)?, &held(run))?;
        for part in parts {
            let mut item = key::run_part(&run.workspace, run.id, part.number).item();
            item.insert(BODY.to_owned(), s(&part.body));
            item.insert("ttl".to_owned(), ttl(part.expires_at));
            transaction.put(self, (), item, &Expression::default())?;
        }
        Ok(transaction.commit(self).await? == Committed::Done)
    }

    /// What a piece of a run says, read consistently; nothing once its time is over.
    pub async fn find_part(
        &self,
        ws: &WorkspaceId,
        id: RunId,
        number: u32,
        now: Timestamp,
    ) -> Result<Option<String>, Fault> {
        let item = self.read(&key::run_part(ws, id, number)).await?;
        // The table's own clock is late.
        let item = item.filter(|item| self::number(item, "ttl").is_some_and(|ends| now.as_second() < ends));
        Ok(item.and_then(|item| item.get(BODY)?.as_s().ok().cloned()))
    }

    /// Lifts a lockdown, with the key's outcome. Refused if the workspace is not in this one.
    pub async fn lift(
        &self,
        ws: &WorkspaceId,
        lockdown: LockdownId,
        events: &[Event],
        finish: Option<(&Finish, &str)>,
        now: Timestamp,
    ) -> Result<Committed<()>, Fault> {
        let mut transaction = Transaction::new();
        let lifted = Expression::update("REMOVE locked_down")
            .when("locked_down = :lockdown")
            .value(":lockdown", s(lockdown.to_string()));
        transaction.update(self, (), &key::workspace(ws), &lifted)?;
        outbox::add(self, &mut transaction, (), events, now)?;
        if let Some((finish, outcome)) = finish {
            idempotency::finish(self, &mut transaction, (), finish, outcome)?;
        }
        transaction.commit(self).await
    }
}
