//! Connecting an account again, and what is offered where somebody else came back.

use app::reconnect::Again;
use domain::{Code, ConnectSession, Refusal};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::connect::{capabilities, lifetime};

/// What may be special about connecting an account again.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"fresh_consent": true, "return_url": "https://app.example/done"}))]
pub struct ReconnectAccount {
    /// `publish`, `analytics`, `messages`, `audience`; what the account was asked for before if absent.
    #[serde(default)]
    pub capabilities: Option<Vec<String>>,
    /// Ask the platform to ask again even if it remembers a consent.
    #[serde(default)]
    pub fresh_consent: bool,
    /// Where the browser goes at the end; must be on the allow-list.
    #[serde(default)]
    pub return_url: Option<String>,
    /// How long the session lives until the consent returns, ISO 8601; 30 minutes if absent.
    #[serde(default)]
    pub ttl: Option<String>,
}

impl ReconnectAccount {
    pub(crate) fn read(self) -> Result<Again, Refusal> {
        Ok(Again {
            capabilities: capabilities(self.capabilities)?,
            fresh_consent: self.fresh_consent,
            return_url: self.return_url,
            lifetime: lifetime(self.ttl)?,
        })
    }
}

/// A call that would do something else instead.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Offer)]
pub struct OfferView {
    /// `add_as_new`.
    pub id: String,
    /// What it does.
    pub text: String,
    /// HTTP method.
    pub method: String,
    /// Path.
    pub href: String,
    /// The body to send.
    pub body: serde_json::Value,
}

impl OfferView {
    /// Another account than the one to reconnect came back: it can be added as a new one.
    pub(super) fn of(session: &ConnectSession, code: Code) -> Option<Self> {
        session.account.filter(|_| code == Code::AccountMismatch)?;
        let capabilities: Vec<&str> = session.capabilities.iter().map(|c| c.as_str()).collect();
        Some(Self {
            id: "add_as_new".to_owned(),
            text: "Connect the account that came back as a new one.".to_owned(),
            method: "POST".to_owned(),
            href: format!("/v1/workspaces/{}/connect-sessions", session.workspace),
            body: json!({"platform": session.platform, "method": session.method, "capabilities": capabilities}),
        })
    }
}
