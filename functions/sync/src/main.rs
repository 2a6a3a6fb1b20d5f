//! Fetches accounts' data: every five minutes what is due, and at once when the bus says that somebody waits. What calls
//! it says nothing that counts.

use lambda_runtime::{Error, LambdaEvent, service_fn, tracing};
use serde::de::IgnoredAny;

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let services = bootstrap::services().await?;
    let sync = async |_: LambdaEvent<IgnoredAny>| {
        let report = app::sync::sync(&services).await?;
        tracing::info!(?report, "sync");
        bootstrap::metrics::tell("sync", &report, services.now());
        Ok::<_, Error>(report)
    };
    Box::pin(lambda_runtime::run(service_fn(sync))).await
}
