//! Pinterest: the authorise page, tokens by Basic, rolling and not.

use serde_json::{Value, json};

use crate::harness::{BACK, OTHER_BACK, Pairs, Reply, Sim, but, query, shape};

pub const AUTHORIZE: &str = "/www.pinterest.com/oauth/";
pub const API: &str = "/api.pinterest.com/v5";
pub const SCOPES: &str = "user_accounts:read,boards:read,pins:read,boards:write,pins:write";
const DAY: i64 = 86_400;

pub async fn start() -> Sim {
    Sim::with_apps("pinterest", ["pinapp", "pinother"], &[BACK, OTHER_BACK]).await
}

impl Sim {
    pub fn pin_request(changed: Pairs) -> String {
        let right = [
            ("client_id", "pinapp"),
            ("redirect_uri", BACK),
            ("response_type", "code"),
            ("scope", SCOPES),
            ("state", "s-1"),
        ];
        query(&but(&right, changed))
    }

    pub async fn pin_approve(&self, changed: Pairs<'_>, answers: Pairs<'_>) -> Reply {
        let path = format!("{AUTHORIZE}?{}", Self::pin_request(changed));
        self.post(&path, &but(&[("decision", "approve")], answers)).await
    }

    pub async fn pin_code(&self, person: &str) -> String {
        self.pin_approve(&[], &[("person", person)]).await.code()
    }

    pub fn pin_post(&self, path: &str) -> reqwest::RequestBuilder {
        let url = self.url(&format!("{API}/oauth/{path}"));
        self.http.post(url).basic_auth("pinapp", Some("pinapp-secret"))
    }

    /// A code exchange with some parameters changed.
    pub async fn pin_exchange(&self, code: &str, changed: Pairs<'_>) -> Reply {
        let right = [("grant_type", "authorization_code"), ("redirect_uri", BACK), ("code", code)];
        self.send(self.pin_post("token").form(&but(&right, changed))).await
    }

    /// Access and refresh token of a person.
    pub async fn pin_pair(&self, person: &str) -> (String, String) {
        let code = self.pin_code(person).await;
        let reply = self.pin_exchange(&code, &[]).await;
        (reply.str("access_token"), reply.str("refresh_token"))
    }

    pub async fn pin_refresh(&self, token: &str, more: Pairs<'_>) -> Reply {
        let right = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.send(self.pin_post("token").form(&but(&right, more))).await
    }

    pub async fn pin(&self, path: &str, access: &str, pairs: Pairs<'_>) -> Reply {
        let url = self.url(&format!("{API}/{path}?{}", query(pairs)));
        self.send(self.http.get(url).bearer_auth(access)).await
    }
}

impl Reply {
    /// Status and code of the one envelope.
    #[track_caller]
    pub fn pin_error(&self) -> (u16, i64) {
        let body = self.json();
        assert!(body["message"].is_string() && body.as_object().unwrap().len() == 2, "{body}");
        (self.status, body["code"].as_i64().unwrap())
    }
}

#[tokio::test]
async fn pinterest_refuses_a_wrong_request_without_sending_anybody_back() {
    let sim = start().await;
    let wrong = [
        ("client_id", ""),
        ("client_id", "nobody"),
        ("client_id", "xapp"),
        ("redirect_uri", ""),
        ("redirect_uri", "https://mooring.example/callback/"),
        ("redirect_uri", "https://mooring.example/callback?a=1"),
        ("response_type", ""),
        ("response_type", "token"),
        ("scope", ""),
        ("scope", "user_accounts:read boards:read"),
        ("scope", "user_accounts:read, boards:read"),
        ("scope", "user_accounts:read,boards"),
    ];
    for (name, value) in wrong {
        sim.get(&format!("{AUTHORIZE}?{}", Sim::pin_request(&[(name, value)])), &[]).await.is_error_page();
        sim.pin_approve(&[(name, value)], &[]).await.is_error_page();
    }
    let right = Sim::pin_request(&[]);
    sim.get(&format!("{AUTHORIZE}?{right}&client_id=pinother"), &[]).await.is_error_page();
    assert_eq!(sim.get(&format!("/api.pinterest.com/oauth/?{right}"), &[]).await.status, 404);
    let page = sim.get(&format!("{AUTHORIZE}?{right}"), &[]).await;
    assert!(page.status == 200 && page.text.contains("Simulated Pinterest"));
    assert!(page.text.contains("value=\"pins:write\" checked disabled"));
    sim.pin_approve(&[], &[("scope", "boards:read")]).await.is_error_page();
    sim.pin_approve(&[], &[("person", "nobody")]).await.is_error_page();
}

