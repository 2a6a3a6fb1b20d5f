//! Pages while accounts come and go.

use std::collections::BTreeSet;

use domain::AccountId;
use proptest::{
    collection::vec,
    prelude::{Strategy, any},
    prop_assert, prop_assert_eq,
    sample::select,
    test_runner::{Config, TestCaseError, TestRunner},
};
use reqwest::Method;
use tests::World;

use super::{
    ACCOUNTS,
    table::{delete, like, put, row},
};
use crate::edge::route::inside;

const ORDERS: [&str; 12] = [
    "name",
    "-name",
    "connected_at",
    "-connected_at",
    "last_synced_at",
    "-last_synced_at",
    "reauth_due_at",
    "-reauth_due_at",
    "usage",
    "-usage",
    "severity",
    "-severity",
];

/// One walk: which names there are at first, how many a page has, and what happens before each next page: an account
/// comes with a name, or one goes.
#[derive(Debug, Clone)]
struct Walk {
    order: &'static str,
    names: Vec<u8>,
    limit: usize,
    between: Vec<Vec<(bool, u8)>>,
}

fn walks() -> impl Strategy<Value = Walk> {
    let between = vec(vec((any::<bool>(), any::<u8>()), 0..4), 0..12);
    let parts = (select(ORDERS.as_slice()), vec(any::<u8>(), 0..24), 1_usize..6, between);
    parts.prop_map(|(order, names, limit, between)| Walk { order, names, limit, between })
}

/// Names that are often alike.
fn name(of: u8) -> String {
    [
        "Acme",
        "acme",
        "Bakery",
        "Ångström",
        "Zoo",
        "Åre",
        "漢字",
        "a very long name that is longer than a cursor can hold, and more",
    ][usize::from(of % 8)]
    .to_owned()
}

/// Each row that stays while somebody walks through the pages is seen once, in every order; one that goes is not seen
/// again, and none twice.
#[tokio::test(flavor = "multi_thread")]
async fn a_walk_sees_what_stays_once_in_every_order() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let first = world.connect(&owner, "x", "acme").await.remove(0);
    let model = row(&world, &first).await;
    let router = world.stack.router();
    delete(&world, first.parse().expect("an id")).await;
    let walk = async |walk: Walk| -> Result<(), TestCaseError> {
        let mut made = 0_u32;
        let mut new = || {
            made += 1;
            // Their ids are in no order.
            let mut random = [0; 16];
            random[..].fill(u8::try_from(made * 97 % 251).expect("small"));
            AccountId::new(world.now(), random)
        };
        let mut rows = BTreeSet::new();
        for of in &walk.names {
            let id = new();
            put(&world, [like(&model, id, &name(*of))]).await;
            rows.insert(id);
        }
        let mut stayed: BTreeSet<AccountId> = rows.clone();
        let (mut seen, mut cursor, mut pages) = (Vec::new(), None::<String>, walk.between.iter());
        loop {
            let after = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
            let path = format!("{ACCOUNTS}?sort={}&limit={}{after}", walk.order, walk.limit);
            let page = inside(&router, &owner, Method::GET, &path, None).await;
            prop_assert_eq!(page.status, 200, "{}", page.text);
            let data = page.body["data"].as_array().expect("accounts");
            let these: Vec<AccountId> =
                data.iter().map(|a| a["id"].as_str().expect("an id").parse().expect("an id")).collect();
            prop_assert!(these.iter().all(|id| rows.contains(id)), "one that is gone is shown");
            seen.extend(these);
            cursor = page.body["page"]["next_cursor"].as_str().map(str::to_owned);
            if cursor.is_none() {
                break;
            }
            prop_assert_eq!(data.len(), walk.limit, "a page before the last one is full");
            for (comes, which) in pages.next().into_iter().flatten() {
                if *comes {
                    let id = new();
                    put(&world, [like(&model, id, &name(*which))]).await;
                    rows.insert(id);
                } else if let Some(id) = rows.iter().nth(usize::from(*which) % rows.len().max(1)).copied() {
                    delete(&world, id).await;
                    rows.remove(&id);
                    stayed.remove(&id);
                }
            }
        }
        let once: BTreeSet<AccountId> = seen.iter().copied().collect();
        prop_assert_eq!(once.len(), seen.len(), "one is seen twice");
        prop_assert!(stayed.is_subset(&once), "one that stayed is not seen");
        for id in &rows {
            delete(&world, *id).await;
        }
        Ok(())
    };
    let handle = tokio::runtime::Handle::current();
    let run = || {
        let config = Config { cases: 48, failure_persistence: None, ..Config::default() };
        TestRunner::new(config).run(&walks(), |case| handle.block_on(walk(case)))
    };
    tokio::task::block_in_place(run).unwrap_or_else(|found| panic!("{found}"));
}
