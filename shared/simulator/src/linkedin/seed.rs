//! Who is on LinkedIn from the start.

use super::account::{Account, Organization, Role, RoleState};
use crate::people::{Person, Standing};

/// The agency's organisations over three pages of the listing, whether all of them are asked for or those whose role is
/// approved.
const AGENCY: [(&str, Role, RoleState); 12] = [
    ("North Agency", Role::Administrator, RoleState::Approved),
    ("Fjord Ceramics AS", Role::Administrator, RoleState::Approved),
    ("Nordlys Bakery", Role::ContentAdministrator, RoleState::Approved),
    ("Harbour Books", Role::Analyst, RoleState::Approved),
    ("Alpine Cycles", Role::Administrator, RoleState::Requested),
    ("Lantern Theatre", Role::Curator, RoleState::Approved),
    ("Moss and Stone", Role::ContentAdministrator, RoleState::Approved),
    ("Copper Kettle", Role::Administrator, RoleState::Revoked),
    ("Tidewater Sailing", Role::Administrator, RoleState::Approved),
    ("Birch Yoga", Role::Analyst, RoleState::Approved),
    ("Atlas Coffee", Role::Administrator, RoleState::Requested),
    ("Juniper Florist", Role::Administrator, RoleState::Approved),
];

fn organization(name: &str, role: Role, followers: i64) -> Organization {
    Organization { name: name.to_owned(), role, followers, daily: followers / 800 + 1, ..Organization::default() }
}

/// What a person of the seed has there.
pub(crate) fn seed(person: &Person) -> Account {
    let member = |followers: i64, organizations: Vec<Organization>| Account {
        followers,
        daily: followers / 900 + 1,
        organizations,
        ..Account::default()
    };
    match person.id.as_str() {
        "acme" => member(2_340, vec![organization("Acme", Role::Administrator, 11_480)]),
        "acme-team" => member(
            410,
            vec![
                organization("Acme", Role::ContentAdministrator, 11_480),
                organization("Acme Archive", Role::Analyst, 320),
            ],
        ),
        "agency" => Account { listing_cap: 4, ..member(3_020, agency()) },
        "personal" => member(150, Vec::new()),
        "watched" => member(900, vec![organization("Watched Company", Role::Administrator, 7_900)]),
        "analyst" => member(
            530,
            vec![
                organization("Watched Company", Role::Analyst, 7_900),
                organization("Watched Shop", Role::Analyst, 1_240),
            ],
        ),
        "mallory" => member(66, vec![organization("Mallory Trading", Role::Administrator, 606)]),
        "creator" => Account { avatar: 0, ..member(8_800, Vec::new()) },
        "hobby" => Account { standing: Standing::Suspended, ..member(40, Vec::new()) },
        _ => {
            let pages = person.facebook.iter().flat_map(|account| &account.pages);
            let own = pages.map(|page| organization(&page.name, Role::Administrator, page.followers / 2 + 90));
            member(700, own.collect())
        }
    }
}

fn agency() -> Vec<Organization> {
    let all = AGENCY.iter().enumerate().map(|(at, (name, role, state))| {
        let followers = 1_900 + i64::try_from(at).unwrap_or(0) * 613;
        Organization { state: *state, brand: at == 10, ..organization(name, *role, followers) }
    });
    all.collect()
}
