//! Accounts: one row each, in the workspace's partition, in the order they were first connected.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    operation::query::builders::QueryFluentBuilder,
    types::{AttributeValue, KeysAndAttributes},
};
use domain::{Account, AccountId, Fault, Lifecycle, OrgId, PlatformId, Workspace, WorkspaceId};

use crate::{
    Store,
    item::{Item, decode, fault, s},
    key::{self, Key},
    workspace,
};

/// `BatchGetItem` takes a hundred keys a call.
const BATCH: usize = 100;

/// Which accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountFilter {
    /// Only of these platforms; all if empty.
    pub platforms: Vec<PlatformId>,
    /// Only in this part of their life; all if none.
    pub lifecycle: Option<Lifecycle>,
}

/// Which part of a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stretch {
    /// What comes behind this account; from the beginning if none.
    pub after: Option<AccountId>,
    /// The newest first instead of the oldest.
    pub newest_first: bool,
    /// At most so many.
    pub limit: usize,
}

/// One page of accounts with their workspace.
#[derive(Debug, Clone)]
pub struct AccountPage {
    /// The workspace.
    pub workspace: Workspace,
    /// The accounts, in the order that was asked for.
    pub accounts: Vec<Account>,
    /// Whether there are more behind the last one.
    pub more: bool,
}

impl Store {
    /// One page of the accounts that are to be kept.
    pub async fn list_accounts(
        &self,
        ws: &WorkspaceId,
        org: &OrgId,
        filter: &AccountFilter,
        stretch: Stretch,
        keep: impl Fn(&Account) -> bool + Send,
    ) -> Result<AccountPage, Fault> {
        let Stretch { after, newest_first, limit } = stretch;
        // The workspace's own item sorts before its accounts, so the first page brings it along.
        let mut meta = None;
        let mut accounts = Vec::new();
        let mut start = after.map(|id| key::account(ws, id).item());
        if after.is_some() || newest_first {
            meta = Some(self.find_workspace(ws, org).await?);
        }
        loop {
            let page = self.accounts_of(ws, filter).scan_index_forward(!newest_first);
            let page = page.limit(i32::try_from(limit.saturating_add(2)).unwrap_or(i32::MAX));
            let page = page.set_exclusive_start_key(start.take()).send().await.map_err(fault)?;
            for item in page.items.unwrap_or_default() {
                if is_workspace(&item) {
                    meta = Some(workspace::read(ws, org, &item)?);
                } else {
                    accounts.extend(Some(read(item)?).filter(&keep));
                }
            }
            start = page.last_evaluated_key;
            if accounts.len() > limit || start.is_none() {
                break;
            }
        }
        let more = accounts.len() > limit;
        accounts.truncate(limit);
        let workspace = meta.unwrap_or_else(|| Workspace::empty(ws.clone(), org.clone()));
        Ok(AccountPage { workspace, accounts, more })
    }

    /// Shows every account that a filter lets through, oldest first, with its workspace. A megabyte of them is in memory
    /// at a time, however many there are.
    pub async fn visit_accounts(
        &self,
        ws: &WorkspaceId,
        org: &OrgId,
        filter: &AccountFilter,
        mut visit: impl FnMut(&Workspace, Account) + Send,
    ) -> Result<Workspace, Fault> {
        // Its own item comes first, if it has one.
        let mut workspace = Workspace::empty(ws.clone(), org.clone());
        let mut start = None;
        loop {
            let page =
                self.accounts_of(ws, filter).set_exclusive_start_key(start.take()).send().await.map_err(fault)?;
            for item in page.items.unwrap_or_default() {
                if is_workspace(&item) {
                    workspace = workspace::read(ws, org, &item)?;
                } else {
                    visit(&workspace, read(item)?);
                }
            }
            start = page.last_evaluated_key;
            if start.is_none() {
                return Ok(workspace);
            }
        }
    }

