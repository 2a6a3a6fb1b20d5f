//! Pinterest's API v5: the account, boards, analytics, budgets, events, errors.

use serde_json::{Value, json};

use crate::harness::{Sim, shape};
use crate::pinterest::{API, start};

#[tokio::test]
async fn pinterest_tells_a_business_and_a_pinner() {
    let sim = start().await;
    let (access, _) = sim.pin_pair("acme").await;
    let reply = sim.pin("user_account", &access, &[]).await;
    let example = json!({
        "account_type": "BUSINESS", "id": "2783136121146000001",
        "profile_image": "https://i.pinimg.com/280x280_RS/fa/ke/01.jpg", "website_url": "fjord.example",
        "username": "fjordceramics", "about": "Stoneware", "business_name": "Fjord Ceramics", "board_count": 14,
        "pin_count": 339, "follower_count": 1_010, "following_count": 347, "monthly_views": 16_300,
    });
    let me = reply.json();
    assert_eq!((reply.status, shape(&me)), (200, shape(&example)));
    assert_eq!(
        (&me["account_type"], &me["username"], &me["business_name"], &me["board_count"]),
        (&json!("BUSINESS"), &json!("acme"), &json!("Acme"), &json!(14))
    );
    let id = me["id"].as_str().unwrap();
    assert!(id.len() == 19 && id.parse::<u64>().is_ok_and(|id| id > 1 << 53), "{id}");
    let picture = me["profile_image"].as_str().unwrap();
    sim.pass(29 * 86_400);
    assert_eq!(sim.get(picture, &[]).await.header("content-type"), "image/png", "it does not end");
    let later = sim.pin("user_account", &access, &[]).await.json();
    assert!(later["follower_count"].as_i64() > me["follower_count"].as_i64());
    let (pinner, _) = sim.pin_pair("personal").await;
    let pinner = sim.pin("user_account", &pinner, &[]).await.json();
    assert_eq!((&pinner["account_type"], &pinner["business_name"]), (&json!("PINNER"), &Value::Null));
    let by_sandbox = sim.http.get(sim.url("/api-sandbox.pinterest.com/v5/user_account")).bearer_auth(&access);
    assert_eq!(sim.send(by_sandbox).await.status, 200);
    let bare = sim.http.get(sim.url(&format!("{API}/user_account?access_token={access}")));
    assert_eq!(sim.send(bare).await.pin_error(), (401, 2), "in the header only");
    assert_eq!(sim.pin("pins/1", &access, &[]).await.status, 404);
}

#[tokio::test]
async fn pinterest_lists_boards_by_bookmarks_until_there_is_none() {
    let sim = start().await;
    let (access, _) = sim.pin_pair("agency").await;
    let mut names: Vec<String> = Vec::new();
    let mut pages = 0;
    let mut bookmark = String::new();
    loop {
        let page = sim.pin("boards", &access, &[("bookmark", &bookmark)]).await.json();
        let items = page["items"].as_array().unwrap().clone();
        names.extend(items.iter().map(|board| board["id"].as_str().unwrap().to_owned()));
        pages += 1;
        match page["bookmark"].as_str() {
            Some(next) => next.clone_into(&mut bookmark),
            None => break,
        }
    }
    names.dedup();
    assert_eq!((names.len(), pages), (60, 3), "25 on a page, and none of the secret ones");
    assert_eq!(sim.journal().await.last().unwrap()["route"], "children");
    let all = sim.pin("boards", &access, &[("page_size", "250")]).await.json();
    assert_eq!((all["items"].as_array().unwrap().len(), &all["bookmark"]), (60, &Value::Null));
    for wrong in [("page_size", "0"), ("page_size", "251"), ("page_size", "many"), ("bookmark", "made-up")] {
        assert_eq!(sim.pin("boards", &access, &[wrong]).await.pin_error(), (400, 1), "{wrong:?}");
    }
    let scopes = [("scope", "boards:read,boards:read_secret")];
    let code = sim.pin_approve(&scopes, &[("person", "agency")]).await.code();
    let access = sim.pin_exchange(&code, &[]).await.str("access_token");
    let all = sim.pin("boards", &access, &[("page_size", "250")]).await.json()["items"].clone();
    assert_eq!((all.as_array().unwrap().len(), &all[62]["privacy"]), (63, &json!("SECRET")));
    assert_eq!(sim.pin("user_account", &access, &[]).await.pin_error(), (403, 29), "its scope was not asked for");
}

