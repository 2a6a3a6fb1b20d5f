//! What every answer bears, and how a problem explains itself.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Method;
use serde_json::json;
use tests::{Answer, World, send};

use super::route::Place;

/// Headers that every answer has, whatever it is.
const ALWAYS: [(&str, &str); 4] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// One answer of each kind, by what it is.
async fn kinds(world: &World) -> Vec<(&'static str, Answer)> {
    let (owner, nobody) = (world.owner("ws_1"), world.nobody());
    let html = |path: String| nobody.call(Method::GET, &path).header("accept", "text/html");
    let started = owner.post("/v1/workspaces/ws_1/connect-sessions", json!({"platform": "x"})).await;
    let start = format!("/v1/oauth/start/{}", started.body["id"].as_str().expect("an id"));
    let page = send(html(start.clone())).await;
    let css = page.text.split("href=\"").map(|rest| rest.split('"').next().unwrap_or_default());
    let css = css.filter(|path| path.starts_with("/assets/")).map(str::to_owned).next().expect("a stylesheet");
    let signed_in = send(nobody.call(Method::GET, "/console/sign-in?workspace=ws_1")).await;
    let cookie = signed_in.header("set-cookie").and_then(|c| c.split(';').next()).expect("a cookie").to_owned();
    let large = nobody.call(Method::POST, "/console/connect").header("cookie", &cookie);
    vec![
        ("json", owner.get("/v1/workspaces/ws_1/accounts").await),
        ("json", nobody.get("/v1/meta/errors").await),
        ("json", nobody.get("/v1/openapi.json").await),
        ("json", nobody.get("/v1/dev/clock").await),
        ("json", nobody.get("/.well-known/jwks.json").await),
        ("created", started),
        ("empty", nobody.get("/healthz").await),
        ("empty", nobody.get("/readyz").await),
        ("problem", nobody.get("/v1/workspaces/ws_1/accounts").await),
        ("problem", owner.get("/v1/accounts/acc_1").await),
        ("problem", owner.get("/nothing").await),
        ("problem", owner.put("/healthz").await),
        ("problem", nobody.put("/v1/dev/clock").await),
        ("problem", send(nobody.call(Method::POST, "/v1/dev/clock").body("{}")).await),
        ("problem", send(nobody.call(Method::GET, "/v1/dev/clock").header("host", "evil.example")).await),
        ("problem", owner.post("/v1/workspaces/ws_1/connect-sessions", json!({"platform": "nowhere"})).await),
        ("problem", send(large.body("x".repeat(70_000))).await),
        ("page", page),
        ("page", send(html("/docs/errors".to_owned())).await),
        ("page", send(html("/docs/errors/not_found".to_owned())).await),
        ("page", send(html("/v1/oauth/callback/x?state=1&code=2".to_owned())).await),
        ("page", send(html("/nothing".to_owned())).await),
        ("page", send(html("/console".to_owned()).header("cookie", cookie)).await),
        ("redirect", send(html("/console".to_owned())).await),
        ("page", send(html("/docs".to_owned())).await),
        ("redirect", send(html("/".to_owned())).await),
        ("redirect", signed_in),
        ("redirect", send(nobody.call(Method::POST, &start)).await),
        ("css", nobody.get(&css).await),
    ]
}

/// CHK-E9, CHK-P23
#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_answer_bears_the_security_headers() {
    let world = World::start().await;
    for (kind, answer) in kinds(&world).await {
        let (head, tail) = (answer.status, answer.text.chars().take(200).collect::<String>());
        for (name, value) in ALWAYS {
            assert_eq!(answer.header(name), Some(value), "{kind} {head}: {name}: {tail}");
        }
        let type_of = answer.header("content-type").unwrap_or_default();
        let (status, media): (std::ops::Range<u16>, &str) = match kind {
            "json" => (200..201, "application/json"),
            "created" => (201..202, "application/json"),
            "empty" => (204..205, ""),
            "problem" => (400..500, "application/problem+json"),
            "page" => (200..500, "text/html; charset=utf-8"),
            "redirect" => (303..304, ""),
            _ => (200..201, "text/css; charset=utf-8"),
        };
        assert!(status.contains(&head) && type_of == media, "{kind}: {head} {type_of}: {tail}");
        let policy = answer.header("content-security-policy").unwrap_or_default();
        for part in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action "] {
            assert!(policy.contains(part), "{kind} {head}: {policy}");
        }
        assert!(!policy.contains("script-src") && !policy.contains("unsafe"), "{kind}: {policy}");
        // Our own forms need their origin checked; everything else says nothing of where it came from.
        let referrer = answer.header("referrer-policy");
        assert!(matches!(referrer, Some("no-referrer" | "same-origin")), "{kind} {head}: {referrer:?}");
        let cache = answer.header("cache-control").unwrap_or_default();
        let expected = if kind == "css" { "public, max-age=31536000, immutable" } else { "no-store" };
        assert_eq!(cache, expected, "{kind} {head}: {tail}");
        assert_eq!(answer.header("access-control-allow-origin"), None, "{kind}");
        assert_eq!(answer.header("server"), None, "{kind}");
    }
}

