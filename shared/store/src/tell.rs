//! What accounts hear of their grant.

use domain::{Account, AccountId, Event, Fault, Timestamp, WorkspaceId};

use crate::{
    Committed, Store, account, history,
    item::{encode, n},
    key::{self, Key},
    outbox,
    transaction::{Expression, Transaction},
};

/// At most so many accounts hear of it in one transaction.
pub const MOST_TOLD: usize = 25;

impl Store {
    /// These accounts, read consistently, in no order.
    pub async fn find_accounts(&self, ws: &WorkspaceId, ids: &[AccountId]) -> Result<Vec<Account>, Fault> {
        self.accounts_at(ids.iter().map(|id| key::account(ws, *id)).collect()).await
    }

    /// These accounts of any workspaces, in as few trips as one can, read consistently, in no order.
    pub async fn find_accounts_of_all(&self, of: &[(WorkspaceId, AccountId)]) -> Result<Vec<Account>, Fault> {
        self.accounts_at(of.iter().map(|(ws, id)| key::account(ws, *id)).collect()).await
    }

    async fn accounts_at(&self, keys: Vec<Key>) -> Result<Vec<Account>, Fault> {
        self.batch_get(keys).await?.into_iter().map(account::read).collect()
    }

    /// Writes accounts as they will be, each in place of the one that was read, with what happened.
    pub async fn tell(
        &self,
        accounts: &[(Account, Account)],
        events: &[Event],
        now: Timestamp,
    ) -> Result<Committed<()>, Fault> {
        let mut transaction = Transaction::new();
        for (before, after) in accounts {
            let unchanged = Expression::condition("version = :v").value(":v", n(before.version));
            let row = key::account(&after.workspace, after.id);
            transaction.put(self, (), encode(&row, after)?, &unchanged)?;
            history::add(self, &mut transaction, (), before, after)?;
        }
        outbox::add(self, &mut transaction, (), events, now)?;
        transaction.commit(self).await
    }
}
