//! Which methods there are here, and with which of our apps.

use std::sync::Arc;

use domain::{MethodId, PlatformId, Secret};
use url::Url;

use crate::{
    AppsError, AppsFile, Entry, Platform,
    apps::Operator,
    catalogue::{self, method::Method},
    facebook::{FacebookLogin, Offered},
    generic::Generic,
    http,
    instagram::InstagramLogin,
    oauth::OAuth,
    picture::Door,
    x::X,
};

/// Where the catalogue's hosts are.
#[derive(Debug, Clone)]
pub enum Upstream {
    /// Where they say.
    Real,
    /// All under one address: `https://host/path` is `<base>/host/path`.
    Simulated(Url),
}

/// One of our OAuth apps.
#[derive(Debug, Clone)]
pub struct App {
    /// The platform.
    pub platform: PlatformId,
    /// The method; the platform's first if absent.
    pub method: Option<MethodId>,
    /// Public.
    pub client_id: String,
    /// Secret.
    pub client_secret: Secret,
}

/// A method that is set up: what is known of it, and its client.
#[derive(Clone)]
pub struct Connector {
    /// What is known of it.
    pub entry: Arc<Entry>,
    /// Our app's public id.
    pub client_id: String,
    /// Its client.
    pub client: Arc<dyn Platform>,
}

/// All methods.
#[derive(Clone)]
pub struct Platforms {
    entries: Vec<Arc<Entry>>,
    connectors: Vec<Connector>,
    pub(crate) door: Door,
}

impl Platforms {
    /// The catalogue with our apps, and the operator's services. Make one per process: it holds
    /// the process's HTTP client.
    ///
    /// Only the catalogue's hosts follow `upstream`; an operator's addresses are taken as they are.
    pub fn new(upstream: &Upstream, apps: AppsFile) -> Result<Self, AppsError> {
        let http = http::clients().map_err(|e| AppsError(format!("no HTTP client: {e}")))?;
        let methods = catalogue::methods().map_err(|e| AppsError(format!("the catalogue is broken: {e}")))?;
        let methods: Vec<Method> = methods.into_iter().map(|method| method.at(upstream)).collect();
        let door = Door { client: http.fresh.clone(), upstream: upstream.clone() };
        let entries = methods.iter().map(|method| Arc::new(method.entry())).collect();
        let mut all = Self { entries, connectors: Vec::new(), door };
        for App { platform, method: named, client_id, client_secret } in apps.apps {
            let found =
                methods.iter().find(|m| m.platform == platform && named.as_ref().is_none_or(|n| m.method == *n));
            let Some(method) = found.cloned() else {
                let method = named.map(|n| format!(" by {n}")).unwrap_or_default();
                return Err(AppsError(format!("{platform}{method}: no such method in the catalogue")));
            };
            all.connect(OAuth { method, http: http.clone(), client_id, client_secret }, client_for)?;
        }
        for Operator { method, fields, client_id, client_secret } in apps.operators {
            let taken = |e: &Arc<Entry>| e.platform == method.platform || e.issuer == method.issuer;
            if all.entries.iter().any(taken) {
                return Err(AppsError(format!("{}: this id is taken; choose another", method.platform)));
            }
            all.entries.push(Arc::new(method.entry()));
            let oauth = OAuth { method, http: http.clone(), client_id, client_secret };
            all.connect(oauth, |oauth| Some(Arc::new(Generic { oauth, fields })))?;
        }
        Ok(all)
    }

    fn connect(
        &mut self,
        oauth: OAuth,
        client: impl FnOnce(OAuth) -> Option<Arc<dyn Platform>>,
    ) -> Result<(), AppsError> {
        let (platform, method) = (oauth.method.platform.clone(), oauth.method.method.clone());
        let broken = |what: &str| AppsError(format!("{platform} by {method}: {what}"));
        if self.connector(&platform, &method).is_some() {
            return Err(broken("there are two apps for it"));
        }
        let entry = self.entry(&platform, Some(&method)).cloned().ok_or_else(|| broken("not in the catalogue"))?;
        let client_id = oauth.client_id.clone();
        let client = client(oauth).ok_or_else(|| broken("has no client"))?;
        self.connectors.push(Connector { entry, client_id, client });
        Ok(())
    }

    /// Every method of the catalogue and of the operator, in order; a platform's first is its default.
    pub fn entries(&self) -> &[Arc<Entry>] {
        &self.entries
    }

    /// One method, or the platform's default one.
    pub fn entry(&self, platform: &PlatformId, method: Option<&MethodId>) -> Option<&Arc<Entry>> {
        self.entries.iter().find(|e| e.platform == *platform && method.is_none_or(|m| e.method == *m))
    }

    /// Every method that is set up.
    pub fn connectors(&self) -> &[Connector] {
        &self.connectors
    }

    /// The same with another client in place of the one that a method has.
    #[must_use]
    pub fn with_client(mut self, platform: &PlatformId, method: &MethodId, client: Arc<dyn Platform>) -> Self {
        let mine = |c: &&mut Connector| c.entry.platform == *platform && c.entry.method == *method;
        if let Some(connector) = self.connectors.iter_mut().find(mine) {
            connector.client = client;
        }
        self
    }

    /// The method with our app, if it is set up.
    pub fn connector(&self, platform: &PlatformId, method: &MethodId) -> Option<&Connector> {
        self.connectors.iter().find(|c| c.entry.platform == *platform && c.entry.method == *method)
    }
}

/// The client of a method of the catalogue.
fn client_for(oauth: OAuth) -> Option<Arc<dyn Platform>> {
    match (oauth.method.platform.as_str(), oauth.method.method.as_str()) {
        ("facebook", "facebook_login") => Some(Arc::new(FacebookLogin { oauth, offered: Offered::Pages })),
        ("instagram", "facebook_login") => Some(Arc::new(FacebookLogin { oauth, offered: Offered::Instagram })),
        ("instagram", "instagram_login") => Some(Arc::new(InstagramLogin::new(oauth)?)),
        ("x", "x_login") => Some(Arc::new(X(oauth))),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
