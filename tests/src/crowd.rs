//! Many accounts at once: one that was connected is laid into many workspaces, each with a grant of its own on the same
//! tokens, as if each had been connected there.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{AccountId, Grant, GrantId, Timestamp, WorkspaceId};
use local::Stack;

type Item = HashMap<String, AttributeValue>;

/// The table of a stack.
const TABLE: &str = "mooring";
/// Parts of the due index of a stack.
const SHARDS: usize = 4;

/// Lays an account of a workspace into so many others, `<name>-0` and on, due at once; answers with their ids.
pub async fn crowd(
    stack: &Stack,
    (workspace, account): (&WorkspaceId, AccountId),
    name: &str,
    many: usize,
) -> Vec<(WorkspaceId, AccountId)> {
    let services = &stack.services;
    let row = items(stack, &format!("W#{workspace}"), &format!("A#{account}")).await.remove(0);
    let claims = items(stack, &format!("W#{workspace}"), "C#").await;
    let of = |item: &Item| text(item, "account") == account.to_string();
    let claim = claims.into_iter().find(of).expect("a claim");
    let grant_id: GrantId = text(&row, "grant").parse().expect("a grant");
    let grant = services.store.find_grant(grant_id).await.expect("the table").expect("a grant");
    let tokens = services.vault.unseal(&grant.sealed_for(), &grant.envelope).await.expect("tokens");
    let grant_item = items(stack, &format!("R#{grant_id}"), "R").await.remove(0);
    let (mut made, mut writes) = (Vec::new(), Vec::new());
    for place in 0..many {
        let ws: WorkspaceId = format!("{name}-{place}").parse().expect("an id");
        let now = services.now();
        let (id, own) = (AccountId::new(now, services.entropy.bytes()), GrantId::new(now, services.entropy.bytes()));
        let next = Grant { id: own, workspace: ws.clone(), ..grant.clone() };
        let envelope = services.vault.seal(&next.sealed_for(), &tokens).await.expect("sealed").expect("a new version");
        let mut row = row.clone();
        put(&mut row, &[("pk", format!("W#{ws}")), ("sk", format!("A#{id}"))]);
        put(&mut row, &[("id", id.to_string()), ("workspace", ws.to_string()), ("grant", own.to_string())]);
        let mut claim = claim.clone();
        put(&mut claim, &[("pk", format!("W#{ws}")), ("account", id.to_string())]);
        put(&mut claim, &due(now, id, &ws, place));
        let mut item = grant_item.clone();
        item.remove("dp");
        item.remove("ds");
        put(&mut item, &[("pk", format!("R#{own}")), ("id", own.to_string()), ("workspace", ws.to_string())]);
        put(&mut item, &[("envelope", envelope.0)]);
        item.insert("accounts".to_owned(), AttributeValue::L(vec![AttributeValue::S(id.to_string())]));
        writes.extend([row, claim, item]);
        made.push((ws, id));
    }
    for item in writes {
        let call = stack.client.put_item().table_name(TABLE).set_item(Some(item));
        call.send().await.expect("written");
    }
    made
}

fn due(now: Timestamp, id: AccountId, ws: &WorkspaceId, place: usize) -> [(&'static str, String); 2] {
    [("dp", format!("sync-asked#{:02}", place % SHARDS)), ("ds", format!("{:012}#{id}#{ws}", now.as_second()))]
}

fn put(item: &mut Item, texts: &[(&str, String)]) {
    for (name, text) in texts {
        item.insert((*name).to_owned(), AttributeValue::S(text.clone()));
    }
}

fn text(item: &Item, name: &str) -> String {
    item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default()
}

async fn items(stack: &Stack, pk: &str, sk: &str) -> Vec<Item> {
    let call = stack
        .client
        .query()
        .table_name(TABLE)
        .key_condition_expression("pk = :pk AND begins_with(sk, :sk)")
        .expression_attribute_values(":pk", AttributeValue::S(pk.to_owned()))
        .expression_attribute_values(":sk", AttributeValue::S(sk.to_owned()));
    call.send().await.expect("the table").items.unwrap_or_default()
}
