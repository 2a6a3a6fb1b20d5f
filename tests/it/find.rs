//! Accounts are found by everything that is known of them, and nobody meets or counts one that is hidden from them.

mod console;
mod golden;
mod hidden;
mod size;
mod table;
mod walk;

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::{Answer, World};

use self::table::amend;

const ACCOUNTS: &str = "/v1/workspaces/ws_1/accounts";

fn ids(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{}", answer.text);
    let data = answer.body["data"].as_array().expect("accounts").iter();
    data.map(|a| a["id"].as_str().expect("an id").to_owned()).collect()
}

fn id_of(account: &Value) -> &str {
    account["id"].as_str().expect("an id")
}

/// S3-47: name, label, handle, former handle, tag, platform and date, whatever the case, accents and widths.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_found_by_any_part_of_what_it_is_called() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let person = json!({"id": "cafe", "name": "Café Ström", "x": {"name": "Café Ström", "username": "strom_cafe"}});
    world.add_person(person).await;
    let cafe = world.connect(&owner, "x", "cafe").await.remove(0);
    world.advance(SignedDuration::from_secs(1));
    let other = world.connect(&owner, "pinterest", "acme").await.remove(0);
    amend(
        &world,
        &cafe,
        &json!({
            "settings": {"label": "Ｎｏｒｔｈ Branch", "tags": ["Bäckerei"], "visibility": "workspace"},
            "former_handles": ["old_strom"],
        }),
    )
    .await;
    for q in [
        "cafe",
        "CAFÉ",
        "café str",
        "Strom",
        "fé",
        "north branch",
        "NORTH",
        "strom_cafe",
        "@strom_cafe",
        "@STROM",
        "old_strom",
        "@old",
        "backerei",
        "BÄCK",
        " cafe  strom ",
        "Cafe\u{301}",
    ] {
        let found = owner.get(&format!("{ACCOUNTS}?q={}", encoded(q))).await;
        assert_eq!(ids(&found), [cafe.as_str()], "{q}");
    }
    for (q, expected) in [
        ("pinterest", vec![other.as_str()]),
        ("PINTER", vec![other.as_str()]),
        ("2026-11", vec![cafe.as_str(), other.as_str()]),
        ("2026-11-22", vec![cafe.as_str(), other.as_str()]),
        ("Nov 22 2026", vec![cafe.as_str(), other.as_str()]),
        ("nov 22, 2026", vec![cafe.as_str(), other.as_str()]),
        ("22.11.2026", vec![cafe.as_str(), other.as_str()]),
        ("Nov 2026", vec![cafe.as_str(), other.as_str()]),
        ("", vec![cafe.as_str(), other.as_str()]),
        ("2026-12", vec![]),
        ("Nov 23 2026", vec![]),
        ("@cafe strom", vec![]),
        ("nobody", vec![]),
        ("%", vec![]),
    ] {
        let found = owner.get(&format!("{ACCOUNTS}?q={}", encoded(q))).await;
        assert_eq!(ids(&found), expected, "{q}");
    }
    let row = owner.get(&format!("{ACCOUNTS}?q=cafe")).await.body["data"][0].clone();
    assert_eq!((&row["name"], &row["display_name"]), (&json!("Café Ström"), &json!("Ｎｏｒｔｈ Branch")));
    assert_eq!((&row["tags"], &row["visibility"]), (&json!(["Bäckerei"]), &json!("workspace")));
    let long = owner.get(&format!("{ACCOUNTS}?q={}", "x".repeat(201))).await;
    long.is_problem(422, "validation_failed");
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Every word that is none is refused with the words that there are.
#[tokio::test(flavor = "multi_thread")]
async fn a_word_that_is_unknown_is_refused_with_those_that_are_known() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    world.connect(&owner, "x", "acme").await;
    for (query, pointer, says) in [
        ("state=fine", "/state", "stale, healthy"),
        ("state=healthy,fine", "/state", "healthy"),
        ("state=", "/state", "healthy"),
        ("status=Good", "/status", "Needs Sync"),
        ("status=Needs%20Sync&vocabulary=s0", "/status", "Warning, Active."),
        ("status=Active&vocabulary=s2", "/status", "Expiring Soon"),
        ("status=Active&vocabulary=s9", "/vocabulary", "s4"),
        ("token_status=dead", "/token_status", "valid, expiring, expired"),
        ("usable_for=spam", "/usable_for", "publish, analytics, messages, audience"),
        ("lifecycle=removed", "/lifecycle", "active, disconnected"),
        ("sort=age", "/sort", "name, connected_at"),
        ("sort=--name", "/sort", "severity"),
        ("sort=name,usage", "/sort", "severity"),
        ("reauth_due_within=P1M", "/reauth_due_within", "P30D"),
        ("reauth_due_within=-P1D", "/reauth_due_within", "P30D"),
        ("reauth_due_within=soon", "/reauth_due_within", "30d"),
        ("reauth_due_within=P99999D", "/reauth_due_within", "ten years"),
        ("connected_after=yesterday", "/connected_after", "RFC 3339"),
        ("connected_before=2026-02-30", "/connected_before", "2025-08-25"),
        ("unused_since=2026", "/unused_since", "2025-08-25"),
        ("platform=No%20Platform", "/platform", "no such platform"),
        (&format!("tag={}", ["t"; 21].join(",")), "/tag", "20"),
        (&format!("owner={}", "t".repeat(201)), "/owner", "200"),
    ] {
        let refused = owner.get(&format!("{ACCOUNTS}?{query}")).await;
        refused.is_problem(422, "validation_failed");
        assert_eq!(refused.body["errors"][0]["pointer"], pointer, "{query}");
        assert!(refused.body["errors"][0]["detail"].as_str().expect("words").contains(says), "{}", refused.text);
    }
    for query in ["is_main=maybe", "facets=some", "limit=all"] {
        owner.get(&format!("{ACCOUNTS}?{query}")).await.is_problem(400, "invalid_request");
    }
    let summary = owner.get(&format!("{ACCOUNTS}/summary?group_by=day")).await;
    summary.is_problem(422, "validation_failed");
    owner.get(&format!("{ACCOUNTS}/summary?vocabulary=s9")).await.is_problem(422, "validation_failed");
}

