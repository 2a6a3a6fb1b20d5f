//! Where a browser is sent, and by whom.

use reqwest::Method;
use serde_json::json;
use tests::{Options, World, send};
use url::Url;

use super::{Answered, accounts, harmless, make, on, with_param};

/// An address that leaves the allow-list, or is read differently by two readers.
fn payloads(own: &str) -> Vec<String> {
    let port = own.rsplit(':').next().unwrap_or_default();
    let mut all: Vec<String> = [
        "",
        " ",
        "/",
        "//",
        "///",
        "\\\\",
        "#",
        "?",
        ".",
        "..",
        "/done",
        "done",
        "null",
        "*",
        "about:blank",
        "//evil.example",
        "///evil.example",
        "////evil.example",
        "/\\evil.example",
        "\\/evil.example",
        "\\\\evil.example",
        "//app.example",
        "//app.example@evil.example",
        "//evil.example/https://app.example/",
        "https:evil.example",
        "https:/evil.example",
        "https:///evil.example",
        "https:\\\\evil.example",
        "https:app.example",
        "https:/app.example",
        "https:///app.example/",
        "https:\\\\app.example\\",
        "https://evil.example",
        "https://evil.example/",
        "https://evil.example?https://app.example/",
        "https://evil.example#https://app.example/",
        "https://evil.example/app.example/",
        "https://app.example@evil.example/",
        "https://app.example:x@evil.example/",
        "https://app.example%40evil.example/",
        "https://app.example\\@evil.example/",
        "https://evil.example\\@app.example/",
        "https://evil.example%23@app.example/",
        "https://user@app.example/",
        "https://user:pass@app.example/",
        "https://@app.example/",
        "https://:@app.example/",
        "https://app.example.evil.example/",
        "https://app.example.",
        "https://app.example./",
        "https://.app.example/",
        "https://evilapp.example/",
        "https://sub.app.example/",
        "https://app.example%2eevil.example/",
        "https://app.example%2f@evil.example/",
        "https://app.example%5c.evil.example/",
        "https://app%2eexample/",
        "https://app.example:444/",
        "https://app.example:80/",
        "https://app.example:443@evil.example/",
        "https://app.example:99999/",
        "https://app.example:-1/",
        "http://app.example/",
        "http://app.example:443/",
        "ftp://app.example/",
        "file:///etc/passwd",
        "ws://app.example/",
        "HTTPS://app.example/",
        "https\t://app.example/",
        "javascript:alert(1)",
        "javascript://app.example/%0aalert(1)",
        "JaVaScRiPt:alert(1)",
        "vbscript:x",
        "data:text/html,<script>alert(1)</script>",
        "data:text/html;base64,PHNjcmlwdD4=",
        "blob:https://app.example/x",
        "view-source:https://app.example/",
        "mailto:a@app.example",
        "intent://app.example/#Intent;end",
        "https://app.example/\r\nSet-Cookie: a=b",
        "https://app.example/\n",
        "\thttps://app.example/",
        "https://app.\texample/",
        "https://app.example/\u{0}",
        "https://app.example/ x",
        " https://app.example/",
        "https://app.example/ ",
        "https://app.example/\u{a0}",
        "https://app.example/\u{2028}x",
        "https://\u{430}pp.example/",
        "https://app\u{3002}example/",
        "https://app\u{ff0e}example/",
        "https://\u{ff41}pp.example/",
        "https://app.example\u{2024}evil.example/",
        "https://xn--pp-7kc.example/",
        "https://a\u{ad}pp.example/",
        "https://app.example\u{2044}evil.example/",
        "https://\u{24d0}pp.example/",
        "https://app.example/#fragment",
        "https://app.example/x#/evil",
        "https://app.example//evil.example",
        "https://app.example/a//b",
        "https://app.example/%2f%2fevil.example",
        "https://app.example/%2F/evil",
        "https://app.example/%5cevil.example",
        "https://app.example/..%2f",
        "https://app.example/a%00b",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://0x7f000001/",
        "https://2130706433/",
        "https://169.254.169.254/latest/",
        // Only what lies at or below /done is allowed there.
        "https://shop.example",
        "https://shop.example/",
        "https://shop.example/donee",
        "https://shop.example/don",
        "https://shop.example/DONE",
        "https://shop.example/done/../x",
        "https://shop.example/done/..",
        "https://shop.example/done/./../x",
        "https://shop.example/done%2f..%2fx",
        "https://shop.example/done/%2e%2e/x",
        "https://shop.example/done;/../x",
        "https://shop.example/x/../x/done",
        "https://shop.example/?/done",
        "https://shop.example/done\\..\\x",
        "https://shop.example/%64one/../x",
        "https://shop.example/done.evil",
    ]
    .map(str::to_owned)
    .to_vec();
    all.extend([
        own.replace("http://", "https://"),
        own.replace("127.0.0.1", "localhost"),
        own.replace("127.0.0.1", "127.0.0.2"),
        own.replace("127.0.0.1", "[::1]"),
        own.replace(&format!(":{port}"), ""),
        format!("{own}.evil.example/"),
        format!("{own}@evil.example/"),
        format!("{own}0/"),
        format!("https://app.example/{}", "a".repeat(2_000)),
    ]);
    all
}

