//! Who did what: one item each, in the order of time.

use domain::{AuditId, Fault, Timestamp, WorkspaceId, audit::AuditEntry};
use jiff::SignedDuration;

use crate::{
    Store,
    item::{decode, encode, fault, s, ttl},
    key,
};

/// One page of the audit.
#[derive(Debug, Clone)]
pub struct AuditPage {
    /// The entries, the latest first.
    pub entries: Vec<AuditEntry>,
    /// Whether there are older ones.
    pub more: bool,
}

impl Store {
    /// Keeps what somebody did, for so long.
    pub async fn audit(&self, ws: &WorkspaceId, entry: &AuditEntry, kept: SignedDuration) -> Result<(), Fault> {
        let mut item = encode(&key::audit(ws, entry.id), entry)?;
        item.insert("ttl".to_owned(), ttl(entry.at + kept));
        self.client.put_item().table_name(&self.table).set_item(Some(item)).send().await.map_err(fault)?;
        Ok(())
    }

    /// At most `limit` entries between two ids, both left out, the latest first. What is behind its time may still lie there.
    pub async fn list_audit(
        &self,
        ws: &WorkspaceId,
        from: Timestamp,
        before: AuditId,
        limit: usize,
    ) -> Result<AuditPage, Fault> {
        let sort = |id: AuditId| s(key::audit(ws, id).sk);
        if before <= AuditId::new(from, [0; 16]) {
            return Ok(AuditPage { entries: Vec::new(), more: false });
        }
        let page = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :before")
            .expression_attribute_values(":pk", s(key::workspace_partition(ws)))
            .expression_attribute_values(":from", sort(AuditId::new(from, [0; 16])))
            .expression_attribute_values(":before", sort(before))
            .scan_index_forward(false)
            .limit(i32::try_from(limit.saturating_add(1)).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(fault)?;
        let items = page.items.unwrap_or_default().into_iter();
        let mut entries = items.map(decode).collect::<Result<Vec<AuditEntry>, Fault>>()?;
        // The one that the page before ended with.
        entries.retain(|entry| entry.id < before);
        let more = entries.len() > limit || page.last_evaluated_key.is_some();
        entries.truncate(limit);
        Ok(AuditPage { entries, more })
    }
}
