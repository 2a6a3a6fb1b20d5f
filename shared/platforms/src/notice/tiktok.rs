//! TikTok: `TikTok-Signature: t=<unix>,s=<hex>` over `<t>.<body>` (developers.tiktok.com, "Webhooks"; the form of the
//! signature is unverified).

use domain::{
    Timestamp,
    notice::{Happened, Told},
};
use serde_json::Value;

use super::{Incoming, Receiver};
use crate::{http, read};

pub(super) fn read(to: &Receiver, sent: &Incoming<'_>, now: Timestamp) -> Result<(String, Vec<Told>), &'static str> {
    let signature = sent.header("tiktok-signature")?;
    let part = |name: &str| {
        let mut named = signature.split(',').filter_map(|part| part.trim().strip_prefix(name));
        named.next().filter(|_| named.next().is_none())
    };
    let (time, mac) = part("t=").zip(part("s=")).ok_or("the signature has not two parts")?;
    let mac = hex(mac).ok_or("the signature is not hexadecimal")?;
    to.secret.verify(&[time.as_bytes(), b".", sent.body], &mac)?;
    to.is_fresh(seconds(time.parse().ok()).ok_or("the signature has no time")?, now)?;
    let body = str::from_utf8(sent.body).ok();
    let json = body.and_then(http::json).ok_or("the body cannot be read")?;
    if json.get("client_key").is_none_or(|app| *app != to.app) {
        return Err("it is for another app");
    }
    let content = body.unwrap_or_default().to_owned();
    if json.get("event").is_none_or(|event| event != "authorization.removed") {
        return Ok((content, Vec::new()));
    }
    // JSON within a text.
    let inner = json.get("content").and_then(Value::as_str).and_then(http::json);
    let what = match inner.as_ref().and_then(|inner| inner.get("reason")).and_then(Value::as_i64) {
        Some(2) => Happened::Deleted,
        Some(4) => Happened::Banned,
        // The person (1), their age (3), our own revocation (5), and what nobody explains: the token has ended.
        _ => Happened::Revoked,
    };
    let at = seconds(json.get("create_time").and_then(Value::as_i64)).ok_or("the body has no time")?;
    let person = read::id(json.get("user_openid")).ok_or("the body names nobody")?;
    Ok((content, vec![Told { person, what, at: at.min(now) }]))
}

fn seconds(seconds: Option<i64>) -> Option<Timestamp> {
    Timestamp::from_second(seconds?).ok()
}

/// Bytes of lower-case hexadecimal digits.
fn hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let pairs = text.as_bytes().chunks(2).map(|pair| match pair {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    });
    pairs.collect()
}
