//! TikTok Login Kit: profile, videos, budgets, events, errors.

use serde_json::{Value, json};

use crate::harness::{Reply, Sim, query, shape};
use crate::tiktok::{API, start};

const PROFILE: &str = "open_id,union_id,avatar_url,display_name,username,is_verified,profile_deep_link,follower_count,following_count,likes_count,video_count";

impl Reply {
    /// Status and code of the API's envelope.
    #[track_caller]
    fn tt_error(&self) -> (u16, String) {
        let body = self.json();
        assert_eq!(body["data"], json!({}), "{body}");
        assert!(body["error"]["message"].is_string() && body["error"]["log_id"].is_string());
        (self.status, body["error"]["code"].as_str().unwrap().to_owned())
    }
}

fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

async fn videos(sim: &Sim, access: &str, fields: &str, body: Value) -> Reply {
    let url = sim.url(&format!("{API}/video/list/?{}", query(&[("fields", fields)])));
    sim.send(sim.http.post(url).bearer_auth(access).json(&body)).await
}

#[tokio::test]
async fn tiktok_tells_the_asked_fields_beside_an_error_that_is_ok() {
    let sim = start().await;
    let (access, _) = sim.tt_pair("acme").await;
    let reply = sim.tt_user(&access, PROFILE).await;
    let example = json!({ "data": { "user": {
        "open_id": "-000fakeOpenId0001", "union_id": "fake-union-0001",
        "avatar_url": "https://p16-sign.tiktokcdn.example/a.jpeg?x-expires=1795345200&x-signature=fake",
        "display_name": "Fjord Ceramics", "username": "fjordceramics", "is_verified": false,
        "profile_deep_link": "https://vm.tiktok.com/FAKE/", "follower_count": 51_200, "following_count": 77,
        "likes_count": 900_321, "video_count": 214,
    } }, "error": { "code": "ok", "message": "", "log_id": "20261122100000FAKE03" } });
    let body = reply.json();
    assert_eq!((reply.status, shape(&body)), (200, shape(&example)));
    assert_eq!((&body["error"]["code"], &body["error"]["message"]), (&json!("ok"), &json!("")));
    assert!(body["error"]["log_id"].as_str().unwrap().starts_with("20261122100000"));
    let user = &body["data"]["user"];
    assert_eq!((&user["username"], &user["display_name"]), (&json!("acme"), &json!("Acme")));
    let one = sim.tt_user(&access, "open_id").await.json()["data"]["user"].clone();
    assert_eq!(one, json!({ "open_id": user["open_id"] }), "nothing that was not asked for");
    assert_eq!(sim.journal().await.last().unwrap()["route"], "probe");
    sim.pass(7_000);
    let later = sim.tt_user(&access, "follower_count").await.json()["data"]["user"]["follower_count"].clone();
    sim.pass(10 * 86_400);
    let (access, _) = sim.tt_pair("acme").await;
    let grown = sim.tt_user(&access, "follower_count").await.json()["data"]["user"]["follower_count"].clone();
    assert!(grown.as_i64() > later.as_i64());
}

#[tokio::test]
async fn tiktok_wants_fields_and_the_scope_of_each() {
    let sim = start().await;
    let (access, _) = sim.tt_pair("acme").await;
    let url = sim.url(&format!("{API}/user/info/"));
    let without = sim.send(sim.http.get(&url).bearer_auth(&access)).await;
    assert_eq!(without.tt_error(), refused(400, "invalid_params"));
    for fields in ["", "open_id,followers", "open_id, union_id"] {
        assert_eq!(sim.tt_user(&access, fields).await.tt_error(), refused(400, "invalid_params"), "{fields}");
    }
    let code = sim.tt_approve(&[], &[("scope", "user.info.stats")]).await.code();
    let part = sim.tt_exchange(&code, &[]).await.str("access_token");
    assert_eq!(sim.tt_user(&part, "open_id,follower_count").await.status, 200);
    let one = sim.tt_user(&part, "open_id,username").await;
    assert_eq!(one.tt_error(), refused(401, "scope_not_authorized"), "one field fails the whole call");
    assert_eq!(videos(&sim, &part, "id", json!({})).await.tt_error(), refused(401, "scope_not_authorized"));
    for wrong in [
        sim.http.get(format!("{url}?fields=open_id")),
        sim.http.get(format!("{url}?fields=open_id&access_token={access}")),
    ] {
        assert_eq!(sim.send(wrong).await.tt_error(), refused(401, "access_token_invalid"), "Bearer only");
    }
    let garbage = sim.tt_user("act.garbage", "open_id").await;
    assert_eq!(garbage.tt_error(), refused(401, "access_token_invalid"));
    assert!(garbage.text.contains("The access token is invalid or not found in the request."));
    let scope = json!({ "scope": "user.info.profile" });
    assert_eq!(sim.event("tiktok", "acme", "withdraw_scope", scope).await, 204);
    assert_eq!(sim.tt_user(&access, "username").await.tt_error(), refused(401, "scope_not_authorized"));
    assert_eq!(sim.tt_user(&access, "display_name").await.status, 200);
}

