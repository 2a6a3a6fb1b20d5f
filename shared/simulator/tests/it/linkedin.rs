//! LinkedIn: the authorise page, codes, tokens, renewal, revocation.

use serde_json::{Value, json};

use crate::harness::{BACK, OTHER_BACK, Pairs, Reply, Sim, but, query};

pub const AUTHORIZE: &str = "/www.linkedin.com/oauth/v2/authorization";
pub const OAUTH: &str = "/www.linkedin.com/oauth/v2";
pub const API: &str = "/api.linkedin.com";
pub const SCOPES: &str = "openid profile email r_basicprofile w_member_social r_member_postAnalytics r_member_profileAnalytics rw_organization_admin r_organization_social w_organization_social";
const DAY: i64 = 86_400;

pub async fn start() -> Sim {
    Sim::with_apps("linkedin", ["li-app", "li-other"], &[BACK, OTHER_BACK]).await
}

impl Sim {
    pub async fn li_approve(&self, changed: Pairs<'_>, answers: Pairs<'_>) -> Reply {
        let right = [
            ("response_type", "code"),
            ("client_id", "li-app"),
            ("redirect_uri", BACK),
            ("scope", SCOPES),
            ("state", "s-1"),
        ];
        let path = format!("{AUTHORIZE}?{}", query(&but(&right, changed)));
        self.post(&path, &but(&[("decision", "approve")], answers)).await
    }

    /// A call of the token endpoint or one of its neighbours, with some parameters changed.
    pub async fn li_post(&self, path: &str, changed: Pairs<'_>) -> Reply {
        let right = [("client_id", "li-app"), ("client_secret", "li-app-secret")];
        self.post(&format!("{OAUTH}/{path}"), &but(&right, changed)).await
    }

    pub async fn li_exchange(&self, code: &str, changed: Pairs<'_>) -> Reply {
        let right = [
            ("client_id", "li-app"),
            ("client_secret", "li-app-secret"),
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", BACK),
        ];
        self.post(&format!("{OAUTH}/accessToken"), &but(&right, changed)).await
    }

