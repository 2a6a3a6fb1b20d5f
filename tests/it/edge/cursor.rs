//! A page cursor is ours, whole, for one workspace, one list and one day.

use std::collections::BTreeSet;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use reqwest::Method;
use serde_json::json;
use tests::World;

use super::route::inside;

const PATH: &str = "/v1/workspaces/ws_1/accounts?limit=1&cursor=";

/// Ten thousand cursors that differ from a good one by a few bits, a few bytes or their length.
fn mutations(good: &str) -> Vec<String> {
    let bytes = BASE64.decode(good).expect("base64");
    let bits = bytes.len() * 8;
    let flipped = |flips: &[usize]| {
        let mut bytes = bytes.clone();
        for flip in flips {
            bytes[flip / 8] ^= 1 << (flip % 8);
        }
        BASE64.encode(bytes)
    };
    let mut all: Vec<String> = (0..bits).map(|bit| flipped(&[bit])).collect();
    all.extend((0..bytes.len()).map(|length| BASE64.encode(&bytes[..length])));
    all.extend((1..30).map(|more| BASE64.encode([&bytes[..], &vec![0; more]].concat())));
    all.extend((1..bytes.len()).map(|by| BASE64.encode([&bytes[by..], &bytes[..by]].concat())));
    for second in (1..bits).cycle() {
        let first = all.len() % bits;
        if first != second {
            all.push(flipped(&[first, second]));
        }
        if all.len() == 10_000 {
            return all;
        }
    }
    all
}

/// CHK-P7
#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_that_was_changed_shows_nothing() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    for person in ["demo-01", "demo-02"] {
        world.connect(&owner, "x", person).await;
    }
    let router = world.stack.router();
    let first = owner.get("/v1/workspaces/ws_1/accounts?limit=1").await;
    let good = first.body["page"]["next_cursor"].as_str().expect("a cursor").to_owned();
    let second = inside(&router, &owner, Method::GET, &format!("{PATH}{good}"), None).await;
    assert_eq!((second.status, second.body["data"].as_array().map(Vec::len)), (200, Some(1)), "{}", second.text);
    let mutations = mutations(&good);
    assert_eq!(mutations.len(), 10_000);
    for bad in mutations {
        let refused = inside(&router, &owner, Method::GET, &format!("{PATH}{bad}"), None).await;
        assert_eq!((refused.status, &refused.body["code"]), (400, &"cursor_invalid".into()), "{bad}");
    }
    for bad in [
        String::new(),
        "%00".to_owned(),
        "%ff%fe".to_owned(),
        "acc_01JD0000000000000000000000".to_owned(),
        format!("{good}="),
        format!("{good}%0a"),
        format!("%20{good}"),
        good.replace('-', "+").replace('_', "/") + "!",
        good.to_lowercase(),
        format!("{good}{good}"),
        format!("{good},{good}"),
        "A".repeat(60_000),
    ] {
        let refused = inside(&router, &owner, Method::GET, &format!("{PATH}{bad}"), None).await;
        assert_eq!((refused.status, &refused.body["code"]), (400, &"cursor_invalid".into()), "{bad}");
    }
}

/// CHK-P7: what we sealed for something else, with the same keys, is no cursor of this list.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_sealed_for_something_else_is_no_cursor() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    world.connect(&owner, "x", "demo-01").await;
    let account = world.connect(&owner, "x", "demo-02").await.remove(0);
    let services = &world.stack.services;
    let seal = |context: &str, text: &str| services.edge.seal(&*services.entropy, context, text);
    let ends = world.now().as_second() + 3600;
    let list = "cursor|2|ws_1|lifecycle=active&sort=connected_at";
    let text = format!("{ends}|{account}|t{account}");
    let own = seal(list, &text);
    assert_eq!(owner.get(&format!("{PATH}{own}")).await.status, 200, "this is how one is sealed");
    for (context, text) in [
        (list.replace("|2|", "|"), text.clone()),
        (list.replace('2', "1"), text.clone()),
        (list.replace('2', "3"), text.clone()),
        (list.replace("ws_1|", "ws_1|audit|"), text.clone()),
        (list.replace("ws_1", "ws_2"), text.clone()),
        (list.replace("lifecycle", "platform=x&lifecycle"), text.clone()),
        (list.replace("active", "disconnected"), text.clone()),
        (list.replace("connected_at", "name"), text.clone()),
        (list.replace("connected_at", "-connected_at"), text.clone()),
        (list.to_owned(), account.clone()),
        (list.to_owned(), format!("{ends}|{account}")),
        (list.to_owned(), format!("{ends}|{account}|")),
        (list.to_owned(), format!("{ends}|{account}|x1")),
        (list.to_owned(), format!("{ends}|{account}|none")),
        (list.to_owned(), format!("{}|{account}|t{account}", world.now().as_second())),
        (list.to_owned(), format!("{ends}|A#{account}|t{account}")),
        (list.to_owned(), format!("{ends}||t{account}")),
        (list.to_owned(), String::new()),
    ] {
        let refused = owner.get(&format!("{PATH}{}", seal(&context, &text))).await;
        assert_eq!((refused.status, &refused.body["code"]), (400, &"cursor_invalid".into()), "{context} {text}");
    }
}

/// CHK-P7: who sees a cursor go by learns nothing of the account where its page ends.
#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_is_as_long_whatever_it_holds() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    for (person, name) in [("short", "A"), ("long", &"Ö".repeat(90)), ("later", "Zz")] {
        world.add_person(json!({"id": person, "name": name, "x": {"name": name, "username": person}})).await;
        world.connect(&owner, "x", person).await;
    }
    let mut lengths = BTreeSet::new();
    for sort in ["name", "-name", "connected_at", "-connected_at", "usage", "last_synced_at", "-severity"] {
        for limit in [1, 2] {
            let page = owner.get(&format!("/v1/workspaces/ws_1/accounts?limit={limit}&sort={sort}")).await.body;
            lengths.insert(page["page"]["next_cursor"].as_str().expect("a cursor").len());
        }
    }
    assert_eq!(lengths.len(), 1, "{lengths:?}");
}
