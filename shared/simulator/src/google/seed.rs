//! Who is at Google from the start.

use super::account::{Account, Business, Channel, Kind, Location, Role};
use crate::people::{Person, Standing};

fn channel(title: &str, subscribers: i64) -> Channel {
    Channel {
        title: title.to_owned(),
        subscribers,
        daily: subscribers / 700 + 1,
        views: subscribers * 78,
        videos: subscribers / 110 + 3,
        ..Channel::default()
    }
}

fn location(title: &str, city: &str, daily: i64) -> Location {
    Location { title: title.to_owned(), city: city.to_owned(), daily, ..Location::default() }
}

fn personal(name: &str, locations: Vec<Location>) -> Business {
    Business { name: name.to_owned(), locations, ..Business::default() }
}

/// What a person of the seed has there.
pub(crate) fn seed(person: &Person) -> Account {
    let name = person.name.as_str();
    let has =
        |channels: Vec<Channel>, businesses: Vec<Business>| Account { channels, businesses, ..Account::default() };
    match person.id.as_str() {
        "acme" => has(vec![channel("Acme", 15_432)], vec![personal(name, vec![location("Acme", "Oslo", 240)])]),
        "acme-team" => has(vec![channel("Acme Team", 920)], Vec::new()),
        "agency" => agency(),
        "personal" => has(Vec::new(), Vec::new()),
        "watched" => has(
            vec![channel("Watched Company", 4_400)],
            vec![personal(name, vec![location("Watched Company", "Bergen", 90)])],
        ),
        "analyst" => {
            let watched = vec![location("Watched Company", "Bergen", 90)];
            let group = Business { role: Role::SiteManager, kind: Kind::LocationGroup, ..personal("Watched", watched) };
            has(Vec::new(), vec![group])
        }
        "mallory" => has(
            vec![channel("Mallory Trading", 666)],
            vec![personal(name, vec![location("Mallory Trading", "Moss", 6)])],
        ),
        "creator" => has(vec![Channel { hidden_subscribers: true, ..channel("Cleo Creator", 88_120) }], Vec::new()),
        "hobby" => has(vec![Channel { standing: Standing::Suspended, ..channel("Hanna Knits", 210) }], Vec::new()),
        _ => {
            let pages = person.facebook.iter().flat_map(|account| &account.pages);
            let places = pages.map(|page| location(&page.name, "Oslo", page.followers / 40 + 10)).collect();
            has(vec![channel(name, 3_100)], vec![personal(name, places)])
        }
    }
}

/// Three channels, of which two are of brand accounts, and five locations in two accounts: one of them is in both.
fn agency() -> Account {
    let shared = || location("Nordlys Bakery", "Tromso", 130);
    let own = vec![location("North Agency", "Oslo", 60), shared(), location("Harbour Books", "Bergen", 75)];
    let clients = vec![shared(), location("Alpine Cycles", "Lillehammer", 88), location("Copper Kettle", "Oslo", 41)];
    let group = Business {
        kind: Kind::LocationGroup,
        role: Role::Manager,
        listing_cap: 2,
        ..personal("North Agency Clients", clients)
    };
    Account {
        channels: vec![
            channel("North Agency", 6_120),
            channel("Fjord Ceramics", 15_400),
            Channel { hidden_subscribers: true, ..channel("Lantern Theatre", 980) },
        ],
        businesses: vec![Business { listing_cap: 2, ..personal("North Agency", own) }, group],
        listing_cap: 1,
        ..Account::default()
    }
}
