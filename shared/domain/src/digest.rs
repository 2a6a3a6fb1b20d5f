//! SHA-256, as the lower-case hex text that table keys and rows hold.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The SHA-256 of some text; what the table keeps in place of a secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Digest {
    /// The digest of one text.
    pub fn of(text: &str) -> Self {
        Self::of_parts(&[text])
    }

    /// The digest of a file.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(bytes);
        Self::end(hasher)
    }

    /// The digest of several texts, each with its length, so that no two lists of texts meet.
    pub fn of_parts(parts: &[&str]) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part.as_bytes());
        }
        Self::end(hasher)
    }

    fn end(hasher: Sha256) -> Self {
        let mut hex = String::with_capacity(64);
        for byte in hasher.finalize() {
            let _ = write!(hex, "{byte:02x}");
        }
        Self(hex)
    }

    /// One that was written down; nothing if it is none.
    pub fn parse(hex: &str) -> Option<Self> {
        let legal = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        (hex.len() == 64 && hex.bytes().all(legal)).then(|| Self(hex.to_owned()))
    }

    /// 64 hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_read_as_it_was_written() {
        let digest = Digest::of("a");
        assert_eq!(Digest::parse(digest.as_str()), Some(digest.clone()));
        for other in [String::new(), digest.as_str().to_uppercase(), digest.as_str()[1..].to_owned()] {
            assert_eq!(Digest::parse(&other), None);
        }
    }

    #[test]
    fn parts_cannot_be_shifted_into_each_other() {
        assert_ne!(Digest::of_parts(&["ab", "c"]), Digest::of_parts(&["a", "bc"]));
    }
}
