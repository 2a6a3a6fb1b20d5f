//! What a workspace's administrators decide.

use askama::Template;

use super::Chrome;
use crate::parts::{Blocked, Flash};

/// The policies of a workspace; those who may not change them read them.
#[derive(Debug, Clone, Template)]
#[template(path = "console/settings.html")]
pub struct Settings {
    /// Around it.
    pub chrome: Chrome,
    /// What came of the last action.
    pub flash: Option<Flash>,
    /// Whether a further account may be added from a living consent.
    pub reuse_grant: bool,
    /// The record's version; sent as `version`.
    pub version: u64,
    /// Why this visitor cannot change it.
    pub blocked: Option<Blocked>,
    /// Where it is posted: `reuse_grant` if it shall be on.
    pub submit: String,
}
