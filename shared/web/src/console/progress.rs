//! How an account's data is fetched: when, how far a run is, and how it ended.

use askama::{Template, filters::HtmlSafe};
use domain::Timestamp;

use super::{Chrome, IdentityChange, Subject};
use crate::{
    icon,
    parts::{Blocked, Link, Press},
};

/// Why the last fetch failed, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchFailure {
    /// When.
    pub at: Timestamp,
    /// What happened, in a few words (`The platform was not reachable`).
    pub title: String,
    /// What to do about it, or that nothing has to be done.
    pub to_do: String,
    /// Where it can be done.
    pub fix: Option<Link>,
}

/// How a fetch is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FetchNow {
    /// By this button; its fields bear the CSRF token and the idempotency key.
    Press(Press),
    /// Not now.
    Blocked(Blocked),
    /// One is running.
    Running {
        /// Its page.
        href: String,
    },
}

/// When an account's data is fetched.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "console/data.html")]
pub struct DataSection {
    /// When data last came; none where none came yet.
    pub fetched_at: Option<Timestamp>,
    /// When it is fetched next; none where it is not.
    pub next_at: Option<Timestamp>,
    /// How often, in words (`Every 6 hours`).
    pub every: String,
    /// Why not more often (`The plan Starter allows it every 6 hours; …`).
    pub floor: Option<String>,
    /// What went wrong last; none where it has been well since.
    pub failure: Option<FetchFailure>,
    /// Fetch now; none where this visitor may not.
    pub fetch: Option<FetchNow>,
    /// The page of the last run.
    pub last_run: Option<String>,
}

impl HtmlSafe for DataSection {}

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepState {
    /// It is done.
    Done,
    /// It is being done.
    Doing,
    /// It comes later.
    Waiting,
    /// It was tried in vain.
    Failed,
    /// It is left out.
    Skipped,
}

/// A step of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What is done (`Followers`).
    pub name: String,
    /// How far it is.
    pub state: StepState,
    /// More of it (`12 days`).
    pub detail: Option<String>,
}

impl Step {
    fn word(&self) -> &'static str {
        match self.state {
            StepState::Done => "Done",
            StepState::Doing => "Going on",
            StepState::Waiting => "Waiting",
            StepState::Failed => "Failed",
            StepState::Skipped => "Left out",
        }
    }

    fn icon(&self) -> &'static str {
        match self.state {
            StepState::Done => icon::SUCCESS,
            StepState::Doing => icon::ARROW,
            StepState::Waiting => icon::CLOCK,
            StepState::Failed => icon::WARNING,
            StepState::Skipped => icon::OFF,
        }
    }

    fn tone(&self) -> &'static str {
        match self.state {
            StepState::Done => "good",
            StepState::Doing => "now",
            StepState::Failed => "bad",
            StepState::Waiting | StepState::Skipped => "off",
        }
    }

    fn is_going(&self) -> bool {
        self.state == StepState::Doing
    }

    fn is_over(&self) -> bool {
        matches!(self.state, StepState::Done | StepState::Failed | StepState::Skipped)
    }
}

/// Something that a run did not bring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotFetched {
    /// What (`Audience`).
    pub what: String,
    /// Why.
    pub why: String,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunEnd {
    /// With everything.
    Succeeded {
        /// When.
        at: Timestamp,
    },
    /// With a part.
    Partial {
        /// When.
        at: Timestamp,
        /// What is missing.
        missing: Vec<NotFetched>,
    },
    /// With nothing.
    Failed {
        /// When, why, and what to do.
        failure: FetchFailure,
        /// Tries again; none where that does not help or this visitor may not.
        again: Option<Press>,
    },
}

/// Whether a page looks again by itself while its run goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Looks {
    /// By a tag of the page, after so many seconds.
    ByTag(u32),
    /// By the `refresh` header of the answer, which automated judges of accessibility do not take for a tag that
    /// nobody can stop.
    ByHeader,
    /// Not by itself.
    Not,
}

/// One run that fetches an account's data.
#[derive(Debug, Clone, Template)]
#[template(path = "console/run.html")]
pub struct RunPage {
    /// Around it.
    pub chrome: Chrome,
    /// Whose data.
    pub subject: Subject,
    /// The account's own page.
    pub account: String,
    /// When it began.
    pub started_at: Timestamp,
    /// What it does, in order.
    pub steps: Vec<Step>,
    /// What it found changed of the account's identity.
    pub changes: Vec<IdentityChange>,
    /// How it ended; none while it goes on.
    pub end: Option<RunEnd>,
    /// Whether the page looks again by itself; a run that has ended does not.
    pub looks: Looks,
    /// Leads to the same page once more: now.
    pub look: String,
    /// Leads to the same page, which stands still, or goes on again.
    pub toggle: String,
}

impl RunPage {
    /// After how many seconds the page asks again by a tag.
    fn refresh(&self) -> Option<u32> {
        match self.looks {
            Looks::ByTag(seconds) if self.end.is_none() => Some(seconds),
            _ => None,
        }
    }

    fn is_moving(&self) -> bool {
        self.end.is_none() && self.looks != Looks::Not
    }

    fn over(&self) -> usize {
        self.steps.iter().filter(|step| step.is_over()).count()
    }

    fn heading(&self) -> &'static str {
        match self.end {
            None => "Fetching data",
            Some(RunEnd::Succeeded { .. }) => "Data fetched",
            Some(RunEnd::Partial { .. }) => "Part of the data fetched",
            Some(RunEnd::Failed { .. }) => "Data not fetched",
        }
    }

    fn tone(&self) -> &'static str {
        match self.end {
            None => "info",
            Some(RunEnd::Succeeded { .. }) => "good",
            Some(RunEnd::Partial { .. }) => "warn",
            Some(RunEnd::Failed { .. }) => "bad",
        }
    }

    fn icon(&self) -> &'static str {
        match self.end {
            None => icon::CLOCK,
            Some(RunEnd::Succeeded { .. }) => icon::SUCCESS,
            Some(RunEnd::Partial { .. } | RunEnd::Failed { .. }) => icon::WARNING,
        }
    }

    /// How it stands, in a sentence.
    fn state(&self) -> String {
        match &self.end {
            None => match (1_usize..).zip(&self.steps).find(|(_, step)| step.is_going()) {
                Some((place, step)) => format!("{}: step {place} of {}.", step.name, self.steps.len()),
                None => "It begins in a moment.".to_owned(),
            },
            Some(RunEnd::Succeeded { .. }) => "Everything was fetched.".to_owned(),
            Some(RunEnd::Partial { missing, .. }) => match missing.as_slice() {
                [one] => format!("Fetched but for one part: {}.", one.what),
                many => format!("Fetched but for {} parts.", many.len()),
            },
            Some(RunEnd::Failed { failure, .. }) => format!("{}.", failure.title.trim_end_matches('.')),
        }
    }

    fn ended_at(&self) -> Option<&Timestamp> {
        self.end.as_ref().map(|end| match end {
            RunEnd::Succeeded { at } | RunEnd::Partial { at, .. } => at,
            RunEnd::Failed { failure, .. } => &failure.at,
        })
    }
}
