//! A person's Facebook login, pages and portfolios.

use serde::{Deserialize, Serialize};

use crate::people::{Person, Standing};
use crate::util::{digits, slug};

/// What one person has on Facebook.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Account {
    /// The id that no app ever sees: each sees one of its own.
    pub(crate) id: String,
    pub(crate) standing: Standing,
    pub(crate) avatar: u32,
    pub(crate) pages: Vec<Page>,
    pub(crate) businesses: Vec<Business>,
    /// The most pages that one listing of `/me/accounts` answers.
    pub(crate) listing_cap: usize,
    /// The same of `/me/businesses`.
    pub(crate) business_cap: usize,
}

/// A page on which the person holds tasks.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Page {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) username: String,
    pub(crate) category: String,
    pub(crate) tasks: Vec<String>,
    /// Stands in `/me/accounts`.
    pub(crate) listed: bool,
    /// Id or name of the portfolio that owns it.
    pub(crate) owned_by: Option<String>,
    /// Id or name of the portfolio that manages it for a client.
    pub(crate) client_of: Option<String>,
    /// Id or handle of the Instagram account that is linked to it.
    pub(crate) instagram: Option<String>,
    pub(crate) followers: i64,
    pub(crate) likes: i64,
    /// New followers a day.
    pub(crate) daily: i64,
    pub(crate) verification_status: String,
    pub(crate) is_published: bool,
    pub(crate) standing: Standing,
    pub(crate) avatar: u32,
}

/// A business portfolio.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Business {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) listing_cap: usize,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            id: String::new(),
            standing: Standing::Active,
            avatar: 1,
            pages: Vec::new(),
            businesses: Vec::new(),
            listing_cap: 100,
            business_cap: 100,
        }
    }
}

impl Default for Page {
    fn default() -> Self {
        Self {
            id: String::new(),
            name: String::new(),
            username: String::new(),
            category: "Local business".to_owned(),
            tasks: Vec::new(),
            listed: true,
            owned_by: None,
            client_of: None,
            instagram: None,
            followers: 0,
            likes: 0,
            daily: 0,
            verification_status: "not_verified".to_owned(),
            is_published: true,
            standing: Standing::Active,
            avatar: 1,
        }
    }
}

impl Default for Business {
    fn default() -> Self {
        Self::named("")
    }
}

impl Business {
    pub(crate) fn named(name: &str) -> Self {
        Self { id: String::new(), name: name.to_owned(), listing_cap: 100 }
    }
}

impl Account {
    /// Fills in what was left out.
    pub(crate) fn complete(&mut self, person: &str) -> Result<(), String> {
        default_id(&mut self.id, &format!("facebook/{person}"), "10000", 15)?;
        if self.listing_cap == 0 || self.business_cap == 0 {
            return Err("a listing cap is at least 1".to_owned());
        }
        for business in &mut self.businesses {
            let key = format!("facebook/{person}/business/{}", business.name);
            default_id(&mut business.id, &key, "2020", 15)?;
        }
        for page in &mut self.pages {
            if page.name.is_empty() {
                return Err("a page needs a `name`".to_owned());
            }
            let key = format!("facebook/{person}/page/{}", page.name);
            default_id(&mut page.id, &key, "1048", 15)?;
            if page.username.is_empty() {
                page.username = slug(&page.name);
            }
            for portfolio in [&mut page.owned_by, &mut page.client_of].into_iter().flatten() {
                *portfolio = self
                    .businesses
                    .iter()
                    .find(|b| b.id == *portfolio || b.name == *portfolio)
                    .map(|b| b.id.clone())
                    .ok_or_else(|| format!("no portfolio `{portfolio}`"))?;
            }
        }
        Ok(())
    }

    pub(crate) fn page(&self, id: &str) -> Option<&Page> {
        self.pages.iter().find(|page| page.id == id)
    }
}

fn default_id(id: &mut String, key: &str, prefix: &str, length: usize) -> Result<(), String> {
    if id.is_empty() {
        *id = digits(key, prefix, length);
    }
    if id.chars().all(|c| c.is_ascii_digit()) { Ok(()) } else { Err(format!("the id `{id}` is not of digits")) }
}

/// The id by which one app knows a person; another app sees another.
pub(crate) fn scoped_id(app: &str, account: &Account) -> String {
    digits(&format!("asid/{app}/{}", account.id), "1221", 18)
}

/// A person with a Facebook login.
pub(crate) fn of(person: &Person) -> Option<&Account> {
    person.facebook.as_ref()
}
