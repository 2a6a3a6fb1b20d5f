//! Every filter and order against a naive one over the JSON of all accounts.

use std::{cmp::Ordering, collections::BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tests::{Caller, World};

use super::{ACCOUNTS, encoded, id_of, ids, table::amend};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A workspace where every filter has something to find and something to leave out.
async fn populated() -> World {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let nina =
        world.caller(json!({"ws": "ws_1", "role": "owner", "plan": "enterprise", "sub": "nina", "name": "Nina"}));
    world.connect(&owner, "linkedin", "acme").await;
    let pages = world.connect(&nina, "facebook", "demo-04").await;
    world.advance(DAY * 9);
    let x = [world.connect(&world.owner("ws_1"), "x", "acme").await, {
        let nina = nina.with_token(
            world
                .stack
                .token(json!({
            "ws": "ws_1", "role": "owner", "plan": "enterprise", "sub": "nina", "name": "Nina"}))
                .expect("a token")
                .expose(),
        );
        world.connect(&nina, "x", "mallory").await
    }]
    .concat();
    let more = world.connect(&world.owner("ws_1"), "x", "analyst").await.remove(0);
    world.connect(&world.owner("ws_1"), "pinterest", "acme").await;
    let end = world.connect(&world.owner("ws_1"), "x", "agency").await.remove(0);
    let last = world.connect(&world.owner("ws_1"), "x", "demo-01").await.remove(0);
    world.job("sync").await;
    world.advance(DAY * 32);
    let owner = world.owner("ws_1");
    world.job("sweep").await;
    world.job("sync").await;
    for (id, times) in [(&x[0], 3), (&pages[0], 1)] {
        for _ in 0..times {
            assert_eq!(world.lease(&owner, id).await.status, 201);
        }
    }
    let since = "2026-12-01T00:00:00Z";
    let labelled = json!({"label": "bakery", "tags": ["north", "Spring Sale"], "group_id": "brand-1"});
    amend(&world, &x[0], &json!({"settings": labelled})).await;
    amend(&world, &pages[0], &json!({"settings": {"tags": ["north"], "group_id": "brand-2"}})).await;
    amend(&world, &x[1], &json!({"standing": {"what": "restricted", "since": since}})).await;
    amend(&world, &more, &json!({"suspended": {"by": "plan", "since": since}})).await;
    for id in [&end, &pages[1]] {
        assert_eq!(owner.post(&format!("/v1/accounts/{id}/disconnect"), json!({})).await.status, 200);
    }
    world.event(json!({"platform": "x", "account": "demo-01", "kind": "revoke"})).await;
    assert_eq!(
        owner.post(&format!("/v1/accounts/{last}/signals"), json!({"signal": "unauthorized"})).await.status,
        202
    );
    world.job("sweep").await;
    world
}

/// Each account with its own answer's usage.
async fn everything(owner: &Caller) -> Vec<Value> {
    let list = owner.get(&format!("{ACCOUNTS}?limit=200&lifecycle=active,disconnected")).await;
    let mut all = list.body["data"].as_array().expect("accounts").clone();
    for account in &mut all {
        let own = owner.get(&format!("/v1/accounts/{}", id_of(account))).await.body;
        account["usage"] = own["usage"].clone();
    }
    all
}

type Naive = Box<dyn Fn(&Value) -> bool>;

fn time(value: &Value) -> Option<Timestamp> {
    value.as_str().map(|text| text.parse().expect("a time"))
}

fn is(pointer: &'static str, values: &'static [&'static str]) -> Naive {
    Box::new(move |a| values.iter().any(|value| a.pointer(pointer).and_then(Value::as_str) == Some(*value)))
}

fn word(vocabulary: &'static str, words: &'static [&'static str]) -> Naive {
    let pointer = format!("/health/labels/{vocabulary}/label");
    Box::new(move |a| words.iter().any(|word| a.pointer(&pointer).and_then(Value::as_str) == Some(*word)))
}

fn lives(a: &Value) -> bool {
    !["disconnected", "pending", "expired", "error", "suspended"]
        .contains(&a["health"]["state"].as_str().expect("a state"))
}

fn says(part: &'static str) -> Naive {
    Box::new(move |a| {
        let texts =
            ["name", "label", "handle", "platform"].map(|name| a[name].as_str().unwrap_or_default().to_lowercase());
        let tags = a["tags"].as_array().expect("tags").iter().map(|t| t.as_str().expect("a tag").to_lowercase());
        texts.into_iter().chain(tags).any(|text| text.contains(part))
    })
}

fn both(one: Naive, other: Naive) -> Naive {
    Box::new(move |a| one(a) && other(a))
}

/// Each filter, and whether an account is to be found by it.
fn filters(now: Timestamp) -> Vec<(String, Naive)> {
    let within = |days: i64| -> Naive {
        Box::new(move |a| {
            let due = time(&a["grant"]["reauth_due_at"]);
            a["token_status"] != "expired"
                && due.is_some_and(|due| due <= now + DAY * i32::try_from(days).expect("few"))
        })
    };
    let connected = |holds: fn(Timestamp, Timestamp) -> bool, at: &str| -> Naive {
        let at = at.parse().expect("a time");
        Box::new(move |a| holds(time(&a["connected_at"]).expect("a time"), at))
    };
    let usable = |words: &'static [&'static str]| -> Naive {
        Box::new(move |a| words.iter().any(|word| a["capabilities"][word]["available"] == true))
    };
    let tagged = |words: &'static [&'static str]| -> Naive {
        Box::new(move |a| words.iter().any(|word| a["tags"].as_array().expect("tags").contains(&json!(word))))
    };
    let unused: Naive = Box::new(move |a| time(&a["usage"]["last_used_at"]).is_none_or(|at| at < now - DAY));
    let moment = "2026-12-01T10:00:00Z";
    let text = |query: &str, naive: Naive| (query.to_owned(), naive);
    vec![
        text("platform=x", is("/platform", &["x"])),
        text("platform=linkedin&platform=facebook", is("/platform", &["linkedin", "facebook"])),
        text("kind=profile", is("/kind", &["profile"])),
        text("kind=page,member", is("/kind", &["page", "member"])),
        text("state=healthy", is("/health/state", &["healthy"])),
        text("state=expiring,error", is("/health/state", &["expiring", "error"])),
        text("state=suspended", is("/health/state", &["suspended"])),
        text("status=Active", word("s0", &["Active"])),
        text("status=Connected", word("s0", &["Active"])),
        text("status=warning&vocabulary=s0", word("s0", &["Warning"])),
        text("status=Error,Limited", word("s0", &["Error", "Limited"])),
        text("status=Active&vocabulary=s1", word("s1", &["Active"])),
        text("status=Connected&vocabulary=s1", word("s1", &["Active"])),
        text("status=Expired&vocabulary=s1", word("s1", &["Expired"])),
        text("status=Valid&vocabulary=s2", both(word("s2", &["Valid"]), Box::new(lives))),
        text("status=Expiring%20Soon", word("s2", &["Expiring Soon"])),
        text("status=Active&vocabulary=s3", word("s3", &["Active"])),
        text("status=Inactive&vocabulary=s3", word("s3", &["Inactive", "Failed"])),
        text("status=Inactive", word("s3", &["Inactive", "Failed"])),
        text("status=failed&vocabulary=s3", word("s3", &["Failed"])),
        text("status=Connection%20Error&vocabulary=s4", word("s4", &["Connection Error"])),
        text("status=Active&vocabulary=s4", word("s4", &["Connected"])),
        text("token_status=valid", both(is("/token_status", &["valid"]), Box::new(lives))),
        text("token_status=expiring", is("/token_status", &["expiring"])),
        text("token_status=expired", is("/token_status", &["expired"])),
        text("token_status=expired,expiring", is("/token_status", &["expired", "expiring"])),
        text("reauth_due_within=P30D", within(30)),
        text("reauth_due_within=30d", is("/token_status", &["expiring"])),
        text("reauth_due_within=P400D", within(400)),
        text("connected_after=2026-12-01", connected(|at, day| at >= day, "2026-12-01T00:00:00Z")),
        text("connected_before=2026-11-30", connected(|at, day| at < day, "2026-12-01T00:00:00Z")),
        text("connected_before=2026-11-22", connected(|at, day| at < day, "2026-11-23T00:00:00Z")),
        text(&format!("connected_after={moment}"), connected(|at, then| at >= then, moment)),
        text(&format!("connected_before={moment}"), connected(|at, then| at < then, moment)),
        text("connected_by=nina", is("/connected_by/id", &["nina"])),
        text("connected_by=nina,somebody", is("/connected_by/id", &["nina"])),
        text("owner=ACME", is("/grant/authorized_by/name", &["Acme"])),
        text("tag=north", tagged(&["north"])),
        text("tag=SPRING%20SALE", tagged(&["Spring Sale"])),
        text("group_id=brand-1&group_id=brand-2", is("/group_id", &["brand-1", "brand-2"])),
        text("is_main=true", Box::new(|a| a["is_main"] == true)),
        text("is_main=false", Box::new(|a| a["is_main"] == false)),
        text("usable_for=publish", usable(&["publish"])),
        text("usable_for=messages,publish", usable(&["messages", "publish"])),
        text(&format!("unused_since={}", now - DAY), unused),
        text("q=acme", says("acme")),
        text("q=NORTH", says("north")),
        text("q=bakery", says("bakery")),
        text("q=linkedin", says("linkedin")),
        text("q=Nov%202026", connected(|at, day| at < day, "2026-12-01T00:00:00Z")),
        text("q=2026-12-01", connected(|at, day| at >= day, "2026-12-01T00:00:00Z")),
        text(
            "platform=x&state=healthy,error",
            both(is("/platform", &["x"]), is("/health/state", &["healthy", "error"])),
        ),
        text("q=acme&platform=x,pinterest", both(says("acme"), is("/platform", &["x", "pinterest"]))),
        text("status=Active&token_status=valid", both(word("s0", &["Active"]), is("/token_status", &["valid"]))),
    ]
}

async fn walked(owner: &Caller, query: &str) -> Vec<String> {
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = owner.get(&format!("{ACCOUNTS}?limit=2&{query}{after}")).await;
        seen.extend(ids(&page));
        let Some(cursor) = page.body["page"]["next_cursor"].as_str() else { return seen };
        after = format!("&cursor={cursor}");
    }
}

