//! A person's Threads account, which hangs on an Instagram account.

use serde::{Deserialize, Serialize};

use crate::World;
use crate::graph::GraphError;
use crate::instagram;
use crate::people::{Person, Standing};
use crate::util::digits;

/// What one person has on Threads. The handle is the Instagram account's.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Account {
    pub(crate) id: String,
    /// Which of the person's Instagram accounts it hangs on, by handle or id; the first if left out.
    pub(crate) instagram: String,
    /// Empty if none was set.
    pub(crate) name: String,
    pub(crate) biography: String,
    pub(crate) followers: i64,
    /// New followers a day.
    pub(crate) daily: i64,
    pub(crate) verified: bool,
    /// What a private profile allows lapses after 90 days.
    pub(crate) private: bool,
    /// Suspended is restricted, in Threads' words.
    pub(crate) standing: Standing,
    /// 0 is no picture.
    pub(crate) avatar: u32,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            id: String::new(),
            instagram: String::new(),
            name: String::new(),
            biography: String::new(),
            followers: 0,
            daily: 0,
            verified: false,
            private: false,
            standing: Standing::Active,
            avatar: 1,
        }
    }
}

impl Account {
    /// Fills in what was left out. An id made here is odd and above 2^53, so
    /// that no floating-point number can hold it.
    pub(crate) fn complete(&mut self, own: &[instagram::Account]) -> Result<(), String> {
        let named = |account: &&instagram::Account| {
            [&account.id, &account.username].contains(&&self.instagram) || self.instagram.is_empty()
        };
        let found = own.iter().find(named);
        let found = found.ok_or("a Threads account needs an Instagram account of the same person")?;
        self.instagram.clone_from(&found.id);
        if self.id.is_empty() {
            self.id = format!("{}1", digits(&format!("threads/{}", found.id), "24", 16));
        }
        if self.id.len() == 17 && self.id.starts_with('2') && self.id.chars().all(|c| c.is_ascii_digit()) {
            Ok(())
        } else {
            Err(format!("the Threads id `{}` is not of 17 digits that begin with 2", self.id))
        }
    }

    /// The handle, which is the Instagram account's.
    pub(super) fn username<'a>(&self, world: &'a World) -> &'a str {
        world.people.instagram(&self.instagram).map_or("", |account| account.username.as_str())
    }

    /// How it stands; with the Instagram account it is gone as well.
    pub(super) fn standing(&self, world: &World) -> Standing {
        let instagram = world.people.instagram(&self.instagram);
        let gone = instagram.is_none_or(|account| account.standing == Standing::Deleted);
        if gone { Standing::Deleted } else { self.standing }
    }

    /// Whether the API serves the account now.
    pub(super) fn served(&self, world: &World) -> Result<(), GraphError> {
        match self.standing(world) {
            Standing::Deleted => Err(GraphError::missing("get", &self.id)),
            Standing::Suspended => Err(GraphError::threads_restricted()),
            Standing::Active => Ok(()),
        }
    }
}

/// A person with an account on Threads.
pub(super) fn of(person: &Person) -> Option<&Account> {
    person.threads.as_ref()
}

pub(super) fn by_id<'a>(world: &'a World, id: &str) -> Option<&'a Account> {
    world.people.all().iter().filter_map(of).find(|account| account.id == id)
}
