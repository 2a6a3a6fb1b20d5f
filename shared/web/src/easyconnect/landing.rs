//! Behind the link: who asks, for what, and one button.

use askama::Template;
use domain::Timestamp;

use super::{Form, Shell, text::Text};
use crate::parts::Platform;

/// Whether a password stands before the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// None.
    Open,
    /// One is asked for, as `password`.
    Password,
    /// What was given is not it.
    WrongPassword {
        /// How many more may be given.
        tries_left: u32,
    },
    /// Nothing is asked for: too many were wrong.
    Locked {
        /// For so long.
        minutes: u32,
    },
}

/// The way out of an app's own browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    /// The address, to be opened in another browser.
    pub url: String,
    /// The same for Android (`intent://…`).
    pub android_intent: Option<String>,
    /// The same as a picture, made by [`crate::qr::svg`].
    pub qr: Option<String>,
}

/// The first page. Opening it writes nothing.
#[derive(Debug, Clone, Template)]
#[template(path = "easyconnect/landing.html")]
pub struct Landing {
    /// Around it.
    pub shell: Shell,
    /// What the link is called.
    pub title: String,
    /// What will be asked for.
    pub platforms: Vec<Platform>,
    /// Whether a password stands before the start.
    pub gate: Gate,
    /// Starts.
    pub start: Form,
    /// Help for who is in an app's own browser.
    pub elsewhere: Option<Elsewhere>,
    /// Until when the link works.
    pub until: Timestamp,
}

impl Landing {
    fn asks_password(&self) -> bool {
        matches!(self.gate, Gate::Password | Gate::WrongPassword { .. })
    }

    /// What is wrong with the password.
    fn wrong(&self) -> Option<String> {
        match self.gate {
            Gate::Open | Gate::Password => None,
            Gate::WrongPassword { tries_left } => Some(self.shell.count(Text::GateWrong, tries_left)),
            Gate::Locked { minutes } => {
                let wait = self.shell.count(Text::Wait, minutes);
                Some(format!("{} {wait}", self.shell.say(Text::GateLocked)))
            }
        }
    }
}

impl Elsewhere {
    /// Where the button leads.
    fn button(&self) -> &str {
        let intent = self.android_intent.as_deref();
        intent.filter(|intent| intent.starts_with("intent://")).unwrap_or(&self.url)
    }
}
