//! `GET /v1/workspaces/{workspace}/events`: the same events as on the bus, from any place on, five seconds late.

use domain::EventId;
use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::{Caller, Does, Options, World, count::Count};

use super::{Dying, degraded, kinds};

const EVENTS: &str = "/v1/workspaces/ws_1/events";
const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// A page that is as it must be: its events, where the next one begins, and whether there is one.
async fn page(caller: &Caller, query: &str) -> (Vec<Value>, Value, bool) {
    let answer = caller.get(&format!("{EVENTS}?{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let members: Vec<&String> = answer.body.as_object().expect("a page").keys().collect();
    assert_eq!(members, ["data", "page"]);
    let page = &answer.body["page"];
    let events = answer.body["data"].as_array().cloned().expect("events");
    (events, page["next_cursor"].clone(), page["has_more"].as_bool().expect("a word"))
}

/// Every page of a size, one after the other.
async fn walk(caller: &Caller, limit: usize) -> Vec<Value> {
    let (mut all, mut after) = (Vec::new(), String::new());
    for _ in 0..100 {
        let (events, next, more) = page(caller, &format!("limit={limit}{after}")).await;
        assert!(events.len() <= limit);
        all.extend(events);
        if !more {
            return all;
        }
        after = format!("&after={}", next.as_str().expect("a cursor"));
    }
    panic!("{limit} at a time come to no end");
}

/// Changes of one event and of many, a second apart; the last one is old enough to be told.
async fn history(world: &World, owner: &Caller) -> Vec<Value> {
    let step = || world.advance(SECOND);
    let x = world.connect(owner, "x", "demo-01").await.remove(0);
    step();
    let pages = world.connect(owner, "facebook", "agency").await;
    step();
    world.connect(owner, "x", "demo-02").await;
    step();
    owner.put(&format!("/v1/accounts/{}/main", pages[7])).await;
    step();
    owner.post(&format!("/v1/accounts/{x}/disconnect"), json!({"reason": "spring cleaning"})).await;
    step();
    world.connect(owner, "x", "demo-01").await;
    world.advance(SECOND * 6);
    let published = world.published();
    assert_eq!(published.len(), 2 + 26 + 2 + 1 + 2 + 2);
    published
}

#[tokio::test(flavor = "multi_thread")]
async fn the_events_can_be_read_from_every_one_on_at_every_size() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let all = history(&world, &owner).await;
    assert_eq!(page(&owner, "").await, (all.clone(), all[34]["id"].clone(), false));
    for limit in [1, 2, 3, 7, 25, 26, 27, 35, 200] {
        assert_eq!(walk(&owner, limit).await, all, "{limit} at a time");
    }
    for (place, event) in all.iter().enumerate() {
        for limit in [1, 5, 26] {
            let rest = &all[place + 1..];
            let expected = &rest[..limit.min(rest.len())];
            let next = expected.last().unwrap_or(event)["id"].clone();
            let after = event["id"].as_str().expect("an id");
            let read = page(&owner, &format!("after={after}&limit={limit}")).await;
            assert_eq!(read, (expected.to_vec(), next, rest.len() > limit), "{limit} after the {place}th");
        }
    }
}

/// Who has read to the end asks again from there, and gets what has happened since.
#[tokio::test(flavor = "multi_thread")]
async fn who_has_read_all_goes_on_where_they_stopped() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    assert_eq!(page(&owner, "").await, (vec![], Value::Null, false), "nothing has happened yet");
    world.connect(&owner, "x", "demo-01").await;
    world.advance(SECOND * 6);
    let (first, next, _) = page(&owner, "").await;
    let after = format!("after={}", next.as_str().expect("a cursor"));
    assert_eq!(page(&owner, &after).await, (vec![], next, false));
    world.connect(&owner, "x", "demo-02").await;
    world.advance(SECOND * 6);
    let (second, _, _) = page(&owner, &after).await;
    assert_eq!(kinds(&second), ["account.connected", "connect_session.completed"]);
    assert_eq!([first, second].concat(), world.published());
}

/// A change gets its time before it is committed, so what is younger than five seconds is not told yet.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_appears_behind_a_reader() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let mut dying = Dying::start(&world, &owner).await;
    let slow = degraded(&world, world_account(), 1);
    world.advance(SECOND);
    world.connect(&owner, "x", "demo-01").await;
    world.advance(SignedDuration::from_millis(3_999));
    let (early, next, _) = page(&owner, "").await;
    assert_eq!((early.len(), next), (0, Value::Null));
    // A change of five seconds ago is committed only now, behind one that was faster.
    dying.commit(&[slow]).await;
    world.advance(SignedDuration::from_millis(2));
    let (told, next, _) = page(&owner, "").await;
    assert_eq!(kinds(&told), ["account.degraded"]);
    world.advance(SECOND * 2);
    let (rest, _, _) = page(&owner, &format!("after={}", next.as_str().expect("a cursor"))).await;
    assert_eq!(kinds(&rest), ["account.connected", "connect_session.completed"]);
    world.job("deliver").await;
}

fn world_account() -> domain::AccountId {
    domain::AccountId::new(domain::Timestamp::UNIX_EPOCH, [5; 16])
}

