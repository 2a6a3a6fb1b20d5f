//! What is sent to change what is decided about an account.

#![expect(clippy::option_option, reason = "a member that is absent, null or there means three things")]

use domain::{
    Refusal,
    account::{AclEntry, Contact, Location, MOST_TAGS, Preferences, Settings, Visibility},
    text::{clean, composed, folded},
};
use jiff::{SignedDuration, Span, SpanRelativeTo};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{AclEntryView, ContactView, LocationView, notifications};

/// Longest label, in characters.
const LABEL: usize = 100;
/// Longest tag.
const TAG: usize = 40;
/// Longest id of a group.
const GROUP: usize = 64;
/// Most members on an account's list, and the longest id.
const MEMBERS: usize = 50;
const MEMBER: usize = 200;
/// Longest text of a contact or a place.
const TEXT: usize = 200;
/// Largest and deepest defaults of the publisher.
const PUBLISHING: usize = 8 * 1024;
const DEPTH: usize = 8;
/// Shortest interval whatever the plan, and the longest.
const INTERVAL: SignedDuration = SignedDuration::from_mins(15);
const LONGEST_INTERVAL: SignedDuration = SignedDuration::from_hours(24 * 30);
/// Longest window, in days.
const WINDOW: i64 = 365;

/// What shall be different. What is absent stays as it is, and null takes it away.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = AccountPatch)]
pub struct AccountPatch {
    /// What the workspace calls the account: 1 to 100 characters.
    #[serde(deserialize_with = "sent")]
    #[schema(value_type = Option<String>)]
    pub label: Option<Option<String>>,
    /// At most 20 of at most 40 characters. Those that people take for the same are one.
    #[serde(deserialize_with = "sent")]
    #[schema(value_type = Option<Vec<String>>)]
    pub tags: Option<Option<Vec<String>>>,
    /// The SaaS's id of a brand, a region, a client: `[A-Za-z0-9_-]{1,64}`.
    #[serde(deserialize_with = "sent")]
    #[schema(value_type = Option<String>)]
    pub group_id: Option<Option<String>>,
    /// Whom to ask about the account.
    #[serde(deserialize_with = "sent")]
    #[schema(value_type = Option<ContactView>)]
    pub contact: Option<Option<ContactView>>,
    /// Where it is; only Facebook and Instagram know places.
    #[serde(deserialize_with = "sent")]
    #[schema(value_type = Option<LocationView>)]
    pub location: Option<Option<LocationView>>,
    /// `workspace`, `restricted` or `private`; takes `access.edit`.
    #[serde(deserialize_with = "sent")]
    #[schema(value_type = Option<String>)]
    pub visibility: Option<Option<Visibility>>,
    /// The members whom a restricted or private account is for, at most 50; takes `access.edit`.
    #[serde(deserialize_with = "sent")]
    #[schema(value_type = Option<Vec<AclEntryView>>)]
    pub acl: Option<Option<Vec<AclEntryView>>>,
    /// The rest.
    #[serde(deserialize_with = "sent")]
    #[schema(value_type = Option<SettingsPatch>)]
    pub settings: Option<Option<SettingsPatch>>,
}

/// Which settings shall be different.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SettingsPatch {
    /// How old its data may be before it is fetched again, an ISO 8601 duration: `PT15M` or the plan's floor to `P30D`.
    #[serde(deserialize_with = "sent")]
    #[schema(value_type = Option<String>)]
    pub sync_interval: Option<Option<String>>,
    /// Of which events who is told: an event's type or `*` → channels, as the SaaS names them; `digest`: `off`, `daily`
    /// or `weekly`; `quiet_hours`: `{from, to, timezone}`.
    #[serde(deserialize_with = "sent")]
    #[schema(value_type = Option<Object>)]
    pub notifications: Option<Option<Map<String, Value>>>,
    /// With whom its data is shared; takes `access.edit`.
    #[serde(deserialize_with = "sent")]
    #[schema(value_type = Option<PrivacyPatch>)]
    pub privacy: Option<Option<PrivacyPatch>>,
    /// Defaults of the publisher, of whatever shape it likes: 8 KB and 8 levels at most.
    #[serde(deserialize_with = "sent")]
    #[schema(value_type = Option<Object>)]
    pub publishing: Option<Option<Map<String, Value>>>,
    /// How long before a person must act it is told: `P1D` to `P365D`; null is the workspace's number.
    #[serde(deserialize_with = "sent")]
    #[schema(value_type = Option<String>)]
    pub expiring_window: Option<Option<String>>,
}

