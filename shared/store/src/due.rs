//! The due index: what must happen later is an attribute of an item, and this finds it.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    AccountId, ConnectSessionId, Digest, EventId, Fault, GrantId, LinkId, RunId, Timestamp, WorkspaceId, grant::Work,
};

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
    /// Work off what a platform told by itself.
    Notice,
    /// Go on with long work.
    Run,
    /// Publish events.
    Deliver,
    /// Destroy what a consent gave and nobody has chosen from.
    Purge,
    /// Tell that a link's time is over.
    Link,
    /// Bring a workspace's suspended accounts in step with its plan.
    Plan,
    /// Fetch an account's data for somebody who waits for it, or for the first time.
    SyncAsked,
    /// Fetch an account's data because its time has come.
    Sync,
}

impl Due {
    fn as_str(self) -> &'static str {
        match self {
            Self::Grant(Work::Renew) => "renew",
            Self::Grant(Work::Revoke) => "revoke",
            Self::Grant(Work::Check) => "check",
            Self::Notice => "notice",
            Self::Run => "run",
            Self::Deliver => "deliver",
            Self::Purge => "purge",
            Self::Link => "link",
            Self::Plan => "plan",
            Self::SyncAsked => "sync-asked",
            Self::Sync => "sync",
        }
    }
}

/// An item that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DueItem {
    /// A grant of a workspace.
    Grant(GrantId, WorkspaceId),
    /// What a platform told by itself.
    Notice(Digest),
    /// Long work of a workspace.
    Run(RunId, WorkspaceId),
    /// What a consent gave and nobody has chosen from.
    Held(ConnectSessionId),
    /// A link of a workspace.
    Link(LinkId, WorkspaceId),
    /// A workspace that is not in step with its plan.
    Plan(WorkspaceId),
    /// An account whose data is to be fetched.
    Sync(AccountId, WorkspaceId),
    /// Events to publish, of a workspace or of no one.
    Outbox(Option<WorkspaceId>, EventId),
}

/// Puts an item into the index.
pub(crate) fn schedule(store: &Store, item: &mut Item, kind: Due, at: Timestamp, id: &str, ws: Option<&WorkspaceId>) {
    let (partition, sort) = entry(store, kind, at, id, ws);
    item.insert("dp".to_owned(), partition);
    item.insert("ds".to_owned(), sort);
}

pub(crate) fn entry(
    store: &Store,
    kind: Due,
    at: Timestamp,
    id: &str,
    ws: Option<&WorkspaceId>,
) -> (AttributeValue, AttributeValue) {
    // The last bytes of a ULID are random: enough to spread over the shards.
    let shard = id.bytes().rev().take(4).fold(0u32, |sum, b| sum.wrapping_mul(31).wrapping_add(u32::from(b)));
    let shard = shard % u32::from(store.shards);
    let of = ws.map(|ws| format!("#{ws}")).unwrap_or_default();
    (s(format!("{}#{shard:02}", kind.as_str())), s(format!("{:012}#{id}{of}", at.as_second())))
}

impl Store {
    /// At most `most` items of a kind that are due, the longest due first; each shard has its part of them, and from a
    /// random one on they have more.
    pub async fn list_due(&self, kind: Due, now: Timestamp, most: usize) -> Result<Vec<DueItem>, Fault> {
        let [first] = self.entropy.bytes::<1>();
        let mut found = Vec::new();
        for turn in 0..self.shards {
            let shard = first.wrapping_add(turn) % self.shards;
            let shards_left = usize::from(self.shards - turn);
            let part = most.saturating_sub(found.len()).div_ceil(shards_left);
            if part == 0 {
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
                .limit(i32::try_from(part).unwrap_or(i32::MAX))
                .send()
                .await
                .map_err(fault)?;
            found.extend(page.items.unwrap_or_default().iter().filter_map(|item| read(kind, item)));
        }
        found.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        Ok(found.into_iter().map(|(_, item)| item).collect())
    }
}

/// Whose consent an item holds that is due to be purged.
pub(crate) fn held(item: &Item) -> Option<ConnectSessionId> {
    match read(Due::Purge, item)? {
        (_, DueItem::Held(id)) => Some(id),
        _ => None,
    }
}

/// An entry with its place in the order.
fn read(kind: Due, item: &Item) -> Option<(String, DueItem)> {
    let key = Key::of(item)?;
    let sort = item.get("ds")?.as_s().ok()?.clone();
    let mut parts = sort.split('#').skip(1);
    let id = parts.next()?;
    let due = match kind {
        Due::Grant(_) => DueItem::Grant(id.parse().ok()?, parts.next()?.parse().ok()?),
        Due::Run => DueItem::Run(id.parse().ok()?, parts.next()?.parse().ok()?),
        Due::SyncAsked | Due::Sync => DueItem::Sync(id.parse().ok()?, parts.next()?.parse().ok()?),
        Due::Link => DueItem::Link(id.parse().ok()?, parts.next()?.parse().ok()?),
        Due::Notice => DueItem::Notice(Digest::parse(id)?),
        Due::Purge => DueItem::Held(id.parse().ok()?),
        Due::Plan => DueItem::Plan(id.parse().ok()?),
        Due::Deliver => {
            let workspace = match key.pk.strip_prefix("W#") {
                Some(workspace) => Some(workspace.parse().ok()?),
                None => None,
            };
            DueItem::Outbox(workspace, key.sk.strip_prefix("E#")?.parse().ok()?)
        }
    };
    Some((sort, due))
}
