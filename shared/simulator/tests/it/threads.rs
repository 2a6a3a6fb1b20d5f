//! Threads: the authorise page, profile, insights, events, errors.

use serde_json::{Value, json};

use crate::harness::{BACK, OTHER_BACK, Pairs, Reply, Sim, but, query, shape};

pub const AUTHORIZE: &str = "/www.threads.net/oauth/authorize";
pub const API: &str = "/graph.threads.net";
pub const SCOPES: &str = "threads_basic,threads_content_publish,threads_manage_insights";
const PROFILE: &str = "id,username,name,threads_profile_picture_url,threads_biography,is_verified";
const DAY: i64 = 86_400;

/// With two apps of Threads' own.
pub async fn start() -> Sim {
    Sim::with_apps("threads", ["3001", "3002"], &[BACK, OTHER_BACK]).await
}

impl Sim {
    pub fn th_request(changed: Pairs) -> String {
        let right = [
            ("client_id", "3001"),
            ("redirect_uri", BACK),
            ("response_type", "code"),
            ("scope", SCOPES),
            ("state", "s-1"),
        ];
        query(&but(&right, changed))
    }

    pub async fn th_approve(&self, changed: Pairs<'_>, answers: Pairs<'_>) -> Reply {
        let path = format!("{AUTHORIZE}?{}", Self::th_request(changed));
        self.post(&path, &but(&[("decision", "approve")], answers)).await
    }

    pub async fn th_code(&self, person: &str) -> String {
        self.th_approve(&[], &[("person", person)]).await.code()
    }

    /// A code exchange with some parameters changed.
    pub async fn th_exchange(&self, code: &str, changed: Pairs<'_>) -> Reply {
        let right = [
            ("client_id", "3001"),
            ("client_secret", "3001-secret"),
            ("grant_type", "authorization_code"),
            ("redirect_uri", BACK),
            ("code", code),
        ];
        self.post(&format!("{API}/oauth/access_token"), &but(&right, changed)).await
    }

    pub async fn th_short(&self, person: &str) -> String {
        let code = self.th_code(person).await;
        self.th_exchange(&code, &[]).await.str("access_token")
    }

    pub async fn th_long_of(&self, short: &str, changed: Pairs<'_>) -> Reply {
        let right = [("grant_type", "th_exchange_token"), ("client_secret", "3001-secret"), ("access_token", short)];
        self.get(&format!("{API}/access_token"), &but(&right, changed)).await
    }

    pub async fn th_long(&self, person: &str) -> String {
        let short = self.th_short(person).await;
        self.th_long_of(&short, &[]).await.str("access_token")
    }

    pub async fn th_refresh(&self, long: &str) -> Reply {
        let pairs = [("grant_type", "th_refresh_token"), ("access_token", long)];
        self.get(&format!("{API}/refresh_access_token"), &pairs).await
    }

    pub async fn th(&self, path: &str, token: &str, pairs: Pairs<'_>) -> Reply {
        self.get(&format!("{API}/v1.0/{path}"), &but(pairs, &[("access_token", token)])).await
    }
}

#[tokio::test]
async fn threads_refuses_a_wrong_request_without_sending_anybody_back() {
    let sim = start().await;
    let wrong = [
        ("client_id", ""),
        ("client_id", "nobody"),
        ("client_id", "1001"),
        ("client_id", "2001"),
        ("redirect_uri", ""),
        ("redirect_uri", "https://mooring.example/callback/"),
        ("redirect_uri", "https://mooring.example/callback?a=1"),
        ("response_type", ""),
        ("response_type", "token"),
        ("scope", ""),
        ("scope", "threads_manage_insights"),
        ("scope", "threads_basic threads_manage_insights"),
        ("scope", "threads_basic, threads_manage_insights"),
        ("scope", "threads_basic,instagram_business_basic"),
    ];
    for (name, value) in wrong {
        sim.get(&format!("{AUTHORIZE}?{}", Sim::th_request(&[(name, value)])), &[]).await.is_error_page();
        sim.th_approve(&[(name, value)], &[]).await.is_error_page();
    }
    let right = Sim::th_request(&[]);
    sim.get(&format!("{AUTHORIZE}?{right}&scope=threads_basic"), &[]).await.is_error_page();
    for host in ["www.threads.net", "threads.net"] {
        let page = sim.get(&format!("/{host}/oauth/authorize?{right}"), &[]).await;
        assert!(page.status == 200 && page.text.contains("Simulated Threads"), "{host}");
        assert!(page.text.contains("value=\"threads_basic\" checked disabled"));
        assert!(!page.text.contains("value=\"analyst\""), "who has no Instagram account is not on Threads");
    }
    assert_eq!(sim.get(&format!("{API}/oauth/authorize?{right}"), &[]).await.status, 400);
    assert_eq!(sim.get(&format!("/www.threads.net/v1.0/oauth/authorize?{right}"), &[]).await.status, 404);
    for person in ["nobody", "analyst"] {
        sim.th_approve(&[], &[("person", person)]).await.is_error_page();
    }
}

