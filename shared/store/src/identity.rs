//! What changed about an account: its name, handle, type and so on, before and after.

use domain::{Account, Fault, Timestamp, identity::Change};
use serde::{Deserialize, Serialize};

use crate::{
    Store,
    item::{decode, encode, fault, s},
    key,
    transaction::{Expression, Transaction},
};

/// What changed at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// When it was seen.
    pub at: Timestamp,
    /// What.
    pub changes: Vec<Change>,
}

/// Keeps what changed, if anything did.
pub(crate) fn add<L: Clone>(
    store: &Store,
    transaction: &mut Transaction<L>,
    label: L,
    account: &Account,
    changes: &[Change],
    at: Timestamp,
) -> Result<(), Fault> {
    if changes.is_empty() {
        return Ok(());
    }
    let key = key::identity_change(&account.workspace, account.id, at);
    let item = encode(&key, &Changed { at, changes: changes.to_vec() })?;
    transaction.put(store, label, item, &Expression::default())
}

impl Store {
    /// What changed about an account, the newest first; at most so many moments, behind the one that is named.
    pub async fn list_identity(
        &self,
        account: &Account,
        before: Option<Timestamp>,
        limit: usize,
    ) -> Result<Vec<Changed>, Fault> {
        let (ws, id) = (&account.workspace, account.id);
        let to = before.map_or_else(|| format!("{}~", key::identity(id)), |at| key::identity_change(ws, id, at).sk);
        let page = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":pk", s(key::workspace_partition(ws)))
            .expression_attribute_values(":from", s(key::identity(id)))
            .expression_attribute_values(":to", s(to))
            .scan_index_forward(false)
            .limit(i32::try_from(limit.saturating_add(1)).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(fault)?;
        let changed = page.items.unwrap_or_default().into_iter().map(decode::<Changed>);
        let changed: Vec<Changed> = changed.collect::<Result<_, _>>()?;
        Ok(changed.into_iter().filter(|changed| before.is_none_or(|before| changed.at < before)).take(limit).collect())
    }
}
