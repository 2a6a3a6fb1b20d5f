//! Who calls: the bearer token that the configured issuer made, verified.
//!
//! A token never says how it wants to be believed. Its key is found in the configured key set
//! only, the algorithm is the key's, and no address that a token names is ever fetched.

mod claims;
mod json;
mod jwks;
#[cfg(test)]
mod tests;

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{Actor, Code, Refusal, Timestamp};
use jsonwebtoken::Algorithm;
use serde_json::{Map, Value};

pub use jwks::{FetchJwks, Jwks};

/// Longest token read, in bytes.
const TOKEN_LENGTH: usize = 8 * 1024;
/// Longest name of a key, in characters.
const KID_LENGTH: usize = 128;
/// Header members by which a token brings its own key, or asks for rules of its own.
const UNWELCOME: [&str; 7] = ["jku", "x5u", "jwk", "x5c", "crit", "b64", "zip"];

/// The token is not believed. The reason holds nothing of the token and is for the log only:
/// every caller gets the same answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rejected(pub &'static str);

impl From<Rejected> for Refusal {
    fn from(_: Rejected) -> Self {
        Self::plain(Code::Unauthenticated)
    }
}

/// Which tokens are believed.
pub struct Verifier {
    issuer: String,
    audience: String,
    keys: Jwks,
    longest_life: Duration,
}

/// How long a token lives at most, where nothing else is said: a member who was removed goes on no longer.
pub const LONGEST_LIFE: Duration = Duration::from_hours(1);

impl Verifier {
    /// Believes tokens of one issuer, meant for one audience, signed with one of these keys.
    pub fn new(issuer: String, audience: String, keys: Jwks) -> Self {
        Self { issuer, audience, keys, longest_life: LONGEST_LIFE }
    }

    /// The same for tokens that live at most so long.
    #[must_use]
    pub fn believing_for(self, longest_life: Duration) -> Self {
        Self { longest_life, ..self }
    }

    /// Who calls. `bearer` is the token alone, without the word `Bearer`.
    pub async fn verify(&self, bearer: &str, now: Timestamp) -> Result<Actor, Rejected> {
        let parts = Parts::of(bearer)?;
        let Header { algorithm, kid } = Header::read(&parts.header)?;
        let key = self.keys.find(&kid, now).await.ok_or(Rejected("the key is not known"))?;
        if key.algorithm != algorithm {
            return Err(Rejected("the algorithm is not the key's"));
        }
        match jsonwebtoken::crypto::verify(parts.signature, parts.signed.as_bytes(), &key.key, key.algorithm) {
            Ok(true) => {
                claims::in_time(&parts.claims, self.longest_life, now.as_second())?;
                claims::actor(&parts.claims, &self.issuer, &self.audience)
            }
            Ok(false) | Err(_) => Err(Rejected("the signature is not the key's")),
        }
    }
}

/// A compact JWS, taken apart.
struct Parts<'a> {
    header: Map<String, Value>,
    claims: Map<String, Value>,
    signature: &'a str,
    signed: &'a str,
}

impl<'a> Parts<'a> {
    fn of(token: &'a str) -> Result<Self, Rejected> {
        if token.len() > TOKEN_LENGTH {
            return Err(Rejected("the token is too long"));
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(Rejected("the token has not three parts"))?;
        let (header, claims) = signed.split_once('.').ok_or(Rejected("the token has not three parts"))?;
        if claims.contains('.') {
            return Err(Rejected("the token has not three parts"));
        }
        let header = decoded(header)?;
        let claims = decoded(claims)?;
        if decoded(signature)?.is_empty() {
            return Err(Rejected("the token is not signed"));
        }
        let header = json::object(&header).ok_or(Rejected("the header is not one plain JSON object"))?;
        let claims = json::object(&claims).ok_or(Rejected("the claims are not one plain JSON object"))?;
        Ok(Self { header, claims, signature, signed })
    }
}

/// base64url without padding, in its one spelling.
fn decoded(part: &str) -> Result<Vec<u8>, Rejected> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| Rejected("a part is not base64url"))
}

/// What of a header is needed; the rest of it is not believed.
struct Header {
    algorithm: Algorithm,
    kid: String,
}

impl Header {
    fn read(header: &Map<String, Value>) -> Result<Self, Rejected> {
        if UNWELCOME.iter().any(|name| header.contains_key(*name)) {
            return Err(Rejected("the header brings its own key or rules"));
        }
        match header.get("typ") {
            None => {}
            Some(Value::String(typ)) if typ.eq_ignore_ascii_case("JWT") || typ.eq_ignore_ascii_case("at+jwt") => {}
            Some(_) => return Err(Rejected("the header has another typ")),
        }
        let algorithm = header.get("alg").and_then(Value::as_str).and_then(jwks::algorithm);
        let algorithm = algorithm.ok_or(Rejected("the algorithm is not allowed"))?;
        let kid = header.get("kid").and_then(Value::as_str).ok_or(Rejected("the header names no key"))?;
        if kid.is_empty() || kid.chars().count() > KID_LENGTH {
            return Err(Rejected("the header names no key"));
        }
        Ok(Self { algorithm, kid: kid.to_owned() })
    }
}
