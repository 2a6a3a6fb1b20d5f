//! Links by which clients connect: the link, what its secrets lead to, how far clients came, wrong passwords, the logo.

use aws_sdk_dynamodb::{
    operation::update_item::UpdateItemError,
    primitives::Blob,
    types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure},
};
use domain::{
    Digest, EasyConnectLink, Event, Fault, LinkId, Timestamp, WorkspaceId,
    easyconnect::{Funnel, FunnelStep, PASSWORD_LOCK, PASSWORD_TRIES, RECEIPT_LIFETIME},
    picture::{Format, Picture},
};
use jiff::SignedDuration;

use crate::{
    Committed, Finish, Store,
    due::{self, Due},
    idempotency,
    item::{Item, attribute, decode, encode, fault, n, number, s, ttl},
    key, outbox,
    transaction::{Expression, Transaction},
};

/// How long after its end whoever holds a secret is told that it is over.
const TOLD: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Attributes of the counters: a step, and a bad end.
const STEP: &str = "step_";
const DROPPED: &str = "dropped_";

/// One page of a workspace's links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkPage {
    /// The links, the newest first.
    pub links: Vec<EasyConnectLink>,
    /// Whether there are more.
    pub more: bool,
}

/// What became of a password that is to be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tried {
    /// It may be, and so many tries are left behind it.
    Yes(u8),
    /// The link is locked until then.
    Locked(Timestamp),
}

/// What is counted of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count<'a> {
    /// A step.
    Step(FunnelStep),
    /// An attempt that ended badly, with this code.
    Dropped(&'a str),
}

/// A link as an item, due when its end is to be told.
fn write(store: &Store, link: &EasyConnectLink) -> Result<Item, Fault> {
    let mut item = encode(&key::link(&link.workspace, link.id), link)?;
    item.insert("ttl".to_owned(), ttl(link.expires_at.max(link.deleted_at.unwrap_or_default()) + RECEIPT_LIFETIME));
    if link.expiry_told_at.is_none() && link.deleted_at.is_none() {
        due::schedule(store, &mut item, Due::Link, link.expires_at, &link.id.to_string(), Some(&link.workspace));
    }
    Ok(item)
}

/// What a secret leads to.
fn pointer(link: &EasyConnectLink, secret: &Digest) -> Item {
    let mut item = key::link_secret(secret).item();
    item.insert("workspace".to_owned(), s(link.workspace.as_str()));
    item.insert("link".to_owned(), s(link.id.to_string()));
    item.insert("ttl".to_owned(), ttl(link.expires_at + TOLD));
    item
}

/// The next version of a link, where nobody was faster.
pub(crate) fn put_next<L: Clone>(
    store: &Store,
    transaction: &mut Transaction<L>,
    label: L,
    link: &EasyConnectLink,
) -> Result<(), Fault> {
    let unchanged = Expression::condition("version = :v").value(":v", n(link.version.saturating_sub(1)));
    transaction.put(store, label, write(store, link)?, &unchanged)
}

impl Store {
    /// Writes the next version of a link with what its secrets lead to, what happened, and the idempotency key's
    /// outcome. What a secret no longer leads to is gone in the same moment.
    pub async fn save_link(
        &self,
        before: Option<&EasyConnectLink>,
        after: &EasyConnectLink,
        events: &[Event],
        finish: Option<(&Finish, &str)>,
        now: Timestamp,
    ) -> Result<Committed<()>, Fault> {
        let mut transaction = Transaction::new();
        match before {
            None => {
                let absent = Expression::condition("attribute_not_exists(pk)");
                transaction.put(self, (), write(self, after)?, &absent)?;
            }
            Some(_) => put_next(self, &mut transaction, (), after)?,
        }
        let known = before.map(|link| link.secrets.as_slice()).unwrap_or_default();
        let ends_later = before.is_some_and(|link| link.expires_at != after.expires_at);
        for secret in after.secrets.iter().filter(|secret| ends_later || !known.contains(secret)) {
            transaction.put(self, (), pointer(after, secret), &Expression::default())?;
        }
        for secret in known.iter().filter(|secret| !after.secrets.contains(secret)) {
            transaction.delete(self, (), &key::link_secret(secret), &Expression::default())?;
        }
        outbox::add(self, &mut transaction, (), events, now)?;
        if let Some((finish, outcome)) = finish {
            idempotency::finish(self, &mut transaction, (), finish, outcome)?;
        }
        transaction.commit(self).await
    }

