//! What goes wrong while fetching, and whose trouble it is.

use serde_json::{Value, json};
use tests::World;

use super::{DAY, HOUR, MINUTE, account, runs, syncs};

fn fault(platform: &str, route: &str, kind: &str) -> Value {
    json!({"platform": platform, "route": route, "kind": kind})
}

/// S0-74, S4-25: what came is kept, what did not is told with its reason, and asked for again soon.
#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_does_not_come_takes_nothing_of_the_rest() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "facebook", "demo-01").await.remove(0);
    world.fault(fault("facebook", "metrics", "status:500")).await;
    assert_eq!(world.job("sync").await["partial"], 1);
    let [run] = runs(&owner, &id).await.try_into().expect("one run");
    assert_eq!((&run["state"], &run["error"]["scope"]), (&json!("partial"), &json!("metrics")), "{run}");
    assert_eq!((&run["error"]["code"], &run["error"]["retryable"]), (&json!("platform_unavailable"), &json!(true)));
    let now = account(&owner, &id).await;
    assert!(now["metrics_latest"]["followers"]["value"].is_u64(), "the profile came");
    assert_eq!(now["health"]["state"], "healthy", "{}", now["health"]);
    assert_eq!(now["sync"]["last_error"]["code"], "platform_unavailable");
    world.no_faults().await;
    world.advance(HOUR + MINUTE * 6);
    assert_eq!(world.job("sync").await["succeeded"], 1, "long before the interval is over");
    assert_eq!(account(&owner, &id).await["sync"]["last_error"], Value::Null);
}

/// S4-21: one account's trouble is its own.
#[tokio::test(flavor = "multi_thread")]
async fn one_account_fails_by_itself() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let bad = world.connect(&owner, "x", "demo-01").await.remove(0);
    let good = world.connect(&owner, "x", "demo-02").await.remove(0);
    world.job("sync").await;
    world.event(json!({"platform": "x", "account": "demo-01", "kind": "suspend"})).await;
    world.advance(DAY);
    let report = world.job("sync").await;
    assert_eq!((&report["succeeded"], &report["failed"]), (&json!(1), &json!(1)), "{report}");
    assert_eq!(world.health(&owner, &good).await["state"], "healthy");
    let health = world.health(&owner, &bad).await;
    assert_eq!(
        (&health["state"], &health["issues"][0]["code"]),
        (&json!("error"), &json!("account_restricted")),
        "{health}"
    );
    assert_eq!(runs(&owner, &bad).await[0]["error"]["code"], "account_restricted");
    assert!(world.kinds(&bad).contains(&"account.degraded".to_owned()), "{:?}", world.kinds(&bad));
}

/// S4-23: three failures in a row are told once, and so is their end; a day of them is an error.
#[tokio::test(flavor = "multi_thread")]
async fn failing_is_told_once_and_so_is_its_end() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "threads", "demo-01").await.remove(0);
    world.job("sync").await;
    world.fault(fault("threads", "profile", "status:400")).await;
    world.advance(HOUR * 6);
    let mut states = Vec::new();
    for wait in [0, 6, 11, 21, 41] {
        world.advance(MINUTE * wait);
        assert_eq!(world.job("sync").await["failed"], 1, "after {wait} minutes");
        states.push(world.health(&owner, &id).await["state"].as_str().expect("a state").to_owned());
    }
    assert_eq!(states, ["healthy", "healthy", "degraded", "degraded", "degraded"]);
    world.advance(DAY);
    assert_eq!(world.health(&owner, &id).await["state"], "error");
    let episodes = owner.get(&format!("/v1/accounts/{id}/health/history")).await.body;
    world.no_faults().await;
    world.job("sync").await;
    assert_eq!(world.health(&owner, &id).await["state"], "healthy");
    let told: Vec<(String, Value)> =
        world.told(&id).into_iter().filter(|(kind, _)| kind.starts_with("sync.")).collect();
    let kinds: Vec<&str> = told.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["sync.failed", "sync.recovered"]);
    assert_eq!(told[0].1["episode_id"], told[1].1["episode_id"]);
    let known = episodes["data"].as_array().expect("episodes");
    assert!(known.iter().any(|episode| episode["id"] == told[0].1["episode_id"]), "{episodes}");
}

