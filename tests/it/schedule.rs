//! Each account's queue has a schedule of its own.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Caller, World, send};

async fn put(caller: &Caller, account: &str, body: &Value) -> Answer {
    send(caller.call(Method::PUT, &format!("/v1/accounts/{account}/queue-schedule")).json(body)).await
}

async fn get(caller: &Caller, account: &str) -> Answer {
    caller.get(&format!("/v1/accounts/{account}/queue-schedule")).await
}

fn slots(times: &[(&str, &str)]) -> Value {
    times.iter().map(|(weekday, time)| json!({"weekday": weekday, "time": time})).collect()
}

/// Slots at each full hour of some days.
fn many(days: &[&str], hours: usize) -> Value {
    let hours = |day| (0..hours).map(move |hour| json!({"weekday": day, "time": format!("{hour:02}:00")}));
    days.iter().flat_map(hours).collect()
}

/// S2-20: twenty-five posts a week on one account and ten on another.
#[tokio::test(flavor = "multi_thread")]
async fn each_account_has_a_schedule_of_its_own() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let one = world.connect(&owner, "x", "acme").await.remove(0);
    let other = world.connect(&owner, "x", "acme-team").await.remove(0);
    let none = get(&owner, &one).await;
    let empty = json!({"timezone": "UTC", "slots": [], "paused": false, "per_week": 0, "next_slots": []});
    assert_eq!((none.status, &none.body, none.header("etag")), (200, &empty, Some("\"0\"")));

    let busy = many(&["monday", "tuesday", "wednesday", "thursday", "friday"], 5);
    let set = put(&owner, &one, &json!({"timezone": "Europe/Oslo", "slots": busy})).await;
    assert_eq!((set.status, &set.body["per_week"]), (200, &json!(25)), "{}", set.text);
    let quiet =
        put(&owner, &other, &json!({"timezone": "america/new_york", "slots": many(&["sunday", "monday"], 5)})).await;
    assert_eq!((&quiet.body["per_week"], &quiet.body["timezone"]), (&json!(10), &json!("America/New_York")));
    // It is Sunday, ten o'clock in UTC: five in New York, where four is over.
    assert_eq!(quiet.body["next_slots"][0], "2026-11-23T05:00:00Z");
    assert_eq!(quiet.body["next_slots"].as_array().map(Vec::len), Some(10));
    assert_eq!(set.body["next_slots"][0], "2026-11-22T23:00:00Z", "Monday in Oslo");
    assert_eq!(get(&owner, &one).await.body, set.body);
}

/// S2-20: half past nine stays half past nine.
#[tokio::test(flavor = "multi_thread")]
async fn the_next_slots_are_right_over_a_change_of_clocks() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let account = world.connect(&owner, "x", "acme").await.remove(0);
    put(&owner, &account, &json!({"timezone": "Europe/Oslo", "slots": slots(&[("sunday", "09:30")])})).await;
    world.advance("2027-03-14T10:00:00Z".parse::<jiff::Timestamp>().expect("a time").duration_since(world.now()));
    let next = get(&owner, &account).await.body["next_slots"].clone();
    assert_eq!(next[0], "2027-03-21T08:30:00Z");
    assert_eq!(next[1], "2027-03-28T07:30:00Z", "the day on which clocks go forward");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_that_is_none_is_refused_and_changes_nothing() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let account = world.connect(&owner, "x", "acme").await.remove(0);
    let good = json!({"timezone": "Europe/Oslo", "slots": slots(&[("monday", "09:30")]), "paused": true});
    let set = put(&owner, &account, &good).await;
    assert_eq!((set.header("etag"), &set.body["next_slots"]), (Some("\"1\""), &json!([])), "paused");
    let before = world.dump().await;
    for zone in ["+02:00", "Mars/Olympus", ""] {
        put(&owner, &account, &json!({"timezone": zone, "slots": []})).await.is_problem(422, "timezone_invalid");
    }
    for (wrong, pointer) in [
        (slots(&[("monday", "09:30"), ("monday", "24:00")]), "/slots/1/time"),
        (slots(&[("monday", "09:30"), ("monday", "09:30")]), "/slots/1"),
        (
            (0..351).map(|n| json!({"weekday": "monday", "time": format!("{:02}:{:02}", n / 60, n % 60)})).collect(),
            "/slots",
        ),
    ] {
        let refused = put(&owner, &account, &json!({"timezone": "UTC", "slots": wrong})).await;
        refused.is_problem(422, "validation_failed");
        assert_eq!(refused.body["errors"][0]["pointer"], pointer);
    }
    let odd = json!({"timezone": "UTC", "slots": slots(&[("someday", "09:30")])});
    put(&owner, &account, &odd).await.is_problem(400, "invalid_request");
    let path = format!("/v1/accounts/{account}/queue-schedule");
    let old = owner.call(Method::PUT, &path).header("if-match", "\"0\"").json(&good);
    send(old).await.is_problem(412, "version_conflict");
    assert_eq!(world.dump().await, before);
    let now = owner.call(Method::PUT, &path).header("if-match", "\"1\"").json(&good);
    assert_eq!(send(now).await.header("etag"), Some("\"2\""));
}

/// S2-23, S0-70: it stays with an account that is disconnected, goes with one that is removed, and an analyst does not
/// change it.
#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_stays_while_disconnected_and_goes_when_removed() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let account = world.connect(&owner, "x", "acme").await.remove(0);
    let body = json!({"timezone": "UTC", "slots": slots(&[("monday", "09:30")])});
    put(&world.member("ws_1", "analyst"), &account, &body).await.is_problem(403, "permission_denied");
    assert_eq!(put(&world.member("ws_1", "editor"), &account, &body).await.status, 200);
    put(&world.owner("ws_2"), &account, &body).await.is_problem(404, "not_found");

    assert_eq!(owner.post(&format!("/v1/accounts/{account}/disconnect"), json!({})).await.status, 200);
    assert_eq!(get(&owner, &account).await.body["per_week"], 1);
    put(&owner, &account, &body).await.is_problem(409, "account_disconnected");
    assert_eq!(world.connect(&owner, "x", "acme").await, [account.as_str()]);
    assert_eq!(get(&owner, &account).await.body["per_week"], 1, "active again");
    assert_eq!(world.lease(&owner, &account).await.status, 201);

    assert_eq!(owner.delete(&format!("/v1/accounts/{account}")).await.status, 202);
    let left: Vec<String> = world.dump().await.into_keys().filter(|key| key.contains(&account)).collect();
    let is_told = |key: &&String| key.contains("E#") || key.contains("U#");
    assert_eq!(left.iter().filter(|key| !is_told(key)).collect::<Vec<_>>(), Vec::<&String>::new());
    get(&owner, &account).await.is_problem(404, "not_found");
}
