//! A person's account on Reddit, and the subreddits that it moderates.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::people::{Person, Standing};
use crate::util::{grown, number, slug};

/// What one person has on Reddit.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Account {
    /// In base 36.
    pub(crate) id: String,
    pub(crate) name: String,
    /// The display name; empty if none was set.
    pub(crate) title: String,
    pub(crate) karma: i64,
    pub(crate) subscribers: i64,
    /// New subscribers a day.
    pub(crate) daily: i64,
    pub(crate) has_verified_email: bool,
    pub(crate) created_utc: i64,
    pub(crate) standing: Standing,
    pub(crate) avatar: u32,
    pub(crate) subreddits: Vec<Subreddit>,
}

/// A subreddit that the account moderates.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Subreddit {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) subscribers: i64,
    pub(crate) permissions: Vec<String>,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            id: String::new(),
            name: String::new(),
            title: String::new(),
            karma: 0,
            subscribers: 0,
            daily: 0,
            has_verified_email: true,
            created_utc: 1_546_300_800,
            standing: Standing::Active,
            avatar: 1,
            subreddits: Vec::new(),
        }
    }
}

impl Default for Subreddit {
    fn default() -> Self {
        Self { id: String::new(), name: String::new(), subscribers: 0, permissions: vec!["all".to_owned()] }
    }
}

impl Account {
    /// Fills in what was left out.
    pub(crate) fn complete(&mut self, person: &str) -> Result<(), String> {
        if self.id.is_empty() {
            self.id = base36(number(&format!("reddit/{person}")) % 2_000_000_000 + 100_000_000);
        }
        if !self.id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()) {
            return Err(format!("the id `{}` is not in base 36", self.id));
        }
        if self.name.is_empty() {
            self.name = slug(person);
        }
        for subreddit in &mut self.subreddits {
            if subreddit.name.is_empty() {
                return Err("a subreddit has no `name`".to_owned());
            }
            if subreddit.id.is_empty() {
                subreddit.id = base36(number(&format!("reddit/r/{}", subreddit.name)) % 60_000_000 + 1_000_000);
            }
        }
        Ok(())
    }

    pub(super) fn subscribers_at(&self, now: Timestamp) -> i64 {
        grown(self.subscribers, self.daily, &self.id, now)
    }

    pub(super) fn karma_at(&self, now: Timestamp) -> i64 {
        grown(self.karma, self.daily * 3, &format!("{}/karma", self.id), now)
    }

    /// The subreddit of the profile.
    pub(super) fn profile_id(&self) -> String {
        base36(number(&format!("reddit/u/{}", self.id)) % 60_000_000 + 1_000_000)
    }
}

/// A number as Reddit writes ids.
pub(super) fn base36(mut number: u64) -> String {
    let mut digits = Vec::new();
    while number > 0 || digits.is_empty() {
        digits.push(char::from_digit(u32::try_from(number % 36).unwrap_or(0), 36).unwrap_or('0'));
        number /= 36;
    }
    digits.iter().rev().collect()
}

pub(super) fn of(person: &Person) -> Option<&Account> {
    person.reddit.as_ref()
}
