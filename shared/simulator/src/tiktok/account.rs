//! A person's account on TikTok.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::World;
use crate::people::{Person, Standing};
use crate::util::{digest, grown, number, slug};

/// Login Kit takes all of them, the API for Business only the last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Personal,
    Creator,
    #[default]
    Business,
}

/// What one person has on TikTok.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Account {
    /// The `union_id`, the same for all apps of one developer. Each app has an `open_id` of its own.
    pub(crate) id: String,
    pub(crate) username: String,
    /// The display name; the person's own if left out.
    pub(crate) name: String,
    pub(crate) bio: String,
    #[serde(rename = "account_type")]
    pub(crate) kind: Kind,
    pub(crate) followers: i64,
    pub(crate) following: i64,
    pub(crate) likes: i64,
    pub(crate) videos: i64,
    /// New followers a day.
    pub(crate) daily: i64,
    pub(crate) verified: bool,
    /// Suspended is banned, in TikTok's words.
    pub(crate) standing: Standing,
    pub(crate) avatar: u32,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            id: String::new(),
            username: String::new(),
            name: String::new(),
            bio: String::new(),
            kind: Kind::Business,
            followers: 0,
            following: 0,
            likes: 0,
            videos: 0,
            daily: 0,
            verified: false,
            standing: Standing::Active,
            avatar: 1,
        }
    }
}

impl Account {
    /// Fills in what was left out.
    pub(crate) fn complete(&mut self, person: &str, name: &str) -> Result<(), String> {
        if self.id.is_empty() {
            self.id = format!("{}-{}", digest(&format!("tiktok/{person}")), digest(&format!("tiktok/{person}/union")));
        }
        if self.username.is_empty() {
            self.username = slug(person);
        }
        if self.name.is_empty() {
            name.clone_into(&mut self.name);
        }
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '_';
        if self.username.chars().all(plain) {
            Ok(())
        } else {
            let name = &self.username;
            Err(format!("the TikTok name `{name}` is not of lower-case letters, digits, dots and underscores"))
        }
    }

    pub(super) fn followers_at(&self, now: Timestamp) -> i64 {
        grown(self.followers, self.daily, &self.id, now)
    }

    pub(super) fn likes_at(&self, now: Timestamp) -> i64 {
        grown(self.likes, self.daily * 9, &self.id, now)
    }
}

/// The id by which one app knows the account. It may begin with a sign that is no letter.
pub(crate) fn open_id(app: &str, account: &Account) -> String {
    let key = format!("{app}/{}", account.id);
    let first = ["-", "_", "a"][usize::try_from(number(&key) % 3).unwrap_or(0)];
    format!("{first}000{}{}", digest(&key), digest(&format!("{key}/open")))
}

/// A person with an account on TikTok.
pub(super) fn of(person: &Person) -> Option<&Account> {
    person.tiktok.as_ref()
}

pub(super) fn by_id<'a>(world: &'a World, id: &str) -> Option<&'a Account> {
    world.people.all().iter().filter_map(of).find(|account| account.id == id)
}
