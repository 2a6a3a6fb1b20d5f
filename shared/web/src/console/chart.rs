//! A figure over days, as a line that is broken where nothing is known, with the same in words and as a table.

use askama::{Template, filters::HtmlSafe};
use domain::Date;

use crate::number;

mod plot;

use plot::{Plot, Tone};

/// The most days that a chart has: two years and a month.
pub const MOST_DAYS: usize = 760;

/// How a value is known, or why it is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Quality {
    /// It was seen on its day.
    Observed,
    /// The platform told it later.
    Backfilled,
    /// Nothing was told for that day, which is not zero.
    Gap {
        /// Why, if it is known (`the token had expired`).
        why: Option<String>,
    },
    /// The platform does not tell it.
    Unsupported,
}

/// One day of a figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// The day.
    pub day: Date,
    /// How much; looked at only where it is known.
    pub value: Option<f64>,
    /// How it is known.
    pub quality: Quality,
}

impl Point {
    /// Its value. What has no number is a gap, whatever it says.
    fn known(&self) -> Option<f64> {
        match self.quality {
            Quality::Observed | Quality::Backfilled => self.value.filter(|value| value.is_finite()),
            Quality::Gap { .. } | Quality::Unsupported => None,
        }
    }

    fn is_later(&self) -> bool {
        self.quality == Quality::Backfilled && self.known().is_some()
    }

    fn is_gap(&self) -> bool {
        self.known().is_none() && self.quality != Quality::Unsupported
    }

    fn why(&self) -> Option<&str> {
        match &self.quality {
            Quality::Gap { why } => why.as_deref(),
            _ => None,
        }
    }
}

/// Days in a row of which nothing is known, for one reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span<'a> {
    from: u32,
    to: u32,
    first: Date,
    last: Date,
    gap: bool,
    why: Option<&'a str>,
}

impl Span<'_> {
    fn days(&self) -> u32 {
        self.to - self.from + 1
    }

    /// `Nov 3 to Nov 5, 2026 (the token had expired)`.
    fn words(&self) -> String {
        let days = number::between(self.first, self.last);
        self.why.map_or_else(|| days.clone(), |why| format!("{days} ({why})"))
    }

    fn title(&self) -> String {
        format!("{}: {}", if self.gap { "No data" } else { "Not available" }, self.words())
    }
}

/// A figure over days. [`Chart::new`] puts its points in order.
#[derive(Debug, Clone, PartialEq, Template)]
#[template(path = "console/chart.html")]
pub struct Chart {
    /// A word of its own on its page (`followers`); its ids begin with it.
    id: &'static str,
    /// What it shows (`Followers`).
    title: String,
    /// What is counted (`followers`); `%` for a share.
    unit: String,
    /// Whether it is how much there is at a moment: its axis need not begin at zero.
    level: bool,
    /// The days, the earliest first, each once, none left out.
    points: Vec<Point>,
}

impl HtmlSafe for Chart {}

impl Chart {
    /// A chart of a figure. `id` is a word of its own on the page; `unit` is what is counted (`followers`), `%` for a
    /// share; the axis of a `level` need not begin at zero. A day that is left out between two is a gap; of a day
    /// that stands twice the last one counts; of more than [`MOST_DAYS`] the newest are shown.
    pub fn new(
        id: &'static str,
        title: impl Into<String>,
        unit: impl Into<String>,
        level: bool,
        mut points: Vec<Point>,
    ) -> Self {
        points.sort_by_key(|point| point.day);
        let mut whole: Vec<Point> = Vec::new();
        for point in points.into_iter().rev() {
            while let Some(before) = whole.last().and_then(|later| later.day.yesterday().ok()) {
                if before <= point.day || whole.len() >= MOST_DAYS {
                    break;
                }
                whole.push(Point { day: before, value: None, quality: Quality::Gap { why: None } });
            }
            if whole.len() >= MOST_DAYS {
                break;
            }
            if whole.last().is_none_or(|later| later.day > point.day) {
                whole.push(point);
            }
        }
        whole.reverse();
        Self { id, title: title.into(), unit: unit.into(), level, points: whole }
    }

    /// The points, the earliest first.
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// What is known: place, day and value.
    fn known(&self) -> impl Iterator<Item = (u32, &Point, f64)> {
        (0_u32..).zip(&self.points).filter_map(|(place, point)| Some((place, point, point.known()?)))
    }

    fn first(&self) -> Option<(u32, &Point, f64)> {
        self.known().next()
    }

