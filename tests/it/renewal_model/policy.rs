//! How a holder is wired to the rules: the protocol as it is, and what could be done wrong about it.

use domain::{
    DeadReason, Timestamp,
    renewal::{Found, Hold, LEASE, MARGIN, Next, Outcome, Step, begin, end},
};
use jiff::SignedDuration;

use super::row::{If, Row};

/// What a write asks of the row.
#[derive(Debug, Clone, Copy)]
pub struct Asks {
    pub fence: bool,
    pub version: bool,
}

const BOTH: Asks = Asks { fence: true, version: true };
const NOTHING: Asks = Asks { fence: false, version: false };

impl Asks {
    pub fn of(self, fence: u64, version: u64) -> If {
        If { fence: self.fence.then_some(fence), version: self.version.then_some(version) }
    }
}

/// A way to use the rules.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    pub name: &'static str,
    pub lease: SignedDuration,
    /// Whether one holder at a time is let in at all.
    pub excludes: bool,
    /// Whether others wait a margin longer than the lease.
    pub waits_a_margin: bool,
    /// Whether the tokens are read before the lease is taken, and not with it.
    pub reads_before: bool,
    /// Whether the time left is looked at before each call.
    pub checks_the_time: bool,
    pub notes_the_intent: bool,
    /// Whether an unknown end leaves the intent.
    pub keeps_doubt: bool,
    /// Whether a doubtful token is left alone while the access token lives.
    pub endures: bool,
    /// Whether the doubt outlives that.
    pub endures_in_doubt: bool,
    /// Whether a token is sent again after an unknown end, whatever the platform does with it.
    pub always_retries: bool,
    pub believes_at_once: bool,
    /// Whether an unknown end is taken for a refusal.
    pub unknown_is_gone: bool,
    /// What a request that was not sent is taken for.
    pub unsent_is: Outcome,
    pub commit: Asks,
    /// What the second write of new tokens asks, if there is one.
    pub save: Option<Asks>,
    /// Whether tokens that come late revive what was thought dead.
    pub revives: bool,
    pub bury: Asks,
    pub release: Asks,
}

/// The protocol.
pub const OURS: Policy = Policy {
    name: "ours",
    lease: LEASE,
    excludes: true,
    waits_a_margin: true,
    reads_before: false,
    checks_the_time: true,
    notes_the_intent: true,
    keeps_doubt: true,
    endures: true,
    endures_in_doubt: true,
    always_retries: false,
    believes_at_once: false,
    unknown_is_gone: false,
    unsent_is: Outcome::Unspent,
    commit: BOTH,
    save: Some(Asks { fence: false, version: true }),
    revives: true,
    bury: BOTH,
    release: Asks { fence: true, version: false },
};

/// A lock that runs out after ten seconds, is deleted by whoever is done, and guards no write.
pub const TTL_LOCK: Policy = Policy {
    name: "TTL lock",
    lease: SignedDuration::from_secs(10),
    waits_a_margin: false,
    checks_the_time: false,
    notes_the_intent: false,
    believes_at_once: true,
    commit: NOTHING,
    save: None,
    bury: NOTHING,
    release: NOTHING,
    ..OURS
};

/// No lock, and any error disconnects.
pub const NO_LOCK: Policy = Policy {
    name: "no lock, any error disconnects",
    lease: SignedDuration::ZERO,
    excludes: false,
    unknown_is_gone: true,
    unsent_is: GONE,
    ..TTL_LOCK
};

const GONE: Outcome = Outcome::Gone(DeadReason::InvalidGrant);

/// The protocol with one thing wrong each.
pub const MUTANTS: [Policy; 21] = [
    Policy { name: "nothing asks for the fence", ..unfenced() },
    Policy { name: "the release asks for no fence", release: NOTHING, ..OURS },
    Policy { name: "the commit asks for no version", commit: Asks { fence: true, version: false }, ..OURS },
    Policy { name: "the late write asks for no version", save: Some(NOTHING), ..OURS },
    Policy { name: "there is no late write", save: None, ..OURS },
    Policy { name: "the late write leaves the grant dead", revives: false, ..OURS },
    Policy { name: "the burial asks for no version", bury: NOTHING, ..OURS },
    Policy { name: "nobody is excluded", excludes: false, ..OURS },
    Policy { name: "others wait no margin", waits_a_margin: false, ..OURS },
    Policy { name: "the lease is shorter than the call", lease: SignedDuration::from_secs(5), ..unchecked() },
    Policy { name: "the time left is not looked at", ..unchecked() },
    Policy { name: "the tokens are read before the lease", reads_before: true, ..OURS },
    Policy { name: "there is no intent", notes_the_intent: false, ..OURS },
    Policy { name: "an unknown end clears the intent", keeps_doubt: false, ..OURS },
    Policy { name: "a doubtful token is not left alone", endures: false, ..OURS },
    Policy { name: "whoever leaves it alone forgets the doubt", endures_in_doubt: false, ..OURS },
    Policy { name: "a token is sent again where that kills", always_retries: true, ..OURS },
    Policy { name: "the first refusal is believed", believes_at_once: true, ..OURS },
    Policy { name: "a server's error is taken for a refusal", unknown_is_gone: true, ..OURS },
    Policy { name: "a request that was not sent is taken for a refusal", unsent_is: GONE, ..OURS },
    Policy { name: "a request that was not sent is doubted", unsent_is: Outcome::Unknown, ..OURS },
];

const fn unfenced() -> Policy {
    let version = Asks { fence: false, version: true };
    Policy { commit: version, bury: version, release: NOTHING, ..OURS }
}

const fn unchecked() -> Policy {
    Policy { checks_the_time: false, ..OURS }
}

impl Policy {
    /// Whether every write asks all that it should: then whoever is no longer the holder fails at most of them.
    pub fn asks_all(&self) -> bool {
        let saves = self.save.is_some_and(|save| save.version);
        self.checks_the_time && self.commit.fence && saves && self.bury.fence && self.release.fence
    }

    /// Takes a row, if it is free.
    pub fn acquire<T: Copy>(&self, row: Row<T>, now: Timestamp) -> Option<Row<T>> {
        let lease_until = row.hold.lease_until.filter(|_| self.excludes);
        let row = Row { hold: Hold { lease_until, ..row.hold }, ..row };
        let taken = row.acquire(if self.waits_a_margin { now } else { now + MARGIN })?;
        let (intent, prev_intent) =
            if self.notes_the_intent { (taken.hold.intent, taken.hold.prev_intent) } else { (0, 0) };
        let lease_until = Some((now + self.lease).as_millisecond());
        Some(Row { hold: Hold { lease_until, intent, prev_intent, ..taken.hold }, ..taken })
    }

    pub fn begin(&self, found: Found) -> Step {
        begin(Found { harmless: found.harmless || !self.endures, ..found })
    }

    pub fn end(&self, outcome: Outcome, call: u8, doubtful: bool, harmless: bool) -> Next {
        let outcome = match outcome {
            Outcome::Unspent => self.unsent_is,
            Outcome::Unknown if self.unknown_is_gone => GONE,
            other => other,
        };
        // A call after many is believed.
        let refused = matches!(outcome, Outcome::Gone(_)) && self.believes_at_once;
        match end(outcome, if refused { u8::MAX } else { call }, doubtful, harmless || self.always_retries) {
            Next::Release { doubtful: true } if !self.keeps_doubt => Next::Release { doubtful },
            next => next,
        }
    }
}