#[tokio::test]
async fn pinterest_gives_analytics_to_a_business_for_ninety_days() {
    let sim = start().await;
    let (access, _) = sim.pin_pair("acme").await;
    let span = [("start_date", "2026-11-20"), ("end_date", "2026-11-22")];
    let all = sim.pin("user_account/analytics", &access, &span).await.json()["all"].clone();
    let days = all["daily_metrics"].as_array().unwrap();
    assert_eq!((days.len(), &days[0]["date"], &days[0]["data_status"]), (3, &json!("2026-11-20"), &json!("READY")));
    assert_eq!((&days[2]["data_status"], &days[2]["metrics"]), (&json!("PROCESSING"), &json!({})), "none is not 0");
    let of = |day: usize| days[day]["metrics"]["IMPRESSION"].as_i64().unwrap();
    assert_eq!(all["summary_metrics"]["IMPRESSION"], of(0) + of(1));
    let some = [span[0], span[1], ("metric_types", "SAVE,PIN_CLICK")];
    let some = sim.pin("user_account/analytics", &access, &some).await.json()["all"]["summary_metrics"].clone();
    assert_eq!(some.as_object().unwrap().keys().collect::<Vec<_>>(), ["PIN_CLICK", "SAVE"]);
    let reply = sim.pin("user_account/analytics", &access, &[("start_date", "2026-08-24"), span[1]]).await;
    assert_eq!((reply.status, reply.header("x-ratelimit-category")), (200, "org_analytics"), "90 days ago");
    for wrong in [
        &[("start_date", "2026-08-23"), span[1]][..],
        &[span[0], ("end_date", "2026-11-23")],
        &[("start_date", "2026-11-22"), ("end_date", "2026-11-20")],
        &span[..1],
        &[],
        &[span[0], span[1], ("metric_types", "LIKE")],
    ] {
        assert_eq!(sim.pin("user_account/analytics", &access, wrong).await.pin_error(), (400, 1), "{wrong:?}");
    }
    let (pinner, _) = sim.pin_pair("personal").await;
    assert_eq!(sim.pin("user_account/analytics", &pinner, &span).await.pin_error(), (403, 29));
    assert_eq!(sim.event("pinterest", "personal", "type_change", json!({ "to": "BUSINESS" })).await, 204);
    assert_eq!(sim.pin("user_account/analytics", &pinner, &span).await.status, 200);
}

#[tokio::test]
async fn pinterest_counts_a_hundred_calls_a_second_down() {
    let sim = start().await;
    let (access, _) = sim.pin_pair("acme").await;
    let (other, _) = sim.pin_pair("agency").await;
    for left in (0..100).rev() {
        let reply = sim.pin("user_account", &access, &[]).await;
        let headers = ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "x-ratelimit-category"];
        let said = headers.map(|name| reply.header(name).to_owned());
        assert_eq!((reply.status, said), (200, ["100", &left.to_string(), "1", "org_read"].map(String::from)));
    }
    let over = sim.pin("boards", &access, &[]).await;
    assert_eq!((over.pin_error(), over.header("x-ratelimit-remaining")), ((429, 8), "0"), "across categories");
    assert_eq!(sim.pin("user_account", &other, &[]).await.status, 200, "another account has its own");
    sim.pass(1);
    sim.fault("pinterest", "profile", "listed_windows").await;
    let again = sim.pin("user_account", &access, &[]).await;
    assert_eq!((again.status, again.header("x-ratelimit-limit")), (200, "100, 100;w=1"));
}

