//! The daily round over all of the table: what is told regularly, what is kept too long, what is left of what is gone.

use std::{collections::HashMap, time::Duration};

use app::housekeeping::{Report, Share, housekeeping, within};
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Caller, World, send};

pub(crate) const DAY: SignedDuration = SignedDuration::from_hours(24);
const DIGEST: &str = "workspace.health_digest";

/// The digests of a workspace that were told, oldest first.
pub(crate) fn digests(world: &World, workspace: &str) -> Vec<Value> {
    let mut told = world.published();
    told.retain(|event| event["type"] == DIGEST && event["workspace_id"] == workspace);
    told
}

/// So many days, each with everything that runs on a schedule.
pub(crate) async fn days(world: &World, many: u32) {
    for _ in 0..many {
        world.advance(DAY);
        for job in ["sync", "sweep", "housekeeping", "deliver"] {
            world.job(job).await;
        }
    }
}

async fn keep(world: &World, retention: Value) {
    let owner = world.owner("ws_1");
    let call = owner.call(Method::PATCH, "/v1/workspaces/ws_1").json(&json!({"policies": {"retention": retention}}));
    assert_eq!(send(call).await.status, 200);
}

/// The keys of items that begin so, of an account.
async fn beside(world: &World, prefix: &str) -> Vec<String> {
    let start = format!("W#ws_1 {prefix}");
    world.whole_dump().await.into_keys().filter(|key| key.starts_with(&start)).collect()
}

async fn put(world: &World, sk: &str, more: &[(&str, AttributeValue)]) {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let mut item = HashMap::from([("pk".to_owned(), text("W#ws_1")), ("sk".to_owned(), text(sk))]);
    item.extend(more.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    world.stack.client.put_item().table_name("mooring").set_item(Some(item)).send().await.expect("the table");
}

async fn two_connected(world: &World) -> (Caller, String, String) {
    let owner = world.owner("ws_1");
    let one = world.connect(&owner, "x", "acme").await.remove(0);
    let other = world.connect(&owner, "pinterest", "acme").await.remove(0);
    (owner, one, other)
}

/// S0-43, S1-21: a workspace is told of its week on Monday, once, though two are at it at the same time; one that has no
/// account is told nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_week_is_told_once_on_monday_however_many_tell_it() {
    let world = World::start().await;
    two_connected(&world).await;
    let other = world.stack.services.clone();
    let mut told = Vec::new();
    // The world begins on a Sunday.
    for _ in 0..15 {
        world.advance(DAY);
        let (one, other) = tokio::join!(housekeeping(&world.stack.services), housekeeping(&other));
        let digests = one.expect("a report").digests + other.expect("a report").digests;
        told.push(digests);
    }
    assert_eq!(told, [1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1]);
    let digests = digests(&world, "ws_1");
    let weeks: Vec<&str> = digests.iter().map(|event| event["data"]["week"]["to"].as_str().expect("a day")).collect();
    assert_eq!(weeks, ["2026-11-22", "2026-11-29", "2026-12-06"]);
    assert_eq!(digests[0]["occurred_at"], "2026-11-23T10:00:00Z");
    assert_eq!(digests[0]["data"]["accounts"], 2);
}

/// A Monday begins where the workspace is, and a Monday on which nothing ran is made up for.
#[tokio::test(flavor = "multi_thread")]
async fn a_monday_is_the_workspace_s_and_one_that_was_missed_is_made_up_for() {
    let world = World::start().await;
    let (owner, ..) = two_connected(&world).await;
    let call = owner.call(Method::PATCH, "/v1/workspaces/ws_1").json(&json!({"timezone": "Pacific/Auckland"}));
    assert_eq!(send(call).await.status, 200);
    // It is Sunday noon in UTC, and Monday there.
    world.advance(SignedDuration::from_hours(2));
    assert_eq!(world.job("housekeeping").await["digests"], 1);
    assert_eq!(digests(&world, "ws_1")[0]["data"]["week"], json!({"from": "2026-11-16", "to": "2026-11-22"}));
    world.advance(DAY * 9);
    assert_eq!(world.job("housekeeping").await["digests"], 1);
    assert_eq!(digests(&world, "ws_1")[1]["data"]["week"], json!({"from": "2026-11-23", "to": "2026-11-29"}));
}

/// One round a day, and the next day another one.
#[tokio::test(flavor = "multi_thread")]
async fn a_round_is_once_a_day() {
    let world = World::start().await;
    two_connected(&world).await;
    let first = world.job("housekeeping").await;
    assert_eq!((&first["rounds"], &first["next_at"]), (&json!(1), &json!("2026-11-23T00:00:00Z")), "{first}");
    assert_eq!(world.job("housekeeping").await["items"], 0);
    world.advance(SignedDuration::from_hours(14));
    assert_eq!(world.job("housekeeping").await["rounds"], 1);
}

