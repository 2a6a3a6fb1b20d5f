//! The table behind TCP, for several processes at once.

use std::path::Path;

use aws_sdk_dynamodb::{
    Client,
    config::{BehaviorVersion, Credentials, Region, StalledStreamProtectionConfig, retry::RetryConfig},
};
use dynoxide::Database;
use tokio::{net::TcpListener, task::JoinHandle};

/// Its name.
pub const NAME: &str = "mooring";
/// Parts of its due index.
pub const SHARDS: u8 = 4;

/// A table that this process serves until it is dropped.
pub struct Table {
    /// Where, without a slash at the end.
    pub address: String,
    /// The table itself, without a wire between.
    pub client: Client,
    serving: JoinHandle<()>,
}

impl Table {
    /// One that is kept nowhere.
    pub async fn start() -> Self {
        Self::of(Database::memory().expect("a table")).await
    }

    /// One that is kept in a file.
    pub async fn on(file: &Path) -> Self {
        Self::of(Database::new(file.to_str().expect("text")).expect("a table")).await
    }

    async fn of(database: Database) -> Self {
        let client = local::embedded::client(database.clone());
        store::create_table(&client, NAME).await.expect("a table");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("bound"));
        let serving = tokio::spawn(dynoxide::server::serve_on(listener, database));
        Self { address, client, serving }
    }

    /// Every item, as text that can be searched.
    pub async fn text(&self) -> String {
        let mut items = Vec::new();
        let mut pages = self.client.scan().table_name(NAME).into_paginator().send();
        while let Some(page) = pages.next().await {
            items.extend(page.expect("the table").items().iter().map(|item| format!("{item:?}")));
        }
        items.join("\n")
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// A client of the table at an address. It tries nothing again, and waits as long as a call takes.
pub fn client(address: &str) -> Client {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("local"))
        .credentials_provider(Credentials::new("local", "local", None, None, "tests"))
        .retry_config(RetryConfig::disabled())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .endpoint_url(address)
        .build();
    Client::from_conf(config)
}
