//! The figures of an account: one over time, the latest of all, and who follows.

use askama::{Template, filters::HtmlSafe};
use domain::{
    Date, Days, Key, Metric,
    metric::{Facet, Part},
};

use super::{Chart, Chrome, FilterLink, Subject, Timeline};
use crate::{number, parts::Flash, words};

/// How a figure is told to people.
pub trait Told: Copy {
    /// What people call it.
    fn title(self) -> String;

    /// What is counted, `%` for a share: the unit of its [`Chart`].
    fn unit(self) -> &'static str;

    /// So much of it.
    fn amount(self, value: f64) -> String;

    /// `+106 more`, `−3 fewer`, `±0 no change`; a share goes up or down.
    fn moved(self, by: f64) -> String;
}

impl Told for Key {
    fn title(self) -> String {
        match self {
            Self::Metric(metric) => words::capital(metric.as_str()),
            Self::EngagementRate => "Engagement rate".to_owned(),
        }
    }

    fn unit(self) -> &'static str {
        match self {
            Self::Metric(metric) => metric.as_str(),
            Self::EngagementRate => "%",
        }
    }

    fn amount(self, value: f64) -> String {
        let text = number::full(value);
        if self == Self::EngagementRate { format!("{text}%") } else { text }
    }

    fn moved(self, by: f64) -> String {
        let word = match self {
            _ if number::same(by, 0.0) => "no change",
            Self::Metric(_) if by > 0.0 => "more",
            Self::Metric(_) => "fewer",
            Self::EngagementRate if by > 0.0 => "points up",
            Self::EngagementRate => "points down",
        };
        format!("{} {word}", number::signed(by))
    }
}

/// What is known of a figure.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading {
    /// This much.
    Known {
        /// How much.
        value: f64,
        /// On which day.
        as_of: Date,
        /// By how much it moved in 7 days; none where the day before is not known.
        over_7: Option<f64>,
        /// By how much it moved in 30 days; none where the day before is not known.
        over_30: Option<f64>,
    },
    /// The platform tells it, and nothing is there.
    NoData {
        /// Why, if it is known (`the token had expired`).
        why: Option<String>,
    },
    /// The platform does not tell it.
    Unavailable,
}

impl Reading {
    fn is_known(&self) -> bool {
        matches!(self, Self::Known { .. })
    }

    /// The number, or the word that stands for it.
    fn amount(&self, figure: Key) -> String {
        match self {
            Self::Known { value, .. } => figure.amount(*value),
            Self::NoData { .. } => "No data".to_owned(),
            Self::Unavailable => "Not available".to_owned(),
        }
    }

    /// What stands beneath it, line by line.
    fn lines(&self, figure: Key) -> Vec<String> {
        let moved = |by: &Option<f64>| by.map_or_else(|| "no data".to_owned(), |by| figure.moved(by));
        match self {
            Self::Known { as_of, over_7, over_30, .. } => {
                let what = match figure {
                    _ if figure.is_level() => " days",
                    Key::Metric(_) => "-day sum",
                    Key::EngagementRate => "-day mean",
                };
                let over = |days: u32| format!("{days}{what}");
                vec![
                    format!("On {}", number::day(*as_of)),
                    format!("{}: {}", over(7), moved(over_7)),
                    format!("{}: {}", over(30), moved(over_30)),
                ]
            }
            Self::NoData { why } => why.iter().map(|why| words::capital(why)).collect(),
            Self::Unavailable => vec!["The platform does not tell it.".to_owned()],
        }
    }
}

/// A figure as it was last seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Latest {
    /// Which one.
    pub figure: Key,
    /// What is known of it.
    pub reading: Reading,
}

impl Latest {
    fn amount(&self) -> String {
        self.reading.amount(self.figure)
    }

    fn lines(&self) -> Vec<String> {
        self.reading.lines(self.figure)
    }
}

