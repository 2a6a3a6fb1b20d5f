//! How an account's data is fetched: a part of the workspace's claim on it, with a hold, and due in the index. A run
//! that somebody waits for is due apart from the others, which may be many.

use aws_sdk_dynamodb::{operation::update_item::UpdateItemError, types::ReturnValue};
use domain::{
    Account, Code, Event, Fault, Run, RunId, Sync, Timestamp, WorkspaceId,
    identity::Change,
    renewal::MARGIN,
    sync::{Asked, HOLD, HeldSync, Scope, SyncError},
};

use crate::{
    Committed, Finish, Store,
    due::{self, Due},
    history, idempotency,
    item::{Item, attribute, decode, encode, fault, n, number},
    key::{self, Key},
    outbox, run,
    transaction::{Expression, Transaction},
};

/// The record, in the claim.
const SYNC: &str = "sync";

/// A run that somebody asked for, with the account as it was and as it will be.
#[derive(Debug)]
pub struct AskSync<'a> {
    /// The account as it was read.
    pub before: &'a Account,
    /// The account with the run under way.
    pub after: &'a Account,
    /// What is asked for.
    pub asked: &'a Asked,
    /// The run, queued.
    pub run: &'a Run,
    /// The caller's key and the outcome to replay.
    pub finish: Option<(&'a Finish, &'a str)>,
    /// Now.
    pub now: Timestamp,
}

/// Which write of asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Claim,
    Other,
}

/// What became of asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskedSync {
    /// It is queued.
    Queued,
    /// A run is under way.
    InFlight,
    /// The account has moved on: read it and judge again.
    Stale,
}

fn claim(account: &Account) -> Key {
    key::claim(&account.workspace, &account.platform, &account.profile.platform_account_id)
}

/// Puts the first run into a new claim.
pub(crate) fn begin(store: &Store, item: &mut Item, account: &Account, asked: &Asked) -> Result<(), Fault> {
    let sync = Sync::first(asked.run, asked.at);
    item.insert(SYNC.to_owned(), attribute(&sync)?);
    item.insert("fence".to_owned(), n(0));
    due::schedule(store, item, Due::SyncAsked, asked.at, &account.id.to_string(), Some(&account.workspace));
    Ok(())
}

/// Asks for a run in a claim that is there, whoever is at it: what they find is not written any more.
pub(crate) fn ask(store: &Store, account: &Account, asked: &Asked) -> Result<(Key, Expression), Fault> {
    let (partition, sort) =
        due::entry(store, Due::SyncAsked, asked.at, &account.id.to_string(), Some(&account.workspace));
    let with = Expression::update(
        "SET sync.asked = :asked, sync.next_at = :at, dp = :dp, ds = :ds, fence = if_not_exists(fence, :zero) + :one \
         REMOVE lease_until",
    )
    .when("attribute_exists(sync)")
    .value(":asked", attribute(asked)?)
    .value(":at", attribute(&asked.at)?)
    .value(":dp", partition)
    .value(":ds", sort)
    .value(":zero", n(0))
    .value(":one", n(1));
    Ok((claim(account), with))
}

fn read(item: &Item) -> Result<HeldSync, Fault> {
    let account = item.get("account").and_then(|v| v.as_s().ok()).and_then(|id| id.parse().ok());
    let account = account.ok_or_else(|| Fault::Inconsistent("a claim without its account".to_owned()))?;
    let (fence, lease_until) = (number(item, "fence"), number(item, "lease_until"));
    let sync = match item.get(SYNC).and_then(|v| v.as_m().ok()) {
        Some(sync) => decode(sync.clone())?,
        None => Sync::default(),
    };
    let fence = fence.and_then(|fence| u64::try_from(fence).ok()).unwrap_or(0);
    Ok(HeldSync { account, sync, fence, lease_until })
}

impl Store {
    /// How an account's data is fetched; nothing where nothing is.
    pub async fn find_sync(&self, account: &Account) -> Result<Option<HeldSync>, Fault> {
        let item = self.read(&claim(account)).await?.filter(|item| item.contains_key(SYNC));
        item.as_ref().map(read).transpose()
    }

    /// Asks for a run, unless one is under way.
    pub async fn ask_sync(&self, ask: &AskSync<'_>) -> Result<AskedSync, Fault> {
        let AskSync { before, after, asked, run, finish, now } = *ask;
        let mut transaction = Transaction::new();
        let (claim, mut with) = self::ask(self, after, asked)?;
        with = with.value(":free", n((now - MARGIN).as_millisecond()));
        with.update = with.update.map(|update| update.replace("SET ", "SET sync.asked_at = :at, "));
        with.condition = Some(
            "attribute_exists(sync) AND attribute_not_exists(sync.asked) AND \
             (attribute_not_exists(lease_until) OR lease_until < :free)"
                .to_owned(),
        );
        transaction.update(self, Part::Claim, &claim, &with)?;
        let unchanged = Expression::condition("version = :v").value(":v", n(before.version));
        let row = key::account(&after.workspace, after.id);
        transaction.put(self, Part::Other, encode(&row, after)?, &unchanged)?;
        history::add(self, &mut transaction, Part::Other, before, after)?;
        transaction.put(self, Part::Other, run::write(self, run)?, &Expression::default())?;
        if let Some((finish, outcome)) = finish {
            idempotency::finish(self, &mut transaction, Part::Other, finish, outcome)?;
        }
        Ok(match transaction.commit(self).await? {
            Committed::Done => AskedSync::Queued,
            Committed::Refused(parts) if parts.contains(&Part::Claim) => AskedSync::InFlight,
            Committed::Refused(_) | Committed::Busy => AskedSync::Stale,
        })
    }

