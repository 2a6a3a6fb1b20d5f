//! TikTok Login Kit: the authorise page, codes, rotating pairs, revocation.

use std::collections::BTreeMap;

use serde_json::json;
use simulator::App;

use crate::harness::{BACK, OTHER_BACK, Pairs, Reply, Sim, VERIFIER, but, query, shape};

pub const AUTHORIZE: &str = "/www.tiktok.com/v2/auth/authorize/";
pub const API: &str = "/open.tiktokapis.com/v2";
pub const SCOPES: &str = "user.info.basic,user.info.profile,user.info.stats,video.list";
/// The redirect of the API for Business, whose end is a slash.
pub const BUSINESS_BACK: &str = "https://mooring.example/business/";
/// The SHA-256 of `VERIFIER` as hex.
const HEX: &str = "13d31e961a1ad8ec2f16b10c4c982e0876a878ad6df144566ee1894acb70f9c3";
const DAY: i64 = 86_400;

/// With two apps; each has both products' redirects.
pub async fn start() -> Sim {
    Sim::with_apps("tiktok", ["ttapp", "ttother"], &[BACK, OTHER_BACK, BUSINESS_BACK]).await
}

impl Sim {
    pub fn tt_request(changed: Pairs) -> String {
        let right = [
            ("client_key", "ttapp"),
            ("redirect_uri", BACK),
            ("response_type", "code"),
            ("scope", SCOPES),
            ("state", "s-1"),
            ("disable_auto_auth", "1"),
        ];
        query(&but(&right, changed))
    }

    pub async fn tt_approve(&self, changed: Pairs<'_>, answers: Pairs<'_>) -> Reply {
        let path = format!("{AUTHORIZE}?{}", Self::tt_request(changed));
        self.post(&path, &but(&[("decision", "approve")], answers)).await
    }

    pub async fn tt_code(&self, person: &str) -> String {
        self.tt_approve(&[], &[("person", person)]).await.code()
    }

    pub async fn tt_oauth(&self, path: &str, right: Pairs<'_>, changed: Pairs<'_>) -> Reply {
        let app = [("client_key", "ttapp"), ("client_secret", "ttapp-secret")];
        self.post(&format!("{API}/oauth/{path}/"), &but(&[&app[..], right].concat(), changed)).await
    }

    /// A code exchange with some parameters changed.
    pub async fn tt_exchange(&self, code: &str, changed: Pairs<'_>) -> Reply {
        let right = [("grant_type", "authorization_code"), ("redirect_uri", BACK), ("code", code)];
        self.tt_oauth("token", &right, changed).await
    }

    /// Access and refresh token of a person.
    pub async fn tt_pair(&self, person: &str) -> (String, String) {
        let code = self.tt_code(person).await;
        let reply = self.tt_exchange(&code, &[]).await;
        (reply.str("access_token"), reply.str("refresh_token"))
    }

    pub async fn tt_refresh(&self, token: &str) -> Reply {
        self.tt_oauth("token", &[("grant_type", "refresh_token"), ("refresh_token", token)], &[]).await
    }

    pub async fn tt_user(&self, access: &str, fields: &str) -> Reply {
        let url = self.url(&format!("{API}/user/info/?{}", query(&[("fields", fields)])));
        self.send(self.http.get(url).bearer_auth(access)).await
    }
}

impl Reply {
    /// Status and error of the OAuth side.
    #[track_caller]
    pub fn tt_oauth_error(&self) -> (u16, String) {
        let body = self.json();
        assert!(body["error_description"].is_string() && body["log_id"].is_string(), "{body}");
        assert_eq!(body.as_object().unwrap().len(), 3);
        (self.status, self.str("error"))
    }
}

fn refused(error: &str) -> (u16, String) {
    (400, error.to_owned())
}

