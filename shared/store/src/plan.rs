//! Bringing a workspace's suspended accounts in step with its plan: step by step, each naming the one before it in the
//! workspace's record, so that whatever is judged twice is written once.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Account, Event, Fault, Lifecycle, Timestamp, Workspace, WorkspaceId};
use jiff::SignedDuration;

use crate::{
    Committed, Store, account,
    due::{self, Due},
    history,
    item::{encode, fault, n, s},
    key, outbox,
    transaction::{Expression, Transaction},
};

/// Whoever moved a limit goes on to settle it. This much later somebody else does.
const GRACE: SignedDuration = SignedDuration::from_secs(30);

/// Where a workspace is in the due index that was moved at a moment.
pub(crate) fn due(store: &Store, id: &WorkspaceId, now: Timestamp) -> (AttributeValue, AttributeValue) {
    due::entry(store, Due::Plan, now + GRACE, id.as_str(), None)
}

/// Nor has a step been taken since the workspace was read.
pub(crate) fn unmoved(mut with: Expression, workspace: &Workspace) -> Expression {
    let others = with.condition.take().map(|others| format!("({others}) AND ")).unwrap_or_default();
    match workspace.settlement.step {
        0 => with.when(&format!("{others}attribute_not_exists(settling)")),
        step => with.when(&format!("{others}settling = :settling")).value(":settling", n(step)),
    }
}

impl Store {
    /// All connected accounts of a workspace, read consistently.
    pub async fn find_connected(&self, ws: &WorkspaceId) -> Result<Vec<Account>, Fault> {
        let pages = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :account)")
            .filter_expression("lifecycle = :active")
            .expression_attribute_values(":pk", s(key::workspace_partition(ws)))
            .expression_attribute_values(":account", s(key::ACCOUNT))
            .expression_attribute_values(":active", s(Lifecycle::Active.as_str()))
            .consistent_read(true);
        let mut pages = pages.into_paginator().send();
        let mut accounts = Vec::new();
        while let Some(page) = pages.next().await {
            for item in page.map_err(fault)?.items.unwrap_or_default() {
                accounts.push(account::read(item)?);
            }
        }
        Ok(accounts)
    }

    /// Takes the next step: these accounts, each in place of the one that was read, and how many are suspended now.
    pub async fn settle_plan(
        &self,
        workspace: &Workspace,
        accounts: &[(Account, Account)],
        events: &[Event],
        now: Timestamp,
    ) -> Result<Committed<()>, Fault> {
        let of = |account: &Account| i64::from(account.is_over_plan());
        let more: i64 = accounts.iter().map(|(before, after)| of(after) - of(before)).sum();
        let with =
            Expression::update("ADD suspended :more, settling :step").value(":more", n(more)).value(":step", n(1));
        let with = unmoved(with, workspace);
        let mut transaction = Transaction::new();
        transaction.update(self, (), &key::workspace(&workspace.id), &with)?;
        for (before, after) in accounts {
            let unchanged = Expression::condition("version = :v").value(":v", n(before.version));
            let row = key::account(&after.workspace, after.id);
            transaction.put(self, (), encode(&row, after)?, &unchanged)?;
            history::add(self, &mut transaction, (), before, after)?;
        }
        outbox::add(self, &mut transaction, (), events, now)?;
        transaction.commit(self).await
    }

    /// Nothing is left to do; `false` if something moved since the workspace was read.
    pub async fn plan_settled(&self, workspace: &Workspace) -> Result<bool, Fault> {
        let with = unmoved(Expression::update("REMOVE dp, ds, keeping"), workspace);
        let mut transaction = Transaction::new();
        transaction.update(self, (), &key::workspace(&workspace.id), &with)?;
        Ok(transaction.commit(self).await? == Committed::Done)
    }
}
