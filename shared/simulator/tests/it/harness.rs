//! A served simulator on a manual clock, and a client that follows nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use simulator::{App, Options, Simulator};

pub const BACK: &str = "https://mooring.example/callback";
pub const OTHER_BACK: &str = "https://mooring.example/callback/other";
pub const FB: &str = "/graph.facebook.com/v26.0";
pub const DIALOG: &str = "/www.facebook.com/v26.0/dialog/oauth";
pub const AUTHORIZE: &str = "/x.com/i/oauth2/authorize";
pub const X_API: &str = "/api.x.com/2";
/// RFC 7636, appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub const FB_SCOPES: &str =
    "public_profile,email,pages_show_list,business_management,pages_manage_posts,pages_read_engagement,read_insights";
/// What an app asks for Instagram accounts that are linked to pages.
pub const FB_IG_SCOPES: &str = "public_profile,pages_show_list,pages_read_engagement,business_management,instagram_basic,instagram_content_publish,instagram_manage_insights,instagram_manage_comments";
pub const IG_AUTHORIZE: &str = "/www.instagram.com/oauth/authorize";
pub const IG_TOKEN: &str = "/api.instagram.com/oauth/access_token";
pub const IG: &str = "/graph.instagram.com";
pub const IG_SCOPES: &str =
    "instagram_business_basic,instagram_business_content_publish,instagram_business_manage_insights";
pub const X_SCOPES: &str = "users.read tweet.read tweet.write offline.access";

pub type Pairs<'a> = &'a [(&'a str, &'a str)];

pub struct Sim {
    pub base: String,
    pub http: reqwest::Client,
    pub simulator: Simulator,
    clock: Arc<Mutex<Timestamp>>,
}

#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

pub fn query(pairs: Pairs) -> String {
    serde_urlencoded::to_string(pairs).unwrap()
}

/// `pairs` with some changed; an empty value takes the pair away.
pub fn but<'a>(pairs: Pairs<'a>, changed: Pairs<'a>) -> Vec<(&'a str, &'a str)> {
    let mut all: Vec<(&str, &str)> =
        pairs.iter().filter(|(name, _)| !changed.iter().any(|(other, _)| name == other)).copied().collect();
    all.extend(changed.iter().filter(|(_, value)| !value.is_empty()));
    all
}

/// A JSON document with nothing left of each value but its type. An array is
/// as its first.
pub fn shape(value: &Value) -> Value {
    match value {
        Value::Object(map) => map.iter().map(|(name, value)| (name.clone(), shape(value))).collect(),
        Value::Array(all) => all.iter().take(1).map(shape).collect(),
        Value::String(_) => json!("string"),
        Value::Number(_) => json!("number"),
        Value::Bool(_) => json!("bool"),
        Value::Null => json!(null),
    }
}

impl Reply {
    async fn of(response: reqwest::Response) -> Self {
        Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.text().await.unwrap(),
        }
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }

    pub fn location(&self) -> &str {
        assert_eq!(self.status, 302, "{self:?}");
        self.header("location")
    }

    pub fn code(&self) -> String {
        let url = url::Url::parse(self.location()).unwrap();
        let code = url.query_pairs().find(|(name, _)| name == "code");
        code.expect("a code").1.into_owned()
    }

    pub fn str(&self, name: &str) -> String {
        let value = self.json()[name].as_str().map(ToOwned::to_owned);
        value.unwrap_or_else(|| panic!("no `{name}`: {self:?}"))
    }

    /// A page that keeps the person instead of sending them back.
    #[track_caller]
    pub fn is_error_page(&self) {
        assert_eq!(self.status, 400, "{self:?}");
        assert!(self.header("content-type").starts_with("text/html"));
        assert_eq!(self.header("location"), "");
    }

    /// Status, code and subcode of the Graph API's error envelope.
    pub fn graph_error(&self) -> (u16, u64, Option<u64>) {
        let error = &self.json()["error"];
        assert!(error["message"].is_string() && error["fbtrace_id"].is_string(), "{self:?}");
        (self.status, error["code"].as_u64().unwrap(), error["error_subcode"].as_u64())
    }

    /// Status and message of Instagram's token host, whose envelope is its own.
    #[track_caller]
    pub fn instagram_error(&self) -> (u16, String) {
        let body = self.json();
        assert_eq!((&body["error_type"], &body["code"]), (&json!("OAuthException"), &json!(self.status)));
        (self.status, self.str("error_message"))
    }

    /// Status, error and description of X's token endpoint.
    pub fn oauth_error(&self) -> (u16, String, String) {
        (self.status, self.str("error"), self.str("error_description"))
    }
}

impl Sim {
    /// With apps on a platform, each of which has a secret named after it.
    pub async fn with_apps(platform: &str, ids: [&str; 2], redirect_uris: &[&str]) -> Self {
        let sim = Self::start().await;
        for id in ids {
            sim.simulator.register(App {
                platform: platform.into(),
                client_id: id.into(),
                client_secret: format!("{id}-secret"),
                redirect_uris: redirect_uris.iter().map(|uri| (*uri).to_owned()).collect(),
                notices: BTreeMap::new(),
            });
        }
        sim
    }

