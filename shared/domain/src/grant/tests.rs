use proptest::{
    prelude::*,
    test_runner::{RngSeed, TestRunner},
};

use super::*;
use crate::renewal::{RefreshToken, Replay};

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

fn now() -> Timestamp {
    "2026-11-22T10:00:00Z".parse().expect("a moment")
}

/// A living grant whose tokens were issued now and that nothing is known to end.
fn grant(renewal: Renewal) -> Grant {
    let grant = Grant {
        id: GrantId::new(now(), [7; 16]),
        workspace: "ws_1".parse().expect("legal"),
        platform: "x".parse().expect("legal"),
        method: "x_login".parse().expect("legal"),
        app: "app".to_owned(),
        person: Person { id: "1".to_owned(), name: "Acme".to_owned() },
        only: None,
        accounts: [].into(),
        copies: [].into(),
        envelope: Envelope(String::new()),
        version: 1,
        hold: Hold::default(),
        renewal,
        issued_at: now(),
        expiry: Expiry::default(),
        upkeep: Upkeep::default(),
        told: GrantFacts::default(),
        due: None,
        scopes_checked_at: None,
        requested: Vec::new(),
        granted: None,
        state: GrantState::Live,
        revision: 1,
    };
    Grant { told: grant.facts(), ..grant }
}

fn with(renewal: Renewal, change: impl FnOnce(&mut Grant)) -> Grant {
    let mut grant = grant(renewal);
    change(&mut grant);
    grant.told = grant.facts();
    grant
}

fn failures(lasting: SignedDuration, count: u32) -> Failures {
    Failures { since: now() - lasting, last_at: now(), count, code: Code::PlatformUnavailable }
}

fn rotating(replay: Replay) -> Rules {
    Rules::RefreshGrant { refresh_token: RefreshToken::Rotating, replay, due_percent: [20, 35], touch_s: None }
}

fn exchange() -> Rules {
    Rules::SelfExchange { min_age_s: 3600, due_percent: [40, 50] }
}

#[test]
fn an_access_token_is_fresh_until_a_tenth_of_its_life_is_left_and_five_minutes_at_most() {
    let minutes = SignedDuration::from_mins;
    for (renewal, life, left) in [
        (Renewal::Silent, 120, 5),
        (Renewal::Silent, 20, 2),
        (Renewal::Extend, 60 * 24 * 60, 5),
        (Renewal::None, 120, 0),
    ] {
        let ends = now() + minutes(life);
        let grant = with(renewal, |g| g.expiry.access = Some(ends));
        let last = ends - minutes(left) - SignedDuration::from_secs(1);
        assert!(grant.is_fresh(last) && !grant.is_fresh(ends - minutes(left)), "{renewal:?} {life}");
        assert!(grant.access_lives(last) && !grant.access_lives(ends));
    }
    assert!(grant(Renewal::None).is_fresh(Timestamp::MAX) && grant(Renewal::Silent).access_lives(Timestamp::MAX));
}

#[test]
fn a_person_must_act_at_the_end_that_nothing_else_moves() {
    let (access, refresh, data) = (Some(now() + HOUR), Some(now() + DAY * 60), Some(now() + DAY * 30));
    let all = |g: &mut Grant| g.expiry = Expiry { access, refresh, data_access: None };
    assert_eq!(with(Renewal::Silent, all).reauth_due_at(), refresh);
    assert_eq!(with(Renewal::Extend, all).reauth_due_at(), None, "as long as it can be extended");
    assert_eq!(with(Renewal::None, all).reauth_due_at(), access);
    for (lasting, expected) in [(HOUR * 23, None), (DAY, access), (DAY * 9, access)] {
        let failed = with(Renewal::Extend, |g| {
            all(g);
            g.upkeep.failures = Some(failures(lasting, 5));
        });
        assert_eq!(failed.reauth_due_at(), expected, "{lasting:?}");
    }
    for (renewal, expected) in [(Renewal::Silent, data), (Renewal::Extend, data), (Renewal::None, access)] {
        let bounded = with(renewal, |g| g.expiry = Expiry { access, refresh, data_access: data });
        assert_eq!(bounded.reauth_due_at(), expected, "{renewal:?}");
        assert_eq!(grant(renewal).reauth_due_at(), None);
    }
}

