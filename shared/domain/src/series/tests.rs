//! Figures of single accounts, day by day.

use serde_json::json;

use super::*;
use crate::AccountId;

pub(crate) const FOLLOWERS: Key = Key::Metric(Metric::Followers);
pub(crate) const LIKES: Key = Key::Metric(Metric::Likes);

pub(crate) fn day(text: &str) -> Date {
    text.parse().expect("a day")
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

pub(crate) fn days(first: &str, last: &str) -> Days {
    Days { first: day(first), last: day(last) }
}

/// An account that was connected on a day, of which nothing is known yet.
pub(crate) fn ledger(connected: &str, today: &str) -> Ledger {
    Ledger {
        snapshots: BTreeMap::new(),
        tells: Tells {
            level: vec![Metric::Followers],
            measured: vec![Metric::Likes, Metric::Shares],
            audience: vec![],
        },
        connected: vec![days(connected, today)],
        troubles: Vec::new(),
        zone: Zone::default(),
        today: day(today),
    }
}

pub(crate) fn trouble(number: u8, rule: Rule, from: &str, until: Option<&str>) -> Trouble {
    let opened_at = at(from);
    let account = AccountId::new(opened_at, [number; 16]);
    let episode = EpisodeId::of(account, rule.as_str(), opened_at);
    Trouble { episode, rule, opened_at, resolved_at: until.map(at) }
}

impl Ledger {
    fn snapshot(&mut self, date: Date) -> &mut Snapshot {
        let empty =
            Snapshot { date, level: BTreeMap::new(), seen_at: None, measured: BTreeMap::new(), measured_at: None };
        self.snapshots.entry(date).or_insert(empty)
    }

    /// Followers from a day on, day by day; none where they were not seen.
    pub(crate) fn followers(mut self, from: &str, values: &[Option<u64>]) -> Self {
        for (date, value) in days(from, "9999-12-31").iter().zip(values) {
            if let Some(value) = value {
                self.snapshot(date).level.insert(Metric::Followers, *value);
            }
        }
        self
    }

    /// Likes from a day on, day by day, each told on the day after; none where they were not told.
    pub(crate) fn likes(mut self, from: &str, values: &[Option<u64>]) -> Self {
        for (date, value) in days(from, "9999-12-31").iter().zip(values) {
            if let Some(value) = value {
                let snapshot = self.snapshot(date);
                snapshot.measured.insert(Metric::Likes, *value);
                snapshot.measured_at = Some(at(&format!("{}T03:00:00Z", earlier(date, -1))));
            }
        }
        self
    }
}

fn told(ledger: &Ledger, key: Key) -> Vec<(String, Option<u64>, &'static str)> {
    let series = ledger.series(key, days("0001-01-01", "9999-12-31"));
    let of = |point: &Point| (point.date.to_string(), point.value, point.quality.as_str());
    series.points.iter().map(of).collect()
}

fn is(date: &str, value: Option<u64>, quality: &'static str) -> (String, Option<u64>, &'static str) {
    (date.to_owned(), value, quality)
}

#[test]
fn a_level_is_a_gap_up_to_yesterday_and_today_only_told_if_seen() {
    let ledger = ledger("2026-03-02", "2026-03-05").followers("2026-03-02", &[None, Some(10)]);
    let until_yesterday =
        vec![is("2026-03-02", None, "gap"), is("2026-03-03", Some(10), "observed"), is("2026-03-04", None, "gap")];
    assert_eq!(told(&ledger, FOLLOWERS), until_yesterday);
    let ledger = ledger.followers("2026-03-05", &[Some(0)]);
    let with_today = [until_yesterday, vec![is("2026-03-05", Some(0), "observed")]].concat();
    assert_eq!(told(&ledger, FOLLOWERS), with_today);
    let tomorrow = ledger.followers("2026-03-06", &[Some(9)]);
    assert_eq!(told(&tomorrow, FOLLOWERS), with_today, "nothing is known of a day that has not come");
}

#[test]
fn what_is_measured_is_a_gap_up_to_the_day_before_yesterday_and_never_told_of_today() {
    let ledger = ledger("2026-03-01", "2026-03-05");
    let due = [is("2026-03-01", None, "gap"), is("2026-03-02", None, "gap"), is("2026-03-03", None, "gap")];
    assert_eq!(told(&ledger, LIKES), due);
    let ledger = ledger.likes("2026-03-04", &[Some(4), Some(5)]);
    let with_yesterday = [due.to_vec(), vec![is("2026-03-04", Some(4), "observed")]].concat();
    assert_eq!(told(&ledger, LIKES), with_yesterday);
}

#[test]
fn what_was_told_more_than_two_days_after_its_day_in_the_zone_was_told_afterwards() {
    let mut ledger = ledger("2026-03-01", "2026-03-10").likes("2026-03-01", &[Some(1)]);
    ledger.zone = "America/New_York".parse().expect("a zone");
    for (told_at, quality) in [("2026-03-04T04:59:59Z", "observed"), ("2026-03-04T05:00:00Z", "backfilled")] {
        ledger.snapshot(day("2026-03-01")).measured_at = Some(at(told_at));
        assert_eq!(told(&ledger, LIKES)[0], is("2026-03-01", Some(1), quality), "{told_at}");
    }
}

#[test]
fn a_day_without_a_connection_is_no_gap_and_is_told_where_the_platform_told_it() {
    let mut ledger = ledger("2026-03-03", "2026-03-09").likes("2026-03-01", &[Some(1), None, Some(3)]);
    ledger.connected = vec![days("2026-03-03", "2026-03-04"), days("2026-03-07", "2026-03-09")];
    assert_eq!(
        told(&ledger, LIKES),
        [
            is("2026-03-01", Some(1), "observed"),
            is("2026-03-03", Some(3), "observed"),
            is("2026-03-04", None, "gap"),
            is("2026-03-07", None, "gap"),
        ]
    );
    let of = ledger.completeness(LIKES, days("2026-03-01", "2026-03-31"));
    assert_eq!((of.expected, of.known, of.per_mille()), (3, 1, Some(333)));
}

#[test]
fn what_the_platform_does_not_tell_is_unsupported_and_never_zero() {
    let ledger = ledger("2026-03-01", "2026-03-04").followers("2026-03-01", &[Some(1)]);
    for key in [Key::Metric(Metric::Posts), Key::Metric(Metric::Reach)] {
        let told = told(&ledger, key);
        assert!(told.iter().all(|(_, value, quality)| value.is_none() && *quality == "unsupported"), "{told:?}");
        assert!(!told.is_empty());
        assert_eq!(ledger.completeness(key, days("2026-03-01", "2026-03-04")).per_mille(), None);
        assert_eq!(ledger.growth(key, days("2026-03-01", "2026-03-04")), Growth::default());
        assert_eq!(ledger.latest_of(key), None);
        let bucket = ledger.series(key, days("2026-03-01", "2026-03-04")).by(Granularity::Month)[0];
        assert_eq!((bucket.value, bucket.quality, bucket.known_days), (None, Quality::Unsupported, 0));
    }
}

/// The points that an episode marks.
#[test]
fn a_gap_names_the_worst_trouble_that_held_on_its_day() {
    let mut ledger = ledger("2026-03-01", "2026-03-07").followers("2026-03-04", &[Some(4)]);
    let mild = trouble(1, Rule::Degraded, "2026-03-01T12:00:00Z", None);
    let worst = trouble(2, Rule::Expired, "2026-03-02T23:00:00Z", Some("2026-03-03T01:00:00Z"));
    ledger.troubles = vec![mild, worst];
    let series = ledger.series(FOLLOWERS, days("2026-03-01", "2026-03-07"));
    let named: Vec<_> = series.points.iter().map(|point| point.quality.episode()).collect();
    let (mild, worst) = (Some(mild.episode), Some(worst.episode));
    assert_eq!(named, [mild, worst, worst, None, mild, mild]);
    // The week of the 2nd has a known day, and still names what the others are missing by.
    let weeks = series.by(Granularity::Week);
    assert_eq!((weeks[0].quality, weeks[0].episode), (Quality::Gap { episode: mild }, mild));
    assert_eq!((weeks[1].quality, weeks[1].episode), (Quality::Observed, worst));
    ledger.troubles.clear();
    let series = ledger.series(FOLLOWERS, days("2026-03-01", "2026-03-01"));
    assert_eq!(series.points[0].quality, Quality::Gap { episode: None });
}

#[test]
fn a_trouble_that_costs_no_figures_explains_no_gap() {
    let of = |rule, capability| {
        let opened_at = at("2026-03-01T00:00:00Z");
        let reason = crate::health::Reason {
            rule,
            cause: crate::health::Cause::Registered(crate::Code::InsufficientPermissions),
            since: opened_at,
            capability,
            facts: json!({}),
            named: None,
        };
        let id = EpisodeId::of(AccountId::new(opened_at, [1; 16]), "a", opened_at);
        Trouble::of(&Episode { id, reason, opened_at, resolved_at: None }).is_some()
    };
    assert!(of(Rule::Expired, None) && of(Rule::Limited, Some(Capability::Analytics)) && of(Rule::Stale, None));
    assert!(!of(Rule::Expiring, None) && !of(Rule::LimitedPublish, Some(Capability::Publish)));
    assert!(!of(Rule::Limited, Some(Capability::Messages)));
}

#[test]
fn the_engagement_rate_takes_what_is_known_of_a_day_and_is_absent_without_followers() {
    let ledger = ledger("2026-03-01", "2026-03-20")
        .followers("2026-03-01", &[Some(300), None, Some(0), Some(300), Some(300)])
        .likes("2026-03-01", &[Some(1), Some(1), Some(1), None, Some(2)]);
    let mut both = ledger;
    both.snapshot(day("2026-03-05")).measured.extend([(Metric::Saves, 5), (Metric::Views, 900)]);
    let of = |date: &str| both.value(Key::EngagementRate, day(date));
    assert_eq!(of("2026-03-01"), Some(333), "a third of a per cent");
    assert_eq!(["2026-03-02", "2026-03-03", "2026-03-04"].map(of), [None; 3], "no followers, none at all, no likes");
    assert_eq!(of("2026-03-05"), Some(2_333), "views are no engagement");
    assert_eq!(Key::EngagementRate.number(2_333_u64), json!(2.333));
    let week = both.series(Key::EngagementRate, days("2026-03-01", "2026-03-05")).by(Granularity::Month);
    assert_eq!(week[0].value, Some(1_333), "the mean of the days that are known");
    both.tells.level.clear();
    assert!(!both.supports(Key::EngagementRate));
}

#[test]
fn buckets_are_cut_by_monday_and_by_month() {
    let ledger = ledger("2026-01-30", "2026-02-20")
        .followers("2026-01-30", &[Some(1), Some(2), Some(3), Some(4), None, Some(6)])
        .likes("2026-01-30", &[Some(10), None, Some(30), Some(40)]);
    let told = |key, granularity| {
        let series = ledger.series(key, days("2026-01-01", "2026-02-04"));
        let of = |bucket: &Bucket| (bucket.of.first.to_string(), bucket.value, bucket.days, bucket.known_days);
        series.by(granularity).iter().map(of).collect::<Vec<_>>()
    };
    let is = |date: &str, value, days, known| (date.to_owned(), Some(value), days, known);
    assert_eq!(told(FOLLOWERS, Granularity::Week), [is("2026-01-26", 3, 3, 3), is("2026-02-02", 6, 3, 2)]);
    assert_eq!(told(LIKES, Granularity::Week), [is("2026-01-26", 40, 3, 2), is("2026-02-02", 40, 3, 1)]);
    assert_eq!(told(FOLLOWERS, Granularity::Month), [is("2026-01-01", 2, 2, 2), is("2026-02-01", 6, 4, 3)]);
    assert_eq!(told(LIKES, Granularity::Day).len(), 6);
}

/// Growth over a window.
#[test]
fn growth_of_a_level_tells_its_two_days_and_the_gaps_between_them() {
    let mut ledger = ledger("2026-03-01", "2026-03-12")
        .followers("2026-03-02", &[Some(200), None, None, Some(210), None, Some(150)]);
    let outage = trouble(1, Rule::Degraded, "2026-03-04T10:00:00Z", Some("2026-03-04T11:00:00Z"));
    ledger.troubles = vec![outage];
    let growth = ledger.growth(FOLLOWERS, days("2026-03-01", "2026-03-31"));
    assert_eq!(growth.from, Some(Amount { days: Days::one(day("2026-03-02")), value: 200 }));
    assert_eq!(growth.to, Some(Amount { days: Days::one(day("2026-03-07")), value: 150 }));
    assert_eq!((growth.absolute, growth.percent), (Some(-50), Some(Percent(-25_000))));
    assert_eq!(
        growth.gaps,
        [
            Missing { days: Days::one(day("2026-03-03")), episode: None },
            Missing { days: Days::one(day("2026-03-04")), episode: Some(outage.episode) },
            Missing { days: Days::one(day("2026-03-06")), episode: None },
        ]
    );
    let one = ledger.growth(FOLLOWERS, days("2026-03-02", "2026-03-04"));
    assert_eq!((one.from, one.absolute, one.percent), (one.to, None, None), "one day is no growth");
    let from_zero = super::tests::ledger("2026-03-01", "2026-03-09").followers("2026-03-01", &[Some(0), Some(7)]);
    let growth = from_zero.growth(FOLLOWERS, days("2026-03-01", "2026-03-09"));
    assert_eq!((growth.absolute, growth.percent), (Some(7), None));
}

#[test]
fn what_is_measured_grows_over_as_many_days_before_and_only_if_both_are_whole() {
    let whole = ledger("2026-03-01", "2026-03-09").likes("2026-03-01", &[Some(1), Some(2), Some(3), Some(4)]);
    let growth = whole.growth(LIKES, days("2026-03-03", "2026-03-04"));
    assert_eq!(growth.from, Some(Amount { days: days("2026-03-01", "2026-03-02"), value: 3 }));
    assert_eq!(growth.to, Some(Amount { days: days("2026-03-03", "2026-03-04"), value: 7 }));
    assert_eq!((growth.absolute, growth.percent), (Some(4), Some(Percent(133_333))));
    let growth = whole.growth(LIKES, days("2026-03-02", "2026-03-04"));
    assert_eq!((growth.from, growth.absolute, growth.percent), (None, None, None));
    assert_eq!(growth.gaps, [Missing { days: days("2026-02-27", "2026-02-28"), episode: None }]);
    let growth = whole.growth(LIKES, days("2026-03-04", "2026-03-05"));
    assert_eq!((growth.from.map(|f| f.value), growth.to), (Some(5), None));
    assert_eq!(growth.gaps, [Missing { days: days("2026-03-05", "2026-03-05"), episode: None }]);
}

#[test]
fn a_period_that_reaches_today_is_compared_as_far_as_it_can_be_known() {
    let ledger = ledger("2026-03-01", "2026-03-06").likes("2026-03-01", &[Some(1), Some(2), Some(3), Some(4)]);
    let growth = ledger.growth(LIKES, days("2026-03-03", "2026-03-06"));
    assert_eq!(growth.to, Some(Amount { days: days("2026-03-03", "2026-03-04"), value: 7 }));
    assert_eq!(growth.absolute, Some(4));
}

#[test]
fn completeness_counts_the_days_that_must_be_known_by_now() {
    let ledger = ledger("2026-03-01", "2026-03-05").followers("2026-03-02", &[Some(1), None, Some(3)]);
    let of = |key, first, last| {
        let of = ledger.completeness(key, days(first, last));
        (of.expected, of.known, of.per_mille())
    };
    assert_eq!(of(FOLLOWERS, "2026-02-01", "2026-03-31"), (4, 2, Some(500)));
    assert_eq!(of(FOLLOWERS, "2026-03-05", "2026-03-31"), (0, 0, None), "today was not seen yet");
    assert_eq!(of(LIKES, "2026-02-01", "2026-03-31"), (3, 0, Some(0)));
    assert_eq!(Completeness { expected: 3_000, known: 2_999 }.per_mille(), Some(999), "a thousand is all");
}

#[test]
fn the_latest_figure_is_told_with_its_day_and_compared_with_exactly_a_week_and_a_month_before() {
    let values: Vec<Option<u64>> = (0..40).map(|n| (n != 2).then_some(100 + n)).collect();
    let mut ledger = ledger("2026-03-01", "2026-04-10").followers("2026-03-01", &values);
    let latest =
        |ledger: &Ledger, key| ledger.latest_of(key).map(|l| (l.date.to_string(), l.value, l.delta_7d, l.delta_30d));
    assert_eq!(latest(&ledger, FOLLOWERS), Some(("2026-04-09".to_owned(), 139, Some(7), Some(30))));
    ledger.snapshots.remove(&day("2026-04-02"));
    assert_eq!(
        latest(&ledger, FOLLOWERS),
        Some(("2026-04-09".to_owned(), 139, None, Some(30))),
        "a day beside it is no answer"
    );
    ledger.today = day("2026-04-02");
    assert_eq!(latest(&ledger, FOLLOWERS), Some(("2026-04-01".to_owned(), 131, Some(7), Some(30))));
    assert_eq!(latest(&ledger, LIKES), None);
}

#[test]
fn what_is_measured_is_compared_sum_by_sum() {
    let values: Vec<Option<u64>> = (0..14).map(|n| Some(if n < 7 { 1 } else { 3 })).collect();
    let mut ledger = ledger("2026-03-01", "2026-03-15").likes("2026-03-01", &values);
    let latest = ledger.latest_of(LIKES).expect("known");
    assert_eq!((latest.date, latest.value), (day("2026-03-14"), 3));
    assert_eq!((latest.delta_7d, latest.delta_30d), (Some(14), None));
    ledger.snapshots.remove(&day("2026-03-01"));
    assert_eq!(ledger.latest_of(LIKES).and_then(|latest| latest.delta_7d), None);
}

#[test]
fn the_total_of_what_is_no_level_is_told_as_a_total_only() {
    let mut ledger = ledger("2026-03-01", "2026-03-05");
    for (date, views) in [("2026-03-01", 7), ("2026-03-03", 9), ("2026-03-06", 99)] {
        ledger.snapshot(day(date)).level.insert(Metric::Views, views);
    }
    let views = ledger.totals().get(&Metric::Views).copied();
    assert_eq!(views, Some(Amount { days: Days::one(day("2026-03-03")), value: 9 }));
    assert_eq!(ledger.latest_of(Key::Metric(Metric::Views)), None);
    assert!(told(&ledger, Key::Metric(Metric::Views)).iter().all(|(_, value, _)| value.is_none()));
}

#[test]
fn a_table_says_why_a_value_is_missing_and_calculates_nothing() {
    let mut ledger = ledger("2026-03-01", "2026-03-05").followers("2026-03-01", &[Some(5), None, Some(7), Some(8)]);
    let outage = trouble(1, Rule::Degraded, "2026-03-02T10:00:00Z", Some("2026-03-02T11:00:00Z"));
    ledger.troubles = vec![outage];
    let told = |key| ledger.series(key, days("2026-03-01", "2026-03-02")).by(Granularity::Day);
    let (followers, reach) = (told(FOLLOWERS), told(Key::Metric(Metric::Reach)));
    let table = csv("=1+1, \"x\"", [(FOLLOWERS, &followers[..]), (Key::Metric(Metric::Reach), &reach[..1])]);
    let name = r#""'=1+1, ""x""""#;
    let wanted = [
        "account,metric,first_day,last_day,value,quality,days,known_days,episode_id".to_owned(),
        format!("{name},followers,2026-03-01,2026-03-01,5,observed,1,1,"),
        format!("{name},followers,2026-03-02,2026-03-02,,gap,1,0,{}", outage.episode),
        format!("{name},reach,2026-03-01,2026-03-01,,unsupported,1,0,"),
        String::new(),
    ];
    assert_eq!(table, wanted.join("\r\n"));
    for (name, cell) in [("+1", "'+1"), ("-1", "'-1"), ("@a", "'@a"), ("a=1", "a=1"), ("a\r\nb", "\"a\r\nb\"")] {
        let table = csv(name, [(FOLLOWERS, &followers[..1])]);
        assert!(table.split_once("\r\n").expect("two rows").1.starts_with(&format!("{cell},followers")), "{table}");
    }
}

#[test]
fn every_key_is_found_by_its_word_and_each_metric_has_one() {
    for key in Key::ALL {
        assert_eq!(Key::find(key.as_str()), Some(key));
    }
    assert!(Metric::ALL.into_iter().all(|metric| Key::ALL.contains(&Key::Metric(metric))));
    assert_eq!(Key::find("Followers"), None);
    assert_eq!((FOLLOWERS.number(-3), Key::EngagementRate.number(-500)), (json!(-3), json!(-0.5)));
}
