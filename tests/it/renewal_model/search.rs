//! Every world that can come to be, the nearest first, and what is wrong with it.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    hash::{BuildHasherDefault, Hasher},
};

use domain::DeadReason;

use super::{
    fault::{Fault, Faults},
    key::{Key, key},
    platform::Kind,
    policy::Policy,
    world::{Access, Phase, Step, World},
};

/// What must never be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Breach {
    /// A token is lost that could have been kept.
    AvoidableLoss,
    /// Two calls of one consent are on their way.
    TwoCalls,
    /// Tokens were written over newer ones.
    Overwritten,
    /// The grant is dead although its token is good.
    FalseDisconnect,
    /// A replay of ours ended an access token that still worked.
    AccessEnded,
    /// It is dead for another reason than is told.
    WrongReason,
    /// It is lost, everybody is done, and nobody is told.
    Untold,
    /// From here it never ends well, whatever happens.
    Stuck,
}

/// How a breach came to be.
#[derive(Debug)]
pub struct Trace {
    pub breach: Breach,
    pub steps: Vec<Step>,
    pub world: World,
}

/// How much is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    pub holders: usize,
    pub faults: u8,
    /// Whether holders are forgotten who can only fail to write.
    pub forgets: bool,
}

/// What a search found.
#[derive(Debug, Default)]
pub struct Report {
    pub worlds: usize,
    pub steps: usize,
    /// How many steps did what must never be.
    pub breaches: BTreeMap<Breach, usize>,
    pub first: Option<Trace>,
    /// The faults that lost a token which nothing could have kept, and what is told of it then.
    pub losses: BTreeMap<Faults, BTreeSet<&'static str>>,
}

impl Report {
    /// The losses for which fewer faults do not suffice.
    pub fn least_losses(&self) -> impl Iterator<Item = (Faults, Vec<&'static str>)> {
        let least = |(faults, _): &(&Faults, _)| !self.losses.keys().any(|fewer| fewer.fewer_than(**faults));
        self.losses.iter().filter(least).map(|(faults, told)| (*faults, told.iter().copied().collect()))
    }
}

#[derive(Default)]
struct Fold(u64);

impl Hasher for Fold {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(23) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn write_usize(&mut self, _: usize) {}
}

/// Tries everything that can happen. `one_is_enough` is whether the first breach ends it.
pub fn search(policy: &Policy, kind: Kind, bounds: Bounds, one_is_enough: bool) -> Report {
    let mut seen: HashMap<Key, u32, BuildHasherDefault<Fold>> = HashMap::default();
    let (mut report, mut queue) = (Report::default(), VecDeque::new());
    let mut paths: Vec<Option<(u32, Step)>> = vec![None];
    let (mut expected, mut well) = (Vec::new(), Vec::new());
    let first = World::first(kind, bounds).settled(policy);
    seen.insert(key(&first), 0);
    queue.push_back((0, first));
    while let Some((at, world)) = queue.pop_front() {
        well.push(ends_well(&world));
        for (step, after) in world.steps(policy) {
            report.steps += 1;
            note(&mut report, &world, &after);
            let breach = breach(&world, step, &after);
            let after = after.settled(policy);
            let new = u32::try_from(paths.len()).expect("fewer");
            let there = *seen.entry(key(&after)).or_insert(new);
            if there == new {
                paths.push(Some((at, step)));
                queue.push_back((there, after));
            }
            if step.is_expected() && there != at {
                expected.push((at, there));
            }
            if let Some(breach) = breach {
                *report.breaches.entry(breach).or_default() += 1;
                if report.first.is_none() {
                    let mut steps = way(&paths, at);
                    steps.push(step);
                    report.first = Some(Trace { breach, steps, world: after });
                }
                if one_is_enough {
                    report.worlds = paths.len();
                    return report;
                }
            }
        }
    }
    report.worlds = paths.len();
    if let Some(at) = stuck(&expected, well) {
        *report.breaches.entry(Breach::Stuck).or_default() += 1;
        let steps = way(&paths, at);
        let world = steps.iter().fold(first, |world, step| {
            let found = world.steps(policy).into_iter().find(|(taken, _)| taken == step);
            found.map_or(world, |(_, after)| after.settled(policy))
        });
        report.first.get_or_insert(Trace { breach: Breach::Stuck, steps, world });
    }
    report
}