#[test]
fn accounts_are_told_of_what_lasts_and_not_of_an_ordinary_renewal() {
    let before = with(Renewal::Silent, |g| g.expiry.access = Some(now() + HOUR));
    let renewed = Grant { version: 2, issued_at: now() + HOUR, ..before.clone() };
    let renewed = Grant { expiry: Expiry { access: Some(now() + HOUR * 2), ..renewed.expiry }, ..renewed };
    assert_eq!(renewed.facts(), before.facts());
    let failing =
        |lasting, count| with(Renewal::Silent, |g| g.upkeep.failures = Some(failures(lasting, count))).facts();
    assert_eq!(failing(HOUR, 2).failing, None, "twice is nothing yet");
    assert_eq!(failing(HOUR, 3).failing, Some(Failing { since: now() - HOUR, code: Code::PlatformUnavailable }));
    assert_eq!(failing(DAY * 7 - HOUR, 40).quarantined_since, None);
    assert_eq!(failing(DAY * 8, 40).quarantined_since, Some(now() - DAY));
    assert_eq!(failing(DAY * 8, 2).quarantined_since, None, "a week without a try is no week of failures");
}

#[test]
fn a_distant_end_that_moves_on_a_little_is_no_news_and_a_near_one_is() {
    let news = |was: i32, is: i32| {
        let ends = |days| move |g: &mut Grant| g.expiry.refresh = Some(now() + DAY * days);
        let told = with(Renewal::Silent, ends(was)).facts();
        Grant { told, ..with(Renewal::Silent, ends(is)) }.has_news(now())
    };
    for (was, is, expected) in [
        (60, 60, false),
        (60, 66, false),
        (60, 67, true),
        (60, 59, true),
        (38, 44, false),
        (37, 38, true),
        (30, 31, true),
        (-1, 0, true),
    ] {
        assert_eq!(news(was, is), expected, "from {was} to {is}");
    }
    let mut lost = with(Renewal::Silent, |g| g.expiry.refresh = Some(now() + DAY * 60));
    lost.expiry.refresh = Some(now() + DAY * 61);
    assert!(!lost.has_news(now()));
    lost.upkeep.uncertain_since = Some(now());
    assert!(lost.has_news(now()), "something else is new");
}

/// Looks every so often, and gives the warning whose time has come.
fn warned(grant: &mut Grant, times: impl Iterator<Item = Timestamp>) -> Vec<(i64, u8)> {
    let mut given = Vec::new();
    for at in times {
        if let Some(days) = grant.warning(at) {
            grant.upkeep.warned = Some(days);
            let left = grant.reauth_due_at().expect("a date").duration_since(at);
            given.push((left.as_hours(), days));
        }
    }
    given
}

#[test]
fn a_person_is_warned_thirty_seven_three_and_one_days_before_once_each() {
    let mut grant = with(Renewal::None, |g| g.expiry.access = Some(now() + DAY * 60));
    let hourly = (0..24 * 60).map(|hour| now() + HOUR * hour);
    assert_eq!(warned(&mut grant, hourly), [(720, 30), (168, 7), (72, 3), (24, 1)]);
    assert_eq!(self::grant(Renewal::None).warning(now()), None);
}

