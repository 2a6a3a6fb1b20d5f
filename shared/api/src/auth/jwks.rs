//! The public keys of the issuer, fetched when needed and kept.

use std::{collections::HashMap, sync::Arc};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::Timestamp;
use futures::future::BoxFuture;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::Value;
use tokio::sync::{Mutex, RwLock};

/// Where the key set comes from: the local server gives its own document, deployments fetch the
/// configured address. It ends in good time by itself; its error text is logged.
pub type FetchJwks = Arc<dyn Fn() -> BoxFuture<'static, Result<String, String>> + Send + Sync>;

/// Seconds after which the keys are fetched again.
const FRESH: i64 = 3600;
/// Fewest seconds between two fetches, whatever tokens come.
const FLOOR: i64 = 60;
/// The same, as long as there has never been a key set: nobody can be let in meanwhile.
const FIRST_FLOOR: i64 = 5;
/// Longest key set read, in bytes.
const DOCUMENT_LENGTH: usize = 256 * 1024;
/// Fewest and most bits of an RSA modulus.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// A public key and the one algorithm it is used with.
pub struct Key {
    pub algorithm: Algorithm,
    pub key: DecodingKey,
}

/// The issuer's keys.
///
/// Any clock reading is taken as a distance from the last one, so that neither a clock that is
/// set back nor calls that overtake each other undo the floor or stop the refresh.
pub struct Jwks {
    fetch: FetchJwks,
    held: RwLock<Option<Arc<Held>>>,
    /// When the last fetch began. Whoever fetches holds it.
    tried: Mutex<Option<Timestamp>>,
}

/// One key set as it came.
struct Held {
    keys: HashMap<String, Arc<Key>>,
    at: Timestamp,
}

impl Jwks {
    /// Keys from there; nothing is fetched before the first token comes.
    pub fn new(fetch: FetchJwks) -> Self {
        Self { fetch, held: RwLock::new(None), tried: Mutex::new(None) }
    }

    /// The key of that name. A key that is held is answered without waiting for anybody's fetch.
    pub(super) async fn find(&self, kid: &str, now: Timestamp) -> Option<Arc<Key>> {
        let held = self.held.read().await.clone();
        let known = held.as_ref().and_then(|held| held.keys.get(kid).cloned());
        let fresh = held.as_ref().is_some_and(|held| apart(now, held.at) < FRESH);
        let mut tried = match (known, fresh) {
            (Some(key), true) => return Some(key),
            (Some(key), false) => match self.tried.try_lock() {
                Ok(tried) => tried,
                Err(_) => return Some(key),
            },
            (None, _) => self.tried.lock().await,
        };
        self.refresh(&mut tried, now).await;
        drop(tried);
        self.held.read().await.as_ref().and_then(|held| held.keys.get(kid).cloned())
    }

    /// Fetches unless that was done a moment ago. What is held stays when it fails.
    async fn refresh(&self, tried: &mut Option<Timestamp>, now: Timestamp) {
        let floor = if self.held.read().await.is_some() { FLOOR } else { FIRST_FLOOR };
        if tried.is_some_and(|last| apart(now, last) < floor) {
            return;
        }
        *tried = Some(now);
        match (self.fetch)().await.and_then(|document| keys(&document)) {
            Ok(keys) => *self.held.write().await = Some(Arc::new(Held { keys, at: now })),
            Err(error) => tracing::warn!(%error, "the issuer's keys could not be fetched"),
        }
    }
}

/// Seconds between two moments, whichever came first.
fn apart(a: Timestamp, b: Timestamp) -> i64 {
    a.duration_since(b).as_secs().saturating_abs()
}

/// The algorithms that callers may use, by their names.
pub fn algorithm(name: &str) -> Option<Algorithm> {
    match name {
        "RS256" => Some(Algorithm::RS256),
        "PS256" => Some(Algorithm::PS256),
        "ES256" => Some(Algorithm::ES256),
        "EdDSA" => Some(Algorithm::EdDSA),
        _ => None,
    }
}

/// The usable keys of a key set; of two with one name the first.
fn keys(document: &str) -> Result<HashMap<String, Arc<Key>>, String> {
    if document.len() > DOCUMENT_LENGTH {
        return Err("the key set is too long".to_owned());
    }
    let document: Value = serde_json::from_str(document).map_err(|_| "the key set is not JSON".to_owned())?;
    let list = document.get("keys").and_then(Value::as_array).ok_or("the key set has no keys")?;
    let mut keys = HashMap::new();
    for (kid, key) in list.iter().filter_map(usable) {
        keys.entry(kid).or_insert_with(|| Arc::new(key));
    }
    Ok(keys)
}

/// A public signature key with a name, of a kind and size that is believed.
fn usable(jwk: &Value) -> Option<(String, Key)> {
    let text = |name: &str| jwk.get(name).and_then(Value::as_str);
    let bytes = |name: &str| URL_SAFE_NO_PAD.decode(text(name)?).ok();

    let kid = text("kid")?;
    let for_signatures = jwk.get("use").is_none_or(|purpose| purpose == "sig");
    let for_verifying =
        jwk.get("key_ops").is_none_or(|ops| ops.as_array().is_some_and(|o| o.contains(&"verify".into())));
    // A private key that stands in the open vouches for nobody.
    if !for_signatures || !for_verifying || jwk.get("d").is_some() {
        return None;
    }
    let own = match jwk.get("alg") {
        None => None,
        Some(name) => Some(algorithm(name.as_str()?)?),
    };
    let (possible, key): (&[Algorithm], DecodingKey) = match (text("kty")?, text("crv")) {
        ("RSA", _) => {
            let (n, e) = (bytes("n")?, bytes("e")?);
            if !RSA_BITS.contains(&bits(&n)) || bits(&e) < 2 {
                return None;
            }
            (&[Algorithm::RS256, Algorithm::PS256], DecodingKey::from_rsa_raw_components(&n, &e))
        }
        ("EC", Some("P-256")) => {
            let point = [vec![4], bytes("x")?, bytes("y")?].concat();
            (&[Algorithm::ES256], (point.len() == 65).then(|| DecodingKey::from_ec_der(&point))?)
        }
        ("OKP", Some("Ed25519")) => {
            let point = bytes("x")?;
            (&[Algorithm::EdDSA], (point.len() == 32).then(|| DecodingKey::from_ed_der(&point))?)
        }
        _ => return None,
    };
    let algorithm = own.unwrap_or(possible[0]);
    possible.contains(&algorithm).then(|| (kid.to_owned(), Key { algorithm, key }))
}

/// How many bits a number of many bytes has.
fn bits(number: &[u8]) -> usize {
    let Some(first) = number.iter().position(|byte| *byte != 0) else { return 0 };
    (number.len() - first) * 8 - number[first].leading_zeros() as usize
}
