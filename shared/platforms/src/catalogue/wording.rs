//! What the person who consents is told of the scopes.

use std::collections::BTreeMap;

use domain::Capability;
use serde::Deserialize;

/// Why scopes are asked for, in the words of people; each is one sentence.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wording {
    /// What they allow us.
    pub what: String,
    /// What that is needed for.
    pub why: String,
    /// What we never do with them.
    pub never: String,
}

/// The words for the scopes of each capability, and for those that are asked always.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Wordings {
    /// Of those that are asked always.
    pub connect: Wording,
    /// Of each capability's.
    #[serde(flatten)]
    pub capabilities: BTreeMap<Capability, Wording>,
}
