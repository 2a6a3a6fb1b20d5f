//! What is asked for, and how far it is.

use askama::Template;
use domain::Timestamp;

use super::{Form, Next, Outcome, Shell, shell::many, text::Text};
use crate::parts::{Face, Platform, Press};

/// How far one item is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemState {
    /// Nothing was done yet.
    Open,
    /// The consent is given, and the choice waits.
    Choose,
    /// It is connected.
    Connected,
    /// It was, and the client withdrew it.
    Withdrawn,
    /// It cannot be connected now.
    Blocked(Outcome),
}

/// One account that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its number on the list.
    pub number: u16,
    /// Where.
    pub platform: Platform,
    /// `page`, `organization` …; none if any is welcome.
    pub kind: Option<String>,
    /// Which account is expected.
    pub expected: Option<String>,
    /// Which account it became.
    pub face: Option<Face>,
    /// How far it is.
    pub state: ItemState,
    /// Whether it may be left out.
    pub optional: bool,
    /// Whether the account is here already, and only its consent to be renewed.
    pub reconnect: bool,
    /// Connects it, or goes on choosing.
    pub go: Form,
}

impl Item {
    /// Its button; none where there is nothing to do.
    fn press(&self, shell: &Shell) -> Option<Press> {
        let label = match self.state {
            ItemState::Choose => shell.say(Text::ChooseAccount),
            ItemState::Open | ItemState::Withdrawn if self.reconnect => {
                shell.of(Text::ReconnectPlatform, &self.platform.name)
            }
            ItemState::Open | ItemState::Withdrawn => shell.of(Text::ConnectPlatform, &self.platform.name),
            ItemState::Connected | ItemState::Blocked(_) => return None,
        };
        Some(self.go.press(label).first())
    }

    fn kind_in_words(&self, shell: &Shell) -> Option<String> {
        self.kind.as_deref().map(|kind| shell.kind(kind))
    }
}

/// A platform of which another account can be connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Add {
    /// Which.
    pub platform: Platform,
    /// Connects one.
    pub go: Form,
    /// Why it cannot be now.
    pub blocked: Option<Outcome>,
}

/// What came of the last action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// These are connected now.
    Connected(Vec<String>),
    /// It did not work; the button is the outcome's.
    Ended(Outcome, Next),
    /// The agency has been asked for a fresh link.
    FreshAsked,
}

/// The checklist.
#[derive(Debug, Clone, Template)]
#[template(path = "easyconnect/checklist.html")]
pub struct Checklist {
    /// Around it.
    pub shell: Shell,
    /// What the link is called.
    pub title: String,
    /// What came of the last action.
    pub notice: Option<Notice>,
    /// What is asked for.
    pub items: Vec<Item>,
    /// What else can be connected.
    pub adds: Vec<Add>,
    /// Ends the visit.
    pub finish: Form,
    /// Path of the receipt, once something was connected.
    pub receipt: Option<String>,
    /// Path of the page for another device.
    pub device: Option<String>,
    /// Until when the link works.
    pub until: Timestamp,
}

impl Checklist {
    fn total(&self) -> u32 {
        many(self.items.len())
    }

    fn connected(&self) -> u32 {
        let connected = self.items.iter().filter(|item| item.state == ItemState::Connected);
        many(connected.count())
    }

    /// Whether it is the first that something can be done for.
    fn is_next(&self, item: &Item) -> bool {
        let next = self.items.iter().find(|item| item.press(&self.shell).is_some());
        next.is_some_and(|next| next.number == item.number)
    }

    fn progress(&self) -> String {
        self.shell.count_of(Text::Progress, self.connected(), self.total())
    }

    /// The way on from here once nothing is left to do.
    fn finish_press(&self) -> Press {
        Press { first: self.complete(), ..self.finish.press(self.shell.say(Text::Finish)) }
    }

    /// Whether all that must be connected is.
    fn complete(&self) -> bool {
        let done = |item: &Item| item.optional || item.state == ItemState::Connected;
        !self.items.is_empty() && self.items.iter().all(done)
    }
}
