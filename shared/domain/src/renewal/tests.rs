use super::*;

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);
const GONE: Outcome = Outcome::Gone(DeadReason::InvalidGrant);

fn now() -> Timestamp {
    "2026-11-22T10:00:00Z".parse().expect("a moment")
}

/// Grants that came within an hour.
fn ids(count: i64) -> impl Iterator<Item = GrantId> {
    (0..count).map(move |n| {
        let at = now() + SignedDuration::from_millis(3_600_000 / count * n);
        GrantId::new(at, (u128::from(n.unsigned_abs()) * 0x9e37_79b9_7f4a_7c15_f39c).to_be_bytes())
    })
}

fn refresh(refresh_token: RefreshToken, touch: Option<SignedDuration>) -> Rules {
    let touch_s = touch.map(|touch| u32::try_from(touch.as_secs()).expect("small"));
    Rules::RefreshGrant { refresh_token, replay: Replay::KillsFamily, due_percent: [20, 35], touch_s }
}

fn exchange(min_age: SignedDuration) -> Rules {
    let min_age_s = u32::try_from(min_age.as_secs()).expect("small");
    Rules::SelfExchange { min_age_s, due_percent: [40, 50] }
}

fn ends(access: Option<SignedDuration>, refresh: Option<SignedDuration>) -> Expiry {
    let at = |after| now() + after;
    Expiry { access: access.map(at), refresh: refresh.map(at), data_access: None }
}

/// The earliest and the latest moment at which one of many grants is renewed, in hours after it was issued.
fn window(rules: &Rules, renewal: Renewal, expiry: &Expiry) -> Option<(i64, i64)> {
    let due: Option<Vec<Timestamp>> = ids(2_000).map(|id| rules.renew_at(id, renewal, now(), expiry)).collect();
    let hours = |at: &Timestamp| at.duration_since(now()).as_secs() / 3600;
    due.map(|due| (due.iter().min().map_or(0, hours), due.iter().max().map_or(0, hours)))
}

/// S3-58
#[test]
fn a_renewal_is_due_while_the_part_of_the_life_is_left_that_the_catalogue_says() {
    let hundred = Some(HOUR * 100);
    for (rules, renewal, expiry, expected) in [
        (exchange(HOUR), Renewal::Extend, ends(hundred, None), Some((50, 59))),
        (refresh(RefreshToken::Rotating, None), Renewal::Silent, ends(Some(HOUR), hundred), Some((65, 79))),
        (refresh(RefreshToken::Static, None), Renewal::Silent, ends(Some(HOUR), hundred), Some((65, 79))),
        // No sooner than it may be, and what is used by nobody no later than it must be.
        (exchange(HOUR * 55), Renewal::Extend, ends(hundred, None), Some((55, 59))),
        (refresh(RefreshToken::Rotating, hundred), Renewal::Silent, ends(None, None), Some((80, 99))),
        (refresh(RefreshToken::Rotating, hundred), Renewal::Silent, ends(None, Some(HOUR * 50)), Some((32, 39))),
        (refresh(RefreshToken::Rotating, hundred), Renewal::Silent, ends(None, Some(DAY * 50)), Some((80, 99))),
        // Nothing would move a fixed end.
        (refresh(RefreshToken::FixedEnd, None), Renewal::Silent, ends(Some(HOUR), hundred), None),
        (refresh(RefreshToken::FixedEnd, hundred), Renewal::Silent, ends(Some(HOUR), Some(HOUR)), Some((80, 99))),
        // Nothing ends, or nothing renews.
        (exchange(HOUR), Renewal::Extend, ends(None, hundred), None),
        (exchange(HOUR), Renewal::None, ends(hundred, hundred), None),
        (refresh(RefreshToken::Rotating, None), Renewal::Silent, ends(hundred, None), None),
        (refresh(RefreshToken::Rotating, hundred), Renewal::None, ends(hundred, hundred), None),
        (Rules::Endless, Renewal::None, ends(hundred, hundred), None),
        (Rules::Human, Renewal::None, ends(hundred, hundred), None),
    ] {
        assert_eq!(window(&rules, renewal, &expiry), expected, "{rules:?} {renewal:?}");
    }
}

