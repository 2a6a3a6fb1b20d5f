//! The pages that problem types resolve to.

use askama::Template;
use domain::Code;

/// One code, explained.
#[derive(Debug, Clone, Template)]
#[template(path = "docs/error.html")]
pub struct ErrorPage {
    /// The code.
    pub code: Code,
    /// The HTTP status; none for codes of sessions and candidates.
    pub status: Option<u16>,
    /// An answer that bears it, as JSON.
    pub example: Option<String>,
}

/// All codes.
#[derive(Debug, Clone, Template)]
#[template(path = "docs/errors.html")]
pub struct ErrorIndex {
    /// In the registry's order.
    pub entries: Vec<ErrorEntry>,
}

/// One code in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorEntry {
    /// The code.
    pub code: Code,
    /// The HTTP status; none for codes of sessions and candidates.
    pub status: Option<u16>,
}
