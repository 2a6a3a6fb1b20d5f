//! Which methods there are here, and with which of our apps.

use std::sync::Arc;

use domain::{MethodId, PlatformId, Secret};
use serde::Deserialize;
use url::Url;

use crate::{Entry, Platform};

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

/// An operator's TOML file of apps (`--apps`).
#[derive(Debug, Clone, Default, Deserialize)]
pub struct AppsFile {}

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
pub struct Platforms {
    entries: Vec<Arc<Entry>>,
    connectors: Vec<Connector>,
}

impl Platforms {
    /// Every method of the catalogue and of the operator, in order; a platform's first is its default.
    pub fn entries(&self) -> &[Arc<Entry>] {
        &self.entries
    }

    /// One method, or the platform's default one.
    pub fn entry(&self, platform: &PlatformId, method: Option<&MethodId>) -> Option<&Arc<Entry>> {
        self.entries.iter().find(|e| e.platform == *platform && method.is_none_or(|m| e.method == *m))
    }

    /// The method with our app, if it is set up.
    pub fn connector(&self, platform: &PlatformId, method: &MethodId) -> Option<&Connector> {
        self.connectors.iter().find(|c| c.entry.platform == *platform && c.entry.method == *method)
    }
}
