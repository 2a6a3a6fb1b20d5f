//! The door: finds the platform, lets faults strike, keeps the journal, sends.

use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State as Shared};
use axum::http::{HeaderValue, Uri, header};
use axum::response::{IntoResponse as _, Response};
use futures::stream;
use serde_json::json;

use crate::answer::Answer;
use crate::call::Call;
use crate::fault::Kind;
use crate::journal::Entry;
use crate::{Simulator, State, sloppy};

const BODY_LIMIT: usize = 1 << 20;
/// Longer than any client may wait.
const FOREVER: Duration = Duration::from_secs(75);
/// Lets what was written reach the client before the connection is cut.
const FLUSH: Duration = Duration::from_millis(25);

/// How an answer reaches the client, if it does.
enum Delivery {
    Whole,
    After(Duration),
    CutAfter(usize),
    Lost,
    Never,
}

/// Serves every call that is not for `/_sim/*`.
pub(crate) async fn serve(Shared(simulator): Shared<Simulator>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, BODY_LIMIT).await else {
        return send(Answer::json(413, &json!({ "error": "the body is too large" })));
    };
    let named = parts
        .headers
        .get(header::HOST)
        .and_then(|value| value.to_str().ok())
        .or_else(|| parts.uri.authority().map(axum::http::uri::Authority::as_str))
        .unwrap_or_default()
        .to_owned();
    let hosts = simulator.lock().hosts();
    let Some((host, base, path)) = locate(&hosts, &named, &parts.uri) else {
        let known = hosts.join(", ");
        let message = format!("no such host here; these are: {known}");
        return send(Answer::json(404, &json!({ "error": message })));
    };
    let call = Call::read(host, base, path, parts.method, &parts.uri, parts.headers, &bytes);
    let (answer, delivery) = simulator.lock().answer(call);
    deliver(answer, delivery).await
}

/// The host meant, how the caller reaches it, and the path below it.
fn locate(hosts: &[&'static str], named: &str, uri: &Uri) -> Option<(&'static str, Option<String>, String)> {
    let bare = named.split(':').next().unwrap_or_default();
    if let Some(host) = hosts.iter().find(|host| host.eq_ignore_ascii_case(bare)) {
        return Some((host, None, uri.path().to_owned()));
    }
    let rest = uri.path().strip_prefix('/')?;
    let (first, below) = rest.split_once('/').unwrap_or((rest, ""));
    let host = hosts.iter().find(|host| **host == first)?;
    Some((host, Some(format!("http://{named}")), format!("/{below}")))
}

impl State {
    fn hosts(&self) -> Vec<&'static str> {
        self.rooms.iter().flat_map(|room| room.hosts()).copied().collect()
    }

    /// One call from start to end, under one lock: what platforms do is atomic.
    fn answer(&mut self, mut call: Call) -> (Answer, Delivery) {
        let now = self.clock.now();
        self.world.now = now;
        let Some(room) = self.rooms.iter_mut().find(|room| room.hosts().contains(&call.host)) else {
            return (Answer::html(404, String::new()), Delivery::Whole);
        };
        let route = room.find(&call);
        let mut struck =
            route.map(|route| self.faults.strike(room.platform(), route, &mut self.world.rng)).unwrap_or_default();
        let fault = struck.names();
        call.faults = std::mem::take(&mut struck.own);
        let (name, kind) = struck.kind.unzip();
        let world = &mut self.world;
        let mut delivery = Delivery::Whole;
        let mut answer = match kind {
            Some(Kind::Status(status)) => room.failing(world, &call, status),
            Some(Kind::RateLimited) => room.rate_limited(world, &call),
            Some(Kind::Html(status)) => proxy_page(status),
            Some(Kind::Timeout) => {
                delivery = Delivery::Never;
                proxy_page(504)
            }
            _ => {
                let mode = route.filter(|_| call.own_fault(sloppy::NAME));
                let platform = room.platform();
                let early = mode.and_then(|route| self.sloppy.before(world, platform, &call, route));
                let answer = early.unwrap_or_else(|| room.handle(world, &call));
                self.sloppy.note(&answer);
                let answer = match mode {
                    Some(route) => self.sloppy.after(world, platform, &call, route, answer),
                    None => answer,
                };
                with_token_body(answer, &call)
            }
        };
        match kind {
            Some(Kind::Status(_) | Kind::RateLimited | Kind::Html(_) | Kind::Timeout) => {
                answer.outcome = format!("fault:{}", name.as_deref().unwrap_or_default());
            }
            Some(Kind::Cut(bytes)) => delivery = Delivery::CutAfter(bytes),
            Some(Kind::Slow(ms)) => delivery = Delivery::After(Duration::from_millis(ms)),
            Some(Kind::AnswerLost) => delivery = Delivery::Lost,
            Some(Kind::TruncatedJson) => answer.body.truncate(answer.body.len() / 2),
            Some(Kind::Own) | None => {}
        }
        let status = match delivery {
            Delivery::Lost | Delivery::Never => None,
            _ => Some(answer.status.as_u16()),
        };
        let outcome = answer.outcome.clone();
        self.journal.add(Entry { status, outcome, fault, ..Entry::of(now, room.platform(), &call, route) });
        (answer, delivery)
    }
}

/// The answer, or the body that a test asked for instead.
fn with_token_body(mut answer: Answer, call: &Call) -> Answer {
    let body = call.faults.iter().find_map(|own| own.strip_prefix("token_body:"));
    if let Some(body) = body.filter(|_| answer.status.is_success()) {
        answer.body = body.as_bytes().to_vec();
    }
    answer
}

fn proxy_page(status: u16) -> Answer {
    Answer::html(
        status,
        "<html><head><title>Error</title></head><body><h1>Something went wrong</h1></body></html>".to_owned(),
    )
}

async fn deliver(answer: Answer, delivery: Delivery) -> Response {
    match delivery {
        Delivery::Whole => send(answer),
        Delivery::After(wait) => {
            tokio::time::sleep(wait).await;
            send(answer)
        }
        Delivery::Never => {
            tokio::time::sleep(FOREVER).await;
            cut(answer, None)
        }
        Delivery::Lost => cut(answer, None),
        Delivery::CutAfter(bytes) => cut(answer, Some(bytes)),
    }
}

fn send(answer: Answer) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = answer.status;
    for (name, value) in answer.headers {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// A response whose connection breaks after so many bytes of its body, or
/// before anything was written.
fn cut(mut answer: Answer, after: Option<usize>) -> Response {
    let whole = answer.body.len();
    answer.body.truncate(after.unwrap_or(0));
    let start = Bytes::from(std::mem::take(&mut answer.body));
    let mut response = send(answer).into_response();
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(whole.max(1)));
    let broken = || Err::<Bytes, io::Error>(io::ErrorKind::ConnectionReset.into());
    *response.body_mut() = if after.is_some() {
        Body::from_stream(stream::unfold(Some(start), move |start| async move {
            if let Some(start) = start {
                return Some((Ok(start), None));
            }
            tokio::time::sleep(FLUSH).await;
            Some((broken(), None))
        }))
    } else {
        Body::from_stream(stream::iter([broken()]))
    };
    response
}