#[tokio::test]
async fn tiktok_refuses_a_wrong_request_without_sending_anybody_back() {
    let sim = start().await;
    let wrong = [
        ("client_key", ""),
        ("client_key", "nobody"),
        ("client_key", "xapp"),
        ("redirect_uri", ""),
        ("redirect_uri", "https://mooring.example/callback/"),
        ("redirect_uri", "https://mooring.example/callback?a=1"),
        ("response_type", ""),
        ("response_type", "token"),
        ("scope", ""),
        ("scope", "user.info.basic user.info.stats"),
        ("scope", "user.info.basic, user.info.stats"),
        ("scope", "user.info.basic,users.read"),
        ("scope", "user.info.basic,user.info.username"),
        ("scope", "user.info.profile,user.info.username"),
    ];
    for (name, value) in wrong {
        sim.get(&format!("{AUTHORIZE}?{}", Sim::tt_request(&[(name, value)])), &[]).await.is_error_page();
        sim.tt_approve(&[(name, value)], &[]).await.is_error_page();
    }
    let by_id = sim.tt_approve(&[("client_key", ""), ("client_id", "ttapp")], &[]).await;
    by_id.is_error_page();
    assert!(by_id.text.contains("client_key"));
    let right = Sim::tt_request(&[]);
    sim.get(&format!("{AUTHORIZE}?{right}&client_key=ttother"), &[]).await.is_error_page();
    let page = sim.get(&format!("{AUTHORIZE}?{right}"), &[]).await;
    assert!(page.status == 200 && page.text.contains("Simulated TikTok") && page.text.contains(", banned"));
    assert!(page.text.contains("value=\"user.info.basic\" checked disabled"));
    sim.tt_approve(&[], &[("person", "nobody")]).await.is_error_page();
}

#[tokio::test]
async fn tiktok_sends_back_only_to_addresses_without_anything_behind_the_path() {
    let sim = start().await;
    let long = format!("https://mooring.example/{}", "a".repeat(500));
    let cases = [
        ("https://mooring.example/back", true),
        ("http://mooring.example/back", false),
        ("http://127.0.0.1:8080/back", true),
        ("http://localhost:80/back", false),
        ("https://mooring.example/back?tenant=1", false),
        (long.as_str(), false),
    ];
    sim.simulator.register(App {
        platform: "tiktok".into(),
        client_id: "ttapp".into(),
        client_secret: "ttapp-secret".into(),
        redirect_uris: cases.iter().map(|(uri, _)| (*uri).to_owned()).collect(),
        notices: BTreeMap::new(),
    });
    for (uri, taken) in cases {
        let reply = sim.tt_approve(&[("redirect_uri", uri)], &[]).await;
        assert_eq!(reply.status == 302, taken, "{uri}");
    }
}

#[tokio::test]
async fn tiktok_tells_the_granted_scopes_beside_a_code_that_must_be_decoded() {
    let sim = start().await;
    let back = sim.tt_approve(&[], &[]).await;
    let code = back.code();
    assert!(code.starts_with("TTCANARYCODE0") && code.ends_with("*0!4242.e1"), "{code}");
    let raw = code.replace('!', "%21");
    let expected = format!("{BACK}?code={raw}&scopes={}&state=s-1", SCOPES.replace(',', "%2C"));
    assert_eq!(back.location(), expected);
    assert_eq!(sim.tt_exchange(&raw, &[]).await.tt_oauth_error(), refused("invalid_grant"), "not decoded");
    assert_eq!(sim.tt_exchange(&code, &[]).await.status, 200);
    let part = sim.tt_approve(&[], &[("scope", "user.info.stats")]).await;
    assert!(part.location().contains("&scopes=user.info.basic%2Cuser.info.stats&"), "{part:?}");
    assert_eq!(sim.tt_exchange(&part.code(), &[]).await.str("scope"), "user.info.basic,user.info.stats");
    let none = sim.tt_approve(&[], &[("boxes", "shown")]).await;
    assert_eq!(sim.tt_exchange(&none.code(), &[]).await.str("scope"), "user.info.basic");
    let denied = sim.tt_approve(&[], &[("decision", "deny")]).await;
    let denied = denied.location();
    assert!(denied.starts_with(&format!("{BACK}?error=access_denied&error_description=")), "{denied}");
    assert!(denied.contains("&error_type=") && denied.ends_with("&state=s-1"), "{denied}");
}

#[tokio::test]
async fn tiktok_asks_nobody_again_unless_it_is_told_to() {
    let sim = start().await;
    let page = async |changed: Pairs<'_>| sim.get(&format!("{AUTHORIZE}?{}", Sim::tt_request(changed)), &[]).await;
    let auto = [("disable_auto_auth", "")];
    assert_eq!(page(&auto).await.status, 200, "nobody is signed in");
    sim.tt_pair("agency").await;
    assert_eq!(page(&[]).await.status, 200, "the app wants the page");
    let again = page(&auto).await;
    let access = sim.tt_exchange(&again.code(), &[]).await.str("access_token");
    let name = sim.tt_user(&access, "username").await.json()["data"]["user"]["username"].clone();
    assert_eq!(name, "agency", "who is signed in");
    let more = format!("{SCOPES},video.publish");
    assert_eq!(page(&[auto[0], ("scope", more.as_str())]).await.status, 200, "a scope is new");
    assert_eq!(page(&[auto[0], ("client_key", "ttother")]).await.status, 200, "another app");
    sim.event("tiktok", "agency", "revoke", json!({})).await;
    assert_eq!(page(&auto).await.status, 200, "it is no longer connected");
}

