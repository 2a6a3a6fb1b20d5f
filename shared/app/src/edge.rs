//! Keys of the edge: what they seal or sign goes through browsers and callers, and holds no token.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf::{HKDF_SHA256, Salt},
    hmac,
    signature::{Ed25519KeyPair, KeyPair as _},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use domain::{Digest, Entropy, Secret};

/// The edge's keys, derived from one secret that is not the vault's.
pub struct EdgeKeys {
    cipher: LessSafeKey,
    mac: hmac::Key,
    receipts: Ed25519KeyPair,
}

/// The secret cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the edge secret cannot be used")]
pub struct BadEdgeSecret;

impl EdgeKeys {
    /// Derives them.
    pub fn new(secret: &[u8; 32]) -> Result<Self, BadEdgeSecret> {
        let root = Salt::new(HKDF_SHA256, b"mooring edge").extract(secret);
        let cipher = root.expand(&[b"seal"], &AES_256_GCM).map_err(|_| BadEdgeSecret)?;
        let mac = root.expand(&[b"mac"], hmac::HMAC_SHA256).map_err(|_| BadEdgeSecret)?;
        let mut seed = [0; 32];
        let receipts = root.expand(&[b"receipts"], HKDF_SHA256).and_then(|okm| okm.fill(&mut seed));
        receipts.map_err(|_| BadEdgeSecret)?;
        let receipts = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| BadEdgeSecret)?;
        Ok(Self { cipher: LessSafeKey::new(UnboundKey::from(cipher)), mac: hmac::Key::from(mac), receipts })
    }

    /// Seals a text for one context; it opens in no other.
    pub fn seal(&self, entropy: &dyn Entropy, context: &str, text: &str) -> String {
        let nonce: [u8; NONCE_LEN] = entropy.bytes();
        let mut sealed = text.as_bytes().to_vec();
        let tag = self.cipher.seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(context.as_bytes()),
            &mut sealed,
        );
        // Only a text of many gigabytes fails; its empty answer opens nowhere.
        tag.map(|tag| BASE64.encode([nonce.as_slice(), &sealed, tag.as_ref()].concat())).unwrap_or_default()
    }

    /// Opens what was sealed for the same context.
    pub fn open(&self, context: &str, sealed: &str) -> Option<String> {
        let mut bytes = BASE64.decode(sealed).ok()?;
        let (nonce, body) = bytes.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let text = self.cipher.open_in_place(nonce, Aad::from(context.as_bytes()), body).ok()?;
        String::from_utf8(text.to_vec()).ok()
    }

    /// A text signed so that anybody can check it by [`Self::receipt_key`]: a compact JWS (RFC 7515, RFC 8037).
    pub fn sign_receipt(&self, text: &str) -> String {
        let header = format!(r#"{{"alg":"EdDSA","kid":"{}","typ":"JWT"}}"#, self.receipt_key_id());
        let signed = format!("{}.{}", BASE64.encode(header), BASE64.encode(text));
        let signature = BASE64.encode(self.receipts.sign(signed.as_bytes()));
        format!("{signed}.{signature}")
    }

    /// The public half of the key of receipts: the `x` of an Ed25519 JWK.
    pub fn receipt_key(&self) -> String {
        BASE64.encode(self.receipts.public_key())
    }

    /// What that key is called.
    pub fn receipt_key_id(&self) -> String {
        let digest = Digest::of_bytes(self.receipts.public_key().as_ref());
        digest.as_str().chars().take(16).collect()
    }

    /// A signature over texts, 43 URL-safe characters.
    pub fn sign(&self, context: &str, text: &str) -> Secret {
        Secret::new(BASE64.encode(hmac::sign(&self.mac, &framed(context, text))))
    }

    /// Whether a signature is right, in constant time.
    pub fn verify(&self, context: &str, text: &str, signature: &str) -> bool {
        BASE64.decode(signature).is_ok_and(|tag| hmac::verify(&self.mac, &framed(context, text), &tag).is_ok())
    }
}

fn framed(context: &str, text: &str) -> Vec<u8> {
    [&(context.len() as u64).to_be_bytes(), context.as_bytes(), text.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed;

    impl Entropy for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(3);
        }
    }

    /// CHK-P7
    #[test]
    fn what_is_sealed_opens_only_whole_and_in_its_context() {
        let keys = EdgeKeys::new(&[1; 32]).expect("usable");
        let sealed = keys.seal(&Fixed, "cursor|ws_1", "acc_1");
        assert_eq!(keys.open("cursor|ws_1", &sealed).as_deref(), Some("acc_1"));
        assert_eq!(keys.open("cursor|ws_2", &sealed), None);
        for at in 0..sealed.len() {
            let mut bytes = sealed.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).expect("ascii");
            assert_eq!(keys.open("cursor|ws_1", &changed), None, "{at}");
        }
    }

    #[test]
    fn a_signature_holds_for_its_text_and_context_only() {
        let keys = EdgeKeys::new(&[1; 32]).expect("usable");
        let signature = keys.sign("form", "a");
        assert!(keys.verify("form", "a", signature.expose()));
        assert!(!keys.verify("form", "b", signature.expose()));
        assert!(!keys.verify("for", "ma", signature.expose()));
    }
}
