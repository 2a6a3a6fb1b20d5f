//! Reports, to be read on a screen and on paper.

use std::collections::BTreeMap;

use askama::Template;
use domain::{Date, Timestamp, health::State};

use crate::{
    console::{Chrome, Completeness, word},
    number,
    parts::{Face, Platform},
    words,
};

/// Days in a row without data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GapSpan {
    /// The first of them.
    pub from: Date,
    /// The last of them.
    pub to: Date,
    /// Why, if it is known (`the token had expired`).
    pub why: Option<String>,
}

impl GapSpan {
    fn words(&self) -> String {
        let why = self.why.as_deref().unwrap_or("why is not known");
        format!("{}: {why}", number::between(self.from, self.to))
    }
}

/// How many followed in a month.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Followers {
    /// On the first day and on the last day that are known.
    Known {
        /// On the first one.
        first: f64,
        /// On the last one.
        last: f64,
    },
    /// The platform tells it, and nothing is there.
    NoData,
    /// The platform does not tell it.
    Unavailable,
}

impl Followers {
    fn words(self) -> String {
        match self {
            Self::Known { first, last } => {
                format!("{} to {}: {}", number::full(first), number::full(last), number::change(first, last))
            }
            Self::NoData => "No data".to_owned(),
            Self::Unavailable => "Not available".to_owned(),
        }
    }
}

/// One account in a month.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditRow {
    /// Who it is.
    pub face: Face,
    /// Its page in the console.
    pub href: String,
    /// Where.
    pub platform: Platform,
    /// `page`, `profile` …
    pub kind: String,
    /// How it is.
    pub state: State,
    /// Since when it is connected.
    pub connected_at: Timestamp,
    /// How many of its days have data.
    pub completeness: Completeness,
    /// Those that have none.
    pub gaps: Vec<GapSpan>,
    /// How many followed.
    pub followers: Followers,
    /// Troubles that began.
    pub opened: u32,
    /// Troubles that ended.
    pub resolved: u32,
    /// Permissions that were asked for and did not come.
    pub missing: Vec<String>,
}

impl AuditRow {
    fn state_in_words(&self) -> &'static str {
        word(self.state)
    }

    fn kind_in_words(&self) -> String {
        words::kind(&self.kind)
    }

    /// `96%, 29 of 30 days`.
    fn complete(&self) -> String {
        complete(self.completeness)
    }

    fn troubles(&self) -> String {
        troubles(self.opened, self.resolved)
    }
}

fn complete(completeness: Completeness) -> String {
    match completeness.percent() {
        Some(share) => format!("{share}, {} of {}", completeness.observed, number::days(completeness.expected)),
        None => "No day should have data".to_owned(),
    }
}

fn troubles(opened: u32, resolved: u32) -> String {
    match (opened, resolved) {
        (0, 0) => "None".to_owned(),
        (opened, resolved) => format!("{opened} began, {resolved} ended"),
    }
}

/// The states in the order in which they are counted, the best first.
const STATES: [State; 11] = [
    State::Healthy,
    State::Processing,
    State::Stale,
    State::Degraded,
    State::Expiring,
    State::Limited,
    State::Suspended,
    State::Error,
    State::Expired,
    State::Pending,
    State::Disconnected,
];

/// The accounts of one platform, by state.
struct Counted<'a> {
    platform: &'a Platform,
    counts: Vec<usize>,
    total: usize,
}

/// The monthly audit of a workspace's connections. Its sums are those of its rows.
#[derive(Debug, Clone, Template)]
#[template(path = "report/connections.html")]
pub struct ConnectionsReport {
    /// Around it.
    pub chrome: Chrome,
    /// Any day of the month that it is about.
    pub month: Date,
    /// Whether the month still goes on.
    pub so_far: bool,
    /// The month before; none where nothing is kept of it.
    pub earlier: Option<String>,
    /// The month after.
    pub later: Option<String>,
    /// The accounts that this visitor may see, in the order in which they are listed.
    pub accounts: Vec<AuditRow>,
    /// How many more there are that this visitor may not see.
    pub unseen: usize,
    /// Where the same is as CSV.
    pub csv: String,
    /// Where the same is as JSON.
    pub json: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// Who made it.
    pub made_by: Option<String>,
}