/// S1-02, S1-14, S1-23, S1-35, S2-11, S2-19, S3-48, S3-49, S3-50, S3-51, S4-22: each filter finds what a naive one
/// finds, in one page or in many, and in every part of an account's life.
#[tokio::test(flavor = "multi_thread")]
async fn each_filter_finds_what_a_naive_one_finds() {
    let world = populated().await;
    let owner = world.owner("ws_1");
    let all = everything(&owner).await;
    assert!(all.len() >= 10, "{}", all.len());
    for (query, naive) in filters(world.now()) {
        for (lifecycle, lives) in [
            ("", &["active"][..]),
            ("&lifecycle=disconnected", &["disconnected"]),
            ("&lifecycle=active,disconnected", &["active", "disconnected"]),
        ] {
            let living = all.iter().filter(|a| lives.contains(&a["lifecycle"].as_str().expect("a word")));
            let living: Vec<&Value> = living.collect();
            let expected: Vec<&str> = living.iter().filter(|a| naive(a)).map(|a| id_of(a)).collect();
            if lifecycle.is_empty() {
                assert!(
                    !expected.is_empty() && expected.len() < living.len(),
                    "{query} finds {} of {}",
                    expected.len(),
                    living.len()
                );
            }
            let query = format!("{query}{lifecycle}");
            assert_eq!(ids(&owner.get(&format!("{ACCOUNTS}?limit=200&{query}")).await), expected, "{query}");
            assert_eq!(walked(&owner, &query).await, expected, "{query}");
        }
    }
}

