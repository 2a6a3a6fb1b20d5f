//! Who of the seed is on TikTok.

use super::Account;
use super::account::Kind;
use crate::people::{Person, Standing};
use crate::util::{number, slug};

/// Adds the account of a person of the seed. `personal` is banned and has a
/// personal account, `hobby` a personal one that is well, `creator` a creator's.
pub(crate) fn add(person: &mut Person) {
    let followers = match person.id.as_str() {
        "personal" => 41,
        "acme" => 51_200,
        id => 700 + i64::try_from(number(&format!("tiktok/{id}/size")) % 30_000).unwrap_or(0),
    };
    let kind = match person.id.as_str() {
        "personal" | "hobby" => Kind::Personal,
        "creator" => Kind::Creator,
        _ => Kind::Business,
    };
    person.tiktok = Some(Account {
        username: slug(&person.id),
        kind,
        followers,
        following: followers / 90 + 12,
        likes: followers * 17,
        videos: followers / 240 + 5,
        daily: followers / 500 + 1,
        verified: person.id == "acme",
        standing: if person.id == "personal" { Standing::Suspended } else { Standing::Active },
        ..Account::default()
    });
}
