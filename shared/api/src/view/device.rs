//! Devices on which the mobile app uses an account.

use app::{
    Services,
    device::{NewDevice, Registered},
};
use domain::{AccountId, Device, Refusal, Secret, Timestamp, text::clean};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Longest key of a device, and longest text.
const KEY: usize = 128;
const TEXT: usize = 100;
/// Longest token by which a device is notified.
const PUSH_TOKEN: usize = 4096;

/// What a device's app says of it when it signs in.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterDevice {
    /// What the app calls itself on this device, always alike: 1 to 128 characters. It is kept as a digest.
    pub device_key: String,
    /// What its owner calls it: 1 to 100 characters.
    pub name: String,
    /// `ios 20.1` …
    pub os: String,
    /// The app's version.
    #[serde(default)]
    pub app_version: Option<String>,
    /// The token by which it is notified. It is kept as a digest, and shown to nobody.
    #[serde(default)]
    pub push_token: Option<String>,
    /// Whether notifications get through to that token; true if absent.
    #[serde(default = "yes")]
    pub push_token_valid: bool,
    /// When the app's session ends.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub session_expires_at: Option<Timestamp>,
}

/// A device.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Device)]
pub struct DeviceView {
    /// `dev_…`; the same whenever its app comes back.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// Its operating system.
    pub os: String,
    /// The app's version.
    pub app_version: Option<String>,
    /// `active`, or `expired`: the app's session is over, notifications are refused, or it was not seen for 30 days.
    pub status: String,
    /// When it last signed in.
    #[schema(value_type = String, format = DateTime)]
    pub last_seen_at: Timestamp,
    /// When it expires by itself.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
    /// Where its app signs in again, with the same `device_key`; null while it is active.
    pub relogin_url: Option<String>,
}

/// The devices of an account.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Devices)]
pub struct DevicesView {
    /// The one that was seen last first.
    pub data: Vec<DeviceView>,
}

fn yes() -> bool {
    true
}

impl RegisterDevice {
    /// What was sent, if it can be.
    pub(crate) fn read(self) -> Result<NewDevice, Refusal> {
        let within = |pointer: &str, text: &str, most: usize| {
            let detail = format!("A text of 1 to {most} characters.");
            let fits = (1..=most).contains(&text.chars().count());
            if fits { Ok(()) } else { Err(Refusal::field(pointer, "length", detail)) }
        };
        let line = |pointer: &str, text: &str| {
            let text = clean(text, usize::MAX);
            within(pointer, &text, TEXT).map(|()| text)
        };
        within("/device_key", &self.device_key, KEY)?;
        if let Some(token) = &self.push_token {
            within("/push_token", token, PUSH_TOKEN)?;
        }
        Ok(NewDevice {
            name: line("/name", &self.name)?,
            os: line("/os", &self.os)?,
            app_version: self.app_version.as_deref().map(|text| line("/app_version", text)).transpose()?,
            key: self.device_key,
            push_token: self.push_token.map(Secret::new),
            push_refused: !self.push_token_valid,
            session_expires_at: self.session_expires_at,
        })
    }
}

impl DeviceView {
    /// As it is at a moment.
    pub(crate) fn of(services: &Services, account: AccountId, device: &Device, now: Timestamp) -> Self {
        let is_active = device.is_active(now);
        Self {
            id: device.id.to_string(),
            name: device.name.clone(),
            os: device.os.clone(),
            app_version: device.app_version.clone(),
            status: if is_active { "active" } else { "expired" }.to_owned(),
            last_seen_at: device.last_seen_at,
            expires_at: device.expires_at(),
            relogin_url: (!is_active).then(|| services.url(&format!("v1/accounts/{account}/devices"))),
        }
    }

    /// As it was when it signed in.
    pub(crate) fn registered(services: &Services, registered: &Registered) -> Self {
        Self::of(services, registered.account, &registered.device, registered.device.last_seen_at)
    }
}
