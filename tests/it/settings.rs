//! What a workspace decides about an account.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Caller, World, send};

async fn patch(caller: &Caller, account: &str, body: Value) -> Answer {
    send(caller.call(Method::PATCH, &format!("/v1/accounts/{account}")).json(&body)).await
}

async fn read(caller: &Caller, account: &str) -> Value {
    let answer = caller.get(&format!("/v1/accounts/{account}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}

/// What was decided, of the whole account.
fn decided(account: &Value) -> Value {
    let names = ["label", "tags", "group_id", "location", "contact", "visibility", "acl", "settings", "etag"];
    names.iter().map(|name| ((*name).to_owned(), account[name].clone())).collect::<serde_json::Map<_, _>>().into()
}

/// Everything at once.
fn all() -> Value {
    json!({
        "label": "Acme in Oslo", "tags": ["business", "Nordics"], "group_id": "brand_7",
        "contact": {"name": "Ada Berg", "email": "ada@acme.example", "phone": "+47 55 55 55 55"},
        "location": {"name": "Oslo", "platform_place_id": "110619208966868", "lat": 59.91, "lng": 10.75},
        "visibility": "restricted", "acl": [{"user": "user-editor", "rights": ["settings", "publish"]}],
        "settings": {
            "sync_interval": "PT6H",
            "notifications": {
                "account.expired": ["email", "push"], "digest": "weekly",
                "quiet_hours": {"from": "22:00", "to": "07:00", "timezone": "Europe/Oslo"}
            },
            "privacy": {"share_with_ai": false, "share_analytics": false},
            "publishing": {"hashtags": ["#acme"], "first_comment": null, "watermark": {"opacity": 0.5}},
            "expiring_window": "P14D"
        }
    })
}

/// S0-49, S0-50, S0-56, S1-03, S1-12, S2-13, S3-60, S3-61: what is sent is kept, what is absent stays, and null takes
/// it away.
#[tokio::test(flavor = "multi_thread")]
async fn each_setting_is_kept_until_it_is_changed_or_taken_away() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let account = world.connect(&owner, "facebook", "acme").await.remove(0);
    let none = read(&owner, &account).await;
    assert_eq!((&none["label"], &none["tags"], &none["visibility"]), (&Value::Null, &json!([]), &json!("workspace")));
    assert_eq!(none["settings"]["privacy"], json!({"share_with_ai": true, "share_analytics": true}));

    let set = patch(&owner, &account, all()).await;
    assert_eq!((set.status, set.header("etag")), (200, Some("\"2\"")), "{}", set.text);
    let mut expected = all();
    expected["etag"] = "\"2\"".into();
    // Sorted, as the words of capitals come first.
    expected["tags"] = json!(["Nordics", "business"]);
    expected["acl"][0]["rights"] = json!(["publish", "settings"]);
    let found = read(&owner, &account).await;
    assert_eq!(decided(&found), expected);
    assert_eq!(decided(&set.body), expected);
    assert_eq!(found["name"], none["name"], "the platform's name stays beside the label");
    let list = owner.get("/v1/workspaces/ws_1/accounts").await.body["data"][0].clone();
    assert_eq!(
        (&list["label"], &list["group_id"], &list["tags"]),
        (&found["label"], &found["group_id"], &found["tags"])
    );
    for beside in ["settings", "contact", "location", "acl"] {
        assert_eq!(list[beside], Value::Null, "{beside}");
    }

    let one = patch(&owner, &account, json!({"settings": {"sync_interval": "P1D"}, "tags": null})).await;
    expected["settings"]["sync_interval"] = "PT24H".into();
    expected["tags"] = json!([]);
    expected["etag"] = "\"3\"".into();
    assert_eq!(decided(&one.body), expected, "the others stay");

    let cleared = json!({"label": null, "group_id": null, "contact": null, "location": null, "visibility": null,
        "acl": null, "settings": null});
    let cleared = patch(&owner, &account, cleared).await;
    let mut nothing = decided(&none);
    nothing["etag"] = "\"4\"".into();
    assert_eq!(decided(&cleared.body), nothing);
    assert_eq!(decided(&read(&owner, &account).await), nothing);
}

/// CHK-P12: a name is written in one way, and tags that people take for the same are one.
#[tokio::test(flavor = "multi_thread")]
async fn texts_that_look_alike_are_the_same() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let account = world.connect(&owner, "x", "acme").await.remove(0);
    let tags = ["Café", "cafe\u{301}", "CAFÉ", "ｃａｆé", "café\u{200b}", "cafe"];
    let label = "  Bode\u{301}ga\u{202e} \u{200b}Sur ";
    let set = patch(&owner, &account, json!({"label": label, "tags": tags})).await;
    assert_eq!((&set.body["label"], &set.body["tags"]), (&json!("Bodéga Sur"), &json!(["Café", "cafe"])));
}

/// S2-14: only Facebook and Instagram know places.
#[tokio::test(flavor = "multi_thread")]
async fn a_place_is_refused_where_the_platform_knows_none() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let place = json!({"label": "Oslo", "location": {"name": "Oslo"}});
    let x = world.connect(&owner, "x", "acme").await.remove(0);
    let before = world.dump().await;
    patch(&owner, &x, place.clone()).await.is_problem(422, "location_not_supported");
    assert_eq!(world.dump().await, before, "nothing of it is kept");
    for platform in ["facebook", "instagram"] {
        let account = world.connect(&owner, platform, "acme").await.remove(0);
        let set = patch(&owner, &account, place.clone()).await;
        assert_eq!((set.status, &set.body["location"]["name"]), (200, &json!("Oslo")), "{}", set.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_refused_and_changes_nothing() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let account = world.connect(&owner, "facebook", "acme").await.remove(0);
    assert_eq!(patch(&owner, &account, all()).await.status, 200);
    let before = world.dump().await;
    let long = "a".repeat(101);
    let entry = |user: &str| json!({"user": user, "rights": []});
    let deep: Value = serde_json::from_str(&format!("{}1{}", r#"{"a":"#.repeat(9), "}".repeat(9))).expect("JSON");
    for (wrong, pointer) in [
        (json!({"label": ""}), "/label"),
        (json!({"label": "\u{200b} \u{202e}"}), "/label"),
        (json!({"label": long}), "/label"),
        (json!({"tags": ["a".repeat(41)]}), "/tags/0"),
        (json!({"tags": (0..21).map(|n| n.to_string()).collect::<Vec<_>>()}), "/tags"),
        (json!({"group_id": "brand 7"}), "/group_id"),
        (json!({"group_id": "a".repeat(65)}), "/group_id"),
        (json!({"acl": (0..51).map(|n| entry(&n.to_string())).collect::<Vec<_>>()}), "/acl"),
        (json!({"acl": [entry("u"), entry("u")]}), "/acl/1/user"),
        (json!({"acl": [entry("")]}), "/acl/0/user"),
        (json!({"contact": {"name": ""}}), "/contact/name"),
        (json!({"contact": {"name": "Ada", "email": "ada"}}), "/contact/email"),
        (json!({"location": {"name": "Oslo", "lat": 91, "lng": 0}}), "/location/lat"),
        (json!({"location": {"name": "Oslo", "lat": 9}}), "/location/lat"),
        (json!({"settings": {"sync_interval": "PT14M"}}), "/settings/sync_interval"),
        (json!({"settings": {"sync_interval": "PT15M30S"}}), "/settings/sync_interval"),
        (json!({"settings": {"sync_interval": "P31D"}}), "/settings/sync_interval"),
        (json!({"settings": {"sync_interval": "-PT20M"}}), "/settings/sync_interval"),
        (json!({"settings": {"expiring_window": "P0D"}}), "/settings/expiring_window"),
        (json!({"settings": {"expiring_window": "P366D"}}), "/settings/expiring_window"),
        (json!({"settings": {"expiring_window": "PT24H"}}), "/settings/expiring_window"),
        (json!({"settings": {"publishing": {"a": "a".repeat(8 * 1024)}}}), "/settings/publishing"),
        (json!({"settings": {"publishing": deep}}), "/settings/publishing"),
        (json!({"settings": {"notifications": {"account.dreamt": []}}}), "/settings/notifications/account.dreamt"),
        (
            json!({"settings": {"notifications": {"account.expired": "email"}}}),
            "/settings/notifications/account.expired",
        ),
        (json!({"settings": {"notifications": {"*": ["E-Mail"]}}}), "/settings/notifications/*"),
        (json!({"settings": {"notifications": {"digest": "hourly"}}}), "/settings/notifications/digest"),
        (
            json!({"settings": {"notifications": {"quiet_hours": {"from": "22:00"}}}}),
            "/settings/notifications/quiet_hours",
        ),
    ] {
        let refused = patch(&owner, &account, wrong.clone()).await;
        refused.is_problem(422, "validation_failed");
        assert_eq!(refused.body["errors"][0]["pointer"], pointer, "{wrong}");
    }
    for (wrong, code) in [
        (json!({"name": "Acme"}), "unknown_field"),
        (json!({"settings": {"theme": "dark"}}), "unknown_field"),
        (json!({"acl": [{"user": "u", "rights": ["everything"]}]}), "invalid_request"),
        (json!({"visibility": "public"}), "invalid_request"),
    ] {
        patch(&owner, &account, wrong).await.is_problem(400, code);
    }
    assert_eq!(world.dump().await, before);
    // What only just can be.
    let just = json!({"label": "a".repeat(100), "settings": {"sync_interval": "PT15M", "expiring_window": "P365D"}});
    assert_eq!(patch(&owner, &account, just).await.status, 200);
}

/// S0-47: the plan says how often at most.
#[tokio::test(flavor = "multi_thread")]
async fn data_is_not_fetched_more_often_than_the_plan_allows() {
    let world = World::start().await;
    let plans = world.nobody().get("/v1/meta/plans").await.body["data"].clone();
    for (plan, floor, below) in [
        ("free", "PT6H", "PT5H59M"),
        ("starter", "PT1H", "PT59M"),
        ("professional", "PT30M", "PT29M"),
        ("enterprise", "PT15M", "PT14M"),
    ] {
        let workspace = format!("ws_{plan}");
        let owner = world.caller(json!({"ws": workspace, "role": "owner", "plan": plan}));
        let account = world.connect(&owner, "x", "acme").await.remove(0);
        let refused = patch(&owner, &account, json!({"settings": {"sync_interval": below}})).await;
        refused.is_problem(422, "validation_failed");
        let set = patch(&owner, &account, json!({"settings": {"sync_interval": floor}})).await;
        assert_eq!((set.status, &set.body["settings"]["sync_interval"]), (200, &json!(floor)), "{}", set.text);
        let info = plans.as_array().expect("plans").iter().find(|info| info["id"] == plan).expect("the plan");
        assert_eq!(info["sync_floor"], floor);
    }
}

/// S0-70: who may not decide who sees an account changes nothing of what they sent with it.
#[tokio::test(flavor = "multi_thread")]
async fn who_sees_an_account_is_decided_by_administrators() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let account = world.connect(&owner, "x", "acme").await.remove(0);
    let editor = world.member("ws_1", "editor");
    patch(&world.member("ws_1", "analyst"), &account, json!({"label": "A"})).await.is_problem(403, "permission_denied");
    let before = world.dump().await;
    for part in [
        json!({"visibility": "workspace"}),
        json!({"visibility": null}),
        json!({"acl": []}),
        json!({"settings": {"privacy": {"share_with_ai": true}}}),
        json!({"settings": {"privacy": null}}),
        json!({"settings": null}),
    ] {
        let mut body = part.clone();
        body["label"] = "Mine".into();
        let refused = patch(&editor, &account, body).await;
        refused.is_problem(403, "permission_denied");
        assert!(refused.body["detail"].as_str().expect("a detail").contains("access.edit"), "{part}");
    }
    assert_eq!(world.dump().await, before);
    let contact = json!({"label": "Ours", "contact": {"name": "Ada"}});
    assert_eq!(patch(&editor, &account, contact).await.body["label"], "Ours");
    let told = |account: Value| (account["contact"]["name"].clone(), account["acl"].clone());
    assert_eq!(told(read(&owner, &account).await), (json!("Ada"), json!([])));
    assert_eq!(told(read(&editor, &account).await), (Value::Null, Value::Null));
    patch(&owner, &account, json!({"acl": [{"user": "user-editor", "rights": []}]})).await;
    let listed = read(&editor, &account).await;
    assert_eq!(told(listed), (json!("Ada"), json!([{"user": "user-editor", "rights": []}])));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_made_once_and_only_to_what_was_read() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let account = world.connect(&owner, "x", "acme").await.remove(0);
    let path = format!("/v1/accounts/{account}");
    let call = |etag: &str, label: &str| {
        owner.call(Method::PATCH, &path).header("if-match", etag).json(&json!({"label": label}))
    };
    send(call("\"7\"", "A")).await.is_problem(412, "version_conflict");
    let first = send(call("\"1\"", "A").header("idempotency-key", "k")).await;
    let again = send(call("\"1\"", "A").header("idempotency-key", "k")).await;
    assert_eq!((first.status, first.header("etag")), (200, Some("\"2\"")), "{}", first.text);
    assert_eq!((&again.body, again.header("idempotency-replayed")), (&first.body, Some("true")));
    send(call("\"1\"", "B")).await.is_problem(412, "version_conflict");
    send(call("\"1\"", "B").header("idempotency-key", "k")).await.is_problem(422, "idempotency_key_reused");
    assert_eq!(read(&owner, &account).await["label"], "A");

    let many =
        futures::future::join_all((0..6).map(|n| patch(&owner, &account, json!({"tags": [n.to_string()]})))).await;
    let done = many.iter().filter(|answer| answer.status == 200).count();
    assert!(done > 0 && many.iter().all(|answer| matches!(answer.status, 200 | 409)), "{many:?}");
    assert_eq!(read(&owner, &account).await["etag"], format!("\"{}\"", 2 + done));
    let tags = patch(&owner, &account, json!({})).await;
    assert_eq!(tags.body["label"], "A", "one change takes nothing of another away");
}

/// S2-23: settings stay while an account is disconnected, come back with it, and go when it is removed.
#[tokio::test(flavor = "multi_thread")]
async fn settings_stay_while_disconnected_and_go_when_removed() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let account = world.connect(&owner, "facebook", "acme").await.remove(0);
    patch(&owner, &account, all()).await;
    let kept = |mut account: Value| {
        account["etag"] = Value::Null;
        decided(&account)
    };
    let set = kept(read(&owner, &account).await);
    assert_eq!(owner.post(&format!("/v1/accounts/{account}/disconnect"), json!({})).await.status, 200);
    assert_eq!(kept(read(&owner, &account).await), set);
    let other = patch(&owner, &account, json!({"label": "Acme, resting"})).await;
    assert_eq!(other.status, 200, "{}", other.text);
    assert!(world.connect(&owner, "facebook", "acme").await.contains(&account));
    let back = read(&owner, &account).await;
    assert_eq!((&back["lifecycle"], &back["label"]), (&json!("active"), &json!("Acme, resting")));
    assert_eq!((&back["settings"], &back["contact"]), (&set["settings"], &set["contact"]));

    assert_eq!(owner.delete(&format!("/v1/accounts/{account}")).await.status, 202);
    let left = world.dump().await;
    let told = |key: &&String| key.contains("E#") || key.contains("K#");
    let left: Vec<_> = left.iter().filter(|(key, _)| !told(key)).collect();
    let text = serde_json::to_string(&left).expect("JSON");
    assert!(!text.contains("ada@acme.example") && !text.contains("watermark") && !text.contains("brand_7"), "{text}");
    let again = world.connect(&owner, "facebook", "acme").await;
    assert!(!again.contains(&account));
    assert_eq!(read(&owner, &again[0]).await["label"], Value::Null);
}
