//! What was called, without a secret in it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::call::Call;
use crate::room::Route;
use crate::util::digest;

/// Parameters whose values are secrets, or as good as one; the journal notes their names.
pub const SECRETS: [&str; 11] = [
    "access_token",
    "appsecret_proof",
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

/// All calls since the start or the last reset.
#[derive(Default)]
pub(crate) struct Journal {
    entries: Vec<Entry>,
}

impl Journal {
    /// Begins an entry; what came of the call is filled in by the door.
    pub(crate) fn entry(
        &mut self,
        at: Timestamp,
        platform: &'static str,
        call: &Call,
        route: Option<Route>,
    ) -> &mut Entry {
        let id = u64::try_from(self.entries.len()).unwrap_or(u64::MAX) + 1;
        let mut headers: Vec<String> = call.headers.keys().map(ToString::to_string).collect();
        headers.sort();
        self.entries.push(Entry {
            id,
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
        });
        let last = self.entries.len() - 1;
        &mut self.entries[last]
    }

    /// The entries after `after`, of one platform or of all.
    pub(crate) fn read<'a>(&'a self, platform: Option<&'a str>, after: u64) -> impl Iterator<Item = &'a Entry> {
        self.entries
            .iter()
            .filter(move |entry| entry.id > after && platform.is_none_or(|wanted| entry.platform == wanted))
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
    if let Some((_, secret)) = call.basic() {
        found.insert("authorization".to_owned(), digest(&secret));
    } else if let Some((_, token)) = call.header("authorization").split_once(' ') {
        found.insert("authorization".to_owned(), digest(token.trim()));
    }
    found
}
