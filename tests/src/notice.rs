//! Notices as the platforms send them, signed here from their documents: nothing of it is the product's.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use domain::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use url::form_urlencoded;

use crate::{Answer, World, send};

/// The secrets of our apps at the simulated platforms.
pub const FACEBOOK: &str = "simulated-facebook-client-secret";
/// The Instagram app's.
pub const INSTAGRAM: &str = "simulated-instagram-client-secret";
/// X's.
pub const X: &str = "simulated-x-client-secret";

/// One notice as it is sent.
#[derive(Debug, Clone)]
pub struct Sent {
    /// Where to.
    pub path: String,
    /// Its headers.
    pub headers: Vec<(&'static str, String)>,
    /// Its body.
    pub body: String,
}

/// HMAC-SHA256 (RFC 2104).
pub fn hmac(secret: &str, text: &[u8]) -> Vec<u8> {
    let mut key = [0; 64];
    key[..secret.len()].copy_from_slice(secret.as_bytes());
    let with = |pad: u8| key.map(|byte| byte ^ pad);
    let inner = Sha256::digest([with(0x36).as_slice(), text].concat());
    Sha256::digest([with(0x5c).as_slice(), &inner].concat()).to_vec()
}

/// What Meta signs about a person at a moment.
pub fn payload(person: &str, at: Timestamp) -> Value {
    json!({"algorithm": "HMAC-SHA256", "issued_at": at.as_second(), "user_id": person})
}

/// Meta's form with a signature and a payload.
pub fn form(mac: &[u8], encoded: &str) -> String {
    let request = format!("{}.{encoded}", URL_SAFE_NO_PAD.encode(mac));
    form_urlencoded::Serializer::new(String::new()).append_pair("signed_request", &request).finish()
}

/// Meta's notice at one of its doors.
pub fn meta(platform: &str, door: &str, secret: &str, payload: &Value) -> Sent {
    let encoded = URL_SAFE_NO_PAD.encode(payload.to_string());
    Sent {
        path: format!("/v1/platform-callbacks/{platform}/{door}"),
        headers: vec![("content-type", "application/x-www-form-urlencoded".to_owned())],
        body: form(&hmac(secret, encoded.as_bytes()), &encoded),
    }
}

/// X's notice with this body.
pub fn x(secret: &str, body: &Value) -> Sent {
    let body = body.to_string();
    let signature = format!("sha256={}", STANDARD.encode(hmac(secret, body.as_bytes())));
    Sent {
        path: "/v1/platform-callbacks/x/notices".to_owned(),
        headers: vec![("content-type", "application/json".to_owned()), ("x-twitter-webhooks-signature", signature)],
        body,
    }
}

/// That a person removed our app at X.
pub fn oauth_revoke(uuid: &str, person: &str, at: Timestamp) -> Value {
    json!({"data": {"event_uuid": uuid, "filter": {}, "event_type": "oauth.revoke",
        "payload": {"date_time": at.to_string(), "user_id": person, "app_id": "29000001"}}})
}

impl World {
    /// Sends a notice, as anybody can.
    pub async fn notify(&self, sent: &Sent) -> Answer {
        let call = self.nobody().call(Method::POST, &sent.path).body(sent.body.clone());
        send(sent.headers.iter().fold(call, |call, (name, value)| call.header(*name, value))).await
    }

    /// Facebook tells that a person removed our app, now.
    pub async fn deauthorize(&self, person: &str) -> Answer {
        self.notify(&meta("facebook", "deauthorize", FACEBOOK, &payload(person, self.now()))).await
    }
}
