//! How many accounts there are by each value that a list can be narrowed to.

use std::collections::BTreeMap;

use super::{Seen, Verdict, answers_to};
use crate::{PlatformId, health::vocabulary::Vocabulary};

/// What accounts are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Facet {
    /// The platform.
    Platform,
    /// Health's state.
    State,
    /// Health in the words of a vocabulary.
    Status,
    /// Who consented.
    Owner,
    /// Who connected it.
    ConnectedBy,
    /// A tag.
    Tag,
}

impl Facet {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Platform, Self::State, Self::Status, Self::Owner, Self::ConnectedBy, Self::Tag];
}

/// The counts. Each is what a list would have if it were narrowed to that value, with all else that was asked: an
/// account that lacks only what one facet asks counts in that facet and in no other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facets<'a> {
    words: &'a Vocabulary,
    /// By platform.
    pub platform: BTreeMap<PlatformId, u32>,
    /// By state.
    pub state: BTreeMap<&'static str, u32>,
    /// By word.
    pub status: BTreeMap<&'a str, u32>,
    /// By the id of who consented, with their name.
    pub owner: BTreeMap<String, (String, u32)>,
    /// By the id of who connected it, with their name.
    pub connected_by: BTreeMap<String, (Option<String>, u32)>,
    /// By tag.
    pub tag: BTreeMap<String, u32>,
}

impl<'a> Facets<'a> {
    /// Nothing was counted yet; statuses will be in these words.
    pub fn new(words: &'a Vocabulary) -> Self {
        Self {
            words,
            platform: BTreeMap::new(),
            state: BTreeMap::new(),
            status: BTreeMap::new(),
            owner: BTreeMap::new(),
            connected_by: BTreeMap::new(),
            tag: BTreeMap::new(),
        }
    }

    /// Counts one account.
    pub fn count(&mut self, seen: &Seen<'_>, verdict: Verdict) {
        let account = seen.account;
        for facet in Facet::ALL.into_iter().filter(|facet| verdict == Verdict::Hit || verdict == Verdict::But(*facet)) {
            match facet {
                Facet::Platform => *self.platform.entry(account.platform.clone()).or_default() += 1,
                Facet::State => *self.state.entry(seen.health.state.as_str()).or_default() += 1,
                Facet::Status => {
                    for word in answers_to(self.words, seen.health) {
                        *self.status.entry(word).or_default() += 1;
                    }
                }
                Facet::Owner => {
                    let person = &account.authorized_by;
                    let first = || (person.name.clone(), 0);
                    self.owner.entry(person.id.clone()).or_insert_with(first).1 += 1;
                }
                Facet::ConnectedBy => {
                    let who = &account.connected_by;
                    let (name, count) = self.connected_by.entry(who.id.clone()).or_default();
                    *name = name.take().or_else(|| who.name.clone());
                    *count += 1;
                }
                Facet::Tag => {
                    for tag in &account.settings.tags {
                        *self.tag.entry(tag.clone()).or_default() += 1;
                    }
                }
            }
        }
    }
}