#[tokio::test]
async fn tiktok_gives_a_pair_for_a_code_once_and_within_ten_minutes() {
    let sim = start().await;
    let code = sim.tt_code("acme").await;
    sim.pass(599);
    let reply = sim.tt_exchange(&code, &[]).await;
    let example = json!({
        "access_token": "act.fakeAccess0001!4242.e1", "expires_in": 7200, "open_id": "-000fakeOpenId0001",
        "refresh_expires_in": 15_552_000, "refresh_token": "rft.fakeRefresh0001!4242.e1",
        "scope": "user.info.basic,user.info.profile,user.info.stats,video.list", "token_type": "Bearer",
    });
    let body = reply.json();
    assert_eq!((reply.status, shape(&body)), (200, shape(&example)));
    for same in ["expires_in", "refresh_expires_in", "scope", "token_type"] {
        assert_eq!(body[same], example[same], "{same}");
    }
    assert!(
        reply.str("access_token").starts_with("act.CANARY") && reply.str("refresh_token").starts_with("rft.CANARY")
    );
    let again = sim.tt_exchange(&code, &[]).await;
    let example =
        json!({ "error": "invalid_grant", "error_description": "Authorization code is expired.", "log_id": "" });
    assert_eq!(again.tt_oauth_error(), refused("invalid_grant"));
    assert_eq!(
        (shape(&again.json()), &again.json()["error_description"]),
        (shape(&example), &example["error_description"])
    );
    let late = sim.tt_code("acme").await;
    sim.pass(600);
    assert_eq!(sim.tt_exchange(&late, &[]).await.tt_oauth_error(), refused("invalid_grant"));
}

#[tokio::test]
async fn tiktok_binds_a_code_to_key_secret_and_redirect() {
    let sim = start().await;
    let code = sim.tt_code("acme").await;
    let elsewhere = format!("{BACK}/other");
    let cases = [
        ("client_key", "", "invalid_request"),
        ("client_key", "nobody", "invalid_client"),
        ("client_key", "xapp", "invalid_client"),
        ("client_secret", "", "invalid_request"),
        ("client_secret", "wrong", "invalid_client"),
        ("grant_type", "", "invalid_request"),
        ("grant_type", "client_credentials", "unsupported_grant_type"),
        ("code", "", "invalid_request"),
        ("code", "garbage", "invalid_grant"),
        ("redirect_uri", "", "invalid_request"),
        ("redirect_uri", &elsewhere, "invalid_request"),
    ];
    for (name, value, error) in cases {
        assert_eq!(sim.tt_exchange(&code, &[(name, value)]).await.tt_oauth_error(), refused(error), "{name}={value}");
    }
    let other = [("client_key", "ttother"), ("client_secret", "ttother-secret")];
    assert_eq!(sim.tt_exchange(&code, &other).await.tt_oauth_error(), refused("invalid_grant"));
    let by_id = sim.tt_exchange(&code, &[("client_key", ""), ("client_id", "ttapp")]).await;
    assert_eq!(by_id.tt_oauth_error(), refused("invalid_request"));
    assert!(by_id.text.contains("client_key"));

    let url = sim.url(&format!("{API}/oauth/token/"));
    let right = [
        ("client_key", "ttapp"),
        ("client_secret", "ttapp-secret"),
        ("grant_type", "authorization_code"),
        ("redirect_uri", BACK),
        ("code", &code),
    ];
    let object: serde_json::Map<_, _> = right.iter().map(|(n, v)| ((*n).to_owned(), json!(v))).collect();
    for wrong in [
        sim.http.post(&url).json(&object),
        sim.http.post(format!("{url}?{}", query(&right))),
        sim.http.post(&url).basic_auth("ttapp", Some("ttapp-secret")).form(&right[2..]),
    ] {
        assert_eq!(sim.send(wrong).await.tt_oauth_error(), refused("invalid_request"));
    }
    assert_eq!(sim.get(&format!("{API}/oauth/token/"), &right).await.status, 404);
    assert_eq!(sim.post(&format!("{API}/oauth/token"), &right).await.status, 404, "the slash");
    assert_eq!(sim.journal().await.last().unwrap()["documented"], false);
    assert_eq!(sim.tt_exchange(&code, &[]).await.status, 200, "no wrong call uses it up");
}

