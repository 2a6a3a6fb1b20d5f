//! API keys.

use std::collections::BTreeSet;

use app::api_key::{LONGEST_OVERLAP, NewApiKey};
use domain::{ApiKey, Refusal, Secret, Timestamp, WorkspaceId, api_key::Scope, text};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{PageInfo, PersonView, duration};

/// Longest name, in characters.
const NAME: usize = 80;
/// Most workspaces of a key.
const WORKSPACES: usize = 20;
/// How long an old key goes on beside the new one, where nothing is said.
const OVERLAP: SignedDuration = SignedDuration::from_hours(24);

/// A key by which a program calls.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = ApiKey)]
pub struct ApiKeyView {
    /// `key_…`; who calls by it is called so.
    pub id: String,
    /// How the key begins, by which people know it.
    pub prefix: String,
    /// The key itself, once: in the answer that makes it. It is kept nowhere, so everywhere else, and where that request
    /// is repeated, it is null.
    pub key: Option<String>,
    /// What people call it.
    pub name: String,
    /// What it is for, in the words of `/v1/meta/permissions`.
    pub scopes: Vec<String>,
    /// Where it is good. If there are several, each request says in `X-Workspace-Id` which it means.
    pub workspaces: Vec<String>,
    /// Who made it.
    pub created_by: PersonView,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_used_at: Option<Timestamp>,
    /// When it ends by itself.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// When somebody ended it; it is listed for 90 days more.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub revoked_at: Option<Timestamp>,
    /// The key that this one takes the place of, while that one goes on.
    pub retiring: Option<RetiringKeyView>,
    /// Its version, as the header `ETag` has it.
    pub etag: String,
}

/// A key that another one takes the place of.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = RetiringKey)]
pub struct RetiringKeyView {
    /// How it begins.
    pub prefix: String,
    /// When it ends.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ends_at: Option<Timestamp>,
}

/// A page of API keys.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = ApiKeyPage)]
pub struct ApiKeyPageView {
    /// Oldest first.
    pub data: Vec<ApiKeyView>,
    /// Where the next page begins.
    pub page: PageInfo,
}

/// What a key shall be.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateApiKey {
    /// What people call it, 1 to 80 characters.
    pub name: String,
    /// What it is for, in the words of `/v1/meta/permissions`; at least one.
    pub scopes: Vec<String>,
    /// Where it is good, this workspace among them, at most 20; only here if absent.
    #[serde(default)]
    pub workspaces: Option<Vec<String>>,
    /// When it ends by itself; never if absent.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
}

/// How a key is replaced.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RotateApiKey {
    /// How long the old key goes on, an ISO 8601 duration of at most `P7D`; `PT0S` ends it at once, `P1D` if absent.
    #[serde(default)]
    pub overlap: Option<String>,
}

impl CreateApiKey {
    pub(crate) fn read(self) -> Result<NewApiKey, Refusal> {
        let name = text::clean(&self.name, NAME + 1);
        if !(1..=NAME).contains(&name.chars().count()) {
            return Err(Refusal::field("/name", "length", format!("name has 1 to {NAME} characters.")));
        }
        let mut scopes = BTreeSet::new();
        for (at, word) in self.scopes.iter().enumerate() {
            let scope = Scope::ALL.iter().find(|scope| scope.as_str() == word);
            let unknown = || Refusal::field(&format!("/scopes/{at}"), "unknown", "There is no such scope.");
            scopes.insert(*scope.ok_or_else(unknown)?);
        }
        if scopes.is_empty() {
            return Err(Refusal::field("/scopes", "empty", "A key is for something: name at least one scope."));
        }
        Ok(NewApiKey { name, scopes, workspaces: workspaces(self.workspaces)?, expires_at: self.expires_at })
    }
}

fn workspaces(named: Option<Vec<String>>) -> Result<Option<BTreeSet<WorkspaceId>>, Refusal> {
    let Some(named) = named else { return Ok(None) };
    if named.len() > WORKSPACES {
        return Err(Refusal::field("/workspaces", "too_many", format!("At most {WORKSPACES} workspaces.")));
    }
    let mut workspaces = BTreeSet::new();
    for (at, id) in named.iter().enumerate() {
        let odd = |_| Refusal::field(&format!("/workspaces/{at}"), "invalid", "This is no workspace id.");
        workspaces.insert(id.parse().map_err(odd)?);
    }
    Ok(Some(workspaces))
}

impl RotateApiKey {
    pub(crate) fn read(&self) -> Result<SignedDuration, Refusal> {
        let Some(text) = &self.overlap else { return Ok(OVERLAP) };
        let no_duration = || Refusal::field("/overlap", "duration", "An ISO 8601 duration such as P1D or PT1H.");
        let overlap = duration(text).ok_or_else(no_duration)?;
        if (SignedDuration::ZERO..=LONGEST_OVERLAP).contains(&overlap) {
            Ok(overlap)
        } else {
            Err(Refusal::field("/overlap", "out_of_range", "overlap is between PT0S and P7D."))
        }
    }
}

impl ApiKeyView {
    /// As it is at a moment; `told` is the key itself in the one answer that has it.
    pub(crate) fn of(key: &ApiKey, told: Option<&Secret>, now: Timestamp) -> Self {
        let newest = key.proofs.first();
        let retiring = key.living(now).find(|proof| Some(*proof) != newest);
        Self {
            id: key.id.to_string(),
            prefix: newest.map(|proof| proof.prefix.clone()).unwrap_or_default(),
            key: told.map(|text| text.expose().to_owned()),
            name: key.name.clone(),
            scopes: key.scopes.iter().map(|scope| scope.as_str().to_owned()).collect(),
            workspaces: key.workspaces.iter().map(ToString::to_string).collect(),
            created_by: PersonView { id: key.created_by.clone(), name: key.created_by_name.clone() },
            created_at: key.created_at,
            last_used_at: key.last_used_at,
            expires_at: key.expires_at,
            revoked_at: key.revoked_at,
            retiring: retiring.map(|old| RetiringKeyView { prefix: old.prefix.clone(), ends_at: old.ends_at }),
            etag: format!("\"{}\"", key.version),
        }
    }
}
