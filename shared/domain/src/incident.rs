//! A platform in trouble: noticed by its answers, told once, probed gently, and left behind by a ramp.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{GrantId, PlatformId, renewal::draw};

/// So many calls are looked at.
const CALLS: usize = 20;
/// Calls older than this say nothing of now.
const REMEMBERED: SignedDuration = SignedDuration::from_mins(60);
/// Between two probes: at first, and at most.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(30);
const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(15);
/// After so long it is known what a probe was answered: whoever came beside it asks again then.
pub const ANSWERED: SignedDuration = SignedDuration::from_secs(30);
/// What has waited is let through in ten steps.
const STEPS: u8 = 10;
const STEP: SignedDuration = SignedDuration::from_mins(1);

/// A kind of address of a platform: one can be in trouble without the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndpointClass {
    /// Where tokens are got and taken back.
    Token,
    /// Everything else.
    Api,
}

impl EndpointClass {
    /// The word used in keys and events.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Api => "api",
        }
    }
}

/// The latest calls to one kind of address.
#[derive(Debug, Clone, Default)]
pub struct Window(VecDeque<(Timestamp, bool)>);

impl Window {
    /// Notes a call; `true` if at least half of the latest twenty failed.
    pub fn note(&mut self, failed: bool, now: Timestamp) -> bool {
        self.0.push_back((now, failed));
        while self.0.len() > CALLS || self.0.front().is_some_and(|(at, _)| now.duration_since(*at) > REMEMBERED) {
            self.0.pop_front();
        }
        let failures = self.0.iter().filter(|(_, failed)| *failed).count();
        self.0.len() == CALLS && failures * 2 >= CALLS
    }
}

/// A platform's trouble at one kind of address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// The platform.
    pub platform: PlatformId,
    /// Where.
    pub class: EndpointClass,
    /// Since when.
    pub since: Timestamp,
    /// How often it was probed.
    pub probes: u32,
    /// When it may be probed next.
    pub probe_at: Timestamp,
    /// When a probe succeeded.
    #[serde(default)]
    pub resolved_at: Option<Timestamp>,
    /// Counts every change.
    pub version: u64,
}

/// Whether a call may go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It may.
    Go,
    /// It may if nobody else probes: its outcome decides.
    Probe,
    /// Not before this.
    Wait(Timestamp),
}

impl Incident {
    /// Trouble that begins.
    pub fn open(platform: PlatformId, class: EndpointClass, now: Timestamp, version: u64) -> Self {
        Self { platform, class, since: now, probes: 0, probe_at: now + FIRST_WAIT, resolved_at: None, version }
    }

    /// Whether it is over.
    pub fn is_open(&self) -> bool {
        self.resolved_at.is_none()
    }

    /// Whether it was there at a moment.
    pub fn was_at(&self, at: Timestamp) -> bool {
        self.since <= at && self.resolved_at.is_none_or(|end| at < end)
    }

    /// Somebody probes now; the next one waits twice as long, a quarter of an hour at most.
    #[must_use]
    pub fn probed(&self, now: Timestamp) -> Self {
        Self {
            probes: self.probes + 1,
            probe_at: now + Self::wait(self.probes),
            version: self.version + 1,
            ..self.clone()
        }
    }

    /// How long nobody probes after a probe before which there were so many.
    fn wait(probes: u32) -> SignedDuration {
        FIRST_WAIT.checked_mul(2 << probes.min(8)).unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT)
    }

    /// Whether a probe may still be waiting for its answer.
    fn is_asking(&self, now: Timestamp) -> bool {
        self.probes.checked_sub(1).is_some_and(|before| now < self.probe_at - Self::wait(before) + ANSWERED)
    }

    /// A probe succeeded.
    #[must_use]
    pub fn resolved(&self, now: Timestamp) -> Self {
        Self { resolved_at: Some(now), version: self.version + 1, ..self.clone() }
    }

    /// Whether a grant's call may go out. After the end each grant has its place in a ramp of ten steps.
    pub fn admits(&self, grant: GrantId, now: Timestamp) -> Admission {
        match self.resolved_at {
            None if self.is_asking(now) => Admission::Wait(now + ANSWERED),
            None if now < self.probe_at => Admission::Wait(self.probe_at),
            None => Admission::Probe,
            Some(end) => {
                #[expect(clippy::cast_possible_truncation, reason = "a number below ten")]
                let step = (draw(grant, "ramp") * f64::from(STEPS)) as i32;
                let turn = end + STEP * step.min(9);
                if now < turn { Admission::Wait(turn) } else { Admission::Go }
            }
        }
    }

    /// Whether everything that waited was let through.
    pub fn is_past(&self, now: Timestamp) -> bool {
        self.resolved_at.is_some_and(|end| now >= end + STEP * 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + seconds).expect("in range")
    }

    fn incident() -> Incident {
        Incident::open("x".parse().expect("legal"), EndpointClass::Token, at(0), 1)
    }

    #[test]
    fn half_of_twenty_calls_are_trouble_and_fewer_say_nothing() {
        let mut window = Window::default();
        assert!((0..19).all(|_| !window.note(true, at(0))), "nineteen are too few");
        assert!(window.note(false, at(0)));
        let mut window = Window::default();
        assert!((0..200).all(|n| !window.note(n % 20 < 9, at(n))), "nine of twenty are not half");
        let mut window = Window::default();
        assert!((0..40).all(|n| !window.note(true, at(n * 240))), "twenty calls in more than an hour");
    }

    #[test]
    fn probes_come_after_thirty_seconds_and_at_most_a_quarter_of_an_hour_apart() {
        let (mut incident, mut now, mut waits) = (incident(), at(0), Vec::new());
        for _ in 0..12 {
            waits.push(incident.probe_at.duration_since(now).as_secs());
            now = incident.probe_at;
            let early = now - SignedDuration::from_secs(1);
            assert_eq!(incident.admits(GrantId::new(now, [1; 16]), early), Admission::Wait(now));
            assert_eq!(incident.admits(GrantId::new(now, [1; 16]), now), Admission::Probe);
            incident = incident.probed(now);
        }
        assert_eq!(waits, [30, 60, 120, 240, 480, 900, 900, 900, 900, 900, 900, 900]);
    }

    #[test]
    fn who_comes_beside_a_probe_asks_again_when_it_is_answered() {
        let (probing, grant) = (incident().probed(at(30)), GrantId::new(at(0), [1; 16]));
        assert_eq!(probing.admits(grant, at(40)), Admission::Wait(at(70)));
        assert_eq!(probing.admits(grant, at(60)), Admission::Wait(at(90)), "it failed");
    }

    #[test]
    fn what_has_waited_is_let_through_a_tenth_a_minute() {
        let over = incident().resolved(at(1000));
        let grants: Vec<GrantId> = (0..1000u128).map(|n| GrantId::new(at(0), (n * 7919).to_be_bytes())).collect();
        let through = |now| grants.iter().filter(|g| over.admits(**g, now) == Admission::Go).count();
        for minute in 0..10 {
            let share = through(at(1000 + 60 * minute));
            let wanted = usize::try_from(minute + 1).expect("small") * 100;
            assert!(share.abs_diff(wanted) < 60, "{share} in minute {minute}");
        }
        assert!(!over.is_past(at(1599)) && over.is_past(at(1600)));
        assert!(over.was_at(at(0)) && over.was_at(at(999)) && !over.was_at(at(1000)) && !over.was_at(at(-1)));
    }
}
