use std::collections::BTreeSet;

use serde_json::json;

use super::*;
use crate::series::tests::{at, ledger};

type Make = fn(&mut Portfolio);

const NOW: &str = "2026-03-10T12:00:00Z";

fn account(number: u8) -> AccountId {
    AccountId::new(at("2026-01-01T00:00:00Z"), [number; 16])
}

/// An account of which all is known, and all is well.
fn fine(number: u8, platform: &str) -> Portrait {
    Portrait {
        account: account(number),
        name: format!("Account {number}"),
        platform: platform.parse().expect("legal"),
        state: State::Healthy,
        due_at: Some(at("2026-12-01T00:00:00Z")),
        policy: Policy::default(),
        connected_at: at("2025-01-01T00:00:00Z"),
        used: Used::At(at("2026-03-09T00:00:00Z")),
        restricted_since: None,
        missing: Vec::new(),
        is_stale: Some(false),
        followers: Some(100),
        month: Some(Month { from: 100, to: 100 }),
        figures: Some(Completeness { expected: 30, known: 30 }),
        is_main: true,
        verified: Some(true),
    }
}

fn portfolio() -> Portfolio {
    Portfolio { accounts: vec![fine(1, "x"), fine(2, "youtube")], identity_configured: Some(true) }
}

fn found(make: Make) -> Vec<Recommendation> {
    let mut portfolio = portfolio();
    make(&mut portfolio);
    recommendations(&portfolio, at(NOW))
}

fn codes(make: Make) -> Vec<&'static str> {
    found(make).into_iter().map(|found| found.code.as_str()).collect()
}

/// Each rule at its edge: what makes it hold, and what is only just not enough.
#[test]
fn each_rule_holds_from_its_edge_on_and_not_before() {
    let rows: [(&str, Make, Make); 13] = [
        (
            "reconnect_now",
            |p| p.accounts[0].due_at = Some(at(NOW)),
            |p| p.accounts[0].due_at = Some(at("2026-04-09T12:00:01Z")),
        ),
        (
            "reconnect_soon",
            |p| p.accounts[0].due_at = Some(at("2026-04-09T12:00:00Z")),
            |p| p.accounts[0].due_at = Some(at("2026-04-09T12:00:01Z")),
        ),
        (
            "restricted_account",
            |p| p.accounts[0].restricted_since = Some(at("2026-03-01T00:00:00Z")),
            |p| p.accounts[0].state = State::Limited,
        ),
        (
            "permissions_missing",
            |p| p.accounts[0].missing = vec!["tweet.write".to_owned()],
            |p| p.accounts[0].missing = Vec::new(),
        ),
        ("stale_data", |p| p.accounts[0].is_stale = Some(true), |p| p.accounts[0].is_stale = Some(false)),
        (
            "falling_followers",
            |p| p.accounts[0].month = Some(Month { from: 1_000, to: 950 }),
            |p| p.accounts[0].month = Some(Month { from: 1_000, to: 951 }),
        ),
        (
            "growing_followers",
            |p| p.accounts[0].month = Some(Month { from: 1_000, to: 1_050 }),
            |p| p.accounts[0].month = Some(Month { from: 1_000, to: 1_049 }),
        ),
        (
            "unused_account",
            |p| p.accounts[0].used = Used::At(at("2026-02-08T12:00:00Z")),
            |p| p.accounts[0].used = Used::At(at("2026-02-08T12:00:01Z")),
        ),
        ("one_platform_only", |p| p.accounts[0].followers = Some(400), |p| p.accounts[0].followers = Some(399)),
        (
            "no_main_account",
            |p| p.accounts[0].is_main = false,
            |p| p.accounts.push(Portrait { is_main: false, ..fine(3, "x") }),
        ),
        (
            "unverified_beside_verified",
            |p| p.accounts.push(Portrait { verified: Some(false), ..fine(3, "x") }),
            |p| p.accounts[0].verified = Some(false),
        ),
        (
            "insufficient_data",
            |p| p.accounts[0].figures = Some(Completeness { expected: 30, known: 6 }),
            |p| p.accounts[0].figures = Some(Completeness { expected: 30, known: 7 }),
        ),
        ("identity_not_configured", |p| p.identity_configured = Some(false), |p| p.identity_configured = Some(true)),
    ];
    for (code, holds, not_yet) in rows {
        assert_eq!(codes(holds), [code]);
        assert_eq!(codes(not_yet), [""; 0], "{code}");
    }
    let tried: BTreeSet<&str> = rows.iter().map(|(code, ..)| *code).collect();
    assert_eq!(tried, Advice::ALL.map(Advice::as_str).into(), "every rule was tried");
    assert_eq!(codes(|_| {}), [""; 0]);
}

