//! Every grant, a page at a time: for the rare pass over all of them.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Fault, Grant, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Committed, Store,
    item::{decode, encode, fault, n, s},
    key::{self, Key},
    transaction::{Expression, Transaction},
};

/// How far a pass over everything is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Pass {
    /// Not before this does it go on.
    #[serde(default)]
    pub next_at: Timestamp,
    /// Where it goes on among the grants; none at the beginning.
    #[serde(default)]
    pub grants: Option<Place>,
    /// Whether it is through with them, and goes on with what the vault keeps.
    #[serde(default)]
    pub grants_done: bool,
    /// Where it goes on there.
    #[serde(default)]
    pub kept: Option<String>,
    /// Counts every change.
    #[serde(default)]
    pub version: u64,
}

/// A place in the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pk: String,
    sk: String,
}

impl Place {
    pub(crate) fn key(&self) -> HashMap<String, AttributeValue> {
        Key { pk: self.pk.clone(), sk: self.sk.clone() }.item()
    }
}

impl From<Key> for Place {
    fn from(Key { pk, sk }: Key) -> Self {
        Self { pk, sk }
    }
}

impl Store {
    /// Some grants behind a place, in no order, and the place behind them; none at the end. Reads so many items of the
    /// table, of which few may be grants.
    pub async fn scan_grants(&self, after: Option<&Place>, items: i32) -> Result<(Vec<Grant>, Option<Place>), Fault> {
        let start: Option<HashMap<String, AttributeValue>> = after.map(Place::key);
        let page = self
            .client
            .scan()
            .table_name(&self.table)
            .filter_expression("sk = :r AND begins_with(pk, :grant)")
            .expression_attribute_values(":r", s("R"))
            .expression_attribute_values(":grant", s(key::GRANT))
            .limit(items)
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(fault)?;
        let grants = page.items.unwrap_or_default().into_iter().map(decode).collect::<Result<_, _>>()?;
        let next = page.last_evaluated_key.as_ref().and_then(Key::of).map(Place::from);
        Ok((grants, next))
    }

    /// How far the pass is.
    pub async fn find_pass(&self) -> Result<Pass, Fault> {
        self.read(&key::pass()).await?.map(decode).transpose().map(Option::unwrap_or_default)
    }

    /// Writes how far it is; `false` if somebody else is at it.
    pub async fn put_pass(&self, before: &Pass, after: &Pass) -> Result<bool, Fault> {
        let unchanged = match before.version {
            0 => Expression::condition("attribute_not_exists(pk)"),
            version => Expression::condition("version = :v").value(":v", n(version)),
        };
        let mut transaction = Transaction::new();
        transaction.put(self, (), encode(&key::pass(), after)?, &unchanged)?;
        Ok(transaction.commit(self).await? == Committed::Done)
    }
}
