//! What somebody may not see is in no list, no count and no facet.

use serde_json::{Value, json};
use tests::{Caller, World};

use super::{ACCOUNTS, ids, table::amend};

/// Everything that counts accounts, but for the caller's own rights in each row.
async fn told(caller: &Caller) -> Vec<Value> {
    let mut told = Vec::new();
    for path in [
        "/summary",
        "/summary?group_by=platform",
        "/main",
        "?facets=true&sort=name",
        "?facets=true&lifecycle=active,disconnected",
        "?limit=1",
        "?limit=1&sort=-connected_at",
        "?limit=1&sort=name",
        "?q=acme",
    ] {
        let mut body = caller.get(&format!("{ACCOUNTS}{path}")).await.body;
        if let Some(page) = body["page"].as_object_mut() {
            page.remove("next_cursor");
        }
        told.push(body);
    }
    told
}

/// For whom accounts are hidden, it is as if they were not there: neither by counts nor by gaps in pages.
#[tokio::test(flavor = "multi_thread")]
async fn a_hidden_account_is_in_no_list_count_or_facet() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let seen = world.connect(&owner, "x", "demo-01").await.remove(0);
    let viewer = world.member("ws_1", "viewer");
    let before = told(&viewer).await;
    let mut hidden = Vec::new();
    for (platform, person) in [("x", "acme"), ("x", "mallory"), ("pinterest", "acme"), ("threads", "acme")] {
        hidden.extend(world.connect(&owner, platform, person).await);
    }
    let acl = json!([{"user": "user-editor", "rights": []}]);
    for id in &hidden {
        let settings = json!({"visibility": "private", "tags": ["secret"], "acl": acl});
        amend(&world, id, &json!({"settings": settings})).await;
    }
    assert_eq!(told(&viewer).await, before);
    assert_eq!(ids(&viewer.get(&format!("{ACCOUNTS}?limit=1")).await), [seen.as_str()]);
    for platforms in ["/v1/workspaces/ws_1/platforms"] {
        let cards = viewer.get(platforms).await;
        assert!(hidden.iter().all(|id| !cards.text.contains(id)), "{}", cards.text);
    }
    // Who is on their lists, or an administrator, has them all.
    for caller in [&world.member("ws_1", "editor"), &world.member("ws_1", "admin")] {
        assert_eq!(ids(&caller.get(ACCOUNTS).await).len(), 1 + hidden.len());
        assert_eq!(caller.get(&format!("{ACCOUNTS}/summary")).await.body["total"], 5);
        let page = caller.get(&format!("{ACCOUNTS}?tag=SECRET&facets=true")).await;
        assert_eq!(ids(&page).len(), hidden.len());
        assert_eq!(page.body["facets"]["tag"], json!([{"id": "secret", "name": null, "count": 4}]));
    }
}