#[tokio::test]
async fn threads_sends_back_in_its_own_form() {
    let sim = start().await;
    let approved = sim.th_approve(&[], &[]).await;
    let code = approved.code();
    assert_eq!(approved.location(), format!("{BACK}?code={code}&state=s-1#_"));
    let denied = sim.th_approve(&[], &[("decision", "deny")]).await;
    let query = "error=access_denied&error_code=1349187&error_reason=user_denied&state=s-1";
    assert_eq!(denied.location(), format!("{BACK}?{query}"));
    let stateless = sim.th_approve(&[("state", "")], &[]).await;
    assert_eq!(stateless.location(), format!("{BACK}?code={}#_", stateless.code()));
}

#[tokio::test]
async fn threads_tells_a_profile_without_followers() {
    let sim = start().await;
    let long = sim.th_long("acme").await;
    let reply = sim.th("me", &long, &[("fields", PROFILE)]).await;
    let example = json!({
        "id": "24000000000000001", "username": "fjord.ceramics", "name": "Fjord Ceramics",
        "threads_profile_picture_url": "https://scontent.example/th1.jpg?oe=6A000000", "is_verified": false,
    });
    let me = reply.json();
    assert_eq!((reply.status, shape(&me)), (200, shape(&example)), "a biography that was never set is left out");
    assert_eq!((&me["username"], &me["name"], &me["is_verified"]), (&json!("acme"), &json!("Acme"), &json!(true)));
    let id = me["id"].as_str().unwrap();
    for known in ["me", id] {
        assert_eq!(sim.th(known, &long, &[]).await.json(), json!({ "id": id }), "{known}");
    }
    assert_eq!(sim.th("24000000000000001", &long, &[]).await.graph_error(), (400, 100, Some(33)));
    for field in ["followers_count", "user_id", "profile_picture_url"] {
        assert_eq!(sim.th("me", &long, &[("fields", field)]).await.graph_error(), (400, 100, None), "{field}");
    }
    let picture = me["threads_profile_picture_url"].as_str().unwrap();
    assert_eq!(sim.get(picture, &[]).await.header("content-type"), "image/png");
    sim.pass(5 * DAY);
    assert_eq!(sim.get(picture, &[]).await.status, 403, "signed for days");
}

#[tokio::test]
async fn threads_answers_on_both_hosts_and_to_a_header() {
    let sim = start().await;
    let long = sim.th_long("acme").await;
    for path in ["graph.threads.net/v1.0", "graph.threads.com/v1.0", "graph.threads.com"] {
        let url = sim.url(&format!("/{path}/me"));
        assert_eq!(sim.send(sim.http.get(&url).bearer_auth(&long)).await.status, 200, "{path}");
        assert_eq!(sim.send(sim.http.get(&url)).await.graph_error(), (400, 104, None));
    }
    for version in ["v26.0", "v2.0", "v1.1"] {
        let url = sim.url(&format!("{API}/{version}/me"));
        assert_eq!(sim.send(sim.http.get(&url).bearer_auth(&long)).await.graph_error(), (400, 2500, None));
    }
    let instagram = sim.ig_long("acme").await;
    assert_eq!(sim.th("me", &instagram, &[]).await.graph_error(), (400, 190, None), "Instagram's tokens are others");
    assert_eq!(sim.ig("me", &long, &[]).await.graph_error(), (400, 190, None));
    assert_eq!(sim.th("me/threads", &long, &[]).await.graph_error(), (400, 2500, None));
    let delete = sim.http.delete(sim.url(&format!("{API}/v1.0/me/permissions"))).bearer_auth(&long);
    assert_eq!(sim.send(delete).await.graph_error(), (400, 100, None), "an app cannot revoke");
}

