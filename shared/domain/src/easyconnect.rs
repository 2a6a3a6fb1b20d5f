//! Links by which clients connect accounts without sharing a password.

mod funnel;
mod item;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

pub use funnel::{Funnel, FunnelStep};
pub use item::{Consented, Item, ItemState};

use crate::{
    Account, Capability, Code, ConnectSession, ConnectedBy, Digest, Language, LinkId, OrgId, PlatformId, WorkspaceId,
    account::Profile,
};

/// How long a link works where nothing is said, and how long and short it may.
pub const LIFETIME: SignedDuration = SignedDuration::from_hours(14 * 24);
/// The longest.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(90 * 24);
/// The shortest.
pub const SHORTEST: SignedDuration = SignedDuration::from_hours(1);
/// How long a visit lasts from its last step on.
pub const VISIT_LIFETIME: SignedDuration = SignedDuration::from_mins(30);
/// How long a client finds what they allowed, by the address on the receipt.
pub const RECEIPT_LIFETIME: SignedDuration = SignedDuration::from_hours(400 * 24);
/// How many wrong passwords a link forgives, and for how long it is locked then.
pub const PASSWORD_TRIES: u8 = 5;
/// How long a link is locked after too many wrong passwords.
pub const PASSWORD_LOCK: SignedDuration = SignedDuration::from_mins(15);
/// Most accounts on a checklist; the record is one item of the table.
pub const MOST_ITEMS: usize = 50;
/// Most accounts that are connected through one link.
pub const MOST_CONNECTIONS: u32 = 100;
/// How many secrets lead to a link: each sending makes one, and those that were sent before go on.
pub const MOST_SECRETS: usize = 5;

/// For whom a link is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// What they are called.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// Where the SaaS sends it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub email: Option<String>,
    /// What they speak; what their browser says where nothing is said here.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub language: Option<Language>,
}

/// In whose name and colours a link asks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Branding {
    /// Who asks; the workspace's id where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// The colour of what is pressed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub color: Option<crate::Color>,
    /// The colour of what is read.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub accent: Option<crate::Color>,
    /// The version of the logo, where there is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub logo: Option<Digest>,
}

/// What the SaaS wants to hear of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notify {
    /// A client opened it.
    Opened,
    /// An account was connected.
    AccountConnected,
    /// A client did not get on.
    Stuck,
    /// All that it asks for is connected.
    Completed,
    /// Its time is over.
    Expired,
    /// A client asks for a fresh one.
    FreshLinkRequested,
}

impl Notify {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Opened, Self::AccountConnected, Self::Stuck, Self::Completed, Self::Expired, Self::FreshLinkRequested];

    /// The word; behind `easyconnect.` it is the event's.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::AccountConnected => "account_connected",
            Self::Stuck => "stuck",
            Self::Completed => "completed",
            Self::Expired => "expired",
            Self::FreshLinkRequested => "fresh_link_requested",
        }
    }
}

/// What a link is now; derived, never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkStatus {
    /// A client can connect.
    Active,
    /// Somebody paused it.
    Disabled,
    /// All that it asks for is connected.
    Completed,
    /// Its time is over.
    Expired,
    /// As many accounts were connected as it allows.
    Exhausted,
    /// Somebody deleted it.
    Deleted,
}

impl LinkStatus {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Active, Self::Disabled, Self::Completed, Self::Expired, Self::Exhausted, Self::Deleted];

    /// The word used in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
            Self::Completed => "completed",
            Self::Expired => "expired",
            Self::Exhausted => "exhausted",
            Self::Deleted => "deleted",
        }
    }
}

/// Through which link an attempt to connect was begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Through {
    /// The link.
    pub link: LinkId,
    /// The visit, as the digest of its nonce: another visit of the same link does not see the attempt.
    pub visit: Digest,
    /// For which place of the checklist.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub item: Option<u16>,
}

