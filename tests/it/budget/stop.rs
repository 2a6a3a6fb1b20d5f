//! A platform that says that it is enough is left alone until it is filled again, by every process.

use app::{
    Services,
    budget::{self, Class, Stopped, Why},
};
use domain::{Timestamp, budget::Per};
use jiff::SignedDuration;
use platforms::PlatformError;
use serde_json::{Value, json};
use tests::World;

use super::{By, another, look, one, reach, take, told, which};

/// A platform that refuses: how that comes about, who is stopped, and for how long.
struct Dialect {
    by: By,
    /// The session that connects an account of `acme`.
    ask: Value,
    event: Option<Value>,
    fault: Option<Value>,
    whom: Per,
    seconds: i64,
}

fn dialect(platform: &str, method: &str, whom: Per, seconds: i64) -> Dialect {
    let ask = json!({"platform": platform, "method": method});
    Dialect { by: By::new(platform, method), ask, event: None, fault: None, whom, seconds }
}

fn empty(platform: &str, account: &str) -> Value {
    json!({"platform": platform, "account": account, "kind": "quota_empty"})
}

fn answers(platform: &str, error: &str) -> Value {
    json!({"platform": platform, "route": "profile", "kind": error})
}

async fn refused(world: &World, account: &str, whom: Per) -> Option<Timestamp> {
    let (found, connector, tokens) = reach(world, "ws_1", account).await;
    // A page's token counts against the page: what is our app's is used up by lists with the person's.
    let answer = if found.platform.as_str() == "facebook" && whom == Per::App {
        connector.client.reread(&tokens, &[], world.now()).await.map(|_| ())
    } else {
        connector.client.profile(&tokens, which(&found), world.now()).await.map(|_| ())
    };
    match answer {
        Err(PlatformError::RateLimited { until }) => until,
        other => panic!("{other:?}"),
    }
}

async fn stop(services: &Services, by: &By, until: Option<Timestamp>) -> Stopped {
    budget::stop(services, &by.platform, &by.method, Class::Profile, until).await.expect("the table")
}

async fn shown(services: &Services, by: &By) -> Option<Timestamp> {
    let stopped = budget::stopped_until(services, &by.platform, &by.method, Class::Profile);
    stopped.await.expect("the table")
}

/// S0-74: each platform in its own dialect, at 10:00 UTC.
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_holds_for_every_process_until_its_reset() {
    let hour = 3_600;
    let all = [
        // Our app's is used up: Meta does not say for how long.
        Dialect { event: Some(empty("facebook", "demo-01")), ..dialect("facebook", "facebook_login", Per::App, 900) },
        Dialect { event: Some(empty("linkedin", "")), ..dialect("linkedin", "linkedin_login", Per::App, 14 * hour) },
        // Midnight in California is 08:00 UTC.
        Dialect { event: Some(empty("google", "")), ..dialect("youtube", "google_login", Per::App, 22 * hour) },
        Dialect { event: Some(empty("reddit", "")), ..dialect("reddit", "reddit_login", Per::App, 600) },
        Dialect {
            fault: Some(answers("tiktok", "error:rate_limited_rate_limit_exceeded")),
            ..dialect("tiktok", "tiktok_login", Per::App, 60)
        },
        Dialect { fault: Some(answers("x", "error:rate_limited")), ..dialect("x", "x_login", Per::Account, 900) },
    ];
    for Dialect { by, ask, event, fault, whom, seconds } in all {
        let world = World::start().await;
        let (services, other) = (&world.stack.services, another(&world));
        let connected = world.consent(&world.owner("ws_1"), ask, "demo-01").await;
        let account = match connected["accounts"][0]["id"].as_str() {
            Some(id) => id.to_owned(),
            None => world.connect(&world.owner("ws_1"), by.platform.as_str(), "demo-01").await.remove(0),
        };
        let of = one("ws_1", &account);
        let want = by.want(Class::Profile, &of);
        assert!(look(&world, "ws_1", &account).await.is_ok(), "{}", by.platform);
        if let Some(event) = event {
            world.event(event).await;
        }
        if let Some(fault) = fault {
            world.fault(fault).await;
        }
        let now = world.now();
        let until = refused(&world, &account, whom).await;
        let stopped = stop(services, &by, until).await;
        let wanted = Stopped { until: now + SignedDuration::from_secs(seconds), whom };
        assert_eq!(stopped, wanted, "{}", by.platform);
        let waits = if whom == Per::App { (0, Some((Why::Stopped, seconds))) } else { (1, None) };
        for process in [services, &other] {
            assert_eq!(told(&take(process, &want).await, now), waits, "{}", by.platform);
            let wanted = (whom == Per::App).then_some(stopped.until);
            assert_eq!(shown(process, &by).await, wanted, "{}", by.platform);
        }
        world.no_faults().await;
        world.advance(SignedDuration::from_secs(seconds - 1));
        assert_eq!(take(&other, &want).await.go, usize::from(whom == Per::Account), "{}", by.platform);
        world.advance(SignedDuration::from_secs(1));
        for process in [services, &other] {
            assert_eq!(take(process, &want).await.go, 1, "{}", by.platform);
            assert_eq!(shown(process, &by).await, None, "{}", by.platform);
        }
    }
}

