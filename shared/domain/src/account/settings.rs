//! What a workspace decides about one account.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{AclEntry, Visibility};
use crate::PlatformId;

/// What lists show and are searched by; kept in the account's row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// What the workspace calls the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Tags, sorted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The SaaS's id of a brand, a region, a client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
    /// To whom it is shown.
    pub visibility: Visibility,
    /// The members whom a restricted or private account is for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub acl: Vec<AclEntry>,
    /// Whether readers that are an AI may not see it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub hidden_from_ai: bool,
    /// Whether its figures are for nobody but administrators and those on its list.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub analytics_withheld: bool,
    /// How many days before a person must act it is told; the workspace's number if none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expiring_window_days: Option<u16>,
    /// How many minutes its data may be old before it is fetched again; the plan's if none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sync_interval_minutes: Option<u32>,
}

/// What somebody can be told of an account, by the types of its events; `*` is all of them.
pub const TOLD: [&str; 20] = [
    "*",
    "account.connected",
    "account.reconnected",
    "account.synced",
    "account.profile_changed",
    "account.handle_changed",
    "account.type_changed",
    "account.verification_changed",
    "account.permissions_changed",
    "account.main_changed",
    "account.reauthorization_due",
    "account.degraded",
    "account.expired",
    "account.recovered",
    "account.suspended",
    "account.disconnected",
    "account.removed",
    "account.copied",
    "sync.failed",
    "sync.recovered",
];

/// Most tags of an account.
pub const MOST_TAGS: usize = 20;

/// The platforms whose posts can name a place.
const PLACES: [&str; 2] = ["facebook", "instagram"];

/// Whether an account of a platform can be given a place.
pub fn knows_places(platform: &PlatformId) -> bool {
    PLACES.contains(&platform.as_str())
}

/// The platform whose accounts one of this platform can be tied to.
pub fn tied_platform(platform: &PlatformId) -> Option<&'static str> {
    match platform.as_str() {
        "instagram" => Some("threads"),
        "threads" => Some("instagram"),
        _ => None,
    }
}

impl Settings {
    /// Whether nothing was decided.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What only the answer for one account tells; kept beside its row, and written in the same transaction.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// Defaults of the publisher, of whatever shape it likes: JSON as text, so that each null and number stays.
    pub publishing: Option<String>,
    /// Who is told of what, and how.
    pub notifications: Map<String, Value>,
    /// Whom to ask about the account.
    pub contact: Option<Contact>,
    /// Where it is.
    pub location: Option<Location>,
}

/// Whom to ask about an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Their name.
    pub name: String,
    /// Their mail address.
    pub email: Option<String>,
    /// Their telephone.
    pub phone: Option<String>,
}

/// A place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Location {
    /// What people call it.
    pub name: String,
    /// The platform's id of it.
    pub platform_place_id: Option<String>,
    /// Degrees north.
    pub lat: Option<f64>,
    /// Degrees east.
    pub lng: Option<f64>,
}
