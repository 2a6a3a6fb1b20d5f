//! Facebook: the dialog, versions, permissions, events, faults.

use serde_json::json;

use crate::harness::{BACK, DIALOG, FB, FB_SCOPES, Sim, but, query};

fn request<'a>(changed: &'a [(&'a str, &'a str)]) -> String {
    let right = [
        ("client_id", "1001"),
        ("redirect_uri", BACK),
        ("response_type", "code"),
        ("state", "s-1"),
        ("scope", FB_SCOPES),
    ];
    query(&but(&right, changed))
}

#[tokio::test]
async fn facebook_refuses_a_wrong_dialog_without_sending_anybody_back() {
    let sim = Sim::start().await;
    let wrong = [
        ("client_id", ""),
        ("client_id", "nobody"),
        ("client_id", "xapp"),
        ("redirect_uri", ""),
        ("redirect_uri", "https://mooring.example/callback/"),
        ("redirect_uri", "https://mooring.example/callback?a=1"),
        ("redirect_uri", "https://evil.example/callback"),
        ("response_type", ""),
        ("response_type", "token"),
        ("scope", "public_profile pages_show_list"),
        ("scope", "public_profile,fly_to_the_moon"),
    ];
    for (name, value) in wrong {
        let path = format!("{DIALOG}?{}", request(&[(name, value)]));
        sim.get(&path, &[]).await.is_error_page();
        sim.post(&path, &[("decision", "approve")]).await.is_error_page();
    }
    let right = request(&[]);
    let twice = format!("{DIALOG}?{right}&redirect_uri=https://evil.example/");
    sim.get(&twice, &[]).await.is_error_page();
    let unknown = format!("/www.facebook.com/v99.0/dialog/oauth?{right}");
    sim.get(&unknown, &[]).await.is_error_page();
    assert_eq!(sim.get(&format!("{DIALOG}?{right}"), &[]).await.status, 200);
    let old = format!("/www.facebook.com/v20.0/dialog/oauth?{right}");
    assert_eq!(sim.get(&old, &[]).await.status, 200);
}

#[tokio::test]
async fn facebook_sends_back_in_its_own_form() {
    let sim = Sim::start().await;
    let approved = sim.fb_dialog("1001", FB_SCOPES, &[]).await;
    let code = approved.code();
    assert!(code.contains("CANARYCODE"), "{code}");
    assert_eq!(approved.location(), format!("{BACK}?code={code}&state=s-1#_=_"));
    let denied = sim.fb_dialog("1001", FB_SCOPES, &[("decision", "deny")]).await;
    let query =
        "error=access_denied&error_code=200&error_description=Permissions+error&error_reason=user_denied&state=s-1";
    assert_eq!(denied.location(), format!("{BACK}?{query}"));
    sim.fb_dialog("1001", FB_SCOPES, &[("decision", "maybe")]).await.is_error_page();
    sim.fb_dialog("1001", FB_SCOPES, &[("person", "nobody")]).await.is_error_page();
}

#[tokio::test]
async fn facebook_grants_the_ticked_scopes_alone() {
    let sim = Sim::start().await;
    let path = format!("{DIALOG}?{}", request(&[("scope", "email,pages_show_list")]));
    let form = [("decision", "approve"), ("scope", "pages_show_list")];
    let code = sim.post(&path, &form).await.code();
    let token = sim.fb_token("1001", &[("code", &code)]).await.str("access_token");
    let granted = sim.graph("me/permissions", &token, &[]).await.json();
    let expected = json!({ "data": [
        { "permission": "public_profile", "status": "granted" },
        { "permission": "email", "status": "declined" },
        { "permission": "pages_show_list", "status": "granted" },
    ] });
    assert_eq!(granted, expected);
    let me = sim.graph("me", &token, &[("fields", "id,email")]).await.json();
    assert!(me.get("email").is_none());
}

