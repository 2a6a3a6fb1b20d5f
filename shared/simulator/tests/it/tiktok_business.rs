//! TikTok's API for Business, which answers every failure with status 200.

use serde_json::{Value, json};

use crate::harness::{BACK, Reply, Sim, shape};
use crate::tiktok::{BUSINESS_BACK, start};

const API: &str = "/business-api.tiktok.com/open_api/v1.3";
const SCOPES: &str = "user.info.basic,user.info.username,user.info.stats,video.list,user.insights";
const PROFILE: &str =
    r#"["username","display_name","profile_image","followers_count","following_count","total_likes","videos_count"]"#;
const DAY: i64 = 86_400;

impl Sim {
    async fn tb_code(&self, person: &str) -> String {
        let changed = [("scope", SCOPES), ("redirect_uri", BUSINESS_BACK)];
        self.tt_approve(&changed, &[("person", person)]).await.code()
    }

    /// Posts JSON with some members changed; `null` takes one away.
    async fn tb_post(&self, path: &str, right: Value, changed: Value) -> Reply {
        let mut body = json!({ "client_id": "ttapp", "client_secret": "ttapp-secret" });
        for (name, value) in right.as_object().into_iter().chain(changed.as_object()).flatten() {
            if value.is_null() {
                body.as_object_mut().unwrap().remove(name);
            } else {
                body[name] = value.clone();
            }
        }
        self.send(self.http.post(self.url(&format!("{API}/tt_user/oauth2/{path}/"))).json(&body)).await
    }

    async fn tb_exchange(&self, code: &str, changed: Value) -> Reply {
        let right = json!({ "grant_type": "authorization_code", "auth_code": code, "redirect_uri": BUSINESS_BACK });
        self.tb_post("token", right, changed).await
    }

    /// The data of a new pair.
    async fn tb_pair(&self, person: &str) -> Value {
        let code = self.tb_code(person).await;
        self.tb_exchange(&code, json!({})).await.json()["data"].clone()
    }

    async fn tb_refresh(&self, token: &Value) -> Reply {
        self.tb_post("refresh_token", json!({ "grant_type": "refresh_token", "refresh_token": token }), json!({})).await
    }

    async fn tb_get(&self, pair: &Value, pairs: &[(&str, &str)]) -> Reply {
        let id = pair["open_id"].as_str().unwrap();
        let query = crate::harness::query(&crate::harness::but(&[("business_id", id), ("fields", PROFILE)], pairs));
        let url = self.url(&format!("{API}/business/get/?{query}"));
        self.send(self.http.get(url).header("Access-Token", pair["access_token"].as_str().unwrap())).await
    }
}

impl Reply {
    /// The code and the message of a failure, which has status 200.
    #[track_caller]
    fn tb_error(&self) -> (u64, String) {
        let body = self.json();
        assert_eq!((self.status, &body["data"]), (200, &json!({})), "{body}");
        assert!(body["request_id"].is_string());
        (body["code"].as_u64().unwrap(), self.str("message"))
    }
}

#[tokio::test]
async fn tiktok_business_wants_its_own_scopes_and_a_redirect_that_ends_in_a_slash() {
    let sim = start().await;
    sim.tt_approve(&[("scope", SCOPES), ("redirect_uri", BACK)], &[]).await.is_error_page();
    let mixed = "user.info.profile,user.insights";
    sim.tt_approve(&[("scope", mixed), ("redirect_uri", BUSINESS_BACK)], &[]).await.is_error_page();
    let code = sim.tb_code("acme").await;
    let at_login = sim.tt_exchange(&code, &[("redirect_uri", BUSINESS_BACK)]).await;
    assert_eq!(at_login.tt_oauth_error(), (400, "invalid_grant".to_owned()), "the other host knows no such code");
    let login = sim.tt_code("acme").await;
    let here = sim.tb_exchange(&login, json!({ "redirect_uri": BACK })).await;
    assert_eq!(here.tb_error(), (40_110, "Invalid auth_code".to_owned()));
    let both = [("scope", "user.info.basic,video.list"), ("redirect_uri", BACK)];
    let code = sim.tt_approve(&both, &[]).await.code();
    let here = sim.tb_exchange(&code, json!({ "redirect_uri": BACK })).await;
    assert_eq!(here.tb_error().0, 40_110, "no slash at its end");
    assert_eq!(sim.tt_exchange(&code, &[]).await.status, 200, "scopes that both have are Login Kit's too");
}

