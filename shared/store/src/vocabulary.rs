//! The workspace's own words for health: one item.

use domain::{Fault, WorkspaceId, health::vocabulary::Own};

use crate::{
    Committed, Finish, Store, idempotency,
    item::{decode, encode, n},
    key,
    transaction::{Expression, Transaction},
};

impl Store {
    /// A workspace's own vocabulary, if it was given one.
    pub async fn find_vocabulary(&self, ws: &WorkspaceId) -> Result<Option<Own>, Fault> {
        self.read(&key::vocabulary(ws)).await?.map(decode).transpose()
    }

    /// Writes the next version of it, or takes the one of that version away, with the key's outcome.
    pub async fn set_vocabulary(
        &self,
        ws: &WorkspaceId,
        before: u64,
        after: Option<&Own>,
        finish: Option<(&Finish, &str)>,
    ) -> Result<Committed<()>, Fault> {
        let mut transaction = Transaction::new();
        let key = key::vocabulary(ws);
        let unchanged = match before {
            0 => Expression::condition("attribute_not_exists(pk)"),
            before => Expression::condition("version = :before").value(":before", n(before)),
        };
        match after {
            Some(own) => transaction.put(self, (), encode(&key, own)?, &unchanged)?,
            None => transaction.delete(self, (), &key, &unchanged)?,
        }
        if let Some((finish, outcome)) = finish {
            idempotency::finish(self, &mut transaction, (), finish, outcome)?;
        }
        transaction.commit(self).await
    }
}