#[tokio::test]
async fn tiktok_gives_each_app_an_open_id_of_its_own_that_may_begin_with_a_dash() {
    let sim = start().await;
    let ids = async |person: &str, app: &str| {
        let code = sim.tt_approve(&[("client_key", app)], &[("person", person)]).await.code();
        let secret = format!("{app}-secret");
        let pair = sim.tt_exchange(&code, &[("client_key", app), ("client_secret", secret.as_str())]).await;
        let user = sim.tt_user(&pair.str("access_token"), "open_id,union_id").await.json()["data"]["user"].clone();
        assert_eq!(user["open_id"], pair.json()["open_id"]);
        (pair.str("open_id"), user["union_id"].as_str().unwrap().to_owned())
    };
    let (one, other) = (ids("acme", "ttapp").await, ids("acme", "ttother").await);
    assert!(one.0 != other.0 && one.1 == other.1, "{one:?} {other:?}");
    let mut firsts = Vec::new();
    for at in 1..=12 {
        firsts.extend(ids(&format!("demo-{at:02}"), "ttapp").await.0.chars().next());
    }
    assert!(firsts.contains(&'-') && firsts.contains(&'_'), "{firsts:?}");
    assert_eq!(sim.event("tiktok", &other.0, "rename", json!({ "to": "acme.one" })).await, 204, "known by each");
    assert_eq!(sim.event("tiktok", &one.1, "rename", json!({ "to": "acme.two" })).await, 204);
}

#[tokio::test]
async fn tiktok_signs_pictures_for_hours() {
    let sim = start().await;
    let (access, _) = sim.tt_pair("acme").await;
    let picture = async || {
        let user = sim.tt_user(&access, "avatar_url").await.json()["data"]["user"].clone();
        user["avatar_url"].as_str().unwrap().to_owned()
    };
    let first = picture().await;
    let (_, end) = first.split_once("x-expires=").unwrap();
    let (end, _) = end.split_once('&').unwrap();
    assert_eq!(sim.get(&first, &[]).await.header("content-type"), "image/png");
    assert_eq!(sim.get(&first.replace(end, &format!("{end}0")), &[]).await.status, 403, "the end is signed");
    assert_eq!(sim.event("tiktok", "acme", "new_avatar", json!({})).await, 204);
    assert_ne!(picture().await, first);
    sim.sim("POST", "clock", json!({ "advance": "PT6H" })).await;
    assert_eq!(sim.get(&first, &[]).await.status, 403);
}

