//! Figures, day by day.

use reqwest::{Method, header};
use serde_json::{Value, json};
use tests::{Caller, World, send};

use super::{DAY, HOUR, account};

async fn metrics(caller: &Caller, id: &str, query: &str) -> Value {
    let answer = caller.get(&format!("/v1/accounts/{id}/metrics?{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}

fn qualities(series: &Value) -> Vec<&str> {
    let points = series["points"].as_array().expect("points");
    points.iter().map(|point| point["quality"].as_str().expect("a word")).collect()
}

/// S0-06, S4-06, S4-07: what the platform measured before the account was here comes with the first run, and each day
/// from then on; what it does not tell is not zero.
#[tokio::test(flavor = "multi_thread")]
async fn figures_are_told_day_by_day() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "facebook", "acme").await.remove(0);
    world.job("sync").await;
    for _ in 0..3 {
        world.advance(DAY);
        world.job("sync").await;
    }
    let told = metrics(&owner, &id, "from=2026-11-01&to=2026-11-25").await;
    assert_eq!((&told["tz"], &told["granularity"]), (&json!("UTC"), &json!("day")));
    let series = |key: &str| {
        let all = told["data"].as_array().expect("series").iter();
        all.clone().find(|series| series["key"] == key).unwrap_or_else(|| panic!("no {key}: {told}")).clone()
    };
    let followers = series("followers");
    assert_eq!(followers["kind"], "level");
    assert_eq!(qualities(&followers), ["observed"; 4]);
    assert_eq!(followers["points"][0]["t"], "2026-11-22");
    assert_eq!(followers["completeness"], json!({"expected": 4, "known": 4, "per_mille": 1000}));
    let impressions = series("impressions");
    assert_eq!(impressions["kind"], "daily");
    let points = impressions["points"].as_array().expect("points");
    assert_eq!(points[0]["t"], "2026-11-01", "before it was here");
    assert_eq!(points[0]["quality"], "backfilled");
    assert_eq!(points.iter().find(|point| point["t"] == "2026-11-23").expect("a day")["quality"], "observed");
    assert!(points.iter().all(|point| point["v"].is_u64() || point["quality"] == "gap"), "{impressions}");
    owner.get(&format!("/v1/accounts/{id}/metrics?keys=saves")).await.is_problem(422, "metric_unsupported");
    owner.get(&format!("/v1/accounts/{id}/metrics?keys=luck")).await.is_problem(422, "metric_unsupported");
    owner.get(&format!("/v1/accounts/{id}/metrics?from=yesterday")).await.is_problem(422, "validation_failed");
    owner.get(&format!("/v1/accounts/{id}/metrics?tz=Europe/Oslo")).await.is_problem(422, "timezone_invalid");
    world
        .member("ws_1", "viewer")
        .get(&format!("/v1/accounts/{id}/metrics"))
        .await
        .is_problem(403, "permission_denied");
    assert_eq!(account(&world.member("ws_1", "viewer"), &id).await["metrics_latest"], Value::Null);
}

/// One snapshot a day in the workspace's zone, however often it is fetched.
#[tokio::test(flavor = "multi_thread")]
async fn a_day_is_a_day_of_the_workspace() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let set = json!({"timezone": "Pacific/Auckland"});
    assert_eq!(send(owner.call(Method::PATCH, "/v1/workspaces/ws_1").json(&set)).await.status, 200);
    let id = world.connect(&owner, "pinterest", "acme").await.remove(0);
    for _ in 0..2 {
        world.job("sync").await;
        world.advance(HOUR * 6);
    }
    // On the 22nd at 10:00 UTC it is 23:00 of that day there, and at 16:00 UTC it is the next day.
    let told = metrics(&owner, &id, "keys=followers&from=2026-11-20&tz=Pacific/Auckland").await;
    let days: Vec<&str> =
        told["data"][0]["points"].as_array().expect("points").iter().filter_map(|p| p["t"].as_str()).collect();
    assert_eq!(days, ["2026-11-22", "2026-11-23"]);
    let kept = world.dump().await.keys().filter(|key| key.contains(&format!(" M#{id}#2026-11-2"))).count();
    assert!(kept >= 2, "{kept}");
    world.job("sync").await;
    let again = world.dump().await.keys().filter(|key| key.contains(&format!(" M#{id}#2026-11-2"))).count();
    assert_eq!(again, kept, "a later look at the same day is the same snapshot");
}

