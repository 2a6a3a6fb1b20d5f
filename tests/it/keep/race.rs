//! Several processes at one grant: one of them calls, whatever dies.

use std::{collections::BTreeSet, future::poll_fn, task::Poll};

use app::renew::{self, Want};
use domain::{grant::DeadReason, renewal::LEASE};
use futures::{FutureExt, future::join_all};
use serde_json::{Value, json};
use tests::{
    fleet::{Connected, Fleet},
    proxy::Fate,
    worker::Command,
};

const BINARY: &str = env!("CARGO_BIN_EXE_worker");
const ROUNDS: usize = 50;
/// What the update says that takes a grant, and the one that writes what came of it.
const TAKES: &str = "fence = if_not_exists";
const WRITES: &str = "envelope = :envelope";

async fn connected(fleet: &Fleet) -> Connected {
    fleet.connect("ws_1", "x", "acme").await.remove(0)
}

fn lease(of: &Connected, times: usize) -> Command {
    Command::Lease { workspace: of.workspace.clone(), account: of.account, times }
}

fn words(answer: &Value) -> Vec<String> {
    answer.as_array().expect("a list").iter().map(|word| word.as_str().expect("a word").to_owned()).collect()
}

/// C1: sixty-four leases of an expired grant from three processes at once, the sweep at work: one token call a round.
#[tokio::test(flavor = "multi_thread")]
async fn of_sixty_four_leases_in_three_processes_one_calls_the_platform() {
    let fleet = Fleet::start(BINARY, 3).await;
    let acme = connected(&fleet).await;
    for round in 1..=ROUNDS {
        fleet.advance(2 * 3600).await;
        let sweeps = (0..3).map(|seat| fleet.worker(seat).ask(Command::Sweep));
        let leases = [22, 21, 21].into_iter().enumerate().map(|(seat, n)| fleet.worker(seat).ask(lease(&acme, n)));
        let (swept, answers) = tokio::join!(join_all(sweeps), join_all(leases));
        assert!(swept.iter().all(Result::is_ok), "{swept:?}");
        let tokens: Vec<String> = answers.iter().flat_map(|answer| words(answer.as_ref().expect("leases"))).collect();
        assert_eq!(tokens.len(), 64);
        assert_eq!(tokens.iter().collect::<BTreeSet<_>>().len(), 1, "round {round}: all have the new one: {tokens:?}");
        assert_eq!(fleet.counts("x").await["refreshed"], round, "one call a round");
    }
    assert_eq!(fleet.counts("x").await["refused:reused_family_killed"], Value::Null);
}

/// Where a process dies at a grant.
#[derive(Debug, Clone, Copy)]
enum Death {
    /// Before it holds it.
    BeforeHolding,
    /// Holding it, before the call.
    Holding,
    /// With the answer in its hands, before the table has it.
    BeforeWriting,
    /// When the table has it, before it hears so.
    AfterWriting,
}

