//! What a workspace decides about an account.

use app::settings::Decided;
use domain::{
    Actor, Permission,
    account::{Contact, Location, Preferences, Right, Settings},
};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

mod notifications;
pub(super) mod patch;

pub(crate) use patch::AccountPatch;

/// Whom to ask about an account.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Contact)]
pub struct ContactView {
    /// Their name.
    pub name: String,
    /// Their mail address.
    #[serde(default)]
    pub email: Option<String>,
    /// Their telephone.
    #[serde(default)]
    pub phone: Option<String>,
}

/// A place.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Location)]
pub struct LocationView {
    /// What people call it.
    pub name: String,
    /// The platform's id of it.
    #[serde(default)]
    pub platform_place_id: Option<String>,
    /// Degrees north; together with `lng`.
    #[serde(default)]
    pub lat: Option<f64>,
    /// Degrees east.
    #[serde(default)]
    pub lng: Option<f64>,
}

/// One member on an account's list.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AclEntry)]
pub struct AclEntryView {
    /// Their id at the SaaS.
    pub user: String,
    /// `publish`, `analytics`, `settings`, `manage`, as far as their role allows it too.
    #[schema(value_type = Vec<String>)]
    pub rights: Vec<Right>,
}

/// The settings of an account.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Settings)]
pub struct SettingsView {
    /// How old its data may be before it is fetched again; null is what the plan allows.
    pub sync_interval: Option<String>,
    /// Of which events who is told.
    #[schema(value_type = Object)]
    pub notifications: Map<String, Value>,
    /// With whom its data is shared.
    pub privacy: PrivacyView,
    /// Defaults of the publisher.
    #[schema(value_type = Object)]
    pub publishing: Map<String, Value>,
    /// How long before a person must act it is told; null is the workspace's number.
    pub expiring_window: Option<String>,
}

/// With whom an account's data is shared.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Privacy)]
pub struct PrivacyView {
    /// Whether readers that are an AI see it.
    pub share_with_ai: bool,
    /// Whether everybody who sees it sees its figures.
    pub share_analytics: bool,
}

/// What is decided about an account now.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = AccountSettings)]
pub struct DecidedView {
    /// The account.
    pub id: String,
    /// What the workspace calls it.
    pub label: Option<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// Group.
    pub group_id: Option<String>,
    /// Where it is.
    pub location: Option<LocationView>,
    /// Whom to ask about it; only for those with `access.edit` and those on its list.
    pub contact: Option<ContactView>,
    /// `workspace`, `restricted` or `private`.
    pub visibility: String,
    /// The members whom it is for; only for those with `access.edit` and those on its list.
    pub acl: Option<Vec<AclEntryView>>,
    /// Its settings.
    pub settings: SettingsView,
    /// The account's version now, as the header `ETag` has it.
    pub etag: String,
}

/// Minutes as an ISO 8601 duration.
pub(crate) fn interval(minutes: u32) -> String {
    SignedDuration::from_mins(i64::from(minutes)).to_string()
}

impl SettingsView {
    pub(crate) fn of(settings: &Settings, preferences: &Preferences) -> Self {
        let publishing = preferences.publishing.as_deref().and_then(|text| serde_json::from_str(text).ok());
        Self {
            sync_interval: settings.sync_interval_minutes.map(interval),
            notifications: preferences.notifications.clone(),
            privacy: PrivacyView {
                share_with_ai: !settings.hidden_from_ai,
                share_analytics: !settings.analytics_withheld,
            },
            publishing: publishing.unwrap_or_default(),
            expiring_window: settings.expiring_window_days.map(|days| format!("P{days}D")),
        }
    }
}

/// Whether somebody is told whom an account is for, and whom to ask about it.
pub(crate) fn knows_members(actor: &Actor, settings: &Settings) -> bool {
    actor.may(Permission::AccessEdit) || settings.acl.iter().any(|entry| entry.user == actor.sub)
}

/// An account's list.
pub(crate) fn members(settings: &Settings) -> Vec<AclEntryView> {
    settings.acl.iter().map(|entry| AclEntryView { user: entry.user.clone(), rights: entry.rights.clone() }).collect()
}

impl DecidedView {
    /// As it is told to a caller.
    pub(crate) fn of(decided: &Decided, actor: &Actor) -> Self {
        let Decided { account, settings, preferences, version } = decided;
        let knows = knows_members(actor, settings);
        Self {
            id: account.to_string(),
            label: settings.label.clone(),
            tags: settings.tags.clone(),
            group_id: settings.group_id.clone(),
            location: preferences.location.as_ref().map(LocationView::from),
            contact: preferences.contact.as_ref().filter(|_| knows).map(ContactView::from),
            visibility: settings.visibility.as_str().to_owned(),
            acl: knows.then(|| members(settings)),
            settings: SettingsView::of(settings, preferences),
            etag: format!("\"{version}\""),
        }
    }
}

impl From<&Contact> for ContactView {
    fn from(contact: &Contact) -> Self {
        let Contact { name, email, phone } = contact.clone();
        Self { name, email, phone }
    }
}

impl From<&Location> for LocationView {
    fn from(location: &Location) -> Self {
        let Location { name, platform_place_id, lat, lng } = location.clone();
        Self { name, platform_place_id, lat, lng }
    }
}