/// With whom an account's data shall be shared.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PrivacyPatch {
    /// Whether readers that are an AI see it.
    #[serde(deserialize_with = "sent")]
    #[schema(value_type = Option<bool>)]
    pub share_with_ai: Option<Option<bool>>,
    /// Whether everybody who sees it sees its figures.
    #[serde(deserialize_with = "sent")]
    #[schema(value_type = Option<bool>)]
    pub share_analytics: Option<Option<bool>>,
}

/// A member that was sent, also as null.
pub(in crate::view) fn sent<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl AccountPatch {
    /// Whether it is about who sees the account.
    pub(crate) fn is_of_access(&self) -> bool {
        let of_privacy = match &self.settings {
            None => false,
            Some(settings) => settings.as_ref().is_none_or(|settings| settings.privacy.is_some()),
        };
        self.visibility.is_some() || self.acl.is_some() || of_privacy
    }

    /// Changes what is sent.
    pub(crate) fn apply(&self, settings: &mut Settings, preferences: &mut Preferences) -> Result<(), Refusal> {
        if let Some(sent) = &self.label {
            settings.label = sent.as_deref().map(|text| line("/label", text, LABEL)).transpose()?;
        }
        if let Some(sent) = &self.tags {
            settings.tags = tags(sent.as_deref().unwrap_or_default())?;
        }
        if let Some(sent) = &self.group_id {
            settings.group_id = sent.as_deref().map(group).transpose()?;
        }
        if let Some(sent) = self.visibility {
            settings.visibility = sent.unwrap_or_default();
        }
        if let Some(sent) = &self.acl {
            settings.acl = acl(sent.as_deref().unwrap_or_default())?;
        }
        if let Some(sent) = &self.contact {
            preferences.contact = sent.as_ref().map(ContactView::read).transpose()?;
        }
        if let Some(sent) = &self.location {
            preferences.location = sent.as_ref().map(LocationView::read).transpose()?;
        }
        match &self.settings {
            None => Ok(()),
            Some(Some(sent)) => sent.apply(settings, preferences),
            Some(None) => SettingsPatch::cleared().apply(settings, preferences),
        }
    }
}

impl SettingsPatch {
    /// Takes all of them away.
    fn cleared() -> Self {
        Self {
            sync_interval: Some(None),
            notifications: Some(None),
            privacy: Some(None),
            publishing: Some(None),
            expiring_window: Some(None),
        }
    }

    fn apply(&self, settings: &mut Settings, preferences: &mut Preferences) -> Result<(), Refusal> {
        if let Some(sent) = &self.sync_interval {
            settings.sync_interval_minutes = sent.as_deref().map(minutes).transpose()?;
        }
        if let Some(sent) = &self.expiring_window {
            settings.expiring_window_days = sent.as_deref().map(days).transpose()?;
        }
        if let Some(sent) = &self.privacy {
            let PrivacyPatch { share_with_ai, share_analytics } =
                sent.as_ref().unwrap_or(&PrivacyPatch { share_with_ai: Some(None), share_analytics: Some(None) });
            // What is not decided is shared.
            if let Some(shared) = share_with_ai {
                settings.hidden_from_ai = !shared.unwrap_or(true);
            }
            if let Some(shared) = share_analytics {
                settings.analytics_withheld = !shared.unwrap_or(true);
            }
        }
        if let Some(sent) = &self.notifications {
            preferences.notifications = notifications::read(sent.as_ref())?;
        }
        if let Some(sent) = &self.publishing {
            preferences.publishing = sent.as_ref().map(publishing).transpose()?;
        }
        Ok(())
    }
}

impl ContactView {
    fn read(&self) -> Result<Contact, Refusal> {
        let email = self.email.as_deref().map(|text| line("/contact/email", text, TEXT)).transpose()?;
        let is_address = |text: &String| match text.split_once('@') {
            Some((who, host)) => !who.is_empty() && !host.is_empty() && !host.contains('@') && !text.contains(' '),
            None => false,
        };
        if email.as_ref().is_some_and(|email| !is_address(email)) {
            return Err(Refusal::field("/contact/email", "invalid", "email is a mail address."));
        }
        Ok(Contact {
            name: line("/contact/name", &self.name, TEXT)?,
            email,
            phone: self.phone.as_deref().map(|text| line("/contact/phone", text, TEXT)).transpose()?,
        })
    }
}

impl LocationView {
    fn read(&self) -> Result<Location, Refusal> {
        let id = self.platform_place_id.as_deref();
        let within = |degrees: Option<f64>, most: f64| degrees.is_none_or(|degrees| degrees.abs() <= most);
        if !within(self.lat, 90.0) || !within(self.lng, 180.0) || self.lat.is_some() != self.lng.is_some() {
            let detail = "lat is -90 to 90 and lng is -180 to 180, and there are both or none.";
            return Err(Refusal::field("/location/lat", "out_of_range", detail));
        }
        Ok(Location {
            name: line("/location/name", &self.name, TEXT)?,
            platform_place_id: id.map(|text| line("/location/platform_place_id", text, TEXT)).transpose()?,
            lat: self.lat,
            lng: self.lng,
        })
    }
}

