//! What is too much for the request that removes an account is erased all the same.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;
use tests::World;

use super::run;

/// S4-14: however much there is beside a removed account, all of it goes, and the receipt names the run that does it.
#[tokio::test(flavor = "multi_thread")]
async fn all_that_lies_beside_a_removed_account_goes() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let account = world.connect(&owner, "x", "acme").await.remove(0);
    let text = |text: String| AttributeValue::S(text);
    for n in 0..2_050 {
        let item = HashMap::from([
            ("pk".to_owned(), text("W#ws_1".to_owned())),
            ("sk".to_owned(), text(format!("H#{account}#{n:05}"))),
        ]);
        world.stack.client.put_item().table_name("mooring").set_item(Some(item)).send().await.expect("the table");
    }
    let receipt = owner.delete(&format!("/v1/accounts/{account}")).await;
    assert_eq!(receipt.status, 202, "{}", receipt.text);
    let purge = receipt.body["purge_id"].as_str().expect("a run").to_owned();
    world.job("sweep").await;
    let found = run(&owner, &purge).await;
    assert_eq!((&found["kind"], &found["state"]), (&json!("purge"), &json!("succeeded")));
    let left: Vec<String> = world.dump().await.into_keys().filter(|key| key.contains(&account)).collect();
    assert_eq!(left, Vec::<String>::new());
}