#[tokio::test]
async fn tiktok_refuses_with_status_two_hundred_where_a_test_asks_for_it() {
    let sim = start().await;
    for status in [200, 400, 401] {
        sim.fault("tiktok", "token", &format!("oauth_status:{status}")).await;
        assert_eq!(sim.tt_refresh("garbage").await.tt_oauth_error(), (status, "invalid_grant".to_owned()));
    }
    sim.fault("tiktok", "token", "oauth_status:200").await;
    let (_, refresh) = sim.tt_pair("acme").await;
    assert_eq!(sim.tt_refresh(&refresh).await.json()["expires_in"], 7_200, "what is right stays as it is");
}

#[tokio::test]
async fn tiktok_wants_a_desktop_apps_challenge_as_hex() {
    let sim = start().await;
    let on = json!({ "platform": "tiktok", "route": "authorize", "kind": "desktop_kit" });
    assert_eq!(sim.sim("POST", "faults", on).await.status, 201);
    let s256 = ("code_challenge_method", "S256");
    sim.tt_approve(&[], &[]).await.is_error_page();
    sim.tt_approve(&[s256, ("code_challenge", crate::harness::CHALLENGE)], &[]).await.is_error_page();
    sim.tt_approve(&[("code_challenge", HEX)], &[]).await.is_error_page();
    let code = sim.tt_approve(&[s256, ("code_challenge", HEX)], &[]).await.code();
    for verifier in ["", "wrong", HEX] {
        let reply = sim.tt_exchange(&code, &[("code_verifier", verifier)]).await;
        assert_eq!(reply.tt_oauth_error(), refused("invalid_request"));
        assert!(reply.text.contains("Code verifier or code challenge is invalid"));
    }
    assert_eq!(sim.tt_exchange(&code, &[("code_verifier", VERIFIER)]).await.status, 200);
    assert_eq!(sim.sim("DELETE", "faults", json!(null)).await.status, 204);
    let code = sim.tt_approve(&[s256, ("code_challenge", "ignored")], &[]).await.code();
    assert_eq!(sim.tt_exchange(&code, &[("code_verifier", "whatever")]).await.status, 200, "the web kit looks at none");
}

#[tokio::test]
async fn tiktok_rotates_and_the_old_refresh_token_is_dead_at_once() {
    let sim = start().await;
    let (access, first) = sim.tt_pair("acme").await;
    sim.pass(7_199);
    assert_eq!(sim.tt_user(&access, "open_id").await.status, 200);
    sim.pass(1);
    assert_eq!(sim.tt_user(&access, "open_id").await.status, 401);
    let renewed = sim.tt_refresh(&first).await;
    assert_eq!((renewed.status, &renewed.json()["scope"]), (200, &json!(SCOPES)));
    let second = renewed.str("refresh_token");
    assert_ne!(second, first);
    let reused = sim.tt_refresh(&first).await;
    assert_eq!(reused.tt_oauth_error(), refused("invalid_grant"));
    assert_eq!(reused.str("error_description"), "Refresh token is invalid or expired.");
    let access = renewed.str("access_token");
    assert_eq!(sim.tt_user(&access, "open_id").await.status, 200, "nothing else dies with it");
    sim.pass(180 * DAY - 1);
    let third = sim.tt_refresh(&second).await.str("refresh_token");
    sim.pass(180 * DAY);
    assert_eq!(sim.tt_refresh(&third).await.tt_oauth_error(), refused("invalid_grant"), "each has its own end");
}

#[tokio::test]
async fn tiktok_lets_one_of_two_simultaneous_refreshes_win() {
    let sim = start().await;
    let (_, refresh) = sim.tt_pair("acme").await;
    let (one, two) = tokio::join!(sim.tt_refresh(&refresh), sim.tt_refresh(&refresh));
    let (won, lost) = if one.status == 200 { (one, two) } else { (two, one) };
    assert_eq!((won.status, lost.tt_oauth_error()), (200, refused("invalid_grant")));
    assert_eq!(sim.tt_refresh(&won.str("refresh_token")).await.status, 200, "the heir lives");
}