fn order(by: &str, one: &Value, other: &Value) -> Ordering {
    let severity = |a: &Value| {
        let of = |words: &[&str], word: &Value| words.iter().position(|w| word == w);
        let states =
            ["healthy", "stale", "processing", "degraded", "expiring", "limited", "suspended", "error", "expired"];
        (of(&["ok", "warning", "error"], &a["health"]["severity"]), of(&states, &a["health"]["state"]))
    };
    match by {
        "name" => {
            let name = |a: &Value| a["display_name"].as_str().expect("a name").to_lowercase();
            name(one).cmp(&name(other))
        }
        "connected_at" => id_of(one).cmp(id_of(other)),
        "last_synced_at" => Ordering::Equal,
        "reauth_due_at" => time(&one["grant"]["reauth_due_at"]).cmp(&time(&other["grant"]["reauth_due_at"])),
        "usage" => one["usage"]["leases_7d"].as_u64().cmp(&other["usage"]["leases_7d"].as_u64()),
        _ => severity(one).cmp(&severity(other)),
    }
}

/// S3-62: and every order is a naive one's, in both directions; what has no value stands last.
#[tokio::test(flavor = "multi_thread")]
async fn each_order_is_a_naive_ones() {
    let world = populated().await;
    let owner = world.owner("ws_1");
    let all = everything(&owner).await;
    let all: Vec<Value> = all.into_iter().filter(|a| a["lifecycle"] == "active").collect();
    let mut different = BTreeSet::new();
    for by in ["name", "connected_at", "last_synced_at", "reauth_due_at", "usage", "severity"] {
        for sign in ["", "-"] {
            let mut expected = all.clone();
            expected.sort_by(|one, other| {
                let none = |a: &Value| by == "reauth_due_at" && a["grant"]["reauth_due_at"].is_null();
                let order = order(by, one, other);
                none(one).cmp(&none(other)).then(if sign == "-" { order.reverse() } else { order })
            });
            let expected: Vec<&str> = expected.iter().map(id_of).collect();
            let query = format!("sort={sign}{by}");
            let page = owner.get(&format!("{ACCOUNTS}?limit=200&{query}")).await;
            assert_eq!(ids(&page), expected, "{query}");
            assert_eq!(walked(&owner, &query).await, expected, "{query}");
            assert_eq!(walked(&owner, &format!("{query}&platform=x,linkedin")).await, {
                let of =
                    all.iter().filter(|a| ["x", "linkedin"].contains(&a["platform"].as_str().expect("a platform")));
                let of: Vec<&str> = of.map(id_of).collect();
                expected.iter().copied().filter(|id| of.contains(id)).collect::<Vec<_>>()
            });
            different.insert(expected.iter().map(ToString::to_string).collect::<Vec<_>>());
        }
    }
    assert!(different.len() >= 9, "{}", different.len());
    let used = owner.get(&format!("{ACCOUNTS}?sort=-usage&limit=2")).await.body;
    assert_eq!(
        (&used["data"][0]["usage"]["leases_7d"], &used["data"][1]["usage"]["leases_7d"]),
        (&json!(3), &json!(1))
    );
}

