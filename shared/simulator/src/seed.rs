//! The people who exist from the start.

use crate::facebook::{Account as Facebook, Business, Page};
use crate::instagram::Account as Instagram;
use crate::instagram::account::Type;
use crate::people::Standing;
use crate::people::{People, Person};
use crate::pinterest;
use crate::threads;
use crate::tiktok;
use crate::util::slug;
use crate::x::Account as X;
use crate::{google, linkedin, reddit};

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
    let everybody = [acme(), acme_team(), agency(), personal(), watched(), analyst(), mallory(), creator(), hobby()];
    for mut person in everybody.into_iter().chain(demo()) {
        threads::seed::add(&mut person);
        tiktok::seed::add(&mut person);
        pinterest::seed::add(&mut person);
        person.linkedin = Some(linkedin::seed(&person));
        person.google = Some(google::seed(&person));
        person.reddit = reddit::seed(&person);
        let added = people.put(person);
        debug_assert!(added.is_ok(), "{:?}", added.err());
    }
    people
}

fn person(id: &str, name: &str, facebook: Facebook, x: Option<X>) -> Person {
    let (id, name) = (id.to_owned(), name.to_owned());
    Person { id, name, facebook: Some(facebook), x, ..Person::default() }
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

/// The page with the Instagram account of that handle linked to it.
fn linked(page: Page, handle: &str) -> Page {
    Page { instagram: Some(handle.to_owned()), ..page }
}

fn instagram(username: &str, name: &str, followers: i64) -> Instagram {
    Instagram {
        username: username.to_owned(),
        name: name.to_owned(),
        followers,
        following: followers / 30 + 20,
        posts: followers / 20 + 8,
        daily: followers / 800 + 1,
        ..Instagram::default()
    }
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
    let own = vec![instagram("acme", "Acme", 9_120)];
    Person { instagram: own, ..person("acme", "Acme", pages(vec![linked(acme, "acme")]), Some(x)) }
}

fn acme_team() -> Person {
    let both = vec![
        linked(page("Acme Team", "Local business", &FULL, 2_410), "acmeteam"),
        page("Acme Archive", "Local business", &["ANALYZE"], 640),
    ];
    let own = vec![instagram("acmeteam", "Acme Team", 1_730)];
    Person { instagram: own, ..person("acme-team", "Acme Team", pages(both), Some(x("acmeteam", 910))) }
}

/// Thirty pages. 0 to 21 are listed; of these 20 and 21 stand in a portfolio as
/// well. 22 to 27 are only owned by the first portfolio, 28 and 29 only managed
/// for a client of the second. Every fourth has the task names of the new pages
/// experience. 5 and 13 may only be analysed, 9 and 25 only moderated.
///
/// Two of three pages (not 5, 8, 11 and so on) have an Instagram account of the
/// page's handle; of these 4, 9, 19 and 24 are creators'. Page 2 has a personal
/// one. The agency's own account comes first and has no page.
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
        let handle = slug(name);
        Page {
            instagram: (at % 3 != 2 || at == 2).then_some(handle),
            listed: at < 22,
            owned_by: (20..28).contains(&at).then(|| north.name.clone()),
            client_of: (at >= 28).then(|| clients.name.clone()),
            ..page(name, "Local business", tasks, followers)
        }
    });
    let accounts = AGENCY.iter().enumerate().filter(|(at, _)| at % 3 != 2 || *at == 2).map(|(at, name)| {
        let kind = match at {
            2 => Type::Personal,
            _ if at % 5 == 4 => Type::MediaCreator,
            _ => Type::Business,
        };
        let followers = 800 + i64::try_from(at).unwrap_or(0) * 291;
        Instagram { kind, ..instagram(&slug(name), name, followers) }
    });
    let own = std::iter::once(instagram("northagency", "North Agency", 4_010)).chain(accounts).collect();
    let account = Facebook {
        pages: all.collect(),
        listing_cap: 10,
        business_cap: 1,
        businesses: vec![north.clone(), clients.clone()],
        ..Facebook::default()
    };
    Person { instagram: own, ..person("agency", "North Agency", account, Some(x("northagency", 5_480))) }
}

/// Has only what platforms refuse: no page, a personal account on Instagram, a
/// suspended one on X.
fn personal() -> Person {
    let suspended = X { standing: Standing::Suspended, ..x("justpersonal", 12) };
    let private = Instagram { kind: Type::Personal, ..instagram("justpersonal", "Pat", 88) };
    Person { instagram: vec![private], ..person("personal", "Pat Personal", Facebook::default(), Some(suspended)) }
}

/// Signs in to the Instagram account that `analyst` sees from afar.
fn watched() -> Person {
    let own = vec![instagram("watchedcompany", "Watched Company", 6_600)];
    Person { facebook: None, instagram: own, ..person("watched", "Watched Company", Facebook::default(), None) }
}

fn analyst() -> Person {
    let watched = vec![
        linked(page("Watched Company", "Company", &["ANALYZE"], 7_300), "watchedcompany"),
        page("Watched Shop", "Shopping & retail", &["PROFILE_PLUS_ANALYZE"], 3_100),
    ];
    person("analyst", "Ana Lyst", pages(watched), Some(x("analyst", 430)))
}

/// The person who answers when somebody else was asked for.
fn mallory() -> Person {
    let own = vec![linked(page("Mallory Trading", "Shopping & retail", &FULL, 666), "mallory")];
    let account = vec![instagram("mallory", "Mallory Trading", 606)];
    Person { instagram: account, ..person("mallory", "Mallory Moreau", pages(own), Some(x("mallory", 66))) }
}

/// Two creators' accounts: one without a page, and one through a page that has
/// neither name nor picture and too few followers for every number.
fn creator() -> Person {
    let own = Instagram { kind: Type::MediaCreator, ..instagram("creator", "Cleo Creator", 40_211) };
    let small = Instagram { name: String::new(), avatar: 0, daily: 0, ..instagram("creator.studio", "", 42) };
    let accounts = vec![own, Instagram { kind: Type::MediaCreator, ..small }];
    let studio = linked(page("Creator Studio", "Digital creator", &FULL, 510), "creator.studio");
    Person { instagram: accounts, ..person("creator", "Cleo Creator", pages(vec![studio]), None) }
}

/// One page with a personal Instagram account connected to it, and one without any.
fn hobby() -> Person {
    let own = Instagram { kind: Type::Personal, ..instagram("hannaknits", "Hanna", 310) };
    let both = vec![
        linked(page("Hanna Knits", "Arts & crafts", &FULL, 340), "hannaknits"),
        page("Hanna Gardens", "Gardener", &FULL, 120),
    ];
    Person { instagram: vec![own], ..person("hobby", "Hanna Hobby", pages(both), None) }
}

/// Each has one Instagram account, which is linked to the first page.
fn demo() -> impl Iterator<Item = Person> {
    DEMO.iter().enumerate().map(|(at, (name, names))| {
        let size = 900 + i64::try_from(at).unwrap_or(0) * 1_310;
        let mut own: Vec<Page> = names.iter().map(|of| page(of, "Local business", &FULL, size)).collect();
        own[0].instagram = Some(slug(names[0]));
        let kind = if at % 4 == 2 { Type::MediaCreator } else { Type::Business };
        let account = Instagram { kind, ..instagram(&slug(names[0]), names[0], size / 3 + 200) };
        let id = format!("demo-{:02}", at + 1);
        Person { instagram: vec![account], ..person(&id, name, pages(own), Some(x(&slug(name), size / 2 + 50))) }
    })
}