    /// Takes an account's fetching and answers with it; nothing if somebody is at it, or if nothing is fetched of it. Who
    /// dies is followed when the hold is over: it stays due.
    pub async fn hold_sync(&self, account: &Account, now: Timestamp) -> Result<Option<HeldSync>, Fault> {
        let call = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(claim(account).item()))
            .update_expression("SET fence = if_not_exists(fence, :zero) + :one, lease_until = :until")
            .condition_expression(
                "attribute_exists(sync) AND (attribute_not_exists(lease_until) OR lease_until < :free)",
            )
            .expression_attribute_values(":zero", n(0))
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":until", n((now + HOLD).as_millisecond()))
            .expression_attribute_values(":free", n((now - MARGIN).as_millisecond()))
            .return_values(ReturnValue::AllNew);
        match call.send().await {
            Ok(answer) => answer.attributes.as_ref().map(read).transpose(),
            Err(error)
                if error.as_service_error().is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
            {
                Ok(None)
            }
            Err(error) => Err(fault(error)),
        }
    }

    /// Writes how an account's fetching stands, and gives it back; `false` if somebody else has it meanwhile.
    pub async fn save_sync(&self, account: &Account, held: &HeldSync) -> Result<bool, Fault> {
        let mut with = Expression::condition("fence = :fence")
            .value(":fence", n(held.fence))
            .value(":sync", attribute(&held.sync)?);
        with.update = Some(
            match held.sync.next_at {
                Some(at) => {
                    let kind = if held.sync.asked.is_some() { Due::SyncAsked } else { Due::Sync };
                    let (partition, sort) =
                        due::entry(self, kind, at, &account.id.to_string(), Some(&account.workspace));
                    with = with.value(":dp", partition).value(":ds", sort);
                    "SET sync = :sync, dp = :dp, ds = :ds REMOVE lease_until"
                }
                None => "SET sync = :sync REMOVE lease_until, dp, ds",
            }
            .to_owned(),
        );
        let mut transaction = Transaction::new();
        transaction.update(self, (), &claim(account), &with)?;
        Ok(transaction.commit(self).await? == Committed::Done)
    }

    /// Puts the fetching of an account off, with the reason, unless somebody is at it.
    pub async fn postpone_sync(
        &self,
        account: &Account,
        at: Timestamp,
        why: Code,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let error = SyncError { code: why, scope: Scope::Profile, at: now, retry_at: Some(at) };
        let (partition, sort) = due::entry(self, Due::Sync, at, &account.id.to_string(), Some(&account.workspace));
        let with = Expression::update("SET dp = :dp, ds = :ds, sync.next_at = :at, sync.last_error = :error")
            .when(
                "attribute_exists(dp) AND attribute_not_exists(sync.asked) AND \
                 (attribute_not_exists(lease_until) OR lease_until < :free)",
            )
            .value(":dp", partition)
            .value(":ds", sort)
            .value(":at", attribute(&at)?)
            .value(":error", attribute(&error)?)
            .value(":free", n((now - MARGIN).as_millisecond()));
        let mut transaction = Transaction::new();
        transaction.update(self, (), &claim(account), &with)?;
        transaction.commit(self).await.map(|_| ())
    }

    /// Writes an account as a run found it, with what changed about it and what happened; `false` if it has moved on.
    pub async fn save_fetched(
        &self,
        before: &Account,
        after: &Account,
        changes: &[Change],
        events: &[Event],
        now: Timestamp,
    ) -> Result<bool, Fault> {
        let mut transaction = Transaction::new();
        let unchanged = Expression::condition("version = :v").value(":v", n(before.version));
        let row = key::account(&after.workspace, after.id);
        transaction.put(self, (), encode(&row, after)?, &unchanged)?;
        history::add(self, &mut transaction, (), before, after)?;
        crate::identity::add(self, &mut transaction, (), after, changes, now)?;
        outbox::add(self, &mut transaction, (), events, now)?;
        Ok(transaction.commit(self).await? == Committed::Done)
    }

    /// Writes a run of an account's fetching; a queued one only if nothing is known of it yet.
    pub async fn put_sync_run(&self, run: &Run) -> Result<(), Fault> {
        let with = match run.state {
            domain::run::State::Queued => Expression::condition("attribute_not_exists(pk)"),
            _ => Expression::default(),
        };
        let mut transaction = Transaction::new();
        transaction.put(self, (), run::write(self, run)?, &with)?;
        transaction.commit(self).await.map(|_| ())
    }

    /// A run is not remembered any more.
    pub async fn forget_run(&self, ws: &WorkspaceId, id: RunId) -> Result<(), Fault> {
        let call = self.client.delete_item().table_name(&self.table).set_key(Some(key::run(ws, id).item()));
        call.send().await.map_err(fault)?;
        Ok(())
    }

    /// These runs, as they were a moment ago, in this order; those that are not kept any more are not among them.
    pub async fn list_runs(&self, ws: &WorkspaceId, ids: &[RunId]) -> Result<Vec<Run>, Fault> {
        let keys = ids.iter().map(|id| key::run(ws, *id)).collect();
        let mut runs: Vec<Run> = self.batch(keys, false).await?.into_iter().map(decode).collect::<Result<_, _>>()?;
        runs.sort_by_key(|run| ids.iter().position(|id| *id == run.id));
        Ok(runs)
    }
}
