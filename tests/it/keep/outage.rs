//! A platform in trouble: nobody is disconnected, it is left alone, and afterwards everything catches up.

use std::{collections::BTreeSet, sync::Arc};

use app::{
    Guard, Services,
    renew::{self, Did, Want},
    sweep,
};
use domain::GrantId;
use futures::{StreamExt as _, stream};
use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::{Caller, FINE, World};

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
/// How many accounts the stated load has: each is wanted once an hour, and the sweep runs every five minutes.
const ACCOUNTS: usize = 500;
/// Of so many the calls without a guard are counted: there, each account's calls are its own affair.
const SAMPLE: usize = 50;

/// Many accounts at X that are all due to be renewed.
async fn many(world: &World, owner: &Caller, count: usize) -> (Vec<String>, Vec<GrantId>) {
    let (mut accounts, mut grants) = (Vec::new(), Vec::new());
    for n in 0..count {
        let person = format!("many-{n}");
        world.add_person(json!({"id": person, "name": person, "x": {"username": format!("many{n}")}})).await;
        accounts.push(world.connect(owner, "x", &person).await.remove(0));
    }
    for account in &accounts {
        grants.push(world.grant_of(owner, account).await.id);
    }
    world.advance(SignedDuration::from_hours(24 * 145));
    (accounts, grants)
}

/// The stated load for a day in which every call to X is answered 503; says how many token calls that made.
async fn a_day_of_outage(world: &World, services: &Services, grants: &[GrantId]) -> usize {
    world.fault(json!({"platform": "x", "route": "*", "kind": "status:503"})).await;
    let before = world.calls("token").await;
    for _ in 0..24 {
        let wanted = stream::iter(grants.iter().copied()).map(|id| renew::token(services, id, Want::Token));
        let all: Vec<_> = wanted.buffer_unordered(16).collect().await;
        for kept in all {
            let kept = kept.expect("no fault");
            assert!(matches!(kept.did, Did::Failed { .. } | Did::Postponed { .. }), "{:?}", kept.did);
        }
        for _ in 0..12 {
            world.advance(MINUTE * 5);
            sweep::sweep(services).await.expect("a sweep");
        }
    }
    world.no_faults().await;
    world.calls("token").await - before
}

/// How many token calls the same load makes where no guard stands before the platform, by a sample of its accounts.
async fn unguarded() -> usize {
    let world = World::start().await;
    let (_, grants) = many(&world, &world.owner("ws_1"), SAMPLE).await;
    let services = Services { guard: Arc::new(Guard::off()), ..world.stack.services.clone() };
    a_day_of_outage(&world, &services, &grants).await * (ACCOUNTS / SAMPLE)
}

fn of_kind(world: &World, kind: &str) -> Vec<Value> {
    world.published().into_iter().filter(|e| e["type"] == kind).collect()
}

/// S0-74, S0-80, S3-46
#[tokio::test(flavor = "multi_thread")]
async fn a_day_s_outage_disconnects_nobody_and_the_platform_is_left_alone() {
    let without = unguarded().await;
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let (accounts, grants) = many(&world, &owner, ACCOUNTS).await;
    let owner = world.owner("ws_1");
    let pages = world.connect(&owner, "facebook", "acme").await;
    let with = a_day_of_outage(&world, &world.stack.services, &grants).await;
    println!("token calls in a day's outage of {ACCOUNTS} accounts: {with} with the guard, {without} without");
    assert!(with * 100 <= without, "{with} of {without}");

    let opened = of_kind(&world, "platform.incident_opened");
    assert_eq!(opened.len(), 1, "one word instead of {ACCOUNTS}");
    assert_eq!((opened[0].get("workspace_id"), &opened[0]["data"]["platform"]), (None, &json!("x")));
    assert_eq!(of_kind(&world, "account.expired").len(), 0, "nobody is disconnected");
    for account in accounts.iter().step_by(40) {
        assert_eq!(world.health(&owner, account).await["state"], "degraded");
    }
    // Others are served as ever.
    for page in &pages {
        assert_eq!(world.health(&owner, page).await["state"], FINE);
        assert_eq!(world.lease(&owner, page).await.status, 201);
    }

    // All of them wait; they are renewed within the probe's wait and the ramp.
    let refreshed = world.count("refreshed").await;
    let mut by_minute = Vec::new();
    for _ in 0..30 {
        world.advance(MINUTE);
        world.job("sweep").await;
        by_minute.push(world.count("refreshed").await - refreshed);
    }
    let first = by_minute.iter().position(|n| *n > 0).expect("a probe succeeded");
    let drained = by_minute.iter().position(|n| n == by_minute.last().expect("minutes")).expect("an end");
    println!("renewed by minute after the outage: {by_minute:?}; a probe after {first}, drained after {drained}");
    assert_eq!(by_minute.last(), Some(&ACCOUNTS), "{by_minute:?}");
    assert!(first <= 15, "a probe at least every quarter of an hour");
    assert!(drained - first <= 15, "then within a quarter of an hour: {by_minute:?}");
    let most = by_minute.windows(2).map(|pair| pair[1] - pair[0]).max().expect("minutes");
    assert!(most <= ACCOUNTS / 5, "by a ramp: {by_minute:?}");
    assert_eq!(of_kind(&world, "platform.incident_resolved").len(), 1);
    for account in accounts.iter().step_by(40) {
        assert_eq!(world.health(&owner, account).await["state"], FINE);
        assert_eq!(world.lease(&owner, account).await.status, 201);
    }
}

/// What health says in an outage is what it says of that moment for ever.
#[tokio::test(flavor = "multi_thread")]
async fn a_moment_of_an_outage_is_told_as_it_was_told_then() {
    let world = World::start().await;
    let services = &world.stack.services;
    let (accounts, grants) = many(&world, &world.owner("ws_1"), 30).await;
    let mut recorded: Vec<(String, Value)> = Vec::new();
    for round in 0..24 {
        world.advance(MINUTE * 5);
        match round {
            4 => world.fault(json!({"platform": "x", "route": "*", "kind": "status:503"})).await,
            14 => world.no_faults().await,
            _ => {}
        }
        if round >= 4 {
            for grant in &grants {
                Box::pin(renew::token(services, *grant, Want::Token)).await.expect("no fault");
            }
            Box::pin(sweep::sweep(services)).await.expect("a sweep");
        }
        let owner = world.owner("ws_1");
        for account in accounts.iter().step_by(10) {
            recorded.push((account.clone(), world.health(&owner, account).await));
        }
    }
    let causes: BTreeSet<&str> = recorded.iter().filter_map(|(_, told)| told["reasons"][0]["code"].as_str()).collect();
    assert!(causes.contains("platform_unavailable"), "{causes:?}");
    assert_eq!(recorded.last().expect("moments").1["state"], FINE);
    let owner = world.owner("ws_1");
    for (account, told) in recorded {
        let at = told["at"].as_str().expect("a moment");
        let past = owner.get(&format!("/v1/accounts/{account}/health?at={at}")).await;
        assert_eq!(past.body, told, "{account} at {at}");
    }
}
