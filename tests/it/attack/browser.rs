//! Whose browser it is that comes back.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{Method, Request, Response},
};
use domain::Timestamp;
use local::{Places, Setup, Stack, Storage};
use platforms::AppsFile;
use reqwest::header::HeaderMap;
use serde_json::json;
use tests::{BEGINNING, World, send};
use tower::ServiceExt as _;

use super::{Answered, PLATFORMS, accounts, ask, cookie_name, harmless, make, on, shows_problem};

/// CHK-A1
#[tokio::test(flavor = "multi_thread")]
async fn a_consent_given_in_another_browser_connects_nothing() {
    let world = World::start().await;
    let attacker = world.owner("ws_evil");
    for round in 0..100 {
        let (own, victim) = (world.browser(), world.browser());
        let (id, start_url) = make(&attacker, on(PLATFORMS[round % 2])).await;
        let authorize = own.press_continue(&start_url).await;
        let person = format!("demo-{:02}", round % 12 + 1);
        let callback = victim.answer(&authorize, &[("person", &person), ("decision", "approve")]).await;
        // A planted cookie of that name does not help, whatever it says.
        match round % 4 {
            0 => victim.plant(&callback, &cookie_name(&id), ""),
            1 => victim.plant(&callback, &cookie_name(&id), "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
            _ => {}
        }
        shows_problem(&harmless(&world, victim.open(&callback)).await, 400, "state_invalid");
        harmless(&world, ask(&world, &victim, &callback)).await.is_problem(400, "state_invalid");
    }
    assert_eq!(world.calls("token").await, 0);
    assert_eq!(accounts(&attacker).await.len(), 0);
}

/// CHK-A1
#[tokio::test(flavor = "multi_thread")]
async fn opening_the_start_page_does_nothing() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let (_, start_url) = make(&owner, on("x")).await;
    let path = start_url.strip_prefix(&world.product).expect("ours");
    let agents = ["Slackbot-LinkExpanding 1.0", "facebookexternalhit/1.1", "Twitterbot/1.0", "Mozilla/5.0"];
    for round in 0..48 {
        let method = if round % 2 == 0 { Method::GET } else { Method::HEAD };
        let call = world.nobody().call(method, path).header("user-agent", agents[round % 4]);
        let call = if round % 3 == 0 { call.header("sec-purpose", "prefetch;prerender") } else { call };
        let answer = harmless(&world, send(call)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert!(answer.header("set-cookie").is_none() && answer.header("location").is_none());
    }
    // A form that was never answered binds nobody: its session is still new.
    let page = world.browser().open(&start_url).await;
    assert!(page.text.contains("ws_1") && page.text.contains("method=\"post\""), "it says who asks: {}", page.text);
}

/// CHK-A1
#[tokio::test(flavor = "multi_thread")]
async fn only_our_own_page_can_press_continue() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let (_, start_url) = make(&owner, on("facebook")).await;
    let path = start_url.strip_prefix(&world.product).expect("ours");
    let own = world.product.as_str();
    let foreign = [
        "null".to_owned(),
        "https://evil.example".to_owned(),
        world.simulator.clone(),
        own.replace("http://", "https://"),
        own.replace("127.0.0.1", "localhost"),
        own.replace("127.0.0.1", "app.127.0.0.1"),
        format!("{own}.evil.example"),
        format!("{own}/"),
        format!("{own}0"),
        format!(" {own}, https://evil.example"),
        own.replace("http://", "HTTP://"),
        String::new(),
    ];
    let sites = ["cross-site", "same-site", "none", "Same-Origin", ""];
    let mut forged: Vec<Vec<(&str, &str)>> = Vec::new();
    for origin in &foreign {
        forged.push(vec![("origin", origin)]);
        forged.push(vec![("origin", origin), ("sec-fetch-site", "same-origin")]);
        forged.push(vec![("origin", own), ("origin", origin), ("sec-fetch-site", "same-origin")]);
    }
    for site in sites {
        forged.push(vec![("sec-fetch-site", site)]);
        forged.push(vec![("origin", own), ("sec-fetch-site", site)]);
        forged.push(vec![("origin", own), ("sec-fetch-site", "same-origin"), ("sec-fetch-site", site)]);
    }
    forged.push(vec![("host", "evil.example"), ("origin", "http://evil.example")]);
    for headers in forged {
        let mut call = world.nobody().call(Method::POST, path);
        for (name, value) in &headers {
            call = call.header(*name, *value);
        }
        let answer = harmless(&world, send(call)).await;
        assert_eq!(answer.body["code"], "permission_denied", "{headers:?}");
        answer.is_problem(403, "permission_denied");
        assert!(answer.header("set-cookie").is_none(), "{headers:?}");
    }
    let victim = world.browser();
    let page = harmless(&world, victim.submit_from("https://evil.example", &start_url, &[])).await;
    shows_problem(&page, 403, "permission_denied");
    assert!(victim.cookies(&start_url).is_empty());
    // Our own page can.
    assert!(victim.press_continue(&start_url).await.starts_with(&world.simulator));
}