#[tokio::test]
async fn facebook_asks_again_for_a_declined_scope_only_by_rerequest() {
    let sim = Sim::start().await;
    let status = async |extra: &[(&str, &str)], form: &[(&str, &str)]| {
        let changed = [&[("scope", "email")], extra].concat();
        let path = format!("{DIALOG}?{}", request(&changed));
        let code = sim.post(&path, &but(&[("decision", "approve")], form)).await.code();
        let token = sim.fb_token("1001", &[("code", &code)]).await.str("access_token");
        let all = sim.graph("me/permissions", &token, &[]).await.json();
        all["data"][1]["status"].as_str().unwrap().to_owned()
    };
    assert_eq!(status(&[], &[("scope", "public_profile")]).await, "declined");
    assert_eq!(status(&[], &[]).await, "declined");
    assert_eq!(status(&[("auth_type", "rerequest")], &[]).await, "granted");
}

#[tokio::test]
async fn facebook_serves_ended_versions_by_the_oldest_and_no_unknown_ones() {
    let sim = Sim::start().await;
    let token = sim.fb_short("acme").await;
    let served = async |version: &str| {
        let path = format!("/graph.facebook.com/{version}me");
        let reply = sim.get(&path, &[("access_token", &token)]).await;
        assert_eq!(reply.status, 200, "{version}: {reply:?}");
        reply.header("facebook-api-version").to_owned()
    };
    assert_eq!(served("v26.0/").await, "v26.0");
    assert_eq!(served("v22.0/").await, "v22.0");
    assert_eq!(served("v20.0/").await, "v21.0");
    assert_eq!(served("v3.2/").await, "v21.0");
    assert_eq!(served("").await, "v21.0");
    let event = json!({ "version": "v26.0" });
    assert_eq!(sim.event("facebook", "", "version_sunset", event).await, 204);
    assert_eq!(served("v26.0/").await, "v21.0");
    for unknown in ["v99.0", "v26.1", "v0.0", "v2.13"] {
        let path = format!("/graph.facebook.com/{unknown}/me");
        let reply = sim.get(&path, &[("access_token", &token)]).await;
        assert_eq!(reply.graph_error(), (400, 2500, None), "{unknown}");
    }
    let unknown = json!({ "version": "v99.0" });
    assert_eq!(sim.event("facebook", "", "version_sunset", unknown).await, 422);
    assert_eq!(sim.event("facebook", "", "version_sunset", json!({})).await, 400);
}

#[tokio::test]
async fn facebook_ends_a_version_on_its_day() {
    let sim = Sim::start().await;
    sim.simulator.set_now("2027-01-20T23:59:59Z".parse().unwrap());
    let token = sim.fb_short("acme").await;
    let path = "/graph.facebook.com/v21.0/me";
    let pairs = [("access_token", token.as_str())];
    assert_eq!(sim.get(path, &pairs).await.header("facebook-api-version"), "v21.0");
    sim.pass(1);
    assert_eq!(sim.get(path, &pairs).await.header("facebook-api-version"), "v22.0");
}

#[tokio::test]
async fn facebook_reads_a_token_from_query_form_or_header() {
    let sim = Sim::start().await;
    let token = sim.fb_short("acme").await;
    let url = sim.url(&format!("{FB}/me"));
    assert_eq!(sim.graph("me", &token, &[]).await.status, 200);
    for scheme in ["Bearer", "OAuth"] {
        let request = sim.http.get(&url).header("authorization", format!("{scheme} {token}"));
        assert_eq!(sim.send(request).await.status, 200, "{scheme}");
    }
    let basic = sim.http.get(&url).basic_auth("x", Some(&token));
    assert_eq!(sim.send(basic).await.graph_error(), (400, 2500, None));
    assert_eq!(sim.get(&format!("{FB}/104800"), &[]).await.graph_error(), (400, 104, None));
    assert_eq!(sim.graph("me", "EAAGgarbage", &[]).await.graph_error(), (400, 190, None));
}

#[tokio::test]
async fn facebook_answers_only_the_asked_fields() {
    let sim = Sim::start().await;
    let token = sim.fb_short("acme").await;
    let bare = sim.graph("me", &token, &[]).await.json();
    assert_eq!(bare.as_object().unwrap().len(), 2);
    assert_eq!(bare["name"], "Acme");
    let full = sim.graph("me", &token, &[("fields", "id,name,picture.type(large){url},email")]).await.json();
    assert_eq!(full["email"], "acme@people.example");
    assert!(full["picture"]["data"]["url"].is_string());
    let unknown = sim.graph("me", &token, &[("fields", "id,shoe_size")]).await;
    assert_eq!(unknown.graph_error(), (400, 100, None));
    assert!(unknown.text.contains("nonexisting field (shoe_size)"));
    let broken = sim.graph("me", &token, &[("fields", "id,picture{url")]).await;
    assert_eq!(broken.graph_error().0, 400);
}

