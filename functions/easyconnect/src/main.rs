//! Links by which clients connect, and the clients' pages.

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    lambda_http::tracing::init_default_subscriber();
    let edge = bootstrap::edge().await?;
    lambda_http::run(bootstrap::with_peer(api::easyconnect(edge))).await
}
