//! What a workspace decides about an account: a part in its row, the rest beside it, changed together.

use domain::{Account, AccountId, Fault, WorkspaceId, account::Preferences};

use crate::{
    Committed, Finish, Store, idempotency,
    item::{decode, encode, n},
    key,
    transaction::{Expression, Transaction},
};

impl Store {
    /// What is kept beside an account's row; nothing decided if there is nothing.
    pub async fn find_preferences(&self, ws: &WorkspaceId, account: AccountId) -> Result<Preferences, Fault> {
        let found = self.read(&key::preferences(ws, account)).await?;
        found.map_or_else(|| Ok(Preferences::default()), decode)
    }

    /// Writes an account's next version with what is decided about it, and the key's outcome.
    pub async fn set_settings(
        &self,
        account: &Account,
        preferences: &Preferences,
        finish: Option<(&Finish, &str)>,
    ) -> Result<Committed<()>, Fault> {
        let mut transaction = Transaction::new();
        let (ws, id) = (&account.workspace, account.id);
        let unchanged = Expression::condition("version = :v").value(":v", n(account.version.saturating_sub(1)));
        transaction.put(self, (), encode(&key::account(ws, id), account)?, &unchanged)?;
        transaction.put(self, (), encode(&key::preferences(ws, id), preferences)?, &Expression::default())?;
        if let Some((finish, outcome)) = finish {
            idempotency::finish(self, &mut transaction, (), finish, outcome)?;
        }
        transaction.commit(self).await
    }
}
