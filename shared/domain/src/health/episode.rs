//! The troubles of an account, each from its beginning to its end: found by judging again all that was known of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Facts, Policy, Reason, find};
use crate::{AccountId, EpisodeId, incident::Incident};

/// What was known of an account for a while; whether its platform had an outage is not among it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// What.
    pub facts: Facts,
    /// Since when.
    pub from: Timestamp,
    /// Until when; none if it still is.
    pub until: Option<Timestamp>,
}

/// One trouble: a cause, for as long as it held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Episode {
    /// The id that its events bear too.
    pub id: EpisodeId,
    /// Why, as it was found last.
    pub reason: Reason,
    /// Since when.
    pub opened_at: Timestamp,
    /// When it was over; none if it is not.
    pub resolved_at: Option<Timestamp>,
}

/// What people wrote about a trouble.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Which one.
    pub episode: EpisodeId,
    /// Who has seen it, if somebody has.
    #[serde(default)]
    pub acknowledged: Option<Acknowledged>,
    /// What they wrote.
    #[serde(default)]
    pub note: Option<String>,
    /// Counts every change.
    pub version: u64,
}

/// Who has seen a trouble.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledged {
    /// Their id at the SaaS.
    pub by: String,
    /// Their name, where the SaaS tells it.
    #[serde(default)]
    pub name: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// What makes two findings the same trouble.
fn key(reason: &Reason) -> (String, Option<Timestamp>) {
    match (reason.named, reason.capability) {
        (Some((word, at)), _) => (word.to_owned(), Some(at)),
        (None, Some(capability)) => (format!("{}.{}", reason.cause.as_str(), capability.as_str()), None),
        (None, None) => (reason.cause.as_str().to_owned(), None),
    }
}

impl Episode {
    fn open(account: AccountId, reason: Reason, opened_at: Timestamp) -> Self {
        let (word, at) = key(&reason);
        let id = EpisodeId::of(account, &word, at.unwrap_or(reason.since));
        Self { id, reason, opened_at, resolved_at: None }
    }

    /// Whether it is the trouble that was found at a moment.
    pub fn is_of(&self, reason: &Reason, at: Timestamp) -> bool {
        key(&self.reason) == key(reason) && self.resolved_at.is_none_or(|end| at < end) && self.opened_at <= at
    }

    /// Whether both have the same cause.
    pub fn is_like(&self, other: &Self) -> bool {
        self.reason.cause == other.reason.cause && self.reason.capability == other.reason.capability
    }

    /// Whether it was there at some time between two moments.
    pub fn was_within(&self, from: Timestamp, to: Timestamp) -> bool {
        self.opened_at <= to && self.resolved_at.is_none_or(|end| from <= end)
    }
}

/// All troubles up to now, the newest first. What was `known` is in its order and without a gap; `incidents` are those of
/// the account's platform.
pub fn episodes(
    account: AccountId,
    known: &[Known],
    incidents: &[&Incident],
    policy: &Policy,
    now: Timestamp,
) -> Vec<Episode> {
    let (mut open, mut over) = (Vec::new(), Vec::new());
    for Known { facts, from, until } in known {
        let ends = incidents.iter().flat_map(|incident| [Some(incident.since), incident.resolved_at]).flatten();
        let is_within = |at: &Timestamp| from < at && until.map_or(*at <= now, |until| *at < until);
        let mut moments: Vec<Timestamp> =
            find::turns(facts, policy).into_iter().chain(ends).filter(is_within).collect();
        moments.push(*from);
        moments.sort_unstable();
        moments.dedup();
        for at in moments {
            let outage_since = incidents.iter().filter(|i| i.was_at(at)).map(|i| i.since).min();
            let reasons = find::reasons(&Facts { outage_since, ..facts.clone() }, at, policy);
            let troubles: Vec<Reason> = reasons.into_iter().filter(Reason::is_trouble).collect();
            let connected_at = facts.account.connected_at;
            turn(account, &mut open, &mut over, troubles, at, connected_at);
        }
    }
    over.extend(open);
    over.sort_by_key(|episode| (std::cmp::Reverse(episode.opened_at), episode.reason.rule));
    over
}

/// At a moment these are the troubles: what is not among them is over, and what is new begins.
fn turn(
    account: AccountId,
    open: &mut Vec<Episode>,
    over: &mut Vec<Episode>,
    troubles: Vec<Reason>,
    at: Timestamp,
    connected_at: Timestamp,
) {
    let gone = open.extract_if(.., |episode| !troubles.iter().any(|trouble| key(trouble) == key(&episode.reason)));
    let first_gone = over.len();
    over.extend(gone.map(|episode| Episode { resolved_at: Some(at.max(episode.opened_at)), ..episode }));
    for trouble in troubles {
        if let Some(same) = open.iter_mut().find(|episode| key(&episode.reason) == key(&trouble)) {
            same.reason = trouble;
            continue;
        }
        // It may have begun before it was known; not before the one like it that it takes the place of.
        let began = trouble.since.min(at).max(connected_at);
        let episode = Episode::open(account, trouble, began);
        let after_another = over[first_gone..].iter().any(|gone| gone.is_like(&episode));
        open.push(Episode { opened_at: if after_another { at } else { began }, ..episode });
    }
}

#[cfg(test)]
mod tests;