#[tokio::test]
async fn threads_has_three_shapes_of_insights_and_followers_only_there() {
    let sim = start().await;
    let long = sim.th_long("acme").await;
    let all = "views,likes,replies,reposts,quotes,clicks,followers_count";
    let span = [("metric", all), ("since", "2026-11-10"), ("until", "2026-11-13")];
    let reply = sim.th("me/threads_insights", &long, &span).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let data = reply.json()["data"].as_array().unwrap().clone();
    let metric = |name: &str| data.iter().find(|metric| metric["name"] == name).unwrap();
    assert_eq!(metric("views")["values"].as_array().unwrap().len(), 3);
    let example = json!({ "value": 510, "end_time": "2026-11-20T08:00:00+0000" });
    assert_eq!(shape(&metric("views")["values"][0]), shape(&example));
    for name in ["likes", "replies", "reposts", "quotes", "followers_count"] {
        assert!(metric(name)["total_value"]["value"].is_u64() && metric(name)["values"].is_null(), "{name}");
    }
    assert_eq!(shape(&metric("clicks")["link_total_values"]), json!([{ "value": "number", "link_url": "string" }]));
    let id = sim.th("me", &long, &[]).await.str("id");
    assert_eq!(metric("views")["id"], format!("{id}/insights/views/day"));

    let followers = async |pairs: &[(&str, &str)]| {
        let pairs = [&[("metric", "followers_count")], pairs].concat();
        let data = sim.th("me/threads_insights", &long, &pairs).await.json()["data"].clone();
        data[0]["total_value"]["value"].as_i64().unwrap()
    };
    let now = followers(&[]).await;
    assert_eq!(followers(&[("since", "2026-09-01"), ("until", "2026-09-02")]).await, now, "of now, always");
    sim.pass(10 * DAY);
    assert!(followers(&[]).await > now, "they grow");

    for wrong in [&[("metric", "")][..], &[("metric", "impressions")], &[("since", "2024-04-12")], &[("since", "x")]] {
        let pairs = but(&[("metric", "views"), ("until", "2024-04-20")], wrong);
        assert_eq!(sim.th("me/threads_insights", &long, &pairs).await.graph_error(), (400, 100, None), "{wrong:?}");
    }
    let code = sim.th_approve(&[("scope", "threads_basic,threads_content_publish")], &[]).await.code();
    let short = sim.th_exchange(&code, &[]).await.str("access_token");
    assert_eq!(sim.th("me/threads_insights", &short, &[("metric", "views")]).await.graph_error(), (403, 10, None));
    assert_eq!(sim.journal().await.last().unwrap()["route"], "metrics");
}

#[tokio::test]
async fn threads_tells_what_may_be_published_with_the_scope_for_it() {
    let sim = start().await;
    let long = sim.th_long("acme").await;
    let fields = [("fields", "quota_usage,config,reply_quota_usage,reply_config")];
    let limit = sim.th("me/threads_publishing_limit", &long, &fields).await.json()["data"][0].clone();
    assert_eq!(limit["config"], json!({ "quota_total": 250, "quota_duration": 86_400 }));
    assert_eq!((&limit["quota_usage"], &limit["reply_config"]["quota_total"]), (&json!(0), &json!(1_000)));
    let scope = json!({ "scope": "threads_content_publish" });
    assert_eq!(sim.event("threads", "acme", "withdraw_scope", scope).await, 204);
    let refused = sim.th("me/threads_publishing_limit", &long, &fields).await;
    assert_eq!(refused.graph_error(), (403, 10, None));
}

