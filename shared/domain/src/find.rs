//! How an account is found: what a list asks, whether an account answers it, and how many do.

mod day;
mod facet;
mod order;
mod text;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

pub use self::{
    day::Moment,
    facet::{Facet, Facets},
    order::{By, NoSort, Place, Rank, Sort},
    text::fold,
};
use crate::{
    Account, Capability, Lifecycle, PlatformId,
    capability::Availability,
    health::{
        Health, Rule, State, TokenStatus,
        vocabulary::{Vocabulary, Word},
    },
    schedule::Zone,
};

/// An account with all that lists are asked for.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// The account.
    pub account: &'a Account,
    /// How it is.
    pub health: &'a Health,
    /// What it can be used for.
    pub capabilities: &'a BTreeMap<Capability, Availability>,
    /// Whether it is the main one of its platform.
    pub is_main: bool,
    /// How often its tokens were used within a week, where that was read.
    pub leases_7d: u32,
    /// When one was last used, where that was read.
    pub last_used_at: Option<Timestamp>,
}

/// A word that a vocabulary has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status<'a> {
    /// The vocabulary.
    pub words: &'a Vocabulary,
    /// The word.
    pub label: &'a str,
}

/// What a list asks: of each member one of its values, and all members. An empty one asks nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Question<'a> {
    /// A part of a name, a handle, a tag, a platform, or a day; folded.
    pub text: Option<String>,
    /// The platforms that people call by what `text` says a part of.
    pub called: Vec<PlatformId>,
    /// Platforms.
    pub platforms: Vec<PlatformId>,
    /// `page`, `profile` …
    pub kinds: Vec<String>,
    /// Health's states.
    pub states: Vec<State>,
    /// Health in the words of vocabularies.
    pub statuses: Vec<Status<'a>>,
    /// How the token stands.
    pub tokens: Vec<TokenStatus>,
    /// A person must act within so long.
    pub reauth_due_within: Option<SignedDuration>,
    /// First connected then or later.
    pub connected_after: Option<Moment>,
    /// First connected before; of a day, until its end.
    pub connected_before: Option<Moment>,
    /// Who connected it, by their ids.
    pub connected_by: Vec<String>,
    /// Who consented, by id or name; folded.
    pub owners: Vec<String>,
    /// Tags; folded.
    pub tags: Vec<String>,
    /// Groups.
    pub groups: Vec<String>,
    /// Whether it is the main one of its platform.
    pub is_main: Option<bool>,
    /// What it can be used for.
    pub usable_for: Vec<Capability>,
    /// Not used then or later.
    pub unused_since: Option<Moment>,
    /// Connected or disconnected ones.
    pub lifecycle: Option<Lifecycle>,
}

/// Whether an account answers a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It does.
    Hit,
    /// It would, but for this.
    But(Facet),
    /// It does not.
    Miss,
}

/// The words that say that all is well; where a vocabulary has one of them, the other means it too.
const WELL: [&str; 2] = ["active", "connected"];

impl<'a> Status<'a> {
    /// The first of these vocabularies' words that is called so.
    pub fn find(label: &str, within: &'a [Vocabulary]) -> Option<Self> {
        let asked = fold(label);
        let named = |words: &'a Vocabulary, label: &str| {
            let word = words_of(words).find(|word| fold(&word.label) == label)?;
            Some(Self { words, label: &word.label })
        };
        let like = |words| WELL.contains(&asked.as_str()).then(|| WELL.iter().find_map(|label| named(words, label)))?;
        within.iter().find_map(|words| named(words, &asked).or_else(|| like(words)))
    }

    fn holds(&self, health: &Health) -> bool {
        answers_to(self.words, health).contains(&self.label)
    }
}

/// Every word of a vocabulary, some of them more than once.
pub fn words_of(words: &Vocabulary) -> impl Iterator<Item = &Word> {
    let choices = Rule::ALL.into_iter().map(|rule| words.choice(rule));
    choices.flat_map(|choice| choice.when.iter().map(|(_, word)| word).chain([&choice.usual]))
}

/// The words by which an account is found and counted: the one that it shows, except that S3 takes what has failed for
/// inactive too, and that S2 takes for valid only what lives.
pub fn answers_to<'a>(words: &'a Vocabulary, health: &Health) -> Vec<&'a str> {
    let label = words.word(health).label.as_str();
    match (words.id.as_str(), label) {
        ("s3", "Failed") => {
            let inactive = words.choice(Rule::Expired).usual.label.as_str();
            vec![label, inactive]
        }
        ("s2", "Valid") if !lives(health) => Vec::new(),
        _ => vec![label],
    }
}