    pub async fn start() -> Self {
        Self::seeded(7).await
    }

    pub async fn seeded(seed: u64) -> Self {
        let start: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        let clock = Arc::new(Mutex::new(start));
        let wall = Arc::clone(&clock);
        let simulator = Simulator::new(Options { seed, wall: Arc::new(move || *wall.lock().unwrap()) });
        for (platform, id) in [
            ("facebook", "1001"),
            ("facebook", "1002"),
            ("instagram", "2001"),
            ("instagram", "2002"),
            ("x", "xapp"),
            ("x", "xother"),
        ] {
            simulator.register(App {
                platform: platform.into(),
                client_id: id.into(),
                client_secret: format!("{id}-secret"),
                redirect_uris: vec![BACK.into(), format!("{BACK}/other")],
                notices: BTreeMap::new(),
            });
        }
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let router = simulator.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        #[expect(clippy::disallowed_methods, reason = "tests call from outside, as anybody does")]
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
        Self { base, http, simulator, clock }
    }

    /// Moves the wall, as time does.
    pub fn pass(&self, seconds: i64) {
        let mut clock = self.clock.lock().unwrap();
        *clock += SignedDuration::from_secs(seconds);
    }

    pub fn url(&self, path: &str) -> String {
        if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.base) }
    }

    pub async fn send(&self, request: reqwest::RequestBuilder) -> Reply {
        Reply::of(request.send().await.unwrap()).await
    }

    pub async fn get(&self, path: &str, pairs: Pairs<'_>) -> Reply {
        let mark = if path.contains('?') { '&' } else { '?' };
        let url = format!("{}{mark}{}", self.url(path), query(pairs));
        let url = url.trim_end_matches(['?', '&']);
        self.send(self.http.get(url)).await
    }

    pub async fn post(&self, path: &str, pairs: Pairs<'_>) -> Reply {
        self.send(self.http.post(self.url(path)).form(pairs)).await
    }

    pub async fn sim(&self, method: &str, path: &str, body: Value) -> Reply {
        let method = method.parse().unwrap();
        let url = self.url(&format!("/_sim/{path}"));
        self.send(self.http.request(method, url).json(&body)).await
    }

    pub async fn fault(&self, platform: &str, route: &str, kind: &str) {
        let body = json!({ "platform": platform, "route": route, "kind": kind, "times": 1 });
        let reply = self.sim("POST", "faults", body).await;
        assert_eq!(reply.status, 201, "{reply:?}");
    }

    pub async fn event(&self, platform: &str, account: &str, kind: &str, more: Value) -> u16 {
        let mut body = json!({ "platform": platform, "account": account, "kind": kind });
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        self.sim("POST", "events", body).await.status
    }

    pub async fn journal(&self) -> Vec<Value> {
        let reply = self.get("/_sim/journal", &[]).await;
        reply.json()["data"].as_array().unwrap().clone()
    }

    // Facebook

    /// Posts the dialog's form as a program does.
    pub async fn fb_dialog(&self, app: &str, scopes: &str, answers: Pairs<'_>) -> Reply {
        let request = query(&[
            ("client_id", app),
            ("redirect_uri", BACK),
            ("response_type", "code"),
            ("state", "s-1"),
            ("scope", scopes),
        ]);
        let answers = but(&[("decision", "approve")], answers);
        self.post(&format!("{DIALOG}?{request}"), &answers).await
    }

    pub async fn fb_token(&self, app: &str, changed: Pairs<'_>) -> Reply {
        let secret = format!("{app}-secret");
        let right = [("client_id", app), ("client_secret", secret.as_str()), ("redirect_uri", BACK)];
        self.get(&format!("{FB}/oauth/access_token"), &but(&right, changed)).await
    }

    pub async fn fb_short(&self, person: &str) -> String {
        let code = self.fb_dialog("1001", FB_SCOPES, &[("person", person)]).await.code();
        self.fb_token("1001", &[("code", &code)]).await.str("access_token")
    }

    pub async fn fb_long_of(&self, app: &str, short: &str) -> Reply {
        let params = [("grant_type", "fb_exchange_token"), ("redirect_uri", ""), ("fb_exchange_token", short)];
        self.fb_token(app, &params).await
    }

    pub async fn fb_long(&self, person: &str) -> String {
        let short = self.fb_short(person).await;
        self.fb_long_of("1001", &short).await.str("access_token")
    }

    pub async fn graph(&self, path: &str, token: &str, pairs: Pairs<'_>) -> Reply {
        self.get(&format!("{FB}/{path}"), &but(pairs, &[("access_token", token)])).await
    }

    /// Id and token of the person's first listed page.
    pub async fn fb_page(&self, user: &str) -> (String, String) {
        let fields = [("fields", "id,access_token")];
        let listing = self.graph("me/accounts", user, &fields).await.json();
        let page = &listing["data"][0];
        (page["id"].as_str().unwrap().to_owned(), page["access_token"].as_str().unwrap().to_owned())
    }

    pub async fn debug(&self, token: &str) -> Value {
        let reply = self.graph("debug_token", "1001|1001-secret", &[("input_token", token)]).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.json()["data"].clone()
    }

    // Instagram through Facebook Login

    /// A long-lived user token with Instagram's scopes.
    pub async fn fb_ig(&self, person: &str) -> String {
        let code = self.fb_dialog("1001", FB_IG_SCOPES, &[("person", person)]).await.code();
        let short = self.fb_token("1001", &[("code", &code)]).await.str("access_token");
        self.fb_long_of("1001", &short).await.str("access_token")
    }

    // Instagram Login

    pub fn ig_request(changed: Pairs) -> String {
        let right = [
            ("client_id", "2001"),
            ("redirect_uri", BACK),
            ("response_type", "code"),
            ("scope", IG_SCOPES),
            ("state", "s-1"),
        ];
        query(&but(&right, changed))
    }

    pub async fn ig_approve(&self, changed: Pairs<'_>, answers: Pairs<'_>) -> Reply {
        let path = format!("{IG_AUTHORIZE}?{}", Self::ig_request(changed));
        self.post(&path, &but(&[("decision", "approve")], answers)).await
    }

    pub async fn ig_code(&self, person: &str) -> String {
        self.ig_approve(&[], &[("person", person)]).await.code()
    }

    /// A code exchange with some parameters changed.
    pub async fn ig_exchange(&self, code: &str, changed: Pairs<'_>) -> Reply {
        let right = [
            ("client_id", "2001"),
            ("client_secret", "2001-secret"),
            ("grant_type", "authorization_code"),
            ("redirect_uri", BACK),
            ("code", code),
        ];
        self.post(IG_TOKEN, &but(&right, changed)).await
    }

    pub async fn ig_short(&self, person: &str) -> String {
        let code = self.ig_code(person).await;
        self.ig_exchange(&code, &[]).await.str("access_token")
    }

    pub async fn ig_long_of(&self, short: &str, changed: Pairs<'_>) -> Reply {
        let right = [("grant_type", "ig_exchange_token"), ("client_secret", "2001-secret"), ("access_token", short)];
        self.get(&format!("{IG}/access_token"), &but(&right, changed)).await
    }

    pub async fn ig_long(&self, person: &str) -> String {
        let short = self.ig_short(person).await;
        self.ig_long_of(&short, &[]).await.str("access_token")
    }

    pub async fn ig_refresh(&self, long: &str) -> Reply {
        let pairs = [("grant_type", "ig_refresh_token"), ("access_token", long)];
        self.get(&format!("{IG}/refresh_access_token"), &pairs).await
    }

    pub async fn ig(&self, path: &str, token: &str, pairs: Pairs<'_>) -> Reply {
        self.get(&format!("{IG}/v26.0/{path}"), &but(pairs, &[("access_token", token)])).await
    }

    // X

    pub fn x_request(changed: Pairs) -> String {
        let right = [
            ("response_type", "code"),
            ("client_id", "xapp"),
            ("redirect_uri", BACK),
            ("scope", X_SCOPES),
            ("state", "s-1"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        query(&but(&right, changed))
    }

    pub async fn x_approve(&self, changed: Pairs<'_>, answers: Pairs<'_>) -> Reply {
        let path = format!("{AUTHORIZE}?{}", Self::x_request(changed));
        self.post(&path, &but(&[("decision", "approve")], answers)).await
    }

    pub async fn x_code(&self) -> String {
        self.x_approve(&[], &[]).await.code()
    }

    pub fn x_post(&self, path: &str) -> reqwest::RequestBuilder {
        let url = self.url(&format!("{X_API}/oauth2/{path}"));
        self.http.post(url).basic_auth("xapp", Some("xapp-secret"))
    }

    /// A code exchange with some parameters changed.
    pub async fn x_exchange(&self, code: &str, changed: Pairs<'_>) -> Reply {
        let right =
            [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", BACK), ("code_verifier", VERIFIER)];
        self.send(self.x_post("token").form(&but(&right, changed))).await
    }

    /// Access and refresh token of a person.
    pub async fn x_pair(&self, person: &str) -> (String, String) {
        let code = self.x_approve(&[], &[("person", person)]).await.code();
        let reply = self.x_exchange(&code, &[]).await;
        (reply.str("access_token"), reply.str("refresh_token"))
    }

    pub async fn x_refresh(&self, token: &str) -> Reply {
        let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.send(self.x_post("token").form(&form)).await
    }

    pub async fn x_me(&self, access: &str, query: &str) -> Reply {
        let url = self.url(&format!("{X_API}/users/me{query}"));
        self.send(self.http.get(url).bearer_auth(access)).await
    }
}