/// CHK-A2
#[tokio::test(flavor = "multi_thread")]
async fn an_attackers_callback_does_nothing_in_a_victims_browser() {
    let world = World::start().await;
    let (attacker, owner) = (world.owner("ws_evil"), world.owner("ws_1"));
    for platform in PLATFORMS {
        // The victim is signed in to the console and has attempts of their own under way.
        let own = Answered::by(&world, &owner, on(platform), "acme").await;
        let other = own.browser.press_continue(&make(&owner, on("facebook")).await.1).await;
        assert!(!other.is_empty());
        own.browser.go(&format!("{}/console/sign-in?workspace=ws_1", world.product)).await;
        assert!(own.browser.cookies(&world.product).len() >= 3);

        let sent = Answered::by(&world, &attacker, on(platform), "mallory").await;
        shows_problem(&harmless(&world, own.browser.open(&sent.callback)).await, 400, "state_invalid");
        harmless(&world, ask(&world, &own.browser, &sent.callback)).await.is_problem(400, "state_invalid");
        // Nor with the attacker's code under the victim's state from another browser.
        let mixed = with_param_of(&sent.callback, &own.callback);
        shows_problem(&harmless(&world, sent.browser.open(&mixed)).await, 400, "state_invalid");

        // The victim's own attempt still works, in the victim's own workspace.
        let landed = own.browser.open(&own.callback).await;
        assert_eq!(landed.status, 200, "{}", landed.text);
        assert_eq!(own.status(&owner).await["status"], "completed");
        let names: Vec<_> = accounts(&owner).await.iter().map(|a| a["name"].clone()).collect();
        assert!(names.iter().all(|name| name == "Acme"), "{names:?}");
    }
    assert_eq!(accounts(&attacker).await.len(), 0);
}

/// The address of `url` with the state of another.
fn with_param_of(url: &str, other: &str) -> String {
    super::with_param(url, "state", &super::param(other, "state"))
}

/// CHK-A2: a planted cookie cannot hide behind the right one.
#[tokio::test(flavor = "multi_thread")]
async fn two_cookies_of_one_name_are_none() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let attempt = Answered::by(&world, &owner, on("x"), "acme").await;
    let (name, value) = attempt.cookie();
    let path = attempt.callback.strip_prefix(&world.product).expect("ours");
    for line in [
        format!("{name}={value}; {name}=planted"),
        format!("{name}=planted; {name}={value}"),
        format!("{name}={value}; {name}={value}"),
        format!("{name}=\"{value}\""),
        format!("{name}={value}x"),
        format!("{}={value}", name.to_lowercase()),
        format!("__Host-{name}={value}"),
        name.clone(),
    ] {
        let call = world.nobody().call(Method::GET, path).header("cookie", &line);
        harmless(&world, send(call)).await.is_problem(400, "state_invalid");
    }
    assert_eq!(attempt.browser.open(&attempt.callback).await.status, 200);
    assert_eq!(attempt.status(&owner).await["status"], "completed");
}

