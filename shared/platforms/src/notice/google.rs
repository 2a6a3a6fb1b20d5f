//! Google's Cross-Account Protection: a security event token (RFC 8417) by Google's keys, for one of our client ids
//! (developers.google.com, "Cross-Account Protection"; the names of the events are unverified).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    Timestamp,
    notice::{Happened, Told},
};
use jsonwebtoken::Algorithm;
use serde_json::Value;

use super::{Incoming, Receiver};
use crate::{http, read};

/// Longest name of a key.
const KID: usize = 128;
/// Longest id of a token.
const JTI: usize = 255;

pub(super) async fn read(
    to: &Receiver,
    sent: &Incoming<'_>,
    now: Timestamp,
) -> Result<(String, Vec<Told>), &'static str> {
    let token = str::from_utf8(sent.body).map_err(|_| "the token is not text")?.trim();
    let (signed, signature) = token.rsplit_once('.').ok_or("the token has not three parts")?;
    let (header, claims) = signed.split_once('.').ok_or("the token has not three parts")?;
    let header = decoded(header).ok_or("the header cannot be read")?;
    if header.get("alg").is_none_or(|algorithm| algorithm != "RS256") || header.get("crit").is_some() {
        return Err("the algorithm is another");
    }
    let kid = read::text(header.get("kid")).filter(|kid| kid.len() <= KID).ok_or("the header names no key")?;
    let keys = to.keys.as_ref().ok_or("nobody's keys are known")?;
    let key = keys.find(kid, now).await.ok_or("the key is not known")?;
    let verified = jsonwebtoken::crypto::verify(signature, signed.as_bytes(), &key, Algorithm::RS256);
    if !verified.unwrap_or(false) {
        return Err("the signature is not the key's");
    }
    let claims = decoded(claims).ok_or("the claims cannot be read")?;
    if claims.get("iss").is_none_or(|issuer| *issuer != to.issuer) {
        return Err("the issuer is another");
    }
    let is_ours = |audience: &Value| *audience == to.app;
    if !claims.get("aud").is_some_and(|aud| is_ours(aud) || aud.as_array().is_some_and(|all| all.iter().any(is_ours))) {
        return Err("it is for another app");
    }
    let at = claims.get("iat").and_then(Value::as_i64).and_then(|at| Timestamp::from_second(at).ok());
    let at = at.ok_or("the claims have no time")?;
    to.is_fresh(at, now)?;
    let jti = read::text(claims.get("jti")).filter(|jti| jti.len() <= JTI).ok_or("the token has no id")?;
    // What signs in people is signed by the same keys, and has no events.
    let events = claims.get("events").and_then(Value::as_object).ok_or("the token has no events")?;
    let mut told = Vec::new();
    for (name, event) in events {
        // What names a token and not a person is not ours to find.
        let person = read::id(event.pointer("/subject/sub"));
        let Some((what, person)) = happened(name.rsplit('/').next().unwrap_or_default()).zip(person) else { continue };
        told.push(Told { person, what, at });
    }
    Ok((jti.to_owned(), told))
}

/// What an event is to us. A password that was changed ends tokens of some scopes only, and closed browsers end none:
/// both are looked into.
fn happened(event: &str) -> Option<Happened> {
    Some(match event {
        "tokens-revoked" => Happened::Revoked,
        "account-purged" => Happened::Deleted,
        "account-disabled" => Happened::Disabled,
        "account-enabled" => Happened::Enabled,
        "token-revoked" | "sessions-revoked" | "account-credential-change-required" => Happened::Doubtful,
        _ => return None,
    })
}

fn decoded(part: &str) -> Option<Value> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(part).ok()?).ok()?;
    http::json(&text).filter(Value::is_object)
}
