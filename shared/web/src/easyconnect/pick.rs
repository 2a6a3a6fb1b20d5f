//! After the platform: which of the offered accounts.

use askama::Template;
use domain::{Code, Timestamp, connect::MOST_SELECTED};

use super::{
    Form, Shell,
    outcome::reason,
    shell::{Leading, many},
    text::Text,
};
use crate::parts::{Face, Platform};

/// Whether a candidate can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CandidateState {
    /// It can.
    Free {
        /// Whether its box is ticked at first.
        checked: bool,
    },
    /// It is connected; choosing it renews it.
    Here,
    /// It cannot.
    Blocked {
        /// Why.
        code: Code,
        /// Where that can be fixed.
        fix: Option<String>,
    },
}

/// One account that the consent offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// What is sent for it, as `candidate`.
    pub value: String,
    /// Who it is.
    pub face: Face,
    /// `page`, `profile` …
    pub kind: String,
    /// The person's role there, in the platform's word.
    pub role: Option<String>,
    /// Whether it can be chosen.
    pub state: CandidateState,
}

impl Candidate {
    /// Why it cannot be chosen.
    fn why(&self, shell: &Shell) -> Option<String> {
        match &self.state {
            CandidateState::Blocked { code, .. } => Some(reason(shell, *code)),
            _ => None,
        }
    }

    /// Where that can be fixed.
    fn fix(&self, shell: &Shell) -> Option<Leading> {
        match &self.state {
            CandidateState::Blocked { fix: Some(url), .. } => shell.leading(shell.say(Text::PickFix), url),
            _ => None,
        }
    }
}

/// Why something is missing from the offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// Why.
    pub code: Code,
    /// Whom it is about, where that is known.
    pub names: Vec<String>,
    /// Where it can be fixed.
    pub fix: Option<String>,
}

impl Missing {
    fn why(&self, shell: &Shell) -> String {
        reason(shell, self.code)
    }

    fn fix(&self, shell: &Shell) -> Option<Leading> {
        self.fix.as_deref().and_then(|url| shell.leading(shell.say(Text::PickFix), url))
    }
}

/// The choice: the one account, or several.
#[derive(Debug, Clone, Template)]
#[template(path = "easyconnect/pick.html")]
pub struct Pick {
    /// Around it.
    pub shell: Shell,
    /// Where.
    pub platform: Platform,
    /// What is offered.
    pub candidates: Vec<Candidate>,
    /// What is not, and why.
    pub missing: Vec<Missing>,
    /// How many more may be connected; `None` is no limit.
    pub room: Option<u32>,
    /// Connects what was chosen: `candidate` for each.
    pub submit: Form,
    /// Signs in at the platform with another account.
    pub switch: Form,
    /// Leads back to the list.
    pub back: String,
    /// Until when one can choose.
    pub until: Timestamp,
}

impl Pick {
    fn free(&self) -> impl Iterator<Item = &Candidate> {
        self.candidates.iter().filter(|c| !matches!(c.state, CandidateState::Blocked { .. }))
    }

    fn blocked(&self) -> Vec<&Candidate> {
        self.candidates.iter().filter(|c| matches!(c.state, CandidateState::Blocked { .. })).collect()
    }

    /// The one account of which nothing but yes or no is asked.
    fn only(&self) -> Option<&Candidate> {
        self.free().next().filter(|_| self.candidates.len() == 1)
    }

    fn question(&self) -> Text {
        match self.only() {
            Some(_) => Text::PickQuestion,
            None if self.free().next().is_none() => Text::PickNone,
            None => Text::PickTitle,
        }
    }

    /// How many can be ticked, where that is fewer than are new here.
    fn room_in_words(&self) -> Option<String> {
        let most = self.room.unwrap_or(u32::MAX).min(many(MOST_SELECTED));
        let new = many(self.free().filter(|c| c.state != CandidateState::Here).count());
        (most < new).then(|| self.shell.count(Text::PickRoom, most))
    }
}
