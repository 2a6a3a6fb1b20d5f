//! The operator's file of apps.

use std::{collections::BTreeMap, net::IpAddr};

use domain::{
    MethodId, PlatformId, Secret,
    renewal::{RefreshToken, Replay, Rules},
};
use serde::Deserialize;
use toml::{Table, Value};
use url::{Host, Url};

use crate::{
    App, Blast, SyncRules, Wording, Wordings,
    catalogue::{
        dialect::{self, Authorize, Call, ClientAuth, Encoding, Envelope, Pkce, Revoke, Sends, Token},
        method::{Method, Scopes},
    },
    generic::Fields,
};

/// The method that an operator describes in full.
const GENERIC: &str = "oauth2_generic";
/// How its grants are kept alive: nothing is known of the server, so the worst is assumed of it, and its refresh
/// tokens are used at least once a week.
const RENEWAL: Rules = Rules::RefreshGrant {
    refresh_token: RefreshToken::Rotating,
    replay: Replay::KillsFamily,
    due_percent: [20, 35],
    touch_s: Some(7 * 24 * 3600),
};
/// What we send ourselves.
const OURS: [&str; 8] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
    "client_secret",
];

/// The apps are not usable as they are written; the text tells which one and which key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct AppsError(pub(crate) String);

/// An operator's TOML file of apps (`--apps`): `[[app]]` with `platform`, `client_id`,
/// `client_secret`, and `method` where a platform has several. `stage` is `live` if absent, or `unaudited`: the
/// platform has not reviewed our app. `approved_scopes` names the scopes that the platform has approved our app for,
/// where these are not all: others are not asked for. `notice_secret` is what a platform signs its notices with, where
/// that is another secret (X: the consumer secret).
///
/// An app with `method = "oauth2_generic"` describes its service too: `id` (absent: `platform`),
/// `name`, `issuer`, `authorize_url`, `token_url`, `userinfo_url`, `revoke_url`,
/// `introspection_url`, `client_auth` (`basic` or `post`), `scopes`, `authorize_params`, `pkce`,
/// `id_field`, `name_field`, `handle_field`.
#[derive(Debug, Clone, Default)]
pub struct AppsFile {
    pub(crate) apps: Vec<App>,
    pub(crate) operators: Vec<Operator>,
    /// Where our app is not reviewed.
    pub(crate) unaudited: Vec<(PlatformId, Option<MethodId>)>,
    /// What a platform signs its notices with, where that is not the client's secret.
    pub(crate) notices: Vec<(PlatformId, Option<MethodId>, Secret)>,
}

/// A service that an operator described.
#[derive(Debug, Clone)]
pub(crate) struct Operator {
    pub(crate) method: Method,
    pub(crate) fields: Fields,
    pub(crate) client_id: String,
    pub(crate) client_secret: Secret,
}

/// The keys beside an app's own four.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Described {
    id: Option<PlatformId>,
    name: Option<String>,
    issuer: Option<String>,
    authorize_url: Url,
    token_url: Url,
    userinfo_url: Url,
    revoke_url: Option<Url>,
    introspection_url: Option<Url>,
    #[serde(default)]
    client_auth: ClientAuth,
    #[serde(default)]
    scopes: Vec<String>,
    #[serde(default)]
    authorize_params: BTreeMap<String, String>,
    pkce: Option<bool>,
    id_field: Option<String>,
    name_field: Option<String>,
    handle_field: Option<String>,
}

impl From<Vec<App>> for AppsFile {
    fn from(apps: Vec<App>) -> Self {
        Self { apps, ..Self::default() }
    }
}

impl AppsFile {
    /// Reads the file's text. No error repeats a secret.
    pub fn parse(text: &str) -> Result<Self, AppsError> {
        let mut file: Table = text.parse().map_err(|e: toml::de::Error| {
            let line = e.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
            AppsError(format!("line {line} is not TOML: {}", e.message()))
        })?;
        let apps = match file.remove("app") {
            Some(Value::Array(apps)) => apps,
            None => Vec::new(),
            Some(_) => return Err(AppsError("app: write each app under [[app]]".to_owned())),
        };
        if let Some(key) = file.keys().next() {
            return Err(AppsError(format!("{key}: not known here; write each app under [[app]]")));
        }
        let mut read = Self::default();
        for (index, app) in apps.into_iter().enumerate() {
            read.add(app).map_err(|e| AppsError(format!("app[{index}]: {e}")))?;
        }
        Ok(read)
    }

