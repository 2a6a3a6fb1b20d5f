//! `sealed`: AES-256-GCM in the row itself, under a key of each grant derived from a root key.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf::{HKDF_SHA256, Salt},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use domain::{Entropy, Envelope, Fault, GrantId, SealedFor, TokenSet};
use zeroize::Zeroizing;

use crate::{Kept, TokenVault, plain::Plain};

/// Version of the envelope's layout: `1.<key id>.<base64url of nonce, ciphertext and tag>`.
const FORMAT: &str = "1";

/// The root keys by id, and which one seals. Old ones stay so that old envelopes open.
#[derive(Clone)]
pub struct RootKeys {
    current: String,
    keys: BTreeMap<String, Zeroizing<[u8; 32]>>,
}

impl RootKeys {
    /// The key that seals.
    pub fn new(id: impl Into<String>, key: [u8; 32]) -> Self {
        let current = id.into();
        Self { keys: BTreeMap::from([(current.clone(), Zeroizing::new(key))]), current }
    }

    /// A key that only opens what it sealed before.
    #[must_use]
    pub fn and(mut self, id: impl Into<String>, key: [u8; 32]) -> Self {
        self.keys.entry(id.into()).or_insert_with(|| Zeroizing::new(key));
        self
    }

    /// No keys: for a function that must not open tokens. Sealing and opening fail.
    pub fn none() -> Self {
        Self { keys: BTreeMap::new(), current: String::new() }
    }
}

/// The vault that needs no other service.
pub struct Sealed {
    roots: RootKeys,
    entropy: Arc<dyn Entropy>,
}

impl Sealed {
    /// A vault under these keys.
    pub fn new(roots: RootKeys, entropy: Arc<dyn Entropy>) -> Self {
        Self { roots, entropy }
    }

    fn key(&self, id: &str, grant: GrantId) -> Result<LessSafeKey, Fault> {
        let root = self.roots.keys.get(id).ok_or_else(|| Fault::Vault(format!("no root key {id}")))?;
        let info = [b"mooring grant key".as_slice(), grant.to_string().as_bytes()].map(<[u8]>::to_vec);
        let info: Vec<&[u8]> = info.iter().map(Vec::as_slice).collect();
        let derived = Salt::new(HKDF_SHA256, &[]).extract(root.as_slice());
        let okm = derived.expand(&info, &AES_256_GCM).map_err(|_| Fault::Vault("key derivation".into()))?;
        Ok(LessSafeKey::new(UnboundKey::from(okm)))
    }

    fn open(&self, of: &SealedFor, envelope: &Envelope) -> Result<TokenSet, Fault> {
        let damaged = || Fault::Vault(format!("the envelope of {} version {} does not open", of.grant, of.version));
        let mut parts = envelope.0.splitn(3, '.');
        let (Some(FORMAT), Some(id), Some(body)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(damaged());
        };
        let mut body = Zeroizing::new(BASE64.decode(body).map_err(|_| damaged())?);
        let Some((nonce, sealed)) = body.split_at_mut_checked(NONCE_LEN) else { return Err(damaged()) };
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| damaged())?;
        let text = self.key(id, of.grant)?.open_in_place(nonce, aad(of, id), sealed).map_err(|_| damaged())?;
        let plain: Plain<String> = serde_json::from_slice(text).map_err(|_| damaged())?;
        Ok(plain.into())
    }
}

/// What an envelope is bound to, taken from the row: format, grant id, platform, version, key id.
fn aad(of: &SealedFor, key_id: &str) -> Aad<Vec<u8>> {
    Aad::from(format!("{FORMAT}|{}|{}|{}|{key_id}", of.grant, of.platform, of.version).into_bytes())
}

