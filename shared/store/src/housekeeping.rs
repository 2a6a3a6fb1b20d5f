//! What lies in the table, page by page, for the daily round of housekeeping; and what a workspace was told regularly.

use std::collections::{HashMap, HashSet};

use aws_sdk_dynamodb::{operation::delete_item::DeleteItemError, types::AttributeValue};
use domain::{
    AccountId, AuditId, Event, Fault, Timestamp, WorkspaceId,
    report::{AccountMonth, Month},
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    Committed, Place, Store,
    item::{Item, attribute, decode, encode, fault, n, number, s, ttl},
    key::{self, Key},
    outbox,
    transaction::{Expression, Transaction},
};

/// How far a round over all of the table is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Round {
    /// Not before this does the next one begin.
    #[serde(default)]
    pub next_at: Timestamp,
    /// Where it goes on; none at the beginning.
    #[serde(default)]
    pub place: Option<Place>,
    /// Counts every change.
    #[serde(default)]
    pub version: u64,
}

/// An item, as far as housekeeping asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lies {
    /// Where.
    pub place: Place,
    /// What it is.
    pub what: What,
    /// The word for its kind, as reports count it.
    pub kind: &'static str,
    /// When its time is over, where it has one. What something is still to be done about has none.
    pub ends_at: Option<Timestamp>,
}

/// What an item is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A workspace's record.
    Workspace(WorkspaceId),
    /// An account's row.
    Account(WorkspaceId, AccountId),
    /// What lies beside an account's row and goes with it; figures with their last day.
    Beside(WorkspaceId, AccountId, Option<Date>),
    /// Who did what.
    Audit(WorkspaceId, Timestamp),
    /// Anything else.
    Other,
}

/// What a workspace was told regularly, as far as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Told {
    /// The first day of the week in which the last digest was told.
    pub week: Option<Date>,
    /// The last month whose audit is kept.
    pub month: Option<Month>,
}

impl Store {
    /// How far the round is.
    pub async fn find_round(&self) -> Result<Round, Fault> {
        self.read(&key::round()).await?.map(decode).transpose().map(Option::unwrap_or_default)
    }

    /// Writes how far it is; `false` if somebody else is at it.
    pub async fn put_round(&self, before: &Round, after: &Round) -> Result<bool, Fault> {
        let unchanged = match before.version {
            0 => Expression::condition("attribute_not_exists(pk)"),
            version => Expression::condition("version = :v").value(":v", n(version)),
        };
        let mut transaction = Transaction::new();
        transaction.put(self, (), encode(&key::round(), after)?, &unchanged)?;
        Ok(transaction.commit(self).await? == Committed::Done)
    }

    /// So many items of the table behind a place, in no order but that of one partition, and the place behind them;
    /// none at the end. Costs half a unit for each 4 KB that lie there.
    pub async fn scan(&self, after: Option<&Place>, items: i32) -> Result<(Vec<Lies>, Option<Place>), Fault> {
        let start: Option<HashMap<String, AttributeValue>> = after.map(Place::key);
        let page = self
            .client
            .scan()
            .table_name(&self.table)
            .projection_expression("pk, sk, dp, #ttl, as_of")
            .expression_attribute_names("#ttl", "ttl")
            .limit(items)
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(fault)?;
        let next = page.last_evaluated_key.as_ref().and_then(Key::of).map(Place::from);
        Ok((page.items.unwrap_or_default().iter().filter_map(lies).collect(), next))
    }

