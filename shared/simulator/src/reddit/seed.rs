//! Who is on Reddit from the start.

use super::account::{Account, Subreddit};
use crate::people::{Person, Standing};
use crate::util::slug;

fn subreddit(name: &str, subscribers: i64, permissions: &[&str]) -> Subreddit {
    let permissions = permissions.iter().map(ToString::to_string).collect();
    Subreddit { name: name.to_owned(), subscribers, permissions, ..Subreddit::default() }
}

/// What a person of the seed has there.
pub(crate) fn seed(person: &Person) -> Option<Account> {
    let account = |name: &str, karma: i64| Account {
        name: name.to_owned(),
        title: person.name.clone(),
        karma,
        subscribers: karma / 400 + 2,
        daily: karma / 4_000 + 1,
        ..Account::default()
    };
    let account = match person.id.as_str() {
        "acme" => Account { subreddits: vec![subreddit("acme", 4_120, &["all"])], ..account("acme", 5_120) },
        "agency" => Account {
            subreddits: vec![
                subreddit("northagency", 820, &["all"]),
                subreddit("fjordceramics", 2_930, &["posts", "flair"]),
                subreddit("harbourbooks", 14_400, &["mail"]),
            ],
            ..account("northagency", 12_870)
        },
        "personal" => Account { standing: Standing::Suspended, ..account("justpersonal", 31) },
        "watched" | "hobby" => return None,
        "creator" => Account { title: String::new(), has_verified_email: false, ..account("cleocreates", 40_200) },
        id if id.starts_with("demo-") => account(&slug(&person.name), 2_300),
        id => account(&slug(id), 660),
    };
    Some(account)
}
