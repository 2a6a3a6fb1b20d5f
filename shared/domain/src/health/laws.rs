//! What holds of every account, whatever is known of it.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
};

use proptest::{
    prelude::*,
    test_runner::{RngSeed, TestRunner},
};

use super::{
    tests::{now, whole},
    vocabulary::{Word, shipped},
    *,
};
use crate::{
    Code, DeadReason, GrantFacts, Lifecycle, Renewal,
    account::{Against, Standing},
    grant::{Dead, Failing},
};

/// So many accounts are judged for each law.
const CASES: u32 = 4_096;

/// Draws the same each time, so that a failure is found again.
fn runner() -> TestRunner {
    let config = ProptestConfig {
        cases: CASES,
        rng_seed: RngSeed::Fixed(2_026),
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    TestRunner::new(config)
}

/// Moments around now, so that every window is hit, and the ends of time.
fn moment() -> impl Strategy<Value = Timestamp> {
    let minutes = |range: std::ops::Range<i64>| range.prop_map(|m| now() + SignedDuration::from_mins(m));
    prop_oneof![
        6 => minutes(-3 * 60..3 * 60),
        6 => minutes(-40 * 24 * 60..40 * 24 * 60),
        1 => Just(now()),
        1 => Just(Timestamp::MIN),
        1 => Just(Timestamp::MAX),
    ]
}

fn rarely<T: std::fmt::Debug + Clone>(what: impl Strategy<Value = T>) -> impl Strategy<Value = Option<T>> {
    proptest::option::weighted(0.25, what)
}

fn availability() -> impl Strategy<Value = Availability> {
    prop_oneof![
        4 => Just(Availability::Available),
        1 => Just(Availability::Unknown),
        1 => Just(Availability::NotAsked),
        1 => Just(Availability::Unavailable(Code::InsufficientPermissions)),
        1 => Just(Availability::Unavailable(Code::CapabilityUnsupported)),
    ]
}

fn renewal() -> impl Strategy<Value = Renewal> {
    prop_oneof![Just(Renewal::Silent), Just(Renewal::Extend), Just(Renewal::None)]
}

fn standing() -> impl Strategy<Value = Standing> {
    use Against::{Gone, NotShared, Refused, Restricted, RoleLost};
    let what = proptest::sample::select(vec![Refused, Restricted, Gone, RoleLost, NotShared]);
    (what, moment()).prop_map(|(what, since)| Standing { what, since })
}

fn dead() -> impl Strategy<Value = Dead> {
    use DeadReason::{Expired, InvalidGrant, PasswordChanged, Revoked, RotationLost, TwoFactor};
    let reason =
        proptest::sample::select(vec![Expired, Revoked, PasswordChanged, TwoFactor, InvalidGrant, RotationLost]);
    (moment(), reason).prop_map(|(at, reason)| Dead { at, reason })
}

fn failing() -> impl Strategy<Value = Failing> {
    moment().prop_map(|since| Failing { since, code: Code::PlatformUnavailable })
}

fn grant() -> impl Strategy<Value = GrantFacts> {
    let ends = (rarely(moment()), rarely(dead()), rarely(moment()));
    let fails = (rarely(moment()), rarely(failing()), rarely(moment()), rarely(moment()));
    (renewal(), ends, fails).prop_map(|(renewal, (reauth_due_at, dead, access_ends), fails)| {
        let (uncertain_since, failing, quarantined_since, misconfigured_since) = fails;
        let of = GrantFacts { renewal, reauth_due_at, dead, uncertain_since, access_ends, ..GrantFacts::default() };
        GrantFacts { failing, quarantined_since, misconfigured_since, ..of }
    })
}

fn sync() -> impl Strategy<Value = SyncFacts> {
    let interval = prop_oneof![
        (0..100_i64).prop_map(SignedDuration::from_hours),
        Just(SignedDuration::MAX),
        Just(SignedDuration::MIN)
    ];
    let fails = (0..5_u32, rarely(moment()), rarely(moment()));
    (rarely(moment()), proptest::option::of(moment()), fails, interval).prop_map(
        |(in_flight_since, last_ok_at, (failures, failing_since, rate_limited_since), interval)| SyncFacts {
            in_flight_since,
            last_ok_at,
            failures,
            failing_since,
            rate_limited_since,
            interval,
        },
    )
}

fn suspended() -> impl Strategy<Value = Suspended> {
    let by = prop_oneof![Just(Suspender::Plan), Just(Suspender::Person)];
    (by, moment()).prop_map(|(by, since)| Suspended { by, since })
}

fn facts() -> impl Strategy<Value = Facts> {
    let lifecycle = prop_oneof![9 => Just(Lifecycle::Active), 1 => Just(Lifecycle::Disconnected)];
    let asked = proptest::sample::subsequence(Capability::ALL.to_vec(), 0..=4);
    let capabilities = proptest::array::uniform4(proptest::option::of(availability())).prop_map(|of| {
        Capability::ALL.into_iter().zip(of).filter_map(|(capability, of)| Some((capability, of?))).collect()
    });
    let account = (lifecycle, asked, grant(), rarely(standing()), moment(), moment());
    let rest = (proptest::option::weighted(0.1, moment()), rarely(suspended()), rarely(moment()));
    (account, capabilities, rest, proptest::option::of(sync())).prop_map(
        |((lifecycle, asked, grant, standing, connected_at, since), capabilities, rest, sync)| {
            let mut facts = whole();
            facts.account.access.asked = asked;
            facts.account = AccountFacts { lifecycle, grant, standing, connected_at, since, ..facts.account };
            let (pending_since, suspended, outage_since) = rest;
            let account = AccountFacts { suspended, ..facts.account };
            Facts { account, capabilities, pending_since, outage_since, sync }
        },
    )
}

fn judge(facts: &Facts) -> Health {
    health(facts, now(), &Policy::default())
}

/// Every fact gives a verdict, which says why, and a word in each vocabulary.
#[test]
fn whatever_is_known_has_a_verdict_a_reason_and_a_word() {
    let seen = RefCell::new(BTreeSet::new());
    let law = |facts: Facts| {
        let health = judge(&facts);
        seen.borrow_mut().insert(health.rule);
        prop_assert_eq!(health.state, health.rule.state());
        prop_assert_eq!(health.reasons.is_empty(), health.rule == Rule::Healthy);
        prop_assert_eq!(health.remedy.is_none(), health.rule == Rule::Healthy);
        prop_assert!(health.reasons.iter().all(|reason| reason.rule >= health.rule));
        prop_assert!(health.reasons.iter().all(|reason| reason.facts.as_object().is_some_and(|f| !f.is_empty())));
        prop_assert!(health.since >= facts.account.connected_at);
        for vocabulary in shipped() {
            prop_assert!(!vocabulary.word(&health).label.is_empty());
        }
        Ok(())
    };
    runner().run(&facts(), law).expect("the law holds");
    assert_eq!(seen.take().into_iter().collect::<Vec<_>>(), Rule::ALL, "every rule was tried");
}

/// Between two of its turns time changes nothing of what is found; so whoever judges at each of them misses nothing.
#[test]
fn time_alone_changes_what_is_found_only_at_its_turns() {
    let (still, turned) = (Cell::new(0), Cell::new(0));
    let law = |(facts, one, other): (Facts, Timestamp, Timestamp)| {
        let (early, late, policy) = (one.min(other), one.max(other), Policy::default());
        let is_same = find::reasons(&facts, early, &policy) == find::reasons(&facts, late, &policy);
        if find::turns(&facts, &policy).iter().any(|turn| early < *turn && *turn <= late) {
            turned.set(turned.get() + u32::from(!is_same));
        } else {
            prop_assert!(is_same, "between {} and {}", early, late);
            still.set(still.get() + 1);
        }
        Ok(())
    };
    runner().run(&(facts(), moment(), moment()), law).expect("the law holds");
    assert!(still.get() > 1_000 && turned.get() > 500, "{still:?} {turned:?}");
}

/// A fact that is made worse.
#[derive(Debug, Clone)]
enum Worse {
    Disconnected,
    Suspended(Suspended),
    Dead(Dead),
    DueEarlier(Timestamp),
    AccessEndsEarlier(Timestamp),
    ByHand,
    Uncertain(Timestamp),
    Failing(Failing),
    Quarantined(Timestamp),
    Misconfigured(Timestamp),
    Against(Standing),
    Unavailable(Capability),
    Outage(Timestamp),
    NeverFetched(SyncFacts),
    FetchedEarlier(Timestamp),
    FailsMoreOften,
    FailsLonger(Timestamp),
    LimitedLonger(Timestamp),
}

fn worse() -> impl Strategy<Value = Worse> {
    prop_oneof![
        Just(Worse::Disconnected),
        suspended().prop_map(Worse::Suspended),
        dead().prop_map(Worse::Dead),
        moment().prop_map(Worse::DueEarlier),
        moment().prop_map(Worse::AccessEndsEarlier),
        Just(Worse::ByHand),
        moment().prop_map(Worse::Uncertain),
        failing().prop_map(Worse::Failing),
        moment().prop_map(Worse::Quarantined),
        moment().prop_map(Worse::Misconfigured),
        standing().prop_map(Worse::Against),
        proptest::sample::select(&Capability::ALL[..]).prop_map(Worse::Unavailable),
        moment().prop_map(Worse::Outage),
        sync().prop_map(Worse::NeverFetched),
        moment().prop_map(Worse::FetchedEarlier),
        Just(Worse::FailsMoreOften),
        moment().prop_map(Worse::FailsLonger),
        moment().prop_map(Worse::LimitedLonger),
    ]
}

/// The earlier of both; a moment is earlier than none.
fn earlier(was: &mut Option<Timestamp>, at: Timestamp) {
    *was = Some(was.map_or(at, |was| was.min(at)));
}

impl Worse {
    fn make(self, facts: &mut Facts) {
        let Facts { account, sync, .. } = facts;
        let grant = &mut account.grant;
        match (self, sync) {
            (Self::Disconnected, _) => account.lifecycle = Lifecycle::Disconnected,
            (Self::Suspended(by), _) => facts.account.suspended = Some(by),
            (Self::Dead(dead), _) => grant.dead = Some(dead),
            (Self::DueEarlier(at), _) => earlier(&mut grant.reauth_due_at, at),
            (Self::AccessEndsEarlier(at), _) => earlier(&mut grant.access_ends, at),
            (Self::ByHand, _) => grant.renewal = Renewal::None,
            (Self::Uncertain(at), _) => earlier(&mut grant.uncertain_since, at),
            (Self::Failing(failing), _) => grant.failing = Some(failing),
            (Self::Quarantined(at), _) => earlier(&mut grant.quarantined_since, at),
            (Self::Misconfigured(at), _) => earlier(&mut grant.misconfigured_since, at),
            // What stands against the whole account is never made less by a refusal of one use.
            (Self::Against(new), _) if account.standing.is_none() || new.what != Against::Refused => {
                account.standing = Some(new);
            }
            (Self::Unavailable(capability), _) => {
                let no = Availability::Unavailable(Code::InsufficientPermissions);
                facts.capabilities.insert(capability, no);
            }
            (Self::Outage(at), _) => earlier(&mut facts.outage_since, at),
            (Self::NeverFetched(new), sync @ None) => *sync = Some(SyncFacts { last_ok_at: None, ..new }),
            (Self::FetchedEarlier(at), Some(sync)) if sync.last_ok_at.is_some() => {
                earlier(&mut sync.last_ok_at, at);
            }
            (Self::FailsMoreOften, Some(sync)) => sync.failures += 1,
            (Self::FailsLonger(at), Some(sync)) => earlier(&mut sync.failing_since, at),
            (Self::LimitedLonger(at), Some(sync)) => earlier(&mut sync.rate_limited_since, at),
            _ => {}
        }
    }
}

/// How good a word is, best first; words of one place promise the same. Failed is told beside Inactive, and counts as it.
fn place(vocabulary: &str, word: &Word) -> usize {
    let places: &[&[(&str, &str)]] = match vocabulary {
        "s0" => &[
            &[("Active", "green"), ("Processing", "blue")],
            &[("Warning", "yellow")],
            &[("Limited", "orange")],
            &[("Error", "red")],
        ],
        "s1" => &[
            &[("Active", "green")],
            &[("Active", "yellow")],
            &[("Error", "yellow")],
            &[("Error", "red"), ("Expired", "red")],
        ],
        "s2" => &[&[("Valid", "green")], &[("Expiring Soon", "yellow")], &[("Expired", "red")]],
        "s3" => &[&[("Active", "green")], &[("Inactive", "yellow"), ("Failed", "red")]],
        _ => &[&[("Connected", "green")], &[("Needs Sync", "yellow")], &[("Connection Error", "red")]],
    };
    let word = (word.label.as_str(), word.color.as_str());
    places.iter().position(|place| place.contains(&word)).expect("a word of the vocabulary")
}

/// A worse fact never gives a better severity, state or word. An account that nobody has chosen yet is left out: it is not
/// listed, and its words promise nothing.
#[test]
fn a_worse_fact_never_gives_a_better_word() {
    let changed = Cell::new(0);
    let law = |(before, worse): (Facts, Worse)| {
        let mut after = before.clone();
        worse.make(&mut after);
        if before.pending_since.is_some() {
            return Ok(());
        }
        let (was, is) = (judge(&before), judge(&after));
        changed.set(changed.get() + u32::from(was.rule != is.rule));
        prop_assert!(is.severity >= was.severity, "{:?} after {:?}", is.rule, was.rule);
        prop_assert!(is.rule <= was.rule && is.state >= was.state, "{:?} after {:?}", is.rule, was.rule);
        prop_assert!(is.token.status >= was.token.status, "{:?} after {:?}", is.token, was.token);
        for vocabulary in shipped() {
            let (was, is) = (vocabulary.word(&was), vocabulary.word(&is));
            let id = vocabulary.id.as_str();
            prop_assert!(place(id, is) >= place(id, was), "{}: {:?} after {:?}", id, is, was);
        }
        Ok(())
    };
    runner().run(&(facts(), worse()), law).expect("the law holds");
    assert!(changed.get() > CASES / 10, "{changed:?}");
}

/// Whether the publishing that was asked for can be used, said in another way than the rules say it.
fn can_publish(facts: &Facts) -> bool {
    let Facts { account, capabilities, pending_since, .. } = facts;
    let over = |at: Option<Timestamp>| at.is_some_and(|at| at <= now());
    let consent_ended = account.grant.dead.is_some()
        || over(account.grant.reauth_due_at)
        || (over(account.grant.access_ends) && account.grant.renewal != Renewal::Silent);
    let taken = matches!(capabilities.get(&Capability::Publish), Some(Availability::Unavailable(_)));
    account.lifecycle == Lifecycle::Active
        && pending_since.is_none()
        && account.suspended.is_none()
        && account.standing.is_none()
        && !consent_ended
        && !taken
}

/// S1 and S3 say Active, and S4 Connected, only where the publishing that was asked for can be used; so does the
/// capability itself.
#[test]
fn a_good_word_means_that_publishing_works() {
    let (good, bad) = (Cell::new(0), Cell::new(0));
    let law = |facts: Facts| {
        let health = judge(&facts);
        if !facts.account.access.asked.contains(&Capability::Publish) {
            return Ok(());
        }
        let says = |id: &str, word: &str| {
            vocabulary::find(Some(id)).is_some_and(|vocabulary| vocabulary.word(&health).label == word)
        };
        for (id, word) in [("s1", "Active"), ("s3", "Active"), ("s4", "Connected")] {
            prop_assert!(!says(id, word) || can_publish(&facts), "{} says {}", id, word);
        }
        let available = health.availability(Capability::Publish, Availability::Available) == Availability::Available;
        prop_assert!(!available || can_publish(&facts));
        good.set(good.get() + u32::from(says("s1", "Active")));
        bad.set(bad.get() + u32::from(!can_publish(&facts)));
        Ok(())
    };
    runner().run(&facts(), law).expect("the law holds");
    assert!(good.get() > 100 && bad.get() > 1_000, "{good:?} {bad:?}");
}

/// S2-15: a token that renews itself, and that no person must see to, is never about to expire; and the words of the
/// second vocabulary are the token's.
#[test]
fn a_token_that_renews_itself_is_never_about_to_expire() {
    let law = |facts: Facts| {
        let health = judge(&facts);
        if facts.account.grant.reauth_due_at.is_none() {
            prop_assert_ne!(health.token.status, TokenStatus::Expiring);
        }
        let word = match health.token.status {
            TokenStatus::Valid => "Valid",
            TokenStatus::Expiring => "Expiring Soon",
            TokenStatus::Expired => "Expired",
        };
        let told = vocabulary::find(Some("s2")).map(|vocabulary| vocabulary.word(&health).label.as_str());
        prop_assert_eq!(told, Some(word));
        Ok(())
    };
    runner().run(&facts(), law).expect("the law holds");
}
