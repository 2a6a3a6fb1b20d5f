//! Vocabularies: the words that frontends have for the rules, as data.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::{Deserialize, Serialize};

use super::{Health, Rule, TokenStatus};

/// What a frontend shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Word {
    /// The word.
    pub label: String,
    /// `green`, `blue`, `yellow`, `orange`, `red`.
    pub color: String,
    /// `check`, `sync`, `warning`, `error`.
    pub icon: String,
}

/// What a rule's word can hang on beside the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// The token has ended.
    TokenExpired,
    /// The token ends soon.
    TokenExpiring,
    /// The data is old.
    Stale,
}

/// The words for one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The first of these that is so, in the order of [`Split`].
    pub when: Vec<(Split, Word)>,
    /// Else this.
    pub usual: Word,
}

/// A word for every rule. To parse one is to know that none is missing.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "File")]
pub struct Vocabulary {
    /// Its id.
    pub id: String,
    /// Its words, for people.
    pub name: String,
    choices: [Choice; Rule::ALL.len()],
}

/// A vocabulary as a file has it: the words once, and each rule with the name of its word.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    id: String,
    name: String,
    words: BTreeMap<String, Word>,
    rules: BTreeMap<Rule, Named>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Named {
    Always(String),
    Split {
        #[serde(flatten)]
        when: BTreeMap<Split, String>,
        #[serde(rename = "else")]
        usual: String,
    },
}

impl TryFrom<File> for Vocabulary {
    type Error = String;

    fn try_from(File { id, name, words, mut rules }: File) -> Result<Self, String> {
        let word = |name: String| words.get(&name).cloned().ok_or(format!("{id} has no word {name}"));
        let mut choices = Vec::new();
        for rule in Rule::ALL {
            choices.push(match rules.remove(&rule) {
                Some(Named::Always(name)) => Choice { when: Vec::new(), usual: word(name)? },
                Some(Named::Split { when, usual }) => {
                    let when = when.into_iter().map(|(split, name)| Ok((split, word(name)?)));
                    Choice { when: when.collect::<Result<_, String>>()?, usual: word(usual)? }
                }
                None => return Err(format!("{id} has no word for {}", rule.as_str())),
            });
        }
        let choices = choices.try_into().map_err(|_| format!("{id} is not complete"))?;
        Ok(Self { id, name, choices })
    }
}

impl Vocabulary {
    /// The words for a rule.
    pub fn choice(&self, rule: Rule) -> &Choice {
        &self.choices[rule as usize]
    }

    /// The word for how an account is.
    pub fn word(&self, health: &Health) -> &Word {
        let Choice { when, usual } = self.choice(health.rule);
        when.iter().find(|(split, _)| split.holds(health)).map_or(usual, |(_, word)| word)
    }
}

impl Split {
    /// The word used in files and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TokenExpired => "token_expired",
            Self::TokenExpiring => "token_expiring",
            Self::Stale => "stale",
        }
    }

    fn holds(self, health: &Health) -> bool {
        match self {
            Self::TokenExpired => health.token.status == TokenStatus::Expired,
            Self::TokenExpiring => health.token.status == TokenStatus::Expiring,
            Self::Stale => health.is_stale,
        }
    }
}

/// The vocabularies that are shipped.
pub fn shipped() -> &'static [Vocabulary] {
    static SHIPPED: LazyLock<Vec<Vocabulary>> = LazyLock::new(|| {
        let files = [
            include_str!("../../../../infra/vocabularies/s0.json"),
            include_str!("../../../../infra/vocabularies/s1.json"),
            include_str!("../../../../infra/vocabularies/s2.json"),
            include_str!("../../../../infra/vocabularies/s3.json"),
            include_str!("../../../../infra/vocabularies/s4.json"),
        ];
        // A file that does not parse fails a test.
        files.into_iter().filter_map(|file| serde_json::from_str(file).ok()).collect()
    });
    &SHIPPED
}

/// The vocabulary of that id; the first one where none is named.
pub fn find(id: Option<&str>) -> Option<&'static Vocabulary> {
    shipped().iter().find(|vocabulary| id.is_none_or(|id| vocabulary.id == id))
}
