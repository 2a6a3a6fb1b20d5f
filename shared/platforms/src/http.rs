//! Calls to platforms: one client, a deadline, a limit on what is read, and no secret in an error.

use std::{error::Error, sync::Arc, time::Duration};

use reqwest::{
    Client, ClientBuilder, RequestBuilder,
    header::{self, HeaderMap},
    redirect, retry,
    tls::Version,
};
use serde_json::Value;

use crate::{PlatformError, usage::Gauge};

/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a call may take in all.
const DEADLINE: Duration = Duration::from_secs(10);
/// Most bytes of an answer that are read.
pub(crate) const MOST_BYTES: usize = 256 * 1024;
/// Deepest nesting of an answer.
const MOST_DEPTH: usize = 32;

/// A platform's answer, whatever its status.
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The body, with replacements for what is not UTF-8.
    pub(crate) text: String,
    /// The body as JSON, if it is and is UTF-8 throughout.
    pub(crate) json: Option<Value>,
}

/// The process's clients: TLS 1.2 at least, the machine's certificates, no redirects, no retries, no proxy, no compression.
#[derive(Clone)]
pub(crate) struct Clients {
    /// Keeps connections for a while: for what can be asked again.
    pub(crate) kept: Client,
    /// A connection for each call: one that stood idle may be closed by the time it is used, as after a function
    /// was frozen, and a code that was sent into it is lost.
    pub(crate) fresh: Client,
    /// What the platforms tell of their budgets.
    pub(crate) gauge: Arc<Gauge>,
}

/// How long a connection is kept that nobody uses.
const IDLE: Duration = Duration::from_secs(5);

/// Makes them.
pub(crate) fn clients() -> Result<Clients, reqwest::Error> {
    Ok(Clients {
        kept: client_with(DEADLINE, usize::MAX).build()?,
        fresh: client_with(DEADLINE, 0).build()?,
        gauge: Arc::default(),
    })
}

#[expect(clippy::disallowed_methods, reason = "this is the door through which calls go out")]
fn client_with(deadline: Duration, most_idle: usize) -> ClientBuilder {
    Client::builder()
        .user_agent("mooring")
        .tls_version_min(Version::TLS_1_2)
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .no_proxy()
        .pool_max_idle_per_host(most_idle)
        .pool_idle_timeout(IDLE)
        .no_gzip()
        .no_brotli()
        .no_deflate()
        .no_zstd()
        .connect_timeout(CONNECT)
        .timeout(deadline)
}

/// Sends once. Only a failure to connect is [`PlatformError::NotSent`]; whatever breaks after
/// that may have happened.
pub(crate) async fn send(request: RequestBuilder) -> Result<Answer, PlatformError> {
    let mut response = request.send().await.map_err(|e| {
        let unsent = e.is_connect() || e.is_builder();
        if unsent { PlatformError::NotSent(reason(e)) } else { PlatformError::Unknown(reason(e)) }
    })?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    if headers.get(header::CONTENT_ENCODING).is_some_and(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"))
    {
        return Err(PlatformError::Unknown(format!("{status} with a body in a coding that was not asked for")));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|e| PlatformError::Unknown(reason(e)))? {
        if body.len() + chunk.len() > MOST_BYTES {
            return Err(PlatformError::Unknown(format!("{status} with more than {MOST_BYTES} bytes")));
        }
        body.extend_from_slice(&chunk);
    }
    let json = str::from_utf8(&body).ok().and_then(json);
    Ok(Answer { status, headers, text: String::from_utf8_lossy(&body).into_owned(), json })
}

/// Parses JSON that is not nested too deeply.
pub(crate) fn json(text: &str) -> Option<Value> {
    (depth(text) <= MOST_DEPTH).then(|| serde_json::from_str(text).ok()).flatten()
}

/// How deeply brackets nest, outside of strings.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest, mut quoted, mut escaped) = (0_usize, 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// An error and its causes, without the address.
fn reason(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

impl Answer {
    /// Whether the status says success.
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

#[cfg(test)]
mod tests;
