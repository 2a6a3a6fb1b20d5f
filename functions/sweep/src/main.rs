//! Scheduled: works off what is due. What calls it says nothing that counts.

use lambda_runtime::{Error, LambdaEvent, service_fn, tracing};
use serde::de::IgnoredAny;

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let services = bootstrap::services().await?;
    let sweep = async |_: LambdaEvent<IgnoredAny>| {
        let report = app::sweep::sweep(&services).await?;
        tracing::info!(?report, "sweep");
        bootstrap::metrics::tell("sweep", &report, services.now());
        Ok::<_, Error>(report)
    };
    lambda_runtime::run(service_fn(sweep)).await
}