impl ConnectionsReport {
    fn named(&self) -> String {
        self.month.strftime("%B %Y").to_string()
    }

    /// The states that are there.
    fn states(&self) -> Vec<State> {
        STATES.into_iter().filter(|state| self.accounts.iter().any(|row| row.state == *state)).collect()
    }

    fn state_names(&self) -> Vec<&'static str> {
        self.states().into_iter().map(word).collect()
    }

    fn counted(&self) -> Vec<Counted<'_>> {
        let mut platforms: BTreeMap<&str, (&Platform, Vec<State>)> = BTreeMap::new();
        for row in &self.accounts {
            platforms.entry(&row.platform.name).or_insert((&row.platform, vec![])).1.push(row.state);
        }
        let states = self.states();
        let counted = |(platform, found): (_, Vec<State>)| Counted {
            platform,
            counts: states.iter().map(|state| found.iter().filter(|found| *found == state).count()).collect(),
            total: found.len(),
        };
        platforms.into_values().map(counted).collect()
    }

    fn sums(&self) -> Vec<usize> {
        let sum = |state: State| self.accounts.iter().filter(|row| row.state == state).count();
        self.states().into_iter().map(sum).collect()
    }

    fn completeness(&self) -> String {
        complete(self.accounts.iter().fold(Completeness::default(), |sum, row| sum.and(row.completeness)))
    }

    fn gaps(&self) -> usize {
        self.accounts.iter().map(|row| row.gaps.len()).sum()
    }

    fn troubles(&self) -> String {
        let sum = |of: fn(&AuditRow) -> u32| self.accounts.iter().map(of).fold(0, u32::saturating_add);
        troubles(sum(|row| row.opened), sum(|row| row.resolved))
    }

    /// Over those accounts whose followers are known.
    fn followers(&self) -> String {
        let known: Vec<(f64, f64)> = self
            .accounts
            .iter()
            .filter_map(|row| match row.followers {
                Followers::Known { first, last } => Some((first, last)),
                Followers::NoData | Followers::Unavailable => None,
            })
            .collect();
        if known.is_empty() {
            return "No data".to_owned();
        }
        let (first, last) = known.iter().fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        let of = if known.len() == self.accounts.len() {
            String::new()
        } else {
            format!(", on {} of {}", known.len(), words::accounts(self.accounts.len()))
        };
        format!("{}{of}", Followers::Known { first, last }.words())
    }

    fn missing(&self) -> String {
        match self.accounts.iter().filter(|row| !row.missing.is_empty()).count() {
            0 => "None".to_owned(),
            some => format!("On {}", words::accounts(some)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{samples::report::audit, tests::HONEST};

    #[test]
    fn the_sums_are_those_of_the_rows() {
        let report = audit(HONEST);
        assert_eq!(report.sums().iter().sum::<usize>(), report.accounts.len());
        assert_eq!(report.counted().iter().map(|one| one.total).sum::<usize>(), report.accounts.len());
        assert_eq!(report.completeness(), "72%, 66 of 91 days");
        assert_eq!(report.troubles(), "3 began, 2 ended");
        assert_eq!(report.followers(), "1,204 to 1,310: 106 more (+8.8%), on 1 of 4 accounts");
        assert_eq!((report.gaps(), report.missing().as_str()), (2, "On 1 account"));
    }

    #[test]
    fn what_is_not_known_is_no_zero() {
        assert_eq!(Followers::NoData.words(), "No data");
        assert_eq!(Followers::Unavailable.words(), "Not available");
        let none = ConnectionsReport { accounts: vec![], ..audit(HONEST) };
        assert_eq!(none.completeness(), "No day should have data");
        assert_eq!(none.followers(), "No data");
        let html = none.render().expect("renders");
        assert!(html.contains("No accounts in this month") && !html.contains("<table"), "{html}");
    }
}