#[tokio::test]
async fn tiktok_business_gives_a_pair_for_an_auth_code_in_json() {
    let sim = start().await;
    let code = sim.tb_code("acme").await;
    let wrong = [
        (json!({ "client_id": null, "client_key": "ttapp" }), 40_002),
        (json!({ "client_id": "nobody" }), 40_002),
        (json!({ "client_secret": "wrong" }), 40_002),
        (json!({ "grant_type": "refresh_token" }), 40_002),
        (json!({ "grant_type": null }), 40_002),
        (json!({ "auth_code": null, "code": code }), 40_002),
        (json!({ "auth_code": "garbage" }), 40_110),
        (json!({ "redirect_uri": BACK }), 40_002),
        (json!({ "client_id": "ttother", "client_secret": "ttother-secret" }), 40_110),
    ];
    for (changed, expected) in wrong {
        assert_eq!(sim.tb_exchange(&code, changed.clone()).await.tb_error().0, expected, "{changed}");
    }
    let form = [
        ("client_id", "ttapp"),
        ("client_secret", "ttapp-secret"),
        ("grant_type", "authorization_code"),
        ("auth_code", code.as_str()),
        ("redirect_uri", BUSINESS_BACK),
    ];
    assert_eq!(sim.post(&format!("{API}/tt_user/oauth2/token/"), &form).await.tb_error().0, 40_002, "no form");
    let reply = sim.tb_exchange(&code, json!({})).await;
    let example = json!({ "code": 0, "message": "OK", "request_id": "20261122FAKE10", "data": {
        "access_token": "act.bizFake0001", "token_type": "Bearer",
        "scope": "user.info.basic,user.info.username,user.info.stats,video.list", "expires_in": 86_400,
        "refresh_token": "rft.bizFake0001", "refresh_token_expires_in": 31_536_000, "open_id": "_000bizOpenId01",
    } });
    let body = reply.json();
    assert_eq!((reply.status, shape(&body)), (200, shape(&example)));
    assert_eq!((&body["code"], &body["message"], &body["data"]["scope"]), (&json!(0), &json!("OK"), &json!(SCOPES)));
    assert_eq!(
        (&body["data"]["expires_in"], &body["data"]["refresh_token_expires_in"]),
        (&json!(DAY), &json!(365 * DAY))
    );
    let again = sim.tb_exchange(&code, json!({})).await;
    assert_eq!(again.tb_error(), (40_110, "Invalid auth_code".to_owned()));
    let exchange = sim.journal().await.pop().unwrap();
    assert_eq!((&exchange["platform"], &exchange["route"]), (&json!("tiktok"), &json!("token")));
    assert!(exchange["secrets"]["auth_code"].is_string());
    let wrong = sim.get(&format!("{API}/tt_user/oauth2/token/"), &form).await;
    assert_eq!(wrong.tb_error().0, 40_002, "by POST");
    assert_eq!(sim.journal().await.last().unwrap()["documented"], false);
}

