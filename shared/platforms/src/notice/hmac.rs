//! HMAC-SHA256, compared in constant time and only whole.

use aws_lc_rs::hmac::{self, HMAC_SHA256};
use domain::Secret;

/// What an app's notices are signed with.
pub(super) struct Key(hmac::Key);

impl Key {
    pub(super) fn new(secret: &Secret) -> Self {
        Self(hmac::Key::new(HMAC_SHA256, secret.expose().as_bytes()))
    }

    /// Whether `mac` is the whole signature of these parts, one after the other.
    pub(super) fn verify(&self, parts: &[&[u8]], mac: &[u8]) -> Result<(), &'static str> {
        hmac::verify(&self.0, &parts.concat(), mac).map_err(|_| "the signature is not the app's")
    }

    pub(super) fn sign(&self, text: &[u8]) -> impl AsRef<[u8]> {
        hmac::sign(&self.0, text)
    }
}
