//! Story 1, for what exists.

mod method;
mod whole;

use reqwest::Method;
use serde_json::{Value, json};
use tests::{World, client, send};

/// S0-17
#[tokio::test(flavor = "multi_thread")]
async fn one_page_is_connected_without_a_choice() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let session = world.consent(&owner, json!({"platform": "facebook"}), "acme").await;
    assert_eq!(session["status"], "completed", "{session}");
    let list = owner.get("/v1/workspaces/ws_1/accounts").await;
    assert_eq!(list.body["data"][0]["name"], "Acme");
    assert_eq!(list.body["data"][0]["is_main"], true);
}

/// S0-17, S3-10, S4-04: token, session, Continue, consent, callback.
#[tokio::test(flavor = "multi_thread")]
async fn five_plain_calls_lead_from_nothing_to_a_connected_account() {
    let world = World::start().await;
    for (workspace, platform) in [("ws_1", "facebook"), ("ws_2", "x")] {
        let http = client();
        let own = |path: &str| format!("{}{path}", world.product);
        let asks = json!({"workspace": workspace, "role": "owner"});
        let token = send(http.post(own("/v1/dev/tokens")).json(&asks)).await;
        let token = token.body["token"].as_str().expect("a token").to_owned();
        let sessions = own(&format!("/v1/workspaces/{workspace}/connect-sessions"));
        let asks = json!({"platform": platform});
        let started = send(http.post(sessions).bearer_auth(&token).json(&asks)).await;
        let going = send(http.post(started.body["start_url"].as_str().expect("an address"))).await;
        let cookie = going.header("set-cookie").and_then(|c| c.split(';').next()).expect("a cookie").to_owned();
        let to = going.header("location").expect("the platform");
        let agreed = send(http.post(to).form(&[("person", "acme"), ("decision", "approve")])).await;
        let callback = agreed.header("location").and_then(|to| to.split('#').next()).expect("the callback").to_owned();
        let landed = send(http.get(callback).header("cookie", cookie)).await;
        assert_eq!(landed.status, 200, "{}", landed.text);

        let list = send(http.get(own(&format!("/v1/workspaces/{workspace}/accounts"))).bearer_auth(&token)).await;
        assert_eq!(list.body["data"][0]["name"], "Acme", "{}", list.text);
        assert_eq!(list.body["data"][0]["platform"], platform);
        assert_eq!(list.body["data"].as_array().map(Vec::len), Some(1));
    }
}

/// S3-07, S3-28
#[tokio::test(flavor = "multi_thread")]
async fn the_document_and_the_catalogue_say_what_can_be_connected() {
    let world = World::start().await;
    let document = world.nobody().get("/v1/openapi.json").await;
    assert_eq!(document.status, 200);
    assert!(document.body["openapi"].as_str().expect("a version").starts_with("3.1"));
    let paths = document.body["paths"].as_object().expect("paths");
    for path in ["/v1/platforms", "/v1/workspaces/{workspace}/connect-sessions", "/v1/accounts/{account}/main"] {
        assert!(paths.contains_key(path), "{path}");
    }

    let platforms = world.member("ws_1", "viewer").get("/v1/platforms").await;
    let platforms = platforms.body["data"].as_array().expect("platforms").clone();
    let of = |id: &str| platforms.iter().find(|p| p["id"] == id).unwrap_or_else(|| panic!("{id}")).clone();
    let facebook = of("facebook");
    assert_eq!(facebook["configured"], true);
    assert_eq!(facebook["status"], "operational");
    assert_eq!(facebook["kinds"], json!(["page", "profile"]));
    assert_eq!(facebook["requirements"][0]["code"], "page_admin");
    let method = &facebook["methods"][0];
    assert_eq!(method["id"], "facebook_login");
    assert_eq!(method["revoke"]["reach"], "person_app");
    assert_eq!(method["renewal"], "extend");
    assert_eq!(method["capabilities"]["publish"]["scopes"], json!(["pages_manage_posts", "pages_read_engagement"]));
    let x = of("x");
    assert_eq!(x["kinds"], json!(["profile"]));
    assert_eq!(x["methods"][0]["revoke"]["reach"], "token");
    assert_eq!(x["methods"][0]["renewal"], "silent");
    let scopes = x["methods"][0]["connect"]["scopes"].as_array().expect("scopes");
    assert!(scopes.contains(&json!("offline.access")));
}

