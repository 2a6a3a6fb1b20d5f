//! What a publisher plans with an account, as it reported it last. The publisher owns its posts; what is kept here tells
//! people what they would lose.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Most scheduled posts of a report.
pub const MOST_POSTS: usize = 500;
/// Most campaigns, and most automations.
pub const MOST_ITEMS: usize = 100;
/// Longest id of a post, a campaign, an automation, a draft: characters of the publisher's own.
pub const ID_LENGTH: usize = 64;
/// Longest name of a campaign or an automation, in characters.
pub const NAME_LENGTH: usize = 100;

/// A post that waits for its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// The publisher's id of it.
    pub id: String,
    /// When it is to be published.
    pub at: Timestamp,
}

/// A campaign or an automation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The publisher's id of it.
    pub id: String,
    /// What people call it.
    pub name: String,
}

/// One report.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// Posts, the next one first.
    pub scheduled_posts: Vec<Post>,
    /// Campaigns.
    pub campaigns: Vec<Item>,
    /// Automations.
    pub automations: Vec<Item>,
    /// How many drafts there are.
    pub drafts: u32,
    /// When it was reported.
    pub reported_at: Option<Timestamp>,
    /// Counts the reports; 0 was never written.
    pub version: u64,
}

/// The same in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Posts that are not past.
    pub posts: usize,
    /// When the next one is due.
    pub first_at: Option<Timestamp>,
    /// Campaigns.
    pub campaigns: usize,
    /// Automations.
    pub automations: usize,
    /// Drafts.
    pub drafts: u32,
}

/// What will fail unless a person acts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Risk {
    /// Posts whose time comes when the account works no more.
    pub posts_after_expiry: usize,
    /// When the first of them is due.
    pub first_at: Option<Timestamp>,
    /// When a person must act, if that is known.
    pub reauth_due_at: Option<Timestamp>,
}

impl Planned {
    /// What of it is still to come: a post whose time is over is nothing that is planned.
    #[must_use]
    pub fn ahead(mut self, now: Timestamp) -> Self {
        self.scheduled_posts.retain(|post| post.at >= now);
        self
    }

    /// In numbers, without posts that are past.
    pub fn counts(&self, now: Timestamp) -> Counts {
        let mut ahead = self.scheduled_posts.iter().filter(|post| post.at >= now).map(|post| post.at);
        Counts {
            posts: ahead.clone().count(),
            first_at: ahead.next(),
            campaigns: self.campaigns.len(),
            automations: self.automations.len(),
            drafts: self.drafts,
        }
    }

    /// What will fail of it, where the account works until `ends`: for ever if none.
    pub fn risk(&self, now: Timestamp, ends: Option<Timestamp>, reauth_due_at: Option<Timestamp>) -> Risk {
        let fails = |at: &Timestamp| *at >= now && ends.is_some_and(|ends| *at >= ends);
        let mut failing = self.scheduled_posts.iter().map(|post| post.at).filter(fails);
        Risk { posts_after_expiry: failing.clone().count(), first_at: failing.next(), reauth_due_at }
    }
}

impl Counts {
    /// Whether nothing is planned.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// The sum of two accounts' plans.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            posts: self.posts + other.posts,
            first_at: self.first_at.into_iter().chain(other.first_at).min(),
            campaigns: self.campaigns + other.campaigns,
            automations: self.automations + other.automations,
            drafts: self.drafts.saturating_add(other.drafts),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn planned(times: &[&str]) -> Planned {
        let post = |(n, time): (usize, &&str)| Post { id: format!("post-{n}"), at: at(time) };
        Planned { scheduled_posts: times.iter().enumerate().map(post).collect(), drafts: 2, ..Planned::default() }
    }

    #[test]
    fn what_is_past_is_not_planned() {
        let planned = planned(&["2026-11-22T09:59:59Z", "2026-11-22T10:00:00Z", "2026-11-24T10:00:00Z"]);
        let now = at("2026-11-22T10:00:00Z");
        let counts = planned.counts(now);
        assert_eq!((counts.posts, counts.first_at, counts.drafts), (2, Some(now), 2));
        assert_eq!(planned.clone().ahead(now).scheduled_posts, planned.scheduled_posts[1..]);
        assert!(Planned::default().counts(now).is_nothing() && !counts.is_nothing());
    }

    #[test]
    fn what_comes_when_the_account_has_ended_is_at_risk() {
        let planned = planned(&["2026-11-21T10:00:00Z", "2026-11-23T10:00:00Z", "2026-11-24T10:00:00Z"]);
        let now = at("2026-11-22T10:00:00Z");
        let risk = |ends: Option<Timestamp>| {
            let risk = planned.risk(now, ends, None);
            (risk.posts_after_expiry, risk.first_at)
        };
        assert_eq!(risk(None), (0, None));
        assert_eq!(risk(Some(at("2026-11-24T10:00:01Z"))), (0, None));
        assert_eq!(risk(Some(at("2026-11-24T10:00:00Z"))), (1, Some(at("2026-11-24T10:00:00Z"))));
        assert_eq!(risk(Some(now)), (2, Some(at("2026-11-23T10:00:00Z"))), "what is past failed or did not");
    }
}
