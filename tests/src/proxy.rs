//! What stands between one process and its table: it passes every call on, but for those that a test has plans for.

use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use futures::stream;
use serde_json::json;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle, time::timeout};

use crate::client;

/// How long a call may be awaited.
const PATIENCE: Duration = Duration::from_mins(1);

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It waits; the table has not seen it.
    HoldBefore,
    /// The table has done it; the answer waits.
    HoldAfter,
    /// The table has done it; the answer is an error of the server.
    FailAfter,
    /// The table has done it; the connection breaks instead of an answer.
    LoseAnswer,
    /// The table never sees it; the connection breaks.
    Drop,
}

/// A proxy before a table; each process has one of its own, so that a plan is for that process alone.
pub struct Proxy {
    /// Where, without a slash at the end.
    pub address: String,
    plans: Arc<Mutex<Vec<Plan>>>,
    serving: JoinHandle<()>,
}

struct Plan {
    operation: String,
    text: String,
    fate: Fate,
    struck: oneshot::Sender<String>,
    go: oneshot::Receiver<()>,
    over: oneshot::Sender<()>,
}

/// A plan for one call, as the test holds it. A call that it holds breaks off if this is dropped.
#[must_use = "what is not held on to breaks the call off"]
pub struct Strike {
    struck: oneshot::Receiver<String>,
    go: oneshot::Sender<()>,
    over: oneshot::Receiver<()>,
}

impl Strike {
    /// Waits, once, until the call came, and for `HoldAfter`, `FailAfter` and `LoseAnswer` until the table has done it.
    /// Answers with what was asked.
    pub async fn struck(&mut self) -> String {
        timeout(PATIENCE, &mut self.struck).await.expect("the call comes in time").expect("the proxy lives")
    }

    /// Lets the call that waits go on, though nobody may wait for its answer any more; returns when the table has done it.
    pub async fn release(self) {
        let _ = self.go.send(());
        let _ = self.over.await;
    }
}

#[derive(Clone)]
struct Passage {
    http: reqwest::Client,
    table: String,
    plans: Arc<Mutex<Vec<Plan>>>,
}

impl Proxy {
    /// Before the table at an address.
    pub async fn start(table: &str) -> Self {
        let plans = Arc::default();
        let passage = Passage { http: client(), table: table.to_owned(), plans: Arc::clone(&plans) };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("bound"));
        let routes = Router::new().fallback(pass).with_state(passage);
        let serving = tokio::spawn(async move {
            let _ = axum::serve(listener, routes).await;
        });
        Self { address, plans, serving }
    }

    /// What becomes of the next call of this operation (`UpdateItem` …) in whose body the text stands.
    pub fn next(&self, operation: &str, text: &str, fate: Fate) -> Strike {
        let (tell, struck) = oneshot::channel();
        let (go, wait) = oneshot::channel();
        let (end, over) = oneshot::channel();
        let (operation, text) = (operation.to_owned(), text.to_owned());
        self.plans.lock().expect("the plans").push(Plan { operation, text, fate, struck: tell, go: wait, over: end });
        Strike { struck, go, over }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn pass(State(passage): State<Passage>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, usize::MAX).await else { return broken() };
    // In a task of its own: a call goes on also when whoever made it is killed.
    let passing = tokio::spawn(async move { passage.pass(parts.headers, body).await });
    passing.await.unwrap_or_else(|_| broken())
}

impl Passage {
    async fn pass(&self, headers: HeaderMap, body: Bytes) -> Response {
        let target = headers.get("x-amz-target").and_then(|t| t.to_str().ok()).unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default();
        let asked = String::from_utf8_lossy(&body).into_owned();
        let Some(Plan { fate, struck, go, over, .. }) = self.plan(operation, &asked) else {
            return self.forward(headers, body).await;
        };
        let answer = match fate {
            Fate::HoldBefore | Fate::Drop => None,
            Fate::HoldAfter | Fate::FailAfter | Fate::LoseAnswer => {
                Some(self.forward(headers.clone(), body.clone()).await)
            }
        };
        let _ = struck.send(asked);
        let answer = match fate {
            Fate::FailAfter => failure(),
            Fate::LoseAnswer | Fate::Drop => broken(),
            Fate::HoldBefore | Fate::HoldAfter => match (go.await, answer) {
                (Err(_), _) => broken(),
                (Ok(()), Some(answer)) => answer,
                (Ok(()), None) => self.forward(headers, body).await,
            },
        };
        let _ = over.send(());
        answer
    }

    fn plan(&self, operation: &str, asked: &str) -> Option<Plan> {
        let mut plans = self.plans.lock().expect("the plans");
        let at = plans.iter().position(|plan| plan.operation == operation && asked.contains(&plan.text))?;
        Some(plans.remove(at))
    }

    async fn forward(&self, mut headers: HeaderMap, body: Bytes) -> Response {
        headers.remove(header::HOST);
        let Ok(answer) = self.http.post(&self.table).headers(headers).body(body).send().await else {
            return broken();
        };
        let (status, mut headers) = (answer.status(), answer.headers().clone());
        let Ok(body) = answer.bytes().await else { return broken() };
        headers.remove(header::TRANSFER_ENCODING);
        (status, headers, body).into_response()
    }
}

/// As the table's own: it does not say whether anything was done.
fn failure() -> Response {
    let error = json!({"__type": "com.amazonaws.dynamodb.v20120810#InternalServerError", "message": "of a test"});
    (StatusCode::INTERNAL_SERVER_ERROR, [(header::CONTENT_TYPE, "application/x-amz-json-1.0")], error.to_string())
        .into_response()
}

/// The connection breaks before anything was written.
fn broken() -> Response {
    let cause = Err::<Bytes, io::Error>(io::ErrorKind::ConnectionReset.into());
    let mut response = Response::new(Body::from_stream(stream::iter([cause])));
    response.headers_mut().insert(header::CONTENT_LENGTH, 1.into());
    response
}
