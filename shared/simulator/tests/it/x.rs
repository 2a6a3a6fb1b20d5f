//! X: the authorise page, profiles, limits, events, faults.

use serde_json::json;

use crate::harness::{AUTHORIZE, BACK, Sim, VERIFIER, X_API, X_SCOPES};

#[tokio::test]
async fn x_refuses_a_wrong_authorise_request_without_sending_anybody_back() {
    let sim = Sim::start().await;
    let long = "s".repeat(501);
    let wrong: [(&str, &str); 18] = [
        ("client_id", ""),
        ("client_id", "nobody"),
        ("redirect_uri", ""),
        ("redirect_uri", "https://mooring.example/callback/"),
        ("redirect_uri", "https://mooring.example/callback?a=1"),
        ("redirect_uri", "https://evil.example/callback"),
        ("response_type", ""),
        ("response_type", "token"),
        ("state", ""),
        ("state", &long),
        ("scope", ""),
        ("scope", "users.read,tweet.read"),
        ("scope", "users.read  tweet.read"),
        ("scope", "users.read publish.everything"),
        ("code_challenge", ""),
        ("code_challenge", "short"),
        ("code_challenge_method", ""),
        ("code_challenge_method", "S512"),
    ];
    for (name, value) in wrong {
        let request = Sim::x_request(&[(name, value)]);
        let path = format!("{AUTHORIZE}?{request}");
        sim.get(&path, &[]).await.is_error_page();
        sim.post(&path, &[("decision", "approve")]).await.is_error_page();
    }
    let twice = format!("{AUTHORIZE}?{}&state=other", Sim::x_request(&[]));
    sim.get(&twice, &[]).await.is_error_page();
    let right = format!("{AUTHORIZE}?{}", Sim::x_request(&[]));
    assert_eq!(sim.get(&right, &[]).await.status, 200);
    let full = Sim::x_request(&[("state", &"s".repeat(500))]);
    assert_eq!(sim.get(&format!("{AUTHORIZE}?{full}"), &[]).await.status, 200);
}

#[tokio::test]
async fn x_takes_the_name_of_the_method_in_small_letters_too() {
    let sim = Sim::start().await;
    let code = sim.x_approve(&[("code_challenge_method", "s256")], &[]).await.code();
    assert_eq!(sim.x_exchange(&code, &[("code_verifier", &"w".repeat(43))]).await.status, 400);
    assert_eq!(sim.x_exchange(&code, &[]).await.status, 200);
}

#[tokio::test]
async fn x_sends_back_in_its_own_form() {
    let sim = Sim::start().await;
    let approved = sim.x_approve(&[("state", "a b&c")], &[]).await;
    let code = approved.code();
    assert!(code.contains("CANARYCODE"), "{code}");
    assert_eq!(approved.location(), format!("{BACK}?state=a+b%26c&code={code}"));
    let denied = sim.x_approve(&[], &[("decision", "deny")]).await;
    assert_eq!(denied.location(), format!("{BACK}?error=access_denied&state=s-1"));
}

#[tokio::test]
async fn x_refuses_a_post_without_decision_or_of_nobody() {
    let sim = Sim::start().await;
    sim.x_approve(&[], &[("decision", "")]).await.is_error_page();
    sim.x_approve(&[], &[("decision", "perhaps")]).await.is_error_page();
    sim.x_approve(&[], &[("person", "nobody")]).await.is_error_page();
}

#[tokio::test]
async fn x_grants_all_scopes_or_none() {
    let sim = Sim::start().await;
    sim.x_approve(&[], &[("scope", "users.read")]).await.is_error_page();
    let all: Vec<(&str, &str)> = X_SCOPES.split(' ').map(|scope| ("scope", scope)).collect();
    let request = Sim::x_request(&[]);
    let mut form = vec![("decision", "approve")];
    form.extend(all);
    let code = sim.post(&format!("{AUTHORIZE}?{request}"), &form).await.code();
    let reply = sim.x_exchange(&code, &[]).await;
    assert_eq!(reply.str("scope"), X_SCOPES);
}

#[tokio::test]
async fn x_answers_a_profile_only_to_a_bearer_in_the_header() {
    let sim = Sim::start().await;
    let (access, refresh) = sim.x_pair("acme").await;
    let unauthorized = json!({
        "title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized",
    });
    let url = format!("{X_API}/users/me");
    let in_query = sim.get(&url, &[("access_token", &access)]).await;
    assert_eq!((in_query.status, in_query.json()), (401, unauthorized.clone()));
    for wrong in ["", "garbage", refresh.as_str()] {
        let reply = sim.x_me(wrong, "").await;
        assert_eq!((reply.status, reply.json()), (401, unauthorized.clone()), "{wrong}");
    }
    let reply = sim.x_me(&access, "").await;
    assert_eq!(reply.status, 200);
    let data = reply.json()["data"].clone();
    assert_eq!(data["username"], "acme");
    assert_eq!(data.as_object().unwrap().len(), 3, "only id, name and username by default");
}

