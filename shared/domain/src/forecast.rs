//! When a person must sign in again, account by account, ahead of time.

mod calendar;

#[cfg(test)]
mod tests;

use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

pub use self::calendar::calendar;
use crate::{AccountId, DeadReason, Digest, GrantFacts, Person, PlatformId, Renewal, grant::Expiry, schedule::Zone};

/// How far it is looked ahead where nobody says.
pub const HORIZON: SignedDuration = SignedDuration::from_hours(24 * 90);

/// What ends, so that a person must act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ends {
    /// All of it has ended already.
    Consent,
    /// The access token, and nothing renews it.
    AccessToken,
    /// The refresh token.
    RefreshToken,
    /// The platform's leave to read data.
    DataAccess,
    /// Something that only its day is known of.
    Unknown,
}

impl Ends {
    /// The word used in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Consent => "consent",
            Self::AccessToken => "access_token",
            Self::RefreshToken => "refresh_token",
            Self::DataAccess => "data_access",
            Self::Unknown => "unknown",
        }
    }

    /// What that means, in a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Consent => "What the person had allowed has ended.",
            Self::AccessToken => "The access ends, and it cannot be renewed without the person.",
            Self::RefreshToken => "What the access is renewed with ends.",
            Self::DataAccess => "The platform's leave to read data ends.",
            Self::Unknown => "What the person allowed runs out.",
        }
    }
}

/// An address at which a calendar program reads the forecast without signing in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feed {
    /// The digest of the secret in it; the secret itself is kept nowhere.
    pub proof: Digest,
    /// When it was opened.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
}

/// What is known of the end of one account's consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// The account. Only those that are connected are asked for.
    pub account: AccountId,
    /// What people call it.
    pub name: String,
    /// Its platform.
    pub platform: PlatformId,
    /// Who authorised it.
    pub person: Person,
    /// What its grant is known to be.
    pub grant: GrantFacts,
    /// When the parts of the grant end, where somebody read it.
    pub expiry: Option<Expiry>,
    /// Where it can be reconnected.
    pub reconnect_url: Option<String>,
}

/// One account for which a person must act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Item {
    /// The account.
    pub account: AccountId,
    /// What people call it.
    pub name: String,
    /// Its platform.
    pub platform: PlatformId,
    /// When.
    pub due_at: Timestamp,
    /// What ends then.
    pub ends: Ends,
    /// How it ended, if it has.
    pub ended: Option<DeadReason>,
    /// Where it can be reconnected.
    pub reconnect_url: Option<String>,
}

/// What one person must do on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The day in the workspace's zone.
    pub date: Date,
    /// Whether it has come.
    pub overdue: bool,
    /// Who authorised the accounts.
    pub person: Person,
    /// Of which platform: the person is known there.
    pub platform: PlatformId,
    /// The accounts, the earliest first.
    pub accounts: Vec<Item>,
}

impl Connection {
    /// When a person must act, and what ends; nothing if that is not known or never.
    pub fn due(&self) -> Option<Item> {
        let (due_at, ends, ended) = match self.grant.dead {
            Some(dead) => (dead.at, Ends::Consent, Some(dead.reason)),
            None => (self.grant.reauth_due_at?, self.ends(self.grant.reauth_due_at?), None),
        };
        let Self { account, name, platform, reconnect_url, .. } = self.clone();
        Some(Item { account, name, platform, due_at, ends, ended, reconnect_url })
    }

    /// What ends at a moment, by what the grant's parts say.
    fn ends(&self, at: Timestamp) -> Ends {
        let Some(expiry) = self.expiry else { return Ends::Unknown };
        let own = match self.grant.renewal {
            Renewal::Silent => (expiry.refresh, Ends::RefreshToken),
            Renewal::Extend | Renewal::None => (expiry.access, Ends::AccessToken),
        };
        let all = [own, (expiry.data_access, Ends::DataAccess)];
        all.into_iter().find(|(end, _)| *end == Some(at)).map_or(Ends::Unknown, |(_, ends)| ends)
    }
}

/// When somebody must act until the horizon, which is a time from now: what is overdue first, then day by day; on a day
/// person by person.
pub fn forecast(connections: &[Connection], now: Timestamp, horizon: SignedDuration, zone: &Zone) -> Vec<Due> {
    let until = now.saturating_add(horizon).unwrap_or(Timestamp::MAX);
    let mut items: Vec<(&Person, Item)> =
        connections.iter().filter_map(|of| Some((&of.person, of.due()?))).filter(|(_, i)| i.due_at <= until).collect();
    let place = |person: &Person, item: &Item| {
        (item.due_at > now, zone.day(item.due_at), item.platform.clone(), person.id.clone())
    };
    items.sort_by_cached_key(|(person, item)| (place(person, item), item.due_at, item.account));
    let groups = items.chunk_by(|(one, a), (other, b)| place(one, a) == place(other, b));
    let due = |group: &[(&Person, Item)]| {
        let (person, first) = group.first()?;
        Some(Due {
            date: zone.day(first.due_at),
            overdue: first.due_at <= now,
            person: (*person).clone(),
            platform: first.platform.clone(),
            accounts: group.iter().map(|(_, item)| item.clone()).collect(),
        })
    };
    groups.filter_map(due).collect()
}
