//! Small texts that pages make from values.

use std::fmt::Display;

use domain::{
    Capability, MethodId, Timestamp,
    capability::Availability,
    text::{self, NAME_LENGTH},
};

use crate::parts::Platform;

/// `Nov 22, 2026, 23:19 UTC`.
pub fn readable(at: Timestamp) -> String {
    at.strftime("%b %-d, %Y, %H:%M UTC").to_string()
}

/// `1 account`, `2 accounts`.
pub fn accounts(count: impl Display) -> String {
    match count.to_string() {
        one if one == "1" => "1 account".to_owned(),
        many => format!("{many} accounts"),
    }
}

/// `once`, `twice`, `3 times`.
pub fn times(count: impl Display) -> String {
    match count.to_string().as_str() {
        "1" => "once".to_owned(),
        "2" => "twice".to_owned(),
        many => format!("{many} times"),
    }
}

/// What can be ticked in a form: `Publish posts`.
pub fn doing(capability: Capability) -> &'static str {
    match capability {
        Capability::Publish => "Publish posts",
        Capability::Analytics => "Read numbers",
        Capability::Messages => "Read and answer messages",
        Capability::Audience => "See who follows, in totals",
    }
}

/// What works or does not: `publishing`.
pub fn thing(capability: Capability) -> &'static str {
    match capability {
        Capability::Publish => "publishing",
        Capability::Analytics => "analytics",
        Capability::Messages => "messages",
        Capability::Audience => "audience",
    }
}

/// `publishing`, `publishing and analytics`, `publishing, analytics and messages`.
pub fn things(capabilities: &[Capability]) -> String {
    let words: Vec<&str> = capabilities.iter().map(|c| thing(*c)).collect();
    match words.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// A sentence begins with a capital.
pub fn capital(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map(|first| first.to_uppercase().chain(rest).collect()).unwrap_or_default()
}

/// Whether something works, in two words.
pub fn availability(availability: Availability) -> &'static str {
    match availability {
        Availability::Available => "Works",
        Availability::Unknown => "Not told",
        Availability::NotAsked => "Not asked",
        Availability::Unavailable(domain::Code::InsufficientPermissions) => "Not allowed",
        Availability::Unavailable(domain::Code::CapabilityUnsupported) => "Not offered",
        Availability::Unavailable(_) => "Off",
    }
}

/// What kind of account it is: `page`, `business account`.
pub fn kind(kind: &str) -> String {
    match kind.strip_prefix("instagram_") {
        Some(kind) => format!("{kind} account"),
        None if kind == "organization" => "company page".to_owned(),
        None => kind.replace('_', " "),
    }
}

/// The accounts that a method reaches.
pub fn reach(platform: &Platform, method: &MethodId) -> String {
    match (platform.id.as_str(), method.as_str()) {
        ("facebook", _) => "the Facebook Pages that you manage".to_owned(),
        ("instagram", "facebook_login") => "the Instagram accounts linked to your Pages".to_owned(),
        ("instagram", "instagram_login") => "the Instagram account that you sign in to".to_owned(),
        ("threads" | "x" | "tiktok" | "pinterest", _) => format!("the {} account that you sign in to", platform.name),
        ("linkedin", _) => "your LinkedIn profile and the company pages that you administer".to_owned(),
        ("youtube", _) => "the YouTube channel that you choose there".to_owned(),
        ("google_business", _) => "the business locations that you own or manage".to_owned(),
        _ => format!("accounts that you manage on {}", platform.name),
    }
}

/// How many accounts a sign-in has left out.
pub(crate) fn lost_title(count: usize) -> String {
    match count {
        1 => "1 account lost its access".to_owned(),
        more => format!("{more} accounts lost their access"),
    }
}

/// What became of accounts that a sign-in has left out, and what to do.
pub(crate) const LOST: &str =
    "Shared before, and not ticked this time. Connect once more, and tick what is to stay connected.";

/// A stranger's text that turns nothing around and hides nothing.
pub fn inert(text: &str) -> String {
    text::clean(text, NAME_LENGTH)
}