/// A link, as its workspace keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EasyConnectLink {
    /// Its id.
    pub id: LinkId,
    /// For which workspace.
    pub workspace: WorkspaceId,
    /// Of which organisation.
    pub org: OrgId,
    /// The plan that its maker's token named.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub plan: Option<String>,
    /// What it is for, in a few words that the client reads.
    pub title: String,
    /// The password's hash (argon2id), where it has one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub password: Option<String>,
    /// Whether it is not paused.
    pub enabled: bool,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// Most accounts that it connects.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub max_connections: Option<u32>,
    /// Where accounts may be connected beside those of the checklist; without a list and a checklist everywhere.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub allowed_platforms: Option<BTreeSet<PlatformId>>,
    /// For what; what the platform offers of publishing and analytics where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub capabilities: Option<BTreeSet<Capability>>,
    /// The checklist, and behind it what clients connected beside it.
    pub items: Vec<Item>,
    /// For whom it is.
    #[serde(default)]
    pub recipient: Recipient,
    /// In whose name.
    #[serde(default)]
    pub branding: Branding,
    /// What the SaaS wants to hear of it.
    pub notify: BTreeSet<Notify>,
    /// What the SaaS calls it; carried to the accounts.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub client_ref: Option<String>,
    /// Tags for the accounts.
    #[serde(default)]
    pub tags: BTreeSet<String>,
    /// Where the client goes from the receipt.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub return_url: Option<String>,
    /// Who made it.
    pub created_by: ConnectedBy,
    /// When.
    pub created_at: Timestamp,
    /// The digests of the secrets that lead to it, the newest last.
    pub secrets: Vec<Digest>,
    /// Counts how often all secrets were replaced: what was given before is worth nothing.
    #[serde(default)]
    pub rotation: u32,
    /// When all that it asks for was connected.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub completed_at: Option<Timestamp>,
    /// When it was told that its time is over.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expiry_told_at: Option<Timestamp>,
    /// When a client last asked for a fresh one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fresh_asked_at: Option<Timestamp>,
    /// When it was deleted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub deleted_at: Option<Timestamp>,
    /// Counts every change; the `ETag`.
    pub version: u64,
}

impl EasyConnectLink {
    /// What it is at a moment.
    pub fn status(&self, now: Timestamp) -> LinkStatus {
        if self.deleted_at.is_some() {
            LinkStatus::Deleted
        } else if !self.enabled {
            LinkStatus::Disabled
        } else if self.completed_at.is_some() {
            LinkStatus::Completed
        } else if self.connections() >= self.most() {
            LinkStatus::Exhausted
        } else if now >= self.expires_at {
            LinkStatus::Expired
        } else {
            LinkStatus::Active
        }
    }

    /// How many accounts were connected through it.
    pub fn connections(&self) -> u32 {
        u32::try_from(self.items.iter().filter(|item| item.consented.is_some()).count()).unwrap_or(u32::MAX)
    }

    /// How many there may be.
    pub fn most(&self) -> u32 {
        self.max_connections.unwrap_or(MOST_CONNECTIONS)
    }

    /// Who asks, as the client reads it.
    pub fn agency(&self) -> &str {
        self.branding.name.as_deref().unwrap_or(self.workspace.as_str())
    }

