//! The operator reads how all budgets stand, and nobody else does.

use app::budget::Class;
use serde_json::{Value, json};
use tests::World;

use super::{By, accounts, take};

const PATH: &str = "/v1/ops/budgets";

fn of<'a>(shown: &'a Value, platform: &str, name: &str) -> &'a Value {
    let all = shown["data"].as_array().expect("budgets").iter();
    all.clone().find(|row| row["platform"] == platform && row["name"] == name).expect("the budget")
}

/// CHK-P2: no role in a workspace and no key that a member can make reads over other workspaces.
#[tokio::test(flavor = "multi_thread")]
async fn no_member_of_a_workspace_reads_the_budgets() {
    let world = World::start().await;
    for role in ["viewer", "analyst", "editor", "manager", "admin", "owner"] {
        world.member("ws_1", role).get(PATH).await.is_problem(403, "permission_denied");
    }
    let claims = json!({"ws": "ws_1", "role": "owner", "plan": "enterprise", "perms": ["ops.read"]});
    world.caller(claims).get(PATH).await.is_problem(403, "permission_denied");
    world.nobody().get(PATH).await.is_problem(401, "unauthenticated");
    let owner = world.owner("ws_1");
    let ask = json!({"name": "a", "scopes": ["ops:*"]});
    owner.post("/v1/workspaces/ws_1/api-keys", ask).await.is_problem(403, "permission_denied");
    let table = world.nobody().get("/v1/meta/permissions").await.body;
    let scopes = table["scopes"].as_array().expect("scopes").iter().filter_map(|row| row["scope"].as_str());
    let all: Vec<&str> = scopes.filter(|scope| !["ops:*", "ai:read"].contains(scope)).collect();
    owner.program(&all).await.1.get(PATH).await.is_problem(403, "permission_denied");
}

/// The operator's key is for that alone.
#[tokio::test(flavor = "multi_thread")]
async fn the_operator_reads_the_budgets_and_nothing_of_a_workspace() {
    let world = World::start().await;
    let operator = world.operator();
    assert_eq!(operator.get(PATH).await.status, 200);
    for path in ["/v1/workspaces/ws_1/accounts", "/v1/workspaces/operator/accounts", "/v1/workspaces/operator"] {
        operator.get(path).await.is_problem(403, "permission_denied");
    }
    let mut other = operator.token.clone().expect("a key");
    other.replace_range(46.., if other.ends_with('A') { "B" } else { "A" });
    world.nobody().with_token(other).get(PATH).await.is_problem(401, "unauthenticated");
    let key = operator.token.expect("a key");
    assert!(!json!(world.whole_dump().await).to_string().contains(&key[12..]));
}

/// What was taken is shown by workspace, in its window alone.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_used_is_shown_by_workspace() {
    let world = World::start().await;
    let services = &world.stack.services;
    let (tiktok, more) = (By::new("tiktok", "tiktok_login"), accounts("ws_2", 2));
    let all: Vec<_> = accounts("ws_1", 3).into_iter().chain(more).collect();
    assert_eq!(take(services, &tiktok.want(Class::Profile, &all)).await.go, 5);
    let shown = world.operator().get(PATH).await.body;
    let budget = json!({
        "platform": "tiktok", "method": "tiktok_login", "name": "user_info", "classes": ["profile"], "per": "app",
        "window": "minute", "limit": 600, "share": 300, "cost": 4, "stop_percent": null,
        "used": {"calls": 5, "units": 20, "by_workspace": [
            {"workspace": "ws_1", "calls": 3, "units": 12}, {"workspace": "ws_2", "calls": 2, "units": 8}]},
        "resets_at": "2026-11-22T10:01:00Z", "blocked_until": null, "blocked_why": null,
    });
    assert_eq!(*of(&shown, "tiktok", "user_info"), budget);
    assert_eq!(of(&shown, "tiktok", "video_list")["used"]["calls"], 0);
    assert_eq!(of(&shown, "x", "users_me")["used"], Value::Null, "each account's own");
    let spend = json!([{"platform": "x", "date": "2026-11-22", "usd": "0.00", "cap_usd": null,
        "resets_at": "2026-11-23T00:00:00Z", "by_workspace": []}]);
    assert_eq!(shown["spend"], spend);
    // Facebook's app is Instagram's too, and its budget one.
    let (facebook, instagram) = (By::new("facebook", "facebook_login"), By::new("instagram", "facebook_login"));
    for by in [facebook, instagram] {
        take(services, &by.want(Class::Metrics, &all)).await;
    }
    let shown = world.operator().get(PATH).await.body;
    for platform in ["facebook", "instagram"] {
        assert_eq!(of(&shown, platform, "meta_app")["used"]["calls"], 10, "{platform}");
    }
    world.advance(jiff::SignedDuration::from_mins(1));
    let shown = world.operator().get(PATH).await.body;
    assert_eq!(of(&shown, "tiktok", "user_info")["used"], json!({"calls": 0, "units": 0, "by_workspace": []}));
}
