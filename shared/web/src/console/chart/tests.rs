//! What a chart shows, and what it must not.

use std::collections::BTreeMap;

use domain::Color;

use super::{Chart, MOST_DAYS, Point, Quality, plot};
use crate::{
    Page, STYLESHEET,
    samples::figures::{chart, day, points},
    tests::{Tag, tags},
};

fn seen(value: f64) -> (Option<f64>, Quality) {
    (Some(value), Quality::Observed)
}

fn later(value: f64) -> (Option<f64>, Quality) {
    (Some(value), Quality::Backfilled)
}

fn gap(why: Option<&str>) -> (Option<f64>, Quality) {
    (None, Quality::Gap { why: why.map(str::to_owned) })
}

fn drawn(chart: &Chart) -> String {
    chart.render().expect("renders")
}

fn of_class<'a>(tags: &'a [Tag], class: &str) -> Vec<&'a Tag> {
    tags.iter().filter(|tag| tag.get("class") == Some(class)).collect()
}

/// The line of the plot itself, not of its key.
fn path(html: &str, class: &str) -> Option<String> {
    let tags = tags(html.split("<ul class=\"key\">").next().expect("a plot"));
    of_class(&tags, class).first().and_then(|tag| tag.get("d")).map(str::to_owned)
}

/// The numbers of a path.
fn places(path: &str) -> Vec<(f64, f64)> {
    let parts = path.split(['M', 'L']).filter(|part| !part.is_empty());
    let place = |part: &str| part.split_once(' ').map(|(x, y)| (x.parse().expect("x"), y.parse().expect("y")));
    parts.map(|part| place(part).expect("a place")).collect()
}

#[test]
fn the_line_is_broken_at_a_gap_and_no_gap_is_a_zero() {
    let why = Some("the token had expired");
    let html = drawn(&chart(&[seen(10.0), seen(11.0), gap(why), gap(why), seen(12.0), seen(13.0)]));
    let path = path(&html, "line").expect("a line");
    assert_eq!(path.matches('M').count(), 2, "{path}");
    assert_eq!(places(&path).iter().map(|(x, _)| *x).collect::<Vec<_>>(), [0.0, 200.0, 800.0, 1000.0]);
    // The axis of a level goes from 10 to 13, so its foot is no zero either; nothing lies there but the first value.
    assert_eq!(places(&path).iter().filter(|(_, y)| *y >= 220.0).count(), 1, "{path}");
    let tags = tags(&html);
    let holes = of_class(&tags, "gap");
    assert_eq!((holes[0].get("x"), holes[0].get("width")), (Some("30%"), Some("40%")));
    assert_eq!(holes[0].get("fill"), Some("url(#followers-hatch)"));
    assert!(html.contains("<title>No data: Sep 3 to Sep 4, 2026 (the token had expired)</title>"), "{html}");
    assert!(html.contains(">no data</text>"), "{html}");
    assert!(!html.contains("<td>0</td>"), "{html}");
}

#[test]
fn a_day_that_is_left_out_is_a_gap_and_one_without_a_number_too() {
    let point = |text: &str, value| Point { day: day(text), value, quality: Quality::Observed };
    let given = vec![
        point("2026-11-05", Some(5.0)),
        point("2026-11-01", Some(1.0)),
        point("2026-11-02", None),
        point("2026-11-03", Some(f64::NAN)),
        point("2026-11-05", Some(6.0)),
    ];
    let chart = Chart::new("a", "A", "", true, given);
    let days: Vec<String> = chart.points().iter().map(|point| point.day.to_string()).collect();
    assert_eq!(days, ["2026-11-01", "2026-11-02", "2026-11-03", "2026-11-04", "2026-11-05"]);
    assert_eq!((chart.gaps(), chart.last().map(|(_, _, value)| value)), (3, Some(6.0)));
    assert_eq!(path(&drawn(&chart), "line"), None, "two values with a gap between have no line");
}

