//! Who of the seed is on Pinterest.

use super::Account;
use super::account::Kind;
use crate::people::Person;
use crate::util::{number, slug};

/// Adds the account of a person of the seed. `personal` and `hobby` are no
/// businesses; `agency` has boards enough for three pages.
pub(crate) fn add(person: &mut Person) {
    let size = i64::try_from(number(&format!("pinterest/{}/size", person.id)) % 9_000).unwrap_or(0) + 120;
    let kind = if matches!(person.id.as_str(), "personal" | "hobby") { Kind::Pinner } else { Kind::Business };
    let (boards, secret_boards) = match person.id.as_str() {
        "agency" => (60, 3),
        "acme" => (14, 1),
        _ => (u32::try_from(size % 9).unwrap_or(0) + 1, 0),
    };
    person.pinterest = Some(Account {
        username: slug(&person.id),
        kind,
        followers: size,
        following: size / 12 + 9,
        boards,
        secret_boards,
        pins: size / 3 + 20,
        monthly_views: size * 16,
        daily: size / 400 + 1,
        ..Account::default()
    });
}
