//! Reddit: the authorise page, tokens, profiles, listings, limits, events.

use serde_json::json;

use crate::harness::{BACK, OTHER_BACK, Pairs, Reply, Sim, but, query};

const AUTHORIZE: &str = "/www.reddit.com/api/v1/authorize";
const OAUTH: &str = "/www.reddit.com/api/v1";
const API: &str = "/oauth.reddit.com";
const AGENT: &str = "web:mooring-tests:1.0 (by /u/acme)";
const SCOPES: &str = "identity read submit flair history mysubreddits";

async fn start() -> Sim {
    Sim::with_apps("reddit", ["r-app", "r-other"], &[BACK, OTHER_BACK]).await
}

impl Sim {
    async fn r_approve(&self, changed: Pairs<'_>, answers: Pairs<'_>) -> Reply {
        let right = [
            ("response_type", "code"),
            ("client_id", "r-app"),
            ("redirect_uri", BACK),
            ("scope", SCOPES),
            ("state", "s-1"),
            ("duration", "permanent"),
        ];
        let path = format!("{AUTHORIZE}?{}", query(&but(&right, changed)));
        self.post(&path, &but(&[("decision", "approve")], answers)).await
    }

    fn r_post(&self, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.post(self.url(&format!("{OAUTH}/{path}"))).header("user-agent", AGENT);
        request.basic_auth("r-app", Some("r-app-secret"))
    }

    async fn r_exchange(&self, code: &str, changed: Pairs<'_>) -> Reply {
        let right = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", BACK)];
        self.send(self.r_post("access_token").form(&but(&right, changed))).await
    }

    async fn r_refresh(&self, token: &str) -> Reply {
        let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.send(self.r_post("access_token").form(&form)).await
    }

    async fn r_pair(&self, person: &str) -> (String, String) {
        let code = self.r_approve(&[], &[("person", person)]).await.code();
        let reply = self.r_exchange(&code, &[]).await;
        (reply.str("access_token"), reply.str("refresh_token"))
    }

    async fn r(&self, path: &str, token: &str) -> Reply {
        let request = self.http.get(self.url(&format!("{API}{path}"))).bearer_auth(token);
        self.send(request.header("user-agent", AGENT)).await
    }
}

fn bad(reply: &Reply) {
    assert_eq!((reply.status, reply.json()), (200, json!({ "error": "invalid_grant" })));
}

fn unauthorized(reply: &Reply) {
    assert_eq!((reply.status, reply.json()), (401, json!({ "message": "Unauthorized", "error": 401 })));
}

#[tokio::test]
async fn reddit_shows_or_sends_back_what_is_wrong_with_a_request() {
    let sim = start().await;
    for (name, value) in [
        ("client_id", ""),
        ("client_id", "nobody"),
        ("redirect_uri", ""),
        ("redirect_uri", "https://mooring.example/callback/"),
        ("state", ""),
    ] {
        sim.r_approve(&[(name, value)], &[]).await.is_error_page();
    }
    for (name, value, error) in [
        ("response_type", "token", "unsupported_response_type"),
        ("duration", "forever", "invalid_request"),
        ("scope", "", "invalid_scope"),
        ("scope", "identity everything", "invalid_scope"),
    ] {
        let reply = sim.r_approve(&[(name, value)], &[]).await;
        assert_eq!(reply.location(), format!("{BACK}?error={error}&state=s-1#_"), "{name}={value}");
    }
    sim.r_approve(&[], &[("person", "nobody")]).await.is_error_page();
    sim.r_approve(&[], &[("scope", "identity")]).await.is_error_page();
    let denied = sim.r_approve(&[], &[("decision", "deny")]).await;
    assert_eq!(denied.location(), format!("{BACK}?error=access_denied&state=s-1#_"));
    let approved = sim.r_approve(&[("scope", "identity,read")], &[]).await;
    assert_eq!(approved.location(), format!("{BACK}?state=s-1&code={}#_", approved.code()));
    let reply = sim.r_exchange(&approved.code(), &[]).await;
    assert_eq!(reply.str("scope"), "identity read", "commas are read, spaces are told");
}

