//! Somebody who calls the API.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::{Method, RequestBuilder, header::HeaderMap};
use serde_json::Value;

/// A caller with a token, or without.
#[derive(Clone)]
pub struct Caller {
    http: reqwest::Client,
    base: String,
    /// The bearer token.
    pub token: Option<String>,
}

/// An answer with its body as JSON, where it is JSON.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; null if it is no JSON.
    pub body: Value,
    /// The body as it came.
    pub text: String,
}

impl Answer {
    /// A header's text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Fails unless it is a problem with this status and code.
    #[track_caller]
    pub fn is_problem(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.body["code"].as_str()), (status, Some(code)), "{}", self.text);
        assert_eq!(self.header("content-type"), Some("application/problem+json"));
    }
}

impl Caller {
    pub(crate) fn new(http: reqwest::Client, base: String, token: Option<String>) -> Self {
        Self { http, base, token }
    }

    /// The same with another token.
    #[must_use]
    pub fn with_token(&self, token: impl Into<String>) -> Self {
        Self { token: Some(token.into()), ..self.clone() }
    }

    /// The workspace that the token names.
    pub fn workspace(&self) -> String {
        let claims = self.token.as_deref().and_then(|t| t.split('.').nth(1)).expect("a token");
        let claims = URL_SAFE_NO_PAD.decode(claims).expect("base64");
        let claims: Value = serde_json::from_slice(&claims).expect("JSON");
        claims["ws"].as_str().expect("a workspace").to_owned()
    }

    /// Makes an API key with these scopes: its id, and a caller by it.
    pub async fn program(&self, scopes: &[&str]) -> (String, Self) {
        let path = format!("/v1/workspaces/{}/api-keys", self.workspace());
        let made = self.post(&path, serde_json::json!({"name": "a program", "scopes": scopes})).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let text = |name: &str| made.body[name].as_str().expect("text").to_owned();
        (text("id"), self.with_token(text("key")))
    }

    /// A call to be completed.
    pub fn call(&self, method: Method, path: &str) -> RequestBuilder {
        let call = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => call.bearer_auth(token),
            None => call,
        }
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        send(self.call(Method::GET, path)).await
    }

    /// POST with a JSON body.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        send(self.call(Method::POST, path).json(&body)).await
    }

    /// POST with a JSON body and an idempotency key.
    pub async fn post_once(&self, path: &str, body: Value, key: &str) -> Answer {
        send(self.call(Method::POST, path).json(&body).header("idempotency-key", key)).await
    }

    /// PUT without a body.
    pub async fn put(&self, path: &str) -> Answer {
        send(self.call(Method::PUT, path)).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        send(self.call(Method::DELETE, path)).await
    }
}

/// Sends a call.
pub async fn send(call: RequestBuilder) -> Answer {
    let answer = call.send().await.expect("an answer");
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let text = answer.text().await.expect("a body");
    let body = serde_json::from_str(&text).unwrap_or(Value::Null);
    Answer { status, headers, body, text }
}