#[tokio::test]
async fn threads_lets_what_a_private_profile_allows_lapse_after_ninety_days() {
    let sim = start().await;
    let (mut private, mut public) = (sim.th_long("hobby").await, sim.th_long("acme").await);
    sim.pass(45 * DAY);
    for long in [&mut private, &mut public] {
        *long = sim.th_refresh(long).await.str("access_token");
    }
    sim.pass(45 * DAY - 1);
    assert_eq!(sim.th("me", &private, &[]).await.status, 200);
    sim.pass(1);
    assert_eq!(sim.th("me", &private, &[]).await.graph_error(), (403, 10, None), "a refresh prolongs it not");
    assert_eq!(sim.th_refresh(&private).await.graph_error(), (403, 10, None));
    assert_eq!(sim.th("me", &public, &[]).await.status, 200);
    assert_eq!(sim.event("threads", "hobby", "type_change", json!({ "to": "public" })).await, 204);
    assert_eq!(sim.th("me", &private, &[]).await.status, 200);
    assert_eq!(sim.event("threads", "hobby", "data_access_expiry", json!({})).await, 422, "only of a private one");
    assert_eq!(sim.event("threads", "hobby", "type_change", json!({ "to": "private" })).await, 204);
    let again = sim.th_long("hobby").await;
    assert_eq!(sim.th("me", &again, &[]).await.status, 200, "a new consent begins anew");
    assert_eq!(sim.event("threads", "hobby", "data_access_expiry", json!({})).await, 204);
    assert_eq!(sim.th("me", &again, &[]).await.graph_error(), (403, 10, None));
}

#[tokio::test]
async fn threads_events_strike_the_account() {
    let sim = start().await;
    let cases = [
        ("revoke", (400, 190, Some(458)), "The user has not authorized application 3001."),
        ("password_change", (400, 190, Some(460)), "changed their password"),
        ("suspend", (400, 25, Some(4_279_013)), "restricted"),
        ("delete", (400, 100, Some(33)), "does not exist"),
    ];
    for (kind, expected, text) in cases {
        let (long, unhurt) = (sim.th_long("acme").await, sim.th_long("creator").await);
        let id = sim.th("me", &long, &[]).await.str("id");
        assert_eq!(sim.event("threads", &id, kind, json!({})).await, 204);
        let reply = sim.th("me", &long, &[]).await;
        assert_eq!(reply.graph_error(), expected, "{kind}");
        assert!(reply.text.contains(text), "{reply:?}");
        assert_eq!(sim.th("me", &unhurt, &[]).await.status, 200);
        assert_eq!(sim.th_approve(&[], &[]).await.status == 400, kind == "delete", "{kind}");
        assert_eq!(sim.sim("POST", "reset", json!({})).await.status, 204);
    }
    let long = sim.th_long("personal").await;
    assert_eq!(sim.th("me", &long, &[]).await.graph_error(), (400, 25, Some(4_279_013)), "restricted from the start");
    let long = sim.th_long("acme").await;
    let scope = json!({ "scope": "threads_basic" });
    assert_eq!(sim.event("threads", "acme", "withdraw_scope", scope).await, 204);
    assert_eq!(sim.th("me", &long, &[]).await.graph_error(), (403, 10, None));
    for kind in ["lose_role", "unlink_instagram", "untick_page", "version_sunset"] {
        assert_eq!(sim.event("threads", "acme", kind, json!({})).await, 422, "{kind}");
    }
    for kind in ["rename", "withdraw_scope"] {
        assert_eq!(sim.event("threads", "acme", kind, json!({})).await, 400, "{kind}");
    }
    assert_eq!(sim.event("threads", "analyst", "revoke", json!({})).await, 404);
}

#[tokio::test]
async fn threads_has_the_handle_of_its_instagram_account() {
    let sim = start().await;
    let (long, instagram) = (sim.th_long("acme").await, sim.ig_long("acme").await);
    let name = async || sim.th("me", &long, &[("fields", "username")]).await.str("username");
    let same = async || sim.ig("me", &instagram, &[("fields", "username")]).await.str("username");
    assert_eq!(name().await, same().await);
    assert_eq!(sim.event("threads", "acme", "rename", json!({ "to": "acme.one" })).await, 204);
    assert_eq!((name().await, same().await), ("acme.one".to_owned(), "acme.one".to_owned()));
    assert_eq!(sim.event("instagram", "acme", "rename", json!({ "to": "acme.two" })).await, 204);
    assert_eq!(name().await, "acme.two");
    let picture = async || {
        let me = sim.th("me", &long, &[("fields", "threads_profile_picture_url")]).await;
        me.str("threads_profile_picture_url")
    };
    let before = picture().await;
    assert_eq!(sim.event("threads", "acme", "new_avatar", json!({})).await, 204);
    assert_ne!(picture().await, before);
    assert_eq!(sim.event("instagram", "acme", "delete", json!({})).await, 204);
    assert_eq!(sim.th("me", &long, &[]).await.graph_error(), (400, 100, Some(33)), "it goes with the account");

    let put = async |person: Value| sim.sim("POST", "people", person).await;
    let alone = put(json!({ "id": "nora", "name": "Nora", "threads": {} })).await;
    assert_eq!(alone.status, 400, "no Threads without Instagram");
    let two = json!([{ "username": "nora" }, { "username": "nora.shop" }]);
    let other = json!({ "id": "nora", "name": "Nora", "instagram": two, "threads": { "instagram": "other" } });
    assert_eq!(put(other).await.status, 400);
    let second = json!({ "id": "nora", "name": "Nora", "instagram": two, "threads": { "instagram": "nora.shop" } });
    let added = put(second).await;
    assert_eq!(added.json()["threads"]["instagram"], added.json()["instagram"][1]["id"]);
    let again = put(added.json()).await;
    assert_eq!((again.status, again.json()), (201, added.json()), "the shape is the same both ways");
    let id = added.json()["threads"]["id"].as_str().unwrap().to_owned();
    let float: f64 = id.parse().unwrap();
    assert_ne!(format!("{float}"), id, "no floating-point number holds it");
}

