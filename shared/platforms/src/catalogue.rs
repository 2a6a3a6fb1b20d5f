//! The catalogue: one entry per connection method, as data.

use std::collections::BTreeMap;

use domain::{Capability, MethodId, PlatformId, Renewal};
use serde::Deserialize;
use url::Url;

/// Whether a requirement stops a connection or only explains a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Cannot be connected without it.
    Enforce,
    /// Connects, with less.
    Warn,
}

/// What an account must be or have.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// A stable word.
    pub code: String,
    /// For people.
    pub text: String,
    /// How strict it is.
    pub level: Level,
}

/// What dies when a grant is revoked at the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Blast {
    /// There is no such call.
    Unsupported,
    /// This grant's tokens.
    Token,
    /// Everything that this person gave to this app, in every workspace.
    PersonApp,
}

/// One way to connect, as the rest of the product sees it.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The platform's id.
    pub platform: PlatformId,
    /// What people call the platform.
    pub platform_name: String,
    /// The method's id.
    pub method: MethodId,
    /// What people call the method.
    pub method_name: String,
    /// The last path segment of its callback address.
    pub issuer: String,
    /// `page`, `profile` …
    pub kinds: Vec<String>,
    /// The scopes that each offered capability needs; `connect` scopes are asked always.
    pub capabilities: BTreeMap<Capability, Vec<String>>,
    /// Scopes asked always.
    pub connect_scopes: Vec<String>,
    /// What an account must be or have.
    pub requirements: Vec<Requirement>,
    /// How its grants are kept alive.
    pub renewal: Renewal,
    /// What dies at a revocation.
    pub blast: Blast,
    /// Where a person ends the access by hand.
    pub manual_revoke_url: Option<String>,
    /// How they do it.
    pub manual_revoke_steps: Vec<String>,
    /// Where the platform tells of its outages.
    pub status_page_url: Option<String>,
    /// Whether a handle comes back, so that `expected_handle` can be judged.
    pub returns_handle: bool,
    /// How the issuer names itself in a callback (RFC 9207), where it does.
    pub expected_iss: Option<String>,
    /// The origin that the browser is sent to (for `form-action`).
    pub authorize_origin: Url,
}