#[test]
fn what_is_not_known_leads_to_nothing() {
    let unknown: Make = |p| {
        p.identity_configured = None;
        let nothing = |of: &Portrait| Portrait {
            due_at: None,
            used: Used::Unknown,
            is_stale: None,
            followers: None,
            month: None,
            figures: None,
            verified: None,
            ..of.clone()
        };
        p.accounts = p.accounts.iter().map(nothing).collect();
    };
    assert_eq!(codes(unknown), [""; 0]);
    // One account of which it is not known is enough: the share could be another one.
    assert_eq!(codes(|p| (p.accounts[0].followers, p.accounts[1].followers) = (Some(400), None)), [""; 0]);
    assert_eq!(codes(|p| p.accounts.iter_mut().for_each(|of| of.followers = Some(0))), [""; 0]);
    assert_eq!(
        codes(|p| p.accounts[0].month = Some(Month { from: 0, to: 9 })),
        [""; 0],
        "of nothing there is no share"
    );
    assert_eq!(codes(|p| p.accounts.push(Portrait { verified: None, ..fine(3, "x") })), [""; 0]);
    // Nothing should be known yet of an account that was connected today.
    assert_eq!(codes(|p| p.accounts[0].figures = Some(Completeness { expected: 0, known: 0 })), [""; 0]);
}

#[test]
fn a_consent_that_has_ended_is_to_be_given_now_and_not_soon() {
    assert_eq!(codes(|p| p.accounts[0].state = State::Expired), ["reconnect_now"]);
    assert_eq!(codes(|p| p.accounts[0].due_at = Some(at("2026-03-10T12:00:01Z"))), ["reconnect_soon"]);
    let both: Make = |p| {
        p.accounts[0].state = State::Expired;
        p.accounts[0].due_at = Some(at("2026-03-11T00:00:00Z"));
    };
    assert_eq!(codes(both), ["reconnect_now"]);
    let early: Make = |p| {
        p.accounts[0].policy = Policy::with_window(60);
        p.accounts[0].due_at = Some(at("2026-05-01T00:00:00Z"));
    };
    assert_eq!(codes(early), ["reconnect_soon"], "the window is the account's");
}

#[test]
fn an_account_is_unused_only_after_thirty_days_of_its_connection() {
    assert_eq!(codes(|p| p.accounts[0].used = Used::Never), ["unused_account"]);
    let new: Make = |p| (p.accounts[0].used, p.accounts[0].connected_at) = (Used::Never, at("2026-02-09T00:00:00Z"));
    assert_eq!(codes(new), [""; 0]);
    let again: Make = |p| {
        p.accounts[0].used = Used::At(at("2025-06-01T00:00:00Z"));
        p.accounts[0].connected_at = at("2026-03-01T00:00:00Z");
    };
    assert_eq!(codes(again), [""; 0], "it was connected again");
    assert_eq!(codes(|p| (p.accounts[0].used, p.accounts[0].state) = (Used::Never, State::Suspended)), [""; 0]);
}

