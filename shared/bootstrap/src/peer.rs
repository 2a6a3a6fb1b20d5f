//! Where a request came from, as the gateway saw it.

use api::Peer;
use axum::{Router, extract::Request, middleware};
use lambda_http::request::RequestContext;

/// The router with each request's [`Peer`]: the address of the gateway's own record, never of a header.
pub fn with_peer(router: Router) -> Router {
    router.layer(middleware::map_request(|mut request: Request| async move {
        let address = match request.extensions().get::<RequestContext>() {
            Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.as_deref(),
            _ => None,
        };
        if let Some(address) = address.and_then(|text| text.parse().ok()) {
            request.extensions_mut().insert(Peer(address));
        }
        request
    }))
}
