//! One account: how it is, what it can be used for, and the consent behind it.

use askama::Template;
use domain::{
    Capability, Code, Timestamp,
    capability::{Availability, Given},
    health::{Health, Severity, State},
};

use super::{AccountRow, Chrome, DataSection, FiguresSummary, Manual, health};
use crate::{
    icon,
    parts::{Face, Flash, Hidden, Link, Platform, Press, Tick, Via},
    words,
};

/// Something to know of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What.
    pub what: String,
    /// The answer in words.
    pub text: String,
    /// The moment that belongs to it.
    pub at: Option<Timestamp>,
}

/// A capability and its scopes; none is what every connection asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatrixRow {
    /// Which one.
    pub capability: Option<Capability>,
    /// How each scope came back.
    pub scopes: Vec<(String, Given)>,
}

/// The permissions, scope by scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matrix {
    /// When the platform was last asked.
    pub checked_at: Option<Timestamp>,
    /// Whether the platform tells which scopes it gave.
    pub told: bool,
    /// By capability.
    pub rows: Vec<MatrixRow>,
    /// Scopes that came although nothing here needs them.
    pub beyond: Vec<String>,
}

/// Another account on the same consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sibling {
    /// Who it is.
    pub face: Face,
    /// Where.
    pub platform: Platform,
    /// Its page.
    pub href: String,
}

/// A form that asks for another set of permissions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Where it is posted.
    pub action: String,
    /// What is posted beside the boxes.
    pub fields: Vec<Hidden>,
    /// The boxes; those ticked are asked for now.
    pub ticks: Vec<Tick>,
}

/// One account.
#[derive(Debug, Clone, Template)]
#[template(path = "console/account.html")]
pub struct AccountPage {
    /// Around it.
    pub chrome: Chrome,
    /// What came of the last action.
    pub flash: Option<Flash>,
    /// The account as the list has it.
    pub row: AccountRow,
    /// Where one signs in for it.
    pub place: String,
    /// Its public page.
    pub profile: Option<Link>,
    /// What else is known.
    pub facts: Vec<Fact>,
    /// How it is.
    pub health: Health,
    /// The one thing to do about it; none where nothing is wrong or this visitor may not.
    pub remedy: Option<Press>,
    /// Makes a link by which somebody else connects it again; none where this visitor may not.
    pub send: Option<Press>,
    /// What it can be used for.
    pub capabilities: Vec<(Capability, Availability)>,
    /// Asks for more, or for less.
    pub change: Option<Change>,
    /// When its data is fetched; none where none is.
    pub data: Option<DataSection>,
    /// What it counts, in a line; none where nothing is counted.
    pub figures: Option<FiguresSummary>,
    /// The permissions; none once it is disconnected.
    pub matrix: Option<Matrix>,
    /// Other accounts on the same consent.
    pub siblings: Vec<Sibling>,
    /// How many more there are.
    pub more_siblings: usize,
    /// Add a further one from it, by the workspace's policy.
    pub add: Vec<Press>,
    /// How a person takes the consent back at the platform; none once it is disconnected.
    pub take_back: Option<Manual>,
}

impl AccountPage {
    fn tone(&self) -> &'static str {
        match self.health.severity {
            Severity::Ok => "good",
            Severity::Warning => "warn",
            Severity::Error => "bad",
        }
    }

    fn state_icon(&self) -> &'static str {
        if self.health.severity == Severity::Ok { icon::SUCCESS } else { icon::WARNING }
    }

    fn title(&self) -> &'static str {
        health::title(&self.health)
    }

    fn explanation(&self) -> String {
        let place = &self.place;
        let untold = self.capabilities.iter().any(|(_, a)| *a == Availability::Unknown);
        if self.health.state == State::Healthy && untold {
            format!("{place} does not tell what it allows, so what works shows when it is used.")
        } else {
            health::explanation(&self.health, place)
        }
    }

    fn also(&self) -> Vec<&'static str> {
        health::also(&self.health)
    }

    /// Since when something is the matter.
    fn since(&self) -> Option<&Timestamp> {
        (self.health.state != State::Healthy).then_some(&self.health.since)
    }
}

/// A thing with how it stands: a word, a sign and a tone.
struct Line {
    what: String,
    word: &'static str,
    icon: &'static str,
    tone: &'static str,
}

impl AccountPage {
    fn can(&self) -> Vec<Line> {
        let line = |(capability, availability): &(Capability, Availability)| {
            let (icon, tone) = match availability {
                Availability::Available => (icon::CHECK, "good"),
                Availability::Unavailable(Code::InsufficientPermissions) => (icon::CROSS, "bad"),
                Availability::Unknown => (icon::INFO, "off"),
                Availability::NotAsked | Availability::Unavailable(_) => (icon::OFF, "off"),
            };
            let what = words::capital(words::thing(*capability));
            Line { what, word: words::availability(*availability), icon, tone }
        };
        self.capabilities.iter().map(line).collect()
    }
}

impl MatrixRow {
    fn name(&self) -> String {
        self.capability.map_or_else(|| "Connection".to_owned(), |c| words::capital(words::thing(c)))
    }

    fn lines(&self) -> Vec<Line> {
        let line = |(scope, given): &(String, Given)| {
            let (word, icon, tone) = match given {
                Given::Granted => ("Given", icon::CHECK, "good"),
                Given::Denied => ("Not given", icon::CROSS, "bad"),
                Given::Unknown => ("Not told", icon::INFO, "off"),
                Given::NotAsked => ("Not asked", icon::OFF, "off"),
            };
            Line { what: scope.clone(), word, icon, tone }
        };
        self.scopes.iter().map(line).collect()
    }
}