#[tokio::test]
async fn pinterest_events_strike_the_account() {
    let sim = start().await;
    for (kind, expected) in
        [("revoke", (401, 2)), ("password_change", (401, 2)), ("delete", (401, 2)), ("suspend", (403, 403))]
    {
        let (access, refresh) = sim.pin_pair("acme").await;
        let waiting = sim.pin_code("acme").await;
        let (unhurt, _) = sim.pin_pair("creator").await;
        let id = sim.pin("user_account", &access, &[]).await.str("id");
        assert_eq!(sim.event("pinterest", &id, kind, json!({})).await, 204);
        assert_eq!(sim.pin("user_account", &access, &[]).await.pin_error(), expected, "{kind}");
        assert_eq!(sim.pin("boards", &access, &[]).await.pin_error(), expected, "{kind}");
        let dead = kind != "suspend";
        assert_eq!(sim.pin_exchange(&waiting, &[]).await.status == 400, dead, "{kind}");
        assert_eq!(sim.pin_refresh(&refresh, &[]).await.status == 400, dead, "{kind}");
        assert_eq!(sim.pin("user_account", &unhurt, &[]).await.status, 200);
        assert_eq!(sim.pin_approve(&[], &[]).await.status == 400, kind == "delete", "{kind}");
        assert_eq!(sim.sim("POST", "reset", json!({})).await.status, 204);
    }
    let (access, _) = sim.pin_pair("acme").await;
    let me = async || sim.pin("user_account", &access, &[]).await.json();
    let before = me().await["profile_image"].clone();
    assert_eq!(sim.event("pinterest", "acme", "rename", json!({ "to": "acme_one" })).await, 204);
    assert_eq!(sim.event("pinterest", "acme", "new_avatar", json!({})).await, 204);
    assert_eq!(sim.event("pinterest", "acme", "type_change", json!({})).await, 204);
    let after = me().await;
    assert_eq!((&after["username"], &after["account_type"]), (&json!("acme_one"), &json!("PINNER")));
    assert_ne!(after["profile_image"], before);
    for kind in
        ["lose_role", "unlink_instagram", "untick_page", "withdraw_scope", "data_access_expiry", "version_sunset"]
    {
        assert_eq!(sim.event("pinterest", "acme", kind, json!({ "scope": "pins:read" })).await, 422, "{kind}");
    }
    assert_eq!(sim.event("pinterest", "acme", "rename", json!({})).await, 400);
    assert_eq!(sim.event("pinterest", "acme", "type_change", json!({ "to": "business" })).await, 400);
    assert_eq!(sim.event("pinterest", "nobody", "revoke", json!({})).await, 404);
}

#[tokio::test]
async fn pinterest_answers_each_documented_error_by_name() {
    let sim = start().await;
    let (access, _) = sim.pin_pair("acme").await;
    let rows = [
        ("token_expired", (401, 2)),
        ("permission_missing_29", (403, 29)),
        ("permission_missing_3", (401, 3)),
        ("invalid_grant", (400, 283)),
        ("rate_limited", (429, 8)),
        ("account_suspended", (403, 403)),
        ("platform_outage_500", (500, -1)),
        ("platform_outage_503", (503, -1)),
    ];
    sim.fault("pinterest", "profile", "error:?").await;
    let unknown = sim.pin("user_account", &access, &[]).await;
    let told = unknown.str("error");
    let known: Vec<&str> = told.split_once("use ").unwrap().1.split(", ").collect();
    assert_eq!((unknown.status, known), (501, rows.iter().map(|(name, _)| *name).collect()));
    for (name, expected) in rows {
        sim.fault("pinterest", "*", &format!("error:{name}")).await;
        let reply = sim.pin("user_account", &access, &[]).await;
        assert_eq!(reply.pin_error(), expected, "{name}");
        let headers = (reply.header("x-ratelimit-remaining"), reply.header("x-ratelimit-reset"));
        assert_eq!(headers, if name == "rate_limited" { ("0", "1") } else { ("", "") }, "{name}");
        assert_eq!(sim.pin("user_account", &access, &[]).await.status, 200, "once only");
    }
    let texts = [
        ("token_expired", "Authentication failed."),
        ("permission_missing_3", "Authorization failed."),
        ("rate_limited", "You have exceeded your rate limit. Try again later."),
        ("account_suspended", "Not authorized to access the user account"),
    ];
    for (name, text) in texts {
        sim.fault("pinterest", "children", &format!("error:{name}")).await;
        assert_eq!(sim.pin("boards", &access, &[]).await.str("message"), text);
    }
}

