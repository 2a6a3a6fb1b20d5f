//! A bus over HTTP: workers publish to it, and a test sees what left them.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use domain::{Event, Fault};
use events::{EventBus, Published};
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::client;

/// The test's end.
pub struct Bus {
    /// Where events are posted to.
    pub address: String,
    seen: Arc<Mutex<Seen>>,
    serving: JoinHandle<()>,
}

#[derive(Default)]
struct Seen {
    taken: Vec<Value>,
    refuses: bool,
}

impl Bus {
    /// One that takes whatever comes.
    pub async fn start() -> Self {
        let seen = Arc::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}/", listener.local_addr().expect("bound"));
        let routes = Router::new().route("/", post(take)).with_state(Arc::clone(&seen));
        let serving = tokio::spawn(async move {
            let _ = axum::serve(listener, routes).await;
        });
        Self { address, seen, serving }
    }

    /// The events that it took, in the order in which they came, each as often as it came.
    pub fn taken(&self) -> Vec<Value> {
        self.seen.lock().expect("the bus").taken.clone()
    }

    /// Whether it fails from now on.
    pub fn refuse(&self, refuses: bool) {
        self.seen.lock().expect("the bus").refuses = refuses;
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn take(State(seen): State<Arc<Mutex<Seen>>>, Json(event): Json<Value>) -> StatusCode {
    let mut seen = seen.lock().expect("the bus");
    if seen.refuses {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    seen.taken.push(event);
    StatusCode::NO_CONTENT
}

/// The worker's end.
pub(crate) struct HttpBus {
    http: reqwest::Client,
    to: String,
}

impl HttpBus {
    pub(crate) fn new(to: &str) -> Self {
        Self { http: client(), to: to.to_owned() }
    }

    async fn send(&self, event: &Event) -> Result<(), Fault> {
        let sent = self.http.post(&self.to).json(event).send().await;
        let answer = sent.map_err(|e| Fault::Bus(e.to_string()))?;
        if answer.status().is_success() {
            return Ok(());
        }
        Err(Fault::Bus(format!("the bus answered {}", answer.status())))
    }
}

#[async_trait]
impl EventBus for HttpBus {
    async fn publish(&self, events: &[Event]) -> Published {
        let mut published = Published::default();
        for event in events {
            match self.send(event).await {
                Ok(()) => published.taken.push(event.id),
                Err(fault) => published.fault = Some(fault),
            }
        }
        published
    }
}
