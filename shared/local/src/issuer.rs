//! The built-in issuer: it signs the tokens that elsewhere the configured issuer signs.
//!
//! It lives here and not beside the verifier, so that no deployed function can make a token.

use std::fmt;

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::Secret;
use jsonwebtoken::{
    Algorithm, EncodingKey, Header,
    jwk::{Jwk, PublicKeyUse, ThumbprintHash},
};
use serde_json::{Value, json};

/// What is wrong with a key or with claims; it names neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IssuerError(&'static str);

impl fmt::Display for IssuerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for IssuerError {}

/// One ES256 key, and what it signs.
pub struct Issuer {
    key: EncodingKey,
    header: Header,
    jwks: String,
}

impl Issuer {
    /// The issuer whose key is this: PKCS#8 in base64, as [`Issuer::generate`] gives it.
    pub fn new(pkcs8: &Secret) -> Result<Self, IssuerError> {
        let unfit = IssuerError("not a P-256 key in PKCS#8");
        let key = EncodingKey::from_ec_der(&STANDARD.decode(pkcs8.expose()).map_err(|_| unfit)?);
        let mut jwk = Jwk::from_encoding_key(&key, Algorithm::ES256).map_err(|_| unfit)?;
        let kid = jwk.thumbprint(ThumbprintHash::SHA256).map_err(|_| unfit)?;
        jwk.common.key_id = Some(kid.clone());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        let jwks = json!({ "keys": [jwk] }).to_string();
        let header = Header { kid: Some(kid), ..Header::new(Algorithm::ES256) };
        Ok(Self { key, header, jwks })
    }

    /// An issuer with a new key, and that key to be kept.
    pub fn generate() -> Result<(Self, Secret), IssuerError> {
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
            .map_err(|_| IssuerError("no key could be made"))?;
        let pkcs8 = Secret::new(STANDARD.encode(pkcs8.as_ref()));
        Ok((Self::new(&pkcs8)?, pkcs8))
    }

    /// The public key set; the key is named by its thumbprint (RFC 7638).
    pub fn jwks(&self) -> String {
        self.jwks.clone()
    }

    /// A token that says exactly this.
    pub fn sign(&self, claims: &Value) -> Result<String, IssuerError> {
        if !claims.is_object() {
            return Err(IssuerError("claims are a JSON object"));
        }
        jsonwebtoken::encode(&self.header, claims, &self.key).map_err(|_| IssuerError("the claims could not be signed"))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use api::auth::{Jwks, Verifier};
    use domain::{Role, Timestamp};
    use futures::FutureExt;

    use super::*;

    fn believing(issuer: &Issuer) -> Verifier {
        let jwks = issuer.jwks();
        let fetch = Arc::new(move || std::future::ready(Ok(jwks.clone())).boxed());
        Verifier::new("mooring".into(), "mooring".into(), Jwks::new(fetch)).believing_for(std::time::Duration::MAX)
    }

    fn claims() -> Value {
        let end = Timestamp::MAX.as_second();
        json!({"iss": "mooring", "aud": "mooring", "exp": end, "sub": "dev", "ws": "demo", "role": "owner"})
    }

    #[tokio::test]
    async fn its_tokens_are_believed_whatever_the_clock_says() {
        let (issuer, _) = Issuer::generate().expect("made");
        let verifier = believing(&issuer);
        let token = issuer.sign(&claims()).expect("signed");
        for now in [Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp::MAX] {
            let caller = verifier.verify(&token, now).await.expect("believed");
            assert_eq!((caller.workspace.as_str(), caller.role), ("demo", Role::Owner));
        }
    }

    /// CHK-P4
    #[tokio::test]
    async fn another_issuer_is_not_believed() {
        let (issuer, _) = Issuer::generate().expect("made");
        let (stranger, _) = Issuer::generate().expect("made");
        let token = stranger.sign(&claims()).expect("signed");
        assert!(believing(&issuer).verify(&token, Timestamp::UNIX_EPOCH).await.is_err());
    }

    #[tokio::test]
    async fn a_kept_key_makes_the_same_issuer_again() {
        let (issuer, key) = Issuer::generate().expect("made");
        let again = Issuer::new(&key).expect("read");
        assert_eq!(again.jwks(), issuer.jwks());
        let token = again.sign(&claims()).expect("signed");
        assert!(believing(&issuer).verify(&token, Timestamp::UNIX_EPOCH).await.is_ok());
    }

    #[test]
    fn the_published_key_set_holds_the_public_half_only() {
        let (issuer, _) = Issuer::generate().expect("made");
        let jwks: Value = serde_json::from_str(&issuer.jwks()).expect("JSON");
        let key = jwks["keys"][0].as_object().expect("one key");
        let mut members: Vec<&str> = key.keys().map(String::as_str).collect();
        members.sort_unstable();
        assert_eq!(members, ["alg", "crv", "kid", "kty", "use", "x", "y"]);
        assert_eq!(key["kid"].as_str().map(str::len), Some(43));
    }

    #[test]
    fn what_is_no_key_or_no_claims_is_refused() {
        for bad in ["", "AAAA", "not base64!"] {
            assert!(Issuer::new(&Secret::new(bad)).is_err(), "{bad:?}");
        }
        let (issuer, _) = Issuer::generate().expect("made");
        assert_eq!(issuer.sign(&json!([1])), Err(IssuerError("claims are a JSON object")));
    }
}
