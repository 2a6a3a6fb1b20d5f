//! The first device, while an attempt goes on on another one.

use askama::Template;
use domain::Timestamp;

use super::Chrome;
use crate::{
    icon,
    parts::{Platform, Press},
};

/// What the first device waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    /// The other device is to name the code; so many wrong ones are still forgiven.
    Code {
        /// How many.
        tries_left: u8,
    },
    /// The other device has named it and is to continue.
    Continue,
    /// The other device is at the platform.
    Platform,
}

/// The link, its picture and the code for the other device. The page looks again by itself unless it is
/// asked to stand still.
#[derive(Debug, Clone, Template)]
#[template(path = "console/handoff.html")]
pub struct HandOff {
    /// Around it.
    pub chrome: Chrome,
    /// Where.
    pub platform: Platform,
    /// Where the other device signs in.
    pub place: String,
    /// What is waited for.
    pub waiting: Waiting,
    /// What the other device opens.
    pub link: String,
    /// The same as a picture, made by [`crate::qr::svg`].
    pub picture: Option<String>,
    /// The four digits; none where this browser was not told the present ones.
    pub code: Option<String>,
    /// Leads to the same page once more: now.
    pub look: String,
    /// Leads to the same page, which stands still, or goes on again.
    pub toggle: String,
    /// Whether it looks again by itself.
    pub moving: bool,
    /// Makes a new code.
    pub again: Press,
    /// Ends the attempt.
    pub cancel: Press,
    /// Until when.
    pub expires_at: Timestamp,
}

impl HandOff {
    /// `4 8 2 1`: read and heard digit by digit.
    fn digits(&self) -> Option<String> {
        let code = self.code.as_deref()?;
        Some(code.chars().map(String::from).collect::<Vec<_>>().join(" "))
    }

    /// Whether the code can still be named.
    fn open(&self) -> bool {
        matches!(self.waiting, Waiting::Code { tries_left: 1.. })
    }

    fn waits_for_code(&self) -> bool {
        matches!(self.waiting, Waiting::Code { .. })
    }

    fn tone(&self) -> &'static str {
        match self.waiting {
            Waiting::Code { tries_left: 0 } => "bad",
            Waiting::Code { tries_left: 1 | 2 } => "warn",
            _ => "info",
        }
    }

    fn icon(&self) -> &'static str {
        match self.waiting {
            Waiting::Code { tries_left: 0..=2 } => icon::WARNING,
            Waiting::Code { .. } => icon::CLOCK,
            Waiting::Continue | Waiting::Platform => icon::ARROW,
        }
    }

    fn state(&self) -> String {
        match self.waiting {
            Waiting::Code { tries_left: 0 } => "The code was wrong three times. Make a new one.".to_owned(),
            Waiting::Code { tries_left: 1 } => "Wrong codes were typed there. One try is left.".to_owned(),
            Waiting::Code { tries_left: 2 } => "A wrong code was typed there. Two tries are left.".to_owned(),
            Waiting::Code { .. } => "Waiting for the other device.".to_owned(),
            Waiting::Continue => "The code was right. Press Continue on the other device.".to_owned(),
            Waiting::Platform => {
                format!("The other device is at {} now. This page goes on when it is done.", self.place)
            }
        }
    }
}