#[async_trait]
impl TokenVault for Sealed {
    async fn seal(&self, of: &SealedFor, tokens: &TokenSet) -> Result<Option<Envelope>, Fault> {
        let text = serde_json::to_vec(&Plain::from(tokens));
        let mut text = Zeroizing::new(text.map_err(|_| Fault::Vault("tokens cannot be written".into()))?);
        let id = &self.roots.current;
        let nonce: [u8; NONCE_LEN] = self.entropy.bytes();
        let tag = self
            .key(id, of.grant)?
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), aad(of, id), &mut text)
            .map_err(|_| Fault::Vault("sealing failed".into()))?;
        let sealed = [nonce.as_slice(), &text, tag.as_ref()].concat();
        Ok(Some(Envelope(format!("{FORMAT}.{id}.{}", BASE64.encode(sealed)))))
    }

    async fn unseal(&self, of: &SealedFor, envelope: &Envelope) -> Result<TokenSet, Fault> {
        self.open(of, envelope).inspect_err(|fault| {
            // An alarm waits for this word: a row was changed by somebody else, or a root key is missing.
            tracing::error!(grant = %of.grant, platform = %of.platform, version = of.version, %fault, "envelope_refused");
        })
    }

    async fn forget(&self, _of: &SealedFor, _envelope: &Envelope) -> Result<(), Fault> {
        // The envelope is all there is; it goes with its row.
        Ok(())
    }

    async fn find(&self, _of: &SealedFor) -> Result<Option<Envelope>, Fault> {
        // What no row holds is nowhere.
        Ok(None)
    }

    async fn list(&self, _after: Option<String>) -> Result<(Vec<Kept>, Option<String>), Fault> {
        Ok((Vec::new(), None))
    }

    async fn destroy(&self, _kept: &Kept) -> Result<(), Fault> {
        Ok(())
    }

    fn keeps(&self, _envelope: &Envelope) -> bool {
        false
    }

    fn is_current(&self, envelope: &Envelope) -> bool {
        envelope.0.starts_with(&format!("{FORMAT}.{}.", self.roots.current))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU8, Ordering};

    use domain::Secret;

    use super::*;

    struct Counting(AtomicU8);

    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0.fetch_add(1, Ordering::Relaxed));
        }
    }

    fn vault(roots: RootKeys) -> Sealed {
        Sealed::new(roots, Arc::new(Counting(AtomicU8::new(0))))
    }

    fn of(version: u64) -> SealedFor {
        let grant = GrantId::new(domain::Timestamp::UNIX_EPOCH, [1; 16]);
        SealedFor { grant, platform: "x".parse().expect("legal"), version }
    }

    fn tokens() -> TokenSet {
        let children = BTreeMap::from([("p\"1".to_owned(), Secret::new("CANARY-child"))]);
        TokenSet { access: Secret::new("CANARY-access\n"), refresh: Some(Secret::new("CANARY-refresh")), children }
    }

    #[tokio::test]
    async fn tokens_come_back_as_they_went_in() {
        let vault = vault(RootKeys::new("k1", [9; 32]));
        let envelope = vault.seal(&of(1), &tokens()).await.expect("a vault").expect("sealed");
        assert!(!envelope.0.contains("CANARY"));
        let back = vault.unseal(&of(1), &envelope).await.expect("opens");
        assert_eq!(back.access, tokens().access);
        assert_eq!(back.refresh, tokens().refresh);
        assert_eq!(back.children, tokens().children);
    }

    /// CHK-S6, CHK-S7
    #[tokio::test]
    async fn an_envelope_opens_only_for_what_it_was_sealed_for() {
        let vault = vault(RootKeys::new("k1", [9; 32]));
        let envelope = vault.seal(&of(2), &tokens()).await.expect("a vault").expect("sealed");
        let other_grant = SealedFor { grant: GrantId::new(domain::Timestamp::UNIX_EPOCH, [2; 16]), ..of(2) };
        let other_platform = SealedFor { platform: "facebook".parse().expect("legal"), ..of(2) };
        for foreign in [of(1), of(3), other_grant, other_platform] {
            assert!(vault.unseal(&foreign, &envelope).await.is_err(), "{foreign:?}");
        }
        for cut in 0..envelope.0.len() {
            assert!(vault.unseal(&of(2), &Envelope(envelope.0[..cut].to_owned())).await.is_err());
        }
    }

    #[tokio::test]
    async fn a_retired_root_key_still_opens_and_no_root_key_opens_nothing() {
        let envelope =
            vault(RootKeys::new("k1", [9; 32])).seal(&of(1), &tokens()).await.expect("a vault").expect("sealed");
        let rotated = vault(RootKeys::new("k2", [7; 32]).and("k1", [9; 32]));
        assert!(rotated.unseal(&of(1), &envelope).await.is_ok());
        assert!(rotated.seal(&of(1), &tokens()).await.expect("a vault").expect("sealed").0.starts_with("1.k2."));
        let without = vault(RootKeys::none());
        assert!(without.unseal(&of(1), &envelope).await.is_err());
        assert!(without.seal(&of(1), &tokens()).await.is_err());
    }

    #[tokio::test]
    async fn no_nonce_is_used_twice_and_another_root_key_opens_nothing() {
        let vault1 = vault(RootKeys::new("k1", [9; 32]));
        let first = vault1.seal(&of(1), &tokens()).await.expect("a vault").expect("sealed");
        let second = vault1.seal(&of(1), &tokens()).await.expect("a vault").expect("sealed");
        assert_ne!(first, second);
        let other = vault(RootKeys::new("k1", [8; 32]));
        assert!(other.unseal(&of(1), &first).await.is_err());
    }
}
