//! Instagram's own Graph host: profile, insights, events, faults.

use serde_json::{Value, json};

use crate::harness::{IG, Sim, shape};

const PROFILE: &str =
    "id,user_id,username,name,account_type,profile_picture_url,followers_count,follows_count,media_count";

#[tokio::test]
async fn instagram_tells_a_profile_with_two_ids() {
    let sim = Sim::start().await;
    let long = sim.ig_long("acme").await;
    let reply = sim.ig("me", &long, &[("fields", PROFILE)]).await;
    let example = json!({
        "id": "26000000000000001", "user_id": "17841400000000005", "username": "fjord.ceramics",
        "name": "Fjord Ceramics", "account_type": "BUSINESS",
        "profile_picture_url": "https://scontent.example/ig5.jpg?oe=6A000000",
        "followers_count": 40211, "follows_count": 512, "media_count": 1033,
    });
    let me = reply.json();
    assert_eq!((reply.status, shape(&me)), (200, shape(&example)));
    assert_eq!(
        (&me["username"], &me["name"], &me["account_type"]),
        (&json!("acme"), &json!("Acme"), &json!("BUSINESS"))
    );
    let (id, user_id) = (me["id"].as_str().unwrap(), me["user_id"].as_str().unwrap());
    assert!(id.starts_with("26") && user_id.starts_with("17841"));
    let picture = me["profile_picture_url"].as_str().unwrap();
    assert!(picture.contains("/scontent.cdninstagram.com/"));
    assert_eq!(sim.get(picture, &[]).await.header("content-type"), "image/png");
    sim.pass(5 * 86_400);
    assert_eq!(sim.get(picture, &[]).await.status, 403, "signed for days");

    for known in ["me", id, user_id] {
        assert_eq!(sim.ig(known, &long, &[]).await.json(), json!({ "id": id }), "{known}");
    }
    assert_eq!(sim.ig("17841000000000001", &long, &[]).await.graph_error(), (400, 100, Some(33)));
    for field in ["user_name", "email", "followers"] {
        assert_eq!(sim.ig("me", &long, &[("fields", field)]).await.graph_error(), (400, 100, None), "{field}");
    }
    let code = sim.ig_approve(&[("client_id", "2002")], &[]).await.code();
    let short = sim.ig_exchange(&code, &[("client_id", "2002"), ("client_secret", "2002-secret")]).await;
    let other = sim.ig("me", &short.str("access_token"), &[("fields", "id,user_id")]).await.json();
    assert_ne!(other["id"], me["id"], "each app has its own");
    assert_eq!(other["user_id"], me["user_id"]);

    let creator = sim.ig_long("creator").await;
    let me = sim.ig("me", &creator, &[("fields", PROFILE)]).await.json();
    assert_eq!(me["account_type"], "MEDIA_CREATOR");
    sim.fault("instagram", "profile", "title_case_type").await;
    assert_eq!(sim.ig("me", &creator, &[("fields", PROFILE)]).await.json()["account_type"], "Media_Creator");
}

#[tokio::test]
async fn instagram_reads_a_token_from_query_or_header() {
    let sim = Sim::start().await;
    let long = sim.ig_long("acme").await;
    let url = sim.url(&format!("{IG}/v26.0/me?fields=user_id"));
    assert_eq!(sim.send(sim.http.get(&url).bearer_auth(&long)).await.status, 200);
    assert_eq!(sim.journal().await.last().unwrap()["route"], "probe");
    let basic = sim.http.get(&url).basic_auth("x", Some(&long));
    assert_eq!(sim.send(basic).await.graph_error(), (400, 104, None));
    assert_eq!(sim.send(sim.http.get(&url)).await.graph_error(), (400, 104, None));
    assert_eq!(sim.ig("me", "IGAAgarbage", &[]).await.graph_error(), (400, 190, None));
    let user = sim.fb_ig("acme").await;
    assert_eq!(sim.ig("me", &user, &[]).await.graph_error(), (400, 190, None), "Facebook's tokens are others");
    assert_eq!(sim.graph("me", &long, &[]).await.graph_error(), (400, 190, None));
}

#[tokio::test]
async fn instagram_serves_versions_as_facebook_does() {
    let sim = Sim::start().await;
    let long = sim.ig_long("acme").await;
    let status = async |version: &str| sim.get(&format!("{IG}/{version}me"), &[("access_token", &long)]).await.status;
    for version in ["v26.0/", "v21.0/", "v20.0/", ""] {
        assert_eq!(status(version).await, 200, "{version}");
    }
    for version in ["v99.0/", "v26.1/"] {
        assert_eq!(status(version).await, 400, "{version}");
    }
    assert_eq!(sim.event("instagram", "", "version_sunset", json!({ "version": "v26.0" })).await, 204);
    assert_eq!(status("v26.0/").await, 200, "served by the oldest");
    assert_eq!(sim.event("instagram", "", "version_sunset", json!({ "version": "v1.0" })).await, 422);
}