/// CHK-A15: a return address is on the list, or there is no session.
#[tokio::test(flavor = "multi_thread")]
async fn no_return_address_leaves_the_list() {
    let return_urls = vec!["https://shop.example/done".to_owned()];
    let world = World::with(Options { return_urls, ..Options::default() }).await;
    let owner = world.owner("ws_1");
    let path = "/v1/workspaces/ws_1/connect-sessions";
    let payloads = payloads(&world.product);
    assert!(payloads.len() >= 80);
    for payload in &payloads {
        let answer = harmless(&world, async {
            let answer = owner.post(path, json!({"platform": "x", "return_url": payload})).await;
            assert_eq!(answer.body["code"], "return_url_not_allowed", "{payload:?}: {}", answer.text);
            answer
        });
        answer.await.is_problem(422, "return_url_not_allowed");
    }
    for odd in [json!(["https://app.example/"]), json!({"url": "https://app.example/"}), json!(1), json!(true)] {
        let answer = harmless(&world, owner.post(path, json!({"platform": "x", "return_url": odd}))).await;
        answer.is_problem(400, "invalid_request");
    }
}

/// CHK-A15: 303 to the stored address with the session's id, however the attempt ends and whatever else the
/// callback's address says.
#[tokio::test(flavor = "multi_thread")]
async fn the_way_back_is_the_stored_address_and_the_session() {
    let return_urls = vec!["https://shop.example/done".to_owned()];
    let world = World::with(Options { return_urls, ..Options::default() }).await;
    let owner = world.owner("ws_1");
    let own = format!("{}/console", world.product);
    let short = own.replace("127.0.0.1", "127.1");
    for (asked, back) in [
        ("https://app.example/", "https://app.example/?session="),
        ("https://app.example", "https://app.example/?session="),
        (
            "https://app.example/a/b?c=d&e=%2F%2Fevil.example",
            "https://app.example/a/b?c=d&e=%2F%2Fevil.example&session=",
        ),
        ("https://app.example/?next=https://evil.example", "https://app.example/?next=https://evil.example&session="),
        ("https://app.example:443/x?", "https://app.example/x?session="),
        ("https://shop.example/done", "https://shop.example/done?session="),
        ("https://shop.example/done/", "https://shop.example/done/?session="),
        ("https://shop.example/x/../done/y", "https://shop.example/done/y?session="),
        // One host has one spelling in what is stored.
        (short.as_str(), &format!("{own}?session=")),
        (own.as_str(), &format!("{own}?session=")),
    ] {
        for decision in ["approve", "deny"] {
            let ask = json!({"platform": "x", "return_url": asked});
            let fields = [("person", "acme"), ("decision", decision)];
            let attempt = Answered::with(&world, &owner, ask, &fields).await;
            let mut callback = attempt.callback.clone();
            for name in ["return_url", "redirect_uri", "next", "session", "url"] {
                callback = with_param(&callback, name, "https://evil.example/");
            }
            let end = format!("{back}{}", attempt.id);
            for _ in 0..2 {
                let landed = attempt.browser.open(&callback).await;
                assert_eq!((landed.status, landed.header("location")), (303, Some(end.as_str())), "{asked}");
                assert!(landed.text.is_empty(), "{}", landed.text);
            }
            let status = if decision == "approve" { "completed" } else { "failed" };
            assert_eq!(attempt.status(&owner).await["status"], status);
        }
    }
    // Continue, too, is a 303, so that a form's body goes nowhere else; and it takes no address from anybody.
    let (_, start_url) = make(&owner, on("x")).await;
    let start = format!("{start_url}?return_url=https://evil.example/&redirect_uri=https://evil.example/");
    let going = world.browser().submit(&start, &[("return_url", "https://evil.example/")]).await;
    assert_eq!(going.status, 303);
    assert!(!going.location().expect("an address").contains("evil"));
}

