//! The daily round over all of the table, every hour a part of it. What calls it says nothing that counts.

use lambda_runtime::{Error, LambdaEvent, service_fn, tracing};
use serde::de::IgnoredAny;

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let services = bootstrap::services().await?;
    let housekeeping = async |_: LambdaEvent<IgnoredAny>| {
        let report = app::housekeeping::housekeeping(&services).await?;
        tracing::info!(?report, "housekeeping");
        bootstrap::metrics::tell("housekeeping", &report, services.now());
        Ok::<_, Error>(report)
    };
    lambda_runtime::run(service_fn(housekeeping)).await
}
