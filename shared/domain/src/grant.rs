//! A grant: what one person gave to one of our apps. Tokens belong to it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{AccountId, GrantId, MethodId, PlatformId, Secret, WorkspaceId};

/// The tokens of a grant: the person's, and those of its connected children (pages).
#[derive(Debug, Clone)]
pub struct TokenSet {
    /// What calls are made with.
    pub access: Secret,
    /// What a new access token is got with, where the platform gives one.
    pub refresh: Option<Secret>,
    /// Tokens of children by their platform account id.
    pub children: BTreeMap<String, Secret>,
}

/// Sealed tokens: what the table holds instead of them. Opaque to all but the vault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Envelope(pub String);

/// What an envelope is bound to: it opens for this grant, platform and version only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedFor {
    /// The grant.
    pub grant: GrantId,
    /// Its platform.
    pub platform: PlatformId,
    /// The version of its tokens, counting up.
    pub version: u64,
}

/// A person at a platform, as it tells our app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The platform's stable id of the person (app-scoped on Facebook).
    pub id: String,
    /// What to call them.
    pub name: String,
}

/// How a grant is kept alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Renewal {
    /// By a refresh token, without anybody noticing.
    Silent,
    /// By exchanging the living token for a longer one.
    Extend,
    /// Only by a person.
    None,
}

/// When a grant's parts end; `None` is unknown or never.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Expiry {
    /// The access token.
    pub access: Option<Timestamp>,
    /// The refresh token.
    pub refresh: Option<Timestamp>,
    /// The platform's leave to read data (Facebook: 90 days).
    pub data_access: Option<Timestamp>,
}

/// What a grant is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum GrantState {
    /// Accounts hang on it.
    Live,
    /// Its last account went; the platform is still to be told.
    Revoking {
        /// Since when; after seven days it is given up.
        since: Timestamp,
        /// How often it was tried.
        attempts: u32,
    },
}

/// A grant's record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// The workspace it was given to.
    pub workspace: WorkspaceId,
    /// The platform.
    pub platform: PlatformId,
    /// The method.
    pub method: MethodId,
    /// Client id of our app there.
    pub app: String,
    /// Who gave it.
    pub person: Person,
    /// The accounts that hang on it; the last one out ends it.
    pub accounts: BTreeSet<AccountId>,
    /// The sealed tokens.
    pub envelope: Envelope,
    /// Version of the tokens, counting up.
    pub version: u64,
    /// How it is kept alive.
    pub renewal: Renewal,
    /// When its parts end.
    pub expiry: Expiry,
    /// When the platform was last asked which scopes it gives.
    #[serde(default)]
    pub scopes_checked_at: Option<Timestamp>,
    /// The scopes that were asked for.
    pub requested: Vec<String>,
    /// The scopes that were given, where the platform tells.
    pub granted: Option<Vec<String>>,
    /// What it is doing.
    pub state: GrantState,
    /// Counts every change of the record.
    pub revision: u64,
}

impl Grant {
    /// What its present envelope is bound to.
    pub fn sealed_for(&self) -> SealedFor {
        SealedFor { grant: self.id, platform: self.platform.clone(), version: self.version }
    }
}
