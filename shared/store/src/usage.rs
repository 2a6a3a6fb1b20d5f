//! Who used an account's tokens, and how often.

use domain::{AccountId, Fault, Timestamp, WorkspaceId};
use jiff::SignedDuration;

use crate::{
    Store,
    item::{Item, attribute, fault, n, s, ttl},
    key,
};

/// How long it is kept who did what.
const AUDITED: SignedDuration = SignedDuration::from_hours(24 * 400);
/// Over how many days uses are counted.
const DAYS: i64 = 7;

/// One use, for the audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use<'a> {
    /// `credential.leased` …
    pub action: &'a str,
    /// Who, by their id at the SaaS.
    pub actor: &'a str,
    /// For which person, where a program says so.
    pub on_behalf_of: Option<&'a str>,
    /// Of which account.
    pub account: AccountId,
    /// What for.
    pub purpose: &'a str,
    /// What came of it: `granted`, or the code of the refusal.
    pub outcome: &'a str,
    /// The id of the record.
    pub id: &'a str,
}

/// How an account was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
    /// How often in the last seven days, today included.
    pub leases_7d: u32,
}

impl Store {
    /// Writes down who did what.
    pub async fn audit(&self, ws: &WorkspaceId, entry: &Use<'_>, now: Timestamp) -> Result<(), Fault> {
        let mut item: Item = key::audit(ws, entry.id).item();
        let words = [("action", entry.action), ("actor", entry.actor), ("purpose", entry.purpose)];
        item.extend(words.into_iter().map(|(name, word)| (name.to_owned(), s(word))));
        item.extend(entry.on_behalf_of.map(|person| ("on_behalf_of".to_owned(), s(person))));
        item.insert("account".to_owned(), s(entry.account.to_string()));
        item.insert("outcome".to_owned(), s(entry.outcome));
        item.insert("at".to_owned(), attribute(&now)?);
        item.insert("ttl".to_owned(), ttl(now + AUDITED));
        self.client.put_item().table_name(&self.table).set_item(Some(item)).send().await.map_err(fault)?;
        Ok(())
    }

    /// Counts one use of an account today, and forgets what is older than a week.
    pub async fn count_use(&self, ws: &WorkspaceId, account: AccountId, now: Timestamp) -> Result<(), Fault> {
        let today = day(now);
        let old: Vec<String> = (DAYS..2 * DAYS).map(|ago| format!("d{}", today - ago)).collect();
        let call = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key::usage(ws, account).item()))
            .update_expression(format!("SET last_used_at = :now ADD d{today} :one REMOVE {}", old.join(", ")))
            .expression_attribute_values(":now", attribute(&now)?)
            .expression_attribute_values(":one", n(1));
        call.send().await.map_err(fault)?;
        Ok(())
    }

    /// How an account was used.
    pub async fn find_usage(&self, ws: &WorkspaceId, account: AccountId, now: Timestamp) -> Result<Usage, Fault> {
        let Some(item) = self.read(&key::usage(ws, account)).await? else { return Ok(Usage::default()) };
        let today = day(now);
        let days = (0..DAYS).filter_map(|ago| crate::item::number(&item, &format!("d{}", today - ago)));
        let last = item.get("last_used_at").and_then(|v| v.as_s().ok()).and_then(|t| t.parse().ok());
        Ok(Usage { last_used_at: last, leases_7d: u32::try_from(days.sum::<i64>()).unwrap_or(u32::MAX) })
    }
}

/// A day in UTC, counted from the epoch.
fn day(now: Timestamp) -> i64 {
    now.as_second().div_euclid(24 * 3600)
}