/// One or two letters that stand for a name without a picture.
pub fn monogram(name: &str) -> String {
    let initials = name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric())).take(2);
    let letters: String = initials.flat_map(char::to_uppercase).collect();
    if letters.is_empty() { "•".to_owned() } else { letters }
}

/// An address that a page may lead to: https, or a path on our own origin; anything else is no address.
pub fn href(address: &str) -> Option<String> {
    if let Some(path) = address.strip_prefix('/') {
        let ours = !path.starts_with(['/', '\\']) && !address.contains(char::is_control);
        return ours.then(|| address.to_owned());
    }
    if address.starts_with(['?', '#']) {
        return Some(address.to_owned());
    }
    text::https_url(address)
}

/// A path on our own origin; anything else is no path.
pub fn path(address: &str) -> Option<String> {
    href(address).filter(|address| address.starts_with('/'))
}

/// Why a name deserves a second look before one trusts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suspicion {
    /// It reads like an address.
    Address,
    /// It mixes alphabets whose letters look alike.
    Mixed,
}

impl Suspicion {
    /// The same for people.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Address => {
                "This name looks like a web address. It is only a name: it says nothing about who is asking."
            }
            Self::Mixed => {
                "This name mixes letters of different alphabets that look alike. Make sure that you know who is asking."
            }
        }
    }
}

/// Whether a name deserves a second look.
pub fn suspicion(name: &str) -> Option<Suspicion> {
    let lower = name.to_lowercase();
    let is_host = |word: &str| {
        let (name, end) = word.rsplit_once('.').unwrap_or_default();
        let whole = |part: &str, most: fn(char) -> bool| !part.is_empty() && part.chars().all(most);
        whole(name, |c| c.is_alphanumeric() || c == '-' || c == '.') && end.len() > 1 && whole(end, char::is_alphabetic)
    };
    let marks = ["://", "www.", "http:", "https:"];
    if marks.iter().any(|mark| lower.contains(mark)) || lower.split_whitespace().any(is_host) {
        return Some(Suspicion::Address);
    }
    let latin = |c: char| matches!(c, 'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}');
    let alike = |c: char| matches!(c, '\u{370}'..='\u{52f}' | '\u{13a0}'..='\u{13ff}' | '\u{ff21}'..='\u{ff5a}');
    let mixed = |word: &str| word.contains(latin) && word.contains(alike);
    let deceives = name.split_whitespace().any(mixed) || name.contains(['\u{2044}', '\u{2215}']);
    deceives.then_some(Suspicion::Mixed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_reads_well() {
        let at: Timestamp = "2026-11-22T23:19:05Z".parse().expect("legal");
        assert_eq!(readable(at), "Nov 22, 2026, 23:19 UTC");
    }

    #[test]
    fn a_monogram_is_made_of_whatever_letters_there_are() {
        assert_eq!(monogram("nordlys Bakery & Co"), "NB");
        assert_eq!(monogram("<script>"), "S");
        assert_eq!(monogram("🎉"), "•");
        assert_eq!(monogram(""), "•");
    }

    #[test]
    fn only_https_and_our_own_paths_are_addresses() {
        for good in ["/console?platform=x", "?platform=x", "#main", "https://x.example/a"] {
            assert!(href(good).is_some(), "{good}");
        }
        for bad in [
            "javascript:alert(1)",
            "//evil.example",
            "/\\evil.example",
            "http://x.example",
            "data:text/html,x",
            "/\ta",
            "",
        ] {
            assert_eq!(href(bad), None, "{bad}");
        }
    }

    /// CHK-E10
    #[test]
    fn a_name_made_to_deceive_is_flagged() {
        assert!(suspicion("Nordlys Bakery").is_none());
        assert!(suspicion("Пекарня Nordlys").is_none());
        assert!(suspicion("Faceb\u{43e}\u{43e}k").is_some());
        assert!(suspicion("https://facebook.com").is_some());
    }
}
