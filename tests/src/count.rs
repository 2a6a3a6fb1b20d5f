//! Counts what the table is asked: one entry for each round trip, with the units that it took.

use std::{
    fmt,
    sync::{Arc, Mutex},
};

use aws_sdk_dynamodb::Client;
use aws_smithy_runtime_api::client::{
    http::{HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::body::SdkBody;
use serde_json::Value;

/// One round trip.
#[derive(Debug, Clone, PartialEq)]
pub struct Trip {
    /// `GetItem`, `TransactWriteItems` …
    pub operation: String,
    /// Units of the table and of its indexes together, as the table reports them.
    pub units: f64,
}

impl Trip {
    /// Whether its units are write units.
    pub fn writes(&self) -> bool {
        !matches!(self.operation.as_str(), "GetItem" | "BatchGetItem" | "Query" | "Scan" | "TransactGetItems")
    }
}

/// The round trips of a client so far.
#[derive(Debug, Clone, Default)]
pub struct Count(Arc<Mutex<Vec<Trip>>>);

impl Count {
    /// The same client, counted.
    pub fn client(&self, client: &Client) -> Client {
        let inner = client.config().http_client().expect("a client has an HTTP client");
        let counted = Counted { inner, count: self.clone() };
        Client::from_conf(client.config().to_builder().http_client(counted).build())
    }

    /// Takes what was counted since the last time.
    pub fn take(&self) -> Vec<Trip> {
        std::mem::take(&mut *self.0.lock().expect("the count"))
    }
}

#[derive(Clone)]
struct Counted<C> {
    inner: C,
    count: Count,
}

impl<C> fmt::Debug for Counted<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Counted")
    }
}

impl<C: HttpClient + Clone + 'static> HttpClient for Counted<C> {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(CountedConnector { inner, count: self.count.clone() })
    }
}

#[derive(Debug)]
struct CountedConnector {
    inner: SharedHttpConnector,
    count: Count,
}

impl HttpConnector for CountedConnector {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        let operation = request.headers().get("x-amz-target").and_then(|t| t.split('.').next_back());
        let operation = operation.unwrap_or_default().to_owned();
        let mut asked: Value = serde_json::from_slice(request.body().bytes().unwrap_or_default()).expect("JSON");
        asked["ReturnConsumedCapacity"] = "INDEXES".into();
        *request.body_mut() = SdkBody::from(asked.to_string());
        let (answer, count) = (self.inner.call(request), self.count.clone());
        HttpConnectorFuture::new(async move {
            let response: HttpResponse = answer.await?;
            let body: Value = serde_json::from_slice(response.body().bytes().unwrap_or_default())
                .map_err(|e| ConnectorError::other(e.into(), None))?;
            let units = match &body["ConsumedCapacity"] {
                Value::Array(tables) => tables.iter().filter_map(|t| t["CapacityUnits"].as_f64()).sum(),
                table => table["CapacityUnits"].as_f64().unwrap_or(0.0),
            };
            count.0.lock().expect("the count").push(Trip { operation, units });
            Ok(response)
        })
    }
}