    /// A link of a workspace, read consistently.
    pub async fn find_link(&self, ws: &WorkspaceId, id: LinkId) -> Result<Option<EasyConnectLink>, Fault> {
        self.read(&key::link(ws, id)).await?.map(decode).transpose()
    }

    /// The link that a secret leads to, read consistently.
    pub async fn find_link_by_secret(&self, secret: &Digest) -> Result<Option<EasyConnectLink>, Fault> {
        let Some(item) = self.read(&key::link_secret(secret)).await? else { return Ok(None) };
        let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok());
        let (ws, id) = (text("workspace").and_then(|t| t.parse().ok()), text("link").and_then(|t| t.parse().ok()));
        let (Some(ws), Some(id)) = (ws, id) else { return Ok(None) };
        Ok(self.find_link(&ws, id).await?.filter(|link| link.secrets.contains(secret)))
    }

    /// At most `limit` links of a workspace that were made before `before`, the newest first.
    pub async fn list_links(&self, ws: &WorkspaceId, before: Option<LinkId>, limit: usize) -> Result<LinkPage, Fault> {
        let page = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :z)")
            .expression_attribute_values(":pk", s(key::workspace_partition(ws)))
            .expression_attribute_values(":z", s(key::LINK))
            .scan_index_forward(false)
            .set_exclusive_start_key(before.map(|id| key::link(ws, id).item()))
            .limit(i32::try_from(limit.saturating_add(1)).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(fault)?;
        let links = page.items.unwrap_or_default().into_iter().map(decode);
        let links = links.collect::<Result<Vec<EasyConnectLink>, _>>()?;
        let more = links.len() > limit || page.last_evaluated_key.is_some();
        Ok(LinkPage { links: links.into_iter().take(limit).collect(), more })
    }

    /// Counts a step of a client, or a bad end. It says nothing of who it was.
    pub async fn count_of_link(
        &self,
        ws: &WorkspaceId,
        id: LinkId,
        what: Count<'_>,
        until: Timestamp,
    ) -> Result<(), Fault> {
        let attribute = match what {
            Count::Step(step) => format!("{STEP}{}", step.as_str()),
            Count::Dropped(code) => format!("{DROPPED}{code}"),
        };
        let call = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key::link_funnel(ws, id).item()))
            .update_expression("SET #ttl = :ttl ADD #what :one")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_names("#what", attribute)
            .expression_attribute_values(":ttl", ttl(until + RECEIPT_LIFETIME))
            .expression_attribute_values(":one", n(1));
        call.send().await.map_err(fault)?;
        Ok(())
    }

    /// How far clients came with a link.
    pub async fn find_funnel(&self, ws: &WorkspaceId, id: LinkId) -> Result<Funnel, Fault> {
        let item = self.read(&key::link_funnel(ws, id)).await?.unwrap_or_default();
        let mut funnel = Funnel::default();
        for step in FunnelStep::ALL {
            let counted = number(&item, &format!("{STEP}{}", step.as_str())).unwrap_or(0);
            funnel.steps.insert(step, u32::try_from(counted).unwrap_or(u32::MAX));
        }
        for name in item.keys() {
            if let Some(code) = name.strip_prefix(DROPPED) {
                let counted = number(&item, name).unwrap_or(0);
                funnel.dropped.insert(code.to_owned(), u32::try_from(counted).unwrap_or(u32::MAX));
            }
        }
        Ok(funnel)
    }

    /// Takes one try of a link's password. A try is taken before it is looked at, so that many at once are no more.
    pub async fn take_password_try(&self, ws: &WorkspaceId, id: LinkId, now: Timestamp) -> Result<Tried, Fault> {
        let key = key::link_tries(ws, id);
        let call = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key.item()))
            .update_expression("SET latest = :now, #ttl = :ttl ADD tries :one")
            .condition_expression("attribute_not_exists(tries) OR tries < :most")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":now", n(now.as_millisecond()))
            .expression_attribute_values(":ttl", ttl(now + PASSWORD_LOCK + PASSWORD_LOCK))
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":most", n(PASSWORD_TRIES))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let error = match call.send().await {
            Ok(answer) => {
                let taken = number(&answer.attributes.unwrap_or_default(), "tries").unwrap_or(0);
                return Ok(Tried::Yes(PASSWORD_TRIES.saturating_sub(u8::try_from(taken).unwrap_or(PASSWORD_TRIES))));
            }
            Err(error) => error,
        };
        let Some(UpdateItemError::ConditionalCheckFailedException(failed)) = error.as_service_error() else {
            return Err(fault(error));
        };
        let latest = failed.item.as_ref().and_then(|item| number(item, "latest")).unwrap_or(0);
        let locked_until = Timestamp::from_millisecond(latest).unwrap_or_default() + PASSWORD_LOCK;
        if now < locked_until {
            return Ok(Tried::Locked(locked_until));
        }
        // The lock is over: this try is the first of the next five, for whoever is first.
        let again = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key.item()))
            .update_expression("SET latest = :now, tries = :one, #ttl = :ttl")
            .condition_expression("latest = :latest AND tries >= :most")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":now", n(now.as_millisecond()))
            .expression_attribute_values(":ttl", ttl(now + PASSWORD_LOCK + PASSWORD_LOCK))
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":latest", n(latest))
            .expression_attribute_values(":most", n(PASSWORD_TRIES));
        match again.send().await {
            Ok(_) => Ok(Tried::Yes(PASSWORD_TRIES - 1)),
            Err(error)
                if error.as_service_error().is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
            {
                Ok(Tried::Locked(now + SignedDuration::from_secs(1)))
            }
            Err(error) => Err(fault(error)),
        }
    }

    /// The right password was given: the tries are all there again.
    pub async fn forget_password_tries(&self, ws: &WorkspaceId, id: LinkId) -> Result<(), Fault> {
        let call = self.client.delete_item().table_name(&self.table).set_key(Some(key::link_tries(ws, id).item()));
        call.send().await.map_err(fault)?;
        Ok(())
    }

    /// Keeps a link's logo, or takes it away.
    pub async fn put_link_logo(&self, link: &EasyConnectLink, logo: Option<&Picture>) -> Result<(), Fault> {
        let key = key::link_logo(&link.workspace, link.id);
        let Some(logo) = logo else {
            let call = self.client.delete_item().table_name(&self.table).set_key(Some(key.item()));
            call.send().await.map_err(fault)?;
            return Ok(());
        };
        let mut item = key.item();
        item.insert("format".to_owned(), attribute(&logo.format)?);
        item.insert("file".to_owned(), AttributeValue::B(Blob::new(logo.bytes.clone())));
        item.insert("ttl".to_owned(), ttl(link.expires_at + RECEIPT_LIFETIME));
        let call = self.client.put_item().table_name(&self.table).set_item(Some(item));
        call.send().await.map_err(fault)?;
        Ok(())
    }

    /// A link's logo.
    pub async fn find_link_logo(&self, ws: &WorkspaceId, id: LinkId) -> Result<Option<Picture>, Fault> {
        let Some(mut item) = self.read(&key::link_logo(ws, id)).await? else { return Ok(None) };
        let Some(AttributeValue::B(file)) = item.remove("file") else { return Ok(None) };
        let format = item.get("format").and_then(|format| format.as_s().ok());
        let format = if format.is_some_and(|word| word == "png") { Format::Png } else { Format::Jpeg };
        Ok(Some(Picture { format, bytes: file.into_inner() }))
    }
}