/// Each count of a facet is what a list has that is narrowed to it, whatever else is asked.
#[tokio::test(flavor = "multi_thread")]
async fn each_facet_counts_what_a_list_would_have() {
    let world = populated().await;
    let owner = world.owner("ws_1");
    let mut compared = 0;
    for asked in [
        vec![],
        vec![("platform", "x")],
        vec![("platform", "x"), ("state", "healthy")],
        vec![("status", "Inactive"), ("vocabulary", "s3")],
        vec![("status", "Valid"), ("vocabulary", "s2"), ("platform", "linkedin,x")],
        vec![("tag", "north"), ("owner", "acme")],
        vec![("q", "acme"), ("connected_by", "user-owner")],
        vec![("token_status", "valid"), ("lifecycle", "active,disconnected"), ("sort", "-name")],
    ] {
        let query = |parts: &[(&str, &str)]| {
            let parts = parts.iter().map(|(name, value)| format!("{name}={}", encoded(value)));
            parts.collect::<Vec<_>>().join("&")
        };
        let page = owner.get(&format!("{ACCOUNTS}?facets=true&limit=1&{}", query(&asked))).await;
        let facets = page.body["facets"].as_object().expect("facets").clone();
        for (facet, entries) in &facets {
            for entry in entries.as_array().expect("entries") {
                let mut narrowed = asked.clone();
                narrowed.retain(|(name, _)| name != facet);
                narrowed.push((facet, entry["id"].as_str().expect("an id")));
                let list = owner.get(&format!("{ACCOUNTS}?limit=200&{}", query(&narrowed))).await;
                assert_eq!(json!(ids(&list).len()), entry["count"], "{asked:?} {facet} {entry}");
                compared += 1;
            }
        }
        let total: u64 =
            facets["platform"].as_array().expect("entries").iter().filter_map(|e| e["count"].as_u64()).sum();
        let mut rest = asked.clone();
        rest.retain(|(name, _)| *name != "platform");
        let list = owner.get(&format!("{ACCOUNTS}?limit=200&{}", query(&rest))).await;
        assert_eq!(ids(&list).len() as u64, total, "{asked:?}: no platform is left out");
    }
    assert!(compared > 40, "{compared}");
    let plain = owner.get(&format!("{ACCOUNTS}?facets=true")).await.body["facets"].clone();
    let owners = plain["owner"].as_array().expect("owners");
    assert!(owners.iter().any(|owner| owner["name"] == "Acme"), "{owners:?}");
    assert!(
        plain["connected_by"].as_array().expect("members").iter().any(|m| m["name"] == "Nina" && m["id"] == "nina")
    );
}
