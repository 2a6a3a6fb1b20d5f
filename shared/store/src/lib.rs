//! The one DynamoDB table: keys, codecs, one file per aggregate.
//!
//! A failed condition is an answer, not a fault: `consume` gives an `Option`, `connect` a [`Connected`].

mod account;
mod api_key;
mod attempt;
mod audit;
mod budget;
mod change;
mod claim;
mod connect;
mod copy;
mod device;
mod due;
mod easyconnect;
mod episode;
mod erase;
mod export;
mod figures;
mod forecast;
mod grant;
mod history;
mod hold;
mod housekeeping;
mod idempotency;
mod identity;
mod incident;
mod item;
mod key;
mod notice;
mod outbox;
mod picture;
mod plan;
mod planned;
mod run;
mod scan;
mod schedule;
mod session;
mod settings;
mod sync;
mod table;
mod tell;
mod tie;
mod transaction;
mod usage;
mod vocabulary;
mod workspace;

use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use domain::{Entropy, Fault};

pub use account::{AccountFilter, AccountPage, Stretch};
pub use api_key::ApiKeyPage;
pub use attempt::{AttemptLimits, Counted};
pub use audit::AuditPage;
pub use budget::{Counter, Purse, Share, Standing, Took};
pub use change::Disconnect;
pub use connect::{AccountChange, Connect, Connected, GrantChange};
pub use copy::{Copy, Release};
pub use device::DeviceWrite;
pub use due::{Due, DueItem};
pub use easyconnect::{Count, LinkPage, Tried};
pub use erase::{Named, Swept};
pub use export::Record;
pub use figures::{Figures, KeptAudience};
pub use hold::Settled;
pub use housekeeping::{Lies, Round, Told, What};
pub use idempotency::{Begun, Finish, IdempotencyKey};
pub use identity::Changed;
pub use notice::{Found, Notice, Subject};
pub use outbox::{EventPage, Unpublished};
pub use run::{BeginRun, Part};
pub use scan::{Pass, Place};
pub use sync::{AskSync, AskedSync};
pub use table::create_table;
pub use tell::MOST_TOLD;
pub use transaction::Committed;
pub use usage::Usage;

use crate::{
    item::{Item, fault},
    key::Key,
};

/// The table.
#[derive(Clone)]
pub struct Store {
    client: Client,
    table: String,
    shards: u8,
    entropy: Arc<dyn Entropy>,
}

impl Store {
    /// The table of that name. `shards` is how many parts the due index has; it must never change
    /// for a table that holds due items.
    pub fn new(client: Client, table: impl Into<String>, shards: u8, entropy: Arc<dyn Entropy>) -> Self {
        Self { client, table: table.into(), shards: shards.max(1), entropy }
    }

    /// One item, as it was a moment ago.
    async fn glance(&self, key: &Key) -> Result<Option<Item>, Fault> {
        let call = self.client.get_item().table_name(&self.table).set_key(Some(key.item()));
        Ok(call.send().await.map_err(fault)?.item)
    }

    /// One item, read consistently.
    async fn read(&self, key: &Key) -> Result<Option<Item>, Fault> {
        let call = self.client.get_item().table_name(&self.table).set_key(Some(key.item())).consistent_read(true);
        Ok(call.send().await.map_err(fault)?.item)
    }
}
