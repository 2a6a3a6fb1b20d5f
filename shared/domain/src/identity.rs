//! What changed about an account.
use serde::{Deserialize, Serialize};

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Of what.
    pub kind: String,
    /// What it was.
    pub from: Option<String>,
    /// What it is.
    pub to: Option<String>,
}

impl Change {
    /// The word.
    pub fn word(&self) -> &str {
        &self.kind
    }
    /// Whether of the picture.
    pub fn is_of_picture(&self) -> bool {
        self.kind == "picture"
    }
}

/// What changed.
pub fn changes(_before: &crate::Account, _after: &crate::Account, _picture: bool) -> Vec<Change> {
    Vec::new()
}

/// What is told.
pub fn told(_changes: &[Change]) -> Vec<(&'static str, serde_json::Value)> {
    Vec::new()
}