#[tokio::test]
async fn facebook_knows_a_person_by_another_id_in_each_app() {
    let sim = Sim::start().await;
    let mut ids = Vec::new();
    for app in ["1001", "1002"] {
        let code = sim.fb_dialog(app, "public_profile", &[]).await.code();
        let token = sim.fb_token(app, &[("code", &code)]).await.str("access_token");
        ids.push(sim.graph("me", &token, &[]).await.str("id"));
        let (own, other) = (ids.last().unwrap(), ids.first().unwrap());
        assert_eq!(sim.graph(own, &token, &[]).await.status, 200);
        if own != other {
            assert_eq!(sim.graph(other, &token, &[]).await.graph_error(), (400, 100, Some(33)));
        }
    }
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test]
async fn facebook_takes_a_whole_grant_back() {
    let sim = Sim::start().await;
    let delete = |path: String, token: &str| {
        let url = sim.url(&format!("{FB}/{path}"));
        sim.send(sim.http.delete(url).bearer_auth(token))
    };
    let user = sim.fb_long("acme").await;
    let (_, page) = sim.fb_page(&user).await;
    let id = sim.graph("me", &user, &[]).await.str("id");
    let code = sim.fb_dialog("1002", FB_SCOPES, &[]).await.code();
    let elsewhere = sim.fb_token("1002", &[("code", &code)]).await.str("access_token");

    assert_eq!(delete(format!("{id}/permissions"), &page).await.graph_error(), (400, 100, Some(33)));
    assert_eq!(delete("42/permissions".into(), &user).await.graph_error(), (400, 100, Some(33)));
    assert_eq!(delete(format!("{id}/permissions"), &elsewhere).await.graph_error().1, 100);
    let foreign_app = delete(format!("{id}/permissions"), "1002|1002-secret").await;
    assert_eq!(foreign_app.graph_error(), (400, 100, Some(33)));
    assert_eq!(delete(format!("{id}/permissions"), "1001|wrong").await.graph_error().1, 190);

    let one = delete(format!("{id}/permissions/email"), &user).await;
    assert_eq!(one.json(), json!({ "success": true }));
    assert!(sim.graph("me", &user, &[("fields", "email")]).await.json().get("email").is_none());
    assert_eq!(delete(format!("{id}/permissions/email"), &user).await.graph_error(), (400, 100, None));

    let all = delete(format!("{id}/permissions"), "1001|1001-secret").await;
    assert_eq!(all.json(), json!({ "success": true }));
    for token in [&user, &page] {
        let reply = sim.graph("me", token, &[]).await;
        assert_eq!(reply.graph_error(), (400, 190, Some(458)));
        assert!(reply.text.contains("has not authorized application 1001"));
    }
    assert_eq!(sim.graph("me", &elsewhere, &[]).await.status, 200);
    let entry = sim.journal().await.into_iter().rev().find(|entry| entry["outcome"] == "revoked");
    assert_eq!(entry.unwrap()["route"], "revoke");
}

#[tokio::test]
async fn facebook_events_strike_people() {
    let sim = Sim::start().await;
    let cases = [
        ("revoke", (400, 190, Some(458))),
        ("password_change", (400, 190, Some(460))),
        ("data_access_expiry", (403, 10, None)),
        ("suspend", (400, 190, Some(459))),
        ("delete", (400, 190, Some(458))),
    ];
    for (kind, expected) in cases {
        let user = sim.fb_long("acme").await;
        let (_, page) = sim.fb_page(&user).await;
        let unhurt = sim.fb_short("analyst").await;
        assert_eq!(sim.event("facebook", "acme", kind, json!({})).await, 204);
        for token in [&user, &page] {
            assert_eq!(sim.graph("me", token, &[]).await.graph_error(), expected, "{kind}");
        }
        assert_eq!(sim.graph("me", &unhurt, &[]).await.status, 200);
        if kind == "suspend" {
            sim.fb_dialog("1001", FB_SCOPES, &[]).await.is_error_page();
        }
        if kind == "suspend" || kind == "delete" {
            assert_eq!(sim.sim("POST", "reset", json!({})).await.status, 204);
        }
    }
}

