//! Many accounts and little to spend: as many as go, and the rest is told when.

use app::{budget::Class, sync::sync};
use domain::{AccountId, WorkspaceId};
use serde_json::{Value, json};
use tests::{Caller, Options, World, crowd::crowd};

use super::{DAY, MINUTE, account};

/// Works off what is due, until nothing is.
async fn settled(world: &World) -> (usize, usize) {
    let (mut succeeded, mut deferred) = (0, 0);
    loop {
        let report = sync(&world.stack.services).await.expect("a report");
        assert_eq!(report.failed, 0, "{report:?}");
        (succeeded, deferred) = (succeeded + report.succeeded, deferred + report.deferred);
        if report.due == 0 {
            return (succeeded, deferred);
        }
    }
}

/// So many accounts of a platform, of two people: the platform counts each person's calls.
async fn lay(world: &World, owner: &Caller, platform: &str, many: usize) -> Vec<(WorkspaceId, AccountId)> {
    let workspace = owner.workspace().parse().expect("an id");
    let mut all = Vec::new();
    for person in ["demo-01", "demo-02"] {
        let id = world.connect(owner, platform, person).await.remove(0).parse().expect("an id");
        let name = format!("{platform}-{person}");
        all.extend(crowd(&world.stack, (&workspace, id), &name, many / 2 - 1).await);
        all.push((workspace.clone(), id));
    }
    all
}

/// How often a platform refused a call.
async fn refused(world: &World) -> usize {
    let is_refusal = |call: &&Value| matches!(call["status"].as_u64(), Some(429 | 402));
    world.journal().await.iter().filter(is_refusal).count()
}

async fn budget(world: &World, platform: &str) -> Value {
    let told = world.operator().get("/v1/ops/budgets").await;
    assert_eq!(told.status, 200, "{}", told.text);
    let all = told.body["data"].as_array().expect("budgets").clone();
    let of = all.iter().find(|budget| budget["platform"] == platform);
    of.unwrap_or_else(|| panic!("no budget of {platform}: {}", told.body)).clone()
}

/// S0-74: nobody calls more than a platform's minute holds, and the rest comes in the next ones.
#[tokio::test(flavor = "multi_thread")]
async fn a_minute_is_never_overdrawn() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    lay(&world, &owner, "reddit", 70).await;
    let before = world.calls("profile").await;
    assert_eq!(settled(&world).await, (50, 20), "half of a hundred calls a minute");
    assert_eq!(world.calls("profile").await - before, 50);
    let used = budget(&world, "reddit").await;
    assert_eq!(used["used"]["calls"], 50, "{used}");
    let mut all = 50;
    for _ in 0..15 {
        world.advance(MINUTE);
        all += settled(&world).await.0;
    }
    assert_eq!(all, 70);
    assert_eq!(refused(&world).await, 0, "the platform never had to refuse");
}

/// S0-74: what X may cost in a day is what it costs; who waits is told until when, and so is who asks.
#[tokio::test(flavor = "multi_thread")]
async fn a_days_money_is_never_overspent() {
    let world = World::with(Options { spend: Some("x=1"), ..Options::default() }).await;
    let owner = world.owner("ws_1");
    let made = lay(&world, &owner, "x", 120).await;
    let before = world.calls("profile").await;
    assert_eq!(settled(&world).await, (100, 20));
    assert_eq!(world.calls("profile").await - before, 100);
    let told = world.operator().get("/v1/ops/budgets").await.body;
    assert_eq!((&told["spend"][0]["usd"], &told["spend"][0]["cap_usd"]), (&json!("1.00"), &json!("1.00")), "{told}");
    let services = &world.stack.services;
    let mut waiting = Vec::new();
    for (workspace, id) in &made {
        let found = services.store.find_account(workspace, *id).await.expect("the table").expect("an account");
        if found.fetched.last_ok_at.is_none() {
            waiting.push(found);
        }
    }
    assert_eq!(waiting.len(), 20);
    let one = &waiting[0];
    let theirs = world.owner(one.workspace.as_str());
    let shown = account(&theirs, &one.id.to_string()).await;
    assert_eq!(shown["sync"]["last_error"]["code"], "budget_exhausted", "{}", shown["sync"]);
    let until = shown["sync"]["next_at"].as_str().expect("a time");
    assert!(until.starts_with("2026-11-23T00:"), "when the day of the bill is over: {until}");
    let asked = theirs.post(&format!("/v1/accounts/{}/syncs", one.id), json!({})).await;
    assert!([403, 409].contains(&asked.status), "{}", asked.text);
}

/// S0-74: one word of the platform stops all of our app's calls until its window is over.
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_stops_a_budget_until_its_reset() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    lay(&world, &owner, "linkedin", 10).await;
    settled(&world).await;
    world.advance(DAY);
    world.fault(json!({"platform": "linkedin", "route": "profile", "kind": "rate_limited", "times": 1})).await;
    loop {
        let report = sync(&world.stack.services).await.expect("a report");
        if report.due == 0 {
            break;
        }
    }
    let calls = world.calls("profile").await;
    world.advance(MINUTE * 30);
    while sync(&world.stack.services).await.expect("a report").due > 0 {}
    let after = world.calls("profile").await;
    assert_eq!(
        after, calls,
        "LinkedIn says no time: its day ends at midnight in UTC, or a quarter of an hour is waited"
    );
    world.advance(DAY);
    assert!(settled(&world).await.0 > 0);
}

/// S0-74: what a look is counted for is what it takes of the platform at most.
#[tokio::test(flavor = "multi_thread")]
async fn a_look_takes_no_more_calls_than_it_is_counted_for() {
    for platform in ["google_business", "reddit", "tiktok"] {
        let world = World::start().await;
        let owner = world.owner("ws_1");
        world.connect(&owner, platform, "demo-01").await;
        let before = world.journal().await.len();
        settled(&world).await;
        let calls = world.journal().await.split_off(before);
        let of = |route: &str| calls.iter().filter(|call| call["route"] == route).count();
        let mut entries = world.stack.services.platforms.connectors().iter().map(|connector| &connector.entry);
        let platform = platform.parse().expect("an id");
        let entry = entries.find(|entry| entry.platform == platform).expect("a platform");
        assert!(of("profile") > 0, "{platform}");
        for class in [Class::Profile, Class::Metrics] {
            let calls = of(class.as_str());
            for budget in entry.budgets_for(class) {
                assert!(u64::try_from(calls).expect("few") <= budget.cost, "{}: {calls} calls", budget.name);
            }
        }
    }
}
