//! How sure the catalogue is of what it says, and from where it has it.

use serde::Deserialize;

/// How a fact is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Read in the platform's own documentation, specification or source.
    Verified,
    /// Seen in somebody else's code that is in use.
    Seen,
    /// Told by others, in issues and forums.
    Reported,
    /// From memory, and not looked up.
    Memory,
}

impl Confidence {
    /// The word used in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Seen => "seen",
            Self::Reported => "reported",
            Self::Memory => "memory",
        }
    }
}

/// A part of a method's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Section {
    /// How a browser is sent there.
    Authorize,
    /// How the token endpoint is spoken to.
    Token,
    /// What is asked for.
    Scopes,
    /// How grants are kept alive.
    Renewal,
    /// How they are taken back.
    Revoke,
    /// What hangs on a consent.
    Children,
    /// How calls are limited.
    RateLimit,
    /// How many calls there are.
    Budgets,
    /// How often accounts are looked at.
    Sync,
    /// What calls cost.
    Prices,
    /// What its errors mean.
    Errors,
    /// Which version is spoken, and how long it is served.
    ApiVersion,
    /// What an account must be or have.
    Requirements,
    /// What it tells of an account.
    Tells,
}

impl Section {
    /// The word used in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Authorize => "authorize",
            Self::Token => "token",
            Self::Scopes => "scopes",
            Self::Renewal => "renewal",
            Self::Revoke => "revoke",
            Self::Children => "children",
            Self::RateLimit => "rate_limit",
            Self::Budgets => "budgets",
            Self::Sync => "sync",
            Self::Prices => "prices",
            Self::Errors => "errors",
            Self::ApiVersion => "api_version",
            Self::Requirements => "requirements",
            Self::Tells => "tells",
        }
    }
}

/// How sure a part of the file is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// That of its least sure line.
    pub confidence: Confidence,
    /// From where it is known.
    pub source: String,
}
