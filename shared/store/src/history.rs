//! What an account was known to be: each version of its facts is kept beside its row once it is over, so that health
//! can be judged as of any moment. The facts of now are in the row itself.

use domain::{Account, AccountId, Fault, Timestamp, WorkspaceId, account::AccountFacts};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::{
    Store,
    item::{all, decode, encode, fault, s, ttl},
    key::{self, Key},
    transaction::{Expression, Transaction},
};

/// How long facts are kept after they ended.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 90);
/// How many are erased in one go, and how often.
const PAGE: i32 = 100;
const PAGES: usize = 20;

/// Facts that are over.
#[derive(Debug, Serialize, Deserialize)]
struct Past {
    facts: AccountFacts,
    /// When they ended: when the next ones began.
    until: Timestamp,
}

/// Keeps what was known of an account before a change, if the change makes that untrue.
pub(crate) fn add<L: Clone>(
    store: &Store,
    transaction: &mut Transaction<L>,
    label: L,
    before: &Account,
    after: &Account,
) -> Result<(), Fault> {
    if after.is_known_like(before) {
        return Ok(());
    }
    let past = Past { facts: before.facts(), until: after.facts_since };
    let key = key::past_facts(&before.workspace, before.id, past.until, before.version);
    let mut item = encode(&key, &past)?;
    item.insert("ttl".to_owned(), ttl(past.until + KEPT));
    transaction.put(store, label, item, &Expression::default())
}

impl Store {
    /// What an account was known to be at a moment before its present facts began; none if it was not known then, or
    /// if that is too long ago.
    pub async fn find_past_facts(
        &self,
        ws: &WorkspaceId,
        id: AccountId,
        at: Timestamp,
    ) -> Result<Option<AccountFacts>, Fault> {
        // The first that ended behind that moment; `~` sorts behind every version.
        let page = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":pk", s(key::workspace_partition(ws)))
            .expression_attribute_values(":from", s(format!("{}~", key::past_until(id, at))))
            .expression_attribute_values(":to", s(format!("{}~", key::past(id))))
            .limit(1)
            .consistent_read(true)
            .send()
            .await
            .map_err(fault)?;
        let past: Option<Past> = page.items.and_then(|mut items| items.pop()).map(decode).transpose()?;
        Ok(past.map(|past| past.facts).filter(|facts| facts.since <= at))
    }

    /// All that an account was known to be in the last ninety days before its present facts, oldest first, each with the
    /// moment at which it ended.
    pub async fn list_past_facts(
        &self,
        ws: &WorkspaceId,
        id: AccountId,
        now: Timestamp,
    ) -> Result<Vec<(AccountFacts, Timestamp)>, Fault> {
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":pk", s(key::workspace_partition(ws)))
            .expression_attribute_values(":from", s(key::past_until(id, now - KEPT)))
            .expression_attribute_values(":to", s(format!("{}~", key::past(id))))
            .consistent_read(true);
        let past = |item| decode(item).map(|Past { facts, until }| (facts, until));
        all(query).await?.into_iter().map(past).collect()
    }

    /// Erases what there may be much of beside a removed account: what it was known to be, its figures and months, what
    /// changed about it, what was written about its troubles, its devices. `false` if that is so much that some is left.
    pub async fn erase_beside(&self, ws: &WorkspaceId, id: AccountId) -> Result<bool, Fault> {
        let mut all = true;
        let beside = [
            key::past(id),
            key::figures(id),
            key::months(id),
            key::identity(id),
            key::episode_notes(id),
            key::devices(id),
        ];
        for prefix in beside {
            all &= self.erase_prefix(ws, &prefix).await?;
        }
        Ok(all)
    }

    async fn erase_prefix(&self, ws: &WorkspaceId, prefix: &str) -> Result<bool, Fault> {
        for _ in 0..PAGES {
            let page = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
                .expression_attribute_values(":pk", s(key::workspace_partition(ws)))
                .expression_attribute_values(":prefix", s(prefix))
                .projection_expression("pk, sk")
                .limit(PAGE)
                .send()
                .await
                .map_err(fault)?;
            for key in page.items.unwrap_or_default().iter().filter_map(Key::of) {
                let delete = self.client.delete_item().table_name(&self.table).set_key(Some(key.item()));
                delete.send().await.map_err(fault)?;
            }
            if page.last_evaluated_key.is_none() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