    /// A query for a workspace's accounts, and for its own item.
    fn accounts_of(&self, ws: &WorkspaceId, filter: &AccountFilter) -> QueryFluentBuilder {
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :a)")
            .expression_attribute_values(":pk", s(key::workspace_partition(ws)))
            .expression_attribute_values(":a", s("A"));
        filtered(query, filter)
    }

    /// Accounts by id, in no order, as they were a moment ago.
    pub async fn glance_accounts(&self, ws: &WorkspaceId, ids: &[AccountId]) -> Result<Vec<Account>, Fault> {
        let keys = ids.iter().map(|id| key::account(ws, *id)).collect();
        self.batch(keys, false).await?.into_iter().map(read).collect()
    }

    /// One account, read consistently.
    pub async fn find_account(&self, ws: &WorkspaceId, id: AccountId) -> Result<Option<Account>, Fault> {
        self.read(&key::account(ws, id)).await?.map(read).transpose()
    }

    /// The accounts of a workspace that these platform accounts are, connected or disconnected.
    pub async fn find_claimed(
        &self,
        ws: &WorkspaceId,
        platform: &PlatformId,
        platform_account_ids: &[&str],
    ) -> Result<Vec<Account>, Fault> {
        let claims = platform_account_ids.iter().map(|id| key::claim(ws, platform, id)).collect();
        let mut keys = Vec::new();
        for claim in self.batch_get(claims).await? {
            let id = claim.get("account").and_then(|v| v.as_s().ok()).and_then(|t| t.parse().ok());
            let id = id.ok_or_else(|| Fault::Inconsistent(format!("claim without account in {ws}")))?;
            keys.push(key::account(ws, id));
        }
        self.batch_get(keys).await?.into_iter().map(read).collect()
    }

    /// Items by key, read consistently, in no order.
    pub(crate) async fn batch_get(&self, keys: Vec<Key>) -> Result<Vec<Item>, Fault> {
        self.batch(keys, true).await
    }

    pub(crate) async fn batch(&self, keys: Vec<Key>, consistent: bool) -> Result<Vec<Item>, Fault> {
        let mut found = Vec::new();
        for chunk in keys.chunks(BATCH) {
            let mut wanted: Vec<HashMap<String, AttributeValue>> = chunk.iter().map(Key::item).collect();
            while !wanted.is_empty() {
                let wanting = KeysAndAttributes::builder().set_keys(Some(wanted)).consistent_read(consistent).build();
                let wanting = wanting.map_err(|e| Fault::Store(e.to_string()))?;
                let answer = self.client.batch_get_item().request_items(&self.table, wanting).send();
                let answer = answer.await.map_err(fault)?;
                found.extend(answer.responses.unwrap_or_default().into_values().flatten());
                let rest = answer.unprocessed_keys.unwrap_or_default().into_values().flat_map(|k| k.keys);
                wanted = rest.collect();
            }
        }
        Ok(found)
    }
}

fn filtered(mut query: QueryFluentBuilder, filter: &AccountFilter) -> QueryFluentBuilder {
    let mut conditions = Vec::new();
    if !filter.platforms.is_empty() {
        let mut words = Vec::new();
        for (i, platform) in filter.platforms.iter().enumerate() {
            words.push(format!(":p{i}"));
            query = query.expression_attribute_values(format!(":p{i}"), s(platform.as_str()));
        }
        conditions.push(format!("platform IN ({})", words.join(", ")));
    }
    if let Some(lifecycle) = filter.lifecycle {
        query = query.expression_attribute_values(":lifecycle", s(lifecycle.as_str()));
        conditions.push("lifecycle = :lifecycle".to_owned());
    }
    if conditions.is_empty() {
        return query;
    }
    // The workspace's own item has no platform and passes.
    query.filter_expression(format!("attribute_not_exists(platform) OR ({})", conditions.join(" AND ")))
}

fn is_workspace(item: &Item) -> bool {
    Key::of(item).is_some_and(|key| key.sk == "A")
}

pub(crate) fn read(item: Item) -> Result<Account, Fault> {
    let account: Account = decode(item)?;
    if account.is_consistent() { Ok(account) } else { Err(Fault::Inconsistent(format!("account {}", account.id))) }
}
