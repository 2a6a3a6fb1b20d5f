//! Google: the consent page, codes, refresh tokens, revocation, keys.

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::harness::{BACK, CHALLENGE, OTHER_BACK, Pairs, Reply, Sim, VERIFIER, but, query};

pub const AUTHORIZE: &str = "/accounts.google.com/o/oauth2/v2/auth";
pub const OAUTH: &str = "/oauth2.googleapis.com";
pub const READ: &str = "https://www.googleapis.com/auth/youtube.readonly";
pub const NUMBERS: &str = "https://www.googleapis.com/auth/yt-analytics.readonly";
pub const BUSINESS: &str = "https://www.googleapis.com/auth/business.manage";
const PROFILE: &str = "https://www.googleapis.com/auth/userinfo.profile";
const DAY: i64 = 86_400;

pub fn scopes() -> String {
    format!("{READ} {NUMBERS} {BUSINESS} openid profile email")
}

pub async fn start() -> Sim {
    Sim::with_apps("google", ["g-app", "g-other"], &[BACK, OTHER_BACK]).await
}

impl Sim {
    pub async fn g_approve(&self, changed: Pairs<'_>, answers: Pairs<'_>) -> Reply {
        let scopes = scopes();
        let right = [
            ("response_type", "code"),
            ("client_id", "g-app"),
            ("redirect_uri", BACK),
            ("scope", scopes.as_str()),
            ("state", "s-1"),
            ("access_type", "offline"),
        ];
        let path = format!("{AUTHORIZE}?{}", query(&but(&right, changed)));
        let mut form = vec![("decision", "approve")];
        form.retain(|(name, _)| !answers.iter().any(|(other, _)| name == other));
        form.extend(answers);
        self.post(&path, &form).await
    }

    pub async fn g_exchange(&self, code: &str, changed: Pairs<'_>) -> Reply {
        let right = [
            ("client_id", "g-app"),
            ("client_secret", "g-app-secret"),
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", BACK),
        ];
        self.post(&format!("{OAUTH}/token"), &but(&right, changed)).await
    }

    pub async fn g_refresh(&self, token: &str) -> Reply {
        let changed = [("grant_type", "refresh_token"), ("code", ""), ("redirect_uri", ""), ("refresh_token", token)];
        self.g_exchange("", &changed).await
    }

    /// Access and refresh token of a person who is asked anew.
    pub async fn g_pair(&self, person: &str) -> (String, String) {
        let code = self.g_approve(&[("prompt", "consent")], &[("person", person)]).await.code();
        let reply = self.g_exchange(&code, &[]).await;
        (reply.str("access_token"), reply.str("refresh_token"))
    }

    pub async fn g(&self, path: &str, token: &str) -> Reply {
        self.send(self.http.get(self.url(path)).bearer_auth(token)).await
    }
}

fn over() -> (u16, String, String) {
    (400, "invalid_grant".to_owned(), "Token has been expired or revoked.".to_owned())
}

async fn works(sim: &Sim, access: &str) -> bool {
    sim.g("/www.googleapis.com/youtube/v3/channels?part=id&mine=true", access).await.status == 200
}

