//! Numbers and days as people read them.

use domain::Date;

/// From here on a number is read as a power of ten.
const MOST: f64 = 1e15;

/// What a number is cut by where there is little room, the largest first.
const SCALES: [(f64, &str); 4] = [(1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K")];

/// Below this a number has room as it is.
const SHORT: f64 = 10_000.0;

/// Whether two numbers are the same to whoever reads them.
pub(crate) fn same(one: f64, other: f64) -> bool {
    (one - other).abs() <= f64::EPSILON * one.abs().max(other.abs()).max(1.0)
}

/// `1,204`, `3.42`, `−7`.
pub(crate) fn full(value: f64) -> String {
    if value.abs() >= MOST {
        return format!("{value:.2e}");
    }
    decimals(value, if same(value, value.round()) { 0 } else { 2 })
}

/// `1,204`, `12.3K`, `1.23M`: three digits, where there is little room.
pub(crate) fn compact(value: f64) -> String {
    // What is rounded up to a thousand of a scale is one of the next.
    let scale = SCALES.into_iter().find(|(scale, _)| value.abs() >= scale * 0.9995);
    match scale.filter(|_| value.abs() >= SHORT && value.abs() < MOST) {
        None => full(value),
        Some((scale, letter)) => {
            let cut = value / scale;
            let places = if cut.abs() < 9.995 { 2 } else { usize::from(cut.abs() < 99.95) };
            format!("{}{letter}", decimals(cut, places))
        }
    }
}

/// The numbers of an axis that goes on by `step`, all cut alike and no two the same.
pub(crate) fn axis(ticks: &[f64], step: f64) -> Vec<String> {
    let most = ticks.iter().fold(0.0_f64, |most, tick| most.max(tick.abs()));
    let (scale, letter) =
        SCALES.into_iter().find(|(scale, _)| most >= *scale && (SHORT..MOST).contains(&most)).unwrap_or((1.0, ""));
    let exact = |places: &i32| {
        let shown = step / scale * 10_f64.powi(*places);
        (shown - shown.round()).abs() < 1e-6 && shown.round() >= 1.0
    };
    match [0, 1, 2].into_iter().find(exact) {
        Some(_) => ticks.iter().map(|tick| cut(tick / scale, letter)).collect(),
        None => ticks.iter().map(|tick| full(*tick)).collect(),
    }
}

/// Nothing is nothing at every scale.
fn cut(value: f64, letter: &str) -> String {
    let text = decimals(value, 2);
    if text == "0" { text } else { format!("{text}{letter}") }
}

/// With a sign: `+12`, `−3`, `±0`.
pub(crate) fn signed(value: f64) -> String {
    if same(value, 0.0) {
        "±0".to_owned()
    } else if value > 0.0 {
        format!("+{}", full(value))
    } else {
        full(value)
    }
}

/// `8.8%`.
pub(crate) fn percent(value: f64) -> String {
    format!("{}%", decimals(value, 1))
}

/// With as many places as it has, `places` at most.
fn decimals(value: f64, places: usize) -> String {
    let text = format!("{:.places$}", value.abs());
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let rest = rest.trim_end_matches('0');
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let zero = whole == "0" && rest.is_empty();
    let sign = if value < 0.0 && !zero { "−" } else { "" };
    let point = if rest.is_empty() { "" } else { "." };
    format!("{sign}{grouped}{point}{rest}")
}

/// How one number became another: `106 more (+8.8%)`, `12 fewer (−1%)`, `no change`.
pub(crate) fn change(first: f64, last: f64) -> String {
    let by = last - first;
    if same(first, last) {
        return "no change".to_owned();
    }
    let word = if by > 0.0 { "more" } else { "fewer" };
    let share = by / first * 100.0;
    let share = if first > 0.0 && share.abs() >= 0.05 {
        let sign = if by > 0.0 { "+" } else { "" };
        format!(" ({sign}{})", percent(share))
    } else {
        String::new()
    };
    format!("{} {word}{share}", full(by.abs()))
}

/// `1 day`, `3 days`.
pub(crate) fn days(count: u32) -> String {
    if count == 1 { "1 day".to_owned() } else { format!("{count} days") }
}

/// `Nov 22, 2026`.
pub(crate) fn day(day: Date) -> String {
    day.strftime("%b %-d, %Y").to_string()
}

/// `Nov 22, 2026`, `Nov 3 to Nov 5, 2026`, `Dec 30, 2025 to Jan 2, 2026`.
pub(crate) fn between(from: Date, to: Date) -> String {
    if from == to {
        day(to)
    } else if from.year() == to.year() {
        format!("{} to {}", from.strftime("%b %-d"), day(to))
    } else {
        format!("{} to {}", day(from), day(to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_reads_well_at_every_size() {
        for (value, whole, short) in [
            (0.0, "0", "0"),
            (-0.001, "0", "0"),
            (999.0, "999", "999"),
            (1_204.0, "1,204", "1,204"),
            (3.421, "3.42", "3.42"),
            (-7_000.5, "−7,000.5", "−7,000.5"),
            (12_345.0, "12,345", "12.3K"),
            (999_949.0, "999,949", "1M"),
            (1_234_567.0, "1,234,567", "1.23M"),
            (987_654_321_000.0, "987,654,321,000", "988B"),
            (1e18, "1.00e18", "1.00e18"),
        ] {
            assert_eq!((full(value).as_str(), compact(value).as_str()), (whole, short));
        }
    }

    #[test]
    fn the_numbers_of_an_axis_are_cut_alike_and_stay_apart() {
        assert_eq!(axis(&[0.0, 500_000.0, 1_000_000.0], 500_000.0), ["0", "0.5M", "1M"]);
        assert_eq!(axis(&[1_234_500.0, 1_234_520.0], 20.0), ["1,234,500", "1,234,520"]);
        assert_eq!(axis(&[12_000.0, 12_500.0], 500.0), ["12K", "12.5K"]);
        assert_eq!(axis(&[0.0, 0.25], 0.25), ["0", "0.25"]);
    }

    #[test]
    fn a_change_has_a_sign_and_a_word() {
        assert_eq!(change(1_204.0, 1_310.0), "106 more (+8.8%)");
        assert_eq!(change(1_200.0, 1_188.0), "12 fewer (−1%)");
        assert_eq!(change(7.0, 7.0), "no change");
        assert_eq!(change(0.0, 5.0), "5 more");
        assert_eq!([12.0, -3.0, 0.0].map(signed), ["+12", "−3", "±0"]);
    }

    #[test]
    fn some_days_are_named_with_one_year() {
        let day = |text: &str| text.parse::<Date>().expect("a day");
        assert_eq!(between(day("2026-11-03"), day("2026-11-05")), "Nov 3 to Nov 5, 2026");
        assert_eq!(between(day("2025-12-30"), day("2026-01-02")), "Dec 30, 2025 to Jan 2, 2026");
        assert_eq!(between(day("2026-11-03"), day("2026-11-03")), "Nov 3, 2026");
    }
}
