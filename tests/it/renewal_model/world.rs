//! One grant, its platform and three holders: every step that any of them can take from here.

use domain::{
    DeadReason, Timestamp,
    renewal::{CALL, Found, Next, Outcome, Step as Begin},
};
use jiff::SignedDuration;

use super::{
    fault::{Fault, Faults},
    platform::{Answer, Kind, Platform, Token},
    policy::Policy,
    row::Row,
    search::Bounds,
};

/// Time goes by in steps of this; a deadline is two of them, and a prompt write takes one at most.
pub const UNIT: SignedDuration = SignedDuration::from_secs(5);
const DEADLINE: u8 = 2;
const WRITE: u8 = 1;
/// The present, always: what passes is taken off the leases.
const NOW: Timestamp = Timestamp::UNIX_EPOCH;
/// By how many units a holder's clock is ahead, now like this and now like that: they differ by the margin at most.
const AHEAD: [i32; 2] = [0, 1];
/// A lease that is over for all clocks, margin and all.
const LONG_OVER: SignedDuration = SignedDuration::from_secs(-10);

/// How good the row's access token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Fresh,
    /// It lives, and is to be renewed.
    Due,
    Over,
}

/// What the row keeps of the tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tokens {
    pub refresh: Token,
    pub access: Access,
}

/// What a holder is about to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    Idle,
    /// It has read the row and takes it: a mutant's way.
    Read(Access),
    /// It holds the row and looks at the time.
    Ready,
    /// It has looked at the time, and was stopped.
    Stopped,
    Sent,
    Commit(Token),
    /// Its commit was refused; it tries the second write.
    Save(Token),
    Release {
        spent: bool,
        uncertain: bool,
    },
    Bury(DeadReason),
}

/// A holder, and what it remembers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder {
    pub phase: Phase,
    pub fence: u64,
    pub version: u64,
    pub token: Token,
    pub doubtful: bool,
    pub calls: u8,
    /// How often it was refused for no reason.
    pub spurious: u8,
    /// Units left of its lease by its own clock; 0 is too few for a call.
    pub left: u8,
    /// Units that may pass before it goes on.
    pub prompt: u8,
    pub paused: bool,
}

pub const IDLE: Holder = Holder {
    phase: Phase::Idle,
    fence: 0,
    version: 0,
    token: Token { consent: 0, nth: 0 },
    doubtful: false,
    calls: 0,
    spurious: 0,
    left: 0,
    prompt: 0,
    paused: false,
};

/// Who did what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Read(usize),
    Acquire(usize),
    Send(usize),
    Answer(usize),
    Write(usize),
    TimePasses,
    AccessIsDue,
    AccessEnds,
    LateRequestArrives,
    PersonRevokes,
    PersonConsents,
    Fault(usize, Fault),
}

impl Step {
    /// Whether it happens by itself when nothing goes wrong and no person comes.
    pub fn is_expected(self) -> bool {
        !matches!(self, Self::Fault(..) | Self::PersonRevokes | Self::PersonConsents)
    }
}

/// Everything there is, and what only an onlooker knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct World {
    pub row: Row<Tokens>,
    pub platform: Platform,
    pub holders: [Holder; 3],
    pub bounds: Bounds,
    /// A request on its way that its holder has given up.
    pub late: Option<Token>,
    /// Whether the person may still consent or revoke.
    pub person: bool,
    /// How many faults may still happen.
    pub faults: u8,
    /// The faults that have happened after which two requests can be on their way.
    pub overlaps: Faults,
    /// Whether no copy is left of a token that the platform accepts, and the faults that it takes for that; none is
    /// that nothing had to go wrong.
    pub lost: Option<Faults>,
    /// Whether the end of a use of the row's version is not known to those who come after.
    pub suspect: bool,
    /// Whether the platform said twice for no reason that the dead token is no good.
    pub misled: bool,
}

impl World {
    pub fn first(kind: Kind, bounds: Bounds) -> Self {
        let platform = Platform::new(kind);
        Self {
            row: Row::first(Tokens { refresh: platform.newest, access: Access::Due }),
            platform,
            holders: [IDLE; 3],
            bounds,
            late: None,
            person: true,
            faults: bounds.faults,
            overlaps: Faults::NONE,
            lost: None,
            suspect: false,
            misled: false,
        }
    }

    /// Whether no copy is left of a token that the platform accepts, and nobody took the consent back.
    fn keeps_nothing(&self) -> bool {
        let kept = self.holders.iter().any(|holder| match holder.phase {
            Phase::Commit(token) | Phase::Save(token) => self.platform.accepts(token),
            _ => false,
        });
        !kept && !self.platform.accepts(self.row.tokens.refresh) && !self.platform.revoked
    }