#[tokio::test]
async fn instagram_refuses_a_personal_account_by_name() {
    let sim = Sim::start().await;
    let long = sim.ig_long("personal").await;
    let refused = sim.ig("me", &long, &[("fields", PROFILE)]).await;
    assert_eq!(refused.graph_error(), (400, 10, None));
    assert!(refused.text.contains("The user is not an Instagram Business"));
    let insights = sim.ig("me/insights", &long, &[("metric", "reach"), ("period", "day")]).await;
    assert_eq!(insights.graph_error(), (400, 10, None));
}

#[tokio::test]
async fn instagram_gives_insights_with_their_scope() {
    let sim = Sim::start().await;
    let long = sim.ig_long("acme").await;
    let week = [("metric", "views,likes"), ("metric_type", "total_value"), ("period", "day")];
    let span = [("since", "2026-11-10"), ("until", "2026-11-17")];
    let pairs = [&week[..], &span[..]].concat();
    let id = sim.ig("me", &long, &[("fields", "user_id")]).await.str("user_id");
    let by_id = sim.ig(&format!("{id}/insights"), &long, &pairs).await;
    assert_eq!((by_id.status, by_id.json()["data"].as_array().unwrap().len()), (200, 2));
    let through = sim.fb_ig("acme").await;
    assert_eq!(sim.graph(&format!("{id}/insights"), &through, &pairs).await.json(), by_id.json(), "the same numbers");
    assert_eq!(sim.journal().await.last().unwrap()["route"], "metrics");

    let scope = json!({ "scope": "instagram_business_manage_insights" });
    assert_eq!(sim.event("instagram", &id, "withdraw_scope", scope).await, 204);
    assert_eq!(sim.ig("me/insights", &long, &pairs).await.graph_error(), (403, 10, None));
    assert_eq!(sim.ig("me", &long, &[]).await.status, 200);
    let scope = json!({ "scope": "instagram_business_basic" });
    assert_eq!(sim.event("instagram", &id, "withdraw_scope", scope).await, 204);
    assert_eq!(sim.ig("me", &long, &[]).await.graph_error(), (403, 10, None));
}

#[tokio::test]
async fn instagram_events_strike_the_account() {
    let sim = Sim::start().await;
    let cases = [
        ("revoke", (400, 190, Some(458)), "has not authorized application 2001"),
        ("password_change", (400, 190, None), "session has been invalidated because the user changed their password"),
        ("suspend", (400, 25, Some(2_207_050)), "restricted"),
        ("type_change", (400, 10, None), "not an Instagram Business"),
        ("delete", (400, 100, Some(33)), "does not exist"),
    ];
    for (kind, expected, text) in cases {
        let long = sim.ig_long("acme").await;
        let unhurt = sim.ig_long("creator").await;
        assert_eq!(sim.event("instagram", "acme", kind, json!({})).await, 204);
        let reply = sim.ig("me", &long, &[]).await;
        assert_eq!(reply.graph_error(), expected, "{kind}");
        assert!(reply.text.contains(text), "{reply:?}");
        assert_eq!(sim.ig("me", &unhurt, &[]).await.status, 200);
        let refused = sim.ig_approve(&[], &[]).await.status == 400;
        assert_eq!(refused, ["suspend", "delete"].contains(&kind), "{kind}");
        if kind == "password_change" {
            sim.pass(2 * 86_400);
            assert_eq!(sim.ig_refresh(&long).await.graph_error(), expected);
        }
        assert_eq!(sim.sim("POST", "reset", json!({})).await.status, 204);
    }
}

#[tokio::test]
async fn instagram_events_find_the_account_by_person_and_by_both_ids() {
    let sim = Sim::start().await;
    let long = sim.ig_long("acme").await;
    let me = sim.ig("me", &long, &[("fields", "id,user_id")]).await.json();
    for (at, account) in [json!("acme"), me["id"].clone(), me["user_id"].clone()].iter().enumerate() {
        let to = format!("acme.{at}");
        assert_eq!(sim.event("instagram", account.as_str().unwrap(), "rename", json!({ "to": to })).await, 204);
        assert_eq!(sim.ig("me", &long, &[("fields", "username")]).await.str("username"), to);
    }
    let picture = async || sim.ig("me", &long, &[("fields", "profile_picture_url")]).await.str("profile_picture_url");
    let before = picture().await;
    assert_eq!(sim.event("instagram", "acme", "new_avatar", json!({})).await, 204);
    assert_ne!(picture().await, before);
    assert_eq!(sim.event("instagram", "acme", "type_change", json!({ "to": "MEDIA_CREATOR" })).await, 204);
    let kind = sim.ig("me", &long, &[("fields", "account_type")]).await.str("account_type");
    assert_eq!(kind, "MEDIA_CREATOR");
    for kind in ["lose_role", "unlink_instagram", "untick_page", "data_access_expiry"] {
        assert_eq!(sim.event("instagram", "acme", kind, json!({})).await, 422, "{kind}");
    }
    for kind in ["rename", "withdraw_scope", "version_sunset"] {
        assert_eq!(sim.event("instagram", "acme", kind, json!({})).await, 400, "{kind}");
    }
    for nobody in ["nobody", "analyst", "17841000000000001"] {
        assert_eq!(sim.event("instagram", nobody, "revoke", json!({})).await, 404, "{nobody}");
    }
}