#[tokio::test]
async fn pinterest_sends_back_with_code_and_state() {
    let sim = start().await;
    let back = sim.pin_approve(&[], &[]).await;
    assert_eq!(back.location(), format!("{BACK}?code={}&state=s-1", back.code()));
    let denied = sim.pin_approve(&[], &[("decision", "deny")]).await;
    assert_eq!(denied.location(), format!("{BACK}?error=access_denied&state=s-1"));
    let stateless = sim.pin_approve(&[("state", "")], &[]).await;
    assert_eq!(stateless.location(), format!("{BACK}?code={}", stateless.code()));
}

#[tokio::test]
async fn pinterest_gives_a_pair_with_three_ends_for_a_code() {
    let sim = start().await;
    let code = sim.pin_code("acme").await;
    sim.pass(599);
    let reply = sim.pin_exchange(&code, &[("continuous_refresh", "true")]).await;
    let example = json!({
        "response_type": "authorization_code", "access_token": "pina_FAKEACCESS0001",
        "refresh_token": "pinr_FAKEREFRESH0001", "token_type": "bearer", "expires_in": 2_592_000,
        "refresh_token_expires_in": 5_184_000, "refresh_token_expires_at": 1_800_529_200,
        "scope": "boards:read boards:write pins:read pins:write user_accounts:read",
    });
    let body = reply.json();
    assert_eq!((reply.status, shape(&body)), (200, shape(&example)));
    for same in ["response_type", "token_type", "expires_in", "refresh_token_expires_in"] {
        assert_eq!(body[same], example[same], "{same}");
    }
    assert_eq!(body["refresh_token_expires_at"], 1_795_341_600 + 599 + 60 * DAY);
    assert_eq!(body["scope"], SCOPES.replace(',', " "));
    assert!(
        reply.str("access_token").starts_with("pina_CANARY") && reply.str("refresh_token").starts_with("pinr_CANARY")
    );
    let again = sim.pin_exchange(&code, &[]).await;
    assert_eq!(
        (again.status, again.json()),
        (400, json!({ "code": 283, "message": "Authorization code is invalid or expired" }))
    );
    let late = sim.pin_code("acme").await;
    sim.pass(600);
    assert_eq!(sim.pin_exchange(&late, &[]).await.pin_error(), (400, 283));
    sim.fault("pinterest", "token", "comma_scope").await;
    let code = sim.pin_code("acme").await;
    assert_eq!(sim.pin_exchange(&code, &[]).await.str("scope"), SCOPES);
}

