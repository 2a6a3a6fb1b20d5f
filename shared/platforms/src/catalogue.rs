//! The catalogue: one entry per connection method, as data.

use std::{collections::BTreeMap, sync::LazyLock};

use domain::{Capability, Code, MethodId, PlatformId, Tells, budget::Budget, renewal::Rules};
use serde::Deserialize;
use url::Url;

mod budget;
mod children;
pub(crate) mod dialect;
mod fact;
pub(crate) mod limit;
pub(crate) mod method;
pub(crate) mod rule;
mod tells;
mod version;
mod wording;

pub use budget::{Scheduled, SyncRules};
pub use children::{Children, Paging, Price};
pub use fact::{Confidence, Fact, Section};
pub use limit::{RateLimit, Reset};
pub use rule::{Action, Class, Endpoint, ErrorRule};
pub use version::{ApiVersion, OtherVersion, Urgency};
pub use wording::{Wording, Wordings};

use method::Method;
use rule::Rule;

/// The methods' files, in the order in which they are offered.
const FILES: [&str; 12] = [
    include_str!("../catalogue/facebook_login.toml"),
    include_str!("../catalogue/instagram_facebook_login.toml"),
    include_str!("../catalogue/instagram_login.toml"),
    include_str!("../catalogue/x_login.toml"),
    include_str!("../catalogue/threads_login.toml"),
    include_str!("../catalogue/linkedin_login.toml"),
    include_str!("../catalogue/tiktok_login.toml"),
    include_str!("../catalogue/tiktok_business.toml"),
    include_str!("../catalogue/pinterest_login.toml"),
    include_str!("../catalogue/youtube_google_login.toml"),
    include_str!("../catalogue/google_business_google_login.toml"),
    include_str!("../catalogue/reddit_login.toml"),
];

/// The rules of the standards, which come after all others.
static STANDARD: LazyLock<Vec<Rule>> = LazyLock::new(|| rules(include_str!("../catalogue/oauth2.toml")));
/// The rules of Meta's Graph API.
static GRAPH: LazyLock<Vec<Rule>> = LazyLock::new(|| rules(include_str!("../catalogue/graph_errors.toml")));
/// The rules of Instagram's accounts at the Graph API.
static INSTAGRAM: LazyLock<Vec<Rule>> = LazyLock::new(|| rules(include_str!("../catalogue/instagram_errors.toml")));

/// The rules of Google's sign-in and APIs.
static GOOGLE: LazyLock<Vec<Rule>> = LazyLock::new(|| rules(include_str!("../catalogue/google_errors.toml")));

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
    Google,
}

impl Common {
    pub(crate) fn rules(self) -> &'static [Rule] {
        match self {
            Self::Graph => &GRAPH,
            Self::Instagram => &INSTAGRAM,
            Self::Google => &GOOGLE,
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

/// How far the platform has let our app come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stage {
    /// It may do all that it is approved for.
    #[default]
    Live,
    /// It is not reviewed: what it publishes nobody sees.
    Unaudited,
}

impl Stage {
    /// The word used in the file of apps and in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Unaudited => "unaudited",
        }
    }
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
    /// Whether that address ends with a slash.
    pub redirect_slash: bool,
    /// The `iss` that the callback must bring (RFC 9207); `None` where the platform sends none.
    pub expected_iss: Option<String>,
    /// `page`, `profile` …
    pub kinds: Vec<String>,
    /// Whether one consent can be for many accounts.
    pub offers_many: bool,
    /// The scopes that each offered capability needs, over all kinds; `connect` scopes are asked always. What our app
    /// is not approved for is in neither.
    pub capabilities: BTreeMap<Capability, Vec<String>>,
    /// For each kind the scopes that a capability takes, or why no account of that kind can have it; nothing where no
    /// catalogue tells what accounts are good for.
    pub by_kind: BTreeMap<String, BTreeMap<Capability, Result<Vec<String>, Code>>>,
    /// Scopes that would be asked for if the platform had approved our app for them.
    pub unapproved: Vec<String>,
    /// Scopes asked always.
    pub connect_scopes: Vec<String>,
    /// What the platform tells of an account, by its kind; read by [`Entry::tells`].
    pub tells: BTreeMap<String, Tells>,
    /// What an account must be or have.
    pub requirements: Vec<Requirement>,
    /// What to look at where an account is missing.
    pub checks: Vec<Check>,
    /// How its grants are kept alive.
    pub renewal: Rules,
    /// How long a refresh token lives, where that is known before one comes.
    pub refresh_lifetime_s: Option<u32>,
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
    /// The hosts that are spoken to, and that the browser is sent to.
    pub hosts: Vec<String>,
    /// What one consent can be for beside the person.
    pub children: Option<Children>,
    /// How calls are limited.
    pub rate_limit: Option<RateLimit>,
    /// How many calls there are.
    pub budgets: Vec<Budget>,
    /// How often accounts are looked at.
    pub sync: SyncRules,
    /// What calls cost.
    pub prices: Vec<Price>,
    /// What the person is told of the scopes.
    pub wording: Wordings,
    /// What its errors mean, in the order in which the rules are asked.
    pub errors: Vec<ErrorRule>,
    /// How sure all this is.
    pub facts: BTreeMap<Section, Fact>,
    /// How far our app is there.
    pub stage: Stage,
}

impl Level {
    /// The word used in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Warn => "warn",
        }
    }
}

impl Entry {
    /// What to ask for, each scope once.
    pub fn scopes(&self, capabilities: &[Capability]) -> Vec<String> {
        let more = capabilities.iter().filter_map(|c| self.capabilities.get(c)).flatten();
        once(self.connect_scopes.iter().chain(more))
    }

    /// What an account of a kind needs for it, each scope once.
    pub fn scopes_of(&self, kind: &str, capabilities: &[Capability]) -> Vec<String> {
        let more = capabilities.iter().filter_map(|c| self.needs(kind, *c).ok()).flatten();
        once(self.connect_scopes.iter().chain(more))
    }

    /// The scopes that a capability takes for an account of a kind, or why none of that kind can have it.
    pub fn needs(&self, kind: &str, capability: Capability) -> Result<&[String], Code> {
        match self.by_kind.get(kind).and_then(|of| of.get(&capability)) {
            Some(Ok(scopes)) => Ok(scopes),
            Some(Err(code)) => Err(*code),
            // A kind that the catalogue no longer knows, or what no kind can have.
            None => self.capabilities.get(&capability).map(Vec::as_slice).ok_or(Code::CapabilityUnsupported),
        }
    }

    /// Whether a capability is not to be had because the platform has not approved our app for it.
    pub fn is_unapproved(&self, capability: Capability) -> bool {
        self.by_kind.values().any(|of| of.get(&capability) == Some(&Err(Code::PlatformNotConfigured)))
    }

    /// Whether there are accounts that can be connected and used for nothing: people, beside what they manage.
    pub fn has_identity(&self) -> bool {
        self.by_kind.values().any(|of| of.values().all(|needs| *needs == Err(Code::CapabilityUnsupported)))
    }
}

/// Each scope once.
fn once<'a>(all: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut scopes: Vec<String> = Vec::new();
    for scope in all {
        if !scopes.contains(scope) {
            scopes.push(scope.clone());
        }
    }
    scopes
}

#[cfg(test)]
mod tests;