#[tokio::test]
async fn reddit_gives_a_refresh_token_for_permanent_alone() {
    let sim = start().await;
    let code = sim.r_approve(&[], &[]).await.code();
    sim.pass(599);
    let body = sim.r_exchange(&code, &[]).await.json();
    assert_eq!((&body["expires_in"], &body["token_type"]), (&json!(86_400), &json!("bearer")));
    assert!(body["refresh_token"].as_str().unwrap().starts_with("1000000-"));
    for duration in ["", "temporary"] {
        let code = sim.r_approve(&[("duration", duration)], &[]).await.code();
        assert!(sim.r_exchange(&code, &[]).await.json().get("refresh_token").is_none());
    }
    sim.fault("reddit", "token", "one_hour").await;
    let code = sim.r_approve(&[], &[]).await.code();
    let reply = sim.r_exchange(&code, &[]).await;
    assert_eq!(reply.json()["expires_in"], 3_600);
    let access = reply.str("access_token");
    sim.pass(3_599);
    assert_eq!(sim.r("/api/v1/me", &access).await.status, 200);
    sim.pass(1);
    unauthorized(&sim.r("/api/v1/me", &access).await);
}

#[tokio::test]
async fn reddit_ends_what_came_of_a_code_that_comes_again() {
    let sim = start().await;
    let code = sim.r_approve(&[], &[]).await.code();
    let first = sim.r_exchange(&code, &[]).await;
    let (access, refresh) = (first.str("access_token"), first.str("refresh_token"));
    assert_eq!(sim.r("/api/v1/me", &access).await.status, 200);
    bad(&sim.r_exchange(&code, &[]).await);
    unauthorized(&sim.r("/api/v1/me", &access).await);
    bad(&sim.r_refresh(&refresh).await);
    let late = sim.r_approve(&[], &[]).await.code();
    sim.pass(600);
    bad(&sim.r_exchange(&late, &[]).await);
}

#[tokio::test]
async fn reddit_knows_an_app_by_basic_and_tells_errors_with_status_200() {
    let sim = start().await;
    let code = sim.r_approve(&[], &[]).await.code();
    let form = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", BACK)];
    let url = sim.url(&format!("{OAUTH}/access_token"));
    let post = || sim.http.post(&url).header("user-agent", AGENT);
    let in_body = but(&form, &[("client_id", "r-app"), ("client_secret", "r-app-secret")]);
    unauthorized(&sim.send(post().form(&in_body)).await);
    unauthorized(&sim.send(post().basic_auth("r-app", Some("nonsense")).form(&form)).await);
    bad(&sim.send(post().basic_auth("r-other", Some("r-other-secret")).form(&form)).await);
    bad(&sim.r_exchange(&code, &[("redirect_uri", "https://mooring.example/callback/other")]).await);
    bad(&sim.r_exchange(&code, &[("redirect_uri", "")]).await);
    bad(&sim.r_exchange("garbage", &[]).await);
    let unknown = sim.r_exchange(&code, &[("grant_type", "password")]).await;
    assert_eq!((unknown.status, unknown.json()), (200, json!({ "error": "unsupported_grant_type" })));
    let as_json = json!({ "grant_type": "authorization_code", "code": code, "redirect_uri": BACK });
    assert!(sim.send(sim.r_post("access_token").json(&as_json)).await.json()["error"].is_string(), "JSON is not read");
    sim.fault("reddit", "token", "error_status_400").await;
    let refused = sim.r_exchange("garbage", &[]).await;
    assert_eq!((refused.status, refused.json()), (400, json!({ "error": "invalid_grant" })));
    let by_get = sim.http.get(&url).header("user-agent", AGENT).basic_auth("r-app", Some("r-app-secret"));
    assert_eq!(sim.send(by_get).await.status, 404);
    assert_eq!(sim.r_exchange(&code, &[]).await.status, 200);
}

