//! What holds of all figures, whatever is known of them.

use std::cell::Cell;

use proptest::{
    prelude::*,
    test_runner::{RngSeed, TestRunner},
};

use super::{
    tests::{at, day, ledger, trouble},
    *,
};

/// Draws the same each time, so that a failure is found again.
fn runner() -> TestRunner {
    TestRunner::new(ProptestConfig {
        cases: 1_024,
        rng_seed: RngSeed::Fixed(2_026),
        failure_persistence: None,
        ..ProptestConfig::default()
    })
}

/// Days around the ends of months, on some of which the account was connected; today is the 90th.
fn any_day() -> impl Strategy<Value = Date> {
    (0..100_i64).prop_map(|after| earlier(day("2026-01-20"), -after))
}

fn span() -> impl Strategy<Value = Days> {
    (any_day(), any_day()).prop_map(|(one, other)| Days { first: one.min(other), last: one.max(other) })
}

fn counts() -> impl Strategy<Value = crate::Counts> {
    let metric = proptest::sample::select(&Metric::ALL[..]);
    proptest::collection::btree_map(metric, 0..1_000_000_u64, 0..6)
}

fn snapshot() -> impl Strategy<Value = Snapshot> {
    (any_day(), counts(), counts(), 0..6_i64).prop_map(|(date, level, measured, after)| Snapshot {
        date,
        level,
        seen_at: None,
        measured,
        measured_at: Some(at(&format!("{}T09:00:00Z", earlier(date, -after)))),
    })
}

fn any_ledger() -> impl Strategy<Value = Ledger> {
    let metrics = || proptest::sample::subsequence(Metric::ALL.to_vec(), 0..=11);
    let tells = (metrics(), metrics()).prop_map(|(level, measured)| Tells { level, measured, audience: vec![] });
    let trouble = (span(), 0..Rule::ALL.len()).prop_map(|(days, rule)| {
        let [from, until] = [days.first, days.last].map(|day| format!("{day}T06:00:00Z"));
        trouble(u8::try_from(rule).expect("small"), Rule::ALL[rule], &from, Some(&until))
    });
    let snapshots = proptest::collection::vec(snapshot(), 0..90);
    let troubles = proptest::collection::vec(trouble, 0..3);
    (snapshots, tells, proptest::collection::vec(span(), 1..3), troubles).prop_map(
        |(snapshots, tells, connected, troubles)| Ledger {
            snapshots: snapshots.into_iter().map(|snapshot| (snapshot.date, snapshot)).collect(),
            tells,
            connected,
            troubles,
            ..ledger("2026-01-20", "2026-04-20")
        },
    )
}

fn key() -> impl Strategy<Value = Key> {
    proptest::sample::select(&Key::ALL[..])
}

fn granularity() -> impl Strategy<Value = Granularity> {
    proptest::sample::select(&Granularity::ALL[..])
}

#[test]
fn no_gap_ever_has_a_value_and_every_known_day_has_one() {
    let (gaps, known) = (Cell::new(0), Cell::new(0));
    let law = |(ledger, key, days, granularity): (Ledger, Key, Days, Granularity)| {
        let series = ledger.series(key, days);
        for point in &series.points {
            let is_known = matches!(point.quality, Quality::Observed | Quality::Backfilled);
            prop_assert_eq!(point.value.is_some(), is_known);
            prop_assert!(days.contains(point.date) && point.date <= ledger.today);
            prop_assert!(is_known || ledger.is_connected(point.date));
            gaps.set(gaps.get() + u32::from(!is_known));
            known.set(known.get() + u32::from(is_known));
        }
        for bucket in series.by(granularity) {
            let is_known = matches!(bucket.quality, Quality::Observed | Quality::Backfilled);
            prop_assert_eq!(bucket.value.is_some(), is_known);
            prop_assert_eq!(bucket.known_days > 0, is_known);
            prop_assert!(bucket.known_days <= bucket.days && bucket.days <= bucket.of.count());
        }
        Ok(())
    };
    runner().run(&(any_ledger(), key(), span(), granularity()), law).expect("the law holds");
    assert!(gaps.get() > 1_000 && known.get() > 1_000, "{gaps:?} {known:?}");
}

