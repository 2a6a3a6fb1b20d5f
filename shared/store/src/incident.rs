//! Platforms in trouble: few items in one partition, each kept for a while after its end.

use domain::{
    Event, Fault, PlatformId, Timestamp,
    incident::{EndpointClass, Incident},
};
use jiff::SignedDuration;

use crate::{
    Committed, Store,
    item::{all, decode, encode, n, s, ttl},
    key, outbox,
    transaction::{Expression, Transaction},
};

/// How long an ended one is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 90);

impl Store {
    /// Every incident of the last ninety days, read consistently.
    pub async fn list_incidents(&self) -> Result<Vec<Incident>, Fault> {
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :b)")
            .expression_attribute_values(":pk", s(key::OPERATOR))
            .expression_attribute_values(":b", s(key::INCIDENT))
            .consistent_read(true);
        all(query).await?.into_iter().map(decode).collect()
    }

    /// The latest incident at one kind of address.
    pub async fn find_incident(&self, platform: &PlatformId, class: EndpointClass) -> Result<Option<Incident>, Fault> {
        self.read(&key::incident(platform, class)).await?.map(decode).transpose()
    }

    /// Writes the next version of an incident with what happened; `false` if somebody else was faster. One that
    /// begins after another one has ended leaves that one in the records.
    pub async fn put_incident(
        &self,
        before: Option<&Incident>,
        after: &Incident,
        events: &[Event],
        now: Timestamp,
    ) -> Result<bool, Fault> {
        let mut transaction = Transaction::new();
        let unchanged = match before {
            Some(before) => Expression::condition("version = :v").value(":v", n(before.version)),
            None => Expression::condition("attribute_not_exists(pk)"),
        };
        transaction.put(self, (), encode(&key::incident(&after.platform, after.class), after)?, &unchanged)?;
        if let Some(past) = before.filter(|before| before.since != after.since) {
            let mut item = encode(&key::past_incident(past), past)?;
            item.insert("ttl".to_owned(), ttl(past.resolved_at.unwrap_or(now) + KEPT));
            transaction.put(self, (), item, &Expression::default())?;
        }
        outbox::add(self, &mut transaction, (), events, now)?;
        Ok(transaction.commit(self).await? == Committed::Done)
    }
}
