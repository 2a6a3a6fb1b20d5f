//! The people who exist from the start.

use crate::facebook::{Account as Facebook, Business, Page};
use crate::people::Standing;
use crate::people::{People, Person};
use crate::x::Account as X;

const FULL: [&str; 6] = ["MANAGE", "CREATE_CONTENT", "MODERATE", "MESSAGING", "ADVERTISE", "ANALYZE"];
const PLUS: [&str; 4] =
    ["PROFILE_PLUS_FULL_CONTROL", "PROFILE_PLUS_MANAGE", "PROFILE_PLUS_CREATE_CONTENT", "PROFILE_PLUS_ANALYZE"];

/// The agency's pages; where they stand and with which tasks follows from the
/// position, see [`agency`].
const AGENCY: [&str; 30] = [
    "Fjord Ceramics",
    "Nordlys Bakery",
    "Harbour Books",
    "Alpine Cycles",
    "Lantern Theatre",
    "Moss and Stone",
    "Copper Kettle",
    "Tidewater Sailing",
    "Birch Yoga",
    "Atlas Coffee",
    "Juniper Florist",
    "Old Mill Brewery",
    "Quartz Dental",
    "Riverside Vets",
    "Sundial Optics",
    "Thistle Tailors",
    "Umbra Records",
    "Velvet Salon",
    "Willow Nursery",
    "Yarrow Clinic",
    "Zephyr Kites",
    "Ember Pizza",
    "Granite Climbing",
    "Heron Lodge",
    "Indigo Prints",
    "Kestrel Drones",
    "Larch Joinery",
    "Meadow Dairy",
    "Onyx Jewellers",
    "Poppy Kindergarten",
];

const DEMO: [(&str, &[&str]); 12] = [
    ("Ida Solberg", &["Solberg Interiors"]),
    ("Mateo Ruiz", &["Casa Ruiz", "Ruiz Catering"]),
    ("Aisha Khan", &["Khan Legal"]),
    ("Tom Becker", &["Becker Bikes", "Becker Rentals", "Becker Tours"]),
    ("Yuki Tanaka", &["Tanaka Tea"]),
    ("Lena Novak", &["Novak Fitness", "Novak Nutrition"]),
    ("Samuel Osei", &["Osei Studio"]),
    ("Clara Dubois", &["Atelier Dubois", "Dubois Wine"]),
    ("Noah Lindqvist", &["Lindqvist Boats"]),
    ("Priya Nair", &["Nair Sweets", "Nair Events", "Nair Travel"]),
    ("Ewan Fraser", &["Fraser Outdoors"]),
    ("Bianca Costa", &["Costa Music", "Costa Dance"]),
];

/// Everybody of the seed, the same at each start.
pub(crate) fn people() -> People {
    let mut people = People::default();
    let everybody = [acme(), acme_team(), agency(), personal(), analyst(), mallory()];
    for person in everybody.into_iter().chain(demo()) {
        let added = people.put(person);
        debug_assert!(added.is_ok(), "{:?}", added.err());
    }
    people
}

fn person(id: &str, name: &str, facebook: Facebook, x: Option<X>) -> Person {
    Person { id: id.to_owned(), name: name.to_owned(), email: String::new(), facebook: Some(facebook), x }
}

fn page(name: &str, category: &str, tasks: &[&str], followers: i64) -> Page {
    Page {
        name: name.to_owned(),
        category: category.to_owned(),
        tasks: tasks.iter().map(ToString::to_string).collect(),
        followers,
        likes: followers - followers / 40,
        daily: followers / 900 + 1,
        ..Page::default()
    }
}

fn pages(pages: Vec<Page>) -> Facebook {
    Facebook { pages, ..Facebook::default() }
}

fn x(username: &str, followers: i64) -> X {
    X {
        username: username.to_owned(),
        followers,
        following: followers / 20 + 40,
        posts: followers / 4 + 120,
        daily: followers / 700 + 1,
        ..X::default()
    }
}

fn acme() -> Person {
    let acme = Page {
        username: "acme".to_owned(),
        verification_status: "blue_verified".to_owned(),
        ..page("Acme", "Local business", &FULL, 18_234)
    };
    let x = X { verified: true, verified_type: "business".to_owned(), ..x("acme", 8_123) };
    person("acme", "Acme", pages(vec![acme]), Some(x))
}

fn acme_team() -> Person {
    let both = vec![
        page("Acme Team", "Local business", &FULL, 2_410),
        page("Acme Archive", "Local business", &["ANALYZE"], 640),
    ];
    person("acme-team", "Acme Team", pages(both), Some(x("acmeteam", 910)))
}

/// Thirty pages. 0 to 21 are listed; of these 20 and 21 stand in a portfolio as
/// well. 22 to 27 are only owned by the first portfolio, 28 and 29 only managed
/// for a client of the second. Every fourth has the task names of the new pages
/// experience. 5 and 13 may only be analysed, 9 and 25 only moderated.
fn agency() -> Person {
    let north = Business { listing_cap: 4, ..Business::named("North Agency Portfolio") };
    let clients = Business::named("North Agency Clients");
    let all = AGENCY.iter().enumerate().map(|(at, name)| {
        let tasks: &[&str] = match at {
            5 => &["ANALYZE"],
            13 => &["PROFILE_PLUS_ANALYZE"],
            9 => &["MODERATE"],
            25 => &["PROFILE_PLUS_MODERATE"],
            _ if at % 4 == 3 => &PLUS,
            _ => &FULL,
        };
        let followers = 1_200 + i64::try_from(at).unwrap_or(0) * 377;
        Page {
            listed: at < 22,
            owned_by: (20..28).contains(&at).then(|| north.name.clone()),
            client_of: (at >= 28).then(|| clients.name.clone()),
            ..page(name, "Local business", tasks, followers)
        }
    });
    let account = Facebook {
        pages: all.collect(),
        listing_cap: 10,
        business_cap: 1,
        businesses: vec![north.clone(), clients.clone()],
        ..Facebook::default()
    };
    person("agency", "North Agency", account, Some(x("northagency", 5_480)))
}

/// Has only what platforms refuse: no page, and a suspended account on X.
fn personal() -> Person {
    let suspended = X { standing: Standing::Suspended, ..x("justpersonal", 12) };
    person("personal", "Pat Personal", Facebook::default(), Some(suspended))
}

fn analyst() -> Person {
    let watched = vec![
        page("Watched Company", "Company", &["ANALYZE"], 7_300),
        page("Watched Shop", "Shopping & retail", &["PROFILE_PLUS_ANALYZE"], 3_100),
    ];
    person("analyst", "Ana Lyst", pages(watched), Some(x("analyst", 430)))
}

/// The person who answers when somebody else was asked for.
fn mallory() -> Person {
    let own = vec![page("Mallory Trading", "Shopping & retail", &FULL, 666)];
    person("mallory", "Mallory Moreau", pages(own), Some(x("mallory", 66)))
}

fn demo() -> impl Iterator<Item = Person> {
    DEMO.iter().enumerate().map(|(at, (name, names))| {
        let size = 900 + i64::try_from(at).unwrap_or(0) * 1_310;
        let own = names.iter().map(|page_name| page(page_name, "Local business", &FULL, size)).collect();
        let handle = crate::util::slug(name);
        person(&format!("demo-{:02}", at + 1), name, pages(own), Some(x(&handle, size / 2 + 50)))
    })
}
