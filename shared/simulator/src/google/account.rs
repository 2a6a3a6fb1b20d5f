//! A Google account, with its channels and its Business Profile accounts.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::people::{Person, Standing};
use crate::util::{digest, digits, grown, slug};

/// What one person has at Google.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Account {
    /// `sub`, the same for every app.
    pub(crate) id: String,
    pub(crate) standing: Standing,
    pub(crate) avatar: u32,
    /// The person's own comes first, the others are of brand accounts.
    pub(crate) channels: Vec<Channel>,
    /// Business Profile accounts; a personal one is always there.
    pub(crate) businesses: Vec<Business>,
    /// The most accounts that one page of the listing answers.
    pub(crate) listing_cap: usize,
}

/// A YouTube channel.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Channel {
    pub(crate) id: String,
    pub(crate) title: String,
    /// With its @.
    pub(crate) handle: String,
    pub(crate) subscribers: i64,
    /// New subscribers a day.
    pub(crate) daily: i64,
    pub(crate) hidden_subscribers: bool,
    pub(crate) views: i64,
    pub(crate) videos: i64,
    pub(crate) published_at: String,
    pub(crate) standing: Standing,
    pub(crate) avatar: u32,
}

/// An account of Business Profile.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Business {
    pub(crate) id: String,
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) kind: Kind,
    pub(crate) role: Role,
    pub(crate) locations: Vec<Location>,
    /// The most locations that one page of the listing answers.
    pub(crate) listing_cap: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Kind {
    #[default]
    Personal,
    LocationGroup,
    UserGroup,
    Organization,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Role {
    #[default]
    PrimaryOwner,
    Owner,
    Manager,
    SiteManager,
}

/// A place; the same one may be under several accounts.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Location {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) city: String,
    /// Is verified, and may speak for the place.
    pub(crate) has_voice_of_merchant: bool,
    /// Views a day.
    pub(crate) daily: i64,
    pub(crate) standing: Standing,
    pub(crate) avatar: u32,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            id: String::new(),
            standing: Standing::Active,
            avatar: 1,
            channels: Vec::new(),
            businesses: Vec::new(),
            listing_cap: 20,
        }
    }
}

impl Default for Channel {
    fn default() -> Self {
        Self {
            id: String::new(),
            title: String::new(),
            handle: String::new(),
            subscribers: 0,
            daily: 0,
            hidden_subscribers: false,
            views: 0,
            videos: 0,
            published_at: "2019-03-01T10:00:00Z".to_owned(),
            standing: Standing::Active,
            avatar: 1,
        }
    }
}

impl Default for Business {
    fn default() -> Self {
        Self {
            id: String::new(),
            name: String::new(),
            kind: Kind::default(),
            role: Role::default(),
            locations: Vec::new(),
            listing_cap: 100,
        }
    }
}

impl Default for Location {
    fn default() -> Self {
        Self {
            id: String::new(),
            title: String::new(),
            city: "Oslo".to_owned(),
            has_voice_of_merchant: true,
            daily: 40,
            standing: Standing::Active,
            avatar: 1,
        }
    }
}

impl Account {
    /// Fills in what was left out.
    pub(crate) fn complete(&mut self, person: &str, name: &str) -> Result<(), String> {
        if self.id.is_empty() {
            self.id = digits(&format!("google/{person}"), "1", 21);
        }
        if self.businesses.iter().all(|business| business.kind != Kind::Personal) {
            self.businesses.insert(0, Business { name: name.to_owned(), ..Business::default() });
        }
        if self.listing_cap == 0 || self.businesses.iter().any(|business| business.listing_cap == 0) {
            return Err("`listing_cap` is at least 1".to_owned());
        }
        for channel in &mut self.channels {
            channel.complete(person)?;
        }
        for (at, business) in self.businesses.iter_mut().enumerate() {
            if business.id.is_empty() {
                business.id = digits(&format!("google/business/{person}/{at}"), "1", 21);
            }
            for location in &mut business.locations {
                location.complete()?;
            }
        }
        Ok(())
    }

    pub(super) fn picture(&self) -> String {
        digest(&format!("google/{}/{}", self.id, self.avatar))
    }

    pub(super) fn locations(&self) -> impl Iterator<Item = &Location> {
        self.businesses.iter().flat_map(|business| &business.locations)
    }
}

impl Channel {
    fn complete(&mut self, person: &str) -> Result<(), String> {
        if self.title.is_empty() {
            return Err("a channel has no `title`".to_owned());
        }
        if self.id.is_empty() {
            let hash = URL_SAFE_NO_PAD.encode(Sha256::digest(format!("youtube/{person}/{}", self.title)));
            self.id = format!("UC{}", &hash[..22]);
        }
        if self.handle.is_empty() {
            self.handle = format!("@{}", slug(&self.title));
        }
        Ok(())
    }

    pub(super) fn subscribers_at(&self, now: Timestamp) -> i64 {
        grown(self.subscribers, self.daily, &self.id, now)
    }

    pub(super) fn views_at(&self, now: Timestamp) -> i64 {
        grown(self.views, self.daily * 90, &format!("{}/views", self.id), now)
    }
}

impl Location {
    /// A place of the same title is the same one, whatever account it is under.
    fn complete(&mut self) -> Result<(), String> {
        if self.title.is_empty() {
            return Err("a location has no `title`".to_owned());
        }
        if self.id.is_empty() {
            self.id = digits(&format!("google/location/{}", self.title), "11", 19);
        }
        Ok(())
    }

    pub(super) fn picture(&self) -> String {
        digest(&format!("google/location/{}/{}", self.id, self.avatar))
    }
}

pub(super) fn of(person: &Person) -> Option<&Account> {
    person.google.as_ref()
}
