//! X: `x-twitter-webhooks-signature: sha256=<base64>` over the body, by the consumer secret, and a challenge that is
//! answered alike (docs.x.com, "Webhooks", "X Activity API"; the form of the header is unverified).
//!
//! Whoever may ask challenges gets signatures. So none is given to what could be a notice: a challenge is one word, and
//! a notice begins with a brace.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{
    Timestamp,
    notice::{Happened, Told},
};
use serde_json::Value;

use super::{Incoming, Receiver};
use crate::{http, read};

/// Longest challenge.
const CHALLENGE: usize = 256;

pub(super) fn read(to: &Receiver, sent: &Incoming<'_>, now: Timestamp) -> Result<(String, Vec<Told>), &'static str> {
    let mac = sent.header("x-twitter-webhooks-signature")?;
    let mac = mac.strip_prefix("sha256=").ok_or("the algorithm is another")?;
    let mac = STANDARD.decode(mac).map_err(|_| "the signature is not base64")?;
    to.secret.verify(&[sent.body], &mac)?;
    let body = str::from_utf8(sent.body).ok();
    let json = body.and_then(http::json).filter(Value::is_object).ok_or("the body cannot be read")?;
    let content = body.unwrap_or_default().to_owned();
    if json.pointer("/data/event_type").is_none_or(|event| event != "oauth.revoke") {
        return Ok((content, Vec::new()));
    }
    let payload = json.pointer("/data/payload");
    let at = payload.and_then(|p| p.get("date_time")).and_then(Value::as_str).and_then(|at| at.parse().ok());
    let at = at.ok_or("the body has no time")?;
    to.is_fresh(at, now)?;
    let person = read::id(payload.and_then(|p| p.get("user_id"))).ok_or("the body names nobody")?;
    Ok((content, vec![Told { person, what: Happened::Revoked, at }]))
}

/// The answer to a challenge, if it is one word.
pub(super) fn challenge(to: &Receiver, token: &str) -> Option<String> {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || b"-_=+/.".contains(&byte);
    let legal = (1..=CHALLENGE).contains(&token.len()) && token.bytes().all(is_word);
    legal.then(|| format!("sha256={}", STANDARD.encode(to.secret.sign(token.as_bytes()))))
}