#[tokio::test]
async fn reddit_refuses_a_user_agent_that_says_nothing() {
    let sim = start().await;
    let (access, _) = sim.r_pair("acme").await;
    let ask = |agent: &'static str| {
        let request = sim.http.get(sim.url(&format!("{API}/api/v1/me"))).bearer_auth(&access);
        sim.send(if agent.is_empty() { request } else { request.header("user-agent", agent) })
    };
    for agent in ["", "curl/8.5.0", "python-requests/2.32", "Go-http-client/1.1", "Mozilla/5.0 (X11)", "node"] {
        let reply = ask(agent).await;
        assert_eq!((reply.status, reply.json()["error"].clone()), (429, json!(429)), "{agent}");
    }
    for agent in ["mooring/0.1", "python:mooring:1.0 (by /u/acme)"] {
        assert_eq!(ask(agent).await.status, 200, "{agent}");
    }
    let code = sim.r_approve(&[], &[]).await.code();
    let form = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", BACK)];
    let request = sim.http.post(sim.url(&format!("{OAUTH}/access_token"))).basic_auth("r-app", Some("r-app-secret"));
    assert_eq!(sim.send(request.form(&form)).await.status, 429);
}

#[tokio::test]
async fn reddit_renews_with_another_refresh_token() {
    let sim = start().await;
    let (_, first) = sim.r_pair("acme").await;
    let second = sim.r_refresh(&first).await;
    assert_ne!(second.str("refresh_token"), first);
    assert_eq!(sim.r_refresh(&first).await.status, 200, "the old one is not known to die");
    assert!(sim.r_refresh(&first).await.json()["access_token"].is_string());
    sim.always("reddit", "token", "old_refresh_dies").await;
    let newest = second.str("refresh_token");
    let (one, two) = tokio::join!(sim.r_refresh(&newest), sim.r_refresh(&newest));
    let won = [&one, &two].iter().filter(|reply| reply.json()["access_token"].is_string()).count();
    assert_eq!(won, 1, "{one:?} {two:?}");
    bad(if one.json()["error"].is_string() { &one } else { &two });
    let (_, late) = sim.r_pair("agency").await;
    sim.pass(365 * 86_400 - 1);
    let last = sim.r_refresh(&late).await;
    sim.pass(1);
    assert_eq!(sim.r_refresh(&last.str("refresh_token")).await.status, 200);
    let (_, dead) = sim.r_pair("acme").await;
    sim.pass(365 * 86_400);
    bad(&sim.r_refresh(&dead).await);
}

#[tokio::test]
async fn reddit_revokes_with_204_whatever_it_is() {
    let sim = start().await;
    let revoke = |token: String| {
        let form = [("token", token), ("token_type_hint", "refresh_token".to_owned())];
        sim.send(sim.r_post("revoke_token").form(&form))
    };
    let (access, refresh) = sim.r_pair("acme").await;
    assert_eq!(revoke("garbage".to_owned()).await.status, 204);
    assert_eq!(revoke(access.clone()).await.status, 204);
    unauthorized(&sim.r("/api/v1/me", &access).await);
    let renewed = sim.r_refresh(&refresh).await.str("access_token");
    assert_eq!(sim.r("/api/v1/me", &renewed).await.status, 200, "the refresh token lives on");
    let done = revoke(refresh.clone()).await;
    assert_eq!((done.status, done.text.as_str()), (204, ""));
    unauthorized(&sim.r("/api/v1/me", &renewed).await);
    bad(&sim.r_refresh(&refresh).await);
    let (kept, _) = sim.r_pair("acme").await;
    let url = sim.url(&format!("{OAUTH}/revoke_token"));
    let form = [("token", kept.as_str())];
    let anonymous = sim.http.post(&url).header("user-agent", AGENT).form(&form);
    unauthorized(&sim.send(anonymous).await);
    let other =
        sim.http.post(&url).header("user-agent", AGENT).basic_auth("r-other", Some("r-other-secret")).form(&form);
    assert_eq!(sim.send(other).await.status, 204);
    assert_eq!(sim.r("/api/v1/me", &kept).await.status, 200, "another app's is not ended");
}

