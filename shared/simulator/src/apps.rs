//! The clients that the platforms know.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// An app as registered with one platform.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct App {
    /// Whose app it is: `facebook` (Instagram through Facebook Login is the same app), `google` (YouTube and Business
    /// Profile alike), `tiktok` (Login Kit and API for Business alike), or another platform's id in `/_sim/*`.
    pub platform: String,
    /// The id that the platform gave it.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// The exact addresses to which the platform may send people back.
    pub redirect_uris: Vec<String>,
    /// Where the platform tells it things of its own accord: `deauthorize` and `data_deletion` (Facebook, Instagram,
    /// Threads), `notices` (TikTok, X, Google).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub notices: BTreeMap<String, String>,
}

/// The names of [`App::notices`].
pub(crate) const NOTICES: [&str; 3] = ["deauthorize", "data_deletion", "notices"];

/// All registered apps.
#[derive(Default)]
pub(crate) struct Apps(Vec<(App, bool)>);

impl Apps {
    /// Adds or replaces; a lasting app survives a reset.
    pub(crate) fn put(&mut self, app: App, lasting: bool) {
        let lasting = lasting || self.0.iter().any(|(old, kept)| *kept && same(old, &app.platform, &app.client_id));
        self.0.retain(|(old, _)| !same(old, &app.platform, &app.client_id));
        self.0.push((app, lasting));
    }

    pub(crate) fn get(&self, platform: &str, client_id: &str) -> Option<&App> {
        self.0.iter().map(|(app, _)| app).find(|app| same(app, platform, client_id))
    }

    pub(crate) fn of<'a>(&'a self, platform: &'a str) -> impl Iterator<Item = &'a App> {
        self.0.iter().map(|(app, _)| app).filter(move |app| app.platform == platform)
    }

    /// What a reset keeps.
    pub(crate) fn lasting(&self) -> Self {
        Self(self.0.iter().filter(|(_, kept)| *kept).cloned().collect())
    }
}

fn same(app: &App, platform: &str, client_id: &str) -> bool {
    app.platform == platform && app.client_id == client_id
}