#[tokio::test]
async fn threads_answers_each_documented_error_by_name() {
    let sim = start().await;
    let long = sim.th_long("acme").await;
    let rows = [
        ("token_expired", (400, 190, None)),
        ("password_changed", (400, 190, Some(460))),
        ("permission_missing", (403, 10, None)),
        ("account_suspended_4279013", (400, 25, Some(4_279_013))),
        ("account_suspended_2207051", (400, 25, Some(2_207_051))),
        ("rate_limited_4", (400, 4, None)),
        ("rate_limited_17", (400, 17, None)),
        ("rate_limited_80002", (400, 80_002, None)),
        ("platform_outage_1", (500, 1, None)),
        ("platform_outage_2", (500, 2, None)),
    ];
    sim.fault("threads", "profile", "error:?").await;
    let unknown = sim.th("me", &long, &[]).await;
    let told = unknown.str("error");
    let known: Vec<&str> = told.split_once("use ").unwrap().1.split(", ").collect();
    assert_eq!((unknown.status, known), (501, rows.iter().map(|(name, _)| *name).collect()));
    for (name, expected) in rows {
        sim.fault("threads", "*", &format!("error:{name}")).await;
        let reply = sim.th("me", &long, &[]).await;
        assert_eq!(reply.graph_error(), expected, "{name}");
        if name == "token_expired" {
            assert!(reply.text.contains("Error validating access token"));
        }
        assert_eq!(sim.th("me", &long, &[]).await.status, 200, "once only");
    }
    sim.fault("threads", "metrics", "error:rate_limited_4").await;
    assert_eq!(sim.th("me", &long, &[]).await.status, 200, "another route");
    let limited = sim.th("me/threads_insights", &long, &[("metric", "views")]).await;
    let example = json!({ "error": {
        "message": "Application request limit reached", "type": "OAuthException", "is_transient": true, "code": 4,
        "fbtrace_id": "AfakeTrace31",
    } });
    assert_eq!(shape(&limited.json()), shape(&example));
    assert_eq!(limited.json()["error"]["message"], "Application request limit reached");
}

#[tokio::test]
async fn threads_fails_in_the_envelope_of_the_endpoint() {
    let sim = start().await;
    let long = sim.th_long("acme").await;
    for (kind, expected) in
        [("rate_limited", (400, 4, None)), ("status:500", (500, 1, None)), ("status:503", (503, 2, None))]
    {
        sim.fault("threads", "profile", kind).await;
        let reply = sim.th("me", &long, &[]).await;
        assert_eq!(reply.graph_error(), expected, "{kind}");
        assert_eq!(reply.header("x-app-usage").contains("\"call_count\":100"), kind == "rate_limited");
        sim.fault("threads", "token", kind).await;
        let code = sim.th_code("acme").await;
        assert_eq!(sim.th_exchange(&code, &[]).await.instagram_error().0, expected.0, "{kind}");
    }
    sim.fault("threads", "profile", "wrong_person").await;
    assert_eq!(sim.th("me", &long, &[("fields", "username")]).await.str("username"), "mallory");
    let usage = sim.th("me", &long, &[]).await;
    assert!(usage.header("x-app-usage").contains("\"call_count\":0"), "{usage:?}");
}
