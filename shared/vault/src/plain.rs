//! Tokens as the JSON text that is kept.

use std::collections::BTreeMap;

use domain::{Secret, TokenSet};
use serde::{Deserialize, Serialize};

/// Borrowed where it is written, owned where it is read.
#[derive(Serialize, Deserialize)]
pub(crate) struct Plain<S> {
    access: S,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh: Option<S>,
    children: BTreeMap<String, S>,
}

impl<'a> From<&'a TokenSet> for Plain<&'a str> {
    fn from(tokens: &'a TokenSet) -> Self {
        Self {
            access: tokens.access.expose(),
            refresh: tokens.refresh.as_ref().map(Secret::expose),
            children: tokens.children.iter().map(|(id, t)| (id.clone(), t.expose())).collect(),
        }
    }
}

impl From<Plain<String>> for TokenSet {
    fn from(plain: Plain<String>) -> Self {
        Self {
            access: Secret::new(plain.access),
            refresh: plain.refresh.map(Secret::new),
            children: plain.children.into_iter().map(|(id, t)| (id, Secret::new(t))).collect(),
        }
    }
}
