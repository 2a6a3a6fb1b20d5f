//! Who follows: what each platform tells in totals, and of how many at least.

use serde_json::{Value, json};

use crate::google::{self, READ};
use crate::harness::{Pairs, Reply, Sim, but, query};
use crate::threads;

const ASKED: [(&str, &str); 4] = [
    ("metric", "follower_demographics"),
    ("period", "lifetime"),
    ("metric_type", "total_value"),
    ("breakdown", "country"),
];

fn results(body: &Value) -> Vec<(String, i64)> {
    let rows = body["data"][0]["total_value"]["breakdowns"][0]["results"].as_array().cloned().unwrap_or_default();
    let row = |row: &Value| (row["dimension_values"][0].as_str().unwrap().to_owned(), row["value"].as_i64().unwrap());
    rows.iter().map(row).collect()
}

async fn instagram(sim: &Sim, token: &str, changed: Pairs<'_>) -> Reply {
    sim.ig("me/insights", token, &but(&ASKED, changed)).await
}

#[tokio::test]
async fn instagram_tells_followers_by_one_facet_and_the_largest_45() {
    let sim = Sim::start().await;
    let long = sim.ig_long("acme").await;
    let followers = sim.ig("me", &long, &[("fields", "followers_count")]).await.json()["followers_count"].as_i64();
    for (facet, count) in [("age", 7), ("gender", 3), ("country", 45), ("city", 8)] {
        let body = instagram(&sim, &long, &[("breakdown", facet)]).await.json();
        assert_eq!(body["data"][0]["total_value"]["breakdowns"][0]["dimension_keys"], json!([facet]));
        let told = results(&body);
        let sum: i64 = told.iter().map(|(_, value)| value).sum();
        assert!(told.is_sorted_by(|a, b| a.1 >= b.1) && told.len() == count, "{facet}: {told:?}");
        assert!(sum > 0 && Some(sum) < followers, "not everybody is known: {sum} of {followers:?}");
    }
    let wrong = [
        ("breakdown", ""),
        ("breakdown", "shoe_size"),
        ("breakdown", "country,city"),
        ("period", ""),
        ("period", "day"),
        ("metric_type", ""),
        ("metric_type", "time_series"),
        ("metric", "reach,follower_demographics"),
        ("metric", "reach"),
        ("since", "2026-11-10"),
    ];
    for change in wrong {
        assert_eq!(instagram(&sim, &long, &[change]).await.graph_error(), (400, 100, None), "{change:?}");
    }
    sim.fault("instagram", "metrics", "rate_limited").await;
    assert_eq!(instagram(&sim, &long, &[]).await.graph_error().1, 4, "the same route as all insights");
    let scope = json!({ "scope": "instagram_business_manage_insights" });
    assert_eq!(sim.event("instagram", "acme", "withdraw_scope", scope).await, 204);
    assert_eq!(instagram(&sim, &long, &[]).await.graph_error(), (403, 10, None));
}

#[tokio::test]
async fn instagram_tells_nothing_of_fewer_than_a_hundred_followers() {
    let sim = Sim::start().await;
    let put = async |followers: i64| {
        let account = json!([{ "username": "tiny", "followers": followers }]);
        sim.sim("POST", "people", json!({ "id": "tiny", "name": "Tiny", "instagram": account })).await
    };
    for (followers, told) in [(99, false), (100, true)] {
        assert_eq!(put(followers).await.status, 201);
        let long = sim.ig_long("tiny").await;
        let body = instagram(&sim, &long, &[("breakdown", "gender")]).await.json();
        assert_eq!(!results(&body).is_empty(), told, "{followers}");
        assert!(told || body == json!({ "data": [] }), "no error: {body}");
    }
}

#[tokio::test]
async fn instagram_tells_the_same_audience_through_a_page() {
    let sim = Sim::start().await;
    let (user, long) = (sim.fb_ig("acme").await, sim.ig_long("acme").await);
    let id = sim.ig("me", &long, &[("fields", "user_id")]).await.str("user_id");
    let own = instagram(&sim, &long, &[]).await.json();
    let path = format!("{id}/insights");
    assert_eq!(sim.graph(&path, &user, &ASKED).await.json(), own);
    assert_eq!(results(&own).len(), 45);
    let scope = json!({ "scope": "instagram_manage_insights" });
    assert_eq!(sim.event("facebook", "acme", "withdraw_scope", scope).await, 204);
    assert_eq!(sim.graph(&path, &user, &ASKED).await.graph_error(), (403, 10, None));
}