/// How a figure moved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Growth {
    /// How much there is at a moment: between two days.
    Level {
        /// The first day that is known.
        from: Date,
        /// The last one.
        to: Date,
        /// How much it was.
        before: f64,
        /// How much it is.
        after: f64,
        /// Days between both of which nothing is known.
        without: u32,
    },
    /// What is measured by the day: all of it over some days, or the mean of a share.
    Measured {
        /// The days, of which each is known.
        days: Days,
        /// How much.
        all: f64,
        /// How much on as many days before; none where one of them is not known.
        before: Option<f64>,
    },
}

impl Growth {
    fn sentence(&self, figure: Key) -> String {
        match *self {
            Self::Level { from, to, before, after, without } => {
                let change = change(figure, before, after);
                let (before, after) = (figure.amount(before), figure.amount(after));
                let said = format!("From {before} to {after}, {}: {change}.", number::between(from, to));
                match without {
                    0 => said,
                    one_or_more => {
                        let verb = if one_or_more == 1 { "has" } else { "have" };
                        let days = number::days(one_or_more);
                        format!("{said} {days} in between {verb} no data, so when it moved is not fully known.")
                    }
                }
            }
            Self::Measured { days, all, before } => {
                let word = if figure == Key::EngagementRate { "On average" } else { "In all" };
                let when = number::between(days.first, days.last);
                let said = format!("{word} {}, {when}", figure.amount(all));
                let many = number::days(days.count());
                match before {
                    Some(before) => {
                        let change = change(figure, before, all);
                        format!("{said}, after {} in the {many} before: {change}.", figure.amount(before))
                    }
                    None => format!("{said}. The {many} before are not fully known."),
                }
            }
        }
    }
}

fn change(figure: Key, before: f64, after: f64) -> String {
    match figure {
        Key::Metric(_) => number::change(before, after),
        Key::EngagementRate => figure.moved(after - before),
    }
}

/// How many of the days that should have data have some.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Completeness {
    /// Days with data.
    pub observed: u32,
    /// Days that should have some.
    pub expected: u32,
}

impl Completeness {
    /// The same over both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            observed: self.observed.saturating_add(other.observed),
            expected: self.expected.saturating_add(other.expected),
        }
    }

    /// `96%`; only what lacks nothing is 100. None where nothing is expected.
    pub(crate) fn percent(self) -> Option<String> {
        let share = (u64::from(self.observed) * 100).checked_div(u64::from(self.expected))?.min(100);
        Some(if share == 0 && self.observed > 0 { "under 1%".to_owned() } else { format!("{share}%") })
    }

    /// `96% complete: 29 of 30 days have data.`
    fn sentence(self) -> String {
        match self.percent() {
            None => "No day should have data yet.".to_owned(),
            Some(share) => {
                let verb = if self.expected == 1 { "has" } else { "have" };
                format!("{share} complete: {} of {} {verb} data.", self.observed, number::days(self.expected))
            }
        }
    }
}

/// What the platform tells of one side of an audience.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shares {
    /// These parts.
    Told {
        /// On which day.
        as_of: Date,
        /// The largest first.
        parts: Vec<Part>,
    },
    /// It tells it, and nothing is there.
    NoData {
        /// Why, if it is known (`fewer than 100 followers`).
        why: Option<String>,
    },
    /// It does not tell it.
    Unavailable,
}

/// One side of an audience.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// Which one.
    pub facet: Facet,
    /// What is told of it.
    pub shares: Shares,
}

/// How many parts of an audience are listed.
const PARTS: usize = 10;

/// A part of an audience as it is shown.
struct Bar {
    name: String,
    share: String,
}

impl Side {
    fn title(&self) -> String {
        words::capital(self.facet.as_str())
    }

    fn bars(&self) -> Vec<Bar> {
        let Shares::Told { parts, .. } = &self.shares else { return vec![] };
        let bar = |part: &Part| Bar {
            name: named(self.facet, &part.name),
            share: number::percent(f64::from(part.per_mille.min(1000)) / 10.0),
        };
        parts.iter().take(PARTS).map(bar).collect()
    }

