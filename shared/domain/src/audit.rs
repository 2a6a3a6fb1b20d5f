//! Who did what, to which account, with which credential, and what came of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{AccountId, AuditId};

/// One thing that somebody did, or tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Its id; later ones sort behind it.
    pub id: AuditId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: AuditActor,
    /// What: the operation of the API document that did it, `disconnectAccount`; or what followed from an attempt.
    pub action: String,
    /// Which accounts, where it was about some.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<AccountId>,
    /// What else it was about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<AuditTarget>,
    /// `done`, `replayed`, or the code of the refusal; `asked` where the record goes with what is erased.
    pub outcome: String,
    /// What a credential was wanted for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// The person in whose name a program did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<String>,
    /// The request's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// A keyed digest of the address that the request came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip_hash: Option<String>,
}

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditActor {
    /// How they proved who they are: `token`, `api_key`, `console`; `consent` is a browser at the platform.
    pub credential: String,
    /// Their id at the SaaS; of a program, its key's.
    pub id: String,
    /// Their name, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// What was done something to, other than an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditTarget {
    /// `workspace`, `session`, `key` …
    pub kind: String,
    /// Its id.
    pub id: String,
}

/// Which entries are wanted; what is none lets everything through.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// By these people or programs.
    pub actors: Vec<String>,
    /// Of these actions.
    pub actions: Vec<String>,
    /// About this account.
    pub account: Option<AccountId>,
    /// With these outcomes.
    pub outcomes: Vec<String>,
    /// With these kinds of credential.
    pub credentials: Vec<String>,
    /// From this moment on.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
}

impl AuditFilter {
    /// Whether an entry is wanted.
    pub fn lets(&self, entry: &AuditEntry) -> bool {
        let one_of = |wanted: &[String], word: &str| wanted.is_empty() || wanted.iter().any(|w| w == word);
        one_of(&self.actors, &entry.actor.id)
            && one_of(&self.actions, &entry.action)
            && one_of(&self.outcomes, &entry.outcome)
            && one_of(&self.credentials, &entry.actor.credential)
            && self.account.is_none_or(|account| entry.accounts.contains(&account))
            && self.from.is_none_or(|from| from <= entry.at)
            && self.until.is_none_or(|until| entry.at < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(actor: &str, action: &str) -> AuditEntry {
        AuditEntry {
            id: AuditId::new(Timestamp::UNIX_EPOCH, [1; 16]),
            at: Timestamp::UNIX_EPOCH,
            actor: AuditActor { credential: "token".to_owned(), id: actor.to_owned(), name: None },
            action: action.to_owned(),
            accounts: Vec::new(),
            target: None,
            outcome: "done".to_owned(),
            purpose: None,
            on_behalf_of: None,
            request_id: None,
            ip_hash: None,
        }
    }

    #[test]
    fn different_filters_are_joined_by_and_values_of_one_by_or() {
        let one = entry("ada", "disconnectAccount");
        let words = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        let of =
            |actors, actions| AuditFilter { actors: words(actors), actions: words(actions), ..AuditFilter::default() };
        assert!(of(&[], &[]).lets(&one));
        assert!(of(&["bo", "ada"], &["disconnectAccount"]).lets(&one));
        assert!(!of(&["bo"], &["disconnectAccount"]).lets(&one));
        assert!(!of(&["ada"], &["removeAccount"]).lets(&one));
        let second = Timestamp::from_second(1).expect("in range");
        assert!(!AuditFilter { from: Some(second), ..AuditFilter::default() }.lets(&one));
        assert!(!AuditFilter { until: Some(one.at), ..AuditFilter::default() }.lets(&one));
        let account = AccountId::new(one.at, [2; 16]);
        let about = AuditFilter { account: Some(account), ..AuditFilter::default() };
        assert!(!about.lets(&one));
        assert!(about.lets(&AuditEntry { accounts: vec![account], ..one }));
    }
}
