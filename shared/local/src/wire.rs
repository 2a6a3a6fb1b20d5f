//! HTTP/1.1 on a socket: what is slow is cut off, and what two readers could read differently is refused.

use std::{convert::Infallible, time::Duration};

use api::Peer;
use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode, Uri, Version, header},
    response::{IntoResponse as _, Response},
    serve::Listener,
};
use futures::{FutureExt as _, future::BoxFuture};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulConnection, GracefulShutdown},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
};
use tower::ServiceExt as _;

/// How long a head may take to come, and a connection may stay without a request.
const HEAD_TIME: Duration = Duration::from_secs(10);
/// Most header lines; one more is answered 431.
const HEADERS: usize = 64;
/// Largest head, in bytes; more is answered 431.
const HEAD_BYTES: usize = 64 * 1024;

/// Serves until it is told to stop; then requests that run may finish.
pub async fn serve(mut listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    let running = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let (stream, peer) = tokio::select! {
            accepted = Listener::accept(&mut listener) => accepted,
            () = &mut stop => break,
        };
        tokio::spawn(running.watch(connection(stream, router.clone(), Some(Peer(peer.ip())))).map(drop));
    }
    drop(listener);
    running.shutdown().await;
}

/// The product on one connection.
pub fn connection<S>(stream: S, router: Router, peer: Option<Peer>) -> impl GracefulConnection<Error = hyper::Error>
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let answer = service_fn(move |mut request: Request<Incoming>| {
        if let Some(peer) = peer {
            request.extensions_mut().insert(peer);
        }
        answer(router.clone(), request)
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_headers(HEADERS)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), answer)
}

fn answer(router: Router, request: Request<Incoming>) -> BoxFuture<'static, Result<Response, Infallible>> {
    let close = (header::CONNECTION, "close");
    let refusal = if request.method() == Method::CONNECT {
        (StatusCode::METHOD_NOT_ALLOWED, [close, (header::ALLOW, "DELETE, GET, HEAD, POST, PUT")]).into_response()
    } else if is_plain(&request) {
        return router.oneshot(request.map(Body::new)).boxed();
    } else {
        (StatusCode::BAD_REQUEST, [close]).into_response()
    };
    std::future::ready(Ok(refusal)).boxed()
}

/// Whether every reader on the way sees the same host and the same end of the body (RFC 9112 sections 3.2 and 6.1).
/// What a length cannot be, and what two of them cannot be, hyper refuses itself.
fn is_plain(request: &Request<Incoming>) -> bool {
    let headers = request.headers();
    let coding = values(headers, header::TRANSFER_ENCODING);
    let chunked = coding.iter().all(|value| value.eq_ignore_ascii_case(b"chunked")) && coding.len() < 2;
    let host = values(headers, header::HOST);
    let named = match (host.as_slice(), request.version()) {
        ([host], _) => !host.is_empty() && agrees(request.uri(), host),
        ([], Version::HTTP_10) => true,
        _ => false,
    };
    chunked && named
}

fn values(headers: &HeaderMap, name: header::HeaderName) -> Vec<&[u8]> {
    headers.get_all(name).iter().map(|value| value.as_bytes().trim_ascii()).collect()
}

/// An address that names a host itself names the same one.
fn agrees(uri: &Uri, host: &[u8]) -> bool {
    uri.authority().is_none_or(|named| named.as_str().as_bytes().eq_ignore_ascii_case(host))
}