/// Headers by which a proxy, or somebody who plays one, says how we were called.
const SPOOFED: [(&str, &str); 14] = [
    ("host", "evil.example"),
    ("x-forwarded-host", "evil.example"),
    ("x-forwarded-proto", "https"),
    ("x-forwarded-port", "444"),
    ("x-forwarded-prefix", "/evil"),
    ("x-forwarded-server", "evil.example"),
    ("x-forwarded-for", "203.0.113.9"),
    ("forwarded", "for=203.0.113.9;host=evil.example;proto=https"),
    ("x-host", "evil.example"),
    ("x-original-host", "evil.example"),
    ("x-original-url", "/evil"),
    ("x-rewrite-url", "/evil"),
    ("referer", "https://evil.example/"),
    ("via", "1.1 evil.example"),
];

/// CHK-A16: our address is configured; no header changes a byte of it.
#[tokio::test(flavor = "multi_thread")]
async fn no_header_changes_where_a_platform_answers() {
    let world = World::start().await;
    let spoofs = SPOOFED.iter().map(std::slice::from_ref).chain([&SPOOFED[..]]);
    for (round, spoof) in spoofs.enumerate() {
        let platform = ["facebook", "x"][round % 2];
        let owner = world.owner(&format!("ws_{round}"));
        let call = |method: Method, path: &str| {
            let call = world.nobody().call(method, path);
            spoof.iter().fold(call, |call, (name, value)| call.header(*name, *value))
        };
        let create = call(Method::POST, &format!("/v1/workspaces/ws_{round}/connect-sessions"));
        let token = owner.token.as_deref().expect("a token");
        let ask = json!({"platform": platform, "return_url": "https://app.example/"});
        let made = send(create.bearer_auth(token).json(&ask)).await;
        let id = made.body["id"].as_str().expect("an id");
        let start_url = format!("{}/v1/oauth/start/{id}", world.product);
        assert_eq!(made.body["start_url"], start_url, "{spoof:?}");

        let path = format!("/v1/oauth/start/{id}");
        let honest = world.browser();
        let page = honest.open(&start_url).await;
        let spoofed = send(call(Method::GET, &path).header("accept", "text/html")).await;
        assert_eq!(spoofed.text, page.text, "{spoof:?}");
        assert_eq!(spoofed.header("content-security-policy"), page.header("content-security-policy"));

        let truth = steady(&honest.press_continue(&start_url).await);
        let press = call(Method::POST, &path).header("origin", &world.product).header("sec-fetch-site", "same-origin");
        let going = send(press).await;
        let authorize = going.header("location").expect("the platform").to_owned();
        assert_eq!(steady(&authorize), truth, "{spoof:?}");
        let expected = format!("{}/v1/oauth/callback/{platform}", world.product);
        assert_eq!(super::param(&authorize, "redirect_uri"), expected);
        let cookie = going.header("set-cookie").expect("a cookie").to_owned();
        assert!(!cookie.to_lowercase().contains("domain") && !cookie.contains("evil"), "{cookie}");

        // The platform insists that the token call names the same address, so this works only if it does.
        let back = world.browser().answer(&authorize, &[("person", "acme"), ("decision", "approve")]).await;
        let back = back.strip_prefix(&world.product).expect("ours");
        let pair = cookie.split(';').next().unwrap_or_default();
        let landed = send(call(Method::GET, back).header("cookie", pair)).await;
        assert_eq!(
            (landed.status, landed.header("location")),
            (303, Some(&*format!("https://app.example/?session={id}")))
        );
        assert_eq!(accounts(&owner).await.len(), 1, "{spoof:?}");
    }
}

/// An address without what is new each time.
fn steady(authorize: &str) -> String {
    let url = Url::parse(authorize).expect("an address");
    let query = url.query().unwrap_or_default().split('&');
    let steady = query.filter(|pair| !pair.starts_with("state=") && !pair.starts_with("code_challenge="));
    format!("{}?{}", authorize.split('?').next().unwrap_or_default(), steady.collect::<Vec<_>>().join("&"))
}
