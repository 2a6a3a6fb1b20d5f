//! Erasing a workspace: its partition page by page, and what names it elsewhere in the table.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{ConnectSession, ConnectSessionId, EventId, Fault, Grant, Run, WorkspaceId};

use crate::{
    Committed, Place, Store, due,
    item::{Item, decode, fault, n, s},
    key::{self, Key},
    transaction::{Expression, Transaction},
};

/// How many items of the partition are read at a time.
const PAGE: i32 = 100;

/// What was erased of a part of the partition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Swept {
    /// How many items.
    pub erased: u32,
    /// Changes whose events are not published yet; they are still there.
    pub unpublished: Vec<EventId>,
    /// Where it goes on; none at the end.
    pub next: Option<String>,
}

/// What names a workspace outside of its partition.
#[derive(Debug)]
pub enum Named {
    /// What a person gave it.
    Grant(Box<Grant>),
    /// An attempt to connect.
    Session(ConnectSessionId),
    /// What a consent gave and nobody has chosen from.
    Held(ConnectSessionId),
    /// Anything else: a claim in the organisation, a key of a program, a person's record.
    Other(Place),
}

impl Store {
    /// Erases a page of a workspace's partition behind a place: all but the record that locks it, the run that does it,
    /// and what is still to be published.
    pub async fn sweep_workspace(&self, run: &Run, after: Option<&str>) -> Result<Swept, Fault> {
        let partition = key::workspace_partition(&run.workspace);
        let start = after.map(|sk| Key { pk: partition.clone(), sk: sk.to_owned() }.item());
        let page = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", s(&partition))
            .projection_expression("pk, sk, dp")
            .limit(PAGE)
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(fault)?;
        let kept = [key::workspace(&run.workspace), key::run(&run.workspace, run.id)];
        let mut swept = Swept::default();
        for item in page.items.unwrap_or_default() {
            let Some(key) = Key::of(&item).filter(|key| !kept.contains(key)) else { continue };
            let event = key.sk.strip_prefix("E#").filter(|_| item.contains_key("dp")).and_then(|id| id.parse().ok());
            if let Some(event) = event {
                swept.unpublished.push(event);
            } else {
                self.erase_at(&Place::from(key)).await?;
                swept.erased += 1;
            }
        }
        swept.next = page.last_evaluated_key.as_ref().and_then(Key::of).map(|key| key.sk);
        Ok(swept)
    }

    /// Erases one item.
    pub async fn erase_at(&self, place: &Place) -> Result<(), Fault> {
        let delete = self.client.delete_item().table_name(&self.table).set_key(Some(place.key()));
        delete.send().await.map_err(fault)?;
        Ok(())
    }

    /// Erases an attempt to connect.
    pub async fn erase_session(&self, id: ConnectSessionId) -> Result<(), Fault> {
        self.erase_at(&Place::from(key::session(id))).await
    }

    /// The last of a workspace goes: the run that erased it, and the record that locked it. `false` if somebody else is
    /// at it.
    pub async fn erase_run(&self, run: &Run) -> Result<bool, Fault> {
        let mut transaction = Transaction::new();
        let held = Expression::condition("fence = :fence").value(":fence", n(run.fence));
        transaction.delete(self, (), &key::run(&run.workspace, run.id), &held)?;
        transaction.delete(self, (), &key::workspace(&run.workspace), &Expression::default())?;
        Ok(transaction.commit(self).await? == Committed::Done)
    }

    /// What of a part of the table names a workspace outside of its partition, and the place behind that part; none at
    /// the end. Reads so many items of the table, of which few may do.
    pub async fn scan_workspace(
        &self,
        ws: &WorkspaceId,
        after: Option<&Place>,
        items: i32,
    ) -> Result<(Vec<Named>, Option<Place>), Fault> {
        let start: Option<HashMap<String, AttributeValue>> = after.map(Place::key);
        let page = self
            .client
            .scan()
            .table_name(&self.table)
            .consistent_read(true)
            .filter_expression(
                "pk <> :own AND (workspace = :ws OR workspace_id = :ws \
                 OR (begins_with(pk, :subject) AND attribute_exists(grants)))",
            )
            .expression_attribute_values(":own", s(key::workspace_partition(ws)))
            .expression_attribute_values(":ws", s(ws.as_str()))
            .expression_attribute_values(":subject", s("P#"))
            .limit(items)
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(fault)?;
        let mut found = Vec::new();
        for item in page.items.unwrap_or_default() {
            found.extend(self.named(ws, item).await?);
        }
        let next = page.last_evaluated_key.as_ref().and_then(Key::of).map(Place::from);
        Ok((found, next))
    }

    /// What an item is that names the workspace; a person's record is rid of it at once.
    async fn named(&self, ws: &WorkspaceId, item: Item) -> Result<Option<Named>, Fault> {
        let Some(key) = Key::of(&item) else { return Ok(None) };
        if key.pk.starts_with(key::GRANT) {
            return decode::<Grant>(item).map(|grant| Some(Named::Grant(Box::new(grant))));
        }
        if key.pk.starts_with("P#") {
            self.forget_workspace(ws, &key, &item).await?;
            return Ok(None);
        }
        if key.pk.starts_with("S#") {
            let held = due::held(&item);
            return Ok(Some(match held {
                Some(id) => Named::Held(id),
                None => Named::Session(decode::<ConnectSession>(item)?.id),
            }));
        }
        // Another workspace's own rows are that one's.
        let elsewhere = key.pk.starts_with("W#") || key.pk == key::OPERATOR;
        Ok((!elsewhere).then(|| Named::Other(Place::from(key))))
    }

    /// Takes a workspace's grants out of a person's record, which may be gone.
    async fn forget_workspace(&self, ws: &WorkspaceId, key: &Key, item: &Item) -> Result<(), Fault> {
        let own = format!("{ws}#");
        let all = item.get("grants").and_then(|v| v.as_ss().ok()).map(Vec::as_slice).unwrap_or_default();
        let grants: Vec<&String> = all.iter().filter(|grant| grant.starts_with(&own)).collect();
        for text in &grants {
            let id = text.strip_prefix(&own).and_then(|id| id.parse().ok());
            // What is still on its way out is in no such record; what lives is let go first.
            if let Some(id) = id
                && self.find_grant(id).await?.is_some_and(|grant| grant.workspace == *ws)
            {
                continue;
            }
            let member = AttributeValue::Ss(vec![(*text).clone()]);
            let with = Expression::update("DELETE grants :grant").value(":grant", member);
            let mut transaction = Transaction::new();
            transaction.update(self, (), key, &with)?;
            transaction.commit(self).await?;
        }
        Ok(())
    }
}