#[tokio::test]
async fn x_answers_the_asked_fields_and_refuses_unknown_ones() {
    let sim = Sim::start().await;
    let (access, _) = sim.x_pair("acme").await;
    let wrong = sim.x_me(&access, "?user.fields=id,shoe_size").await;
    assert_eq!(wrong.status, 400);
    assert_eq!(wrong.json()["type"], "https://api.x.com/2/problems/invalid-request");
    assert_eq!(wrong.json()["errors"][0]["parameters"]["user.fields"][0], "shoe_size");
    let fields = "?user.fields=id,name,username,profile_image_url,public_metrics,verified,verified_type,protected,created_at,subscription_type";
    let data = sim.x_me(&access, fields).await.json()["data"].clone();
    let metrics = &data["public_metrics"];
    assert!(metrics["followers_count"].as_i64().unwrap() > 8_123);
    assert!(metrics["tweet_count"].is_i64() && metrics["post_count"].is_null());
    assert_eq!(data["verified_type"], "business");
    let picture = sim.get(data["profile_image_url"].as_str().unwrap(), &[]).await;
    assert_eq!((picture.status, picture.header("content-type")), (200, "image/png"));
    let large = data["profile_image_url"].as_str().unwrap().replace("_normal", "_400x400");
    assert_eq!(sim.get(&large, &[]).await.status, 200);
}

#[tokio::test]
async fn x_forbids_a_profile_without_its_scopes() {
    let sim = Sim::start().await;
    for scopes in ["tweet.read offline.access", "users.read offline.access"] {
        let code = sim.x_approve(&[("scope", scopes)], &[]).await.code();
        let access = sim.x_exchange(&code, &[]).await.str("access_token");
        let reply = sim.x_me(&access, "").await;
        assert_eq!(reply.status, 403, "{scopes}");
        assert_eq!(reply.json()["detail"], "You are not permitted to perform this action.");
    }
}

#[tokio::test]
async fn x_counts_75_profiles_in_15_minutes_per_person() {
    let sim = Sim::start().await;
    let (access, _) = sim.x_pair("acme").await;
    let (other, _) = sim.x_pair("agency").await;
    let first = sim.x_me(&access, "").await;
    assert_eq!(first.header("x-rate-limit-limit"), "75");
    assert_eq!(first.header("x-rate-limit-remaining"), "74");
    let reset: i64 = first.header("x-rate-limit-reset").parse().unwrap();
    for _ in 1..75 {
        assert_eq!(sim.x_me(&access, "").await.status, 200);
    }
    let over = sim.x_me(&access, "").await;
    assert_eq!(over.status, 429);
    assert_eq!(over.json()["title"], "Too Many Requests");
    assert_eq!(over.header("x-rate-limit-remaining"), "0");
    assert_eq!(over.header("x-rate-limit-reset"), reset.to_string());
    assert_eq!(sim.x_me(&other, "").await.status, 200, "another person has a budget of their own");
    sim.pass(899);
    assert_eq!(sim.x_me(&access, "").await.status, 429);
    sim.pass(1);
    assert_eq!(sim.x_me(&access, "").await.status, 200);
}

#[tokio::test]
async fn x_tells_of_suspended_and_deleted_accounts() {
    let sim = Sim::start().await;
    let (suspended, _) = sim.x_pair("personal").await;
    let reply = sim.x_me(&suspended, "").await;
    assert_eq!(reply.status, 403);
    assert!(reply.str("type").ends_with("user-suspended"));
    let (access, refresh) = sim.x_pair("acme").await;
    assert_eq!(sim.event("x", "acme", "delete", json!({})).await, 204);
    let reply = sim.x_me(&access, "").await;
    assert_eq!(reply.status, 200, "a partial error comes with 200");
    assert!(reply.json()["data"].is_null());
    let kind = reply.json()["errors"][0]["type"].clone();
    assert_eq!(kind, "https://api.x.com/2/problems/resource-not-found");
    assert_eq!(sim.x_refresh(&refresh).await.status, 400);
    sim.x_approve(&[], &[]).await.is_error_page();
}

#[tokio::test]
async fn x_ends_everything_when_the_person_revokes_or_changes_the_password() {
    let sim = Sim::start().await;
    for kind in ["revoke", "password_change"] {
        let (access, refresh) = sim.x_pair("acme").await;
        let (unhurt, _) = sim.x_pair("agency").await;
        assert_eq!(sim.event("x", "acme", kind, json!({})).await, 204);
        assert_eq!(sim.x_me(&access, "").await.status, 401);
        let refused = sim.x_refresh(&refresh).await.oauth_error();
        let text = "Value passed for the token was invalid.".to_owned();
        assert_eq!(refused, (400, "invalid_request".to_owned(), text));
        assert_eq!(sim.x_me(&unhurt, "").await.status, 200);
        let (again, _) = sim.x_pair("acme").await;
        assert_eq!(sim.x_me(&again, "").await.status, 200);
    }
}

