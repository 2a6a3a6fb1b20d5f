//! Signed tokens: RS256 by keys that exist only here, one per issuer.

use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// How each signed token begins: with the first letters of its key's name.
pub(crate) const MARK: &str = "eyJraWQiOiJjYW5hcnkt";

/// Google's key.
pub(crate) static GOOGLE: LazyLock<Key> = LazyLock::new(|| Key::named("canary-google"));
/// LinkedIn's key.
pub(crate) static LINKEDIN: LazyLock<Key> = LazyLock::new(|| Key::named("canary-linkedin"));

/// A key, made of the machine's randomness when it is first needed: one for each run of the program.
pub(crate) struct Key {
    id: &'static str,
    pair: Option<KeyPair>,
}

impl Key {
    fn named(id: &'static str) -> Self {
        Self { id, pair: KeyPair::generate(KeySize::Rsa2048).ok() }
    }

    /// A JWT of these claims.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        let head = format!(r#"{{"kid":"{}","alg":"RS256","typ":"JWT"}}"#, self.id);
        let text = format!("{}.{}", URL_SAFE_NO_PAD.encode(&head), URL_SAFE_NO_PAD.encode(claims.to_string()));
        let mut signature = self.pair.as_ref().map(|pair| vec![0; pair.public_modulus_len()]).unwrap_or_default();
        if let Some(pair) = &self.pair {
            let _ = pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature);
        }
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// The public half, as a JSON Web Key Set.
    pub(crate) fn set(&self) -> Value {
        let numbers = self.pair.as_ref().and_then(|pair| numbers(pair.public_key().as_ref()));
        let (n, e) = numbers.unwrap_or_default();
        json!({ "keys": [{
            "kty": "RSA", "alg": "RS256", "use": "sig", "kid": self.id,
            "n": URL_SAFE_NO_PAD.encode(n), "e": URL_SAFE_NO_PAD.encode(e),
        }] })
    }
}

/// Modulus and exponent of an `RSAPublicKey` (RFC 8017, A.1.1).
fn numbers(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (sequence, _) = element(0x30, der)?;
    let (modulus, rest) = element(0x02, sequence)?;
    let (exponent, _) = element(0x02, rest)?;
    Some((modulus.strip_prefix(&[0]).unwrap_or(modulus), exponent))
}

/// What an element of this tag holds, and what comes after it.
fn element(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (given, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = if *first < 0x80 {
        (usize::from(*first), rest)
    } else {
        let (size, rest) = rest.split_at_checked(usize::from(*first & 0x7F))?;
        (size.iter().fold(0, |sum, byte| (sum << 8) | usize::from(*byte)), rest)
    };
    (*given == tag).then(|| rest.split_at_checked(length))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_signed_token_begins_with_the_mark() {
        assert!(GOOGLE.sign(&json!({ "sub": "1" })).starts_with(MARK));
    }

    #[test]
    fn a_public_key_is_read_from_its_der() {
        let der = [0x30, 0x08, 0x02, 0x02, 0x00, 0x91, 0x02, 0x02, 0x01, 0x03];
        assert_eq!(numbers(&der), Some((&[0x91][..], &[0x01, 0x03][..])));
        assert_eq!(numbers(&der[..7]), None);
    }
}