#[test]
fn a_life_that_is_over_or_endless_has_a_due_moment_all_the_same() {
    let id = ids(1).next().expect("one");
    let at = |expiry| exchange(SignedDuration::ZERO).renew_at(id, Renewal::Extend, now(), &expiry);
    assert_eq!(at(ends(Some(SignedDuration::ZERO), None)), Some(now()));
    assert!(at(ends(Some(-DAY), None)).is_some());
    let endless = Expiry { access: Some(Timestamp::MAX), ..Expiry::default() };
    assert!(at(endless).is_some_and(|at| at > now() && at < Timestamp::MAX));
}

/// Grants that came within an hour are spread over the whole window, from then on.
#[test]
fn what_came_at_once_is_renewed_evenly_over_the_window() {
    const BUCKETS: usize = 60;
    let life = DAY * 60;
    let (rules, expiry) = (exchange(DAY), ends(Some(life), None));
    let mut buckets = [0_i64; BUCKETS];
    let window = life / 10;
    for id in ids(100_000) {
        let at = rules.renew_at(id, Renewal::Extend, now(), &expiry).expect("due");
        let into = at.duration_since(now() + life / 2).as_millis();
        let bucket = into * i128::try_from(BUCKETS).expect("few") / (window.as_millis() + 1);
        buckets[usize::try_from(bucket).expect("in the window")] += 1;
    }
    let (most, mean) = (buckets.iter().max().copied().unwrap_or_default(), 100_000 / 60);
    println!("at most {most} in a bucket, {mean} on average");
    assert!(most * 100 <= mean * 115, "{most} of {mean}");
}

#[test]
fn a_grant_draws_alike_for_a_purpose_and_otherwise_for_another() {
    for id in ids(1_000) {
        let drawn = draw(id, "due");
        assert!((0.0..=1.0).contains(&drawn));
        assert_eq!(drawn.to_bits(), draw(id, "due").to_bits());
        assert_ne!(drawn.to_bits(), draw(id, "check").to_bits());
    }
}

#[test]
fn failures_are_tried_again_after_a_minute_at_first_and_six_hours_at_most() {
    let minutes = |count| {
        let most = ids(2_000).map(|id| wait(id, count, now(), now())).max().expect("some");
        let least = ids(2_000).map(|id| wait(id, count, now(), now())).min().expect("some");
        (least.as_millis() * 100 / 60_000, most.as_millis() * 100 / 60_000)
    };
    // In hundredths of a minute: between three quarters of it and all of it.
    for (count, longest) in [(0, 1), (1, 1), (2, 2), (3, 4), (9, 256), (10, 360), (11, 360), (u32::MAX, 360)] {
        let (least, most) = minutes(count);
        assert!((longest * 75..longest * 76).contains(&least), "{least} after {count}");
        assert!((longest * 99..=longest * 100).contains(&most), "{most} after {count}");
    }
}

#[test]
fn what_has_failed_for_a_week_is_tried_once_a_day() {
    let id = ids(1).next().expect("one");
    let week = DAY * 7;
    assert!(wait(id, 40, now() - week + SignedDuration::from_secs(1), now()) <= HOUR * 6);
    for count in [0, 1, 40, u32::MAX] {
        assert_eq!(wait(id, count, now() - week, now()), DAY);
        assert_eq!(wait(id, count, now() - week * 100, now()), DAY);
    }
}

#[test]
fn a_tenth_of_a_life_must_be_left_but_no_more_than_five_minutes() {
    for (life, left) in [(0, 0), (-60, 0), (60, 6), (1_200, 120), (3_000, 300), (7_200, 300), (5_184_000, 300)] {
        let ends = now() + SignedDuration::from_secs(life);
        assert_eq!(least_left(now(), ends), SignedDuration::from_secs(left), "{life}");
    }
}