#[test]
fn after_a_gap_only_the_most_urgent_warning_is_given() {
    let ends = now() + DAY * 60;
    for (days_before, expected) in [
        (vec![31], vec![]),
        (vec![20, 10, 5], vec![30, 7]),
        (vec![5, 4], vec![7]),
        (vec![2, 2, 1, 1], vec![3, 1]),
        (vec![31, 0], vec![1]),
    ] {
        let mut grant = with(Renewal::None, |g| g.expiry.access = Some(ends));
        let given = warned(&mut grant, days_before.iter().map(|days| ends - DAY * *days));
        let given: Vec<u8> = given.into_iter().map(|(_, days)| days).collect();
        assert_eq!(given, expected, "{days_before:?}");
    }
}

#[test]
fn what_is_due_next_is_what_comes_first() {
    let (silent, extended) = (rotating(Replay::KillsFamily), exchange());
    let at = |work, at| Some(Due { work, at });
    let next = |grant: &Grant, rules: &Rules| grant.next_due(rules, false, now());
    assert_eq!(next(&grant(Renewal::Silent), &silent), None, "nothing is to come");

    let untold = Grant { told: GrantFacts::default(), ..grant(Renewal::Silent) };
    assert_eq!(next(&untold, &silent), at(Work::Renew, now()), "its accounts do not know how it is");
    let dead = with(Renewal::None, |g| g.upkeep.dead = Some(Dead { at: now(), reason: DeadReason::Revoked }));
    assert_eq!(next(&dead, &Rules::Human), None);
    let due = at(Work::Revoke, now() + HOUR);
    let state = GrantState::Revoking { since: now(), attempts: 1, quietly: false };
    assert_eq!(next(&Grant { due, state, ..dead }, &Rules::Human), due, "a revocation goes on");

    let warned = |warned| {
        with(Renewal::None, |g| {
            g.expiry.access = Some(now() + DAY * 60);
            g.upkeep.warned = warned;
        })
    };
    for (given, expected) in [(None, 30), (Some(30), 53), (Some(7), 57), (Some(3), 59)] {
        assert_eq!(next(&warned(given), &Rules::Human), at(Work::Check, now() + DAY * expected), "{given:?}");
    }
    assert_eq!(next(&warned(Some(1)), &Rules::Human), at(Work::Renew, now() + DAY * 60), "its time is over");

    let looked = grant(Renewal::None).next_due(&Rules::Endless, true, now()).expect("a look");
    assert_eq!(looked.work, Work::Check);
    assert!(looked.at > now() + HOUR * 23 - SignedDuration::from_mins(1) && looked.at <= now() + DAY);

    let retried = with(Renewal::Extend, |g| {
        g.expiry.access = Some(now() + DAY * 60);
        g.upkeep.retry_at = Some(now() + HOUR);
    });
    assert_eq!(next(&retried, &extended), at(Work::Renew, now() + HOUR), "before its time, for somebody");
    let suspected = with(Renewal::Silent, |g| g.upkeep.suspected_at = Some(now() - HOUR));
    assert_eq!(next(&suspected, &silent), at(Work::Renew, now() - HOUR));
    let later = with(Renewal::Silent, |g| {
        (g.upkeep.suspected_at, g.upkeep.retry_at) = (Some(now() - HOUR), Some(now() + HOUR));
    });
    assert_eq!(next(&later, &silent), at(Work::Renew, now() + HOUR), "not before the next try");
}

#[test]
fn a_doubtful_token_is_left_alone_until_the_access_token_ends() {
    let doubtful = |access| {
        with(Renewal::Silent, |g| {
            g.expiry = Expiry { access, refresh: None, data_access: None };
            g.upkeep.uncertain_since = Some(now() - HOUR);
            g.upkeep.retry_at = Some(now() + HOUR);
        })
    };
    let due = |grant: &Grant, replay| grant.next_due(&rotating(replay), false, now()).map(|due| due.at);
    for replay in [Replay::KillsFamily, Replay::Refused] {
        assert_eq!(due(&doubtful(Some(now() + HOUR * 2)), replay), Some(now() + HOUR * 2));
        assert_eq!(due(&doubtful(Some(now() - HOUR)), replay), Some(now() + HOUR), "it waits for the next try");
        assert_eq!(due(&doubtful(None), replay), Some(now() + HOUR), "nobody knows when that is");
    }
    assert_eq!(due(&doubtful(Some(now() + HOUR * 2)), Replay::Harmless), Some(now() + HOUR));
}

