//! What was committed is published until the bus has taken it: whatever the bus refuses, and wherever a process dies.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use app::{Services, deliver};
use aws_sdk_dynamodb::types::AttributeValue::S;
use domain::{AccountId, Clock, Event, Timestamp};
use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::{Does, Options, World};

use super::{Dying, degraded, kinds};

/// What `deliver` says of a run that had time and a table.
fn report(due: usize, published: usize, postponed: usize) -> Value {
    json!({"due": due, "published": published, "postponed": postponed, "failed": 0, "out_of_time": false})
}

fn ids(events: &[Value]) -> Vec<&str> {
    events.iter().map(|e| e["id"].as_str().expect("an id")).collect()
}

fn account(place: u8) -> AccountId {
    AccountId::new(Timestamp::UNIX_EPOCH, [place; 16])
}

/// A change whose process died before it published: the outbox has it, the job delivers it, once.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_committed_but_not_published_is_delivered_later() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let mut dying = Dying::start(&world, &owner).await;
    let left = dying.commit(&[degraded(&world, account(1), 1)]).await;
    assert_eq!(world.published(), Vec::<Value>::new());

    assert_eq!(world.job("deliver").await, report(1, 1, 0));
    assert_eq!(world.published(), left);
    assert_eq!(world.job("deliver").await, report(0, 0, 0));
    assert_eq!(world.published().len(), 1);
    // What is published at once is not left over.
    world.connect(&owner, "x", "acme").await;
    assert_eq!(world.job("deliver").await["due"], 0);
}

/// Of 26 events of one change the bus refuses nine: these are told later, and none is told twice.
#[tokio::test(flavor = "multi_thread")]
async fn only_what_the_bus_refused_is_handed_over_again() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    world.bus.does(|event| {
        if event.id.to_string().ends_with(['0', '3', '6', '9', 'C', 'F', 'J', 'N', 'S', 'W']) {
            Does::Refuse
        } else {
            Does::Take
        }
    });
    world.connect(&owner, "facebook", "agency").await;
    let first = world.published();
    let refused = 26 - first.len();
    assert!(refused > 3 && first.len() > 3, "{refused}");

    assert_eq!(world.job("deliver").await, report(1, 0, 1), "they are refused again");
    world.bus.does(|_| Does::Take);
    world.advance(SignedDuration::from_mins(1));
    assert_eq!(world.job("deliver").await, report(1, refused, 0));
    let all = world.published();
    assert_eq!(all[..first.len()], first);
    assert_eq!(ids(&all).into_iter().collect::<BTreeSet<_>>().len(), 26);
    assert_eq!(all.len(), 26);
    world.advance(SignedDuration::from_hours(2));
    assert_eq!(world.job("deliver").await, report(0, 0, 0));
    let rows = world.dump().await;
    let row = rows.values().find(|row| row["events"].is_string()).expect("the change is kept");
    assert!(row["ttl"].is_number() && row["taken"].is_null() && row["tries"].is_null() && row["dp"].is_null(), "{row}");
}

/// Within a change and from one to the next, an account's events are handed over in their order.
#[tokio::test(flavor = "multi_thread")]
async fn no_event_overtakes_an_earlier_one_of_its_account() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let mut dying = Dying::start(&world, &owner).await;
    let told = |events: &[Value]| -> Vec<(String, u64)> {
        let told = |e: &Value| {
            (e["account_id"].as_str().expect("an account").to_owned(), e["sequence"].as_u64().expect("a number"))
        };
        events.iter().map(told).collect()
    };
    let (a, b) = (account(1), account(2));
    let each = |who: AccountId, sequence| degraded(&world, who, sequence);
    dying.commit(&[each(a, 1), each(a, 2), each(b, 1), each(a, 3)]).await;
    world.advance(SignedDuration::from_secs(1));
    dying.commit(&[each(a, 4), each(b, 2)]).await;
    world
        .bus
        .does(move |event| if event.account_id == Some(a) && event.sequence == 1 { Does::Refuse } else { Does::Take });
    assert_eq!(world.job("deliver").await, report(2, 2, 2));
    assert_eq!(told(&world.published()), [(b.to_string(), 1), (b.to_string(), 2)]);
    world.bus.does(|_| Does::Take);
    world.advance(SignedDuration::from_mins(1));
    assert_eq!(world.job("deliver").await, report(2, 4, 0));
    let rest: Vec<_> = (1..=4).map(|sequence| (a.to_string(), sequence)).collect();
    assert_eq!(told(&world.published()[2..]), rest);
}

/// The process dies after the bus has taken them and before that is noted: they are told again under the same ids.
#[tokio::test(flavor = "multi_thread")]
async fn who_dies_between_the_bus_and_the_note_is_told_of_again() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let mut dying = Dying::start(&world, &owner).await;
    let left = dying.commit(&[degraded(&world, account(1), 1), degraded(&world, account(2), 1)]).await;
    world.bus.does(|_| Does::Hang);
    tokio::select! {
        done = deliver::deliver(&world.stack.services) => panic!("{done:?}"),
        () = world.bus.hangs() => {}
    }
    assert_eq!(world.published(), left);
    world.bus.does(|_| Does::Take);
    assert_eq!(world.job("deliver").await, report(1, 2, 0));
    assert_eq!(world.published(), [left.clone(), left].concat());
}

