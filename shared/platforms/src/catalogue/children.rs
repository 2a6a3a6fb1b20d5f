//! What hangs on a consent, and what calls cost.

use domain::budget::Class;
use serde::Deserialize;

/// The accounts that one consent is for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Children {
    /// What they are: `pages`, `organizations` …
    pub kind: String,
    /// How their list goes on.
    #[serde(default)]
    pub paging: Paging,
}

/// How a list goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Paging {
    /// It does not.
    #[default]
    None,
    /// The answer has the next address.
    CursorNextUrl,
    /// The answer has a word to ask the next page with.
    PageToken,
    /// The same, by another name.
    Bookmark,
    /// By a place and a number.
    StartCount,
}

impl Paging {
    /// The word used in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::CursorNextUrl => "cursor_next_url",
            Self::PageToken => "page_token",
            Self::Bookmark => "bookmark",
            Self::StartCount => "start_count",
        }
    }
}

/// What one use of the platform costs us.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Of what: `user read`.
    pub what: String,
    /// Millionths of a US dollar.
    pub usd_micros: u64,
    /// The look at an account that costs it, if one does.
    pub class: Option<Class>,
    /// How many of them such a look reads at most, and pays for each time. Where it is absent the look is paid for once
    /// for each account in a day of UTC.
    pub most: Option<u64>,
    /// In a sentence.
    pub text: String,
}
