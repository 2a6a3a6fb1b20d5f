//! Handing an attempt over to another device.

use app::{Services, connect::handoff::HandedOff};
use domain::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What to show on the first device.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Handoff)]
pub struct HandoffView {
    /// `cs_…`
    pub id: String,
    /// `awaiting_confirmation`.
    pub status: String,
    /// What the other device opens.
    pub url: String,
    /// The same as a picture for the other device's camera: an SVG image.
    pub qr_svg: String,
    /// Four digits to show here and name there; told once, null when the answer is told again.
    pub code: Option<String>,
    /// When the attempt ends if no consent returns.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}

/// The code that the other device names.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    /// The four digits of the first device.
    pub code: String,
}

/// A device that may continue; its cookie came along.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Confirmed)]
pub struct ConfirmedView {
    /// `cs_…`
    pub id: String,
    /// Where this device continues.
    pub start_url: String,
}

impl HandoffView {
    pub(crate) fn of(services: &Services, handed: &HandedOff) -> Option<Self> {
        let url = url(services, handed.session);
        Some(Self {
            id: handed.session.to_string(),
            status: "awaiting_confirmation".to_owned(),
            qr_svg: web::qr::svg(&url)?,
            url,
            code: handed.code.as_ref().map(|code| code.expose().to_owned()),
            expires_at: handed.expires_at,
        })
    }
}

/// The page that the other device opens.
pub(crate) fn url(services: &Services, session: domain::ConnectSessionId) -> String {
    services.url(&format!("v1/connect-sessions/{session}/confirm"))
}