#[test]
fn one_at_a_time_holds_a_grant_until_the_lease_and_the_margin_are_over() {
    let first = Hold::default().acquire(7, now()).expect("free");
    assert_eq!((first.fence, first.intent, first.prev_intent), (1, 7, 0));
    assert!(!first.is_doubtful(7));
    let millisecond = SignedDuration::from_millis(1);
    let over = LEASE + MARGIN;
    for (later, free) in [(SignedDuration::ZERO, false), (LEASE, false), (over, false), (over + millisecond, true)] {
        let at = now() + later;
        assert_eq!((first.is_free(at), first.acquire(7, at).is_some()), (free, free), "{later:?}");
    }
    let second = first.acquire(7, now() + LEASE * 2).expect("over");
    assert_eq!((second.fence, second.prev_intent), (2, 7));
    assert!(second.is_doubtful(7) && !second.is_doubtful(8));
    let released = second.release(second.is_doubtful(7).then_some(7));
    assert_eq!(released, Hold { fence: 2, lease_until: None, intent: 7, prev_intent: 0 });
    let third = released.acquire(7, now()).expect("given back");
    assert!(third.is_doubtful(7), "the doubt outlives who gave it back");
    assert!(!third.release(None).acquire(7, now()).expect("given back").is_doubtful(7));
}

#[test]
fn a_call_and_its_write_fit_into_what_must_be_left_of_the_lease() {
    let deadline = SignedDuration::from_secs(10);
    assert!(CALL >= deadline + MARGIN && LEASE >= CALL + deadline);
}

#[test]
fn a_holder_calls_only_for_what_lives_is_not_fresh_and_may_be_sent() {
    for bits in 0..32_u8 {
        let [lives, fresh, access_lives, doubtful, harmless] = [0, 1, 2, 3, 4].map(|bit| bits >> bit & 1 == 1);
        let expected = match (lives, fresh, doubtful && !harmless && access_lives) {
            (false, ..) => Step::Leave,
            (_, true, _) => Step::Use,
            (.., true) => Step::Endure,
            _ => Step::Call,
        };
        let found = Found { lives, fresh, access_lives, doubtful, harmless };
        assert_eq!(begin(found), expected, "{found:?}");
    }
}

#[test]
fn a_refusal_is_believed_when_it_is_said_twice() {
    for (doubtful, harmless, reason) in [
        (false, false, DeadReason::Revoked),
        (false, true, DeadReason::Revoked),
        (true, false, DeadReason::RotationLost),
    ] {
        assert_eq!(end(GONE, 1, doubtful, harmless), Next::Again);
        assert_eq!(end(GONE, 2, doubtful, harmless), Next::Bury(reason));
        let other = Outcome::Gone(DeadReason::PasswordChanged);
        assert_eq!(end(other, 2, doubtful, harmless), Next::Bury(DeadReason::PasswordChanged));
    }
}

/// The second call's refusal is the first one, if the first call's end was not known.
#[test]
fn a_refusal_after_an_unknown_end_is_said_once() {
    assert_eq!(end(Outcome::Unknown, 1, false, true), Next::Again);
    assert_eq!(end(GONE, 2, true, true), Next::Again);
    assert_eq!(end(GONE, 3, true, true), Next::Bury(DeadReason::Revoked));
}

#[test]
fn only_a_refusal_ends_a_grant_and_an_unknown_end_leaves_a_doubt() {
    for (call, doubtful, harmless) in (1..4).flat_map(|n| [(n, false, false), (n, true, false), (n, true, true)]) {
        assert_eq!(end(Outcome::Issued, call, doubtful, harmless), Next::Commit);
        assert_eq!(end(Outcome::Unspent, call, doubtful, harmless), Next::Release { doubtful });
        let unknown = if harmless && call == 1 { Next::Again } else { Next::Release { doubtful: true } };
        assert_eq!(end(Outcome::Unknown, call, doubtful, harmless), unknown);
    }
}

/// A partner's year at LinkedIn begins with the consent, and a week in Google's testing mode is told once.
#[test]
fn a_renewal_does_not_lengthen_the_life_of_a_refresh_token_that_stays() {
    let (soon, late) = (Some(now() + DAY), Some(now() + DAY * 365));
    for (refresh_token, known, told, ends) in [
        (RefreshToken::FixedEnd, soon, late, soon),
        (RefreshToken::FixedEnd, late, soon, soon),
        (RefreshToken::FixedEnd, soon, None, soon),
        (RefreshToken::FixedEnd, None, late, late),
        (RefreshToken::Static, soon, None, soon),
        (RefreshToken::Static, soon, late, late),
        (RefreshToken::Static, None, None, None),
        (RefreshToken::Rotating, soon, late, late),
        (RefreshToken::Rotating, soon, None, None),
    ] {
        assert_eq!(refresh(refresh_token, None).refresh_end(known, told), ends, "{refresh_token:?} {known:?} {told:?}");
    }
}
