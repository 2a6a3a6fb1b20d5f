//! What was called, without a secret in it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::call::Call;
use crate::room::Route;
use crate::util::digest;

/// Parameters whose values are secrets, or as good as one; the journal notes their names.
pub const SECRETS: &[&str] = &[
    "access_token",
    "appsecret_proof",
    "auth_code",
    "client_assertion",
    "client_secret",
    "code",
    "code_verifier",
    "fb_exchange_token",
    "id_token",
    "input_token",
    "refresh_token",
    "token",
];

/// One call.
#[derive(Serialize)]
pub(crate) struct Entry {
    pub(crate) id: u64,
    pub(crate) at: Timestamp,
    pub(crate) platform: &'static str,
    pub(crate) host: &'static str,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: Vec<String>,
    pub(crate) headers: Vec<String>,
    pub(crate) fields: Vec<String>,
    pub(crate) route: Option<Route>,
    /// `null` if nothing was answered.
    pub(crate) status: Option<u16>,
    pub(crate) outcome: String,
    /// The fault that the call met.
    pub(crate) fault: Option<String>,
    pub(crate) documented: bool,
    pub(crate) secrets: BTreeMap<String, String>,
}

impl Entry {
    /// A call, of which nothing has come yet.
    pub(crate) fn of(at: Timestamp, platform: &'static str, call: &Call, route: Option<Route>) -> Self {
        let mut headers: Vec<String> = call.headers.keys().map(ToString::to_string).collect();
        headers.sort();
        Self {
            id: 0,
            at,
            platform,
            host: call.host,
            method: call.method.to_string(),
            path: call.path.clone(),
            query: names(&call.query),
            headers,
            fields: names(&call.fields),
            route,
            status: None,
            outcome: String::new(),
            fault: None,
            documented: route.is_some(),
            secrets: secrets(call),
        }
    }
}

/// How many calls came to what, and for what they were.
#[derive(Clone, Default, Serialize)]
pub(crate) struct Counts {
    #[serde(flatten)]
    outcomes: BTreeMap<String, u64>,
    routes: BTreeMap<Route, u64>,
}

/// All calls since the start or the last reset.
#[derive(Default)]
pub(crate) struct Journal {
    entries: Vec<Entry>,
    counts: BTreeMap<&'static str, Counts>,
}

impl Journal {
    /// Adds a call, and gives it the next id.
    pub(crate) fn add(&mut self, mut entry: Entry) {
        let counts = self.counts.entry(entry.platform).or_default();
        *counts.outcomes.entry(entry.outcome.clone()).or_default() += 1;
        if let Some(route) = entry.route {
            *counts.routes.entry(route).or_default() += 1;
        }
        entry.id = u64::try_from(self.entries.len()).unwrap_or(u64::MAX) + 1;
        self.entries.push(entry);
    }

    /// The entries after `after`, of one platform or of all.
    pub(crate) fn read<'a>(&'a self, platform: Option<&'a str>, after: u64) -> impl Iterator<Item = &'a Entry> {
        let after = usize::try_from(after).unwrap_or(usize::MAX).min(self.entries.len());
        self.entries[after..].iter().filter(move |entry| platform.is_none_or(|wanted| entry.platform == wanted))
    }

    /// The counts of one platform or of all.
    pub(crate) fn counts(&self, platform: Option<&str>) -> Counts {
        let mut all = Counts::default();
        for (_, counts) in self.counts.iter().filter(|(of, _)| platform.is_none_or(|wanted| **of == wanted)) {
            for (outcome, n) in &counts.outcomes {
                *all.outcomes.entry(outcome.clone()).or_default() += n;
            }
            for (route, n) in &counts.routes {
                *all.routes.entry(*route).or_default() += n;
            }
        }
        all
    }
}

fn names(pairs: &[(String, String)]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (name, _) in pairs {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

fn secrets(call: &Call) -> BTreeMap<String, String> {
    let mut found: BTreeMap<String, String> = call
        .query
        .iter()
        .chain(&call.fields)
        .filter(|(name, _)| SECRETS.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), digest(value)))
        .collect();
    if !call.header("access-token").is_empty() {
        found.insert("access-token".to_owned(), digest(call.header("access-token")));
    }
    if let Some((_, secret)) = call.basic() {
        found.insert("authorization".to_owned(), digest(&secret));
    } else if let Some((_, token)) = call.header("authorization").split_once(' ') {
        found.insert("authorization".to_owned(), digest(token.trim()));
    }
    found
}