/// S0-16
#[tokio::test(flavor = "multi_thread")]
async fn every_answer_has_a_request_id_and_a_good_one_is_kept() {
    let world = World::start().await;
    let mut seen = BTreeSet::new();
    for (kind, answer) in kinds(&world).await {
        let id = answer.header("x-request-id").unwrap_or_else(|| panic!("{kind} {}", answer.text)).to_owned();
        assert!(id.starts_with("req_") && id.len() == 30, "{kind}: {id}");
        if kind == "problem" {
            assert_eq!(answer.body["request_id"], id.as_str(), "{}", answer.text);
        }
        assert!(seen.insert(id), "{kind}: an id stands twice");
    }
    let nobody = world.nobody();
    let asked = |id: &str| send(nobody.call(Method::GET, "/v1/nothing").header("x-request-id", id.to_owned()));
    for good in ["abcd-1234", "A_b-0123", &"x".repeat(64)] {
        let answer = asked(good).await;
        assert_eq!((answer.header("x-request-id"), answer.body["request_id"].as_str()), (Some(good), Some(good)));
    }
    for bad in ["", "short", "with space", "semi;colon", "<script>x</script>", &"x".repeat(65)] {
        let answer = asked(bad).await;
        assert!(answer.header("x-request-id").is_some_and(|id| id.starts_with("req_")), "{bad:?}");
    }
}

/// Whoever follows the address of a problem finds a page about it, for every code that there is.
#[tokio::test(flavor = "multi_thread")]
async fn every_code_has_a_page_that_its_problem_points_to() {
    let world = World::start().await;
    let nobody = world.nobody();
    let registry = nobody.get("/v1/meta/errors").await.body;
    let index = nobody.get("/docs/errors").await;
    assert_eq!(index.status, 200);
    let codes = registry["data"].as_array().expect("codes");
    assert!(codes.len() > 30, "{}", codes.len());
    for entry in codes {
        let code = entry["code"].as_str().expect("a code");
        let url = entry["url"].as_str().expect("an address");
        assert_eq!(url, format!("{}/docs/errors/{code}", world.product));
        let page = nobody.get(url.strip_prefix(&world.product).expect("ours")).await;
        assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")), "{code}");
        assert!(page.text.contains(code), "{code}");
        assert!(index.text.contains(&format!("href=\"/docs/errors/{code}\"")), "{code} is not in the index");
        assert!(entry["status"].is_null() || (400..600).contains(&entry["status"].as_u64().expect("a status")));
        for text in ["title", "cause", "next_step"] {
            assert!(entry[text].as_str().is_some_and(|t| t.len() > 5), "{code}: {text}");
        }
    }
    let missing = nobody.get("/nothing").await;
    let entry = codes.iter().find(|c| c["code"] == missing.body["code"]).expect("in the registry");
    assert_eq!((&missing.body["type"], &missing.body["title"]), (&entry["url"], &entry["title"]));
    assert_eq!(nobody.get("/docs/errors/no_such_code").await.status, 404);
}

