//! Vocabularies: the words that frontends have for the rules, as data.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::{Deserialize, Serialize};

use super::{Health, Rule, TokenStatus};
use crate::{error::FieldError, text};

/// The colours that a word can have, best first.
pub const COLORS: [&str; 5] = ["green", "blue", "yellow", "orange", "red"];
/// The icons that a word can have.
pub const ICONS: [&str; 4] = ["check", "sync", "warning", "error"];
/// Most words of a vocabulary, and most letters of what is in it.
const WORDS: usize = 24;
const NAME: usize = 60;
const LABEL: usize = 40;
const KEY: usize = 32;
/// Most faults that are told at a time.
const FAULTS: usize = 50;
/// The id of a workspace's own vocabulary.
pub const OWN: &str = "own";

/// What a frontend shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Word {
    /// The word.
    pub label: String,
    /// One of [`COLORS`].
    pub color: String,
    /// One of [`ICONS`].
    pub icon: String,
}

/// What a rule's word can hang on beside the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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

/// A word for every rule; none is missing.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "File")]
pub struct Vocabulary {
    /// Its id.
    pub id: String,
    /// As it was written.
    pub draft: Draft,
    choices: [Choice; Rule::ALL.len()],
}

/// A vocabulary as people write it: the words once, and each rule with the name of its word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Its words, for people.
    pub name: String,
    /// The words by their names.
    pub words: BTreeMap<String, Word>,
    /// The rules by theirs.
    pub rules: BTreeMap<String, Named>,
}

/// The name of a rule's word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Named {
    /// The same whatever else is the matter.
    Always(String),
    /// Another one while something is so beside the rule.
    Split(Splits),
}

/// The names of the words that a rule has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Splits {
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

/// A workspace's own vocabulary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Own {
    /// As it was written.
    #[serde(flatten)]
    pub draft: Draft,
    /// Counts every change.
    pub version: u64,
}

/// A vocabulary as a file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    id: String,
    name: String,
    words: BTreeMap<String, Word>,
    rules: BTreeMap<String, Named>,
}

impl TryFrom<File> for Vocabulary {
    type Error = String;

    fn try_from(File { id, name, words, rules }: File) -> Result<Self, String> {
        let faults = |faults: Vec<FieldError>| faults.into_iter().map(|f| format!("{}: {}", f.pointer, f.detail));
        let read = Self::read(id, Draft { name, words, rules });
        read.map_err(|found| faults(found).collect::<Vec<_>>().join("; "))
    }
}

/// What is wrong with a draft, as it is found.
struct Faults(Vec<FieldError>);

impl Faults {
    fn add(&mut self, path: &[&str], code: &str, detail: impl Into<String>) {
        if self.0.len() < FAULTS {
            let token = |token: &&str| format!("/{}", text::clean(token, KEY).replace('~', "~0").replace('/', "~1"));
            let pointer = path.iter().map(token).collect();
            self.0.push(FieldError { pointer, code: code.to_owned(), detail: detail.into() });
        }
    }

    fn text(&mut self, path: &[&str], text: &str, most: usize) {
        if text.trim().is_empty() || text.chars().count() > most || text::clean(text, most) != text {
            let detail = format!("1 to {most} characters, none of them invisible, and no white space around them.");
            self.add(path, "length", detail);
        }
    }

    fn one_of(&mut self, path: &[&str], word: &str, these: &[&str]) {
        if !these.contains(&word) {
            self.add(path, "unknown", format!("One of {}.", these.join(", ")));
        }
    }
}

impl Vocabulary {
    /// Reads a draft, or tells all that is wrong with it: a word for every rule, colours and icons that there are, and
    /// nothing that is worse looks better.
    pub fn read(id: impl Into<String>, draft: Draft) -> Result<Self, Vec<FieldError>> {
        let mut faults = Faults(Vec::new());
        faults.text(&["name"], &draft.name, NAME);
        if draft.words.len() > WORDS {
            faults.add(&["words"], "too_many", format!("At most {WORDS} words."));
        }
        let is_key = |key: &str| {
            (1..=KEY).contains(&key.len())
                && key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        };
        for (key, Word { label, color, icon }) in draft.words.iter().take(WORDS) {
            if !is_key(key) {
                faults.add(&["words", key], "malformed", format!("1 to {KEY} of a to z, 0 to 9 and _."));
            }
            faults.text(&["words", key, "label"], label, LABEL);
            faults.one_of(&["words", key, "color"], color, &COLORS);
            faults.one_of(&["words", key, "icon"], icon, &ICONS);
        }
        for rule in draft.rules.keys().filter(|name| Rule::ALL.iter().all(|rule| rule.as_str() != *name)) {
            faults.add(&["rules", rule], "unknown", "There is no such rule.");
        }
        let mut choices = Vec::new();
        for rule in Rule::ALL {
            match draft.rules.get(rule.as_str()) {
                Some(named) => choices.extend(choice(rule, named, &draft.words, &mut faults)),
                None => faults.add(&["rules", rule.as_str()], "missing", format!("{} has no word.", rule.as_str())),
            }
        }
        match choices.try_into() {
            Ok(choices) if faults.0.is_empty() => {
                let vocabulary = Self { id: id.into(), draft, choices };
                vocabulary.find_better(&mut faults);
                if faults.0.is_empty() { Ok(vocabulary) } else { Err(faults.0) }
            }
            _ => Err(faults.0),
        }
    }

