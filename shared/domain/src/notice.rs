//! What platforms tell us by themselves of people who allowed one of our apps something.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What happened to a person at a platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Happened {
    /// They, or the platform, took back what they had allowed.
    Revoked,
    /// Their account is gone, and what they had allowed with it.
    Deleted,
    /// Their account is banned, and what they had allowed is taken back.
    Banned,
    /// Their account is closed for now.
    Disabled,
    /// Their account is open again.
    Enabled,
    /// Something that may have ended tokens, or not.
    Doubtful,
    /// They want erased what is kept of them.
    Erase,
}

impl Happened {
    /// Whether it ends what they had allowed.
    pub fn ends_grants(self) -> bool {
        matches!(self, Self::Revoked | Self::Deleted | Self::Banned | Self::Erase)
    }
}

/// One thing that a platform tells of one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The platform's id of the person, as the grant has it.
    pub person: String,
    /// What happened.
    pub what: Happened,
    /// When, by the platform's clock.
    pub at: Timestamp,
}