/// S0-12, S3-52
#[tokio::test(flavor = "multi_thread")]
async fn the_limits_of_a_new_workspace_are_those_of_the_free_plan() {
    let world = World::start().await;
    let owner = world.caller(json!({"ws": "ws_1", "role": "owner"}));
    let limits = owner.get("/v1/workspaces/ws_1/limits").await.body;
    assert_eq!(limits["plan"], "free");
    assert_eq!(limits["total"], json!({"limit": 3, "used": 0}));
    let each = limits["per_platform"].as_array().expect("platforms");
    for platform in ["facebook", "x"] {
        assert!(each.contains(&json!({"platform": platform, "limit": 1, "used": 0})), "{limits}");
    }
    world.connect(&owner, "x", "acme").await;
    let limits = owner.get("/v1/workspaces/ws_1/limits").await.body;
    assert_eq!(limits["total"]["used"], 1);
    let cards = owner.get("/v1/workspaces/ws_1/platforms").await.body;
    let card = |id: &str| cards["data"].as_array().expect("cards").iter().find(|c| c["id"] == id).expect("a card");
    assert_eq!(card("x")["add"]["enabled"], false);
    assert_eq!(card("x")["add"]["disabled_reason"], "plan_limit_reached");
    assert_eq!(card("facebook")["add"]["enabled"], true);
}

/// S0-17
#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_told_and_its_page_says_who_asks_for_what() {
    let world = World::start().await;
    let owner = world.caller(json!({"ws": "ws_1", "role": "owner", "name": "Olga Owner"}));
    let asks = json!({"platform": "facebook", "method": "facebook_login", "expected_handle": "@Acme",
                      "capabilities": ["publish"], "return_url": "https://app.example/done", "external_id": "user_42"});
    let started = owner.post("/v1/workspaces/ws_1/connect-sessions", asks).await;
    assert_eq!(started.status, 201, "{}", started.text);
    let id = started.body["id"].as_str().expect("an id");
    assert!(id.starts_with("cs_"), "{id}");
    assert_eq!(started.body["status"], "created");
    assert_eq!(started.body["expires_at"], "2026-11-22T10:30:00Z");
    assert_eq!(started.header("location"), Some(format!("/v1/connect-sessions/{id}").as_str()));
    let start_url = started.body["start_url"].as_str().expect("an address");
    assert_eq!(start_url, format!("{}/v1/oauth/start/{id}", world.product));
    let told = owner.get(&format!("/v1/connect-sessions/{id}")).await.body;
    assert_eq!(told["external_id"], "user_42");
    assert_eq!(told["capabilities"], json!(["publish"]));
    assert_eq!(told["start_url"], start_url);

    let browser = world.browser();
    let page = browser.open(start_url).await;
    assert_eq!(page.status, 200);
    for words in
        ["Facebook", "ws_1", "Olga Owner", "@acme", "Create posts on the Pages", "Read your numbers", "Continue"]
    {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    assert!(page.header("content-security-policy").expect("a policy").contains("form-action 'self' http://"));
    assert!(page.header("set-cookie").is_none());
    assert_eq!(owner.get(&format!("/v1/connect-sessions/{id}")).await.body["status"], "created");
    assert!(world.journal().await.is_empty(), "looking at the page asks no platform anything");
}

/// S1-03, S1-10, S3-12, S3-19, S3-48
#[tokio::test(flavor = "multi_thread")]
async fn of_several_pages_one_is_chosen_and_becomes_an_account() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    let attempt = world.attempt(&owner, json!({"platform": "facebook"})).await;
    attempt.land("acme-team").await;
    let session = attempt.session().await;
    assert_eq!(session["status"], "awaiting_selection");
    let address = format!("{}/v1/connect-sessions/{}/candidates", world.product, attempt.id);
    assert_eq!(session["candidates_url"], address);

    let candidates = attempt.candidates().await;
    let shown: Vec<Value> = candidates.iter().map(|c| json!([c["kind"], c["name"], c["selectable"]])).collect();
    assert_eq!(shown, [json!(["page", "Acme Team", true]), json!(["page", "Acme Archive", false])]);
    assert_eq!(candidates[1]["reason"], "insufficient_platform_role");
    assert_eq!(candidates[1]["role"], "analyst");
    assert!(candidates[1]["fix_url"].as_str().expect("a place").starts_with("https://www.facebook.com/"));

    let chosen = attempt.select(&attempt.selectable().await, false).await;
    assert_eq!(chosen.body["status"], "completed", "nothing selectable is left");
    let id = chosen.body["accounts"][0]["id"].as_str().expect("an account");
    let account = owner.get(&format!("/v1/accounts/{id}")).await.body;
    assert_eq!(account["name"], "Acme Team");
    assert_eq!(account["kind"], "page");
    assert_eq!(account["platform_role"], "admin");
    assert_eq!(account["lifecycle"], "active");
    assert_eq!(account["connected_at"], tests::BEGINNING);
    assert_eq!(account["grant"]["authorized_by"]["name"], "Acme Team");
    assert_eq!(account["connected_by"]["id"], "user-owner");

    let main = owner.put(&format!("/v1/accounts/{id}/main")).await;
    assert_eq!(main.body, json!({"id": id, "is_main": true, "demoted": null}));
    world.connect(&owner, "x", "acme").await;
    let page = owner.get("/v1/workspaces/ws_1/accounts?platform=facebook&limit=50").await.body;
    assert_eq!(page["data"].as_array().map(Vec::len), Some(1));
    assert_eq!(page["data"][0]["id"], id);
    assert_eq!(page["page"], json!({"next_cursor": null, "has_more": false}));
}