/// A page that is refused at Facebook waits as long as Meta says, and nobody else does.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_refused_stops_nobody_else() {
    let world = World::start().await;
    let services = &world.stack.services;
    let pages = world.connect(&world.owner("ws_1"), "facebook", "agency").await;
    let of: Vec<_> = pages.iter().flat_map(|id| one("ws_1", id)).collect();
    let account = services.store.find_account(&of[0].0, of[0].1).await.expect("the table").expect("it");
    let page = &account.profile.platform_account_id;
    world.event(empty("facebook", page)).await;
    // What was told when they were connected says nothing of now.
    world.advance(SignedDuration::from_mins(5));
    let until = refused(&world, &pages[0], Per::Account).await;
    let facebook = By::new("facebook", "facebook_login");
    let midnight = "2026-11-23T00:00:00Z".parse().expect("a time");
    let wanted = Stopped { until: midnight, whom: Per::Account };
    assert_eq!(stop(services, &facebook, until).await, wanted);
    assert_eq!(take(services, &facebook.want(Class::Profile, &of)).await.go, of.len());
    assert!(look(&world, "ws_1", &pages[1]).await.is_ok());
}

/// What a platform tells with good answers stops fetching before it refuses anything, so that publishing goes on.
#[tokio::test(flavor = "multi_thread")]
async fn fetching_stops_before_the_platform_refuses() {
    let world = World::start().await;
    let services = &world.stack.services;
    let reddit = By::new("reddit", "reddit_login");
    let account = world.connect(&world.owner("ws_1"), "reddit", "demo-01").await.remove(0);
    let of = one("ws_1", &account);
    for (left, stops) in [("220", false), ("190", true)] {
        world.event(json!({"platform": "reddit", "account": "", "kind": "quota_empty", "to": left})).await;
        look(&world, "ws_1", &account).await.expect("a good answer");
        budget::told(services, &reddit.platform, &reddit.method, Class::Profile).await.expect("the table");
        let taken = take(&another(&world), &reddit.want(Class::Profile, &of)).await;
        assert_eq!(taken.go, usize::from(!stops), "{left} left of a thousand");
    }
    let row = world.operator().get("/v1/ops/budgets").await.body["data"].clone();
    let row = row.as_array().expect("budgets").iter().find(|row| row["name"] == "reddit_app").expect("it").clone();
    assert_eq!(
        (&row["blocked_until"], &row["blocked_why"]),
        (&json!("2026-11-22T10:10:00Z"), &json!("nearly_used_up"))
    );
    world.advance(SignedDuration::from_mins(10));
    assert_eq!(take(services, &reddit.want(Class::Profile, &of)).await.go, 1);
}
