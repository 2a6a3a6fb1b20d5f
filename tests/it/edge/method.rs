//! Pages and local calls, too, have their methods and no others.

use reqwest::Method;
use serde_json::json;
use tests::{World, send};

/// What is not in the API document, with the methods that it has.
const PAGES: [(&str, &str); 26] = [
    ("/console", "GET,HEAD"),
    ("/console/connect", "POST"),
    ("/console/sessions", "GET,HEAD"),
    ("/console/sessions/cs_1/selection", "POST"),
    ("/console/accounts/acc_1/main", "POST"),
    ("/console/accounts/acc_1/disconnect", "GET,HEAD,POST"),
    ("/console/accounts/acc_1/remove", "GET,HEAD,POST"),
    ("/console/accounts/acc_1/reconnect-link", "POST"),
    ("/console/accounts/acc_1/sync", "POST"),
    ("/console/accounts/acc_1/runs/run_1", "GET,HEAD"),
    ("/console/accounts/acc_1/figures", "GET,HEAD"),
    ("/console/accounts/acc_1/figures.csv", "GET,HEAD"),
    ("/console/links", "GET,HEAD,POST"),
    ("/console/links/ecl_1/send", "POST"),
    ("/console/links/ecl_1/delete", "GET,HEAD,POST"),
    ("/console/sign-in", "GET,HEAD"),
    ("/docs", "GET,HEAD"),
    ("/docs/errors", "GET,HEAD"),
    ("/docs/errors/not_found", "GET,HEAD"),
    ("/v1/dev/tokens", "POST"),
    ("/v1/dev/clock", "GET,HEAD,POST"),
    ("/v1/dev/jobs/sweep", "POST"),
    ("/v1/dev/events", "GET,HEAD"),
    ("/.well-known/jwks.json", "GET,HEAD"),
    ("/", "GET,HEAD"),
    ("{css}", "GET,HEAD"),
];

const TRIED: [&str; 13] =
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "TRACK", "OPTIONS", "PROPFIND", "get", "GETX", "post"];

/// CHK-P15
#[tokio::test(flavor = "multi_thread")]
async fn a_page_refuses_another_method_and_names_its_own() {
    let world = World::start().await;
    let nobody = world.nobody();
    let signed_in = send(nobody.call(Method::GET, "/console/sign-in?workspace=ws_1")).await;
    let cookie = signed_in.header("set-cookie").and_then(|c| c.split(';').next()).expect("a cookie").to_owned();
    let page = send(nobody.call(Method::GET, "/console").header("cookie", &cookie)).await;
    let css = page.text.split('"').find(|text| text.starts_with("/assets/")).expect("a stylesheet");
    let before = world.dump().await;
    for (path, allow) in PAGES {
        let path = path.replace("{css}", css);
        let legal: Vec<&str> = allow.split(',').collect();
        for method in TRIED.into_iter().filter(|method| !legal.contains(method)) {
            let method: Method = method.parse().expect("a method");
            let call = nobody.call(method.clone(), &path).header("x-canary", "canary-1");
            let refused = send(call).await;
            assert_eq!(refused.status, 405, "{method} {path}: {}", refused.text);
            let named = refused.header("allow").unwrap_or_else(|| panic!("{method} {path}: no Allow"));
            let mut named: Vec<&str> = named.split(',').map(str::trim).collect();
            named.sort_unstable();
            assert_eq!(named, legal, "{method} {path}");
            // TRACE would show a page what the browser sent.
            assert!(!refused.text.contains("canary-1"), "{method} {path}: {}", refused.text);
            if method != Method::HEAD {
                refused.is_problem(405, "method_not_allowed");
            }
        }
    }
    assert_eq!(world.dump().await, before);
}

/// CHK-P15: no header, field or parameter makes one method another.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_in_a_request_overrides_its_method() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let account = world.connect(&owner, "x", "acme").await.remove(0);
    let path = format!("/v1/accounts/{account}");
    let before = world.dump().await;
    for name in ["x-http-method-override", "x-http-method", "x-method-override", "x-original-method"] {
        for to in ["DELETE", "PUT", "POST", "TRACE"] {
            assert_eq!(send(owner.call(Method::GET, &path).header(name, to)).await.status, 200, "{name}");
            send(owner.call(Method::POST, &path).header(name, to)).await.is_problem(405, "method_not_allowed");
            let head = send(owner.call(Method::HEAD, &format!("{path}/main")).header(name, to)).await;
            assert_eq!((head.status, head.header("allow")), (405, Some("PUT")));
        }
    }
    for query in ["_method=DELETE", "method=DELETE", "X-HTTP-Method-Override=DELETE"] {
        owner.get(&format!("{path}?{query}")).await.is_problem(400, "unknown_field");
    }
    let form = owner.call(Method::POST, &path).form(&[("_method", "DELETE")]);
    send(form).await.is_problem(405, "method_not_allowed");
    owner.post(&format!("{path}/disconnect"), json!({"_method": "PUT"})).await.is_problem(400, "unknown_field");
    assert_eq!(world.dump().await, before);
}