#[test]
fn what_came_later_looks_different_and_the_key_says_so() {
    let html = drawn(&chart(&[seen(10.0), later(11.0), later(12.0), seen(13.0), seen(14.0)]));
    assert_eq!(path(&html, "line later").expect("dashes").matches('L').count(), 3);
    assert_eq!(path(&html, "line").expect("a line").matches('L').count(), 1);
    let rings =
        tags(html.split("<ul").next().expect("a plot")).iter().filter(|t| t.get("class") == Some("ring")).count();
    assert_eq!(rings, 2);
    assert!(html.contains("Filled in later") && html.contains("11, filled in later</td>"), "{html}");
    let plain = drawn(&chart(&[seen(10.0), seen(11.0)]));
    assert!(!plain.contains("Filled in later") && !plain.contains("class=\"key\""), "{plain}");
}

#[test]
fn an_axis_has_few_round_numbers_that_hold_every_value() {
    let cases: [(f64, f64, bool, &[f64]); 7] = [
        (0.0, 100.0, true, &[0.0, 50.0, 100.0]),
        (1204.0, 1310.0, true, &[1200.0, 1250.0, 1300.0, 1350.0]),
        (3.0, 4.0, true, &[3.0, 4.0]),
        (0.0, 1.0, false, &[0.0, 0.5, 1.0]),
        (-7.0, 9.0, true, &[-10.0, -5.0, 0.0, 5.0, 10.0]),
        (1e9, 2.1e9, true, &[1e9, 1.5e9, 2e9, 2.5e9]),
        (0.0, 0.004, false, &[0.0, 0.01]),
    ];
    for (low, high, whole, wanted) in cases {
        let (ticks, step) = plot::ticks(low, high, whole);
        assert_eq!(ticks.len(), wanted.len(), "{low} to {high}: {ticks:?}");
        assert!(ticks.iter().zip(wanted).all(|(one, other)| (one - other).abs() <= step / 1e6), "{ticks:?}");
    }
    // Whatever the ends, there are few, all apart, and both ends are between them.
    for power in -3..=18 {
        for factor in [1.0, 1.7, 3.3, 9.99] {
            let (low, high) = (10_f64.powi(power) * factor, 10_f64.powi(power) * factor * 1.37);
            let (ticks, step) = plot::ticks(low, high, false);
            assert!((2..=7).contains(&ticks.len()), "{low} to {high}: {ticks:?}");
            assert!(ticks[0] <= low + step / 1e6 && ticks[ticks.len() - 1] >= high - step / 1e6, "{low}: {ticks:?}");
        }
    }
}

#[test]
fn a_level_need_not_begin_at_zero_and_a_flow_must() {
    let values = [seen(1204.0), seen(1310.0)];
    let axis = |level| {
        let chart = Chart::new("a", "A", "", level, points(&values));
        let plot = chart.plot().expect("a plot");
        plot.rows.into_iter().map(|row| row.label).collect::<Vec<_>>()
    };
    assert_eq!(axis(true), ["1,200", "1,250", "1,300", "1,350"]);
    assert_eq!(axis(false), ["0", "500", "1,000", "1,500"]);
}

#[test]
fn one_point_is_a_dot_with_its_value() {
    let html = drawn(&chart(&[seen(7.0)]));
    let tags = tags(&html);
    assert_eq!(of_class(&tags, "dot").len(), 1);
    assert_eq!(of_class(&tags, "dot")[0].get("cx"), Some("50%"));
    assert!(html.contains(">7</text>") && html.contains("One day is known: 7 on Sep 1, 2026."), "{html}");
    // The same among gaps, and a value that never moves.
    let html = drawn(&chart(&[gap(None), seen(7.0), gap(None)]));
    assert!(html.contains("class=\"dot\" cx=\"50%\""), "{html}");
    let still = drawn(&chart(&[seen(0.0), seen(0.0), seen(0.0)]));
    assert!(still.contains(": no change.") && !still.contains("NaN") && !still.contains("inf"), "{still}");
}

