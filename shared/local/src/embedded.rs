//! The embedded table behind the ordinary client: the SDK's requests are answered in this process.

use std::{fmt, sync::Arc};

use aws_sdk_dynamodb::{
    Client,
    config::{BehaviorVersion, Region, retry::RetryConfig},
};
use aws_smithy_runtime_api::client::{
    http::{HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::body::SdkBody;
use dynoxide::{Database, errors::DynoxideError};
use serde::{Serialize, de::DeserializeOwned};

/// A client of one embedded database.
pub fn client(database: Database) -> Client {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("local"))
        .allow_no_auth()
        .retry_config(RetryConfig::disabled())
        .endpoint_url("http://embedded.invalid")
        .http_client(Embedded(Arc::new(database)))
        .build();
    Client::from_conf(config)
}

#[derive(Clone)]
struct Embedded(Arc<Database>);

impl fmt::Debug for Embedded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Embedded")
    }
}

impl HttpClient for Embedded {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Embedded {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let database = Arc::clone(&self.0);
        HttpConnectorFuture::new(async move {
            let operation = request.headers().get("x-amz-target").and_then(|t| t.split('.').next_back());
            let operation = operation.unwrap_or_default().to_owned();
            let body = request.body().bytes().unwrap_or_default().to_vec();
            let answer = tokio::task::spawn_blocking(move || dispatch(&database, &operation, &body));
            let (status, text) = answer.await.map_err(|e| ConnectorError::other(e.into(), None))?;
            let status = status.try_into().map_err(|_| ConnectorError::user("status".into()))?;
            Ok(HttpResponse::new(status, SdkBody::from(text)))
        })
    }
}

fn dispatch(database: &Database, operation: &str, body: &[u8]) -> (u16, String) {
    let done = match operation {
        "BatchGetItem" => run(body, |r| database.batch_get_item(r)),
        "CreateTable" => run(body, |r| database.create_table(r)),
        "DeleteItem" => run(body, |r| database.delete_item(r)),
        "GetItem" => run(body, |r| database.get_item(r)),
        "PutItem" => run(body, |r| database.put_item(r)),
        "Query" => run(body, |r| database.query(r)),
        "Scan" => run(body, |r| database.scan(r)),
        "TransactWriteItems" => run(body, |r| database.transact_write_items(r)),
        "UpdateItem" => run(body, |r| database.update_item(r)),
        other => Err(DynoxideError::ValidationException(format!("the embedded table does not serve {other}"))),
    };
    match done {
        Ok(text) => (200, text),
        Err(error) => (error.status_code(), error.to_json()),
    }
}

fn run<I: DeserializeOwned, O: Serialize>(
    body: &[u8],
    operation: impl FnOnce(I) -> Result<O, DynoxideError>,
) -> Result<String, DynoxideError> {
    let input = serde_json::from_slice(body).map_err(|e| DynoxideError::SerializationException(e.to_string()))?;
    let output = operation(input)?;
    serde_json::to_string(&output).map_err(|e| DynoxideError::InternalServerError(e.to_string()))
}
