//! Where everything of a chart stands. Across it is measured in parts of the width, so that its letters stay as large
//! as the page's in every window; down in pixels.

use std::fmt::Write;

use super::{Chart, Point, Quality, Span};
use crate::number;

/// The width, in the lines' own measure.
const WIDE: f64 = 1000.0;
/// Where the plot begins and ends, down.
const TOP: f64 = 28.0;
const BOTTOM: f64 = 220.0;
/// Up to so many days each value has a dot.
const DOTTED: usize = 14;
/// Up to so many days each value that came later has a ring.
const RINGED: usize = 120;
/// How wide a gap must be for words in it, and how narrow it is at least, in hundredths of the width.
const ROOM_FOR_WORDS: f64 = 22.0;
const NARROWEST: f64 = 0.5;
/// How near two labels may be, in hundredths of the width.
const APART: f64 = 35.0;
/// How wide a letter of a label is at most, in hundredths of the width of a small window.
const LETTER: f64 = 3.5;
/// Beneath a point lower than this there is no room for a label.
const LOWEST_LABELLED: f64 = 210.0;
/// From so many days on the axis names months.
const MONTHS: usize = 180;

/// How something known is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Seen,
    Later,
}

/// A number of the axis, or a day.
pub(super) struct Tick {
    /// How far.
    pub at: String,
    /// In words.
    pub label: String,
    /// `start`, `middle`, `end`.
    pub anchor: &'static str,
}

/// A dot or a ring.
pub(super) struct Mark {
    pub x: String,
    pub y: String,
    pub tone: Tone,
}

/// Days of which nothing is known.
pub(super) struct Hole {
    pub x: String,
    pub width: String,
    pub middle: String,
    pub gap: bool,
    /// Whether there is room for words in it.
    pub roomy: bool,
    pub title: String,
}

/// A value that is written beside its point.
pub(super) struct Label {
    pub x: String,
    pub y: String,
    pub anchor: &'static str,
    pub text: String,
}

/// All of it.
pub(super) struct Plot {
    pub rows: Vec<Tick>,
    pub columns: Vec<Tick>,
    /// What was seen on its day.
    pub seen: String,
    /// What came later.
    pub later: String,
    pub marks: Vec<Mark>,
    pub holes: Vec<Hole>,
    pub labels: Vec<Label>,
    /// How much room the numbers of the axis take.
    pub margin: &'static str,
}

/// Without a fraction that says nothing.
fn short(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_owned)
}

