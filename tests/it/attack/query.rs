//! Callbacks with more, less or other things in them than a platform sends.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use axum::{body::Body, http::Request};
use http_body_util::BodyExt as _;
use reqwest::Method;
use serde_json::json;
use tests::{World, send};
use tower::ServiceExt as _;
use tracing_subscriber::layer::SubscriberExt as _;

use super::{Answered, ask, harmless, nothing_can_run, on, param, shows_problem, with_query};

/// What a test looks for in logs.
const CANARY: &str = "CANARY-7f3a9c";

/// Queries with the right state `{s}` and the right code `{c}` that no platform sends.
const MALFORMED: [&str; 52] = [
    "",
    "state={s}",
    "code={c}",
    "state=&code={c}",
    "state={s}&code=",
    "state={s}&error=",
    "state={s}&code=&error=",
    "state={s}&state={s}&code={c}",
    "state={s}&state=&code={c}",
    "state=&state={s}&code={c}",
    "state=x&state={s}&code={c}",
    "state={s}&state=x&code={c}",
    "state={s}&code={c}&code={c}",
    "state={s}&code={c}&code=x",
    "state={s}&code=x&code={c}",
    "state={s}&code=&code={c}",
    "state={s}&code={c}&error=access_denied",
    "state={s}&error=access_denied&error=access_denied",
    "state={s}&error=&error=access_denied",
    "state={s}&code={c}&iss=a&iss=a",
    "state[]={s}&code={c}",
    "state={s}&code[]={c}",
    "state={s}&code={c}&state[]={s}",
    "state={s}&code={c}&code[0]={c}",
    "state={s}&code={c}&code[a][b]=c",
    "state={s}&code={c}&error[]=x",
    "state={s}&code={c}&iss[]=x",
    "state%5B%5D={s}&code={c}",
    "state={s}&code={c}&code%5B%5D=x",
    "state={s}&code={c}&%63ode=x",
    "state={s}&code={c}&%73tate=x",
    "state={s}&access_token=CANARY-7f3a9c",
    "state={s}&code={c}&access_token=CANARY-7f3a9c",
    "state={s}&code={c}&access_token=CANARY-7f3a9c&token_type=bearer&expires_in=1",
    "state={s}&code={c}&id_token=CANARY-7f3a9c",
    "access_token=CANARY-7f3a9c&state={s}&token_type=bearer",
    "State={s}&Code={c}",
    "STATE={s}&CODE={c}",
    "state={s};code={c}",
    "state={s}%26code={c}",
    "?state={s}&code={c}",
    "state%3D{s}&code={c}",
    "state= {s}&code={c}",
    "state={s}%20&code={c}",
    "state={s}%00&code={c}",
    "state={s}&code=%00{c}",
    "state={s}&code={c}%0d%0aX-Evil:%201",
    "state={s}&code=%FF%FE",
    "state={s}&code={c}%C3%A9",
    "state={s}&error=%00",
    "state={s}&error=access_denied%0d%0aX-Evil:%201",
    "state={s}&code={c}&padding={pad}",
];

/// CHK-A9
#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_callback_is_refused_and_burns_nothing() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    for platform in ["facebook", "x"] {
        let attempt = Answered::by(&world, &owner, on(platform), "acme").await;
        let (state, code) = (param(&attempt.callback, "state"), param(&attempt.callback, "code"));
        let address = attempt.callback.split('?').next().unwrap_or_default();
        for malformed in MALFORMED {
            let query = malformed.replace("{s}", &state).replace("{c}", &code).replace("{pad}", &"x".repeat(20_000));
            // Spaces cannot be in a request's first line.
            let forged = format!("{address}?{}", query.replace(' ', "+"));
            let answer = harmless(&world, ask(&world, &attempt.browser, &forged)).await;
            assert_eq!((answer.status, answer.body["code"].as_str()), (400, Some("state_invalid")), "{malformed}");
            assert!(!answer.text.contains(CANARY) && answer.header("x-evil").is_none(), "{malformed}");
            let page = harmless(&world, attempt.browser.open(&forged)).await;
            shows_problem(&page, 400, "state_invalid");
            assert!(!page.text.contains(CANARY), "{malformed}");
        }
        assert_eq!(attempt.browser.open(&attempt.callback).await.status, 200);
        assert_eq!(attempt.status(&owner).await["status"], "completed");
    }
}