/// S1-08: and why the main account is of no use for the rest.
#[tokio::test(flavor = "multi_thread")]
async fn the_main_account_of_each_platform_tells_what_it_can_be_used_for() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let x = world.connect(&owner, "x", "acme").await.remove(0);
    let page = world.connect(&owner, "facebook", "demo-01").await.remove(0);
    amend(&world, &x, &json!({"settings": {"label": "Our X", "visibility": "workspace"}})).await;
    amend(&world, &page, &json!({"standing": {"what": "restricted", "since": "2026-11-22T10:00:00Z"}})).await;
    let mains = owner.get(&format!("{ACCOUNTS}/main")).await.body["data"].clone();
    assert_eq!((&mains["x"]["id"], &mains["x"]["name"]), (&json!(x), &json!("Our X")));
    assert_eq!(mains["facebook"]["id"], json!(page));
    for (platform, id) in [("x", &x), ("facebook", &page)] {
        let account = owner.get(&format!("/v1/accounts/{id}")).await.body;
        for (capability, state) in account["capabilities"].as_object().expect("capabilities") {
            let usable = mains[platform]["usable_for"].as_array().expect("words").contains(&json!(capability));
            assert_eq!(usable, state["available"] == true, "{platform} {capability}");
            assert_eq!(mains[platform]["unusable"][capability], state["reason"], "{platform} {capability}");
        }
    }
    assert_eq!(mains["x"]["usable_for"][0], "publish");
    assert_eq!(mains["facebook"]["usable_for"], json!([]));
    assert_eq!(mains["facebook"]["unusable"]["publish"], "account_restricted");
}

/// S1-01, S3-04: the failed ones count as inactive, and beside it.
#[tokio::test(flavor = "multi_thread")]
async fn the_summary_counts_in_the_words_that_are_asked_for() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let mut x = world.connect(&owner, "x", "acme").await;
    x.extend(world.connect(&owner, "x", "mallory").await);
    x.extend(world.connect(&owner, "x", "analyst").await);
    x.extend(world.connect(&owner, "x", "agency").await);
    let pin = world.connect(&owner, "pinterest", "acme").await.remove(0);
    world.job("sync").await;
    amend(&world, &x[1], &json!({"standing": {"what": "restricted", "since": "2026-11-22T10:00:00Z"}})).await;
    amend(&world, &x[2], &json!({"suspended": {"by": "person", "since": "2026-11-22T10:00:00Z"}})).await;
    assert_eq!(owner.post(&format!("/v1/accounts/{}/disconnect", x[3]), json!({})).await.status, 200);
    let get = async |query: &str| owner.get(&format!("{ACCOUNTS}/summary{query}")).await.body;
    let summary = get("").await;
    assert_eq!((&summary["total"], &summary["active"]), (&json!(5), &json!(2)));
    assert_eq!((&summary["inactive"], &summary["failed"]), (&json!(2), &json!(1)));
    assert_eq!(summary["by_lifecycle"], json!({"active": 4, "disconnected": 1}));
    assert_eq!(summary["by_state"], json!({"disconnected": 1, "error": 1, "healthy": 2, "suspended": 1}));
    assert_eq!(summary["by_status"], json!({"Active": 2, "Error": 1, "Limited": 1}));
    assert_eq!(summary["by_token_status"], json!({"valid": 2}), "Valid takes a living account");
    assert_eq!(summary["platforms"], Value::Null);
    let s3 = get("?vocabulary=s3").await;
    assert_eq!(s3["by_status"], json!({"Active": 2, "Failed": 1, "Inactive": 2}));
    for (word, count) in s3["by_status"].as_object().expect("words") {
        let list = owner.get(&format!("{ACCOUNTS}?vocabulary=s3&status={word}")).await;
        assert_eq!(json!(ids(&list).len()), *count, "{word}");
    }

    let cards = get("?vocabulary=s1&group_by=platform").await["platforms"].clone();
    let card = |id: &str| cards.as_array().expect("cards").iter().find(|card| card["platform"] == id).expect("a card");
    let of_x = card("x");
    let words = json!({"state": "error", "severity": "error", "label": "Error", "color": "red", "icon": "error"});
    assert_eq!((&of_x["count"], &of_x["worst"]), (&json!(3), &words));
    assert_eq!(of_x["by_state"], json!({"error": 1, "healthy": 1, "suspended": 1}));
    assert_eq!(of_x["by_status"], json!({"Active": 1, "Error": 2}));
    assert_eq!(of_x["main"]["id"], json!(x[0]));
    let good = card("pinterest");
    assert_eq!((&good["worst"]["label"], &good["main"]["id"]), (&json!("Active"), &json!(pin)));
    let empty = card("youtube");
    assert_eq!((&empty["count"], &empty["worst"], &empty["main"]), (&json!(0), &Value::Null, &Value::Null));
    assert_eq!(empty["name"], "YouTube");
}
