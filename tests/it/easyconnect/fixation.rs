//! A visit is the client's own: no other cookie, no other visit and no route of the API is reached by it.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, World, send};

use crate::edge::route::{Operation, operations, told};

use super::{
    Client, Link, SESSIONS, VISIT, accounts, for_x,
    form::{Visitor, form},
    tour::cookie,
};

/// CHK-E12: whatever was planted is replaced on landing, and each landing gives another.
#[tokio::test(flavor = "multi_thread")]
async fn a_planted_cookie_is_replaced_on_landing() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let link = Link::make(&owner, for_x()).await;
    let (attacker, _) = Visitor::start(&world, &link).await;
    let planted = attacker.browser.cookies(&world.product)["visit"].clone();
    let victim = Visitor { world: &world, browser: world.browser() };
    let mut seen = BTreeSet::from([planted.clone()]);
    for value in [planted.as_str(), "", "planted"] {
        victim.browser.plant(&world.product, "visit", value);
        victim.browser.open(&link.url).await;
        let own = victim.browser.cookies(&world.product)["visit"].clone();
        assert!(seen.insert(own), "a new one");
        // It was not opened by this person, though the planted one was.
        let home = victim.open("/c").await;
        assert!(home.text.contains("action=\"/c/start\""), "{}", home.text);
    }
    let home = victim.open("/c").await;
    let list = victim.press(&form(&home, "/c/start", &[]), &[]).await;
    let pick = victim.consent(&list, &[("item", "1")], "acme").await;
    let back = pick.url.strip_prefix(&world.product).expect("ours").to_owned();
    let id = back.split_once('=').expect("a session").1.to_owned();
    // Whoever planted the first one reaches nothing of it.
    let theirs = attacker.open(&back).await;
    assert_eq!(theirs.status, 404, "{}", theirs.text);
    assert!(!theirs.text.contains("@acme"), "{}", theirs.text);
    let list = attacker.open("/c").await;
    let token = form(&list, "/c/finish", &[]).fields[0].1.clone();
    let candidate = form(&pick, "/c/choose", &[]);
    let chosen = [("csrf", token.as_str()), ("session", id.as_str()), ("candidate", "cand_01JD0000000000000000000000")];
    let refused = attacker.browser.submit(&attacker.at("/c/choose"), &chosen).await;
    assert!(refused.status >= 400, "{}", refused.status);
    assert_eq!(accounts(&owner).await.len(), 0);
    assert_eq!(victim.press(&candidate, &[]).await.status, 200);
    assert_eq!(accounts(&owner).await.len(), 1);
}

/// CHK-E8, CHK-E12: another visit of the same link does not meet the first one's attempts.
#[tokio::test(flavor = "multi_thread")]
async fn a_visit_does_not_see_another_ones_attempt() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let link = Link::make(&owner, for_x()).await;
    let other_link = Link::make(&owner, for_x()).await;
    let (first, second) = (Client::open(&world, &link).await, Client::open(&world, &link).await);
    let third = Client::open(&world, &other_link).await;
    let id = first.consent(json!({"item": 1}), "acme").await;
    let open = first.selectable(&id).await;
    let nowhere = "cs_01JD0000000000000000000000";
    for stranger in [&second, &third] {
        for path in [format!("{SESSIONS}/{id}"), format!("{SESSIONS}/{id}/candidates")] {
            let refused = stranger.caller.get(&path).await;
            refused.is_problem(404, "not_found");
            let absent = stranger.caller.get(&path.replace(&id, nowhere)).await;
            assert_eq!(told(&refused, &[&id]), told(&absent, &[nowhere]));
        }
        stranger.choose(&id, &open).await.is_problem(404, "not_found");
    }
    // Nor the attempt of a member of the workspace.
    let own = world.consent(&owner, json!({"platform": "facebook"}), "acme-team").await;
    let own = own["id"].as_str().expect("an id");
    first.caller.get(&format!("{SESSIONS}/{own}")).await.is_problem(404, "not_found");
    assert_eq!(first.choose(&id, &open).await.status, 200);
    second.caller.get(&format!("{SESSIONS}/{id}")).await.is_problem(404, "not_found");
}

/// A path of an operation with ids that there are.
fn path(operation: &Operation, ids: &[(&str, &str)]) -> String {
    let value = |name: &str| ids.iter().find(|(known, _)| *known == name).map_or("1", |(_, id)| *id).to_owned();
    operation
        .parameters()
        .iter()
        .fold(operation.path.clone(), |path, name| path.replace(&format!("{{{name}}}"), &value(name)))
}

/// CHK-E7: whatever the route, who bears a visit is nobody.
#[tokio::test(flavor = "multi_thread")]
async fn a_visit_reaches_no_route_of_the_api() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let account = world.connect(&owner, "x", "demo-01").await.remove(0);
    let link = Link::make(&owner, for_x()).await;
    let client = Client::open(&world, &link).await;
    let session = client.consent(json!({"item": 1}), "acme").await;
    let (visitor, _) = Visitor::start(&world, &link).await;
    let cookie = cookie(&visitor);
    let ids = [
        ("workspace", "ws_1"),
        ("account", account.as_str()),
        ("link", link.id.as_str()),
        ("session", session.as_str()),
        ("platform", "x"),
    ];
    let before = world.dump().await;
    let mut tried = 0;
    for operation in operations(&world).await {
        if operation.path.starts_with("/v1/public/easyconnect/")
            || operation.path.starts_with("/v1/dev/")
            || operation.path.starts_with("/v1/oauth/")
        {
            continue;
        }
        let path = path(&operation, &ids);
        let call = |bears: Option<(&str, String)>| {
            let call = world.nobody().call(operation.method.clone(), &path);
            let call = if operation.changes() { call.json(&json!({})) } else { call };
            let call = call.header("sec-fetch-site", "same-origin");
            match bears {
                Some((name, value)) => call.header(name, value),
                None => call,
            }
        };
        let nobody = send(call(None)).await;
        let by_token = send(call(Some(("authorization", format!("Bearer {}", client.token()))))).await;
        let by_cookie = send(call(Some(("cookie", cookie.clone())))).await;
        let plain = |answer: &Answer| if operation.public { (answer.status, Value::Null) } else { told(answer, &[]) };
        assert_eq!(plain(&by_cookie), plain(&nobody), "{} by the cookie", operation.id);
        if operation.public {
            continue;
        }
        assert_eq!((nobody.status, by_token.status), (401, 401), "{} {}", operation.id, by_token.text);
        assert_eq!(plain(&by_token), plain(&nobody), "{} by the token", operation.id);
        tried += 1;
    }
    assert!(tried > 60, "{tried}");
    for path in ["/console", "/console/accounts", &format!("/console/accounts/{account}")] {
        let page = visitor.open(path).await;
        assert!(page.status != 200 || !page.text.contains(&account), "{path}: {}", page.text);
    }
    assert_eq!(world.dump().await, before);
    // In turn, a member's token is no visit.
    for path in [VISIT.to_owned(), format!("{SESSIONS}/{session}"), format!("{VISIT}/receipt")] {
        owner.get(&path).await.is_problem(401, "unauthenticated");
        let both = world.nobody().call(Method::GET, &path).header("cookie", format!("{cookie}; {cookie}"));
        assert_eq!(send(both).await.status, 401, "two cookies of one name are none");
    }
}
