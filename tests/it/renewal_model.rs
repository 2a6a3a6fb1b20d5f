//! Every way in which three holders, a platform and up to two faults can meet over one grant, tried by the very rules
//! of [`domain::renewal`], for any number of renewals. Time goes by in units; a holder is prompt unless it is paused,
//! clocks differ by the margin, the person may consent anew or revoke at any moment.
//!
//! After a commit a holder has nothing left to lose, so a crash then is no step of its own.

mod fault;
mod key;
mod platform;
mod policy;
mod row;
mod search;
mod world;

use std::{
    fmt::Write,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use platform::Kind;
use policy::{MUTANTS, NO_LOCK, OURS, Policy, TTL_LOCK};
use search::{Bounds, Breach, Report, Trace, search};

const ALL: Bounds = Bounds { holders: 3, faults: 2, forgets: true };

/// A policy at every platform.
fn everywhere(policy: &Policy, bounds: Bounds) -> Vec<(Kind, Report)> {
    thread::scope(|scope| {
        let searches = Kind::ALL.map(|kind| (kind, scope.spawn(move || search(policy, kind, bounds, false))));
        searches.into_iter().map(|(kind, search)| (kind, search.join().expect("a report"))).collect()
    })
}

/// What the protocol loses, and in how many worlds it was looked for; nothing else may be wrong in any.
fn irreducible(bounds: Bounds) -> (String, usize) {
    let (mut found, mut worlds) = (String::new(), 0);
    for (kind, report) in everywhere(&OURS, bounds) {
        worlds += report.worlds;
        if let Some(Trace { breach, steps, world }) = &report.first {
            panic!("{breach:?} at {}: {steps:?}, {world:#?}", kind.as_str());
        }
        for (faults, told) in report.least_losses() {
            writeln!(found, "{}: {faults}: {}", kind.as_str(), told.join(", ")).expect("text");
        }
    }
    (found, worlds)
}

/// What nothing can keep, and what is told of it. Where a replay kills, two requests at once can end what was written
/// in between; nobody is left who knows.
const IRREDUCIBLE: &str = "\
single use, a replay kills: a crash before the answer: rotation_lost
single use, a replay kills: a crash before the commit: rotation_lost
single use, a replay kills: a lost answer: rotation_lost
single use, a replay kills: a request that arrives after its deadline: revoked, rotation_lost
single use, a replay kills: a pause before the send: revoked, rotation_lost
single use, a replay kills: a pause before the commit: revoked, rotation_lost
single use: a crash before the answer: rotation_lost
single use: a crash before the commit: rotation_lost
single use: a lost answer: rotation_lost
single use: a request that arrives after its deadline: rotation_lost
";

#[test]
fn a_token_is_lost_only_where_nothing_could_keep_it_and_nobody_is_disconnected_falsely() {
    let (found, worlds) = irreducible(ALL);
    println!("{found}{worlds} worlds");
    assert_eq!(found, IRREDUCIBLE);
    assert!(worlds > 1_000_000, "{worlds}");
}

#[test]
fn what_the_search_forgets_makes_no_difference() {
    let few = Bounds { holders: 2, faults: 1, forgets: true };
    let ((found, less), (all, more)) = (irreducible(few), irreducible(Bounds { forgets: false, ..few }));
    println!("{less} worlds instead of {more}");
    assert_eq!((found.as_str(), all.as_str()), (IRREDUCIBLE, IRREDUCIBLE));
    assert!(less * 2 < more, "{less} {more}");
}

#[test]
fn each_mutant_of_the_protocol_is_caught() {
    let next = AtomicUsize::new(0);
    let hunt = || {
        let mut caught = Vec::new();
        while let Some(mutant) = MUTANTS.get(next.fetch_add(1, Ordering::Relaxed)) {
            let trace = Kind::ALL.into_iter().find_map(|kind| Some((kind, search(mutant, kind, ALL, true).first?)));
            caught.push((mutant.name, trace));
        }
        caught
    };
    let caught: Vec<_> = thread::scope(|scope| {
        let hunters = [(); 2].map(|()| scope.spawn(hunt));
        hunters.into_iter().flat_map(|hunter| hunter.join().expect("a report")).collect()
    });
    assert_eq!(caught.len(), MUTANTS.len());
    for (mutant, trace) in caught {
        let Some((kind, trace)) = trace else { panic!("not caught: {mutant}") };
        println!("{mutant}: {:?} at {} after {} steps", trace.breach, kind.as_str(), trace.steps.len());
    }
}

#[test]
fn other_policies_lose_what_this_one_keeps() {
    // A holder that is slow before its call is no fault.
    for faults in [0, 1] {
        let [ours, others @ ..] = [OURS, TTL_LOCK, NO_LOCK].map(|policy| {
            let reports = everywhere(&policy, Bounds { holders: 2, faults, forgets: true });
            let count = |breach| reports.iter().filter_map(|(_, report)| report.breaches.get(&breach)).sum::<usize>();
            let (losses, disconnects) = (count(Breach::AvoidableLoss), count(Breach::FalseDisconnect));
            let steps: usize = reports.iter().map(|(_, report)| report.steps).sum();
            let name = policy.name;
            println!(
                "{name}, {faults} faults: {losses} avoidable losses, {disconnects} false disconnects, {steps} steps"
            );
            (losses, disconnects)
        });
        assert_eq!(ours, (0, 0));
        assert!(others.iter().all(|(losses, disconnects)| *losses > 0 && *disconnects > 0), "{others:?}");
    }
}