    /// Adds those of `apps` whose platform the file does not set up itself.
    #[must_use]
    pub fn or(mut self, apps: Vec<App>) -> Self {
        let missing = |app: &App| self.apps.iter().all(|own| own.platform != app.platform);
        let more: Vec<App> = apps.into_iter().filter(missing).collect();
        self.apps.extend(more);
        self
    }

    fn add(&mut self, app: Value) -> Result<(), String> {
        let Value::Table(mut app) = app else { return Err("write each app under [[app]]".to_owned()) };
        let client_secret = Secret::new(text(&mut app, "client_secret")?);
        let client_id = text(&mut app, "client_id")?;
        let platform: PlatformId = text(&mut app, "platform")?.parse().map_err(|e| format!("platform: {e}"))?;
        let method: Option<MethodId> = if app.contains_key("method") {
            Some(text(&mut app, "method")?.parse().map_err(|e| format!("method: {e}"))?)
        } else {
            None
        };
        if method.as_ref().is_some_and(|m| m.as_str() == GENERIC) {
            let described: Described =
                Value::Table(app).try_into().map_err(|e: toml::de::Error| e.to_string().trim().replace('\n', ", "))?;
            let (method, fields) = described.check(platform)?;
            self.operators.push(Operator { method, fields, client_id, client_secret });
        } else {
            if app.contains_key("stage") {
                match text(&mut app, "stage")?.as_str() {
                    "live" => {}
                    "unaudited" => self.unaudited.push((platform.clone(), method.clone())),
                    _ => return Err("stage: must be \"live\" or \"unaudited\"".to_owned()),
                }
            }
            let approved_scopes = match app.remove("approved_scopes") {
                None => None,
                Some(scopes) => Some(scopes.try_into().map_err(|_| "approved_scopes: must be a list of texts")?),
            };
            if app.contains_key("notice_secret") {
                let secret = Secret::new(text(&mut app, "notice_secret")?);
                self.notices.push((platform.clone(), method.clone(), secret));
            }
            if let Some(key) = app.keys().next() {
                return Err(format!("{key}: not known here, except with method = \"{GENERIC}\""));
            }
            self.apps.push(App { platform, method, client_id, client_secret, approved_scopes });
        }
        Ok(())
    }
}

/// Takes out a text that must be there.
fn text(app: &mut Table, key: &str) -> Result<String, String> {
    match app.remove(key) {
        Some(Value::String(text)) if !text.trim().is_empty() => Ok(text),
        Some(_) => Err(format!("{key}: must be a text that is not empty")),
        None => Err(format!("{key}: missing")),
    }
}