/// CHK-A9: an answer in a form's body, or by any method but GET, is none.
#[tokio::test(flavor = "multi_thread")]
async fn a_callback_is_only_ever_opened() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let attempt = Answered::by(&world, &owner, on("x"), "acme").await;
    let (name, value) = attempt.cookie();
    let path = attempt.callback.strip_prefix(&world.product).expect("ours");
    let (bare, query) = path.split_once('?').expect("a query");
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS, Method::TRACE] {
        for (path, body) in [(path, ""), (bare, query)] {
            let call = world.nobody().call(method.clone(), path).header("cookie", format!("{name}={value}"));
            let call = call.header("content-type", "application/x-www-form-urlencoded").body(body.to_owned());
            let answer = harmless(&world, send(call)).await;
            answer.is_problem(405, "method_not_allowed");
            assert!(answer.header("allow").is_some_and(|allow| allow.contains("GET")), "{method}");
        }
    }
    let overridden = world.nobody().call(Method::POST, path).header("x-http-method-override", "GET");
    harmless(&world, send(overridden.header("cookie", format!("{name}={value}"))))
        .await
        .is_problem(405, "method_not_allowed");
    assert_eq!(attempt.browser.open(&attempt.callback).await.status, 200);
}

/// What was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// CHK-A9: whatever stands in a callback's query, the log says only which route it was.
#[test]
fn nothing_of_a_callbacks_query_is_logged() {
    let log = Log::default();
    let writer = log.clone();
    let layer = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(move || writer.clone());
    let everything = tracing_subscriber::filter::LevelFilter::TRACE;
    let subscriber = tracing_subscriber::registry().with(everything).with(layer);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    tracing::subscriber::with_default(subscriber, || {
        runtime.block_on(async {
            let stack = super::browser::secure().await;
            for query in [
                format!("state={CANARY}&code={CANARY}"),
                format!("state=cs_01JD0000000000000000000000.{CANARY:A<43}&code={CANARY}"),
                format!("access_token={CANARY}&state=x"),
                format!("state=x&error={CANARY}&error_description={CANARY}"),
                format!("state=x&code={CANARY}&code={CANARY}"),
            ] {
                let call =
                    Request::get(format!("/v1/oauth/callback/x?{query}")).header("cookie", format!("a={CANARY}"));
                let call = call.body(Body::empty()).expect("a request");
                let answer = stack.router().oneshot(call).await.expect("an answer");
                assert_eq!(answer.status(), 400);
                let body = answer.into_body().collect().await.expect("a body").to_bytes();
                assert!(!String::from_utf8_lossy(&body).contains(CANARY));
            }
        });
    });
    let log = String::from_utf8(log.0.lock().expect("no panic").clone()).expect("text");
    let told: Vec<&str> = log.lines().filter(|line| line.contains(CANARY)).collect();
    assert!(told.is_empty(), "{told:?}");
    let answered = log.lines().filter(|line| line.contains("answered"));
    assert_eq!(answered.filter(|line| line.contains("/v1/oauth/callback/{issuer}")).count(), 5);
}

/// What a platform, or somebody who writes its answer, may put into an error.
const PAYLOADS: [&str; 20] = [
    "<script>alert(1)</script>",
    "\"><script>alert(1)</script>",
    "'><img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "</code></p></section><h1>Call +1 555 0100</h1>",
    "<a href=\"https://evil.example\">Sign in again</a>",
    "<meta http-equiv=\"refresh\" content=\"0;url=https://evil.example\">",
    "<iframe srcdoc=\"<script>alert(1)</script>\">",
    "<form action=\"https://evil.example\"><input name=password>",
    "<style>*{display:none}</style>",
    "<base href=\"https://evil.example/\">",
    "javascript:alert(1)//https://evil.example",
    "{{7*7}}${7*7}#{7*7}<%= 7*7 %>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "<!--<script>alert(1)</script>-->",
    "<math><mtext></mtext><script>alert(1)</script></math>",
    "\\\"-alert(1)}//<x>",
    "<ScRiPt src=//evil.example></sCrIpT>",
    "'; DROP TABLE accounts; -- <b>",
];

