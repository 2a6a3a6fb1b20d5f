//! One row of the catalogue, as its file holds it.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Capability, Code, MethodId, PlatformId, Timestamp, budget::Budget, renewal::Rules};
use serde::Deserialize;
use url::Url;

use super::{
    Common,
    dialect::{Authorize, Call, Envelope, Revoke, Token},
    rule::{Endpoint, ErrorRule, Rule, find, judge},
    tells,
};
use crate::{
    ApiVersion, Blast, Check, Children, Entry, Fact, PlatformError, Price, RateLimit, Requirement, Section, Stage,
    SyncRules, Upstream, Wordings, http::Answer, notice::Notices,
};

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
    /// Every address of this file is on one of them.
    pub(crate) hosts: Vec<String>,
    pub(crate) children: Option<Children>,
    /// Where pictures of its accounts are; `*.example.com` is each host below it.
    #[serde(default)]
    pub(crate) picture_hosts: Vec<String>,
    pub(crate) api_version: Option<ApiVersion>,
    /// What API paths are below.
    pub(crate) api: Url,
    /// What others are below, where a platform has many, by our name for it.
    #[serde(default)]
    pub(crate) apis: BTreeMap<String, Url>,
    /// How tokens are revoked, if they can be.
    pub(crate) revoke: Option<Revoke>,
    /// Where a token is looked into.
    pub(crate) introspect: Option<Url>,
    /// Where a short token becomes a long one by GET.
    pub(crate) long_token: Option<Url>,
    /// Where a long token becomes another one by GET.
    pub(crate) extend: Option<Url>,
    pub(crate) authorize: Authorize,
    pub(crate) token: Token,
    #[serde(default)]
    pub(crate) call: Call,
    #[serde(default)]
    pub(crate) answer: Envelope,
    pub(crate) scopes: Scopes,
    /// The scopes of each capability for accounts of one kind, where they are not those of `scopes`. A kind has no
    /// capability that is absent here.
    #[serde(default)]
    pub(crate) scopes_of: BTreeMap<String, BTreeMap<Capability, Vec<String>>>,
    /// What is told of accounts, by their kinds.
    #[serde(default)]
    pub(crate) tells: Vec<tells::Row>,
    #[serde(default)]
    pub(crate) requirements: Vec<Requirement>,
    /// What to look at where an account is missing from what a consent offers.
    #[serde(default)]
    pub(crate) checks: Vec<Check>,
    /// How long a refresh token lives.
    pub(crate) refresh_lifetime_s: Option<u32>,
    pub(crate) rate_limit: Option<RateLimit>,
    /// How the platform tells things by itself.
    pub(crate) notices: Option<Notices>,
    /// How many calls there are.
    #[serde(default)]
    pub(crate) budgets: Vec<Budget>,
    /// How often accounts are looked at.
    #[serde(default)]
    pub(crate) sync: SyncRules,
    #[serde(default)]
    pub(crate) prices: Vec<Price>,
    pub(crate) wording: Wordings,
    #[serde(default)]
    pub(crate) facts: BTreeMap<Section, Fact>,
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
        let more = [&mut self.token.refresh_url, &mut self.introspect, &mut self.long_token, &mut self.extend];
        let revoke = self.revoke.as_mut().map(|revoke| &mut revoke.url);
        let keys = self.notices.as_mut().and_then(|notices| notices.keys.as_mut());
        let more = more.into_iter().flatten().chain(revoke).chain(keys).chain(self.apis.values_mut());
        for url in urls.into_iter().chain(more) {
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

    /// What an answer means that is not the wanted one. The operator is told by which words of the catalogue.
    pub(crate) fn classify(&self, endpoint: Endpoint, answer: &Answer, now: Timestamp) -> PlatformError {
        let limit = self.rate_limit.as_ref();
        let found = find(self.rules(), endpoint, answer, limit);
        let (class, action) = found.map(|(class, action)| (class.as_str(), action.as_str())).unzip();
        tracing::info!(platform = %self.platform, method = %self.method, status = answer.status, class, action,
            "refused by the platform");
        judge(found, endpoint, answer, limit, now)
    }

    /// The scopes that each capability takes for accounts of a kind; a kind has no other capability.
    pub(crate) fn needs(&self, kind: &str) -> &BTreeMap<Capability, Vec<String>> {
        self.scopes_of.get(kind).unwrap_or(&self.scopes.capabilities)
    }

    /// Whether accounts of a kind can have all of these capabilities.
    pub(crate) fn can(&self, kind: &str, asked: &[Capability]) -> bool {
        asked.iter().all(|capability| self.needs(kind).contains_key(capability))
    }

    /// What the rest of the product sees of it.
    pub(crate) fn entry(&self) -> Entry {
        self.entry_for(None)
    }

    /// The same where the platform has approved our app for these scopes; for all of them if none are named.
    pub(crate) fn entry_for(&self, approved: Option<&[String]>) -> Entry {
        let may = |scope: &String| approved.is_none_or(|approved| approved.contains(scope));
        let capabilities = &self.scopes.capabilities;
        let of = |kind: &String, capability: &Capability| match self.needs(kind).get(capability) {
            None => Err(Code::CapabilityUnsupported),
            Some(scopes) if scopes.iter().all(may) => Ok(scopes.clone()),
            Some(_) => Err(Code::PlatformNotConfigured),
        };
        let kinds = self.kinds.iter().filter(|_| !capabilities.is_empty());
        let by_kind: BTreeMap<_, BTreeMap<_, _>> =
            kinds.map(|kind| (kind.clone(), capabilities.keys().map(|c| (*c, of(kind, c))).collect())).collect();
        // What no kind can have is not offered, and what none needs is not asked for.
        let offered = |capability: &Capability, scopes: &[String]| {
            let needed: Vec<&String> =
                by_kind.values().filter_map(|of| of[capability].as_ref().ok()).flatten().collect();
            let can = by_kind.values().any(|of| of[capability].is_ok());
            can.then(|| scopes.iter().filter(|scope| needed.contains(scope)).cloned().collect())
        };
        let all = self.scopes.connect.iter().chain(capabilities.values().flatten());
        let mut authorize_origin = self.authorize.url.clone();
        authorize_origin.set_path("/");
        authorize_origin.set_query(None);
        Entry {
            platform: self.platform.clone(),
            platform_name: self.platform_name.clone(),
            method: self.method.clone(),
            method_name: self.method_name.clone(),
            issuer: self.issuer.clone(),
            redirect_slash: self.authorize.redirect_slash,
            expected_iss: self.expected_iss.clone(),
            kinds: self.kinds.clone(),
            offers_many: self.offers_many,
            capabilities: capabilities.iter().filter_map(|(c, scopes)| Some((*c, offered(c, scopes)?))).collect(),
            connect_scopes: self.scopes.connect.iter().filter(|scope| may(scope)).cloned().collect(),
            unapproved: super::once(all.filter(|scope| !may(scope))),
            by_kind,
            tells: tells::by_kind(&self.tells),
            requirements: self.requirements.clone(),
            checks: self.checks.clone(),
            renewal: self.renewal,
            refresh_lifetime_s: self.refresh_lifetime_s,
            free_probe: self.free_probe,
            blast: self.blast,
            manual_revoke_url: self.manual_revoke_url.clone(),
            manual_revoke_steps: self.manual_revoke_steps.clone(),
            status_page_url: self.status_page_url.clone(),
            returns_handle: self.returns_handle,
            picture_hosts: self.picture_hosts.clone(),
            authorize_origin,
            api_version: self.api_version.clone(),
            hosts: self.hosts.clone(),
            children: self.children.clone(),
            rate_limit: self.rate_limit.clone(),
            budgets: self.budgets.clone(),
            sync: self.sync.clone(),
            prices: self.prices.clone(),
            wording: self.wording.clone(),
            errors: self.rules().map(ErrorRule::from).collect(),
            facts: self.facts.clone(),
            stage: Stage::Live,
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
