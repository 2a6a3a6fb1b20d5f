//! What a browser's cookie opens cannot be posted by a page of another site.

use reqwest::{Method, RequestBuilder};
use serde_json::json;
use tests::{World, send};

/// Headers by which a browser says that a form comes from elsewhere.
const FOREIGN: [&[(&str, &str)]; 16] = [
    &[("origin", "https://evil.example")],
    &[("origin", "null")],
    &[("origin", "")],
    &[("origin", "{simulator}")],
    &[("origin", "{product}/")],
    &[("origin", "{product}.evil.example")],
    &[("origin", "{product}0")],
    &[("origin", "{https}")],
    &[("origin", "{product}"), ("origin", "https://evil.example")],
    &[("sec-fetch-site", "cross-site")],
    &[("sec-fetch-site", "same-site")],
    &[("sec-fetch-site", "none")],
    &[("sec-fetch-site", "")],
    &[("origin", "{product}"), ("sec-fetch-site", "cross-site")],
    &[("origin", "https://evil.example"), ("sec-fetch-site", "same-origin")],
    &[("origin", "{product}"), ("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
];

/// What a form of another site can be sent as without being asked first, and what no form is.
const KINDS: [&str; 8] = [
    "text/plain",
    "text/plain; charset=utf-8",
    "multipart/form-data; boundary=x",
    "application/json",
    "application/x-www-form-urlencodedx",
    "application/x-www-form-urlencoded, text/plain",
    "application/x-www-form-urlencoded; charset=utf-16",
    "x",
];

/// A signed-in browser's posts and the field that its forms bear.
struct Victim {
    world: World,
    cookie: String,
    csrf: String,
    posts: Vec<String>,
}

impl Victim {
    async fn sign_in() -> Self {
        let world = World::start().await;
        let owner = world.owner("ws_1");
        let nobody = world.nobody();
        let account = world.connect(&owner, "x", "acme").await.remove(0);
        let waiting = world.consent(&owner, json!({"platform": "facebook"}), "acme-team").await;
        let waiting = waiting["id"].as_str().expect("an id");
        let started = owner.post("/v1/workspaces/ws_1/connect-sessions", json!({"platform": "x"})).await;
        let started = started.body["id"].as_str().expect("an id");
        let link = owner.post("/v1/workspaces/ws_1/easyconnect-links", json!({"title": "Onboarding"})).await;
        let link = link.body["id"].as_str().expect("an id");
        let signed_in = send(nobody.call(Method::GET, "/console/sign-in?workspace=ws_1")).await;
        let cookie = signed_in.header("set-cookie").and_then(|c| c.split(';').next()).expect("a cookie").to_owned();
        let page = send(nobody.call(Method::GET, "/console").header("cookie", &cookie)).await;
        let csrf = page.text.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let csrf = csrf.expect("a form").to_owned();
        let posts = vec![
            "/console/connect".to_owned(),
            format!("/console/accounts/{account}/main"),
            format!("/console/accounts/{account}/disconnect"),
            format!("/console/accounts/{account}/remove"),
            format!("/console/sessions/{waiting}/selection"),
            format!("/console/sessions/{waiting}/cancel"),
            format!("/console/sessions/{started}/handoff"),
            "/console/settings".to_owned(),
            format!("/console/accounts/{account}/reconnect-link"),
            format!("/console/accounts/{account}/sync"),
            "/console/links".to_owned(),
            format!("/console/links/{link}/enabled"),
            format!("/console/links/{link}/send"),
            format!("/console/links/{link}/rotate"),
            format!("/console/links/{link}/delete"),
            format!("/v1/oauth/start/{started}"),
        ];
        Self { world, cookie, csrf, posts }
    }

    fn post(&self, path: &str) -> RequestBuilder {
        self.world.nobody().call(Method::POST, path).header("cookie", &self.cookie)
    }

    /// All that a form of ours would send.
    fn fields(&self) -> String {
        format!("csrf={}&platform=x&done=true", self.csrf)
    }

    fn value(&self, text: &str) -> String {
        let (product, simulator) = (&self.world.product, &self.world.simulator);
        text.replace("{https}", &product.replace("http://", "https://"))
            .replace("{product}", product)
            .replace("{simulator}", simulator)
    }
}

/// CHK-P17: even with the field that only our own pages know.
#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_another_site_is_refused() {
    let victim = Victim::sign_in().await;
    let before = victim.world.dump().await;
    for path in &victim.posts {
        for foreign in FOREIGN {
            let post = victim.post(path).header("content-type", "application/x-www-form-urlencoded");
            let post = foreign.iter().fold(post, |post, (name, value)| post.header(*name, victim.value(value)));
            let refused = send(post.body(victim.fields())).await;
            assert_eq!(refused.status, 403, "{path} {foreign:?}: {}", refused.text);
            refused.is_problem(403, "permission_denied");
            assert_eq!(refused.header("set-cookie"), None);
        }
    }
    assert_eq!(victim.world.dump().await, before);
}

/// CHK-P17: what is no form is none, though it comes from our own page.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_no_form_is_refused() {
    let victim = Victim::sign_in().await;
    let before = victim.world.dump().await;
    for path in &victim.posts {
        for kind in KINDS {
            let own = victim.post(path).header("origin", &victim.world.product).header("sec-fetch-site", "same-origin");
            let refused = send(own.header("content-type", kind).body(victim.fields())).await;
            assert_eq!(refused.status, 415, "{path} {kind}: {}", refused.text);
            refused.is_problem(415, "media_type_unsupported");
        }
    }
    assert_eq!(victim.world.dump().await, before);
    // The same fields as a form have their effect.
    let connect = victim.post(&victim.posts[0]).header("origin", &victim.world.product);
    let form = connect.header("content-type", "application/x-www-form-urlencoded").body(victim.fields());
    assert_eq!(send(form).await.status, 303);
}

/// CHK-P17: a cookie is worth nothing at the API, and opening an address changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_opens_pages_only_and_opening_changes_nothing() {
    let victim = Victim::sign_in().await;
    let before = victim.world.dump().await;
    for (method, path) in [
        (Method::GET, "/v1/workspaces/ws_1/accounts"),
        (Method::POST, "/v1/workspaces/ws_1/connect-sessions"),
        (Method::GET, "/v1/platforms"),
    ] {
        let call = victim.world.nobody().call(method, path).header("cookie", &victim.cookie);
        send(call.header("sec-fetch-site", "same-origin")).await.is_problem(401, "unauthenticated");
    }
    for path in &victim.posts {
        let opened = victim.world.nobody().call(Method::GET, &format!("{path}?{}", victim.fields()));
        let opened = send(opened.header("cookie", &victim.cookie)).await;
        assert!(matches!(opened.status, 200 | 400 | 405), "{path}: {}", opened.status);
    }
    assert_eq!(victim.world.dump().await, before);
}
