//! Which methods there are here, and with which of our apps.

use std::sync::Arc;

use domain::{MethodId, PlatformId, Secret, Timestamp};
use url::Url;

use crate::{
    AppsError, AppsFile, Entry, Platform, Stage,
    apps::Operator,
    catalogue::{self, method::Method},
    facebook::{FacebookLogin, Offered},
    generic::Generic,
    google::{self, GoogleLogin},
    http,
    instagram::InstagramLogin,
    linkedin::LinkedIn,
    notice::{Door, Incoming, Receiver, Signed, Unsigned},
    oauth::OAuth,
    picture,
    pinterest::Pinterest,
    reddit::Reddit,
    threads::Threads,
    tiktok::TikTok,
    tiktok_business::TikTokBusiness,
    usage::{Gauge, Told},
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
    /// The scopes that the platform has approved our app for; all of them if none are named.
    pub approved_scopes: Option<Vec<String>>,
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
    receivers: Vec<Arc<Receiver>>,
    pub(crate) door: picture::Door,
    gauge: Arc<Gauge>,
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
        let door = picture::Door { client: http.fresh.clone(), upstream: upstream.clone() };
        let entries = methods.iter().map(|method| Arc::new(method.entry())).collect();
        let gauge = Arc::clone(&http.gauge);
        let mut all = Self { entries, connectors: Vec::new(), receivers: Vec::new(), door, gauge };
        for App { platform, method: named, client_id, client_secret, approved_scopes } in apps.apps {
            let found =
                methods.iter().find(|m| m.platform == platform && named.as_ref().is_none_or(|n| m.method == *n));
            let Some(method) = found.cloned() else {
                let method = named.map(|n| format!(" by {n}")).unwrap_or_default();
                return Err(AppsError(format!("{platform}{method}: no such method in the catalogue")));
            };
            if let Some(approved) = approved_scopes {
                all.narrow(&method, &approved);
            }
            let secret = apps.notices.iter().find(|(of, by, _)| (of, by) == (&platform, &named)).map(|(.., s)| s);
            let oauth = OAuth { method, http: http.clone(), client_id, client_secret };
            all.receivers.extend(Receiver::of(&oauth, secret, &http).map(Arc::new));
            all.connect(oauth, client_for)?;
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
        for (platform, method) in apps.unaudited {
            all.hold_back(&platform, method.as_ref());
        }
        Ok(all)
    }

    /// Our app is not reviewed there.
    fn hold_back(&mut self, platform: &PlatformId, method: Option<&MethodId>) {
        let is = |e: &Entry| e.platform == *platform && method.is_none_or(|m| e.method == *m);
        let Some(entry) = self.entries.iter_mut().find(|e| is(e)) else { return };
        Arc::make_mut(entry).stage = Stage::Unaudited;
        let same = |c: &&mut Connector| c.entry.platform == entry.platform && c.entry.method == entry.method;
        for connector in self.connectors.iter_mut().filter(same) {
            connector.entry = Arc::clone(entry);
        }
    }

    /// A method is only as good as what the platform has approved our app for.
    fn narrow(&mut self, method: &Method, approved: &[String]) {
        let same = |e: &&mut Arc<Entry>| e.platform == method.platform && e.method == method.method;
        if let Some(entry) = self.entries.iter_mut().find(same) {
            *entry = Arc::new(method.entry_for(Some(approved)));
        }
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

    /// Whether a notice is the platform's, and what it says.
    pub async fn notice(&self, platform: &PlatformId, sent: &Incoming<'_>, now: Timestamp) -> Result<Signed, Unsigned> {
        let mut refused = Unsigned::NoDoor;
        for receiver in self.receivers(platform, sent.door) {
            match receiver.read(sent, now).await {
                Ok(signed) => return Ok(signed),
                Err(reason) => refused = Unsigned::Because(reason),
            }
        }
        Err(refused)
    }

    /// The answer to a platform's challenge, if it has challenges and this is one.
    pub fn challenge(&self, platform: &PlatformId, token: &str) -> Option<String> {
        self.receivers(platform, Door::Notices).find_map(|receiver| receiver.challenge(token))
    }

    fn receivers(&self, platform: &PlatformId, door: Door) -> impl Iterator<Item = &Arc<Receiver>> {
        self.receivers.iter().filter(move |receiver| receiver.platform == *platform && receiver.has(door))
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

    /// What the platform told this process last of our app's budget, if it tells of it.
    pub fn told(&self, platform: &PlatformId, method: &MethodId) -> Option<Told> {
        self.gauge.told(platform, &self.connector(platform, method)?.client_id)
    }

    /// How many pieces that are paid for one by one the last look at an account read, by the platform's id of it. It is
    /// told once.
    pub fn take_read(&self, platform: &PlatformId, account: &str) -> Option<u64> {
        self.gauge.take_read(platform, account)
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
        ("threads", "threads_login") => Some(Arc::new(Threads::new(oauth)?)),
        ("tiktok", "tiktok_login") => Some(Arc::new(TikTok(oauth))),
        ("tiktok", "tiktok_business") => Some(Arc::new(TikTokBusiness(oauth))),
        ("pinterest", "pinterest_login") => Some(Arc::new(Pinterest(oauth))),
        ("linkedin", "linkedin_login") => Some(Arc::new(LinkedIn::new(oauth))),
        ("youtube", "google_login") => Some(Arc::new(GoogleLogin { oauth, offered: google::Offered::Channel })),
        ("google_business", "google_login") => {
            Some(Arc::new(GoogleLogin { oauth, offered: google::Offered::Locations }))
        }
        ("reddit", "reddit_login") => Some(Arc::new(Reddit(oauth))),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