    /// All that can happen next.
    pub fn steps(&self, policy: &Policy) -> Vec<(Step, Self)> {
        let mut steps = Vec::new();
        for i in 0..self.bounds.holders {
            self.holder_steps(i, policy, &mut steps);
        }
        if self.faults > 0 {
            for i in 0..self.bounds.holders {
                self.faulty_steps(i, policy, &mut steps);
            }
        }
        let Row { tokens, .. } = self.row;
        let access = |access| Row { tokens: Tokens { access, ..tokens }, ..self.row };
        match tokens.access {
            Access::Fresh => steps.push((Step::AccessIsDue, Self { row: access(Access::Due), ..*self })),
            Access::Due => steps.push((Step::AccessEnds, Self { row: access(Access::Over), ..*self })),
            Access::Over => {}
        }
        if let Some(token) = self.late {
            for (platform, _) in self.platform.spend(token) {
                steps.push((Step::LateRequestArrives, Self { platform, late: None, ..*self }));
            }
        }
        if self.person {
            let after = Self { person: false, ..*self };
            steps.push((Step::PersonRevokes, Self { platform: self.platform.revoke(), ..after }));
            let platform = self.platform.consent();
            let row = self.row.consent(fresh(platform.newest));
            steps.push((Step::PersonConsents, Self { platform, ..after.newer(row) }));
        }
        steps.extend(self.time_passes().map(|after| (Step::TimePasses, after)));
        for (step, after) in &mut steps {
            if self.lost.is_none() && after.keeps_nothing() {
                after.lost = Some(self.cause(*step, after));
            }
        }
        steps
    }

    /// The faults without which a step would not have lost the last good token.
    fn cause(&self, step: Step, after: &Self) -> Faults {
        if after.platform.killed && !self.platform.killed {
            return after.overlaps;
        }
        match step {
            Step::Fault(_, fault @ (Fault::AnswerLost | Fault::CrashBeforeAnswer | Fault::CrashBeforeCommit)) => {
                Faults::NONE.with(fault)
            }
            Step::LateRequestArrives => Faults::NONE.with(Fault::LateRequest),
            _ => Faults::NONE,
        }
    }

    fn holder_steps(&self, i: usize, policy: &Policy, steps: &mut Vec<(Step, Self)>) {
        let holder = self.holders[i];
        match holder.phase {
            Phase::Idle if policy.reads_before => {
                let phase = Phase::Read(self.row.tokens.access);
                let read = Holder { phase, version: self.row.version, token: self.row.tokens.refresh, ..IDLE };
                steps.push((Step::Read(i), self.with(i, read)));
            }
            Phase::Idle => {
                let read = Holder { version: self.row.version, token: self.row.tokens.refresh, ..IDLE };
                for ahead in AHEAD {
                    let acquired = self.acquired(i, read, self.row.tokens.access, ahead, policy);
                    steps.extend(acquired.map(|after| (Step::Acquire(i), after)));
                }
            }
            Phase::Read(access) => {
                let acquired = self.acquired(i, holder, access, 0, policy).unwrap_or_else(|| self.with(i, IDLE));
                steps.push((Step::Acquire(i), acquired));
            }
            Phase::Ready => {
                let next = if Self::has_time(&holder, policy) {
                    sent(holder)
                } else {
                    released(holder, holder.doubtful, holder.calls > 0 && holder.doubtful)
                };
                steps.push((Step::Send(i), self.with(i, next)));
            }
            Phase::Stopped => steps.push((Step::Send(i), self.with(i, sent(holder)))),
            Phase::Sent => {
                for (platform, answer) in self.platform.spend(holder.token) {
                    let after = Self { platform, ..*self };
                    steps.push((Step::Answer(i), after.answered(i, answer, policy)));
                }
            }
            Phase::Commit(token) => {
                let asked = policy.commit.of(holder.fence, holder.version);
                let late = Holder { phase: Phase::Save(token), ..holder };
                let after = match self.row.commit(asked, fresh(token)) {
                    Some(row) => self.with(i, IDLE).newer(row),
                    None => self.with(i, if policy.save.is_some() { late } else { IDLE }),
                };
                steps.push((Step::Write(i), after));
            }
            Phase::Save(token) => {
                let asked = policy.save.unwrap_or(policy.commit).of(holder.fence, holder.version);
                let saved = self.row.save(asked, fresh(token));
                let dead = self.row.dead.filter(|_| !policy.revives);
                let after = self.with(i, IDLE);
                steps.push((Step::Write(i), saved.map_or(after, |row| after.newer(Row { dead, ..row }))));
            }
            Phase::Release { spent, uncertain } => {
                let asked = policy.release.of(holder.fence, holder.version);
                let row = self.row.release(asked, spent.then_some(holder.version), uncertain);
                steps.push((Step::Write(i), Self { row: row.unwrap_or(self.row), ..self.with(i, IDLE) }));
            }
            Phase::Bury(reason) => {
                let row = self.row.bury(policy.bury.of(holder.fence, holder.version), reason);
                let after = self.with(i, IDLE);
                let misled = holder.spurious >= 2;
                steps.push((Step::Write(i), row.map_or(after, |row| Self { row, misled, ..after })));
            }
        }
    }

