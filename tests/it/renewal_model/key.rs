//! A world in few bits, and without what makes no difference, so that all of them fit.

use domain::{DeadReason, renewal::Hold};

use super::{
    fault::Faults,
    platform::Token,
    policy::Policy,
    world::{Access, Holder, IDLE, Phase, World},
};

/// Equal for worlds from which the same can happen.
pub type Key = [u64; 3];

/// Numbers side by side.
#[derive(Default)]
struct Bits(u64);

impl Bits {
    fn put(mut self, value: impl Into<u64>, width: u32) -> Self {
        let value = value.into();
        assert!(value >> width == 0 && self.0.leading_zeros() >= width, "{value} in {width} bits");
        self.0 = self.0 << width | value;
        self
    }

    fn token(self, token: Token) -> Self {
        self.put(token.consent, 2).put(token.nth, 3)
    }
}

/// One holder is like the other, so they may change places.
pub fn key(world: &World) -> Key {
    let mut holders = world.holders.map(holder);
    holders.sort_unstable();
    let World { row, platform, .. } = world;
    let lease = row.hold.lease_until.map_or(0, |until| 3 + until / 5000);
    let bits = Bits(1)
        .put(u64::try_from(lease).expect("not below"), 4)
        .put(row.version, 3)
        .put(row.hold.intent, 3)
        .put(row.hold.prev_intent, 3)
        .put(access(row.tokens.access), 2)
        .token(row.tokens.refresh)
        .put(row.dead.map_or(0, reason), 2)
        .put(row.uncertain, 1)
        .token(platform.newest)
        .put(platform.killed, 1)
        .put(platform.revoked, 1)
        .token(world.late.unwrap_or_default())
        .put(world.person, 1)
        .put(world.suspect, 1)
        .put(world.misled, 1);
    let fates = Bits(1).put(world.faults, 2).put(world.overlaps.0, 11).put(world.lost.is_some(), 1);
    let fates = fates.put(world.lost.unwrap_or_default().0, 11);
    let [a, b, c] = holders;
    [a | b << 32, c | fates.0 << 32, bits.0]
}

fn holder(holder: Holder) -> u64 {
    let nothing = Token::default();
    let (phase, token, more): (u8, _, _) = match holder.phase {
        Phase::Idle => (0, nothing, 0),
        Phase::Read(was) => (1, nothing, access(was)),
        Phase::Ready => (2, nothing, 0),
        Phase::Stopped => (3, nothing, 0),
        Phase::Sent => (4, nothing, 0),
        Phase::Commit(token) => (5, token, 0),
        Phase::Save(token) => (6, token, 0),
        Phase::Release { spent, uncertain } => (7, nothing, u8::from(spent) + 2 * u8::from(uncertain)),
        Phase::Bury(why) => (8, nothing, reason(why)),
    };
    let bits = Bits(0).put(phase, 4).token(token).put(more, 2);
    let bits = bits.put(holder.fence, 1).put(holder.version, 3).token(holder.token);
    let bits = bits.put(holder.doubtful, 1).put(holder.calls, 2).put(holder.spurious, 2);
    bits.put(holder.left, 3).put(holder.prompt, 2).put(holder.paused, 1).0
}

fn access(access: Access) -> u8 {
    match access {
        Access::Fresh => 0,
        Access::Due => 1,
        Access::Over => 2,
    }
}

fn reason(reason: DeadReason) -> u8 {
    match reason {
        DeadReason::RotationLost => 1,
        _ => 2,
    }
}

impl World {
    /// The same without what makes no difference: how high fence and version are, which of the old tokens a token is,
    /// what somebody remembers who can only fail to write. Of a lost grant it is only watched how it ends.
    #[must_use]
    pub fn settled(mut self, policy: &Policy) -> Self {
        if self.lost.is_some() {
            self.platform.killed = true;
            (self.person, self.faults, self.overlaps, self.late) = (false, 0, Faults::NONE, None);
        }
        let Self { row, platform, .. } = self;
        let fence = |fence: u64| u64::from(fence == row.hold.fence);
        let version = |version: u64| match version {
            0 => 0,
            of if of == row.version => 2,
            _ => 1,
        };
        let token = |token: Token| platform.without_history(token);
        for holder in self.holders.iter_mut().filter(|holder| holder.phase != Phase::Idle) {
            holder.phase = match holder.phase {
                Phase::Commit(issued) => Phase::Commit(token(issued)),
                Phase::Save(issued) => Phase::Save(token(issued)),
                phase => phase,
            };
            (holder.fence, holder.version, holder.token) =
                (fence(holder.fence), version(holder.version), token(holder.token));
            if holder.fence == 0 && self.bounds.forgets && policy.asks_all() && !Self::has_time(holder, policy) {
                let outdated = holder.version < 2;
                match holder.phase {
                    Phase::Ready | Phase::Release { .. } | Phase::Bury(_) => *holder = IDLE,
                    Phase::Sent | Phase::Stopped if holder.token.consent < 2 => *holder = IDLE,
                    Phase::Commit(issued) | Phase::Save(issued) if outdated && issued.nth == 1 => *holder = IDLE,
                    Phase::Commit(issued) => holder.phase = Phase::Save(issued),
                    Phase::Sent | Phase::Stopped => (holder.doubtful, holder.calls, holder.spurious) = (false, 1, 0),
                    _ => {}
                }
            }
        }
        let (intent, prev_intent) = (version(row.hold.intent), version(row.hold.prev_intent));
        self.row.hold = Hold { fence: 1, intent, prev_intent, ..row.hold };
        (self.row.version, self.row.tokens.refresh) = (2, token(row.tokens.refresh));
        self.platform.newest = token(platform.newest);
        self.late = self.late.map(token).filter(|late| late.consent == self.platform.newest.consent);
        self
    }
}