#[tokio::test]
async fn google_shows_what_is_wrong_with_a_request() {
    let sim = start().await;
    let wrong = [
        ("client_id", "", 400),
        ("client_id", "nobody", 401),
        ("redirect_uri", "", 400),
        ("redirect_uri", "https://mooring.example/callback/", 400),
        ("response_type", "token", 400),
        ("scope", "", 400),
        ("scope", "https://www.googleapis.com/auth/everything", 400),
        ("scope", "openid,email", 400),
        ("access_type", "forever", 400),
        ("prompt", "please", 400),
        ("include_granted_scopes", "yes", 400),
        ("code_challenge", "short", 400),
        ("code_challenge_method", "S256", 400),
    ];
    for (name, value, status) in wrong {
        let reply = sim.g_approve(&[(name, value)], &[]).await;
        assert_eq!((reply.status, reply.header("location")), (status, ""), "{name}={value}");
        assert!(reply.header("content-type").starts_with("text/html"));
    }
    sim.g_approve(&[], &[("person", "nobody")]).await.is_error_page();
    sim.g_approve(&[], &[("child", "UCnobody")]).await.is_error_page();
    let denied = sim.g_approve(&[], &[("decision", "deny")]).await;
    assert_eq!(denied.location(), format!("{BACK}?error=access_denied&state=s-1"));
    let approved = sim.g_approve(&[("scope", "openid")], &[]).await;
    let code = query(&[("code", approved.code().as_str())]);
    assert_eq!(approved.location(), format!("{BACK}?state=s-1&{code}&scope=openid&authuser=0&prompt=consent"));
}

#[tokio::test]
async fn google_shows_what_a_person_can_tick_by_its_kind() {
    let sim = start().await;
    let shown = |scope: &'static str| {
        let pairs = [("response_type", "code"), ("client_id", "g-app"), ("redirect_uri", BACK), ("scope", scope)];
        let sim = &sim;
        async move { sim.get(AUTHORIZE, &pairs).await.text }
    };
    let channels = shown(READ).await;
    assert!(channels.contains("<legend>Channels of North Agency</legend>") && !channels.contains("Pages of"));
    assert!(!shown(BUSINESS).await.contains(" of North Agency</legend>"), "locations are chosen at the app");
}

#[tokio::test]
async fn google_gives_a_refresh_token_for_offline_and_a_fresh_consent_alone() {
    let sim = start().await;
    let exchange = |changed: &'static [(&'static str, &'static str)]| {
        let sim = &sim;
        async move {
            let code = sim.g_approve(changed, &[]).await.code();
            sim.g_exchange(&code, &[]).await.json()
        }
    };
    let first = exchange(&[("access_type", "online")]).await;
    assert!(first.get("refresh_token").is_none(), "{first}");
    assert_eq!((&first["expires_in"], &first["token_type"]), (&json!(3_599), &json!("Bearer")));
    let again = exchange(&[]).await;
    assert!(again.get("refresh_token").is_none(), "the person was not asked anew");
    let asked = exchange(&[("prompt", "consent")]).await;
    assert!(asked["refresh_token"].as_str().unwrap().starts_with("1//0g"));
    assert!(asked.get("refresh_token_expires_in").is_none());
    let code = sim.g_approve(&[("prompt", "select_account consent")], &[]).await.code();
    assert!(code.starts_with("4/0A"));
    assert!(sim.g_exchange(&code, &[]).await.json()["refresh_token"].is_string());
    let code = sim.g_approve(&[], &[("person", "agency")]).await.code();
    assert!(sim.g_exchange(&code, &[]).await.json()["refresh_token"].is_string(), "a first consent is fresh");
}

