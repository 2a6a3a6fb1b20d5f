//! An account's figures: with all that can be in them, over a few days, and with nothing in them.

use domain::{
    Date, Days, Key, Metric,
    metric::{Facet, Part},
};

use super::{chrome, subject};
use crate::console::{
    Chart, Completeness, FiguresPage, FiguresSummary, FilterLink, Growth, IdentityChange, Latest, Point, Quality,
    Reading, Shares, Side, Timeline, Told as _, Trait,
};

pub const FOLLOWERS: Key = Key::Metric(Metric::Followers);

pub fn day(text: &str) -> Date {
    text.parse().expect("a day")
}

/// Days from the first of September on.
pub fn points(values: &[(Option<f64>, Quality)]) -> Vec<Point> {
    let days = std::iter::successors(Some(day("2026-09-01")), |day| day.tomorrow().ok());
    values
        .iter()
        .zip(days)
        .map(|((value, quality), day)| Point { day, value: *value, quality: quality.clone() })
        .collect()
}

pub fn chart(values: &[(Option<f64>, Quality)]) -> Chart {
    Chart::new("followers", FOLLOWERS.title(), FOLLOWERS.unit(), FOLLOWERS.is_level(), points(values))
}

/// How it went on day `n`: untold at first, later filled in, with two gaps.
fn lived(name: &str, n: u32) -> (Option<f64>, Quality) {
    let value = 11_804.0 + f64::from(n) * 9.0 + (f64::from(n) / 3.0).sin() * 60.0;
    let value = Some(value.round());
    match n {
        0..=6 => (None, Quality::Unsupported),
        12..=20 => (value, Quality::Backfilled),
        34 => (None, Quality::Gap { why: None }),
        52..=74 => (None, Quality::Gap { why: Some(format!("{name} took the consent back")) }),
        _ => (value, Quality::Observed),
    }
}

fn choice(label: &str, href: &str, current: bool) -> FilterLink {
    FilterLink { label: label.to_owned(), href: href.to_owned(), count: None, current }
}

fn latest(figure: Key, n: u32) -> Latest {
    let as_of = day("2026-11-25");
    let reading = match n % 5 {
        0 => Reading::Known { value: 12_640.0 - f64::from(n * 1_000), as_of, over_7: Some(61.0), over_30: None },
        1 => Reading::Known { value: 312.0, as_of, over_7: Some(-3.0), over_30: Some(0.0) },
        2 => Reading::Unavailable,
        3 => Reading::NoData { why: Some("the permission for it was not given".to_owned()) },
        _ => Reading::Known { value: 4.0, as_of, over_7: None, over_30: None },
    };
    let reading = match figure {
        Key::EngagementRate => Reading::Known { value: 3.4, as_of, over_7: Some(0.2), over_30: Some(-1.1) },
        Key::Metric(_) => reading,
    };
    Latest { figure, reading }
}

fn audience(name: &str) -> Vec<Side> {
    let part = |name: &str, per_mille| Part { name: name.to_owned(), per_mille };
    let told = |parts| Shares::Told { as_of: day("2026-11-24"), parts };
    let cities = (0..12_u16).map(|n| part(&format!("{name} {n}"), 120 - n * 10)).collect();
    vec![
        Side {
            facet: Facet::Age,
            shares: told(vec![part("25-34", 412), part("35-44", 287), part("18-24", 201), part("13-17", 4)]),
        },
        Side { facet: Facet::Gender, shares: told(vec![part("F", 633), part("M", 351), part("U", 16)]) },
        Side { facet: Facet::Country, shares: Shares::NoData { why: Some("fewer than 100 followers".to_owned()) } },
        Side { facet: Facet::City, shares: told(cities) },
        Side { facet: Facet::Language, shares: Shares::Unavailable },
    ]
}

pub fn changes(name: &str) -> Vec<IdentityChange> {
    let change = |at: &str, what, from: Option<&str>, to: Option<&str>| IdentityChange {
        day: day(at),
        what,
        from: from.map(str::to_owned),
        to: to.map(str::to_owned),
    };
    vec![
        change("2026-10-02", Trait::Name, Some(name), Some("Nordlys Bakery & Café")),
        change("2026-10-02", Trait::Handle, Some("nordlys"), Some(name)),
        change("2026-11-11", Trait::Picture, None, None),
        change("2026-11-12", Trait::Kind, Some("instagram_creator"), Some("instagram_business")),
        change("2026-11-12", Trait::Verification, None, Some("verified")),
        change("2026-11-20", Trait::Role, Some("admin"), Some("editor")),
        change("2026-11-21", Trait::Tier, Some("premium_plus"), None),
    ]
}

pub fn page(name: &str) -> FiguresPage {
    let lived: Vec<_> = (0..90).map(|n| lived(name, n)).collect();
    FiguresPage {
        chrome: chrome(name),
        flash: None,
        subject: subject(name),
        account: "/console/accounts/a".to_owned(),
        figure: FOLLOWERS,
        periods: vec![
            choice("7 days", "?figure=followers&days=7", false),
            choice("30 days", "?figure=followers&days=30", false),
            choice("90 days", "?figure=followers&days=90", true),
        ],
        figures: Key::ALL
            .iter()
            .map(|f| choice(&f.title(), &format!("?figure={}&days=90", f.as_str()), *f == FOLLOWERS))
            .collect(),
        chart: chart(&lived),
        growth: Some(Growth::Level {
            from: day("2026-09-08"),
            to: day("2026-11-29"),
            before: 11_910.0,
            after: 12_566.0,
            without: 24,
        }),
        completeness: Completeness { observed: 59, expected: 83 },
        csv: Some("/v1/accounts/a/metrics.csv?metric=followers".to_owned()),
        latest: (0..).zip(Key::ALL).map(|(n, figure)| latest(figure, n)).collect(),
        audience: Some(audience(name)),
        no_audience: None,
        timeline: Some(Timeline { changes: changes(name), older: Some("?before=x".to_owned()) }),
    }
}

pub fn short(name: &str) -> FiguresPage {
    let gap = Quality::Gap { why: Some("the platform was not reachable".to_owned()) };
    let seen = |value: f64| (Some(value), Quality::Observed);
    FiguresPage {
        figure: Key::EngagementRate,
        chart: Chart::new(
            "engagement_rate",
            Key::EngagementRate.title(),
            "%",
            false,
            points(&[
                seen(3.2),
                seen(3.4),
                seen(2.9),
                (None, gap),
                seen(4.1),
                (Some(4.4), Quality::Backfilled),
                seen(3.8),
            ]),
        ),
        growth: Some(Growth::Measured {
            days: Days { first: day("2026-09-01"), last: day("2026-09-07") },
            all: 3.6,
            before: Some(3.2),
        }),
        completeness: Completeness { observed: 6, expected: 7 },
        latest: vec![latest(FOLLOWERS, 0)],
        audience: None,
        timeline: None,
        csv: None,
        ..page(name)
    }
}

pub fn none(name: &str) -> FiguresPage {
    let gap = (None, Quality::Gap { why: Some("not connected yet".to_owned()) });
    FiguresPage {
        chart: chart(&vec![gap; 7]),
        growth: None,
        completeness: Completeness::default(),
        latest: vec![],
        audience: Some(vec![]),
        no_audience: Some("it was not asked for".to_owned()),
        timeline: Some(Timeline::default()),
        ..page(name)
    }
}

pub fn summary() -> FiguresSummary {
    FiguresSummary {
        followers: latest(FOLLOWERS, 0).reading,
        completeness: Completeness { observed: 29, expected: 30 },
        href: "/console/accounts/a/figures".to_owned(),
    }
}
