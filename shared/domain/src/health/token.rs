//! How an account's token stands: what the grant's facts say, and nothing else.

use jiff::Timestamp;

use super::{Facts, Policy, Rule};
use crate::Renewal;

/// Whether a person must do something about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TokenStatus {
    /// No.
    Valid,
    /// Soon.
    Expiring,
    /// Now.
    Expired,
}

/// How a token stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// In one word. What renews itself is never expiring.
    pub status: TokenStatus,
    /// When it ends for good, or did; none where it renews itself, or never ends.
    pub expires_at: Option<Timestamp>,
    /// Whole days until then.
    pub days_left: Option<i64>,
    /// Whether it is renewed without a person.
    pub renewable: bool,
    /// All of it in a sentence.
    pub tooltip: String,
}

impl TokenStatus {
    /// The word used in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Expiring => "expiring",
            Self::Expired => "expired",
        }
    }
}

impl Token {
    pub(super) fn of(facts: &Facts, rule: Rule, now: Timestamp, policy: &Policy) -> Self {
        let grant = &facts.account.grant;
        let due = grant.reauth_due_at;
        let access_ended = grant.access_ends.filter(|at| *at <= now);
        let soon = due.is_some_and(|due| due.duration_since(now) <= policy.expiring_window);
        let (status, expires_at) = match rule {
            Rule::Disconnected => (TokenStatus::Expired, None),
            Rule::Pending => (TokenStatus::Valid, due),
            Rule::Expired => {
                let passed = due.filter(|at| *at <= now);
                (
                    TokenStatus::Expired,
                    grant.dead.map(|dead| dead.at).into_iter().chain(passed).chain(access_ended).min(),
                )
            }
            Rule::Error if access_ended.is_some() => (TokenStatus::Expired, access_ended),
            _ if soon => (TokenStatus::Expiring, due),
            _ => (TokenStatus::Valid, due),
        };
        let renewable = status != TokenStatus::Expired && grant.renewal != Renewal::None;
        let left = |at: Timestamp| (at.duration_since(now).as_hours() / 24).max(0);
        let mut token = Self { status, expires_at, days_left: expires_at.map(left), renewable, tooltip: String::new() };
        token.tooltip = token.sentence();
        token
    }

    fn sentence(&self) -> String {
        let day = |at: Timestamp| at.strftime("%b %-d, %Y").to_string();
        match (self.status, self.expires_at) {
            (TokenStatus::Expired, None) => "There is no token while the account is disconnected.".to_owned(),
            (TokenStatus::Expired, Some(at)) => {
                format!("The token ended on {}. Reconnect the account to get a new one.", day(at))
            }
            (TokenStatus::Expiring, Some(at)) => {
                let left = match self.days_left {
                    None | Some(0) => "in less than a day".to_owned(),
                    Some(1) => "in 1 day".to_owned(),
                    Some(days) => format!("in {days} days"),
                };
                format!("The token ends {left}, on {}. Reconnect the account before then.", day(at))
            }
            (_, Some(at)) if self.renewable => {
                format!("The token is valid and renews itself, at least until {}.", day(at))
            }
            (_, Some(at)) => format!("The token is valid until {}.", day(at)),
            (_, None) if self.renewable => "The token is valid and renews itself.".to_owned(),
            (_, None) => "The token is valid, and no end of it is known.".to_owned(),
        }
    }
}