#[tokio::test]
async fn google_binds_a_code_to_app_address_and_ten_minutes() {
    let sim = start().await;
    let bad = (400, "invalid_grant".to_owned(), "Bad Request".to_owned());
    let code = sim.g_approve(&[], &[]).await.code();
    let other = [("client_id", "g-other"), ("client_secret", "g-other-secret")];
    assert_eq!(sim.g_exchange(&code, &other).await.oauth_error(), bad);
    assert_eq!(sim.g_exchange("4/0Agarbage", &[]).await.oauth_error(), bad);
    let moved = sim.g_exchange(&code, &[("redirect_uri", "https://mooring.example/callback/other")]).await;
    assert_eq!(moved.oauth_error().1, "redirect_uri_mismatch");
    let cases = [
        ("client_id", "", 400, "invalid_request"),
        ("client_id", "nobody", 401, "invalid_client"),
        ("client_secret", "", 400, "invalid_request"),
        ("client_secret", "nonsense", 401, "invalid_client"),
        ("grant_type", "", 400, "invalid_request"),
        ("grant_type", "password", 400, "unsupported_grant_type"),
        ("code", "", 400, "invalid_request"),
        ("redirect_uri", "", 400, "invalid_request"),
    ];
    for (name, value, status, error) in cases {
        let reply = sim.g_exchange(&code, &[(name, value)]).await.oauth_error();
        assert_eq!((reply.0, reply.1.as_str()), (status, error), "{name}={value}");
    }
    let form = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", BACK)];
    let url = sim.url(&format!("{OAUTH}/token"));
    assert_eq!(sim.get(&url, &form).await.status, 404);
    let as_json = sim.http.post(&url).basic_auth("g-app", Some("g-app-secret")).json(&json!({ "code": code }));
    assert_eq!(sim.send(as_json).await.status, 400, "JSON is not read");
    let wrong = sim.http.post(&url).basic_auth("g-app", Some("nonsense")).form(&form);
    assert_eq!(sim.send(wrong).await.status, 401);
    let basic = sim.http.post(&url).basic_auth("g-app", Some("g-app-secret")).form(&form);
    assert_eq!(sim.send(basic).await.status, 200, "Basic works too");
    assert_eq!(sim.g_exchange(&code, &[]).await.oauth_error(), bad);
    let late = sim.g_approve(&[], &[]).await.code();
    sim.pass(600);
    assert_eq!(sim.g_exchange(&late, &[]).await.oauth_error(), bad);
}

#[tokio::test]
async fn google_checks_a_challenge_that_was_sent() {
    let sim = start().await;
    let challenge = [("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];
    let code = sim.g_approve(&challenge, &[]).await.code();
    assert_eq!(sim.g_exchange(&code, &[]).await.oauth_error().2, "Missing code verifier.");
    let wrong = sim.g_exchange(&code, &[("code_verifier", CHALLENGE)]).await;
    assert_eq!(wrong.oauth_error().2, "Invalid code verifier.");
    assert_eq!(sim.g_exchange(&code, &[("code_verifier", VERIFIER)]).await.status, 200);
    let code = sim.g_approve(&[("code_challenge", VERIFIER)], &[]).await.code();
    assert_eq!(sim.g_exchange(&code, &[("code_verifier", VERIFIER)]).await.status, 200, "plain is the default");
}

#[tokio::test]
async fn google_renews_by_a_refresh_token_that_stays() {
    let sim = start().await;
    let (access, refresh) = sim.g_pair("acme").await;
    sim.pass(3_598);
    assert!(works(&sim, &access).await);
    sim.pass(1);
    let expired = sim.g("/www.googleapis.com/youtube/v3/channels?part=id&mine=true", &access).await;
    assert_eq!((expired.status, expired.json()["error"]["errors"][0]["reason"].clone()), (401, json!("authError")));
    assert_eq!(expired.json()["error"]["status"], "UNAUTHENTICATED");
    let (one, two) = tokio::join!(sim.g_refresh(&refresh), sim.g_refresh(&refresh));
    for reply in [one, two] {
        assert!(reply.json().get("refresh_token").is_none(), "{reply:?}");
        assert!(works(&sim, &reply.str("access_token")).await);
    }
    let other = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh.as_str()),
        ("client_id", "g-other"),
        ("client_secret", "g-other-secret"),
    ];
    assert_eq!(sim.g_exchange("", &other).await.oauth_error(), over());
    assert_eq!(sim.g_refresh(&access).await.oauth_error(), over());
}

#[tokio::test]
async fn google_forgets_a_refresh_token_that_was_not_used_for_six_months() {
    let sim = start().await;
    let (_, used) = sim.g_pair("acme").await;
    let (_, idle) = sim.g_pair("agency").await;
    sim.pass(180 * DAY - 1);
    assert_eq!(sim.g_refresh(&used).await.status, 200);
    sim.pass(1);
    assert_eq!(sim.g_refresh(&idle).await.oauth_error(), over());
    sim.pass(170 * DAY);
    assert_eq!(sim.g_refresh(&used).await.status, 200);
}

