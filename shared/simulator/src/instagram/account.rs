//! An Instagram account, however an app comes to it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::avatar;
use crate::call::Call;
use crate::graph::GraphError;
use crate::people::Standing;
use crate::room::{Event, EventError, EventKind};
use crate::util::{digits, grown, slug};

/// Only the first two are professional; the API knows no others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Type {
    #[default]
    Business,
    MediaCreator,
    Personal,
}

/// One account. A person signs in to it, and pages of anybody may be linked to it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Account {
    /// The professional account's id, the same in both ways.
    pub(crate) id: String,
    pub(crate) username: String,
    /// Empty if none was set.
    pub(crate) name: String,
    #[serde(rename = "account_type")]
    pub(crate) kind: Type,
    pub(crate) biography: String,
    pub(crate) website: String,
    pub(crate) followers: i64,
    pub(crate) following: i64,
    pub(crate) posts: i64,
    /// New followers a day.
    pub(crate) daily: i64,
    pub(crate) standing: Standing,
    /// 0 is no picture.
    pub(crate) avatar: u32,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            id: String::new(),
            username: String::new(),
            name: String::new(),
            kind: Type::Business,
            biography: String::new(),
            website: String::new(),
            followers: 0,
            following: 0,
            posts: 0,
            daily: 0,
            standing: Standing::Active,
            avatar: 1,
        }
    }
}

impl Account {
    /// Fills in what was left out. An id made here is odd and above 2^53, so
    /// that no floating-point number can hold it.
    pub(crate) fn complete(&mut self, person: &str) -> Result<(), String> {
        if self.username.is_empty() {
            self.username = slug(person);
        }
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '_';
        if !self.username.chars().all(plain) {
            let name = &self.username;
            return Err(format!(
                "the Instagram name `{name}` is not of lower-case letters, digits, dots and underscores"
            ));
        }
        if self.id.is_empty() {
            self.id = format!("{}1", digits(&format!("instagram/{}", self.username), "17841", 16));
        }
        if self.id.starts_with("17841") && self.id.len() == 17 && self.id.chars().all(|c| c.is_ascii_digit()) {
            Ok(())
        } else {
            Err(format!("the Instagram id `{}` is not of 17 digits that begin with 17841", self.id))
        }
    }

    pub(crate) fn is_professional(&self) -> bool {
        self.kind != Type::Personal
    }

    /// Whether the API serves the account now.
    pub(crate) fn served(&self) -> Result<(), GraphError> {
        match self.standing {
            Standing::Deleted => Err(GraphError::missing("get", &self.id)),
            Standing::Suspended => Err(GraphError::restricted()),
            Standing::Active if self.is_professional() => Ok(()),
            Standing::Active => Err(GraphError::not_business()),
        }
    }

    /// The fields that both ways have. What was never set is left out.
    pub(crate) fn value(&self, now: Timestamp, call: &Call, cdn: &str, field: &str) -> Option<Value> {
        let text = |text: &String| (!text.is_empty()).then(|| json!(text));
        match field {
            "id" => Some(json!(self.id)),
            "ig_id" => digits(&self.id, "3", 10).parse::<u64>().ok().map(|id| json!(id)),
            "username" => Some(json!(self.username)),
            "name" => text(&self.name),
            "biography" => text(&self.biography),
            "website" => text(&self.website),
            "profile_picture_url" => {
                (self.avatar > 0).then(|| json!(avatar::address(now, call, cdn, &self.id, self.avatar)))
            }
            "followers_count" => Some(json!(self.followers_at(now))),
            "follows_count" => Some(json!(self.following)),
            "media_count" => Some(json!(self.posts)),
            _ => None,
        }
    }

    pub(crate) fn followers_at(&self, now: Timestamp) -> i64 {
        grown(self.followers, self.daily, &self.id, now)
    }

    /// What can happen to the account itself, whichever way it is connected.
    pub(crate) fn happen(&mut self, event: &Event) -> Result<(), EventError> {
        match event.kind {
            EventKind::Delete => self.standing = Standing::Deleted,
            EventKind::Suspend => self.standing = Standing::Suspended,
            EventKind::Rename => {
                let to = event.to.as_deref().filter(|to| !to.is_empty());
                to.ok_or(EventError::Incomplete("to"))?.clone_into(&mut self.username);
            }
            EventKind::NewAvatar => self.avatar += 1,
            EventKind::TypeChange => {
                let to = event.to.as_deref().unwrap_or("PERSONAL");
                self.kind = serde_json::from_value(json!(to)).map_err(|_| EventError::Incomplete("to"))?;
            }
            _ => return Err(EventError::NotApplicable),
        }
        Ok(())
    }
}

/// The id by which one app knows the account; another app sees another.
pub(crate) fn scoped_id(app: &str, account: &Account) -> String {
    digits(&format!("igsid/{app}/{}", account.id), "26", 17)
}