#[tokio::test]
async fn pinterest_knows_an_app_by_basic_alone() {
    let sim = start().await;
    let code = sim.pin_code("acme").await;
    let url = sim.url(&format!("{API}/oauth/token"));
    let form = [
        ("grant_type", "authorization_code"),
        ("redirect_uri", BACK),
        ("code", &code),
        ("client_id", "pinapp"),
        ("client_secret", "pinapp-secret"),
    ];
    for wrong in [
        sim.http.post(&url).form(&form),
        sim.http.post(&url).basic_auth("pinapp", Some("wrong")).form(&form),
        sim.http.post(&url).basic_auth("nobody", Some("pinapp-secret")).form(&form),
        sim.http.post(&url).bearer_auth("pinapp-secret").form(&form),
    ] {
        assert_eq!(sim.send(wrong).await.pin_error(), (401, 2));
    }
    let other = sim.http.post(&url).basic_auth("pinother", Some("pinother-secret")).form(&form);
    assert_eq!(sim.send(other).await.pin_error(), (400, 283), "the code is another app's");
    let elsewhere = format!("{BACK}/other");
    for (name, value, code_of) in [
        ("grant_type", "", 1),
        ("grant_type", "client_credentials", 1),
        ("code", "", 1),
        ("code", "garbage", 283),
        ("redirect_uri", "", 1),
        ("redirect_uri", elsewhere.as_str(), 1),
        ("continuous_refresh", "yes", 1),
    ] {
        let reply = sim.pin_exchange(&code, &[(name, value)]).await;
        assert_eq!(reply.pin_error(), (400, code_of), "{name}={value}");
    }
    let object: serde_json::Map<_, _> = form.iter().map(|(n, v)| ((*n).to_owned(), json!(v))).collect();
    assert_eq!(sim.send(sim.pin_post("token").json(&object)).await.pin_error(), (400, 1), "a form");
    let in_query = sim.http.post(format!("{url}?{}", query(&form))).basic_auth("pinapp", Some("pinapp-secret"));
    assert_eq!(sim.send(in_query).await.pin_error(), (400, 1));
    assert_eq!(sim.get(&format!("{API}/oauth/token"), &form).await.status, 404);
    assert_eq!(sim.journal().await.last().unwrap()["documented"], false);
    let right = sim.pin_exchange(&code, &[]).await;
    assert_eq!(right.status, 200, "no wrong call uses it up");
    let me = sim.url(&format!("{API}/user_account"));
    let basic = sim.http.get(&me).basic_auth("pinapp", Some("pinapp-secret"));
    assert_eq!(sim.send(basic).await.pin_error(), (401, 2), "Bearer elsewhere");
}

#[tokio::test]
async fn pinterest_rolls_its_refresh_token_and_the_old_one_is_dead() {
    let sim = start().await;
    let (access, first) = sim.pin_pair("acme").await;
    sim.pass(30 * DAY - 1);
    assert_eq!(sim.pin("user_account", &access, &[]).await.status, 200);
    sim.pass(1);
    assert_eq!(sim.pin("user_account", &access, &[]).await.pin_error(), (401, 2));
    let (one, two) = tokio::join!(sim.pin_refresh(&first, &[]), sim.pin_refresh(&first, &[]));
    let (won, lost) = if one.status == 200 { (one, two) } else { (two, one) };
    assert_eq!(lost.pin_error(), (400, 283), "one of two simultaneous ones");
    let example = json!({
        "response_type": "refresh_token", "access_token": "pina_FAKEACCESS0002",
        "refresh_token": "pinr_FAKEREFRESH0002", "token_type": "bearer", "expires_in": 2_592_000,
        "refresh_token_expires_in": 5_184_000, "refresh_token_expires_at": 1_800_529_200,
        "scope": "boards:read pins:read user_accounts:read",
    });
    assert_eq!((shape(&won.json()), &won.json()["response_type"]), (shape(&example), &json!("refresh_token")));
    assert_eq!(won.json()["refresh_token_expires_at"], 1_795_341_600 + 90 * DAY, "60 days from now");
    sim.pass(60 * DAY - 1);
    let third = sim.pin_refresh(&won.str("refresh_token"), &[]).await;
    assert_eq!(third.status, 200);
    sim.pass(60 * DAY);
    assert_eq!(sim.pin_refresh(&third.str("refresh_token"), &[]).await.pin_error(), (400, 283));
    assert_eq!(sim.pin_refresh(&access, &[]).await.pin_error(), (400, 283));
    let (_, refresh) = sim.pin_pair("acme").await;
    let url = sim.url(&format!("{API}/oauth/token"));
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
    let other = sim.http.post(url).basic_auth("pinother", Some("pinother-secret")).form(&form);
    assert_eq!(sim.send(other).await.pin_error(), (400, 283));
    sim.fault("pinterest", "token", "invalid_grant").await;
    assert_eq!(sim.pin_refresh(&refresh, &[]).await.pin_error(), (400, 283));
    sim.fault("pinterest", "token", "answer_lost").await;
    assert!(sim.pin_post("token").form(&form).send().await.is_err(), "no answer arrives");
    assert_eq!(sim.pin_refresh(&refresh, &[]).await.pin_error(), (400, 283), "rotated all the same");
}

