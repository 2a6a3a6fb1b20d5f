//! When an account's queue publishes: one item beside the account, which goes with it.

use domain::{Account, AccountId, Fault, Lifecycle, QueueSchedule, WorkspaceId};

use crate::{
    Committed, Finish, Store, idempotency,
    item::{decode, encode, n, s},
    key,
    transaction::{Expression, Transaction},
};

impl Store {
    /// The schedule of an account, if it was given one.
    pub async fn find_schedule(&self, ws: &WorkspaceId, account: AccountId) -> Result<Option<QueueSchedule>, Fault> {
        self.read(&key::schedule(ws, account)).await?.map(decode).transpose()
    }

    /// Writes the next version of a connected account's schedule, with the key's outcome.
    pub async fn set_schedule(
        &self,
        account: &Account,
        schedule: &QueueSchedule,
        finish: Option<(&Finish, &str)>,
    ) -> Result<Committed<()>, Fault> {
        let mut transaction = Transaction::new();
        let active = Expression::condition("lifecycle = :active").value(":active", s(Lifecycle::Active.as_str()));
        transaction.check(self, (), &key::account(&account.workspace, account.id), &active)?;
        let key = key::schedule(&account.workspace, account.id);
        let unchanged = match schedule.version.saturating_sub(1) {
            0 => Expression::condition("attribute_not_exists(pk)"),
            before => Expression::condition("version = :before").value(":before", n(before)),
        };
        transaction.put(self, (), encode(&key, schedule)?, &unchanged)?;
        if let Some((finish, outcome)) = finish {
            idempotency::finish(self, &mut transaction, (), finish, outcome)?;
        }
        transaction.commit(self).await
    }
}
