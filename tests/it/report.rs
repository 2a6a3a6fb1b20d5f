//! What is told of all accounts of a workspace together, right to the number.

use reqwest::{Method, header::ACCEPT};
use serde_json::{Value, json};
use tests::{Answer, Caller, World, client, send};

use super::housekeeping::{DAY, days, digests};

const WS: &str = "/v1/workspaces/ws_1";

async fn get(caller: &Caller, path: &str) -> Value {
    let answer = caller.get(&format!("{WS}/{path}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}

async fn accepting(caller: &Caller, path: &str, kind: &str) -> Answer {
    send(caller.call(Method::GET, &format!("{WS}/{path}")).header(ACCEPT, kind)).await
}

/// Followers of an account, day by day.
async fn followers(caller: &Caller, id: &str, from: &str, to: &str) -> Vec<Value> {
    let answer = caller.get(&format!("/v1/accounts/{id}/metrics?keys=followers&from={from}&to={to}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body["data"][0]["points"].as_array().expect("points").clone()
}

/// A month's part that is about an account.
fn of<'a>(report: &'a Value, id: &str) -> &'a Value {
    let accounts = report["accounts"].as_array().expect("accounts");
    accounts.iter().find(|account| account["account_id"] == id).unwrap_or_else(|| panic!("{id} in {report}"))
}

fn share(of: &Value) -> (u64, u64) {
    (of["expected"].as_u64().expect("days"), of["known"].as_u64().expect("days"))
}

fn causes(list: &Value) -> Vec<&str> {
    list["troubles"].as_array().expect("troubles").iter().map(|told| told["cause"].as_str().expect("a word")).collect()
}

/// The three accounts of a story: their ids on Facebook, X and Pinterest.
struct Story {
    owner: Caller,
    page: String,
    profile: String,
    board: String,
}

/// 88 days: Facebook is out from the 13th to the 16th, the grant at X dies on the 16th, Pinterest is disconnected on the
/// 19th.
async fn story(world: &World) -> Story {
    let owner = world.owner("ws_1");
    let page = world.connect(&owner, "facebook", "acme").await.remove(0);
    let profile = world.connect(&owner, "x", "acme").await.remove(0);
    let board = world.connect(&owner, "pinterest", "acme").await.remove(0);
    days(world, 12).await;
    for route in ["profile", "metrics", "permissions", "probe", "children"] {
        world.fault(json!({"platform": "facebook", "route": route, "kind": "status:500"})).await;
    }
    days(world, 4).await;
    world.no_faults().await;
    world.event(json!({"platform": "x", "account": "acme", "kind": "revoke"})).await;
    days(world, 3).await;
    let left = owner.post(&format!("/v1/accounts/{board}/disconnect"), json!({})).await;
    assert_eq!(left.status, 200, "{}", left.text);
    days(world, 69).await;
    Story { owner, page, profile, board }
}

/// S0-44, S0-46: a month says of each account what should be known and is, and what kept the rest from being known; and
/// it says the same for ever, when the facts are gone and the accounts have changed.
#[tokio::test(flavor = "multi_thread")]
async fn a_month_is_audited_to_the_day_and_stays_what_it_was() {
    let world = World::start().await;
    let Story { owner, page, profile, board } = story(&world).await;
    let path = "reports/connections?month=2026-12";
    let december = get(&owner, path).await;
    assert_eq!((&december["final"], &december["left_out"]), (&json!(true), &json!(0)));
    let days_of = |id: &str| share(&of(&december, id)["days"]);
    // What Facebook measured in the outage it told afterwards; X was connected for all of the month and known until it died.
    assert_eq!((days_of(&page), days_of(&profile), days_of(&board)), ((31, 31), (31, 8), (11, 11)));
    let totals = &december["totals"];
    assert_eq!((share(&totals["days"]), &totals["accounts"]), ((73, 50), &json!(3)));
    assert_eq!((&totals["opened"], &totals["resolved"]), (&json!(4), &json!(2)));

    // The gap of the outage bears the same troubles in the report and in the series.
    let outage = followers(&owner, &page, "2026-12-04", "2026-12-09").await;
    let quality: Vec<&str> = outage.iter().map(|point| point["quality"].as_str().expect("a word")).collect();
    assert_eq!(quality, ["observed", "gap", "gap", "gap", "gap", "observed"]);
    let gaps = of(&december, &page)["followers"]["gaps"].as_array().expect("gaps").clone();
    let told: Vec<_> = gaps.iter().map(|gap| (&gap["from"], &gap["to"], &gap["episode_id"])).collect();
    let (first, rest) = (&outage[1], &outage[2]);
    let rest_to = json!("2026-12-08");
    assert_eq!(told, [(&first["t"], &first["t"], &first["episode_id"]), (&rest["t"], &rest_to, &rest["episode_id"]),]);
    let troubles = of(&december, &page)["opened"].as_array().expect("ids");
    assert!(gaps.iter().all(|gap| troubles.contains(&gap["episode_id"])), "{gaps:?} {troubles:?}");
    let dead = of(&december, &profile);
    assert_eq!((dead["gaps"].as_array().map(Vec::len), &dead["resolved"]), (Some(1), &json!([])));
    assert_eq!((&dead["gaps"][0]["from"], &dead["gaps"][0]["to"]), (&json!("2026-12-09"), &json!("2026-12-31")));
    assert!(dead["opened"].as_array().expect("ids").contains(&dead["gaps"][0]["episode_id"]));

    // As a table and as a page.
    let table = accepting(&owner, path, "text/csv").await;
    assert_eq!(table.header("content-type"), Some("text/csv; charset=utf-8; header=present"));
    assert_eq!(table.text.lines().count(), 4, "{}", table.text);
    let row = table.text.lines().find(|line| line.contains(&profile)).expect("a row");
    assert!(row.contains(",x,31,8,") && row.contains(",2026-12-09/2026-12-31,2,0,"), "{row}");
    let printed = accepting(&owner, path, "text/html").await;
    assert_eq!(printed.status, 200);
    assert!(printed.text.contains("December 2026") && printed.text.contains("50 of 73 days"), "{}", printed.text);

    // Half a year later the facts are gone, and one of the accounts is too.
    world.advance(DAY * 100);
    world.stack.sweep_ttl().await.expect("the table");
    assert_eq!(get(&owner, path).await, december);
    assert_eq!(owner.delete(&format!("/v1/accounts/{board}")).await.status, 202);
    let without = get(&owner, path).await;
    assert_eq!((of(&without, &page), share(&without["totals"]["days"])), (of(&december, &page), (62, 39)));
    // This month is not over, and the next one is nobody's yet.
    assert_eq!(get(&owner, "reports/connections?month=2027-05").await["final"], false);
    let future = owner.get(&format!("{WS}/reports/connections?month=2027-07")).await;
    future.is_problem(422, "validation_failed");
    for wrong in ["2026-13", "2026", "202612", "2026-1"] {
        owner.get(&format!("{WS}/reports/connections?month={wrong}")).await.is_problem(422, "validation_failed");
    }
}

/// S0-43, S0-83, S0-85, S1-21, S1-22: each Monday says what the week was, the forecast when a person must act, and the
/// recommendations what is worth doing, with the facts that led to it.
#[tokio::test(flavor = "multi_thread")]
async fn the_digests_and_the_forecast_of_ninety_days_are_right_to_the_number() {
    let world = World::start().await;
    let Story { owner, page, profile, board } = story(&world).await;
    let told = digests(&world, "ws_1");
    let weeks: Vec<&Value> = told.iter().map(|event| &event["data"]["week"]["to"]).collect();
    assert_eq!(weeks.len(), 13, "{weeks:?}");
    assert!(weeks.windows(2).all(|pair| pair[0].as_str() < pair[1].as_str()), "{weeks:?}");
    let week = |to: &str| &told.iter().find(|event| event["data"]["week"]["to"] == to).expect("a week")["data"];

    let outage = week("2026-12-06");
    assert_eq!(
        (causes(&outage["opened"]), causes(&outage["resolved"])),
        (vec!["sync_failing", "sync_overdue"], vec![])
    );
    assert_eq!((&outage["states"]["error"], &outage["states"]["healthy"]), (&json!(1), &json!(2)));
    // Facebook's last day is not known: the others are counted, and it is told that one is not.
    assert_eq!((&outage["followers"]["accounts"], &outage["followers"]["left_out"]), (&json!(2), &json!(1)));

    let death = week("2026-12-13");
    assert_eq!(
        (causes(&death["opened"]), causes(&death["still_open"])),
        (vec!["revoked", "sync_overdue"], vec!["revoked", "sync_overdue"],)
    );
    assert_eq!(causes(&death["resolved"]), ["sync_failing", "sync_overdue"]);
    let states = &death["states"];
    assert_eq!([&states["healthy"], &states["expired"], &states["disconnected"]], [&json!(1); 3]);
    assert_eq!(death["due_7d"], json!({"count": 1, "accounts": [profile]}));
    assert_eq!(death["due_30d"], death["due_7d"]);
    assert_eq!(death["unused"]["count"], 0);

    let quiet = week("2026-12-20");
    let series = followers(&owner, &page, "2026-12-13", "2026-12-20").await;
    let (from, to) = (series[0]["v"].as_u64().expect("known"), series[7]["v"].as_u64().expect("known"));
    let sum = &quiet["followers"];
    assert_eq!((sum["from"].as_u64(), sum["to"].as_u64(), sum["accounts"].as_u64()), (Some(from), Some(to), Some(1)));
    assert_eq!(sum["change"].as_i64(), Some(i64::try_from(to).expect("few") - i64::try_from(from).expect("few")));
    // What nobody uses for thirty days is named, but for what is not connected any more.
    let last = week("2027-02-14");
    assert_eq!((&last["unused"]["count"], &last["accounts"]), (&json!(2), &json!(3)));
    assert!(!last["unused"]["accounts"].as_array().expect("ids").contains(&json!(board)));
    assert_eq!(last["due_7d"], json!({"count": 2, "accounts": [profile, page]}));

    let forecast = get(&owner, "forecast").await;
    let data = forecast["data"].as_array().expect("days");
    let due: Vec<_> = data.iter().map(|day| (&day["date"], &day["overdue"], &day["accounts"][0]["ends"])).collect();
    let day = |date: &str, overdue: bool, ends: &str| (json!(date), json!(overdue), json!(ends));
    let (over, ahead) = (day("2026-12-08", true, "consent"), day("2027-02-20", false, "data_access"));
    assert_eq!(due, [(&over.0, &over.1, &over.2), (&ahead.0, &ahead.1, &ahead.2)]);
    assert_eq!(get(&owner, "forecast?horizon=PT1H").await["data"], json!([data[0]]));
    for wrong in ["P400D", "-P1D", "soon", "90"] {
        owner.get(&format!("{WS}/forecast?horizon={wrong}")).await.is_problem(422, "validation_failed");
    }
    let calendar = owner.get(&format!("{WS}/forecast.ics")).await;
    assert_eq!(calendar.header("content-type"), Some("text/calendar; charset=utf-8; method=PUBLISH"));
    let unfolded = calendar.text.replace("\r\n ", "");
    for (id, date) in [(&profile, "20261208"), (&page, "20270220")] {
        assert!(unfolded.contains(&format!("UID:{id}-{date}@mooring")), "{unfolded}");
    }
    assert_eq!(unfolded.matches("BEGIN:VEVENT").count(), 2);

    let advice = get(&owner, "recommendations").await;
    let codes: Vec<_> = advice["data"].as_array().expect("advice").iter().map(|a| a["code"].as_str()).collect();
    assert!(codes.starts_with(&[Some("reconnect_now"), Some("reconnect_soon")]), "{codes:?}");
    let now = &advice["data"][0];
    assert_eq!((&now["severity"], &now["account_ids"]), (&json!("warning"), &json!([profile])));
    assert_eq!(now["facts"]["accounts"][&profile]["due_at"], "2026-12-08T10:00:00Z");
    let unused = advice["data"].as_array().expect("advice").iter().find(|a| a["code"] == "unused_account");
    assert_eq!(unused.expect("advice")["account_ids"].as_array().map(Vec::len), Some(2));
}

/// Whoever does not see an account finds it in no report, and whose figures are withheld is told none of them.
#[tokio::test(flavor = "multi_thread")]
async fn a_report_holds_only_what_its_reader_sees() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let page = world.connect(&owner, "facebook", "acme").await.remove(0);
    let hidden = world.connect(&owner, "facebook", "demo-01").await.remove(0);
    let withheld = world.connect(&owner, "facebook", "demo-02").await.remove(0);
    let patch = async |id: &str, body: Value| {
        let call = owner.call(Method::PATCH, &format!("/v1/accounts/{id}")).json(&body);
        let answer = send(call).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    };
    patch(&hidden, json!({"visibility": "private", "acl": []})).await;
    patch(&withheld, json!({"visibility": "restricted", "acl": []})).await;
    days(&world, 1).await;
    let analyst = world.member("ws_1", "analyst");
    let named = |body: &Value| [&page, &hidden, &withheld].map(|id| body.to_string().contains(id.as_str()));
    for (path, expected) in [
        ("forecast", [true, false, true]),
        ("reports/connections?month=2026-11", [true, false, false]),
        ("recommendations", [true, false, true]),
    ] {
        assert_eq!(named(&get(&owner, path).await), [true; 3], "{path}");
        assert_eq!(named(&get(&analyst, path).await), expected, "{path}");
        world.owner("ws_2").get(&format!("{WS}/{path}")).await.is_problem(404, "not_found");
    }
    let viewer = world.member("ws_1", "viewer");
    assert_eq!(named(&get(&viewer, "forecast").await), [true, false, true]);
    for path in ["reports/connections", "recommendations"] {
        viewer.get(&format!("{WS}/{path}")).await.is_problem(403, "permission_denied");
    }
    let told = digests(&world, "ws_1");
    let all = get(&owner, "accounts").await["data"].as_array().map_or(0, Vec::len);
    assert_eq!((told.len(), &told[0]["data"]["accounts"]), (1, &json!(all - 1)));
    assert!(!told[0].to_string().contains(&hidden));
}

/// S0-44: a calendar program cannot sign in, so it reads by an address with a secret, until that is closed.
#[tokio::test(flavor = "multi_thread")]
async fn a_calendar_reads_the_forecast_by_a_secret_address() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let page = world.connect(&owner, "facebook", "acme").await.remove(0);
    let hidden = world.connect(&owner, "facebook", "demo-01").await.remove(0);
    let hide = owner.call(Method::PATCH, &format!("/v1/accounts/{hidden}"));
    assert_eq!(send(hide.json(&json!({"visibility": "private", "acl": []}))).await.status, 200);
    let feed = format!("{WS}/forecast/feed");
    let none = json!({"url": null, "created_at": null, "created_by": null});
    assert_eq!(owner.get(&feed).await.body, none);

    let open = async |key: &str| {
        let call = owner.call(Method::POST, &feed).header("idempotency-key", key);
        let opened = send(call.json(&json!({}))).await;
        assert_eq!(opened.status, 201, "{}", opened.text);
        opened.body
    };
    let opened = open("one").await;
    let url = opened["url"].as_str().expect("an address").to_owned();
    assert_eq!(open("one").await, json!({"url": null, "created_at": opened["created_at"], "created_by": "user-owner"}));
    let told = owner.get(&feed).await.body;
    assert_eq!((&told["url"], &told["created_at"]), (&Value::Null, &opened["created_at"]), "told once");
    let read = async |url: &str| send(client().get(url)).await;
    let calendar = read(&url).await;
    assert_eq!(calendar.status, 200, "{}", calendar.text);
    assert_eq!(calendar.header("content-type"), Some("text/calendar; charset=utf-8; method=PUBLISH"));
    let unfolded = calendar.text.replace("\r\n ", "");
    assert!(unfolded.contains(&format!("UID:{page}-")), "{unfolded}");
    assert!(unfolded.contains("(Facebook)\r\n"), "as people call it: {unfolded}");
    assert!(!unfolded.contains(&hidden), "only what everybody in the workspace sees: {unfolded}");

    // Neither a wrong secret nor another workspace's place tells whether one is open.
    for wrong in [url.replace("ws_1", "ws_2"), url.replace(".ics", "x.ics"), url.replace(".ics", "")] {
        read(&wrong).await.is_problem(404, "not_found");
    }
    let next = open("two").await["url"].as_str().expect("another address").to_owned();
    read(&url).await.is_problem(404, "not_found");
    assert_eq!(read(&next).await.status, 200);
    let manager = world.member("ws_1", "manager");
    for method in [Method::POST, Method::GET, Method::DELETE] {
        send(manager.call(method, &feed).json(&json!({}))).await.is_problem(403, "permission_denied");
    }
    assert_eq!(send(owner.call(Method::DELETE, &feed)).await.status, 204);
    assert_eq!(send(owner.call(Method::DELETE, &feed)).await.status, 204, "twice is once");
    read(&next).await.is_problem(404, "not_found");
}
