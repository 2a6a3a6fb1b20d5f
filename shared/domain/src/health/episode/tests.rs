//! Troubles by hand: what was known, and what they must come to.

use jiff::SignedDuration;

use super::*;
use crate::{
    Capability, Code, DeadReason, GrantFacts,
    account::{Against, Standing},
    capability::Availability,
    grant::{Dead, Failing},
    health::tests::{now, whole},
    incident::EndpointClass,
};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// So many days after the beginning.
fn day(n: i32) -> Timestamp {
    now() - DAY * (120 - n)
}

fn account() -> AccountId {
    AccountId::new(day(0), [1; 16])
}

/// What was known from one day to another.
fn known(from: i32, until: i32, change: impl FnOnce(&mut Facts)) -> Known {
    let mut facts = whole();
    (facts.account.connected_at, facts.account.since) = (day(0), day(from));
    change(&mut facts);
    Known { facts, from: day(from), until: (until < 120).then(|| day(until)) }
}

fn grant(change: impl FnOnce(&mut GrantFacts)) -> impl FnOnce(&mut Facts) {
    |facts| change(&mut facts.account.grant)
}

fn lacks(facts: &mut Facts, capability: Capability) {
    facts.capabilities.insert(capability, Availability::Unavailable(Code::InsufficientPermissions));
}

/// Code, first day, day of its end, and what names it.
type Row = (&'static str, i32, Option<i32>, &'static str, i32);

/// The troubles are these and no others, the newest first.
#[track_caller]
fn assert_episodes(all: &[Known], incidents: &[&Incident], expected: &[Row]) {
    let found = episodes(account(), all, incidents, &Policy::default(), now());
    let told: Vec<_> = found.iter().map(|e| (e.reason.cause.as_str(), e.opened_at, e.resolved_at, e.id)).collect();
    let wanted: Vec<_> = expected
        .iter()
        .map(|(code, opened, resolved, word, at)| {
            (*code, day(*opened), resolved.map(day), EpisodeId::of(account(), word, day(*at)))
        })
        .collect();
    assert_eq!(told, wanted);
}

#[test]
fn a_consent_that_runs_out_is_two_troubles_each_with_its_own_beginning() {
    let due = |facts: &mut GrantFacts| facts.reauth_due_at = Some(day(90));
    let buried = |facts: &mut GrantFacts| {
        facts.reauth_due_at = Some(day(90));
        facts.dead = Some(Dead { at: day(90), reason: DeadReason::Expired });
    };
    let expected = [
        ("connection_expired", 90, Some(95), "expired", 90),
        ("reauthorization_due", 60, Some(90), "reauthorization_due", 90),
    ];
    let healed = known(95, 120, |_| {});
    assert_episodes(&[known(0, 91, grant(due)), known(91, 95, grant(buried)), healed.clone()], &[], &expected);
    // Warned of, which changes what is known and nothing of the trouble.
    let warned = |facts: &mut GrantFacts| (facts.reauth_due_at, facts.warned) = (Some(day(90)), Some(7));
    let all = [known(0, 83, grant(due)), known(83, 91, grant(warned)), known(91, 95, grant(buried)), healed];
    assert_episodes(&all, &[], &expected);
}

#[test]
fn a_later_date_begins_anew_and_not_before_it_was_known() {
    let due = |at: i32| move |facts: &mut GrantFacts| facts.reauth_due_at = Some(day(at));
    let all = [known(0, 70, grant(due(90))), known(70, 120, grant(due(99)))];
    let expected = [
        ("connection_expired", 99, None, "expired", 99),
        ("reauthorization_due", 70, Some(99), "reauthorization_due", 99),
        ("reauthorization_due", 60, Some(70), "reauthorization_due", 90),
    ];
    assert_episodes(&all, &[], &expected);
}