#[tokio::test]
async fn facebook_events_find_a_person_by_the_id_that_an_app_knows() {
    let sim = Sim::start().await;
    let user = sim.fb_long("demo-03").await;
    let id = sim.graph("me", &user, &[]).await.str("id");
    assert_eq!(sim.event("facebook", &id, "revoke", json!({})).await, 204);
    assert_eq!(sim.graph("me", &user, &[]).await.graph_error(), (400, 190, Some(458)));
}

#[tokio::test]
async fn facebook_withdraws_a_scope() {
    let sim = Sim::start().await;
    let user = sim.fb_long("agency").await;
    assert_eq!(sim.graph("me/businesses", &user, &[]).await.status, 200);
    let scope = json!({ "scope": "business_management" });
    assert_eq!(sim.event("facebook", "agency", "withdraw_scope", scope).await, 204);
    assert_eq!(sim.graph("me/businesses", &user, &[]).await.graph_error(), (403, 200, None));
    assert_eq!(sim.event("facebook", "agency", "withdraw_scope", json!({})).await, 400);
    assert_eq!(sim.event("facebook", "nobody", "revoke", json!({})).await, 404);
}

#[tokio::test]
async fn facebook_has_faults_of_its_own() {
    let sim = Sim::start().await;
    let user = sim.fb_long("acme").await;
    let (_, page) = sim.fb_page(&user).await;
    let cases = [
        ("user_removed_app", (400, 190, Some(458))),
        ("password_changed", (400, 190, Some(460))),
        ("checkpoint", (400, 190, Some(459))),
        ("unconfirmed_user", (400, 190, Some(464))),
        ("role_lost", (400, 190, Some(492))),
        ("user_rate_limited", (400, 17, Some(2_446_079))),
        ("page_rate_limited", (400, 80_001, None)),
        ("blocked", (400, 368, None)),
        ("no_business_scope", (403, 200, None)),
        ("expired_version", (400, 2635, None)),
        ("rate_limited", (400, 4, None)),
        ("status:500", (500, 1, None)),
        ("status:503", (503, 2, None)),
    ];
    for (kind, expected) in cases {
        sim.fault("facebook", "profile", kind).await;
        let reply = sim.graph("me", &user, &[]).await;
        assert_eq!(reply.graph_error(), expected, "{kind}");
        if kind == "rate_limited" {
            assert_eq!(reply.json()["error"]["is_transient"], true);
            assert!(reply.header("x-app-usage").contains("\"call_count\":101"));
        }
        assert_eq!(sim.graph("me", &user, &[]).await.status, 200, "once only");
    }
    sim.fault("facebook", "*", "rate_limited").await;
    assert_eq!(sim.graph("me", &page, &[]).await.graph_error(), (400, 32, None));
    for token in [&user, &page] {
        let before = sim.graph("me", token, &[]).await.json();
        sim.fault("facebook", "profile", "wrong_person").await;
        let wrong = sim.graph("me", token, &[]).await.json();
        assert!(wrong["name"].as_str().unwrap().starts_with("Mallory"), "{wrong}");
        assert_ne!(wrong["id"], before["id"]);
    }
}

#[tokio::test]
async fn facebook_has_no_other_paths() {
    let sim = Sim::start().await;
    let token = sim.fb_short("acme").await;
    for path in ["me/friends", "nonsense", "me/accounts/"] {
        let reply = sim.graph(path, &token, &[]).await;
        assert_eq!(reply.graph_error(), (400, 2500, None), "{path}");
        assert_eq!(sim.journal().await.last().unwrap()["documented"], false);
    }
    let post = sim.post(&format!("{FB}/me"), &[("access_token", &token)]).await;
    assert_eq!(post.graph_error(), (400, 100, Some(33)));
    assert_eq!(sim.get("/www.facebook.com/nonsense", &[]).await.status, 404);
}