#[tokio::test]
async fn google_keeps_a_hundred_refresh_tokens_of_a_person_and_an_app() {
    let sim = start().await;
    let (access, first) = sim.g_pair("acme").await;
    let (_, second) = sim.g_pair("acme").await;
    for _ in 0..98 {
        sim.g_pair("acme").await;
    }
    assert_eq!(sim.g_refresh(&first).await.status, 200, "a hundred are kept");
    sim.g_pair("acme").await;
    assert_eq!(sim.g_refresh(&first).await.oauth_error(), over());
    assert_eq!(sim.g_refresh(&second).await.status, 200);
    assert!(works(&sim, &access).await, "only the refresh token is gone");
}

#[tokio::test]
async fn google_ends_grants_of_an_app_in_testing_after_a_week() {
    let sim = start().await;
    sim.always("google", "token", "testing_mode").await;
    let code = sim.g_approve(&[], &[]).await.code();
    let reply = sim.g_exchange(&code, &[]).await;
    assert_eq!(reply.json()["refresh_token_expires_in"], 604_799);
    let refresh = reply.str("refresh_token");
    sim.pass(7 * DAY - 1);
    assert_eq!(sim.g_refresh(&refresh).await.status, 200);
    sim.pass(1);
    assert_eq!(sim.g_refresh(&refresh).await.oauth_error(), over());
}

#[tokio::test]
async fn google_lets_scopes_be_unticked_and_merged() {
    let sim = start().await;
    let code = sim.g_approve(&[], &[("scope", READ), ("boxes", "shown")]).await.code();
    let reply = sim.g_exchange(&code, &[]).await;
    let email = "https://www.googleapis.com/auth/userinfo.email";
    assert_eq!(reply.str("scope"), format!("{READ} openid {PROFILE} {email}"));
    let access = reply.str("access_token");
    let refused = sim.g("/mybusinessaccountmanagement.googleapis.com/v1/accounts", &access).await;
    assert_eq!((refused.status, refused.json()["error"]["status"].clone()), (403, json!("PERMISSION_DENIED")));
    let code = sim.g_approve(&[("scope", BUSINESS)], &[]).await.code();
    assert_eq!(sim.g_exchange(&code, &[]).await.str("scope"), BUSINESS);
    let code = sim.g_approve(&[("scope", BUSINESS), ("include_granted_scopes", "true")], &[]).await.code();
    let merged = sim.g_exchange(&code, &[]).await.str("scope");
    assert_eq!(merged, format!("{BUSINESS} {READ} openid {PROFILE} {email}"));
    let none = sim.g_approve(&[("scope", READ)], &[("boxes", "shown")]).await;
    assert_eq!(none.location(), format!("{BACK}?error=access_denied&state=s-1"));
}

#[tokio::test]
async fn google_ends_the_whole_grant_with_either_token() {
    let sim = start().await;
    let revoke = |token: String| {
        let sim = &sim;
        async move { sim.post(&format!("{OAUTH}/revoke"), &[("token", &token)]).await }
    };
    for which in [0, 1] {
        let (old, older) = sim.g_pair("acme").await;
        let (access, refresh) = sim.g_pair("acme").await;
        let (unhurt, _) = sim.g_pair("agency").await;
        let token = if which == 0 { &access } else { &refresh };
        assert_eq!(revoke(token.clone()).await.status, 200);
        for dead in [&old, &access] {
            assert!(!works(&sim, dead).await);
        }
        for dead in [&older, &refresh] {
            assert_eq!(sim.g_refresh(dead).await.oauth_error(), over());
        }
        assert!(works(&sim, &unhurt).await, "another person's is another grant");
        let again = revoke(token.clone()).await;
        assert_eq!((again.status, again.str("error")), (400, "invalid_token".to_owned()));
        let code = sim.g_approve(&[], &[]).await.code();
        let fresh = sim.g_exchange(&code, &[]).await;
        assert!(fresh.json()["refresh_token"].is_string(), "what comes after is a first consent");
    }
    let (access, _) = sim.g_pair("acme").await;
    let in_query = sim.post(&format!("{OAUTH}/revoke?{}", query(&[("token", &access)])), &[]).await;
    assert_eq!(in_query.status, 200);
    assert_eq!(sim.get(&format!("{OAUTH}/revoke"), &[("token", &access)]).await.status, 404);
    let (access, _) = sim.g_pair("acme").await;
    sim.pass(3_599);
    assert_eq!(revoke(access).await.status, 400, "an expired one is no token");
}