/// S0-74: a platform's limit is nobody's failure: nothing is asked until it is over, in the platform's own words.
#[tokio::test(flavor = "multi_thread")]
async fn a_limit_is_waited_for() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "x", "demo-01").await.remove(0);
    world.job("sync").await;
    world.advance(DAY);
    world.fault(json!({"platform": "x", "route": "profile", "kind": "rate_limited", "times": 1})).await;
    world.job("sync").await;
    let now = account(&owner, &id).await;
    assert_eq!(now["health"]["state"], "healthy", "{}", now["health"]);
    assert_eq!(now["sync"]["last_error"]["code"], "platform_rate_limited", "{}", now["sync"]);
    let until: domain::Timestamp = now["sync"]["rate_limited_until"].as_str().expect("a time").parse().expect("a time");
    assert!(until >= world.now() + MINUTE * 14, "{until}");
    let calls = world.calls("profile").await;
    world.advance(MINUTE * 5);
    world.job("sync").await;
    assert_eq!(world.calls("profile").await, calls);
    world.advance(MINUTE * 20);
    assert_eq!(world.job("sync").await["succeeded"], 1);
}

/// An outage of a platform is told as that, and never as an account's trouble.
#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_nobodys_failure() {
    let world = World::start().await;
    let mut ids = Vec::new();
    for workspace in ["ws_1", "ws_2"] {
        for person in 1..=12 {
            let owner = world.owner(workspace);
            let id = world.connect(&owner, "pinterest", &format!("demo-{person:02}")).await.remove(0);
            ids.push((owner, id));
        }
    }
    world.job("sync").await;
    world.fault(fault("pinterest", "*", "status:503")).await;
    for hour in 0..30 {
        world.advance(HOUR);
        let report = world.job("sync").await;
        assert!(hour < 12 || report["failed"] == 0, "once it is known, who tries it has not failed: {report}");
        world.job("sweep").await;
    }
    for (owner, id) in &ids {
        let health = world.health(owner, id).await;
        assert_eq!(
            (&health["state"], &health["issues"][0]["code"]),
            (&json!("degraded"), &json!("platform_unavailable")),
            "{health}"
        );
    }
    let failed = world.published().iter().filter(|event| event["type"] == "sync.failed").count();
    assert_eq!(failed, 0, "nobody's sync fails by it");
    world.no_faults().await;
    for _ in 0..12 {
        world.advance(MINUTE * 10);
        world.job("sync").await;
        world.job("sweep").await;
    }
    for (owner, id) in &ids {
        assert_eq!(world.health(owner, id).await["state"], "healthy");
    }
}

/// A consent that has ended is found by a look and told as that; the account is not asked for any more.
#[tokio::test(flavor = "multi_thread")]
async fn a_consent_that_has_ended_is_not_a_failing_sync() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let id = world.connect(&owner, "x", "demo-01").await.remove(0);
    world.job("sync").await;
    world.event(json!({"platform": "x", "account": "demo-01", "kind": "revoke"})).await;
    world.advance(DAY);
    world.job("sync").await;
    let health = world.health(&owner, &id).await;
    assert_eq!(health["state"], "expired", "{health}");
    owner.post(&syncs(&id), json!({})).await.is_problem(409, "connection_expired");
    let calls = world.journal().await.len();
    for _ in 0..4 {
        world.advance(DAY);
        world.job("sync").await;
    }
    assert_eq!(world.journal().await.len(), calls, "nothing is asked for it");
    assert_eq!(world.connect(&owner, "x", "demo-01").await, std::slice::from_ref(&id));
    world.job("sync").await;
    assert_eq!(world.health(&owner, &id).await["state"], "healthy");
}