    /// The words for a rule.
    pub fn choice(&self, rule: Rule) -> &Choice {
        &self.choices[rule as usize]
    }

    /// The word for how an account is.
    pub fn word(&self, health: &Health) -> &Word {
        self.word_of(health.rule, health.token.status, health.is_stale)
    }

    fn word_of(&self, rule: Rule, token: TokenStatus, is_stale: bool) -> &Word {
        let Choice { when, usual } = self.choice(rule);
        when.iter().find(|(split, _)| split.holds(token, is_stale)).map_or(usual, |(_, word)| word)
    }

    /// What is worse and looks better: a rule than one that is less severe, or a rule than itself with a better token.
    fn find_better(&self, faults: &mut Faults) {
        let all: Vec<_> = Rule::ALL.into_iter().filter(|rule| *rule != Rule::Pending).flat_map(cases).collect();
        for (rule, token, stale) in &all {
            let is_better = |(other, better, fresh): &&(Rule, TokenStatus, bool)| {
                let worse = rule.severity() > other.severity() || rule == other;
                let looks = self.word_of(*rule, *token, *stale).rank() < self.word_of(*other, *better, *fresh).rank();
                worse && token >= better && stale >= fresh && looks
            };
            let pointer = format!("/rules/{}", rule.as_str());
            let is_new = faults.0.iter().all(|fault| fault.pointer != pointer);
            if let Some((other, ..)) = all.iter().find(is_better).filter(|_| is_new) {
                let detail = format!("{} looks better than {}, and is worse.", rule.as_str(), other.as_str());
                faults.add(&["rules", rule.as_str()], "looks_better", detail);
            }
        }
    }
}

impl Word {
    /// How bad it looks. Blue says that something is on its way, and is as good as green.
    fn rank(&self) -> usize {
        COLORS.iter().position(|color| *color == self.color).unwrap_or_default().max(1)
    }
}

/// A rule's words by their names.
fn choice(rule: Rule, named: &Named, words: &BTreeMap<String, Word>, faults: &mut Faults) -> Option<Choice> {
    let name = rule.as_str();
    let mut word = |path: &[&str], key: &String| {
        if !words.contains_key(key) {
            faults.add(path, "unknown", "There is no such word among words.");
        }
        words.get(key).cloned()
    };
    match named {
        Named::Always(key) => Some(Choice { when: Vec::new(), usual: word(&["rules", name], key)? }),
        Named::Split(Splits { token_expired, token_expiring, stale, usual }) => {
            let splits =
                [(Split::TokenExpired, token_expired), (Split::TokenExpiring, token_expiring), (Split::Stale, stale)];
            let when = splits.into_iter().filter_map(|(split, key)| Some((split, key.as_ref()?)));
            let when: Vec<_> = when.map(|(split, key)| (split, word(&["rules", name, split.as_str()], key))).collect();
            let usual = word(&["rules", name, "else"], usual)?;
            let when = when.into_iter().map(|(split, word)| Some((split, word?))).collect::<Option<_>>()?;
            Some(Choice { when, usual })
        }
    }
}

/// What can be so beside a rule: how the token stands, and whether the data is old.
fn cases(rule: Rule) -> Vec<(Rule, TokenStatus, bool)> {
    use TokenStatus::{Expired, Expiring, Valid};
    let tokens: &[TokenStatus] = match rule {
        Rule::Disconnected | Rule::Expired => &[Expired],
        Rule::Error => &[Valid, Expiring, Expired],
        Rule::Suspended | Rule::LimitedPublish | Rule::Limited => &[Valid, Expiring],
        Rule::Expiring => &[Expiring],
        Rule::Pending | Rule::Degraded | Rule::Processing | Rule::Stale | Rule::Healthy => &[Valid],
    };
    let stale: &[bool] = match rule {
        Rule::Stale => &[true],
        Rule::Healthy => &[false],
        _ => &[false, true],
    };
    tokens.iter().flat_map(|token| stale.iter().map(move |stale| (rule, *token, *stale))).collect()
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

    fn holds(self, token: TokenStatus, is_stale: bool) -> bool {
        match self {
            Self::TokenExpired => token == TokenStatus::Expired,
            Self::TokenExpiring => token == TokenStatus::Expiring,
            Self::Stale => is_stale,
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