/// Every operation and every shape of the API document has its page, no link of the reference leads nowhere, and nothing
/// of it comes from another host.
#[tokio::test(flavor = "multi_thread")]
async fn the_reference_shows_the_whole_document_and_its_links_lead_somewhere() {
    let world = World::start().await;
    let nobody = world.nobody();
    let document = nobody.get("/v1/openapi.json").await.body;
    let mut pages = BTreeMap::new();
    let mut open = vec!["/docs".to_owned()];
    while let Some(path) = open.pop() {
        if pages.contains_key(&path) {
            continue;
        }
        let page = nobody.get(&path).await;
        assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")), "{path}");
        assert!(!page.text.contains("<script") && !page.text.contains("src=\"http"), "{path}");
        let links = page.text.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
        open.extend(links.filter(|link| link.starts_with("/docs")).map(str::to_owned));
        pages.insert(path, page.text);
    }
    let mut operations = 0;
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for operation in methods.as_object().expect("methods").values() {
            let id = operation["operationId"].as_str().expect("an id");
            let page = pages.get(&format!("/docs/operations/{id}")).unwrap_or_else(|| panic!("{id} is not linked"));
            for text in [operation["summary"].as_str(), operation["x-permission"].as_str(), Some(path)] {
                assert!(text.is_none_or(|text| page.replace("&#39;", "'").contains(text)), "{id}: {text:?}");
            }
            operations += 1;
        }
    }
    assert!(operations > 40, "{operations}");
    for (name, schema) in document["components"]["schemas"].as_object().expect("schemas") {
        // A page that only holds a list's item is reached through it.
        let page = nobody.get(&format!("/docs/shapes/{name}")).await;
        assert_eq!(page.status, 200, "{name}");
        for field in schema["properties"].as_object().into_iter().flatten().map(|(field, _)| field) {
            assert!(page.text.contains(&format!("<code>{field}</code>")), "{name}.{field}");
        }
    }
    assert_eq!(nobody.get("/docs/operations/nothing").await.status, 404);
    assert_eq!(nobody.get("/docs/shapes/nothing").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_is_shown_a_problem_as_a_page() {
    let world = World::start().await;
    let nobody = world.nobody();
    let at = "/v1/oauth/start/cs_01JD0000000000000000000000";
    nobody.get(at).await.is_problem(404, "not_found");
    let page = send(nobody.call(Method::GET, at).header("accept", "text/html,application/xhtml+xml;q=0.9")).await;
    assert_eq!((page.status, page.header("content-type")), (404, Some("text/html; charset=utf-8")));
    let id = page.header("x-request-id").expect("an id");
    assert!(page.text.contains(id) && page.text.contains("<h1"), "{}", page.text);
    let json = send(nobody.call(Method::GET, at).header("accept", "application/json")).await;
    json.is_problem(404, "not_found");
}

/// The version of what is answered, and what is done when it has changed.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_to_another_version_is_refused() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let account = world.connect(&owner, "x", "demo-01").await.remove(0);
    let path = format!("/v1/accounts/{account}");
    let read = owner.get(&path).await;
    let tag = read.header("etag").expect("an ETag").to_owned();
    assert_eq!(read.body["etag"], tag.as_str());
    let leave = |tag: &str| {
        let call = owner.call(Method::POST, &format!("{path}/disconnect")).json(&json!({}));
        send(call.header("if-match", tag.to_owned()))
    };
    for other in ["\"999\"", "\"\"", "999", "\"x\"", &format!("W/{tag}"), "\"1\", \"2\""] {
        leave(other).await.is_problem(412, "version_conflict");
        let delete = owner.call(Method::DELETE, &path).header("if-match", other);
        send(delete).await.is_problem(412, "version_conflict");
        let main = owner.call(Method::PUT, &format!("{path}/main")).header("if-match", other);
        send(main).await.is_problem(412, "version_conflict");
    }
    assert_eq!(owner.get(&path).await.header("etag"), Some(tag.as_str()));
    assert_eq!(leave(&tag).await.status, 200);
    let after = owner.get(&path).await;
    assert_ne!(after.header("etag"), Some(tag.as_str()));
    leave(&tag).await.is_problem(412, "version_conflict");
    assert_eq!(send(owner.call(Method::DELETE, &path).header("if-match", "*")).await.status, 202);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_has_a_version_that_counts_its_changes() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let place = Place::make(&world, "ws_1").await;
    let path = format!("/v1/connect-sessions/{}", place.session);
    let before = owner.get(&path).await.header("etag").expect("an ETag").to_owned();
    assert_eq!(owner.delete(&path).await.status, 204);
    assert_ne!(owner.get(&path).await.header("etag"), Some(before.as_str()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_probe_needs_no_token_and_says_nothing() {
    let world = World::start().await;
    for path in ["/healthz", "/readyz"] {
        let answer = world.nobody().get(path).await;
        assert_eq!((answer.status, answer.text.as_str()), (204, ""));
    }
}
