//! Before and after a connection or an account ends.

use askama::Template;

use super::Chrome;
use crate::{
    icon,
    parts::{Face, Link, Platform},
};

/// What ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The connection; id and history stay.
    Disconnect,
    /// The account and all that is known of it.
    Remove,
}

impl Ending {
    fn verb(self) -> &'static str {
        match self {
            Self::Disconnect => "Disconnect",
            Self::Remove => "Remove",
        }
    }

    fn done(self) -> &'static str {
        match self {
            Self::Disconnect => "Disconnected",
            Self::Remove => "Removed",
        }
    }
}

/// The account that a page is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Who it is.
    pub face: Face,
    /// Where.
    pub platform: Platform,
}

/// What will become of the access at the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It will be withdrawn.
    Revoked,
    /// It stays: so many other accounts hang on the same sign-in.
    Shared {
        /// The others.
        others: usize,
    },
    /// The platform offers no way; a person can do it there.
    Unsupported,
    /// There is none any more.
    None,
}

impl Access {
    fn sentence(self, platform: &str) -> String {
        match self {
            Self::Revoked => {
                format!("No other account uses this sign-in, so {platform} will be told to withdraw the access.")
            }
            Self::Shared { others: 1 } => {
                format!("The access at {platform} stays, because another account uses the same sign-in.")
            }
            Self::Shared { others } => {
                format!("The access at {platform} stays, because {others} other accounts use the same sign-in.")
            }
            Self::Unsupported => {
                format!(
                    "{platform} offers apps no way to withdraw the access. You will be shown how to do it there yourself."
                )
            }
            Self::None => format!("There is no access left at {platform} to withdraw."),
        }
    }
}

/// Asks again before a connection or an account ends.
#[derive(Debug, Clone, Template)]
#[template(path = "console/confirm.html")]
pub struct Confirm {
    /// Around it.
    pub chrome: Chrome,
    /// What ends.
    pub ending: Ending,
    /// Of which account.
    pub subject: Subject,
    /// What will happen, in sentences.
    pub effects: Vec<String>,
    /// What becomes of the access at the platform.
    pub access: Access,
    /// What stays.
    pub kept: Vec<String>,
    /// What goes.
    pub erased: Vec<String>,
    /// The account that it is tied to, which may go along.
    pub along: Option<Subject>,
    /// Where the confirmation is posted.
    pub submit: String,
    /// Where one goes who does not want it.
    pub cancel: String,
}

/// What became of the access at the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revocation {
    /// It is being withdrawn.
    Pending,
    /// The platform confirmed it.
    Revoked,
    /// The platform offers no way.
    Unsupported,
    /// The platform would not.
    Failed,
    /// Others use the same sign-in.
    SkippedSharedGrant,
    /// It had ended before.
    Nothing,
}

impl Revocation {
    fn title(self) -> &'static str {
        match self {
            Self::Pending => "The access is being withdrawn",
            Self::Revoked => "The access is withdrawn",
            Self::Unsupported => "The access can only be withdrawn by hand",
            Self::Failed => "The access could not be withdrawn",
            Self::SkippedSharedGrant => "The access stays, for other accounts",
            Self::Nothing => "There was no access left",
        }
    }

    fn sentence(self, platform: &str) -> String {
        match self {
            Self::Pending => format!("{platform} has not confirmed it yet. It will be asked again until it does."),
            Self::Revoked => format!("{platform} has confirmed it."),
            Self::Unsupported => format!("{platform} offers apps no way to do it. You can do it there yourself."),
            Self::Failed => format!("{platform} did not accept it. You can do it there yourself."),
            Self::SkippedSharedGrant => {
                format!("Other accounts use the same sign-in at {platform}. It ends when the last of them goes.")
            }
            Self::Nothing => "It ended when the account was disconnected.".to_owned(),
        }
    }

    /// Whether withdrawing it by hand would end other accounts.
    fn is_shared(self) -> bool {
        self == Self::SkippedSharedGrant
    }

    fn tone(self) -> &'static str {
        match self {
            Self::Revoked | Self::Nothing => "good",
            Self::Failed => "bad",
            Self::Pending | Self::Unsupported | Self::SkippedSharedGrant => "info",
        }
    }

    fn icon(self) -> &'static str {
        match self {
            Self::Revoked | Self::Nothing => icon::SUCCESS,
            Self::Failed => icon::WARNING,
            Self::Pending | Self::Unsupported | Self::SkippedSharedGrant => icon::INFO,
        }
    }
}

/// How a person withdraws the access at the platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manual {
    /// What to do, one after the other.
    pub steps: Vec<String>,
    /// Where.
    pub link: Option<Link>,
}

/// What was done, truthfully.
#[derive(Debug, Clone, Template)]
#[template(path = "console/receipt.html")]
pub struct Receipt {
    /// Around it.
    pub chrome: Chrome,
    /// What ended.
    pub ending: Ending,
    /// Of which account.
    pub subject: Subject,
    /// What became of the access at the platform.
    pub revocation: Revocation,
    /// How to do by hand what could not be done.
    pub manual: Option<Manual>,
    /// What happened, in sentences.
    pub effects: Vec<String>,
    /// What stays.
    pub kept: Vec<String>,
    /// What went, or is going.
    pub erased: Vec<String>,
}