    fn more(&self) -> usize {
        let Shares::Told { parts, .. } = &self.shares else { return 0 };
        parts.len().saturating_sub(PARTS)
    }

    /// What stands in the place of the bars, or beneath them.
    fn note(&self) -> String {
        match &self.shares {
            Shares::Told { parts, as_of } if parts.is_empty() => format!("No data on {}.", number::day(*as_of)),
            Shares::Told { as_of, .. } => format!("On {}.", number::day(*as_of)),
            Shares::NoData { why: None } => "No data.".to_owned(),
            Shares::NoData { why: Some(why) } => format!("No data: {why}."),
            Shares::Unavailable => "Not available: the platform does not tell it.".to_owned(),
        }
    }
}

/// The platform's word in ours.
fn named(facet: Facet, name: &str) -> String {
    match (facet, name) {
        (Facet::Gender, "F") => "Female".to_owned(),
        (Facet::Gender, "M") => "Male".to_owned(),
        (Facet::Gender, "U") => "Not told".to_owned(),
        _ => name.to_owned(),
    }
}

/// The figures in a line, for the account's own page.
#[derive(Debug, Clone, PartialEq, Template)]
#[template(path = "console/figures_summary.html")]
pub struct FiguresSummary {
    /// Who follows.
    pub followers: Reading,
    /// How much of the last 30 days is there.
    pub completeness: Completeness,
    /// Where all of it is.
    pub href: String,
}

impl HtmlSafe for FiguresSummary {}

impl FiguresSummary {
    fn sentence(&self) -> String {
        let figure = Key::Metric(Metric::Followers);
        let lines = self.followers.lines(figure);
        match &self.followers {
            Reading::Known { value, as_of, over_7, over_30 } => {
                let moved = |by: &Option<f64>, days: u32| by.map(|by| format!("{} in {days} days", figure.moved(by)));
                let moved: Vec<String> = [moved(over_7, 7), moved(over_30, 30)].into_iter().flatten().collect();
                let moved = if moved.is_empty() { String::new() } else { format!(": {}", moved.join(", ")) };
                let word = if number::same(*value, 1.0) { "follower" } else { "followers" };
                format!("{} {word} on {}{moved}.", figure.amount(*value), number::day(*as_of))
            }
            Reading::NoData { .. } => match lines.first() {
                Some(why) => format!("No data on followers. {why}."),
                None => "No data on followers yet.".to_owned(),
            },
            Reading::Unavailable => "The platform does not tell how many follow.".to_owned(),
        }
    }
}

/// The figures of one account.
#[derive(Debug, Clone, Template)]
#[template(path = "console/figures.html")]
pub struct FiguresPage {
    /// Around it.
    pub chrome: Chrome,
    /// What came of the last action.
    pub flash: Option<Flash>,
    /// Whose they are.
    pub subject: Subject,
    /// The account's own page.
    pub account: String,
    /// What is shown over time.
    pub figure: Key,
    /// The choice of days: 7, 30, 90.
    pub periods: Vec<FilterLink>,
    /// The choice of a figure.
    pub figures: Vec<FilterLink>,
    /// It over time.
    pub chart: Chart,
    /// How it moved; none where too few days are known.
    pub growth: Option<Growth>,
    /// How much of the days is there.
    pub completeness: Completeness,
    /// Where the same is as CSV.
    pub csv: Option<String>,
    /// All figures as they were last seen.
    pub latest: Vec<Latest>,
    /// Who follows, side by side; none where the platform never tells it.
    pub audience: Option<Vec<Side>>,
    /// Why nothing is known of who follows, where there are no sides.
    pub no_audience: Option<String>,
    /// What became of its name, picture and so on.
    pub timeline: Option<Timeline>,
}

