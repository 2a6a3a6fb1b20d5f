//! The devices of an account: an item each beside the account, and one that counts them.

use domain::{Account, AccountId, Device, DeviceId, Fault, Lifecycle, WorkspaceId, device::MOST_DEVICES};

use crate::{
    Committed, Finish, Store, idempotency,
    item::{decode, encode, fault, n, s},
    key,
    transaction::{Expression, Transaction},
};

/// Which condition of a registration failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceWrite {
    /// The account's: it is not connected any more.
    Account,
    /// The device's: somebody else registered or removed it.
    Device,
    /// The count's: there are as many as there may be.
    Count,
    /// The idempotency key's.
    Key,
}

impl Store {
    /// One device of an account.
    pub async fn find_device(&self, ws: &WorkspaceId, of: AccountId, id: DeviceId) -> Result<Option<Device>, Fault> {
        self.read(&key::device(ws, of, id)).await?.map(decode).transpose()
    }

    /// All devices of an account, by their ids.
    pub async fn list_devices(&self, ws: &WorkspaceId, of: AccountId) -> Result<Vec<Device>, Fault> {
        let page = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :devices)")
            .expression_attribute_values(":pk", s(key::workspace_partition(ws)))
            .expression_attribute_values(":devices", s(format!("{}{}", key::devices(of), DeviceId::PREFIX)))
            .consistent_read(true)
            .send()
            .await
            .map_err(fault)?;
        page.items.unwrap_or_default().into_iter().map(decode).collect()
    }

    /// Writes a device of a connected account, a new one or in place of the one `before`, with the key's outcome.
    pub async fn set_device(
        &self,
        account: &Account,
        before: Option<&Device>,
        device: &Device,
        finish: Option<(&Finish, &str)>,
    ) -> Result<Committed<DeviceWrite>, Fault> {
        let (ws, of) = (&account.workspace, account.id);
        let mut transaction = Transaction::new();
        let connected = Expression::condition("lifecycle = :active").value(":active", s(Lifecycle::Active.as_str()));
        transaction.check(self, DeviceWrite::Account, &key::account(ws, of), &connected)?;
        let there = if before.is_some() { "attribute_exists(pk)" } else { "attribute_not_exists(pk)" };
        let item = encode(&key::device(ws, of, device.id), device)?;
        transaction.put(self, DeviceWrite::Device, item, &Expression::condition(there))?;
        if before.is_none() {
            let one_more = Expression::update("ADD n :one")
                .when("attribute_not_exists(n) OR n < :most")
                .value(":one", n(1))
                .value(":most", n(MOST_DEVICES));
            transaction.update(self, DeviceWrite::Count, &key::device_count(ws, of), &one_more)?;
        }
        if let Some((finish, outcome)) = finish {
            idempotency::finish(self, &mut transaction, DeviceWrite::Key, finish, outcome)?;
        }
        transaction.commit(self).await
    }

    /// Removes a device that is there, with the key's outcome.
    pub async fn remove_device(
        &self,
        ws: &WorkspaceId,
        of: AccountId,
        id: DeviceId,
        finish: Option<(&Finish, &str)>,
    ) -> Result<Committed<DeviceWrite>, Fault> {
        let mut transaction = Transaction::new();
        let there = Expression::condition("attribute_exists(pk)");
        transaction.delete(self, DeviceWrite::Device, &key::device(ws, of, id), &there)?;
        let one_less = Expression::update("ADD n :less").when("n > :none").value(":less", n(-1)).value(":none", n(0));
        transaction.update(self, DeviceWrite::Count, &key::device_count(ws, of), &one_less)?;
        if let Some((finish, outcome)) = finish {
            idempotency::finish(self, &mut transaction, DeviceWrite::Key, finish, outcome)?;
        }
        transaction.commit(self).await
    }
}