#[test]
fn the_buckets_sums_are_the_days_sums_and_no_day_is_lost() {
    let sums = Cell::new(0);
    let law = |(ledger, key, days, granularity): (Ledger, Key, Days, Granularity)| {
        let series = ledger.series(key, days);
        let buckets = series.by(granularity);
        let many = series.points.len();
        prop_assert_eq!(buckets.iter().map(|b| b.days as usize).sum::<usize>(), many);
        prop_assert!(buckets.windows(2).all(|two| two[0].of.last < two[1].of.first));
        let by_day: u64 = series.points.iter().filter_map(|point| point.value).sum();
        let by_bucket: u64 = buckets.iter().filter_map(|bucket| bucket.value).sum();
        if matches!(key, Key::Metric(metric) if !metric.is_level()) {
            prop_assert_eq!(by_bucket, by_day);
            sums.set(sums.get() + u32::from(by_day > 0));
        }
        if key.is_level() {
            let last = series.points.iter().filter_map(|point| point.value).next_back();
            prop_assert_eq!(buckets.iter().filter_map(|bucket| bucket.value).next_back(), last);
        }
        Ok(())
    };
    runner().run(&(any_ledger(), key(), span(), granularity()), law).expect("the law holds");
    assert!(sums.get() > 200, "{sums:?}");
}

#[test]
fn growth_begins_and_ends_on_known_days_and_names_every_day_between_that_is_not() {
    let (grown, with_gaps) = (Cell::new(0), Cell::new(0));
    let law = |(ledger, key, days): (Ledger, Key, Days)| {
        let growth = ledger.growth(key, days);
        for amount in growth.from.iter().chain(&growth.to) {
            prop_assert!(amount.days.iter().all(|day| ledger.value(key, day).is_some()));
        }
        prop_assert!(growth.absolute.is_none() || (growth.from.is_some() && growth.to.is_some()));
        prop_assert!(growth.percent.is_none() || growth.absolute.is_some());
        let Growth { from: Some(from), to: Some(to), .. } = &growth else { return Ok(()) };
        let between = Days { first: from.days.first, last: to.days.last };
        let unknown: Vec<Date> = between.iter().filter(|day| ledger.value(key, *day).is_none()).collect();
        let told: Vec<Date> = growth.gaps.iter().flat_map(|gap| gap.days.iter()).collect();
        prop_assert_eq!(told, unknown);
        grown.set(grown.get() + u32::from(growth.absolute.is_some()));
        with_gaps.set(with_gaps.get() + u32::from(!growth.gaps.is_empty()));
        Ok(())
    };
    runner().run(&(any_ledger(), key(), span()), law).expect("the law holds");
    assert!(grown.get() > 100 && with_gaps.get() > 100, "{grown:?} {with_gaps:?}");
}

#[test]
fn completeness_is_a_share_and_a_further_snapshot_never_lowers_it() {
    let raised = Cell::new(0);
    let law = |(mut ledger, key, days, more): (Ledger, Key, Days, Snapshot)| {
        let before = ledger.completeness(key, days);
        prop_assert!(before.per_mille().is_none_or(|share| share <= 1_000));
        prop_assert!(before.known <= before.expected);
        let gaps = ledger.series(key, days).points.iter().filter(|p| matches!(p.quality, Quality::Gap { .. })).count();
        prop_assert_eq!((before.expected - before.known) as usize, gaps, "what is missing is a gap");
        ledger.snapshots.entry(more.date).or_insert(more);
        let after = ledger.completeness(key, days);
        prop_assert!(after.per_mille() >= before.per_mille(), "{:?} after {:?}", after, before);
        raised.set(raised.get() + u32::from(after.per_mille() > before.per_mille()));
        Ok(())
    };
    runner().run(&(any_ledger(), key(), span(), snapshot()), law).expect("the law holds");
    assert!(raised.get() > 10, "{raised:?}");
}
