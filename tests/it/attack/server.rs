//! An authorization server of an operator's own, strict: RFC 6749, RFC 7636, RFC 9207.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};

use axum::{
    Form, Json, Router,
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tests::secret::MARK;
use tokio::net::TcpListener;
use url::Url;

type Params = BTreeMap<String, String>;

/// One server with one client.
#[derive(Clone)]
pub(crate) struct Server {
    id: &'static str,
    base: String,
    /// Whether it names itself in what it sends back.
    names_itself: bool,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    codes: BTreeMap<String, Params>,
    /// What came to the token endpoint.
    spent: Vec<Params>,
}

impl Server {
    pub(crate) async fn start(id: &'static str, names_itself: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("bound"));
        let server = Self { id, base, names_itself, seen: Arc::default() };
        let router = Router::new()
            .route("/authorize", get(|| async { "Who are you?" }).post(authorize))
            .route("/token", post(token))
            .route("/me", get(me))
            .with_state(server.clone());
        tokio::spawn(axum::serve(listener, router).into_future());
        server
    }

    /// What it calls itself.
    pub(crate) fn issuer(&self) -> Option<&str> {
        self.names_itself.then_some(self.base.as_str())
    }

    /// Its part of the operator's file.
    pub(crate) fn app(&self) -> String {
        let Self { id, base, .. } = self;
        let issuer = self.issuer().map(|iss| format!("issuer = \"{iss}\"\n")).unwrap_or_default();
        format!(
            "[[app]]\nplatform = \"{id}\"\nmethod = \"oauth2_generic\"\nclient_id = \"ours\"\n\
             client_secret = \"{MARK}-secret\"\n{issuer}authorize_url = \"{base}/authorize\"\n\
             token_url = \"{base}/token\"\nuserinfo_url = \"{base}/me\"\nscopes = [\"profile\"]\n\n"
        )
    }

    /// Every call to its token endpoint.
    pub(crate) fn spent(&self) -> Vec<Params> {
        self.seen().spent.clone()
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().expect("no panic")
    }
}

/// The person approves.
async fn authorize(State(server): State<Server>, Query(asked): Query<Params>) -> Response {
    let of = |name: &str| asked.get(name).map(String::as_str).unwrap_or_default();
    let right = of("response_type") == "code"
        && of("client_id") == "ours"
        && of("code_challenge_method") == "S256"
        && of("code_challenge").len() == 43;
    let Ok(mut to) = Url::parse(of("redirect_uri")) else { return StatusCode::BAD_REQUEST.into_response() };
    if !right || to.path() != format!("/v1/oauth/callback/{}", server.id) {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let mut seen = server.seen();
    let code = format!("{MARK}-code-{}-{}", server.id, seen.codes.len());
    to.query_pairs_mut().append_pair("code", &code).append_pair("state", of("state"));
    if let Some(iss) = server.issuer() {
        to.query_pairs_mut().append_pair("iss", iss);
    }
    seen.codes.insert(code, asked);
    Redirect::to(to.as_str()).into_response()
}

async fn token(State(server): State<Server>, headers: HeaderMap, Form(sent): Form<Params>) -> Response {
    let refused = |error: &str| (StatusCode::BAD_REQUEST, Json(json!({"error": error}))).into_response();
    let of = |name: &str| sent.get(name).cloned().unwrap_or_default();
    let mut seen = server.seen();
    seen.spent.push(sent.clone());
    let known = format!("Basic {}", STANDARD.encode(format!("ours:{MARK}-secret")));
    if headers.get("authorization").is_none_or(|value| value.as_bytes() != known.as_bytes()) {
        return refused("invalid_client");
    }
    let Some(asked) = seen.codes.remove(&of("code")) else { return refused("invalid_grant") };
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(of("code_verifier")));
    if asked["redirect_uri"] != of("redirect_uri") || asked["code_challenge"] != challenge {
        return refused("invalid_grant");
    }
    Json(json!({"access_token": format!("{MARK}-token-{}", server.id), "token_type": "Bearer", "expires_in": 3600}))
        .into_response()
}

async fn me(State(server): State<Server>, headers: HeaderMap) -> Response {
    let known = format!("Bearer {MARK}-token-{}", server.id);
    if headers.get("authorization").is_none_or(|value| value.as_bytes() != known.as_bytes()) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    Json(json!({"sub": format!("{}-1", server.id), "name": "Somebody"})).into_response()
}