#[tokio::test]
async fn reddit_tells_a_profile_with_an_escaped_picture() {
    let sim = start().await;
    let (access, _) = sim.r_pair("acme").await;
    let me = sim.r("/api/v1/me", &access).await.json();
    assert_eq!((&me["name"], &me["is_suspended"]), (&json!("acme"), &json!(false)));
    assert!(me["subreddit"]["subscribers"].is_i64() && me["total_karma"].as_i64().unwrap() > 5_120);
    assert_eq!(me["created_utc"].to_string(), "1546300800.0");
    let icon = me["icon_img"].as_str().unwrap();
    assert!(icon.contains("?width=256&amp;height=256&amp;"), "{icon}");
    let address = icon.replace("&amp;", "&");
    assert_eq!(sim.get(&address, &[]).await.header("content-type"), "image/png");
    let (plain, _) = icon.split_once('?').unwrap();
    assert_eq!(sim.get(plain, &[]).await.status, 200);
    assert_eq!(sim.get(icon, &[]).await.status, 403, "as it stands, it is no address");
    sim.pass(4 * 86_400);
    assert_eq!(sim.get(&address, &[]).await.status, 403);
    let (suspended, _) = sim.r_pair("personal").await;
    let me = sim.r("/api/v1/me", &suspended).await;
    assert_eq!((me.status, me.json()["is_suspended"].clone()), (200, json!(true)));
    assert_eq!(sim.r("/subreddits/mine/moderator", &suspended).await.status, 403);
    let code = sim.r_approve(&[("scope", "read")], &[]).await.code();
    let narrow = sim.r_exchange(&code, &[]).await.str("access_token");
    let refused = sim.r("/api/v1/me", &narrow).await;
    assert!(refused.status == 403 && refused.header("www-authenticate").contains("insufficient_scope"));
    unauthorized(&sim.r("/api/v1/me", "garbage").await);
}

#[tokio::test]
async fn reddit_lists_moderated_subreddits_and_posts() {
    let sim = start().await;
    let (access, _) = sim.r_pair("agency").await;
    let first = sim.r("/subreddits/mine/moderator?limit=2", &access).await.json();
    assert_eq!((&first["kind"], &first["data"]["dist"]), (&json!("Listing"), &json!(2)));
    assert_eq!(first["data"]["children"][1]["data"]["mod_permissions"], json!(["posts", "flair"]));
    let after = first["data"]["after"].as_str().unwrap();
    let rest = sim.r(&format!("/subreddits/mine/moderator?limit=2&after={after}"), &access).await.json();
    assert_eq!((&rest["data"]["dist"], &rest["data"]["after"]), (&json!(1), &json!(null)));
    assert_eq!(rest["data"]["children"][0]["kind"], "t5");
    let posts = sim.r("/user/northagency/submitted?limit=3", &access).await.json();
    let name = posts["data"]["children"][0]["data"]["name"].as_str().unwrap().to_owned();
    let info = sim.r(&format!("/api/info?id={name},t3_zzzzzz"), &access).await.json();
    assert_eq!((&info["data"]["dist"], &info["data"]["children"][0]["data"]["name"]), (&json!(1), &json!(name)));
    assert!(info["data"]["children"][0]["data"]["view_count"].is_null());
    let nowhere = sim.r("/api/v2/me", &access).await;
    assert_eq!((nowhere.status, nowhere.json()), (404, json!({ "message": "Not Found", "error": 404 })));
}