    pub async fn li_refresh(&self, token: &str) -> Reply {
        self.li_post("accessToken", &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    pub async fn li_token(&self, person: &str, scopes: &str) -> String {
        let code = self.li_approve(&[("scope", scopes)], &[("person", person)]).await.code();
        self.li_exchange(&code, &[]).await.str("access_token")
    }

    /// A call of the API with all the headers that it wants.
    pub async fn li(&self, path: &str, token: &str) -> Reply {
        let request = self.http.get(self.url(&format!("{API}{path}"))).bearer_auth(token);
        let request = request.header("linkedin-version", "202607").header("x-restli-protocol-version", "2.0.0");
        self.send(request).await
    }

    pub async fn always(&self, platform: &str, route: &str, kind: &str) {
        let body = json!({ "platform": platform, "route": route, "kind": kind });
        let reply = self.sim("POST", "faults", body).await;
        assert_eq!(reply.status, 201, "{reply:?}");
    }
}

fn error(reply: &Reply) -> (u16, Value, Value) {
    (reply.status, reply.json()["serviceErrorCode"].clone(), reply.json()["code"].clone())
}

fn revoked() -> (u16, Value, Value) {
    (401, json!(65601), json!("REVOKED_ACCESS_TOKEN"))
}

#[tokio::test]
async fn linkedin_shows_what_is_wrong_with_client_or_address() {
    let sim = start().await;
    let wrong = [
        ("client_id", ""),
        ("client_id", "nobody"),
        ("redirect_uri", ""),
        ("redirect_uri", "https://mooring.example/callback/"),
        ("redirect_uri", "https://mooring.example/callback?a=1"),
        ("response_type", ""),
        ("response_type", "token"),
        ("scope", ""),
    ];
    for (name, value) in wrong {
        sim.li_approve(&[(name, value)], &[]).await.is_error_page();
    }
    sim.li_approve(&[], &[("person", "nobody")]).await.is_error_page();
    sim.li_approve(&[], &[("decision", "perhaps")]).await.is_error_page();
    sim.li_approve(&[], &[("scope", "openid")]).await.is_error_page();
    let approved = sim.li_approve(&[], &[]).await;
    assert_eq!(approved.location(), format!("{BACK}?code={}&state=s-1", approved.code()));
    let stateless = sim.li_approve(&[("state", "")], &[]).await;
    assert_eq!(stateless.location(), format!("{BACK}?code={}", stateless.code()));
}

#[tokio::test]
async fn linkedin_refuses_all_of_it_for_one_scope_that_is_not_approved() {
    let sim = start().await;
    let sent = |scope: &str| {
        let what = format!("Scope \"{scope}\" is not authorized for your application");
        let pairs = [("error", "unauthorized_scope_error"), ("error_description", what.as_str()), ("state", "s-1")];
        format!("{BACK}?{}", query(&pairs))
    };
    let unknown = sim.li_approve(&[("scope", "openid publish_all")], &[]).await;
    assert_eq!(unknown.location(), sent("publish_all"));
    let commas = sim.li_approve(&[("scope", "openid,profile")], &[]).await;
    assert_eq!(commas.location(), sent("openid,profile"));
    sim.always("linkedin", "authorize", "unapproved:r_organization_social,w_organization_social").await;
    let path = format!(
        "{AUTHORIZE}?{}",
        query(&[
            ("response_type", "code"),
            ("client_id", "li-app"),
            ("redirect_uri", BACK),
            ("scope", SCOPES),
            ("state", "s-1")
        ])
    );
    assert_eq!(sim.get(&path, &[]).await.location(), sent("r_organization_social"));
    assert!(sim.li_approve(&[("scope", "openid profile")], &[]).await.location().contains("code="));
}

#[tokio::test]
async fn linkedin_tells_two_ways_of_saying_no() {
    let sim = start().await;
    let denied = sim.li_approve(&[], &[("decision", "deny")]).await;
    assert!(denied.location().starts_with(&format!("{BACK}?error=user_cancelled_authorize&error_description=")));
    assert!(denied.location().ends_with("&state=s-1"));
    sim.fault("linkedin", "authorize", "cancelled_login").await;
    let denied = sim.li_approve(&[], &[("decision", "deny")]).await;
    assert!(denied.location().contains("?error=user_cancelled_login&"));
}

#[tokio::test]
async fn linkedin_tells_scopes_with_commas_and_gives_no_refresh_token() {
    let sim = start().await;
    let code = sim.li_approve(&[("scope", "w_member_social profile openid email")], &[]).await.code();
    sim.pass(1_799);
    let reply = sim.li_exchange(&code, &[]).await;
    let body = reply.json();
    assert_eq!(body["scope"], "email,openid,profile,w_member_social");
    assert_eq!((&body["expires_in"], &body["token_type"]), (&json!(5_184_000), &json!("Bearer")));
    assert!(body.get("refresh_token").is_none() && body.get("refresh_token_expires_in").is_none());
    let length = reply.str("access_token").len();
    assert!((480..1_000).contains(&length), "{length}");
    assert_eq!(reply.str("id_token").split('.').count(), 3);
}

#[tokio::test]
async fn linkedin_binds_a_code_to_app_address_and_half_an_hour() {
    let sim = start().await;
    let bad = |reply: Reply| {
        let (status, error, text) = reply.oauth_error();
        assert_eq!((status, error.as_str()), (400, "invalid_request"));
        assert!(text.starts_with("Unable to retrieve access token: appid/redirect uri"), "{text}");
    };
    let code = sim.li_approve(&[], &[]).await.code();
    bad(sim.li_exchange(&code, &[("redirect_uri", "https://mooring.example/callback/other")]).await);
    let other = [("client_id", "li-other"), ("client_secret", "li-other-secret")];
    bad(sim.li_exchange(&code, &other).await);
    bad(sim.li_exchange("garbage", &[]).await);
    for name in ["client_id", "client_secret", "redirect_uri", "code", "grant_type"] {
        let text = sim.li_exchange(&code, &[(name, "")]).await.oauth_error().2;
        assert_eq!(text, format!("A required parameter \"{name}\" is missing"));
    }
    let wrong = sim.li_exchange(&code, &[("client_secret", "nonsense")]).await.oauth_error();
    assert_eq!((wrong.0, wrong.1.as_str()), (401, "invalid_client"));
    let basic = sim.http.post(sim.url(&format!("{OAUTH}/accessToken"))).basic_auth("li-app", Some("li-app-secret"));
    let form = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", BACK)];
    assert_eq!(sim.send(basic.form(&form)).await.status, 400, "Basic is not looked at");
    let as_json = json!({ "grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "client_id": "li-app", "client_secret": "li-app-secret" });
    let request = sim.http.post(sim.url(&format!("{OAUTH}/accessToken"))).json(&as_json);
    assert_eq!(sim.send(request).await.status, 400, "JSON is not read");
    assert_eq!(sim.get(&format!("{OAUTH}/accessToken"), &[("code", &code)]).await.status, 404);
    assert_eq!(sim.li_exchange(&code, &[("grant_type", "password")]).await.oauth_error().1, "unsupported_grant_type");
    assert_eq!(sim.li_exchange(&code, &[]).await.status, 200);
    bad(sim.li_exchange(&code, &[]).await);
    let late = sim.li_approve(&[], &[]).await.code();
    sim.pass(1_800);
    bad(sim.li_exchange(&late, &[]).await);
    sim.fault("linkedin", "token", "invalid_grant").await;
    let code = sim.li_approve(&[], &[]).await.code();
    bad(sim.li_exchange(&code, &[]).await);
    assert_eq!(sim.li_exchange(&code, &[]).await.status, 200, "nothing was changed by that");
}

#[tokio::test]
async fn linkedin_ends_an_access_token_after_sixty_days() {
    let sim = start().await;
    let token = sim.li_token("acme", SCOPES).await;
    sim.pass(60 * DAY - 1);
    assert_eq!(sim.li("/v2/userinfo", &token).await.status, 200);
    sim.pass(1);
    let expired = error(&sim.li("/v2/userinfo", &token).await);
    assert_eq!(expired, (401, json!(65602), json!("EXPIRED_ACCESS_TOKEN")));
}

#[tokio::test]
async fn linkedin_gives_partners_a_refresh_token_with_one_fixed_end() {
    let sim = start().await;
    sim.always("linkedin", "token", "partner").await;
    let code = sim.li_approve(&[], &[]).await.code();
    let first = sim.li_exchange(&code, &[]).await;
    assert_eq!(first.json()["refresh_token_expires_in"], 365 * DAY);
    let refresh = first.str("refresh_token");
    assert_eq!(sim.li_refresh(&first.str("access_token")).await.oauth_error().1, "invalid_grant");
    sim.pass(300 * DAY);
    let second = sim.li_refresh(&refresh).await;
    assert_eq!(second.str("refresh_token"), refresh, "it does not rotate");
    let left = (second.json()["expires_in"].clone(), second.json()["refresh_token_expires_in"].clone());
    assert_eq!(left, (json!(60 * DAY), json!(65 * DAY)));
    sim.pass(60 * DAY);
    let last = sim.li_refresh(&refresh).await;
    assert_eq!(last.json()["expires_in"], 5 * DAY, "the last access token ends with the refresh token");
    sim.pass(5 * DAY - 1);
    let access = last.str("access_token");
    assert_eq!(sim.li("/v2/userinfo", &access).await.status, 200);
    sim.pass(1);
    assert_eq!(error(&sim.li("/v2/userinfo", &access).await).1, 65602);
    let (status, error, _) = sim.li_refresh(&refresh).await.oauth_error();
    assert_eq!((status, error.as_str()), (400, "invalid_grant"));
}

#[tokio::test]
async fn linkedin_renews_for_the_app_alone_and_for_two_at_once() {
    let sim = start().await;
    sim.always("linkedin", "token", "partner").await;
    let code = sim.li_approve(&[], &[]).await.code();
    let refresh = sim.li_exchange(&code, &[]).await.str("refresh_token");
    let other = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh.as_str()),
        ("client_id", "li-other"),
        ("client_secret", "li-other-secret"),
    ];
    assert_eq!(sim.li_post("accessToken", &other).await.oauth_error().1, "invalid_grant");
    let (one, two) = tokio::join!(sim.li_refresh(&refresh), sim.li_refresh(&refresh));
    assert_eq!((one.status, two.status), (200, 200), "a token that does not rotate is nobody's to win");
    assert_ne!(one.str("access_token"), two.str("access_token"));
}

#[tokio::test]
async fn linkedin_tells_how_a_token_stands() {
    let sim = start().await;
    let token = sim.li_token("acme", "openid profile").await;
    let at = 1_795_341_600_i64;
    let active = sim.li_post("introspectToken", &[("token", &token)]).await.json();
    assert_eq!(
        active,
        json!({
            "active": true, "status": "active", "client_id": "li-app", "authorized_at": at, "created_at": at,
            "expires_at": at + 60 * DAY, "auth_type": "3L", "scope": "openid,profile",
        })
    );
    let of_other = [("token", token.as_str()), ("client_id", "li-other"), ("client_secret", "li-other-secret")];
    assert_eq!(sim.li_post("introspectToken", &of_other).await.json(), json!({ "active": false }));
    let wrong = [("token", token.as_str()), ("client_secret", "nonsense")];
    assert_eq!(sim.li_post("introspectToken", &wrong).await.status, 401);
    sim.pass(60 * DAY);
    let expired = sim.li_post("introspectToken", &[("token", &token)]).await.json();
    assert_eq!((&expired["active"], &expired["status"]), (&json!(false), &json!("expired")));
    let token = sim.li_token("acme", "openid profile").await;
    assert_eq!(sim.event("linkedin", "acme", "revoke", json!({})).await, 204);
    let revoked = sim.li_post("introspectToken", &[("token", &token)]).await.json();
    assert_eq!((&revoked["active"], &revoked["status"]), (&json!(false), &json!("revoked")));
    assert!(revoked.get("scope").is_none());
}

#[tokio::test]
async fn linkedin_revokes_one_token_of_the_app() {
    let sim = start().await;
    let (token, kept) = (sim.li_token("acme", SCOPES).await, sim.li_token("acme", SCOPES).await);
    let of_other = [("token", token.as_str()), ("client_id", "li-other"), ("client_secret", "li-other-secret")];
    assert_eq!(sim.li_post("revoke", &of_other).await.status, 400);
    assert_eq!(sim.li("/v2/userinfo", &token).await.status, 200);
    assert_eq!(sim.li_post("revoke", &[("token", &token)]).await.status, 200);
    assert_eq!(error(&sim.li("/v2/userinfo", &token).await), revoked());
    assert_eq!(sim.li_post("revoke", &[("token", &token)]).await.status, 400, "it is revoked once");
    assert_eq!(sim.li("/v2/userinfo", &kept).await.status, 200);
}

#[tokio::test]
async fn linkedin_may_end_older_tokens_with_other_scopes() {
    let sim = start().await;
    let older = sim.li_token("acme", "openid profile").await;
    let newer = sim.li_token("acme", SCOPES).await;
    assert_eq!(sim.li("/v2/userinfo", &older).await.status, 200, "by default both live");
    sim.always("linkedin", "token", "scopes_end_older").await;
    let same = sim.li_token("acme", SCOPES).await;
    assert_eq!(error(&sim.li("/v2/userinfo", &older).await), revoked());
    assert_eq!(sim.li("/v2/userinfo", &newer).await.status, 200, "these have the same");
    assert_eq!(sim.li("/v2/userinfo", &same).await.status, 200);
}

#[tokio::test]
async fn linkedin_may_tell_a_fresh_token_to_be_revoked() {
    let sim = start().await;
    sim.always("linkedin", "*", "fresh_refused:5").await;
    let token = sim.li_token("acme", SCOPES).await;
    assert_eq!(error(&sim.li("/v2/userinfo", &token).await), revoked());
    sim.pass(4);
    assert_eq!(error(&sim.li("/v2/userinfo", &token).await), revoked());
    sim.pass(1);
    assert_eq!(sim.li("/v2/userinfo", &token).await.status, 200);
}

#[tokio::test]
async fn linkedin_answers_each_documented_error_by_name() {
    let sim = start().await;
    let rows = [
        ("token_revoked", 401, json!(65601)),
        ("token_revoked_invalid", 401, json!(65600)),
        ("token_expired", 401, json!(65602)),
        ("permission_missing", 403, json!(100)),
        ("invalid_grant_code", 400, json!("invalid_request")),
        ("invalid_grant", 400, json!("invalid_grant")),
        ("version_sunset", 426, json!("NONEXISTENT_VERSION")),
        ("rate_limited", 429, json!(101)),
        ("platform_outage", 500, json!("INTERNAL_SERVER_ERROR")),
        ("platform_outage_503", 503, json!("SERVICE_UNAVAILABLE")),
        ("platform_outage_504", 504, json!("GATEWAY_TIMEOUT")),
        ("role_lost", 403, json!(100)),
    ];
    for (name, status, mark) in rows {
        sim.fault("linkedin", "profile", &format!("error:{name}")).await;
        let reply = sim.li("/v2/userinfo", "any").await;
        let body = reply.json();
        let found = ["serviceErrorCode", "error", "code"].iter().any(|key| body[key] == mark);
        assert_eq!((reply.status, found), (status, true), "{name}: {body}");
        assert_eq!(reply.header("retry-after"), "");
    }
    sim.fault("linkedin", "profile", "error:nothing").await;
    assert_eq!(sim.li("/v2/userinfo", "any").await.status, 501);
}
