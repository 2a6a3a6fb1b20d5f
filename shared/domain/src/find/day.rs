//! Days as people write them, whole or their beginning.

use jiff::{Timestamp, civil::Date};

use crate::schedule::Zone;

/// A moment, or a day in the workspace's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// A day.
    Day(Date),
    /// A moment.
    At(Timestamp),
}

/// How a day is written.
const FORMS: [&str; 12] = [
    "%Y-%m-%d",
    "%d.%m.%Y",
    "%-d.%-m.%Y",
    "%m/%d/%Y",
    "%b %-d %Y",
    "%b %d %Y",
    "%B %-d %Y",
    "%-d %b %Y",
    "%-d %B %Y",
    "%b %Y",
    "%B %Y",
    "%m.%Y",
];
/// What is shorter is no beginning of a day.
const SHORTEST: usize = 4;

impl Moment {
    /// Reads a day (`2025-08-25`) or a moment as RFC 3339 writes it.
    pub fn read(text: &str) -> Option<Self> {
        match text.parse() {
            Ok(at) => Some(Self::At(at)),
            Err(_) if text.len() == "2025-08-25".len() => text.parse().ok().map(Self::Day),
            Err(_) => None,
        }
    }

    /// Whether something was before it; before a day means before its end, so that the day counts.
    pub(super) fn is_after(self, at: Timestamp, zone: &Zone) -> bool {
        match self {
            Self::Day(day) => zone.day(at) <= day,
            Self::At(moment) => at < moment,
        }
    }

    /// Whether something began at it or later.
    pub(super) fn has_come(self, at: Timestamp, zone: &Zone) -> bool {
        match self {
            Self::Day(day) => zone.day(at) >= day,
            Self::At(moment) => at >= moment,
        }
    }
}

/// Whether a folded text can be the beginning of a day at all.
pub(super) fn can_be(text: &str) -> bool {
    text.len() >= SHORTEST && text.bytes().any(|letter| letter.is_ascii_digit())
}

/// Whether a folded text is a day, or the beginning of one, in any form.
pub(super) fn begins(day: Date, text: &str) -> bool {
    let asked = text.replace(',', "");
    FORMS.iter().any(|form| day.strftime(*form).to_string().to_lowercase().starts_with(&asked))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(text: &str, day: &str) -> bool {
        can_be(text) && begins(day.parse().expect("a day"), text)
    }

    #[test]
    fn a_day_is_found_by_any_form_and_any_beginning() {
        for text in [
            "2025",
            "2025-0",
            "2025-08",
            "2025-08-25",
            "aug 25 2025",
            "aug 25, 2025",
            "aug 2",
            "aug 2025",
            "august 2025",
            "august 25",
            "25.08.2025",
            "25.08",
            "25.8.2025",
            "08.2025",
            "25 aug 2025",
            "08/25/2025",
        ] {
            assert!(is(text, "2025-08-25"), "{text}");
        }
        assert!(is("aug 05 2025", "2025-08-05") && is("aug 5 2025", "2025-08-05"));
        for text in ["2026", "2025-09", "aug 26", "sep 2025", "25.09", "aug", "25", "202", "2025-08-25t", "gust 2025"] {
            assert!(!is(text, "2025-08-25"), "{text}");
        }
    }

    #[test]
    fn a_day_is_the_zones_and_counts_whole() {
        let at = "2025-08-25T22:30:00Z".parse().expect("a time");
        let (here, there) = (Zone::default(), "Europe/Oslo".parse().expect("a zone"));
        let day = |text| Moment::read(text).expect("a day");
        assert!(day("2025-08-25").has_come(at, &here) && day("2025-08-25").is_after(at, &here));
        assert!(!day("2025-08-26").has_come(at, &here) && day("2025-08-26").has_come(at, &there));
        assert!(!day("2025-08-25").is_after(at, &there) && day("2025-08-26").is_after(at, &there));
        assert!(day("2025-08-25T22:30:00Z").has_come(at, &here) && !day("2025-08-25T22:30:00Z").is_after(at, &here));
        for bad in ["", "2025", "2025-08", "2025-13-01", "25.08.2025", "2025-08-25T22:30:00", "today", "20250825"] {
            assert_eq!(Moment::read(bad), None, "{bad}");
        }
    }
}