/// CHK-A10: our own words for it, and nothing of theirs.
#[tokio::test(flavor = "multi_thread")]
async fn a_platforms_error_is_told_in_our_words() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    for (round, payload) in PAYLOADS.into_iter().enumerate() {
        let attempt = Answered::by(&world, &owner, on(["facebook", "x"][round % 2]), "acme").await;
        let state = param(&attempt.callback, "state");
        // Even rounds: a word that we know, with text beside it. Odd ones: the word itself.
        let (error, code) =
            if round % 2 == 0 { ("access_denied", "consent_denied") } else { (payload, "authentication_failed") };
        let texts = [("error_description", payload), ("error_reason", payload), ("error_uri", payload)];
        let query: Vec<(&str, &str)> = [("state", state.as_str()), ("error", error)].into_iter().chain(texts).collect();
        let forged = with_query(&attempt.callback, &query);
        // A stranger is shown none of it either, in neither form.
        let stranger = world.browser();
        let page = harmless(&world, stranger.open(&forged)).await;
        shows_problem(&page, 400, "state_invalid");
        let problem = harmless(&world, ask(&world, &stranger, &forged)).await;
        problem.is_problem(400, "state_invalid");
        let landed = attempt.browser.open(&forged).await;
        assert_eq!(landed.status, 200, "{}", landed.text);
        nothing_can_run(&landed);
        assert!(landed.text.contains(&format!("<code>{code}</code>")), "{payload}: {}", landed.text);
        let session = attempt.status(&owner).await;
        assert_eq!(session["status"], "failed");
        assert_eq!(session["error"]["code"], code, "{payload}");
        for text in [&page.text, &problem.text, &landed.text, &session.to_string()] {
            let text = text.to_lowercase();
            assert!(!text.contains(&payload.to_lowercase()), "{payload}: {text}");
            assert!(
                !text.contains("alert") && !text.contains("evil") && !text.contains("<script"),
                "{payload}: {text}"
            );
        }
    }
    assert_eq!(world.calls("token").await, 0);
    let published = serde_json::to_string(&world.published()).expect("JSON");
    assert!(published.contains("connect_session.failed") && !published.contains("alert"), "{published}");
}

/// CHK-A10: nor is a path, a state or a code shown again.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_an_address_is_shown_unescaped() {
    let world = World::start().await;
    for payload in PAYLOADS {
        let back =
            with_query(&format!("{}/v1/oauth/callback/x", world.product), &[("state", payload), ("code", payload)]);
        let mut path = url::Url::parse(&world.product).expect("an address");
        path.path_segments_mut().expect("a base").extend(["v1", "oauth", "callback", payload]);
        for (address, status) in
            [(back, 400), (path.as_str().to_owned(), 400), (path.as_str().replace("callback", "start"), 404)]
        {
            let page = harmless(&world, world.browser().open(&address)).await;
            assert_eq!(page.status, status, "{address}");
            nothing_can_run(&page);
            let problem = harmless(&world, ask(&world, &world.browser(), &address)).await;
            for text in [&page.text, &problem.text] {
                assert!(!text.contains(payload) && !text.to_lowercase().contains("<script"), "{address}: {text}");
            }
        }
    }
}

/// CHK-A10: each word of RFC 6749 has one of ours.
#[tokio::test(flavor = "multi_thread")]
async fn each_error_of_the_standard_has_a_code() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    for (error, code) in [
        ("access_denied", "consent_denied"),
        ("server_error", "platform_unavailable"),
        ("temporarily_unavailable", "platform_unavailable"),
        ("invalid_scope", "platform_not_configured"),
        ("unauthorized_client", "platform_not_configured"),
        ("interaction_required", "authentication_failed"),
    ] {
        let attempt = Answered::by(&world, &owner, json!({"platform": "x"}), "acme").await;
        let state = param(&attempt.callback, "state");
        attempt.browser.open(&with_query(&attempt.callback, &[("state", &state), ("error", error)])).await;
        assert_eq!(attempt.status(&owner).await["error"]["code"], code, "{error}");
    }
}