#[tokio::test]
async fn tiktok_business_reads_a_bare_token_from_its_own_header() {
    let sim = start().await;
    let pair = sim.tb_pair("acme").await;
    let (token, id) = (pair["access_token"].as_str().unwrap(), pair["open_id"].as_str().unwrap());
    let reply = sim.tb_get(&pair, &[]).await;
    let example = json!({ "code": 0, "message": "OK", "request_id": "20261122FAKE12", "data": {
        "username": "fjordbiz", "display_name": "Fjord Ceramics",
        "profile_image": "https://p16.example/b.jpeg?x-expires=1795345200", "followers_count": 12_000,
        "following_count": 12, "total_likes": 88_123, "videos_count": 91,
    } });
    assert_eq!((reply.status, shape(&reply.json())), (200, shape(&example)));
    assert_eq!(reply.json()["data"]["username"], "acme");
    assert!(sim.journal().await.last().unwrap()["secrets"]["access-token"].is_string());
    let url =
        sim.url(&format!("{API}/business/get/?{}", crate::harness::query(&[("business_id", id), ("fields", PROFILE)])));
    let bad = (40_105, "Access token is incorrect or has been revoked.".to_owned());
    for wrong in [
        sim.http.get(&url).header("Access-Token", format!("Bearer {token}")),
        sim.http.get(&url).bearer_auth(token),
        sim.http.get(&url),
        sim.http.get(&url).header("Access-Token", "act.garbage"),
    ] {
        assert_eq!(sim.send(wrong).await.tb_error(), bad);
    }
    let (login, _) = sim.tt_pair("acme").await;
    let wrong = sim.http.get(&url).header("Access-Token", login);
    assert_eq!(sim.send(wrong).await.tb_error(), bad, "Login Kit's tokens are others");
    assert_eq!(sim.tt_user(token, "open_id").await.status, 401);
    for (name, value, code) in [
        ("business_id", "", 40_001),
        ("business_id", "_000other", 40_001),
        ("fields", "", 40_002),
        ("fields", "username,display_name", 40_002),
        ("fields", r#"["followers"]"#, 40_002),
    ] {
        assert_eq!(sim.tb_get(&pair, &[(name, value)]).await.tb_error().0, code, "{name}={value}");
    }
}

#[tokio::test]
async fn tiktok_business_checks_the_scope_of_each_field_and_gives_metrics_by_the_day() {
    let sim = start().await;
    let pair = sim.tb_pair("acme").await;
    let week = [("fields", r#"["video_views","reach"]"#), ("start_date", "2026-11-10"), ("end_date", "2026-11-12")];
    let days = sim.tb_get(&pair, &week).await.json()["data"]["metrics"].clone();
    assert_eq!((days.as_array().unwrap().len(), &days[0]["date"]), (3, &json!("2026-11-10")));
    assert!(days[0]["video_views"].is_u64() && days[2]["reach"].is_u64());
    assert_eq!(sim.journal().await.last().unwrap()["route"], "metrics");
    let today = [week[0], ("start_date", "2026-11-22"), ("end_date", "2026-11-22")];
    assert_eq!(sim.tb_get(&pair, &today).await.json()["data"]["metrics"], json!([]), "none yet");
    for wrong in [&week[..1], &[week[0], ("start_date", "2026-11-12"), ("end_date", "2026-11-10")]] {
        assert_eq!(sim.tb_get(&pair, wrong).await.tb_error().0, 40_002);
    }
    let scope = json!({ "scope": "user.info.stats" });
    assert_eq!(sim.event("tiktok", "acme", "withdraw_scope", scope).await, 204);
    let (code, message) = sim.tb_get(&pair, &[]).await.tb_error();
    assert!(code == 40_001 && message.contains("followers_count"), "{message}");
    assert_eq!(sim.tb_get(&pair, &[("fields", r#"["username"]"#)]).await.json()["code"], 0);
}

#[tokio::test]
async fn tiktok_business_refuses_accounts_that_are_no_business_accounts() {
    let sim = start().await;
    for person in ["personal", "hobby", "creator"] {
        let pair = sim.tb_pair(person).await;
        let (code, message) = sim.tb_get(&pair, &[]).await.tb_error();
        assert!(code == 40_001 && message.contains("is not a Business Account"), "{person}: {message}");
    }
    let pair = sim.tb_pair("hobby").await;
    sim.fault("tiktok", "profile", "personal_allowed").await;
    let kind = sim.tb_get(&pair, &[("fields", r#"["is_business_account"]"#)]).await.json()["data"].clone();
    assert_eq!(kind, json!({ "is_business_account": false }));
    assert_eq!(sim.event("tiktok", "hobby", "type_change", json!({ "to": "business" })).await, 204);
    assert_eq!(sim.tb_get(&pair, &[]).await.json()["code"], 0);
    assert_eq!(sim.event("tiktok", "hobby", "type_change", json!({})).await, 204);
    assert_eq!(sim.tb_get(&pair, &[]).await.tb_error().0, 40_001);
    assert_eq!(sim.event("tiktok", "hobby", "type_change", json!({ "to": "other" })).await, 400);
}

#[tokio::test]
async fn tiktok_business_refreshes_at_an_address_of_its_own_and_rotates() {
    let sim = start().await;
    let pair = sim.tb_pair("acme").await;
    sim.pass(DAY - 1);
    assert_eq!(sim.tb_get(&pair, &[]).await.json()["code"], 0);
    sim.pass(1);
    assert_eq!(sim.tb_get(&pair, &[]).await.tb_error(), (40_102, "Access token has expired.".to_owned()));
    let elsewhere = json!({ "grant_type": "refresh_token", "refresh_token": pair["refresh_token"] });
    assert_eq!(sim.tb_post("token", elsewhere, json!({})).await.tb_error().0, 40_002, "not at the codes' address");
    let at_login = sim.tt_refresh(pair["refresh_token"].as_str().unwrap()).await;
    assert_eq!(at_login.tt_oauth_error().1, "invalid_grant");
    let (one, two) = tokio::join!(sim.tb_refresh(&pair["refresh_token"]), sim.tb_refresh(&pair["refresh_token"]));
    let (won, lost) = if one.json()["code"] == 0 { (one, two) } else { (two, one) };
    assert_eq!(lost.tb_error(), (40_110, "Invalid refresh_token".to_owned()), "one of two simultaneous ones");
    let new = won.json()["data"].clone();
    assert_eq!((&new["open_id"], &new["expires_in"]), (&pair["open_id"], &json!(DAY)));
    assert_eq!(sim.tb_get(&new, &[]).await.json()["code"], 0);
    sim.pass(365 * DAY);
    assert_eq!(sim.tb_refresh(&new["refresh_token"]).await.tb_error().0, 40_110);
    assert_eq!(sim.tb_refresh(&json!("garbage")).await.tb_error().0, 40_110);
    let pair = sim.tb_pair("acme").await;
    assert_eq!(sim.event("tiktok", "acme", "revoke", json!({})).await, 204);
    assert_eq!(sim.tb_get(&pair, &[]).await.tb_error().0, 40_105);
    assert!(sim.tb_refresh(&pair["refresh_token"]).await.tb_error().1.contains("auth_removed"));
}

#[tokio::test]
async fn tiktok_business_revokes_the_connection_and_tells_what_a_token_is() {
    let sim = start().await;
    let (pair, sibling) = (sim.tb_pair("acme").await, sim.tb_pair("acme").await);
    let info = async |pair: &Value| {
        let url = sim.url(&format!("{API}/tt_user/token_info/get/"));
        sim.send(sim.http.get(url).header("Access-Token", pair["access_token"].as_str().unwrap())).await
    };
    sim.pass(60);
    let told = info(&pair).await.json()["data"].clone();
    let expected = json!({
        "app_id": "ttapp", "open_id": pair["open_id"], "scope": SCOPES, "expires_in": DAY - 60,
    });
    assert_eq!(told, expected);
    assert_eq!(sim.journal().await.last().unwrap()["route"], "probe");
    let revoke =
        async |token: &Value, changed: Value| sim.tb_post("revoke", json!({ "access_token": token }), changed).await;
    let other = json!({ "client_id": "ttother", "client_secret": "ttother-secret" });
    assert_eq!(revoke(&pair["access_token"], other).await.tb_error().0, 40_105);
    assert_eq!(revoke(&json!(null), json!({})).await.tb_error().0, 40_002);
    assert_eq!(info(&pair).await.json()["code"], 0);
    let done = revoke(&pair["access_token"], json!({})).await.json();
    assert_eq!((&done["code"], &done["data"]), (&json!(0), &json!({})));
    for dead in [&pair, &sibling] {
        assert_eq!(info(dead).await.tb_error().0, 40_105);
        assert_eq!(sim.tb_get(dead, &[]).await.tb_error().0, 40_105);
    }
    let by_token = sim.tb_post("revoke", json!({ "token": pair["refresh_token"] }), json!({})).await;
    assert_eq!(by_token.json()["code"], 0, "once more changes nothing");
}

#[tokio::test]
async fn tiktok_business_answers_each_documented_error_by_name() {
    let sim = start().await;
    let pair = sim.tb_pair("acme").await;
    let rows = [
        ("token_revoked_40105", 40_105, "Access token is incorrect or has been revoked"),
        ("token_revoked_auth_removed", 40_110, "auth_removed"),
        ("token_expired_40104", 40_104, "Access token has expired"),
        ("token_expired_40102", 40_102, "Access token has expired"),
        ("permission_missing", 40_001, ""),
        ("rate_limited", 40_100, "Too many requests"),
        ("platform_outage_50000", 50_000, ""),
        ("platform_outage_51000", 51_000, ""),
    ];
    sim.fault("tiktok", "profile", "error:?").await;
    let unknown = sim.tb_get(&pair, &[]).await;
    let told = unknown.str("error");
    let known: Vec<&str> = told.split_once("use ").unwrap().1.split(", ").collect();
    assert_eq!((unknown.status, known), (501, rows.iter().map(|(name, ..)| *name).collect()));
    for (name, code, text) in rows {
        sim.fault("tiktok", "*", &format!("error:{name}")).await;
        let (said, message) = sim.tb_get(&pair, &[]).await.tb_error();
        assert!(said == code && message.contains(text), "{name}: {said} {message}");
        assert_eq!(sim.tb_get(&pair, &[]).await.json()["code"], 0, "once only");
    }
    sim.fault("tiktok", "profile", "rate_limited").await;
    assert_eq!(
        sim.tb_get(&pair, &[]).await.tb_error(),
        (40_100, "Too many requests. Please try again later.".to_owned())
    );
    sim.fault("tiktok", "profile", "status:502").await;
    let down = sim.tb_get(&pair, &[]).await;
    assert_eq!((down.status, &down.json()["code"]), (502, &json!(50_000)));
    sim.fault("tiktok", "profile", "wrong_person").await;
    assert_eq!(sim.tb_get(&pair, &[]).await.json()["data"]["username"], "mallory");
    let text = sim.get("/_sim/journal?platform=tiktok", &[]).await.text;
    assert!(!text.contains("CANARY") && !text.contains("ttapp-secret"));
}