/// Sixty processes are killed around the one write that matters. Where the table has the new tokens, they are used;
/// where they died with the process, that is found within a minute and told as what it is; nothing else is lost.
#[tokio::test(flavor = "multi_thread")]
async fn sixty_kills_around_the_write_lose_only_what_died_in_the_process() {
    let mut fleet = Fleet::start(BINARY, 2).await;
    let acme = connected(&fleet).await;
    let deaths = [Death::BeforeHolding, Death::Holding, Death::BeforeWriting, Death::AfterWriting];
    let (mut lost, mut expected) = (0, 0);
    for death in deaths.into_iter().cycle().take(60) {
        fleet.advance(2 * 3600).await;
        let (text, fate) = match death {
            Death::BeforeHolding => (TAKES, Fate::HoldBefore),
            Death::Holding => (TAKES, Fate::HoldAfter),
            Death::BeforeWriting => (WRITES, Fate::HoldBefore),
            Death::AfterWriting => (WRITES, Fate::HoldAfter),
        };
        let mut strike = fleet.proxy(0).next("UpdateItem", text, fate);
        let leasing = fleet.worker(0).ask(lease(&acme, 1));
        strike.struck().await;
        fleet.kill(0).await;
        drop(strike);
        assert!(leasing.await.is_err(), "nobody was told of a token");
        let before = fleet.counts("x").await["refreshed"].as_u64().unwrap_or(0);
        // Its lease is over, and the next sweep finds what it left.
        fleet.advance(LEASE.as_secs() + 30).await;
        fleet.worker(1).ask(Command::Sweep).await.expect("a sweep");
        let answer = fleet.worker(1).ask(lease(&acme, 1)).await.expect("an answer");
        let grant = fleet.product.services.store.find_grant(acme.grant).await.expect("the table").expect("the grant");
        if matches!(death, Death::BeforeWriting) {
            expected += 1;
            assert_eq!(words(&answer), ["connection_expired"]);
            assert_eq!(grant.upkeep.dead.map(|dead| dead.reason), Some(DeadReason::RotationLost), "{death:?}");
            lost += 1;
            assert_eq!(connected(&fleet).await.account, acme.account, "a consent heals it");
        } else {
            assert_eq!(grant.upkeep.dead, None, "{death:?}");
            assert_eq!(words(&answer)[0].len(), 64, "{death:?}: {answer}");
            let after = fleet.counts("x").await["refreshed"].as_u64().unwrap_or(0);
            let called = u64::from(!matches!(death, Death::AfterWriting));
            assert_eq!(after, before + called, "{death:?}");
        }
        fleet.restart(0).await;
    }
    assert_eq!((lost, expected), (15, 15));
    fleet.worker(1).ask(Command::Deliver).await.expect("a report");
    in_order(&fleet.bus.taken());
}

/// Every event once, or more often with the same id; each account's in sequence, without a gap.
fn in_order(events: &[Value]) {
    let mut ids = BTreeSet::new();
    let mut sequences: Vec<u64> = Vec::new();
    for event in events {
        let is_new = ids.insert(event["id"].as_str().expect("an id"));
        if is_new && event["account_id"].is_string() {
            sequences.push(event["sequence"].as_u64().expect("a number"));
        }
    }
    sequences.sort_unstable();
    let whole: Vec<u64> = (1..=sequences.len() as u64).collect();
    assert_eq!(sequences, whole, "no gap, and no change told twice under two ids");
}

/// A process that is killed around the events of a change: each is told, with the id that it has in the table.
#[tokio::test(flavor = "multi_thread")]
async fn no_event_of_a_killed_process_is_lost_or_told_under_another_id() {
    let mut fleet = Fleet::start(BINARY, 2).await;
    let acme = connected(&fleet).await;
    for round in 0..12 {
        fleet.event(json!({"platform": "x", "account": "acme", "kind": "revoke"})).await;
        fleet.advance(2 * 3600).await;
        // Before and after the change's own transaction, and before its events are noted as published.
        let (operation, text, fate) = match round % 3 {
            0 => ("TransactWriteItems", "account.expired", Fate::HoldBefore),
            1 => ("TransactWriteItems", "account.expired", Fate::HoldAfter),
            _ => ("UpdateItem", "REMOVE dp, ds", Fate::HoldBefore),
        };
        let mut strike = fleet.proxy(0).next(operation, text, fate);
        let leasing = fleet.worker(0).ask(lease(&acme, 1));
        strike.struck().await;
        fleet.kill(0).await;
        drop(strike);
        let _ = leasing.await;
        fleet.advance(LEASE.as_secs() + 30).await;
        fleet.worker(1).ask(Command::Sweep).await.expect("a sweep");
        fleet.worker(1).ask(Command::Deliver).await.expect("a report");
        let events = fleet.bus.taken();
        let expired: BTreeSet<&str> =
            events.iter().filter(|e| e["type"] == "account.expired").filter_map(|e| e["id"].as_str()).collect();
        assert_eq!(expired.len(), round + 1, "told once for each time");
        in_order(&events);
        connected(&fleet).await;
        fleet.restart(0).await;
    }
}

