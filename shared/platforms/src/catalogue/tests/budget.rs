//! What the catalogue promises of budgets, of how often accounts are looked at, and of what that costs.

use std::collections::BTreeMap;

use domain::budget::{Budget, Class, Per, Window};

use super::{super::Scheduled, method, methods};

fn budgets() -> Vec<(String, Budget)> {
    let all = methods().expect("shipped").into_iter();
    all.flat_map(|method| method.budgets.into_iter().map(move |budget| (method.issuer.clone(), budget))).collect()
}

#[test]
fn every_look_at_an_account_is_counted_against_some_budget() {
    for method in methods().expect("shipped") {
        let entry = method.entry();
        let classes: &[Class] = match method.issuer.as_str() {
            // What else is there to look at than these is told nowhere.
            "x" | "tiktok" => &[Class::Profile, Class::Metrics],
            _ => &Class::ALL,
        };
        for class in classes {
            assert!(entry.budgets_for(*class).count() > 0, "{}: {class:?}", method.issuer);
        }
    }
}

#[test]
fn a_budget_is_whole() {
    for (issuer, budget) in budgets() {
        let Budget { name, classes, per, window, limit, cost, share_percent, stop_percent } = &budget;
        let legal = |letter: char| letter.is_ascii_lowercase() || letter == '_';
        assert!(!name.is_empty() && name.len() <= 40 && name.chars().all(legal), "{issuer}: {name:?}");
        let mut once = classes.clone();
        once.dedup();
        assert!(!classes.is_empty() && once == *classes && classes.is_sorted(), "{issuer} {name}: {classes:?}");
        assert!(budget.fits(0, 1) == 1 && *cost > 0 && *limit != Some(0), "{issuer} {name}: nothing ever goes");
        assert!(share_percent.is_none_or(|share| (1..=100).contains(&share)), "{issuer} {name}");
        assert!(share_percent.is_none() || limit.is_some(), "{issuer} {name}: a share of what is not known");
        assert!(stop_percent.is_none_or(|stop| (50..100).contains(&stop)), "{issuer} {name}");
        assert!(stop_percent.is_none() || *per == Per::App, "{issuer} {name}: an account's own use is not heard");
        if *window == Window::Percent {
            assert!(stop_percent.is_some() && limit.is_none(), "{issuer} {name}");
        }
        // What is everybody's is not used up by looking; and two windows that touch stay below one that slides.
        if *per == Per::App && limit.is_some() {
            assert!(share_percent.is_some_and(|share| share <= 50), "{issuer} {name}");
        }
    }
}

#[test]
fn what_has_the_same_name_is_the_same_budget() {
    let mut all: BTreeMap<String, (String, Budget)> = BTreeMap::new();
    for (issuer, budget) in budgets() {
        let (first, same) = all.entry(budget.name.clone()).or_insert_with(|| (issuer.clone(), budget.clone()));
        assert_eq!(*same, budget, "{first} and {issuer}");
    }
    assert_eq!(all.len(), 12, "{:?}", all.keys());
}

#[test]
fn the_project_s_day_at_youtube_is_one_budget_over_all_classes() {
    let entry = method("youtube").entry();
    for class in Class::ALL {
        let names: Vec<&str> = entry.budgets_for(class).map(|budget| budget.name.as_str()).collect();
        assert_eq!(names, ["youtube_units"]);
    }
    assert_eq!(entry.budgets[0].share(), Some(5_000));
}

#[test]
fn a_look_is_paid_for_once_a_day_or_by_the_piece() {
    for method in methods().expect("shipped") {
        let entry = method.entry();
        let priced = |class| entry.prices.iter().filter(move |price| price.class == Some(class)).count();
        assert!(Class::ALL.into_iter().all(|class| priced(class) <= 1), "{}: two prices of one look", method.issuer);
    }
    let x = method("x").entry();
    let price = |class| x.price_of(class).map(|price| (price.usd_micros, price.most));
    assert_eq!(price(Class::Profile), Some((10_000, None)));
    assert_eq!(price(Class::Metrics), Some((5_000, crate::x::MOST_POSTS.parse().ok())), "as many as one call reads");
    assert_eq!(price(Class::Audience), None);
    assert!(method("facebook").entry().price_of(Class::Profile).is_none());
}

#[test]
fn whoever_looks_less_often_says_why() {
    for method in methods().expect("shipped") {
        let sync = &method.sync;
        let usual = sync.interval_minutes == 360 && sync.metrics == Scheduled::Daily;
        assert_eq!(usual, sync.reason.is_none(), "{}", method.issuer);
        assert!((15..=1440).contains(&sync.interval_minutes), "{}", method.issuer);
        let sentence = |reason: &String| reason.ends_with('.') && reason.len() <= 200;
        assert!(sync.reason.as_ref().is_none_or(sentence), "{}", method.issuer);
    }
    let x = method("x").entry().sync;
    assert_eq!((x.interval_minutes, x.metrics), (1440, Scheduled::OnRequest));
}