/// S0-65: what is kept for a shorter time since is erased, and nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_workspace_keeps_for_a_shorter_time_is_erased_in_the_next_round() {
    let world = World::start().await;
    let (owner, one, _) = two_connected(&world).await;
    assert_eq!(owner.put(&format!("/v1/accounts/{one}/main")).await.status, 200);
    days(&world, 45).await;
    let (figures, audit) = (beside(&world, "M#").await, beside(&world, "U#").await);
    let is_day = |key: &&String| key.rsplit('#').next().is_some_and(|day| day.starts_with("20"));
    assert!(figures.iter().filter(is_day).count() > 40, "{figures:?}");
    keep(&world, json!({"metrics": "P30D", "audit": "P30D"})).await;
    world.advance(DAY);
    let report = world.job("housekeeping").await;

    let today = world.now().to_string()[..10].parse::<jiff::civil::Date>().expect("a day");
    let oldest = today.checked_sub(jiff::Span::new().days(30)).expect("a day").to_string();
    let (left, gone): (Vec<&String>, Vec<&String>) =
        figures.iter().filter(is_day).partition(|key| key.rsplit('#').next().is_some_and(|day| *day >= *oldest));
    let now = beside(&world, "M#").await;
    assert_eq!(now.iter().filter(is_day).collect::<Vec<_>>(), left);
    assert!(!gone.is_empty());
    // November is over for as long, of both accounts; December is not.
    assert_eq!((&report["figures"], beside(&world, "RM#").await.len()), (&json!(gone.len() + 2), 2), "{report}");
    // All that was done on the first day is gone, what was decided yesterday is not.
    assert_eq!((&report["audit"], beside(&world, "U#").await.len()), (&json!(audit.len()), 1), "{report}");
}

/// S4-14: with a removed account goes all that is known of it, its figures and its months too; and what a dead process
/// left of one goes in the next round, and of a living one nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_removed_account_leaves_nothing_whoever_dies() {
    let world = World::start().await;
    let (owner, one, other) = two_connected(&world).await;
    days(&world, 12).await;
    let of = async |id: &str| {
        let items = world.dump().await.into_keys();
        items.filter(|key| key.contains(id)).collect::<Vec<_>>()
    };
    let kinds = |keys: &[String]| ["M#", "RM#"].map(|kind| keys.iter().any(|key| key.contains(&format!(" {kind}"))));
    assert_eq!((kinds(&of(&one).await), kinds(&of(&other).await)), ([true; 2], [true; 2]));
    let removed = owner.delete(&format!("/v1/accounts/{one}")).await;
    assert_eq!(removed.status, 202, "{}", removed.text);
    assert_eq!(of(&one).await, Vec::<String>::new());

    let living = of(&other).await;
    let orphans = ["M#_", "M#_#2026-11-30", "RM#_#2026-11", "V#_#000001764000000", "F#_#000001764000000-0000000001"];
    for sk in orphans.into_iter().chain(["H#_#epi_1", "D#_#", "T#_", "J#_", "N#_", "P#_", "Q#_"]) {
        put(&world, &sk.replace('_', &one), &[]).await;
    }
    world.advance(DAY);
    let report = world.job("housekeeping").await;
    assert_eq!((&report["orphans"], &report["failed"]), (&json!(12), &json!(0)), "{report}");
    assert_eq!((of(&one).await, of(&other).await), (vec![], living));
}

/// What the table itself should have erased is erased after two days, and nothing about which something is to be done.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_out_of_date_and_still_there_is_erased() {
    let world = World::start().await;
    let (_, one, _) = two_connected(&world).await;
    let at = |hours: i64| {
        let at = world.now() + SignedDuration::from_hours(24 + hours);
        [("ttl", AttributeValue::N(at.as_second().to_string()))]
    };
    put(&world, "K#late", &at(-49)).await;
    put(&world, "K#recent", &at(-47)).await;
    put(&world, "K#due", &[at(-49)[0].clone(), ("dp", AttributeValue::S("purge#00".to_owned()))]).await;
    world.advance(DAY);
    let report = world.job("housekeeping").await;
    assert_eq!(report["ended"], json!({"idempotency": 1}), "{report}");
    assert_eq!(beside(&world, "K#late").await, Vec::<String>::new());
    assert_eq!((beside(&world, "K#recent").await.len(), beside(&world, "K#due").await.len()), (1, 1));
    assert_eq!(beside(&world, &format!("A#{one}")).await.len(), 1);
    let sessions = async || world.dump().await.keys().filter(|key| key.starts_with("S#")).count();
    assert_eq!(sessions().await, 2);
    world.advance(DAY * 60);
    assert_eq!(world.job("housekeeping").await["ended"]["sessions"], 2);
    assert_eq!(sessions().await, 0);
    // It stands in no index that a job reads, so nothing may be left of it.
    let item = HashMap::from([
        ("pk".to_owned(), AttributeValue::S("W#ws_1".to_owned())),
        ("sk".to_owned(), AttributeValue::S("K#due".to_owned())),
    ]);
    world.stack.client.delete_item().table_name("mooring").set_key(Some(item)).send().await.expect("the table");
}

/// A run that has no time does a part, and the next one goes on behind it: a round comes to the same in the end.
#[tokio::test(flavor = "multi_thread")]
async fn a_round_goes_on_where_it_stopped() {
    let world = World::start().await;
    for workspace in ["ws_1", "ws_2", "ws_3"] {
        world.connect(&world.owner(workspace), "x", "acme").await;
    }
    world.advance(DAY * 11);
    let share = Share { time: Duration::ZERO, items: 4 };
    let mut all = Report::default();
    let mut parts = 0;
    while all.rounds == 0 {
        let report = within(&world.stack.services, share).await.expect("a report");
        assert!(report.items <= 4 && report.digests + report.months <= 1, "{report:?}");
        assert_eq!(report.unfinished, report.rounds == 0, "{report:?}");
        (all.items, all.rounds) = (all.items + report.items, all.rounds + report.rounds);
        (all.digests, all.months) = (all.digests + report.digests, all.months + report.months);
        parts += 1;
        assert!(parts < 200);
    }
    assert_eq!((all.digests, all.months), (3, 3));
    assert!(parts > 10 && all.items >= 40, "{parts} {all:?}");
    assert_eq!(world.job("housekeeping").await["items"], 0);
    for workspace in ["ws_1", "ws_2", "ws_3"] {
        assert_eq!(digests(&world, workspace).len(), 1);
    }
}
