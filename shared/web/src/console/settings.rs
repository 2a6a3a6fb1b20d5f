//! What a workspace's administrators decide, and what its plan has room for.

use askama::Template;

use domain::Timestamp;

use super::{Chrome, PlanPanel};
use crate::parts::{Blocked, Flash, Link, Platform};

/// An account that the plan has no room for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuspendedRow {
    /// It, and where its page is.
    pub account: Link,
    /// Where it is connected.
    pub platform: Platform,
    /// Since when.
    pub since: Option<Timestamp>,
}

/// The plan and the policies of a workspace; those who may not change them read them.
#[derive(Debug, Clone, Template)]
#[template(path = "console/settings.html")]
pub struct Settings {
    /// Around it.
    pub chrome: Chrome,
    /// What came of the last action.
    pub flash: Option<Flash>,
    /// The plan.
    pub plan: PlanPanel,
    /// Accounts that it has no room for; the first one comes back first.
    pub suspended: Vec<SuspendedRow>,
    /// How many more there are that this visitor does not see.
    pub unseen: u32,
    /// Whether a further account may be added from a living consent.
    pub reuse_grant: bool,
    /// The record's version; sent as `version`.
    pub version: u64,
    /// Why this visitor cannot change it.
    pub blocked: Option<Blocked>,
    /// Where it is posted: `reuse_grant` if it shall be on.
    pub submit: String,
}