/// How a token stands, where that is what an account is found and counted by.
pub fn token_of(health: &Health) -> Option<TokenStatus> {
    let status = health.token.status;
    (status != TokenStatus::Valid || lives(health)).then_some(status)
}

/// Whether it is neither broken nor held back.
fn lives(health: &Health) -> bool {
    health.rule >= Rule::LimitedPublish
}

/// Whether nothing is asked, or one of it holds.
fn any<T>(asked: &[T], holds: impl Fn(&T) -> bool) -> bool {
    asked.is_empty() || asked.iter().any(holds)
}

impl Question<'_> {
    /// Whether nothing is asked but what the table can answer: platforms and lifecycle.
    pub fn is_plain(&self) -> bool {
        *self == Question { platforms: self.platforms.clone(), lifecycle: self.lifecycle, ..Question::default() }
    }

    /// Whether it must be known how tokens were used.
    pub fn asks_for_usage(&self) -> bool {
        self.unused_since.is_some()
    }

    /// Whether an account can answer it, as far as its own record says: what is cheap to tell comes first.
    pub fn admits(&self, account: &Account, zone: &Zone) -> bool {
        let at = account.connected_at;
        self.lifecycle.is_none_or(|lifecycle| account.lifecycle == lifecycle)
            && any(&self.kinds, |kind| account.profile.kind == *kind)
            && any(&self.groups, |group| account.settings.group_id.as_ref() == Some(group))
            && self.connected_after.is_none_or(|moment| moment.has_come(at, zone))
            && self.connected_before.is_none_or(|moment| moment.is_after(at, zone))
            && self.text.as_ref().is_none_or(|text| self.says(account, text, zone))
    }

    /// Whether an account that it admits answers it.
    pub fn judge(&self, seen: &Seen<'_>, now: Timestamp, zone: &Zone) -> Verdict {
        let Seen { account, health, capabilities, .. } = *seen;
        let grant = &account.grant_facts;
        let usable = |capability: &Capability| capabilities.get(capability) == Some(&Availability::Available);
        let due = |within| grant.reauth_due_at.is_some_and(|at| at.duration_since(now) <= within);
        let rest = any(&self.tokens, |token| token_of(health) == Some(*token))
            && self.reauth_due_within.is_none_or(|w| due(w) && health.token.status != TokenStatus::Expired)
            && self.is_main.is_none_or(|is_main| seen.is_main == is_main)
            && any(&self.usable_for, usable)
            && self.unused_since.is_none_or(|moment| seen.last_used_at.is_none_or(|at| !moment.has_come(at, zone)));
        if !rest {
            return Verdict::Miss;
        }
        let holds = |facet: &Facet| match facet {
            Facet::Platform => any(&self.platforms, |platform| account.platform == *platform),
            Facet::State => any(&self.states, |state| health.state == *state),
            Facet::Status => any(&self.statuses, |status| status.holds(health)),
            Facet::Owner => any(&self.owners, |owner| {
                let person = &account.authorized_by;
                fold(&person.id) == *owner || fold(&person.name) == *owner
            }),
            Facet::ConnectedBy => any(&self.connected_by, |who| account.connected_by.id == *who),
            Facet::Tag => any(&self.tags, |tag| account.settings.tags.iter().any(|t| fold(t) == *tag)),
        };
        let mut lacking = Facet::ALL.into_iter().filter(|facet| !holds(facet));
        match (lacking.next(), lacking.next()) {
            (None, _) => Verdict::Hit,
            (Some(one), None) => Verdict::But(one),
            (Some(_), Some(_)) => Verdict::Miss,
        }
    }

    /// Whether a part of what an account is called, or of when it came, is this.
    fn says(&self, account: &Account, text: &str, zone: &Zone) -> bool {
        let profile = &account.profile;
        let has = |part: &str| fold(part).contains(text);
        let is_handle = |handle: &String| has(&format!("@{handle}"));
        has(&profile.name)
            || account.settings.label.as_deref().is_some_and(has)
            || profile.handle.as_ref().is_some_and(is_handle)
            || account.former_handles.iter().any(is_handle)
            || account.settings.tags.iter().any(|tag| has(tag))
            || account.platform.as_str().contains(text)
            || self.called.contains(&account.platform)
            || (day::can_be(text) && day::begins(zone.day(account.connected_at), text))
    }
}
