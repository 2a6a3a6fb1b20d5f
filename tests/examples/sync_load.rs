//! Ten thousand accounts, fetched: that no platform has to refuse a call, what X costs, and how much of what so many calls
//! in flight can get is got.
//!
//! `cargo run --release -p tests --example sync_load [accounts] [milliseconds]`: so many accounts over all platforms, in
//! three hours of ticks; then as many at a platform that takes so long for each answer; then what those in flight take of
//! the memory.

use std::{collections::BTreeMap, process::ExitCode};

use app::sync::{AT_ONCE, Report, sync};
use domain::{AccountId, WorkspaceId};
use jiff::SignedDuration;
use peak_alloc::PeakAlloc;
use serde_json::{Value, json};
use tests::{Options, World, crowd::crowd};
use tokio::time::Instant;

/// How many of a hundred accounts each platform has.
const SHARES: [(&str, usize); 9] = [
    ("youtube", 56),
    ("x", 10),
    ("facebook", 8),
    ("threads", 6),
    ("tiktok", 6),
    ("pinterest", 4),
    ("linkedin", 4),
    ("google_business", 4),
    ("reddit", 2),
];
/// What X may cost in a day, in dollars.
const CAP: u64 = 7;
const TICK: SignedDuration = SignedDuration::from_mins(5);
const TICKS: usize = 36;
/// Some platforms count each person's calls, and a tick stands still in one second of theirs.
const PEOPLE: usize = 60;
/// Counts what is in memory.
#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