#[tokio::test]
async fn tiktok_lists_videos_page_by_page() {
    let sim = start().await;
    let (access, _) = sim.tt_pair("acme").await;
    let fields = "id,create_time,view_count,like_count,comment_count,share_count";
    let first = videos(&sim, &access, fields, json!({ "max_count": 20 })).await.json()["data"].clone();
    assert_eq!((first["videos"].as_array().unwrap().len(), &first["has_more"]), (20, &json!(true)));
    let newest = &first["videos"][0];
    assert_eq!(newest.as_object().unwrap().len(), 6);
    assert!(newest["create_time"].as_i64() > first["videos"][1]["create_time"].as_i64());
    let mut all = 0;
    let mut cursor = json!(0);
    let mut last = i64::MAX;
    loop {
        let page = videos(&sim, &access, "create_time", json!({ "max_count": 20, "cursor": cursor })).await.json();
        for video in page["data"]["videos"].as_array().unwrap() {
            let at = video["create_time"].as_i64().unwrap();
            assert!(at < last, "each once, the newest first");
            (last, all) = (at, all + 1);
        }
        cursor = page["data"]["cursor"].clone();
        if page["data"]["has_more"] == false {
            break;
        }
    }
    let count = sim.tt_user(&access, "video_count").await.json()["data"]["user"]["video_count"].clone();
    assert_eq!(json!(all), count);
    for wrong in [json!({ "max_count": 21 }), json!({ "max_count": 0 }), json!({ "cursor": "x" })] {
        assert_eq!(videos(&sim, &access, "id", wrong).await.tt_error(), refused(400, "invalid_params"));
    }
    assert_eq!(videos(&sim, &access, "", json!({})).await.tt_error(), refused(400, "invalid_params"));
    let url = format!("{API}/video/list/?fields=id");
    assert_eq!(sim.get(&url, &[]).await.tt_error().0, 404, "by POST");
}

#[tokio::test]
async fn tiktok_takes_six_hundred_calls_a_minute() {
    let sim = start().await;
    let (access, _) = sim.tt_pair("acme").await;
    let (other, _) = sim.tt_pair("agency").await;
    for _ in 0..600 {
        assert_eq!(sim.tt_user(&access, "open_id").await.status, 200);
    }
    let over = sim.tt_user(&other, "open_id").await;
    assert_eq!(over.tt_error(), refused(429, "rate_limit_exceeded"), "the budget is the app's");
    assert_eq!(over.header("x-ratelimit-reset"), "1795341660", "a minute after the first");
    assert_eq!(videos(&sim, &access, "id", json!({})).await.status, 200, "each API has its own");
    sim.pass(60);
    assert_eq!(sim.tt_user(&access, "open_id").await.status, 200);
}

#[tokio::test]
async fn tiktok_events_strike_the_account() {
    let sim = start().await;
    for kind in ["revoke", "password_change", "delete", "suspend", "age_change"] {
        let (access, refresh) = sim.tt_pair("acme").await;
        let waiting = sim.tt_code("acme").await;
        let (unhurt, _) = sim.tt_pair("creator").await;
        assert_eq!(sim.event("tiktok", "acme", kind, json!({})).await, 204);
        assert_eq!(sim.tt_user(&access, "open_id").await.tt_error(), refused(401, "access_token_invalid"), "{kind}");
        assert_eq!(sim.tt_refresh(&refresh).await.tt_oauth_error(), refused(400, "invalid_grant"));
        assert_eq!(sim.tt_exchange(&waiting, &[]).await.tt_oauth_error(), refused(400, "invalid_grant"));
        assert_eq!(sim.tt_user(&unhurt, "open_id").await.status, 200);
        assert_eq!(sim.tt_approve(&[], &[]).await.status == 400, kind == "delete", "{kind}");
        if kind == "suspend" {
            let (access, _) = sim.tt_pair("acme").await;
            let banned = sim.tt_user(&access, "open_id").await;
            assert_eq!(banned.tt_error(), refused(403, "spam_risk_user_banned_from_posting"));
        }
        assert_eq!(sim.sim("POST", "reset", json!({})).await.status, 204);
    }
    let (access, _) = sim.tt_pair("personal").await;
    let banned = sim.tt_user(&access, "open_id").await;
    assert_eq!(banned.tt_error(), refused(403, "spam_risk_user_banned_from_posting"), "from the start");
    for kind in ["lose_role", "unlink_instagram", "untick_page", "version_sunset", "data_access_expiry"] {
        assert_eq!(sim.event("tiktok", "acme", kind, json!({})).await, 422, "{kind}");
    }
    for kind in ["rename", "withdraw_scope"] {
        assert_eq!(sim.event("tiktok", "acme", kind, json!({})).await, 400, "{kind}");
    }
    assert_eq!(sim.event("tiktok", "nobody", "revoke", json!({})).await, 404);
    assert_eq!(sim.event("x", "acme", "age_change", json!({})).await, 422, "of TikTok alone");
    assert_eq!(sim.event("facebook", "acme", "age_change", json!({})).await, 422);
}