/// S0-26: what the bus never takes is tried later and later, an hour apart at most, and keeps nothing else back.
#[tokio::test(flavor = "multi_thread")]
async fn poison_backs_off_and_others_go_on() {
    let world = World::with(Options { unpublished_events: true, ..Options::default() }).await;
    let owner = world.owner("ws_1");
    let mut dying = Dying::start(&world, &owner).await;
    let bad = account(13);
    world.bus.does(move |event| if event.account_id == Some(bad) { Does::Refuse } else { Does::Take });
    dying.commit(&[degraded(&world, bad, 1), degraded(&world, account(1), 1)]).await;
    assert_eq!(world.job("deliver").await, report(1, 1, 1));
    for minutes in [1, 2, 4, 8, 16, 32, 60, 60] {
        let wait = SignedDuration::from_mins(minutes);
        world.advance(wait - SignedDuration::from_secs(1));
        dying.commit(&[degraded(&world, account(2), 1)]).await;
        assert_eq!(world.job("deliver").await, report(1, 1, 0), "not yet, after {minutes} minutes");
        world.advance(SignedDuration::from_secs(1));
        assert_eq!(world.job("deliver").await, report(1, 0, 1), "after {minutes} minutes");
    }
    world.bus.does(|_| Does::Take);
    world.advance(SignedDuration::from_hours(1));
    assert_eq!(world.job("deliver").await, report(1, 1, 0));
    assert_eq!(world.published().last().expect("it")["account_id"], bad.to_string());
}

/// A record that somebody has spoilt is left alone for an hour, and is published once it can be read again.
#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_cannot_be_read_keeps_nothing_back() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let mut dying = Dying::start(&world, &owner).await;
    let left = dying.commit(&[degraded(&world, account(1), 1)]).await;
    let key = format!("E#{}", left[0]["id"].as_str().expect("an id"));
    let write = async |events: String| {
        let update = world.stack.client.update_item().table_name("mooring").key("pk", S("W#ws_1".to_owned()));
        let update = update.key("sk", S(key.clone())).update_expression("SET events = :events");
        update.expression_attribute_values(":events", S(events)).send().await.expect("the table");
    };
    write("spoilt".to_owned()).await;
    let other = dying.commit(&[degraded(&world, account(2), 1)]).await;
    let run = async || {
        let done = world.job("deliver").await;
        (done["due"].clone(), done["published"].clone(), done["failed"].clone())
    };
    assert_eq!(run().await, (json!(2), json!(1), json!(1)));
    assert_eq!(world.published(), other);
    assert_eq!(run().await, (json!(0), json!(0), json!(0)));
    world.advance(SignedDuration::from_hours(1));
    assert_eq!(run().await, (json!(1), json!(0), json!(1)));
    write(json!(left).to_string()).await;
    world.advance(SignedDuration::from_hours(1));
    assert_eq!(run().await, (json!(1), json!(1), json!(0)));
    assert_eq!(world.published(), [other, left].concat());
}

/// A clock that goes on by ten seconds whenever somebody looks.
struct Hasty(AtomicI64);

impl Clock for Hasty {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.fetch_add(10, Ordering::Relaxed)).expect("in range")
    }
}

/// One run works off more than it looks up at a time, and stops in time for the next one.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_works_off_everything_that_there_is_time_for() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let mut dying = Dying::start(&world, &owner).await;
    for sequence in 1..=230 {
        dying.commit(&[degraded(&world, account(1), sequence)]).await;
    }
    let clock = Arc::new(Hasty(world.now().as_second().into()));
    let hasty = Services { clock, ..world.stack.services.clone() };
    let first = deliver::deliver(&hasty).await.expect("a report");
    assert!(first.out_of_time && (1..10).contains(&first.published), "{first:?}");
    let rest = 230 - first.published;
    assert_eq!(world.job("deliver").await, report(rest, rest, 0));
    let told: BTreeSet<u64> = world.published().iter().map(|e| e["sequence"].as_u64().expect("a number")).collect();
    assert_eq!(told, (1..=230).collect());
}

/// A doubled trigger loses nothing and makes up nothing.
#[tokio::test(flavor = "multi_thread")]
async fn two_runs_at_once_tell_everything_under_its_own_id() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let mut dying = Dying::start(&world, &owner).await;
    let mut left = Vec::new();
    for place in 1..=20 {
        left.extend(dying.commit(&[degraded(&world, account(place), 1), degraded(&world, account(place), 2)]).await);
    }
    let services = &world.stack.services;
    let (one, other) = tokio::join!(deliver::deliver(services), deliver::deliver(services));
    let (one, other) = (one.expect("a report"), other.expect("a report"));
    assert!(one.published + other.published >= 40 && one.failed + other.failed == 0, "{one:?} {other:?}");
    let published = world.published();
    assert_eq!(ids(&published).into_iter().collect::<BTreeSet<_>>(), ids(&left).into_iter().collect());
    assert!(published.iter().all(|event| left.contains(event)));
}

/// What happened to a platform is the operator's, and is delivered like the rest.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_of_no_workspace_is_delivered_too() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let mut dying = Dying::start(&world, &owner).await;
    let incident = Event {
        kind: "platform.incident_opened".to_owned(),
        workspace_id: None,
        account_id: None,
        private: false,
        sequence: 0,
        data: json!({"platform": "x", "class": "token", "since": world.now()}),
        ..degraded(&world, account(1), 0)
    };
    let left = dying.commit(&[incident]).await;
    world.bus.does(|_| Does::Refuse);
    assert_eq!(world.job("deliver").await, report(1, 0, 1));
    world.bus.does(|_| Does::Take);
    world.advance(SignedDuration::from_mins(1));
    assert_eq!(world.job("deliver").await, report(1, 1, 0));
    assert_eq!(world.published(), left);
    assert_eq!(kinds(&left), ["platform.incident_opened"]);
    assert_eq!(owner.get("/v1/workspaces/ws_1/events").await.body["data"], json!([]));
}
