//! How connecting ended, in the client's words.

use askama::Template;
use domain::{Code, Language};

use super::{
    Form, Shell,
    text::{About, Text, say},
};
use crate::parts::Press;

/// How connecting ended. Each has a title, a sentence and one button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The client cancelled at the platform.
    Denied,
    /// Another account came back.
    WrongAccount {
        /// Which was expected.
        expected: Option<String>,
        /// Which came.
        got: Option<String>,
    },
    /// The platform connects accounts of another kind only.
    PersonalNotBusiness,
    /// No page came back.
    NoPages,
    /// No Instagram account is linked to the page.
    PageWithoutInstagram,
    /// Something that is needed was not allowed.
    MissingPermission,
    /// Another workspace holds it.
    ConnectedElsewhere,
    /// The plan has no room.
    PlanFull,
    /// The link's time is over.
    LinkExpired,
    /// The agency paused the link.
    LinkPaused,
    /// The link has connected as many as it may.
    LinkUsedUp,
    /// There is no such link, or none any more.
    LinkUnknown,
    /// The visit lasted too long; the link opens another one.
    VisitOver,
    /// The platform does not answer.
    PlatformDown,
    /// The sign-in took too long.
    AttemptExpired,
    /// The browser keeps no cookie.
    CookiesBlocked,
    /// The platform refuses an app's own browser.
    InAppBrowser,
    /// It is connected already.
    AlreadyConnected,
    /// The access was withdrawn.
    Removed,
    /// There were too many attempts.
    TooManyAttempts {
        /// For so long there is a break.
        minutes: u32,
    },
    /// Anything else.
    Other,
}

impl Outcome {
    /// What the code of a failed attempt means to a client.
    pub fn of(code: Code) -> Self {
        match code {
            Code::ConsentDenied => Self::Denied,
            Code::AccountMismatch => Self::WrongAccount { expected: None, got: None },
            Code::AccountTypeUnsupported => Self::PersonalNotBusiness,
            Code::NoPagesFound => Self::NoPages,
            Code::InstagramNotLinked => Self::PageWithoutInstagram,
            Code::InsufficientPermissions => Self::MissingPermission,
            Code::AlreadyConnectedElsewhere => Self::ConnectedElsewhere,
            Code::PlanLimitReached => Self::PlanFull,
            Code::PlatformUnavailable | Code::PlatformRateLimited | Code::PlatformUnreachable | Code::PlatformError => {
                Self::PlatformDown
            }
            Code::StateExpired | Code::StateAlreadyUsed | Code::SessionExpired | Code::AuthenticationFailed => {
                Self::AttemptExpired
            }
            Code::LinkExpired => Self::LinkExpired,
            Code::LinkDisabled => Self::LinkPaused,
            Code::LinkExhausted => Self::LinkUsedUp,
            Code::StateInvalid => Self::CookiesBlocked,
            Code::AlreadyInWorkspace => Self::AlreadyConnected,
            Code::AccountDisconnected => Self::Removed,
            _ => Self::Other,
        }
    }

    pub(super) fn text(&self) -> Text {
        match self {
            Self::Denied => Text::Denied,
            Self::WrongAccount { .. } => Text::WrongAccount,
            Self::PersonalNotBusiness => Text::PersonalNotBusiness,
            Self::NoPages => Text::NoPages,
            Self::PageWithoutInstagram => Text::PageWithoutInstagram,
            Self::MissingPermission => Text::MissingPermission,
            Self::ConnectedElsewhere => Text::ConnectedElsewhere,
            Self::PlanFull => Text::PlanFull,
            Self::LinkExpired => Text::LinkExpired,
            Self::LinkPaused => Text::LinkPaused,
            Self::LinkUsedUp => Text::LinkUsedUp,
            Self::LinkUnknown => Text::LinkUnknown,
            Self::VisitOver => Text::VisitOver,
            Self::PlatformDown => Text::PlatformDown,
            Self::AttemptExpired => Text::AttemptExpired,
            Self::CookiesBlocked => Text::CookiesBlocked,
            Self::InAppBrowser => Text::InAppBrowser,
            Self::AlreadyConnected => Text::AlreadyConnected,
            Self::Removed => Text::Removed,
            Self::TooManyAttempts { .. } => Text::TooManyAttempts,
            Self::Other => Text::Other,
        }
    }