/// Committed is committed, whatever the bus says.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_published_yet_is_told_all_the_same() {
    let world = World::with(Options { unpublished_events: true, ..Options::default() }).await;
    let owner = world.owner("ws_1");
    world.bus.does(|event| if event.account_id.is_some() { Does::Refuse } else { Does::Take });
    let account = world.connect(&owner, "x", "demo-01").await.remove(0);
    world.advance(SECOND * 6);
    assert_eq!(kinds(&world.published()), ["connect_session.completed"]);
    let (told, _, _) = page(&owner, "").await;
    assert_eq!(kinds(&told), ["account.connected", "connect_session.completed"]);
    assert_eq!(told[0]["account_id"], account);
    world.bus.does(|_| Does::Take);
    world.job("deliver").await;
    assert_eq!(page(&owner, "").await.0, told, "and nothing is told twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_told_for_thirty_days() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    world.connect(&owner, "x", "demo-01").await;
    world.advance(SignedDuration::from_hours(24 * 15));
    world.connect(&owner, "x", "demo-02").await;
    let first = world.published()[0]["id"].as_str().expect("an id").to_owned();
    world.advance(SignedDuration::from_hours(24 * 15) - SECOND);
    assert_eq!(page(&owner, "").await.0.len(), 4);
    world.advance(SECOND * 2);
    // They are still in the table, and who asks from an old place on gets what is left.
    assert_eq!(world.dump().await.values().filter(|row| row["events"].is_string()).count(), 2);
    for query in
        [String::new(), format!("after={first}"), format!("after={}", EventId::at(domain::Timestamp::UNIX_EPOCH))]
    {
        assert_eq!(page(&owner, &query).await.0, world.published()[2..], "{query}");
    }
}

/// S0-67, CHK-P2: whoever may see some accounts only sees what is about one of these.
#[tokio::test(flavor = "multi_thread")]
async fn a_caller_with_some_accounts_is_told_of_no_other() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let all = history(&world, &owner).await;
    let of = |accounts: Value| world.caller(json!({"ws": "ws_1", "role": "viewer", "accounts": accounts}));
    let x = all[0]["account_id"].as_str().expect("an account");
    let own: Vec<Value> = all.iter().filter(|event| event["account_id"] == x).cloned().collect();
    assert_eq!(kinds(&own), ["account.connected", "account.disconnected", "account.reconnected"]);
    let narrow = of(json!([x]));
    for limit in [1, 2, 3, 50] {
        assert_eq!(walk(&narrow, limit).await, own, "{limit} at a time");
    }
    let told = narrow.get(EVENTS).await;
    assert_eq!(told.body["page"], json!({"next_cursor": own[2]["id"], "has_more": false}));
    for event in all.iter().filter(|event| event["account_id"] != x) {
        for member in ["id", "account_id"] {
            let hidden = event[member].as_str().unwrap_or("none of these");
            assert!(!told.text.contains(hidden), "{}", told.text);
        }
    }
    assert_eq!(page(&of(json!([world_account()])), "").await, (vec![], Value::Null, false));
    assert_eq!(walk(&of(json!([])), 1).await, Vec::<Value>::new());
}

/// CHK-P1: another workspace's events are not there, and its ids are places in the time of one's own.
#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_s_events_are_its_own() {
    let world = World::start().await;
    let (one, two) = (world.owner("ws_1"), world.owner("ws_2"));
    world.connect(&two, "x", "demo-02").await;
    world.advance(SECOND);
    world.connect(&one, "x", "demo-01").await;
    world.advance(SECOND * 6);
    two.get(EVENTS).await.is_problem(404, "not_found");
    let told = page(&one, "").await.0;
    assert_eq!(told, world.published()[2..]);
    let theirs = world.published()[0]["id"].as_str().expect("an id").to_owned();
    assert_eq!(page(&one, &format!("after={theirs}")).await.0, told);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_or_a_size_that_is_none_is_refused() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    for after in ["", "evt_", "evt_1", "acc_01KAP0SGG0000000000000000A", "evt_01kap0sgg0000000000000000a", "%00"] {
        owner.get(&format!("{EVENTS}?after={after}")).await.is_problem(400, "cursor_invalid");
    }
    for limit in ["0", "201"] {
        owner.get(&format!("{EVENTS}?limit={limit}")).await.is_problem(422, "validation_failed");
    }
    let last = "evt_7ZZZZZZZZZZZZZZZZZZZZZZZZZ";
    assert_eq!(page(&owner, &format!("after={last}")).await, (vec![], json!(last), false), "a place to come");
}

/// A page is one query, wherever it begins.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_one_query() {
    let count = Count::default();
    let world = World::with(Options { count: Some(count.clone()), ..Options::default() }).await;
    let owner = world.owner("ws_1");
    let all = history(&world, &owner).await;
    let middle = all[12]["id"].as_str().expect("an id");
    for query in ["limit=200", "limit=1", &format!("after={middle}&limit=200")] {
        count.take();
        page(&owner, query).await;
        let trips: Vec<String> = count.take().into_iter().map(|trip| trip.operation).collect();
        assert_eq!(trips, ["Query"], "{query}");
    }
}
