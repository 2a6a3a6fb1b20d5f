//! Who used accounts' tokens, for whoever reviews it.

use domain::{AccountId, EventId, Fault, Timestamp, WorkspaceId};

use crate::{
    Store,
    item::{Item, fault, s},
    key,
};

/// One record of the audit, as far as it says who did something with which account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// `credential.leased` …
    pub action: String,
    /// Who: a person's id at the SaaS, or a key's.
    pub actor: String,
    /// For which person a program acted, where it said so.
    pub on_behalf_of: Option<String>,
    /// With which account.
    pub account: Option<AccountId>,
    /// What came of it.
    pub outcome: String,
    /// When.
    pub at: Timestamp,
}

/// The newest records of a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Records {
    /// The newest first.
    pub records: Vec<Record>,
    /// Whether there are older ones of that time that were not read.
    pub more: bool,
}

impl Store {
    /// At most about `most` records that a workspace has since a moment.
    pub async fn list_records(&self, ws: &WorkspaceId, since: Timestamp, most: usize) -> Result<Records, Fault> {
        let from = key::audit(ws, &EventId::at(since).to_string());
        let (mut records, mut start) = (Vec::new(), None);
        loop {
            let page = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :until")
                .expression_attribute_values(":pk", s(&from.pk))
                .expression_attribute_values(":from", s(&from.sk))
                .expression_attribute_values(":until", s(key::audit(ws, "~").sk))
                .set_exclusive_start_key(start.take())
                .scan_index_forward(false)
                .send()
                .await
                .map_err(fault)?;
            records.extend(page.items.unwrap_or_default().iter().filter_map(read));
            start = page.last_evaluated_key;
            if start.is_none() || records.len() >= most {
                return Ok(Records { records, more: start.is_some() });
            }
        }
    }
}

/// A record that says who and when; any other is not for this.
fn read(item: &Item) -> Option<Record> {
    let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned();
    Some(Record {
        action: text("action")?,
        actor: text("actor")?,
        on_behalf_of: text("on_behalf_of"),
        account: text("account").and_then(|id| id.parse().ok()),
        outcome: text("outcome").unwrap_or_default(),
        at: text("at")?.parse().ok()?,
    })
}