/// CHK-A1: over https no other host can plant the cookie, no script can read it, and nothing in the table
/// would let a reader of the table come back in the browser's place.
#[tokio::test(flavor = "multi_thread")]
async fn over_https_the_binding_cookie_is_ours_alone() {
    let stack = secure().await;
    let token = stack.token(json!({"ws": "ws_1", "role": "owner", "sub": "u"})).expect("a token");
    let body = Body::from(r#"{"platform":"x"}"#);
    let made = Request::post("/v1/workspaces/ws_1/connect-sessions").header("content-type", "application/json");
    let made = made.header("authorization", format!("Bearer {}", token.expose())).body(body).expect("a request");
    let made = stack.router().oneshot(made).await.expect("an answer");
    let location = text(made.headers(), "location");
    let id = location.strip_prefix("/v1/connect-sessions/").expect("a session").to_owned();

    let start = Request::post(format!("/v1/oauth/start/{id}")).header("origin", "https://mooring.example");
    let start = start.header("sec-fetch-site", "same-origin").body(Body::empty()).expect("a request");
    let started = stack.router().oneshot(start).await.expect("an answer");
    let (pair, attributes) = text(started.headers(), "set-cookie").split_once("; ").map(owned).expect("attributes");
    assert_eq!(attributes, "Path=/; HttpOnly; SameSite=Lax; Max-Age=600; Secure");
    let (name, value) = pair.split_once('=').map(owned).expect("a value");
    assert_eq!(name, format!("__Host-{}", cookie_name(&id)));
    assert_eq!(value.len(), 43, "256 bits");

    let state = super::param(&text(started.headers(), "location"), "state");
    let table = serde_json::to_string(&stack.dump().await.expect("the table")).expect("JSON");
    let random = state.split_once('.').expect("two parts").1;
    assert!(table.contains(&id) && !table.contains(&value) && !table.contains(random));

    // Without the prefix anybody could have planted it.
    let before = stack.dump().await.expect("the table");
    for line in [format!("{}={value}", cookie_name(&id)), format!("{name}={value}; {name}={value}")] {
        let back = Request::get(format!("/v1/oauth/callback/x?state={state}&code=c")).header("cookie", line);
        let back = stack.router().oneshot(back.body(Body::empty()).expect("a request")).await.expect("an answer");
        assert_eq!(back.status(), 400);
    }
    assert_eq!(stack.dump().await.expect("the table"), before);
    let back = Request::get(format!("/v1/oauth/callback/x?state={state}&code=c")).header("cookie", pair);
    let back: Response<Body> = stack.router().oneshot(back.body(Body::empty()).expect("a request")).await.expect("one");
    assert_eq!(back.status(), 200, "the right cookie is taken, though nobody answers at the platform");
}

/// A product that is reached over https, and platforms at which nobody answers.
pub(super) async fn secure() -> Arc<Stack> {
    let beginning: Timestamp = BEGINNING.parse().expect("a time");
    let places = Places {
        product: "https://mooring.example/".parse().expect("an address"),
        simulator: "http://127.0.0.1:9/".parse().expect("an address"),
    };
    let setup = Setup {
        places,
        storage: Storage::Memory,
        seed: Some(1),
        wall: Arc::new(move || beginning),
        apps: AppsFile::default(),
        real_platforms: false,
        plans: "merged".to_owned(),
        return_urls: Vec::new(),
        cors_origins: Vec::new(),
    };
    Arc::new(Stack::build(setup).await.expect("a stack"))
}

fn text(headers: &HeaderMap, name: &str) -> String {
    let mut values = headers.get_all(name).iter();
    let value = values.next().and_then(|v| v.to_str().ok()).expect("a header").to_owned();
    assert!(values.next().is_none(), "{name} comes once");
    value
}

fn owned((left, right): (&str, &str)) -> (String, String) {
    (left.to_owned(), right.to_owned())
}
