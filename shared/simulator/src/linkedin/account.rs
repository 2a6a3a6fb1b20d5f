//! A member, and the organisations in which the member has a role.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::World;
use crate::people::{Person, Standing};
use crate::util::{digits, grown, slug};

/// What one person has on LinkedIn.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Account {
    /// The id that no app ever sees: each sees one of its own.
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) vanity_name: String,
    pub(crate) followers: i64,
    /// New followers a day.
    pub(crate) daily: i64,
    pub(crate) standing: Standing,
    /// 0 is no picture.
    pub(crate) avatar: u32,
    pub(crate) organizations: Vec<Organization>,
    /// The most organisations that one page of the listing answers.
    pub(crate) listing_cap: usize,
}

/// An organisation, and what the member may do there.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Organization {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) vanity_name: String,
    /// A showcase page.
    pub(crate) brand: bool,
    pub(crate) role: Role,
    pub(crate) state: RoleState,
    pub(crate) followers: i64,
    /// New followers a day.
    pub(crate) daily: i64,
    pub(crate) standing: Standing,
    pub(crate) avatar: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Role {
    #[default]
    Administrator,
    ContentAdministrator,
    DirectSponsoredContentPoster,
    RecruitingPoster,
    LeadCaptureAdministrator,
    LeadGenFormsManager,
    Analyst,
    Curator,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum RoleState {
    #[default]
    Approved,
    Requested,
    Revoked,
    Rejected,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            id: String::new(),
            name: String::new(),
            vanity_name: String::new(),
            followers: 0,
            daily: 0,
            standing: Standing::Active,
            avatar: 1,
            organizations: Vec::new(),
            listing_cap: 100,
        }
    }
}

impl Default for Organization {
    fn default() -> Self {
        Self {
            id: String::new(),
            name: String::new(),
            vanity_name: String::new(),
            brand: false,
            role: Role::default(),
            state: RoleState::default(),
            followers: 0,
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
            self.id = digits(&format!("linkedin/{person}"), "4", 10);
        }
        if self.name.is_empty() {
            name.clone_into(&mut self.name);
        }
        if self.vanity_name.is_empty() {
            self.vanity_name = hyphened(&self.name);
        }
        if self.listing_cap == 0 {
            return Err("`listing_cap` is at least 1".to_owned());
        }
        for at in 0..self.organizations.len() {
            self.organizations[at].complete()?;
            let id = &self.organizations[at].id;
            if self.organizations[..at].iter().any(|other| other.id == *id) {
                return Err(format!("the organisation `{id}` is there twice"));
            }
        }
        Ok(())
    }

    /// The member's id for one app.
    pub(super) fn sub(&self, app: &str) -> String {
        let mut id = URL_SAFE_NO_PAD.encode(Sha256::digest(format!("linkedin/{app}/{}", self.id)));
        id.truncate(10);
        id
    }

    pub(super) fn followers_at(&self, now: Timestamp) -> i64 {
        grown(self.followers, self.daily, &self.id, now)
    }
}

impl Organization {
    /// An organisation of the same name is the same one, whoever has a role there.
    fn complete(&mut self) -> Result<(), String> {
        if self.name.is_empty() {
            return Err("an organisation has no `name`".to_owned());
        }
        if self.id.is_empty() {
            self.id = digits(&format!("linkedin/organization/{}", self.name), "9", 8);
        }
        if !self.id.chars().all(|c| c.is_ascii_digit()) {
            return Err(format!("the id `{}` is not of digits", self.id));
        }
        if self.vanity_name.is_empty() {
            self.vanity_name = hyphened(&self.name);
        }
        Ok(())
    }

    pub(super) fn urn(&self) -> String {
        let kind = if self.brand { "organizationBrand" } else { "organization" };
        format!("urn:li:{kind}:{}", self.id)
    }

    pub(super) fn followers_at(&self, now: Timestamp) -> i64 {
        grown(self.followers, self.daily, &self.id, now)
    }
}

/// `North Harbour AS` is `north-harbour-as`.
pub(super) fn hyphened(name: &str) -> String {
    let words: Vec<String> = name.split_whitespace().map(slug).filter(|word| !word.is_empty()).collect();
    words.join("-")
}

pub(super) fn of(person: &Person) -> Option<&Account> {
    person.linkedin.as_ref()
}

/// Where an organisation stands for somebody: what it is, and the role held there now.
pub(super) fn organization<'a>(world: &'a World, person: &str, id: &str) -> Option<&'a Organization> {
    let account = world.people.get(person).and_then(of)?;
    let held = |organization: &&Organization| {
        organization.id == id && organization.state == RoleState::Approved && organization.standing == Standing::Active
    };
    account.organizations.iter().find(held)
}
