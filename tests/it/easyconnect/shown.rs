//! What a client is shown: what is asked of them and what they connected, and nothing of the workspace.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::{Answer, World};

use super::{Client, Link, SESSIONS, VISIT, VISITS, tour};

/// Every member of every answer to a client.
const ALLOWED: [&str; 76] = [
    "/connected",
    "/data",
    "/data/already_connected",
    "/data/fix_url",
    "/data/handle",
    "/data/id",
    "/data/kind",
    "/data/name",
    "/data/picture",
    "/data/reason",
    "/data/role",
    "/data/selectable",
    "/data/user_message",
    "/error",
    "/error/code",
    "/error/expected",
    "/error/got",
    "/error/user_message",
    "/expires_at",
    "/expires_in",
    "/id",
    "/jws",
    "/missing",
    "/platform",
    "/receipt",
    "/receipt/asked_by",
    "/receipt/connections",
    "/receipt/connections/allows",
    "/receipt/connections/capabilities",
    "/receipt/connections/consented_at",
    "/receipt/connections/consented_by",
    "/receipt/connections/handle",
    "/receipt/connections/item",
    "/receipt/connections/manual_revoke_url",
    "/receipt/connections/name",
    "/receipt/connections/platform",
    "/receipt/connections/scopes",
    "/receipt/connections/withdrawn_at",
    "/receipt/iat",
    "/receipt/iss",
    "/receipt/link",
    "/receipt_url",
    "/revocation",
    "/revocation/manual_url",
    "/revocation/status",
    "/revocation/steps",
    "/revocation/steps/kind",
    "/revocation/steps/text",
    "/room",
    "/start_url",
    "/status",
    "/visit",
    "/visit_token",
    "/agency",
    "/items",
    "/items/expected",
    "/items/handle",
    "/items/item",
    "/items/kind",
    "/items/name",
    "/items/optional",
    "/items/platform",
    "/items/platform_name",
    "/items/status",
    "/language",
    "/platforms",
    "/platforms/name",
    "/platforms/platform",
    "/progress",
    "/progress/done",
    "/progress/of",
    "/title",
    // Of problems.
    "/action",
    "/action/kind",
    "/action/url",
    "/link",
];

/// What a problem may say beside that.
const OF_PROBLEMS: [&str; 16] = [
    "/link/agency",
    "/link/title",
    "/code",
    "/detail",
    "/errors",
    "/errors/code",
    "/errors/detail",
    "/errors/pointer",
    "/instance",
    "/request_id",
    "/requires_password",
    "/tries_left",
    "/retry_after",
    "/retryable",
    "/user_message",
    "/type",
];

fn members(value: &Value, at: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let at = format!("{at}/{name}");
                found.insert(at.clone());
                members_of(value, &at, found);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| members(value, at, found)),
        _ => {}
    }
}

/// A visit is shown alike wherever it stands.
fn members_of(value: &Value, at: &str, found: &mut BTreeSet<String>) {
    members(value, if at == "/visit" { "" } else { at }, found);
}

