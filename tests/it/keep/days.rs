//! A hundred and twenty days, with the sweep at work.

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::{Caller, FINE, World};

const DAY: SignedDuration = SignedDuration::from_hours(24);
const STEP: SignedDuration = SignedDuration::from_hours(6);

async fn state(world: &World, owner: &Caller, id: &str) -> String {
    world.health(owner, id).await["state"].as_str().expect("a state").to_owned()
}

/// S0-15, S0-42, S3-58, S3-65, S2-26: what can be kept alive is, unused for months; what a person must do is told
/// thirty, seven, three days and one day before, once each, and a consent heals it under the same id.
#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_and_twenty_days_pass_and_nothing_ends_without_a_word() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let x = world.connect(&owner, "x", "acme").await.remove(0);
    let page = world.connect(&owner, "facebook", "acme").await.remove(0);
    let ask = json!({"platform": "instagram", "method": "instagram_login"});
    let session = world.consent(&owner, ask, "acme").await;
    let instagram = session["accounts"][0]["id"].as_str().expect("an id").to_owned();

    world.live(DAY * 59, STEP).await;
    assert!(world.kinds(&page).iter().all(|kind| kind != "account.reauthorization_due"), "a month and a day are left");
    world.live(DAY * 31 - STEP, STEP).await;
    assert_ne!(state(&world, &owner, &page).await, "expired");
    assert_eq!(world.lease(&owner, &page).await.status, 201, "alive to the last hour");
    world.live(STEP, STEP).await;
    assert_eq!(state(&world, &owner, &page).await, "expired");
    world.lease(&owner, &page).await.is_problem(409, "connection_expired");

    let told = world.told(&page);
    let warnings: Vec<i64> = told
        .iter()
        .filter(|(kind, _)| kind == "account.reauthorization_due")
        .map(|(_, event)| event["data"]["days_left"].as_i64().expect("days"))
        .collect();
    assert_eq!(warnings, [30, 7, 3, 1]);
    let episodes: std::collections::BTreeSet<&str> = told
        .iter()
        .filter(|(kind, _)| kind == "account.reauthorization_due")
        .filter_map(|(_, event)| event["episode_id"].as_str())
        .collect();
    assert_eq!(episodes.len(), 1, "one trouble");
    let (kind, expired) = told.last().expect("events");
    assert_eq!((kind.as_str(), &expired["data"]["reason"]), ("account.expired", &json!("expired")));
    assert_eq!(expired["occurred_at"], "2027-02-20T10:00:00Z", "on day 90");

    assert_eq!(world.connect(&owner, "facebook", "acme").await, [page.as_str()]);
    assert_eq!(state(&world, &owner, &page).await, FINE);
    assert_eq!(world.lease(&owner, &page).await.status, 201);
    let last: Vec<String> = world.kinds(&page).into_iter().rev().take(2).collect();
    assert_eq!(last, ["account.recovered", "account.reconnected"]);

    world.live(DAY * 30, STEP).await;
    for id in [&x, &page, &instagram] {
        assert_eq!(state(&world, &owner, id).await, FINE, "{id}");
        assert_eq!(world.lease(&owner, id).await.status, 201, "{id}");
    }
    for id in [&x, &instagram] {
        assert_eq!(world.kinds(id), ["account.connected"], "nobody was bothered");
    }
    let journal = world.journal().await;
    let renewals =
        |platform: &str| journal.iter().filter(|c| c["platform"] == platform && c["outcome"] == "refreshed").count();
    // Sixty days are renewed after thirty to forty-five, X's six months after four; one more is the last lease's.
    let few = (renewals("instagram"), renewals("facebook"), renewals("x"));
    assert!((3..=4).contains(&few.0) && (2..=4).contains(&few.1) && (1..=2).contains(&few.2), "{few:?}");
}

/// A schedule that slept for more than a month leaves nothing behind.
#[tokio::test(flavor = "multi_thread")]
async fn the_first_sweep_after_a_long_gap_catches_up() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let page = world.connect(&owner, "facebook", "acme").await.remove(0);
    world.live(DAY * 50, DAY).await;
    world.advance(DAY * 38);
    world.job("sweep").await;
    let warned: Vec<(String, Value)> =
        world.told(&page).into_iter().filter(|(kind, _)| kind == "account.reauthorization_due").collect();
    assert_eq!(warned.len(), 1, "the most urgent word and no other: {warned:?}");
    assert_eq!(warned[0].1["data"]["days_left"], 2);
    world.live(DAY * 3, DAY).await;
    assert_eq!(state(&world, &owner, &page).await, "expired");
    assert_eq!(world.job("sweep").await["grants"]["due"], 0, "nothing is left due");
}