#[tokio::test]
async fn x_events_change_handle_and_picture() {
    let sim = Sim::start().await;
    let (access, _) = sim.x_pair("acme").await;
    let show = "?user.fields=profile_image_url";
    let before = sim.x_me(&access, show).await.json()["data"].clone();
    let id = before["id"].as_str().unwrap();
    assert_eq!(sim.event("x", id, "rename", json!({ "to": "acme_new" })).await, 204);
    assert_eq!(sim.event("x", id, "new_avatar", json!({})).await, 204);
    let after = sim.x_me(&access, show).await.json()["data"].clone();
    assert_eq!((&after["id"], &after["username"]), (&before["id"], &json!("acme_new")));
    assert_ne!(after["profile_image_url"], before["profile_image_url"]);
    assert_eq!(sim.event("x", "acme", "rename", json!({})).await, 400);
    for kind in ["type_change", "lose_role", "untick_page", "withdraw_scope", "version_sunset"] {
        assert_eq!(sim.event("x", "acme", kind, json!({})).await, 422, "{kind}");
    }
    assert_eq!(sim.event("x", "nobody", "revoke", json!({})).await, 404);
}

#[tokio::test]
async fn x_has_faults_of_its_own() {
    let sim = Sim::start().await;
    let (access, _) = sim.x_pair("acme").await;
    let cases = [
        ("rate_limited", 429, "about:blank"),
        ("usage_capped", 429, "https://api.x.com/2/problems/usage-capped"),
        ("credits_depleted", 402, "https://api.x.com/2/problems/credits"),
        ("client_forbidden", 403, "https://api.x.com/2/problems/client-forbidden"),
        ("unsupported_authentication", 403, "https://api.x.com/2/problems/unsupported-authentication"),
        ("status:503", 503, "about:blank"),
    ];
    for (kind, status, problem) in cases {
        sim.fault("x", "profile", kind).await;
        let reply = sim.x_me(&access, "").await;
        assert_eq!((reply.status, reply.str("type").as_str()), (status, problem), "{kind}");
        if kind == "rate_limited" {
            assert_eq!(reply.header("x-rate-limit-remaining"), "0");
            assert!(!reply.header("x-rate-limit-reset").is_empty());
        }
        assert_eq!(sim.x_me(&access, "").await.status, 200, "once only");
    }
    sim.fault("x", "profile", "post_count").await;
    let metrics = sim.x_me(&access, "?user.fields=public_metrics").await.json()["data"]["public_metrics"].clone();
    assert!(metrics["post_count"].is_i64() && metrics["tweet_count"].is_null());
    sim.fault("x", "profile", "partial_errors").await;
    let partial = sim.x_me(&access, "").await;
    assert_eq!((partial.status, partial.json()["data"].is_null()), (200, true));
    sim.fault("x", "profile", "wrong_person").await;
    assert_eq!(sim.x_me(&access, "").await.json()["data"]["username"], "mallory");
}

#[tokio::test]
async fn x_answers_by_its_old_names_too() {
    let sim = Sim::start().await;
    let path = format!("/twitter.com/i/oauth2/authorize?{}", Sim::x_request(&[]));
    let code = sim.post(&path, &[("decision", "approve")]).await.code();
    let url = sim.url("/2/oauth2/token");
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
    ];
    let request = sim.http.post(url).header("host", "api.twitter.com");
    let reply = sim.send(request.basic_auth("xapp", Some("xapp-secret")).form(&form)).await;
    assert_eq!(reply.status, 200);
}

#[tokio::test]
async fn x_shows_posts_to_whoever_may_read_them() {
    let sim = Sim::start().await;
    let (access, _) = sim.x_pair("acme").await;
    let id = sim.x_me(&access, "").await.json()["data"]["id"].as_str().unwrap().to_owned();
    let get = |path: String| sim.send(sim.http.get(sim.url(&path)).bearer_auth(&access));
    let posts = get(format!("{X_API}/users/{id}/tweets?max_results=5&tweet.fields=public_metrics")).await;
    assert_eq!(posts.json()["meta"]["result_count"], 5);
    assert!(posts.json()["data"][0]["public_metrics"]["impression_count"].is_i64());
    assert_eq!(get(format!("{X_API}/users/{id}/tweets?max_results=4")).await.status, 400);
    assert_eq!(get(format!("{X_API}/users/{id}/tweets?tweet.fields=smell")).await.status, 400);
    assert_eq!(get(format!("{X_API}/users/{id}")).await.json()["data"]["username"], "acme");
    let nobody = get(format!("{X_API}/users/42")).await;
    assert_eq!((nobody.status, nobody.json()["errors"][0]["resource_id"].clone()), (200, json!("42")));
}

#[tokio::test]
async fn x_has_no_other_paths() {
    let sim = Sim::start().await;
    let (access, _) = sim.x_pair("acme").await;
    for path in ["/users/me/", "/users", "/oauth2/token", "/oauth2/introspect"] {
        let url = sim.url(&format!("{X_API}{path}"));
        let reply = sim.send(sim.http.get(url).bearer_auth(&access)).await;
        assert_eq!((reply.status, reply.str("title")), (404, "Not Found".to_owned()), "{path}");
        assert_eq!(sim.journal().await.last().unwrap()["documented"], false);
    }
    assert_eq!(sim.get("/x.com/i/oauth1/authorize", &[]).await.status, 404);
}