    /// The accounts of its checklist, as many as were asked for.
    pub fn wanted(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| item.wanted)
    }

    /// How many of the checklist are connected, and how many there are.
    pub fn progress(&self) -> (u32, u32) {
        let count = |many: usize| u32::try_from(many).unwrap_or(u32::MAX);
        let done = self.wanted().filter(|item| item.state() == ItemState::Connected).count();
        (count(done), count(self.wanted().count()))
    }

    /// Whether it is to bring an account back: whoever made it could have done that.
    pub fn brings_back(&self, platform: &PlatformId, platform_account_id: &str) -> bool {
        self.items.iter().any(|item| {
            item.platform == *platform
                && item.reconnects.is_some()
                && item.expected_platform_account_id.as_deref() == Some(platform_account_id)
        })
    }

    /// Whether accounts may be connected on a platform that no place of the checklist asks for.
    pub fn lets_add(&self, platform: &PlatformId) -> bool {
        match &self.allowed_platforms {
            Some(platforms) => platforms.contains(platform),
            None => self.wanted().next().is_none(),
        }
    }

    /// What keeps a client from opening it: its time, a pause, or that it is used up. What was connected stays theirs
    /// to see and to withdraw.
    pub fn barrier(&self, now: Timestamp) -> Option<Code> {
        match self.status(now) {
            LinkStatus::Deleted => Some(Code::NotFound),
            LinkStatus::Disabled => Some(Code::LinkDisabled),
            LinkStatus::Expired => Some(Code::LinkExpired),
            LinkStatus::Exhausted => Some(Code::LinkExhausted),
            // What is left of the checklist may be optional.
            LinkStatus::Completed if now >= self.expires_at => Some(Code::LinkExpired),
            LinkStatus::Completed | LinkStatus::Active => None,
        }
    }

    /// The same for whoever goes for one place: what was connected there before takes no further use.
    pub fn barrier_at(&self, item: Option<&Item>, now: Timestamp) -> Option<Code> {
        let is_again = item.is_some_and(|item| item.consented.is_some());
        self.barrier(now).filter(|code| *code != Code::LinkExhausted || !is_again)
    }

    /// The place that an attempt is for.
    pub fn item_of(&self, session: &ConnectSession) -> Option<&Item> {
        self.items.get(usize::from(session.through.as_ref()?.item?))
    }

    /// The places that accounts take which one consent gave, the one that was asked for first: a place of the checklist
    /// that it fits, or a new one behind it.
    ///
    /// # Errors
    /// `account_mismatch` where one fits nowhere, `link_exhausted` where there are too many, and what keeps the link
    /// from being used.
    pub fn places(
        &self,
        now: Timestamp,
        platform: &PlatformId,
        asked: Option<u16>,
        profiles: &[&Profile],
    ) -> Result<Vec<usize>, Code> {
        // Who connects again what they connected before needs no further use.
        let of = |profile: &Profile| {
            self.items.iter().position(|item| item.platform == *platform && item.is_of(&profile.platform_account_id))
        };
        let known: Vec<Option<usize>> = profiles.iter().map(|profile| of(profile)).collect();
        match self.barrier(now) {
            Some(Code::LinkExhausted) if known.iter().all(Option::is_some) => {}
            Some(code) => return Err(code),
            None => {}
        }
        let mut next = self.items.len();
        let mut places: Vec<usize> = Vec::new();
        for (profile, known) in profiles.iter().zip(known) {
            let is_free = |at: &usize| !places.contains(at) && self.fits(*at, platform, profile);
            let wished = asked.map(usize::from).filter(is_free);
            let place = known.or(wished).or_else(|| (0..self.items.len()).find(is_free));
            places.push(match place {
                Some(place) => place,
                None if self.lets_add(platform) => {
                    next += 1;
                    next - 1
                }
                None => return Err(Code::AccountMismatch),
            });
        }
        let is_used = |at: usize| self.items.get(at).is_some_and(|item| item.consented.is_some());
        let fresh = u32::try_from(places.iter().filter(|at| !is_used(**at)).count()).unwrap_or(u32::MAX);
        if self.connections().saturating_add(fresh) > self.most() {
            return Err(Code::LinkExhausted);
        }
        Ok(places)
    }

    fn fits(&self, at: usize, platform: &PlatformId, profile: &Profile) -> bool {
        self.items
            .get(at)
            .is_some_and(|item| item.wanted && item.consented.is_none() && item.welcomes(platform, profile))
    }

    /// Whether one account is welcome, by itself; what is already known of it is.
    pub fn welcomes(&self, platform: &PlatformId, profile: &Profile) -> bool {
        self.lets_add(platform)
            || self.items.iter().any(|item| {
                item.platform == *platform && item.is_of(&profile.platform_account_id)
                    || item.wanted && item.consented.is_none() && item.welcomes(platform, profile)
            })
    }

    /// Takes accounts in at the places that [`Self::places`] gave them.
    pub fn take(&mut self, accounts: &[&Account], places: &[usize], scopes: &[String], now: Timestamp) {
        for (account, place) in accounts.iter().zip(places) {
            if *place >= self.items.len() {
                self.items.push(Item::beside(account.platform.clone()));
            }
            let at = (*place).min(self.items.len() - 1);
            self.items[at].consented = Some(Consented::of(account, scopes, now));
        }
        self.version += 1;
        let is_left = |item: &Item| item.wanted && !item.optional && item.consented.is_none();
        if self.completed_at.is_none() && self.wanted().next().is_some() && !self.items.iter().any(is_left) {
            self.completed_at = Some(now);
        }
    }

    /// The place of the checklist by the number that people read.
    pub fn numbered(&self, number: u16) -> Option<(usize, &Item)> {
        let at = usize::from(number).checked_sub(1)?;
        self.items.get(at).map(|item| (at, item))
    }
}
