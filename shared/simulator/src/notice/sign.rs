//! How notices are signed.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;

use super::Tamper;
use crate::util::hmac_sha256;

/// Whom a notice is about, when, and by which key it is signed.
pub(super) struct Ink {
    pub(super) at: Timestamp,
    pub(super) account: String,
    pub(super) secret: String,
    pub(super) tamper: Option<Tamper>,
    /// Digits that no other notice has.
    pub(super) nonce: String,
}

impl Ink {
    /// The signature's bytes, by HMAC-SHA256.
    pub(super) fn sign(&self, text: &str) -> Vec<u8> {
        let mut mac = hmac_sha256(&self.secret, text);
        if self.tamper == Some(Tamper::TruncatedSignature) {
            mac.truncate(mac.len() / 2);
        }
        mac
    }
}

pub(super) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

pub(super) fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
