//! The people whose accounts the platforms keep.

use serde::{Deserialize, Serialize};

use crate::{facebook, x};

/// One person, with at most one login per platform.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) email: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) facebook: Option<facebook::Account>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) x: Option<x::Account>,
}

/// How a platform sees an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Standing {
    #[default]
    Active,
    Suspended,
    Deleted,
}

/// Everybody.
#[derive(Default)]
pub(crate) struct People(Vec<Person>);

impl Person {
    /// Fills in what was left out: ids, handles, an address.
    fn complete(&mut self) -> Result<(), String> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.id.is_empty() || self.id.len() > 40 || !self.id.chars().all(plain) {
            return Err("`id` is 1 to 40 lower-case letters, digits and hyphens".to_owned());
        }
        if self.name.is_empty() {
            return Err("`name` is empty".to_owned());
        }
        if self.email.is_empty() {
            self.email = format!("{}@people.example", self.id);
        }
        if let Some(account) = &mut self.facebook {
            account.complete(&self.id)?;
        }
        if let Some(account) = &mut self.x {
            account.complete(&self.id, &self.name)?;
        }
        Ok(())
    }

    fn platform_ids(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let facebook = self.facebook.iter().map(|a| ("facebook", a.id.as_str()));
        let x = self.x.iter().map(|a| ("x", a.id.as_str()));
        facebook.chain(x)
    }
}

impl People {
    /// Adds a person, or replaces the one of that id.
    pub(crate) fn put(&mut self, mut person: Person) -> Result<&Person, String> {
        person.complete()?;
        let taken = self
            .0
            .iter()
            .filter(|other| other.id != person.id)
            .find(|other| other.platform_ids().any(|id| person.platform_ids().any(|mine| mine == id)));
        if let Some(other) = taken {
            return Err(format!("`{}` already has that account id", other.id));
        }
        let place = self.0.iter().position(|other| other.id == person.id);
        let place = place.unwrap_or(self.0.len());
        if place == self.0.len() {
            self.0.push(person);
        } else {
            self.0[place] = person;
        }
        Ok(&self.0[place])
    }

    pub(crate) fn all(&self) -> &[Person] {
        &self.0
    }

    pub(crate) fn all_mut(&mut self) -> &mut [Person] {
        &mut self.0
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Person> {
        self.0.iter().find(|person| person.id == id)
    }
}
