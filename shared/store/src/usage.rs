//! How often an account's tokens were used, and by whom.

use std::collections::{HashMap, HashSet};

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use domain::{AccountId, Fault, Timestamp, WorkspaceId};

use crate::{
    Store,
    item::{Item, all, attribute, fault, n, s},
    key::{self, Key},
};

/// Over how many days uses are counted.
const DAYS: i64 = 7;

/// How an account was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
    /// How often in the last seven days, today included.
    pub leases_7d: u32,
}

impl Store {
    /// Counts one use of an account today, and forgets what is older than a week. Answers whether somebody used it who
    /// never had, where others had; `who` is a short digest, all of which are kept.
    pub async fn count_use(
        &self,
        ws: &WorkspaceId,
        account: AccountId,
        who: &str,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        let today = day(now);
        let old: Vec<String> = (DAYS..2 * DAYS).map(|ago| format!("d{}", today - ago)).collect();
        let call = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key::usage(ws, account).item()))
            .update_expression(format!(
                "SET last_used_at = :now ADD d{today} :one, lent_to :who REMOVE {}",
                old.join(", ")
            ))
            .expression_attribute_values(":now", attribute(&now)?)
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":who", AttributeValue::Ss(vec![who.to_owned()]))
            .return_values(ReturnValue::UpdatedOld);
        let before = call.send().await.map_err(fault)?.attributes.unwrap_or_default();
        let users = before.get("lent_to").and_then(|users| users.as_ss().ok());
        Ok(users.is_some_and(|users| !users.iter().any(|user| user == who)))
    }

    /// Those of some accounts whose tokens were used in the last seven days, a moment ago.
    pub async fn glance_used(
        &self,
        of: &[(WorkspaceId, AccountId)],
        now: Timestamp,
    ) -> Result<HashSet<AccountId>, Fault> {
        let keys = of.iter().map(|(ws, account)| key::usage(ws, *account)).collect();
        let found = self.batch(keys, false).await?;
        let used = found.iter().filter(|item| read(item, now).leases_7d > 0);
        let id = |item: &Item| Key::of(item)?.sk.strip_prefix(key::USAGE)?.parse().ok();
        Ok(used.filter_map(id).collect())
    }

    /// How each account of a workspace was used, a moment ago; those that never were are not among them.
    pub async fn list_usage(&self, ws: &WorkspaceId, now: Timestamp) -> Result<HashMap<AccountId, Usage>, Fault> {
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :n)")
            .expression_attribute_values(":pk", s(key::workspace_partition(ws)))
            .expression_attribute_values(":n", s(key::USAGE));
        let usage = |item: Item| {
            let id = Key::of(&item).and_then(|key| key.sk.strip_prefix(key::USAGE)?.parse().ok());
            let id = id.ok_or_else(|| Fault::Inconsistent(format!("usage of no account in {ws}")))?;
            Ok((id, read(&item, now)))
        };
        all(query).await?.into_iter().map(usage).collect()
    }
}

/// How an account was used, by its counts.
pub(crate) fn read(item: &Item, now: Timestamp) -> Usage {
    let today = day(now);
    let days = (0..DAYS).filter_map(|ago| crate::item::number(item, &format!("d{}", today - ago)));
    let last = item.get("last_used_at").and_then(|v| v.as_s().ok()).and_then(|t| t.parse().ok());
    Usage { last_used_at: last, leases_7d: u32::try_from(days.sum::<i64>()).unwrap_or(u32::MAX) }
}

/// A day in UTC, counted from the epoch.
fn day(now: Timestamp) -> i64 {
    now.as_second().div_euclid(24 * 3600)
}
