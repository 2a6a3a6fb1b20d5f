//! In which order accounts are listed, and where in it one stands.

use std::{cmp::Reverse, fmt, str::FromStr};

use super::{Seen, fold, text::beginning};
use crate::AccountId;

/// How much of a name counts, in bytes of its folded form: a cursor has to hold it.
pub const NAME: usize = 60;

/// By what accounts are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// By what people call it.
    Name,
    /// By when it was first connected.
    ConnectedAt,
    /// By when its data was last fetched.
    LastSyncedAt,
    /// By when a person must act.
    ReauthDueAt,
    /// By how often its tokens were used within a week.
    Usage,
    /// By how bad it is.
    Severity,
}

/// An order of accounts. What has no value stands last in both directions, and what is equal stands oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// By what.
    pub by: By,
    /// Whether the greatest comes first.
    pub descending: bool,
}

/// An account's value in an order, so that a lesser one stands before.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// A number.
    Number(i64),
    /// A text.
    Text(String),
    /// A text where the greatest comes first.
    Reversed(Reverse<String>),
    /// It has none.
    Last,
}

/// Where an account stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// By its value.
    pub rank: Rank,
    /// Among equals.
    pub id: AccountId,
}

/// The text is not a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a place in a list")]
pub struct NoPlace;

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.rank {
            Rank::Number(number) => write!(f, "{}|n{number}", self.id),
            Rank::Text(text) => write!(f, "{}|t{text}", self.id),
            Rank::Reversed(Reverse(text)) => write!(f, "{}|r{text}", self.id),
            Rank::Last => write!(f, "{}|l", self.id),
        }
    }
}

impl FromStr for Place {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let (id, rank) = text.split_once('|').ok_or(NoPlace)?;
        let rank = match rank.split_at_checked(1).ok_or(NoPlace)? {
            ("n", number) => Rank::Number(number.parse().map_err(|_| NoPlace)?),
            ("t", text) => Rank::Text(text.to_owned()),
            ("r", text) => Rank::Reversed(Reverse(text.to_owned())),
            ("l", "") => Rank::Last,
            _ => return Err(NoPlace),
        };
        Ok(Self { rank, id: id.parse().map_err(|_| NoPlace)? })
    }
}

/// There is no such order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoSort;

impl By {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Name, Self::ConnectedAt, Self::LastSyncedAt, Self::ReauthDueAt, Self::Usage, Self::Severity];

    /// The word used in requests.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::ConnectedAt => "connected_at",
            Self::LastSyncedAt => "last_synced_at",
            Self::ReauthDueAt => "reauth_due_at",
            Self::Usage => "usage",
            Self::Severity => "severity",
        }
    }
}

impl Default for Sort {
    /// Oldest first.
    fn default() -> Self {
        Self { by: By::ConnectedAt, descending: false }
    }
}

impl FromStr for Sort {
    type Err = NoSort;

    fn from_str(text: &str) -> Result<Self, NoSort> {
        let (word, descending) = text.strip_prefix('-').map_or((text, false), |word| (word, true));
        let by = By::ALL.into_iter().find(|by| by.as_str() == word).ok_or(NoSort)?;
        Ok(Self { by, descending })
    }
}

impl Sort {
    /// Where an account stands.
    pub fn place(self, seen: &Seen<'_>) -> Place {
        let account = seen.account;
        let text = |text: String| if self.descending { Rank::Reversed(Reverse(text)) } else { Rank::Text(text) };
        let number = |number: i64| Rank::Number(if self.descending { -number } else { number });
        let rank = match self.by {
            By::Name => text(beginning(&fold(account.display_name()), NAME).to_owned()),
            // An id begins with the time at which it was made.
            By::ConnectedAt => text(account.id.to_string()),
            By::LastSyncedAt => Rank::Last,
            By::ReauthDueAt => account.grant_facts.reauth_due_at.map_or(Rank::Last, |at| number(at.as_microsecond())),
            By::Usage => number(seen.leases_7d.into()),
            By::Severity => number(seen.health.severity as i64 * 100 + seen.health.state as i64),
        };
        Place { rank, id: account.id }
    }
}