/// CHK-E8: every answer to a client has only these members, and no text of ours but the attempt's id.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_is_told_what_is_theirs_and_nothing_else() {
    let world = World::start().await;
    let owner = world
        .caller(json!({"ws": "ws_1", "role": "owner", "sub": "user-olga", "name": "Olga Owner", "plan": "enterprise"}));
    let other = world.connect(&owner, "facebook", "demo-03").await;
    let asks = json!({"title": "Acme", "password": "a good word", "allowed_platforms": ["x", "facebook"], "branding": {"name": "North Agency"},
        "recipient": {"name": "Ida", "email": "ida@acme.example"}, "client_ref": "client_7", "tags": ["secret tag"], "max_connections": 3,
        "items": [{"platform": "x", "expected_handle": "acme"}, {"platform": "facebook", "kind": "page"}]});
    let link = Link::make(&owner, asks).await;
    let mut told: Vec<(&str, Answer)> = Vec::new();
    let nobody = world.nobody();
    let sends = |password: &str| json!({"token": link.secret(), "password": password});
    told.push(("no password", nobody.post(VISITS, json!({"token": link.secret()})).await));
    told.push(("a wrong one", nobody.post(VISITS, sends("a wrong word")).await));
    told.push(("opened", nobody.post(VISITS, sends("a good word")).await));
    let client = Client::with(&world, sends("a good word")).await;
    told.push(("visit", client.caller.get(VISIT).await));
    let wrong = client.consent(json!({"item": 1}), "mallory").await;
    told.push(("the wrong account", client.caller.get(&format!("{SESSIONS}/{wrong}")).await));
    told.push(("begun", client.caller.post(SESSIONS, json!({"item": 2})).await));
    let id = client.consent(json!({"item": 2}), "acme-team").await;
    told.push(("attempt", client.caller.get(&format!("{SESSIONS}/{id}")).await));
    told.push(("candidates", client.caller.get(&format!("{SESSIONS}/{id}/candidates")).await));
    let open = client.selectable(&id).await;
    told.push(("nothing chosen", client.choose(&id, &["x".to_owned()]).await));
    told.push(("chosen", client.choose(&id, &open).await));
    // Somebody else's connection in this workspace is offered again.
    let id = client.consent(json!({"platform": "facebook"}), "demo-03").await;
    told.push(("connected by others", client.caller.get(&format!("{SESSIONS}/{id}/candidates")).await));
    told.push(("not asked for", client.caller.post(SESSIONS, json!({"platform": "reddit"})).await));
    told.push(("finished", client.caller.post(&format!("{VISIT}/finish"), json!({})).await));
    told.push(("receipt", client.caller.get(&format!("{VISIT}/receipt")).await));
    told.push(("taken back", client.withdraw(2).await));
    told.push(("once more", client.withdraw(2).await));
    told.push(("nowhere", client.withdraw(9).await));
    assert_eq!(link.patch(&owner, json!({"enabled": false})).await.status, 200);
    told.push(("paused", client.caller.post(SESSIONS, json!({"item": 1})).await));
    told.push(("paused on landing", nobody.post(VISITS, sends("a good word")).await));

    let allowed: BTreeSet<String> = ALLOWED.iter().chain(&OF_PROBLEMS).map(|&at| at.to_owned()).collect();
    let mut seen = BTreeSet::new();
    for (what, answer) in &told {
        assert!(!answer.body.is_null() && answer.status < 500, "{what}: {}", answer.text);
        let mut found = BTreeSet::new();
        members(&answer.body, "", &mut found);
        let more: Vec<_> = found.difference(&allowed).filter(|at| answer.status < 400 || *at != "/status").collect();
        assert!(more.is_empty(), "{what}: {more:?}");
        seen.extend(found);
        for text in
            ["acc_", "grt_", "ecl_", "ws_1", "user-", "Olga", "secret tag", "client_7", "ida@", "argon2", &other[0]]
        {
            assert!(!answer.text.contains(text), "{what} says {text}: {}", answer.text);
        }
    }
    let unseen: Vec<_> = ALLOWED.iter().filter(|at| !seen.contains(**at)).collect();
    assert!(unseen.len() < 8, "the list is of what there is: {unseen:?}");
}

/// CHK-E8: nor is a page.
#[tokio::test(flavor = "multi_thread")]
async fn no_page_names_an_account_or_a_member() {
    let world = World::start().await;
    let owner = world
        .caller(json!({"ws": "ws_1", "role": "owner", "sub": "user-olga", "name": "Olga Owner", "plan": "enterprise"}));
    let toured = tour::tour(&world, &owner, &tour::Names::default()).await;
    for (name, page) in &toured.pages {
        for text in ["acc_", "grt_", "ecl_", "user-", "Olga", "argon2"] {
            assert!(!page.text.contains(text), "{name} says {text}: {}", page.text);
        }
    }
}

/// CHK-E8: before its password a link says its title and who asks, and a page of it no more.
#[tokio::test(flavor = "multi_thread")]
async fn who_has_not_given_the_password_sees_nothing_of_what_is_connected() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let asks = json!({"title": "Onboarding", "password": "a good word", "items": [{"platform": "x", "expected_handle": "acme"}]});
    let link = Link::make(&owner, asks).await;
    let client = Client::with(&world, json!({"token": link.secret(), "password": "a good word"})).await;
    assert_eq!(client.connect(json!({"item": 1}), "acme").await.status, 200);
    let (visitor, home) = super::form::Visitor::land(&world, &link).await;
    let mut pages = vec![home];
    for path in
        ["/c/receipt", "/c/receipt.json", "/c/withdraw?item=1", "/c/device", "/c/back", "/c/withdraw?item=1&lang=de"]
    {
        pages.push(visitor.open(path).await);
        pages.push(visitor.browser.go(&visitor.at(path)).await);
    }
    for page in pages {
        for text in ["@acme", ">acme", "Acme"] {
            assert!(!page.text.contains(text), "{} says {text}: {}", page.url, page.text);
        }
    }
}