fn moment(days: std::ops::Range<i64>) -> impl Strategy<Value = Timestamp> {
    (days.start * 1440..days.end * 1440).prop_map(|minutes| now() + SignedDuration::from_mins(minutes))
}

fn rarely<T: std::fmt::Debug + Clone>(what: impl Strategy<Value = T>) -> impl Strategy<Value = Option<T>> {
    proptest::option::weighted(0.3, what)
}

fn rules() -> impl Strategy<Value = (Renewal, Rules)> {
    let replay = proptest::sample::select(vec![Replay::KillsFamily, Replay::Refused, Replay::Harmless]);
    let token = proptest::sample::select(vec![RefreshToken::Rotating, RefreshToken::Static, RefreshToken::FixedEnd]);
    let refreshed = (replay, token, rarely(1_u32..8_640_000), any::<bool>()).prop_map(
        |(replay, refresh_token, touch_s, has_one)| {
            let rules = Rules::RefreshGrant { refresh_token, replay, due_percent: [20, 35], touch_s };
            (if has_one { Renewal::Silent } else { Renewal::None }, rules)
        },
    );
    prop_oneof![
        4 => refreshed,
        2 => Just((Renewal::Extend, exchange())),
        1 => Just((Renewal::None, Rules::Endless)),
        1 => Just((Renewal::None, Rules::Human)),
    ]
}

/// Grants that live, and whose accounts were told how they are.
fn living() -> impl Strategy<Value = (Grant, Rules)> {
    let ends = || proptest::option::weighted(0.6, moment(-3..90));
    let upkeep = (
        rarely((0..9_i32, 0..9_u32)),
        rarely(moment(-1..1)),
        rarely(moment(-9..0)),
        rarely(moment(-9..0)),
        rarely(moment(-1..1)),
        rarely(proptest::sample::select(WARNINGS.to_vec())),
    );
    (rules(), any::<[u8; 16]>(), moment(-60..0), (ends(), ends(), rarely(moment(-3..90))), upkeep).prop_map(
        |((renewal, rules), random, issued_at, (access, refresh, data_access), upkeep)| {
            let (failed, retry_at, uncertain_since, suspected_at, look_at, warned) = upkeep;
            let grant = with(renewal, |g| {
                (g.id, g.issued_at) = (GrantId::new(issued_at, random), issued_at);
                g.expiry = Expiry { access, refresh: refresh.filter(|_| renewal == Renewal::Silent), data_access };
                let failures = failed.map(|(days, count)| failures(DAY * days, count));
                g.upkeep =
                    Upkeep { failures, retry_at, uncertain_since, suspected_at, look_at, warned, ..Upkeep::default() };
            });
            (grant, rules)
        },
    )
}