#[tokio::test]
async fn pinterest_fails_in_its_envelope_and_keeps_secrets_out_of_the_journal() {
    let sim = start().await;
    let (access, refresh) = sim.pin_pair("acme").await;
    for (kind, expected) in [("rate_limited", (429, 8)), ("status:500", (500, -1)), ("status:503", (503, -1))] {
        sim.fault("pinterest", "*", kind).await;
        let reply = sim.pin("user_account", &access, &[]).await;
        assert_eq!(reply.pin_error(), expected, "{kind}");
        assert_eq!(reply.header("x-ratelimit-remaining") == "0", kind == "rate_limited");
        sim.fault("pinterest", "token", kind).await;
        assert_eq!(sim.pin_refresh(&refresh, &[]).await.pin_error(), expected, "{kind}");
    }
    sim.fault("pinterest", "profile", "wrong_person").await;
    assert_eq!(sim.pin("user_account", &access, &[]).await.str("username"), "mallory");
    let calls = sim.journal().await;
    assert!(calls.iter().all(|call| call["platform"] == "pinterest" && call["documented"] == true));
    let text = sim.get("/_sim/journal?platform=pinterest", &[]).await.text;
    assert!(!text.contains("CANARY") && !text.contains("pinapp-secret"));
    assert!([access, refresh].iter().all(|secret| simulator::MARKS.iter().any(|mark| secret.starts_with(mark))));
}

/// One tells apart who is on each platform, and what is refused there.
#[tokio::test]
async fn people_of_the_seed_are_on_threads_tiktok_and_pinterest() {
    let sim = Sim::start().await;
    let people = sim.get("/_sim/people", &[]).await.json()["data"].as_array().unwrap().clone();
    let person = |id: &str| people.iter().find(|person| person["id"] == id).unwrap();
    let demo: Vec<String> = (1..=12).map(|n| format!("demo-{n:02}")).collect();
    let everybody = ["acme", "acme-team", "agency", "personal", "mallory", "creator", "hobby"];
    for id in everybody.into_iter().chain(demo.iter().map(String::as_str)) {
        for platform in ["threads", "tiktok", "pinterest"] {
            assert!(person(id)[platform]["id"].is_string(), "{id} on {platform}");
        }
    }
    assert_eq!(person("analyst")["threads"], Value::Null);
    assert!(person("analyst")["tiktok"].is_object() && person("analyst")["pinterest"].is_object());
    let personal = person("personal");
    assert_eq!(
        (&personal["threads"]["standing"], &personal["tiktok"]["standing"], &personal["tiktok"]["account_type"]),
        (&json!("suspended"), &json!("suspended"), &json!("personal"))
    );
    assert_eq!(personal["pinterest"]["account_type"], "PINNER");
    let same = sim.sim("POST", "people", person("acme").clone()).await;
    assert_eq!((same.status, &same.json()), (201, person("acme")), "the shape is the same both ways");
    for wrong in [
        json!({ "threads": { "id": "1" }, "instagram": [{}] }),
        json!({ "tiktok": { "username": "No Spaces" } }),
        json!({ "tiktok": { "account_type": "BUSINESS" } }),
        json!({ "tiktok": { "id": person("acme")["tiktok"]["id"] } }),
        json!({ "pinterest": { "id": "abc" } }),
        json!({ "pinterest": { "account_type": "business" } }),
        json!({ "pinterest": { "id": person("acme")["pinterest"]["id"] } }),
    ] {
        let mut new = json!({ "id": "nora", "name": "Nora" });
        new.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
        assert_eq!(sim.sim("POST", "people", new).await.status, 400, "{wrong}");
    }
}
