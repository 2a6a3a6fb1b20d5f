//! The due index: what must happen later is an attribute of an item, and this finds it.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{EventId, Fault, GrantId, Timestamp, WorkspaceId, grant::Work};

use crate::{
    Store,
    item::{Item, fault, s},
    key::Key,
    table::DUE,
};

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Due {
    /// Something about a grant.
    Grant(Work),
    /// Publish events.
    Deliver,
}

impl Due {
    fn as_str(self) -> &'static str {
        match self {
            Self::Grant(Work::Renew) => "renew",
            Self::Grant(Work::Revoke) => "revoke",
            Self::Grant(Work::Check) => "check",
            Self::Deliver => "deliver",
        }
    }
}

/// An item that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DueItem {
    /// A grant.
    Grant(GrantId),
    /// Events to publish, of a workspace or of no one.
    Outbox(Option<WorkspaceId>, EventId),
}

/// Puts an item into the index.
pub(crate) fn schedule(store: &Store, item: &mut Item, kind: Due, at: Timestamp, id: &str) {
    let (partition, sort) = entry(store, kind, at, id);
    item.insert("dp".to_owned(), partition);
    item.insert("ds".to_owned(), sort);
}

pub(crate) fn entry(store: &Store, kind: Due, at: Timestamp, id: &str) -> (AttributeValue, AttributeValue) {
    // The last bytes of a ULID are random: enough to spread over the shards.
    let shard = id.bytes().rev().take(4).fold(0u32, |sum, b| sum.wrapping_mul(31).wrapping_add(u32::from(b)));
    let shard = shard % u32::from(store.shards);
    (s(format!("{}#{shard:02}", kind.as_str())), s(format!("{:012}#{id}", at.as_second())))
}

impl Store {
    /// At most `most` items of a kind that are due, oldest first within each shard, the shards in turn
    /// from a random one on.
    pub async fn list_due(&self, kind: Due, now: Timestamp, most: usize) -> Result<Vec<DueItem>, Fault> {
        let [first] = self.entropy.bytes::<1>();
        let mut found = Vec::new();
        for turn in 0..self.shards {
            let shard = first.wrapping_add(turn) % self.shards;
            let room = most.saturating_sub(found.len());
            if room == 0 {
                break;
            }
            let page = self
                .client
                .query()
                .table_name(&self.table)
                .index_name(DUE)
                .key_condition_expression("dp = :dp AND ds < :now")
                .expression_attribute_values(":dp", s(format!("{}#{shard:02}", kind.as_str())))
                .expression_attribute_values(":now", s(format!("{:012}#~", now.as_second())))
                .limit(i32::try_from(room).unwrap_or(i32::MAX))
                .send()
                .await
                .map_err(fault)?;
            found.extend(page.items.unwrap_or_default().iter().filter_map(Key::of).filter_map(|key| read(&key)));
        }
        Ok(found)
    }
}

fn read(key: &Key) -> Option<DueItem> {
    if let Some(grant) = key.pk.strip_prefix("R#") {
        return grant.parse().ok().map(DueItem::Grant);
    }
    let event = key.sk.strip_prefix("E#")?.parse().ok()?;
    let workspace = match key.pk.strip_prefix("W#") {
        Some(workspace) => Some(workspace.parse().ok()?),
        None => None,
    };
    Some(DueItem::Outbox(workspace, event))
}
