//! Connect sessions, and the page that sends a browser to the platform.

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    lambda_http::tracing::init_default_subscriber();
    let edge = bootstrap::edge().await?;
    lambda_http::run(bootstrap::with_peer(api::oauth_start(edge))).await
}