#[tokio::test]
async fn google_tells_of_a_token_in_text() {
    let sim = start().await;
    let (access, refresh) = sim.g_pair("acme").await;
    sim.pass(100);
    let info = sim.get(&format!("{OAUTH}/tokeninfo"), &[("access_token", &access)]).await.json();
    let id = sim.g("/www.googleapis.com/oauth2/v3/userinfo", &access).await.json();
    assert_eq!((&info["azp"], &info["aud"]), (&json!("g-app"), &json!("g-app")));
    assert_eq!((&info["sub"], &info["email"]), (&id["sub"], &json!("acme@people.example")));
    assert_eq!(info["exp"], (1_795_341_600 + 3_599_i64).to_string());
    assert_eq!((&info["expires_in"], &info["access_type"]), (&json!("3499"), &json!("offline")));
    assert!(info["scope"].as_str().unwrap().contains(BUSINESS));
    for wrong in [refresh.as_str(), "garbage"] {
        let reply = sim.get(&format!("{OAUTH}/tokeninfo"), &[("access_token", wrong)]).await;
        let invalid = (400, "invalid_token".to_owned(), "Invalid Value".to_owned());
        assert_eq!(reply.oauth_error(), invalid);
    }
    assert_eq!(sim.get(id["picture"].as_str().unwrap(), &[]).await.status, 200);
}

/// The public key as RFC 8017 writes it, of the numbers in a JSON Web Key.
fn der(key: &Value) -> Vec<u8> {
    let number = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap()).unwrap();
    let (n, e) = (number("n"), number("e"));
    assert_eq!((n.len(), e.len()), (256, 3));
    let mut der = vec![0x30, 0x82, 0x01, 0x0A, 0x02, 0x82, 0x01, 0x01, 0x00];
    der.extend(n);
    der.extend([0x02, 0x03]);
    der.extend(e);
    der
}

#[tokio::test]
async fn google_signs_by_the_key_that_it_shows() {
    let sim = start().await;
    let configuration = sim.get("/accounts.google.com/.well-known/risc-configuration", &[]).await.json();
    assert_eq!(configuration["issuer"], "https://accounts.google.com");
    let keys = sim.get(configuration["jwks_uri"].as_str().unwrap(), &[]).await.json();
    let key = &keys["keys"][0];
    let code = sim.g_approve(&[("scope", "openid email")], &[]).await.code();
    let token = sim.g_exchange(&code, &[]).await.str("id_token");
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let (head, claims) = signed.split_once('.').unwrap();
    let read = |part: &str| -> Value { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap() };
    assert_eq!((&read(head)["alg"], &read(head)["kid"]), (&json!("RS256"), &key["kid"]));
    assert_eq!((&read(claims)["aud"], &read(claims)["email"]), (&json!("g-app"), &json!("acme@people.example")));
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der(key));
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    assert!(public.verify(signed.as_bytes(), &signature).is_ok());
    assert!(public.verify(format!("{signed}x").as_bytes(), &signature).is_err());
}

