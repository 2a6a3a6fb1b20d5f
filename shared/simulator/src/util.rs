//! Small deterministic helpers.

use std::fmt::Write as _;

use aws_lc_rs::hmac;
use jiff::Timestamp;
use rand::Rng as _;
use rand::distr::Alphanumeric;
use rand::rngs::StdRng;
use sha2::{Digest as _, Sha256};

/// The first bytes of a text's SHA-256, as hex: enough to compare two secrets
/// and too little to use one.
pub(crate) fn digest(text: &str) -> String {
    hex(&Sha256::digest(text)[..8])
}

/// HMAC-SHA256 of a text.
pub(crate) fn hmac_sha256(secret: &str, text: &str) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), text.as_bytes()).as_ref().to_vec()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// A number that depends on nothing but the key.
pub(crate) fn number(key: &str) -> u64 {
    let hash = Sha256::digest(key);
    hash.iter().take(8).fold(0, |sum, byte| (sum << 8) | u64::from(*byte))
}

/// An id of digits that depends on nothing but the key.
pub(crate) fn digits(key: &str, prefix: &str, length: usize) -> String {
    let tail = format!("{:020}", number(key));
    let wanted = length.saturating_sub(prefix.len()).min(tail.len());
    format!("{prefix}{}", &tail[tail.len() - wanted..])
}

/// Random letters and digits.
pub(crate) fn random(rng: &mut StdRng, length: usize) -> String {
    rng.sample_iter(Alphanumeric).take(length).map(char::from).collect()
}

/// Days since 2026-01-01, by which the seeds' audiences grow.
fn day(now: Timestamp) -> i64 {
    const NEW_YEAR_2026: i64 = 1_767_225_600;
    (now.as_second() - NEW_YEAR_2026).div_euclid(86_400)
}

/// A count that grows by `daily` a day, not quite evenly.
pub(crate) fn grown(base: i64, daily: i64, key: &str, now: Timestamp) -> i64 {
    if daily == 0 {
        return base;
    }
    let wobble = number(&format!("{key}/{}", day(now))) % daily.unsigned_abs().max(1);
    (base + daily * day(now) + i64::try_from(wobble).unwrap_or(0)).max(0)
}

/// Text that is safe in HTML, in attributes too.
pub(crate) fn escape(text: &str) -> String {
    text.chars().fold(String::new(), |mut safe, c| {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
        safe
    })
}

/// `name=value&…`, as a form encodes it.
pub(crate) fn form(pairs: &[(&str, &str)]) -> String {
    serde_urlencoded::to_string(pairs).unwrap_or_default()
}

/// `to` with parameters added to its query.
pub(crate) fn with_query(to: &str, pairs: &[(&str, &str)]) -> String {
    let mark = if to.contains('?') { '&' } else { '?' };
    format!("{to}{mark}{}", form(pairs))
}

/// A name as a handle: `North Harbour` is `northharbour`.
pub(crate) fn slug(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}