/// S0-12, S1-15, S1-16, S3-52, S3-53
#[tokio::test(flavor = "multi_thread")]
async fn a_full_plan_refuses_by_its_limit_per_platform_and_by_its_total() {
    let world = World::start().await;
    let free = world.caller(json!({"ws": "ws_1", "role": "owner"}));
    world.connect(&free, "facebook", "acme").await;
    let second = free.post("/v1/workspaces/ws_1/connect-sessions", json!({"platform": "facebook"})).await;
    second.is_problem(403, "plan_limit_reached");
    assert_eq!(second.body["type"], format!("{}/docs/errors/plan_limit_reached", world.product));
    assert_eq!(second.body["scope"], "per_platform");
    assert_eq!((&second.body["limit"], &second.body["used"]), (&json!(1), &json!(1)));
    assert_eq!(second.body["upgrade"], json!({"plan": "starter", "max": 3, "url": null}));

    // A workspace that came down from a larger plan keeps what it has.
    world.connect(&world.owner("ws_2"), "facebook", "demo-04").await;
    let shrunk = world.caller(json!({"ws": "ws_2", "role": "owner"}));
    let other = shrunk.post("/v1/workspaces/ws_2/connect-sessions", json!({"platform": "x"})).await;
    other.is_problem(403, "plan_limit_reached");
    assert_eq!(other.body["scope"], "total");
    assert_eq!((&other.body["limit"], &other.body["used"]), (&json!(3), &json!(3)));
    assert_eq!(other.body["upgrade"]["plan"], "starter");
    assert_eq!(other.body["upgrade"]["max"], 10);
}

/// S1-16: the limit is judged again when the consent returns.
#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_was_taken_meanwhile_is_not_taken_twice() {
    let world = World::start().await;
    let free = world.caller(json!({"ws": "ws_1", "role": "owner"}));
    let early = world.attempt(&free, json!({"platform": "x"})).await;
    world.connect(&free, "x", "mallory").await;
    early.land("acme").await;
    let session = early.session().await;
    assert_eq!(session["status"], "failed");
    assert_eq!(session["error"]["code"], "plan_limit_reached");
    assert_eq!(free.get("/v1/workspaces/ws_1/accounts/summary").await.body["total"], 1);
}

/// S0-18, S0-21
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_login_fails_with_both_names_and_writes_nothing() {
    let world = World::start().await;
    let owner = world.owner("ws_1");
    for (platform, got) in [("facebook", "mallorytrading"), ("x", "mallory")] {
        let ask = json!({"platform": platform, "expected_handle": "@ACME"});
        let session = world.consent(&owner, ask.clone(), "mallory").await;
        assert_eq!(session["status"], "failed");
        let error = &session["error"];
        assert_eq!(error["code"], "account_mismatch");
        assert_eq!((&error["expected"], &error["got"]), (&json!("acme"), &json!(got)));
        assert_eq!(owner.get("/v1/workspaces/ws_1/limits").await.body["total"]["used"], 0);
        assert_eq!(owner.get("/v1/workspaces/ws_1/accounts").await.body["data"], json!([]));
        let right = world.consent(&owner, ask, "acme").await;
        assert_eq!(right["status"], "completed", "{right}");
        let id = right["accounts"][0]["id"].as_str().expect("an id");
        assert_eq!(owner.delete(&format!("/v1/accounts/{id}")).await.status, 202);
    }
}

/// What a frontend developer needs: events at the platform, the clock and the jobs.
#[tokio::test(flavor = "multi_thread")]
async fn the_platform_the_clock_and_the_jobs_can_be_steered() {
    let world = World::start().await;
    world.connect(&world.owner("ws_1"), "facebook", "acme").await;
    world.event(json!({"platform": "facebook", "account": "acme", "kind": "revoke"})).await;
    let nobody = world.nobody();
    let moved = nobody.post("/v1/dev/clock", json!({"advance": "P59D"})).await;
    assert_eq!(moved.body["now"], "2027-01-20T10:00:00Z");
    let theirs = world.steer(Method::GET, "clock", Value::Null).await;
    assert_eq!(theirs["now"], "2027-01-20T10:00:00Z");
    let report = world.job("sweep").await;
    assert_eq!(report["revocations"]["due"], 0);
    assert_eq!(send(nobody.call(Method::POST, "/v1/dev/jobs/nothing")).await.status, 404);
}