#[tokio::test]
async fn reddit_counts_calls_in_ten_minutes_and_tells_seconds_from_now() {
    let sim = start().await;
    sim.pass(56);
    let (access, _) = sim.r_pair("acme").await;
    let (other, _) = sim.r_pair("agency").await;
    let first = sim.r("/api/v1/me", &access).await;
    let told = |reply: &Reply| {
        ["used", "remaining", "reset"].map(|name| reply.header(&format!("x-ratelimit-{name}")).to_owned())
    };
    assert_eq!(told(&first), ["1", "999.0", "544"]);
    for _ in 1..1_000 {
        assert_eq!(sim.r("/api/v1/me", &other).await.status, 200);
    }
    sim.pass(332);
    let over = sim.r("/api/v1/me", &access).await;
    assert_eq!((over.status, over.json()), (429, json!({ "message": "Too Many Requests", "error": 429 })));
    assert_eq!(told(&over), ["1000", "0.0", "212"]);
    sim.pass(212);
    assert_eq!(told(&sim.r("/api/v1/me", &access).await)[0], "1");
    assert_eq!(sim.event("reddit", "r-app", "quota_empty", json!({ "to": "1" })).await, 204);
    assert_eq!(sim.r("/api/v1/me", &access).await.status, 200);
    assert_eq!(sim.r("/api/v1/me", &access).await.status, 429);
}

#[tokio::test]
async fn reddit_events_happen_to_accounts() {
    let sim = start().await;
    for kind in ["revoke", "password_change"] {
        let (access, refresh) = sim.r_pair("acme").await;
        assert_eq!(sim.event("reddit", "acme", kind, json!({})).await, 204);
        unauthorized(&sim.r("/api/v1/me", &access).await);
        bad(&sim.r_refresh(&refresh).await);
    }
    let (access, refresh) = sim.r_pair("acme").await;
    let before = sim.r("/api/v1/me", &access).await.json();
    let id = before["id"].as_str().unwrap();
    assert_eq!(sim.event("reddit", id, "rename", json!({ "to": "Acme Nova" })).await, 204);
    assert_eq!(sim.event("reddit", id, "new_avatar", json!({})).await, 204);
    assert_eq!(sim.event("reddit", id, "lose_role", json!({})).await, 204);
    let after = sim.r("/api/v1/me", &access).await.json();
    assert_eq!((&after["name"], &after["subreddit"]["title"]), (&before["name"], &json!("Acme Nova")));
    assert_ne!(after["icon_img"], before["icon_img"]);
    assert_eq!(sim.r("/subreddits/mine/moderator", &access).await.json()["data"]["dist"], 0);
    for kind in ["type_change", "withdraw_scope", "version_sunset"] {
        assert_eq!(sim.event("reddit", "acme", kind, json!({})).await, 422, "{kind}");
    }
    assert_eq!(sim.event("reddit", "acme", "suspend", json!({})).await, 204);
    assert_eq!(sim.r("/api/v1/me", &access).await.json()["is_suspended"], true);
    assert_eq!(sim.event("reddit", "acme", "delete", json!({})).await, 204);
    unauthorized(&sim.r("/api/v1/me", &access).await);
    bad(&sim.r_refresh(&refresh).await);
    assert_eq!(sim.event("reddit", "nobody", "revoke", json!({})).await, 404);
    sim.fault("reddit", "profile", "wrong_person").await;
    let (other, _) = sim.r_pair("agency").await;
    assert_eq!(sim.r("/api/v1/me", &other).await.json()["name"], "mallory");
}

#[tokio::test]
async fn reddit_answers_each_documented_error_by_name() {
    let sim = start().await;
    let rows = [
        ("token_expired", 401, json!(401)),
        ("invalid_grant", 400, json!("invalid_grant")),
        ("invalid_grant_200", 200, json!("invalid_grant")),
        ("permission_missing", 403, json!(403)),
        ("account_suspended", 403, json!(403)),
        ("rate_limited", 429, json!(429)),
        ("platform_outage", 500, json!(500)),
        ("platform_outage_502", 502, json!(502)),
        ("platform_outage_503", 503, json!(503)),
        ("platform_outage_504", 504, json!(504)),
    ];
    for (name, status, error) in rows {
        sim.fault("reddit", "profile", &format!("error:{name}")).await;
        let reply = sim.r("/api/v1/me", "any").await;
        assert_eq!((reply.status, reply.json()["error"].clone()), (status, error), "{name}");
        assert_eq!(reply.header("x-ratelimit-reset").is_empty(), name != "rate_limited");
    }
}