/// S0-46, S4-05: an outage is a gap with its trouble; growth over it says so, and no number is made up.
#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_a_gap_and_never_zero() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "pinterest", "acme").await.remove(0);
    for day in 0..30 {
        if day == 10 {
            world.fault(json!({"platform": "pinterest", "route": "profile", "kind": "status:400"})).await;
        }
        if day == 14 {
            world.no_faults().await;
        }
        for _ in 0..4 {
            world.job("sync").await;
            world.job("sweep").await;
            world.advance(HOUR * 6);
        }
    }
    world.job("sync").await;
    let told = metrics(&owner, &id, "keys=followers,impressions&from=2026-11-22&to=2026-12-22").await;
    let followers = &told["data"][0];
    let gaps: Vec<&Value> =
        followers["points"].as_array().expect("points").iter().filter(|point| point["quality"] == "gap").collect();
    let days: Vec<&str> = gaps.iter().filter_map(|point| point["t"].as_str()).collect();
    assert_eq!(days, ["2026-12-03", "2026-12-04", "2026-12-05"], "on the 2nd it still worked in the night");
    assert!(gaps.iter().all(|gap| gap["v"].is_null() && gap["episode_id"].is_string()), "{gaps:?}");
    let episode = gaps[2]["episode_id"].as_str().expect("an episode");
    let known = owner.get(&format!("/v1/accounts/{id}/health/history")).await.body;
    assert!(known["data"].as_array().expect("episodes").iter().any(|known| known["id"] == episode), "{known}");
    assert_eq!(followers["growth"]["gaps"], json!([{"from": "2026-12-03", "to": "2026-12-05", "episode_id": episode}]));
    assert_eq!(
        followers["completeness"]["expected"].as_u64().expect("days")
            - followers["completeness"]["known"].as_u64().expect("days"),
        3
    );
    // What the platform measured meanwhile came when it worked again.
    let impressions = &told["data"][1];
    let late = impressions["points"].as_array().expect("points").iter().find(|point| point["t"] == "2026-12-03");
    assert_eq!(late.expect("a day")["quality"], "backfilled", "{impressions}");
    let weeks = metrics(&owner, &id, "keys=followers&from=2026-11-22&to=2026-12-22&granularity=week").await;
    let week = weeks["data"][0]["points"]
        .as_array()
        .expect("weeks")
        .iter()
        .find(|w| w["t"] == "2026-11-30")
        .expect("a week")
        .clone();
    assert_eq!((&week["days"], &week["known_days"], &week["episode_id"]), (&json!(7), &json!(4), &json!(episode)));
    let call =
        owner.call(Method::GET, &format!("/v1/accounts/{id}/metrics?keys=followers&from=2026-12-02&to=2026-12-03"));
    let table = send(call.header(header::ACCEPT, "text/csv")).await;
    assert!(table.text.lines().any(|line| line.contains("2026-12-03") && line.contains("gap")), "{}", table.text);
}

/// S0-06: who follows, where the platform tells it and the person allowed it; what it never tells is said so.
#[tokio::test(flavor = "multi_thread")]
async fn an_audience_is_told_facet_by_facet() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let ask = json!({"platform": "instagram", "method": "instagram_login", "capabilities": ["analytics", "audience"]});
    let session = world.consent(&owner, ask, "acme").await;
    let id = session["accounts"][0]["id"].as_str().expect("an account");
    world.job("sync").await;
    let told = owner.get(&format!("/v1/accounts/{id}/audience")).await.body;
    let country = &told["facets"]["country"];
    assert_eq!(country["status"], "known", "{told}");
    let parts = country["parts"].as_array().expect("parts");
    let sum: f64 = parts.iter().filter_map(|part| part["percent"].as_f64()).sum();
    assert!(!parts.is_empty() && sum > 0.0 && sum <= 100.1, "{country}");
    assert_eq!(told["facets"]["language"]["status"], "unsupported");
    let x = world.connect(&owner, "x", "acme").await.remove(0);
    let none = owner.get(&format!("/v1/accounts/{x}/audience")).await.body;
    assert!(none["facets"].as_object().expect("facets").values().all(|facet| facet["status"] == "unsupported"));
}

/// S4-06: what a platform sums itself, and tells two days late, comes day by day all the same.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_platform_sums_itself_is_told_by_day() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let ask = json!({"platform": "instagram", "method": "instagram_login"});
    let session = world.consent(&owner, ask, "acme").await;
    let id = session["accounts"][0]["id"].as_str().expect("an account");
    for _ in 0..5 {
        world.job("sync").await;
        world.advance(DAY);
    }
    let told = metrics(&owner, id, "keys=likes,reach&from=2026-11-18&to=2026-11-24").await;
    for series in told["data"].as_array().expect("series") {
        let points = series["points"].as_array().expect("points");
        assert!(points.iter().all(|point| point["v"].as_u64().is_some_and(|v| v > 0)), "{series}");
    }
}

/// S0-10: too little to measure is told as that; it is no error and degrades nothing.
#[tokio::test(flavor = "multi_thread")]
async fn too_little_to_measure_is_no_trouble() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let channel = json!({"title": "Quiet", "subscribers": 3, "views": 0});
    world.add_person(json!({"id": "quiet", "name": "Quiet", "google": {"channels": [channel]}})).await;
    let id = world.connect(&owner, "youtube", "quiet").await.remove(0);
    world.job("sync").await;
    let quiet = account(&owner, &id).await;
    assert_eq!(quiet["health"]["state"], "healthy", "{}", quiet["health"]);
    let analytics = &quiet["capabilities"]["analytics"];
    assert_eq!(
        (&analytics["available"], &analytics["reason"]),
        (&json!(false), &json!("insufficient_data")),
        "{quiet}"
    );
}
