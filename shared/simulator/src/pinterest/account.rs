//! A person's account on Pinterest.

use serde::{Deserialize, Serialize};

use crate::World;
use crate::people::{Person, Standing};
use crate::util::{digits, slug};

/// Only a business has analytics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Kind {
    Pinner,
    #[default]
    Business,
}

/// What one person has on Pinterest.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) username: String,
    /// Of a business; the person's own name if left out.
    pub(crate) business_name: String,
    #[serde(rename = "account_type")]
    pub(crate) kind: Kind,
    pub(crate) about: String,
    pub(crate) website: String,
    pub(crate) followers: i64,
    pub(crate) following: i64,
    pub(crate) boards: u32,
    pub(crate) secret_boards: u32,
    pub(crate) pins: i64,
    pub(crate) monthly_views: i64,
    /// New followers a day.
    pub(crate) daily: i64,
    pub(crate) standing: Standing,
    pub(crate) avatar: u32,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            id: String::new(),
            username: String::new(),
            business_name: String::new(),
            kind: Kind::Business,
            about: String::new(),
            website: String::new(),
            followers: 0,
            following: 0,
            boards: 0,
            secret_boards: 0,
            pins: 0,
            monthly_views: 0,
            daily: 0,
            standing: Standing::Active,
            avatar: 1,
        }
    }
}

impl Account {
    /// Fills in what was left out.
    pub(crate) fn complete(&mut self, person: &str, name: &str) -> Result<(), String> {
        if self.id.is_empty() {
            self.id = digits(&format!("pinterest/{person}"), "27", 19);
        }
        if !self.id.chars().all(|c| c.is_ascii_digit()) {
            return Err(format!("the Pinterest id `{}` is not of digits", self.id));
        }
        if self.username.is_empty() {
            self.username = slug(person);
        }
        if self.kind == Kind::Business && self.business_name.is_empty() {
            name.clone_into(&mut self.business_name);
        }
        Ok(())
    }
}

/// A person with an account on Pinterest.
pub(super) fn of(person: &Person) -> Option<&Account> {
    person.pinterest.as_ref()
}

pub(super) fn by_id<'a>(world: &'a World, id: &str) -> Option<&'a Account> {
    world.people.all().iter().filter_map(of).find(|account| account.id == id)
}