impl Described {
    fn check(self, platform: PlatformId) -> Result<(Method, Fields), String> {
        let platform = self.id.unwrap_or(platform);
        let urls = [
            ("authorize_url", Some(&self.authorize_url)),
            ("token_url", Some(&self.token_url)),
            ("userinfo_url", Some(&self.userinfo_url)),
            ("revoke_url", self.revoke_url.as_ref()),
            ("introspection_url", self.introspection_url.as_ref()),
        ];
        for (key, url) in urls {
            if url.is_some_and(|url| !is_private(url)) {
                return Err(format!("{key}: must be https (or http on a loopback host), without user and fragment"));
            }
        }
        if let Some(key) = self.authorize_params.keys().find(|key| OURS.contains(&key.as_str())) {
            return Err(format!("authorize_params.{key}: is sent by Mooring itself"));
        }
        let openid = self.scopes.iter().any(|scope| scope == "openid");
        let again = openid.then(|| ("prompt".to_owned(), "consent".to_owned()));
        let fields = Fields {
            id: pointer(self.id_field.as_deref().unwrap_or("sub")),
            name: pointer(self.name_field.as_deref().unwrap_or("name")),
            handle: pointer(self.handle_field.as_deref().unwrap_or("preferred_username")),
        };
        let method = Method {
            platform_name: self.name.unwrap_or_else(|| platform.to_string()),
            method: GENERIC.parse().map_err(|e| format!("method: {e}"))?,
            method_name: "OAuth 2.0".to_owned(),
            issuer: platform.to_string(),
            platform,
            kinds: vec!["account".to_owned()],
            offers_many: false,
            returns_handle: self.handle_field.is_some(),
            renewal: RENEWAL,
            free_probe: true,
            blast: if self.revoke_url.is_some() { Blast::Token } else { Blast::Unsupported },
            status_page_url: None,
            manual_revoke_url: None,
            manual_revoke_steps: Vec::new(),
            expected_iss: self.issuer,
            hosts: hosts([&self.authorize_url, &self.token_url, &self.userinfo_url]),
            children: None,
            // Who tells of people keeps their pictures.
            picture_hosts: self.userinfo_url.domain().map(str::to_owned).into_iter().collect(),
            api_version: None,
            api: self.userinfo_url,
            apis: BTreeMap::new(),
            revoke: self.revoke_url.map(|url| Revoke { url, sends: Sends::Both, param: "token".to_owned() }),
            introspect: self.introspection_url,
            long_token: None,
            extend: None,
            authorize: Authorize {
                url: self.authorize_url,
                id_param: "client_id".to_owned(),
                scope_separator: " ".to_owned(),
                redirect_slash: false,
                pkce: if self.pkce == Some(false) { Pkce::None } else { Pkce::S256 },
                params: self.authorize_params,
                fresh_params: again.into_iter().collect(),
            },
            token: Token {
                url: self.token_url,
                refresh_url: None,
                client_auth: self.client_auth,
                id_param: dialect::client_id(),
                code_param: dialect::code(),
                encoding: Encoding::Form,
                code_params: BTreeMap::new(),
            },
            call: Call::default(),
            answer: Envelope::default(),
            scopes: Scopes { connect: self.scopes, capabilities: BTreeMap::new() },
            scopes_of: BTreeMap::new(),
            tells: Vec::new(),
            requirements: Vec::new(),
            checks: Vec::new(),
            refresh_lifetime_s: None,
            rate_limit: None,
            budgets: Vec::new(),
            sync: SyncRules::default(),
            prices: Vec::new(),
            wording: wordings(),
            facts: BTreeMap::new(),
            notices: None,
            roles: Vec::new(),
            errors: Vec::new(),
            errors_of: Vec::new(),
        };
        Ok((method, fields))
    }
}

/// The hosts of these addresses, each once.
fn hosts(urls: [&Url; 3]) -> Vec<String> {
    let mut hosts: Vec<String> = urls.into_iter().filter_map(Url::host_str).map(str::to_owned).collect();
    hosts.sort_unstable();
    hosts.dedup();
    hosts
}

/// What can be said of scopes that nobody here knows.
fn wordings() -> Wordings {
    let connect = Wording {
        what: "See who you are there, and what else that service asks you to allow.".to_owned(),
        why: "The account can be shown with its name.".to_owned(),
        never: "We never see your password.".to_owned(),
    };
    Wordings { connect, capabilities: BTreeMap::new() }
}

/// Whether nobody on the way can read what is sent there.
fn is_private(url: &Url) -> bool {
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => IpAddr::from(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::from(ip).is_loopback(),
        None => false,
    };
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    plain && url.has_host() && (url.scheme() == "https" || url.scheme() == "http" && loopback)
}

/// `a.b` as a JSON pointer; a pointer stays what it is.
fn pointer(path: &str) -> String {
    if path.starts_with('/') {
        return path.to_owned();
    }
    path.split('.').fold(String::new(), |all, key| format!("{all}/{}", key.replace('~', "~0").replace('/', "~1")))
}

#[cfg(test)]
mod tests;
