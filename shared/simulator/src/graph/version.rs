//! Which versions of the Graph API are served.

use std::collections::BTreeSet;

use jiff::Timestamp;

/// Newest first, with the day from which each is no longer served.
/// Graph API changelog, as of v26.0 (2026-07-29).
const SERVED: [(&str, &str); 6] = [
    ("v26.0", "9999-01-01T00:00:00Z"),
    ("v25.0", "2028-07-29T00:00:00Z"),
    ("v24.0", "2028-02-18T00:00:00Z"),
    ("v23.0", "2027-10-08T00:00:00Z"),
    ("v22.0", "2027-05-20T00:00:00Z"),
    ("v21.0", "2027-01-21T00:00:00Z"),
];
const OLDEST_KNOWN: u32 = 21;

/// The versions, less those that were ended ahead of time.
#[derive(Default)]
pub(crate) struct Versions {
    ended: BTreeSet<String>,
}

impl Versions {
    /// The version that serves a call: the asked one while it lives, else the
    /// oldest that does. `None` if there never was such a version.
    pub(crate) fn serving(&self, asked: Option<&str>, now: Timestamp) -> Option<&'static str> {
        let live = |version: &str, until: &str| {
            !self.ended.contains(version) && until.parse::<Timestamp>().is_ok_and(|end| now < end)
        };
        let oldest = SERVED.iter().rev().find(|(version, until)| live(version, until)).map(|(version, _)| *version);
        let Some(asked) = asked else { return oldest };
        match SERVED.iter().find(|(version, _)| *version == asked) {
            Some((version, until)) if live(version, until) => Some(version),
            Some(_) => oldest,
            None if past(asked) => oldest,
            None => None,
        }
    }

    /// Ends a version now; `false` if it is not one that is served.
    pub(crate) fn end(&mut self, version: &str) -> bool {
        let known = SERVED.iter().any(|(served, _)| *served == version);
        if known {
            self.ended.insert(version.to_owned());
        }
        known
    }
}

/// `v20.0` and what came before.
fn past(version: &str) -> bool {
    let number = |text: &str| text.parse::<u32>().ok();
    version
        .strip_prefix('v')
        .and_then(|rest| rest.split_once('.'))
        .and_then(|(major, minor)| Some((number(major)?, number(minor)?)))
        .is_some_and(|(major, minor)| (1..OLDEST_KNOWN).contains(&major) && minor <= 12)
}

/// What stands where a version does, and the parts of the path below it.
pub(crate) fn versioned<'a, 'b>(parts: &'b [&'a str]) -> (Option<&'a str>, &'b [&'a str]) {
    let is_one = |part: &str| part.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    match parts.split_first() {
        Some((first, rest)) if is_one(first) => (Some(*first), rest),
        _ => (None, parts),
    }
}

/// Whether a part of a path names a node: by its number, or as oneself.
pub(crate) fn is_node(part: &str) -> bool {
    part == "me" || (!part.is_empty() && part.chars().all(|c| c.is_ascii_digit()))
}
