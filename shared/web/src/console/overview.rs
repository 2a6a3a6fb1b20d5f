//! The workspace at a glance: platforms to connect, accounts that are.

use std::collections::BTreeSet;

use askama::Template;
use domain::{AccountId, MethodId, Timestamp};

use super::{Chrome, Mark};
use crate::{
    parts::{Action, Blocked, Face, Flash, Hidden, Link, Meter, Platform, Tick, Via},
    words,
};

/// The plan and what is left of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanPanel {
    /// What people call the plan.
    pub name: String,
    /// Accounts over all platforms.
    pub total: Meter,
    /// Accounts on each platform; `None` is no limit.
    pub per_platform: Option<u32>,
    /// Where to get more.
    pub upgrade: Option<Link>,
}

/// A field that a method needs before it can start (`host` for Mastodon).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// The field's name.
    pub name: String,
    /// What it is called.
    pub label: String,
    /// An example.
    pub example: String,
    /// Whether the method cannot start without it.
    pub required: bool,
}

/// One way to connect an account of a platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Method {
    /// Its id; sent as `method`.
    pub id: MethodId,
    /// Where one signs in, shown where a platform has several ways (`with Facebook`).
    pub name: String,
    /// Whom it suits, where there are several (`For accounts linked to a Page`).
    pub suits: Option<String>,
    /// What the accounts may be used for.
    pub ticks: Vec<Tick>,
    /// What has to be known first.
    pub ask: Option<Ask>,
    /// Why this method cannot be used now.
    pub blocked: Option<Blocked>,
}

/// A platform and its state in this workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformCard {
    /// The platform.
    pub platform: Platform,
    /// Its accounts here.
    pub connected: Meter,
    /// Name of the main account.
    pub main: Option<String>,
    /// The ways to connect, the default first.
    pub methods: Vec<Method>,
    /// Why no account can be connected now (plan full, not configured, not allowed).
    pub blocked: Option<Blocked>,
}

impl PlatformCard {
    /// Whether it needs no more than one button, so that it can be drawn small.
    fn simple(&self) -> bool {
        self.blocked.is_none() && matches!(self.methods.as_slice(), [one] if one.ask.is_none() && one.blocked.is_none())
    }
}

/// A connected or disconnected account in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRow {
    /// Its id.
    pub id: AccountId,
    /// Who it is.
    pub face: Face,
    /// Its own page in the console.
    pub href: String,
    /// Where.
    pub platform: Platform,
    /// `page`, `profile` …
    pub kind: String,
    /// Since when.
    pub connected_at: Timestamp,
    /// Who connected it.
    pub connected_by: Option<String>,
    /// How it is.
    pub mark: Mark,
    /// When it was disconnected.
    pub disconnected_at: Option<Timestamp>,
    /// Whether it is the main account of its platform.
    pub is_main: bool,
    /// What can be done with it.
    pub actions: Vec<Action>,
}

impl AccountRow {
    pub(super) fn kind_in_words(&self) -> String {
        words::kind(&self.kind)
    }

    /// The reasons of its blocked actions, each once.
    pub(super) fn reasons(&self) -> BTreeSet<&str> {
        self.actions.iter().filter_map(|a| a.blocked.as_ref()).map(|b| b.reason.as_str()).collect()
    }
}

/// One choice of the filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterLink {
    /// What it is called.
    pub label: String,
    /// Where it leads (`?platform=facebook`).
    pub href: String,
    /// How many accounts it shows.
    pub count: Option<u32>,
    /// Whether it is the present one.
    pub current: bool,
}

/// The form by which accounts are found. It only asks, so it is sent by GET.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// Where it is sent.
    pub action: String,
    /// What was searched for.
    pub text: String,
    /// What the list is narrowed to, and its order.
    pub selects: Vec<Select>,
    /// What the form keeps of the present list.
    pub kept: Vec<Hidden>,
    /// Leads to the list without what the form asks; none where it asks nothing.
    pub clear: Option<String>,
}

/// A choice of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Select {
    /// The field's name.
    pub name: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// What can be chosen.
    pub choices: Vec<Choice>,
}

/// Something that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What it is called.
    pub label: String,
    /// How many accounts it shows.
    pub count: Option<u32>,
    /// Whether it is the present one.
    pub chosen: bool,
}

/// Whether disconnected accounts are listed too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toggle {
    /// They are.
    pub on: bool,
    /// Leads to the other state.
    pub href: String,
}

/// The workspace at a glance.
#[derive(Debug, Clone, Template)]
#[template(path = "console/overview.html")]
pub struct Overview {
    /// Around it.
    pub chrome: Chrome,
    /// What came of the last action.
    pub flash: Option<Flash>,
    /// The plan.
    pub plan: PlanPanel,
    /// The platforms, in the catalogue's order.
    pub platforms: Vec<PlatformCard>,
    /// Where the Connect forms are posted: `platform`, `method`, and what the method asks.
    pub connect: String,
    /// The accounts of this page of the list.
    pub accounts: Vec<AccountRow>,
    /// How accounts are found; none where there are none.
    pub search: Option<Search>,
    /// Which platforms to list, the first for all; may be empty.
    pub filters: Vec<FilterLink>,
    /// Whether the list shows a part only.
    pub filtered: bool,
    /// Disconnected accounts too?
    pub disconnected: Toggle,
    /// Where the list goes on.
    pub next: Option<String>,
    /// A word for the newcomer (`Here the platforms are simulated: approve as acme.`).
    pub hint: Option<String>,
}

impl Overview {
    fn untouched(&self) -> bool {
        self.accounts.is_empty() && !self.filtered && self.plan.total.used == 0
    }
}
