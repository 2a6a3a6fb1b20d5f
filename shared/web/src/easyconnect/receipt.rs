//! What was connected, and the way out of it.

use askama::Template;
use domain::{Capability, Timestamp};

use super::{Form, Shell, shell::Leading, text::Text};
use crate::parts::{Face, Platform};

/// One account that was connected by the link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Who it is.
    pub face: Face,
    /// Where.
    pub platform: Platform,
    /// `page`, `profile` …
    pub kind: String,
    /// Since when.
    pub connected_at: Timestamp,
    /// What it may be used for.
    pub allowed: Vec<Capability>,
    /// Since when not any more.
    pub withdrawn_at: Option<Timestamp>,
    /// Path of the page that withdraws it.
    pub withdraw: Option<String>,
    /// Where the client can end it at the platform.
    pub at_platform: Option<String>,
}

impl Line {
    fn allowed_in_words(&self, shell: &Shell) -> String {
        let words: Vec<String> =
            self.allowed.iter().map(|c| shell.part(Text::from(*c), "short", &self.platform.name)).collect();
        words.join(" · ")
    }

    fn end_there(&self, shell: &Shell) -> Option<Leading> {
        let url = self.at_platform.as_deref()?;
        shell.leading(shell.of(Text::EndThere, &self.platform.name), url)
    }
}

/// How far a withdrawal is at the platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Withdrawal {
    /// It has ended there as well.
    Revoked,
    /// The platform has not confirmed it; it is tried again.
    Retrying,
    /// Only the client can end it there.
    ByHand {
        /// Where.
        url: Option<String>,
    },
}

/// What came of a withdrawal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithdrawalNotice {
    /// Whose.
    pub name: String,
    /// Where.
    pub platform: Platform,
    /// How far it is.
    pub result: Withdrawal,
}

impl WithdrawalNotice {
    fn text(&self) -> Text {
        match self.result {
            Withdrawal::Revoked => Text::WithdrawalRevoked,
            Withdrawal::Retrying => Text::WithdrawalRetrying,
            Withdrawal::ByHand { .. } => Text::WithdrawalByHand,
        }
    }

    fn tone(&self) -> &'static str {
        if self.result == Withdrawal::Revoked { "good" } else { "warn" }
    }

    fn link(&self, shell: &Shell) -> Option<Leading> {
        match &self.result {
            Withdrawal::ByHand { url: Some(url) } => shell.leading(shell.of(Text::EndThere, &self.platform.name), url),
            _ => None,
        }
    }
}

/// The receipt.
#[derive(Debug, Clone, Template)]
#[template(path = "easyconnect/receipt.html")]
pub struct Receipt {
    /// Around it.
    pub shell: Shell,
    /// What the link is called.
    pub title: String,
    /// What came of a withdrawal.
    pub notice: Option<WithdrawalNotice>,
    /// What was connected.
    pub lines: Vec<Line>,
    /// Path of the same as signed JSON.
    pub download: Option<String>,
    /// Path of the list, while the link works.
    pub list: Option<String>,
    /// The agency's address to go back to.
    pub back: Option<String>,
}

impl Receipt {
    fn back_link(&self) -> Option<Leading> {
        self.back.as_deref().and_then(|url| self.shell.leading(self.shell.say(Text::Return), url))
    }
}

/// Asks once more before access is withdrawn.
#[derive(Debug, Clone, Template)]
#[template(path = "easyconnect/withdraw.html")]
pub struct Withdraw {
    /// Around it.
    pub shell: Shell,
    /// Whose.
    pub face: Face,
    /// Where.
    pub platform: Platform,
    /// Withdraws.
    pub confirm: Form,
    /// Leads back.
    pub back: String,
}
