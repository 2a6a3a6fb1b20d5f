//! A person's account on X.

use serde::{Deserialize, Serialize};

use crate::people::{Person, Standing};
use crate::util::{digits, slug};

/// Sorts of verification.
pub(super) const SORTS: [&str; 4] = ["blue", "government", "business", "none"];
/// What can be subscribed to.
pub(super) const TIERS: [&str; 4] = ["None", "Basic", "Premium", "PremiumPlus"];

/// What one person has on X.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) username: String,
    /// The display name; the person's own if left out.
    pub(crate) name: String,
    pub(crate) followers: i64,
    pub(crate) following: i64,
    pub(crate) posts: i64,
    pub(crate) listed: i64,
    /// New followers a day.
    pub(crate) daily: i64,
    pub(crate) verified: bool,
    pub(crate) verified_type: String,
    pub(crate) subscription_type: String,
    pub(crate) protected: bool,
    pub(crate) created_at: String,
    pub(crate) standing: Standing,
    pub(crate) avatar: u32,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            id: String::new(),
            username: String::new(),
            name: String::new(),
            followers: 0,
            following: 0,
            posts: 0,
            listed: 0,
            daily: 0,
            verified: false,
            verified_type: "none".to_owned(),
            subscription_type: "None".to_owned(),
            protected: false,
            created_at: "2022-12-06T10:00:00.000Z".to_owned(),
            standing: Standing::Active,
            avatar: 1,
        }
    }
}

impl Account {
    /// Fills in what was left out.
    pub(crate) fn complete(&mut self, person: &str, name: &str) -> Result<(), String> {
        if self.id.is_empty() {
            self.id = digits(&format!("x/{person}"), "16", 19);
        }
        if !self.id.chars().all(|c| c.is_ascii_digit()) {
            return Err(format!("the id `{}` is not of digits", self.id));
        }
        if self.username.is_empty() {
            self.username = slug(person);
        }
        if self.name.is_empty() {
            name.clone_into(&mut self.name);
        }
        if !TIERS.contains(&self.subscription_type.as_str()) {
            return Err("`subscription_type` is None, Basic, Premium or PremiumPlus".to_owned());
        }
        if SORTS.contains(&self.verified_type.as_str()) {
            Ok(())
        } else {
            Err("`verified_type` is blue, government, business or none".to_owned())
        }
    }
}

/// A person with an account on X.
pub(crate) fn of(person: &Person) -> Option<&Account> {
    person.x.as_ref()
}