/// A text for people to read, of 1 to `most` characters once what they do not see is gone.
pub(in crate::view) fn line(pointer: &str, text: &str, most: usize) -> Result<String, Refusal> {
    let text = composed(&clean(text, usize::MAX));
    if (1..=most).contains(&text.chars().count()) {
        return Ok(text);
    }
    Err(Refusal::field(pointer, "length", format!("A text of 1 to {most} characters.")))
}

pub(in crate::view) fn tags(sent: &[String]) -> Result<Vec<String>, Refusal> {
    let mut tags: Vec<String> = Vec::new();
    for (at, tag) in sent.iter().enumerate() {
        let tag = line(&format!("/tags/{at}"), tag, TAG)?;
        if !tags.iter().any(|known| folded(known) == folded(&tag)) {
            tags.push(tag);
        }
        if tags.len() > MOST_TAGS {
            return Err(Refusal::field("/tags", "too_many", format!("At most {MOST_TAGS} tags.")));
        }
    }
    tags.sort_unstable();
    Ok(tags)
}

fn group(id: &str) -> Result<String, Refusal> {
    let is_legal = |letter: u8| letter.is_ascii_alphanumeric() || matches!(letter, b'_' | b'-');
    if (1..=GROUP).contains(&id.len()) && id.bytes().all(is_legal) {
        return Ok(id.to_owned());
    }
    Err(Refusal::field("/group_id", "invalid", "group_id is 1 to 64 of A-Z, a-z, 0-9, _ and -."))
}

fn acl(sent: &[AclEntryView]) -> Result<Vec<AclEntry>, Refusal> {
    if sent.len() > MEMBERS {
        return Err(Refusal::field("/acl", "too_many", format!("At most {MEMBERS} members.")));
    }
    let mut acl: Vec<AclEntry> = Vec::new();
    for (at, AclEntryView { user, rights }) in sent.iter().enumerate() {
        let wrong = |code: &str, what: &str| Refusal::field(&format!("/acl/{at}/user"), code, what);
        if !(1..=MEMBER).contains(&user.chars().count()) {
            return Err(wrong("length", "user is an id of 1 to 200 characters."));
        }
        if acl.iter().any(|entry| entry.user == *user) {
            return Err(wrong("duplicate", "This member is there twice."));
        }
        let mut rights = rights.clone();
        rights.sort_unstable();
        rights.dedup();
        acl.push(AclEntry { user: user.clone(), rights });
    }
    Ok(acl)
}

/// An ISO 8601 duration of whole minutes or days.
fn duration(text: &str) -> Option<SignedDuration> {
    text.parse::<Span>().ok()?.to_duration(SpanRelativeTo::days_are_24_hours()).ok()
}

fn minutes(text: &str) -> Result<u32, Refusal> {
    let whole = duration(text).filter(|interval| interval.as_secs() % 60 == 0 && interval.subsec_nanos() == 0);
    whole
        .filter(|interval| (INTERVAL..=LONGEST_INTERVAL).contains(interval))
        .and_then(|interval| u32::try_from(interval.as_mins()).ok())
        .ok_or_else(|| {
            let detail = "sync_interval is an ISO 8601 duration of whole minutes, PT15M to P30D.";
            Refusal::field("/settings/sync_interval", "out_of_range", detail)
        })
}

fn days(text: &str) -> Result<u16, Refusal> {
    let days = text.strip_prefix('P').and_then(|rest| rest.strip_suffix('D')).and_then(|days| days.parse().ok());
    days.filter(|days| (1..=WINDOW).contains(&i64::from(*days)))
        .ok_or_else(|| Refusal::field("/settings/expiring_window", "out_of_range", "expiring_window is P1D to P365D."))
}

fn publishing(sent: &Map<String, Value>) -> Result<String, Refusal> {
    let wrong = |code: &str, what: String| Refusal::field("/settings/publishing", code, what);
    let text = Value::Object(sent.clone()).to_string();
    if text.len() > PUBLISHING {
        return Err(wrong("too_large", format!("publishing is larger than {PUBLISHING} bytes.")));
    }
    if 1 + sent.values().map(depth).max().unwrap_or(0) > DEPTH {
        return Err(wrong("too_deep", format!("publishing is nested deeper than {DEPTH}.")));
    }
    Ok(text)
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(list) => 1 + list.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}
