//! API keys: one row in the workspace, and one item for each text that proves the key, found by the text's digest.

use domain::{
    ApiKey, ApiKeyId, Digest, Fault, Timestamp, WorkspaceId,
    api_key::{Badge, Proof},
};
use jiff::SignedDuration;

use crate::{
    Committed, Finish, Store, idempotency,
    item::{decode, encode, fault, n, s, ttl},
    key,
    transaction::{Expression, Transaction},
};

/// How long a key that was ended can still be looked at.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 90);

/// One page of keys.
#[derive(Debug, Clone)]
pub struct ApiKeyPage {
    /// The keys, oldest first.
    pub keys: Vec<ApiKey>,
    /// Whether there are more behind the last one.
    pub more: bool,
}

impl Store {
    /// What a text proves, read consistently: a key that was ended a moment ago is not found.
    pub async fn find_badge(&self, proof: &Digest) -> Result<Option<Badge>, Fault> {
        self.read(&key::badge(proof)).await?.map(decode).transpose()
    }

    /// Notes that a key was used, unless somebody has noted it since `badge` was read.
    pub async fn note_key_used(&self, proof: &Digest, badge: &Badge, now: Timestamp) -> Result<(), Fault> {
        let seconds = n(now.as_second());
        let with = Expression::update("SET used_at = :now").value(":now", seconds.clone());
        let with = match badge.used_at {
            Some(before) => with.when("used_at = :before").value(":before", n(before.as_second())),
            None => with.when("attribute_exists(pk) AND attribute_not_exists(used_at)"),
        };
        let mut transaction = Transaction::new();
        transaction.update(self, (), &key::badge(proof), &with)?;
        if transaction.commit(self).await? == Committed::Done {
            let with =
                Expression::update("SET last_used_at = :now").when("attribute_exists(pk)").value(":now", seconds);
            let mut transaction = Transaction::new();
            transaction.update(self, (), &key::api_key(&badge.workspace, badge.key), &with)?;
            transaction.commit(self).await?;
        }
        Ok(())
    }

    /// A key of a workspace, read consistently.
    pub async fn find_api_key(&self, ws: &WorkspaceId, id: ApiKeyId) -> Result<Option<ApiKey>, Fault> {
        self.read(&key::api_key(ws, id)).await?.map(decode).transpose()
    }

    /// At most `limit` keys of a workspace behind `after`.
    pub async fn list_api_keys(
        &self,
        ws: &WorkspaceId,
        after: Option<ApiKeyId>,
        limit: usize,
    ) -> Result<ApiKeyPage, Fault> {
        let page = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :y)")
            .expression_attribute_values(":pk", s(key::workspace_partition(ws)))
            .expression_attribute_values(":y", s(key::API_KEY))
            .set_exclusive_start_key(after.map(|id| key::api_key(ws, id).item()))
            .limit(i32::try_from(limit.saturating_add(1)).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(fault)?;
        let keys = page.items.unwrap_or_default().into_iter().map(decode).collect::<Result<Vec<ApiKey>, _>>()?;
        let more = keys.len() > limit || page.last_evaluated_key.is_some();
        Ok(ApiKeyPage { keys: keys.into_iter().take(limit).collect(), more })
    }

    /// Writes the next version of a key with what its texts prove, and the idempotency key's outcome. What a text no
    /// longer proves is gone in the same moment.
    pub async fn save_api_key(
        &self,
        before: Option<&ApiKey>,
        after: &ApiKey,
        finish: Option<(&Finish, &str)>,
        now: Timestamp,
    ) -> Result<Committed<()>, Fault> {
        let mut transaction = Transaction::new();
        let mut row = encode(&key::api_key(&after.workspace, after.id), after)?;
        if let Some(ended) = after.revoked_at.or(after.expires_at) {
            row.insert("ttl".to_owned(), ttl(ended + KEPT));
        }
        let unchanged = match before {
            None => Expression::condition("attribute_not_exists(pk)"),
            Some(before) => Expression::condition("version = :before").value(":before", n(before.version)),
        };
        transaction.put(self, (), row, &unchanged)?;
        let living: Vec<&Proof> = after.living(now).collect();
        for proof in &living {
            let badge = after.badge(proof);
            let mut item = encode(&key::badge(&proof.digest), &badge)?;
            if let Some(ends) = badge.ends_at {
                item.insert("ttl".to_owned(), ttl(ends));
            }
            transaction.put(self, (), item, &Expression::default())?;
        }
        for proof in before.into_iter().flat_map(|before| &before.proofs) {
            if !living.iter().any(|living| living.digest == proof.digest) {
                transaction.delete(self, (), &key::badge(&proof.digest), &Expression::default())?;
            }
        }
        if let Some((finish, outcome)) = finish {
            idempotency::finish(self, &mut transaction, (), finish, outcome)?;
        }
        transaction.commit(self).await
    }
}
