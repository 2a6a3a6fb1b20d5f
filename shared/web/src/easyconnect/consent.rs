//! Before the platform: what is allowed there, and what never is.

use std::collections::BTreeSet;

use askama::Template;
use domain::{Capability, Timestamp};

use super::{Form, Shell, text::Text};
use crate::parts::Platform;

/// The page behind `start_url`, for who comes by a link. Opening it writes nothing; its one button goes on.
///
/// Its answer needs the platform's origin in the policy's `form-action`.
#[derive(Debug, Clone, Template)]
#[template(path = "easyconnect/consent.html")]
pub struct Consent {
    /// Around it.
    pub shell: Shell,
    /// Where.
    pub platform: Platform,
    /// What people call the way (`TikTok Business`).
    pub way: String,
    /// Where one signs in for it (`Facebook`, for Instagram accounts that are linked to Pages).
    pub sign_in: String,
    /// Other platforms that are asked for along.
    pub also: Vec<Platform>,
    /// What is asked for.
    pub capabilities: BTreeSet<Capability>,
    /// What that surely does not allow.
    pub excluded: BTreeSet<Capability>,
    /// The account to be reconnected or expected; none if any is welcome.
    pub expected: Option<String>,
    /// Whether accounts are connected that lose their access if they are left unticked this time.
    pub keep_ticked: bool,
    /// Continues to the platform.
    pub go: Form,
    /// Leads back to the list.
    pub back: String,
    /// Until when the page works.
    pub until: Timestamp,
}

impl Consent {
    /// Whether the way is worth a word: it is not what the platform's name says.
    fn is_special(&self) -> bool {
        self.way != self.platform.name
    }

    /// What is asked for, beginning with what every connection needs.
    fn asks(&self) -> impl Iterator<Item = Text> {
        std::iter::once(Text::Connect).chain(self.capabilities.iter().map(|c| Text::from(*c)))
    }

    fn cannot(&self) -> Vec<String> {
        let excluded = self.excluded.iter().map(|c| self.shell.part(Text::from(*c), "cannot", ""));
        excluded.collect()
    }
}