#[test]
fn renewing_that_fails_is_one_trouble_from_its_first_failure_to_the_end_of_its_quarantine() {
    let failing = |facts: &mut GrantFacts| {
        facts.failing = Some(Failing { since: day(20), code: Code::PlatformUnavailable });
    };
    let quarantined = |facts: &mut GrantFacts| {
        facts.failing = Some(Failing { since: day(20), code: Code::PlatformUnavailable });
        facts.quarantined_since = Some(day(27));
    };
    let all = [
        known(0, 21, |_| {}),
        known(21, 28, grant(failing)),
        known(28, 40, grant(quarantined)),
        known(40, 120, |_| {}),
    ];
    assert_episodes(&all, &[], &[("renewal_quarantined", 20, Some(40), "renewal_failing", 20)]);
}

#[test]
fn a_capability_that_is_missing_is_one_trouble_whatever_else_is_learnt_meanwhile() {
    let publish = |facts: &mut Facts| lacks(facts, Capability::Publish);
    let both = |facts: &mut Facts| {
        lacks(facts, Capability::Publish);
        lacks(facts, Capability::Analytics);
    };
    let all = [known(0, 10, |_| {}), known(10, 20, publish), known(20, 30, both), known(30, 120, publish)];
    let expected = [
        ("insufficient_permissions", 20, Some(30), "insufficient_permissions.analytics", 20),
        ("insufficient_permissions", 10, None, "insufficient_permissions.publish", 10),
    ];
    assert_episodes(&all, &[], &expected);
}

#[test]
fn what_stands_against_an_account_is_over_when_it_is_disconnected() {
    let against = |what: Against, n: i32| {
        move |facts: &mut Facts| facts.account.standing = Some(Standing { what, since: day(n) })
    };
    let gone = |facts: &mut Facts| facts.account.lifecycle = crate::Lifecycle::Disconnected;
    let all = [
        known(0, 10, |_| {}),
        known(10, 12, against(Against::Restricted, 10)),
        known(12, 15, against(Against::Refused, 12)),
        // Two changes in one moment: what was there for no time was there.
        known(15, 15, against(Against::Gone, 15)),
        known(15, 18, against(Against::Restricted, 15)),
        known(18, 120, gone),
    ];
    let expected = [
        ("account_not_found", 15, Some(15), "account_not_found", 15),
        ("account_restricted", 15, Some(18), "account_restricted", 15),
        ("insufficient_permissions", 12, Some(15), "insufficient_permissions", 12),
        ("account_restricted", 10, Some(12), "account_restricted", 10),
    ];
    assert_episodes(&all, &[], &expected);
}

#[test]
fn an_outage_is_a_trouble_of_every_account_that_was_connected() {
    let over = |class, from, until| Incident {
        resolved_at: Some(day(until)),
        ..Incident::open("x".parse().expect("legal"), class, day(from), 1)
    };
    let (first, beside) = (over(EndpointClass::Token, 10, 14), over(EndpointClass::Api, 12, 16));
    let early = over(EndpointClass::Token, -3, -1);
    let expected = [("platform_unavailable", 10, Some(16), "platform_unavailable", 10)];
    assert_episodes(&[known(0, 120, |_| {})], &[&first, &beside, &early], &expected);
}

#[test]
fn an_episode_is_found_by_what_was_found_and_only_while_it_lasts() {
    let against = |facts: &mut Facts| {
        facts.account.standing = Some(Standing { what: Against::Restricted, since: day(10) });
    };
    let all = [known(0, 10, |_| {}), known(10, 12, against), known(12, 120, |_| {})];
    let found = episodes(account(), &all, &[], &Policy::default(), now());
    let [episode] = found.as_slice() else { panic!("{found:?}") };
    let reason = episode.reason.clone();
    let is_of = [9, 10, 11, 12].map(|n| episode.is_of(&reason, day(n)));
    assert_eq!(is_of, [false, true, true, false]);
    assert!(episode.was_within(day(12), day(20)) && episode.was_within(day(0), day(10)));
    assert!(!episode.was_within(day(13), day(20)) && !episode.was_within(day(0), day(9)));
}
