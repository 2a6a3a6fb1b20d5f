//! One account that a link asks for, or that was connected through it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Account, AccountId, Capability, MethodId, PlatformId, account::Profile, text};

/// A place of the checklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Where.
    pub platform: PlatformId,
    /// How; the platform's usual way if absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub method: Option<MethodId>,
    /// What kind of account, in the catalogue's words.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub kind: Option<String>,
    /// Only an account of this name is welcome.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expected_name: Option<String>,
    /// Only this handle is welcome.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expected_handle: Option<String>,
    /// Only this platform account is welcome.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expected_platform_account_id: Option<String>,
    /// What people call the account that it brings back.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub label: Option<String>,
    /// The account that it brings back.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reconnects: Option<AccountId>,
    /// For what, where it is another thing than the link's.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub capabilities: Option<Vec<Capability>>,
    /// Whether the link is complete without it.
    #[serde(default)]
    pub optional: bool,
    /// Whether it was asked for; what a client connects beside the checklist was not.
    pub wanted: bool,
    /// What a client consented to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub consented: Option<Consented>,
}

/// What a client consented to, as the receipt tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consented {
    /// The account.
    pub account: AccountId,
    /// Who it is at its platform.
    pub platform_account_id: String,
    /// What kind of account it is.
    #[serde(default)]
    pub kind: String,
    /// What it was called then.
    pub name: String,
    /// Its handle then.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub handle: Option<String>,
    /// Who consented, as the platform calls them.
    pub by: String,
    /// Their id there.
    pub person: String,
    /// When.
    pub at: Timestamp,
    /// How.
    pub method: MethodId,
    /// For what.
    pub capabilities: Vec<Capability>,
    /// The scopes that the platform gave, or was asked for where it does not tell.
    pub scopes: Vec<String>,
    /// When it was withdrawn.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub withdrawn_at: Option<Timestamp>,
}

/// How far a place is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemState {
    /// Nothing is connected.
    Open,
    /// An account is connected.
    Connected,
    /// The client took it back.
    Withdrawn,
}

impl ItemState {
    /// The word used in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Connected => "connected",
            Self::Withdrawn => "withdrawn",
        }
    }
}

impl Item {
    /// The place of an account that a client connects beside the checklist.
    pub fn beside(platform: PlatformId) -> Self {
        Self {
            platform,
            method: None,
            kind: None,
            expected_name: None,
            expected_handle: None,
            expected_platform_account_id: None,
            label: None,
            reconnects: None,
            capabilities: None,
            optional: false,
            wanted: false,
            consented: None,
        }
    }

    /// How far it is.
    pub fn state(&self) -> ItemState {
        match &self.consented {
            None => ItemState::Open,
            Some(consented) if consented.withdrawn_at.is_some() => ItemState::Withdrawn,
            Some(_) => ItemState::Connected,
        }
    }

    /// Whether an account of its platform was connected here before.
    pub fn is_of(&self, platform_account_id: &str) -> bool {
        self.consented.as_ref().is_some_and(|consented| consented.platform_account_id == platform_account_id)
    }

    /// Whether an account is the one that it asks for.
    pub fn welcomes(&self, platform: &PlatformId, profile: &Profile) -> bool {
        let handle = profile.handle.as_deref().map(text::handle);
        let same = |expected: &Option<String>, got: Option<&str>| expected.is_none() || expected.as_deref() == got;
        let named = |name: &String| text::folded(name) == text::folded(&profile.name);
        self.platform == *platform
            && same(&self.kind, Some(&profile.kind))
            && same(&self.expected_platform_account_id, Some(&profile.platform_account_id))
            && same(&self.expected_handle, handle.as_deref())
            && self.expected_name.as_ref().is_none_or(named)
    }

    /// Whom it expects, as people call them.
    pub fn expected(&self) -> Option<String> {
        let handle = self.expected_handle.as_ref().map(|handle| format!("@{handle}"));
        self.label
            .clone()
            .or_else(|| self.expected_name.clone())
            .or(handle)
            .or_else(|| self.expected_platform_account_id.clone())
    }
}

impl Consented {
    /// Nothing more of who it was: the account was removed, or the person asked to be forgotten.
    pub fn forget(&mut self, now: Timestamp) {
        self.platform_account_id.clear();
        self.name.clear();
        self.handle = None;
        self.by.clear();
        self.person.clear();
        self.withdrawn_at.get_or_insert(now);
    }

    /// What was just connected, with the scopes that the platform gave.
    pub fn of(account: &Account, scopes: &[String], now: Timestamp) -> Self {
        Self {
            account: account.id,
            platform_account_id: account.profile.platform_account_id.clone(),
            kind: account.profile.kind.clone(),
            name: account.profile.name.clone(),
            handle: account.profile.handle.clone(),
            by: account.authorized_by.name.clone(),
            person: account.authorized_by.id.clone(),
            at: now,
            method: account.method.clone(),
            capabilities: account.access.asked.clone(),
            scopes: scopes.to_vec(),
            withdrawn_at: None,
        }
    }
}
