//! What a publisher plans with an account: one item beside it, which goes with it.

use std::collections::BTreeMap;

use domain::{Account, AccountId, Fault, Planned, Timestamp, WorkspaceId};

use crate::{
    Committed, Finish, Store, Usage, idempotency,
    item::{decode, encode, n},
    key::{self, Key},
    transaction::{Expression, Transaction},
    usage,
};

impl Store {
    /// What is planned with an account; nothing if it was never reported.
    pub async fn find_planned(&self, ws: &WorkspaceId, account: AccountId) -> Result<Planned, Fault> {
        let item = self.read(&key::planned(ws, account)).await?;
        Ok(item.map(decode).transpose()?.unwrap_or_default())
    }

    /// What is planned with each of these accounts, where it was reported.
    pub async fn find_all_planned(
        &self,
        ws: &WorkspaceId,
        accounts: &[AccountId],
    ) -> Result<BTreeMap<AccountId, Planned>, Fault> {
        let of: BTreeMap<String, AccountId> = accounts.iter().map(|id| (key::planned(ws, *id).sk, *id)).collect();
        let items = self.batch_get(accounts.iter().map(|id| key::planned(ws, *id)).collect()).await?;
        let mut found = BTreeMap::new();
        for item in items {
            if let Some(id) = Key::of(&item).and_then(|key| of.get(&key.sk).copied()) {
                found.insert(id, decode(item)?);
            }
        }
        Ok(found)
    }

    /// How an account was used, and what is planned with it, in one look.
    pub async fn find_use(
        &self,
        ws: &WorkspaceId,
        account: AccountId,
        now: Timestamp,
    ) -> Result<(Usage, Planned), Fault> {
        let past = key::usage(ws, account);
        let (mut used, mut planned) = (Usage::default(), Planned::default());
        for item in self.batch_get(vec![past.clone(), key::planned(ws, account)]).await? {
            if Key::of(&item).is_some_and(|key| key == past) {
                used = usage::read(&item, now);
            } else {
                planned = decode(item)?;
            }
        }
        Ok((used, planned))
    }

    /// Writes the next report of an account that is there, with the key's outcome.
    pub async fn set_planned(
        &self,
        account: &Account,
        planned: &Planned,
        finish: Option<(&Finish, &str)>,
    ) -> Result<Committed<()>, Fault> {
        let mut transaction = Transaction::new();
        let there = Expression::condition("attribute_exists(pk)");
        transaction.check(self, (), &key::account(&account.workspace, account.id), &there)?;
        let key = key::planned(&account.workspace, account.id);
        let unchanged = match planned.version.saturating_sub(1) {
            0 => Expression::condition("attribute_not_exists(pk)"),
            before => Expression::condition("version = :before").value(":before", n(before)),
        };
        transaction.put(self, (), encode(&key, planned)?, &unchanged)?;
        if let Some((finish, outcome)) = finish {
            idempotency::finish(self, &mut transaction, (), finish, outcome)?;
        }
        transaction.commit(self).await
    }
}
