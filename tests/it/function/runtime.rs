//! The Lambda runtime API on this machine, for one function.

use std::{
    collections::BTreeMap,
    process::{Child, Command},
    sync::Arc,
    time::Duration,
};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    response::IntoResponse,
    routing::{get, post},
};
use serde_json::{Value, json};
use tempfile::NamedTempFile;
use tests::{binary, secret::Needles};
use tokio::sync::{Mutex, mpsc};

/// What a function is given to keep.
pub(crate) const CLIENT_SECRET: &str = "deployed-secret";
pub(crate) const KEY: [u8; 32] = *b"the deployed key of 32 bytes ...";
const SECRETS: [(&str, &[u8]); 2] = [("a client secret", CLIENT_SECRET.as_bytes()), ("a key", &KEY)];

/// A function's own process, fed with events.
pub(crate) struct Function {
    process: Child,
    /// All that it prints.
    log: NamedTempFile,
    events: mpsc::Sender<Value>,
    answers: Mutex<mpsc::Receiver<Value>>,
}

/// What it answered.
pub(crate) struct Answered {
    pub(crate) status: u64,
    pub(crate) body: String,
    headers: BTreeMap<String, String>,
}

impl Answered {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

struct Runtime {
    events: Mutex<mpsc::Receiver<Value>>,
    answers: mpsc::Sender<Value>,
}

impl Function {
    pub(crate) async fn start(name: &str, environment: &[(&str, String)]) -> Self {
        let (events, queued) = mpsc::channel(1);
        let (answered, answers) = mpsc::channel(1);
        let runtime = Arc::new(Runtime { events: Mutex::new(queued), answers: answered });
        let routes = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(failure))
            .route("/2018-06-01/runtime/init/error", post(failure))
            .with_state(runtime);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("bound").to_string();
        tokio::spawn(axum::serve(listener, routes).into_future());
        let log = NamedTempFile::new().expect("a file");
        let print = || log.reopen().expect("a file");
        let process = Command::new(binary(name))
            .env_clear()
            .envs(environment.iter().map(|(k, v)| (*k, v.as_str())))
            .envs([
                ("AWS_LAMBDA_RUNTIME_API", address.as_str()),
                ("AWS_LAMBDA_FUNCTION_NAME", name),
                ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
                ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
                ("AWS_REGION", "eu-central-1"),
                ("AWS_ACCESS_KEY_ID", "key"),
                ("AWS_SECRET_ACCESS_KEY", "secret"),
                ("RUST_LOG", "debug"),
            ])
            .stdout(print())
            .stderr(print())
            .spawn()
            .expect("the function starts");
        Self { process, log, events, answers: Mutex::new(answers) }
    }

    /// One event, and what the function answers.
    pub(crate) async fn invoke(&self, event: Value) -> Value {
        self.events.send(event).await.expect("the runtime lives");
        let mut answers = self.answers.lock().await;
        let answer = tokio::time::timeout(Duration::from_secs(30), answers.recv()).await;
        answer.expect("an answer in time").expect("an answer")
    }

    /// All that it has printed so far.
    pub(crate) fn printed(&self) -> String {
        std::fs::read_to_string(&self.log).expect("the log")
    }

    /// What it has printed of metrics so far, line by line.
    pub(crate) fn metrics(&self) -> Vec<Value> {
        let printed = self.printed();
        let lines = printed.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines.filter(|line| line["_aws"].is_object()).collect()
    }

    /// One request as an HTTP API hands it over (payload format 2.0).
    pub(crate) async fn call(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answered {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let cookies: Vec<&str> = headers.iter().filter(|(n, _)| *n == "cookie").map(|(_, v)| *v).collect();
        let headers: BTreeMap<_, _> = headers.iter().filter(|(n, _)| *n != "cookie").copied().collect();
        let event = json!({
            "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": query,
            "cookies": cookies, "headers": headers, "isBase64Encoded": false, "body": body,
            "requestContext": {
                "accountId": "1", "apiId": "api", "domainName": "api.example", "domainPrefix": "api", "stage": "$default",
                "requestId": "id", "routeKey": "$default", "time": "22/Nov/2026:10:00:00 +0000", "timeEpoch": 1,
                "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.1", "userAgent": "t"}
            }
        });
        let answer = self.invoke(event).await;
        let mut headers: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in answer["headers"].as_object().into_iter().flatten() {
            headers.insert(name.to_lowercase(), value.as_str().unwrap_or_default().to_owned());
        }
        if let Some(cookie) = answer["cookies"][0].as_str() {
            headers.insert("set-cookie".to_owned(), cookie.to_owned());
        }
        Answered {
            status: answer["statusCode"].as_u64().unwrap_or_else(|| panic!("{answer}")),
            body: answer["body"].as_str().unwrap_or_default().to_owned(),
            headers,
        }
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let log = std::fs::read(&self.log).expect("the log");
        let mut needles = Needles::usual();
        for (what, secret) in SECRETS {
            needles.plant(what, secret);
        }
        let leaks = needles.found_in("a function's log", log);
        assert!(leaks.is_empty() || std::thread::panicking(), "secrets got out:\n{}", leaks.join("\n"));
    }
}

async fn next(State(runtime): State<Arc<Runtime>>) -> impl IntoResponse {
    let Some(event) = runtime.events.lock().await.recv().await else {
        return (StatusCode::GONE, Json(Value::Null)).into_response();
    };
    let headers = [
        ("lambda-runtime-aws-request-id", "request"),
        ("lambda-runtime-deadline-ms", "4102444800000"),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-central-1:1:function:f"),
    ];
    (headers, Json(event)).into_response()
}

async fn response(State(runtime): State<Arc<Runtime>>, Path(_): Path<String>, answer: String) -> StatusCode {
    let answer = serde_json::from_str(&answer).unwrap_or_default();
    runtime.answers.send(answer).await.map_or(StatusCode::GONE, |()| StatusCode::ACCEPTED)
}

async fn failure(State(runtime): State<Arc<Runtime>>, body: String) -> StatusCode {
    runtime.answers.send(json!({"failed": body})).await.map_or(StatusCode::GONE, |()| StatusCode::ACCEPTED)
}
