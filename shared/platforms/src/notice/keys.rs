//! The public keys of a platform that signs with them: fetched when needed, kept, and never asked for more often than
//! once a minute, whatever keys are named.

use std::collections::HashMap;

use domain::Timestamp;
use futures::lock::Mutex;
use jsonwebtoken::DecodingKey;
use reqwest::Client;
use serde_json::Value;
use url::Url;

use crate::{http, read};

/// Seconds after which they are fetched again.
const FRESH: i64 = 3600;
/// Fewest seconds between two fetches.
const FLOOR: i64 = 60;

/// One platform's.
pub(super) struct Keys {
    url: Url,
    http: Client,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    keys: HashMap<String, DecodingKey>,
    /// When they came.
    at: Option<Timestamp>,
    /// When they were last asked for.
    tried: Option<Timestamp>,
}

impl Keys {
    pub(super) fn new(url: Url, http: Client) -> Self {
        Self { url, http, held: Mutex::default() }
    }

    /// The key of that name. What is held stays when fetching fails.
    pub(super) async fn find(&self, kid: &str, now: Timestamp) -> Option<DecodingKey> {
        let mut held = self.held.lock().await;
        let is_old = |at: Option<Timestamp>, after| at.is_none_or(|at| apart(now, at) >= after);
        if (is_old(held.at, FRESH) || !held.keys.contains_key(kid)) && is_old(held.tried, FLOOR) {
            held.tried = Some(now);
            if let Some(keys) = self.fetch().await {
                (held.keys, held.at) = (keys, Some(now));
            } else {
                tracing::warn!(url = %self.url, "a platform's keys could not be fetched");
            }
        }
        held.keys.get(kid).cloned()
    }

    async fn fetch(&self) -> Option<HashMap<String, DecodingKey>> {
        let answer = http::send(self.http.get(self.url.clone())).await.ok().filter(http::Answer::is_success)?;
        let json = answer.json?;
        let list = json.get("keys").and_then(Value::as_array)?;
        Some(list.iter().filter_map(usable).collect())
    }
}

/// A public RSA key for signatures, with a name.
fn usable(jwk: &Value) -> Option<(String, DecodingKey)> {
    let is = |name: &str, value: &str| jwk.get(name).is_none_or(|is| is == value);
    if read::text(jwk.get("kty"))? != "RSA" || !is("use", "sig") || !is("alg", "RS256") || jwk.get("d").is_some() {
        return None;
    }
    let key = DecodingKey::from_rsa_components(read::text(jwk.get("n"))?, read::text(jwk.get("e"))?).ok()?;
    Some((read::text(jwk.get("kid"))?.to_owned(), key))
}

/// Seconds between two moments, whichever came first.
fn apart(a: Timestamp, b: Timestamp) -> i64 {
    a.duration_since(b).as_secs().saturating_abs()
}