#[tokio::test]
async fn tiktok_answers_each_documented_error_of_login_kit_by_name() {
    let sim = start().await;
    let (access, _) = sim.tt_pair("acme").await;
    let rows = [
        ("token_expired", 401, "access_token_invalid"),
        ("permission_missing_scope_not_authorized", 401, "scope_not_authorized"),
        ("permission_missing_scope_permission_missed", 401, "scope_permission_missed"),
        (
            "permission_missing_unaudited_client_can_only_post_to_private_accounts",
            403,
            "unaudited_client_can_only_post_to_private_accounts",
        ),
        ("rate_limited_rate_limit_exceeded", 429, "rate_limit_exceeded"),
        ("rate_limited_spam_risk_too_many_posts", 403, "spam_risk_too_many_posts"),
        ("platform_outage", 500, "internal_error"),
        ("invalid_grant", 400, "invalid_grant"),
        ("client_misconfigured_invalid_client", 400, "invalid_client"),
        ("client_misconfigured_invalid_request", 400, "invalid_request"),
        ("app_cap_reached", 403, "reached_active_user_cap"),
        ("account_suspended", 403, "spam_risk_user_banned_from_posting"),
    ];
    sim.fault("tiktok", "profile", "error:?").await;
    let unknown = sim.tt_user(&access, PROFILE).await;
    let told = unknown.str("error");
    let known: Vec<&str> = told.split_once("use ").unwrap().1.split(", ").collect();
    assert_eq!((unknown.status, known), (501, rows.iter().map(|(name, ..)| *name).collect()));
    for (name, status, code) in rows {
        sim.fault("tiktok", "*", &format!("error:{name}")).await;
        let reply = sim.tt_user(&access, PROFILE).await;
        let said = if reply.json()["error"].is_string() { reply.tt_oauth_error() } else { reply.tt_error() };
        assert_eq!(said, refused(status, code), "{name}");
        assert_eq!(sim.tt_user(&access, PROFILE).await.status, 200, "once only");
    }
    for (name, error) in [
        ("invalid_grant", "invalid_grant"),
        ("client_misconfigured_invalid_client", "invalid_client"),
        ("client_misconfigured_invalid_request", "invalid_request"),
    ] {
        sim.fault("tiktok", "token", "oauth_status:200").await;
        sim.fault("tiktok", "token", &format!("error:{name}")).await;
        let reply = sim.tt_refresh("any").await;
        assert_eq!(reply.tt_oauth_error(), refused(200, error));
        assert_eq!(reply.text.contains("Code verifier or code challenge is invalid"), error == "invalid_request");
    }
    sim.fault("tiktok", "profile", "wrong_person").await;
    let user = sim.tt_user(&access, "username").await.json()["data"]["user"].clone();
    assert_eq!(user["username"], "mallory");
}

#[tokio::test]
async fn tiktok_fails_in_the_envelope_of_the_endpoint() {
    let sim = start().await;
    let (access, refresh) = sim.tt_pair("acme").await;
    for (kind, status, code) in [
        ("rate_limited", 429, "rate_limit_exceeded"),
        ("status:500", 500, "internal_error"),
        ("status:503", 503, "internal_error"),
    ] {
        sim.fault("tiktok", "profile", kind).await;
        let reply = sim.tt_user(&access, "username").await;
        assert_eq!(reply.tt_error(), refused(status, code), "{kind}");
        assert_eq!(reply.header("x-ratelimit-reset").is_empty(), kind != "rate_limited");
        sim.fault("tiktok", "token", kind).await;
        assert_eq!(sim.tt_refresh(&refresh).await.tt_oauth_error(), refused(status, code), "{kind}");
    }
    assert_eq!(sim.tt_refresh(&refresh).await.status, 200, "nothing was used up");
    let text = sim.get("/_sim/journal?platform=tiktok", &[]).await.text;
    assert!(!text.contains("CANARY") && !text.contains("ttapp-secret"));
}
