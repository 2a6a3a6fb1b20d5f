//! One row of the catalogue, as its file holds it.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Capability, MethodId, PlatformId, Timestamp, renewal::Rules};
use serde::Deserialize;
use url::Url;

use super::{
    Common,
    rule::{Endpoint, Rule, classify},
};
use crate::{ApiVersion, Blast, Check, Entry, PlatformError, Requirement, Upstream, http::Answer};

/// Everything that data can say of a method.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "the words of the catalogue and of the API")]
pub(crate) struct Method {
    pub(crate) platform: PlatformId,
    pub(crate) platform_name: String,
    pub(crate) method: MethodId,
    pub(crate) method_name: String,
    pub(crate) issuer: String,
    pub(crate) kinds: Vec<String>,
    #[serde(default)]
    pub(crate) offers_many: bool,
    pub(crate) returns_handle: bool,
    pub(crate) renewal: Rules,
    /// Whether it costs nothing to look whether a grant is as it was.
    #[serde(default)]
    pub(crate) free_probe: bool,
    pub(crate) blast: Blast,
    pub(crate) status_page_url: Option<String>,
    pub(crate) manual_revoke_url: Option<String>,
    #[serde(default)]
    pub(crate) manual_revoke_steps: Vec<String>,
    /// The `iss` that the callback must bring (RFC 9207).
    pub(crate) expected_iss: Option<String>,
    /// Where pictures of its accounts are; `*.example.com` is each host below it.
    #[serde(default)]
    pub(crate) picture_hosts: Vec<String>,
    pub(crate) api_version: Option<ApiVersion>,
    /// What API paths are below.
    pub(crate) api: Url,
    /// Where tokens are revoked by RFC 7009.
    pub(crate) revoke: Option<Url>,
    /// Where a token is looked into.
    pub(crate) introspect: Option<Url>,
    /// Where a short token becomes a long one by GET.
    pub(crate) long_token: Option<Url>,
    /// Where a long token becomes another one by GET.
    pub(crate) extend: Option<Url>,
    pub(crate) authorize: Authorize,
    pub(crate) token: Token,
    pub(crate) scopes: Scopes,
    #[serde(default)]
    pub(crate) requirements: Vec<Requirement>,
    /// What to look at where an account is missing from what a consent offers.
    #[serde(default)]
    pub(crate) checks: Vec<Check>,
    /// How long a refresh token lives.
    pub(crate) refresh_lifetime_s: Option<u32>,
    /// A header that tells in unix seconds when calls are welcome again.
    pub(crate) rate_limit_reset_header: Option<String>,
    /// A person's role by their tasks, and what they may connect an account for.
    #[serde(default)]
    pub(crate) roles: Vec<RoleRow>,
    /// The method's own rules.
    #[serde(default)]
    pub(crate) errors: Vec<Rule>,
    /// Rules that come after them.
    #[serde(default)]
    pub(crate) errors_of: Vec<Common>,
}

/// How a browser is sent to the platform.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Authorize {
    pub(crate) url: Url,
    pub(crate) id_param: String,
    pub(crate) scope_separator: String,
    pub(crate) pkce: Pkce,
    /// Sent always.
    #[serde(default)]
    pub(crate) params: BTreeMap<String, String>,
    /// Sent to be asked again.
    #[serde(default)]
    pub(crate) fresh_params: BTreeMap<String, String>,
}

/// Whether the platform knows PKCE (RFC 7636); `plain` is never used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Pkce {
    None,
    S256,
}

/// How the token endpoint is spoken to; always POST with a form.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Token {
    pub(crate) url: Url,
    pub(crate) client_auth: ClientAuth,
}

/// Where the client's secret goes (RFC 6749 section 2.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ClientAuth {
    /// Into the header `Authorization`.
    #[default]
    Basic,
    /// Into the form.
    Post,
}