#[tokio::test]
async fn pinterest_gives_an_old_app_a_rolling_token_only_if_it_asks_for_one() {
    let sim = start().await;
    let on = json!({ "platform": "pinterest", "route": "token", "kind": "old_app" });
    assert_eq!(sim.sim("POST", "faults", on).await.status, 201);
    let code = sim.pin_code("acme").await;
    let asked = sim.pin_exchange(&code, &[("continuous_refresh", "true")]).await.str("refresh_token");
    for unasked in ["", "false"] {
        let code = sim.pin_code("acme").await;
        let fixed = sim.pin_exchange(&code, &[("continuous_refresh", unasked)]).await.str("refresh_token");
        let renewed = sim.pin_refresh(&fixed, &[]).await.json();
        assert!(renewed["access_token"].is_string());
        for none in ["refresh_token", "refresh_token_expires_in", "refresh_token_expires_at"] {
            assert_eq!(renewed[none], Value::Null, "{none}");
        }
        sim.pass(60 * DAY - 1);
        assert_eq!(sim.pin_refresh(&fixed, &[]).await.status, 200, "it is not used up");
        sim.pass(1);
        assert_eq!(sim.pin_refresh(&fixed, &[]).await.pin_error(), (400, 283), "its end is for good");
        sim.sim("POST", "clock", json!({ "set": "2026-11-22T10:00:00Z" })).await;
    }
    assert!(sim.pin_refresh(&asked, &[]).await.json()["refresh_token"].is_string());
}

#[tokio::test]
async fn pinterest_refreshes_for_a_part_of_the_scopes() {
    let sim = start().await;
    let (_, refresh) = sim.pin_pair("acme").await;
    assert_eq!(sim.pin_refresh(&refresh, &[("scope", "boards:read,pins:read_secret")]).await.pin_error(), (400, 1));
    let part = sim.pin_refresh(&refresh, &[("scope", "boards:read,pins:read")]).await;
    assert_eq!(part.str("scope"), "boards:read pins:read");
    let access = part.str("access_token");
    assert_eq!(sim.pin("boards", &access, &[]).await.status, 200);
    assert_eq!(sim.pin("user_account", &access, &[]).await.pin_error(), (403, 29));
    sim.fault("pinterest", "token", "no_expires_in").await;
    let renewed = sim.pin_refresh(&part.str("refresh_token"), &[]).await.json();
    assert!(renewed.get("expires_in").is_none() && renewed["refresh_token_expires_in"].is_u64());
}

#[tokio::test]
async fn pinterest_revokes_no_tokens_but_a_system_users() {
    let sim = start().await;
    let (access, refresh) = sim.pin_pair("acme").await;
    let revoke = async |token: &str| sim.send(sim.pin_post("token/revoke").form(&[("token", token)])).await;
    for token in [&access, &refresh] {
        assert_eq!(revoke(token).await.pin_error(), (403, 29));
    }
    assert_eq!(revoke("garbage").await.pin_error(), (400, 1));
    assert_eq!(revoke("").await.pin_error(), (400, 1));
    let bare = sim.http.post(sim.url(&format!("{API}/oauth/token/revoke"))).form(&[("token", &access)]);
    assert_eq!(sim.send(bare).await.pin_error(), (401, 2));
    assert_eq!(sim.pin("user_account", &access, &[]).await.status, 200, "nothing was revoked");
    sim.fault("pinterest", "revoke", "system_user").await;
    let done = revoke(&access).await;
    assert_eq!((done.status, done.text.as_str()), (200, ""));
    assert_eq!(sim.pin("user_account", &access, &[]).await.pin_error(), (401, 2));
    assert_eq!(sim.pin_refresh(&refresh, &[]).await.status, 200);
}