#[test]
fn what_is_disconnected_or_not_chosen_is_nobodys_concern() {
    for state in [State::Disconnected, State::Pending] {
        let mut all = portfolio();
        let bad = Portrait {
            state,
            due_at: Some(at("2026-03-01T00:00:00Z")),
            used: Used::Never,
            restricted_since: Some(at("2026-03-01T00:00:00Z")),
            missing: vec!["a".to_owned()],
            is_stale: Some(true),
            followers: Some(1_000_000),
            month: Some(Month { from: 9, to: 1 }),
            figures: Some(Completeness { expected: 30, known: 0 }),
            is_main: false,
            verified: Some(false),
            ..fine(3, "x")
        };
        all.accounts.push(bad.clone());
        assert_eq!(recommendations(&all, at(NOW)), [], "{state:?}");
        all.accounts[2].state = State::Healthy;
        assert!(recommendations(&all, at(NOW)).len() >= 8, "{:?}", recommendations(&all, at(NOW)));
    }
}

#[test]
fn a_recommendation_tells_its_accounts_and_the_facts_that_led_to_it() {
    let found = found(|p| {
        p.accounts = (1..=5).map(|n| Portrait { followers: Some(20), is_main: n == 1, ..fine(n, "x") }).collect();
        for of in &mut p.accounts[..4] {
            of.due_at = Some(at("2026-03-20T00:00:00Z"));
        }
        p.accounts[4].month = Some(Month { from: 3, to: 4 });
    });
    let codes: Vec<_> = found.iter().map(|found| found.code.as_str()).collect();
    assert_eq!(codes, ["reconnect_soon", "growing_followers", "one_platform_only"], "what matters more comes first");
    let [soon, growing, one] = &found[..] else { panic!("three") };
    assert_eq!(soon.accounts, [1, 2, 3, 4].map(account));
    assert!(soon.text.ends_with(" It is about Account 1, Account 2, Account 3 and 1 more."), "{}", soon.text);
    let of_first = json!({ "due_at": "2026-03-20T00:00:00Z", "window_days": 30 });
    assert_eq!(soon.facts["accounts"][account(1).to_string()], of_first);
    assert!(growing.text.ends_with(" It is about Account 5."), "{}", growing.text);
    let grown = json!({ "followers_before": 3, "followers": 4, "percent": 33.333, "days": 30 });
    assert_eq!(growing.facts["accounts"][account(5).to_string()], grown);
    let share = json!({ "platform": "x", "followers": 100, "followers_of_all": 100, "percent": 100.0 });
    assert_eq!((&one.facts, one.accounts.len()), (&share, 5));
    assert_eq!((soon.severity, one.severity), (Severity::Warning, Severity::Info));
}

#[test]
fn every_recommendation_has_a_code_of_its_own_and_all_its_words() {
    let codes: BTreeSet<&str> = Advice::ALL.map(Advice::as_str).into();
    assert_eq!(codes.len(), Advice::ALL.len());
    for advice in Advice::ALL {
        assert_eq!(json!(advice), json!(advice.as_str()));
        for sentence in [advice.text(), advice.next_step()] {
            assert!(sentence.ends_with('.') && sentence.len() > 10, "{sentence}");
        }
        assert!(!advice.title().ends_with('.'));
    }
}

#[test]
fn followers_of_a_month_are_known_only_without_a_gap_and_up_to_yesterday() {
    let values: Vec<Option<u64>> = (100..131).map(Some).collect();
    let whole = ledger("2026-02-01", "2026-03-04").followers("2026-02-01", &values);
    assert_eq!(month_of_followers(&whole), Some(Month { from: 100, to: 130 }));
    for (lost, today) in [("2026-02-14", "2026-03-04"), ("2026-02-01", "2026-03-04"), ("2026-01-01", "2026-03-05")] {
        let mut ledger = whole.clone();
        ledger.snapshots.remove(&lost.parse().expect("a day"));
        ledger.today = today.parse().expect("a day");
        assert_eq!(month_of_followers(&ledger), None, "{lost} {today}");
    }
}