/// The scopes asked always, and for each capability.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Scopes {
    pub(crate) connect: Vec<String>,
    #[serde(flatten)]
    pub(crate) capabilities: BTreeMap<Capability, Vec<String>>,
}

/// A role, the tasks that make it, and what they allow.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoleRow {
    pub(crate) role: String,
    pub(crate) tasks: BTreeSet<String>,
    /// What an account may be connected for with one of these tasks.
    #[serde(default)]
    pub(crate) connects: BTreeSet<Capability>,
}

impl Method {
    /// The method with its hosts where `upstream` has them.
    pub(crate) fn at(mut self, upstream: &Upstream) -> Self {
        let urls = [&mut self.api, &mut self.authorize.url, &mut self.token.url];
        let more = [&mut self.revoke, &mut self.introspect, &mut self.long_token, &mut self.extend];
        for url in urls.into_iter().chain(more.into_iter().flatten()) {
            *url = upstream.place(url);
        }
        self
    }

    /// The role that a person's tasks make: the first row with one of them.
    pub(crate) fn role(&self, tasks: &[&str]) -> Option<&str> {
        self.rows(tasks).next().map(|row| row.role.as_str())
    }

    /// Whether a person's tasks, taken together, allow all that is asked.
    pub(crate) fn may_connect(&self, tasks: &[&str], asked: &[Capability]) -> bool {
        let allowed: BTreeSet<_> = self.rows(tasks).flat_map(|row| &row.connects).collect();
        !allowed.is_empty() && asked.iter().all(|capability| allowed.contains(capability))
    }

    fn rows(&self, tasks: &[&str]) -> impl Iterator<Item = &RoleRow> {
        self.roles.iter().filter(|row| tasks.iter().any(|task| row.tasks.contains(*task)))
    }

    /// The rules for its errors, in the order in which they are asked.
    pub(crate) fn rules(&self) -> impl Iterator<Item = &Rule> {
        let common = self.errors_of.iter().flat_map(|common| common.rules());
        self.errors.iter().chain(common).chain(super::standard())
    }

    /// What an answer means that is not the wanted one.
    pub(crate) fn classify(&self, endpoint: Endpoint, answer: &Answer, now: Timestamp) -> PlatformError {
        classify(self.rules(), endpoint, answer, self.rate_limit_reset_header.as_deref(), now)
    }

    /// What the rest of the product sees of it.
    pub(crate) fn entry(&self) -> Entry {
        let mut authorize_origin = self.authorize.url.clone();
        authorize_origin.set_path("/");
        authorize_origin.set_query(None);
        Entry {
            platform: self.platform.clone(),
            platform_name: self.platform_name.clone(),
            method: self.method.clone(),
            method_name: self.method_name.clone(),
            issuer: self.issuer.clone(),
            expected_iss: self.expected_iss.clone(),
            kinds: self.kinds.clone(),
            offers_many: self.offers_many,
            capabilities: self.scopes.capabilities.clone(),
            connect_scopes: self.scopes.connect.clone(),
            requirements: self.requirements.clone(),
            checks: self.checks.clone(),
            renewal: self.renewal,
            free_probe: self.free_probe,
            blast: self.blast,
            manual_revoke_url: self.manual_revoke_url.clone(),
            manual_revoke_steps: self.manual_revoke_steps.clone(),
            status_page_url: self.status_page_url.clone(),
            returns_handle: self.returns_handle,
            picture_hosts: self.picture_hosts.clone(),
            authorize_origin,
            api_version: self.api_version.clone(),
        }
    }
}

impl Upstream {
    /// Where an address of the catalogue is.
    pub(crate) fn place(&self, url: &Url) -> Url {
        let Self::Simulated(base) = self else { return url.clone() };
        let mut placed = base.clone();
        let host = url.host_str().unwrap_or_default();
        placed.set_path(&format!("{}/{host}{}", base.path().trim_end_matches('/'), url.path()));
        placed.set_query(url.query());
        placed
    }
}
