//! The small picture of an account that is kept here: made anew of what its platform shows, and looked for again when
//! that is old.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Account, Digest};

/// How old a picture, and the address where it was found, may become.
pub const FRESH: SignedDuration = SignedDuration::from_hours(24);
/// How long it is not looked for again that could not be had.
pub const AGAIN: SignedDuration = SignedDuration::from_hours(1);

/// How a picture is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Portable Network Graphics, where parts can be seen through.
    Png,
    /// JPEG.
    Jpeg,
}

impl Format {
    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
        }
    }
}

/// A small picture, made here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// How it is written.
    pub format: Format,
    /// The file.
    pub bytes: Vec<u8>,
}

/// Where a platform says that a picture is; such an address may hold for days only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The address; none where the account has no picture.
    pub address: Option<String>,
    /// When the platform named it.
    pub named_at: Timestamp,
}

/// What is kept of an account's picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Where it was looked for.
    pub source: Source,
    /// When it was last looked for.
    pub looked_at: Timestamp,
    /// When it was fetched, if it ever was.
    pub fetched_at: Option<Timestamp>,
    /// The picture, if there is one.
    #[serde(skip)]
    pub picture: Option<Picture>,
}

impl Picture {
    /// Names the file by what it holds.
    pub fn digest(&self) -> Digest {
        Digest::of_bytes(&self.bytes)
    }
}

impl Source {
    /// When the account's own consent named one.
    pub fn consented_at(account: &Account) -> Timestamp {
        account.reconnected_at.unwrap_or(account.connected_at)
    }

    /// Whether the platform named it so long ago that it may name another by now.
    pub fn is_old(&self, now: Timestamp) -> bool {
        now.duration_since(self.named_at) > FRESH
    }
}

impl Kept {
    /// Whether there is nothing to do but to show it, or that there is none.
    pub fn is_current(&self, source: &Source, now: Timestamp) -> bool {
        let asked = now.duration_since(self.looked_at);
        let fresh = self.fetched_at.is_some_and(|at| now.duration_since(at) <= FRESH);
        self.source.address == source.address && (fresh || asked < AGAIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours)
    }

    fn kept(looked: i64, fetched: Option<i64>) -> Kept {
        let source = Source { address: Some("https://a.example/1".to_owned()), named_at: at(0) };
        Kept { source, looked_at: at(looked), fetched_at: fetched.map(at), picture: None }
    }

    #[test]
    fn a_picture_is_looked_for_once_a_day_and_a_missing_one_once_an_hour() {
        let source = kept(0, None).source;
        assert!(kept(0, Some(0)).is_current(&source, at(24)));
        assert!(!kept(0, Some(0)).is_current(&source, at(25)));
        assert!(kept(25, Some(0)).is_current(&source, at(25)), "it was just looked for in vain");
        assert!(!kept(25, Some(0)).is_current(&source, at(26)));
        assert!(!kept(0, None).is_current(&source, at(1)));
        let moved = Source { address: Some("https://a.example/2".to_owned()), ..source };
        assert!(!kept(0, Some(0)).is_current(&moved, at(0)), "it is at another address now");
    }
}