#[tokio::test]
async fn threads_tells_followers_by_one_facet() {
    let sim = threads::start().await;
    let long = sim.th_long("acme").await;
    let ask = async |more: Pairs<'_>| {
        let asked = [("metric", "follower_demographics"), ("breakdown", "city")];
        sim.th("me/threads_insights", &long, &but(&asked, more)).await
    };
    assert_eq!(results(&ask(&[]).await.json()).len(), 8);
    for change in
        [("breakdown", ""), ("breakdown", "job"), ("since", "2026-11-10"), ("metric", "views,follower_demographics")]
    {
        assert_eq!(ask(&[change]).await.graph_error(), (400, 100, None), "{change:?}");
    }
    let scope = json!({ "scope": "threads_manage_insights" });
    assert_eq!(sim.event("threads", "acme", "withdraw_scope", scope).await, 204);
    assert_eq!(ask(&[]).await.graph_error(), (403, 10, None));
    let tiny =
        json!({ "id": "tiny", "name": "Tiny", "instagram": [{ "username": "tiny" }], "threads": { "followers": 99 } });
    assert_eq!(sim.sim("POST", "people", tiny).await.status, 201);
    let long = sim.th_long("tiny").await;
    let asked = [("metric", "follower_demographics"), ("breakdown", "age")];
    assert_eq!(sim.th("me/threads_insights", &long, &asked).await.json(), json!({ "data": [] }));
}

async fn report(sim: &Sim, access: &str, metrics: &str, dimensions: &str) -> Reply {
    let span = [("ids", "channel==MINE"), ("startDate", "2026-09-01"), ("endDate", "2026-11-22")];
    let pairs = [&span[..], &[("metrics", metrics), ("dimensions", dimensions)]].concat();
    sim.g(&format!("/youtubeanalytics.googleapis.com/v2/reports?{}", query(&pairs)), access).await
}

#[tokio::test]
async fn youtube_tells_viewers_in_percent_and_views_by_country() {
    let sim = google::start().await;
    let (access, _) = sim.g_pair("acme").await;
    let body = report(&sim, &access, "viewerPercentage", "ageGroup,gender").await.json();
    let names: Vec<&str> =
        body["columnHeaders"].as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["ageGroup", "gender", "viewerPercentage"]);
    assert_eq!(body["columnHeaders"][2]["dataType"], "FLOAT");
    let rows = body["rows"].as_array().unwrap();
    let sum: f64 = rows.iter().map(|row| row[2].as_f64().unwrap()).sum();
    assert!(rows.len() == 14 && (95.0..=100.0).contains(&sum), "{sum}");
    for (dimension, count) in [("ageGroup", 7), ("gender", 2)] {
        let body = report(&sim, &access, "viewerPercentage", dimension).await.json();
        assert_eq!(body["rows"].as_array().unwrap().len(), count, "{dimension}");
    }
    let body = report(&sim, &access, "views,likes", "country").await.json();
    assert!(body["rows"].as_array().unwrap().iter().all(|row| row[1].as_i64() > row[2].as_i64()), "{body}");
    for (metrics, dimensions) in [
        ("views", "ageGroup,gender"),
        ("viewerPercentage,views", "gender"),
        ("viewerPercentage", "country"),
        ("viewerPercentage", ""),
        ("views", "city"),
    ] {
        let refused = report(&sim, &access, metrics, dimensions).await;
        assert_eq!(refused.status, 400, "{metrics} by {dimensions}");
    }
    let code = sim.g_approve(&[("scope", READ)], &[]).await.code();
    let narrow = sim.g_exchange(&code, &[]).await.str("access_token");
    assert_eq!(report(&sim, &narrow, "views", "country").await.status, 403);
    sim.fault("google", "metrics", "status:503").await;
    assert_eq!(report(&sim, &access, "views", "country").await.status, 503, "the same route as all reports");
}

#[tokio::test]
async fn youtube_tells_nothing_of_a_channel_that_nobody_has_viewed() {
    let sim = google::start().await;
    let channel = json!({ "title": "New", "subscribers": 3, "views": 0 });
    let person = json!({ "id": "newcomer", "name": "New", "google": { "channels": [channel] } });
    assert_eq!(sim.sim("POST", "people", person).await.status, 201);
    let (access, _) = sim.g_pair("newcomer").await;
    for (metrics, dimensions) in
        [("views", "day"), ("views", "country"), ("views", ""), ("viewerPercentage", "ageGroup,gender")]
    {
        let body = report(&sim, &access, metrics, dimensions).await.json();
        assert_eq!(body["rows"], json!([]), "{metrics} by {dimensions}");
    }
}