fn hundredths(value: f64) -> String {
    let text = format!("{value:.2}");
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

/// What a plot is measured by.
struct Scale {
    low: f64,
    high: f64,
    last: u32,
}

impl Scale {
    /// Across, of [`WIDE`].
    fn x(&self, place: f64) -> f64 {
        if self.last == 0 { WIDE / 2.0 } else { place / f64::from(self.last) * WIDE }
    }

    /// Across, in hundredths.
    fn part(&self, place: f64) -> f64 {
        self.x(place) / WIDE * 100.0
    }

    /// Down.
    fn y(&self, value: f64) -> f64 {
        // Halves first, for the difference of the largest numbers is too large for a number.
        let share = (value / 2.0 - self.low / 2.0) / (self.high / 2.0 - self.low / 2.0);
        BOTTOM - share.clamp(0.0, 1.0) * (BOTTOM - TOP)
    }
}

/// A step of 1, 2 or 5 times a power of ten, for about four of them.
fn step(low: f64, high: f64, whole: bool) -> f64 {
    let rough = high / 4.0 - low / 4.0;
    let power = 10_f64.powf(rough.log10().floor());
    let nice = [1.0, 2.0, 5.0].into_iter().map(|times| times * power).find(|nice| *nice >= rough * 0.999_999);
    let nice = nice.unwrap_or(10.0 * power);
    // Finer than it is written nothing is told apart.
    nice.max(if whole { 1.0 } else { 0.01 })
}

/// The numbers of an axis that holds both ends, and their step.
pub(super) fn ticks(low: f64, high: f64, whole: bool) -> (Vec<f64>, f64) {
    let step = step(low, high, whole);
    let (from, to) = ((low / step).floor(), (high / step).ceil());
    let mut ticks = vec![from * step];
    for count in 1..=8_u32 {
        let at = from + f64::from(count);
        if at > to {
            break;
        }
        ticks.push(at * step);
    }
    (ticks, step)
}

/// The ends of the values, with some room where they are one.
fn ends(values: impl Iterator<Item = f64>, level: bool, whole: bool) -> Option<(f64, f64)> {
    let (low, high) = values.fold(None, |ends, value| match ends {
        None => Some((value, value)),
        Some((low, high)) => Some((value.min(low), value.max(high))),
    })?;
    let low = if level { low } else { low.min(0.0) };
    let high = if level { high } else { high.max(0.0) };
    if !number::same(low, high) {
        return Some((low, high));
    }
    let room = (high.abs() * 0.02).max(if whole { 2.0 } else { 0.01 });
    Some((if low >= 0.0 { (low - room).max(0.0) } else { low - room }, high + room))
}

impl Plot {
    /// The plot of a chart; none where nothing is known.
    pub fn of(chart: &Chart) -> Option<Self> {
        let whole = chart.unit != "%" && chart.known().all(|(_, _, value)| number::same(value, value.round()));
        let (low, high) = ends(chart.known().map(|(_, _, value)| value), chart.level, whole)?;
        let (ticks, step) = ticks(low, high, whole);
        let last = u32::try_from(chart.points.len().checked_sub(1)?).ok()?;
        let scale = Scale { low: *ticks.first()?, high: ticks.last()?.max(high), last };
        let mut names = number::axis(&ticks, step);
        if chart.unit == "%" {
            for name in &mut names {
                name.push('%');
            }
        }
        let longest = names.iter().map(|name| name.chars().count()).max().unwrap_or_default();
        let margin = match longest {
            0..=4 => "m",
            5..=7 => "m wide-1",
            8..=9 => "m wide-2",
            _ => "m wide-3",
        };
        let row = |(tick, label): (&f64, String)| Tick { at: short(scale.y(*tick)), label, anchor: "end" };
        let (seen, later) = lines(chart, &scale);
        Some(Self {
            rows: ticks.iter().zip(names).map(row).collect(),
            columns: columns(&chart.points, &scale),
            seen,
            later,
            marks: marks(chart, &scale),
            holes: chart.spans().iter().map(|span| hole(span, &scale)).collect(),
            labels: labels(chart, &scale),
            margin,
        })
    }
}

/// The line, apart by how its ends are known, and broken where nothing is.
fn lines(chart: &Chart, scale: &Scale) -> (String, String) {
    let (mut seen, mut later) = (String::new(), String::new());
    // Where each of the two lines has come to.
    let (mut pens, mut before): ([Option<u32>; 2], _) = ([None, None], None::<(u32, &Point, f64)>);
    for (place, point, value) in chart.known() {
        if let Some((from, earlier, old)) = before.filter(|(from, ..)| from + 1 == place) {
            let is_later = point.quality == Quality::Backfilled || earlier.quality == Quality::Backfilled;
            let path = if is_later { &mut later } else { &mut seen };
            let pen = &mut pens[usize::from(is_later)];
            if *pen != Some(from) {
                // Text has room for ever.
                let _ = write!(path, "M{} {}", short(scale.x(from.into())), short(scale.y(old)));
            }
            let _ = write!(path, "L{} {}", short(scale.x(place.into())), short(scale.y(value)));
            *pen = Some(place);
        }
        before = Some((place, point, value));
    }
    (seen, later)
}

/// Dots where a line would not show them: alone between gaps, at both ends, or where there are few.
fn marks(chart: &Chart, scale: &Scale) -> Vec<Mark> {
    let known: Vec<_> = chart.known().collect();
    let shown = |(index, (place, point, _)): &(usize, (u32, &Point, f64))| {
        let joined = |other: Option<&(u32, &Point, f64)>| other.is_some_and(|(at, ..)| at.abs_diff(*place) == 1);
        let before = index.checked_sub(1).and_then(|before| known.get(before));
        let alone = !joined(before) && !joined(known.get(index + 1));
        let ends = *index == 0 || index + 1 == known.len();
        let few = chart.points.len() <= DOTTED || (point.is_later() && chart.points.len() <= RINGED);
        alone || ends || few
    };
    let mark = |(_, (place, point, value)): (usize, (u32, &Point, f64))| Mark {
        x: hundredths(scale.part(place.into())),
        y: short(scale.y(value)),
        tone: if point.is_later() { Tone::Later } else { Tone::Seen },
    };
    known.iter().copied().enumerate().filter(shown).map(mark).collect()
}

fn hole(span: &Span<'_>, scale: &Scale) -> Hole {
    let from = scale.part((f64::from(span.from) - 0.5).max(0.0));
    let to = scale.part((f64::from(span.to) + 0.5).min(f64::from(scale.last)));
    let (from, wide) = if to - from < NARROWEST { (from.min(100.0 - NARROWEST), NARROWEST) } else { (from, to - from) };
    Hole {
        x: hundredths(from),
        width: hundredths(wide),
        middle: hundredths(from + wide / 2.0),
        gap: span.gap,
        roomy: wide >= ROOM_FOR_WORDS,
        title: span.title(),
    }
}

/// Some of the days, as evenly apart as they can be.
fn columns(points: &[Point], scale: &Scale) -> Vec<Tick> {
    let last = scale.last;
    let parts = match last {
        0 => 0,
        1 => 1,
        _ if points.len() <= MONTHS && (last.is_multiple_of(3) || last >= 12) => 3,
        _ => 2,
    };
    // The nearest day to each part.
    let place = |part: u32| if parts == 0 { 0 } else { (2 * part * last + parts) / (2 * parts) };
    let places: Vec<u32> = (0..=parts).map(place).collect();
    let tick = |place: u32| {
        let point = points.get(usize::try_from(place).ok()?)?;
        let form = if points.len() > MONTHS { "%b %Y" } else { "%b %-d" };
        let anchor = match place {
            _ if scale.last == 0 => "middle",
            0 => "start",
            _ if place == scale.last => "end",
            _ => "middle",
        };
        Some(Tick { at: hundredths(scale.part(place.into())), label: point.day.strftime(form).to_string(), anchor })
    };
    places.into_iter().filter_map(tick).collect()
}

/// The first and the last value, each on the side of its point where the line leaves more room.
fn labels(chart: &Chart, scale: &Scale) -> Vec<Label> {
    let (Some((from, _, first)), Some((to, _, last))) = (chart.first(), chart.last()) else { return vec![] };
    let drawn = along(chart, scale);
    let label = |place: u32, value: f64| {
        let part = scale.part(place.into());
        let y = scale.y(value);
        let short_value = number::compact(value);
        let text = if chart.unit == "%" { format!("{short_value}%") } else { short_value };
        let wide = text.chars().fold(0.0, |wide, _| wide + LETTER);
        let (anchor, left) = match part {
            part if part < 20.0 => ("start", part),
            part if part > 80.0 => ("end", part - wide),
            _ => ("middle", part - wide / 2.0),
        };
        let hit = |from: f64, to: f64| {
            let within = |(x, y): &&(f64, f64)| (left..=left + wide).contains(x) && (from..=to).contains(y);
            drawn.iter().filter(within).count()
        };
        let down = y <= LOWEST_LABELLED && hit(y, y + 26.0) < hit(y - 26.0, y);
        Label { x: hundredths(part), y: short(if down { y + 20.0 } else { y - 10.0 }), anchor, text }
    };
    let mut labels = vec![label(to, last)];
    if scale.part(to.into()) - scale.part(from.into()) >= APART {
        labels.insert(0, label(from, first));
    }
    labels
}

/// Places along the line, close enough to each other that none passes a label unseen: how far, in hundredths, and how
/// deep.
fn along(chart: &Chart, scale: &Scale) -> Vec<(f64, f64)> {
    let known: Vec<_> = chart.known().collect();
    let lines = known.windows(2).filter_map(|pair| match pair {
        [(from, _, old), (to, _, new)] if from + 1 == *to => Some((*from, scale.y(*old), scale.y(*new))),
        _ => None,
    });
    let parts = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
    lines
        .flat_map(|(from, old, new)| parts.map(|part| (scale.part(f64::from(from) + part), old + (new - old) * part)))
        .collect()
}
