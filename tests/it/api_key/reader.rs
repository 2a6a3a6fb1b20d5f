//! Readers that are an AI.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tests::World;

use super::ACCOUNTS;

/// What the workspace decides about an account, written where it lies.
pub(super) async fn decide(world: &World, workspace: &str, account: &str, settings: Value) {
    let key = |text: String| AttributeValue::S(text);
    let update = world.stack.client.update_item().table_name("mooring");
    let update = update.key("pk", key(format!("W#{workspace}"))).key("sk", key(format!("A#{account}")));
    let update =
        update.update_expression("SET #settings = :settings").expression_attribute_names("#settings", "settings");
    update.expression_attribute_values(":settings", attribute(&settings)).send().await.expect("the table");
}

fn attribute(value: &Value) -> AttributeValue {
    match value {
        Value::Bool(is) => AttributeValue::Bool(*is),
        Value::String(text) => AttributeValue::S(text.clone()),
        Value::Array(all) => AttributeValue::L(all.iter().map(attribute).collect()),
        Value::Object(members) => {
            AttributeValue::M(members.iter().map(|(name, value)| (name.clone(), attribute(value))).collect())
        }
        other => panic!("{other}"),
    }
}

/// S0-51, S0-62: an account that is not for AIs is not there for them, in no list, count or answer.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_not_for_an_ai_is_not_there_for_it() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let pages = world.connect(&owner, "facebook", "agency").await;
    let hidden = world.connect(&owner, "x", "demo-01").await.remove(0);
    let seen = world.connect(&owner, "x", "demo-02").await.remove(0);
    let whole = owner.get(&format!("{ACCOUNTS}/summary")).await.body;
    for account in [&hidden, &pages[0]] {
        decide(&world, "ws_1", account, json!({"hidden_from_ai": true})).await;
    }
    let (_, ai) = owner.program(&["ai:read", "accounts:read"]).await;
    let (_, program) = owner.program(&["accounts:read"]).await;
    assert_eq!(owner.get(&format!("{ACCOUNTS}/main")).await.body["data"]["x"]["id"], hidden.as_str());
    for path in ["accounts?limit=200", "accounts/main", "platforms"] {
        let path = format!("/v1/workspaces/ws_1/{path}");
        let (few, all) = (ai.get(&path).await, program.get(&path).await);
        assert_eq!((few.status, all.status), (200, 200), "{path}");
        assert!(!few.text.contains(&hidden) && all.text.contains(&hidden), "{path}: {}", few.text);
    }
    let total = |summary: &Value| summary["total"].as_u64().expect("a count");
    assert_eq!(total(&ai.get(&format!("{ACCOUNTS}/summary")).await.body) + 2, total(&whole));
    let absent = domain::AccountId::new(world.now(), [9; 16]).to_string();
    for path in ["", "/health", "/permissions", "/picture", "/queue-schedule"] {
        let [found, missing] = [&hidden, &absent].map(|id| format!("/v1/accounts/{id}{path}"));
        let (found, missing) = (ai.get(&found).await, ai.get(&missing).await);
        found.is_problem(404, "not_found");
        assert_eq!(found.body["detail"], missing.body["detail"]);
    }
    let page = ai.get(&format!("/v1/accounts/{}", pages[1])).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(!page.text.contains(&pages[0]), "{}", page.text);
    assert!(owner.get(&format!("/v1/accounts/{}", pages[1])).await.text.contains(&pages[0]));
    assert_eq!(ai.get(&format!("/v1/accounts/{seen}")).await.status, 200);
    assert_eq!(program.get(&format!("/v1/accounts/{hidden}")).await.status, 200);
}
