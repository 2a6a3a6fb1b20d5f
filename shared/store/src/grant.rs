//! Grants: one record each, apart from the accounts, so that lists never read ciphertext.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use domain::{Fault, Grant, GrantId, MethodId, WorkspaceId};

use crate::{
    Store, connect,
    due::{self, Due},
    item::{Item, decode, encode, fault, n, s},
    key,
    transaction::{Committed, Expression, Transaction},
};

/// A grant as an item, in the index if something is due.
pub(crate) fn write(store: &Store, grant: &Grant) -> Result<Item, Fault> {
    let mut item = encode(&key::grant(grant.id), grant)?;
    if let Some(next) = grant.due {
        due::schedule(store, &mut item, Due::Grant(next.work), next.at, &grant.id.to_string(), Some(&grant.workspace));
    }
    Ok(item)
}

/// Where the person's next consent finds it.
pub(crate) fn entry(of: &Grant) -> key::Key {
    key::grant_by_person(&of.workspace, &of.method, &of.app, &of.person.id, of.only.as_deref())
}

impl Store {
    /// The grant, read consistently. One that stands under another's key is a fault.
    pub async fn find_grant(&self, id: GrantId) -> Result<Option<Grant>, Fault> {
        let Some(item) = self.read(&key::grant(id)).await? else { return Ok(None) };
        let grant: Grant = decode(item)?;
        if grant.id == id { Ok(Some(grant)) } else { Err(Fault::Inconsistent(format!("{} under {id}", grant.id))) }
    }

    /// The grant that a second consent of the same person lands in; where a consent is for one account, `only` is that.
    pub async fn find_grant_by_person(
        &self,
        ws: &WorkspaceId,
        method: &MethodId,
        app: &str,
        person: &str,
        only: Option<&str>,
    ) -> Result<Option<Grant>, Fault> {
        let entry = key::grant_by_person(ws, method, app, person, only);
        let Some(item) = self.read(&entry).await? else { return Ok(None) };
        let id = item.get("grant").and_then(|v| v.as_s().ok()).and_then(|t| t.parse().ok());
        let id = id.ok_or_else(|| Fault::Inconsistent(format!("grant by person without grant in {ws}")))?;
        self.find_grant(id).await
    }

    /// Whether any grant of this person and app lives, in any workspace and by any method.
    pub async fn subject_lives(&self, app: &str, person: &str) -> Result<bool, Fault> {
        let item = self.read(&key::subject(app, person)).await?;
        Ok(item.is_some_and(|i| i.contains_key("grants")))
    }

    /// A grant whose accounts all live in other workspaces belongs to the first of these from now on. Whether nothing
    /// has changed since it was read.
    pub async fn rehome(&self, grant: &Grant) -> Result<bool, Fault> {
        let Some((workspace, _)) = grant.copies.first().cloned().filter(|_| grant.accounts.is_empty()) else {
            return Ok(false);
        };
        let (own, copies) = grant.copies.iter().cloned().partition::<BTreeSet<_>, _>(|(of, _)| *of == workspace);
        let accounts = own.into_iter().map(|(_, id)| id).collect();
        let next = Grant { workspace, accounts, copies, revision: grant.revision + 1, ..grant.clone() };
        let mut transaction = Transaction::new();
        let unchanged = Expression::condition("revision = :r").value(":r", n(grant.revision));
        transaction.put(self, (), write(self, &next)?, &unchanged)?;
        let joins = Expression::update("ADD grants :grant").value(":grant", connect::set_of(&next));
        transaction.update(self, (), &key::subject(&next.app, &next.person.id), &joins)?;
        // Where the person has given that workspace a consent of its own, the next one lands there.
        if self.read(&entry(&next)).await?.is_none() {
            let mut found_by: Item = entry(&next).item();
            found_by.insert("grant".to_owned(), s(next.id.to_string()));
            transaction.put(self, (), found_by, &Expression::condition("attribute_not_exists(pk)"))?;
        }
        Ok(transaction.commit(self).await? == Committed::Done)
    }

    /// Ends a grant's record: the platform was told, or cannot be.
    pub async fn delete_grant(&self, grant: &Grant) -> Result<(), Fault> {
        let call = self.client.delete_item().table_name(&self.table).set_key(Some(key::grant(grant.id).item()));
        call.send().await.map_err(fault)?;
        Ok(())
    }

    /// Writes the next revision of a grant, due again at a moment; `false` if somebody else was faster.
    pub async fn postpone_revocation(&self, grant: &Grant) -> Result<bool, Fault> {
        let call = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(write(self, grant)?))
            .condition_expression("revision = :r")
            .expression_attribute_values(":r", n(grant.revision.saturating_sub(1)));
        match call.send().await {
            Ok(_) => Ok(true),
            Err(error) if error.as_service_error().is_some_and(PutItemError::is_conditional_check_failed_exception) => {
                Ok(false)
            }
            Err(error) => Err(fault(error)),
        }
    }
}