#[tokio::test]
async fn tiktok_had_other_lifetimes_once() {
    let sim = start().await;
    let on = json!({ "platform": "tiktok", "route": "token", "kind": "old_lifetimes" });
    assert_eq!(sim.sim("POST", "faults", on).await.status, 201);
    let code = sim.tt_code("acme").await;
    let reply = sim.tt_exchange(&code, &[]).await;
    assert_eq!((&reply.json()["expires_in"], &reply.json()["refresh_expires_in"]), (&json!(DAY), &json!(365 * DAY)));
    sim.pass(DAY - 1);
    assert_eq!(sim.tt_user(&reply.str("access_token"), "open_id").await.status, 200);
    sim.pass(1);
    assert_eq!(sim.tt_user(&reply.str("access_token"), "open_id").await.status, 401);
    sim.pass(363 * DAY);
    assert_eq!(sim.tt_refresh(&reply.str("refresh_token")).await.status, 200);
}

#[tokio::test]
async fn tiktok_rotates_even_when_the_answer_is_lost() {
    let sim = start().await;
    let (_, refresh) = sim.tt_pair("acme").await;
    sim.fault("tiktok", "token", "answer_lost").await;
    let form = [
        ("client_key", "ttapp"),
        ("client_secret", "ttapp-secret"),
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh.as_str()),
    ];
    let url = sim.url(&format!("{API}/oauth/token/"));
    assert!(sim.http.post(url).form(&form).send().await.is_err(), "no answer arrives");
    assert_eq!(sim.journal().await.pop().unwrap()["outcome"], "refreshed");
    assert_eq!(sim.tt_refresh(&refresh).await.tt_oauth_error(), refused("invalid_grant"));
}

#[tokio::test]
async fn tiktok_refreshes_only_for_the_app_that_owns_the_token() {
    let sim = start().await;
    let (access, refresh) = sim.tt_pair("acme").await;
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
    let other = [("client_key", "ttother"), ("client_secret", "ttother-secret")];
    assert_eq!(sim.tt_oauth("token", &form, &other).await.tt_oauth_error(), refused("invalid_grant"));
    assert_eq!(sim.tt_refresh(&access).await.tt_oauth_error(), refused("invalid_grant"));
    assert_eq!(sim.tt_refresh("").await.tt_oauth_error(), refused("invalid_request"));
    sim.fault("tiktok", "token", "invalid_grant").await;
    assert_eq!(sim.tt_refresh(&refresh).await.tt_oauth_error(), refused("invalid_grant"));
    sim.fault("tiktok", "token", "no_expires_in").await;
    let renewed = sim.tt_refresh(&refresh).await.json();
    assert!(renewed.get("expires_in").is_none() && renewed["refresh_expires_in"].is_u64());
}

#[tokio::test]
async fn tiktok_disconnects_the_app_from_the_account_when_one_token_is_revoked() {
    let sim = start().await;
    let (access, _) = sim.tt_pair("acme").await;
    let (sibling, refresh) = sim.tt_pair("acme").await;
    let (unhurt, _) = sim.tt_pair("agency").await;
    let revoke = async |token: &str, changed: Pairs<'_>| sim.tt_oauth("revoke", &[("token", token)], changed).await;
    let other = [("client_key", "ttother"), ("client_secret", "ttother-secret")];
    assert_eq!(revoke(&access, &other).await.tt_oauth_error(), refused("invalid_request"));
    assert_eq!(revoke(&access, &[("client_secret", "wrong")]).await.tt_oauth_error(), refused("invalid_client"));
    assert_eq!(revoke("garbage", &[]).await.tt_oauth_error(), refused("invalid_request"));
    assert_eq!(revoke("", &[]).await.tt_oauth_error(), refused("invalid_request"));
    assert_eq!(sim.tt_user(&access, "open_id").await.status, 200);
    let done = revoke(&access, &[]).await;
    assert_eq!((done.status, done.text.as_str()), (200, "{}"));
    for dead in [&access, &sibling] {
        assert_eq!(sim.tt_user(dead, "open_id").await.status, 401, "the whole connection");
    }
    assert_eq!(sim.tt_refresh(&refresh).await.tt_oauth_error(), refused("invalid_grant"));
    assert_eq!(sim.tt_user(&unhurt, "open_id").await.status, 200);
    assert_eq!(revoke(&access, &[]).await.status, 200, "once more changes nothing");
}