impl FiguresPage {
    fn moved(&self) -> String {
        let unknown = if self.figure.is_level() {
            "How it moved cannot be told: it takes two days with data."
        } else {
            "How much it is in all cannot be told: it takes data on each of the days."
        };
        self.growth.map_or_else(|| unknown.to_owned(), |growth| growth.sentence(self.figure))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().expect("a day")
    }

    #[test]
    fn only_what_lacks_nothing_is_complete() {
        let percent = |observed, expected| Completeness { observed, expected }.percent();
        assert_eq!(percent(999, 1000).as_deref(), Some("99%"));
        assert_eq!(percent(30, 30).as_deref(), Some("100%"));
        assert_eq!(percent(31, 30).as_deref(), Some("100%"));
        assert_eq!(percent(1, 700).as_deref(), Some("under 1%"));
        assert_eq!(percent(0, 30).as_deref(), Some("0%"));
        assert_eq!(percent(0, 0), None);
    }

    #[test]
    fn growth_over_a_gap_says_so() {
        let (from, to) = (day("2026-11-01"), day("2026-11-30"));
        let growth = |without| Growth::Level { from, to, before: 1204.0, after: 1310.0, without };
        let followers = Key::Metric(Metric::Followers);
        let whole = "From 1,204 to 1,310, Nov 1 to Nov 30, 2026: 106 more (+8.8%).";
        assert_eq!(growth(0).sentence(followers), whole);
        let gap = " 3 days in between have no data, so when it moved is not fully known.";
        assert_eq!(growth(3).sentence(followers), format!("{whole}{gap}"));
        assert!(growth(1).sentence(followers).contains("1 day in between has no data"));
    }

    #[test]
    fn what_is_measured_is_summed_and_compared_with_as_many_days_before() {
        let days = Days { first: day("2026-11-01"), last: day("2026-11-30") };
        let growth = |all, before| Growth::Measured { days, all, before };
        let likes = Key::Metric(Metric::Likes);
        let sum = "In all 330, Nov 1 to Nov 30, 2026";
        let more = ", after 300 in the 30 days before: 30 more (+10%).";
        assert_eq!(growth(330.0, Some(300.0)).sentence(likes), format!("{sum}{more}"));
        assert_eq!(growth(330.0, None).sentence(likes), format!("{sum}. The 30 days before are not fully known."));
        assert_eq!(
            growth(2.9, Some(3.2)).sentence(Key::EngagementRate),
            "On average 2.9%, Nov 1 to Nov 30, 2026, after 3.2% in the 30 days before: −0.3 points down."
        );
    }

    #[test]
    fn what_is_not_told_is_no_zero() {
        let likes = Key::Metric(Metric::Likes);
        for reading in [Reading::Unavailable, Reading::NoData { why: None }] {
            let said = format!("{} {}", reading.amount(likes), reading.lines(likes).join(" "));
            assert!(!said.contains('0'), "{said}");
        }
        let known = Reading::Known { value: 0.0, as_of: day("2026-11-25"), over_7: None, over_30: Some(0.0) };
        let followers = Key::Metric(Metric::Followers);
        assert_eq!(known.lines(followers), ["On Nov 25, 2026", "7 days: no data", "30 days: ±0 no change"]);
        assert_eq!(known.lines(likes)[1..], ["7-day sum: no data", "30-day sum: ±0 no change"]);
    }

    #[test]
    fn a_summary_tells_only_what_is_known() {
        let as_of = day("2026-11-25");
        let summary = |followers| FiguresSummary {
            followers,
            completeness: Completeness { observed: 29, expected: 30 },
            href: String::new(),
        };
        let known = Reading::Known { value: 1310.0, as_of, over_7: Some(12.0), over_30: None };
        assert_eq!(summary(known).sentence(), "1,310 followers on Nov 25, 2026: +12 more in 7 days.");
        let none = Reading::NoData { why: Some("the token had expired".to_owned()) };
        assert_eq!(summary(none).sentence(), "No data on followers. The token had expired.");
    }
}
