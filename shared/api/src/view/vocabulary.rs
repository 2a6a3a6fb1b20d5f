//! A workspace's own words for health.

use std::collections::BTreeMap;

use app::vocabulary::Kept;
use domain::{
    Refusal,
    health::vocabulary::{Draft, Named, OWN, Splits, Word},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::health::WordView;

/// The words for health, as people write them.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = OwnVocabulary)]
pub struct VocabularyView {
    /// `own`; `s0` where the workspace has none of its own.
    pub id: String,
    /// Its words, for people.
    pub name: String,
    /// The words by names that only this vocabulary knows.
    pub words: BTreeMap<String, WordView>,
    /// Each rule of `/v1/meta/vocabularies` with the name of its word.
    pub rules: BTreeMap<String, RuleWords>,
}

/// Words for health.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetVocabulary {
    /// `own`, or absent.
    #[serde(default)]
    pub id: Option<String>,
    /// Its words, for people: 1 to 60 characters.
    pub name: String,
    /// 1 to 24 words by names of a to z, 0 to 9 and _. A label has 1 to 40 characters; colours and icons are those of
    /// `/v1/meta/vocabularies`.
    pub words: BTreeMap<String, WordView>,
    /// Each of the twelve rules of `/v1/meta/vocabularies` with the name of its word.
    pub rules: BTreeMap<String, RuleWords>,
}

/// The name of a rule's word.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum RuleWords {
    /// The same whatever else is the matter.
    Always(String),
    /// Another one while something is so beside the rule.
    Split(SplitWords),
}

/// The names of the words that a rule has; the first that holds counts.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SplitWords {
    /// While the token has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_expired: Option<String>,
    /// While the token ends soon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_expiring: Option<String>,
    /// While the data is old.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale: Option<String>,
    /// Else.
    #[serde(rename = "else")]
    pub usual: String,
}

impl SetVocabulary {
    pub(crate) fn read(self) -> Result<Draft, Refusal> {
        if self.id.is_some_and(|id| id != OWN) {
            return Err(Refusal::field("/id", "unknown", "A workspace's own vocabulary has the id own."));
        }
        let word = |(key, WordView { label, color, icon })| (key, Word { label, color, icon });
        Ok(Draft {
            name: self.name,
            words: self.words.into_iter().map(word).collect(),
            rules: self.rules.into_iter().map(|(rule, words)| (rule, words.into())).collect(),
        })
    }
}

impl From<Kept> for VocabularyView {
    fn from(Kept { id, draft, .. }: Kept) -> Self {
        Self {
            id,
            name: draft.name,
            words: draft.words.iter().map(|(key, word)| (key.clone(), word.into())).collect(),
            rules: draft.rules.into_iter().map(|(rule, named)| (rule, named.into())).collect(),
        }
    }
}

impl From<RuleWords> for Named {
    fn from(words: RuleWords) -> Self {
        match words {
            RuleWords::Always(word) => Self::Always(word),
            RuleWords::Split(SplitWords { token_expired, token_expiring, stale, usual }) => {
                Self::Split(Splits { token_expired, token_expiring, stale, usual })
            }
        }
    }
}

impl From<Named> for RuleWords {
    fn from(named: Named) -> Self {
        match named {
            Named::Always(word) => Self::Always(word),
            Named::Split(Splits { token_expired, token_expiring, stale, usual }) => {
                Self::Split(SplitWords { token_expired, token_expiring, stale, usual })
            }
        }
    }
}