    fn last(&self) -> Option<(u32, &Point, f64)> {
        self.known().last()
    }

    /// Days in a row without a value, each row for one reason.
    fn spans(&self) -> Vec<Span<'_>> {
        let mut spans: Vec<Span<'_>> = Vec::new();
        for (place, point) in (0..).zip(&self.points) {
            if point.known().is_some() {
                continue;
            }
            let (gap, why) = (point.is_gap(), point.why());
            match spans.last_mut() {
                Some(span) if span.to + 1 == place && span.gap == gap && span.why == why => {
                    (span.to, span.last) = (place, point.day);
                }
                _ => spans.push(Span { from: place, to: place, first: point.day, last: point.day, gap, why }),
            }
        }
        spans
    }

    fn is_unsupported(&self) -> bool {
        !self.points.is_empty() && self.points.iter().all(|point| point.quality == Quality::Unsupported)
    }

    /// The days without data.
    pub fn gaps(&self) -> u32 {
        self.spans().iter().filter(|span| span.gap).map(Span::days).sum()
    }

    fn later(&self) -> usize {
        self.points.iter().filter(|point| point.is_later()).count()
    }

    fn plot(&self) -> Option<Plot> {
        Plot::of(self)
    }

    fn amount(&self, value: f64) -> String {
        if self.unit == "%" { format!("{}%", number::full(value)) } else { number::full(value) }
    }

    /// The name of the picture: what, and over which days.
    fn name(&self) -> String {
        match (self.points.first(), self.points.last()) {
            (Some(from), Some(to)) => format!("{}, {}", self.title, number::between(from.day, to.day)),
            _ => self.title.clone(),
        }
    }

    /// The picture in words: first, last, change, ends, gaps.
    fn description(&self) -> String {
        let mut said: Vec<String> = Vec::new();
        if let (Some((from, first, before)), Some((to, last, after))) = (self.first(), self.last()) {
            let at = |value: f64, point: &Point| format!("{} on {}", self.amount(value), number::day(point.day));
            if from == to {
                said.push(format!("One day is known: {}.", at(before, first)));
            } else {
                let change = number::change(before, after);
                said.push(format!("First {}, last {}: {change}.", at(before, first), at(after, last)));
                let lowest = self.known().reduce(|low, next| if next.2 < low.2 { next } else { low });
                let highest = self.known().reduce(|high, next| if next.2 > high.2 { next } else { high });
                for (word, end) in [("Lowest", lowest), ("Highest", highest)] {
                    said.extend(end.map(|(_, point, value)| format!("{word} {}.", at(value, point))));
                }
            }
        }
        let spans = self.spans();
        for (gap, word) in [(true, "No data"), (false, "Not available")] {
            let of: Vec<&Span<'_>> = spans.iter().filter(|span| span.gap == gap).collect();
            let days: u32 = of.iter().map(|span| span.days()).sum();
            let words: Vec<String> = of.iter().take(SPANS_NAMED).map(|span| span.words()).collect();
            let more = if of.len() > SPANS_NAMED { "; …" } else { "" };
            if days > 0 {
                said.push(format!("{word} on {}: {}{more}.", number::days(days), words.join("; ")));
            }
        }
        match u32::try_from(self.later()).unwrap_or(u32::MAX) {
            0 => {}
            1 => said.push("1 day was filled in later.".to_owned()),
            many => said.push(format!("{many} days were filled in later.")),
        }
        said.join(" ")
    }

    /// The gaps that the key names.
    fn named(&self) -> Vec<Span<'_>> {
        self.spans().into_iter().filter(|span| span.gap).take(SPANS_NAMED).collect()
    }

    /// How many more there are.
    fn unnamed(&self) -> usize {
        self.spans().iter().filter(|span| span.gap).count().saturating_sub(SPANS_NAMED)
    }

    fn has_unsupported(&self) -> bool {
        self.points.iter().any(|point| point.quality == Quality::Unsupported)
    }

    /// What the table says of a day.
    fn cell(&self, point: &Point) -> String {
        match (point.known(), &point.quality) {
            (Some(value), Quality::Backfilled) => format!("{}, filled in later", self.amount(value)),
            (Some(value), _) => self.amount(value),
            (None, Quality::Unsupported) => "not available".to_owned(),
            (None, _) => point.why().map_or_else(|| "no data".to_owned(), |why| format!("no data: {why}")),
        }
    }
}

/// How many gaps are named one by one.
const SPANS_NAMED: usize = 4;

#[cfg(test)]
mod tests;