    pub fn with(&self, i: usize, holder: Holder) -> Self {
        let mut after = *self;
        after.holders[i] = holder;
        after
    }

    /// With the row after new tokens were written.
    fn newer(self, row: Row<Tokens>) -> Self {
        Self { row, suspect: false, misled: false, ..self }
    }

    fn acquired(&self, i: usize, read: Holder, access: Access, ahead: i32, policy: &Policy) -> Option<Self> {
        let row = policy.acquire(self.row, NOW + UNIT * ahead)?;
        let doubtful = row.hold.is_doubtful(read.version);
        let found = Found {
            lives: row.dead.is_none(),
            fresh: access == Access::Fresh,
            access_lives: access != Access::Over,
            doubtful,
            harmless: self.platform.kind.is_harmless(),
        };
        let left = if policy.checks_the_time { units(policy.lease) } else { 0 };
        let held = Holder { fence: row.hold.fence, doubtful, left, ..read };
        let held = match policy.begin(found) {
            Begin::Leave | Begin::Use => released(held, doubtful, false),
            Begin::Endure => released(held, policy.endures_in_doubt, true),
            Begin::Call => Holder { phase: Phase::Ready, ..held },
        };
        // A lease that ran out says nothing of what its holder did.
        let suspect = self.suspect || self.row.hold.lease_until.is_some();
        Some(Self { row, suspect, ..self.with(i, held) })
    }

    pub fn has_time(holder: &Holder, policy: &Policy) -> bool {
        !policy.checks_the_time || UNIT * i32::from(holder.left) >= CALL
    }

    pub fn answered(&self, i: usize, answer: Answer, policy: &Policy) -> Self {
        match answer {
            Answer::Issued(token) => {
                let Holder { fence, version, .. } = self.holders[i];
                self.with(i, Holder { phase: Phase::Commit(token), fence, version, prompt: WRITE, ..IDLE })
            }
            Answer::Refused => self.ended(i, Outcome::Gone(DeadReason::InvalidGrant), policy),
        }
    }

    /// A call ended without new tokens.
    pub fn ended(&self, i: usize, outcome: Outcome, policy: &Policy) -> Self {
        let mut holder = self.holders[i];
        let next = policy.end(outcome, holder.calls, holder.doubtful, self.platform.kind.is_harmless());
        holder.doubtful |= outcome == Outcome::Unknown;
        let suspect = self.suspect || outcome == Outcome::Unknown && holder.version == self.row.version;
        let Holder { fence, version, spurious, .. } = holder;
        let next = match next {
            Next::Again => Holder { phase: Phase::Ready, prompt: 0, ..holder },
            Next::Release { doubtful } => released(holder, doubtful, doubtful),
            Next::Bury(reason) => Holder { phase: Phase::Bury(reason), fence, version, spurious, ..IDLE },
            Next::Commit => panic!("tokens without tokens"),
        };
        Self { suspect, ..self.with(i, next) }
    }

    /// A unit passes, unless somebody prompt is about to act.
    fn time_passes(&self) -> Option<Self> {
        let mut after = *self;
        if let Some(until) = &mut after.row.hold.lease_until {
            let left = SignedDuration::from_millis(*until) - UNIT;
            *until = (NOW + left.max(LONG_OVER)).as_millisecond();
        }
        for holder in &mut after.holders {
            holder.left = if UNIT * i32::from(holder.left) > CALL { holder.left - 1 } else { 0 };
            if matches!(holder.phase, Phase::Sent | Phase::Commit(_) | Phase::Save(_)) && !holder.paused {
                holder.prompt = holder.prompt.checked_sub(1)?;
            }
        }
        (after != *self).then_some(after)
    }
}

fn fresh(refresh: Token) -> Tokens {
    Tokens { refresh, access: Access::Fresh }
}

fn sent(holder: Holder) -> Holder {
    Holder { phase: Phase::Sent, calls: holder.calls + 1, prompt: DEADLINE, paused: false, ..holder }
}

fn released(Holder { fence, version, .. }: Holder, spent: bool, uncertain: bool) -> Holder {
    Holder { phase: Phase::Release { spent, uncertain }, fence, version, ..IDLE }
}

fn units(time: SignedDuration) -> u8 {
    u8::try_from(time.as_secs() / UNIT.as_secs()).expect("a few")
}