#[tokio::test]
async fn instagram_has_faults_of_its_own() {
    let sim = Sim::start().await;
    let long = sim.ig_long("acme").await;
    let cases = [
        ("user_removed_app", (400, 190, Some(458))),
        ("password_changed", (400, 190, None)),
        ("not_business", (400, 10, None)),
        ("restricted", (400, 25, Some(2_207_050))),
        ("account_rate_limited", (403, 80_002, None)),
        ("rate_limited", (400, 4, None)),
        ("status:500", (500, 1, None)),
        ("status:503", (503, 2, None)),
    ];
    for (kind, expected) in cases {
        sim.fault("instagram", "profile", kind).await;
        let reply = sim.ig("me", &long, &[]).await;
        assert_eq!(reply.graph_error(), expected, "{kind}");
        if kind == "rate_limited" {
            assert_eq!(reply.json()["error"]["is_transient"], true);
            assert_eq!(reply.header("x-app-usage"), r#"{"call_count":100,"total_time":12,"total_cputime":9}"#);
        }
        assert_eq!(sim.ig("me", &long, &[]).await.status, 200, "once only");
    }
    sim.fault("instagram", "probe", "password_changed").await;
    assert_eq!(sim.ig("me", &long, &[("fields", "username")]).await.status, 200, "not the probe");
    assert_eq!(sim.ig("me", &long, &[("fields", "user_id")]).await.status, 400);
    sim.fault("instagram", "profile", "wrong_person").await;
    assert_eq!(sim.ig("me", &long, &[("fields", "username")]).await.str("username"), "mallory");

    let code = sim.ig_code("acme").await;
    for (kind, status) in [("rate_limited", 400), ("status:500", 500), ("status:503", 503)] {
        sim.fault("instagram", "token", kind).await;
        assert_eq!(sim.ig_exchange(&code, &[]).await.instagram_error().0, status, "in the token host's envelope");
    }
    assert_eq!(sim.ig_exchange(&code, &[]).await.status, 200);
    sim.fault("instagram", "token", "token_body:{\"access_token\":7}").await;
    let code = sim.ig_code("acme").await;
    assert_eq!(sim.ig_exchange(&code, &[]).await.json(), json!({ "access_token": 7 }));
}

#[tokio::test]
async fn instagram_counts_calls_against_the_account() {
    let sim = Sim::start().await;
    let long = sim.ig_long("acme").await;
    let id = sim.ig("me", &long, &[("fields", "user_id")]).await.str("user_id");
    let mut usage = Value::Null;
    for _ in 0..60 {
        let reply = sim.ig("me", &long, &[]).await;
        usage = serde_json::from_str(reply.header("x-business-use-case-usage")).unwrap();
        assert!(reply.header("x-app-usage").contains("call_count"));
    }
    assert_eq!((&usage[&id][0]["call_count"], &usage[&id][0]["type"]), (&json!(1), &json!("instagram")));
}

#[tokio::test]
async fn instagram_has_no_other_paths_and_nothing_to_revoke_with() {
    let sim = Sim::start().await;
    let long = sim.ig_long("acme").await;
    for path in ["me/media", "me/permissions", "debug_token", "me/accounts", "oauth/access_token"] {
        assert_eq!(sim.ig(path, &long, &[]).await.graph_error(), (400, 2500, None), "{path}");
        assert_eq!(sim.journal().await.last().unwrap()["documented"], false);
    }
    let url = sim.url(&format!("{IG}/v26.0/me/permissions"));
    assert_eq!(sim.send(sim.http.delete(url).bearer_auth(&long)).await.graph_error(), (400, 100, None));
    assert_eq!(sim.ig("me", &long, &[]).await.status, 200);
    let by_host = sim.http.get(sim.url("/v26.0/me")).header("host", "graph.instagram.com").bearer_auth(&long);
    assert_eq!(sim.send(by_host).await.status, 200);
}

#[tokio::test]
async fn instagram_keeps_secrets_out_of_the_journal() {
    let sim = Sim::start().await;
    let code = sim.ig_code("acme").await;
    let short = sim.ig_exchange(&code, &[]).await.str("access_token");
    let long = sim.ig_long_of(&short, &[]).await.str("access_token");
    sim.ig("me", &long, &[]).await;
    let calls = sim.journal().await;
    let outcomes: Vec<&str> = calls.iter().map(|call| call["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["code_issued", "code_exchanged", "token_exchanged", "ok"]);
    assert!(calls.iter().all(|call| call["platform"] == "instagram" && call["documented"] == true));
    let routes: Vec<&str> = calls.iter().map(|call| call["route"].as_str().unwrap()).collect();
    assert_eq!(routes, ["authorize", "token", "token", "profile"]);
    let text = sim.get("/_sim/journal?platform=instagram", &[]).await.text;
    assert!(!text.contains("CANARY") && !text.contains("2001-secret"));
    assert!(calls[2]["secrets"]["client_secret"].is_string() && calls[2]["secrets"]["access_token"].is_string());
}