    /// Erases an item whose time was over at a moment, and about which nothing is to be done; `false` if it was written
    /// again.
    pub async fn erase_ended(&self, place: &Place, at: Timestamp) -> Result<bool, Fault> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(place.key()))
            .condition_expression("#ttl < :at AND attribute_not_exists(dp)")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":at", ttl(at));
        match delete.send().await {
            Ok(_) => Ok(true),
            Err(error)
                if error.as_service_error().is_some_and(DeleteItemError::is_conditional_check_failed_exception) =>
            {
                Ok(false)
            }
            Err(error) => Err(fault(error)),
        }
    }

    /// Those of some accounts that have a row, read consistently.
    pub async fn living(&self, ws: &WorkspaceId, ids: &[AccountId]) -> Result<HashSet<AccountId>, Fault> {
        let rows = self.batch_get(ids.iter().map(|id| key::account(ws, *id)).collect()).await?;
        let id = |row: &Item| Key::of(row).and_then(|key| key.sk.strip_prefix(key::ACCOUNT)?.parse().ok());
        Ok(rows.iter().filter_map(id).collect())
    }

    /// What a workspace was told regularly, read consistently.
    pub async fn find_told(&self, ws: &WorkspaceId) -> Result<Told, Fault> {
        let item = self.read(&key::workspace(ws)).await?.unwrap_or_default();
        let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok());
        Ok(Told {
            week: text("told_week").and_then(|week| week.parse().ok()),
            month: text("kept_month").and_then(|month| month.parse().ok()),
        })
    }

    /// Notes that a workspace was told of the week that begins on a day, with what is told; `false` if somebody else
    /// has done it.
    pub async fn tell_week(
        &self,
        ws: &WorkspaceId,
        week: Date,
        events: &[Event],
        now: Timestamp,
    ) -> Result<bool, Fault> {
        let with = Expression::update("SET told_week = :week")
            .when("attribute_exists(pk) AND (attribute_not_exists(told_week) OR told_week < :week)")
            .value(":week", attribute(&week)?);
        let mut transaction = Transaction::new();
        transaction.update(self, (), &key::workspace(ws), &with)?;
        outbox::add(self, &mut transaction, (), events, now)?;
        Ok(transaction.commit(self).await? == Committed::Done)
    }

    /// Keeps what a month of an account was like, unless that is kept already.
    pub async fn keep_month(
        &self,
        ws: &WorkspaceId,
        month: Month,
        of: &AccountMonth,
        until: Timestamp,
    ) -> Result<(), Fault> {
        let mut item = encode(&key::month(ws, of.account, month), of)?;
        item.insert("ttl".to_owned(), ttl(until));
        let mut transaction = Transaction::new();
        transaction.put(self, (), item, &Expression::condition("attribute_not_exists(pk)"))?;
        transaction.commit(self).await.map(|_| ())
    }

    /// Notes that a workspace's month is kept of all its accounts.
    pub async fn month_kept(&self, ws: &WorkspaceId, month: Month) -> Result<(), Fault> {
        let with = Expression::update("SET kept_month = :month")
            .when("attribute_exists(pk) AND (attribute_not_exists(kept_month) OR kept_month < :month)")
            .value(":month", s(month.to_string()));
        let mut transaction = Transaction::new();
        transaction.update(self, (), &key::workspace(ws), &with)?;
        transaction.commit(self).await.map(|_| ())
    }

    /// What is kept of a month of some accounts, in no order.
    pub async fn find_months(
        &self,
        ws: &WorkspaceId,
        ids: &[AccountId],
        month: Month,
    ) -> Result<Vec<AccountMonth>, Fault> {
        let keys = ids.iter().map(|id| key::month(ws, *id, month)).collect();
        self.batch(keys, false).await?.into_iter().map(decode).collect()
    }
}

fn lies(item: &Item) -> Option<Lies> {
    let key = Key::of(item)?;
    let ends = if item.contains_key("dp") { None } else { number(item, "ttl") };
    let day = item.get("as_of").and_then(|v| v.as_s().ok()).and_then(|at| at.get(..10)?.parse().ok());
    let what = match key.pk.strip_prefix("W#").and_then(|ws| ws.parse().ok()) {
        Some(ws) => of_workspace(ws, &key.sk, day),
        None => What::Other,
    };
    Some(Lies {
        what,
        kind: kind(&key),
        ends_at: ends.and_then(|at| Timestamp::from_second(at).ok()),
        place: key.into(),
    })
}

fn of_workspace(ws: WorkspaceId, sort: &str, day: Option<Date>) -> What {
    let (letter, rest) = sort.split_once('#').unwrap_or((sort, ""));
    let mut rest = rest.split('#');
    let account = rest.next().and_then(|id| id.parse::<AccountId>().ok());
    let last = rest.next();
    match (letter, account) {
        ("A", None) => What::Workspace(ws),
        ("A", Some(id)) => What::Account(ws, id),
        ("M", Some(id)) => What::Beside(ws, id, last.map_or(day, |day| day.parse().ok())),
        ("RM", Some(id)) => {
            let month = last.and_then(|month| month.parse::<Month>().ok());
            What::Beside(ws, id, month.map(|month| month.days().last))
        }
        ("D" | "F" | "H" | "J" | "N" | "P" | "Q" | "T" | "V", Some(id)) => What::Beside(ws, id, None),
        ("U", _) => sort
            .split_once('#')
            .and_then(|(_, id)| id.parse::<AuditId>().ok())
            .map_or(What::Other, |id| What::Audit(ws, id.made_at())),
        _ => What::Other,
    }
}

/// The word for what has a time of its own.
fn kind(key: &Key) -> &'static str {
    let letter = |text: &str| text.split('#').next().unwrap_or_default().to_owned();
    match (letter(&key.pk).as_str(), letter(&key.sk).as_str()) {
        ("W", "K") => "idempotency",
        ("W" | "O", "E") => "events",
        ("W", "M" | "RM") => "figures",
        ("W", "U") => "audit",
        ("W", "F") => "past_facts",
        ("W", "L") => "attempts",
        ("W", "X") => "runs",
        ("W", "Y") | ("Y", _) => "api_keys",
        ("W", "Z" | "ZF" | "ZP" | "ZG") => "links",
        ("Z", _) => "secrets",
        ("M", _) => "notices",
        ("S", "S") => "sessions",
        ("S", "T") => "held",
        _ => "other",
    }
}