fn way(paths: &[Option<(u32, Step)>], mut at: u32) -> Vec<Step> {
    let mut steps = Vec::new();
    while let Some((before, step)) = paths[at as usize] {
        steps.push(step);
        at = before;
    }
    steps.reverse();
    steps
}

/// A world from which no expected step leads on to one that ends well.
fn stuck(expected: &[(u32, u32)], mut well: Vec<bool>) -> Option<u32> {
    let mut starts = vec![0_usize; well.len() + 1];
    for (_, to) in expected {
        starts[*to as usize + 1] += 1;
    }
    for i in 1..starts.len() {
        starts[i] += starts[i - 1];
    }
    let (mut next, mut before) = (starts.clone(), vec![0_u32; expected.len()]);
    for (from, to) in expected {
        before[next[*to as usize]] = *from;
        next[*to as usize] += 1;
    }
    let mut open: Vec<usize> = (0..well.len()).filter(|i| well[*i]).collect();
    while let Some(at) = open.pop() {
        for from in &before[starts[at]..starts[at + 1]] {
            if !std::mem::replace(&mut well[*from as usize], true) {
                open.push(*from as usize);
            }
        }
    }
    well.iter().position(|well| !well).and_then(|at| u32::try_from(at).ok())
}

/// Whether this is how it should end: a fresh token, or dead.
fn ends_well(world: &World) -> bool {
    world.row.dead.is_some() || world.row.tokens.access == Access::Fresh && world.lost.is_none()
}

/// Notes a loss that had to be, and what is told of it.
fn note(report: &mut Report, before: &World, after: &World) {
    if let Some(faults) = after.lost.filter(|faults| *faults != Faults::NONE) {
        let told = report.losses.entry(faults).or_default();
        told.extend(after.row.dead.filter(|_| before.row.dead.is_none()).map(DeadReason::as_str));
    }
}

/// Whether it is dead although its token is good.
fn is_false(world: &World) -> bool {
    world.row.dead.is_some() && world.platform.accepts(world.row.tokens.refresh) && !world.misled
}

/// Whether everybody is done and nobody knows of a doubt: while the access token lives people must, then whoever comes.
fn is_untold(world: &World) -> bool {
    let row = world.row;
    let done = row.hold.lease_until.is_none() && world.holders.iter().all(|holder| holder.phase == Phase::Idle);
    let known = row.uncertain || row.tokens.access == Access::Over && row.hold.intent == row.version;
    done && row.dead.is_none() && !known
}

fn breach(before: &World, step: Step, after: &World) -> Option<Breach> {
    if before.lost.is_none() && after.lost == Some(Faults::NONE) {
        return Some(Breach::AvoidableLoss);
    }
    let overlap = after.lost.unwrap_or(after.overlaps).overlap();
    let calls = after
        .holders
        .iter()
        .filter(|holder| holder.phase == Phase::Sent && holder.token.consent == after.platform.newest.consent);
    if calls.count() > 1 && !after.overlaps.has(Fault::PauseBeforeSend) && after.lost.is_none() {
        return Some(Breach::TwoCalls);
    }
    if let Step::Write(i) = step
        && before.row.version != after.row.version
        && before.row.version != before.holders[i].version
    {
        return Some(Breach::Overwritten);
    }
    if is_false(after) && !is_false(before) {
        return Some(Breach::FalseDisconnect);
    }
    if before.lost.is_none()
        && !before.platform.killed
        && after.platform.killed
        && before.row.tokens.access != Access::Over
    {
        return (!overlap).then_some(Breach::AccessEnded);
    }
    if after.lost.is_some() && !overlap && is_untold(after) {
        return Some(Breach::Untold);
    }
    match (before.row.dead, after.row.dead) {
        (None, Some(DeadReason::RotationLost)) if !before.suspect => Some(Breach::WrongReason),
        (None, Some(DeadReason::Revoked)) if before.lost.is_some() && !overlap => Some(Breach::WrongReason),
        _ => None,
    }
}
