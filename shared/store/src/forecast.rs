//! The address of a workspace's calendar: one item.

use domain::{Fault, WorkspaceId, forecast::Feed};

use crate::{
    Committed, Finish, Store, idempotency,
    item::{decode, encode},
    key,
    transaction::{Expression, Transaction},
};

impl Store {
    /// The address of a workspace's calendar, if one is open.
    pub async fn find_forecast_feed(&self, ws: &WorkspaceId) -> Result<Option<Feed>, Fault> {
        self.read(&key::forecast_feed(ws)).await?.map(decode).transpose()
    }

    /// Opens one in place of what was there, or closes it, with the key's outcome.
    pub async fn set_forecast_feed(
        &self,
        ws: &WorkspaceId,
        feed: Option<&Feed>,
        finish: Option<(&Finish, &str)>,
    ) -> Result<Committed<()>, Fault> {
        let mut transaction = Transaction::new();
        let key = key::forecast_feed(ws);
        match feed {
            Some(feed) => transaction.put(self, (), encode(&key, feed)?, &Expression::default())?,
            None => transaction.delete(self, (), &key, &Expression::default())?,
        }
        if let Some((finish, outcome)) = finish {
            idempotency::finish(self, &mut transaction, (), finish, outcome)?;
        }
        transaction.commit(self).await
    }
}
