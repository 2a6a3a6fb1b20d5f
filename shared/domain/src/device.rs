//! A telephone on which the mobile app uses an account.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{DeviceId, Digest};

/// Most devices of an account.
pub const MOST_DEVICES: u32 = 20;
/// A device that was not seen for so long is expired.
const UNSEEN: SignedDuration = SignedDuration::from_hours(24 * 30);

/// One device. It is known by what its app calls itself, and nothing of it can be used to reach it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Its id; the same whenever the app comes back.
    pub id: DeviceId,
    /// What its owner calls it.
    pub name: String,
    /// `ios 20.1` …
    pub os: String,
    /// The app's version.
    pub app_version: Option<String>,
    /// Of the token by which it is notified.
    pub push_token: Option<Digest>,
    /// Whether notifications were refused for that token.
    pub push_refused: bool,
    /// When the app's session ends.
    pub session_expires_at: Option<Timestamp>,
    /// When it first signed in.
    pub registered_at: Timestamp,
    /// When it last signed in.
    pub last_seen_at: Timestamp,
}

impl Device {
    /// When it expires by itself; what its app is told may end it earlier.
    pub fn expires_at(&self) -> Timestamp {
        let unseen = self.last_seen_at.saturating_add(UNSEEN).unwrap_or(Timestamp::MAX);
        self.session_expires_at.map_or(unseen, |ends| ends.min(unseen))
    }

    /// Whether it is of use now.
    pub fn is_active(&self, now: Timestamp) -> bool {
        !self.push_refused && now < self.expires_at()
    }
}
