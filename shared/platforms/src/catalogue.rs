//! The catalogue: one entry per connection method, as data.

use std::{collections::BTreeMap, sync::LazyLock};

use domain::{Capability, Code, MethodId, PlatformId, renewal::Rules};
use jiff::civil::Date;
use serde::Deserialize;
use url::Url;

pub(crate) mod method;
pub(crate) mod rule;

use method::Method;
use rule::Rule;

/// The methods' files, in the order in which they are offered.
const FILES: [&str; 4] = [
    include_str!("../catalogue/facebook_login.toml"),
    include_str!("../catalogue/instagram_facebook_login.toml"),
    include_str!("../catalogue/instagram_login.toml"),
    include_str!("../catalogue/x_login.toml"),
];

/// The rules of the standards, which come after all others.
static STANDARD: LazyLock<Vec<Rule>> = LazyLock::new(|| rules(include_str!("../catalogue/oauth2.toml")));
/// The rules of Meta's Graph API.
static GRAPH: LazyLock<Vec<Rule>> = LazyLock::new(|| rules(include_str!("../catalogue/graph_errors.toml")));
/// The rules of Instagram's accounts at the Graph API.
static INSTAGRAM: LazyLock<Vec<Rule>> = LazyLock::new(|| rules(include_str!("../catalogue/instagram_errors.toml")));

/// Reads a file of rules.
fn rules(text: &str) -> Vec<Rule> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        errors: Vec<Rule>,
    }
    let file: File = toml::from_str(text).expect("the file is part of the program");
    file.errors
}

/// A file of rules that several methods have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Common {
    Graph,
    Instagram,
}

impl Common {
    pub(crate) fn rules(self) -> &'static [Rule] {
        match self {
            Self::Graph => &GRAPH,
            Self::Instagram => &INSTAGRAM,
        }
    }
}

/// Reads the methods' files.
pub(crate) fn methods() -> Result<Vec<Method>, toml::de::Error> {
    FILES.into_iter().map(toml::from_str).collect()
}

/// The rules of the standards.
pub(crate) fn standard() -> &'static [Rule] {
    &STANDARD
}

/// The version of a platform's API that is spoken.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiVersion {
    /// As the platform writes it: `v26.0`.
    pub value: String,
    /// The first day on which it is no longer served, where the platform has announced it.
    pub ends_on: Option<Date>,
}

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

/// What to look at where an account is missing from what a consent offers.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// The stable code of what may be the matter.
    pub code: Code,
    /// Only beside an offer that cannot be chosen for this, or where nothing came for it.
    pub beside: Option<Code>,
    /// Only where this scope was asked for and not given.
    pub without: Option<String>,
    /// For people.
    pub text: String,
    /// Where a person can look.
    pub fix_url: Option<String>,
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
    /// The `iss` that the callback must bring (RFC 9207); `None` where the platform sends none.
    pub expected_iss: Option<String>,
    /// `page`, `profile` …
    pub kinds: Vec<String>,
    /// Whether one consent can be for many accounts.
    pub offers_many: bool,
    /// The scopes that each offered capability needs; `connect` scopes are asked always.
    pub capabilities: BTreeMap<Capability, Vec<String>>,
    /// Scopes asked always.
    pub connect_scopes: Vec<String>,
    /// What an account must be or have.
    pub requirements: Vec<Requirement>,
    /// What to look at where an account is missing.
    pub checks: Vec<Check>,
    /// How its grants are kept alive.
    pub renewal: Rules,
    /// Whether it costs nothing to look whether a grant is as it was.
    pub free_probe: bool,
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
    /// Where pictures of its accounts are; `*.example.com` is each host below it.
    pub picture_hosts: Vec<String>,
    /// The origin that the browser is sent to (for `form-action`).
    pub authorize_origin: Url,
    /// The version of the API that is spoken, where there are versions.
    pub api_version: Option<ApiVersion>,
}

impl Entry {
    /// What to ask for, each scope once.
    pub fn scopes(&self, capabilities: &[Capability]) -> Vec<String> {
        let more = capabilities.iter().filter_map(|c| self.capabilities.get(c)).flatten();
        let mut scopes: Vec<String> = Vec::new();
        for scope in self.connect_scopes.iter().chain(more) {
            if !scopes.contains(scope) {
                scopes.push(scope.clone());
            }
        }
        scopes
    }
}

#[cfg(test)]
mod tests;
