//! Who of the seed is on Threads.

use super::Account;
use crate::people::{Person, Standing};

/// Adds the account of a person of the seed. `personal` is restricted, and
/// `hobby` has a private profile. Whoever has no Instagram account has none here.
pub(crate) fn add(person: &mut Person) {
    let Some(instagram) = person.instagram.first() else { return };
    let followers = instagram.followers / 3 + 60;
    person.threads = Some(Account {
        name: instagram.name.clone(),
        biography: instagram.biography.clone(),
        followers,
        daily: followers / 600 + 1,
        verified: person.id == "acme",
        private: person.id == "hobby",
        standing: if person.id == "personal" { Standing::Suspended } else { Standing::Active },
        ..Account::default()
    });
}
