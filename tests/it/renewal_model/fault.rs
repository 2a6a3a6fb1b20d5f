//! What can go wrong.

use std::fmt;

use domain::renewal::Outcome;

use super::{
    platform::Answer,
    policy::Policy,
    world::{Holder, IDLE, Phase, Step, World},
};

/// One thing that does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    CrashBeforeCall,
    CrashBeforeAnswer,
    CrashBeforeCommit,
    CrashBeforeRelease,
    RequestLost,
    AnswerLost,
    ServerError,
    SpuriousRefusal,
    LateRequest,
    PauseBeforeSend,
    PauseBeforeCommit,
}

/// Some faults, a bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Faults(pub u16);

impl Faults {
    /// Those after which two requests can be on their way.
    pub const OVERLAPS: Self =
        Self::NONE.with(Fault::LateRequest).with(Fault::PauseBeforeSend).with(Fault::PauseBeforeCommit);
    pub const NONE: Self = Self(0);

    pub const fn with(self, fault: Fault) -> Self {
        Self(self.0 | 1 << fault as u16)
    }

    pub fn only(self, these: Self) -> Self {
        Self(self.0 & these.0)
    }

    pub fn has(self, fault: Fault) -> bool {
        self.only(Self::NONE.with(fault)) != Self::NONE
    }

    pub fn overlap(self) -> bool {
        self.only(Self::OVERLAPS) != Self::NONE
    }

    /// Whether these are some of those, and not all.
    pub fn fewer_than(self, those: Self) -> bool {
        self != those && self.only(those) == self
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = [
            "a crash before the call",
            "a crash before the answer",
            "a crash before the commit",
            "a crash before the release",
            "a lost request",
            "a lost answer",
            "a server's error",
            "a refusal for no reason",
            "a request that arrives after its deadline",
            "a pause before the send",
            "a pause before the commit",
        ];
        let these: Vec<&str> = (0..).zip(words).filter(|(i, _)| self.0 >> i & 1 == 1).map(|(_, word)| word).collect();
        f.write_str(&these.join(" and "))
    }
}

impl World {
    /// All that can go wrong next with a holder.
    pub fn faulty_steps(&self, i: usize, policy: &Policy, steps: &mut Vec<(Step, Self)>) {
        let holder = self.holders[i];
        let mut add = |fault, after: Self| {
            let overlaps = after.overlaps.with(fault).only(Faults::OVERLAPS);
            steps.push((Step::Fault(i, fault), Self { faults: after.faults - 1, overlaps, ..after }));
        };
        match holder.phase {
            Phase::Idle | Phase::Read(_) | Phase::Stopped => {}
            Phase::Ready => {
                add(Fault::CrashBeforeCall, self.with(i, IDLE));
                if Self::has_time(&holder, policy) {
                    let stopped = Holder { phase: Phase::Stopped, left: 0, ..holder };
                    add(Fault::PauseBeforeSend, self.with(i, stopped));
                }
            }
            Phase::Sent => {
                add(Fault::CrashBeforeAnswer, self.with(i, IDLE));
                add(Fault::RequestLost, self.ended(i, Outcome::Unspent, policy));
                add(Fault::ServerError, self.ended(i, Outcome::Unknown, policy));
                let refused = Holder { spurious: holder.spurious + 1, ..holder };
                add(Fault::SpuriousRefusal, self.with(i, refused).answered(i, Answer::Refused, policy));
                for (platform, _) in self.platform.spend(holder.token) {
                    let spent = Self { platform, ..*self };
                    add(Fault::CrashBeforeAnswer, spent.with(i, IDLE));
                    add(Fault::AnswerLost, spent.ended(i, Outcome::Unknown, policy));
                }
                if self.late.is_none() {
                    let late = Self { late: Some(holder.token), ..*self };
                    add(Fault::LateRequest, late.ended(i, Outcome::Unknown, policy));
                }
            }
            Phase::Commit(_) | Phase::Save(_) => {
                add(Fault::CrashBeforeCommit, self.with(i, IDLE));
                if !holder.paused {
                    let paused = Holder { paused: true, prompt: 0, ..holder };
                    add(Fault::PauseBeforeCommit, self.with(i, paused));
                }
            }
            Phase::Release { .. } | Phase::Bury(_) => add(Fault::CrashBeforeRelease, self.with(i, IDLE)),
        }
    }
}