#[test]
fn a_label_stands_where_the_line_is_not() {
    let labels = |values: &[f64]| {
        let values: Vec<_> = values.iter().map(|value| seen(*value)).collect();
        let plot = chart(&values).plot().expect("a plot");
        plot.labels.into_iter().map(|label| label.y.parse::<f64>().expect("a place")).collect::<Vec<_>>()
    };
    let high = |value: f64| 220.0 - (value - 100.0) / 100.0 * 192.0;
    let rising: Vec<f64> = (0..=20).map(|n| 110.0 + f64::from(n) * 4.0).collect();
    let falling: Vec<f64> = rising.iter().rev().copied().collect();
    let (up, down) = (labels(&rising), labels(&falling));
    assert!(up[0] > high(110.0) && up[1] < high(190.0), "{up:?}");
    assert!(down[0] < high(190.0) && down[1] > high(110.0), "{down:?}");
    // A line may pass a label between two points that are far from it.
    let (steep, fall) = (labels(&[110.0, 190.0]), labels(&[190.0, 110.0]));
    assert!(steep[0] > high(110.0) && fall[1] > high(110.0), "{steep:?} {fall:?}");
}

#[test]
fn the_days_of_an_axis_are_evenly_apart() {
    for (count, wanted) in [
        (1, &["50%"][..]),
        (2, &["0%", "100%"]),
        (3, &["0%", "50%", "100%"]),
        (5, &["0%", "50%", "100%"]),
        (7, &["0%", "33.33%", "66.67%", "100%"]),
        (760, &["0%", "50.07%", "100%"]),
    ] {
        let plot = chart(&vec![seen(1.0); count]).plot().expect("a plot");
        assert_eq!(plot.columns.iter().map(|tick| tick.at.as_str()).collect::<Vec<_>>(), wanted, "{count}");
    }
}

/// From one day to two years, from nothing to more than anybody counts: every place is on the plot.
#[test]
fn every_size_stays_within_the_plot() {
    for count in [1, 2, 3, 7, 30, 90, 365, 760] {
        for most in [0.0, 1.0, 1.5, 1e6, 1e15, 1.8e19, f64::MAX] {
            let values: Vec<_> = (0..count).map(|n| seen(most * f64::from(n % 5) / 4.0)).collect();
            let html = drawn(&chart(&values));
            assert!(!html.contains("NaN") && !html.contains("inf"), "{count} up to {most}");
            for (x, y) in path(&html, "line").iter().flat_map(|path| places(path)) {
                assert!((0.0..=1000.0).contains(&x) && (28.0..=220.0).contains(&y), "{count} up to {most}: {x} {y}");
            }
            assert_eq!(html.matches("<th scope=\"row\">").count(), values.len());
        }
    }
}

#[test]
fn of_too_many_days_the_newest_are_shown() {
    let chart = chart(&(0..900).map(|n| seen(f64::from(n))).collect::<Vec<_>>());
    assert_eq!(chart.points().len(), MOST_DAYS);
    assert_eq!(chart.last().map(|(_, _, value)| value), Some(899.0));
    // Nor does a day long ago fill up the memory.
    let point = |text: &str| Point { day: day(text), value: Some(1.0), quality: Quality::Observed };
    let chart = Chart::new("a", "A", "", true, vec![point("0001-01-01"), point("2026-11-01")]);
    assert_eq!(chart.points().len(), MOST_DAYS);
}

#[test]
fn the_words_tell_all_that_the_picture_shows() {
    let values = [seen(1204.0), gap(Some("the token had expired")), later(1190.0), gap(None), seen(1310.0)];
    let html = drawn(&chart(&values));
    let tags = tags(&html);
    let picture = tags.iter().find(|tag| tag.get("role") == Some("img")).expect("a picture");
    assert_eq!(picture.get("aria-labelledby"), Some("followers-name followers-words"));
    assert!(html.contains("<title id=\"followers-name\">Followers, Sep 1 to Sep 5, 2026</title>"), "{html}");
    let words = "First 1,204 on Sep 1, 2026, last 1,310 on Sep 5, 2026: 106 more (+8.8%). Lowest 1,190 on Sep 3, 2026. \
                 Highest 1,310 on Sep 5, 2026. No data on 2 days: Sep 2, 2026 (the token had expired); Sep 4, 2026. \
                 1 day was filled in later.";
    assert!(html.contains(&format!("<desc id=\"followers-words\">{words}</desc>")), "{html}");
    assert!(html.contains("<caption>Followers, Sep 1 to Sep 5, 2026</caption>"), "{html}");
    for (row, cell) in [
        ("Sep 1, 2026", "1,204"),
        ("Sep 2, 2026", "no data: the token had expired"),
        ("Sep 3, 2026", "1,190, filled in later"),
        ("Sep 4, 2026", "no data"),
        ("Sep 5, 2026", "1,310"),
    ] {
        assert!(html.contains(&format!("<tr><th scope=\"row\">{row}</th><td>{cell}</td></tr>")), "{row} in {html}");
    }
    assert_eq!(html.matches("scope=\"col\"").count(), 2);
}