    /// Its sentence.
    pub(super) fn sentence(&self, shell: &Shell) -> String {
        match self {
            Self::TooManyAttempts { minutes } => shell.count(Text::Wait, *minutes),
            _ => shell.part(self.text(), "text", ""),
        }
    }

    /// Which account was expected and which came, each where it is known.
    pub(super) fn accounts(&self) -> Vec<(Text, &str)> {
        let Self::WrongAccount { expected, got } = self else { return Vec::new() };
        let accounts = [(Text::Expected, expected), (Text::Got, got)];
        accounts.into_iter().filter_map(|(label, name)| Some((label, name.as_deref()?))).collect()
    }
}

/// A problem in one sentence that has no outcome of its own.
fn problem(code: Code) -> Option<Text> {
    Some(match code {
        Code::InsufficientPlatformRole => Text::ProblemRole,
        Code::AccountRestricted => Text::ProblemRestricted,
        Code::NotSharedInConsent => Text::ProblemNotShared,
        Code::AppUnaudited => Text::ProblemNotReviewed,
        Code::AccountNotFound => Text::ProblemNotFound,
        Code::LinkedAccountTaken => Text::ProblemThreadsTaken,
        Code::ConnectionExpired | Code::ReauthorizationRequired => Text::ProblemSignInAgain,
        Code::PlatformNotConfigured => Text::ProblemNotSetUp,
        Code::WorkspaceLockedDown => Text::ProblemLocked,
        _ => return None,
    })
}

/// Why an account cannot be chosen.
pub(super) fn reason(shell: &Shell, code: Code) -> String {
    problem(code).map_or_else(|| Outcome::of(code).sentence(shell), |text| shell.say(text))
}

/// What a client is told for a problem; nothing where it is none of a client's. Names the agency by its name.
pub fn user_message(code: Code, agency: &str, language: Language) -> Option<String> {
    let about = About { agency, ..About::default() };
    if let Some(text) = problem(code) {
        return Some(say(language, text, None, about));
    }
    let text = match code {
        Code::RateLimited | Code::ConnectRateLimited | Code::LinkLocked => Text::TooManyAttempts,
        code => Outcome::of(code).text(),
    };
    (text != Text::Other || code == Code::Internal).then(|| say(language, text, Some("text"), about))
}

/// Where an outcome's one button leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// It posts.
    Form(Form),
    /// It leads somewhere: https, or a path on our own origin.
    Link(String),
    /// There is none.
    None,
}

impl Next {
    pub(super) fn form(&self, label: String) -> Option<Press> {
        match self {
            Self::Form(form) => Some(form.press(label).first()),
            _ => None,
        }
    }

    pub(super) fn link(&self) -> Option<String> {
        match self {
            Self::Link(href) => crate::words::href(href),
            _ => None,
        }
    }
}

/// The page of an outcome.
#[derive(Debug, Clone, Template)]
#[template(path = "easyconnect/outcome.html")]
pub struct OutcomePage {
    /// Around it.
    pub shell: Shell,
    /// How it ended.
    pub outcome: Outcome,
    /// Where its button leads.
    pub next: Next,
    /// Path of the receipt of what was connected.
    pub receipt: Option<String>,
}

/// The agency has been asked for a fresh link.
#[derive(Debug, Clone, Template)]
#[template(path = "easyconnect/fresh.html")]
pub struct FreshAsked {
    /// Around it.
    pub shell: Shell,
    /// Path of the receipt of what was connected.
    pub receipt: Option<String>,
}
