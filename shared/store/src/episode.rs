//! What was written about an account's troubles: an item for each, which goes with the account.

use domain::{Account, AccountId, EpisodeId, Fault, WorkspaceId, health::episode::Note};

use crate::{
    Committed, Finish, Store, idempotency,
    item::{all, decode, encode, n, s},
    key,
    transaction::{Expression, Transaction},
};

impl Store {
    /// All that was written about an account's troubles.
    pub async fn list_episode_notes(&self, ws: &WorkspaceId, account: AccountId) -> Result<Vec<Note>, Fault> {
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", s(key::workspace_partition(ws)))
            .expression_attribute_values(":prefix", s(key::episode_notes(account)))
            .consistent_read(true);
        all(query).await?.into_iter().map(decode).collect()
    }

    /// What was written about one of them.
    pub async fn find_episode_note(
        &self,
        ws: &WorkspaceId,
        account: AccountId,
        episode: EpisodeId,
    ) -> Result<Option<Note>, Fault> {
        self.read(&key::episode_note(ws, account, episode)).await?.map(decode).transpose()
    }

    /// Writes the next version of it, with the key's outcome.
    pub async fn set_episode_note(
        &self,
        account: &Account,
        note: &Note,
        finish: Option<(&Finish, &str)>,
    ) -> Result<Committed<()>, Fault> {
        let mut transaction = Transaction::new();
        let is_there = Expression::condition("attribute_exists(pk)");
        transaction.check(self, (), &key::account(&account.workspace, account.id), &is_there)?;
        let key = key::episode_note(&account.workspace, account.id, note.episode);
        let unchanged = match note.version.saturating_sub(1) {
            0 => Expression::condition("attribute_not_exists(pk)"),
            before => Expression::condition("version = :before").value(":before", n(before)),
        };
        transaction.put(self, (), encode(&key, note)?, &unchanged)?;
        if let Some((finish, outcome)) = finish {
            idempotency::finish(self, &mut transaction, (), finish, outcome)?;
        }
        transaction.commit(self).await
    }
}
