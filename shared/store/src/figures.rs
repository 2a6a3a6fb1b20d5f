//! What accounts counted as, day by day, and who follows them.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Account, AccountId, Audience, Counts, Fault, Snapshot, Timestamp, WorkspaceId};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    Store,
    item::{Item, all, attribute, decode, encode, fault, s, ttl},
    key::{self, Key},
};

/// Who follows an account, and when that was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptAudience {
    /// Facet by facet.
    pub audience: Audience,
    /// When it was told.
    pub as_of: Timestamp,
}

/// What is kept of one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Figures<'a> {
    /// What the account counted as when it was looked at.
    Level(&'a Counts),
    /// What the platform measured.
    Measured(&'a Counts),
}

impl Store {
    /// Keeps an account's figures of a day, in place of what was kept of the same day before; the rest of the day stays.
    pub async fn keep_figures(
        &self,
        account: &Account,
        day: Date,
        figures: &Figures<'_>,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<(), Fault> {
        let (set, name, counts) = match figures {
            Figures::Level(counts) => {
                ("SET #date = :date, #figures = :counts, seen_at = :now, #ttl = :ttl", "level", counts)
            }
            // What was told first stays the time at which it was told.
            Figures::Measured(counts) => (
                "SET #date = :date, #figures = :counts, measured_at = if_not_exists(measured_at, :now), #ttl = :ttl",
                "measured",
                counts,
            ),
        };
        self.client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key::snapshot(&account.workspace, account.id, day).item()))
            .update_expression(set)
            .expression_attribute_names("#date", "date")
            .expression_attribute_names("#figures", name)
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":date", attribute(&day)?)
            .expression_attribute_values(":counts", attribute(counts)?)
            .expression_attribute_values(":now", attribute(&now)?)
            .expression_attribute_values(":ttl", ttl(until))
            .send()
            .await
            .map_err(fault)?;
        Ok(())
    }

    /// What is kept of an account from one day to another, both included, the oldest first; as it was a moment ago.
    pub async fn list_snapshots(
        &self,
        ws: &WorkspaceId,
        id: AccountId,
        [from, to]: [Date; 2],
    ) -> Result<Vec<Snapshot>, Fault> {
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":pk", s(key::workspace_partition(ws)))
            .expression_attribute_values(":from", s(key::snapshot(ws, id, from).sk))
            .expression_attribute_values(":to", s(key::snapshot(ws, id, to).sk));
        all(query).await?.into_iter().map(decode).collect()
    }

    /// Keeps who follows an account, in place of what was kept before.
    pub async fn keep_audience(&self, account: &Account, kept: &KeptAudience, until: Timestamp) -> Result<(), Fault> {
        let mut item: Item = encode(&key::audience(&account.workspace, account.id), kept)?;
        item.insert("ttl".to_owned(), ttl(until));
        self.client.put_item().table_name(&self.table).set_item(Some(item)).send().await.map_err(fault)?;
        Ok(())
    }

    /// Who follows an account, as far as it was told.
    pub async fn find_audience(&self, account: &Account) -> Result<Option<KeptAudience>, Fault> {
        self.glance(&key::audience(&account.workspace, account.id)).await?.map(decode).transpose()
    }

    /// Erases an account's figures of before a day, a page at a time; how many it erased.
    pub async fn forget_figures(&self, ws: &WorkspaceId, id: AccountId, before: Date) -> Result<usize, Fault> {
        let page = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":pk", s(key::workspace_partition(ws)))
            .expression_attribute_values(":from", AttributeValue::S(format!("{}#", key::figures(id))))
            .expression_attribute_values(":to", s(key::snapshot(ws, id, before).sk))
            .projection_expression("pk, sk")
            .limit(100)
            .send()
            .await
            .map_err(fault)?;
        let mut erased = 0;
        let kept = key::snapshot(ws, id, before);
        for key in page.items.unwrap_or_default().iter().filter_map(Key::of).filter(|key| *key != kept) {
            self.client.delete_item().table_name(&self.table).set_key(Some(key.item())).send().await.map_err(fault)?;
            erased += 1;
        }
        Ok(erased)
    }
}
