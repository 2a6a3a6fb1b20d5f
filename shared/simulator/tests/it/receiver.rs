//! An app's endpoint for notices, which notes what it is sent.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use aws_lc_rs::hmac;
use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use simulator::App;

use crate::harness::{BACK, Reply, Sim};

#[derive(Clone, Debug)]
pub struct Seen {
    pub content_type: String,
    pub signature: String,
    pub body: String,
}

#[derive(Default)]
struct Inner {
    seen: Vec<Seen>,
    /// Each is given once, then 200 with a good reply to a request for deletion.
    answers: VecDeque<(u16, &'static str)>,
    /// By which challenges are answered.
    secret: String,
    challenges: usize,
}

#[derive(Clone)]
pub struct Receiver {
    pub url: String,
    inner: Arc<Mutex<Inner>>,
}

pub const DELETION: &str = r#"{"url":"https://mooring.example/deletions/d1","confirmation_code":"d1"}"#;

pub fn mac(secret: &str, text: &str) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), text.as_bytes()).as_ref().to_vec()
}

pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}

async fn posted(State(receiver): State<Receiver>, headers: HeaderMap, body: String) -> (StatusCode, &'static str) {
    let text = |name: &str| headers.get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
    let signature = format!("{}{}", text("x-twitter-webhooks-signature"), text("tiktok-signature"));
    let mut inner = receiver.inner.lock().unwrap();
    inner.seen.push(Seen { content_type: text("content-type"), signature, body });
    let (status, reply) = inner.answers.pop_front().unwrap_or((200, DELETION));
    (StatusCode::from_u16(status).unwrap(), reply)
}

async fn challenged(State(receiver): State<Receiver>, Query(query): Query<BTreeMap<String, String>>) -> String {
    let mut inner = receiver.inner.lock().unwrap();
    inner.challenges += 1;
    let response = STANDARD.encode(mac(&inner.secret, &query["crc_token"]));
    json!({ "response_token": format!("sha256={response}") }).to_string()
}

impl Receiver {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let receiver = Self { url, inner: Arc::default() };
        let router = Router::new().route("/{place}", get(challenged).post(posted)).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        receiver
    }

    /// Registers the app anew, with this as its endpoint.
    pub fn hear(&self, sim: &Sim, platform: &str, app: &str) {
        let names: &[&str] = match platform {
            "facebook" | "instagram" | "threads" => &["deauthorize", "data_deletion"],
            _ => &["notices"],
        };
        sim.simulator.register(App {
            platform: platform.into(),
            client_id: app.into(),
            client_secret: format!("{app}-secret"),
            redirect_uris: vec![BACK.into()],
            notices: names.iter().map(|name| ((*name).to_owned(), format!("{}/{name}", self.url))).collect(),
        });
    }

    pub fn answer(&self, answers: &[(u16, &'static str)]) {
        self.inner.lock().unwrap().answers.extend(answers);
    }

    pub fn prove_by(&self, secret: &str) {
        secret.clone_into(&mut self.inner.lock().unwrap().secret);
    }

    pub fn challenges(&self) -> usize {
        self.inner.lock().unwrap().challenges
    }

    /// What came since the last look.
    pub fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut self.inner.lock().unwrap().seen)
    }

    /// The only one that came since the last look.
    #[track_caller]
    pub fn one(&self) -> Seen {
        let seen = self.take();
        assert_eq!(seen.len(), 1, "{seen:?}");
        seen[0].clone()
    }
}

impl Seen {
    /// Signature and payload of a `signed_request`, as they came.
    pub fn signed_request(&self) -> (String, String) {
        assert_eq!(self.content_type, "application/x-www-form-urlencoded");
        let text = self.body.strip_prefix("signed_request=").expect("a signed request");
        let (signature, payload) = text.split_once('.').expect("two parts");
        (signature.to_owned(), payload.to_owned())
    }

    /// What a `signed_request` says, if it is signed by this secret.
    pub fn meta(&self, secret: &str) -> Option<Value> {
        let (signature, payload) = self.signed_request();
        let right = URL_SAFE_NO_PAD.encode(mac(secret, &payload));
        let decoded = URL_SAFE_NO_PAD.decode(&payload).unwrap();
        (signature == right).then(|| serde_json::from_slice(&decoded).unwrap())
    }

    /// What an event of X says, if it is signed by this secret.
    pub fn x(&self, secret: &str) -> Option<Value> {
        assert_eq!(self.content_type, "application/json");
        let right = format!("sha256={}", STANDARD.encode(mac(secret, &self.body)));
        (self.signature == right).then(|| serde_json::from_str::<Value>(&self.body).unwrap()["data"].clone())
    }
}

impl Sim {
    pub async fn notices(&self) -> Vec<Value> {
        self.get("/_sim/notices", &[]).await.json()["data"].as_array().unwrap().clone()
    }

    /// State, attempts and outcome of each notice.
    pub async fn told(&self) -> Vec<(String, u64, String)> {
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let all = self.notices().await;
        all.iter().map(|n| (word(&n["state"]), n["attempts"].as_u64().unwrap(), word(&n["outcome"]))).collect()
    }

    /// How many were sent.
    pub async fn deliver(&self) -> usize {
        self.sim("POST", "notices/deliver", json!({})).await.json()["data"].as_array().unwrap().len()
    }

    pub async fn by_hand(&self, notice: Value) -> Reply {
        self.sim("POST", "notices", notice).await
    }
}
