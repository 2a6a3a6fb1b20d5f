//! Scheduled: publishes what is left over in the outbox. What calls it says nothing that counts.

use lambda_runtime::{Error, LambdaEvent, service_fn, tracing};
use serde::de::IgnoredAny;

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let services = bootstrap::services().await?;
    let deliver = async |_: LambdaEvent<IgnoredAny>| {
        let report = app::deliver::deliver(&services).await?;
        tracing::info!(?report, "deliver");
        bootstrap::metrics::tell("deliver", &report, services.now());
        Ok::<_, Error>(report)
    };
    lambda_runtime::run(service_fn(deliver)).await
}
