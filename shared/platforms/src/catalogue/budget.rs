//! How often accounts are looked at.

use domain::budget::{Budget, Class};
use serde::Deserialize;

/// How often accounts are looked at where nothing else is said.
const USUAL_MINUTES: u32 = 360;

/// Whether something is fetched by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scheduled {
    /// Once a day.
    #[default]
    Daily,
    /// Only when somebody asks for it.
    OnRequest,
}

impl Scheduled {
    /// The word used in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::OnRequest => "on_request",
        }
    }
}

/// How often accounts are looked at.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SyncRules {
    /// So long after the last look at the profile comes the next one.
    pub interval_minutes: u32,
    /// When figures are fetched.
    pub metrics: Scheduled,
    /// Why it is not as usual, for people.
    pub reason: Option<String>,
}

impl Default for SyncRules {
    fn default() -> Self {
        Self { interval_minutes: USUAL_MINUTES, metrics: Scheduled::Daily, reason: None }
    }
}

impl super::Entry {
    /// The budgets that a look of a class is counted against.
    pub fn budgets_for(&self, class: Class) -> impl Iterator<Item = &Budget> {
        self.budgets.iter().filter(move |budget| budget.serves(class))
    }

    /// What a look of a class costs: of what, and how many of these it reads at most.
    pub fn price_of(&self, class: Class) -> Option<&super::Price> {
        self.prices.iter().find(|price| price.class == Some(class))
    }
}
