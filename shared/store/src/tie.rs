//! Two accounts that belong to each other: each row names the other, and both change together.

use domain::{Account, AccountId, Fault};

use crate::{
    Committed, Finish, Store, idempotency,
    item::{encode, n, s},
    key,
    transaction::{Expression, Transaction},
};

impl Store {
    /// Writes the next versions of accounts whose ties changed, each in place of the one before, with the key's outcome.
    pub async fn set_ties(
        &self,
        accounts: &[Account],
        finish: Option<(&Finish, &str)>,
    ) -> Result<Committed<()>, Fault> {
        let mut transaction = Transaction::new();
        for account in accounts {
            let unchanged = Expression::condition("version = :v").value(":v", n(account.version.saturating_sub(1)));
            let row = key::account(&account.workspace, account.id);
            transaction.put(self, (), encode(&row, account)?, &unchanged)?;
        }
        if let Some((finish, outcome)) = finish {
            idempotency::finish(self, &mut transaction, (), finish, outcome)?;
        }
        transaction.commit(self).await
    }
}

/// What becomes of the other one when an account is removed.
pub(crate) fn untied(from: AccountId) -> Expression {
    Expression::update("REMOVE linked ADD version :one")
        .when("linked = :from")
        .value(":one", n(1))
        .value(":from", s(from.to_string()))
}