/// A renewal that is dropped at any point, as a handler is whose caller went away, loses nothing where the platform
/// forgives a lost answer, and leaves the grant free after its lease.
#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_dropped_at_any_point_loses_nothing_where_the_platform_forgives() {
    let fleet = Fleet::start(BINARY, 0).await;
    let acme = connected(&fleet).await;
    fleet.fault(json!({"platform": "x", "route": "token", "kind": "replay_forgiven"})).await;
    let services = &fleet.product.services;
    let mut dropped = 0;
    for round in 0..200_u64 {
        fleet.advance(2 * 3600).await;
        let renewing = Box::pin(renew::token(services, acme.grant, Want::Token));
        dropped += u32::from(steps(renewing, round / 2 % 10, round % 2 == 0).await.is_none());
        fleet.advance(LEASE.as_secs() + 10).await;
        let kept = renew::token(services, acme.grant, Want::Token).await.expect("no fault");
        assert!(kept.tokens.is_some() && kept.grant.is_fresh(services.now()), "round {round}: {:?}", kept.did);
    }
    println!("{dropped} of 200 renewals were dropped on their way");
    assert!(dropped >= 40, "{dropped}");
}

/// What `work` answers within `most` steps of its own; `None` where it is dropped before: right after its last step, or
/// when what it waits for then has come (`arrived`).
async fn steps<F: Future + Unpin>(mut work: F, most: u64, arrived: bool) -> Option<F::Output> {
    let mut taken = 0;
    poll_fn(|context| {
        if taken == most {
            return Poll::Ready(None);
        }
        taken += 1;
        match work.poll_unpin(context) {
            Poll::Pending if taken == most && !arrived => Poll::Ready(None),
            answer => answer.map(Some),
        }
    })
    .await
}

/// A write whose answer is lost, or an error although it was done, is not done twice and loses nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_write_of_unknown_outcome_is_repeated_until_it_is_known() {
    let fleet = Fleet::start(BINARY, 1).await;
    let acme = connected(&fleet).await;
    for (round, fate) in [Fate::FailAfter, Fate::LoseAnswer, Fate::Drop].into_iter().enumerate() {
        fleet.advance(2 * 3600).await;
        let strike = fleet.proxy(0).next("UpdateItem", WRITES, fate);
        let answer = fleet.worker(0).ask(lease(&acme, 1)).await.expect("an answer");
        assert_eq!(words(&answer)[0].len(), 64, "{fate:?}: {answer}");
        drop(strike);
        assert_eq!(fleet.counts("x").await["refreshed"], round + 1);
        let grant = fleet.product.services.store.find_grant(acme.grant).await.expect("the table").expect("the grant");
        assert_eq!((grant.version, grant.hold.lease_until), (round as u64 + 2, None), "{fate:?}");
    }
}

/// The next holder found the slow one's token spent, and buried the grant: what the slow one brings is the newest all the
/// same, and the grant lives again.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_slow_holder_brings_wakes_a_grant_that_was_buried_meanwhile() {
    let fleet = Fleet::start(BINARY, 2).await;
    let acme = connected(&fleet).await;
    fleet.fault(json!({"platform": "x", "route": "token", "kind": "replay_refused"})).await;
    fleet.advance(2 * 3600).await;
    let mut strike = fleet.proxy(0).next("UpdateItem", WRITES, Fate::HoldBefore);
    let slow = fleet.worker(0).ask(lease(&acme, 1));
    strike.struck().await;
    fleet.advance(LEASE.as_secs() + 10).await;
    let other = fleet.worker(1).ask(lease(&acme, 1)).await.expect("an answer");
    assert_eq!(words(&other), ["connection_expired"]);
    strike.release().await;
    slow.await.expect("an answer");
    fleet.worker(1).ask(Command::Sweep).await.expect("a sweep");
    let grant = fleet.product.services.store.find_grant(acme.grant).await.expect("the table").expect("the grant");
    assert_eq!((grant.upkeep.dead, grant.version), (None, 2));
    assert_eq!(words(&fleet.worker(1).ask(lease(&acme, 1)).await.expect("an answer"))[0].len(), 64);
    fleet.worker(1).ask(Command::Deliver).await.expect("a report");
    let events = fleet.bus.taken();
    let told = |kind: &str| events.iter().filter(|e| e["type"] == kind).count();
    assert_eq!((told("account.expired"), told("account.recovered")), (1, 1));
    in_order(&events);
}