#[test]
fn what_a_platform_does_not_tell_is_said_and_not_drawn() {
    let html = drawn(&chart(&[(Some(5.0), Quality::Unsupported), seen(7.0), seen(8.0)]));
    assert!(html.contains("class=\"untold\"") && html.contains("<td>not available</td>"), "{html}");
    assert!(html.contains("Not available on 1 day") && !html.contains(">5<"), "{html}");
    let none = drawn(&chart(&[(None, Quality::Unsupported), (None, Quality::Unsupported)]));
    assert!(
        none.contains("Not available: the platform does not tell this.") && !none.contains("role=\"img\""),
        "{none}"
    );
}

#[test]
fn nothing_yet_is_said_and_not_drawn() {
    for html in [drawn(&chart(&[])), drawn(&chart(&[gap(None), gap(None)]))] {
        assert!(html.contains("No figures yet") && !html.contains("role=\"img\""), "{html}");
    }
    assert!(!drawn(&chart(&[])).contains("<table"));
    assert_eq!(drawn(&chart(&[gap(None), gap(None)])).matches("<td>no data</td>").count(), 2);
}

#[test]
fn many_gaps_are_named_in_part_and_counted_in_full() {
    let values: Vec<_> = (0..14).map(|n| if n % 2 == 0 { seen(5.0) } else { gap(None) }).collect();
    let html = drawn(&chart(&values));
    assert!(html.contains("And 3 more gaps, in the table") && html.contains("No data on 7 days: "), "{html}");
    assert_eq!(html.matches("class=\"gap\"").count(), 7 + 4);
}

#[test]
fn a_reason_is_escaped_and_no_style_is_inline() {
    let html = drawn(&chart(&[seen(1.0), gap(Some("\"><script>alert(1)</script>")), seen(2.0)]));
    assert!(!html.contains("<script") && !html.contains("style="), "{html}");
    let tags = tags(&html);
    assert!(tags.iter().all(|tag| tag.attributes.iter().all(|(name, _)| name != "style")));
}

#[test]
fn numbers_that_nobody_reads_are_short_on_the_picture_and_whole_beneath() {
    let html = drawn(&chart(&[seen(1_234_567.0), seen(1_934_567.0), seen(2_345_678.0)]));
    assert!(html.contains(">1.23M</text>") && html.contains(">2.35M</text>"), "{html}");
    assert!(html.contains(">1.5M</text>") && html.contains("<td>2,345,678</td>"), "{html}");
}

/// WCAG 1.4.11, 1.4.3: by day and by night a line stands out from its ground by 3:1, and words by 4.5:1.
#[test]
fn lines_and_words_stand_out_in_both_themes() {
    let roots = STYLESHEET.split(":root {").skip(1).map(|root| root.split('}').next().expect("an end"));
    let themes: Vec<BTreeMap<&str, Color>> = roots
        .map(|root| {
            let pairs = root.split(';').filter_map(|line| line.trim().strip_prefix("--")?.split_once(": "));
            pairs.filter_map(|(name, value)| Some((name, value.parse().ok()?))).collect()
        })
        .collect();
    assert_eq!(themes.len(), 2);
    for theme in themes {
        for (name, wanted) in [("main", 3.0), ("edge", 3.0), ("soft", 4.5), ("ink", 4.5)] {
            for ground in ["page", "surface", "sunk"] {
                let contrast = theme[name].contrast(theme[ground]);
                assert!(contrast >= wanted, "{name} on {ground}: {contrast}");
            }
        }
    }
}
