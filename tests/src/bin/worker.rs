//! One product process without HTTP, for tests of several on one table.

use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() {
    let all = EnvFilter::new("trace,aws_=warn");
    tracing_subscriber::fmt().with_env_filter(all).with_writer(std::io::stderr).with_ansi(false).init();
    tests::worker::run().await;
}
