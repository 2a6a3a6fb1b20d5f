//! The people whose accounts the platforms keep.

use serde::{Deserialize, Serialize};

use crate::{facebook, google, instagram, linkedin, pinterest, reddit, threads, tiktok, x};

/// One person, with at most one login per platform; several on Instagram.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) email: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) facebook: Option<facebook::Account>,
    /// The Instagram accounts to which the person signs in; the first is meant
    /// where the person is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) instagram: Vec<instagram::Account>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) x: Option<x::Account>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) linkedin: Option<linkedin::Account>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) google: Option<google::Account>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reddit: Option<reddit::Account>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) threads: Option<threads::Account>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) tiktok: Option<tiktok::Account>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) pinterest: Option<pinterest::Account>,
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
        for account in &mut self.instagram {
            account.complete(&self.id)?;
        }
        if let Some(account) = &mut self.x {
            account.complete(&self.id, &self.name)?;
        }
        if let Some(account) = &mut self.reddit {
            account.complete(&self.id)?;
        }
        if let Some(account) = &mut self.google {
            account.complete(&self.id, &self.name)?;
        }
        if let Some(account) = &mut self.linkedin {
            account.complete(&self.id, &self.name)?;
        }
        if let Some(account) = &mut self.threads {
            account.complete(&self.instagram)?;
        }
        if let Some(account) = &mut self.tiktok {
            account.complete(&self.id, &self.name)?;
        }
        if let Some(account) = &mut self.pinterest {
            account.complete(&self.id, &self.name)?;
        }
        Ok(())
    }

    fn platform_ids(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let facebook = self.facebook.iter().map(|a| ("facebook", a.id.as_str()));
        let instagram = self.instagram.iter().map(|a| ("instagram", a.id.as_str()));
        let x = self.x.iter().map(|a| ("x", a.id.as_str()));
        let linkedin = self.linkedin.iter().map(|a| ("linkedin", a.id.as_str()));
        let google = self.google.iter().map(|a| ("google", a.id.as_str()));
        let reddit = self.reddit.iter().map(|a| ("reddit", a.id.as_str()));
        let threads = self.threads.iter().map(|a| ("threads", a.id.as_str()));
        let tiktok = self.tiktok.iter().map(|a| ("tiktok", a.id.as_str()));
        let pinterest = self.pinterest.iter().map(|a| ("pinterest", a.id.as_str()));
        let older = facebook.chain(instagram).chain(x).chain(linkedin).chain(google).chain(reddit);
        older.chain(threads).chain(tiktok).chain(pinterest)
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
        self.link(&mut person)?;
        let place = self.0.iter().position(|other| other.id == person.id);
        let place = place.unwrap_or(self.0.len());
        if place == self.0.len() {
            self.0.push(person);
        } else {
            self.0[place] = person;
        }
        Ok(&self.0[place])
    }

    /// Finds the Instagram accounts that the person's pages name, among the
    /// person's own and everybody else's.
    fn link(&self, person: &mut Person) -> Result<(), String> {
        let own = &person.instagram;
        let twice = |a: &instagram::Account| own.iter().filter(|b| a.id == b.id).count() > 1;
        if let Some(account) = own.iter().find(|account| twice(account)) {
            return Err(format!("the Instagram account `{}` is there twice", account.username));
        }
        let others = self.0.iter().filter(|other| other.id != person.id).flat_map(|other| &other.instagram);
        let all: Vec<&instagram::Account> = own.iter().chain(others).collect();
        let pages = person.facebook.iter_mut().flat_map(|account| &mut account.pages);
        for link in pages.filter_map(|page| page.instagram.as_mut()) {
            let found = all.iter().find(|account| account.id == *link || account.username == *link);
            *link = found.ok_or_else(|| format!("no Instagram account `{link}`"))?.id.clone();
        }
        Ok(())
    }

    /// The Instagram account of that id.
    pub(crate) fn instagram(&self, id: &str) -> Option<&instagram::Account> {
        self.0.iter().flat_map(|person| &person.instagram).find(|account| account.id == id)
    }

    pub(crate) fn instagram_mut(&mut self, id: &str) -> Option<&mut instagram::Account> {
        self.0.iter_mut().flat_map(|person| &mut person.instagram).find(|account| account.id == id)
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