fn holds(law: impl Fn(&Grant, &Rules, bool) -> Result<(), TestCaseError>) {
    let config = ProptestConfig {
        cases: 20_000,
        rng_seed: RngSeed::Fixed(2_026),
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let run =
        TestRunner::new(config).run(&(living(), any::<bool>()), |((grant, rules), looks)| law(&grant, &rules, looks));
    run.unwrap_or_else(|broken| panic!("{broken}"));
}

/// All that is to come of a grant, each with the latest moment at which somebody must look.
fn to_come(grant: &Grant, rules: &Rules, looks: bool) -> Vec<Timestamp> {
    let Upkeep { retry_at, uncertain_since, suspected_at, look_at, .. } = grant.upkeep;
    let later = |at: Timestamp| retry_at.map_or(at, |retry| at.max(retry));
    let waits = uncertain_since.is_some() && !rules.replay_is_harmless();
    let mut moments: Vec<Timestamp> = suspected_at.map(later).into_iter().collect();
    moments.extend(retry_at.filter(|_| !waits));
    moments.extend(grant.reauth_due_at().map(|at| if grant.renewal == Renewal::Silent { later(at) } else { at }));
    moments.extend(look_at.filter(|_| looks).or(looks.then_some(grant.issued_at + DAY)));
    moments.extend(grant.expiry.access.filter(|_| waits || grant.renewal == Renewal::Extend).map(|ends| {
        let old_enough = grant.issued_at + HOUR;
        later(if grant.renewal == Renewal::Extend { ends.max(old_enough) } else { ends })
    }));
    if let (Rules::RefreshGrant { touch_s: Some(touch), .. }, Renewal::Silent, false) = (rules, grant.renewal, waits) {
        moments.push(later(grant.issued_at + SignedDuration::from_secs(i64::from(*touch))));
    }
    moments
}

#[test]
fn a_living_grant_with_anything_to_come_is_due_no_later_than_that() {
    holds(|grant, rules, looks| {
        let due = grant.next_due(rules, looks, now());
        let first = to_come(grant, rules, looks).into_iter().min();
        prop_assert!(first.is_none_or(|first| due.is_some_and(|due| due.at <= first)), "{:?} of {:?}", due, first);
        Ok(())
    });
}

/// What was just worked on is not due again at once: a failed try has its next one, a look its next one, a warning was
/// given.
#[test]
fn what_was_just_worked_on_is_not_due_at_once() {
    holds(|grant, rules, looks| {
        let mut worked = grant.clone();
        let count = grant.upkeep.failures.map_or(1, |f| f.count + 1);
        let since = grant.upkeep.failures.map_or(now(), |f| f.since);
        let retry_at = Some(now() + renewal::wait(grant.id, count, since, now()));
        let failures = Some(Failures { since, last_at: now(), count, code: Code::PlatformUnavailable });
        worked.upkeep = Upkeep { failures, retry_at, suspected_at: None, ..worked.upkeep };
        worked.upkeep.look_at = Some(worked.look_after(now()));
        worked.upkeep.warned = worked.warning(now()).or(worked.upkeep.warned);
        worked.told = worked.facts();
        // What only a person renews, or nothing any more, is dead by then.
        let ended = worked.reauth_due_at().is_some_and(|ends| ends <= now()) && worked.renewal != Renewal::Silent;
        prop_assume!(!ended);
        let due = worked.next_due(rules, looks, now());
        prop_assert!(due.is_none_or(|due| due.at > now()), "{:?}", due);
        Ok(())
    });
}

#[test]
fn a_grant_serves_each_workspace_that_has_an_account_on_it() {
    let workspace = |id: &str| -> WorkspaceId { id.parse().expect("legal") };
    let account = |n: u8| AccountId::new(now(), [n; 16]);
    let (home, b, c) = (workspace("ws_1"), workspace("ws_b"), workspace("ws_c"));
    let mut grant = with(Renewal::Silent, |grant| grant.join(&home, account(1)));
    grant.join(&home, account(2));
    assert!(!grant.is_shared() && grant.copies.is_empty() && !grant.has_news(now()));
    grant.join(&b, account(3));
    grant.join(&c, account(4));
    assert!(grant.is_shared() && grant.has_news(now()));
    assert_eq!(grant.of(&home).collect::<Vec<_>>(), [account(1), account(2)]);
    assert_eq!(grant.of(&b).collect::<Vec<_>>(), [account(3)]);
    assert_eq!(grant.holders().into_values().flatten().count(), 4);
    grant.leave(&[account(1), account(2)]);
    assert!(grant.is_shared(), "two copies");
    grant.leave(&[account(4)]);
    assert!(!grant.is_shared() && !grant.is_left());
    grant.leave(&[account(3)]);
    assert!(grant.is_left());
}