#[tokio::test]
async fn google_events_happen_to_people() {
    let sim = start().await;
    let (access, refresh) = sim.g_pair("acme").await;
    assert_eq!(sim.event("google", "acme", "password_change", json!({})).await, 204);
    assert_eq!(sim.g_refresh(&refresh).await.status, 200, "a changed password ends only what reads mail");
    let withdrawn = json!({ "scope": BUSINESS });
    assert_eq!(sim.event("google", "acme", "withdraw_scope", withdrawn.clone()).await, 204);
    assert_eq!(sim.g("/mybusinessaccountmanagement.googleapis.com/v1/accounts", &access).await.status, 403);
    assert!(works(&sim, &access).await);
    assert_eq!(sim.event("google", "acme", "withdraw_scope", withdrawn).await, 422, "nobody has it now");
    assert_eq!(sim.event("google", "acme", "revoke", json!({})).await, 204);
    assert!(!works(&sim, &access).await);
    assert_eq!(sim.g_refresh(&refresh).await.oauth_error(), over());
    let mail = format!("{READ} https://mail.google.com/");
    let code = sim.g_approve(&[("scope", &mail), ("prompt", "consent")], &[]).await.code();
    let refresh = sim.g_exchange(&code, &[]).await.str("refresh_token");
    assert_eq!(sim.event("google", "acme", "password_change", json!({})).await, 204);
    assert_eq!(sim.g_refresh(&refresh).await.oauth_error(), over());
    let (access, refresh) = sim.g_pair("acme").await;
    assert_eq!(sim.event("google", "acme", "delete", json!({})).await, 204);
    let gone = (400, "invalid_grant".to_owned(), "Account has been deleted".to_owned());
    assert_eq!(sim.g_refresh(&refresh).await.oauth_error(), gone);
    assert!(!works(&sim, &access).await);
    assert_eq!(sim.event("google", "nobody", "revoke", json!({})).await, 404);
    for kind in ["type_change", "untick_page", "version_sunset"] {
        assert_eq!(sim.event("google", "agency", kind, json!({})).await, 422, "{kind}");
    }
}

#[tokio::test]
async fn google_answers_each_documented_error_by_name() {
    let sim = start().await;
    let rows = [
        ("token_expired", 401, "authError"),
        ("invalid_grant", 400, "Token has been expired or revoked."),
        ("account_deleted", 400, "Account has been deleted"),
        ("permission_missing", 403, "insufficientPermissions"),
        ("permission_missing_forbidden", 403, "forbidden"),
        ("quota_exhausted", 403, "quotaExceeded"),
        ("rate_limited", 403, "rateLimitExceeded"),
        ("rate_limited_user", 403, "userRateLimitExceeded"),
        ("account_deleted_closed", 403, "authenticatedUserAccountClosed"),
        ("account_suspended", 403, "authenticatedUserAccountSuspended"),
        ("account_type_unsupported", 401, "youtubeSignupRequired"),
        ("client_misconfigured", 401, "invalid_client"),
        ("client_misconfigured_deleted", 401, "deleted_client"),
        ("platform_outage", 500, "backendError"),
        ("platform_outage_503", 503, "backendError"),
        ("token_expired_business", 401, "UNAUTHENTICATED"),
        ("permission_missing_business", 403, "PERMISSION_DENIED"),
        ("account_deleted_business", 404, "NOT_FOUND"),
        ("rate_limited_business", 429, "RESOURCE_EXHAUSTED"),
        ("invalid_grant_business", 400, "invalid_grant"),
        ("platform_outage_business", 500, "INTERNAL"),
        ("platform_outage_business_503", 503, "UNAVAILABLE"),
    ];
    for (name, status, mark) in rows {
        sim.fault("google", "token", &format!("error:{name}")).await;
        let reply = sim.g_refresh("any").await;
        let body = reply.json();
        let error = &body["error"];
        let all = [error, &body["error_description"], &error["errors"][0]["reason"], &error["status"]];
        assert_eq!((reply.status, all.contains(&&json!(mark))), (status, true), "{name}: {body}");
    }
}
