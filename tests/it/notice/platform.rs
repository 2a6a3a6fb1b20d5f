//! What the simulated platforms tell by themselves, signed by them.

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Caller, World};

use super::verdict;

/// A way to connect, the simulated platform that knows the app, and what it is called there that a person removed it.
const TELLERS: [(&str, &str, &str, &str); 9] = [
    ("facebook", "facebook_login", "facebook", "deauthorize"),
    ("instagram", "facebook_login", "facebook", "deauthorize"),
    ("instagram", "instagram_login", "instagram", "deauthorize"),
    ("threads", "threads_login", "threads", "deauthorize"),
    ("x", "x_login", "x", "oauth.revoke"),
    ("tiktok", "tiktok_login", "tiktok", "authorization.removed"),
    ("tiktok", "tiktok_business", "tiktok", "authorization.removed"),
    ("youtube", "google_login", "google", "tokens-revoked"),
    ("google_business", "google_login", "google", "tokens-revoked"),
];

/// What acme has on a platform, connected a minute ago.
async fn connected(world: &World, owner: &Caller, platform: &str, method: &str) -> String {
    let session = world.consent(owner, json!({"platform": platform, "method": method}), "acme").await;
    let account = session["accounts"][0]["id"].as_str().unwrap_or_else(|| panic!("{platform} by {method}: {session}"));
    world.advance(SignedDuration::from_mins(1));
    account.to_owned()
}

/// What came of each attempt to tell.
async fn told(world: &World) -> Vec<(String, Value)> {
    let notices = world.steer(Method::GET, "notices", Value::Null).await;
    let all = notices["data"].as_array().cloned().unwrap_or_default();
    all.into_iter().map(|n| (n["state"].as_str().expect("a state").to_owned(), n["outcome"].clone())).collect()
}

/// S0-73, CHK-S4: each platform that tells is believed at once, and nobody waits for a sweep.
#[tokio::test(flavor = "multi_thread")]
async fn who_removes_our_app_is_believed_on_each_platform_that_tells() {
    for (platform, method, simulated, _) in TELLERS {
        let world = World::start().await;
        let owner = world.owner("ws_1");
        let account = connected(&world, &owner, platform, method).await;
        world.event(json!({"platform": simulated, "account": "acme", "kind": "revoke"})).await;
        let notices = told(&world).await;
        assert!(
            !notices.is_empty() && notices.iter().all(|(state, _)| state == "delivered"),
            "{platform}: {notices:?}"
        );
        let ended = ("expired".to_owned(), "revoked".to_owned());
        assert_eq!(verdict(&world, &owner, &account).await, ended, "{platform} by {method}");
        assert_eq!(world.kinds(&account), ["account.connected", "account.expired"], "{platform} by {method}");
    }
}

/// CHK-S4: what is forged, cut, stale, signed for another app or about nobody changes nothing; what comes twice is one.
#[tokio::test(flavor = "multi_thread")]
async fn a_notice_that_a_platform_would_not_send_is_refused_in_each_dialect() {
    for (platform, method, simulated, kind) in TELLERS {
        let world = World::start().await;
        let owner = world.owner("ws_1");
        let account = connected(&world, &owner, platform, method).await;
        let before = world.dump().await;
        for tamper in ["forged", "truncated_signature", "other_secret", "stale", "unknown_person"] {
            // X's notices bear no time: an old one is as a new one, and is looked into.
            if (platform, tamper) == ("x", "stale") {
                continue;
            }
            let sent = json!({"platform": simulated, "kind": kind, "account": "acme", "tamper": tamper});
            let sent = world.steer(Method::POST, "notices", sent).await;
            let wanted = if tamper == "unknown_person" { "delivered" } else { "waiting" };
            for notice in sent["data"].as_array().expect("notices") {
                assert_eq!(notice["state"], wanted, "{platform} {tamper}: {notice}");
                assert!(
                    wanted == "delivered" || notice["outcome"].as_str().is_some_and(|o| o.contains("401")),
                    "{notice}"
                );
            }
            assert_eq!(world.dump().await, before, "{platform} {tamper}");
        }
        let twice = json!({"platform": simulated, "kind": kind, "account": "acme", "tamper": "duplicate"});
        world.steer(Method::POST, "notices", twice).await;
        assert_eq!(world.kinds(&account), ["account.connected", "account.expired"], "{platform} by {method}");
    }
}
