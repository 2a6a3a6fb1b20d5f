//! What a list costs where there are many accounts.

use std::time::Duration;

use domain::AccountId;
use jiff::SignedDuration;
use tests::{Caller, Options, World, count::Count};
use tokio::time::Instant;

use super::{
    ACCOUNTS, ids,
    table::{like, put, row},
};

const MANY: u32 = 10_000;

/// Read units, round trips and time of one list of 25.
async fn takes(caller: &Caller, count: &Count, query: &str) -> (f64, usize, Duration) {
    // Which platforms are in trouble is read twice a minute at most.
    caller.get(&format!("{ACCOUNTS}?limit=1")).await;
    count.take();
    let began = Instant::now();
    let listed = caller.get(&format!("{ACCOUNTS}?limit=25{query}")).await;
    let time = began.elapsed();
    assert_eq!(ids(&listed).len(), 25, "{query}");
    let trips = count.take();
    (trips.iter().map(|trip| trip.units).sum(), trips.len(), time)
}

/// A world with so many accounts, the first 25 of them always alike.
async fn world(accounts: u32) -> (World, Count) {
    let count = Count::default();
    let world = World::with(Options { count: Some(count.clone()), ..Options::default() }).await;
    let first = world.connect(&world.owner("ws_1"), "x", "acme").await.remove(0);
    let model = row(&world, &first).await;
    let id = |n: u32| {
        let mut random = [0; 16];
        random[12..].copy_from_slice(&n.to_be_bytes());
        AccountId::new(world.now() + SignedDuration::from_secs(n.into()), random)
    };
    put(&world, (1..accounts).map(|n| like(&model, id(n), &format!("Account {n:05}")))).await;
    (world, count)
}

/// S3-47: a page in the table's order costs what it holds, however many accounts there are; a search reads each account
/// once, at the least that reading takes: half a unit for each 4 KB.
#[tokio::test(flavor = "multi_thread")]
async fn the_first_page_of_ten_thousand_costs_what_a_page_of_twenty_five_does() {
    let mut told = Vec::new();
    for accounts in [25, MANY] {
        let (world, count) = world(accounts).await;
        let owner = world.owner("ws_1");
        let mut all = Vec::new();
        for query in ["", "&platform=x", "&sort=-connected_at", "&q=account&facets=true", "&sort=usage"] {
            if accounts == 25 && query.starts_with("&q=") {
                // The first one has a name of its own.
                all.push(takes(&owner, &count, "&q=ac&facets=true").await);
            } else {
                all.push(takes(&owner, &count, query).await);
            }
        }
        println!("{accounts} accounts: {all:?}");
        told.push(all);
    }
    let [few, many] = [&told[0], &told[1]];
    for plain in 0..3 {
        assert!(many[plain].0 <= few[plain].0 + 1.0, "{:?} instead of {:?}", many[plain], few[plain]);
        assert!(many[plain].1 <= 2, "{:?}", many[plain]);
    }
    let per_account = many[3].0 / f64::from(MANY);
    for search in &many[3..] {
        assert!(search.0 >= 0.9 * many[3].0 && search.0 <= many[3].0 + 1.0, "{search:?}");
    }
    assert!(per_account < 0.15, "{per_account} units for each account");
}
