//! How far clients come with a link, and where they stop. Counted without saying who.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A step that is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FunnelStep {
    /// A person opened the link: the first POST of a visit.
    Opened,
    /// A wrong password was given.
    PasswordWrong,
    /// A platform was chosen.
    Started,
    /// The person went to the platform.
    Consenting,
    /// The platform sent them back with a consent.
    Returned,
    /// Accounts were chosen.
    Selected,
    /// The person said that they are done.
    Finished,
    /// A fresh link was asked for.
    FreshLinkRequested,
    /// A connection was taken back.
    Withdrawn,
}

impl FunnelStep {
    /// All of them, in their order.
    pub const ALL: [Self; 9] = [
        Self::Opened,
        Self::PasswordWrong,
        Self::Started,
        Self::Consenting,
        Self::Returned,
        Self::Selected,
        Self::Finished,
        Self::FreshLinkRequested,
        Self::Withdrawn,
    ];

    /// The word used in the table and in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::PasswordWrong => "password_wrong",
            Self::Started => "started",
            Self::Consenting => "consenting",
            Self::Returned => "returned",
            Self::Selected => "selected",
            Self::Finished => "finished",
            Self::FreshLinkRequested => "fresh_link_requested",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// What was counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Funnel {
    /// How often each step was taken.
    pub steps: BTreeMap<FunnelStep, u32>,
    /// How often an attempt ended badly, by the code of its end.
    pub dropped: BTreeMap<String, u32>,
}

impl Funnel {
    /// How often a step was taken.
    pub fn of(&self, step: FunnelStep) -> u32 {
        self.steps.get(&step).copied().unwrap_or(0)
    }
}