#[tokio::main]
async fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).filter_map(|argument| argument.parse::<usize>().ok());
    let accounts = arguments.next().unwrap_or(10_000);
    let latency = arguments.next().unwrap_or(200);
    let kept = budgets(accounts).await;
    let quick = throughput(accounts, latency).await;
    memory(latency).await;
    if kept && quick { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// All accounts over three hours: nothing is refused, and every budget shows what it was used for.
async fn budgets(accounts: usize) -> bool {
    let spend = Some("x=7");
    let world = World::with(Options { spend, ..Options::default() }).await;
    populate(&world).await;
    let owner = world.owner("load");
    for (platform, share) in SHARES {
        lay(&world, &owner, platform, accounts * share / 100).await;
    }
    // Connecting so many in one minute takes what Google leaves for people.
    world.advance(TICK);
    let laid = world.journal().await.len();
    let began = Instant::now();
    let mut all = Report::default();
    for _ in 0..TICKS {
        settle(&world, &mut all).await;
        world.advance(TICK);
    }
    println!("{accounts} accounts, three hours of ticks, {:.0} s: {all:?}", began.elapsed().as_secs_f64());
    let calls = world.journal().await;
    let refused: Vec<&Value> =
        calls[laid..].iter().filter(|call| matches!(call["status"].as_u64(), Some(402 | 429))).collect();
    println!("{} calls, refused by a platform for its quota: {}", calls.len() - laid, refused.len());
    let mut by_route: BTreeMap<String, usize> = BTreeMap::new();
    for call in &refused {
        *by_route.entry(format!("{} {}", call["platform"], call["route"])).or_default() += 1;
    }
    if !refused.is_empty() {
        println!("  {by_route:?}");
    }
    let told = world.operator().get("/v1/ops/budgets").await.body;
    for budget in told["data"].as_array().into_iter().flatten() {
        if let Some(units) = budget["used"]["units"].as_u64().filter(|units| *units > 0) {
            println!("  {} {}: {units} units in this window", budget["platform"], budget["name"]);
        }
    }
    for day in told["spend"].as_array().into_iter().flatten() {
        println!("  {} on {}: {} dollars of {}", day["platform"], day["date"], day["usd"], day["cap_usd"]);
    }
    // What a person who connects is looked at for is not the schedule's.
    let read = |calls: &[Value]| calls.iter().filter(|c| c["platform"] == "x" && c["route"] == "profile").count();
    let profiles = read(&calls[laid..]);
    let bill = u64::try_from(profiles).unwrap_or(u64::MAX);
    println!("  X: {profiles} profiles were read, {}.{:02} dollars; the cap is {CAP}", bill / 100, bill % 100);
    std::mem::forget(world);
    refused.is_empty() && bill <= CAP * 100 && all.failed == 0
}

/// Accounts of a platform that takes a while for each answer, against what so many calls in flight can get at most.
async fn throughput(accounts: usize, latency: usize) -> bool {
    let world = World::start().await;
    populate(&world).await;
    let owner = world.owner("load");
    lay(&world, &owner, "threads", accounts).await;
    let slow = json!({"platform": "threads", "route": "*", "kind": format!("slow:{latency}")});
    world.fault(slow).await;
    let calls = world.journal().await.len();
    let began = Instant::now();
    let mut report = Report::default();
    settle(&world, &mut report).await;
    let took = began.elapsed().as_secs_f64();
    let calls = world.journal().await.len() - calls;
    let (got, limit) = (rate(calls, took), rate(AT_ONCE * 1_000, f64::from(u32::try_from(latency).unwrap_or(1))));
    println!("{} accounts at {latency} ms: {calls} calls in {took:.1} s", report.succeeded);
    println!("  {got:.0} calls a second of {limit:.0} that {AT_ONCE} in flight can get: {:.0} %", got * 100.0 / limit);
    std::mem::forget(world);
    got >= limit * 0.85
}

fn rate(count: usize, over: f64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / over
}

/// As many accounts as are in flight at once: what is in memory at most while they are, the simulated platform and the table
/// with it.
async fn memory(latency: usize) {
    let world = World::start().await;
    populate(&world).await;
    let owner = world.owner("load");
    lay(&world, &owner, "threads", PEOPLE).await;
    settle(&world, &mut Report::default()).await;
    // What is there once is there now; a day later all of it is due again.
    world.advance(SignedDuration::from_hours(24));
    let slow = json!({"platform": "threads", "route": "*", "kind": format!("slow:{latency}")});
    world.fault(slow).await;
    MEMORY.reset_peak_usage();
    let (before, mut report) = (MEMORY.current_usage(), Report::default());
    settle(&world, &mut report).await;
    let each = MEMORY.peak_usage().saturating_sub(before) / report.succeeded.max(1) / 1024;
    println!("{} accounts in flight: {each} KiB of memory for each", report.succeeded);
    std::mem::forget(world);
}

/// Everybody who owns accounts here.
async fn populate(world: &World) {
    for number in 1..=PEOPLE {
        let (id, name) = (format!("load-{number:02}"), format!("Load {number}"));
        let google = json!({"channels": [{"title": name}],
                            "businesses": [{"name": name, "locations": [{"title": name}]}]});
        let instagram = json!([{"username": format!("load.{number}")}]);
        let person = json!({"id": id, "name": name, "facebook": {"pages": [{"name": name, "tasks": ["MANAGE"]}]},
                            "instagram": instagram, "threads": {}, "x": {}, "linkedin": {}, "google": google,
                            "reddit": {}, "tiktok": {}, "pinterest": {}});
        world.add_person(person).await;
    }
}

/// So many accounts of a platform, spread over people who have one of everything.
async fn lay(world: &World, owner: &tests::Caller, platform: &str, many: usize) {
    let workspace: WorkspaceId = owner.workspace().parse().expect("an id");
    for person in 1..=PEOPLE {
        let person = format!("load-{person:02}");
        let id: AccountId = world.connect(owner, platform, &person).await.remove(0).parse().expect("an id");
        let name = format!("{platform}-{person}");
        crowd(&world.stack, (&workspace, id), &name, (many / PEOPLE).saturating_sub(1)).await;
    }
}

/// Works off what is due, until nothing is, and adds what came of it.
async fn settle(world: &World, all: &mut Report) {
    loop {
        let report = sync(&world.stack.services).await.expect("a report");
        all.succeeded += report.succeeded;
        all.partial += report.partial;
        all.failed += report.failed;
        all.deferred += report.deferred;
        if report.due == 0 {
            return;
        }
    }
}
